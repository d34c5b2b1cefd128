/* SPDX-License-Identifier: MIT */
/* frontends/common/crypto_hash.c -- SHA-1, SHA-256, SHA-512 and SM3 instructions.
 *
 * FIPS 180-4, FIPS 202, GB/T 32905; Arm ARM pseudocode of the instructions, SHA256hash and
 * SHAchoose, SHAmajority, SHAparity, SHAhashSIGMA0/1. */
#include "tcg/crypto.h"

#include "base/bits.h"

struct words { /* a vector as four 32-bit elements */
    uint32_t w[4];
};

static struct words words_of(const uint64_t v[2])
{
    return (struct words){ { (uint32_t)v[0], (uint32_t)(v[0] >> 32), (uint32_t)v[1],
                             (uint32_t)(v[1] >> 32) } };
}

static void put_words(uint64_t d[2], const struct words *v)
{
    d[0] = v->w[0] | (uint64_t)v->w[1] << 32;
    d[1] = v->w[2] | (uint64_t)v->w[3] << 32;
}

static uint32_t rol32(uint32_t v, unsigned n)
{
    return bits_ror32(v, 32 - n);
}

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return ((y ^ z) & x) ^ z;
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | ((x | y) & z);
}

static uint32_t parity(uint32_t x, uint32_t y, uint32_t z)
{
    return x ^ y ^ z;
}

/* ---- SHA-1 ---- */

static void sha1_rounds(uint64_t d[2], const uint64_t vd[2], uint32_t y, const uint64_t vm[2],
                        uint32_t (*f)(uint32_t, uint32_t, uint32_t))
{
    struct words x = words_of(vd), m = words_of(vm);

    for (unsigned i = 0; i < 4; i++) {
        uint32_t top = x.w[3];

        y += rol32(x.w[0], 5) + f(x.w[1], x.w[2], x.w[3]) + m.w[i];
        x.w[3] = x.w[2];
        x.w[2] = rol32(x.w[1], 30);
        x.w[1] = x.w[0];
        x.w[0] = y;
        y = top;
    }
    put_words(d, &x);
}

void crypto_sha1c(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2])
{
    sha1_rounds(d, vd, n, vm, choose);
}

void crypto_sha1p(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2])
{
    sha1_rounds(d, vd, n, vm, parity);
}

void crypto_sha1m(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2])
{
    sha1_rounds(d, vd, n, vm, majority);
}

void crypto_sha1su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2])
{
    uint64_t lo = vd[1] ^ vd[0] ^ vm[0], hi = vn[0] ^ vd[1] ^ vm[1];

    d[0] = lo;
    d[1] = hi;
}

void crypto_sha1su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2])
{
    struct words a = words_of(vd), b = words_of(vn), r;
    uint32_t t0 = a.w[0] ^ b.w[1];

    r.w[0] = rol32(t0, 1);
    r.w[1] = rol32(a.w[1] ^ b.w[2], 1);
    r.w[2] = rol32(a.w[2] ^ b.w[3], 1);
    r.w[3] = rol32(a.w[3], 1) ^ rol32(t0, 2);
    put_words(d, &r);
}

/* ---- SHA-256 ---- */

static void sha256_rounds(struct words *x, struct words *y, const struct words *w)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t y0 = y->w[0], x0 = x->w[0];
        uint32_t s1 = bits_ror32(y0, 6) ^ bits_ror32(y0, 11) ^ bits_ror32(y0, 25);
        uint32_t s0 = bits_ror32(x0, 2) ^ bits_ror32(x0, 13) ^ bits_ror32(x0, 22);
        uint32_t t = y->w[3] + s1 + choose(y0, y->w[1], y->w[2]) + w->w[i];
        uint32_t new_x = t + x->w[3];
        uint32_t new_y = t + s0 + majority(x0, x->w[1], x->w[2]);

        *x = (struct words){ { new_y, x->w[0], x->w[1], x->w[2] } };
        *y = (struct words){ { new_x, y->w[0], y->w[1], y->w[2] } };
    }
}

void crypto_sha256h(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2])
{
    struct words x = words_of(vd), y = words_of(vn), w = words_of(vm);

    sha256_rounds(&x, &y, &w);
    put_words(d, &x);
}

void crypto_sha256h2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                     const uint64_t vm[2])
{
    struct words x = words_of(vn), y = words_of(vd), w = words_of(vm);

    sha256_rounds(&x, &y, &w);
    put_words(d, &y);
}

void crypto_sha256su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2])
{
    struct words a = words_of(vd), b = words_of(vn);
    struct words t = { { a.w[1], a.w[2], a.w[3], b.w[0] } };

    for (unsigned i = 0; i < 4; i++)
        a.w[i] += bits_ror32(t.w[i], 7) ^ bits_ror32(t.w[i], 18) ^ t.w[i] >> 3;
    put_words(d, &a);
}

void crypto_sha256su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2])
{
    struct words a = words_of(vd), b = words_of(vn), c = words_of(vm), r;
    struct words t0 = { { b.w[1], b.w[2], b.w[3], c.w[0] } };

    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = i < 2 ? c.w[i + 2] : r.w[i - 2];

        r.w[i] = (bits_ror32(t, 17) ^ bits_ror32(t, 19) ^ t >> 10) + a.w[i] + t0.w[i];
    }
    put_words(d, &r);
}

/* ---- SHA-512 ---- */

static uint64_t sum0_512(uint64_t v)
{
    return bits_ror64(v, 28) ^ bits_ror64(v, 34) ^ bits_ror64(v, 39);
}

static uint64_t sum1_512(uint64_t v)
{
    return bits_ror64(v, 14) ^ bits_ror64(v, 18) ^ bits_ror64(v, 41);
}

void crypto_sha512h(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2])
{
    uint64_t hi = (vm[1] & vn[0]) ^ (~vm[1] & vn[1]), lo, t;

    hi += sum1_512(vm[1]) + vd[1];
    t = hi + vm[0];
    lo = (t & vm[1]) ^ (~t & vn[0]);
    lo += sum1_512(t) + vd[0];
    d[0] = lo;
    d[1] = hi;
}

void crypto_sha512h2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                     const uint64_t vm[2])
{
    uint64_t hi = (vn[0] & vm[1]) ^ (vn[0] & vm[0]) ^ (vm[1] & vm[0]), lo;

    hi += sum0_512(vm[0]) + vd[1];
    lo = (hi & vm[0]) ^ (hi & vm[1]) ^ (vm[1] & vm[0]);
    lo += sum0_512(hi) + vd[0];
    d[0] = lo;
    d[1] = hi;
}

static uint64_t sigma0_512(uint64_t v)
{
    return bits_ror64(v, 1) ^ bits_ror64(v, 8) ^ v >> 7;
}

static uint64_t sigma1_512(uint64_t v)
{
    return bits_ror64(v, 19) ^ bits_ror64(v, 61) ^ v >> 6;
}

void crypto_sha512su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2])
{
    uint64_t lo = vd[0] + sigma0_512(vd[1]), hi = vd[1] + sigma0_512(vn[0]);

    d[0] = lo;
    d[1] = hi;
}

void crypto_sha512su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2])
{
    uint64_t lo = vd[0] + sigma1_512(vn[0]) + vm[0], hi = vd[1] + sigma1_512(vn[1]) + vm[1];

    d[0] = lo;
    d[1] = hi;
}

/* ---- SM3 ---- */

static uint32_t sm3_p1(uint32_t v)
{
    return v ^ rol32(v, 15) ^ rol32(v, 23);
}

void crypto_sm3partw1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2])
{
    struct words a = words_of(vd), b = words_of(vn), c = words_of(vm), r;

    for (unsigned i = 0; i < 4; i++)
        r.w[i] = sm3_p1(a.w[i] ^ b.w[i] ^ rol32(i < 3 ? c.w[i + 1] : r.w[0], 15));
    put_words(d, &r);
}

void crypto_sm3partw2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2])
{
    struct words a = words_of(vd), b = words_of(vn), c = words_of(vm);

    for (unsigned i = 0; i < 4; i++) {
        b.w[i] ^= rol32(c.w[i], 7);
        a.w[i] ^= b.w[i];
    }
    a.w[3] ^= sm3_p1(rol32(b.w[0], 15));
    put_words(d, &a);
}

void crypto_sm3ss1(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2], const uint64_t va[2])
{
    uint32_t n = (uint32_t)(vn[1] >> 32), m = (uint32_t)(vm[1] >> 32), a = (uint32_t)(va[1] >> 32);

    d[0] = 0;
    d[1] = (uint64_t)rol32(rol32(n, 12) + m + a, 7) << 32;
}

static void sm3_tt1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index, uint32_t (*f)(uint32_t, uint32_t, uint32_t))
{
    struct words a = words_of(vd), n = words_of(vn), m = words_of(vm);
    uint32_t ss2 = n.w[3] ^ rol32(a.w[3], 12);
    uint32_t tt1 = f(a.w[3], a.w[2], a.w[1]) + a.w[0] + ss2 + m.w[index & 3];

    put_words(d, &(struct words){ { a.w[1], rol32(a.w[2], 9), a.w[3], tt1 } });
}

static void sm3_tt2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index, uint32_t (*f)(uint32_t, uint32_t, uint32_t))
{
    struct words a = words_of(vd), n = words_of(vn), m = words_of(vm);
    uint32_t tt2 = f(a.w[3], a.w[2], a.w[1]) + a.w[0] + n.w[3] + m.w[index & 3];

    tt2 ^= rol32(tt2, 9) ^ rol32(tt2, 17);
    put_words(d, &(struct words){ { a.w[1], rol32(a.w[2], 19), a.w[3], tt2 } });
}

void crypto_sm3tt1a(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index)
{
    sm3_tt1(d, vd, vn, vm, index, parity);
}

void crypto_sm3tt1b(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index)
{
    sm3_tt1(d, vd, vn, vm, index, majority);
}

void crypto_sm3tt2a(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index)
{
    sm3_tt2(d, vd, vn, vm, index, parity);
}

void crypto_sm3tt2b(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index)
{
    sm3_tt2(d, vd, vn, vm, index, choose);
}
