/* SPDX-License-Identifier: MIT */
/* frontends/arm64/sysreg_hooks.c -- what reads and writes of single system registers do besides the
 * field (sysregs.def). A change of what translation of addresses depends on and no TLB entry is
 * tagged with forgets all entries: architecturally they may be stale, but nothing is gained. */
#include "frontends/arm64/sysreg.h"

#include "base/base.h"

static void forget_all(struct a64_cpu *c)
{
    struct fe_flush f = { .what = FE_FLUSH_ALL };

    if (c->s.sys)
        c->s.sys->flush(&c->vc, &f);
}

static void context_changed(struct a64_cpu *c)
{
    if (c->s.sys)
        c->s.sys->context_changed(&c->vc);
}

/* ---- translation ---- */

void a64_sctlr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    uint64_t old = c->s.sctlr;

    a64_sysreg_store(c, r, value);
    a64_system_changed(c);
    if ((old ^ c->s.sctlr) & (A64_SCTLR_WXN | A64_SCTLR_EPAN))
        forget_all(c);
    if ((old ^ c->s.sctlr) & A64_SCTLR_M)
        context_changed(c);
}

void a64_cpacr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    a64_sysreg_store(c, r, value);
    a64_system_changed(c);
}

void a64_ttbr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    a64_sysreg_store(c, r, value);
    context_changed(c);
}

void a64_tcr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    uint64_t old = c->s.tcr;

    a64_sysreg_store(c, r, value);
    if (old == c->s.tcr)
        return;
    a64_system_changed(c);
    forget_all(c);
    context_changed(c);
}

void a64_mair_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    uint64_t old = c->s.mair;

    a64_sysreg_store(c, r, value);
    if (old != c->s.mair)
        forget_all(c);
}

/* ---- debug ---- */

void a64_debug_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    a64_sysreg_store(c, r, value);
}

void a64_oslar_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    c->s.oslar = (c->s.oslar & ~2ull) | (value & 1) << 1;
}

uint64_t a64_oslsr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return 8 | (c->s.oslar & 2); /* the lock is implemented; bit 1: locked */
}

uint64_t a64_claimset_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)c, (void)r;
    return 0xff;
}

void a64_claimset_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    c->s.dbgclaim |= value & 0xff;
}

void a64_claimclr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    c->s.dbgclaim &= ~(value & 0xff);
}

/* ---- identification, pending interrupts ---- */

uint64_t a64_isr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return c->pending & A64_PSTATE_DAIF;
}

/* Selected by CSSELR: level 1 data, level 1 instruction, level 2. */
uint64_t a64_ccsidr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    switch (c->s.csselr & 15) {
    case 0:
        return c->cfg->ccsidr[0];
    case 1:
        return c->cfg->ccsidr[1];
    case 2:
        return c->cfg->ccsidr[2];
    }
    return 0;
}

uint64_t a64_clidr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return c->cfg->clidr;
}
