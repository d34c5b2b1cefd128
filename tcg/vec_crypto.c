// SPDX-License-Identifier: MIT
/* Reference of the four AES operations (FIPS 197; Arm names AESE, AESD, AESMC, AESIMC): vectors to
 * the words of tcg/crypto.h. */
#include "tcg/crypto.h"
#include "tcg/vec_lane.h"

void tcg_vec_vaese(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c, (void)x;
    crypto_aese(d->d, a->d, b->d);
}

void tcg_vec_vaesd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c, (void)x;
    crypto_aesd(d->d, a->d, b->d);
}

void tcg_vec_vaesmc(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c, (void)x;
    crypto_aesmc(d->d, a->d);
}

void tcg_vec_vaesimc(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c, (void)x;
    crypto_aesimc(d->d, a->d);
}
