/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_crypto.h -- hash and block cipher steps of the cryptographic extension. Pure
 * functions of 128-bit vectors, called from translated code. */
#ifndef FRONTENDS_ARM64_HELPER_CRYPTO_H
#define FRONTENDS_ARM64_HELPER_CRYPTO_H

#include "tcg/ir.h"

/* d, n, m */
extern const struct tcg_helper a64_h_sha1c;
extern const struct tcg_helper a64_h_sha1p;
extern const struct tcg_helper a64_h_sha1m;
extern const struct tcg_helper a64_h_sha1su0;
extern const struct tcg_helper a64_h_sha256h;
extern const struct tcg_helper a64_h_sha256h2;
extern const struct tcg_helper a64_h_sha256su1;
extern const struct tcg_helper a64_h_sha512h;
extern const struct tcg_helper a64_h_sha512h2;
extern const struct tcg_helper a64_h_sha512su1;
extern const struct tcg_helper a64_h_sm3partw1;
extern const struct tcg_helper a64_h_sm3partw2;
/* d, n; sm4ekey: n, m */
extern const struct tcg_helper a64_h_sha1su1;
extern const struct tcg_helper a64_h_sha256su0;
extern const struct tcg_helper a64_h_sha512su0;
extern const struct tcg_helper a64_h_sm4e;
extern const struct tcg_helper a64_h_sm4ekey;
extern const struct tcg_helper a64_h_sm3ss1; /* n, m, a */
/* d, n, m, index of the word of m */
extern const struct tcg_helper a64_h_sm3tt1a;
extern const struct tcg_helper a64_h_sm3tt1b;
extern const struct tcg_helper a64_h_sm3tt2a;
extern const struct tcg_helper a64_h_sm3tt2b;

#endif
