// SPDX-License-Identifier: MIT
/* Decodes a region's IR into what the loop of run.c executes: operands become places in the frame,
 * opcodes kinds of work, edges parallel copies. The IR is the verifier's kind of well formed. */
#include "backends/interp/interp.h"

#include "base/bits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CONST 4 /* words 0..3 are zero: operands that are missing */

struct decoder {
    const struct tcg_ir *ir;
    struct tcg_region *r;
    struct in_region *g;
    uint32_t *place;    /* by operation: word of its value */
    uint32_t *start;    /* by block: index of its first decoded operation */
    uint32_t nlinks, nedges, ncopies;
};

static unsigned words_of(unsigned type)
{
    switch (type) {
    case TCG_VOID: return 0;
    case TCG_I128:
    case TCG_F80:
    case TCG_V64:
    case TCG_V128: return 2;
    case TCG_V256: return 4;
    default: return 1;
    }
}

static uint64_t mask_of(unsigned type)
{
    switch (type) {
    case TCG_I32:
    case TCG_F32:
    case TCG_FLAGS: return UINT32_MAX;
    case TCG_F16: return UINT16_MAX;
    default: return UINT64_MAX;
    }
}

static uint32_t place(const struct decoder *dc, tcg_val v)
{
    if (v == TCG_NONE)
        return 0;
    return tcg_is_const(v) ? FIRST_CONST + (v - TCG_CONST_BIAS) * 2u : dc->place[v];
}

static enum tcg_type type_of(const struct decoder *dc, tcg_val v)
{
    return v ? tcg_type_of(dc->ir, v) : TCG_VOID;
}

static void copies(struct in_op *i, uint32_t a, uint32_t nwords, uint32_t b)
{
    i->kind = IN_COPY;
    i->a = a;
    i->attr = nwords;
    i->b = b;
}

static void decode_home(const struct decoder *dc, struct in_op *i, const struct tcg_op *o)
{
    const struct tcg_unit *u = &dc->ir->guest->units[o->imm];
    unsigned get = o->op == TCG_OP_get;

    i->imm = u->offset;
    i->b = o->imm * 2 + !get; /* where -d units counts it */
    i->words = (uint16_t)words_of(u->type);
    switch (u->type) {
    case TCG_I32:
    case TCG_F32:
    case TCG_FLAGS: i->kind = get ? IN_GET32 : IN_PUT32; break;
    case TCG_I64:
    case TCG_F64: i->kind = get ? IN_GET64 : IN_PUT64; break;
    case TCG_F16: MOA_BUG("unit %s is f16", u->name);
    default:
        i->kind = get ? IN_GET_WIDE : IN_PUT_WIDE;
        /* Of a v64 only the low word, of an f80 ten bytes are the home's. */
        i->attr = u->type == TCG_V64 ? 8 : u->type == TCG_F80 ? 10 : i->words * 8u;
        break;
    }
}

static void decode_vec(const struct decoder *dc, struct in_op *i, const struct tcg_op *o)
{
    enum tcg_type ta = type_of(dc, o->a);
    bool reduces = o->op >= TCG_OP_vredadd && o->op <= TCG_OP_vredsmax;

    i->kind = IN_VEC;
    i->attr = (reduces ? ta : o->type) == TCG_V64 ? 8 : 16; /* bytes */
    switch (o->op) {
    case TCG_OP_vtof: i->attr = o->type == TCG_F16 ? 2 : o->type == TCG_F32 ? 4 : 8; break;
    case TCG_OP_vlow:
        if (ta == TCG_V256)
            copies(i, i->a, 2, 0);
        break;
    case TCG_OP_vhigh:
        if (ta == TCG_V256)
            copies(i, i->a + 2, 2, 0);
        break;
    case TCG_OP_vjoin:
    case TCG_OP_vzext:
        if (o->type == TCG_V256)
            copies(i, i->a, 2, i->b);
        break;
    default:
        if (o->type == TCG_V256)
            i->kind = IN_VEC256;
        break;
    }
    i->vec = tcg_vec_fns[o->op];
    if (tcg_op_info[o->op].flags & TCG_OPF_FLT)
        i->lane_env = &dc->g->envs[o->attr];
}

static void decode_int(struct in_op *i, const struct tcg_op *o)
{
    switch (o->op) {
    case TCG_OP_add:
    case TCG_OP_sub:
    case TCG_OP_and:
    case TCG_OP_or:
    case TCG_OP_xor:
    case TCG_OP_andn:
    case TCG_OP_shl:
    case TCG_OP_shr:
    case TCG_OP_mul: break;
    case TCG_OP_zext: copies(i, i->a, 1, 0); break;
    case TCG_OP_trunc:
        i->kind = IN_EXTRACT0;
        i->mask = UINT32_MAX;
        break;
    case TCG_OP_extract:
        if (!(o->imm & 255)) {
            i->kind = IN_EXTRACT0;
            i->mask = bits_mask(o->imm >> 8);
        }
        break;
    default: i->kind = IN_INT; break;
    }
}

static struct in_edge *add_edge(struct decoder *dc, const struct tcg_edge *e)
{
    const struct tcg_ir *ir = dc->ir;
    struct in_edge *to = &dc->g->edges[dc->nedges++];
    const struct tcg_block *blk = &ir->blocks[e->block];

    to->target = e->block; /* the block for now: later the operation */
    to->copies = dc->g->copies + dc->ncopies;
    to->ncopies = e->nargs;
    for (unsigned i = 0; i < e->nargs; i++) {
        struct in_copy *c = &to->copies[i];
        unsigned param = blk->first + 1 + i;

        c->from = place(dc, ir->lists[e->args + i]);
        c->to = dc->place[param];
        c->words = words_of(ir->ops[param].type);
    }
    dc->ncopies += e->nargs;
    return to;
}

static void decode_call(struct decoder *dc, struct in_op *i, const struct tcg_op *o)
{
    const struct tcg_call *c = &dc->ir->calls[o->attr];

    i->call = &dc->g->calls[o->attr];
    i->call->h = c->helper;
    for (unsigned k = 0; k < c->helper->nargs; k++)
        i->call->args[k] = place(dc, c->args[k]);
    if (!in_call_prepare(i->call))
        MOA_BUG("helper %s has no calling convention", c->helper->name);
}

static void decode_control(struct decoder *dc, struct in_op *i, const struct tcg_op *o)
{
    const struct tcg_ir *ir = dc->ir;
    struct tcg_link *l;

    switch (o->op) {
    case TCG_OP_br: i->edge = add_edge(dc, &ir->edges[o->imm]); break;
    case TCG_OP_brcond:
        i->edge = add_edge(dc, &ir->edges[o->imm & 0xffff]);
        add_edge(dc, &ir->edges[o->imm >> 16]);
        break;
    case TCG_OP_goto_pc:
        i->mask = tcg_const_of(ir, o->a)->lo;
        i->attr = dc->nlinks;
        l = &dc->r->links[dc->nlinks++];
        l->pc = i->mask;
        l->from = dc->r;
        break;
    case TCG_OP_insn:
    case TCG_OP_budget: i->mask = tcg_const_of(ir, o->a)->lo; break;
    case TCG_OP_call: decode_call(dc, i, o); break;
    default: break;
    }
}

static void decode_op(struct decoder *dc, struct in_op *i, const struct tcg_op *o, uint32_t d)
{
    unsigned flags = tcg_op_info[o->op].flags;

    *i = (struct in_op){
        .kind = o->op, .op_type = o->type, .sub = o->sub, .op = o->op,
        .words = (uint16_t)words_of(o->type), .d = d,
        .a = place(dc, o->a), .b = place(dc, o->b), .c = place(dc, o->c),
        .imm = o->imm, .attr = o->attr, .mask = mask_of(o->type),
    };
    if (o->op == TCG_OP_get || o->op == TCG_OP_put) {
        decode_home(dc, i, o);
    } else if (flags & TCG_OPF_MEM) {
        i->mem = &dc->g->mems[o->attr];
    } else if (o->op >= TCG_OP_add && o->op <= TCG_OP_trunc) {
        decode_int(i, o);
    } else if (o->op == TCG_OP_pair) {
        copies(i, i->a, 1, i->b);
    } else if (o->op == TCG_OP_lo || o->op == TCG_OP_hi) {
        copies(i, i->a + (o->op == TCG_OP_hi), 1, 0);
    } else if (o->op == TCG_OP_fpack || o->op == TCG_OP_fbits) {
        copies(i, i->a, 1, 0);
    } else if (o->op == TCG_OP_fraw) {
        i->kind = IN_EXTRACT0;
    } else if (o->op == TCG_OP_fneg || o->op == TCG_OP_fabs) {
        i->mask = o->type == TCG_F80 ? 0x8000 : (i->mask >> 1) + 1;
        i->attr = o->type == TCG_F80; /* the word that holds the sign */
    } else if (o->op == TCG_OP_setcc) {
        i->mask = type_of(dc, o->a) == TCG_I64;
    } else if (tcg_vec_fns[o->op]) {
        decode_vec(dc, i, o);
    } else if (flags & TCG_OPF_FLT) {
        i->kind = IN_FLOAT;
        i->env = &dc->g->envs[o->attr];
        i->attr = type_of(dc, o->a);
    } else if (o->type == TCG_FLAGS && o->op != TCG_OP_param) {
        i->kind = IN_FLAGS;
    } else {
        decode_control(dc, i, o);
    }
}

static bool is_decoded(const struct tcg_op *o)
{
    return o->op != TCG_OP_nop && o->op != TCG_OP_block && o->op != TCG_OP_param;
}

static void *array(size_t n, size_t size)
{
    return calloc(n ? n : 1, size);
}

/* Sizes first, then everything in one go. */
static int allocate(struct decoder *dc)
{
    const struct tcg_ir *ir = dc->ir;
    struct in_region *g = dc->g;
    uint32_t ngotos = 0;

    for (unsigned i = 1; i < ir->nops; i++) {
        g->nops += is_decoded(&ir->ops[i]);
        ngotos += ir->ops[i].op == TCG_OP_goto_pc;
    }
    g->const_words = FIRST_CONST + ir->nconsts * 2;
    g->ops = array(g->nops, sizeof(*g->ops));
    g->consts = array(g->const_words, sizeof(*g->consts));
    g->mems = array(ir->nmems, sizeof(*g->mems));
    g->envs = array(ir->nenvs, sizeof(*g->envs));
    g->calls = array(ir->ncalls, sizeof(*g->calls));
    g->edges = array(ir->nedges, sizeof(*g->edges));
    g->copies = array(ir->nlists, sizeof(*g->copies));
    g->targets = array(ngotos, sizeof(*g->targets));
    dc->r->links = array(ngotos, sizeof(*dc->r->links));
    dc->place = array(ir->nops, sizeof(*dc->place));
    dc->start = array(ir->nblocks, sizeof(*dc->start));
    if (!g->ops || !g->consts || !g->mems || !g->envs || !g->calls || !g->edges || !g->copies ||
        !g->targets || !dc->r->links || !dc->place || !dc->start)
        return -ENOMEM;
    for (unsigned i = 0; i < ir->nconsts; i++) {
        g->consts[FIRST_CONST + 2 * i] = ir->consts[i].lo;
        g->consts[FIRST_CONST + 2 * i + 1] = ir->consts[i].type == TCG_V64 ? 0 : ir->consts[i].hi;
    }
    if (ir->nmems)
        memcpy(g->mems, ir->mems, ir->nmems * sizeof(*g->mems));
    if (ir->nenvs)
        memcpy(g->envs, ir->envs, ir->nenvs * sizeof(*g->envs));
    return 0;
}

int in_decode(const struct tcg_ir *ir, struct tcg_region *r)
{
    struct decoder dc = {.ir = ir, .r = r};
    uint32_t n = 0, word;
    int err;

    dc.g = calloc(1, sizeof(*dc.g));
    if (!dc.g)
        return -ENOMEM;
    err = allocate(&dc);
    if (err) {
        in_region_free(dc.g);
        free(r->links);
        r->links = NULL;
        goto out;
    }
    word = dc.g->const_words;
    for (unsigned i = 1; i < ir->nops; i++) { /* places first: copies name params ahead */
        dc.place[i] = word;
        word += words_of(ir->ops[i].type);
    }
    for (unsigned i = 1; i < ir->nops; i++) {
        if (ir->ops[i].op == TCG_OP_block)
            dc.start[ir->ops[i].imm] = n;
        if (is_decoded(&ir->ops[i]))
            decode_op(&dc, &dc.g->ops[n++], &ir->ops[i], dc.place[i]);
    }
    for (uint32_t i = 0; i < dc.nedges; i++)
        dc.g->edges[i].target = dc.start[dc.g->edges[i].target];
    dc.g->frame_words = word + 4;
    r->nlinks = dc.nlinks;
    r->gen = dc.g;
out:
    free(dc.place);
    free(dc.start);
    return err;
}

void in_region_free(struct in_region *g)
{
    if (!g)
        return;
    free(g->ops);
    free(g->consts);
    free(g->mems);
    free(g->envs);
    free(g->calls);
    free(g->edges);
    free(g->copies);
    free(g->targets);
    free(g);
}
