// SPDX-License-Identifier: MIT
/* tests/guest/exclusive.c -- store exclusive fails after every store in between, also one of the
 * same value, by whatever instruction or call and from whichever thread. That one succeeds is only
 * asked of many tries: in a machine an interrupt may come between, and the store exclusive that turns
 * the store monitor on fails (docs/decisions/012). */
#include "tests/guest/guest.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

static struct {
    _Alignas(64) uint64_t before[8];
    _Alignas(64) uint64_t at[8]; /* what is fought for; stores come to at[0], at[1] */
    _Alignas(64) volatile uint64_t far;
    _Alignas(64) volatile int turn; /* 1: the other thread stores, 0: it has */
} m;
static volatile int kind; /* of store; -1: end */
static int pipes[2];

/* One word; between load and store the program goes its own ways, as no single instruction does. */
#define LOAD_EXCL(p)                                                                               \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("ldaxr %0, [%1]" : "=r"(v_) : "r"(p) : "memory");                         \
        v_;                                                                                        \
    })
#define STORE_EXCL(p, value)                                                                       \
    ({                                                                                             \
        uint32_t s_;                                                                               \
        __asm__ volatile("stlxr %w0, %2, [%1]" : "=&r"(s_) : "r"(p), "r"(value) : "memory");       \
        s_;                                                                                        \
    })

/* ---- one thread ---- */

static void on_signal(int sig)
{
    (void)sig;
}

static void alone(void)
{
    uint64_t *p = m.at, v, w;
    int tries = 0;
    uint32_t s;

    do { /* stores elsewhere do not matter for ever */
        v = LOAD_EXCL(p);
        m.far = v;
        tries++;
    } while (STORE_EXCL(p, v + 1) && tries < 1000);
    CHECK(tries < 1000 && *p == v + 1);
    tries = 0;
    do {
        v = LOAD_EXCL(p);
        m.at[4] = v; /* the same granule, perhaps */
        tries++;
    } while (STORE_EXCL(p, v + 1) && tries < 1000);
    CHECK(tries < 1000);
    v = LOAD_EXCL(p);
    __asm__ volatile("clrex" ::: "memory");
    CHECK(STORE_EXCL(p, v + 1) == 1 && *p == v);
    v = LOAD_EXCL(p);
    getppid(); /* "exception return clears the local monitor" */
    CHECK(STORE_EXCL(p, v + 1) == 1 && *p == v);
    v = LOAD_EXCL(p);
    raise(SIGUSR1);
    CHECK(STORE_EXCL(p, v + 1) == 1 && *p == v);
    v = LOAD_EXCL(p);
    CHECK(STORE_EXCL(p + 1, v + 1) == 1 && *p == v); /* another address */
    CHECK(STORE_EXCL(p, v + 1) == 1 && *p == v);     /* no load since */
    tries = 0;
    do {
        __asm__ volatile("ldxp %0, %1, [%2]" : "=&r"(v), "=&r"(w) : "r"(p) : "memory");
        m.far = v;
        __asm__ volatile("stxp %w0, %1, %3, [%2]"
                         : "=&r"(s)
                         : "r"(v + 1), "r"(p), "r"(w)
                         : "memory");
        tries++;
    } while (s && tries < 1000);
    CHECK(tries < 1000 && *p == v + 1);
}

/* ---- a second thread stores the value that is there ---- */

enum { STR, STR_BYTE, STP, STUR_ACROSS, STR_Q, ST4, STLR, SWAP, ADD_0, COMPARE, PAIR, EXCL, READ,
       ATOMIC_READ_ONLY, ELSEWHERE, KINDS };

static void store(int k)
{
    uint64_t *p = m.at, v = *p, w = p[1];
    uint32_t s;

    switch (k) {
    case STR:
        __asm__ volatile("str %0, [%1]" ::"r"(v), "r"(p) : "memory");
        break;
    case STR_BYTE:
        __asm__ volatile("strb %w0, [%1, #7]" ::"r"(v >> 56), "r"(p) : "memory");
        break;
    case STP:
        __asm__ volatile("stp %0, %1, [%2]" ::"r"(v), "r"(w), "r"(p) : "memory");
        break;
    case STUR_ACROSS: /* begins in the granule before */
        __asm__ volatile("ldur x9, [%0, #-4]\n stur x9, [%0, #-4]" ::"r"(p) : "x9", "memory");
        break;
    case STR_Q:
        __asm__ volatile("ldr q0, [%0]\n str q0, [%0]" ::"r"(p) : "v0", "memory");
        break;
    case ST4:
        __asm__ volatile("ld4 {v0.8b-v3.8b}, [%0]\n st4 {v0.8b-v3.8b}, [%0]" ::"r"(p)
                         : "v0", "v1", "v2", "v3", "memory");
        break;
    case STLR:
        __asm__ volatile("stlr %0, [%1]" ::"r"(v), "r"(p) : "memory");
        break;
    case SWAP:
        __asm__ volatile(".arch_extension lse\n swp %0, x9, [%1]" ::"r"(v), "r"(p) : "x9", "memory");
        break;
    case ADD_0:
        __asm__ volatile(".arch_extension lse\n ldadd xzr, x9, [%0]" ::"r"(p) : "x9", "memory");
        break;
    case COMPARE:
        __asm__ volatile(".arch_extension lse\n mov x9, %0\n cas x9, %0, [%1]" ::"r"(v), "r"(p)
                         : "x9", "memory");
        break;
    case PAIR:
        __asm__ volatile(".arch_extension lse\n mov x10, %0\n mov x11, %1\n mov x12, %0\n"
                         " mov x13, %1\n casp x10, x11, x12, x13, [%2]" ::"r"(v), "r"(w), "r"(p)
                         : "x10", "x11", "x12", "x13", "memory");
        break;
    case EXCL:
        do
            __asm__ volatile("ldxr x9, [%1]\n stxr %w0, x9, [%1]" : "=&r"(s) : "r"(p) : "x9", "memory");
        while (s);
        break;
    case READ:
        CHECK(write(pipes[1], p, 8) == 8 && read(pipes[0], p, 8) == 8);
        break;
    case ATOMIC_READ_ONLY:
        (void)__atomic_load_n(p, __ATOMIC_SEQ_CST);
        break;
    case ELSEWHERE:
        m.far = 1;
        break;
    }
}

static void *other(void *arg)
{
    (void)arg;
    for (;;) {
        while (!m.turn)
            usleep(0);
        if (kind < 0)
            return NULL;
        store(kind);
        __atomic_store_n(&m.turn, 0, __ATOMIC_SEQ_CST);
    }
}

/* Status of a store exclusive with a store of that kind by the other thread in front of it. */
static uint32_t interrupted(int k, bool pair)
{
    uint64_t *p = m.at, v, w;
    uint32_t s;

    kind = k;
    if (!pair) {
        v = LOAD_EXCL(p);
        m.turn = 1;
        while (m.turn)
            ;
        s = STORE_EXCL(p, v + 1);
        CHECK(*p == (s ? v : v + 1));
        return s;
    }
    __asm__ volatile("ldaxp %0, %1, [%2]" : "=&r"(v), "=&r"(w) : "r"(p) : "memory");
    m.turn = 1;
    while (m.turn)
        ;
    __asm__ volatile("stlxp %w0, %1, %2, [%3]"
                     : "=&r"(s)
                     : "r"(v + 1), "r"(w + 1), "r"(p)
                     : "memory");
    CHECK(*p == (s ? v : v + 1) && p[1] == (s ? w : w + 1));
    return s;
}

static void two_threads(void)
{
    pthread_t t;
    int tries;

    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) /* the other runs after an exception only, which clears all */
        return;
    CHECK(pthread_create(&t, NULL, other, NULL) == 0);
    for (int round = 0; round < 20; round++)
        for (int k = 0; k < KINDS; k++)
            for (int pair = 0; pair < 2; pair++) {
                if (k != ATOMIC_READ_ONLY && k != ELSEWHERE && (round || k)) {
                    if (interrupted(k, pair) != 1)
                        printf("kind %d, pair %d\n", k, pair);
                    CHECK(interrupted(k, pair) == 1);
                    continue;
                }
                for (tries = 0; tries < 1000 && interrupted(ELSEWHERE, pair); tries++)
                    ;
                CHECK(tries < 1000);
            }
    kind = -1;
    m.turn = 1;
    pthread_join(t, NULL);
}

/* ---- a stack without locks, whose pop reads the node in between ---- */

enum { THREADS = 4, NODES = 6, ROUNDS = 6000 };

struct node {
    struct node *next;
    _Atomic int owned;
};
static _Alignas(64) struct node *top;
static struct node nodes[NODES];

static void push(struct node *n)
{
    struct node *t;

    do {
        t = (struct node *)LOAD_EXCL(&top);
        n->next = t;
    } while (STORE_EXCL(&top, n));
}

static struct node *pop(void)
{
    struct node *t, *next;

    do {
        t = (struct node *)LOAD_EXCL(&top);
        if (!t)
            return NULL;
        next = *(struct node *volatile *)&t->next;
        for (int i = 0; i < 300; i++) /* here the others come */
            __asm__ volatile("" : "+r"(next));
    } while (STORE_EXCL(&top, next));
    return t;
}

static void *player(void *arg)
{
    struct node *have[3];
    int n = 0;

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        while (n < 1 + i % 3) {
            have[n] = pop();
            if (!have[n])
                break;
            CHECK(atomic_exchange(&have[n]->owned, 1) == 0);
            n++;
        }
        if (i % 7 == 0)
            usleep(0);
        while (n) { /* the first that came goes back first: the top comes again above others */
            struct node *b = have[0];

            for (int k = 1; k < n; k++)
                have[k - 1] = have[k];
            n--;
            CHECK(atomic_exchange(&b->owned, 0) == 1);
            push(b);
        }
    }
    return NULL;
}

static void stack(void)
{
    pthread_t t[THREADS];
    int n = 0;

    for (int i = 0; i < NODES; i++)
        push(&nodes[i]);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&t[i], NULL, player, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    while (pop())
        n++;
    CHECK(n == NODES);
}

/* ---- a store that fails, a process that is copied, in the middle of it all ---- */

static volatile uint64_t *page;
static volatile int faults, stop;

static void on_fault(int sig)
{
    (void)sig;
    faults++;
    CHECK(mprotect((void *)(uintptr_t)page, 4096, PROT_READ | PROT_WRITE) == 0);
}

static void *hammer(void *arg)
{
    while (!stop)
        for (int i = 0; i < 1000; i++)
            m.far = (uintptr_t)arg;
    return NULL;
}

static void disturbed(void)
{
    pthread_t t;
    int status;

    signal(SIGSEGV, on_fault);
    page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && pthread_create(&t, NULL, hammer, NULL) == 0);
    for (int i = 0; i < 20; i++) {
        CHECK(mprotect((void *)(uintptr_t)page, 4096, PROT_READ) == 0);
        page[3] = (uint64_t)i; /* once more behind the handler: nothing may still be locked */
        __atomic_fetch_add(&page[4], 1, __ATOMIC_SEQ_CST);
        CHECK(faults == i + 1 && page[3] == (uint64_t)i);
        pid_t child = fork();
        if (!child) { /* without the thread, which may have been in the middle of a store */
            m.far = 1;
            _exit(m.far != 1);
        }
        CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    }
    stop = 1;
    pthread_join(t, NULL);
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    CHECK(pipe(pipes) == 0);
    alone();
    if (getenv("NO_MONITOR")) /* under a proof that cannot have it */
        passed("exclusive");
    stack();
    two_threads();
    disturbed();
    alone();
    passed("exclusive");
}
