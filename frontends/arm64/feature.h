/* SPDX-License-Identifier: MIT */
/* frontends/arm64/feature.h -- optional parts of the architecture as numbers and sets.
 *
 * feature.def is the one table; hwcaps, /proc/cpuinfo, ID registers and the decoder's feature column
 * all expand it. */
#ifndef FRONTENDS_ARM64_FEATURE_H
#define FRONTENDS_ARM64_FEATURE_H

#include <stdint.h>

enum a64_feature {
    A64_FEAT_BASE, /* always there */
#define FEATURE(name, text, word, bit, reg, lsb, value) A64_FEAT_##name,
#include "frontends/arm64/feature.def"
#undef FEATURE
    A64_FEAT_COUNT
};

_Static_assert(A64_FEAT_COUNT <= 64, "a set of features is one 64-bit word");

/* ID registers that carry feature fields (ID_AA64<name>_EL1). */
enum a64_id {
    A64_ID_NONE, A64_ID_ISAR0, A64_ID_ISAR1, A64_ID_ISAR2, A64_ID_PFR0, A64_ID_PFR1, A64_ID_MMFR0,
    A64_ID_MMFR1, A64_ID_MMFR2, A64_ID_COUNT
};

#define A64_FEAT_BIT(name) (1ull << A64_FEAT_##name)

#endif
