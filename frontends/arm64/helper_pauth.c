/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_pauth.c -- pointer authentication (manual D8.8, AddPAC, Auth; FEAT_PAuth
 * without EPAC and PAuth2). A program's pointers have 48 bits and a top byte that is ignored, so that the
 * code takes bits 54..48; in a machine TCR_EL1 says. Two ways to compute it: QARMA5, and a hash of our own, which the architecture allows as
 * "implementation defined" and which is many times faster; -cpu MODEL,pauth-impdef=off selects
 * QARMA5.
 *
 * QARMA as in R. Avanzi, "The QARMA Block Cipher Family" (QARMA-64, sigma 2, 5 rounds): cell 0 is
 * the most significant nibble; the key is w0 = high half, k0 = low half. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"

#include "base/bits.h"

enum { VA_BITS = 48, TOP = 55 };

/* ---- QARMA5 ---- */

static unsigned cell(uint64_t s, unsigned i)
{
    return s >> (60 - 4 * i) & 15;
}

static uint64_t permute(uint64_t s, const uint8_t from[16])
{
    uint64_t out = 0;

    for (unsigned i = 0; i < 16; i++)
        out = out << 4 | cell(s, from[i]);
    return out;
}

static const uint8_t tau[16] = { 0, 11, 6, 13, 10, 1, 12, 7, 5, 14, 3, 8, 15, 4, 9, 2 };
static const uint8_t tau_inv[16] = { 0, 5, 15, 10, 13, 8, 2, 7, 11, 14, 4, 1, 6, 3, 9, 12 };
static const uint8_t tweak_h[16] = { 6, 5, 14, 15, 0, 1, 2, 3, 7, 12, 13, 4, 8, 9, 10, 11 };
static const uint8_t tweak_h_inv[16] = { 4, 5, 6, 7, 11, 1, 0, 8, 12, 13, 14, 15, 9, 10, 2, 3 };
static const uint8_t sigma[16] = { 11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10 };
static const uint8_t sigma_inv[16] = { 5, 14, 13, 8, 10, 11, 1, 9, 2, 6, 15, 0, 4, 12, 7, 3 };
enum { LFSR_CELLS = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 13 };

static uint64_t substitute(uint64_t s, const uint8_t box[16])
{
    uint64_t out = 0;

    for (unsigned i = 0; i < 16; i++)
        out = out << 4 | box[cell(s, i)];
    return out;
}

static unsigned rot4(unsigned x, unsigned n)
{
    return (x << n | x >> (4 - n)) & 15;
}

/* Columns times circ(0, rho, rho^2, rho); its own inverse. */
static uint64_t mix_columns(uint64_t s)
{
    uint64_t out = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned a = cell(s, (i + 4) & 15), b = cell(s, (i + 8) & 15), c = cell(s, (i + 12) & 15);

        out = out << 4 | (rot4(a, 1) ^ rot4(b, 2) ^ rot4(c, 1));
    }
    return out;
}

static uint64_t tweak_next(uint64_t t)
{
    uint64_t out = 0;

    t = permute(t, tweak_h);
    for (unsigned i = 0; i < 16; i++) {
        unsigned x = cell(t, i);

        if (LFSR_CELLS >> i & 1)
            x = x >> 1 | ((x ^ x >> 1) & 1) << 3;
        out = out << 4 | x;
    }
    return out;
}

static uint64_t tweak_back(uint64_t t)
{
    uint64_t out = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned x = cell(t, i);

        if (LFSR_CELLS >> i & 1)
            x = (x << 1 & 14) | ((x >> 3 ^ x) & 1);
        out = out << 4 | x;
    }
    return permute(out, tweak_h_inv);
}

static uint64_t qarma5(uint64_t data, uint64_t tweak, uint64_t w0, uint64_t k0)
{
    static const uint64_t round_const[5] = {
        0, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377,
    };
    const uint64_t alpha = 0xc0ac29b7c97c50dd;
    uint64_t w1 = bits_ror64(w0, 1) ^ w0 >> 63, s = data ^ w0;

    for (unsigned i = 0; i < 5; i++) {
        s ^= k0 ^ tweak ^ round_const[i];
        if (i)
            s = mix_columns(permute(s, tau));
        s = substitute(s, sigma);
        tweak = tweak_next(tweak);
    }
    s = substitute(mix_columns(permute(s ^ w1 ^ tweak, tau)), sigma);
    s = mix_columns(permute(s, tau)) ^ k0; /* the reflector */
    s = substitute(permute(s, tau_inv), sigma_inv);
    s = permute(mix_columns(s), tau_inv) ^ w0 ^ tweak;
    for (unsigned i = 5; i-- > 0;) {
        s = substitute(s, sigma_inv);
        if (i)
            s = permute(mix_columns(s), tau_inv);
        tweak = tweak_back(tweak);
        s ^= k0 ^ tweak ^ round_const[i] ^ alpha;
    }
    return s ^ w1;
}

/* ---- the fast code ---- */

static uint64_t hash(uint64_t data, uint64_t modifier, const uint64_t key[2])
{
    uint64_t x = data ^ key[0], y = modifier ^ key[1];

    x = (x ^ x >> 29) * 0xff51afd7ed558ccdull;
    y = (y ^ y >> 31) * 0xc4ceb9fe1a85ec53ull;
    x ^= bits_ror64(y, 23);
    x = (x ^ x >> 32) * 0x9fb21c651e98df25ull;
    return x ^ x >> 28;
}

static uint64_t compute(const struct a64_cpu *c, uint64_t ptr, uint64_t modifier, unsigned key)
{
    if (c->cfg->pac == A64_PAC_IMPDEF)
        return hash(ptr, modifier, c->keys[key]);
    return qarma5(ptr, modifier, c->keys[key][1], c->keys[key][0]);
}

/* ---- pointers ---- */

/* Where a pointer holds its code: [low, 55), and [56, 64) where the top byte is not ignored. */
struct layout {
    unsigned low;
    bool top_byte;
    bool upper; /* half of the address space */
};

/* Programs: 48 bits and top byte ignore in the lower half; no code in the top byte of the upper half,
 * which is theirs only by mistake. Machines: as TCR_EL1 says, for branches with TBID. */
static struct layout layout_of(const struct a64_cpu *c, uint64_t ptr, uint32_t key)
{
    struct layout l = { .low = VA_BITS, .upper = ptr >> TOP & 1 };
    unsigned tsz;

    if (c->user)
        return l;
    tsz = l.upper ? c->s.tcr >> 16 & 63 : c->s.tcr & 63;
    l.low = tsz < 12 ? 52 : tsz > 48 ? 16 : 64 - tsz;
    l.top_byte = !a64_tbi(c, ptr, key == A64_KEY_IA || key == A64_KEY_IB);
    return l;
}

static uint64_t field(const struct layout *l)
{
    return (bits_mask(TOP - l->low) << l->low) | (l->top_byte ? 0xffull << 56 : 0);
}

/* The pointer without a code: bit 55 extends into its place; a program's upper half has no top byte
 * ignore, as under Linux. */
static uint64_t strip(const struct a64_cpu *c, const struct layout *l, uint64_t ptr)
{
    if (!l->upper)
        return ptr & ~field(l);
    return ptr | field(l) | (c->user ? 0xffull << 56 : 0);
}

static uint64_t pac(struct tcg_vcpu *v, uint64_t ptr, uint64_t modifier, uint32_t key)
{
    const struct a64_cpu *c = a64_cpu(v);
    struct layout l = layout_of(c, ptr, key);
    uint64_t code = compute(c, strip(c, &l, ptr), modifier, key), mask = field(&l);

    if ((ptr & mask) != (l.upper ? mask : 0)) /* was no canonical pointer: spoil it */
        code ^= l.top_byte ? 1ull << 62 : 1ull << (TOP - 1);
    return (ptr & ~mask) | (code & mask);
}

static bool passes(struct tcg_vcpu *v, uint64_t ptr, uint64_t modifier, uint32_t key)
{
    const struct a64_cpu *c = a64_cpu(v);
    struct layout l = layout_of(c, ptr, key);

    return !((compute(c, strip(c, &l, ptr), modifier, key) ^ ptr) & field(&l));
}

static uint64_t aut(struct tcg_vcpu *v, uint64_t ptr, uint64_t modifier, uint32_t key)
{
    const struct a64_cpu *c = a64_cpu(v);
    struct layout l = layout_of(c, ptr, key);

    if (passes(v, ptr, modifier, key))
        return strip(c, &l, ptr);
    /* error code: A keys 01, B keys 10 */
    return bits_put(strip(c, &l, ptr), l.top_byte ? 61 : TOP - 2, 2, key & 1 ? 2 : 1);
}

static uint64_t xpac(struct tcg_vcpu *v, uint64_t ptr, uint32_t key)
{
    const struct a64_cpu *c = a64_cpu(v);
    struct layout l = layout_of(c, ptr, key);

    return strip(c, &l, ptr);
}

static uint32_t autf(struct tcg_vcpu *v, uint64_t ptr, uint64_t modifier, uint32_t key)
{
    if (passes(v, ptr, modifier, key))
        return 0;
    v->exit.reason = TCG_EXIT_EXCEPTION;
    v->exit.code = A64_EXC_PAC;
    a64_cpu(v)->s.pac_key = (uint8_t)key;
    v->exit.addr = ptr;
    return 1;
}

static uint64_t pacga(struct tcg_vcpu *v, uint64_t x, uint64_t y)
{
    return compute(a64_cpu(v), x, y, A64_KEY_GA) & ~0xffffffffull;
}

const struct tcg_helper a64_helper_pac = {
    .name = "a64_pac", .fn = (void (*)(void))pac, .ret = TCG_I64, .nargs = 3,
    .args = { TCG_I64, TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper a64_helper_aut = {
    .name = "a64_aut", .fn = (void (*)(void))aut, .ret = TCG_I64, .nargs = 3,
    .args = { TCG_I64, TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper a64_helper_autf = {
    .name = "a64_autf", .fn = (void (*)(void))autf, .ret = TCG_VOID, .nargs = 3,
    .args = { TCG_I64, TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
const struct tcg_helper a64_helper_xpac = {
    .name = "a64_xpac", .fn = (void (*)(void))xpac, .ret = TCG_I64, .nargs = 2,
    .args = { TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper a64_helper_pacga = {
    .name = "a64_pacga", .fn = (void (*)(void))pacga, .ret = TCG_I64, .nargs = 2,
    .args = { TCG_I64, TCG_I64 }, .flags = TCG_H_VCPU,
};

uint64_t a64_qarma5(uint64_t data, uint64_t modifier, uint64_t key_hi, uint64_t key_lo)
{
    return qarma5(data, modifier, key_hi, key_lo);
}
