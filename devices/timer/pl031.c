// SPDX-License-Identifier: MIT
/* devices/timer/pl031.c -- ARM PrimeCell real-time clock (PL031), manual DDI 0224.
 *
 * The counter is CLOCK_HOST in seconds, less a base that a write of LR moves; it starts as the time
 * of the clock and survives a reset, as it would with a battery. It always runs: CR's start bit can
 * be set (it is) and not be cleared. The alarm is the moment when the counter becomes equal to MR.
 */
#include "devices/timer/pl031.h"

#define SECOND 1000000000ull

struct pl031 {
    struct device dev;
    uint32_t mr, lr, imsc, ris;
    uint64_t base;     /* CLOCK_HOST when the counter was 0; wraps */
    uint64_t alarm_at; /* CLOCK_HOST, or CLOCK_NEVER */
    /* wiring */
    struct clock_timer *timer;
    uint64_t timer_at;
};

static uint64_t now(const struct pl031 *r)
{
    const struct clock_port *c = r->dev.clock;

    return c ? (uint64_t)c->now(c->opaque, CLOCK_HOST) : 0;
}

static uint32_t count(const struct pl031 *r)
{
    return (uint32_t)((now(r) - r->base) / SECOND);
}

static void set_alarm(struct pl031 *r)
{
    uint32_t in = r->mr - count(r);
    uint64_t t = now(r);

    if (in == 0) {
        r->ris = 1;
        r->alarm_at = CLOCK_NEVER;
    } else {
        r->alarm_at = (t + in * SECOND - (t - r->base) % SECOND) & INT64_MAX;
    }
}

static uint64_t dr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return count(dev);
}

static void mr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl031 *r = dev;

    (void)n, (void)a;
    r->mr = (uint32_t)v;
    set_alarm(r);
}

static void lr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl031 *r = dev;

    (void)n, (void)a;
    r->lr = (uint32_t)v;
    r->base = now(r) - v * SECOND;
    set_alarm(r);
}

static uint64_t cr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 1;
}

static uint64_t mis_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct pl031 *r = dev;

    (void)n, (void)a;
    return r->ris & r->imsc;
}

static void icr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl031 *r = dev;

    (void)n, (void)a;
    r->ris &= ~(uint32_t)v;
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    static const uint8_t id[8] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)dev, (void)a;
    return id[n];
}

#define AT(f) offsetof(struct pl031, f)
static const struct dev_reg regs[] = {
    {"DR", 0x00, 4, 0, 0, DEV_NO_STATE, 0, 0, dr_read, NULL},
    {"MR", 0x04, 4, 0, 0, AT(mr), 0, 0xffffffff, NULL, mr_write},
    {"LR", 0x08, 4, 0, 0, AT(lr), 0, 0xffffffff, NULL, lr_write},
    {"CR", 0x0c, 4, 0, 0, DEV_NO_STATE, 0, 0, cr_read, NULL},
    {"IMSC", 0x10, 4, 0, 0, AT(imsc), 0, 1, NULL, NULL},
    {"RIS", 0x14, 4, 0, 0, AT(ris), 0, 0, NULL, NULL},
    {"MIS", 0x18, 4, 0, 0, DEV_NO_STATE, 0, 0, mis_read, NULL},
    {"ICR", 0x1c, 4, 0, 0, DEV_NO_STATE, 0, 0, NULL, icr_write},
    {"ID", 0xfe0, 4, 8, 4, DEV_NO_STATE, 0, 0, id_read, NULL},
};
static const struct dev_block blocks[] = {
    {"pl031", 0x1000, regs, ARRAY_LEN(regs), 1, 4, .wide = true},
};
static const struct dev_state states[] = {
    DEV_STATE_MAX(struct pl031, imsc, 1),
    DEV_STATE_MAX(struct pl031, ris, 1),
    {.name = "base", .offset = AT(base), .size = 8, .count = 1, .keep = true},
    DEV_STATE_MAX(struct pl031, alarm_at, CLOCK_NEVER),
};

static void update(struct device *d)
{
    struct pl031 *r = (struct pl031 *)d;

    irq_set(&d->irq[0], r->ris & r->imsc);
    if (r->timer && r->timer_at != r->alarm_at) {
        r->timer_at = r->alarm_at;
        d->clock->timer_set(r->timer, (int64_t)r->alarm_at);
    }
}

static void alarm_fires(void *arg)
{
    struct pl031 *r = arg;

    r->timer_at = r->alarm_at = CLOCK_NEVER;
    r->ris = 1;
    update(&r->dev);
}

static int realize(struct device *d, char *err, size_t err_len)
{
    struct pl031 *r = (struct pl031 *)d;

    (void)err, (void)err_len;
    r->timer_at = CLOCK_NEVER;
    if (d->clock)
        r->timer = d->clock->timer_new(d->clock->opaque, CLOCK_HOST, alarm_fires, r);
    return 0;
}

static void unrealize(struct device *d)
{
    struct pl031 *r = (struct pl031 *)d;

    if (r->timer)
        d->clock->timer_free(r->timer);
}

static void reset(struct device *d)
{
    ((struct pl031 *)d)->alarm_at = CLOCK_NEVER;
}

const struct dev_class pl031_class = {
    .name = "pl031",
    .text = "ARM PL031 real-time clock",
    .bus = "system",
    .category = "timer",
    .size = sizeof(struct pl031),
    .version = 1,
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .update = update,
};
