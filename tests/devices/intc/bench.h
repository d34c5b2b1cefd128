/* SPDX-License-Identifier: MIT */
/* tests/devices/intc/bench.h -- interrupt controllers on a bus with 16 MiB of RAM: accesses by any
 * vcpu, lines that record what they carry. No clock: they need none. */
#ifndef TESTS_DEVICES_INTC_BENCH_H
#define TESTS_DEVICES_INTC_BENCH_H

#include "devices/core/device.h"

#define BENCH_RAM      0x40000000ull
#define BENCH_RAM_SIZE 0x1000000ull

/* Levels of recorded lines, by number, and how often they rose. */
extern uint8_t bench_level[64];
extern unsigned bench_edges[64];
struct irq_line bench_line(unsigned n);

extern uint8_t *bench_ram; /* the bytes of the RAM, after the first bench_device() */
extern struct mem_space *bench_space;

/* A device on the bus, realized: props are "name=value", ended by NULL, or NULL. Then accesses
 * reach its regions. Aborts if it does not work. bench_join: in two steps, to connect before
 * realize. */
struct device *bench_device(const struct dev_class *c, const char *const *props);
struct device *bench_join(const struct dev_class *c, const char *const *props);
void bench_realize(struct device *d);

/* By a vcpu; refused accesses read as ~0. */
uint64_t bench_read(struct device *d, unsigned region, uint64_t offset, unsigned size,
                    unsigned vcpu);
void bench_write(struct device *d, unsigned region, uint64_t offset, unsigned size, uint64_t value,
                 unsigned vcpu);

/* Saves a device and its children, and restores that into another one that was made alike. */
void bench_copy_state(struct device *from, struct device *to);

uint32_t bench_random(uint64_t *seed);

#endif
