/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_simd.h -- helpers of the SIMD translators: what the IR has no operation for.
 *
 * Called from translated code (tcg_call) on the vcpu's thread. Float helpers take a control word: the
 * float bits of the region key (key.h) and, above them, what enum a64_hc or the helper says. They OR
 * exception bits into v->fstatus. Vectors are 128 bits, results too. */
#ifndef FRONTENDS_ARM64_HELPER_SIMD_H
#define FRONTENDS_ARM64_HELPER_SIMD_H

#include "tcg/ir.h"

enum a64_hc {
    A64_HC_SUB = 1 << 8,    /* subtract the product */
    A64_HC_TOP = 1 << 9,    /* upper half of the narrow operands */
    A64_HC_Q = 1 << 10,     /* 128-bit result */
    A64_HC_WHOLE = 1 << 11, /* translators only: the result is 128 bits whatever q says */
};

/* a64_h_sat: control word op | lane << 8 | bytes << 12. Sets FPSR.QC. */
enum a64_sat_op {
    A64_SAT_SQSHL, A64_SAT_UQSHL, A64_SAT_SQRSHL, A64_SAT_UQRSHL, /* x shifted by y */
    A64_SAT_SQRDMLAH, A64_SAT_SQRDMLSH,                           /* acc +- rounded 2 * x * y */
};

extern const struct tcg_helper a64_h_sat;      /* x, y, acc, control */
extern const struct tcg_helper a64_h_urecpe;   /* n */
extern const struct tcg_helper a64_h_ursqrte;  /* n */
extern const struct tcg_helper a64_h_cvt_ahp;  /* n; from and to at bits 8 and 12, as field y */
extern const struct tcg_helper a64_h_cvtl_ahp; /* n: four alternative halves to single; TOP */
extern const struct tcg_helper a64_h_cvtn_ahp; /* n: four singles to alternative half */
extern const struct tcg_helper a64_h_bfcvt;    /* n: lanes (at bit 8) of single to BFloat16 */
extern const struct tcg_helper a64_h_fmlal;    /* acc, n, m; SUB TOP Q */
extern const struct tcg_helper a64_h_bfdot;    /* acc, n, m */
extern const struct tcg_helper a64_h_bfmmla;   /* acc, n, m */

#endif
