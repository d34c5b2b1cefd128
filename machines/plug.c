// SPDX-License-Identifier: MIT
/* machines/plug.c -- -device: makes a device by name, joins it with the services of the host that its
 * properties name, and plugs it into a free place of the board. */
#include "machines/display.h"

#include "devices/virtio/serial.h"
#include "ports/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void fill_random(void *to, void *buf, size_t n)
{
    uint8_t *p = buf;

    (void)to;
    while (n) {
        ssize_t r = getrandom(p, n < 256 ? n : 256, 0);

        if (r > 0) {
            p += r;
            n -= (size_t)r;
        }
    }
}

static int fail(char *err, size_t len, const char *name, const char *why)
{
    char kept[300];

    snprintf(kept, sizeof(kept), "%s", why); /* why may be in err */
    snprintf(err, len, "-device %s: %s", name, kept);
    return -1;
}

static int join_drive(struct machine *m, struct device *d, const char *id, char *err, size_t err_len)
{
    const struct block_port *p = NULL;

    if (!id || !*id)
        snprintf(err, err_len, "wants drive=ID of a -drive");
    else
        p = machine_drive(m, id, err, err_len);
    if (p)
        d->class->join_block(d, p);
    return p ? 0 : -1;
}

static int join_all(struct machine *m, struct device *d, char *err, size_t err_len)
{
    const struct dev_class *c = d->class;

    for (unsigned i = 0; i < c->nprops; i++) {
        const struct dev_prop *p = &c->props[i];
        const char *link;

        if (p->type != DEV_LINK)
            continue;
        link = *(char **)(void *)((char *)d + p->offset);
        if (strcmp(p->names[0], "drive") == 0 && c->join_block &&
            join_drive(m, d, link, err, err_len))
            return -1;
        if (strcmp(p->names[0], "netdev") == 0 && c->join_packets && link && *link &&
            machine_join_net(m, d, link, err, err_len))
            return -1;
        if (strcmp(p->names[0], "chardev") == 0 && c->join_bytes && link && *link &&
            machine_join_char(m, d, link, err, err_len))
            return -1;
    }
    if (c->join_random)
        c->join_random(d, &(const struct random_port){fill_random, NULL});
    if ((c->join_display && machine_join_display(m, d, err, err_len)) ||
        (c->join_input && machine_join_input(m, d, err, err_len)))
        return -1;
    for (struct device *inner = d->children; inner; inner = inner->sibling)
        if (join_all(m, inner, err, err_len))
            return -1;
    return 0;
}

/* drive: what drive=ID says, or NULL. */
static int set_all(struct machine *m, struct device *d, char *words, const char *drive, char *err,
                   size_t err_len)
{
    char *save = NULL;

    for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
        char *eq = strchr(w, '=');

        if (eq)
            *eq++ = 0;
        if (strcmp(w, "id") == 0 || strcmp(w, "bus") == 0 || strcmp(w, "bootindex") == 0)
            continue;
        if (drive && machine_drive_knows(w) ? machine_drive_set(m, drive, w, eq ? eq : "on", err, err_len)
                                            : dev_set(d, w, eq ? eq : "on", err, err_len))
            return -1;
    }
    return 0;
}

/* The value of name=VALUE in words: a copy, or NULL. */
static char *word(const char *words, const char *name)
{
    size_t n = strlen(name);

    while ((words = strchr(words, ','))) {
        words++;
        if (strncmp(words, name, n) == 0 && words[n] == '=')
            return strndup(words + n + 1, strcspn(words + n + 1, ","));
    }
    return NULL;
}

/* The virtio-serial device called id ("ID.0" is its bus), or the first there is. */
static struct device *find_serial(struct device *d, const char *id)
{
    struct device *found = NULL;

    if (dev_inner(d)->class == &virtio_serial_class && d->realized &&
        (!id || (d->id && strncmp(id, d->id, strlen(d->id)) == 0 &&
                 (!id[strlen(d->id)] || strcmp(id + strlen(d->id), ".0") == 0))))
        return dev_inner(d);
    for (struct device *c = d->children; c && !found; c = c->sibling)
        found = find_serial(c, id);
    return found;
}

static struct device *serial_bus(struct machine *m, const char *id)
{
    struct device *found = NULL;

    for (unsigned i = 0; i < m->ndevices && !found; i++)
        found = find_serial(m->devices[i], id);
    return found;
}

/* bootindex=N: when firmware shall try the device. */
static int add_boot(struct machine *m, struct device *d, const char *text, char *err, size_t err_len)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (end == text || *end || n < 0 || n > INT32_MAX || m->nboots == MACHINE_BOOTS) {
        snprintf(err, err_len, "bootindex=%s: wants a number", text);
        return -1;
    }
    for (unsigned i = 0; i < m->nboots; i++)
        if (m->boots[i].index == n) {
            snprintf(err, err_len, "bootindex=%ld is taken", n);
            return -1;
        }
    m->boots[m->nboots++] = (struct machine_boot){d, n};
    return 0;
}

int machine_plug(struct machine *m, const char *text, char *err, size_t err_len)
{
    size_t n = strcspn(text, ",");
    char name[64], unnamed[32], why[300] = "", *words = NULL, *id = NULL, *bus = NULL, *boot = NULL;
    char *drive = NULL;
    const struct dev_class *c;
    struct device *parent, *d = NULL;
    int r = -1;

    snprintf(name, sizeof(name), "%.*s", (int)(n < 63 ? n : 63), text);
    snprintf(unnamed, sizeof(unnamed), "device%u", m->nplugged++);
    c = dev_class_by_name(name);
    if (!c)
        return fail(err, err_len, name, "no such device (-device help lists them)");
    id = word(text, "id");
    bus = word(text, "bus");
    drive = word(text, "drive");
    boot = word(text, "bootindex");
    words = strdup(text[n] ? text + n + 1 : "");
    if (strcmp(c->bus, "virtio-serial") == 0)
        parent = serial_bus(m, bus);
    else
        parent = m->board->place ? m->board->place(m, c, bus) : NULL;
    if (!parent) {
        fail(err, err_len, name, bus ? "there is no such free place on this machine"
                                     : "this machine has no free place for it");
        goto out;
    }
    d = dev_new(c, id ? id : unnamed, parent);
    if (!d || !words) {
        fail(err, err_len, name, "out of memory");
        goto out;
    }
    if (set_all(m, d, words, drive, why, sizeof(why)) || join_all(m, dev_inner(d), why, sizeof(why)) ||
        dev_realize(d, sm_clock(m->sm), m->memory, why, sizeof(why)) ||
        (boot && add_boot(m, d, boot, why, sizeof(why)))) {
        dev_free(d);
        fail(err, err_len, name, why);
        goto out;
    }
    r = 0;
out:
    free(id);
    free(bus);
    free(drive);
    free(boot);
    free(words);
    return r;
}

int machine_plug_all(struct machine *m, char *err, size_t err_len)
{
    const char *drive, *serial;
    char text[300];

    for (unsigned i = 0; i < m->opt->ndevice; i++)
        if (machine_plug(m, m->opt->device[i], err, err_len))
            return -1;
    while ((drive = machine_drive_next(m, &serial))) { /* -drive if=virtio */
        snprintf(text, sizeof(text), "virtio-blk-pci,drive=%s%s%s", drive, serial ? ",serial=" : "",
                 serial ? serial : "");
        if (machine_plug(m, text, err, err_len))
            return -1;
    }
    return 0;
}
