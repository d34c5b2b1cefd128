// SPDX-License-Identifier: MIT
/* linux-user/abi_arm64_signal.c -- struct rt_sigframe of arm64 (kernel: uapi/asm/sigcontext.h,
 * arch/arm64/kernel/signal.c documents the order of the records).
 *
 * Not modelled: SVE, SME and extra-context records; a frame that holds one is refused. */
#include "linux-user/abi_arm64.h"

#include <errno.h>
#include <string.h>

#define FPSIMD_MAGIC 0x46508001u
#define ESR_MAGIC 0x45535201u

/* Bits of SPSR that sigreturn takes from a frame: NZCV, DIT, SSBS; and BTYPE, if there are guarded pages. */
#define PSR_USER 0xf1001000u
#define PSR_BTYPE 0xc00u
#define PSR_BTYPE_C 0x800u

struct ctx_head {
    uint32_t magic, size;
};

struct fpsimd_ctx {
    struct ctx_head head;
    uint32_t fpsr, fpcr;
    uint8_t v[32][16];
};

struct esr_ctx {
    struct ctx_head head;
    uint64_t esr;
};

struct sigcontext64 {
    uint64_t fault_address;
    uint64_t regs[31];
    uint64_t sp, pc, pstate;
    _Alignas(16) uint8_t reserved[4096];
};

struct ucontext64 {
    uint64_t flags, link;
    uint64_t ss_sp;
    int32_t ss_flags, pad;
    uint64_t ss_size;
    uint64_t sigmask;
    uint8_t unused[120];
    _Alignas(16) struct sigcontext64 mc;
};

struct rt_sigframe {
    siginfo_t info;
    struct ucontext64 uc;
};

struct frame_record {
    uint64_t fp, lr;
};

_Static_assert(sizeof(siginfo_t) == 128, "siginfo is the kernel's");
_Static_assert(offsetof(struct ucontext64, mc) == 176, "uapi/asm/ucontext.h");
_Static_assert(sizeof(struct rt_sigframe) == 4688, "kernel's sigframe");

static void save_context(struct lx_task *t, struct sigcontext64 *mc, const struct lx_frame *f)
{
    struct tcg_vcpu *v = t->vcpu;
    struct fpsimd_ctx fp = {.head = {FPSIMD_MAGIC, sizeof(fp)}};
    uint8_t *at = mc->reserved;

    memcpy(mc->regs, v->hot, 30 * sizeof(uint64_t));
    mc->regs[30] = lx_reg(t, A64_LR);
    mc->sp = lx_reg(t, A64_SP);
    mc->pc = lx_reg(t, A64_PC);
    mc->pstate = lx_reg(t, A64_PSTATE);
    mc->fault_address = f->fault_addr;
    fp.fpsr = (uint32_t)lx_reg(t, A64_FPSR);
    fp.fpcr = (uint32_t)lx_reg(t, A64_FPCR);
    for (unsigned i = 0; i < 32; i++)
        v->frontend->reg_read(v, A64_V0 + i, fp.v[i]);
    memcpy(at, &fp, sizeof(fp));
    at += sizeof(fp);
    if (f->fault_syndrome) {
        struct esr_ctx esr = {{ESR_MAGIC, sizeof(esr)}, f->fault_syndrome};

        memcpy(at, &esr, sizeof(esr));
    }
}

int lx_arm64_push_frame(struct lx_task *t, const struct lx_frame *f)
{
    struct rt_sigframe fr;
    uint64_t record_at = align_down(f->sp - sizeof(struct frame_record), 16);
    uint64_t at = record_at - sizeof(fr);
    struct frame_record record = {t->vcpu->hot[29], lx_reg(t, A64_LR)};
    struct tcg_vcpu *v = t->vcpu;

    memset(&fr, 0, sizeof(fr));
    fr.uc.ss_sp = f->alt_sp;
    fr.uc.ss_size = f->alt_size;
    fr.uc.ss_flags = f->alt_flags;
    fr.uc.sigmask = f->mask;
    save_context(t, &fr.uc.mc, f);
    if (f->flags & SA_SIGINFO)
        memcpy(&fr.info, f->info, sizeof(fr.info));
    if (lx_put(t, at, &fr, sizeof(fr)) || lx_put(t, record_at, &record, sizeof(record)))
        return -EFAULT;
    v->hot[0] = (uint64_t)f->sig;
    if (f->flags & SA_SIGINFO) {
        v->hot[1] = at + offsetof(struct rt_sigframe, info);
        v->hot[2] = at + offsetof(struct rt_sigframe, uc);
    }
    v->hot[29] = record_at;
    lx_set_reg(t, A64_LR, f->restorer ? f->restorer : t->p->trampoline);
    lx_set_reg(t, A64_SP, at);
    v->frontend->set_pc(v, f->handler);
    if (t->p->guarded) /* a handler is entered like a function called through a register */
        lx_set_reg(t, A64_PSTATE, (fr.uc.mc.pstate & ~PSR_BTYPE) | PSR_BTYPE_C);
    return 0;
}

/* The records behind the general registers: exactly one with the vector registers. */
static int find_fpsimd(const struct sigcontext64 *mc, struct fpsimd_ctx *fp)
{
    size_t at = 0;
    bool found = false;

    for (;;) {
        struct ctx_head h;

        if (sizeof(mc->reserved) - at < sizeof(h))
            return -EFAULT;
        memcpy(&h, mc->reserved + at, sizeof(h));
        if (h.magic == 0)
            return h.size == 0 && found ? 0 : -EFAULT;
        if (h.size < sizeof(h) || h.size & 15 || h.size > sizeof(mc->reserved) - at)
            return -EFAULT;
        if (h.magic == FPSIMD_MAGIC && !found && h.size >= sizeof(*fp)) {
            memcpy(fp, mc->reserved + at, sizeof(*fp));
            found = true;
        } else if (h.magic != ESR_MAGIC) {
            return -EFAULT;
        }
        at += h.size;
    }
}

int lx_arm64_pop_frame(struct lx_task *t, uint64_t *mask, stack_t *alt)
{
    uint64_t at = lx_reg(t, A64_SP);
    struct tcg_vcpu *v = t->vcpu;
    struct rt_sigframe fr;
    struct fpsimd_ctx fp;

    if (at & 15 || lx_get(t, &fr, at, sizeof(fr)) || find_fpsimd(&fr.uc.mc, &fp))
        return -EFAULT;
    memcpy(v->hot, fr.uc.mc.regs, 30 * sizeof(uint64_t));
    lx_set_reg(t, A64_LR, fr.uc.mc.regs[30]);
    lx_set_reg(t, A64_SP, fr.uc.mc.sp);
    v->frontend->set_pc(v, fr.uc.mc.pc);
    lx_set_reg(t, A64_PSTATE, fr.uc.mc.pstate & (t->p->guarded ? PSR_USER | PSR_BTYPE : PSR_USER));
    for (unsigned i = 0; i < 32; i++)
        v->frontend->reg_write(v, A64_V0 + i, fp.v[i]);
    lx_set_reg(t, A64_FPSR, fp.fpsr);
    lx_set_reg(t, A64_FPCR, fp.fpcr);
    *mask = fr.uc.sigmask;
    alt->ss_sp = (void *)(uintptr_t)fr.uc.ss_sp;
    alt->ss_size = fr.uc.ss_size;
    alt->ss_flags = fr.uc.ss_flags;
    return 0;
}
