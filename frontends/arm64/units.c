/* SPDX-License-Identifier: MIT */
/* frontends/arm64/units.c -- what the engine knows of an arm64 processor: the list of units, which of
 * them deserve host registers, and how code becomes IR.
 *
 * Pins stand in the order of counted use over compiled programs (loads, stores and arithmetic of
 * libc, python3 and gcc): a backend takes as many from the front as it has registers for. */
#include "frontends/arm64/cpu.h"

#include "tcg/ir.h"

static const struct tcg_unit units[] = {
#define UNIT(id, unit_name, unit_type, member)                                                    \
    [A64_U_##id] = { unit_name, TCG_##unit_type, offsetof(struct a64_cpu, member) },
#include "frontends/arm64/regs.def"
};

static const uint16_t pins[] = {
    A64_U_SP, A64_U_X0, A64_U_X1, A64_U_X19, A64_U_X20, A64_U_X2, A64_U_X3, A64_U_X8,
    A64_U_X21, A64_U_X4, A64_U_X29, A64_U_X5, A64_U_X22, A64_U_X30, A64_U_X6, A64_U_X23,
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
    .dump = a64_dump,
};
