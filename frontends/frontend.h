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

struct frontend {
    const char *name;          /* "aarch64": as in moa-aarch64 and -d */
    const char *uname_machine; /* what uname says */
    uint16_t elf_machine;
    uint8_t elf_class;         /* 1: 32 bit, 2: 64 bit */
    uint8_t elf_data;          /* 1: little endian, 2: big endian */
    int capstone_arch, capstone_mode;

    size_t vcpu_size;          /* of the guest's structure that begins with struct tcg_vcpu */
    const struct tcg_guest *guest; /* units, pins, translate, get_pc, key, dump: tcg/ir.h */

    const struct fe_cpu_model *models; /* ended by name NULL; the first is the default */
    const struct fe_reg *regs;
    unsigned nregs;
    const char *gdb_arch;                           /* gdb's name of the architecture */
    const char *(*gdb_types)(const char *feature);  /* XML of the types a feature uses, or NULL */

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
