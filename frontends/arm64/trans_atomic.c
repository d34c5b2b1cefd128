/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_atomic.c -- read-modify-write instructions of FEAT_LSE: LDADD and friends,
 * SWP, CAS, CASP. The order is that of the A and R bits. Without FEAT_LSE2 (docs/decisions/011) a
 * misaligned access faults. */
#include "frontends/arm64/translate.h"

static struct tcg_mem atomic_mem(struct a64_tr *t, const struct a64_insn *a, unsigned size)
{
    struct tcg_mem m = a64_mem(t, size, false, TCG_INTENT_RW);

    m.align = TCG_ALIGN_NATURAL;
    m.atomic = 1;
    m.fault = A64_FAULT_ATOMIC;
    if (a->A)
        m.order = a->R ? TCG_ORDER_SC : TCG_ORDER_ACQUIRE;
    else
        m.order = a->R ? TCG_ORDER_RELEASE : TCG_ORDER_PLAIN;
    return m;
}

static bool rmw(struct a64_tr *t, const struct a64_insn *a, enum tcg_rmw op)
{
    struct tcg_mem m = atomic_mem(t, a, a->s);
    unsigned sf = a->s == 3;
    int32_t none;
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none), old;

    a64_monitor_lock(t, at, 1u << a->s);
    old = tcg_rmw(t->b, a64_type(sf), &m, op, at, a64_r(t, sf, a->r));
    a64_monitor_unlock(t);
    a64_set_r(t, sf, a->d, old);
    return true;
}

bool a64_trans_CAS(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_mem m = atomic_mem(t, a, a->s);
    unsigned sf = a->s == 3;
    int32_t none;
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none), expect = a64_r(t, sf, a->r), old;

    if (a->s < 2)
        expect = tcg_extract(t->b, TCG_I32, expect, 0, 8u << a->s);
    a64_monitor_lock(t, at, 1u << a->s);
    old = tcg_cmpxchg(t->b, a64_type(sf), &m, at, expect, a64_r(t, sf, a->d));
    a64_monitor_unlock(t);
    a64_set_r(t, sf, a->r, old);
    return true;
}

bool a64_trans_CASP(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = atomic_mem(t, a, a->z ? 4 : 3);
    int32_t none;
    tcg_val at, old, expect, want;

    if ((a->r | a->d) & 1)
        return false;
    at = a64_addr(t, a64_base(t, a->n), 0, &none);
    if (a->z) {
        expect = tcg_pair(b, a64_x(t, a->r), a64_x(t, a->r + 1u));
        want = tcg_pair(b, a64_x(t, a->d), a64_x(t, a->d + 1u));
        a64_monitor_lock(t, at, 16);
        old = tcg_cmpxchg(b, TCG_I128, &m, at, expect, want);
        a64_monitor_unlock(t);
        a64_set_x(t, a->r, tcg_lo(b, old));
        a64_set_x(t, a->r + 1u, tcg_hi(b, old));
        return true;
    }
    expect = tcg_deposit(b, TCG_I64, a64_x(t, a->r), a64_x(t, a->r + 1u), 32, 32);
    want = tcg_deposit(b, TCG_I64, a64_x(t, a->d), a64_x(t, a->d + 1u), 32, 32);
    a64_monitor_lock(t, at, 8);
    old = tcg_cmpxchg(b, TCG_I64, &m, at, expect, want);
    a64_monitor_unlock(t);
    a64_set_x(t, a->r, tcg_extract(b, TCG_I64, old, 0, 32));
    a64_set_x(t, a->r + 1u, tcg_shri(b, TCG_I64, old, 32));
    return true;
}

bool a64_trans_LDADD(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_ADD);
}

bool a64_trans_LDCLR(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_ANDN);
}

bool a64_trans_LDEOR(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_XOR);
}

bool a64_trans_LDSET(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_OR);
}

bool a64_trans_LDSMAX(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_SMAX);
}

bool a64_trans_LDSMIN(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_SMIN);
}

bool a64_trans_LDUMAX(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_UMAX);
}

bool a64_trans_LDUMIN(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_UMIN);
}

bool a64_trans_SWP(struct a64_tr *t, const struct a64_insn *a)
{
    return rmw(t, a, TCG_RMW_XCHG);
}
