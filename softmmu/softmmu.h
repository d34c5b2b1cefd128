/* SPDX-License-Identifier: MIT */
/* softmmu/softmmu.h -- translated execution of a whole machine: vcpus on host threads, their TLBs,
 * the machine's lock and virtual clock. Boards make one struct softmmu, add vcpus, and run.
 *
 * The machine's lock (sm_lock) guards devices and the memory tree. Translated code and TLB fills
 * run without it; MMIO takes it. Order: machine's lock, then the engine's. A vcpu that waits for
 * others (pause, flush, barrier) holds neither. */
#ifndef SOFTMMU_SOFTMMU_H
#define SOFTMMU_SOFTMMU_H

#include "frontends/frontend.h"
#include "mem/mem.h"
#include "ports/clock.h"
#include "ports/irq.h"
#include "tcg/engine.h"

#include <stdio.h>

struct softmmu;
struct sm_vcpu;

struct sm_config {
    const struct frontend *frontend;
    const struct fe_cpu_config *cpu;
    unsigned ncpus;
    struct mem_space *memory;
    const struct tcg_backend *backend;
    bool icount;           /* one thread, virtual time counts instructions */
    unsigned icount_shift; /* ns per instruction: 1 << shift */
    size_t cache_bytes;
    /* Board: system registers of the interrupt controller, firmware calls, output lines (timers).
     */
    void *opaque;
    bool (*sysreg)(void *opaque, unsigned vcpu, uint32_t reg, bool write, uint64_t *value);
    bool (*firmware_call)(void *opaque, struct tcg_vcpu *v, unsigned kind);
    void (*line_out)(void *opaque, unsigned vcpu, unsigned n, bool level);
    void (*stopped)(void *opaque, struct tcg_vcpu *v,
                    enum tcg_exit_reason why); /* debug stop: gdb */
};

struct softmmu *sm_new(const struct sm_config *cfg, char *err, size_t err_len);
void sm_free(struct softmmu *m);

void sm_lock(struct softmmu *m);
void sm_unlock(struct softmmu *m);
bool sm_locked(struct softmmu *m); /* by this thread */

/* A vcpu starts powered off, but the first. Threads start with sm_resume(). */
struct tcg_vcpu *sm_vcpu(struct softmmu *m, unsigned n);
void sm_power(struct softmmu *m, unsigned n, bool on); /* PSCI */
bool sm_powered(struct softmmu *m, unsigned n);
void sm_halt(struct tcg_vcpu *v); /* waits for interrupts at its next exit */
struct irq_line sm_irq(struct softmmu *m, unsigned n,
                       unsigned line); /* input line of vcpu n; takes no lock */

/* All vcpus leave guest code and stop; returns when they have. Not from a vcpu's thread: there it
 * asks, and the vcpu stops at its exit. The virtual clock stops too. */
void sm_pause(struct softmmu *m);
void sm_resume(struct softmmu *m);
bool sm_running(struct softmmu *m);

/* Virtual clock, and timers that run in the main loop's thread; the other clocks too. */
const struct clock_port *sm_clock(struct softmmu *m);
/* The main loop calls this: runs what is due, with the lock held, and returns ns to the next
 * deadline, -1: none. fd becomes readable when an earlier one was set. */
int64_t sm_timers_run(struct softmmu *m);
int sm_timers_fd(struct softmmu *m);

/* gdb, monitor: memory as vcpu sees it. 0 or -EFAULT; code that is overwritten is retired. */
int sm_debug_access(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write);

void sm_stats(struct softmmu *m, FILE *out);

#endif
