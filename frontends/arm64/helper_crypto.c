/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_crypto.c -- SHA1, SHA2, SHA512 (FIPS 180-4), SM3 and SM4 (GB/T 32905, 32907)
 * steps as helpers. What they compute is tcg/crypto.h, whose functions take two words where
 * a helper's argument is a vector of two words: the same thing to a caller in translated code. */
#include "frontends/arm64/helper_crypto.h"

#include "tcg/crypto.h"
#include "tcg/vec.h"

_Static_assert(sizeof(struct tcg_vec) == 2 * sizeof(uint64_t), "a vector is two words");

/* The hash value e comes as a vector register, of which word 0 counts. */
#define SHA1(name)                                                                                 \
    static void h_##name(struct tcg_vec *d, const struct tcg_vec *abcd, const struct tcg_vec *e,   \
                         const struct tcg_vec *wk)                                                 \
    {                                                                                              \
        crypto_##name(d->d, abcd->d, (uint32_t)e->d[0], wk->d);                                    \
    }
SHA1(sha1c)
SHA1(sha1p)
SHA1(sha1m)

#define PURE(name, fn, n, ...)                                                                     \
    const struct tcg_helper a64_h_##name = {                                                       \
        "a64_" #name, (void (*)(void))fn, TCG_V128, n, {__VA_ARGS__}, TCG_H_PURE, NULL, NULL,      \
    }
#define PURE2(name) PURE(name, crypto_##name, 2, TCG_V128, TCG_V128)
#define PURE3(name, fn) PURE(name, fn, 3, TCG_V128, TCG_V128, TCG_V128)
#define INDEXED(name) PURE(name, crypto_##name, 4, TCG_V128, TCG_V128, TCG_V128, TCG_I32)

PURE3(sha1c, h_sha1c);
PURE3(sha1p, h_sha1p);
PURE3(sha1m, h_sha1m);
PURE3(sha1su0, crypto_sha1su0);
PURE3(sha256h, crypto_sha256h);
PURE3(sha256h2, crypto_sha256h2);
PURE3(sha256su1, crypto_sha256su1);
PURE3(sha512h, crypto_sha512h);
PURE3(sha512h2, crypto_sha512h2);
PURE3(sha512su1, crypto_sha512su1);
PURE3(sm3partw1, crypto_sm3partw1);
PURE3(sm3partw2, crypto_sm3partw2);
PURE3(sm3ss1, crypto_sm3ss1);
PURE2(sha1su1);
PURE2(sha256su0);
PURE2(sha512su0);
PURE2(sm4e);
PURE2(sm4ekey);
INDEXED(sm3tt1a);
INDEXED(sm3tt1b);
INDEXED(sm3tt2a);
INDEXED(sm3tt2b);
