/* SPDX-License-Identifier: MIT */
/* linux-user/abi.h -- what differs between the Linux ABIs of the guests, one const struct each.
 *
 * Implemented in abi_<isa>.c (+ abi_<isa>_signal.c) and found through the frontend's name. No
 * other file of this folder names a guest. Structures in guest memory are written in guest layout
 * by the functions here; everything that is not listed has the same layout as the 64-bit
 * little-endian generic ABI and is handed to the host kernel as it is. */
#ifndef LINUX_USER_ABI_H
#define LINUX_USER_ABI_H

#include "base/base.h"

#include <signal.h>
#include <sys/stat.h>

struct frontend;
struct lx_task;
struct lx_vma;
struct tcg_vcpu;

enum lx_nr_column { LX_NR_x86_64, LX_NR_i386, LX_NR_arm64, LX_NR_ppc64, LX_NR_COLUMNS };

/* A bit of a flag word that has another place on the host. */
struct lx_flag_map {
    uint64_t guest, host;
};

/* Everything a signal frame is made from. */
struct lx_frame {
    int sig;
    const siginfo_t *info;
    uint64_t handler, restorer; /* restorer 0: use the vDSO's sigreturn */
    uint64_t flags;             /* SA_* */
    uint64_t mask;              /* saved mask */
    uint64_t sp;                /* top to build below: alternate stack or the interrupted one */
    uint64_t fault_addr;        /* of a synchronous fault, else 0 */
    uint64_t fault_syndrome;    /* guest's syndrome word, else 0 */
    uint64_t alt_sp, alt_size;
    int alt_flags;
};

/* A note of 64-bit registers in a core file; the list ends with type 0. */
struct lx_core_note {
    uint32_t type;
    unsigned reg, count; /* numbers for fe->reg_read */
};

/* Kinds of notes in a core file that the abi fills. */
struct lx_core_regs {
    size_t gp_size, fp_size; /* sizes of elf_gregset_t and of the NT_FPREGSET payload */
    const struct lx_core_note *notes; /* further ones, NULL: none */
};

/* A vDSO: code at LX_VDSO_CODE of the image's page, its data in the page below. */
#define LX_VDSO_CODE 0x400u

struct lx_vdso_symbol {
    const char *name;
    uint16_t at, size; /* in the code; the list ends with name NULL */
};

struct lx_vdso_code {
    const char *soname, *version;
    const void *code;
    size_t len;
    const struct lx_vdso_symbol *symbols;
    uint16_t sigreturn; /* where the sigreturn code is */
    uint16_t plain_end; /* in front of it are functions that keep the stack pointer */
    uint8_t sp_column, ra_column; /* DWARF numbers */
};

struct lx_abi {
    const char *fe_name;      /* of the frontend: "aarch64" */
    const char *platform;     /* AT_PLATFORM, NULL: none */
    enum lx_nr_column column; /* of syscalls.def */
    uint8_t word;             /* bytes of a long */
    bool big_endian;
    bool epoll_packed;        /* struct epoll_event without padding */
    uint8_t svc_len;          /* bytes of the system call instruction */
    uint8_t tag_bits;         /* ignored at the top of data addresses; si_addr does not show them */
    uint64_t task_size;       /* first address user space does not have */
    uint64_t dyn_base;        /* where position-independent programs are loaded */
    uint64_t mmap_top;
    unsigned sp_reg, tls_reg; /* numbers for fe->reg_read */
    unsigned min_sigstack;    /* AT_MINSIGSTKSZ, MINSIGSTKSZ */
    const struct lx_flag_map *open_flags; /* ended by guest 0 */
    uint8_t prot_extra;       /* PROT_* bits beyond read, write and execute */
    uint32_t guard_property, guard_bits; /* the property that makes Linux map code with prot_extra */
    uint64_t guard_hwcap2;    /* prot_extra is there if the processor has these */
    struct lx_core_regs core;

    /* System call number and six arguments; result. */
    void (*get_call)(struct tcg_vcpu *v, uint64_t *nr, uint64_t a[6]);
    void (*set_ret)(struct tcg_vcpu *v, int64_t ret);
    /* Registers of a new program; the rest is as frontend's reset left it. */
    void (*start)(struct tcg_vcpu *v, uint64_t entry, uint64_t sp);

    const struct lx_vdso_code *vdso;

    /* Builds a frame and changes registers so that the handler runs. 0 or -EFAULT. */
    int (*push_frame)(struct lx_task *t, const struct lx_frame *f);
    /* Undoes it: registers from the frame at sp; *mask and the stack words. 0 or -EFAULT. */
    int (*pop_frame)(struct lx_task *t, uint64_t *mask, stack_t *alt);
    /* The syndrome word a kernel would report for an access (enum tcg_access) of the instruction at
     * pc; vma: what is mapped there, or NULL. */
    uint64_t (*syndrome)(const struct lx_task *t, uint32_t access, const struct lx_vma *vma);

    /* Guest's struct stat (newfstatat, fstat) written to buf; returns its size. */
    size_t (*put_stat)(void *buf, const struct stat *st);

    /* pr_reg and NT_FPREGSET payloads of a core file. */
    void (*core_gp)(struct tcg_vcpu *v, void *buf);
    void (*core_fp)(struct tcg_vcpu *v, void *buf);
};

/* NULL if linux-user does not know this guest. */
const struct lx_abi *lx_abi_find(const struct frontend *fe);

extern const struct lx_abi lx_abi_arm64;

static inline uint64_t lx_flags_to_host(const struct lx_flag_map *map, uint64_t flags)
{
    uint64_t out = flags;

    for (const struct lx_flag_map *m = map; m->guest; m++)
        out &= ~m->guest;
    for (const struct lx_flag_map *m = map; m->guest; m++)
        if ((flags & m->guest) == m->guest)
            out |= m->host;
    return out;
}

static inline uint64_t lx_flags_to_guest(const struct lx_flag_map *map, uint64_t flags)
{
    uint64_t out = flags;

    for (const struct lx_flag_map *m = map; m->guest; m++)
        out &= ~m->host;
    for (const struct lx_flag_map *m = map; m->guest; m++)
        if ((flags & m->host) == m->host)
            out |= m->guest;
    return out;
}

#endif
