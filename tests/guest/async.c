// SPDX-License-Identifier: MIT
/* tests/guest/async.c -- signals at moments that nobody chose: a timer that interrupts loops whose
 * registers and flags are checked by sums, one thread that signals another, handlers that change the
 * context; and code that changes: rewritten with and without cache maintenance, from another
 * thread, taken away, moved, made unexecutable. */
#include "tests/guest/guest.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile int ticks;
static volatile int change; /* the handler alters registers that the loop sums up */
static volatile uint64_t altered;

static void on_tick(int sig, siginfo_t *info, void *ctx)
{
    mcontext_t *mc = &((ucontext_t *)ctx)->uc_mcontext;
    uint64_t junk = 0x1234;

    (void)sig, (void)info;
    ticks++;
    if (change && mc->regs[27] == 0x600df00dull) { /* in the loop */
        mc->regs[26] += 1000;
        altered += 1000;
    }
    /* everything that a handler may use */
    __asm__ volatile("movi v0.2d, #-1\n movi v31.2d, #-1\n cmp %0, #5\n mov x9, %0\n mov x17, %0"
                     : : "r"(junk) : "v0", "v31", "x9", "x17", "cc");
}

static void every(long usec)
{
    struct itimerval t = {{0, usec}, {0, usec}};

    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

/* One round of the loop uses all registers it names, flags across an instruction, and vectors. Sums are
 * known beforehand. */
static void loop(uint64_t n, uint64_t out[4], uint64_t vec[2])
{
    __asm__ volatile(
        "mov x27, #0xf00d\n movk x27, #0x600d, lsl #16\n"
        "mov x9, %2\n mov x10, #0\n mov x11, #0\n mov x12, #0\n mov x26, #0\n"
        "movi v0.2d, #0\n mov x13, #1\n dup v1.2d, x13\n"
        "1: add x10, x10, x9\n eor x11, x11, x9\n"
        " cmp x9, x9, lsr #1\n cset x14, hi\n add x12, x12, x14\n"
        " add v0.2d, v0.2d, v1.2d\n add x26, x26, #1\n"
        " subs x9, x9, #1\n b.ne 1b\n"
        "mov x27, #0\n"
        "stp x10, x11, [%0]\n stp x12, x26, [%0, #16]\n str q0, [%1]\n"
        : : "r"(out), "r"(vec), "r"(n)
        : "x9", "x10", "x11", "x12", "x13", "x14", "x26", "x27", "v0", "v1", "cc", "memory");
}

static void test_loops(void)
{
    enum { N = 20000 };
    uint64_t out[4], vec[2], x = 0;

    for (uint64_t i = 1; i <= N; i++)
        x ^= i;
    for (int round = 0; round < 2; round++) {
        change = round;
        ticks = 0;
        every(700);
        for (int i = 0; i < 4000 && ticks < 60; i++) {
            altered = 0;
            loop(N, out, vec);
            CHECK(out[0] == (uint64_t)N * (N + 1) / 2 && out[1] == x && out[2] == N);
            CHECK(vec[0] == N && vec[1] == N);
            CHECK(out[3] - altered == N || (round && out[3] - N <= altered + 1000 && out[3] >= N));
        }
        every(0);
        CHECK(ticks > 3);
    }
    change = 0;
}

/* ---- between threads ---- */

static volatile int stop, got[2];
static pthread_t threads[2];

static void on_usr(int sig)
{
    (void)sig;
    got[pthread_equal(pthread_self(), threads[1])]++;
}

static void *worker(void *arg)
{
    uint64_t out[4], vec[2];

    (void)arg;
    while (!stop) {
        loop(500, out, vec);
        if (out[0] != 500 * 501 / 2 || out[3] != 500 || vec[1] != 500)
            return (void *)1;
    }
    return NULL;
}

static void test_threads(void)
{
    void *bad;

    signal(SIGUSR1, on_usr);
    stop = 0;
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, worker, NULL) == 0);
    for (int i = 0; i < 300; i++) {
        CHECK(pthread_kill(threads[i & 1], SIGUSR1) == 0);
        if (i % 16 == 0)
            sched_yield();
    }
    for (int i = 0; i < 60000 && (!got[0] || !got[1]); i++)
        usleep(1000);
    stop = 1;
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], &bad) == 0 && bad == NULL);
    CHECK(got[0] > 0 && got[1] > 0);
}

/* ---- faults that are not data ---- */

static sigjmp_buf back;
static volatile int sig_got, code_got;
static volatile uint64_t pc_got, addr_got;

static void note(int sig, siginfo_t *info, void *ctx)
{
    sig_got = sig;
    code_got = info->si_code;
    addr_got = (uintptr_t)info->si_addr;
    pc_got = ((ucontext_t *)ctx)->uc_mcontext.pc;
    siglongjmp(back, 1);
}

static void next_insn(int sig, siginfo_t *info, void *ctx)
{
    mcontext_t *mc = &((ucontext_t *)ctx)->uc_mcontext;

    sig_got = sig;
    code_got = info->si_code;
    addr_got = (uintptr_t)info->si_addr;
    pc_got = mc->pc;
    mc->regs[9] += 5;
    mc->pc += 4;
}

static void handle(int sig, void (*fn)(int, siginfo_t *, void *))
{
    struct sigaction sa = {.sa_sigaction = fn, .sa_flags = SA_SIGINFO};

    CHECK(sigaction(sig, &sa, NULL) == 0);
}

#define FAULTS(stmt) (sigsetjmp(back, 1) == 0 ? ((void)(stmt), 0) : 1)

static void test_instructions(void)
{
    uint64_t at = 0, n = 0;

    handle(SIGILL, next_insn);
    handle(SIGTRAP, next_insn);
    handle(SIGFPE, next_insn);
    __asm__ volatile("mov x9, #1\n adr %1, 1f\n adds x10, x9, x9\n1: .inst 0x00000000\n add %0, x9, x10"
                     : "=r"(n), "=&r"(at) : : "x9", "x10", "cc");
    CHECK(sig_got == SIGILL && code_got == ILL_ILLOPC && pc_got == at && addr_got == at && n == 8);
    __asm__ volatile("mov x9, #1\n adr %1, 1f\n1: brk #77\n mov %0, x9"
                     : "=r"(n), "=&r"(at) : : "x9");
    CHECK(sig_got == SIGTRAP && code_got == TRAP_BRKPT && pc_got == at && addr_got == at && n == 6);
    /* division by zero and overflow raise nothing */
    sig_got = 0;
    __asm__ volatile("mov x9, #1\n udiv %0, x9, xzr" : "=r"(n) : : "x9");
    CHECK(n == 0);
    __asm__ volatile("mov x9, #1\n mov %0, #0x8000000000000000\n mov x10, #-1\n sdiv %0, %0, x10"
                     : "=&r"(n) : : "x9", "x10");
    CHECK(n == 1ull << 63 && sig_got == 0);
}

typedef int code_fn(void);

static uint32_t *new_code(void)
{
    uint32_t *p = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

static void put(uint32_t *p, unsigned n) /* mov w0, #n; ret */
{
    p[0] = 0x52800000 | n << 5;
    p[1] = 0xd65f03c0;
}

static void flush(uint32_t *p)
{
    __builtin___clear_cache((char *)p, (char *)(p + 2));
}

static int call(const uint32_t *p)
{
    code_fn *f;

    memcpy(&f, &p, sizeof(f));
    return f();
}

static void test_changing_code(void)
{
    uint32_t *p = new_code(), *q;
    int n;

    handle(SIGSEGV, note);
    for (unsigned i = 0; i < 300; i++) {
        put(p, i);
        flush(p);
        CHECK(call(p) == (int)i);
    }
    put(p, 1000); /* no maintenance: the old one or the new one */
    if (!getenv("NO_STALE_CODE")) {
        n = call(p);
        CHECK(n == 299 || n == 1000);
    }
    flush(p);
    CHECK(call(p) == 1000);
    /* rights of the page */
    CHECK(mprotect(p, 4096, PROT_READ) == 0);
    CHECK(FAULTS(call(p)) && sig_got == SIGSEGV && code_got == SEGV_ACCERR);
    CHECK(pc_got == (uintptr_t)p && addr_got == (uintptr_t)p);
    CHECK(mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 && call(p) == 1000);
    /* moved: gone at the old place, there at the new one */
    q = mmap(NULL, 4 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
    CHECK(call(q) == 1000);
    CHECK(FAULTS(call(p)) && code_got == SEGV_MAPERR && pc_got == (uintptr_t)p);
    /* something else at the same place */
    p = mmap(q, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(p == q);
    put(p, 7);
    flush(p);
    CHECK(call(p) == 7);
    CHECK(munmap(p, 4096) == 0);
    CHECK(FAULTS(call(p)) && code_got == SEGV_MAPERR);
    /* code that runs into a page that cannot be executed */
    p = new_code();
    p[1022] = 0x52800020; /* mov w0, #1 */
    p[1023] = 0x52800040; /* mov w0, #2 */
    put(p + 1024, 3);
    __builtin___clear_cache((char *)p, (char *)(p + 2048));
    CHECK(call(p + 1022) == 3);
    CHECK(mprotect(p + 1024, 4096, PROT_READ) == 0);
    CHECK(FAULTS(call(p + 1022)) && code_got == SEGV_ACCERR && pc_got == (uintptr_t)(p + 1024));
}

/* Another thread rewrites one instruction, as JIT compilers do, while this one runs it. */
static uint32_t *shared;

static void *rewriter(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 400; i++) {
        __atomic_store_n(shared, 0x52800000 | (i & 1 ? 22u : 11u) << 5, __ATOMIC_RELEASE);
        flush(shared);
        if (i % 8 == 0)
            sched_yield();
    }
    __atomic_store_n(shared, 0x52800000 | 33u << 5, __ATOMIC_RELEASE);
    flush(shared);
    stop = 1;
    return NULL;
}

static void test_rewritten_by_another(void)
{
    pthread_t t;

    shared = new_code();
    put(shared, 11);
    flush(shared);
    stop = 0;
    CHECK(pthread_create(&t, NULL, rewriter, NULL) == 0);
    while (!stop) {
        int n = call(shared);

        CHECK(n == 11 || n == 22 || n == 33);
    }
    CHECK(pthread_join(t, NULL) == 0);
    CHECK(call(shared) == 33);
}

/* ---- contexts ---- */

static uint64_t landed[3];

static void land(void)
{
    __asm__ volatile("stp x20, x21, [%0]\n str x22, [%0, #16]" : : "r"(landed) : "memory");
    siglongjmp(back, 1);
}

/* Goes on somewhere else, with other registers, another mask and no return. */
static void redirect(int sig, siginfo_t *info, void *ctx)
{
    ucontext_t *uc = ctx;

    (void)sig, (void)info;
    uc->uc_mcontext.pc = (uintptr_t)land;
    uc->uc_mcontext.regs[20] = 20;
    uc->uc_mcontext.regs[21] = ~0ull;
    uc->uc_mcontext.regs[22] = 0x8000000000000000ull;
    sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void test_contexts(void)
{
    sigset_t now;

    handle(SIGSEGV, redirect);
    if (sigsetjmp(back, 0) == 0) {
        *(volatile int *)8 = 1;
        CHECK(!"came back");
    }
    CHECK(landed[0] == 20 && landed[1] == ~0ull && landed[2] == 1ull << 63);
    CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR2));
    sigemptyset(&now);
    sigprocmask(SIG_SETMASK, &now, NULL);
}

int main(void)
{
    handle(SIGALRM, on_tick);
    test_loops();
    test_threads();
    test_instructions();
    test_changing_code();
    test_rewritten_by_another();
    test_contexts();
    passed("async");
}
