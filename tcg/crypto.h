/* SPDX-License-Identifier: MIT */
/* tcg/crypto.h -- portable reference of the cipher, digest and checksum steps that guests have as
 * instructions, under the names and with the operand order of the Arm ARM (chapter C7.2; CRC32 in
 * C6.2). IR operations and helpers of frontends both rest on it; frontends/common/ defines it.
 *
 * A vector is two 64-bit words, word 0 the low half (element 0 of 64-bit lanes), in host integers,
 * so results do not depend on the host's byte order; byte i is bits 8 * (i % 8) of word i / 8. The
 * result d may be the same array as any operand. Everything is pure and thread-safe. Time depends
 * on the data (table lookups): not for use on secrets of our own. */
#ifndef TCG_CRYPTO_H
#define TCG_CRYPTO_H

#include <stdint.h>

/* AESE: ShiftRows and SubBytes of a ^ b; AESD: the inverses; AESMC, AESIMC: (Inv)MixColumns. */
void crypto_aese(uint64_t d[2], const uint64_t a[2], const uint64_t b[2]);
void crypto_aesd(uint64_t d[2], const uint64_t a[2], const uint64_t b[2]);
void crypto_aesmc(uint64_t d[2], const uint64_t a[2]);
void crypto_aesimc(uint64_t d[2], const uint64_t a[2]);

/* vd is the old value of the destination register; n the 32-bit scalar. */
void crypto_sha1c(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
void crypto_sha1p(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
void crypto_sha1m(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
void crypto_sha1su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                    const uint64_t vm[2]);
void crypto_sha1su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2]);

void crypto_sha256h(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                    const uint64_t vm[2]);
void crypto_sha256h2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                     const uint64_t vm[2]);
void crypto_sha256su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2]);
void crypto_sha256su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2]);

void crypto_sha512h(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                    const uint64_t vm[2]);
void crypto_sha512h2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                     const uint64_t vm[2]);
void crypto_sha512su0(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2]);
void crypto_sha512su1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2]);

/* index: the 32-bit element of vm, 0..3. */
void crypto_sm3partw1(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2]);
void crypto_sm3partw2(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2],
                      const uint64_t vm[2]);
void crypto_sm3ss1(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2], const uint64_t va[2]);
void crypto_sm3tt1a(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index);
void crypto_sm3tt1b(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index);
void crypto_sm3tt2a(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index);
void crypto_sm3tt2b(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2], const uint64_t vm[2],
                    unsigned index);

void crypto_sm4e(uint64_t d[2], const uint64_t vd[2], const uint64_t vn[2]);
void crypto_sm4ekey(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2]);

/* The low bytes (1, 2, 4, 8) of value added to the checksum; no inversion before or after. */
uint32_t crypto_crc32(uint32_t acc, uint64_t value, unsigned bytes);
uint32_t crypto_crc32c(uint32_t acc, uint64_t value, unsigned bytes);

#endif
