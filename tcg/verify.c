// SPDX-License-Identifier: MIT
/* tcg/verify.c -- is a region's IR well formed? Run after every pass in test builds.
 *
 * Checked, in this order: blocks (contiguous, begun by block and its params, ended once), edges,
 * predecessors; then each operation: result type, operands against the signature, visibility of
 * each operand, sub, imm and attr (verify_op.c); last the rule of exact state: between an insn
 * operation and the last of its operations that may leave there is no put, unless that one's restart
 * class is PROGRESS. The text of the first violation is returned. */
#include "tcg/verify.h"

#include <stdarg.h>
#include <stdlib.h>

void tcg_verify_fail(struct tcg_verify *vf, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (vf->wrong)
        return;
    vf->wrong = true;
    n = vf->at ? snprintf(vf->buf, vf->len, "%%%u %s: ", vf->at,
                          tcg_op_info[vf->ir->ops[vf->at].op].name)
               : 0;
    if (n < 0 || (size_t)n >= vf->len)
        return;
    va_start(ap, fmt);
    vsnprintf(vf->buf + n, vf->len - (size_t)n, fmt, ap);
    va_end(ap);
}

/* ---- blocks ---- */

static bool placed(const struct tcg_ir *ir, unsigned block)
{
    return block < ir->nblocks && ir->blocks[block].first != 0;
}

/* Notes each operation's block; one pass over the array, which the blocks must tile. */
static void check_blocks(struct tcg_verify *vf)
{
    const struct tcg_ir *ir = vf->ir;
    unsigned cur = 0, nparams = 0;
    bool open = false, head = false;

    for (unsigned i = 1; i < ir->nops && !vf->wrong; i++) {
        const struct tcg_op *o = &ir->ops[i];

        vf->at = i;
        if (o->op >= TCG_OP_COUNT) {
            vf->at = 0;
            tcg_verify_fail(vf, "%%%u: no operation %u", i, o->op);
            return;
        }
        if (o->op == TCG_OP_block) {
            if (open)
                tcg_verify_fail(vf, "the block before has no end");
            if (o->imm >= ir->nblocks || ir->blocks[o->imm].first != i)
                tcg_verify_fail(vf, "block %u does not begin here", o->imm);
            cur = o->imm;
            open = head = true;
            nparams = 0;
        } else if (!open) {
            if (o->op != TCG_OP_nop)
                tcg_verify_fail(vf, "outside of a block");
        } else if (o->op == TCG_OP_param) {
            if (!head || o->imm != nparams)
                tcg_verify_fail(vf, "is not argument %u at the head of its block", nparams);
            nparams++;
        } else if (o->op != TCG_OP_nop) {
            head = false;
        }
        vf->block_of[i] = (uint16_t)cur;
        if (!vf->wrong && tcg_op_info[o->op].flags & TCG_OPF_END) {
            open = false;
            if (ir->blocks[cur].nparams != nparams)
                tcg_verify_fail(vf, "block %u has %u params, not %u", cur, nparams,
                                ir->blocks[cur].nparams);
            if (ir->blocks[cur].end < i + 1)
                tcg_verify_fail(vf, "block %u ends before its end operation", cur);
        }
    }
    vf->at = 0;
    if (open)
        tcg_verify_fail(vf, "block %u has no end", cur);
    if (ir->nops < 2)
        tcg_verify_fail(vf, "region is empty");
}

static void check_edge(struct tcg_verify *vf, unsigned n)
{
    const struct tcg_ir *ir = vf->ir;
    const struct tcg_edge *e;
    const struct tcg_block *to;

    if (n >= ir->nedges) {
        tcg_verify_fail(vf, "no edge %u", n);
        return;
    }
    e = &ir->edges[n];
    if (!placed(ir, e->block)) {
        tcg_verify_fail(vf, "block %u is not placed", e->block);
        return;
    }
    to = &ir->blocks[e->block];
    if (to->first == 1)
        tcg_verify_fail(vf, "the entry has a predecessor");
    if (e->nargs != to->nparams) {
        tcg_verify_fail(vf, "block %u takes %u arguments, not %u", e->block, to->nparams, e->nargs);
        return;
    }
    if (vf->npreds[e->block]++ && !to->several)
        tcg_verify_fail(vf, "block %u has several predecessors and does not say so", e->block);
    if (!to->several)
        vf->pred_of[e->block] = (uint16_t)(vf->block_of[vf->at] + 1);
    for (unsigned i = 0; i < e->nargs; i++) {
        tcg_val v = ir->lists[e->args + i];

        tcg_verify_val(vf, v);
        if (!vf->wrong && tcg_type_of(ir, v) != ir->ops[to->first + 1 + i].type)
            tcg_verify_fail(vf, "argument %u of block %u has another type", i, e->block);
    }
}

static void check_edges(struct tcg_verify *vf)
{
    const struct tcg_ir *ir = vf->ir;

    for (unsigned i = 1; i < ir->nops && !vf->wrong; i++) {
        const struct tcg_op *o = &ir->ops[i];

        vf->at = i;
        if (o->op == TCG_OP_br)
            check_edge(vf, o->imm);
        if (o->op == TCG_OP_brcond) {
            check_edge(vf, o->imm & 0xffff);
            check_edge(vf, o->imm >> 16);
        }
    }
    vf->at = 0;
    for (unsigned b = 0; b < ir->nblocks; b++)
        if (placed(ir, b) && ir->blocks[b].npreds != vf->npreds[b])
            tcg_verify_fail(vf, "block %u has %u predecessors, not %u", b, vf->npreds[b],
                            ir->blocks[b].npreds);
}

/* ---- operands ---- */

/* A value made in a block is seen there and in blocks whose only predecessor sees it. */
static bool visible(const struct tcg_verify *vf, unsigned from, unsigned made)
{
    for (unsigned steps = 0; steps <= vf->ir->nblocks; steps++) {
        if (from == made)
            return true;
        if (!vf->pred_of[from])
            return false;
        from = vf->pred_of[from] - 1u;
    }
    return false;
}

void tcg_verify_val(struct tcg_verify *vf, tcg_val v)
{
    const struct tcg_ir *ir = vf->ir;

    if (v == TCG_NONE) {
        tcg_verify_fail(vf, "operand is missing");
        return;
    }
    if (tcg_is_const(v)) {
        if (v - TCG_CONST_BIAS >= (int)ir->nconsts)
            tcg_verify_fail(vf, "constant %u does not exist", v - TCG_CONST_BIAS);
        return;
    }
    if (v >= vf->at) {
        tcg_verify_fail(vf, "%%%u is not defined before", v);
        return;
    }
    if (!ir->ops[v].type || tcg_op_info[ir->ops[v].op].sig[0] == '-')
        tcg_verify_fail(vf, "%%%u has no result", v);
    /* While edges are walked not all predecessors are known: their arguments are seen again. */
    else if (vf->edges_known && !visible(vf, vf->block_of[vf->at], vf->block_of[v]))
        tcg_verify_fail(vf, "%%%u is not visible here", v);
}

static void check_edge_args(struct tcg_verify *vf, unsigned n)
{
    const struct tcg_edge *e = &vf->ir->edges[n];

    for (unsigned i = 0; i < e->nargs; i++)
        tcg_verify_val(vf, vf->ir->lists[e->args + i]);
}

static void check_ops(struct tcg_verify *vf)
{
    const struct tcg_ir *ir = vf->ir;

    for (unsigned i = 1; i < ir->nops && !vf->wrong; i++) {
        const struct tcg_op *o = &ir->ops[i];

        vf->at = i;
        tcg_verify_op(vf, o);
        if (vf->wrong)
            return;
        if (o->op == TCG_OP_br)
            check_edge_args(vf, o->imm);
        if (o->op == TCG_OP_brcond) {
            check_edge_args(vf, o->imm & 0xffff);
            check_edge_args(vf, o->imm >> 16);
        }
    }
}

/* ---- exact state ---- */

enum { IN_INSN = 1, DIRTY = 2, SEEN = 4 };

/* A call that asks before an access (watchpoints) is of that access's restart class. */
static bool asks_for_progress(const struct tcg_ir *ir, const struct tcg_block *blk, unsigned i)
{
    while (++i < blk->end) {
        const struct tcg_op *o = &ir->ops[i];

        if (o->op != TCG_OP_call && tcg_op_info[o->op].flags & TCG_OPF_LEAVE)
            return ir->mems[o->attr].restart == TCG_RESTART_PROGRESS;
        if (o->op == TCG_OP_put || tcg_op_info[o->op].flags & TCG_OPF_END)
            break;
    }
    return false;
}

static bool may_leave(const struct tcg_ir *ir, const struct tcg_block *blk, unsigned i)
{
    const struct tcg_op *o = &ir->ops[i];

    if (o->op == TCG_OP_call)
        return ir->calls[o->attr].helper->flags & TCG_H_LEAVE && !asks_for_progress(ir, blk, i);
    return tcg_op_info[o->op].flags & TCG_OPF_LEAVE &&
           ir->mems[o->attr].restart == TCG_RESTART_INSN;
}

/* State at the end of block b that starts in state s; complains on the way. */
static unsigned walk(struct tcg_verify *vf, unsigned b, unsigned s)
{
    const struct tcg_ir *ir = vf->ir;
    const struct tcg_block *blk = &ir->blocks[b];

    for (unsigned i = blk->first; i < blk->end; i++) {
        const struct tcg_op *o = &ir->ops[i];

        vf->at = i;
        if (o->op == TCG_OP_insn)
            s = IN_INSN | SEEN;
        if (may_leave(ir, blk, i)) {
            if (!(s & IN_INSN))
                tcg_verify_fail(vf, "may leave outside of a guest instruction");
            if (s & DIRTY)
                tcg_verify_fail(vf, "may leave after a put of the same instruction");
        }
        if (o->op == TCG_OP_put ||
            (o->op == TCG_OP_call && ir->calls[o->attr].helper->writes &&
             !(ir->calls[o->attr].helper->flags & TCG_H_LEAVE)))
            s |= DIRTY;
        if (tcg_op_info[o->op].flags & TCG_OPF_END)
            break;
    }
    return s;
}

static bool flow_to(struct tcg_verify *vf, unsigned edge, unsigned s)
{
    uint8_t *in = &vf->state_in[vf->ir->edges[edge].block];
    unsigned both = *in & SEEN ? (*in & s & IN_INSN) | ((*in | s) & DIRTY) | SEEN : s;

    if (*in == both)
        return false;
    *in = (uint8_t)both;
    return true;
}

/* Dirty where any way is, in an instruction where all ways are; to the fixed point. */
static void check_exact(struct tcg_verify *vf)
{
    const struct tcg_ir *ir = vf->ir;
    bool again = true;

    vf->state_in[ir->ops[1].imm] = SEEN;
    while (again && !vf->wrong) {
        again = false;
        for (unsigned b = 0; b < ir->nblocks; b++) {
            const struct tcg_op *end;
            unsigned s;

            if (!placed(ir, b) || !(vf->state_in[b] & SEEN))
                continue;
            s = walk(vf, b, vf->state_in[b]);
            end = &ir->ops[vf->at];
            if (end->op == TCG_OP_br)
                again |= flow_to(vf, end->imm, s);
            if (end->op == TCG_OP_brcond) {
                again |= flow_to(vf, end->imm & 0xffff, s);
                again |= flow_to(vf, end->imm >> 16, s);
            }
        }
    }
}

const char *tcg_ir_verify(const struct tcg_ir *ir, char *buf, size_t len)
{
    struct tcg_verify vf = {.ir = ir, .buf = buf, .len = len};
    size_t nblocks = ir->nblocks ? ir->nblocks : 1;
    uint16_t *room = calloc(ir->nops + 2 * nblocks, sizeof(*room));

    vf.state_in = calloc(nblocks, 1);
    if (!room || !vf.state_in)
        MOA_BUG("out of memory for the verifier");
    vf.block_of = room;
    vf.npreds = room + ir->nops;
    vf.pred_of = vf.npreds + nblocks;
    check_blocks(&vf);
    if (!vf.wrong)
        check_edges(&vf);
    vf.edges_known = true;
    if (!vf.wrong)
        check_ops(&vf);
    if (!vf.wrong)
        check_exact(&vf);
    free(room);
    free(vf.state_in);
    return vf.wrong ? buf : NULL;
}
