/* SPDX-License-Identifier: MIT */
/* tests/frontends/common/crypto_test.c -- the crypto instructions, put together to whole algorithms
 * and compared with the published examples: FIPS 197 C.1, FIPS 180-4 ("abc"), GB/T 32905
 * and 32907, the check values of CRC-32 and CRC-32C. */
#include "base/base.h"
#include "base/bits.h"
#include "tcg/crypto.h"
#include "tests/unit.h"

#include <string.h>

/* The fraction bits of the cube roots of the first 80 primes: SHA-512's constants; SHA-256 takes
 * the upper halves of the first 64. */
static const uint64_t roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static void pair(uint64_t d[2], const uint32_t *w) /* four words as a vector */
{
    d[0] = w[0] | (uint64_t)w[1] << 32;
    d[1] = w[2] | (uint64_t)w[3] << 32;
}

static void copy(uint64_t d[2], const uint64_t a[2])
{
    d[0] = a[0];
    d[1] = a[1];
}

static uint32_t word(const uint64_t v[2], unsigned i)
{
    return (uint32_t)(v[i >> 1] >> (32 * (i & 1)));
}

#define CHECK_VEC(v, lo, hi)                  \
    do {                                      \
        ck_assert_uint_eq((v)[0], (lo));      \
        ck_assert_uint_eq((v)[1], (hi));      \
    } while (0)

/* ---- AES ---- */

static const uint64_t zero[2];

static uint32_t sub_word(uint32_t w) /* equal columns are not moved */
{
    uint64_t v[2] = { w | (uint64_t)w << 32, w | (uint64_t)w << 32 };

    crypto_aese(v, v, zero);
    return (uint32_t)v[0];
}

START_TEST(aes_128)
{
    uint32_t w[44] = { 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c }, rcon = 1;
    uint64_t s[2] = { 0x7766554433221100, 0xffeeddccbbaa9988 }, k[2];

    for (unsigned i = 4; i < 44; i++) {
        uint32_t t = w[i - 1];

        if (i % 4 == 0) {
            t = sub_word(bits_ror32(t, 8)) ^ rcon;
            rcon = rcon << 1 ^ (rcon >> 7) * 0x11b;
        }
        w[i] = w[i - 4] ^ t;
    }
    for (unsigned r = 0; r < 10; r++) {
        pair(k, w + 4 * r);
        crypto_aese(s, s, k);
        if (r < 9)
            crypto_aesmc(s, s);
    }
    pair(k, w + 40);
    s[0] ^= k[0];
    s[1] ^= k[1];
    CHECK_VEC(s, 0x30047b6ad8e0c469, 0x5ac5b47080b7cdd8);

    for (unsigned r = 10; r > 0; r--) { /* the equivalent inverse cipher */
        pair(k, w + 4 * r);
        if (r < 10)
            crypto_aesimc(k, k);
        crypto_aesd(s, s, k);
        if (r > 1)
            crypto_aesimc(s, s);
    }
    s[0] ^= 0x0706050403020100;
    s[1] ^= 0x0f0e0d0c0b0a0908;
    CHECK_VEC(s, 0x7766554433221100, 0xffeeddccbbaa9988);
}
END_TEST

/* ---- digests of "abc" ---- */

START_TEST(sha1)
{
    static const uint32_t init[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
    static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    uint32_t block[16] = { 0x61626380, [15] = 24 }, e0 = 0xc3d2e1f0;
    uint64_t w[4][2], abcd[2];

    for (unsigned i = 0; i < 4; i++)
        pair(w[i], block + 4 * i);
    pair(abcd, init);
    for (unsigned i = 0; i < 20; i++) {
        uint32_t t[4], e1 = bits_ror32((uint32_t)abcd[0], 2);
        uint64_t wk[2];

        for (unsigned j = 0; j < 4; j++)
            t[j] = word(w[i & 3], j) + k[i / 5];
        pair(wk, t);
        if (i < 5)
            crypto_sha1c(abcd, abcd, e0, wk);
        else if (i >= 10 && i < 15)
            crypto_sha1m(abcd, abcd, e0, wk);
        else
            crypto_sha1p(abcd, abcd, e0, wk);
        e0 = e1;
        crypto_sha1su0(w[i & 3], w[i & 3], w[(i + 1) & 3], w[(i + 2) & 3]);
        crypto_sha1su1(w[i & 3], w[i & 3], w[(i + 3) & 3]);
    }
    ck_assert_uint_eq(word(abcd, 0) + init[0], 0xa9993e36);
    ck_assert_uint_eq(word(abcd, 1) + init[1], 0x4706816a);
    ck_assert_uint_eq(word(abcd, 2) + init[2], 0xba3e2571);
    ck_assert_uint_eq(word(abcd, 3) + init[3], 0x7850c26c);
    ck_assert_uint_eq(e0 + 0xc3d2e1f0, 0x9cd0d89d);
}
END_TEST

START_TEST(sha256)
{
    static const uint32_t init[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    static const uint32_t want[8] = { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                      0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad };
    uint32_t block[16] = { 0x61626380, [15] = 24 };
    uint64_t w[4][2], abcd[2], efgh[2], old[2];

    for (unsigned i = 0; i < 4; i++)
        pair(w[i], block + 4 * i);
    pair(abcd, init);
    pair(efgh, init + 4);
    for (unsigned i = 0; i < 16; i++) {
        uint64_t wk[2];
        uint32_t t[4];

        for (unsigned j = 0; j < 4; j++)
            t[j] = word(w[i & 3], j) + (uint32_t)(roots[4 * i + j] >> 32);
        pair(wk, t);
        copy(old, abcd);
        crypto_sha256h(abcd, abcd, efgh, wk);
        crypto_sha256h2(efgh, efgh, old, wk);
        crypto_sha256su0(w[i & 3], w[i & 3], w[(i + 1) & 3]);
        crypto_sha256su1(w[i & 3], w[i & 3], w[(i + 2) & 3], w[(i + 3) & 3]);
    }
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq((uint32_t)(word(i < 4 ? abcd : efgh, i & 3) + init[i]), want[i]);
}
END_TEST

START_TEST(sha512)
{
    static const uint64_t init[8] = {
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    };
    static const uint64_t want[8] = {
        0xddaf35a193617aba, 0xcc417349ae204131, 0x12e6fa4e89a97ea2, 0x0a9eeee64b55d39a,
        0x2192992a274fc1a8, 0x36ba3c23a3feebbd, 0x454d4423643ce80e, 0x2a9ac94fa54ca49f,
    };
    uint64_t w[8][2] = { { 0x6162638000000000 }, [7] = { 0, 24 } }, s[4][2];

    memcpy(s, init, sizeof(s));
    for (unsigned i = 0; i < 40; i++) {
        uint64_t *m = w[i & 7];
        uint64_t fg[2] = { s[2][1], s[3][0] }, de[2] = { s[1][1], s[2][0] }, mid[2];
        uint64_t sum[2] = { s[3][0] + m[1] + roots[2 * i + 1], s[3][1] + m[0] + roots[2 * i] };

        crypto_sha512h(sum, sum, fg, de);
        copy(s[3], s[2]);
        s[2][0] = s[1][0] + sum[0];
        s[2][1] = s[1][1] + sum[1];
        crypto_sha512h2(sum, sum, s[1], s[0]);
        copy(s[1], s[0]);
        copy(s[0], sum);
        mid[0] = w[(i + 4) & 7][1];
        mid[1] = w[(i + 5) & 7][0];
        crypto_sha512su0(m, m, w[(i + 1) & 7]);
        crypto_sha512su1(m, m, w[(i + 7) & 7], mid);
    }
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(s[i / 2][i & 1] + init[i], want[i]);
}
END_TEST

START_TEST(sm3)
{
    static const uint32_t init[8] = { 0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                      0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e };
    static const uint32_t want[8] = { 0x66c7f0f4, 0x62eeedd9, 0xd1f2d46b, 0xdc10e4e2,
                                      0x4167c487, 0x5cf2f7a2, 0x297da02b, 0x8f4ba8e0 };
    uint32_t w[68] = { 0x61626380, [15] = 24 };
    uint64_t s[2][2];

    for (unsigned j = 16; j < 68; j += 4) {
        uint64_t a[2], b[2], c[2];

        pair(a, w + j - 16);
        pair(b, w + j - 9);
        pair(c, w + j - 4);
        crypto_sm3partw1(a, a, b, c);
        pair(b, w + j - 6);
        pair(c, w + j - 13);
        crypto_sm3partw2(a, a, b, c);
        for (unsigned i = 0; i < 4; i++)
            w[j + i] = word(a, i);
    }
    for (unsigned i = 0; i < 2; i++) {
        const uint32_t *p = init + 4 * i;

        pair(s[i], (const uint32_t[]){ p[3], p[2], p[1], p[0] });
    }
    for (unsigned j = 0; j < 64; j++) {
        uint32_t t = bits_ror32(j < 16 ? 0x79cc4519 : 0x7a879d8a, (64 - j) & 31), x[4];
        uint64_t ss[2], wv[2], xv[2], tv[2] = { 0, (uint64_t)t << 32 };

        for (unsigned i = 0; i < 4; i++)
            x[i] = w[(j & ~3u) + i] ^ w[(j & ~3u) + i + 4];
        pair(xv, x);
        pair(wv, w + (j & ~3u));
        crypto_sm3ss1(ss, s[0], tv, s[1]);
        if (j < 16) {
            crypto_sm3tt1a(s[0], s[0], ss, xv, j & 3);
            crypto_sm3tt2a(s[1], s[1], ss, wv, j & 3);
        } else {
            crypto_sm3tt1b(s[0], s[0], ss, xv, j & 3);
            crypto_sm3tt2b(s[1], s[1], ss, wv, j & 3);
        }
    }
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(word(s[i / 4], 3 - i % 4) ^ init[i], want[i]);
}
END_TEST

START_TEST(sm4)
{
    static const uint32_t text[4] = { 0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210 };
    static const uint32_t fk[4] = { 0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc };
    uint64_t key[2], state[2], fkv[2], ckv[2];

    pair(key, text);
    pair(fkv, fk);
    pair(state, text);
    key[0] ^= fkv[0];
    key[1] ^= fkv[1];
    for (unsigned i = 0; i < 8; i++) {
        uint32_t ck[4] = { 0 };

        for (unsigned j = 0; j < 16; j++)
            ck[j / 4] = ck[j / 4] << 8 | ((16 * i + j) * 7 & 0xff);
        pair(ckv, ck);
        crypto_sm4ekey(key, key, ckv);
        crypto_sm4e(state, state, key);
    }
    ck_assert_uint_eq(word(state, 3), 0x681edf34);
    ck_assert_uint_eq(word(state, 2), 0xd206965e);
    ck_assert_uint_eq(word(state, 1), 0x86b3e94f);
    ck_assert_uint_eq(word(state, 0), 0x536e4246);
}
END_TEST

/* The check value by steps of 1, 2, 4 or 8 bytes, the rest byte by byte. */
START_TEST(crc)
{
    static const char text[] = "123456789";
    unsigned step = 1u << _i;
    uint32_t a = ~0u, b = ~0u;

    for (unsigned i = 0; i < 9;) {
        unsigned n = i + step <= 9 ? step : 1;
        uint64_t v = 0xa5a5a5a5a5a5a5a5; /* bytes above n are ignored */

        for (unsigned j = 0; j < n; j++)
            v = bits_put(v, 8 * j, 8, (uint8_t)text[i + j]);
        a = crypto_crc32(a, v, n);
        b = crypto_crc32c(b, v, n);
        i += n;
    }
    ck_assert_uint_eq(~a, 0xcbf43926);
    ck_assert_uint_eq(~b, 0xe3069283);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, aes_128);
    tcase_add_test(tc, sha1);
    tcase_add_test(tc, sha256);
    tcase_add_test(tc, sha512);
    tcase_add_test(tc, sm3);
    tcase_add_test(tc, sm4);
    tcase_add_loop_test(tc, crc, 0, 4);
}

UNIT_MAIN("crypto", fill)
