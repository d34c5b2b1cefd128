// SPDX-License-Identifier: MIT
/* Two vcpus: one runs, over pages, without ever leaving for long; the other gives it new code and
 * new mappings. What was published before must be what it sees.
 *
 *   stress [--seconds N] [--backend NAME] [--rounds N]
 *
 * The runner: p = published; code at 0x3000 says c; x = word at 0x5000; c >= p and x >= p must hold.
 * The changer, for n = 1, 2, ...: makes code and word n, in one of several ways, then publishes n.
 * Every barrier must end, which alarm() sees to. */
#include "tests/softmmu/bare.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PUBLISHED 0x8000
#define TURNS 0x8008 /* the runner's */
#define CODE 0x3000
#define BESIDE (CODE + 0x800) /* code that stays: the page is watched on */
#define WORD 0x5000

static struct bare *b;
static _Atomic bool stop;
static _Atomic uint64_t bad;

static uint64_t *at(uint64_t phys)
{
    return (uint64_t *)(void *)(b->mem + phys);
}

/* The runner's program, and the changer's: pc 0x2000 stores r1 to [r0]. */
static void build(struct tcg_builder *w, struct toy *t, uint64_t pc)
{
    struct tcg_mem read = {.size = 3, .intent = TCG_INTENT_READ, .order = TCG_ORDER_ACQUIRE};
    struct tcg_mem write = {.size = 3, .intent = TCG_INTENT_WRITE, .atomic = 1};
    uint64_t n = 0;
    tcg_val c, p, x;
    unsigned wrong, right;

    tcg_insn(w, pc, 8, 0);
    switch (pc) {
    case 0x1000:
        tcg_put(w, TOY_R0 + 2, tcg_load(w, TCG_I64, &read, tcg_imm(w, TCG_I64, PUBLISHED), 0));
        tcg_goto_pc(w, BESIDE, TCG_HINT_NONE, 0);
        break;
    case BESIDE:
        tcg_goto_pc(w, CODE, TCG_HINT_NONE, 0);
        break;
    case CODE:
        t->v.engine->cfg.mem.fetch(&t->v, pc, &n, 8);
        tcg_put(w, TOY_R0 + 1, tcg_imm(w, TCG_I64, n));
        if (n & 1)
            tcg_goto_pc(w, 0x1010, TCG_HINT_NONE, 0);
        else
            tcg_goto_ind(w, tcg_get(w, TOY_R0 + 5), TCG_HINT_POLL, 0);
        break;
    case 0x1010:
        c = tcg_get(w, TOY_R0 + 1);
        p = tcg_get(w, TOY_R0 + 2);
        x = tcg_load(w, TCG_I64, &read, tcg_imm(w, TCG_I64, WORD), 0);
        tcg_put(w, TOY_R0 + 3, x);
        tcg_insn(w, pc + 8, 8, 0);
        p = tcg_add(w, TCG_I64, tcg_get(w, TOY_R0 + 4), tcg_imm(w, TCG_I64, 1));
        tcg_store(w, &write, tcg_imm(w, TCG_I64, TURNS), 0, p);
        tcg_put(w, TOY_R0 + 4, p);
        p = tcg_get(w, TOY_R0 + 2);
        wrong = tcg_block_new(w, false);
        right = tcg_block_new(w, false);
        x = tcg_or(w, TCG_I32, tcg_setcc(w, TCG_LTU, c, p), tcg_setcc(w, TCG_LTU, x, p));
        tcg_brcond(w, x, wrong, right);
        tcg_block_at(w, wrong);
        tcg_exit(w, TCG_EXIT_SYSCALL, tcg_imm(w, TCG_I64, pc), 0, tcg_imm(w, TCG_I64, 0));
        tcg_block_at(w, right);
        tcg_goto_pc(w, 0x1000, TCG_HINT_POLL, 0);
        break;
    default:
        tcg_store(w, &write, tcg_get(w, TOY_R0), 0, tcg_get(w, TOY_R0 + 1));
        tcg_exit(w, TCG_EXIT_SYSCALL, tcg_imm(w, TCG_I64, pc), 0, tcg_imm(w, TCG_I64, 0));
        break;
    }
}

static void *runner(void *arg)
{
    struct toy *t = b->toy[1];
    enum tcg_exit_reason why;

    (void)arg;
    t->pc = 0x1000;
    toy_set(t, TOY_R0 + 5, (struct toy_value){0x1010, 0});
    while (!atomic_load(&stop)) {
        sm_tlb_enter(&b->cpu[1]);
        why = tcg_run(&t->v);
        sm_tlb_leave(&b->cpu[1]);
        if (why == TCG_EXIT_POLL)
            continue;
        atomic_fetch_add(&bad, 1);
        fprintf(stderr, "exit %d at %#llx: published %llu, code %llu, word %llu\n", why,
                (unsigned long long)t->pc, (unsigned long long)toy_get(t, TOY_R0 + 2).lo,
                (unsigned long long)toy_get(t, TOY_R0 + 1).lo,
                (unsigned long long)toy_get(t, TOY_R0 + 3).lo);
        break;
    }
    return NULL;
}

/* A store by vcpu 0, in translated code. */
static void store(uint64_t addr, uint64_t n)
{
    toy_set(b->toy[0], TOY_R0, (struct toy_value){addr, 0});
    toy_set(b->toy[0], TOY_R0 + 1, (struct toy_value){n, 0});
    b->toy[0]->pc = 0x2000;
    if (bare_run(b, 0) != TCG_EXIT_SYSCALL)
        MOA_BUG("the changer cannot store");
}

/* Half of the time the runner is let come round with what it has. */
static void wait_turn(uint64_t n)
{
    uint64_t was = __atomic_load_n(at(TURNS), __ATOMIC_ACQUIRE);

    while (n * 0x9e3779b97f4a7c15ull >> 63 && !atomic_load(&bad) &&
           __atomic_load_n(at(TURNS), __ATOMIC_ACQUIRE) == was)
        sched_yield();
}

static void move(unsigned page, uint64_t phys, bool all)
{
    __atomic_store_n(&b->map[0][page].phys, phys, __ATOMIC_SEQ_CST);
    bare_flush(b, 0, all ? FE_FLUSH_ALL : FE_FLUSH_PAGE, 0, page * 4096u, true);
    sm_barrier(&b->toy[0]->v);
}

static void change(uint64_t n, struct mem_attrs dma)
{
    uint64_t to = 0x10000 + (n % 5) * 0x1000;

    switch (n % 7) {
    case 0: /* a page that had code of another time, mapped here */
    case 3:
        store(to, n);
        move(CODE / 4096, to, n % 2);
        break;
    case 1:
    case 4: /* in place */
        store(CODE, n);
        break;
    case 2: /* by another name */
        store(b->map[0][CODE / 4096].phys, n);
        break;
    default: /* by a device */
        mem_write(b->m.cfg.memory, b->map[0][CODE / 4096].phys, &n, 8, dma);
        break;
    }
    if (n % 3 == 0) {
        to = 0x20000 + n % 4 * 0x1000;
        store(to, n);
        move(WORD / 4096, to, n % 2);
    } else {
        store(WORD, n);
    }
    __atomic_store_n(at(PUBLISHED), n, __ATOMIC_RELEASE);
    wait_turn(n);
}

static uint64_t run(const struct tcg_backend *be, uint64_t rounds, double seconds)
{
    struct mem_attrs dma = {.requester = 1};
    struct timespec start, now;
    pthread_t thread;
    uint64_t n;

    b = bare_new(be, 2);
    if (!b)
        exit(EXIT_FAILURE);
    for (unsigned i = 0; i < 2; i++) {
        b->toy[i]->build = build;
        b->toy[i]->mode = TOY_FOLD;
    }
    atomic_store(&stop, false);
    atomic_store(&bad, 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_create(&thread, NULL, runner, NULL);
    for (n = 1; !atomic_load(&bad); n++) {
        change(n, dma);
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (seconds > 0 ? (double)(now.tv_sec - start.tv_sec) +
                                  (double)(now.tv_nsec - start.tv_nsec) / 1e9 > seconds
                        : n >= rounds)
            break;
    }
    atomic_store(&stop, true);
    tcg_kick(&b->toy[1]->v);
    pthread_join(thread, NULL);
    printf("%s: %llu changes, %u translations, %s\n", be->name, (unsigned long long)n,
           b->toy[0]->translations + b->toy[1]->translations, atomic_load(&bad) ? "WRONG" : "right");
    bare_free(b);
    return atomic_load(&bad);
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    uint64_t rounds = 400, wrong = 0;
    double seconds = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = strtod(argv[i + 1], NULL);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtoull(argv[i + 1], NULL, 0);
        else if (strcmp(argv[i], "--backend") == 0)
            only = argv[i + 1];
        else
            return fprintf(stderr, "stress: no option %s\n", argv[i]), 2;
    }
    alarm((unsigned)seconds * 2 + 60);
    for (unsigned i = 0; tcg_backends[i]; i++)
        if (!only || strcmp(tcg_backends[i]->name, only) == 0)
            wrong += run(tcg_backends[i], rounds, seconds);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
