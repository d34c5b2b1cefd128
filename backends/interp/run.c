// SPDX-License-Identifier: MIT
/* The loop of the interpreter. Units are in their homes at all times (a put stores at once), so the
 * state at an operation that leaves is that of the puts before it, as tcg/ir.h wants. A host fault
 * in a guest access comes back through sigsetjmp, once per run(). */
#include "backends/interp/interp.h"

#include "base/bits.h"

#include <stdlib.h>
#include <string.h>

/* The home of the pc; guests put it anywhere. */
static void set_pc(struct tcg_vcpu *v, uint64_t pc)
{
    memcpy((uint8_t *)v + v->guest->pc_offset, &pc, sizeof(pc));
}

static inline uint8_t *home(struct tcg_vcpu *v, const struct in_op *o)
{
    uint64_t *uses = v->engine->gen;

    if (MOA_UNLIKELY(uses)) /* -d units; threads may lose a count */
        uses[o->b]++;
    return (uint8_t *)v + o->imm;
}

static inline uint64_t address(const struct in_op *o, const uint64_t *f)
{
    uint64_t addr = f[o->a] + (f[o->b] << o->sub) + (uint64_t)(int64_t)(int32_t)o->imm;

    return o->mem->wrap32 ? (uint32_t)addr : addr;
}

/* Address of an atomic operation: sub has another meaning there. */
static inline uint64_t plain_address(const struct in_op *o, const uint64_t *f)
{
    uint64_t addr = f[o->a] + (uint64_t)(int64_t)(int32_t)o->imm;

    return o->mem->wrap32 ? (uint32_t)addr : addr;
}

/* All arguments are read before a param is written. */
static const struct in_op *follow(const struct in_region *g, const struct in_edge *e, uint64_t *f)
{
    uint64_t many[256], *tmp = many;
    uint32_t n = 0;

    if (e->ncopies == 1 && e->copies[0].words == 1) {
        f[e->copies[0].to] = f[e->copies[0].from];
        return g->ops + e->target;
    }
    if (e->ncopies > ARRAY_LEN(many) / 4) {
        tmp = malloc(e->ncopies * 4 * sizeof(*tmp));
        if (!tmp)
            MOA_BUG("out of memory for block arguments");
    }
    for (uint32_t i = 0; i < e->ncopies; i++)
        for (uint32_t w = 0; w < e->copies[i].words; w++)
            tmp[n++] = f[e->copies[i].from + w];
    n = 0;
    for (uint32_t i = 0; i < e->ncopies; i++)
        for (uint32_t w = 0; w < e->copies[i].words; w++)
            f[e->copies[i].to + w] = tmp[n++];
    if (tmp != many)
        free(tmp);
    return g->ops + e->target;
}

static void vector(struct tcg_vcpu *v, const struct in_op *o, uint64_t *f)
{
    struct tcg_float_env env;
    struct tcg_vec_args x = {
        .bytes = o->attr, .lane = (enum tcg_lane)(o->sub & 3), .imm = o->imm, .sticky = &v->fstatus,
    };
    struct tcg_vec in[3], out;

    if (tcg_op_info[o->op].flags & TCG_OPF_FLT) {
        env = in_env(v, o->lane_env);
        x.env = &env;
    }
    for (unsigned half = 0; half < (o->kind == IN_VEC256 ? 2 : 1); half++) {
        unsigned at = o->op == TCG_OP_vdup ? 0 : 2 * half;

        memcpy(&in[0], f + o->a + at, sizeof(in[0]));
        memcpy(&in[1], f + (o->b ? o->b + at : 0), sizeof(in[1]));
        memcpy(&in[2], f + (o->c ? o->c + at : 0), sizeof(in[2]));
        o->vec(&out, &in[0], &in[1], &in[2], &x);
        f[o->d + 2 * half] = out.d[0];
        if (o->words > 1)
            f[o->d + 2 * half + 1] = out.d[1];
    }
}

static void fence(unsigned kind)
{
    if (kind == TCG_FENCE_LOAD)
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    else
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Makes r the region that runs: its frame, its constants. */
static uint64_t *enter(struct tcg_vcpu *v, const struct tcg_region *r)
{
    const struct in_region *g = r->gen;
    struct in_vcpu *n = in_vcpu(v);

    if (n->frame_words < g->frame_words) {
        free(n->frame);
        n->frame_words = g->frame_words + 256;
        n->frame = malloc(n->frame_words * sizeof(*n->frame));
        if (!n->frame)
            MOA_BUG("out of memory for the interpreter's frame");
    }
    memcpy(n->frame, g->consts, g->const_words * sizeof(*n->frame));
    v->cur = r;
    return n->frame;
}

static enum tcg_exit_reason lookup(struct tcg_vcpu *v, uint64_t pc, const struct tcg_region *from,
                                   uint32_t link)
{
    set_pc(v, pc);
    v->cur = from;
    v->cur_exit = link;
    return TCG_EXIT_LOOKUP;
}

static enum tcg_exit_reason left(struct tcg_vcpu *v, enum tcg_exit_reason reason, uint64_t pc)
{
    set_pc(v, pc);
    return reason;
}

/* An access was not done. */
static enum tcg_exit_reason refused(struct tcg_vcpu *v)
{
    v->icount_left -= in_vcpu(v)->uncounted;
    return left(v, v->engine->cfg.mem.user ? TCG_EXIT_EXCEPTION : TCG_EXIT_HELPER, in_vcpu(v)->pc);
}

static bool polled(struct tcg_vcpu *v, const struct in_op *o)
{
    return o->sub & TCG_HINT_POLL &&
           atomic_load_explicit(&v->exit_request, memory_order_relaxed);
}

/* Whole machines: within a page, or the other page is mapped as it was when this was linked. */
static bool same_mapping(const struct tcg_vcpu *v, const struct tcg_region *r,
                         const struct tcg_region *to)
{
    return r->pc >> TCG_TLB_PAGE_BITS == to->pc >> TCG_TLB_PAGE_BITS ||
           v->fetch_ids[TCG_FETCH_SLOT(to->pc)] == to->fetch_id;
}

#define BIN(name, expr)                                                                            \
    case TCG_OP_##name: f[o->d] = (expr) & o->mask; break
#define A f[o->a]
#define B f[o->b]

static enum tcg_exit_reason loop(struct tcg_vcpu *v, const struct tcg_region *r)
{
    struct in_vcpu *n = in_vcpu(v);
    const struct in_region *g;
    const struct tcg_region *to;
    const struct tcg_jump *jump;
    const struct in_op *o;
    uint64_t *f, addr;

again:
    if (MOA_UNLIKELY(atomic_load_explicit(&r->retired, memory_order_acquire)))
        return lookup(v, r->pc, NULL, 0);
    g = r->gen;
    f = enter(v, r);
    for (o = g->ops;; o++) {
        switch (o->kind) {
        case TCG_OP_insn:
            n->pc = o->mask;
            n->uncounted = o->sub;
            break;
        case IN_GET32: {
            uint32_t w;

            memcpy(&w, home(v, o), 4);
            f[o->d] = w;
            break;
        }
        case IN_GET64: memcpy(f + o->d, home(v, o), 8); break;
        case IN_GET_WIDE:
            f[o->d + 1] = 0;
            memcpy(f + o->d, home(v, o), o->attr & ~7u);
            if (o->op_type == TCG_F80) {
                uint16_t se;

                memcpy(&se, home(v, o) + 8, 2);
                f[o->d + 1] = se;
            }
            break;
        case IN_PUT32: {
            uint32_t w = (uint32_t)A;

            memcpy(home(v, o), &w, 4);
            break;
        }
        case IN_PUT64: memcpy(home(v, o), f + o->a, 8); break;
        case IN_PUT_WIDE:
            memcpy(home(v, o), f + o->a, o->attr & ~7u);
            if (o->op_type == TCG_F80) {
                uint16_t se = (uint16_t)f[o->a + 1];

                memcpy(home(v, o) + 8, &se, 2);
            }
            break;

        BIN(add, A + B);
        BIN(sub, A - B);
        BIN(mul, A * B);
        BIN(and, A & B);
        BIN(or, A | B);
        BIN(xor, A ^ B);
        BIN(andn, A & ~B);
        BIN(shl, A << (B & (o->op_type == TCG_I32 ? 31 : 63)));
        BIN(shr, A >> (B & (o->op_type == TCG_I32 ? 31 : 63)));
        case TCG_OP_extract: f[o->d] = bits_get(A, o->imm & 255, o->imm >> 8); break;
        case IN_EXTRACT0: f[o->d] = A & o->mask; break;
        case IN_INT:
            f[o->d] = tcg_eval_int((enum tcg_opcode)o->op, (enum tcg_type)o->op_type, o->sub,
                                   o->imm, A, B, f[o->c]);
            break;
        case TCG_OP_setcc: f[o->d] = tcg_eval_cond((enum tcg_cond)o->sub, o->mask, A, B); break;
        case TCG_OP_select: {
            uint32_t from = (uint32_t)A ? o->b : o->c;

            for (unsigned w = 0; w < o->words; w++)
                f[o->d + w] = f[from + w];
            break;
        }
        case IN_COPY:
            for (unsigned w = 0; w < o->words; w++)
                f[o->d + w] = w < o->attr ? f[o->a + w] : f[o->b ? o->b + w - o->attr : 0];
            break;

        case IN_FLAGS:
            f[o->d] = tcg_eval_flags((enum tcg_opcode)o->op, o->sub, o->attr, A, B, f[o->c]);
            break;
        case TCG_OP_fcond: f[o->d] = tcg_eval_fcond((enum tcg_fcond)o->sub, (uint32_t)A); break;

        case IN_FLOAT: in_float(v, o, f); break;
        case TCG_OP_fneg:
        case TCG_OP_fabs:
            f[o->d] = A;
            if (o->attr)
                f[o->d + 1] = f[o->a + 1];
            if (o->kind == TCG_OP_fneg)
                f[o->d + o->attr] ^= o->mask;
            else
                f[o->d + o->attr] &= ~o->mask;
            break;
        case TCG_OP_fstatus: f[o->d] = v->fstatus; break;
        case TCG_OP_fstatus_set: v->fstatus = (uint32_t)A; break;
        case IN_VEC:
        case IN_VEC256: vector(v, o, f); break;

        case TCG_OP_load:
            addr = address(o, f);
            if (MOA_UNLIKELY(!in_load(v, o, addr, f + o->d)))
                return refused(v);
            break;
        case TCG_OP_store:
            addr = address(o, f);
            if (MOA_UNLIKELY(!in_store(v, o, addr, f + o->c)))
                return refused(v);
            break;
        case TCG_OP_probe:
            if (MOA_UNLIKELY(!in_probe(v, o, address(o, f))))
                return refused(v);
            break;
        case TCG_OP_rmw:
            if (MOA_UNLIKELY(!in_rmw(v, o, plain_address(o, f), B, f + o->d)))
                return refused(v);
            break;
        case TCG_OP_cmpxchg:
            if (MOA_UNLIKELY(!in_cmpxchg(v, o, plain_address(o, f), f + o->b, f + o->c, f + o->d)))
                return refused(v);
            break;
        case TCG_OP_fence: fence(o->sub); break;

        case TCG_OP_call:
            v->exit.reason = TCG_EXIT_HELPER;
            if (MOA_UNLIKELY(in_call(v, o->call, f, f + o->d))) {
                v->icount_left -= n->uncounted;
                return left(v, TCG_EXIT_HELPER, n->pc);
            }
            break;
        case TCG_OP_count:
            v->icount_left -= o->imm;
            n->uncounted = 0;
            break;
        case TCG_OP_budget:
            if (v->icount_left < o->imm)
                return left(v, TCG_EXIT_BUDGET, o->mask);
            break;
        case TCG_OP_br: o = follow(g, o->edge, f) - 1; break;
        case TCG_OP_brcond: o = follow(g, o->edge + !(uint32_t)A, f) - 1; break;
        case TCG_OP_goto_pc:
            if (MOA_UNLIKELY(polled(v, o)))
                return left(v, TCG_EXIT_POLL, o->mask);
            to = atomic_load_explicit(&g->targets[o->attr], memory_order_acquire);
            if (!to || (MOA_UNLIKELY(!v->engine->cfg.mem.user) && !same_mapping(v, r, to)))
                return lookup(v, o->mask, r, o->attr);
            r = to;
            goto again;
        case TCG_OP_goto_ind:
            if (MOA_UNLIKELY(polled(v, o)))
                return left(v, TCG_EXIT_POLL, A);
            jump = tcg_jump_of(v, A);
            if (jump->pc != A)
                return lookup(v, A, NULL, 0);
            r = jump->host;
            goto again;
        case TCG_OP_exit:
            v->exit.code = o->imm;
            v->exit.addr = B;
            return left(v, (enum tcg_exit_reason)o->sub, A);
        default: MOA_BUG("interpreter without %s", tcg_op_info[o->op].name);
        }
    }
}

enum tcg_exit_reason in_run(struct tcg_vcpu *v, const struct tcg_region *r)
{
    struct in_vcpu *n = in_vcpu(v);

    if (sigsetjmp(n->recover, 0) == 0)
        return loop(v, r);
    in_access_recover();
    v->icount_left -= n->uncounted;
    set_pc(v, n->pc);
    return TCG_EXIT_FAULT;
}
