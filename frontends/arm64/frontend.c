/* SPDX-License-Identifier: MIT */
/* frontends/arm64/frontend.c -- the arm64 entry of the table of guests: reset, registers by gdb
 * number, and the architected views of state that the homes hold otherwise. */
#include "frontends/arm64/system.h"

#include "base/log.h"
#include "tcg/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

/* ---- views ---- */

uint32_t a64_nzcv_from_packed(uint32_t packed)
{
    return (packed & TCG_FBIT_S ? 1u << 31 : 0) | (packed & TCG_FBIT_Z ? 1u << 30 : 0) |
           (packed & TCG_FBIT_C ? 1u << 29 : 0) | (packed & TCG_FBIT_O ? 1u << 28 : 0);
}

uint32_t a64_packed_from_nzcv(uint32_t nzcv)
{
    return (nzcv >> 31 & 1 ? TCG_FBIT_S : 0) | (nzcv >> 30 & 1 ? TCG_FBIT_Z : 0) |
           (nzcv >> 29 & 1 ? TCG_FBIT_C : 0) | (nzcv >> 28 & 1 ? TCG_FBIT_O : 0);
}

uint64_t a64_cpsr(const struct a64_cpu *c)
{
    return a64_nzcv_from_packed(c->nzcv) | (c->btype & 3) << 10 | c->pstate;
}

void a64_set_cpsr(struct a64_cpu *c, uint64_t value)
{
    uint64_t all = A64_PSTATE_DAIF | A64_PSTATE_PAN | A64_PSTATE_UAO | A64_PSTATE_SSBS |
                   A64_PSTATE_DIT | A64_PSTATE_IL | A64_PSTATE_SS | A64_PSTATE_MODE;
    unsigned mode = value & A64_PSTATE_MODE;

    c->nzcv = a64_packed_from_nzcv((uint32_t)value);
    c->btype = value >> 10 & 3;
    if (c->user)
        c->pstate = value & (A64_PSTATE_DIT | A64_PSTATE_SSBS);
    else if (mode == 0 || mode == 4 || mode == 5)
        a64_set_pstate(c, value & all);
}

uint32_t a64_fpsr(const struct a64_cpu *c)
{
    uint32_t bits = tcg_fstatus_get(&c->vc);

    return (bits & A64_FPSR_EXC) | (bits & TCG_FX_DENORMAL ? A64_FPSR_IDC : 0) |
           (c->qc.d[0] | c->qc.d[1] ? A64_FPSR_QC : 0);
}

void a64_set_fpsr(struct a64_cpu *c, uint32_t value)
{
    tcg_fstatus_set(&c->vc, (value & A64_FPSR_EXC) | (value & A64_FPSR_IDC ? TCG_FX_DENORMAL : 0));
    c->qc.d[0] = c->qc.d[1] = value & A64_FPSR_QC ? ~0ull : 0;
}

void a64_set_fpcr(struct a64_cpu *c, uint64_t value)
{
    value &= A64_FPCR_MASK;
    if (!(c->cfg->features & A64_FEAT_BIT(FPHP)))
        value &= ~(uint64_t)A64_FPCR_FZ16;
    c->fpcr = value;
    tcg_fround_set(&c->vc, value >> 22 & 3);
}

/* ---- the table's functions ---- */

uint64_t a64_get_pc(const struct tcg_vcpu *v)
{
    return ((const struct a64_cpu *)v)->pc;
}

/* Also used when a signal handler is entered or left, which clears the exclusive monitor and, as
 * the kernel does, BTYPE. */
static void set_pc(struct tcg_vcpu *v, uint64_t pc)
{
    a64_cpu(v)->pc = pc;
    a64_cpu(v)->btype = 0;
    a64_cpu(v)->excl_addr = ~0ull;
}

static void reset(struct tcg_vcpu *v, const struct fe_cpu_config *cfg, bool user)
{
    struct a64_cpu *c = a64_cpu(v);

    memset(v->hot, 0, sizeof(v->hot));
    /* All but pending: its bits are levels that the machine holds, and may change meanwhile. */
    memset(&c->x30, 0, offsetof(struct a64_cpu, pending) - offsetof(struct a64_cpu, x30));
    memset(&c->stepped, 0, offsetof(struct a64_cpu, cfg) - offsetof(struct a64_cpu, stepped));
    atomic_fetch_and(&c->pending, user ? 0u : (uint32_t)(A64_PSTATE_I | A64_PSTATE_F));
    c->cfg = cfg;
    c->user = user;
    c->excl_addr = ~0ull;
    if (cfg->features & A64_FEAT_BIT(SSBS))
        c->pstate = A64_PSTATE_SSBS;
    for (unsigned k = 0; k < A64_KEY_COUNT; k++) { /* until prctl or the kernel sets them */
        c->keys[k][0] = 0x9e3779b97f4a7c15ull * (k + 1);
        c->keys[k][1] = 0xc2b2ae3d27d4eb4full * (k + 1);
    }
    if (!user)
        a64_system_reset(c);
    if (v->engine) { /* else attaching does that */
        a64_set_fpcr(c, 0);
        a64_set_fpsr(c, 0);
    }
}

enum reg_kind {
    KIND_X, KIND_SP, KIND_PC, KIND_CPSR, KIND_V, KIND_FPSR, KIND_FPCR, KIND_TPIDR, KIND_PACMASK
};

#define SYSTEM_FEATURE "org.moa.aarch64.system"
#define UNIT_REGS                                                                                 \
    UNIT_REG("SP_EL0") UNIT_REG("SP_EL1") UNIT_REG("ELR_EL1") UNIT_REG("SPSR_EL1")                \
    UNIT_REG("ESR_EL1") UNIT_REG("FAR_EL1") UNIT_REG("TPIDR_EL1") UNIT_REG("TPIDRRO_EL0")
/* The same for every program that runs on it; other encodings of the space are reserved, zero. */
#define ID_REGS                                                                                   \
    ID_REG("MIDR_EL1", 0, 0) ID_REG("REVIDR_EL1", 0, 6)                 \
    ID_REG("ID_PFR0_EL1", 1, 0) ID_REG("ID_PFR1_EL1", 1, 1) ID_REG("ID_DFR0_EL1", 1, 2)           \
    ID_REG("ID_AFR0_EL1", 1, 3) ID_REG("ID_MMFR0_EL1", 1, 4) ID_REG("ID_MMFR1_EL1", 1, 5)         \
    ID_REG("ID_MMFR2_EL1", 1, 6) ID_REG("ID_MMFR3_EL1", 1, 7) ID_REG("ID_ISAR0_EL1", 2, 0)        \
    ID_REG("ID_ISAR1_EL1", 2, 1) ID_REG("ID_ISAR2_EL1", 2, 2) ID_REG("ID_ISAR3_EL1", 2, 3)        \
    ID_REG("ID_ISAR4_EL1", 2, 4) ID_REG("ID_ISAR5_EL1", 2, 5) ID_REG("ID_MMFR4_EL1", 2, 6)        \
    ID_REG("ID_ISAR6_EL1", 2, 7) ID_REG("MVFR0_EL1", 3, 0) ID_REG("MVFR1_EL1", 3, 1)              \
    ID_REG("MVFR2_EL1", 3, 2) ID_REG("ID_PFR2_EL1", 3, 4) ID_REG("ID_DFR1_EL1", 3, 5)             \
    ID_REG("ID_MMFR5_EL1", 3, 6) ID_REG("ID_AA64PFR0_EL1", 4, 0) ID_REG("ID_AA64PFR1_EL1", 4, 1)  \
    ID_REG("ID_AA64ZFR0_EL1", 4, 4) ID_REG("ID_AA64DFR0_EL1", 5, 0)                               \
    ID_REG("ID_AA64DFR1_EL1", 5, 1) ID_REG("ID_AA64AFR0_EL1", 5, 4)                               \
    ID_REG("ID_AA64AFR1_EL1", 5, 5) ID_REG("ID_AA64ISAR0_EL1", 6, 0)                              \
    ID_REG("ID_AA64ISAR1_EL1", 6, 1) ID_REG("ID_AA64ISAR2_EL1", 6, 2)                             \
    ID_REG("ID_AA64MMFR0_EL1", 7, 0) ID_REG("ID_AA64MMFR1_EL1", 7, 1)                             \
    ID_REG("ID_AA64MMFR2_EL1", 7, 2)
enum {
#define GDB(number, ...) NREGS_AFTER_##number = (number),
#include "frontends/arm64/regs.def"
    NREGS, /* one more than the last */
#define UNIT_REG(reg_name) + 1
    NUNIT_REGS = 0 UNIT_REGS,
#undef UNIT_REG
};

static const struct fe_reg regs[] = {
#define GDB(number, reg_name, part, reg_type, reg_group, reg_bits, kind, index)                   \
    [number] = { reg_name, "org.gnu.gdb.aarch64." part, reg_type, reg_group, reg_bits },
#include "frontends/arm64/regs.def"
/* Machines: those that are units, then the table of system registers. */
#define UNIT_REG(reg_name) { reg_name, SYSTEM_FEATURE, "uint64", "system", 64 },
    UNIT_REGS
#undef UNIT_REG
#define SYSREG(reg_name, o0, o1, n, m, o2, acc, field, mask, value, feat, trap, fl, idx, rd, wr)      \
    { reg_name, SYSTEM_FEATURE, "uint64", "system", 64 },
#include "frontends/arm64/sysregs.def"
#define ID_REG(reg_name, crm, op2) { reg_name, SYSTEM_FEATURE, "uint64", "system", 64 },
    ID_REGS
#undef ID_REG
};

#define ID_REG(reg_name, crm, op2) A64_SYSREG(3, 0, 0, crm, op2),
static const uint16_t id_regs[] = { ID_REGS };
#undef ID_REG

static const struct {
    uint8_t kind, index;
} reg_at[NREGS] = {
#define GDB(number, reg_name, part, reg_type, reg_group, reg_bits, kind, index)                   \
    [number] = { KIND_##kind, index },
#include "frontends/arm64/regs.def"
};

static void put_le(uint8_t *to, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get_le(const uint8_t *from, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)from[i] << 8 * i;
    return v;
}

static uint64_t *x_home(struct a64_cpu *c, unsigned n)
{
    return n == 30 ? &c->x30 : &c->vc.hot[n];
}

/* In the order of UNIT_REGS. */
static uint64_t *unit_home(struct a64_cpu *c, unsigned n)
{
    bool el1 = c->pstate & A64_PSTATE_EL1 && c->pstate & A64_PSTATE_SP;
    uint64_t *const homes[NUNIT_REGS] = {
        el1 ? &c->sp_el[0] : &c->sp, el1 ? &c->sp : &c->sp_el[1], &c->elr, &c->spsr, &c->esr,
        &c->far, &c->tpidr_el1, &c->tpidrro,
    };

    return homes[n];
}

/* A register that only machines have; n counts from the first. Writes are for fields without effects
 * besides: others would act on another thread than the processor's. */
static int sysreg_access(struct a64_cpu *c, unsigned n, uint64_t *value, bool write)
{
    const struct a64_sysreg *r;

    if (c->user || n >= ARRAY_LEN(regs) - NREGS)
        return -EINVAL;
    if (n < NUNIT_REGS) {
        if (write)
            *unit_home(c, n) = *value;
        else
            *value = *unit_home(c, n);
        return 0;
    }
    n -= NUNIT_REGS;
    if (n >= a64_nsysregs)
        return write || !a64_id_value(c, id_regs[n - a64_nsysregs], value) ? -EPERM : 0;
    r = a64_sysreg_find(c->cfg, a64_sysregs[n].reg);
    if (write) {
        if (!r || r->write || (r->flags & A64_SR_END))
            return -EPERM;
        a64_sysreg_write(c, r, *value);
        return 0;
    }
    *value = r && (r->access & A64_ACC_R1) ? a64_sysreg_read(c, r) : 0;
    return 0;
}

static int reg_read(struct tcg_vcpu *v, unsigned reg, void *buf)
{
    struct a64_cpu *c = a64_cpu(v);
    uint64_t value = 0;

    if (reg >= NREGS) {
        int err = sysreg_access(c, reg - NREGS, &value, false);

        put_le(buf, value, err ? 0 : 8);
        return err;
    }
    switch (reg_at[reg].kind) {
    case KIND_X:
        value = *x_home(c, reg_at[reg].index);
        break;
    case KIND_SP:
        value = c->sp;
        break;
    case KIND_PC:
        value = c->pc;
        break;
    case KIND_CPSR:
        value = a64_cpsr(c);
        break;
    case KIND_V:
        put_le(buf, c->v[reg_at[reg].index].d[0], 8);
        put_le((uint8_t *)buf + 8, c->v[reg_at[reg].index].d[1], 8);
        return 0;
    case KIND_FPSR:
        value = a64_fpsr(c);
        break;
    case KIND_FPCR:
        value = c->fpcr;
        break;
    case KIND_TPIDR:
        value = c->tpidr;
        break;
    case KIND_PACMASK: /* where a pointer holds its authentication code */
        value = c->cfg->features & A64_FEAT_BIT(PACA) ? 0x007f000000000000 : 0;
        break;
    }
    put_le(buf, value, regs[reg].bits / 8);
    return 0;
}

static int reg_write(struct tcg_vcpu *v, unsigned reg, const void *buf)
{
    struct a64_cpu *c = a64_cpu(v);
    uint64_t value;

    if (reg >= NREGS) {
        value = get_le(buf, 8);
        return sysreg_access(c, reg - NREGS, &value, true);
    }
    value = get_le(buf, regs[reg].bits == 32 ? 4 : 8);
    switch (reg_at[reg].kind) {
    case KIND_X:
        *x_home(c, reg_at[reg].index) = value;
        break;
    case KIND_SP:
        c->sp = value;
        break;
    case KIND_PC:
        set_pc(v, value);
        break;
    case KIND_CPSR:
        a64_set_cpsr(c, value);
        break;
    case KIND_V:
        c->v[reg_at[reg].index].d[0] = value;
        c->v[reg_at[reg].index].d[1] = get_le((const uint8_t *)buf + 8, 8);
        break;
    case KIND_FPSR:
        a64_set_fpsr(c, (uint32_t)value);
        break;
    case KIND_FPCR:
        a64_set_fpcr(c, value);
        break;
    case KIND_TPIDR:
        c->tpidr = value;
        break;
    }
    return 0;
}

/* A tagged pointer: EL0 has top byte ignore in Linux, the host does not. Translated code uses
 * addresses as they are until one faults that way; from then on tags are masked. */
static bool fault_retry(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);
    const struct tcg_exit *e = &v->exit;
    bool no_address = e->host_sig && e->host_code == SI_KERNEL; /* x86: not canonical */

    if (c->mask_tags || e->access == TCG_FETCH || !(no_address || e->addr >> 56))
        return false;
    c->mask_tags = true;
    return true;
}

static void guard_branches(struct tcg_vcpu *v, bool (*guarded)(struct tcg_vcpu *v, uint64_t pc))
{
    atomic_store(&a64_cpu(v)->guarded, guarded);
}

/* In the form that users of QEMU's -d cpu know. */
void a64_dump(const struct tcg_vcpu *v, FILE *out)
{
    const struct a64_cpu *c = (const struct a64_cpu *)v;
    uint64_t ps = a64_cpsr(c);
    char line[2048];
    int n = snprintf(line, sizeof(line), " PC=%016" PRIx64 " ", c->pc);

    for (unsigned i = 0; i < 31; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, "X%02u=%016" PRIx64 "%c", i,
                      i == 30 ? c->x30 : v->hot[i], i % 3 == 1 ? '\n' : ' ');
    snprintf(line + n, sizeof(line) - (size_t)n,
             " SP=%016" PRIx64 "\nPSTATE=%08x %c%c%c%c EL%u%c  BTYPE=%u\n", c->sp, (uint32_t)ps,
             ps >> 31 & 1 ? 'N' : '-', ps >> 30 & 1 ? 'Z' : '-', ps >> 29 & 1 ? 'C' : '-',
             ps >> 28 & 1 ? 'V' : '-', a64_el(c), ps & A64_PSTATE_SP ? 'h' : 't', c->btype & 3);
    fputs(line, out);
    if (!log_on(LOG_fpu))
        return;
    n = snprintf(line, sizeof(line), "     FPCR=%08x FPSR=%08x\n", (uint32_t)c->fpcr, a64_fpsr(c));
    for (unsigned i = 0; i < 32; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, "Q%02u=%016" PRIx64 ":%016" PRIx64 "%c",
                      i, c->v[i].d[1], c->v[i].d[0], i & 1 ? '\n' : ' ');
    fputs(line, out);
}

/* The types that registers of a feature have beside gdb's own. */
static const char *gdb_types(const char *feature)
{
    if (strcmp(feature, "org.gnu.gdb.aarch64.core") == 0)
        return "<flags id=\"cpsr_flags\" size=\"4\">"
               "<field name=\"BTYPE\" start=\"10\" end=\"11\"/>"
               "<field name=\"SP\" start=\"0\" end=\"0\"/>"
               "<field name=\"EL\" start=\"2\" end=\"3\"/>"
               "<field name=\"F\" start=\"6\" end=\"6\"/>"
               "<field name=\"I\" start=\"7\" end=\"7\"/>"
               "<field name=\"A\" start=\"8\" end=\"8\"/>"
               "<field name=\"D\" start=\"9\" end=\"9\"/>"
               "<field name=\"SSBS\" start=\"12\" end=\"12\"/>"
               "<field name=\"IL\" start=\"20\" end=\"20\"/>"
               "<field name=\"SS\" start=\"21\" end=\"21\"/>"
               "<field name=\"PAN\" start=\"22\" end=\"22\"/>"
               "<field name=\"UAO\" start=\"23\" end=\"23\"/>"
               "<field name=\"DIT\" start=\"24\" end=\"24\"/>"
               "<field name=\"V\" start=\"28\" end=\"28\"/>"
               "<field name=\"C\" start=\"29\" end=\"29\"/>"
               "<field name=\"Z\" start=\"30\" end=\"30\"/>"
               "<field name=\"N\" start=\"31\" end=\"31\"/></flags>\n";
    if (strcmp(feature, "org.gnu.gdb.aarch64.fpu") != 0)
        return NULL;
#define VEC(id, type, count) "<vector id=\"" id "\" type=\"" type "\" count=\"" count "\"/>"
#define VIEW(id, ...) "<union id=\"" id "\">" __VA_ARGS__ "</union>\n"
#define PART(name, type) "<field name=\"" name "\" type=\"" type "\"/>"
    return VEC("v2d", "ieee_double", "2") VEC("v2u", "uint64", "2") VEC("v2i", "int64", "2")
           VEC("v4f", "ieee_single", "4") VEC("v4u", "uint32", "4") VEC("v4i", "int32", "4")
           VEC("v8h", "ieee_half", "8") VEC("v8u", "uint16", "8") VEC("v8i", "int16", "8")
           VEC("v16u", "uint8", "16") VEC("v16i", "int8", "16")
           VEC("v1u", "uint128", "1") VEC("v1i", "int128", "1")
           VIEW("vnd", PART("f", "v2d") PART("u", "v2u") PART("s", "v2i"))
           VIEW("vns", PART("f", "v4f") PART("u", "v4u") PART("s", "v4i"))
           VIEW("vnh", PART("f", "v8h") PART("u", "v8u") PART("s", "v8i"))
           VIEW("vnb", PART("u", "v16u") PART("s", "v16i"))
           VIEW("vnq", PART("u", "v1u") PART("s", "v1i"))
           VIEW("aarch64v", PART("d", "vnd") PART("s", "vns") PART("h", "vnh") PART("b", "vnb")
                            PART("q", "vnq"));
#undef VEC
#undef VIEW
#undef PART
}

const struct frontend frontend_arm64 = {
    .name = "aarch64",
    .uname_machine = "aarch64",
    .elf_machine = 183,
    .elf_class = 2,
    .elf_data = 1,
    .capstone_arch = 1, /* CS_ARCH_ARM64; little endian is mode 0 */
    .capstone_mode = 0,
    .vcpu_size = sizeof(struct a64_cpu),
    .guest = &a64_guest,
    .models = a64_models,
    .regs = regs,
    .nregs = NREGS,
    .nsysregs = ARRAY_LEN(regs) - NREGS,
    .gdb_arch = "aarch64",
    .gdb_types = gdb_types,
    .cpu_parse = a64_cpu_parse,
    .cpu_free = a64_cpu_free,
    .reset = reset,
    .set_pc = set_pc,
    .fault_retry = fault_retry,
    .guard_branches = guard_branches,
    .attach_system = a64_attach_system,
    .walk = a64_walk,
    .contexts = a64_contexts,
    .mmu_now = a64_mmu_now,
    .bus_error = a64_bus_error,
    .exception = a64_exception,
    .line_in = a64_line_in,
    .interrupt = a64_interrupt,
    .has_work = a64_has_work,
    .timer = a64_timer,
    .start_at = a64_start_at,
    .state_at = a64_state_at,
    .state_save = a64_state_save,
    .state_valid = a64_state_valid,
    .state_restored = a64_state_restored,
    .reg_read = reg_read,
    .reg_write = reg_write,
    .hwcaps = a64_hwcaps,
    .cpu_info = a64_cpu_info,
};
