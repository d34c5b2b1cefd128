// SPDX-License-Identifier: MIT
/* backends/x86_64/units.c -- guest state during a compilation: get, put, the writing of homes, and
 * saving and restoring of the allocator's state where a path branches.
 *
 * A pinned unit is in its register from put on. Another unit is dirty from put on, until its home
 * is written: by eviction of the value, or when the region is left. */
#include "backends/x86_64/gen_priv.h"

#include <string.h>

unsigned gen_type_size(enum tcg_type t)
{
    static const uint8_t size[TCG_TYPE_COUNT] = {
        [TCG_I32] = 4, [TCG_I64] = 8, [TCG_I128] = 16, [TCG_F16] = 2, [TCG_F32] = 4, [TCG_F64] = 8,
        [TCG_F80] = 16, [TCG_V64] = 8, [TCG_V128] = 16, [TCG_V256] = 32, [TCG_FLAGS] = 4,
    };

    return size[t];
}

static enum tcg_type unit_type(const struct gen *g, unsigned u)
{
    return (enum tcg_type)g->ir->guest->units[u].type;
}

static void set_dirty(struct gen *g, unsigned u, bool on)
{
    uint64_t bit = 1ull << (u % 64);

    g->dirty[u / 64] = on ? g->dirty[u / 64] | bit : g->dirty[u / 64] & ~bit;
}

/* The home of u holds root value v now, if it is wide enough. */
static void home_holds(struct gen *g, unsigned u, tcg_val v)
{
    if (tcg_is_const(v) || g->val[v].refs == 0 || gen_is_lazy(g, v) || g->val[v].home ||
        gen_type_size(tcg_type_of(g->ir, v)) > gen_type_size(unit_type(g, u)))
        return;
    g->home_val[u] = v;
    g->val[v].home = (uint16_t)(u + 1);
}

void gen_home_changes(struct gen *g, unsigned u)
{
    tcg_val v = g->home_val[u];
    uint32_t locked = g->locked;

    if (!v)
        return;
    if (g->val[v].reg == GEN_NOREG && g->val[v].slot == GEN_NOSLOT) {
        if (gen_is_xmm(tcg_type_of(g->ir, v)))
            gen_use_xmm(g, v);
        else
            gen_use_gpr(g, v);
        g->locked = locked;
    }
    g->val[v].home = 0;
    g->home_val[u] = 0;
}

static void store_home(struct gen *g, unsigned u, int reg)
{
    struct emit_mem m = gen_home_mem(g, u);

    switch (gen_type_size(unit_type(g, u))) {
    case 2: emit_rm(&g->e, OPC(P_66, M_0F3A, 0x15), 0, (unsigned)reg - GEN_XMM, &m, 1);
            emit_u8(&g->e, 0); /* pextrw */
            break;
    case 4:
        if (reg < GEN_XMM)
            emit_mov_mr(&g->e, 0, &m, (unsigned)reg);
        else
            emit_movd_mx(&g->e, &m, (unsigned)reg - GEN_XMM);
        break;
    case 8:
        if (reg < GEN_XMM)
            emit_mov_mr(&g->e, 1, &m, (unsigned)reg);
        else
            emit_movq_mx(&g->e, &m, (unsigned)reg - GEN_XMM);
        break;
    default: emit_movups_mr(&g->e, &m, (unsigned)reg - GEN_XMM); break;
    }
}

bool gen_home_store(struct gen *g, tcg_val v)
{
    for (unsigned w = 0; w < g->unit_words; w++) {
        for (uint64_t bits = g->dirty[w]; bits; bits &= bits - 1) {
            unsigned u = w * 64 + (unsigned)__builtin_ctzll(bits);
            tcg_val h = g->home_val[u];

            if (g->unit_val[u] != v || g->mem_unit == u + 1 ||
                gen_type_size(tcg_type_of(g->ir, v)) > gen_type_size(unit_type(g, u)))
                continue;
            if (h && h != v) {
                if (g->val[h].reg == GEN_NOREG && g->val[h].slot == GEN_NOSLOT)
                    continue;
                g->val[h].home = 0;
                g->home_val[u] = 0;
            }
            store_home(g, u, g->val[v].reg);
            set_dirty(g, u, false);
            if (g->val[v].refs > 1)
                home_holds(g, u, v);
            gen_unref(g, v);
            return true;
        }
    }
    return false;
}

void gen_flush_unit(struct gen *g, unsigned u)
{
    tcg_val v = g->unit_val[u];
    enum tcg_type t = unit_type(g, u);
    struct emit_mem m = gen_home_mem(g, u);
    uint32_t locked = g->locked;
    int32_t imm;
    int reg;

    if (!gen_is_dirty(g, u))
        return;
    if (gen_is_lazy(g, v)) {
        gen_take(g, RAX);
        gen_pack(g, v, RAX);
        gen_home_changes(g, u);
        store_home(g, u, RAX);
    } else if (tcg_is_const(v) && !gen_is_xmm(t) &&
               gen_imm32(g, v, gen_type_size(t) == 8, &imm)) {
        gen_home_changes(g, u);
        emit_mov_mi(&g->e, gen_type_size(t) == 8, &m, imm);
    } else {
        reg = gen_is_xmm(t) ? gen_use_xmm(g, v) + GEN_XMM : gen_use_gpr(g, v);
        gen_home_changes(g, u);
        store_home(g, u, reg);
        home_holds(g, u, v);
    }
    set_dirty(g, u, false);
    g->locked = locked;
    g->temps &= locked;
    gen_unref(g, v);
}

static void flush_some(struct gen *g, bool flags, const uint64_t *need)
{
    for (unsigned w = 0; w < g->unit_words; w++) {
        for (uint64_t bits = g->dirty[w]; bits; bits &= bits - 1) {
            unsigned u = w * 64 + (unsigned)__builtin_ctzll(bits);

            if ((unit_type(g, u) == TCG_FLAGS) == flags &&
                (!need || need[w] >> (u % 64) & 1))
                gen_flush_unit(g, u);
        }
    }
}

/* Flags first, while the host's may still be those. */
void gen_flush_all(struct gen *g)
{
    flush_some(g, true, NULL);
    flush_some(g, false, NULL);
}

void gen_flush_plain(struct gen *g, const uint64_t *need)
{
    flush_some(g, false, need);
}

/* ---- get and put ---- */

void gen_get(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned u = op->imm;
    int reg, pin = g->pin[u];

    gen_born(g, d);
    if (pin != GEN_NOREG) {
        if (!g->rv[pin]) {
            gen_set_reg(g, d, pin);
            return;
        }
        gen_lock(g, pin);
        reg = gen_tmp_gpr(g);
        emit_mov_rr(&g->e, 1, (unsigned)reg, (unsigned)pin);
        gen_set_reg(g, d, reg);
        return;
    }
    gen_flush_unit(g, u);
    gen_home_changes(g, u); /* another name for it: builders without forwarding */
    g->home_val[u] = d;
    g->val[d].home = (uint16_t)(u + 1);
}

static void put_pinned(struct gen *g, tcg_val v, int pin)
{
    tcg_val old = g->rv[pin];
    int from;

    if (!tcg_is_const(v) && old == v)
        return;
    from = tcg_is_const(v) ? GEN_NOREG : g->val[v].reg;
    if (from != GEN_NOREG)
        gen_lock(g, from);
    gen_lock(g, pin);
    gen_evacuate(g, pin);
    gen_place(g, v, pin);
    if (tcg_is_const(v))
        return;
    if (from == GEN_NOREG || (GEN_SCRATCH >> from & 1)) {
        if (from != GEN_NOREG)
            gen_release(g, from);
        gen_set_reg(g, v, pin);
    }
}

void gen_put(struct gen *g, const struct tcg_op *op)
{
    unsigned u = op->imm;
    tcg_val v = gen_root(g, op->a), old = g->unit_val[u];
    bool was = gen_is_dirty(g, u);

    if (g->pin[u] != GEN_NOREG) {
        put_pinned(g, v, g->pin[u]);
        return;
    }
    if (!was && !tcg_is_const(v) && g->home_val[u] == v)
        return;
    gen_ref(g, v);
    g->unit_val[u] = v;
    set_dirty(g, u, true);
    if (was)
        gen_unref(g, old);
}

/* ---- saved states ---- */

struct saved_val {
    tcg_val v;
    uint16_t refs, slot, home;
    uint8_t reg, flags;
};

struct saved_unit {
    uint16_t unit;
    tcg_val v;
};

struct saved_head {
    uint32_t nvals, nunits;
    uint64_t slot_used[GEN_SLOTS / 64];
    uint64_t insn_pc;
    uint16_t uncounted;
    uint8_t hf, hf_width;
    tcg_val hf_a, hf_b, hf_c;
};

void gen_state_clear(struct gen *g)
{
    for (uint32_t i = 0; i < g->nlive; i++) {
        struct gen_val *x = &g->val[g->live[i]];

        x->reg = GEN_NOREG;
        x->slot = GEN_NOSLOT;
        if (x->home)
            g->home_val[x->home - 1] = 0;
        x->home = 0;
        x->refs = 0;
        x->flags &= (uint8_t)~(GEN_V_LIVE | GEN_V_LAZY);
    }
    g->nlive = 0;
    g->nlate_slots = 0;
    memset(g->rv, 0, sizeof(g->rv));
    memset(g->dirty, 0, sizeof(g->dirty));
    memset(g->slot_used, 0, sizeof(g->slot_used));
    g->hf = HF_NONE;
}

uint32_t gen_state_save(struct gen *g)
{
    struct saved_head h = {
        .nvals = g->nlive, .insn_pc = g->insn_pc, .uncounted = g->uncounted, .hf = g->hf, .hf_width = g->hf_width,
        .hf_a = g->hf_a, .hf_b = g->hf_b, .hf_c = g->hf_c,
    };
    uint32_t at = (uint32_t)align_up(g->nside, 8);
    uint32_t most = (uint32_t)(sizeof(h) + g->nlive * sizeof(struct saved_val) +
                               GEN_MAX_UNITS * sizeof(struct saved_unit));
    uint8_t *p;

    g->side = gen_grow(g->side, &g->cap_side, at + most, 1);
    p = g->side + at + sizeof(h);
    memcpy(h.slot_used, g->slot_used, sizeof(h.slot_used));
    for (uint32_t i = 0; i < g->nlive; i++) {
        const struct gen_val *x = &g->val[g->live[i]];
        struct saved_val s = { g->live[i], x->refs, x->slot, x->home, x->reg, x->flags };

        memcpy(p, &s, sizeof(s));
        p += sizeof(s);
    }
    for (unsigned w = 0; w < g->unit_words; w++) {
        for (uint64_t bits = g->dirty[w]; bits; bits &= bits - 1) {
            unsigned u = w * 64 + (unsigned)__builtin_ctzll(bits);
            struct saved_unit s = { (uint16_t)u, g->unit_val[u] };

            memcpy(p, &s, sizeof(s));
            p += sizeof(s);
            h.nunits++;
        }
    }
    memcpy(g->side + at, &h, sizeof(h));
    g->nside = (uint32_t)(p - g->side);
    return at;
}

void gen_state_restore(struct gen *g, uint32_t at)
{
    struct saved_head h;
    const uint8_t *p = g->side + at;

    gen_state_clear(g);
    memcpy(&h, p, sizeof(h));
    p += sizeof(h);
    memcpy(g->slot_used, h.slot_used, sizeof(h.slot_used));
    g->insn_pc = h.insn_pc;
    g->uncounted = h.uncounted;
    g->hf = h.hf;
    g->hf_width = h.hf_width;
    g->hf_a = h.hf_a;
    g->hf_b = h.hf_b;
    g->hf_c = h.hf_c;
    for (uint32_t i = 0; i < h.nvals; i++, p += sizeof(struct saved_val)) {
        struct saved_val s;
        struct gen_val *x;

        memcpy(&s, p, sizeof(s));
        x = &g->val[s.v];
        x->refs = s.refs;
        x->slot = s.slot;
        x->home = s.home;
        x->reg = s.reg;
        x->flags = s.flags;
        x->pos = (uint16_t)g->nlive;
        g->live[g->nlive++] = s.v;
        if (s.reg != GEN_NOREG)
            g->rv[s.reg] = s.v;
        if (s.home)
            g->home_val[s.home - 1] = s.v;
    }
    for (uint32_t i = 0; i < h.nunits; i++, p += sizeof(struct saved_unit)) {
        struct saved_unit s;

        memcpy(&s, p, sizeof(s));
        g->unit_val[s.unit] = s.v;
        set_dirty(g, s.unit, true);
    }
}

void gen_enter_block(struct gen *g, uint32_t block)
{
    const struct gen_block *b = &g->blocks[block];

    for (uint32_t i = 0; i < b->nlive_in; i++)
        g->val[g->work[b->live_in + i]].flags |= GEN_V_WANTED;
    for (uint32_t i = 0; i < g->nlive;) {
        tcg_val v = g->live[i];
        struct gen_val *x = &g->val[v];

        if (x->flags & GEN_V_LIVE && !(x->flags & GEN_V_WANTED)) {
            x->flags &= (uint8_t)~GEN_V_LIVE;
            gen_unref(g, v);
            i = 0; /* records may have dropped others */
        } else {
            i++;
        }
    }
    for (uint32_t i = 0; i < b->nlive_in; i++)
        g->val[g->work[b->live_in + i]].flags &= (uint8_t)~GEN_V_WANTED;
}
