/* SPDX-License-Identifier: MIT */
/* frontends/arm64/config.c -- processor models and -cpu: features, ID registers as Linux shows them
 * to EL0 (Documentation/arm64/cpu-feature-registers), hwcaps, /proc/cpuinfo.
 *
 * feature.def drives all of it, so that the views agree. Fields that Linux hides read as the value
 * that it calls safe. */
#include "frontends/arm64/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define F(name) A64_FEAT_BIT(name)

enum { NFEAT = A64_FEAT_COUNT };

static const struct feature {
    const char *text;
    uint8_t word, bit, reg, lsb, value;
} features[NFEAT] = {
#define FEATURE(id, feature_text, cap_word, cap_bit, id_reg, id_lsb, id_value)                    \
    [A64_FEAT_##id] = { feature_text, cap_word, cap_bit, A64_ID_##id_reg, id_lsb, id_value },
#include "frontends/arm64/feature.def"
#undef FEATURE
};

static const char *const absent[] = {
#define FEATURE(id, feature_text, cap_word, cap_bit, id_reg, id_lsb, id_value)
#define FEATURE_ABSENT(id, feature_text, cap_word, cap_bit) feature_text,
#include "frontends/arm64/feature.def"
#undef FEATURE
};

static const uint64_t v8_0 = F(FP) | F(ASIMD) | F(EVTSTRM) | F(AES) | F(PMULL) | F(SHA1) | F(SHA2) |
                             F(CRC32) | F(CPUID);
static const uint64_t v8_2 = F(ATOMICS) | F(FPHP) | F(ASIMDHP) | F(ASIMDRDM) | F(LRCPC) | F(DCPOP) |
                             F(ASIMDDP) | F(SSBS) | F(LOR);
#define EVERYTHING (((1ull << (NFEAT - 1)) - 1) << 1)

const struct fe_cpu_model a64_models[] = {
    { "max", "everything that moa can do" },
    { "cortex-a53", "Armv8.0-A" },
    { "cortex-a57", "Armv8.0-A" },
    { "cortex-a72", "Armv8.0-A" },
    { "cortex-a76", "Armv8.2-A" },
    { "neoverse-n1", "Armv8.2-A" },
    { NULL, NULL },
};

/* In the order of a64_models. max has an implementer number of its own: reserved for software. */
static const struct {
    uint64_t midr, ctr;
    bool v8_2, max;
} model_regs[] = {
    { 0x000fd0a0, 0x9444c004, true, true },
    { 0x410fd034, 0x84448004, false, false },
    { 0x411fd070, 0x8444c004, false, false },
    { 0x410fd083, 0x8444c004, false, false },
    { 0x414fd0b1, 0x8444c004, true, false },
    { 0x414fd0c1, 0x9444c004, true, false },
};
_Static_assert(ARRAY_LEN(model_regs) == ARRAY_LEN(a64_models) - 1, "one row a model");

/* Bits of the ID registers that EL0 sees, and what the others read as. */
static const struct {
    uint64_t visible, safe;
} id_view[A64_ID_COUNT] = {
    [A64_ID_ISAR0] = { 0xf0fffffff0fffff0, 0 },
    [A64_ID_ISAR1] = { 0x00ffffffffffffff, 0 },
    [A64_ID_ISAR2] = { 0x00f00000000f00ff, 0 },
    [A64_ID_PFR0] = { 0x000f000f00ff0000, 0x11 },
    [A64_ID_PFR1] = { 0x00000000000000ff, 0 },
    [A64_ID_MMFR0] = { 0, 0xff000000 },
    [A64_ID_MMFR1] = { 0, 0 },
    [A64_ID_MMFR2] = { 0x0000000f00000000, 0 },
};

/* Features that make no sense without another: {feature, needs}. */
static const uint8_t needs[][2] = {
    { A64_FEAT_ASIMD, A64_FEAT_FP },       { A64_FEAT_PMULL, A64_FEAT_AES },
    { A64_FEAT_SHA512, A64_FEAT_SHA2 },    { A64_FEAT_SHA3, A64_FEAT_SHA512 },
    { A64_FEAT_ILRCPC, A64_FEAT_LRCPC },   { A64_FEAT_FLAGM2, A64_FEAT_FLAGM },
    { A64_FEAT_DCPODP, A64_FEAT_DCPOP },   { A64_FEAT_ASIMDHP, A64_FEAT_FPHP },
    { A64_FEAT_FPHP, A64_FEAT_ASIMDHP },   { A64_FEAT_ASIMDFHM, A64_FEAT_ASIMDHP },
    { A64_FEAT_PACG, A64_FEAT_PACA },      { A64_FEAT_PACA, A64_FEAT_PACG },
};

static void fill_ids(struct fe_cpu_config *c)
{
    for (unsigned f = 1; f < NFEAT; f++) {
        const struct feature *d = &features[f];
        unsigned lsb = d->lsb;

        if (!(c->features >> f & 1) || d->reg == A64_ID_NONE)
            continue;
        if (c->pac == A64_PAC_IMPDEF && (f == A64_FEAT_PACA || f == A64_FEAT_PACG))
            lsb += 4; /* API, GPI follow APA, GPA */
        if ((c->id[d->reg] >> lsb & 15) < d->value) {
            c->id[d->reg] &= ~(15ull << lsb);
            c->id[d->reg] |= (uint64_t)d->value << lsb;
        }
        if (c->fpac && f == A64_FEAT_PACA)
            c->id[d->reg] |= 4ull << lsb; /* 5: FEAT_FPAC with combined instructions */
    }
    for (unsigned r = 1; r < A64_ID_COUNT; r++)
        c->id[r] = (c->id[r] & id_view[r].visible) | id_view[r].safe;
}

/* Lowest bit of a feature's field. */
static unsigned lsb_of(const struct fe_cpu_config *c, unsigned f)
{
    bool pac = f == A64_FEAT_PACA || f == A64_FEAT_PACG;

    return features[f].lsb + (pac && c->pac == A64_PAC_IMPDEF ? 4 : 0); /* API, GPI */
}

void a64_feature_fields(struct fe_cpu_config *c, uint64_t unchanged, const uint8_t *reg_of)
{
    uint64_t changed = unchanged ? c->features ^ unchanged : ~0ull;

    for (unsigned f = 1; f < NFEAT; f++) { /* fields that lose something start anew */
        const struct feature *d = &features[f];

        if ((changed >> f & 1) && !(c->features >> f & 1) && d->reg != A64_ID_NONE && d->value)
            c->idreg[reg_of[d->reg]] &= ~(15ull << d->lsb);
    }
    for (unsigned f = 1; f < NFEAT; f++) {
        const struct feature *d = &features[f];
        unsigned lsb = lsb_of(c, f);
        uint64_t *r;

        if (!(c->features >> f & 1) || d->reg == A64_ID_NONE)
            continue;
        r = &c->idreg[reg_of[d->reg]];
        if (unchanged && !(changed >> f & 1) && (*r >> lsb & 15))
            continue;
        if ((*r >> lsb & 15) < d->value)
            *r = (*r & ~(15ull << lsb)) | (uint64_t)d->value << lsb;
        if (c->fpac && f == A64_FEAT_PACA)
            *r |= 4ull << lsb;
    }
}

/* One word behind the model. 0 or a negative errno with a line in err. */
static int apply(struct fe_cpu_config *c, const char *word, char *err, size_t err_len)
{
    char name[32];
    bool on = true;
    size_t len;

    if (*word == '+' || *word == '-')
        on = *word++ == '+';
    len = strcspn(word, "=");
    if (word[len] == '=') {
        if (!strcmp(word + len, "=on")) {
            on = true;
        } else if (!strcmp(word + len, "=off")) {
            on = false;
        } else {
            snprintf(err, err_len, "-cpu: '%s' is neither on nor off", word + len + 1);
            return -EINVAL;
        }
    }
    snprintf(name, sizeof(name), "%.*s", len < 31 ? (int)len : 31, word);
    if (!strcmp(name, "pauth")) {
        c->features = on ? c->features | F(PACA) | F(PACG) : c->features & ~(F(PACA) | F(PACG));
        return 0;
    }
    if (!strcmp(name, "pauth-impdef")) {
        c->pac = on ? A64_PAC_IMPDEF : A64_PAC_QARMA5;
        return 0;
    }
    if (!strcmp(name, "fpac")) {
        c->fpac = on;
        return 0;
    }
    for (unsigned f = 1; f < NFEAT; f++)
        if (!strcmp(name, features[f].text)) {
            c->features = on ? c->features | 1ull << f : c->features & ~(1ull << f);
            return 0;
        }
    for (unsigned i = 0; i < ARRAY_LEN(absent); i++)
        if (!strcmp(name, absent[i])) {
            if (!on)
                return 0;
            snprintf(err, err_len, "-cpu: moa does not have feature '%s'", name);
            return -ENOTSUP;
        }
    snprintf(err, err_len, "-cpu: unknown feature '%s'", name);
    return -EINVAL;
}

struct fe_cpu_config *a64_cpu_parse(const char *text, char *err, size_t err_len)
{
    char *copy = strdup(text ? text : a64_models[0].name), *rest = copy, *word;
    struct fe_cpu_config *c = calloc(1, sizeof(*c));
    uint64_t defaults;
    unsigned m = 0;

    if (!copy || !c) {
        snprintf(err, err_len, "-cpu: out of memory");
        goto fail;
    }
    word = strsep(&rest, ",");
    while (a64_models[m].name && strcmp(a64_models[m].name, word))
        m++;
    if (!a64_models[m].name) {
        snprintf(err, err_len, "-cpu: unknown model '%s'", word);
        goto fail;
    }
    c->model = a64_models[m].name;
    c->midr = model_regs[m].midr;
    c->ctr = model_regs[m].ctr;
    c->dczid = 4;
    c->cntfrq = 1000000000;
    c->features = v8_0 | (model_regs[m].v8_2 ? v8_2 : 0);
    if (model_regs[m].max)
        c->features = EVERYTHING;
    defaults = c->features;
    while ((word = strsep(&rest, ",")) != NULL)
        if (*word && apply(c, word, err, err_len) < 0)
            goto fail;
    if (!(c->features & F(FP)) || !(c->features & F(ASIMD))) {
        snprintf(err, err_len, "-cpu: fp and asimd cannot be switched off: Linux needs them");
        goto fail;
    }
    for (unsigned i = 0; i < ARRAY_LEN(needs); i++)
        if ((c->features >> needs[i][0] & 1) && !(c->features >> needs[i][1] & 1)) {
            snprintf(err, err_len, "-cpu: feature '%s' needs '%s'", features[needs[i][0]].text,
                     features[needs[i][1]].text);
            goto fail;
        }
    fill_ids(c);
    a64_config_ids(c, defaults);
    free(copy);
    return c;
fail:
    free(copy);
    free(c);
    return NULL;
}

void a64_cpu_free(struct fe_cpu_config *c)
{
    free(c);
}

void a64_hwcaps(const struct fe_cpu_config *c, uint64_t hwcap[4])
{
    memset(hwcap, 0, 4 * sizeof(*hwcap));
    for (unsigned f = 1; f < NFEAT; f++)
        if ((c->features >> f & 1) && features[f].word)
            hwcap[features[f].word - 1] |= 1ull << features[f].bit;
}

void a64_cpu_info(const struct fe_cpu_config *c, unsigned n, FILE *out)
{
    for (unsigned i = 0; i < n; i++) {
        fprintf(out, "processor\t: %u\nBogoMIPS\t: %u.00\nFeatures\t:", i,
                (unsigned)(c->cntfrq / 500000));
        for (unsigned f = 1; f < NFEAT; f++)
            if ((c->features >> f & 1) && features[f].word)
                fprintf(out, " %s", features[f].text);
        fprintf(out, "\nCPU implementer\t: 0x%02x\nCPU architecture: 8\nCPU variant\t: 0x%x\n"
                     "CPU part\t: 0x%03x\nCPU revision\t: %u\n\n",
                (unsigned)(c->midr >> 24 & 255), (unsigned)(c->midr >> 20 & 15),
                (unsigned)(c->midr >> 4 & 0xfff), (unsigned)(c->midr & 15));
    }
}
