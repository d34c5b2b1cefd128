// SPDX-License-Identifier: MIT
/* cmd/system_net.c -- -nic and -net: a network and its device in one word, or as two that belong together by
 * their order. Both become a -netdev and a -device. Not there: several devices on one -net (a hub). */
#include "cmd/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad(const char *name, const char *why, const char *arg)
{
    fprintf(stderr, "moa: %s: %s: %s\n", name, why, arg);
    return -1;
}

/* Words for a device and for a network, sorted out of one text. */
struct parts {
    char model[64], mac[64], id[64];
    char *network;
};

static int sort_out(struct parts *p, const char *name, const char *arg)
{
    char *copy = strdup(arg), *save = NULL;

    *p = (struct parts){.model = "virtio-net-pci", .network = calloc(1, strlen(arg) + 1)};
    if (!copy || !p->network) {
        free(copy);
        free(p->network);
        return bad(name, "out of memory", arg);
    }
    for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
        if (strncmp(w, "model=", 6) == 0)
            snprintf(p->model, sizeof(p->model), "%s", w + 6);
        else if (strncmp(w, "mac=", 4) == 0 || strncmp(w, "macaddr=", 8) == 0)
            snprintf(p->mac, sizeof(p->mac), ",mac=%s", strchr(w, '=') + 1);
        else if (strncmp(w, "id=", 3) == 0 || strncmp(w, "netdev=", 7) == 0)
            snprintf(p->id, sizeof(p->id), "%s", strchr(w, '=') + 1);
        else
            sprintf(p->network + strlen(p->network), "%s%s", *p->network ? "," : "", w);
    }
    free(copy);
    if (strcmp(p->model, "virtio") == 0)
        snprintf(p->model, sizeof(p->model), "virtio-net-pci");
    return 0;
}

static int add_device(struct cmd_system_options *o, const struct parts *p, const char *name, const char *arg)
{
    char *device;

    if (o->m.ndevice == ARRAY_LEN(o->m.device))
        return bad(name, "too many", arg);
    device = cmd_keep("%s,netdev=%s%s", p->model, p->id, p->mac);
    if (!device)
        return bad(name, "out of memory", arg);
    o->m.device[o->m.ndevice++] = device;
    return 0;
}

/* Takes p->network. */
static int add_network(struct cmd_system_options *o, const struct parts *p, const char *name, const char *arg)
{
    char *network = cmd_keep("%s,id=%s", p->network, p->id);

    free(p->network);
    if (!network)
        return bad(name, "out of memory", arg);
    if (o->m.nnetdev == MACHINE_NETS)
        return bad(name, "too many", arg);
    o->m.netdev[o->m.nnetdev++] = network;
    return 0;
}

/* "none", or "KIND[,model=NAME][,mac=ADDRESS][,option=value...]" */
int cmd_set_nic(struct cmd_system_options *o, const char *arg)
{
    struct parts p;

    if (strcmp(arg, "none") == 0)
        return 0;
    if (sort_out(&p, "-nic", arg))
        return -1;
    if (!p.id[0])
        snprintf(p.id, sizeof(p.id), "#nic%u", o->m.nnetdev);
    return add_network(o, &p, "-nic", arg) || add_device(o, &p, "-nic", arg) ? -1 : 0;
}

/* "none", "nic[,model=NAME][,macaddr=ADDRESS][,netdev=ID]", or a network: the first nic is on the first
 * network, and so on. */
int cmd_set_net(struct cmd_system_options *o, const char *arg)
{
    struct parts p;

    if (strcmp(arg, "none") == 0)
        return 0;
    if (sort_out(&p, "-net", arg))
        return -1;
    if (strcmp(p.network, "nic") == 0) {
        if (!p.id[0])
            snprintf(p.id, sizeof(p.id), "#net%u", o->net_devices++);
        free(p.network);
        return add_device(o, &p, "-net", arg);
    }
    snprintf(p.id, sizeof(p.id), "#net%u", o->net_networks++);
    return add_network(o, &p, "-net", arg);
}

int cmd_check_nets(const struct cmd_system_options *o)
{
    if (o->net_devices == o->net_networks)
        return 0;
    return bad("-net", "wants as many nic as networks",
               o->net_devices > o->net_networks ? "a nic has none" : "a network has none");
}
