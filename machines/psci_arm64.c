// SPDX-License-Identifier: MIT
/* machines/psci_arm64.c -- Arm DEN0022 (PSCI 1.1) and DEN0028 (SMCCC 1.1). CPU_SUSPEND waits for an
 * interrupt and keeps everything, whatever depth was asked for. Not modelled: MIGRATE, system
 * suspend, memory protection, statistics. Unknown calls answer NOT_SUPPORTED. */
#include "machines/psci_arm64.h"

#include <errno.h>
#include <string.h>

enum { /* 32-bit numbers; the 64-bit ones have bit 30 too */
    SMCCC_VERSION = 0x80000000,
    SMCCC_ARCH_FEATURES = 0x80000001,
    PSCI_VERSION = 0x84000000,
    PSCI_CPU_SUSPEND = 0x84000001,
    PSCI_CPU_OFF = 0x84000002,
    PSCI_CPU_ON = 0x84000003,
    PSCI_AFFINITY_INFO = 0x84000004,
    PSCI_MIGRATE_INFO_TYPE = 0x84000006,
    PSCI_SYSTEM_OFF = 0x84000008,
    PSCI_SYSTEM_RESET = 0x84000009,
    PSCI_FEATURES = 0x8400000a,
    BIT_64 = 0x40000000,
};

enum { /* answers */
    SUCCESS = 0,
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    ALREADY_ON = -4,
    ON_PENDING = -5,
    INVALID_ADDRESS = -9,
};

static uint64_t get_x(struct tcg_vcpu *v, unsigned n)
{
    uint8_t b[8];
    uint64_t x = 0;

    v->frontend->reg_read(v, n, b);
    for (unsigned i = 8; i--;)
        x = x << 8 | b[i];
    return x;
}

static void set_x(struct tcg_vcpu *v, unsigned n, uint64_t x)
{
    uint8_t b[8];

    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(x >> 8 * i);
    v->frontend->reg_write(v, n, b);
}

/* The vcpu that an affinity names: boards number them in Aff0. -1: none. */
static int vcpu_by_affinity(struct machine *m, uint64_t mpidr)
{
    mpidr &= 0xff00ffffff;
    return mpidr < m->ncpus ? (int)mpidr : -1;
}

static int64_t cpu_on(struct machine *m, uint64_t mpidr, uint64_t entry, uint64_t context)
{
    int n = vcpu_by_affinity(m, mpidr);

    if (n < 0)
        return INVALID_PARAMETERS;
    if (entry & 3)
        return INVALID_ADDRESS;
    switch (sm_power_on(m->sm, (unsigned)n, entry, context)) {
    case -EALREADY:
        return ALREADY_ON;
    case -EINPROGRESS:
        return ON_PENDING;
    default:
        return SUCCESS;
    }
}

static int64_t affinity_info(struct machine *m, uint64_t mpidr, uint64_t level)
{
    int n = vcpu_by_affinity(m, mpidr);

    if (level > 0) /* a cluster: on while this call is made in it */
        return level <= 3 ? 0 : INVALID_PARAMETERS;
    return n < 0 ? INVALID_PARAMETERS : (int64_t)sm_power_state(m->sm, (unsigned)n);
}
_Static_assert(SM_ON == 0 && SM_OFF == 1 && SM_PENDING == 2, "PSCI's numbers");

static int64_t features(uint32_t call)
{
    switch (call & ~(uint32_t)BIT_64) {
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_ON:
    case PSCI_AFFINITY_INFO:
        return 0;
    case PSCI_VERSION:
    case PSCI_CPU_OFF:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_FEATURES:
    case SMCCC_VERSION:
        return call & BIT_64 ? NOT_SUPPORTED : 0;
    default:
        return NOT_SUPPORTED;
    }
}

/* The machine is going to be switched off or reset: the caller must not see another instruction. */
static int64_t leave(struct machine *m, enum machine_request what)
{
    machine_request(m, what);
    sm_pause(m->sm);
    return SUCCESS;
}

static int64_t answer(struct machine *m, struct tcg_vcpu *v, uint32_t call)
{
    uint64_t mask = call & BIT_64 ? ~0ull : 0xffffffff;
    uint64_t a = get_x(v, 1) & mask, b = get_x(v, 2) & mask, c = get_x(v, 3) & mask;

    switch (call) {
    case PSCI_VERSION:
    case SMCCC_VERSION:
        return 0x10001;
    case SMCCC_ARCH_FEATURES:
        return (uint32_t)a == SMCCC_VERSION || (uint32_t)a == SMCCC_ARCH_FEATURES ? SUCCESS
                                                                                 : NOT_SUPPORTED;
    case PSCI_FEATURES:
        return features((uint32_t)a);
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_SUSPEND | BIT_64:
        if (a & 0xfefe0000) /* power_state: reserved bits and affinity levels */
            return INVALID_PARAMETERS;
        sm_halt(v);
        return SUCCESS;
    case PSCI_CPU_OFF:
        sm_power_off(m->sm, sm_index(v));
        return SUCCESS;
    case PSCI_CPU_ON:
    case PSCI_CPU_ON | BIT_64:
        return cpu_on(m, a, b, c);
    case PSCI_AFFINITY_INFO:
    case PSCI_AFFINITY_INFO | BIT_64:
        return affinity_info(m, a, b);
    case PSCI_MIGRATE_INFO_TYPE:
        return 2; /* no trusted system that would have to move */
    case PSCI_SYSTEM_OFF:
        return leave(m, MACHINE_SHUTDOWN);
    case PSCI_SYSTEM_RESET:
        return leave(m, MACHINE_RESET);
    default:
        return NOT_SUPPORTED;
    }
}

void psci_call(struct machine *m, struct tcg_vcpu *v)
{
    uint32_t call = (uint32_t)get_x(v, 0);

    set_x(v, 0, (uint64_t)answer(m, v, call));
}
