/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_crypto.c -- SHA1, SHA2, SHA512 (FIPS 180-4), SM3 and SM4 (GB/T 32905, 32907)
 * steps as the A64 instructions of those names define them (manual C7.2). Words are named w[0..3] from
 * bit 0 up. */
#include "frontends/arm64/helper_crypto.h"

#include "base/bits.h"
#include "tcg/vec.h"

/* A vector as four words. */
struct words {
    uint32_t w[4];
};

static struct words words_of(const struct tcg_vec *v)
{
    return (struct words) { { (uint32_t)v->d[0], (uint32_t)(v->d[0] >> 32), (uint32_t)v->d[1],
                              (uint32_t)(v->d[1] >> 32) } };
}

static void set_words(struct tcg_vec *d, const struct words *x)
{
    d->d[0] = x->w[0] | (uint64_t)x->w[1] << 32;
    d->d[1] = x->w[2] | (uint64_t)x->w[3] << 32;
}

static uint32_t rol(uint32_t x, unsigned n)
{
    return bits_ror32(x, 32 - n);
}

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (~x & z);
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (x & z) | (y & z);
}

static uint32_t parity(uint32_t x, uint32_t y, uint32_t z)
{
    return x ^ y ^ z;
}

/* ---- SHA1 ---- */

static void sha1_rounds(struct tcg_vec *d, const struct tcg_vec *abcd, const struct tcg_vec *e,
                        const struct tcg_vec *wk, uint32_t (*f)(uint32_t, uint32_t, uint32_t))
{
    struct words x = words_of(abcd), w = words_of(wk);
    uint32_t y = (uint32_t)e->d[0];

    for (unsigned i = 0; i < 4; i++) {
        uint32_t sum = y + rol(x.w[0], 5) + f(x.w[1], x.w[2], x.w[3]) + w.w[i];

        y = x.w[3];
        x = (struct words) { { sum, x.w[0], rol(x.w[1], 30), x.w[2] } };
    }
    set_words(d, &x);
}

static void h_sha1c(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                    const struct tcg_vec *m)
{
    sha1_rounds(d, a, n, m, choose);
}

static void h_sha1p(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                    const struct tcg_vec *m)
{
    sha1_rounds(d, a, n, m, parity);
}

static void h_sha1m(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                    const struct tcg_vec *m)
{
    sha1_rounds(d, a, n, m, majority);
}

static void h_sha1su0(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                      const struct tcg_vec *m)
{
    uint64_t lo = a->d[1] ^ a->d[0] ^ m->d[0], hi = n->d[0] ^ a->d[1] ^ m->d[1];

    d->d[0] = lo;
    d->d[1] = hi;
}

static void h_sha1su1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n)
{
    struct words x = words_of(a), y = words_of(n);

    for (unsigned i = 0; i < 3; i++)
        x.w[i] ^= y.w[i + 1];
    x.w[3] = rol(x.w[3], 1) ^ rol(x.w[0], 2);
    for (unsigned i = 0; i < 3; i++)
        x.w[i] = rol(x.w[i], 1);
    set_words(d, &x);
}

/* ---- SHA256 ---- */

static uint32_t rotations(uint32_t x, unsigned p, unsigned q, unsigned r)
{
    return bits_ror32(x, p) ^ bits_ror32(x, q) ^ bits_ror32(x, r);
}

/* Four rounds on (x, y) = (abcd, efgh). */
static void sha256_rounds(struct words *x, struct words *y, const struct tcg_vec *wk)
{
    struct words w = words_of(wk);

    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = y->w[3] + rotations(y->w[0], 6, 11, 25) + choose(y->w[0], y->w[1], y->w[2]) + w.w[i];
        uint32_t a = t + rotations(x->w[0], 2, 13, 22) + majority(x->w[0], x->w[1], x->w[2]);
        uint32_t e = t + x->w[3];

        *x = (struct words) { { a, x->w[0], x->w[1], x->w[2] } };
        *y = (struct words) { { e, y->w[0], y->w[1], y->w[2] } };
    }
}

static void h_sha256h(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                      const struct tcg_vec *m)
{
    struct words x = words_of(a), y = words_of(n);

    sha256_rounds(&x, &y, m);
    set_words(d, &x);
}

static void h_sha256h2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                       const struct tcg_vec *m)
{
    struct words x = words_of(n), y = words_of(a);

    sha256_rounds(&x, &y, m);
    set_words(d, &y);
}

static void h_sha256su0(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n)
{
    struct words x = words_of(a), y = words_of(n), r;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t s = i < 3 ? x.w[i + 1] : y.w[0];

        r.w[i] = x.w[i] + (bits_ror32(s, 7) ^ bits_ror32(s, 18) ^ s >> 3);
    }
    set_words(d, &r);
}

static void h_sha256su1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                        const struct tcg_vec *m)
{
    struct words x = words_of(a), y = words_of(n), z = words_of(m), r;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t s = i < 2 ? z.w[i + 2] : r.w[i - 2], add = i < 3 ? y.w[i + 1] : z.w[0];

        r.w[i] = x.w[i] + add + (bits_ror32(s, 17) ^ bits_ror32(s, 19) ^ s >> 10);
    }
    set_words(d, &r);
}

/* ---- SHA512 ---- */

static uint64_t rotations64(uint64_t x, unsigned p, unsigned q, unsigned r)
{
    return bits_ror64(x, p) ^ bits_ror64(x, q) ^ bits_ror64(x, r);
}

static void h_sha512h(struct tcg_vec *d, const struct tcg_vec *w, const struct tcg_vec *x,
                      const struct tcg_vec *y)
{
    uint64_t hi = ((y->d[1] & x->d[0]) ^ (~y->d[1] & x->d[1])) + rotations64(y->d[1], 14, 18, 41) + w->d[1];
    uint64_t s = hi + y->d[0];
    uint64_t lo = ((s & y->d[1]) ^ (~s & x->d[0])) + rotations64(s, 14, 18, 41) + w->d[0];

    d->d[0] = lo;
    d->d[1] = hi;
}

static void h_sha512h2(struct tcg_vec *d, const struct tcg_vec *w, const struct tcg_vec *x,
                       const struct tcg_vec *y)
{
    uint64_t p = y->d[0], q = y->d[1];
    uint64_t hi = ((x->d[0] & q) ^ (x->d[0] & p) ^ (q & p)) + rotations64(p, 28, 34, 39) + w->d[1];
    uint64_t lo = ((hi & p) ^ (hi & q) ^ (q & p)) + rotations64(hi, 28, 34, 39) + w->d[0];

    d->d[0] = lo;
    d->d[1] = hi;
}

static void h_sha512su0(struct tcg_vec *d, const struct tcg_vec *w, const struct tcg_vec *x)
{
    uint64_t s = w->d[1], u = x->d[0];
    uint64_t lo = w->d[0] + (bits_ror64(s, 1) ^ bits_ror64(s, 8) ^ s >> 7);
    uint64_t hi = w->d[1] + (bits_ror64(u, 1) ^ bits_ror64(u, 8) ^ u >> 7);

    d->d[0] = lo;
    d->d[1] = hi;
}

static void h_sha512su1(struct tcg_vec *d, const struct tcg_vec *w, const struct tcg_vec *x,
                        const struct tcg_vec *y)
{
    struct tcg_vec r;

    for (unsigned i = 0; i < 2; i++)
        r.d[i] = w->d[i] + y->d[i] + (bits_ror64(x->d[i], 19) ^ bits_ror64(x->d[i], 61) ^ x->d[i] >> 6);
    *d = r;
}

/* ---- SM3 ---- */

static void h_sm3partw1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                        const struct tcg_vec *m)
{
    struct words x = words_of(a), y = words_of(n), z = words_of(m), r;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t s = x.w[i] ^ y.w[i] ^ rol(i < 3 ? z.w[i + 1] : r.w[0], 15);

        r.w[i] = s ^ rol(s, 15) ^ rol(s, 23);
    }
    set_words(d, &r);
}

static void h_sm3partw2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                        const struct tcg_vec *m)
{
    struct words x = words_of(a), y = words_of(n), z = words_of(m), r;
    uint32_t first = y.w[0] ^ rol(z.w[0], 7), s = rol(first, 15);

    for (unsigned i = 0; i < 4; i++)
        r.w[i] = x.w[i] ^ y.w[i] ^ rol(z.w[i], 7);
    r.w[3] ^= s ^ rol(s, 15) ^ rol(s, 23);
    set_words(d, &r);
}

static void h_sm3ss1(struct tcg_vec *d, const struct tcg_vec *n, const struct tcg_vec *m,
                     const struct tcg_vec *a)
{
    uint32_t x = (uint32_t)(n->d[1] >> 32), y = (uint32_t)(m->d[1] >> 32), z = (uint32_t)(a->d[1] >> 32);
    uint32_t r = rol(rol(x, 12) + y + z, 7);

    d->d[0] = 0;
    d->d[1] = (uint64_t)r << 32;
}

static void h_sm3tt(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *n,
                    const struct tcg_vec *m, uint32_t ctl)
{
    struct words x = words_of(a), y = words_of(n), z = words_of(m);
    unsigned which = ctl >> 2;
    uint32_t f, sum;

    if (which == 1)
        f = majority(x.w[3], x.w[1], x.w[2]);
    else if (which == 3)
        f = choose(x.w[3], x.w[2], x.w[1]);
    else
        f = parity(x.w[1], x.w[2], x.w[3]);
    sum = f + x.w[0] + z.w[ctl & 3];
    if (which < 2)
        sum += y.w[3] ^ rol(x.w[3], 12);
    else
        sum += y.w[3];
    x = (struct words) { { x.w[1], rol(x.w[2], which < 2 ? 9 : 19), x.w[3],
                           which < 2 ? sum : sum ^ rol(sum, 9) ^ rol(sum, 17) } };
    set_words(d, &x);
}

/* ---- SM4 ---- */

static const uint8_t sm4_box[256] = {
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
};

static uint32_t sm4_sub(uint32_t x)
{
    return sm4_box[x & 255] | (uint32_t)sm4_box[x >> 8 & 255] << 8 |
           (uint32_t)sm4_box[x >> 16 & 255] << 16 | (uint32_t)sm4_box[x >> 24] << 24;
}

static void sm4_rounds(struct tcg_vec *d, const struct tcg_vec *state, const struct tcg_vec *keys,
                       bool schedule)
{
    struct words x = words_of(state), k = words_of(keys);

    for (unsigned i = 0; i < 4; i++) {
        uint32_t s = sm4_sub(x.w[3] ^ x.w[2] ^ x.w[1] ^ k.w[i]);

        s ^= schedule ? rol(s, 13) ^ rol(s, 23) : rol(s, 2) ^ rol(s, 10) ^ rol(s, 18) ^ rol(s, 24);
        x = (struct words) { { x.w[1], x.w[2], x.w[3], s ^ x.w[0] } };
    }
    set_words(d, &x);
}

static void h_sm4e(struct tcg_vec *d, const struct tcg_vec *state, const struct tcg_vec *keys)
{
    sm4_rounds(d, state, keys, false);
}

static void h_sm4ekey(struct tcg_vec *d, const struct tcg_vec *state, const struct tcg_vec *consts)
{
    sm4_rounds(d, state, consts, true);
}

/* ---- declarations ---- */

const struct tcg_helper a64_h_sha1c = {
    "a64_sha1c", (void (*)(void))h_sha1c, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha1p = {
    "a64_sha1p", (void (*)(void))h_sha1p, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha1m = {
    "a64_sha1m", (void (*)(void))h_sha1m, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha1su0 = {
    "a64_sha1su0", (void (*)(void))h_sha1su0, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha256h = {
    "a64_sha256h", (void (*)(void))h_sha256h, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha256h2 = {
    "a64_sha256h2", (void (*)(void))h_sha256h2, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha256su1 = {
    "a64_sha256su1", (void (*)(void))h_sha256su1, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha512h = {
    "a64_sha512h", (void (*)(void))h_sha512h, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha512h2 = {
    "a64_sha512h2", (void (*)(void))h_sha512h2, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha512su1 = {
    "a64_sha512su1", (void (*)(void))h_sha512su1, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm3partw1 = {
    "a64_sm3partw1", (void (*)(void))h_sm3partw1, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm3partw2 = {
    "a64_sm3partw2", (void (*)(void))h_sm3partw2, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha1su1 = {
    "a64_sha1su1", (void (*)(void))h_sha1su1, TCG_V128, 2, { TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha256su0 = {
    "a64_sha256su0", (void (*)(void))h_sha256su0, TCG_V128, 2, { TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sha512su0 = {
    "a64_sha512su0", (void (*)(void))h_sha512su0, TCG_V128, 2, { TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm4e = {
    "a64_sm4e", (void (*)(void))h_sm4e, TCG_V128, 2, { TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm4ekey = {
    "a64_sm4ekey", (void (*)(void))h_sm4ekey, TCG_V128, 2, { TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm3ss1 = {
    "a64_sm3ss1", (void (*)(void))h_sm3ss1, TCG_V128, 3, { TCG_V128, TCG_V128, TCG_V128 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_sm3tt = {
    "a64_sm3tt", (void (*)(void))h_sm3tt, TCG_V128, 4, { TCG_V128, TCG_V128, TCG_V128, TCG_I32 }, TCG_H_PURE,
    NULL, NULL,
};
