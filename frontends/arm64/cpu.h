/* SPDX-License-Identifier: MIT */
/* frontends/arm64/cpu.h -- the state of one arm64 processor: of a program at EL0 (user mode), or of a
 * machine with EL0 and EL1 (EL2, EL3 and AArch32 do not exist).
 *
 * In a machine, output lines (fe_system.line_out) are numbered by enum a64_line; input lines are
 * FE_LINE_IRQ and FE_LINE_FIQ, level sensitive.
 *
 * Begins with struct tcg_vcpu. Registers are homes of units (regs.def); outside translated code
 * every register is in its home. x0..x29 live in vc.hot[]. Owned by the thread that runs it. */
#ifndef FRONTENDS_ARM64_CPU_H
#define FRONTENDS_ARM64_CPU_H

#include "frontends/arm64/feature.h"
#include "frontends/frontend.h"
#include "tcg/ir.h"
#include "tcg/vec.h"

struct fe_limits;

/* Frontend exceptions (enum tcg_exc from TCG_EXC_FRONTEND on). exit.addr as said. */
enum a64_exc {
    A64_EXC_BTI = 64, /* branch to a guarded page without a landing pad */
    A64_EXC_PAC,      /* authentication failed (FEAT_FPAC); addr: the pointer */
    A64_EXC_MOPS,     /* memory copy or set with registers that fit no option */
    /* Whole machines only: */
    A64_EXC_ALIGN_WRITE, /* TCG_EXC_ALIGN of a store */
    A64_EXC_ESR,         /* addr is the syndrome as ESR_EL1 will hold it */
    A64_EXC_HVC,         /* addr: immediate; the pc is behind the instruction, as with the rest */
    A64_EXC_SMC,
    A64_EXC_HLT,         /* semihosting */
    A64_EXC_WFI,         /* not exceptions but work for outside translated code: wait */
    A64_EXC_WFE,         /* let others run */
    A64_EXC_STEP,        /* software step, in front of the instruction */
    A64_EXC_WATCH,       /* a watchpoint of the guest; addr, access */
    A64_EXC_BARRIER,     /* wait until broadcast maintenance is done */
    A64_EXC_ALIGN_READ,  /* TCG_EXC_ALIGN of a load that no access has found */
};

/* tcg_mem.fault, tcg_exit.fault. */
enum a64_fault_class {
    A64_FAULT_PLAIN,
    A64_FAULT_ATOMIC, /* loads and stores at once: a read (ISS.WnR) if reading alone would fault */
};

/* How the pointer authentication code is computed. */
enum a64_pac_alg { A64_PAC_IMPDEF, A64_PAC_QARMA5 };

/* Order of a64_cpu.keys. */
enum a64_key_no { A64_KEY_IA, A64_KEY_IB, A64_KEY_DA, A64_KEY_DB, A64_KEY_GA, A64_KEY_COUNT };

/* Output lines of a machine's processor. */
enum a64_line {
    A64_LINE_VTIMER, A64_LINE_PTIMER, A64_LINE_HTIMER, A64_LINE_STIMER, A64_LINE_PMU, A64_LINE_COUNT
};

enum { A64_NTIMERS = 2, A64_NCOUNTERS = 6, A64_NBREAKS = 6, A64_NWATCHES = 4 };

/* What -cpu chose. Shared by all vcpus, read-only. */
struct fe_cpu_config {
    const char *model;
    uint64_t features;      /* set of enum a64_feature */
    enum a64_pac_alg pac;
    bool fpac;              /* failed authentication faults at once */
    uint64_t midr, revidr, ctr;
    uint64_t id[A64_ID_COUNT]; /* ID registers as Linux shows them to EL0 */
    uint64_t idreg[64];        /* machines: op0 3, op1 0, CRn 0; index CRm << 3 | op2 */
    uint64_t clidr, ccsidr[3], pmceid[2]; /* ccsidr: L1D, L1I, L2 */
    uint64_t sctlr;            /* at reset */
    uint64_t pmcr;             /* implementer and code of PMCR_EL0 */
    uint64_t sysfeat;          /* set of enum a64_sysfeat (system.h) */
    uint32_t dczid;
    uint64_t cntfrq;
};

/* System registers of a machine's processor, as the manual lays them out; sysregs.def names them. */
struct a64_sys {
    const struct fe_system *sys; /* NULL: user mode */
    uint32_t index;              /* of the vcpu */
    uint64_t key[2];             /* by EL: the part of the region key that only registers make */
    uint64_t sctlr, actlr, cpacr, ttbr[2], tcr, mair, amair, vbar, afsr0, afsr1, par, contextidr;
    uint64_t csselr, cntkctl, mpidr, disr, scxtnum[2], lor[4], errselr, cntfrq;
    uint64_t cnt_ctl[A64_NTIMERS], cnt_cval[A64_NTIMERS]; /* virtual, physical */
    int64_t told_deadline[A64_NTIMERS + 1]; /* what the machine was told last; 0: nothing yet */
    uint8_t told_line[A64_LINE_COUNT];      /* 0: nothing yet, 1: low, 2: high */
    bool told;                              /* since reset, by a64_outputs() */
    uint64_t mdscr, mdccint, oslar, osdlr, oseccr, dbgclaim, osdtr[2];
    uint64_t dbgbvr[A64_NBREAKS], dbgbcr[A64_NBREAKS], dbgwvr[A64_NWATCHES], dbgwcr[A64_NWATCHES];
    uint64_t pmcr, pmcnten, pmovs, pmselr, pminten, pmuserenr, pmccntr, pmccfiltr;
    uint64_t pmevcntr[A64_NCOUNTERS], pmevtyper[A64_NCOUNTERS];
    bool gic_regs;               /* the machine answers ICC_SRE_EL1 */
    uint8_t pac_key;             /* of the last failed authentication: enum a64_key_no */
    uint32_t fpsr;               /* while it is saved or restored (save.c) */
    uint64_t pm_base;            /* cycle count when the counters above were right */
    struct {                     /* the last failed translation, until it is an exception */
        uint64_t addr;
        uint32_t fsc;
        uint8_t access;          /* enum tcg_access */
        bool valid, maintenance; /* by a cache or address translation instruction (ISS.CM) */
    } fault;
};

struct a64_cpu {
    struct tcg_vcpu vc;
    /* ---- homes of units; regs.def names them ---- */
    uint64_t x30, sp, pc;
    uint32_t nzcv;          /* packed as the IR's fpack */
    uint32_t btype;         /* set by indirect branches while guarded pages exist */
    uint64_t fpcr;
    uint64_t pstate;        /* as SPSR, without NZCV and BTYPE; user mode: DIT and SSBS */
    uint64_t tpidr, tpidrro;
    uint64_t tpidr_el1, sp_el[2]; /* stack pointers of SPSel 0 and 1; the current one is in sp */
    uint64_t elr, spsr, esr, far;
    uint64_t sysval;        /* what a helper has read for MRS */
    _Atomic uint32_t pending; /* enum a64_pstate: A, I, F that wait; set by any thread */
    uint32_t stepped;       /* the instruction that runs is the one of a software step */
    uint32_t barrier;       /* broadcast maintenance not waited for yet */
    uint64_t excl_addr, excl_lo, excl_hi; /* exclusive monitor; address ~0: open */
    uint64_t excl_pair;     /* where the region of a load exclusive was left with nothing noisy
                             * behind the load (trans_ldst_excl.c), 0: nowhere */
    struct tcg_vec qc __attribute__((aligned(16))); /* any bit set: FPSR.QC */
    struct tcg_vec v[32] __attribute__((aligned(32)));
    /* ---- not units ---- */
    uint64_t keys[A64_KEY_COUNT][2]; /* lo, hi */
    const struct fe_cpu_config *cfg;
    bool user;
    bool mask_tags;         /* region key: data addresses lose their top byte before use */
    struct a64_sys s;       /* machines; not units */
    /* linux-user: is the page of pc mapped with PROT_BTI? NULL: no such page exists. */
    bool (*_Atomic guarded)(struct tcg_vcpu *v, uint64_t pc);
};

enum a64_pstate {
    A64_PSTATE_SP = 1 << 0, A64_PSTATE_EL1 = 1 << 2, A64_PSTATE_MODE = 0x1f,
    A64_PSTATE_F = 1 << 6, A64_PSTATE_I = 1 << 7, A64_PSTATE_A = 1 << 8, A64_PSTATE_D = 1 << 9,
    A64_PSTATE_DAIF = 15 << 6, A64_PSTATE_BTYPE = 3 << 10, A64_PSTATE_SSBS = 1 << 12,
    A64_PSTATE_IL = 1 << 20, A64_PSTATE_SS = 1 << 21, A64_PSTATE_PAN = 1 << 22,
    A64_PSTATE_UAO = 1 << 23, A64_PSTATE_DIT = 1 << 24,
};

enum a64_fpcr {
    A64_FPCR_FZ16 = 1 << 19, A64_FPCR_RMODE = 3 << 22, A64_FPCR_FZ = 1 << 24,
    A64_FPCR_DN = 1 << 25, A64_FPCR_AHP = 1 << 26,
    A64_FPCR_MASK = A64_FPCR_FZ16 | A64_FPCR_RMODE | A64_FPCR_FZ | A64_FPCR_DN | A64_FPCR_AHP,
};

enum a64_fpsr { A64_FPSR_EXC = 0x1f, A64_FPSR_IDC = 1 << 7, A64_FPSR_QC = 1 << 27 };

/* Unit numbers. */
enum a64_unit {
#define UNIT(id, name, type, member) A64_U_##id,
#include "frontends/arm64/regs.def"
    A64_U_COUNT
};
_Static_assert(A64_U_X0 == 0 && A64_U_X30 == 30 && A64_U_SP == 31, "x registers by number");

static inline struct a64_cpu *a64_cpu(struct tcg_vcpu *v)
{
    return (struct a64_cpu *)v;
}

extern const struct tcg_guest a64_guest;    /* units.c */
extern const struct frontend frontend_arm64; /* frontend.c */

/* config.c: -cpu and the ID registers. */
struct fe_cpu_config *a64_cpu_parse(const char *text, char *err, size_t err_len);
void a64_cpu_free(struct fe_cpu_config *c);
void a64_hwcaps(const struct fe_cpu_config *c, uint64_t hwcap[4]);
void a64_cpu_info(const struct fe_cpu_config *c, unsigned n, FILE *out);
extern const struct fe_cpu_model a64_models[];

/* Architected views of packed or scattered state; vcpu outside translated code. */
uint32_t a64_nzcv_from_packed(uint32_t packed); /* N Z C V at bits 31..28 */
uint32_t a64_packed_from_nzcv(uint32_t nzcv);
uint64_t a64_cpsr(const struct a64_cpu *c);
void a64_set_cpsr(struct a64_cpu *c, uint64_t value);
uint32_t a64_fpsr(const struct a64_cpu *c);
void a64_set_fpsr(struct a64_cpu *c, uint32_t value);
void a64_set_fpcr(struct a64_cpu *c, uint64_t value); /* and the host's rounding */

uint64_t a64_get_pc(const struct tcg_vcpu *v);
void a64_dump(const struct tcg_vcpu *v, FILE *out);

/* translate.c */
uint64_t a64_region_key(const struct tcg_vcpu *v);
void a64_translate(struct tcg_builder *b, struct tcg_vcpu *v, uint64_t pc, uint64_t key,
                   const struct tcg_limits *lim);

#endif
