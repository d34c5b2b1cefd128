/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_mops.c -- memory copy and set (FEAT_MOPS): CPYFP CPYFM CPYFE, CPYP CPYM
 * CPYE, SETP SETM SETE.
 *
 * Option A of the manual: the prologue clears NZCV and, for copies upward, moves both addresses to
 * the ends and makes the size negative; it copies nothing itself. The main and end instructions
 * copy one step (64 or 16 bytes where the destination is aligned to them, else one) and come back
 * to themselves until nothing is left. Registers are exact at every fault and at every poll.
 * Main with the flags of option B raises an exception. The SETG forms need FEAT_MTE. */
#include "frontends/arm64/translate.h"

enum { STEP = 64, CHUNK = 16 };

static tcg_val imm64(struct a64_tr *t, uint64_t v)
{
    return tcg_imm(t->b, TCG_I64, v);
}

/* ---- prologues ---- */

static void start_upward(struct a64_tr *t, unsigned reg, tcg_val size)
{
    a64_set_x(t, reg, tcg_add(t->b, TCG_I64, a64_x(t, reg), size));
}

/* The size, limited to max, which is a mask of ones. */
static tcg_val limited(struct a64_tr *t, unsigned n, uint64_t max)
{
    tcg_val size = a64_x(t, n), big = tcg_setcc(t->b, TCG_TSTNZ, size, imm64(t, ~max));

    return tcg_select(t->b, TCG_I64, big, imm64(t, max), size);
}

static bool copy_regs_ok(const struct a64_insn *a)
{
    return a->d != a->r && a->d != a->n && a->r != a->n && a->d != 31 && a->r != 31 && a->n != 31;
}

bool a64_trans_CPYFP(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val size;

    if (!copy_regs_ok(a))
        return false;
    size = limited(t, a->n, INT64_MAX);
    start_upward(t, a->d, size);
    start_upward(t, a->r, size);
    a64_set_x(t, a->n, tcg_neg(t->b, TCG_I64, size));
    a64_set_flags(t, a64_const_flags(t, 0));
    return true;
}

/* Downward only if the destination starts inside the source. */
bool a64_trans_CPYP(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    tcg_val size, to, from, down, up_by;

    if (!copy_regs_ok(a))
        return false;
    size = limited(t, a->n, (1ull << 55) - 1);
    to = tcg_extract(b, TCG_I64, a64_x(t, a->d), 0, 56);
    from = tcg_extract(b, TCG_I64, a64_x(t, a->r), 0, 56);
    down = tcg_and(b, TCG_I32, tcg_setcc(b, TCG_LTU, from, to),
                   tcg_setcc(b, TCG_GTU, tcg_add(b, TCG_I64, from, size), to));
    up_by = tcg_select(b, TCG_I64, down, imm64(t, 0), size);
    start_upward(t, a->d, up_by);
    start_upward(t, a->r, up_by);
    a64_set_x(t, a->n, tcg_select(b, TCG_I64, down, size, tcg_neg(b, TCG_I64, size)));
    a64_set_flags(t, a64_const_flags(t, 0));
    return true;
}

static bool set_regs_ok(const struct a64_insn *a)
{
    return a->d != a->r && a->d != a->n && a->r != a->n && a->d != 31 && a->n != 31;
}

bool a64_trans_SETP(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val size;

    if (!set_regs_ok(a))
        return false;
    size = limited(t, a->n, INT64_MAX);
    start_upward(t, a->d, size);
    a64_set_x(t, a->n, tcg_neg(t->b, TCG_I64, size));
    a64_set_flags(t, a64_const_flags(t, 0));
    return true;
}

/* ---- main and end ---- */

/* A condition leads to a new block, which becomes current; the other way's block is returned. */
static unsigned when(struct a64_tr *t, tcg_val cond)
{
    unsigned yes = tcg_block_new(t->b, false), no = tcg_block_new(t->b, false);

    tcg_brcond(t->b, cond, yes, no);
    tcg_block_at(t->b, yes);
    return no;
}

/* Leaves when the flags say option B, or when nothing is left. */
static void check_start(struct a64_tr *t, unsigned n)
{
    struct tcg_builder *b = t->b;
    unsigned go;

    go = when(t, a64_carry(t));
    tcg_exit(b, TCG_EXIT_EXCEPTION, imm64(t, t->pc), A64_EXC_MOPS, imm64(t, t->pc));
    tcg_block_at(b, go);
    go = when(t, tcg_setcc(b, TCG_EQ, a64_x(t, n), imm64(t, 0)));
    tcg_goto_pc(b, t->pc + 4, TCG_HINT_NONE, 0);
    tcg_block_at(b, go);
}

/* At the end of a step: the size has become `left`. */
static void next_step(struct a64_tr *t, unsigned n, tcg_val left)
{
    a64_set_x(t, n, left);
    a64_step_again(t);
    tcg_goto_pc(t->b, t->pc, TCG_HINT_POLL, 0);
}

/* Copies a byte. */
static void copy_byte(struct a64_tr *t, tcg_val to, tcg_val from)
{
    struct tcg_mem rd = a64_mem(t, 0, false, TCG_INTENT_READ);
    struct tcg_mem wr = a64_mem(t, 0, false, TCG_INTENT_WRITE);
    int32_t disp;

    to = a64_addr(t, to, 0, &disp);
    from = a64_addr(t, from, 0, &disp);
    a64_store(t, &wr, to, 0, tcg_load(t->b, TCG_I32, &rd, from, 0));
}

/* Copies `bytes` (STEP or CHUNK) from `from` to `to`, in chunks. Where the two overlap, a chunk
 * cannot be made again once a later one was written: the size in n says in front of each what is
 * left to do. If one leaves (a fault, a watchpoint), the rest is made in single chunks, so that the
 * same bytes result even of an overlap that the guest should not have. */
static void copy_step(struct a64_tr *t, tcg_val to, tcg_val from, unsigned n, unsigned bytes,
                      bool up)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem rd = a64_mem(t, 4, false, TCG_INTENT_READ);
    struct tcg_mem wr = a64_mem(t, 4, false, TCG_INTENT_WRITE);
    tcg_val left = a64_x(t, n);
    int32_t disp, chunks = (int32_t)(bytes / CHUNK);

    to = a64_addr(t, to, 0, &disp);
    from = a64_addr(t, from, 0, &disp);
    for (int32_t i = 0; i < chunks; i++) {
        disp = CHUNK * (up ? i : chunks - 1 - i);
        if (i) {
            a64_set_x(t, n, left);
            rd.restart = wr.restart = TCG_RESTART_PROGRESS;
        }
        a64_store(t, &wr, to, disp, tcg_load(b, TCG_V128, &rd, from, disp));
        left = tcg_add(b, TCG_I64, left, imm64(t, up ? CHUNK : -(uint64_t)CHUNK));
    }
    next_step(t, n, left);
}

/* May a step of so many bytes be made, with the destination's border at `edge`? */
static tcg_val can_step(struct a64_tr *t, tcg_val edge, tcg_val left, unsigned bytes)
{
    struct tcg_builder *b = t->b;

    return tcg_and(b, TCG_I32, tcg_setcc(b, TCG_TSTZ, edge, imm64(t, bytes - 1)),
                   tcg_setcc(b, TCG_GEU, left, imm64(t, bytes)));
}

static void copy_up(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    tcg_val n = a64_x(t, a->n), left = tcg_neg(b, TCG_I64, n);
    tcg_val to = tcg_add(b, TCG_I64, a64_x(t, a->d), n);
    tcg_val from = tcg_add(b, TCG_I64, a64_x(t, a->r), n);

    for (unsigned bytes = STEP; bytes >= CHUNK; bytes = bytes == STEP ? CHUNK : 0) {
        unsigned small = when(t, can_step(t, to, left, bytes));

        copy_step(t, to, from, a->n, bytes, true);
        tcg_block_at(b, small);
    }
    copy_byte(t, to, from);
    next_step(t, a->n, tcg_add(b, TCG_I64, n, imm64(t, 1)));
}

static void copy_down(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    tcg_val n = a64_x(t, a->n), to = a64_x(t, a->d), from = a64_x(t, a->r), left;
    tcg_val edge = tcg_add(b, TCG_I64, to, n);

    for (unsigned bytes = STEP; bytes >= CHUNK; bytes = bytes == STEP ? CHUNK : 0) {
        unsigned small = when(t, can_step(t, edge, n, bytes));

        left = tcg_sub(b, TCG_I64, n, imm64(t, bytes));
        copy_step(t, tcg_add(b, TCG_I64, to, left), tcg_add(b, TCG_I64, from, left), a->n, bytes,
                  false);
        tcg_block_at(b, small);
    }
    left = tcg_sub(b, TCG_I64, n, imm64(t, 1));
    copy_byte(t, tcg_add(b, TCG_I64, to, left), tcg_add(b, TCG_I64, from, left));
    next_step(t, a->n, left);
}

static bool copy_main(struct a64_tr *t, const struct a64_insn *a, bool either_way)
{
    if (!copy_regs_ok(a))
        return false;
    check_start(t, a->n);
    if (either_way) {
        unsigned up = when(t, tcg_setcc(t->b, TCG_GT, a64_x(t, a->n), imm64(t, 0)));

        copy_down(t, a);
        tcg_block_at(t->b, up);
    }
    copy_up(t, a);
    t->ended = true;
    return true;
}

bool a64_trans_CPYFM(struct a64_tr *t, const struct a64_insn *a)
{
    return copy_main(t, a, false);
}

bool a64_trans_CPYFE(struct a64_tr *t, const struct a64_insn *a)
{
    return copy_main(t, a, false);
}

bool a64_trans_CPYM(struct a64_tr *t, const struct a64_insn *a)
{
    return copy_main(t, a, true);
}

bool a64_trans_CPYE(struct a64_tr *t, const struct a64_insn *a)
{
    return copy_main(t, a, true);
}

static bool set_main(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem one = a64_mem(t, 0, false, TCG_INTENT_WRITE);
    struct tcg_mem many = a64_mem(t, 4, false, TCG_INTENT_WRITE);
    tcg_val n, to, at, v;
    unsigned small;
    int32_t disp;

    if (!set_regs_ok(a))
        return false;
    check_start(t, a->n);
    n = a64_x(t, a->n);
    to = tcg_add(b, TCG_I64, a64_x(t, a->d), n);
    at = a64_addr(t, to, 0, &disp);
    small = when(t, can_step(t, to, tcg_neg(b, TCG_I64, n), STEP));
    v = tcg_v1(b, TCG_OP_vdup, TCG_V128, TCG_LANE8, a64_w(t, a->r), 0);
    for (int32_t i = 0; i < STEP / CHUNK; i++)
        a64_store(t, &many, at, CHUNK * i, v);
    next_step(t, a->n, tcg_add(b, TCG_I64, n, imm64(t, STEP)));
    tcg_block_at(b, small);
    a64_store(t, &one, at, 0, a64_w(t, a->r));
    next_step(t, a->n, tcg_add(b, TCG_I64, n, imm64(t, 1)));
    t->ended = true;
    return true;
}

bool a64_trans_SETM(struct a64_tr *t, const struct a64_insn *a)
{
    return set_main(t, a);
}

bool a64_trans_SETE(struct a64_tr *t, const struct a64_insn *a)
{
    return set_main(t, a);
}
