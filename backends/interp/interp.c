// SPDX-License-Identifier: MIT
/* The interpreter as a backend: runs the IR of every guest on any host with libffi, 64-bit words
 * and host atomics, of either byte order. It is the oracle of the code generators, so it is plain
 * rather than fast. Float status bits are in v->fstatus only, the rounding mode is in the low bits
 * of v->host_fpcr. */
#include "backends/backends.h"
#include "backends/interp/interp.h"

#include "base/log.h"
#include "tcg/cache.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

static const char *init(struct tcg_engine *e)
{
    (void)e;
    return NULL;
}

static void done(struct tcg_engine *e)
{
    free(e->gen);
    e->gen = NULL;
}

/* Reads and writes of each unit that are left after folding, in the order of their sum. */
static void stats(struct tcg_engine *e, FILE *out)
{
    const struct tcg_guest *guest = e->cache->ir.guest;
    const uint64_t *uses = e->gen;
    uint64_t below = ~0ull;

    while (uses && below) {
        uint64_t most = 0;

        for (unsigned u = 0; u < guest->nunits; u++) {
            uint64_t n = uses[u * 2] + uses[u * 2 + 1];

            most = n < below && n > most ? n : most;
        }
        for (unsigned u = 0; u < guest->nunits && most; u++)
            if (uses[u * 2] + uses[u * 2 + 1] == most)
                fprintf(out, "unit %-8s %12llu read %12llu written\n", guest->units[u].name,
                        (unsigned long long)uses[u * 2], (unsigned long long)uses[u * 2 + 1]);
        below = most;
    }
}

static void attach(struct tcg_vcpu *v)
{
    v->gen = calloc(1, sizeof(struct in_vcpu));
    if (!v->gen)
        MOA_BUG("out of memory for the interpreter");
}

static void detach(struct tcg_vcpu *v)
{
    free(in_vcpu(v)->frame);
    free(v->gen);
    v->gen = NULL;
}

static int compile(struct tcg_engine *e, struct tcg_ir *ir, struct tcg_region *r)
{
    if (log_on(LOG_units) && !e->gen)
        e->gen = calloc(ir->guest->nunits * 2u, sizeof(uint64_t));
    if (in_decode(ir, r) < 0)
        return -ENOSPC;
    for (uint32_t i = 0; i < r->nlinks && !e->cfg.mem.user; i++)
        r->links[i].guard = r->links[i].pc >> TCG_TLB_PAGE_BITS != r->pc >> TCG_TLB_PAGE_BITS;
    return 0;
}

static void region_free(struct tcg_engine *e, struct tcg_region *r)
{
    (void)e;
    in_region_free(r->gen);
    r->gen = NULL;
}

static void link_exit(struct tcg_engine *e, struct tcg_link *l)
{
    struct in_region *g = l->from->gen;

    (void)e;
    atomic_store_explicit(&g->targets[l - l->from->links], l->to, memory_order_release);
}

static void retire(struct tcg_engine *e, struct tcg_region *r)
{
    (void)e;
    atomic_store(&r->retired, true); /* tested at each entry */
}

/* Leaves the signal handler by a jump: no host's registers are rebuilt by hand. The engine has
 * filled v->exit before. */
static bool fault(struct tcg_vcpu *v, void *uc)
{
    struct in_vcpu *n = in_vcpu(v);
    const ucontext_t *u = uc;

    if (!n || !n->accessing)
        return false;
    n->accessing = false;
    v->exit.access = n->access;
    v->exit.size = n->size;
    pthread_sigmask(SIG_SETMASK, &u->uc_sigmask, NULL);
    siglongjmp(n->recover, 1);
}

static const struct tcg_region *running(struct tcg_vcpu *v)
{
    return v->cur; /* set at each entry */
}

static uint64_t guest_pc(struct tcg_vcpu *v)
{
    return in_vcpu(v)->pc;
}

/* There is no code memory: whether a vcpu is in guest code is known by its epoch. */
static uint64_t uc_pc(const void *uc)
{
    (void)uc;
    return 0;
}

static void fstatus(struct tcg_vcpu *v, bool set, uint32_t *bits)
{
    (void)v;
    if (!set)
        *bits = 0;
}

static void fround(struct tcg_vcpu *v, unsigned round)
{
    v->host_fpcr = round & 3;
}

static unsigned fround_get(const struct tcg_vcpu *v)
{
    return v->host_fpcr & 3;
}

const struct tcg_backend in_backend = {
    .name = "interp",
    .init = init,
    .done = done,
    .attach = attach,
    .detach = detach,
    .compile = compile,
    .region_free = region_free,
    .run = in_run,
    .link = link_exit,
    .retire = retire,
    .fault = fault,
    .running = running,
    .guest_pc = guest_pc,
    .uc_pc = uc_pc,
    .fstatus = fstatus,
    .fround = fround,
    .fround_get = fround_get,
    .stats = stats,
};
