/* SPDX-License-Identifier: MIT */
/* frontends/arm64/units.c -- what the engine knows of an arm64 processor: the list of units, which of
 * them deserve host registers, and how code becomes IR.
 *
 * Pins stand in the order of counted use (-d units of the interpreter: reads and writes that are left
 * after folding), each of 16 programs weighted alike: python3 perl lua ruby node sqlite3 bash gawk xz
 * zstd gzip bzip2 cc1 sort grep openssl. Of all uses x0 has 15.1 %, x1 10.5, x2 8.7, x19 6.1, sp 5.4,
 * x3 5.3, x20 4.9, x30 4.4, x4 3.8, x21 3.7, x22 3.3, x29 3.2, x5 2.9, x23 2.7, x6 2.3, x24 2.2. A
 * backend takes as many from the front as it has registers for. */
#include "frontends/arm64/system.h"

#include "tcg/ir.h"

static const struct tcg_unit units[] = {
#define UNIT(id, unit_name, unit_type, member)                                                    \
    [A64_U_##id] = { unit_name, TCG_##unit_type, offsetof(struct a64_cpu, member) },
#include "frontends/arm64/regs.def"
};

static const uint16_t pins[] = {
    A64_U_X0, A64_U_X1, A64_U_X2, A64_U_X19, A64_U_SP, A64_U_X3, A64_U_X20, A64_U_X30,
    A64_U_X4, A64_U_X21, A64_U_X22, A64_U_X29, A64_U_X5, A64_U_X23, A64_U_X6, A64_U_X24,
};

const struct tcg_guest a64_guest = {
    .units = units,
    .nunits = A64_U_COUNT,
    .pc_offset = offsetof(struct a64_cpu, pc),
    .pins = pins,
    .npins = ARRAY_LEN(pins),
    .get_pc = a64_get_pc,
    .key = a64_region_key,
    .translate = a64_translate,
    .begin_again = a64_begin_again,
    .dump = a64_dump,
};
