/* SPDX-License-Identifier: MIT */
/* tests/devices/intc/bench.h -- an interrupt controller alone on a bench: accesses by any vcpu
 * through its register tables, lines that record what they carry. */
#ifndef TESTS_DEVICES_INTC_BENCH_H
#define TESTS_DEVICES_INTC_BENCH_H

#include "devices/core/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Levels of recorded lines, by number: line_to(n) makes one. */
extern uint8_t bench_level[64];
extern unsigned bench_edges[64];
struct irq_line bench_line(unsigned n);

/* Name and value of each property in turn, ended by NULL. Realized and reset. */
struct device *bench_device(const struct dev_class *c, struct mem_space *dma,
                            const char *const *props);
uint64_t bench_read(struct device *d, unsigned region, uint64_t offset, unsigned size,
                    unsigned vcpu);
void bench_write(struct device *d, unsigned region, uint64_t offset, unsigned size, uint64_t value,
                 unsigned vcpu);
/* Saves d, and restores into a fresh device of the same properties; both stay. */
void bench_copy_state(struct device *from, struct device *to);

static inline uint32_t bench_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

#endif
