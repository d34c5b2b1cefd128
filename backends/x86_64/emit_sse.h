/* SPDX-License-Identifier: MIT */
/* backends/x86_64/emit_sse.h -- vector and float instructions in one spelling for both encodings:
 * with AVX the three-operand VEX form is written, without it a copy and the legacy form.
 *
 * An instruction is named by an X_ constant: the encoder's opcode word plus marks. Registers are
 * numbers 0..15. The result of x3 and its kin must not be the register of b unless it is also that
 * of a, the instruction commutes, or the host has AVX. */
#ifndef BACKENDS_X86_64_EMIT_SSE_H
#define BACKENDS_X86_64_EMIT_SSE_H

#include "backends/x86_64/gen.h"

#define X_W 0x40000u    /* REX.W or VEX.W */
#define X_COMM 0x80000u /* operands may swap */
#define X_EXT(n) ((uint32_t)(n) << 24) /* ModRM.reg of a shift by an immediate */
#define X_N(byte) OPC(P_NONE, M_0F, byte)
#define X_6(byte) OPC(P_66, M_0F, byte)
#define X_638(byte) OPC(P_66, M_0F38, byte)
#define X_63A(byte) OPC(P_66, M_0F3A, byte)
#define X_S(byte) OPC(P_F3, M_0F, byte)
#define X_D(byte) OPC(P_F2, M_0F, byte)

enum x_op {
    /* integer lanes */
    X_PADDB = X_6(0xfc) | X_COMM, X_PADDW = X_6(0xfd) | X_COMM, X_PADDD = X_6(0xfe) | X_COMM,
    X_PADDQ = X_6(0xd4) | X_COMM, X_PSUBB = X_6(0xf8), X_PSUBW = X_6(0xf9), X_PSUBD = X_6(0xfa),
    X_PSUBQ = X_6(0xfb), X_PMULLW = X_6(0xd5) | X_COMM, X_PMULLD = X_638(0x40) | X_COMM,
    X_PMULHW = X_6(0xe5) | X_COMM, X_PMULHUW = X_6(0xe4) | X_COMM,
    X_PMULUDQ = X_6(0xf4) | X_COMM, X_PMULDQ = X_638(0x28) | X_COMM,
    X_PMULHRSW = X_638(0x0b) | X_COMM, X_PMADDWD = X_6(0xf5) | X_COMM, X_PMADDUBSW = X_638(0x04),
    X_PAND = X_6(0xdb) | X_COMM, X_POR = X_6(0xeb) | X_COMM, X_PXOR = X_6(0xef) | X_COMM,
    X_PANDN = X_6(0xdf), /* ~a & b */
    X_PABSB = X_638(0x1c), X_PABSW = X_638(0x1d), X_PABSD = X_638(0x1e),
    X_PCMPEQB = X_6(0x74) | X_COMM, X_PCMPEQW = X_6(0x75) | X_COMM,
    X_PCMPEQD = X_6(0x76) | X_COMM, X_PCMPEQQ = X_638(0x29) | X_COMM,
    X_PCMPGTB = X_6(0x64), X_PCMPGTW = X_6(0x65), X_PCMPGTD = X_6(0x66), X_PCMPGTQ = X_638(0x37),
    X_PMINUB = X_6(0xda) | X_COMM, X_PMINUW = X_638(0x3a) | X_COMM, X_PMINUD = X_638(0x3b) | X_COMM,
    X_PMAXUB = X_6(0xde) | X_COMM, X_PMAXUW = X_638(0x3e) | X_COMM, X_PMAXUD = X_638(0x3f) | X_COMM,
    X_PMINSB = X_638(0x38) | X_COMM, X_PMINSW = X_6(0xea) | X_COMM, X_PMINSD = X_638(0x39) | X_COMM,
    X_PMAXSB = X_638(0x3c) | X_COMM, X_PMAXSW = X_6(0xee) | X_COMM, X_PMAXSD = X_638(0x3d) | X_COMM,
    X_PADDUSB = X_6(0xdc) | X_COMM, X_PADDUSW = X_6(0xdd) | X_COMM, X_PADDSB = X_6(0xec) | X_COMM,
    X_PADDSW = X_6(0xed) | X_COMM, X_PSUBUSB = X_6(0xd8), X_PSUBUSW = X_6(0xd9),
    X_PSUBSB = X_6(0xe8), X_PSUBSW = X_6(0xe9), X_PAVGB = X_6(0xe0) | X_COMM,
    X_PAVGW = X_6(0xe3) | X_COMM, X_PSADBW = X_6(0xf6) | X_COMM,
    X_PHADDW = X_638(0x01), X_PHADDD = X_638(0x02),
    /* shifts by an immediate */
    X_PSRLWI = X_6(0x71) | X_EXT(2), X_PSRAWI = X_6(0x71) | X_EXT(4),
    X_PSLLWI = X_6(0x71) | X_EXT(6),
    X_PSRLDI = X_6(0x72) | X_EXT(2), X_PSRADI = X_6(0x72) | X_EXT(4),
    X_PSLLDI = X_6(0x72) | X_EXT(6),
    X_PSRLQI = X_6(0x73) | X_EXT(2), X_PSLLQI = X_6(0x73) | X_EXT(6),
    X_PSRLDQI = X_6(0x73) | X_EXT(3), X_PSLLDQI = X_6(0x73) | X_EXT(7),
    /* AVX2 shifts by lanes */
    X_PSRLVD = X_638(0x45), X_PSRLVQ = X_638(0x45) | X_W, X_PSRAVD = X_638(0x46),
    X_PSLLVD = X_638(0x47), X_PSLLVQ = X_638(0x47) | X_W,
    /* permutes */
    X_PACKSSWB = X_6(0x63), X_PACKSSDW = X_6(0x6b), X_PACKUSWB = X_6(0x67),
    X_PACKUSDW = X_638(0x2b),
    X_PUNPCKLBW = X_6(0x60), X_PUNPCKLWD = X_6(0x61), X_PUNPCKLDQ = X_6(0x62),
    X_PUNPCKLQDQ = X_6(0x6c), X_PUNPCKHBW = X_6(0x68), X_PUNPCKHWD = X_6(0x69),
    X_PUNPCKHDQ = X_6(0x6a), X_PUNPCKHQDQ = X_6(0x6d),
    X_PSHUFB = X_638(0x00), X_PSHUFD = X_6(0x70), X_PSHUFLW = X_D(0x70), X_PSHUFHW = X_S(0x70),
    X_PALIGNR = X_63A(0x0f), X_PBLENDW = X_63A(0x0e), X_SHUFPS = X_N(0xc6),
    X_PMOVSXBW = X_638(0x20), X_PMOVSXWD = X_638(0x23), X_PMOVSXDQ = X_638(0x25),
    X_PMOVZXBW = X_638(0x30), X_PMOVZXWD = X_638(0x33), X_PMOVZXDQ = X_638(0x35),
    X_PBROADCASTB = X_638(0x78), X_PBROADCASTW = X_638(0x79), /* AVX2 */
    X_PEXTRB = X_63A(0x14), X_PEXTRW = X_63A(0x15), X_PEXTRD = X_63A(0x16),
    X_PEXTRQ = X_63A(0x16) | X_W, X_PINSRB = X_63A(0x20), X_PINSRW = X_6(0xc4),
    X_PINSRD = X_63A(0x22), X_PINSRQ = X_63A(0x22) | X_W,
    X_MOVQ = X_S(0x7e), X_INSERTPS = X_63A(0x21), X_MOVMSKPS = X_N(0x50), X_MOVMSKPD = X_6(0x50),
    X_PMOVMSKB = X_6(0xd7), X_PTEST = X_638(0x17),
    /* crypto */
    X_PCLMULQDQ = X_63A(0x44), X_AESENC = X_638(0xdc), X_AESENCLAST = X_638(0xdd),
    X_AESDECLAST = X_638(0xdf), X_AESIMC = X_638(0xdb),
    /* float; packed single: X_xPS, other formats by x_fmt() */
    X_ADDPS = X_N(0x58) | X_COMM, X_SUBPS = X_N(0x5c), X_MULPS = X_N(0x59) | X_COMM,
    X_DIVPS = X_N(0x5e), X_MINPS = X_N(0x5d), X_MAXPS = X_N(0x5f), X_SQRTPS = X_N(0x51),
    X_CMPPS = X_N(0xc2),
    X_ANDPS = X_N(0x54) | X_COMM, X_ORPS = X_N(0x56) | X_COMM, X_XORPS = X_N(0x57) | X_COMM,
    X_ANDNPS = X_N(0x55), X_MOVAPS = X_N(0x28),
    X_UCOMISS = X_N(0x2e), X_UCOMISD = X_6(0x2e), X_COMISS = X_N(0x2f), X_COMISD = X_6(0x2f),
    X_ROUNDPS = X_63A(0x08), X_ROUNDPD = X_63A(0x09), X_ROUNDSS = X_63A(0x0a),
    X_ROUNDSD = X_63A(0x0b),
    X_CVTSS2SD = X_S(0x5a), X_CVTSD2SS = X_D(0x5a), X_CVTPS2PD = X_N(0x5a), X_CVTPD2PS = X_6(0x5a),
    X_CVTSI2SS = X_S(0x2a), X_CVTSI2SD = X_D(0x2a), X_CVTTSS2SI = X_S(0x2c),
    X_CVTTSD2SI = X_D(0x2c),
    X_CVTDQ2PS = X_N(0x5b), X_CVTTPS2DQ = X_S(0x5b),
    X_CVTPH2PS = X_638(0x13), X_CVTPS2PH = X_63A(0x1d), /* F16C */
    X_FMADD231PS = X_638(0xb8), X_FMADD231SS = X_638(0xb9), X_FMADD231PD = X_638(0xb8) | X_W,
    X_FMADD231SD = X_638(0xb9) | X_W, X_FNMADD231SS = X_638(0xbd),
    X_FNMADD231SD = X_638(0xbd) | X_W,
    X_FNMADD231PS = X_638(0xbc), X_FNMADD231PD = X_638(0xbc) | X_W,
    X_BLENDVPS = X_63A(0x4a), X_BLENDVPD = X_63A(0x4b), X_PBLENDVB = X_63A(0x4c), /* VEX only */
};

static inline bool x_avx(const struct gen *g)
{
    return g->cpu & CPU_AVX;
}
/* The form of a packed-single opcode (map 0F) for other formats. */
static inline uint32_t x_pd(uint32_t ps) { return ps | OPC(P_66, 0, 0); }
static inline uint32_t x_ss(uint32_t ps) { return ps | OPC(P_F3, 0, 0); }
static inline uint32_t x_sd(uint32_t ps) { return ps | OPC(P_F2, 0, 0); }
static inline uint32_t x_scalar(uint32_t ps, bool is64) { return is64 ? x_sd(ps) : x_ss(ps); }
static inline uint32_t x_packed(uint32_t ps, bool is64) { return is64 ? x_pd(ps) : ps; }

/* d = op(s); also compares (d is the left operand), d or s general where op says so. */
void x2(struct gen *g, uint32_t op, int d, int s);
void x2m(struct gen *g, uint32_t op, int d, const struct emit_mem *m);
void x2i(struct gen *g, uint32_t op, int d, int s, unsigned imm);
/* Scalar instruction with one source whose VEX form takes the upper lanes from a third operand:
 * here from the source; legacy: d's stay. */
void x1(struct gen *g, uint32_t op, int d, int s);
void x1i(struct gen *g, uint32_t op, int d, int s, unsigned imm);
/* d = op(a, b); b may be general where op says so. */
void x3(struct gen *g, uint32_t op, int d, int a, int b);
void x3m(struct gen *g, uint32_t op, int d, int a, const struct emit_mem *m);
void x3i(struct gen *g, uint32_t op, int d, int a, int b, unsigned imm);
/* Likewise with b a general register. */
void x3r(struct gen *g, uint32_t op, int d, int a, int b);
/* d = a shifted by n. */
void xsh(struct gen *g, uint32_t op, int d, int a, unsigned n);
/* d += op(a, b), FMA. */
void xfma(struct gen *g, uint32_t op, int d, int a, int b);
/* d = mask's sign (bytes for X_PBLENDVB) ? b : a. AVX only. */
void xblendv(struct gen *g, uint32_t op, int d, int a, int b, int mask);
/* d = a copy. */
void xmov(struct gen *g, int d, int s);
void xzero(struct gen *g, int d);
void xones(struct gen *g, int d);
/* d = op(a, constant); the constant is the pool's. */
void x3k(struct gen *g, uint32_t op, int d, int a, uint64_t lo, uint64_t hi);
/* Likewise with an immediate behind the address of the constant. */
void x3ki(struct gen *g, uint32_t op, int d, int a, uint64_t lo, uint64_t hi, unsigned imm);
void xload_k(struct gen *g, int d, uint64_t lo, uint64_t hi);
/* A lane value in all lanes of a 64-bit word. */
uint64_t x_splat(unsigned lane, uint64_t v);

#endif
