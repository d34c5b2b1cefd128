// SPDX-License-Identifier: MIT
/* machines/virt_boot.c -- which devices firmware shall try first (property bootindex): the file bootorder in
 * fw_cfg, one path of Open Firmware's kind a line, as EDK2 reads them. */
#include "devices/bus/pci.h"
#include "devices/misc/fw_cfg.h"
#include "machines/virt_arm64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 96, CLASS_SCSI = 0x0100, CLASS_ETHERNET = 0x0200 };

/* What is inside of the controller. */
static const char *leaf(struct device *d)
{
    const struct dev_class *c = dev_inner(d)->class;

    if (strcmp(c->category, "network") == 0)
        return "ethernet-phy@0";
    if (strcmp(c->name, "nvme") == 0)
        return "namespace@1,0";
    return strcmp(c->name, "virtio-blk-device") == 0 ? "disk@0,0" : NULL;
}

static void pci_path(const struct pci_device *p, const char *in, char path[PATH])
{
    unsigned kind = pci_get16(p, PCI_CLASS + 1), slot = p->devfn >> 3, function = p->devfn & 7;
    char name[24], at[8];

    if (kind == CLASS_SCSI || kind == CLASS_ETHERNET)
        snprintf(name, sizeof(name), "%s", kind == CLASS_SCSI ? "scsi" : "ethernet");
    else
        snprintf(name, sizeof(name), "pci%04x,%04x", pci_get16(p, PCI_VENDOR), pci_get16(p, PCI_DEVICE));
    snprintf(at, sizeof(at), function ? "%x,%x" : "%x", slot, function);
    snprintf(path, PATH, "/pci@ffffffffffffffff/%s@%s/%s", name, at, in);
}

/* False: firmware cannot start from this device. */
static bool path_of(const struct virt *v, struct device *d, char path[PATH])
{
    const char *in = leaf(d);

    if (in && strcmp(d->class->bus, "pci") == 0) {
        pci_path((const struct pci_device *)d, in, path);
        return true;
    }
    for (unsigned i = 0; in && i < v->nvirtio; i++)
        if (d->parent == v->virtio[i]) {
            snprintf(path, PATH, "/virtio-mmio@%016llx/%s",
                     (unsigned long long)(virt_map[VIRT_VIRTIO].addr + i * virt_map[VIRT_VIRTIO].size), in);
            return true;
        }
    return false;
}

/* Lines in the order of the numbers; a zero byte instead of the last line's end. */
int virt_boot_order(struct virt *v, char *err, size_t err_len)
{
    char text[MACHINE_BOOTS * PATH] = "", path[PATH];
    size_t len = 0;
    long last = -1;

    for (unsigned n = 0; n < v->m.nboots; n++) {
        const struct machine_boot *next = NULL;

        for (unsigned i = 0; i < v->m.nboots; i++)
            if (v->m.boots[i].index > last && (!next || v->m.boots[i].index < next->index))
                next = &v->m.boots[i];
        last = next->index;
        if (path_of(v, next->d, path))
            len += (size_t)sprintf(text + len, "%s\n", path);
    }
    if (len == 0)
        return 0;
    text[len - 1] = 0;
    if (fw_cfg_add_file(v->fw_cfg, "bootorder", text, len)) {
        snprintf(err, err_len, "bootorder: fw_cfg has no room");
        return -1;
    }
    return 0;
}
