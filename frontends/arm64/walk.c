/* SPDX-License-Identifier: MIT */
/* frontends/arm64/walk.c -- stage 1 translation of the EL1&0 regime (manual D8.2 to D8.5): granules of
 * 4, 16 and 64 KiB, 48 and 52 bits (FEAT_LPA, FEAT_LVA, FEAT_LPA2), hierarchical attributes, access
 * flag and dirty state by hardware, PAN, E0PD. Also who the present tables belong to (ASID).
 *
 * Out-of-range TxSZ is taken as the nearest value allowed. Not modelled: big-endian tables (SCTLR.EE),
 * NFD, the contiguous bit (entries are made page by page). */
#include "frontends/arm64/walk.h"

#include "base/bits.h"

#include <string.h>

#define TCR_A1 (1ull << 22)
#define TCR_AS (1ull << 36)
#define TCR_HA (1ull << 39)
#define TCR_HD (1ull << 40)
#define TCR_DS (1ull << 59)
#define DESC_AF (1ull << 10)
#define DESC_NG (1ull << 11)
#define DESC_GP (1ull << 50)
#define DESC_DBM (1ull << 51)
#define DESC_PXN (1ull << 53)
#define DESC_UXN (1ull << 54)
#define DESC_RO (1ull << 7)
#define DESC_EL0 (1ull << 6)
#define NO_EL0 (1ull << 61) /* APTable[0], in what is gathered of the tables */

/* One half of the address space, as TCR describes it. */
struct half {
    unsigned gran;     /* log2 of the page size */
    unsigned in_bits;  /* size of addresses */
    unsigned out_bits;
    bool off;          /* EPD */
    bool flat_attr;    /* HPD: attributes of tables do not count */
    bool lpa2;         /* TCR.DS */
    bool wide;         /* 52-bit addresses in descriptors: LPA (64K) */
};

static unsigned pa_bits(unsigned code)
{
    static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 52, 52 };

    return bits[code & 7];
}

static unsigned pa_bits_max(const struct a64_cpu *c)
{
    return pa_bits(c->cfg->idreg[7 << 3] & 15); /* ID_AA64MMFR0_EL1.PARange */
}

static unsigned granule(const struct a64_cpu *c, bool upper)
{
    static const uint8_t lower_of[4] = { 12, 16, 14, 12 }, upper_of[4] = { 12, 14, 12, 16 };
    uint64_t tcr = c->s.tcr;
    unsigned g = upper ? upper_of[tcr >> 30 & 3] : lower_of[tcr >> 14 & 3];

    if (!a64_sf(c, g == 12 ? A64_SF_G4K : g == 14 ? A64_SF_G16K : A64_SF_G64K))
        g = a64_sf(c, A64_SF_G4K) ? 12 : a64_sf(c, A64_SF_G64K) ? 16 : 14;
    return g;
}

static struct half half_of(const struct a64_cpu *c, bool upper)
{
    uint64_t tcr = c->s.tcr;
    unsigned tsz = upper ? tcr >> 16 & 63 : tcr & 63, lowest = 16, highest = 39;
    unsigned max = pa_bits_max(c);
    struct half h = { .gran = granule(c, upper) };

    h.lpa2 = (tcr & TCR_DS) && ((h.gran == 12 && a64_sf(c, A64_SF_LPA2_4K)) ||
                                (h.gran == 14 && a64_sf(c, A64_SF_LPA2_16K)));
    if (a64_sf(c, A64_SF_TTST))
        highest = h.gran == 16 ? 47 : 48;
    if (h.lpa2 || (h.gran == 16 && a64_sf(c, A64_SF_LVA)))
        lowest = 12;
    tsz = tsz < lowest ? lowest : tsz > highest ? highest : tsz;
    h.in_bits = 64 - tsz;
    h.out_bits = pa_bits(tcr >> 32 & 7);
    if (h.out_bits > max)
        h.out_bits = max;
    h.wide = h.gran == 16 && a64_sf(c, A64_SF_LPA);
    if (h.out_bits > 48 && !h.wide && !h.lpa2)
        h.out_bits = 48;
    h.off = tcr >> (upper ? 23 : 7) & 1;
    h.flat_attr = a64_sf(c, A64_SF_HPD) && (tcr >> (upper ? 42 : 41) & 1);
    return h;
}

bool a64_tbi(const struct a64_cpu *c, uint64_t addr, bool fetch)
{
    unsigned upper = addr >> 55 & 1;

    if (!(c->s.tcr >> (37 + upper) & 1))
        return false;
    return !(fetch && a64_sf(c, A64_SF_PAUTH) && (c->s.tcr >> (51 + upper) & 1));
}

/* Status codes carry the level; level -1 has codes of its own. */
static unsigned status(enum a64_fsc kind, int level)
{
    if (level >= 0)
        return (unsigned)kind + (unsigned)level;
    return kind == A64_FSC_TRANSLATION ? 0x2b : kind == A64_FSC_SIZE ? 0x29 : 0x13;
}

/* Address in a descriptor (or TTBR, whose high bits lie elsewhere), from bit `low` up. */
static uint64_t out_address(const struct half *h, uint64_t desc, unsigned low)
{
    uint64_t a = desc & (bits_mask(48 - low) << low);

    if (h->lpa2)
        return a | (desc & 3ull << 48) | (desc >> 8 & 3) << 50;
    if (h->wide)
        return a | (desc >> 12 & 15) << 48;
    return a;
}

static bool too_big(const struct half *h, uint64_t addr)
{
    return h->out_bits < 64 && addr >> h->out_bits;
}

/* Without translation: rights for all, data is device memory. */
static unsigned flat(const struct a64_cpu *c, uint64_t addr, enum tcg_access access,
                     struct a64_walk *w)
{
    if (a64_tbi(c, addr, access == TCG_FETCH))
        addr &= bits_mask(56);
    if (addr >> pa_bits_max(c))
        return status(A64_FSC_SIZE, 0);
    w->page.phys = addr;
    w->page.size = 1 << 30;
    w->page.prot = FE_READ | FE_WRITE | FE_EXEC;
    w->page.device = true; /* also when a fetch comes first: data may follow */
    w->attr = 0;
    w->share = 2;
    return A64_FSC_NONE;
}

/* Rights of a leaf with the attributes of its tables worked in. */
static uint8_t rights(const struct a64_cpu *c, uint64_t desc, unsigned mmu)
{
    bool el0 = desc & DESC_EL0, ro = desc & DESC_RO, wxn = c->s.sctlr & A64_SCTLR_WXN, w, x;
    uint8_t prot = 0;

    if (mmu == A64_MMU_EL0) {
        w = el0 && !ro;
        x = !(desc & DESC_UXN);
        prot = el0 ? FE_READ : 0;
    } else {
        bool epan = (c->s.sctlr & A64_SCTLR_EPAN) && a64_sf(c, A64_SF_EPAN);

        w = !ro;
        x = !(desc & DESC_PXN) && !(el0 && !ro);
        prot = FE_READ;
        if (mmu == A64_MMU_EL1_PAN && (el0 || (epan && !(desc & DESC_UXN)))) {
            x = x && !(wxn && w);
            return x ? FE_EXEC : 0;
        }
    }
    return (uint8_t)(prot | (w ? FE_WRITE : 0) | (x && !(wxn && w) ? FE_EXEC : 0));
}

static uint8_t wanted(enum tcg_access access)
{
    return access == TCG_READ ? FE_READ : access == TCG_WRITE ? FE_WRITE : FE_EXEC;
}

enum { RETRY = 0x100 }; /* a descriptor changed under us */

/* Access flag, dirty state, rights. desc: as loaded; table: attributes of the tables above. */
static unsigned leaf(struct a64_cpu *c, const struct half *h, uint64_t at, uint64_t desc,
                     uint64_t table, int level, enum tcg_access access, unsigned mmu, unsigned flags,
                     uint64_t addr, struct a64_walk *w)
{
    unsigned shift = h->gran + (unsigned)(3 - level) * (h->gran - 3);
    uint64_t out = out_address(h, desc, shift > 48 ? 48 : shift), want = desc;
    uint64_t want_rights = desc;
    bool ha = (c->s.tcr & TCR_HA) && a64_sf(c, A64_SF_HAF), clean = false;

    if (too_big(h, out))
        return status(A64_FSC_SIZE, level);
    if (!(desc & DESC_AF)) {
        if (!ha)
            return status(A64_FSC_ACCESS, level);
        want |= DESC_AF;
    }
    if (ha && (c->s.tcr & TCR_HD) && a64_sf(c, A64_SF_HD) && (desc & DESC_DBM) && (desc & DESC_RO)) {
        want_rights &= ~DESC_RO; /* execute rights, too, are those of a writable page */
        if (access == TCG_WRITE)
            want &= ~DESC_RO;
        else
            clean = true; /* writable, but not before a write has been here */
    }
    want_rights |= table & ~NO_EL0;
    if (table & NO_EL0)
        want_rights &= ~DESC_EL0;
    w->page.prot = rights(c, want_rights, mmu);
    if (!(w->page.prot & wanted(access)) && !(flags & A64_WALK_NO_PERM))
        return status(A64_FSC_PERMISSION, level);
    if (clean)
        w->page.prot &= (uint8_t)~FE_WRITE;
    if (want != desc && !(flags & A64_WALK_PROBE)) {
        int r = c->s.sys->phys_cmpxchg(&c->vc, at, desc, want);

        if (r < 0)
            return status(A64_FSC_EXTERNAL_WALK, level);
        if (!r)
            return RETRY;
    }
    w->page.size = 1ull << shift;
    w->page.phys = out | (addr & bits_mask(shift));
    w->attr = (uint8_t)(c->s.mair >> 8 * (desc >> 2 & 7));
    w->page.device = !(w->attr & 0xf0);
    w->share = w->page.device ? 2 : h->lpa2 ? 3 : desc >> 8 & 3;
    w->page.guarded = (desc & DESC_GP) && a64_sf(c, A64_SF_BTI);
    w->page.nonglobal = (desc & DESC_NG) != 0;
    return A64_FSC_NONE;
}

static bool block_allowed(const struct half *h, int level)
{
    if (h->gran == 12)
        return level == 1 || level == 2 || (level == 0 && h->lpa2);
    if (h->gran == 14)
        return level == 2 || (level == 1 && h->lpa2);
    return level == 2 || (level == 1 && h->wide);
}

static unsigned walk_once(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned mmu,
                          unsigned flags, struct a64_walk *w)
{
    bool upper = addr >> 55 & 1, tbi = a64_tbi(c, addr, access == TCG_FETCH);
    struct half h = half_of(c, upper);
    unsigned stride = h.gran - 3, levels = (h.in_bits - h.gran + stride - 1) / stride;
    unsigned top = tbi ? 56 : 64, first, shift;
    uint64_t high = bits_get(addr, h.in_bits, top - h.in_bits), ttbr = c->s.ttbr[upper], base;
    uint64_t table = 0; /* attributes, as a leaf has them */
    int level = 4 - (int)levels;

    if (high != (upper ? bits_mask(top - h.in_bits) : 0) || h.off)
        return status(A64_FSC_TRANSLATION, 0);
    if (mmu == A64_MMU_EL0 && a64_sf(c, A64_SF_E0PD) && (c->s.tcr >> (55 + upper) & 1))
        return status(A64_FSC_TRANSLATION, 0);
    addr &= bits_mask(h.in_bits);
    shift = h.gran + (levels - 1) * stride;
    first = 3 + h.in_bits - shift; /* log2 of the first table's size */
    if (h.out_bits > 48) {
        base = (ttbr & (bits_mask(48 - 6) << 6)) | (ttbr >> 2 & 15) << 48;
        base &= ~bits_mask(first > 6 ? first : 6);
    } else {
        base = ttbr & bits_mask(48) & ~bits_mask(first > 4 ? first : 4);
    }
    if (too_big(&h, base))
        return status(A64_FSC_SIZE, 0);
    for (;; level++, shift -= stride) {
        uint64_t index = addr >> shift & bits_mask(level == 4 - (int)levels ? first - 3 : stride);
        uint64_t at = base + index * 8, desc;

        if (c->s.sys->phys_load(&c->vc, at, 8, &desc) < 0)
            return status(A64_FSC_EXTERNAL_WALK, level);
        if (!(desc & 1) || (!(desc & 2) && !block_allowed(&h, level)))
            return status(A64_FSC_TRANSLATION, level);
        if (level == 3 || !(desc & 2))
            return leaf(c, &h, at, desc, table, level, access, mmu, flags, addr, w);
        base = out_address(&h, desc, h.gran);
        if (too_big(&h, base))
            return status(A64_FSC_SIZE, level);
        if (!h.flat_attr) { /* NSTable is of no use; APTable 62..61, UXNTable 60, PXNTable 59 */
            table |= (desc >> 62 & 1 ? DESC_RO : 0) | (desc >> 60 & 1 ? DESC_UXN : 0) |
                     (desc >> 59 & 1 ? DESC_PXN : 0) | (desc & NO_EL0);
        }
    }
}

unsigned a64_walk_full(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned mmu,
                       unsigned flags, struct a64_walk *w)
{
    unsigned fsc = RETRY;

    memset(w, 0, sizeof(*w));
    if (!(c->s.sctlr & A64_SCTLR_M))
        return flat(c, addr, access, w);
    for (unsigned tries = 0; fsc == RETRY && tries < 100; tries++)
        fsc = walk_once(c, addr, access, mmu, flags, w);
    return fsc == RETRY ? status(A64_FSC_ACCESS, 3) : fsc;
}

void a64_fault(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned fsc)
{
    c->s.fault.addr = addr;
    c->s.fault.fsc = fsc;
    c->s.fault.access = (uint8_t)access;
    c->s.fault.valid = true;
    c->s.fault.maintenance = false;
    c->vc.exit.reason = TCG_EXIT_FAULT;
    c->vc.exit.code = access;
    c->vc.exit.access = access;
    c->vc.exit.addr = addr;
}

bool a64_walk(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu, bool probe,
              struct fe_page *page)
{
    struct a64_cpu *c = a64_cpu(v);
    struct a64_walk w;
    unsigned fsc;

    if (access == TCG_FETCH && (addr & 3)) {
        if (!probe)
            v->exit = (struct tcg_exit){ .reason = TCG_EXIT_EXCEPTION, .code = TCG_EXC_PC_ALIGN,
                                         .addr = addr };
        return false;
    }
    fsc = a64_walk_full(c, addr, access, mmu, probe ? A64_WALK_PROBE : 0, &w);

    if (fsc != A64_FSC_NONE) {
        if (access == TCG_WRITE && v->exit.fault == A64_FAULT_ATOMIC) {
            unsigned read = a64_walk_full(c, addr, TCG_READ, mmu, A64_WALK_PROBE, &w);

            if (read != A64_FSC_NONE) {
                fsc = read;
                access = TCG_READ;
            }
        }
        if (!probe)
            a64_fault(c, addr, access, fsc);
        return false;
    }
    /* pages of the upper half: tlbi.c; without translation: the context is one of its own */
    w.page.nonglobal |= (addr >> 55 & 1) || !(c->s.sctlr & A64_SCTLR_M);
    *page = w.page;
    return true;
}

void a64_bus_error(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access)
{
    if (v->exit.fault == A64_FAULT_ATOMIC) /* which reads first */
        access = TCG_READ;
    a64_fault(a64_cpu(v), addr, access, A64_FSC_EXTERNAL);
}

/* ---- whose tables ---- */

uint64_t a64_context_key(const struct a64_cpu *c, uint16_t asid)
{
    if (!(c->s.tcr & TCR_AS) || !a64_sf(c, A64_SF_ASID16))
        asid &= 0xff;
    return 1ull << 32 | asid;
}

void a64_contexts(const struct tcg_vcpu *v, uint64_t key[4])
{
    const struct a64_cpu *c = (const struct a64_cpu *)v;
    uint64_t k = 0;

    if (c->s.sctlr & A64_SCTLR_M)
        k = a64_context_key(c, (uint16_t)(c->s.ttbr[c->s.tcr & TCR_A1 ? 1 : 0] >> 48));
    for (unsigned i = 0; i < 4; i++)
        key[i] = k;
}

unsigned a64_mmu_now(const struct tcg_vcpu *v)
{
    return a64_key_mmu(v->guest->key(v));
}
