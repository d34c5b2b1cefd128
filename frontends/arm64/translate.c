/* SPDX-License-Identifier: MIT */
/* frontends/arm64/translate.c -- from guest bytes to the IR of one region.
 *
 * A region is an extended block: it goes on behind conditional branches that are not taken (the
 * taken side becomes a block of its own at the end), and once over a direct branch forward within
 * the page. It ends at other branches, at exits, at the end of the page, and at a conditional
 * branch backward (loops come round as regions of their own).
 */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"
#include "frontends/arm64/translate.h"

#include "tcg/monitor.h"

#include <string.h>

enum { PAGE = 4096, CHUNK = 256 };

static a64_trans_fn *const trans[A64_OP_COUNT] = {
#define INSN(name, bits, feature) [A64_##name] = a64_trans_##name,
#include "frontends/arm64/insn.def"
#undef INSN
};

/* ---- flags ---- */

static const uint8_t fcond_of[14] = {
    TCG_FZ, TCG_FNZ, TCG_FC, TCG_FNC, TCG_FS, TCG_FNS, TCG_FO, TCG_FNO,
    TCG_FHI, TCG_FLS, TCG_FGE, TCG_FLT, TCG_FGT, TCG_FLE,
};

tcg_val a64_cond(struct a64_tr *t, unsigned cond)
{
    if (cond >= 14)
        return tcg_imm(t->b, TCG_I32, 1);
    return tcg_fcond(t->b, (enum tcg_fcond)fcond_of[cond], a64_flags(t));
}

tcg_val a64_const_flags(struct a64_tr *t, unsigned nzcv)
{
    return tcg_funpack(t->b, tcg_imm(t->b, TCG_I32, a64_packed_from_nzcv((uint32_t)nzcv << 28)));
}

tcg_val a64_carry(struct a64_tr *t)
{
    return tcg_fcond(t->b, TCG_FC, a64_flags(t));
}

/* ---- stack pointer ----
 * A region may count on an aligned SP at its start unless the key says that it is not; so accesses
 * are checked under that key only, and otherwise what is written to SP, unless it is clear that SP
 * stays aligned: additions of multiples of 16. */

static void leave_if_odd_sp(struct a64_tr *t, enum tcg_exit_reason why, uint64_t pc, uint32_t code)
{
    struct tcg_builder *b = t->b;
    unsigned bad = tcg_block_new(b, false), good = tcg_block_new(b, false);
    tcg_val sp = tcg_get(b, A64_U_SP);

    tcg_brcond(b, tcg_setcc(b, TCG_TSTNZ, sp, tcg_imm(b, TCG_I64, 15)), bad, good);
    tcg_block_at(b, bad);
    tcg_block_cold(b, bad);
    tcg_exit(b, why, tcg_imm(b, TCG_I64, pc), code, sp);
    tcg_block_at(b, good);
}

/* Behind an instruction that has written SP: on with the right key. */
static void sp_written(struct a64_tr *t)
{
    t->sp_written = false;
    if (t->ended)
        return;
    if (t->key & A64_KEYBIT_SP_ALIGN)
        a64_sync(t);
    else
        leave_if_odd_sp(t, TCG_EXIT_SYNC, t->pc + 4, 0);
}

/* ---- memory ---- */

struct tcg_mem a64_mem(const struct a64_tr *t, unsigned size, bool sign, enum tcg_intent intent)
{
    struct tcg_mem m;

    memset(&m, 0, sizeof(m));
    m.size = (uint8_t)size;
    m.sign = sign;
    m.atomic = size <= 3;
    m.intent = (uint8_t)intent;
    m.mmu = t->unprivileged && !(t->key & A64_KEYBIT_UAO) ? A64_MMU_EL0 : a64_key_mmu(t->key);
    if (t->key & A64_KEYBIT_ALIGN)
        m.align = TCG_ALIGN_NATURAL;
    return m;
}

tcg_val a64_base(struct a64_tr *t, unsigned r)
{
    if (r == 31 && t->key & A64_KEYBIT_SP_ALIGN)
        leave_if_odd_sp(t, TCG_EXIT_EXCEPTION, t->pc, TCG_EXC_SP_ALIGN);
    return a64_xsp(t, r);
}

void a64_add_base(struct a64_tr *t, unsigned r, tcg_val base, int64_t offset)
{
    bool was = t->sp_written;

    a64_set_xsp(t, r, tcg_add(t->b, TCG_I64, base, tcg_imm(t->b, TCG_I64, (uint64_t)offset)));
    if (!(offset & 15))
        t->sp_written = was;
}

tcg_val a64_addr(struct a64_tr *t, tcg_val base, int64_t offset, int32_t *disp)
{
    *disp = 0;
    if (!(t->key & A64_KEYBIT_MASK_TAG) && offset == (int32_t)offset) {
        *disp = (int32_t)offset;
        return base;
    }
    if (offset)
        base = tcg_add(t->b, TCG_I64, base, tcg_imm(t->b, TCG_I64, (uint64_t)offset));
    if (t->key & A64_KEYBIT_MASK_TAG)
        base = tcg_sextract(t->b, TCG_I64, base, 0, 56);
    return base;
}

void a64_store(struct a64_tr *t, const struct tcg_mem *m, tcg_val base, int32_t disp, tcg_val v)
{
    if (t->key & A64_KEYBIT_STORE_MONITOR) {
        tcg_val at = disp ? tcg_add(t->b, TCG_I64, base, tcg_imm(t->b, TCG_I64, (uint64_t)disp))
                          : base;

        a64_monitor_lock(t, at, 1u << m->size);
        tcg_store(t->b, m, base, disp, v);
        a64_monitor_unlock(t);
        return;
    }
    tcg_store(t->b, m, base, disp, v);
}

void a64_monitor_lock(struct a64_tr *t, tcg_val at, unsigned bytes)
{
    if (t->key & A64_KEYBIT_STORE_MONITOR)
        tcg_call(t->b, &tcg_monitor_lock_helper,
                 (tcg_val[]) { at, tcg_imm(t->b, TCG_I32, bytes) });
}

void a64_monitor_unlock(struct a64_tr *t)
{
    if (t->key & A64_KEYBIT_STORE_MONITOR)
        tcg_call(t->b, &tcg_monitor_unlock_helper, NULL);
}

void a64_check_align(struct a64_tr *t, tcg_val at, unsigned bytes, bool write)
{
    struct tcg_builder *b = t->b;
    unsigned bad, good;

    if (bytes < 2)
        return;
    bad = tcg_block_new(b, false);
    good = tcg_block_new(b, false);
    tcg_brcond(b, tcg_setcc(b, TCG_TSTNZ, at, tcg_imm(b, TCG_I64, bytes - 1)), bad, good);
    tcg_block_at(b, bad);
    tcg_block_cold(b, bad);
    tcg_exit(b, TCG_EXIT_EXCEPTION, tcg_imm(b, TCG_I64, t->pc),
             t->cpu->user ? TCG_EXC_ALIGN : write ? A64_EXC_ALIGN_WRITE : A64_EXC_ALIGN_READ, at);
    tcg_block_at(b, good);
}

/* ---- floating point ---- */

unsigned a64_fpenv_round(struct a64_tr *t, bool half, enum tcg_round round)
{
    struct tcg_float_env e;
    bool flush = t->key & (half ? A64_KEYBIT_FZ16 : A64_KEYBIT_FZ);

    memset(&e, 0, sizeof(e));
    e.round = (uint8_t)round;
    e.nan = TCG_NAN_ARM;
    e.default_nan = (t->key & A64_KEYBIT_DN) != 0;
    e.flush_in = flush;
    e.flush_out = flush;
    e.tiny_before = 1;
    e.flags = 1;
    return tcg_ir_env(t->b->ir, &e);
}

unsigned a64_fpenv(struct a64_tr *t, bool half)
{
    return a64_fpenv_round(t, half, (enum tcg_round)(t->key & A64_KEYBIT_RMODE));
}

/* ---- control ---- */

void a64_clear_btype(struct a64_tr *t)
{
    if (MOA_UNLIKELY(t->clear_btype))
        a64_put_btype(t, 0);
}

void a64_put_btype(struct a64_tr *t, unsigned btype)
{
    tcg_put(t->b, A64_U_BTYPE, tcg_imm(t->b, TCG_I32, btype));
    t->clear_btype = false;
}

void a64_goto(struct a64_tr *t, uint64_t target, unsigned hint)
{
    a64_clear_btype(t);
    if (target <= t->pc)
        hint |= TCG_HINT_POLL;
    if (!(hint & TCG_HINT_CALL))
        a64_excl_leave(t, t->excl, target);
    tcg_goto_pc(t->b, target, hint, t->pc + 4);
    t->ended = true;
}

void a64_goto_reg(struct a64_tr *t, tcg_val target, unsigned hint)
{
    a64_clear_btype(t);
    tcg_goto_ind(t->b, target, hint | TCG_HINT_POLL, t->pc + 4);
    t->ended = true;
}

void a64_branch_if(struct a64_tr *t, tcg_val cond, uint64_t target)
{
    struct tcg_builder *b = t->b;
    unsigned taken = tcg_block_new(b, false), next = tcg_block_new(b, false);

    a64_clear_btype(t);
    tcg_brcond(b, cond, taken, next);
    t->sides[t->nsides++] = (struct a64_side) { taken, target, t->pc, t->excl };
    tcg_block_at(b, next);
    if (target > t->pc)
        tcg_block_cold(b, taken);
    else
        t->last = true;
}

void a64_raise(struct a64_tr *t, uint32_t code, tcg_val addr)
{
    tcg_exit(t->b, TCG_EXIT_EXCEPTION, tcg_imm(t->b, TCG_I64, t->pc), code, addr);
    t->ended = true;
}

void a64_undefined(struct a64_tr *t)
{
    a64_raise(t, TCG_EXC_UNDEFINED, tcg_imm(t->b, TCG_I64, t->pc));
}

void a64_sync(struct a64_tr *t)
{
    a64_clear_btype(t);
    tcg_exit(t->b, TCG_EXIT_SYNC, tcg_imm(t->b, TCG_I64, t->pc + 4), 0,
             tcg_imm(t->b, TCG_I64, 0));
    t->ended = true;
}

void a64_step_again(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;

    if (!(t->key & A64_KEYBIT_STEP))
        return;
    tcg_put(b, A64_U_PSTATE, tcg_or(b, TCG_I64, tcg_get(b, A64_U_PSTATE),
                                    tcg_imm(b, TCG_I64, A64_PSTATE_SS)));
    tcg_put(b, A64_U_STEPPED, tcg_imm(b, TCG_I32, 0));
}

/* ---- landing pads ---- */

bool a64_guarded(const struct a64_tr *t)
{
    if (!t->cpu->user)
        return t->guarded;
    return t->cpu->guarded && t->cpu->guarded(&t->cpu->vc, t->pc);
}

/* Does the word accept a branch of this BTYPE? */
static bool lands(const struct a64_tr *t, const struct a64_insn *a, bool decoded, unsigned btype)
{
    if (!decoded)
        return false;
    switch (a->op) {
    case A64_BTI: /* i bit 0: c, bit 1: j */
        return (btype == 1 && a->i) || (btype == 2 && (a->i & 1)) || (btype == 3 && (a->i & 2));
    case A64_PAC_lr: /* PACIASP, PACIBSP */
        return a->o && (btype != 3 || !(t->cpu->user || (t->key & A64_KEYBIT_BT)));
    case A64_BRK:
    case A64_HLT:
        return true;
    }
    return false;
}

/* At the start of a region while guarded pages exist: with BTYPE set, raises if it is refused here,
 * else clears it and comes back. */
static void check_landing(struct a64_tr *t, const struct a64_insn *a, bool decoded)
{
    struct tcg_builder *b = t->b;
    unsigned set = tcg_block_new(b, false), clear = tcg_block_new(b, false), bad, good;
    uint64_t refused = 0;
    tcg_val btype = tcg_get(b, A64_U_BTYPE), bits;

    if (a64_guarded(t))
        for (unsigned i = 1; i < 4; i++)
            if (!lands(t, a, decoded, i))
                refused |= 1ull << i;
    tcg_brcond(b, tcg_setcc(b, TCG_NE, btype, tcg_imm(b, TCG_I32, 0)), set, clear);
    tcg_block_at(b, set);
    tcg_block_cold(b, set);
    if (refused) {
        bad = tcg_block_new(b, false);
        good = tcg_block_new(b, false);
        bits = tcg_shr(b, TCG_I32, tcg_imm(b, TCG_I32, refused), btype);
        tcg_brcond(b, tcg_setcc(b, TCG_TSTNZ, bits, tcg_imm(b, TCG_I32, 1)), bad, good);
        tcg_block_at(b, bad);
        tcg_block_cold(b, bad);
        tcg_exit(b, TCG_EXIT_EXCEPTION, tcg_imm(b, TCG_I64, t->pc), A64_EXC_BTI,
                 tcg_imm(b, TCG_I64, t->pc));
        tcg_block_at(b, good);
        tcg_block_cold(b, good);
    }
    tcg_put(b, A64_U_BTYPE, tcg_imm(b, TCG_I32, 0));
    a64_step_again(t);
    tcg_goto_pc(b, t->pc, TCG_HINT_NONE, 0);
    tcg_block_at(b, clear);
}

/* ---- the loop ---- */

static bool is_hint(uint32_t word)
{
    return (word & 0xfffff01f) == 0xd503201f;
}

/* Does CPACR_EL1.FPEN trap it? Bits 27..26 are set in loads and stores of vectors, and in all of data
 * processing of floating point and vectors. */
static bool uses_fp(uint32_t word, const struct a64_insn *a)
{
    if (a->op == A64_MRS || a->op == A64_MSR) /* FPCR, FPSR */
        return (word & 0x001fffc0) == 0x001b4400;
    return (word >> 26 & 3) == 3;
}

/* Software step: raised in front of an instruction when PSTATE.SS is clear; else this one runs, with
 * SS clear from here on. */
static void check_step(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;
    unsigned pending = tcg_block_new(b, false), go = tcg_block_new(b, false);
    tcg_val ps = tcg_get(b, A64_U_PSTATE), ss = tcg_imm(b, TCG_I64, A64_PSTATE_SS);

    tcg_brcond(b, tcg_setcc(b, TCG_TSTZ, ps, ss), pending, go);
    tcg_block_at(b, pending);
    tcg_block_cold(b, pending);
    tcg_exit(b, TCG_EXIT_EXCEPTION, tcg_imm(b, TCG_I64, t->pc), A64_EXC_STEP,
             tcg_imm(b, TCG_I64, 0));
    tcg_block_at(b, go);
    tcg_put(b, A64_U_PSTATE, tcg_and(b, TCG_I64, ps, tcg_imm(b, TCG_I64, ~(uint64_t)A64_PSTATE_SS)));
    tcg_put(b, A64_U_STEPPED, tcg_imm(b, TCG_I32, 1));
    tcg_insn(b, t->pc, 4, 0); /* what has been put stays when the instruction itself faults */
}

static void one_insn(struct a64_tr *t, uint32_t word, bool first)
{
    struct a64_insn a;
    bool decoded = a64_decode(word, &a);

    tcg_insn(t->b, t->pc, 4, 0);
    if (t->key & A64_KEYBIT_STEP)
        check_step(t);
    if (t->key & A64_KEYBIT_BP) {
        tcg_val pc = tcg_imm(t->b, TCG_I64, t->pc);

        tcg_call(t->b, &a64_helper_breakpoint, &pc);
    }
    if (first && (t->key & A64_KEYBIT_BTI)) {
        if (t->cpu->user || t->guarded)
            check_landing(t, &a, decoded);
        else
            t->clear_btype = true;
    }
    if (decoded && !a64_has(t, (enum a64_feature)a64_rows[a.op].feature)) {
        if (is_hint(word)) /* hints that the processor does not know do nothing */
            return;
        decoded = false;
    }
    if (decoded && (t->key & A64_KEYBIT_NO_MOPS) && a64_rows[a.op].feature == A64_FEAT_MOPS)
        decoded = false;
    if (decoded && (t->key & A64_KEYBIT_FP_TRAP) && uses_fp(word, &a)) {
        a64_raise(t, A64_EXC_ESR,
                  tcg_imm(t->b, TCG_I64, a64_syndrome(A64_EC_FP, 1u << 24 | 14u << 20)));
        return;
    }
    if (!decoded || !trans[a.op](t, &a))
        a64_undefined(t);
    if (!t->ended)
        a64_clear_btype(t);
    if (decoded) /* else a says nothing, and the region ends here */
        a64_excl_note(t, &a);
    if (t->sp_written)
        sp_written(t);
}

static void place_sides(struct a64_tr *t)
{
    for (unsigned i = 0; i < t->nsides; i++) {
        const struct a64_side *s = &t->sides[i];

        tcg_block_at(t->b, s->block);
        a64_excl_leave(t, s->excl, s->target);
        tcg_goto_pc(t->b, s->target, s->target <= s->from ? TCG_HINT_POLL : TCG_HINT_NONE, 0);
    }
}

/* Where a branch to pc goes: with top byte ignore the byte is a copy of bit 55. Programs have it in
 * the lower half. */
static uint64_t branch_target(const struct a64_tr *t, uint64_t pc)
{
    uint64_t low = pc & ((1ull << 56) - 1);

    if (pc >> 55 & 1)
        return t->key & A64_KEYBIT_TBI1 ? pc | 0xffull << 56 : pc;
    return t->cpu->user || (t->key & A64_KEYBIT_TBI0) ? low : pc;
}

/* A region of one exit for a pc where no instruction can be fetched. */
static bool bad_start(struct a64_tr *t, struct tcg_vcpu *v)
{
    struct tcg_builder *b = t->b;
    tcg_val pc = tcg_imm(b, TCG_I64, t->pc);
    uint64_t plain = branch_target(t, t->pc);

    if (plain != t->pc) { /* branches ignore the top byte */
        tcg_insn(b, t->pc, 4, 0);
        tcg_goto_pc(b, plain, TCG_HINT_NONE, 0);
        return true;
    }
    if (t->key & A64_KEYBIT_IL) {
        tcg_insn(b, t->pc, 4, 0);
        if (t->key & A64_KEYBIT_STEP)
            check_step(t);
        tcg_exit(b, TCG_EXIT_EXCEPTION, pc, A64_EXC_ESR,
                 tcg_imm(b, TCG_I64, a64_syndrome(A64_EC_ILLEGAL, 0)));
        return true;
    }
    if (t->pc & 3) {
        tcg_insn(b, t->pc, 4, 0);
        if (t->key & A64_KEYBIT_STEP)
            check_step(t);
        tcg_exit(b, TCG_EXIT_EXCEPTION, pc, TCG_EXC_PC_ALIGN, pc);
        return true;
    }
    if (v->engine->cfg.mem.fetch(v, t->pc, &(uint32_t) { 0 }, 4) < 4) { /* no insn: not kept */
        tcg_exit(b, TCG_EXIT_FAULT, pc, TCG_FETCH, pc); /* code: enum tcg_access */
        return true;
    }
    return false;
}

void a64_translate(struct tcg_builder *b, struct tcg_vcpu *v, uint64_t pc, uint64_t key,
                   const struct tcg_limits *lim)
{
    struct a64_tr t = { .b = b, .cpu = a64_cpu(v), .cfg = a64_cpu(v)->cfg, .pc = pc, .key = key,
                        .next = pc, .lo = align_down(pc, PAGE), .start = pc,
                        .excl_left = A64_EXCL_REACH };
    unsigned max = lim->max_insns < A64_MAX_INSNS ? lim->max_insns : A64_MAX_INSNS;
    uint8_t code[CHUNK];
    uint64_t have_lo = 0, have_hi = 0;

    if (key & A64_KEYBIT_STEP)
        max = 1;
    if (key & A64_KEYBIT_WP)
        b->guest_watch = &a64_helper_watchpoint;
    t.hi = t.lo + PAGE;
    if (!t.cpu->user && (key & A64_KEYBIT_BTI)) {
        struct fe_page page;

        t.guarded = a64_walk(v, pc, TCG_FETCH, a64_mmu_now(v), true, &page) && page.guarded;
    }
    t.one = max <= 1;
    if (bad_start(&t, v))
        return;
    for (unsigned n = 0; !t.ended; n++) {
        uint32_t word;

        if (n && (t.last || n == max || t.next >= lim->stop_before || t.next >= t.hi ||
                  !tcg_room(b) || t.nsides == A64_MAX_SIDES)) {
            a64_goto(&t, t.next, TCG_HINT_NONE);
            break;
        }
        if (t.next < have_lo || t.next + 4 > have_hi) {
            size_t want = t.hi - t.next < CHUNK ? t.hi - t.next : CHUNK;

            have_lo = t.next;
            have_hi = t.next + v->engine->cfg.mem.fetch(v, t.next, code, want);
            if (have_hi < have_lo + 4) { /* not reached yet: the fault is another region's */
                a64_goto(&t, t.next, TCG_HINT_NONE);
                break;
            }
        }
        t.pc = t.next;
        t.next = t.pc + 4;
        word = code[t.pc - have_lo] | (uint32_t)code[t.pc - have_lo + 1] << 8 |
               (uint32_t)code[t.pc - have_lo + 2] << 16 | (uint32_t)code[t.pc - have_lo + 3] << 24;
        one_insn(&t, word, n == 0);
    }
    place_sides(&t);
}

uint64_t a64_region_key(const struct tcg_vcpu *v)
{
    const struct a64_cpu *c = (const struct a64_cpu *)v;
    uint64_t key = c->fpcr >> 22 & A64_KEYBIT_RMODE;

    if (c->fpcr & A64_FPCR_FZ)
        key |= A64_KEYBIT_FZ;
    if (c->fpcr & A64_FPCR_DN)
        key |= A64_KEYBIT_DN;
    if (c->fpcr & A64_FPCR_FZ16)
        key |= A64_KEYBIT_FZ16;
    if (c->fpcr & A64_FPCR_AHP)
        key |= A64_KEYBIT_AHP;
    if (c->mask_tags)
        key |= A64_KEYBIT_MASK_TAG;
    if (v->engine && tcg_monitor_is_on(v->engine))
        key |= A64_KEYBIT_STORE_MONITOR;
    if (c->guarded)
        key |= A64_KEYBIT_BTI;
    if (c->sp & 15 && c->user)
        key |= A64_KEYBIT_SP_ALIGN;
    return c->user ? key : key | a64_system_key(c);
}
