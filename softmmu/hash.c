// SPDX-License-Identifier: MIT
/* softmmu/hash.c -- one number for the state of a machine's processors, so that two runs can be
 * compared (docs/proofs.md): all registers that debuggers see, power, waiting, virtual time. State
 * that no register shows (TLBs, the exclusive monitor) counts as soon as it changes one. */
#include "softmmu/vcpu.h"

#include <string.h>

#define MULTIPLIER 0x9e3779b97f4a7c15ull

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * MULTIPLIER;
    return h ^ h >> 29;
}

uint64_t sm_hash_bytes(uint64_t h, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t word[4], lane[4] = {h, h + 1, h + 2, h + 3};

    for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
        memcpy(word, p, sizeof(word));
        for (unsigned i = 0; i < 4; i++)
            lane[i] = mix(lane[i], word[i]);
    }
    memset(word, 0, sizeof(word));
    memcpy(word, p, len);
    for (unsigned i = 0; i < 4; i++)
        h = mix(mix(h, lane[i]), word[i]);
    return h;
}

static uint64_t of_vcpu(uint64_t h, struct sm_vcpu *c)
{
    const struct frontend *fe = c->v->frontend;
    _Alignas(8) uint8_t value[64];

    for (unsigned i = 0; i < fe->nregs + fe->nsysregs; i++) {
        unsigned bytes = fe->regs[i].bits / 8u;

        if (bytes > sizeof(value) || fe->reg_read(c->v, i, value))
            continue;
        for (unsigned at = 0; at < bytes; at += 8) {
            uint64_t word = 0;

            memcpy(&word, value + at, bytes - at < 8 ? bytes - at : 8);
            h = mix(h, word);
        }
    }
    h = mix(h, atomic_load(&c->power));
    return mix(h, atomic_load(&c->halted));
}

uint64_t sm_hash(struct softmmu *m)
{
    uint64_t h = mix(0, (uint64_t)sm_virtual(m));

    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        h = of_vcpu(h, &m->cpus[i]);
    return h;
}
