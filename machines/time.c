// SPDX-License-Identifier: MIT
/* machines/time.c -- a machine's time: -icount, -rtc, and the reports by which two runs are
 * compared. The words are QEMU's; those of x-... are ours (docs/proofs.md). */
#include "machines/machine.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int wrong(char *err, size_t len, const char *option, const char *why, const char *word)
{
    snprintf(err, len, "%s: %s: %s", option, why, word);
    return -1;
}

static bool number(const char *text, uint64_t most, uint64_t *to)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    *to = strtoull(text, &end, 0);
    return !*end && *to <= most;
}

static bool on_off(const char *text, bool *to)
{
    *to = strcmp(text, "on") == 0 || strcmp(text, "yes") == 0;
    return *to || strcmp(text, "off") == 0 || strcmp(text, "no") == 0;
}

/* Calls set for each word NAME[=VALUE] of a list. `first`: the name of a first word without. */
static int each(struct machine *m, const char *text, const char *first,
                int (*set)(struct machine *m, const char *name, const char *value, char *err,
                           size_t len),
                char *err, size_t len)
{
    char *copy = strdup(text), *save = NULL;
    int r = 0;

    if (!copy) {
        snprintf(err, len, "out of memory");
        return -1;
    }
    for (char *w = strtok_r(copy, ",", &save); w && !r; w = strtok_r(NULL, ",", &save)) {
        char *eq = strchr(w, '=');

        if (eq)
            *eq++ = 0;
        r = !eq && first && w == copy ? set(m, first, w, err, len)
                                      : set(m, w, eq ? eq : "on", err, len);
    }
    free(copy);
    return r;
}

/* ---- -icount ---- */

static int set_icount(struct machine *m, const char *name, const char *value, char *err, size_t len)
{
    struct sm_icount *c = &m->icount;
    uint64_t n = 0;
    bool ok;

    if (strcmp(name, "shift") == 0) {
        c->automatic = strcmp(value, "auto") == 0;
        ok = c->automatic || number(value, SM_ICOUNT_SHIFT, &n);
        c->shift = (uint8_t)n;
        m->icount_shift = true;
    } else if (strcmp(name, "sleep") == 0) {
        ok = on_off(value, &c->sleep);
    } else if (strcmp(name, "align") == 0) {
        ok = on_off(value, &c->align);
    } else if (strcmp(name, "x-hash") == 0) {
        ok = number(value, INT64_MAX, &c->every);
    } else if (strcmp(name, "x-from") == 0) {
        ok = number(value, INT64_MAX, &c->from);
    } else if (strcmp(name, "x-regs") == 0) {
        ok = on_off(value, &m->hash_regs);
    } else if (strcmp(name, "x-end") == 0) {
        ok = number(value, INT64_MAX, &c->end);
    } else if (strcmp(name, "x-ram") == 0) {
        ok = number(value, INT64_MAX, &m->hash_ram);
    } else {
        return wrong(err, len, "-icount", "no such option", name);
    }
    return ok ? 0 : wrong(err, len, "-icount", "cannot be that", value);
}

/* All registers with their values, for diff. */
static void print_regs(struct machine *m, unsigned vcpu)
{
    struct tcg_vcpu *v = sm_vcpu(m->sm, vcpu);
    uint8_t value[64];

    for (unsigned i = 0; i < m->fe->nregs + m->fe->nsysregs; i++) {
        unsigned bytes = m->fe->regs[i].bits / 8u;

        if (bytes > sizeof(value) || m->fe->reg_read(v, i, value))
            continue;
        fprintf(log_stream(), "%u %s ", vcpu, m->fe->regs[i].name);
        while (bytes--)
            fprintf(log_stream(), "%02x", value[bytes]);
        fputs("\n", log_stream());
    }
}

static void report(void *opaque, uint64_t executed)
{
    struct machine *m = opaque;
    uint64_t h = sm_hash(m->sm);

    if (m->hash_ram && executed % m->hash_ram == 0 && m->ram)
        h = sm_hash_bytes(h, mem_ram_host(m->ram), m->ram_size);
    log_printf("icount %" PRIu64 " %016" PRIx64 "\n", executed, h);
    for (unsigned i = 0; m->hash_regs && i < m->ncpus; i++)
        print_regs(m, i);
}

static void ended(void *opaque)
{
    machine_request(opaque, MACHINE_QUIT);
}

static int parse_icount(struct machine *m, char *err, size_t len)
{
    struct sm_icount *c = &m->icount;

    if (!m->opt->icount)
        return 0;
    *c = (struct sm_icount){.on = true, .sleep = true, .report = report, .ended = ended};
    if (each(m, m->opt->icount, "shift", set_icount, err, len))
        return -1;
    if (!m->icount_shift)
        return wrong(err, len, "-icount", "wants shift=N or shift=auto", m->opt->icount);
    if (c->automatic && !c->sleep)
        return wrong(err, len, "-icount", "shift=auto goes with sleep=on only", m->opt->icount);
    if (c->align && (c->automatic || !c->sleep))
        return wrong(err, len, "-icount", "align=on goes with shift=N and sleep=on only",
                     m->opt->icount);
    return 0;
}

/* ---- -rtc ---- */

/* YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, UTC. */
static bool date(const char *text, int64_t *seconds)
{
    struct tm t = {.tm_year = 0};
    int n = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &n) != 3)
        return false;
    text += n;
    if (*text == 'T') {
        n = 0;
        if (sscanf(text, "T%2d:%2d:%2d%n", &t.tm_hour, &t.tm_min, &t.tm_sec, &n) != 3)
            return false;
        text += n;
    }
    if (*text || t.tm_year < 1970 || t.tm_year > 2105 || t.tm_mon < 1 || t.tm_mon > 12 ||
        t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour < 0 || t.tm_hour > 23 || t.tm_min < 0 ||
        t.tm_min > 59 || t.tm_sec < 0 || t.tm_sec > 60)
        return false;
    t.tm_year -= 1900;
    t.tm_mon--;
    *seconds = timegm(&t);
    return true;
}

static int set_rtc(struct machine *m, const char *name, const char *value, char *err, size_t len)
{
    struct sm_rtc *c = &m->rtc;
    time_t now = time(NULL);
    struct tm local;
    int64_t s = 0;

    if (strcmp(name, "base") == 0) {
        c->fixed = false;
        c->offset = 0;
        if (strcmp(value, "localtime") == 0) {
            localtime_r(&now, &local);
            c->offset = (int64_t)local.tm_gmtoff * 1000000000;
        } else if (strcmp(value, "utc") != 0) {
            if (!date(value, &s))
                return wrong(err, len, "-rtc base", "not utc, localtime or YYYY-MM-DDTHH:MM:SS",
                             value);
            c->fixed = true;
            c->offset = s * 1000000000;
        }
        return 0;
    }
    if (strcmp(name, "clock") == 0) {
        if (strcmp(value, "host") == 0)
            c->clock = CLOCK_HOST;
        else if (strcmp(value, "rt") == 0)
            c->clock = CLOCK_REAL;
        else if (strcmp(value, "vm") == 0)
            c->clock = CLOCK_VIRTUAL;
        else
            return wrong(err, len, "-rtc clock", "not host, rt or vm", value);
        return 0;
    }
    if (strcmp(name, "driftfix") == 0) {
        if (strcmp(value, "none") == 0)
            return 0;
        return wrong(err, len, "-rtc driftfix", "only none is there", value);
    }
    return wrong(err, len, "-rtc", "no such option", name);
}

int machine_time_config(struct machine *m, struct sm_config *cfg, char *err, size_t len)
{
    m->rtc = (struct sm_rtc){.on = true, .clock = CLOCK_HOST};
    if (parse_icount(m, err, len) || (m->opt->rtc && each(m, m->opt->rtc, NULL, set_rtc, err, len)))
        return -1;
    cfg->icount = m->icount;
    cfg->rtc = m->rtc;
    return 0;
}
