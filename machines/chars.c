// SPDX-License-Identifier: MIT
/* machines/chars.c -- the character devices of the command line: -chardev, -serial, -monitor and what
 * -nographic stands for; joined with serial ports and monitors. */
#include "machines/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lock(void *m)
{
    sm_lock(((struct machine *)m)->sm);
}

static void unlock(void *m)
{
    sm_unlock(((struct machine *)m)->sm);
}

static void on_key(void *opaque, enum host_mux_key key)
{
    if (key == HOST_MUX_QUIT)
        machine_request(opaque, MACHINE_CLOSED);
}

static struct machine_char *find(struct machine *m, const char *id)
{
    for (unsigned i = 0; i < m->nchars; i++)
        if (strcmp(m->chars[i].id, id) == 0)
            return &m->chars[i];
    return NULL;
}

static struct machine_char *open_char(struct machine *m, const char *id, const char *text, bool mux,
                                      char *err, size_t err_len)
{
    struct machine_char *c = &m->chars[m->nchars];
    struct host_lock l = {lock, unlock, m};

    if (m->nchars == ARRAY_LEN(m->chars) || find(m, id)) {
        snprintf(err, err_len, "%s: %s", id, find(m, id) ? "this name is taken" : "too many");
        return NULL;
    }
    c->c = host_char_new(text, &l, err, err_len);
    if (!c->c)
        return NULL;
    c->id = strdup(id);
    c->mux = mux ? host_mux_new(c->c, on_key, m) : NULL;
    m->nchars++;
    if (host_char_where(c->c) && strncmp(host_char_where(c->c), "/dev/", 5) == 0)
        fprintf(stderr, "moa: character device redirected to %s (%s)\n", host_char_where(c->c), id);
    return c;
}

/* "backend,id=NAME,mux=on,..." */
static int open_chardev(struct machine *m, const char *text, char *err, size_t err_len)
{
    const char *id = strstr(text, ",id="), *mux = strstr(text, ",mux=on");
    char name[64];

    if (!id || !id[4] || id[4] == ',') {
        snprintf(err, err_len, "-chardev %s: wants id=NAME", text);
        return -1;
    }
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(id + 4, ","), id + 4);
    return open_char(m, name, text, mux != NULL, err, err_len) ? 0 : -1;
}

/* What -serial and -monitor say: "none", "chardev:ID", "mon:..." or a backend. *c NULL: none. */
static int resolve(struct machine *m, const char *text, const char *id, struct machine_char **c,
                   char *err, size_t err_len)
{
    bool mux = strncmp(text, "mon:", 4) == 0;

    *c = NULL;
    if (strcmp(text, "none") == 0)
        return 0;
    if (strncmp(text, "chardev:", 8) == 0) {
        *c = find(m, text + 8);
        if (!*c)
            snprintf(err, err_len, "%s: there is no such -chardev", text);
        return *c ? 0 : -1;
    }
    *c = open_char(m, id, text + (mux ? 4 : 0), mux, err, err_len);
    return *c ? 0 : -1;
}

/* open: somebody is there already, and BYTES_OPENED will not come. */
static int use(struct machine_char *c, const struct bytes_in *in, struct bytes_out *out, bool *open)
{
    int user;

    if (!c->mux) {
        if (c->used)
            return -1;
        c->used = true;
        host_char_connect(c->c, in);
        *out = host_char_out(c->c);
        *open = host_char_is_open(c->c);
        return 0;
    }
    user = host_mux_add(c->mux, in);
    *open = user == 0 && host_char_is_open(c->c);
    if (user >= 0)
        *out = host_mux_out(c->mux, user);
    return user < 0 ? -1 : 0;
}

int machine_serial(struct machine *m, unsigned n, struct device *d, char *err, size_t err_len)
{
    struct bytes_in in;
    bool open;

    if (n >= MACHINE_SERIALS || !m->serial[n])
        return 0;
    d->class->join_bytes(d, &m->serial_out[n], &in);
    if (use(m->serial[n], &in, &m->serial_out[n], &open)) {
        snprintf(err, err_len, "-serial %s: is used by another device", m->serial[n]->id);
        return -1;
    }
    return 0;
}

int machine_char_use(struct machine *m, const char *id, const struct bytes_in *in, struct bytes_out *out,
                     char *err, size_t err_len)
{
    struct machine_char *c = find(m, id);
    bool open;

    if (c && !use(c, in, out, &open))
        return 0;
    snprintf(err, err_len, "chardev=%s: %s", id,
             c ? "is used by another device" : "there is no such -chardev");
    return -1;
}

int machine_join_char(struct machine *m, struct device *d, const char *id, char *err, size_t err_len)
{
    struct machine_char *c = find(m, id);
    struct bytes_in in;
    struct bytes_out *out = &m->char_out[m->nchar_out];
    bool open;

    if (!c || m->nchar_out == ARRAY_LEN(m->char_out)) {
        snprintf(err, err_len, "chardev=%s: %s", id, c ? "too many" : "there is no such -chardev");
        return -1;
    }
    d->class->join_bytes(d, out, &in);
    if (use(c, &in, out, &open)) {
        snprintf(err, err_len, "chardev=%s: is used by another device", id);
        return -1;
    }
    m->nchar_out++;
    return 0;
}

static int add_monitor(struct machine *m, struct machine_char *c,
                       const struct machine_monitor_option *o, char *err, size_t err_len)
{
    const struct machine_monitor_class *class = o->control ? m->opt->qmp : m->opt->hmp;
    const char *option = o->control ? "-qmp" : "-monitor";
    struct machine_monitor *mon = &m->monitors[m->nmonitors];
    struct bytes_in in;
    struct bytes_out out;
    bool open;

    if (!c)
        return 0;
    if (!class) {
        snprintf(err, err_len, "%s: this build has none (it was made without json-c)", option);
        return -1;
    }
    mon->class = class;
    if (m->nmonitors == ARRAY_LEN(m->monitors) || !(mon->mon = class->make(m, o->pretty, &in))) {
        snprintf(err, err_len, "%s %s: too many", option, c->id);
        return -1;
    }
    m->nmonitors++;
    if (use(c, &in, &out, &open)) {
        snprintf(err, err_len, "%s %s: is used by another device", option, c->id);
        return -1;
    }
    sm_lock(m->sm);
    class->attach(mon->mon, out);
    if (open && in.event)
        in.event(in.dev, BYTES_OPENED);
    sm_unlock(m->sm);
    return 0;
}

int machine_monitors(struct machine *m, char *err, size_t err_len)
{
    static const struct machine_monitor_option human;

    for (unsigned i = 0; i < MACHINE_SERIALS; i++) /* -serial mon:... */
        if (m->serial_mon[i] && m->opt->hmp && add_monitor(m, m->serial[i], &human, err, err_len))
            return -1;
    for (unsigned i = 0; i < m->nmonitor_chars; i++)
        if (add_monitor(m, m->monitor_chars[i].c, &m->monitor_chars[i].opt, err, err_len))
            return -1;
    return 0;
}

static bool is_stdio(const char *text)
{
    return strncmp(text, "stdio", 5) == 0 || strncmp(text, "mon:stdio", 9) == 0;
}

static int open_monitor(struct machine *m, const struct machine_monitor_option *o, char *err,
                        size_t err_len)
{
    unsigned n = m->nmonitor_chars;
    char id[32], where[100];

    snprintf(id, sizeof(id), n ? "compat_monitor%u" : "monitor", n);
    snprintf(where, sizeof(where), "chardev:%.*s", (int)strcspn(o->where, ","), o->where);
    m->monitor_chars[n].opt = *o;
    if (resolve(m, o->id ? where : o->where, id, &m->monitor_chars[n].c, err, err_len))
        return -1;
    m->nmonitor_chars++;
    return 0;
}

int machine_chars_open(struct machine *m, char *err, size_t err_len)
{
    const struct machine_options *o = m->opt;
    const char *serial[MACHINE_SERIALS] = {0};
    struct machine_monitor_option human = {0};
    bool stdio_used = false, has_human = false;
    char id[32];

    for (unsigned i = 0; i < o->nmonitor; i++) {
        stdio_used |= is_stdio(o->monitor[i].where);
        has_human |= !o->monitor[i].control;
    }
    for (unsigned i = 0; i < o->nchardev; i++) {
        if (open_chardev(m, o->chardev[i], err, err_len))
            return -1;
        stdio_used |= is_stdio(o->chardev[i]);
    }
    for (unsigned i = 0; i < o->nserial; i++) {
        serial[i] = o->serial[i];
        stdio_used |= is_stdio(serial[i]);
    }
    if (o->nographic && !stdio_used) {
        if (!o->nserial)
            serial[0] = has_human ? "stdio" : "mon:stdio,signal=off";
        else if (!has_human)
            human.where = "stdio";
    }
    for (unsigned i = 0; i < MACHINE_SERIALS; i++) {
        snprintf(id, sizeof(id), "serial%u", i);
        m->serial_mon[i] = serial[i] && strncmp(serial[i], "mon:", 4) == 0;
        if (serial[i] && resolve(m, serial[i], id, &m->serial[i], err, err_len))
            return -1;
    }
    if (human.where && open_monitor(m, &human, err, err_len))
        return -1;
    for (unsigned i = 0; i < o->nmonitor; i++)
        if (open_monitor(m, &o->monitor[i], err, err_len))
            return -1;
    return 0;
}

void machine_chars_free(struct machine *m)
{
    for (unsigned i = 0; i < m->nmonitors; i++)
        m->monitors[i].class->free(m->monitors[i].mon);
    for (unsigned i = 0; i < m->nchars; i++) {
        if (m->chars[i].mux)
            host_mux_free(m->chars[i].mux);
        else
            host_char_free(m->chars[i].c);
        free(m->chars[i].id);
    }
    m->nchars = 0;
}
