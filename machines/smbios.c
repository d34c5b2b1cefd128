// SPDX-License-Identifier: MIT
/* machines/smbios.c -- SMBIOS structures (DMTF DSP0134 3.0, chapter 7): system, chassis, processor, memory;
 * firmware and board if -smbios type=0 or type=2 ask for them. One processor package with all cores, one
 * memory device. Not there: structures from files (-smbios file=). */
#include "machines/smbios.h"

#include "devices/misc/fw_cfg.h"
#include "machines/aml.h"
#include "machines/machine.h"
#include "machines/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 255

/* FIELD(number, type, option) */
#define FIELDS(F)                                                                                  \
    F(T0_VENDOR, 0, "vendor") F(T0_VERSION, 0, "version") F(T0_DATE, 0, "date")                    \
    F(T0_RELEASE, 0, "release") F(T0_UEFI, 0, "uefi")                                              \
    F(T1_MANUFACTURER, 1, "manufacturer") F(T1_PRODUCT, 1, "product") F(T1_VERSION, 1, "version")  \
    F(T1_SERIAL, 1, "serial") F(T1_UUID, 1, "uuid") F(T1_SKU, 1, "sku") F(T1_FAMILY, 1, "family")  \
    F(T2_MANUFACTURER, 2, "manufacturer") F(T2_PRODUCT, 2, "product") F(T2_VERSION, 2, "version")  \
    F(T2_SERIAL, 2, "serial") F(T2_ASSET, 2, "asset") F(T2_LOCATION, 2, "location")                \
    F(T3_MANUFACTURER, 3, "manufacturer") F(T3_VERSION, 3, "version") F(T3_SERIAL, 3, "serial")    \
    F(T3_ASSET, 3, "asset") F(T3_SKU, 3, "sku")                                                    \
    F(T4_SOCKET, 4, "sock_pfx") F(T4_MANUFACTURER, 4, "manufacturer") F(T4_VERSION, 4, "version")  \
    F(T4_SERIAL, 4, "serial") F(T4_ASSET, 4, "asset") F(T4_PART, 4, "part")                        \
    F(T4_MAX_SPEED, 4, "max-speed") F(T4_SPEED, 4, "current-speed")                                \
    F(T17_LOCATOR, 17, "loc_pfx") F(T17_BANK, 17, "bank") F(T17_MANUFACTURER, 17, "manufacturer")  \
    F(T17_SERIAL, 17, "serial") F(T17_ASSET, 17, "asset") F(T17_PART, 17, "part")                  \
    F(T17_SPEED, 17, "speed")

#define F(name, type, option) name,
enum field { FIELDS(F) NFIELDS };
#undef F
#define F(name, type, option) {type, option},
static const struct {
    uint8_t type;
    const char *option;
} fields[] = {FIELDS(F)};
#undef F

struct smbios {
    const struct machine *m;
    struct aml out;
    size_t start; /* of the structure under work */
    unsigned strings; /* of it */
    struct aml texts;
    char *values[NFIELDS];
    char *lines[32]; /* type 11 */
    unsigned nlines;
    uint8_t uuid[16];
    uint8_t release[2];
    uint16_t speeds[3]; /* of processors, at most and now; of memory */
    bool firmware, board, uefi;
};

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "-smbios %s: %s", what, why);
    return -1;
}

/* ---- options ---- */

/* 8-4-4-4-12 digits; the first three numbers are little-endian in the structure. */
static bool parse_uuid(const char *text, uint8_t uuid[16])
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    unsigned n = 0;

    for (const char *p = text; *p && n < 32; p++) {
        const char *digits = "0123456789abcdef", *d;

        if (*p == '-') {
            if (n != 8 && n != 12 && n != 16 && n != 20)
                return false;
            continue;
        }
        d = strchr(digits, *p >= 'A' && *p <= 'F' ? *p | 32 : *p);
        if (!d)
            return false;
        uuid[order[n / 2]] = (uint8_t)(n % 2 ? uuid[order[n / 2]] | (d - digits) : (d - digits) << 4);
        n++;
    }
    return n == 32 && strlen(text) == 36;
}

static bool is_bool(const char *v, bool *on)
{
    *on = strcmp(v, "on") == 0;
    return *on || strcmp(v, "off") == 0;
}

/* Numbers and the like are checked when they are read. */
static bool check(struct smbios *s, enum field f, const char *v)
{
    unsigned long n, k;
    char *end;

    switch (f) {
    case T1_UUID:
        return parse_uuid(v, s->uuid);
    case T0_UEFI:
        return is_bool(v, &s->uefi);
    case T0_RELEASE:
        n = strtoul(v, &end, 10);
        if (end == v || *end != '.' || n > 255)
            return false;
        k = strtoul(end + 1, &end, 10);
        s->release[0] = (uint8_t)n;
        s->release[1] = (uint8_t)k;
        return !*end && k < 256;
    case T4_MAX_SPEED:
    case T4_SPEED:
    case T17_SPEED:
        n = strtoul(v, &end, 10);
        s->speeds[f == T4_MAX_SPEED ? 0 : f == T4_SPEED ? 1 : 2] = (uint16_t)n;
        return end != v && !*end && n < 65536;
    default:
        return strlen(v) <= TEXT_MAX;
    }
}

static int set_field(struct smbios *s, unsigned long type, const char *name, const char *v, char *err,
                     size_t err_len)
{
    if (type == 11 && strcmp(name, "value") == 0 && s->nlines < ARRAY_LEN(s->lines)) {
        s->lines[s->nlines++] = strdup(v);
        return 0;
    }
    for (unsigned f = 0; f < NFIELDS; f++) {
        if (fields[f].type != type || strcmp(fields[f].option, name) != 0)
            continue;
        if (!check(s, (enum field)f, v))
            return fail(err, err_len, name, "not understood, or too long");
        free(s->values[f]);
        s->values[f] = strdup(v);
        return 0;
    }
    return fail(err, err_len, name, "this type has no such field");
}

static int parse(struct smbios *s, const char *text, char *err, size_t err_len)
{
    static const unsigned long known[] = {0, 1, 2, 3, 4, 11, 17};
    char word[1024], *v, *end;
    unsigned long type;
    unsigned i = 0;

    if (!words_next(&text, word, sizeof(word), &v) || strcmp(word, "type") != 0 || !v)
        return fail(err, err_len, word, "wants type=N first (tables from files are not supported)");
    type = strtoul(v, &end, 10);
    while (i < ARRAY_LEN(known) && known[i] != type)
        i++;
    if (end == v || *end || i == ARRAY_LEN(known))
        return fail(err, err_len, v, "wants type=0, 1, 2, 3, 4, 11 or 17");
    s->firmware |= type == 0;
    s->board |= type == 2;
    while (words_next(&text, word, sizeof(word), &v))
        if (!v)
            return fail(err, err_len, word, "wants NAME=VALUE");
        else if (set_field(s, type, word, v, err, err_len))
            return -1;
    return 0;
}

/* ---- structures ---- */

static void begin(struct smbios *s, uint8_t type, uint8_t len, uint16_t handle)
{
    s->start = s->out.len;
    s->strings = 0;
    s->texts.len = 0;
    aml_u8(&s->out, type);
    aml_u8(&s->out, len);
    aml_int(&s->out, handle, 2);
}

static void number(struct smbios *s, uint64_t v, unsigned size)
{
    aml_int(&s->out, v, size);
}

/* A text: its number among those of the structure; 0: none. */
static void text(struct smbios *s, const char *t)
{
    aml_u8(&s->out, (uint8_t)(t && *t ? ++s->strings : 0));
    if (t && *t)
        aml_put(&s->texts, t, strlen(t) + 1);
}

static void field(struct smbios *s, enum field f, const char *dflt)
{
    text(s, s->values[f] ? s->values[f] : dflt);
}

static void end(struct smbios *s)
{
    if (!s->out.failed && s->out.bytes[s->start + 1] != s->out.len - s->start)
        MOA_BUG("SMBIOS type %u has %zu bytes", s->out.bytes[s->start], s->out.len - s->start);
    aml_put(&s->out, s->texts.bytes, s->texts.len);
    aml_zeros(&s->out, s->texts.len ? 1 : 2);
}

static void firmware(struct smbios *s)
{
    enum { NOT_SAID = 1 << 3, VIRTUAL = 1 << 4, UEFI = 1 << 3, CONTENT = 1 << 2 };

    begin(s, 0, 24, 0);
    field(s, T0_VENDOR, NULL);
    field(s, T0_VERSION, NULL);
    number(s, 0, 2);
    field(s, T0_DATE, NULL);
    number(s, 0, 1);
    number(s, NOT_SAID, 8);
    number(s, 0, 1);
    number(s, VIRTUAL | CONTENT | (s->uefi ? UEFI : 0), 1);
    number(s, s->values[T0_RELEASE] ? s->release[0] : 0xff, 1);
    number(s, s->values[T0_RELEASE] ? s->release[1] : 0xff, 1);
    number(s, 0xffff, 2);
    end(s);
}

static void system_and_board(struct smbios *s)
{
    begin(s, 1, 27, 0x100);
    field(s, T1_MANUFACTURER, "moa");
    field(s, T1_PRODUCT, "moa virtual machine");
    field(s, T1_VERSION, s->m->board->name);
    field(s, T1_SERIAL, NULL);
    aml_put(&s->out, s->uuid, 16);
    number(s, 6, 1); /* by the power switch */
    field(s, T1_SKU, NULL);
    field(s, T1_FAMILY, NULL);
    end(s);
    if (!s->board)
        return;
    begin(s, 2, 15, 0x200);
    field(s, T2_MANUFACTURER, "moa");
    field(s, T2_PRODUCT, NULL);
    field(s, T2_VERSION, NULL);
    field(s, T2_SERIAL, NULL);
    field(s, T2_ASSET, NULL);
    number(s, 1, 1); /* hosts others */
    field(s, T2_LOCATION, NULL);
    number(s, 0x300, 2);
    number(s, 0x0a, 1);
    number(s, 0, 1);
    end(s);
}

static void chassis(struct smbios *s)
{
    begin(s, 3, 22, 0x300);
    field(s, T3_MANUFACTURER, "moa");
    number(s, 1, 1); /* other */
    field(s, T3_VERSION, s->m->board->name);
    field(s, T3_SERIAL, NULL);
    field(s, T3_ASSET, NULL);
    number(s, 0x02030303, 4); /* states: safe; security: not known */
    number(s, 0, 8);
    field(s, T3_SKU, NULL);
    end(s);
}

static void processor(struct smbios *s)
{
    enum { CENTRAL = 3, SEE_FAMILY_2 = 0xfe, ARM_V8 = 0x101, HERE_AND_ON = 0x41 };
    const char *model = s->m->opt->cpu ? s->m->opt->cpu : s->m->board->dflt_cpu;
    char name[64], socket[TEXT_MAX + 4];
    unsigned n = s->m->ncpus;

    snprintf(name, sizeof(name), "%.*s", (int)strcspn(model, ","), model);
    snprintf(socket, sizeof(socket), "%s 0", s->values[T4_SOCKET] ? s->values[T4_SOCKET] : "CPU");
    begin(s, 4, 48, 0x400);
    text(s, socket);
    number(s, CENTRAL, 1);
    number(s, SEE_FAMILY_2, 1);
    field(s, T4_MANUFACTURER, "moa");
    number(s, 0, 8);
    field(s, T4_VERSION, name);
    number(s, 0, 3);
    number(s, s->values[T4_MAX_SPEED] ? s->speeds[0] : 2000, 2);
    number(s, s->values[T4_SPEED] ? s->speeds[1] : 2000, 2);
    number(s, HERE_AND_ON, 1);
    number(s, 1, 1);
    number(s, 0xffffffffffff, 6); /* caches: not said */
    field(s, T4_SERIAL, NULL);
    field(s, T4_ASSET, NULL);
    field(s, T4_PART, NULL);
    number(s, n, 1);
    number(s, n, 1);
    number(s, n, 1);
    number(s, 1 << 2, 2); /* 64 bits */
    number(s, ARM_V8, 2);
    number(s, n, 2);
    number(s, n, 2);
    number(s, n, 2);
    end(s);
}

static void memory(struct smbios *s, uint64_t base)
{
    uint64_t bytes = s->m->ram_size, kib = bytes >> 10, mib = bytes >> 20;
    uint64_t first = base, last = base + bytes - 1;
    char name[TEXT_MAX + 4];

    begin(s, 16, 23, 0x1000);
    number(s, 1, 1);
    number(s, 3, 1);
    number(s, 3, 1); /* no error correction */
    number(s, kib < 1u << 31 ? kib : 1u << 31, 4);
    number(s, 0xfffe, 2);
    number(s, 1, 2);
    number(s, kib < 1u << 31 ? 0 : bytes, 8);
    end(s);

    snprintf(name, sizeof(name), "%s 0", s->values[T17_LOCATOR] ? s->values[T17_LOCATOR] : "DIMM");
    begin(s, 17, 40, 0x1100);
    number(s, 0x1000, 2);
    number(s, 0xfffe, 2);
    number(s, 0xffffffff, 4); /* widths */
    number(s, mib < 0x7fff ? mib : 0x7fff, 2);
    number(s, 9, 1);
    number(s, 0, 1);
    text(s, name);
    field(s, T17_BANK, NULL);
    number(s, 7, 1); /* RAM */
    number(s, 2, 2);
    number(s, s->speeds[2], 2);
    field(s, T17_MANUFACTURER, "moa");
    field(s, T17_SERIAL, NULL);
    field(s, T17_ASSET, NULL);
    field(s, T17_PART, NULL);
    number(s, 0, 1);
    number(s, mib < 0x7fff ? 0 : mib, 4);
    number(s, s->speeds[2], 2);
    number(s, 0, 6);
    end(s);

    begin(s, 19, 31, 0x1300); /* memory begins and ends at KiB */
    number(s, last >> 42 ? 0xffffffff : first >> 10, 4);
    number(s, last >> 42 ? 0xffffffff : last >> 10, 4);
    number(s, 0x1000, 2);
    number(s, 1, 1);
    number(s, last >> 42 ? first : 0, 8);
    number(s, last >> 42 ? last : 0, 8);
    end(s);
}

static void lines(struct smbios *s)
{
    if (s->nlines == 0)
        return;
    begin(s, 11, 5, 0xe00);
    number(s, s->nlines, 1);
    for (unsigned i = 0; i < s->nlines; i++)
        aml_put(&s->texts, s->lines[i], strlen(s->lines[i]) + 1);
    end(s);
}

/* ---- the two files ---- */

static void anchor(const struct smbios *s, uint8_t a[24])
{
    uint8_t sum = 0;

    memset(a, 0, 24);
    memcpy(a, "_SM3_", 5);
    a[6] = 24;
    a[7] = 3; /* 3.0 */
    a[10] = 1;
    for (unsigned i = 0; i < 4; i++)
        a[12 + i] = (uint8_t)(s->out.len >> 8 * i);
    for (unsigned i = 0; i < 24; i++)
        sum = (uint8_t)(sum + a[i]);
    a[5] = (uint8_t)-sum;
}

static int write_all(struct smbios *s, struct device *fw_cfg, uint64_t base, char *err, size_t err_len)
{
    uint8_t a[24];

    if (s->firmware)
        firmware(s);
    system_and_board(s);
    chassis(s);
    processor(s);
    lines(s);
    memory(s, base);
    begin(s, 32, 11, 0x2000); /* last start: no errors */
    number(s, 0, 7);
    end(s);
    begin(s, 127, 4, 0x7f00);
    end(s);
    anchor(s, a);
    if (s->out.failed || s->texts.failed ||
        fw_cfg_add_file(fw_cfg, SMBIOS_FILE_TABLES, s->out.bytes, s->out.len) ||
        fw_cfg_add_file(fw_cfg, SMBIOS_FILE_ANCHOR, a, sizeof(a)))
        return fail(err, err_len, "tables", "no room for them");
    return 0;
}

int smbios_add(const struct machine *m, struct device *fw_cfg, unsigned long long ram_base, char *err,
               size_t err_len)
{
    struct smbios s = {.m = m};
    int r = 0;

    if (m->opt->uuid && !parse_uuid(m->opt->uuid, s.uuid)) {
        snprintf(err, err_len, "-uuid %s: wants xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", m->opt->uuid);
        r = -1;
    }
    for (unsigned i = 0; i < m->opt->nsmbios && !r; i++)
        r = parse(&s, m->opt->smbios[i], err, err_len);
    if (!r)
        r = write_all(&s, fw_cfg, ram_base, err, err_len);
    for (unsigned i = 0; i < NFIELDS; i++)
        free(s.values[i]);
    for (unsigned i = 0; i < s.nlines; i++)
        free(s.lines[i]);
    aml_free(&s.out);
    aml_free(&s.texts);
    return r;
}
