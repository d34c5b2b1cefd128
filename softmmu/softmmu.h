/* SPDX-License-Identifier: MIT */
/* softmmu/softmmu.h -- translated execution of a whole machine: vcpus on host threads, their TLBs,
 * the machine's lock and virtual clock. Boards make one struct softmmu and run it.
 *
 * The machine's lock (sm_lock) guards devices and the memory tree. Translated code and TLB fills
 * run without it; MMIO takes it. Order: machine's lock, then softmmu's own, then the engine's. A
 * vcpu that waits for others (pause, flush, barrier) holds none. */
#ifndef SOFTMMU_SOFTMMU_H
#define SOFTMMU_SOFTMMU_H

#include "frontends/frontend.h"
#include "mem/mem.h"
#include "ports/clock.h"
#include "ports/irq.h"
#include "tcg/engine.h"

#include <stdio.h>

struct softmmu;

/* -icount: all vcpus run in turn on one thread, and virtual time counts their instructions. */
struct sm_icount {
    bool on;
    bool sleep;       /* while all wait, virtual time goes with the host's; else it jumps */
    bool align;       /* the host waits when virtual time is ahead */
    bool automatic;   /* the shift follows the host's speed */
    uint8_t shift;    /* ns of an instruction: 1 << shift, at most 1 << SM_ICOUNT_SHIFT */
    /* Proofs (docs/proofs.md): report(), on the vcpus' thread, at each multiple of `every`
     * instructions run by all vcpus together, not before `from`; 0: never. At `end` instructions
     * ended() is called after it; the vcpus are stopping then. */
    uint64_t every, from, end;
    void (*report)(void *opaque, uint64_t executed);
    void (*ended)(void *opaque);
};
#define SM_ICOUNT_SHIFT 10

/* -rtc: what devices see as CLOCK_HOST. */
struct sm_rtc {
    bool on;               /* else the wall clock */
    enum clock_kind clock; /* that it goes with */
    bool fixed;            /* it is offset ns when the machine is made; else the wall clock then, moved
                            * by offset */
    int64_t offset;
};

struct sm_config {
    const struct frontend *frontend;
    const struct fe_cpu_config *cpu;
    unsigned ncpus;
    struct mem_space *memory;
    struct tcg_config engine; /* backend, hooks, switches; its memory is filled in here */
    struct sm_icount icount;
    struct sm_rtc rtc;
    void *opaque;
    /* System registers of the interrupt controller: called with the machine's lock held. */
    bool (*sysreg)(void *opaque, unsigned vcpu, uint32_t reg, bool write, uint64_t *value);
    /* HVC, SMC, semihosting: on the vcpu's thread, without locks. */
    bool (*firmware_call)(void *opaque, struct tcg_vcpu *v, unsigned kind);
    /* Output lines (timers, PMU): called with the machine's lock held. */
    void (*line_out)(void *opaque, unsigned vcpu, unsigned n, bool level);
    /* The vcpu cannot go on (its guest asks for what there is not); on its thread, without locks.
     * It is paused already, the others go on until somebody calls sm_pause(). */
    void (*stuck)(void *opaque, unsigned vcpu, const char *why);
    /* Instead of tcg_run(): the debugger's; NULL: tcg_run. stepping: no interrupts are taken now. */
    enum tcg_exit_reason (*run)(void *opaque, struct tcg_vcpu *v, unsigned vcpu);
    bool (*stepping)(void *opaque, unsigned vcpu);
};

/* NULL with one line in err. The vcpus are paused; the first is powered on, its pc where reset puts
 * it. */
struct softmmu *sm_new(const struct sm_config *cfg, char *err, size_t err_len);
void sm_free(struct softmmu *m); /* stops and joins all threads first */

void sm_lock(struct softmmu *m); /* does not nest */
void sm_unlock(struct softmmu *m);
bool sm_locked(struct softmmu *m); /* by this thread */

struct tcg_engine *sm_engine(struct softmmu *m);
unsigned sm_ncpus(const struct softmmu *m);
struct tcg_vcpu *sm_vcpu(struct softmmu *m, unsigned n);
unsigned sm_index(const struct tcg_vcpu *v);
int sm_thread_id(struct softmmu *m, unsigned n); /* the host's; 0: it has not run yet */
struct softmmu *sm_of(const struct tcg_vcpu *v);

/* ---- power (PSCI); any thread ---- */
enum sm_power { SM_ON, SM_OFF, SM_PENDING /* on its way to on */ };
/* Resets vcpu n and starts it at pc with its first argument. 0, -EALREADY (it is on) or
 * -EINPROGRESS. */
int sm_power_on(struct softmmu *m, unsigned n, uint64_t pc, uint64_t arg);
void sm_power_off(struct softmmu *m, unsigned n); /* at its next exit */
enum sm_power sm_power_state(struct softmmu *m, unsigned n);
/* All vcpus as after sm_new(). While paused; not from a vcpu's thread. */
void sm_reset(struct softmmu *m);

void sm_halt(struct tcg_vcpu *v); /* waits for interrupts at its next exit; on its thread */
/* Input line of vcpu n; set() takes no lock that callers could hold. */
struct irq_line sm_irq(struct softmmu *m, unsigned n, unsigned line);
/* Looks again for interrupts at the next exit, soon; ends a wait that has work. Any thread. */
void sm_kick(struct softmmu *m, unsigned n);

/* ---- stopping ---- */
/* All vcpus leave guest code and stop, then virtual time; returns when they have. The caller must
 * not hold the machine's lock. On a vcpu's thread it only asks, and that vcpu stops at its exit.
 * Nothing happens if they are stopped already: sm_resume() needs no count. */
void sm_pause(struct softmmu *m);
void sm_resume(struct softmmu *m);
bool sm_running(struct softmmu *m);

/* ---- saving (save.c); while they are paused ---- */
struct sm_saved;
/* The state of vcpu n as bytes, to be freed; NULL: no memory. Its exclusive monitor is open after. */
void *sm_vcpu_save(struct softmmu *m, unsigned n, size_t *len);
/* Reads such bytes and checks that they are a state of vcpu n. NULL with one line in err. */
struct sm_saved *sm_vcpu_check(struct softmmu *m, unsigned n, const void *bytes, size_t len,
                               char *err, size_t err_len);
/* Makes it the vcpu's. With the machine's lock, when memory, devices and the virtual time are
 * restored. */
void sm_vcpu_restore(struct softmmu *m, const struct sm_saved *s);
void sm_saved_free(struct sm_saved *s);
/* No vcpu uses what it has remembered of page tables and memory any more. */
void sm_tlb_forget(struct softmmu *m);
void sm_virtual_set(struct softmmu *m, int64_t ns); /* virtual time, which stands now */

/* ---- time ---- */
const struct clock_port *sm_clock(struct softmmu *m);
/* For the main loop: the descriptor is readable when timers are due; then call sm_timers_run(),
 * which takes the machine's lock and runs them. */
int sm_timers_fd(struct softmmu *m);
void sm_timers_run(struct softmmu *m);

/* ---- icount ---- */
/* What virtual time and the order of vcpus follow from; while paused. The rest of a machine's state
 * does not change between runs. */
struct sm_icount_state {
    uint64_t executed;   /* instructions, all vcpus together */
    int64_t bias;        /* virtual ns = bias + (executed << shift) */
    uint32_t shift;
    uint32_t vcpu;       /* whose turn it is */
    uint64_t turn_left;  /* instructions left of it */
};
void sm_icount_get(struct softmmu *m, struct sm_icount_state *s); /* zeros without -icount */
int sm_icount_set(struct softmmu *m, const struct sm_icount_state *s); /* 0; -EINVAL: impossible */
/* A number made of all vcpus' registers (as debuggers see them) and states, and of virtual time. On
 * the thread of report(), or while paused. */
uint64_t sm_hash(struct softmmu *m);
/* Adds bytes to a number made of some: RAM. */
uint64_t sm_hash_bytes(uint64_t h, const void *bytes, size_t len);

/* gdb, monitor: memory as the vcpu sees it now. 0 or -EFAULT; code that is overwritten is retired.
 * While the vcpu is outside guest code. */
int sm_debug_access(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write);
/* For the machine's own services (semihosting), on the vcpu's thread, outside guest code: memory with
 * the rights that the vcpu has now, RAM only. 0, or -EFAULT: what came before is done. */
int sm_guest_access(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write);
/* Physical address of a virtual one; false: not mapped. */
bool sm_debug_translate(struct tcg_vcpu *v, uint64_t addr, uint64_t *phys);

void sm_stats(struct softmmu *m, FILE *out);

#endif
