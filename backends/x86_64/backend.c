// SPDX-License-Identifier: MIT
/* backends/x86_64/backend.c -- the backend's face to the engine: set-up, running, patching of links
 * and entries, faults, the float control word. */
#include "backends/x86_64/backend.h"

#include "backends/x86_64/gen_priv.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static uint32_t host_features(void)
{
    uint32_t a, b, c, d, f = 0;
    bool os_avx;

    __cpuid(1, a, b, c, d);
    if (!(c & bit_SSE4_2) || !(c & bit_POPCNT))
        return ~0u;
    os_avx = c & bit_OSXSAVE;
    if (os_avx) {
        uint32_t lo, hi;

        __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
        os_avx = (lo & 6) == 6;
    }
    f |= c & bit_MOVBE ? CPU_MOVBE : 0;
    f |= c & bit_PCLMUL ? CPU_PCLMUL : 0;
    f |= c & bit_AES ? CPU_AES : 0;
    if (os_avx) {
        f |= c & bit_AVX ? CPU_AVX : 0;
        f |= c & bit_FMA ? CPU_FMA : 0;
        f |= c & bit_F16C ? CPU_F16C : 0;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        f |= os_avx && b & bit_AVX2 ? CPU_AVX2 : 0;
        f |= os_avx && b & bit_BMI ? CPU_BMI1 : 0;
        f |= os_avx && b & bit_BMI2 ? CPU_BMI2 : 0;
        f |= b & bit_SHA ? CPU_SHA : 0;
        f |= c & bit_GFNI ? CPU_GFNI : 0;
    }
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        f |= c & bit_LZCNT ? CPU_LZCNT : 0;
    return f;
}

static void rows(struct gen *g, const struct gen_row *r)
{
    for (; r->fn; r++)
        g->emit[r->op] = r->fn;
}

static const char *init(struct tcg_engine *e)
{
    uint32_t cpu = host_features();
    struct gen *g;

    if (cpu == ~0u)
        return "the host processor has no SSE4.2";
    g = calloc(1, sizeof(*g));
    if (!g || !(g->stubs = calloc(1, sizeof(*g->stubs)))) {
        free(g);
        return "out of memory";
    }
    e->gen = g;
    g->engine = e;
    g->cpu = cpu;
    g->user = e->cfg.mem.user;
    g->gs = g->user && e->cfg.mem.guest_base != 0;
    emit_init(&g->e);
    for (unsigned op = 0; op < TCG_OP_COUNT; op++) {
        if (op >= TCG_OP_fop2 && op <= TCG_OP_fstatus_set)
            g->emit[op] = gen_fallback_float;
        else if (op >= TCG_OP_vadd && op <= TCG_OP_vaesimc)
            g->emit[op] = gen_fallback_vec;
    }
    rows(g, gen_int_rows);
    rows(g, gen_bits_rows);
    rows(g, gen_flags_rows);
    rows(g, gen_mem_rows);
    rows(g, gen_atomic_rows);
    rows(g, gen_control_rows);
    rows(g, gen_call_rows);
    rows(g, gen_float_rows);
    rows(g, gen_vec_rows);
    return NULL;
}

static void done(struct tcg_engine *e)
{
    struct gen *g = e->gen;

    if (!g)
        return;
    emit_free(&g->e);
    free(g->val);
    free(g->live);
    free(g->blocks);
    free(g->need);
    free(g->order);
    free(g->work);
    free(g->colds);
    free(g->snaps);
    free(g->words);
    free(g->kconsts);
    free(g->const_at);
    free(g->links);
    free(g->side);
    free(g->pendings);
    gen_mems_free(&g->stubs->mems);
    free(g->stubs);
    free(g);
    e->gen = NULL;
}

static void attach(struct tcg_vcpu *v)
{
    if (!v->host_fpcr)
        v->host_fpcr = 0x1f80;
    if (v->engine->cfg.mem.user && v->engine->cfg.mem.guest_base)
        syscall(SYS_arch_prctl, ARCH_SET_GS, v->engine->cfg.mem.guest_base);
}

static void detach(struct tcg_vcpu *v)
{
    (void)v;
}

static int compile(struct tcg_engine *e, struct tcg_ir *ir, struct tcg_region *r)
{
    struct gen *g = e->gen;

    if (!g->stubs->guest)
        gen_stubs_make(e, g, ir->guest);
    return gen_compile(g, ir, r);
}

static void region_free(struct tcg_engine *e, struct tcg_region *r)
{
    (void)e;
    free(r->gen);
    r->gen = NULL;
}

static enum tcg_exit_reason run(struct tcg_vcpu *v, const struct tcg_region *r)
{
    const struct gen *g = v->engine->gen;
    enum tcg_exit_reason (*enter)(void *, const uint8_t *);
    enum tcg_exit_reason reason;
    const struct tcg_region *cur;
    uint32_t n;

    enter = (enum tcg_exit_reason (*)(void *, const uint8_t *))(uintptr_t)g->stubs->enter;
    v->in_code = true;
    reason = enter((uint8_t *)v + TCG_VCPU_BIAS, r->code);
    v->in_code = false;
    if (reason != TCG_EXIT_LOOKUP || !v->cur)
        return reason;
    cur = v->cur;
    n = v->cur_exit;
    if (n == GEN_LINK_RETIRED) {
        memcpy((uint8_t *)v + v->guest->pc_offset, &cur->pc, 8);
        v->cur = NULL;
        return reason;
    }
    memcpy((uint8_t *)v + v->guest->pc_offset, &cur->links[n & ~GEN_LINK_POLL].pc, 8);
    if (!(n & GEN_LINK_POLL))
        return reason;
    v->cur = NULL;
    return TCG_EXIT_POLL;
}

static void set_link(struct tcg_engine *e, struct tcg_link *l)
{
    const uint8_t *from = l->from->code + l->patch;
    const uint8_t *to = l->to ? l->to->code : l->from->code + l->stub;
    uint32_t *at = (uint32_t *)(uintptr_t)(from + e->code->delta);

    if (l->guard && l->to) {
        uint32_t *id = (uint32_t *)(uintptr_t)(l->from->code + l->guard + e->code->delta);

        __atomic_store_n(id, l->to->fetch_id, __ATOMIC_RELEASE);
    }
    __atomic_store_n(at, (uint32_t)(to - (from + 4)), __ATOMIC_RELEASE);
}

static void retire(struct tcg_engine *e, struct tcg_region *r)
{
    const struct gen_table *t = r->gen;
    uint64_t *at = (uint64_t *)(uintptr_t)(r->code + e->code->delta), word = *at;
    uint32_t rel = t->retire - 5;

    word = (word & ~0xffffffffffull) | 0xe9 | (uint64_t)rel << 8;
    __atomic_store_n(at, word, __ATOMIC_RELEASE);
}

static void restore(struct tcg_engine *e, struct tcg_region *r)
{
    static const uint8_t nops[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 }; /* as emit_nops() */

    if (!r->gen || !r->code)
        return;
    if (atomic_load(&r->retired))
        retire(e, r);
    else
        memcpy((void *)(uintptr_t)(r->code + e->code->delta), nops, sizeof(nops));
    for (uint32_t i = 0; i < r->nlinks; i++)
        set_link(e, &r->links[i]);
}

static const struct tcg_region *running(struct tcg_vcpu *v)
{
    return tcg_region_by_host(v->engine, (const void *)(uintptr_t)(v->host.pc - 1));
}

static uint64_t guest_pc(struct tcg_vcpu *v)
{
    const struct tcg_region *r = running(v);

    return r ? gen_guest_pc(r, (const uint8_t *)(uintptr_t)(v->host.pc - 1)) : v->guest->get_pc(v);
}

static uint64_t uc_pc(const void *uc)
{
    return (uint64_t)((const ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP];
}

static bool fault(struct tcg_vcpu *v, void *context)
{
    static const uint8_t order[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                       REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12,
                                       REG_R13, REG_R14, REG_R15 };
    ucontext_t *uc = context;
    const struct gen *g = v->engine->gen;
    greg_t *regs = uc->uc_mcontext.gregs;
    uint64_t pc = uc_pc(uc);

    if (!tcg_region_by_host(v->engine, (const void *)(uintptr_t)pc))
        return false;
    for (unsigned i = 0; i < 16; i++)
        v->host.gpr[i] = (uint64_t)regs[order[i]];
    for (unsigned i = 0; i < 16 && uc->uc_mcontext.fpregs; i++)
        memcpy(v->host.vec[i], &uc->uc_mcontext.fpregs->_xmm[i], 16);
    v->host.pc = pc;
    v->exit.access = regs[REG_ERR] & 2 ? TCG_WRITE : TCG_READ;
    v->exit.size = 0;
    regs[REG_RIP] = (greg_t)(uintptr_t)g->stubs->fault;
    return true;
}

/* MXCSR bits 0..5: invalid, denormal, zero divide, overflow, underflow, inexact. The host's
 * denormal flag comes from operations whose guest does not want it; where it does, the soft twin
 * sets it. */
static void fstatus(struct tcg_vcpu *v, bool set, uint32_t *bits)
{
    static const uint8_t map[6] = { TCG_FX_INVALID, 0, TCG_FX_DIVZERO,
                                    TCG_FX_OVERFLOW, TCG_FX_UNDERFLOW, TCG_FX_INEXACT };

    if (set)
        v->host_fpcr &= ~0x3fu;
    else
        *bits = 0;
    for (unsigned i = 0; i < 6; i++) {
        if (map[i] == TCG_FX_DENORMAL)
            continue;
        if (set && *bits & map[i])
            v->host_fpcr |= 1u << i;
        else if (!set && v->host_fpcr >> i & 1)
            *bits |= map[i];
    }
}

static void fround(struct tcg_vcpu *v, unsigned round)
{
    static const uint8_t rc[4] = { [TCG_ROUND_EVEN] = 0, [TCG_ROUND_UP] = 2, [TCG_ROUND_DOWN] = 1,
                                   [TCG_ROUND_ZERO] = 3 };

    v->host_fpcr = (v->host_fpcr & ~0x6000u) | (uint32_t)rc[round & 3] << 13;
}

static unsigned fround_get(const struct tcg_vcpu *v)
{
    static const uint8_t round[4] = { TCG_ROUND_EVEN, TCG_ROUND_DOWN, TCG_ROUND_UP,
                                      TCG_ROUND_ZERO };

    return round[v->host_fpcr >> 13 & 3];
}

const struct tcg_backend x64_backend = {
    .name = "x86_64",
    .native = true,
    .drops_dead = true,
    .code_reserve = 65536,
    .init = init,
    .done = done,
    .attach = attach,
    .detach = detach,
    .compile = compile,
    .region_free = region_free,
    .run = run,
    .link = set_link,
    .retire = retire,
    .fault = fault,
    .restore = restore,
    .running = running,
    .guest_pc = guest_pc,
    .uc_pc = uc_pc,
    .fstatus = fstatus,
    .fround = fround,
    .fround_get = fround_get,
    .leave_points = gen_leave_points,
    .leave_arm = gen_leave_arm,
};
