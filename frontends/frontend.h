/* SPDX-License-Identifier: MIT */
/* frontends/frontend.h -- what a guest instruction set provides; the only header of frontends/
 * that other folders include. Every caller goes through this table. */
#ifndef FRONTENDS_FRONTEND_H
#define FRONTENDS_FRONTEND_H

#include "tcg/vcpu.h"

#include <stdio.h>

struct tcg_guest;

/* A register as gdb, core files, signal frames and logs see it. Numbers are gdb's for the guest and
 * documented in the frontend's regs.def. */
struct fe_reg {
    const char *name;
    const char *feature; /* gdb target description feature, e.g. "org.gnu.gdb.aarch64.core"; NULL:
                          * not shown to gdb */
    const char *type;    /* gdb type: "uint64", "code_ptr", "aarch64v", ... */
    const char *group;   /* "general", "float", "vector", "system" */
    uint16_t bits;
};

/* One CPU model of -cpu. */
struct fe_cpu_model {
    const char *name;
    const char *text; /* for -cpu help */
};

struct fe_cpu_config; /* features chosen by -cpu; made and freed by the frontend */

/* ---- whole machines ---- */

/* Rights and place of a page, as the guest's tables (or their absence) say. */
enum fe_prot { FE_READ = 1, FE_WRITE = 2, FE_EXEC = 4 };
struct fe_page {
    uint64_t phys; /* physical address of the byte asked for */
    uint64_t size; /* of the page or block, a power of two, at least TCG_TLB_PAGE_SIZE */
    uint8_t prot;  /* enum fe_prot for the mmu index asked for, with what hardware flags leave
                    * out for now: a clean page comes without FE_WRITE */
    bool device;   /* not normal memory: unaligned accesses fault as the guest says */
    bool guarded;  /* arm64 GP */
    bool nonglobal; /* no other context has it; or flushes of it are FE_FLUSH_PAGE_ALL anyway */
};

/* What to forget. Callers give architected meaning; softmmu does it on the vcpus named. Addresses
 * are compared without the bits that tags may be in (arm64: without the top byte): entries that a
 * tagged pointer has made go too. */
struct fe_flush {
    enum {
        FE_FLUSH_ALL,
        FE_FLUSH_CONTEXT,
        FE_FLUSH_PAGE, /* of one context, and global ones (fe_page.nonglobal) */
        FE_FLUSH_PAGE_ALL /* in all contexts */
    } what;
    uint64_t context;   /* context key */
    uint64_t addr, len; /* pages [addr, addr + len) */
    bool broadcast;     /* all vcpus; done when the barrier of the guest (DSB) completes */
};

/* Input lines of a processor, by number; a frontend documents more in its cpu.h. */
enum fe_line { FE_LINE_IRQ, FE_LINE_FIQ, FE_LINE_VIRQ, FE_LINE_VFIQ, FE_LINES = 8 };

/* Kinds of firmware_call. */
enum fe_firmware { FE_FIRMWARE_HVC, FE_FIRMWARE_SMC, FE_FIRMWARE_SEMIHOSTING };

/* What a machine offers its processors. Filled by softmmu and the board; the same for all vcpus.
 * Calls happen on the vcpu's thread from helpers or from exits, without the machine's lock: the
 * provider takes it where it must. */
struct fe_system {
    void *opaque;
    /* Physical memory, for table walks: 8 or 4 bytes, little-endian number. 0, or -EFAULT: nothing
     * there. */
    int (*phys_load)(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value);
    /* Compare and swap of 8 bytes, for hardware flags: 1 swapped, 0 differed, -EFAULT. */
    int (*phys_cmpxchg)(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want);
    void (*flush)(struct tcg_vcpu *v, const struct fe_flush *f);
    void (*barrier)(struct tcg_vcpu *v); /* DSB: waits until broadcast flushes are done */
    /* The state that contexts() or mmu_now() looks at has changed: choose tables anew. In
     * translated code the helper that calls this, flush or barrier ends its region (exit sync). */
    void (*context_changed)(struct tcg_vcpu *v);
    int64_t (*clock)(struct tcg_vcpu *v); /* virtual time, ns */
    /* Calls frontend->timer(v, n) on v's thread at that time; INT64_MAX: never. One timer per n
     * < 8. */
    void (*timer_set)(struct tcg_vcpu *v, unsigned n, int64_t deadline);
    /* Output lines: timers, PMU. Numbers are the frontend's. */
    void (*line_out)(struct tcg_vcpu *v, unsigned n, bool level);
    /* System registers that are not the processor's own (interrupt controller). reg, arm64: op0 << 14
     * | op1 << 11 | CRn << 7 | CRm << 3 | op2. false: there is none (or not now): undefined. Ends the
     * region, so that input lines may change. May be called for EL1 only. */
    bool (*sysreg)(struct tcg_vcpu *v, uint32_t reg, bool write, uint64_t *value);
    unsigned ncpus;
    /* WFI: after its next exit (the caller makes one) the vcpu sleeps until has_work(). */
    void (*halt)(struct tcg_vcpu *v);
    /* The vcpu waits for another in a loop (WFE): whoever waits for a host processor may go first. */
    void (*yield)(struct tcg_vcpu *v);
    /* kind: enum fe_firmware. True if the machine has answered it (registers by reg_read and
     * reg_write; the pc is that of the next instruction); false: the instruction is undefined. */
    bool (*firmware_call)(struct tcg_vcpu *v, unsigned kind);
};

/* A piece of what is saved of a machine's vcpu: count numbers of size bytes at an offset of its
 * structure. Bits that are not in `bits` are never set. */
struct fe_state {
    const char *name;
    uint32_t offset;
    uint8_t size;   /* 1, 2, 4, 8 */
    uint16_t count; /* 0: nothing */
    uint64_t bits;
};

struct frontend {
    const char *name;          /* "aarch64": as in moa-aarch64 and -d */
    const char *uname_machine; /* what uname says */
    uint16_t elf_machine;
    uint8_t elf_class; /* 1: 32 bit, 2: 64 bit */
    uint8_t elf_data;  /* 1: little endian, 2: big endian */
    int capstone_arch, capstone_mode;

    size_t vcpu_size;              /* of the guest's structure that begins with struct tcg_vcpu */
    const struct tcg_guest *guest; /* units, pins, translate, get_pc, key, dump: tcg/ir.h */

    const struct fe_cpu_model *models; /* ended by name NULL; the first is the default */
    const struct fe_reg *regs;
    unsigned nregs;
    unsigned nsysregs;   /* that machines have besides: regs[nregs .. nregs + nsysregs) */
    const char *gdb_arch;                          /* gdb's name of the architecture */
    const char *(*gdb_types)(const char *feature); /* XML of the types a feature uses, or NULL */

    /* -cpu MODEL[,+feature,-feature,feature=on|off]. NULL with one line in err. */
    struct fe_cpu_config *(*cpu_parse)(const char *text, char *err, size_t err_len);
    void (*cpu_free)(struct fe_cpu_config *c);

    /* Fresh registers for a process or a machine; v->frontend and v->engine stay as they are. */
    void (*reset)(struct tcg_vcpu *v, const struct fe_cpu_config *c, bool user);

    void (*set_pc)(struct tcg_vcpu *v, uint64_t pc);
    /* linux-user, after a TCG_EXIT_FAULT and before a signal comes of it: true if the frontend has
     * changed how it translates and the instruction shall run again. NULL: never. */
    bool (*fault_retry)(struct tcg_vcpu *v);
    /* linux-user: from now on there are pages that only landing pads may be branched into; guarded
     * tells which, under the engine's lock. May be called while v runs: kick it afterwards. NULL:
     * the guest has no such pages. */
    void (*guard_branches)(struct tcg_vcpu *v, bool (*guarded)(struct tcg_vcpu *v, uint64_t pc));
    /* ---- whole machines; NULL where the guest has user mode only ---- */
    /* Makes the vcpu number `index` of a machine; once, after reset with user false. */
    void (*attach_system)(struct tcg_vcpu *v, const struct fe_system *sys, unsigned index);
    /* Translates addr. False: v->exit is filled for exception(): reason TCG_EXIT_FAULT (or
     * TCG_EXIT_EXCEPTION: a fetch at a misaligned pc), addr, access; code is the frontend's own.
     * syndrome, fault, mmu, size of the access are there already. probe: no hardware flags are
     * written, v->exit stays. */
    bool (*walk)(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu,
                 bool probe, struct fe_page *page);
    /* Keys of the contexts of the present state, one for each mmu index. Equal key: same tables. */
    void (*contexts)(const struct tcg_vcpu *v, uint64_t key[4]);
    /* mmu index of plain data accesses and of fetches in the present state. */
    unsigned (*mmu_now)(const struct tcg_vcpu *v);
    /* An access that physical memory refused (nothing there, or an error): fills v->exit. */
    void (*bus_error)(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access);
    /* After tcg_run returned an exception, system call or fault: enters the guest's handler, or has
     * the machine answer a firmware call. False: the guest wants what there is not; the vcpu
     * stops. */
    bool (*exception)(struct tcg_vcpu *v);
    /* Any thread. */
    void (*line_in)(struct tcg_vcpu *v, unsigned line, bool level);
    /* Takes an interrupt if one is pending and enabled. True: it did. */
    bool (*interrupt)(struct tcg_vcpu *v);
    /* Something pends that ends a wait for interrupts. */
    bool (*has_work)(struct tcg_vcpu *v);
    void (*timer)(struct tcg_vcpu *v, unsigned n);
    /* Where a kernel or firmware starts (board, PSCI): pc and first argument. */
    void (*start_at)(struct tcg_vcpu *v, uint64_t pc, uint64_t arg);

    /* Saving, of a vcpu that does not run. state_at: piece n, false behind the last. state_save: puts
     * into these pieces what is kept elsewhere, before they are read. state_valid: of a copy whose
     * pieces were filled: what masks of bits cannot say; false with one line in err. state_restored:
     * the pieces are filled; makes anew what follows from them, timers and output lines too
     * (the machine's lock is held). */
    bool (*state_at)(unsigned n, struct fe_state *s);
    void (*state_save)(struct tcg_vcpu *v);
    bool (*state_valid)(const struct tcg_vcpu *v, char *err, size_t err_len);
    void (*state_restored)(struct tcg_vcpu *v);

    /* Registers by number, guest byte order, bits / 8 bytes. 0 or -errno. */
    int (*reg_read)(struct tcg_vcpu *v, unsigned reg, void *buf);
    int (*reg_write)(struct tcg_vcpu *v, unsigned reg, const void *buf);

    /* linux-user: feature words for auxv; cpu_info prints this guest's /proc/cpuinfo for n
     * processors. */
    void (*hwcaps)(const struct fe_cpu_config *c, uint64_t hwcap[4]);
    void (*cpu_info)(const struct fe_cpu_config *c, unsigned n, FILE *out);
};

/* All guests built in, ended by NULL. */
extern const struct frontend *const frontends[];
const struct frontend *frontend_by_name(const char *name);
const struct frontend *frontend_by_elf(uint16_t machine, uint8_t elf_class, uint8_t elf_data);

#endif
