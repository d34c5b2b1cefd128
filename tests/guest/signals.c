// SPDX-License-Identifier: MIT
/* tests/guest/signals.c -- handlers: nesting, masks, alternate stack, siginfo, changed context,
 * restart, queueing, waiting. signal(7), sigaction(2). */
#include "tests/guest/guest.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

static volatile int raised, hits, depth, max_depth, last_sig, last_code, last_value;
static void *volatile last_sp;
static volatile int order[16], norder;

static void set(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
    struct sigaction sa = {.sa_sigaction = fn, .sa_flags = flags | SA_SIGINFO};

    sigemptyset(&sa.sa_mask);
    CHECK(sigaction(sig, &sa, NULL) == 0);
}

static void count(int sig, siginfo_t *info, void *uc)
{
    (void)uc;
    hits++;
    last_sig = sig;
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
    last_sp = __builtin_frame_address(0);
    if (norder < 16)
        order[norder++] = sig == SIGRTMIN ? 1000 + info->si_value.sival_int : sig;
}

static void nest(int sig, siginfo_t *info, void *uc)
{
    (void)info;
    (void)uc;
    depth++;
    if (depth > max_depth)
        max_depth = depth;
    if (depth < 4 && ++raised < 8)
        raise(sig);
    depth--;
    hits++;
}

static void test_raise(void)
{
    set(SIGUSR1, count, 0);
    hits = 0;
    raise(SIGUSR1);
    CHECK(hits == 1 && last_sig == SIGUSR1 && last_code == SI_TKILL);
    kill(getpid(), SIGUSR1);
    CHECK(hits == 2 && last_code == SI_USER);
}

static void test_nested(void)
{
    set(SIGUSR1, nest, SA_NODEFER);
    raised = hits = depth = max_depth = 0;
    raise(SIGUSR1);
    CHECK(max_depth == 4 && hits == 4);
    set(SIGUSR1, nest, 0); /* deferred: each runs after the one before has returned */
    raised = hits = depth = max_depth = 0;
    raise(SIGUSR1);
    CHECK(max_depth == 1 && hits >= 2);
    set(SIGUSR1, count, 0);
}

static void test_reset(void)
{
    struct sigaction old;

    set(SIGUSR2, count, SA_RESETHAND);
    hits = 0;
    raise(SIGUSR2);
    CHECK(hits == 1);
    CHECK(sigaction(SIGUSR2, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
}

static void test_mask(void)
{
    sigset_t set_, old, pend;

    set(SIGUSR1, count, 0);
    set(SIGUSR2, count, 0);
    sigemptyset(&set_);
    sigaddset(&set_, SIGUSR1);
    sigaddset(&set_, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &set_, &old) == 0);
    hits = 0;
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1); /* standard signals do not queue */
    CHECK(hits == 0);
    sigpending(&pend);
    CHECK(sigismember(&pend, SIGUSR1) && sigismember(&pend, SIGUSR2) &&
          !sigismember(&pend, SIGHUP));
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
    CHECK(hits == 2);
}

static void test_realtime_queue(void)
{
    sigset_t set_, old;
    union sigval v;

    set(SIGRTMIN, count, 0);
    sigemptyset(&set_);
    sigaddset(&set_, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set_, &old);
    hits = norder = 0;
    for (v.sival_int = 1; v.sival_int <= 5; v.sival_int++)
        CHECK(sigqueue(getpid(), SIGRTMIN, v) == 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK(hits == 5 && last_code == SI_QUEUE);
    for (int i = 0; i < 5; i++)
        CHECK(order[i] == 1001 + i);
}

static void test_altstack(void)
{
    static char stack[65536];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)}, old;

    CHECK(sigaltstack(&ss, NULL) == 0);
    CHECK(sigaltstack(NULL, &old) == 0 && old.ss_sp == stack && old.ss_flags == 0);
    set(SIGUSR1, count, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK((char *)last_sp >= stack && (char *)last_sp < stack + sizeof(stack));
    ss.ss_size = 100;
    CHECK(sigaltstack(&ss, NULL) == -1 && errno == ENOMEM);
    ss.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&ss, NULL) == 0);
    raise(SIGUSR1);
    CHECK((char *)last_sp < stack || (char *)last_sp >= stack + sizeof(stack));
}

static void skip(int sig, siginfo_t *info, void *ctx)
{
    ucontext_t *uc = ctx;

    last_sig = sig;
    last_code = info->si_code;
    CHECK((unsigned long)info->si_addr == uc->uc_mcontext.pc);
    uc->uc_mcontext.pc += 4;
    uc->uc_mcontext.regs[19] = 0x1234;
    uc->uc_mcontext.pstate = (uc->uc_mcontext.pstate & ~0xf0000000ul) | 0x60000000;
}

static void test_changed_context(void)
{
    unsigned long got, flags;

    set(SIGTRAP, skip, 0);
    __asm__ volatile("mov x19, #7\n mov x19, #7\n cmp x19, #8\n brk #3\n mov %0, x19\n mrs %1, nzcv"
                     : "=r"(got), "=r"(flags)
                     :
                     : "x19", "cc");
    CHECK(last_sig == SIGTRAP && last_code == TRAP_BRKPT);
    CHECK(got == 0x1234 && flags == 0x60000000);
    set(SIGILL, skip, 0);
    __asm__ volatile("mov x19, #7\n .inst 0x00000000\n mov %0, x19" : "=r"(got) : : "x19");
    CHECK(last_sig == SIGILL && last_code == ILL_ILLOPC && got == 0x1234);
}

static void vectors(int sig, siginfo_t *info, void *uc)
{
    (void)sig;
    (void)info;
    (void)uc;
    __asm__ volatile("movi v8.16b, #0xff\n movi v31.16b, #0xee\n mov x28, #0" : : : "v8", "v31");
    hits++;
}

static void test_vectors_kept(void)
{
    unsigned long lo, hi, pid = (unsigned long)getpid();

    set(SIGUSR1, vectors, 0);
    __asm__ volatile("mov x8, #129\n mov x0, %2\n mov x1, #10\n"
                     "movi v8.16b, #0x11\n movi v31.16b, #0x22\n svc #0\n"
                     "umov %0, v8.d[1]\n umov %1, v31.d[0]"
                     : "=&r"(lo), "=&r"(hi)
                     : "r"(pid)
                     : "x0", "x1", "x8", "v8", "v31", "memory");
    CHECK(lo == 0x1111111111111111ul && hi == 0x2222222222222222ul);
}

/* Again and again: the first one may come before the call that it is to interrupt. 0: no more. */
static void alarm_every(int usec)
{
    struct itimerval it = {{0, usec}, {0, usec}};

    CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
}

static void alarm_once(int usec) /* blocked until a call waits with another mask */
{
    struct itimerval it = {.it_value = {0, usec}};

    CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
}

static void feed(int sig, siginfo_t *info, void *uc)
{
    (void)sig;
    (void)info;
    (void)uc;
    hits++;
}

static void test_restart(void)
{
    int fd[2];
    char c;
    pid_t child;

    CHECK(pipe(fd) == 0);
    set(SIGALRM, feed, 0);
    hits = 0;
    alarm_every(50000);
    CHECK(read(fd[0], &c, 1) == -1 && errno == EINTR && hits >= 1);
    set(SIGALRM, feed, SA_RESTART);
    hits = 0;
    child = fork(); /* without the timer */
    if (child == 0) {
        usleep(300000);
        c = 'x';
        _exit(write(fd[1], &c, 1) == 1 ? 0 : 1);
    }
    CHECK(read(fd[0], &c, 1) == 1 && c == 'x' && hits >= 1);
    alarm_every(0);
    CHECK(waitpid(child, NULL, 0) == child);
    close(fd[0]);
    close(fd[1]);
}

static void test_not_restarted(void)
{
    struct timespec ts = {60, 0}, rem = {0, 0};
    struct pollfd p = {.fd = -1};

    set(SIGALRM, feed, SA_RESTART); /* these never restart after a handler */
    alarm_every(50000);
    CHECK(nanosleep(&ts, &rem) == -1 && errno == EINTR && rem.tv_sec >= 10 && rem.tv_sec < 60);
    CHECK(poll(&p, 1, 60000) == -1 && errno == EINTR);
    CHECK(pause() == -1 && errno == EINTR);
    alarm_every(0);
}

static void test_suspend(void)
{
    sigset_t block, old, during, now;

    set(SIGALRM, feed, 0);
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, &old);
    during = old;
    sigdelset(&during, SIGALRM);
    hits = 0;
    alarm_once(50000);
    CHECK(sigsuspend(&during) == -1 && errno == EINTR && hits == 1);
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(sigismember(&now, SIGALRM)); /* the old mask is back */
    alarm_once(1000);
    usleep(100000);
    {
        struct timespec ts = {1, 0};

        CHECK(hits == 1);
        CHECK(ppoll(NULL, 0, &ts, &during) == -1 && errno == EINTR && hits == 2);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_wait(void)
{
    sigset_t s, old;
    siginfo_t info;
    struct timespec ts = {0, 20000000};
    struct signalfd_siginfo si;
    union sigval v = {.sival_int = 77};
    int fd;

    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigaddset(&s, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &s, &old);
    CHECK(sigtimedwait(&s, &info, &ts) == -1 && errno == EAGAIN);
    CHECK(sigqueue(getpid(), SIGRTMIN + 3, v) == 0);
    CHECK(sigwaitinfo(&s, &info) == SIGRTMIN + 3 && info.si_value.sival_int == 77 &&
          info.si_code == SI_QUEUE && info.si_pid == getpid());
    fd = signalfd(-1, &s, SFD_NONBLOCK);
    CHECK(fd >= 0);
    raise(SIGUSR1);
    CHECK(read(fd, &si, sizeof(si)) == sizeof(si) && si.ssi_signo == SIGUSR1);
    CHECK(read(fd, &si, sizeof(si)) == -1 && errno == EAGAIN);
    close(fd);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_child(void)
{
    pid_t child;
    int status;

    set(SIGCHLD, count, 0);
    child = fork();
    if (child == 0)
        _exit(9);
    while (waitpid(child, &status, 0) == -1)
        CHECK(errno == EINTR);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    CHECK(last_sig == SIGCHLD && last_code == CLD_EXITED);
    signal(SIGCHLD, SIG_DFL);
    child = fork();
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
          WTERMSIG(status) == SIGTERM);
    child = fork();
    if (child == 0) {
        *(volatile int *)8 = 1;
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
          WTERMSIG(status) == SIGSEGV);
    child = fork();
    if (child == 0)
        abort();
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
          WTERMSIG(status) == SIGABRT);
    child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(3);
    }
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
          WSTOPSIG(status) == SIGSTOP);
    kill(child, SIGCONT);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void test_segv_sent(void)
{
    sigset_t s, old, pend;

    set(SIGSEGV, count, 0);
    hits = 0;
    kill(getpid(), SIGSEGV);
    CHECK(hits == 1 && last_code == SI_USER);
    sigemptyset(&s);
    sigaddset(&s, SIGSEGV);
    sigprocmask(SIG_BLOCK, &s, &old);
    kill(getpid(), SIGSEGV);
    CHECK(hits == 1);
    sigpending(&pend);
    CHECK(sigismember(&pend, SIGSEGV));
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK(hits == 2);
    signal(SIGSEGV, SIG_DFL);
}

static void test_storm(void)
{
    struct itimerval it = {.it_value = {0, 200}, .it_interval = {0, 200}};
    volatile unsigned long sum = 0;

    set(SIGALRM, feed, SA_RESTART);
    hits = 0;
    CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
    for (int i = 0; i < 2000 || hits < 50; i++) {
        sum += (unsigned long)getppid();
        CHECK(getppid() == (int)syscall(SYS_getppid));
    }
    memset(&it, 0, sizeof(it));
    CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
    CHECK(hits >= 50);
}

/* A signal before a call is not a signal in it: calls that never wait do not fail with EINTR. */
static void test_no_eintr(void)
{
    struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    struct timespec from, now;

    set(SIGALRM, count, 0); /* no SA_RESTART */
    hits = 0;
    CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &from) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    do {
        CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0);
        CHECK(kill(getpid(), 0) == 0);
    } while ((now.tv_sec - from.tv_sec) * 1000000000l + now.tv_nsec - from.tv_nsec < 200000000l || hits < 10);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

int main(void)
{
    test_raise();
    test_nested();
    test_reset();
    test_mask();
    test_realtime_queue();
    test_altstack();
    test_changed_context();
    test_vectors_kept();
    test_restart();
    test_not_restarted();
    test_suspend();
    test_wait();
    test_child();
    test_segv_sent();
    test_storm();
    test_no_eintr();
    passed("signals");
}
