// SPDX-License-Identifier: MIT
/* monitor/hmp_devices.c -- subjects of info that are about devices and where they are seen. */
#include "monitor/hmp_impl.h"

#include "devices/bus/pci.h"

#include <inttypes.h>
#include <string.h>

static void flat_range(void *to, const struct mem_range *r)
{
    hmp_say(to, "  %016" PRIx64 "-%016" PRIx64 " (%s): %s @%016" PRIx64 "\n", r->lo, r->hi,
            !r->host ? "i/o" : r->readonly ? "rom" : "ram", mem_region_name(r->region), r->offset);
}

static void info_mtree(struct hmp *h, const char *arg)
{
    if (strcmp(arg, "-f") != 0) {
        mem_print(h->m->memory, hmp_line, h);
        return;
    }
    hmp_say(h, "FlatView #0\n AS \"memory\"\n");
    mem_each_range(h->m->memory, flat_range, h);
}

/* A device in the tree, with its properties and where its registers are. */
static void print_device(struct hmp *h, struct device *d, int level)
{
    const char *bus = NULL;
    char text[256];

    hmp_say(h, "%*sdev: %s, id \"%s\"\n", level, "", d->class->name, d->id ? d->id : "");
    for (unsigned i = 0; i < d->class->nprops; i++) {
        dev_prop_text(d, &d->class->props[i], text, sizeof(text));
        hmp_say(h, "%*s%s = %s\n", level + 2, "", d->class->props[i].name, text);
    }
    for (unsigned r = 0; r < ARRAY_LEN(d->regions) && d->regions[r]; r++)
        hmp_say(h, "%*sregion %s, 0x%" PRIx64 " bytes\n", level + 2, "",
                mem_region_name(d->regions[r]), mem_region_size(d->regions[r]));
    for (struct device *c = d->children; c; c = c->sibling) {
        if (!bus || strcmp(bus, c->class->bus) != 0)
            hmp_say(h, "%*sbus: %s\n", level + 2, "", c->class->bus);
        bus = c->class->bus;
        print_device(h, c, level + 4);
    }
}

static void info_qtree(struct hmp *h, const char *arg)
{
    (void)arg;
    hmp_say(h, "bus: main-system-bus\n  type System\n");
    for (unsigned i = 0; i < h->m->ndevices; i++)
        print_device(h, h->m->devices[i], 2);
}

static void print_object(struct hmp *h, struct device *d, int level)
{
    hmp_say(h, "%*s/%s (%s)\n", level, "", d->id ? d->id : d->class->name, d->class->name);
    for (struct device *c = d->children; c; c = c->sibling)
        print_object(h, c, level + 2);
}

static void info_qom_tree(struct hmp *h, const char *arg)
{
    (void)arg;
    hmp_say(h, "/machine (%s-machine)\n  /unattached (container)\n", h->m->board->name);
    for (unsigned i = 0; i < h->m->ndevices; i++)
        print_object(h, h->m->devices[i], 4);
}

static void print_bar(struct hmp *h, const struct pci_device *p, unsigned n)
{
    static const char *const kinds[] = {"I/O", "32 bit memory", "64 bit memory",
                                        "64 bit prefetchable memory"};
    const struct pci_bar *b = &p->bar[n];

    if (!b->region)
        return;
    hmp_say(h, "      BAR%u: %s at ", n, kinds[b->kind]);
    if (b->mapped)
        hmp_say(h, "0x%08" PRIx64 " [0x%08" PRIx64 "].\n", b->at,
                b->at + mem_region_size(b->region) - 1);
    else
        hmp_say(h, "0xffffffff (not mapped, 0x%" PRIx64 " bytes).\n", mem_region_size(b->region));
}

static void print_function(struct hmp *h, const struct pci_device *p)
{
    hmp_say(h, "  Bus  0, device %3d, function %d:\n", p->devfn >> 3, p->devfn & 7);
    hmp_say(h, "    Class %02x%02x: PCI device %04x:%04x\n", p->config[PCI_CLASS + 2],
            p->config[PCI_CLASS + 1], pci_get16(p, PCI_VENDOR), pci_get16(p, PCI_DEVICE));
    hmp_say(h, "      PCI subsystem %04x:%04x\n", pci_get16(p, PCI_SUBSYS_VENDOR),
            pci_get16(p, PCI_SUBSYS));
    if (p->config[PCI_INT_PIN])
        hmp_say(h, "      IRQ %d, pin %c\n", p->config[PCI_INT_LINE], 'A' + p->config[PCI_INT_PIN] - 1);
    for (unsigned i = 0; i < PCI_BARS; i++)
        print_bar(h, p, i);
    hmp_say(h, "      id \"%s\"\n", p->dev.id ? p->dev.id : "");
}

static void info_pci(struct hmp *h, const char *arg)
{
    bool any = false;

    (void)arg;
    for (unsigned i = 0; i < h->m->ndevices; i++)
        for (unsigned f = 0; h->m->devices[i]->class == &pci_host_class && f < PCI_FUNCTIONS; f++) {
            const struct pci_device *p = pci_function(h->m->devices[i], f);

            if (p)
                print_function(h, p);
            any = true;
        }
    if (!any)
        hmp_say(h, "PCI not supported\n");
}

const struct hmp_command hmp_info_devices[] = {
    {.name = "mtree", .args = "[-f]", .help = "memory map: the tree, or only what is seen of it (-f)",
     .run = info_mtree},
    {.name = "pci", .args = "", .help = "PCI functions", .run = info_pci},
    {.name = "qom-tree", .args = "", .help = "devices by name", .run = info_qom_tree},
    {.name = "qtree", .args = "", .help = "devices and their properties", .run = info_qtree},
    {0},
};
