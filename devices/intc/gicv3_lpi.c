// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_lpi.c -- LPIs of a redistributor (IHI 0069, chapter 5): which pend, and which
 * is the best. The guest's pending table is read when LPIs are enabled and written when they are
 * disabled; in between the bits are held here. The configuration of an LPI (a byte of the guest's
 * table: priority, bit 0 enabled) is read when it begins to pend and when an invalidation names it.
 */
#include "devices/intc/gicv3_state.h"

#include <string.h>

#define TABLE_MASK    0x000ffffffffff000ull
#define PENDBASER_PTZ (1ull << 62)

static const struct mem_attrs attrs = {.requester = 0};

/* INTIDs that the table of configurations covers. */
static uint32_t limit(const struct gicv3_redist *r)
{
    unsigned bits = (r->propbaser & 31) + 1;

    return 1u << (bits < GICV3_ID_BITS ? bits : (unsigned)GICV3_ID_BITS);
}

static bool exists(const struct gicv3_redist *r, uint32_t id)
{
    return r->ctlr & GICR_CTLR_LPIS && id >= GICV3_LPI && id < limit(r);
}

static void read_config(struct gicv3_redist *r, uint32_t i)
{
    uint8_t config = 0;

    if (mem_read(r->dev.dma, (r->propbaser & TABLE_MASK) + i, &config, 1, attrs) != MEM_OK)
        config = 0;
    r->lpi_config[i] = config;
    r->lpi_known = false;
}

bool gicv3_lpi_get(const struct gicv3_redist *r, uint32_t id)
{
    return exists(r, id) && r->lpi[(id - GICV3_LPI) / 32] >> id % 32 & 1;
}

void gicv3_lpi_set(struct gicv3_redist *r, uint32_t id, bool pending)
{
    uint32_t i = id - GICV3_LPI, bit = 1u << i % 32, *word;

    if (!exists(r, id))
        return;
    word = &r->lpi[i / 32];
    if (!(*word & bit) == !pending)
        return;
    *word ^= bit;
    r->lpi_known = false;
    if (pending)
        read_config(r, i);
    if (*word)
        r->lpi_words[i / 32 / 64] |= 1ull << i / 32 % 64;
    else
        r->lpi_words[i / 32 / 64] &= ~(1ull << i / 32 % 64);
}

void gicv3_lpi_invalidate(struct gicv3_redist *r, uint32_t id)
{
    if (gicv3_lpi_get(r, id))
        read_config(r, id - GICV3_LPI);
}

/* Calls f for each LPI that pends; f may clear it. */
static void each(struct gicv3_redist *r, void (*f)(struct gicv3_redist *, uint32_t i, void *arg),
                 void *arg)
{
    unsigned n;
    uint64_t words;
    uint32_t bits;

    for (n = 0; n < ARRAY_LEN(r->lpi_words); n++)
        for (words = r->lpi_words[n]; words; words &= words - 1) {
            unsigned w = 64 * n + __builtin_ctzll(words);

            for (bits = r->lpi[w]; bits; bits &= bits - 1)
                f(r, 32 * w + __builtin_ctz(bits), arg);
        }
}

static void reread(struct gicv3_redist *r, uint32_t i, void *arg)
{
    (void)arg;
    read_config(r, i);
}

void gicv3_lpi_invalidate_all(struct gicv3_redist *r)
{
    each(r, reread, NULL);
}

static void move(struct gicv3_redist *r, uint32_t i, void *arg)
{
    gicv3_lpi_set(r, i + GICV3_LPI, false);
    gicv3_lpi_set(arg, i + GICV3_LPI, true);
}

void gicv3_lpi_move_all(struct gicv3_redist *from, struct gicv3_redist *to)
{
    if (from != to)
        each(from, move, to);
}

static void weigh(struct gicv3_redist *r, uint32_t i, void *arg)
{
    uint8_t prio = r->lpi_config[i] & GICV3_PRIO_MASK;

    (void)arg;
    if (r->lpi_config[i] & 1 && (!r->lpi_best || prio < r->lpi_prio)) {
        r->lpi_best = i + GICV3_LPI;
        r->lpi_prio = prio;
    }
}

uint32_t gicv3_lpi_best(struct gicv3_redist *r, uint8_t *prio)
{
    if (!r->lpi_known) {
        r->lpi_best = 0;
        each(r, weigh, NULL);
        r->lpi_known = true;
    }
    *prio = r->lpi_prio;
    return r->lpi_best;
}

/* The pending table has a bit for each INTID, so that its first KiB is not used. */
void gicv3_lpi_enable(struct gicv3_redist *r, bool on)
{
    uint64_t table = (r->pendbaser & TABLE_MASK & ~0xffffull) + GICV3_LPI / 8;
    uint32_t size = limit(r) > GICV3_LPI ? (limit(r) - GICV3_LPI) / 8 : 0, i;
    uint8_t bytes[sizeof(r->lpi)];

    if (on) {
        if (r->pendbaser & PENDBASER_PTZ ||
            mem_read(r->dev.dma, table, bytes, size, attrs) != MEM_OK)
            return;
        for (i = 0; i < 8 * size; i++)
            if (bytes[i / 8] >> i % 8 & 1)
                gicv3_lpi_set(r, i + GICV3_LPI, true);
        return;
    }
    for (i = 0; i < size; i++)
        bytes[i] = r->lpi[i / 4] >> 8 * (i % 4);
    mem_write(r->dev.dma, table, bytes, size, attrs);
    memset(r->lpi, 0, sizeof(r->lpi));
    memset(r->lpi_words, 0, sizeof(r->lpi_words));
    r->lpi_known = false;
}
