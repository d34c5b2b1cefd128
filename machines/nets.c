// SPDX-License-Identifier: MIT
/* machines/nets.c -- -netdev and -nic: networks of the host, and which device has which. */
#include "machines/machine.h"

#include "host/net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct machine_net {
    char *id, *text;
    struct host_net *n;
    struct device *user;
};

struct machine_nets {
    struct machine_net nets[MACHINE_NETS];
    unsigned n;
};

static void lock(void *m)
{
    sm_lock(((struct machine *)m)->sm);
}

static void unlock(void *m)
{
    sm_unlock(((struct machine *)m)->sm);
}

/* The text without its id=. */
static char *without_id(const char *text, char id[64])
{
    char *copy = strdup(text), *out = calloc(1, strlen(text) + 1), *save = NULL;

    *id = 0;
    if (copy && out) {
        for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
            if (strncmp(w, "id=", 3) == 0)
                snprintf(id, 64, "%s", w + 3);
            else
                sprintf(out + strlen(out), "%s%s", *out ? "," : "", w);
        }
    }
    free(copy);
    return out;
}

static int open_net(struct machine *m, const char *text, char *err, size_t err_len)
{
    struct machine_net *x = &m->nets->nets[m->nets->n];
    struct host_lock l = {lock, unlock, m};
    char id[64], why[200] = "", *options = without_id(text, id);

    if (!options || !*id) {
        snprintf(err, err_len, "-netdev %s: wants id=NAME", text);
        free(options);
        return -1;
    }
    for (unsigned i = 0; i < m->nets->n; i++)
        if (strcmp(m->nets->nets[i].id, id) == 0)
            snprintf(why, sizeof(why), "this name is taken");
    if (!*why)
        x->n = host_net_new(options, &l, why, sizeof(why));
    if (!x->n) {
        free(options);
        snprintf(err, err_len, "-netdev %s: %s", id, why);
        return -1;
    }
    x->id = strdup(id);
    x->text = options;
    m->nets->n++;
    return 0;
}

int machine_nets_open(struct machine *m, char *err, size_t err_len)
{
    if (m->opt->nnetdev == 0)
        return 0;
    m->nets = calloc(1, sizeof(*m->nets));
    for (unsigned i = 0; i < m->opt->nnetdev; i++)
        if (open_net(m, m->opt->netdev[i], err, err_len))
            return -1;
    return 0;
}

int machine_join_net(struct machine *m, struct device *d, const char *id, char *err, size_t err_len)
{
    for (unsigned i = 0; m->nets && i < m->nets->n; i++) {
        struct machine_net *x = &m->nets->nets[i];
        struct packet_in in;

        if (strcmp(x->id, id) != 0 || x->user)
            continue;
        x->user = d;
        d->class->join_packets(d, host_net_out(x->n), &in);
        host_net_connect(x->n, &in);
        return 0;
    }
    snprintf(err, err_len, "netdev=%s: there is no such -netdev, or another device has it", id);
    return -1;
}

/* By its name, by its device's, or (NULL) the first of the kind user. */
static struct machine_net *find(struct machine *m, const char *name)
{
    for (unsigned i = 0; m->nets && i < m->nets->n; i++) {
        struct machine_net *x = &m->nets->nets[i];

        if (name ? strcmp(x->id, name) == 0 ||
                       (x->user && ((x->user->id && strcmp(x->user->id, name) == 0) ||
                                    (x->user->parent && x->user->parent->id &&
                                     strcmp(x->user->parent->id, name) == 0)))
                 : strncmp(x->text, "user", 4) == 0)
            return x;
    }
    return NULL;
}

int machine_net_link(struct machine *m, const char *name, bool up, char *err, size_t err_len)
{
    struct machine_net *x = find(m, name);

    if (!x) {
        snprintf(err, err_len, "%s: there is no such network", name);
        return -1;
    }
    host_net_link(x->n, up);
    return 0;
}

int machine_net_forward(struct machine *m, const char *name, bool add, const char *text, char *err,
                        size_t err_len)
{
    struct machine_net *x = find(m, name);

    if (!x) {
        snprintf(err, err_len, "%s: there is no such network", name ? name : "user");
        return -1;
    }
    return host_net_forward(x->n, add, text, err, err_len);
}

void machine_net_list(struct machine *m, void (*line)(void *to, const char *text), void *to)
{
    char text[600];

    for (unsigned i = 0; m->nets && i < m->nets->n; i++) {
        const struct machine_net *x = &m->nets->nets[i];
        const struct device *d = x->user;

        if (d)
            snprintf(text, sizeof(text), "%s (%s): %s: %s",
                     d->id ? d->id : d->parent && d->parent->id ? d->parent->id : "a device",
                     d->parent && d->parent->class->inner == d->class ? d->parent->class->name : d->class->name,
                     x->id, x->text);
        else
            snprintf(text, sizeof(text), "no device: %s: %s", x->id, x->text);
        line(to, text);
    }
}

void machine_nets_free(struct machine *m)
{
    if (!m->nets)
        return;
    for (unsigned i = 0; i < m->nets->n; i++) {
        host_net_free(m->nets->nets[i].n);
        free(m->nets->nets[i].id);
        free(m->nets->nets[i].text);
    }
    free(m->nets);
}
