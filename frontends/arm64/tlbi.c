/* SPDX-License-Identifier: MIT */
/* frontends/arm64/tlbi.c -- TLB maintenance (TLBI, all forms of EL1), address translation instructions
 * (AT), and cache maintenance by address, of a machine (manual C5.3 to C5.5, D8.13).
 *
 * Caches do not exist: maintenance by address checks that the address translates, as the manual says,
 * and does nothing more. Code that changed is noticed by the store. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/walk.h"

#include "base/bits.h"

/* ---- TLBI; op: CRm << 3 | op2 ---- */

enum { OP2_ALL, OP2_VA, OP2_ASID, OP2_VAA, OP2_VAL = 5, OP2_VAAL = 7 };

static unsigned granule_of(const struct a64_cpu *c, bool upper)
{
    static const uint8_t lower_of[4] = { 12, 16, 14, 12 }, upper_of[4] = { 12, 14, 12, 16 };

    return upper ? upper_of[c->s.tcr >> 30 & 3] : lower_of[c->s.tcr >> 14 & 3];
}

/* A page of one ASID, and global ones at the same place: entries of the upper half are looked for in
 * all contexts; below, where hardly any is global, who has seen one does the same (fe_page). */
static void page(struct a64_cpu *c, struct fe_flush *f, bool all_asids, uint16_t asid)
{
    f->what = FE_FLUSH_PAGE;
    f->context = a64_context_key(c, asid);
    if (all_asids || f->addr >> 63)
        f->what = FE_FLUSH_PAGE_ALL;
}

bool a64_tlbi_valid(const struct fe_cpu_config *cfg, unsigned op)
{
    unsigned crm = op >> 3, op2 = op & 7;
    bool range = crm == 2 || crm == 5 || crm == 6, os = crm == 1 || crm == 5;

    if (crm != 1 && crm != 2 && crm != 3 && crm != 5 && crm != 6 && crm != 7)
        return false;
    if ((os && !(cfg->sysfeat >> A64_SF_TLBIOS & 1)) ||
        (range && !(cfg->sysfeat >> A64_SF_TLBIRANGE & 1)))
        return false;
    if (range)
        return op2 & 1;
    return op2 != 4 && op2 != 6;
}

static void tlbi(struct tcg_vcpu *v, uint32_t op, uint64_t x)
{
    struct a64_cpu *c = a64_cpu(v);
    unsigned crm = op >> 3, op2 = op & 7;
    bool range = crm == 2 || crm == 5 || crm == 6;
    struct fe_flush f = { .broadcast = crm != 7 && crm != 6 };
    uint16_t asid = (uint16_t)(x >> 48);

    if (range) {
        static const uint8_t shift_of[4] = { 12, 12, 14, 16 };
        unsigned shift = shift_of[x >> 46 & 3], scale = x >> 44 & 3;
        uint64_t pages = ((x >> 39 & 31) + 1) << (5 * scale + 1);

        if (!(x >> 46 & 3))
            return; /* reserved granule */
        f.addr = (uint64_t)bits_sext(x, 37) << (c->s.tcr >> 59 & 1 ? 16 : shift);
        f.len = pages << shift;
        page(c, &f, op2 == OP2_VAA || op2 == OP2_VAAL, asid);
    } else if (op2 == OP2_ALL) {
        f.what = FE_FLUSH_ALL;
    } else if (op2 == OP2_ASID) {
        f.what = FE_FLUSH_CONTEXT;
        f.context = a64_context_key(c, asid);
    } else {
        f.addr = (uint64_t)bits_sext(x, 44) << 12;
        f.len = 1ull << granule_of(c, f.addr >> 63);
        f.addr = align_down(f.addr, f.len);
        page(c, &f, op2 == OP2_VAA || op2 == OP2_VAAL, asid);
    }
    f.broadcast = f.broadcast && c->s.sys->ncpus > 1;
    if (f.broadcast)
        c->barrier = 1;
    c->s.sys->flush(v, &f);
}

static const uint16_t barrier_unit[] = { A64_U_BARRIER, TCG_NO_UNIT };
const struct tcg_helper a64_helper_tlbi = {
    .name = "a64_tlbi", .fn = (void (*)(void))tlbi, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I32, TCG_I64 }, .flags = TCG_H_VCPU, .writes = barrier_unit,
};

/* ---- AT; op: enum a64_at ---- */

static void at(struct tcg_vcpu *v, uint32_t op, uint64_t addr)
{
    struct a64_cpu *c = a64_cpu(v);
    bool pan = (op & A64_AT_PAN) && (c->pstate & A64_PSTATE_PAN);
    unsigned mmu = op & A64_AT_EL0 ? A64_MMU_EL0 : pan ? A64_MMU_EL1_PAN : A64_MMU_EL1, fsc;
    struct a64_walk w;

    fsc = a64_walk_full(c, addr, op & A64_AT_WRITE ? TCG_WRITE : TCG_READ, mmu, 0, &w);
    if (fsc != A64_FSC_NONE)
        c->s.par = 1 | fsc << 1 | 1 << 11;
    else
        c->s.par = (uint64_t)w.attr << 56 | (w.page.phys & bits_mask(52) & ~0xfffull) | 1 << 11 |
                   1 << 9 | w.share << 7;
}

const struct tcg_helper a64_helper_at = {
    .name = "a64_at", .fn = (void (*)(void))at, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I32, TCG_I64 }, .flags = TCG_H_VCPU,
};

/* ---- cache maintenance by address; write: DC IVAC ---- */

static uint32_t cache_va(struct tcg_vcpu *v, uint64_t addr, uint32_t write)
{
    struct a64_cpu *c = a64_cpu(v);
    unsigned el = a64_el(c), flags = el && !write ? A64_WALK_NO_PERM : 0, fsc;
    enum tcg_access access = write ? TCG_WRITE : TCG_READ;
    struct a64_walk w;

    fsc = a64_walk_full(c, addr, access, el ? A64_MMU_EL1 : A64_MMU_EL0, flags, &w);
    if (fsc == A64_FSC_NONE)
        return 0;
    a64_fault(c, addr, access, fsc);
    c->s.fault.maintenance = true;
    return 1;
}

const struct tcg_helper a64_helper_cache_va = {
    .name = "a64_cache_va", .fn = (void (*)(void))cache_va, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
