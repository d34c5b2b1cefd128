/* SPDX-License-Identifier: MIT */
/* frontends/common/crypto.h -- portable reference of the cipher, digest and checksum instructions,
 * under the names and with the operand order of the Arm ARM (chapter C7.2; CRC32 in C6.2).
 *
 * A vector is two 64-bit words, word 0 the low half (element 0 of 64-bit lanes), in host integers,
 * so results do not depend on the host's byte order; byte i is bits 8 * (i % 8) of word i / 8. The
 * result d may be the same array as any operand. Everything is pure and thread-safe. Time depends
 * on the data (table lookups): not for use on secrets of our own. */
#ifndef FRONTENDS_COMMON_CRYPTO_H
#define FRONTENDS_COMMON_CRYPTO_H

#include <stdint.h>

/* AESE: ShiftRows and SubBytes of a ^ b; AESD: the inverses; AESMC, AESIMC: (Inv)MixColumns. */
void crypto_aese(uint64_t d[2], const uint64_t a[2], const uint64_t b[2]);
void crypto_aesd(uint64_t d[2], const uint64_t a[2], const uint64_t b[2]);
void crypto_aesmc(uint64_t d[2], const uint64_t a[2]);
void crypto_aesimc(uint64_t d[2], const uint64_t a[2]);

/* PMUL: byte lanes, low byte of the polynomial product. PMULL: 8 byte lanes to 8 halfwords (the
 * "2" forms pass the upper words); 64 by 64 to 128 bits. */
void crypto_pmul8(uint64_t d[2], const uint64_t a[2], const uint64_t b[2]);
void crypto_pmull8(uint64_t d[2], uint64_t a, uint64_t b);
void crypto_pmull64(uint64_t d[2], uint64_t a, uint64_t b);

/* vd is the old value of the destination register; n the 32-bit scalar. */
void crypto_sha1c(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
void crypto_sha1p(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
void crypto_sha1m(uint64_t d[2], const uint64_t vd[2], uint32_t n, const uint64_t vm[2]);
uint32_t crypto_sha1h(uint32_t n);
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

/* EOR3 n ^ m ^ a; BCAX n ^ (m & ~a); RAX1 n ^ rol(m, 1); XAR ror(n ^ m, imm), imm 0..63. */
void crypto_eor3(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2], const uint64_t va[2]);
void crypto_bcax(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2], const uint64_t va[2]);
void crypto_rax1(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2]);
void crypto_xar(uint64_t d[2], const uint64_t vn[2], const uint64_t vm[2], unsigned imm);

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
