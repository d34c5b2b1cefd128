/* SPDX-License-Identifier: MIT */
/* frontends/arm64/config_id.c -- identification registers of a machine's processor, by model: those of
 * the real parts (their technical reference manuals) without EL2, EL3 and AArch32, which moa does
 * not have; max has what moa can do. What is optional in the system architecture (enum a64_sysfeat) is
 * read off them, so that registers and behaviour agree. */
#include "frontends/arm64/config.h"
#include "frontends/arm64/system.h"

#include "base/base.h"

#include <string.h>

#define ID(crm, op2) ((crm) << 3 | (op2))

enum column { A53, A57, A72, A76, N1, MAX, COLUMNS };
static const char *const columns[COLUMNS] = {
    "cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76", "neoverse-n1", "max",
};

/* AArch32 registers (CRm 1 to 3) describe what the parts have beside AArch64; nothing here looks at
 * them. ID_AA64PFR0: EL0 and EL1, AArch64 only. */
static const struct id_row {
    uint8_t reg;
    uint64_t value[COLUMNS];
} id_rows[] = {
    { ID(1, 0), { 0x131, 0x131, 0x131, 0x10010131, 0x10010131, 0 } },
    { ID(1, 1), { 0x10001, 0x10001, 0x10001, 0x10000, 0x10000, 0 } },
    { ID(1, 2), { 0x3010006, 0x3010006, 0x3010006, 0x4010008, 0x4010008, 0 } },
    { ID(1, 4), { 0x10101105, 0x10101105, 0x10201105, 0x10201105, 0x10201105, 0 } },
    { ID(1, 5), { 0x40000000, 0x40000000, 0x40000000, 0x40000000, 0x40000000, 0 } },
    { ID(1, 6), { 0x1260000, 0x1260000, 0x1260000, 0x1260000, 0x1260000, 0 } },
    { ID(1, 7), { 0x2102211, 0x2102211, 0x2102211, 0x2122211, 0x2122211, 0 } },
    { ID(2, 0), { 0x2101110, 0x2101110, 0x2101110, 0x2101110, 0x2101110, 0 } },
    { ID(2, 1), { 0x13112111, 0x13112111, 0x13112111, 0x13112111, 0x13112111, 0 } },
    { ID(2, 2), { 0x21232042, 0x21232042, 0x21232042, 0x21232042, 0x21232042, 0 } },
    { ID(2, 3), { 0x1112131, 0x1112131, 0x1112131, 0x1112131, 0x1112131, 0 } },
    { ID(2, 4), { 0x11142, 0x11142, 0x11142, 0x10142, 0x10142, 0 } },
    { ID(2, 5), { 0x11121, 0x11121, 0x11121, 0x1011121, 0x1011121, 0 } },
    { ID(2, 6), { 0, 0, 0, 0x21110, 0x21110, 0 } },
    { ID(2, 7), { 0, 0, 0, 0x10, 0x10, 0 } },
    { ID(3, 0), { 0x10110222, 0x10110222, 0x10110222, 0x10110222, 0x10110222, 0 } },
    { ID(3, 1), { 0x12111111, 0x12111111, 0x12111111, 0x13211111, 0x13211111, 0 } },
    { ID(3, 2), { 0x43, 0x43, 0x43, 0x43, 0x43, 0 } },
    { ID(3, 4), { 0, 0, 0, 0x11, 0x11, 0 } },
    /* PFR0, PFR1, DFR0 */
    { ID(4, 0), { 0x11, 0x11, 0x11, 0x1100000010110011, 0x1100000010110011, 0x1201000010110011 } },
    { ID(4, 1), { 0, 0, 0, 0x10, 0x20, 0x20 } },
    { ID(5, 0), { 0x10305106, 0x10305106, 0x10305106, 0x10305408, 0x10305408, 0x10305408 } },
    /* ISAR0, ISAR1; max: by feature.def */
    { ID(6, 0), { 0x11120, 0x11120, 0x11120, 0x100010211120, 0x100010211120, 0x0200000000000000 } },
    { ID(6, 1), { 0, 0, 0, 0x100001, 0x100001, 0 } },
    /* MMFR0, MMFR1, MMFR2 */
    { ID(7, 0), { 0x1122, 0x1124, 0x1124, 0x101122, 0x101125, 0x10200026 } },
    { ID(7, 1), { 0, 0, 0, 0x10212122, 0x10212122, 0x1000311002 } },
    { ID(7, 2), { 0, 0, 0, 0x1011, 0x1011, 0x1021001010011011 } },
};

/* Caches, counters, SCTLR at reset. */
static const struct {
    uint64_t clidr, ccsidr[3], pmcr, pmceid0, sctlr;
} parts[COLUMNS] = {
    { 0x0a200023, { 0x700fe01a, 0x201fe00a, 0x707fe07a }, 0x41030000, 0x20001, 0x00c50838 },
    { 0x0a200023, { 0x701fe00a, 0x201fe012, 0x70ffe07a }, 0x41010000, 0x20001, 0x00c50838 },
    { 0x0a200023, { 0x701fe00a, 0x201fe012, 0x707fe07a }, 0x41020000, 0x20001, 0x00c50838 },
    { 0x82000023, { 0x701fe01a, 0x201fe01a, 0x707fe03a }, 0x410b0000, 0x20001, 0x30c50838 },
    { 0x82000023, { 0x701fe01a, 0x201fe01a, 0x70ffe03a }, 0x410c0000, 0x20001, 0x30c50838 },
    { 0x02000023, { 0x701fe00a, 0x201fe012, 0x70ffe07a }, 0x41000000, 0x20001, 0x30c50838 },
};

/* Which register a field of feature.def is in. */
static const uint8_t reg_of[A64_ID_COUNT] = {
    [A64_ID_ISAR0] = ID(6, 0), [A64_ID_ISAR1] = ID(6, 1), [A64_ID_ISAR2] = ID(6, 2),
    [A64_ID_PFR0] = ID(4, 0),  [A64_ID_PFR1] = ID(4, 1),  [A64_ID_MMFR0] = ID(7, 0),
    [A64_ID_MMFR1] = ID(7, 1), [A64_ID_MMFR2] = ID(7, 2),
};

static unsigned field(const struct fe_cpu_config *c, unsigned reg, unsigned lsb)
{
    return c->idreg[reg] >> lsb & 15;
}

/* feature: at least `least` in a field. Signed fields (0xf: absent) are not among them. */
static const struct {
    uint8_t feature, reg, lsb, least;
} sysfeats[] = {
    { A64_SF_PAN, ID(7, 1), 20, 1 },      { A64_SF_PAN2, ID(7, 1), 20, 2 },
    { A64_SF_EPAN, ID(7, 1), 20, 3 },     { A64_SF_UAO, ID(7, 2), 4, 1 },
    { A64_SF_RAS, ID(4, 0), 28, 1 },      { A64_SF_LOR, ID(7, 1), 16, 1 },
    { A64_SF_HAF, ID(7, 1), 0, 1 },       { A64_SF_HD, ID(7, 1), 0, 2 },
    { A64_SF_HPD, ID(7, 1), 12, 1 },      { A64_SF_E0PD, ID(7, 2), 60, 1 },
    { A64_SF_LPA, ID(7, 0), 0, 6 },       { A64_SF_LVA, ID(7, 2), 16, 1 },
    { A64_SF_LPA2_16K, ID(7, 0), 20, 2 }, { A64_SF_TTST, ID(7, 2), 28, 1 },
    { A64_SF_TLBIOS, ID(6, 0), 56, 1 },   { A64_SF_TLBIRANGE, ID(6, 0), 56, 2 },
    { A64_SF_IDST, ID(7, 2), 36, 1 },     { A64_SF_CNP, ID(7, 2), 0, 1 },
    { A64_SF_SCXT, ID(4, 0), 56, 2 },     { A64_SF_PMU, ID(5, 0), 8, 1 },
    { A64_SF_ASID16, ID(7, 0), 4, 2 },    { A64_SF_BTI, ID(4, 1), 0, 1 },
    { A64_SF_IESB, ID(7, 2), 12, 1 },     { A64_SF_G16K, ID(7, 0), 20, 1 },
    { A64_SF_PAUTH, ID(6, 1), 4, 1 },     { A64_SF_PAUTH, ID(6, 1), 8, 1 },
    { A64_SF_SSBS, ID(4, 1), 4, 1 },      { A64_SF_DIT, ID(4, 0), 48, 1 },
};

static void derive(struct fe_cpu_config *c, bool impdef)
{
    unsigned g4 = field(c, ID(7, 0), 28), g64 = field(c, ID(7, 0), 24);

    c->sysfeat = impdef ? 1ull << A64_SF_IMPDEF : 0;
    for (unsigned i = 0; i < ARRAY_LEN(sysfeats); i++)
        if (field(c, sysfeats[i].reg, sysfeats[i].lsb) >= sysfeats[i].least)
            c->sysfeat |= 1ull << sysfeats[i].feature;
    if (g4 != 15)
        c->sysfeat |= 1ull << A64_SF_G4K;
    if (g4 == 1)
        c->sysfeat |= 1ull << A64_SF_LPA2_4K;
    if (g64 != 15)
        c->sysfeat |= 1ull << A64_SF_G64K;
}

void a64_config_ids(struct fe_cpu_config *c, uint64_t default_features)
{
    unsigned col = MAX;

    for (unsigned i = 0; i < COLUMNS; i++)
        if (!strcmp(c->model, columns[i]))
            col = i;
    memset(c->idreg, 0, sizeof(c->idreg));
    for (unsigned i = 0; i < ARRAY_LEN(id_rows); i++)
        c->idreg[id_rows[i].reg] = id_rows[i].value[col];
    a64_feature_fields(c, col == MAX ? 0 : default_features, reg_of);
    c->clidr = parts[col].clidr;
    memcpy(c->ccsidr, parts[col].ccsidr, sizeof(c->ccsidr));
    c->pmcr = parts[col].pmcr;
    c->pmceid[0] = parts[col].pmceid0;
    c->sctlr = parts[col].sctlr;
    derive(c, col == A53 || col == A57 || col == A72 || col == MAX);
}
