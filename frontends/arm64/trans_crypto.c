/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_crypto.c -- cryptographic extension (manual C4.1.95): AES, SHA1, SHA2, SHA512,
 * SHA3, SM3, SM4. AES and SHA3 are IR operations, the others helpers (helper_crypto.c). */
#include "frontends/arm64/helper_crypto.h"
#include "frontends/arm64/simd.h"

static tcg_val aes(struct a64_tr *t, enum tcg_opcode op, tcg_val x, tcg_val y)
{
    return tcg_emit(t->b, op, TCG_V128, 0, x, y, 0, 0, 0);
}

/* Helper of the three registers d, n, m. */
static bool call3(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h)
{
    tcg_val args[] = { a64_q(t, a->d), a64_q(t, a->n), a64_q(t, a->m) };

    a64_set_q(t, a->d, tcg_call(t->b, h, args));
    return true;
}

static bool call2(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h, unsigned first,
                  unsigned second)
{
    tcg_val args[] = { a64_q(t, first), a64_q(t, second) };

    a64_set_q(t, a->d, tcg_call(t->b, h, args));
    return true;
}

/* SM3TT: one of the four, with the index of the element of m. */
static bool sm3tt(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h)
{
    tcg_val args[] = { a64_q(t, a->d), a64_q(t, a->n), a64_q(t, a->m),
                       tcg_imm(t->b, TCG_I32, a->i) };

    a64_set_q(t, a->d, tcg_call(t->b, h, args));
    return true;
}

/* 64-bit lanes rotated right, n in 1..63. */
static tcg_val rotate(struct a64_tr *t, tcg_val v, unsigned n)
{
    return tcg_vor(t->b, TCG_V128, tcg_v1(t->b, TCG_OP_vshri, TCG_V128, TCG_LANE64, v, n),
                   tcg_v1(t->b, TCG_OP_vshli, TCG_V128, TCG_LANE64, v, 64 - n));
}

bool a64_trans_AESE(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, aes(t, TCG_OP_vaese, a64_q(t, a->d), a64_q(t, a->n)));
    return true;
}

bool a64_trans_AESD(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, aes(t, TCG_OP_vaesd, a64_q(t, a->d), a64_q(t, a->n)));
    return true;
}

bool a64_trans_AESMC(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, aes(t, TCG_OP_vaesmc, a64_q(t, a->n), TCG_NONE));
    return true;
}

bool a64_trans_AESIMC(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, aes(t, TCG_OP_vaesimc, a64_q(t, a->n), TCG_NONE));
    return true;
}

bool a64_trans_SHA1C(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha1c);
}

bool a64_trans_SHA1P(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha1p);
}

bool a64_trans_SHA1M(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha1m);
}

bool a64_trans_SHA1SU0(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha1su0);
}

bool a64_trans_SHA256H(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha256h);
}

bool a64_trans_SHA256H2(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha256h2);
}

bool a64_trans_SHA256SU1(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha256su1);
}

bool a64_trans_SHA512H(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha512h);
}

bool a64_trans_SHA512H2(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha512h2);
}

bool a64_trans_SHA512SU1(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sha512su1);
}

bool a64_trans_SM3PARTW1(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sm3partw1);
}

bool a64_trans_SM3PARTW2(struct a64_tr *t, const struct a64_insn *a)
{
    return call3(t, a, &a64_h_sm3partw2);
}

bool a64_trans_SHA1SU1(struct a64_tr *t, const struct a64_insn *a)
{
    return call2(t, a, &a64_h_sha1su1, a->d, a->n);
}

bool a64_trans_SHA256SU0(struct a64_tr *t, const struct a64_insn *a)
{
    return call2(t, a, &a64_h_sha256su0, a->d, a->n);
}

bool a64_trans_SHA512SU0(struct a64_tr *t, const struct a64_insn *a)
{
    return call2(t, a, &a64_h_sha512su0, a->d, a->n);
}

bool a64_trans_SM4E(struct a64_tr *t, const struct a64_insn *a)
{
    return call2(t, a, &a64_h_sm4e, a->d, a->n);
}

bool a64_trans_SM4EKEY(struct a64_tr *t, const struct a64_insn *a)
{
    return call2(t, a, &a64_h_sm4ekey, a->n, a->m);
}

bool a64_trans_SHA1H(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v = tcg_v1(t->b, TCG_OP_vget, TCG_I32, TCG_LANE32, a64_q(t, a->n), 0);

    v = tcg_rotr(t->b, TCG_I32, v, tcg_imm(t->b, TCG_I32, 2));
    a64_set_f(t, a->d, tcg_fraw(t->b, TCG_F32, v));
    return true;
}

bool a64_trans_SM3SS1(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val args[] = { a64_q(t, a->n), a64_q(t, a->m), a64_q(t, a->a) };

    a64_set_q(t, a->d, tcg_call(t->b, &a64_h_sm3ss1, args));
    return true;
}

bool a64_trans_SM3TT1A(struct a64_tr *t, const struct a64_insn *a)
{
    return sm3tt(t, a, &a64_h_sm3tt1a);
}

bool a64_trans_SM3TT1B(struct a64_tr *t, const struct a64_insn *a)
{
    return sm3tt(t, a, &a64_h_sm3tt1b);
}

bool a64_trans_SM3TT2A(struct a64_tr *t, const struct a64_insn *a)
{
    return sm3tt(t, a, &a64_h_sm3tt2a);
}

bool a64_trans_SM3TT2B(struct a64_tr *t, const struct a64_insn *a)
{
    return sm3tt(t, a, &a64_h_sm3tt2b);
}

bool a64_trans_EOR3(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v = tcg_vxor(t->b, TCG_V128, a64_q(t, a->m), a64_q(t, a->a));

    a64_set_q(t, a->d, tcg_vxor(t->b, TCG_V128, a64_q(t, a->n), v));
    return true;
}

bool a64_trans_BCAX(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v = tcg_vandn(t->b, TCG_V128, a64_q(t, a->m), a64_q(t, a->a));

    a64_set_q(t, a->d, tcg_vxor(t->b, TCG_V128, a64_q(t, a->n), v));
    return true;
}

bool a64_trans_RAX1(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, tcg_vxor(t->b, TCG_V128, a64_q(t, a->n), rotate(t, a64_q(t, a->m), 63)));
    return true;
}

bool a64_trans_XAR(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v = tcg_vxor(t->b, TCG_V128, a64_q(t, a->n), a64_q(t, a->m));

    a64_set_q(t, a->d, a->i ? rotate(t, v, a->i) : v);
    return true;
}
