// SPDX-License-Identifier: MIT
/* machines/machine.c -- a machine is made from its options, reset, and freed. What is particular to
 * a board is in the board's file. */
#include "machines/display.h"
#include "machines/jobs.h"
#include "machines/loader.h"
#include "machines/snapshot.h"
#include "machines/semihost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why);
    return -1;
}

/* ---- options of -machine ---- */

static int set_prop(struct machine *m, const char *word, char *err, size_t err_len)
{
    const char *eq = strchr(word, '=');
    size_t n = eq ? (size_t)(eq - word) : strlen(word);

    for (const struct board_prop *p = m->board->props; p->name; p++)
        if (strlen(p->name) == n && strncmp(p->name, word, n) == 0)
            return p->set(m, eq ? eq + 1 : "on", err, err_len);
    snprintf(err, err_len, "-machine %s: no option %.*s (try -machine %s,help)", m->board->name,
             (int)n, word, m->board->name);
    return -1;
}

static int set_props(struct machine *m, const char *text, char *err, size_t err_len)
{
    char *copy = strdup(text), *save = NULL, *w;
    int r = copy ? 0 : fail(err, err_len, "-machine", "out of memory");

    w = copy ? strtok_r(copy, ",", &save) : NULL; /* the board's name */
    while (!r && (w = strtok_r(NULL, ",", &save)))
        r = set_prop(m, w, err, err_len);
    free(copy);
    return r;
}

const struct board *board_by_name(const char *guest, const char *name, size_t len)
{
    for (unsigned i = 0; boards[i]; i++) {
        const struct board *b = boards[i];

        if (strcmp(b->guest, guest) == 0 &&
            ((strlen(b->name) == len && strncmp(b->name, name, len) == 0) ||
             (b->alias && strlen(b->alias) == len && strncmp(b->alias, name, len) == 0)))
            return b;
    }
    return NULL;
}

/* ---- parts ---- */

struct device *machine_device_new(struct machine *m, const struct dev_class *c, const char *id,
                                  const char *const *props, char *err, size_t err_len)
{
    struct device *d;

    if (m->ndevices == ARRAY_LEN(m->devices)) {
        fail(err, err_len, id, "too many devices");
        return NULL;
    }
    d = dev_new(c, id, NULL);
    if (!d) {
        fail(err, err_len, id, "out of memory");
        return NULL;
    }
    m->devices[m->ndevices++] = d;
    for (; props && *props; props += 2)
        if (dev_set(d, props[0], props[1], err, err_len))
            return NULL;
    return d;
}

int machine_device_realize(struct machine *m, struct device *d, char *err, size_t err_len)
{
    return dev_realize(d, sm_clock(m->sm), m->memory, err, err_len);
}

struct device *machine_device(struct machine *m, const struct dev_class *c, const char *id,
                              const char *const *props, char *err, size_t err_len)
{
    struct device *d = machine_device_new(m, c, id, props, err, err_len);

    return d && !machine_device_realize(m, d, err, err_len) ? d : NULL;
}

int machine_blob_add(struct machine *m, const struct machine_blob *b, char *err, size_t err_len)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};
    uint64_t room = b->len;
    void *host = b->len ? mem_map(m->memory, b->addr, &room, true, who) : NULL;

    if (host)
        mem_unmap(host, room, false);
    if (b->len && (!host || room < b->len))
        return fail(err, err_len, b->name, "does not fit into the machine's memory (-m)");
    if (m->nblobs == ARRAY_LEN(m->blobs))
        return fail(err, err_len, b->name, "too many pieces");
    for (unsigned i = 0; i < m->nblobs; i++)
        if (b->addr < m->blobs[i].addr + m->blobs[i].len && m->blobs[i].addr < b->addr + b->len)
            return fail(err, err_len, b->name, "overlaps another image in memory");
    m->blobs[m->nblobs++] = *b;
    return 0;
}

void machine_reset(struct machine *m)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};

    sm_lock(m->sm);
    for (unsigned i = 0; i < m->ndevices; i++)
        dev_reset(m->devices[i]);
    for (unsigned i = 0; i < m->nblobs; i++)
        mem_write(m->memory, m->blobs[i].addr, m->blobs[i].data, m->blobs[i].len, who);
    sm_unlock(m->sm);
    sm_reset(m->sm);
    if (m->has_entry)
        m->fe->start_at(sm_vcpu(m->sm, 0), m->entry, m->entry_arg);
}

/* ---- made and freed ---- */

static bool sysreg(void *opaque, unsigned vcpu, uint32_t reg, bool write, uint64_t *value)
{
    struct machine *m = opaque;

    return m->board->sysreg && m->board->sysreg(m, vcpu, reg, write, value);
}

static bool firmware_call(void *opaque, struct tcg_vcpu *v, unsigned kind)
{
    struct machine *m = opaque;

    return m->board->firmware_call && m->board->firmware_call(m, v, kind);
}

static void line_out(void *opaque, unsigned vcpu, unsigned n, bool level)
{
    struct machine *m = opaque;

    if (m->board->line_out)
        m->board->line_out(m, vcpu, n, level);
}

static void stuck(void *opaque, unsigned vcpu, const char *why)
{
    struct machine *m = opaque;

    (void)vcpu;
    fprintf(stderr, "moa: %s\n", why);
    machine_request(m, MACHINE_FAILED);
}

static int make_processors(struct machine *m, char *err, size_t err_len)
{
    const struct machine_options *o = m->opt;
    struct sm_config cfg = {
        .frontend = m->fe, .ncpus = m->ncpus, .memory = m->memory, .engine = o->engine,
        .opaque = m, .sysreg = sysreg, .firmware_call = firmware_call, .line_out = line_out,
        .stuck = stuck,
    };
    char why[200];

    m->cpu = m->fe->cpu_parse(o->cpu ? o->cpu : m->board->dflt_cpu, why, sizeof(why));
    if (!m->cpu)
        return fail(err, err_len, "-cpu", why);
    cfg.cpu = m->cpu;
    if (machine_time_config(m, &cfg, err, err_len))
        return -1;
    machine_gdb_hooks(&cfg);
    m->sm = sm_new(&cfg, why, sizeof(why));
    return m->sm ? 0 : fail(err, err_len, "the processors", why);
}

static int make(struct machine *m, char *err, size_t err_len)
{
    const struct machine_options *o = m->opt;

    m->ncpus = o->smp ? o->smp : 1;
    m->ram_size = o->ram ? o->ram : m->board->dflt_ram;
    if (m->ncpus > m->board->max_cpus || m->ncpus > MACHINE_CPUS) {
        snprintf(err, err_len, "-smp %u: %s has at most %u processors", m->ncpus, m->board->name,
                 m->board->max_cpus);
        return -1;
    }
    if (m->ram_size > m->board->max_ram || m->ram_size < 1u << 20) {
        snprintf(err, err_len, "-m: %s has 1 MiB to %llu GiB of memory", m->board->name,
                 (unsigned long long)(m->board->max_ram >> 30));
        return -1;
    }
    if (set_props(m, o->machine, err, err_len))
        return -1;
    m->root = mem_container_new("system", 0);
    m->memory = m->root ? mem_space_new("memory", m->root) : NULL;
    if (!m->memory)
        return fail(err, err_len, "memory", "out of memory");
    if (make_processors(m, err, err_len) || machine_loop_new(m, err, err_len) ||
        machine_chars_open(m, err, err_len) || semihost_new(m, err, err_len) || machine_drives_open(m, err, err_len) ||
        machine_nets_open(m, err, err_len))
        return -1;
    sm_lock(m->sm);
    mem_begin();
    if (m->board->build(m, err, err_len) || machine_plug_all(m, err, err_len)) {
        mem_commit();
        sm_unlock(m->sm);
        return -1;
    }
    mem_commit();
    sm_unlock(m->sm);
    if (machine_monitors(m, err, err_len) || m->board->load(m, err, err_len))
        return -1;
    machine_reset(m);
    if (!m->ended && machine_viewers_open(m, err, err_len))
        return -1;
    return m->ended ? 0 : machine_gdb_open(m, err, err_len);
}

struct machine *machine_new(const char *guest, const struct machine_options *opt, char *err,
                            size_t err_len)
{
    const struct frontend *fe = frontend_by_name(guest);
    const struct board *b;
    struct machine *m;

    if (!fe) {
        fail(err, err_len, guest, "no such processor");
        return NULL;
    }
    if (!opt->machine) {
        snprintf(err, err_len, "no machine given: -M virt (-M help lists them)");
        return NULL;
    }
    b = board_by_name(guest, opt->machine, strcspn(opt->machine, ","));
    if (!b) {
        fail(err, err_len, opt->machine, "no such machine (-M help lists them)");
        return NULL;
    }
    m = calloc(1, b->size);
    if (!m) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    m->board = b;
    m->opt = opt;
    m->fe = fe;
    if (machine_control_new(m)) {
        snprintf(err, err_len, "out of memory");
        free(m);
        return NULL;
    }
    if (opt->incoming)
        machine_set_state(m, MACHINE_STATE_INMIGRATE);
    if (make(m, err, err_len)) {
        machine_free(m);
        return NULL;
    }
    return m;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    machine_migrate_free(m);
    if (m->sm)
        sm_pause(m->sm);
    machine_gdb_close(m);
    machine_viewers_close(m);
    machine_chars_free(m);
    semihost_free(m);
    machine_flash_close(m); /* it has the flash's bytes */
    while (m->ndevices)
        dev_free(m->devices[--m->ndevices]);
    machine_drives_free(m);
    machine_nets_free(m);
    machine_displays_free(m);
    machine_inputs_free(m);
    if (m->board->unbuild)
        m->board->unbuild(m);
    machine_loop_free(m);
    sm_free(m->sm);
    if (m->memory)
        mem_space_free(m->memory);
    if (m->ram) {
        mem_detach(m->ram);
        mem_region_free(m->ram);
    }
    if (m->root)
        mem_region_free(m->root);
    if (m->cpu)
        m->fe->cpu_free(m->cpu);
    for (unsigned i = 0; i < m->nfiles; i++)
        loader_close(m->files[i]);
    machine_jobs_free(m);
    machine_control_free(m);
    free(m);
}
