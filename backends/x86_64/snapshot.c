// SPDX-License-Identifier: MIT
/* backends/x86_64/snapshot.c -- the state at places that may leave: made during compilation as a
 * difference to the border state, kept with the region, and decoded when one of them leaves. */
#include "backends/x86_64/gen_priv.h"

#include "tcg/cache.h"

#include <stdlib.h>
#include <string.h>

static void word(struct gen *g, unsigned w)
{
    g->words = gen_grow(g->words, &g->cap_words, g->nwords + 1, sizeof(*g->words));
    g->words[g->nwords++] = (uint16_t)w;
}

/* Each constant is kept once; there are fewer than 0x8000. */
static unsigned const_number(struct gen *g, tcg_val v)
{
    const struct tcg_const *c = tcg_const_of(g->ir, v);
    uint16_t *at = &g->const_at[v - TCG_CONST_BIAS];

    if (!*at) {
        g->kconsts = gen_grow(g->kconsts, &g->cap_kconsts, g->nkconsts + 2, sizeof(*g->kconsts));
        g->kconsts[g->nkconsts++] = c->lo;
        g->kconsts[g->nkconsts++] = c->hi;
        *at = (uint16_t)(g->nkconsts / 2);
    }
    return *at - 1u;
}

static void place(struct gen *g, tcg_val v)
{
    const struct gen_val *x;

    v = gen_root(g, v);
    if (tcg_is_const(v)) {
        word(g, PLACE_CONST << 12);
        word(g, const_number(g, v));
        return;
    }
    x = &g->val[v];
    if (x->reg != GEN_NOREG && x->reg >= GEN_XMM)
        word(g, PLACE_XMM << 12 | (x->reg - GEN_XMM));
    else if (x->reg != GEN_NOREG)
        word(g, PLACE_GPR << 12 | (x->reg == g->moved_pin ? g->moved_to : x->reg));
    else if (x->slot != GEN_NOSLOT)
        word(g, PLACE_SLOT << 12 | x->slot);
    else if (x->home)
        word(g, PLACE_HOME << 12 | (x->home - 1u));
    else
        MOA_BUG("value %u of a snapshot is nowhere", v);
}

static void entries(struct gen *g)
{
    for (unsigned w = 0; w < g->unit_words; w++) {
        for (uint64_t bits = g->dirty[w]; bits; bits &= bits - 1) {
            unsigned u = w * 64 + (unsigned)__builtin_ctzll(bits);
            tcg_val v = g->unit_val[u];
            const struct tcg_op *o;
            unsigned n;

            word(g, u);
            if (!gen_is_lazy(g, v)) {
                place(g, v);
                continue;
            }
            o = &g->ir->ops[v];
            n = o->c ? 3 : o->b ? 2 : 1;
            word(g, PLACE_RECORD << 12 | n);
            word(g, o->op);
            word(g, o->sub | (o->op == TCG_OP_fcmpf ? tcg_type_of(g->ir, o->a) : o->attr) << 8);
            place(g, o->a);
            if (n > 1)
                place(g, o->b);
            if (n > 2)
                place(g, o->c);
        }
    }
}

static void add(struct gen *g, uint32_t words, uint32_t nwords)
{
    g->snaps = gen_grow(g->snaps, &g->cap_snaps, g->nsnaps + 1, sizeof(*g->snaps));
    g->snaps[g->nsnaps++] = (struct gen_snap){
        .off = emit_pos(&g->e), .pc = (uint32_t)(g->insn_pc - g->ir->pc), .words = words,
        .nwords = (uint16_t)nwords, .uncounted = g->uncounted,
    };
}

void gen_snapshot(struct gen *g)
{
    uint32_t first = g->nwords, n;

    entries(g);
    n = g->nwords - first;
    if (n && n == g->last_nwords && !memcmp(g->words + first, g->words + g->last_words, n * 2)) {
        g->nwords = first; /* as the one before */
        first = g->last_words;
    }
    g->last_words = first;
    g->last_nwords = n;
    add(g, first, n);
}

void gen_snapshot_pin(struct gen *g, int pin, int reg)
{
    uint32_t first = g->nwords;

    g->moved_pin = (uint8_t)pin;
    g->moved_to = (uint8_t)reg;
    entries(g);
    g->moved_pin = GEN_NOREG;
    if (g->pin_unit[pin] != TCG_NO_UNIT) {
        word(g, g->pin_unit[pin]);
        word(g, PLACE_GPR << 12 | (unsigned)reg);
    }
    add(g, first, g->nwords - first);
}

void gen_snapshot_again(struct gen *g, uint32_t snap)
{
    struct gen_snap s = g->snaps[snap];

    add(g, s.words, s.nwords);
    g->snaps[g->nsnaps - 1].pc = s.pc;
    g->snaps[g->nsnaps - 1].uncounted = s.uncounted;
}

struct gen_table *gen_table_new(const struct gen *g)
{
    size_t snaps = g->nsnaps * sizeof(*g->snaps), consts = g->nkconsts * sizeof(*g->kconsts);
    size_t head = align_up(sizeof(struct gen_table), 8), words = g->nwords * 2u;
    uint8_t *p = malloc(head + consts + snaps + words);
    struct gen_table *t = (struct gen_table *)p;

    if (!t)
        MOA_BUG("out of memory for snapshots");
    t->nsnaps = g->nsnaps;
    t->consts = (uint64_t *)(p + head);
    t->snaps = (struct gen_snap *)(p + head + consts);
    t->words = (uint16_t *)(p + head + consts + snaps);
    t->stubs = g->stubs;
    if (consts)
        memcpy(p + head, g->kconsts, consts);
    if (snaps)
        memcpy(p + head + consts, g->snaps, snaps);
    if (words)
        memcpy(p + head + consts + snaps, g->words, words);
    return t;
}

/* ---- decoding ---- */

struct decode {
    struct tcg_vcpu *v;
    const struct gen_table *t;
    const uint16_t *w;
};

static void read_place(struct decode *d, uint64_t out[2])
{
    const struct tcg_host_regs *h = &d->v->host;
    const struct tcg_guest *guest = d->t->stubs->guest;
    unsigned w = *d->w++, n = w & 0xfff;

    out[0] = out[1] = 0;
    switch (w >> 12) {
    case PLACE_GPR: out[0] = h->gpr[n]; break;
    case PLACE_XMM: memcpy(out, h->vec[n], 16); break;
    case PLACE_SLOT:
        memcpy(out, (const uint8_t *)(uintptr_t)h->gpr[RSP] + FRAME_SLOTS + n * 8, n & 1 ? 8 : 16);
        break;
    case PLACE_CONST:
        n = *d->w++;
        out[0] = d->t->consts[n * 2];
        out[1] = d->t->consts[n * 2 + 1];
        break;
    case PLACE_HOME:
        memcpy(out, (const uint8_t *)d->v + guest->units[n].offset,
               gen_type_size((enum tcg_type)guest->units[n].type));
        break;
    default: MOA_BUG("bad place in a snapshot");
    }
}

/* Packed flags of a comparison of f32 or f64 bits. Its exception bits were raised before. */
static uint32_t float_flags(enum tcg_type t, uint64_t a, uint64_t b)
{
    uint32_t lo[2] = { (uint32_t)a, (uint32_t)b };
    float f[2];
    double x, y;

    if (t == TCG_F32) {
        memcpy(f, lo, sizeof(f));
        x = f[0];
        y = f[1];
    } else {
        memcpy(&x, &a, sizeof(x));
        memcpy(&y, &b, sizeof(y));
    }
    if (__builtin_isunordered(x, y))
        return TCG_FBIT_C | TCG_FBIT_O;
    if (__builtin_isless(x, y))
        return TCG_FBIT_S;
    return __builtin_isgreater(x, y) ? TCG_FBIT_C : TCG_FBIT_C | TCG_FBIT_Z;
}

/* Number of the snapshot for host address pc: the last one that starts at or before it. */
static uint32_t snap_at(const struct tcg_region *r, const uint8_t *pc)
{
    const struct gen_table *t = r->gen;
    uint32_t off = (uint32_t)(pc - r->code), lo = 0, hi = t->nsnaps;

    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;

        if (t->snaps[mid].off <= off)
            lo = mid;
        else
            hi = mid;
    }
    if (!t->nsnaps || t->snaps[lo].off > off)
        MOA_BUG("translated code left at %#x, where no snapshot is", off);
    return lo;
}

uint64_t gen_guest_pc(const struct tcg_region *r, const uint8_t *pc)
{
    const struct gen_table *t = r->gen;

    return r->pc + (uint64_t)(int64_t)(int32_t)t->snaps[snap_at(r, pc)].pc;
}

void gen_rebuild(struct tcg_vcpu *v, const struct tcg_region *r, const uint8_t *pc)
{
    const struct gen_table *t = r->gen;
    const struct tcg_guest *guest = t->stubs->guest;
    uint32_t lo = snap_at(r, pc);
    uint64_t guest_pc, values[GEN_MAX_UNITS][2];
    uint16_t units[GEN_MAX_UNITS];
    unsigned n = 0;
    struct decode d = { .v = v, .t = t };
    const uint16_t *end;
    uint8_t pins[GEN_MAX_UNITS];
    uint16_t pin_unit[16];

    d.w = t->words + t->snaps[lo].words;
    end = d.w + t->snaps[lo].nwords;
    guest_pc = r->pc + (uint64_t)(int64_t)(int32_t)t->snaps[lo].pc;
    v->icount_left -= t->snaps[lo].uncounted;
    gen_pins(guest, pins, pin_unit);
    for (unsigned i = 0; i < 16; i++) /* pinned units first: entries may override them */
        if (pin_unit[i] != TCG_NO_UNIT)
            memcpy((uint8_t *)v + guest->units[pin_unit[i]].offset, &v->host.gpr[i], 8);
    while (d.w < end) { /* homes are read before any is written */
        uint64_t a[3][2] = {{0}};

        if (n == ARRAY_LEN(units))
            MOA_BUG("snapshot of too many units");
        units[n] = *d.w++;
        if (*d.w >> 12 == PLACE_RECORD) {
            unsigned k = *d.w & 0xfff, op = d.w[1], sub = d.w[2];

            d.w += 3;
            for (unsigned i = 0; i < k; i++)
                read_place(&d, a[i]);
            values[n][0] = op == TCG_OP_fcmpf
                               ? float_flags((enum tcg_type)(sub >> 8), a[0][0], a[1][0])
                               : tcg_eval_flags((enum tcg_opcode)op, sub & 0xff, sub >> 8, a[0][0],
                                                a[1][0], a[2][0]);
        } else {
            read_place(&d, values[n]);
        }
        n++;
    }
    for (unsigned i = 0; i < n; i++) {
        const struct tcg_unit *u = &guest->units[units[i]];

        memcpy((uint8_t *)v + u->offset, values[i], gen_type_size((enum tcg_type)u->type));
    }
    memcpy((uint8_t *)v + guest->pc_offset, &guest_pc, 8);
}
