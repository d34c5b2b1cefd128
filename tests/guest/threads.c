// SPDX-License-Identifier: MIT
/* tests/guest/threads.c -- threads, thread-local storage, mutexes, condition variables, robust
 * mutexes, signals to threads, exec and exit with threads running. */
#include "tests/guest/guest.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define N 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static atomic_long atomic_counter;
static __thread int local = 5;
static int turn;

static void *add(void *arg)
{
    CHECK(local == 5);
    local = (int)(long)arg;
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
        atomic_counter++;
    }
    CHECK(local == (int)(long)arg);
    CHECK(syscall(SYS_gettid) != getpid());
    return (void *)(long)(local * 2);
}

static void *ping(void *arg)
{
    int me = (int)(long)arg;

    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&lock);
        while (turn != me)
            pthread_cond_wait(&cond, &lock);
        turn = !me;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static pthread_mutex_t robust;

static void *die_owning(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&robust);
    return NULL;
}

static pthread_t target;
static volatile int hit_target;

static void on_usr(int sig)
{
    (void)sig;
    hit_target = pthread_equal(pthread_self(), target) ? 1 : 2;
}

static void *wait_hit(void *arg)
{
    (void)arg;
    while (!hit_target)
        usleep(1000);
    return NULL;
}

static void *forever(void *arg)
{
    (void)arg;
    for (;;)
        pause();
    return NULL;
}

static void *spin(void *arg)
{
    (void)arg;
    for (;;)
        atomic_counter++;
    return NULL;
}

static void *canceled(void *arg)
{
    (void)arg;
    for (;;)
        sleep(100);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t t[N];
    pthread_mutexattr_t attr;
    void *ret;
    int status;
    pid_t child;

    if (argc > 1)
        return strcmp(argv[1], "again") ? 3 : 42;
    for (long i = 0; i < N; i++)
        CHECK(pthread_create(&t[i], NULL, add, (void *)(i + 1)) == 0);
    for (long i = 0; i < N; i++) {
        CHECK(pthread_join(t[i], &ret) == 0);
        CHECK((long)ret == (i + 1) * 2);
    }
    CHECK(counter == N * 2000 && atomic_counter == N * 2000);

    CHECK(pthread_create(&t[0], NULL, ping, (void *)0) == 0);
    CHECK(pthread_create(&t[1], NULL, ping, (void *)1) == 0);
    CHECK(pthread_join(t[0], NULL) == 0 && pthread_join(t[1], NULL) == 0);

    for (int i = 0; i < 200; i++) { /* stacks and tasks are given back */
        CHECK(pthread_create(&t[0], NULL, wait_hit, NULL) == 0);
        hit_target = 1;
        CHECK(pthread_join(t[0], NULL) == 0);
    }
    hit_target = 0;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    CHECK(pthread_create(&t[0], NULL, die_owning, NULL) == 0);
    CHECK(pthread_join(t[0], NULL) == 0);
    CHECK(pthread_mutex_lock(&robust) == EOWNERDEAD);
    CHECK(pthread_mutex_consistent(&robust) == 0 && pthread_mutex_unlock(&robust) == 0);

    signal(SIGUSR1, on_usr);
    CHECK(pthread_create(&target, NULL, wait_hit, NULL) == 0);
    CHECK(pthread_kill(target, SIGUSR1) == 0);
    CHECK(pthread_join(target, NULL) == 0);
    CHECK(hit_target == 1);

    CHECK(pthread_create(&t[0], NULL, canceled, NULL) == 0);
    usleep(20000);
    CHECK(pthread_cancel(t[0]) == 0 && pthread_join(t[0], &ret) == 0 && ret == PTHREAD_CANCELED);

    child = fork();
    if (child == 0) { /* exit with threads in a system call and in code */
        pthread_create(&t[0], NULL, forever, NULL);
        pthread_create(&t[1], NULL, spin, NULL);
        usleep(20000);
        exit(17);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 17);

    child = fork();
    if (child == 0) { /* exec with threads */
        pthread_create(&t[0], NULL, forever, NULL);
        pthread_create(&t[1], NULL, spin, NULL);
        usleep(20000);
        execl("/proc/self/exe", "threads", "again", (char *)NULL);
        _exit(1);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42);

    child = fork();
    if (child == 0) { /* the main thread ends first */
        pthread_create(&t[0], NULL, canceled, NULL);
        syscall(SYS_tgkill, getpid(), getpid(), 0);
        pthread_create(&t[1], NULL, (void *(*)(void *))(void *)usleep, (void *)50000);
        pthread_detach(t[1]);
        pthread_cancel(t[0]);
        pthread_exit(NULL);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);

    child = fork();
    if (child == 0) { /* fork from a process with threads */
        pthread_create(&t[1], NULL, spin, NULL);
        usleep(10000);
        for (int i = 0; i < 10; i++) {
            pid_t c = fork();

            if (c == 0)
                _exit(5);
            if (waitpid(c, &status, 0) != c || WEXITSTATUS(status) != 5)
                _exit(1);
        }
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    passed("threads");
}
