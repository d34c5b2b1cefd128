/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_system.c -- helpers of system registers and instructions. */
#include "frontends/arm64/helper.h"

#include "tcg/engine.h"

#include <time.h>

/* The counter runs at 1 GHz (as Armv8.6 wants it) with the host's monotonic clock, so that all
 * processors and the vDSO agree. */
static uint64_t cntvct(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

const struct tcg_helper a64_helper_cntvct = {
    .name = "a64_cntvct", .fn = (void (*)(void))cntvct, .ret = TCG_I64,
};

static void ic_ivau(struct tcg_vcpu *v, uint64_t addr)
{
    uint64_t line = 4u << (a64_cpu(v)->cfg->ctr & 15);

    addr = align_down(addr, line);
    tcg_invalidate(v->engine, addr, addr + line);
}

const struct tcg_helper a64_helper_ic_ivau = {
    .name = "a64_ic_ivau", .fn = (void (*)(void))ic_ivau, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I64 }, .flags = TCG_H_VCPU,
};

static void set_fpcr(struct tcg_vcpu *v, uint64_t value)
{
    a64_set_fpcr(a64_cpu(v), value);
}

static const uint16_t fpcr_unit[] = { A64_U_FPCR, TCG_NO_UNIT };
const struct tcg_helper a64_helper_set_fpcr = {
    .name = "a64_set_fpcr", .fn = (void (*)(void))set_fpcr, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I64 }, .flags = TCG_H_VCPU | TCG_H_FLOAT, .writes = fpcr_unit,
};
