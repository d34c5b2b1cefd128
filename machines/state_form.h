/* SPDX-License-Identifier: MIT */
/* machines/state_form.h -- the bytes of the stream, for state.c and state_load.c (docs/machine-state.md).
 *
 *   stream:   "MOASTATE" version:4 0:4  section...
 *   section:  mark:4 kind:4 length:8 check:8  payload
 *   RAM:      block:4  run...     run: page:8 pages:4 kind:4 [data] */
#ifndef MACHINES_STATE_FORM_H
#define MACHINES_STATE_FORM_H

#include "machines/state.h"

#include <endian.h>
#include <string.h>

#define STATE_MAGIC   "MOASTATE"
#define STATE_VERSION 1
#define STATE_HEAD    16
#define STATE_SECTION 24
#define STATE_MARK    0x4345534du /* "MSEC" */
#define STATE_RUN_MAX (1u << 30)

enum { STATE_ZEROES, STATE_DATA };

static inline void state_set(uint8_t *p, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static inline uint64_t state_num(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

/* Each step can be undone, so a change of one word is always seen. */
static inline uint64_t state_check_step(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static inline uint64_t state_check(uint32_t kind, const uint8_t *p, size_t n)
{
    uint64_t h = state_check_step(kind, n);

    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;

        memcpy(&word, p, 8);
        h = state_check_step(h, le64toh(word));
    }
    return n ? state_check_step(h, state_num(p, (unsigned)n)) : h;
}

void state_config_text(struct machine *m, struct state_buf *b);

#endif
