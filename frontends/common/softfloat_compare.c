/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_compare.c -- comparison, minimum and maximum.
 *
 * IEEE 754-2019 chapters 5.11 and 9.6; Arm ARM pseudocode FPCompare*, FPMax, FPMin, FPMaxNum,
 * FPMinNum; Intel SDM MINSD, MAXSD, UCOMISD. Results are operands: nothing is rounded. */
#include "frontends/common/softfloat_core.h"

/* -1, 0, 1 for two numbers that are no NaNs; zeros are equal. */
static int order(const struct sf_num *a, const struct sf_num *b)
{
    int below = a->sign ? 1 : -1; /* when a has the smaller magnitude */

    if (a->cls == SF_ZERO && b->cls == SF_ZERO)
        return 0;
    if (a->cls == SF_ZERO)
        return b->sign ? 1 : -1;
    if (b->cls == SF_ZERO || a->sign != b->sign)
        return a->sign ? -1 : 1;
    if (a->cls != b->cls) /* one is infinite */
        return a->cls < b->cls ? below : -below;
    if (a->cls == SF_INF)
        return 0;
    if (a->exp != b->exp)
        return a->exp < b->exp ? below : -below;
    return a->sig == b->sig ? 0 : a->sig < b->sig ? below : -below;
}

int sf_cmp(struct sf_ctx *c, bool quiet, const struct sf_num *a, const struct sf_num *b)
{
    if (sf_is_nan(a) || sf_is_nan(b)) {
        if (!quiet || a->cls == SF_SNAN || b->cls == SF_SNAN)
            c->ex |= TCG_FX_INVALID;
        return 2;
    }
    sf_note_denormals(c, a, b);
    return order(a, b);
}

int tcg_soft_cmp(enum tcg_fmt f, const struct tcg_float_env *e, bool quiet, uint64_t a, uint64_t b,
                 uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, d, a), y = sf_operand(&c, d, b);
    int r = sf_cmp(&c, quiet, &x, &y);

    sf_end(&c, sticky);
    return r;
}

struct sf_num sf_minmax(struct sf_ctx *c, enum tcg_float_op2 op, const struct sf_num *a,
                        const struct sf_num *b)
{
    bool max = op == TCG_F_MAX || op == TCG_F_MAXNM || op == TCG_F_MAX_X86;
    bool number = op == TCG_F_MAXNM || op == TCG_F_MINNM;
    int o;

    if (op == TCG_F_MIN_X86 || op == TCG_F_MAX_X86) {
        o = sf_cmp(c, false, a, b);
        return o == (max ? 1 : -1) ? *a : *b;
    }
    if (number && a->cls == SF_QNAN && !sf_is_nan(b)) {
        sf_note_denormals(c, b, b);
        return *b;
    }
    if (number && b->cls == SF_QNAN && !sf_is_nan(a)) {
        sf_note_denormals(c, a, a);
        return *a;
    }
    if (sf_is_nan(a) || sf_is_nan(b))
        return sf_nan2(c, a, b);
    sf_note_denormals(c, a, b);
    o = order(a, b);
    if (o == 0) /* zeros of different sign, or the same number */
        return a->sign != max ? *a : *b;
    return (o > 0) == max ? *a : *b;
}
