// SPDX-License-Identifier: MIT
/* devices/virtio/pci.c -- virtio over PCI (virtio 1.2, 4.1): registers in BAR 4, which capabilities
 * point into, MSI-X in BAR 1, or INTx.
 *
 * BAR 4 has the common configuration at 0, interrupt status at 0x1000, the function's configuration
 * at 0x2000, notifications at 0x3000, four bytes a queue. The capability for access by
 * configuration space is there too.
 *
 * With disable-legacy=off the function is a transitional one (4.1.2.3, 4.1.4.10): ports in BAR 0 are the
 * interface of old drivers, under the old device ID. Which interface is in use is said by the one
 * that first writes a status after a reset. disable-modern=on leaves the old one alone. */
#include "devices/virtio/pci.h"

#include "devices/bus/pci.h"
#include "devices/virtio/balloon.h"
#include "devices/virtio/blk.h"
#include "devices/virtio/gpu.h"
#include "devices/virtio/input.h"
#include "devices/virtio/net.h"
#include "devices/virtio/rng.h"
#include "devices/virtio/serial.h"
#include "devices/virtio/virtio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BAR_LEGACY = 0, BAR_MSIX = 1, BAR_REGS = 4 };
enum { LEGACY_AUTO, LEGACY_DISABLED, LEGACY_ENABLED }; /* disable-legacy; by itself: disabled */
enum { LEGACY_SIZE = 0x100, LEGACY_CONFIG = 24, MODERN_PARTS = 4, BLOCK_LEGACY = 4 };
enum {
    AT_COMMON = 0,
    AT_ISR = 0x1000,
    AT_CONFIG = 0x2000,
    AT_NOTIFY = 0x3000,
    PART = 0x1000,
    NOTIFY_STEP = 4
};
enum { CFG_COMMON = 1, CFG_NOTIFY = 2, CFG_ISR = 3, CFG_DEVICE = 4, CFG_PCI = 5 };
enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };
#define NO_VECTOR 0xffff

struct vpci {
    struct pci_device f;
    uint32_t features_sel, driver_sel;
    uint16_t queue_sel, config_vector;
    uint16_t vector[VIRTIO_QUEUES];
    uint8_t isr;
    uint8_t old_driver; /* the interface in use is the old one */
    /* wiring */
    uint32_t disable_legacy;
    bool disable_modern;
    uint32_t vectors;
    struct virtio *v;
    struct mem_region *bar, *msix_bar;
    unsigned cfg_cap;
    bool on_bus;
};

static unsigned queue_of(const struct vpci *p)
{
    return p->queue_sel < VIRTIO_QUEUES && p->v->max[p->queue_sel] ? p->queue_sel : VIRTIO_QUEUES;
}

/* ---- common configuration ---- */
static uint64_t features_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;

    (void)n, (void)a;
    return p->features_sel < 2 ? (uint32_t)(virtio_offered(p->v) >> 32 * p->features_sel) : 0;
}

static uint64_t driver_features_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;

    (void)n, (void)a;
    return p->driver_sel < 2 ? (uint32_t)(p->v->features >> 32 * p->driver_sel) : 0;
}

static void driver_features_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct vpci *p = dev;

    (void)n, (void)a;
    virtio_take_features(p->v, (uint32_t)v, p->driver_sel);
}

static uint16_t a_vector(const struct vpci *p, uint64_t v)
{
    return v < p->vectors ? (uint16_t)v : NO_VECTOR;
}

static void config_vector_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    (void)n, (void)a;
    p->config_vector = a_vector(p, v);
}

static uint64_t num_queues_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned count = 0;

    (void)n, (void)a;
    for (unsigned q = 0; q < VIRTIO_QUEUES; q++)
        count = p->v->max[q] ? q + 1 : count;
    return count;
}

static uint64_t status_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return ((struct vpci *)dev)->v->status;
}

static void reset_registers(struct vpci *p)
{
    p->features_sel = p->driver_sel = p->queue_sel = p->isr = 0;
    p->config_vector = NO_VECTOR;
    for (unsigned q = 0; q < VIRTIO_QUEUES; q++)
        p->vector[q] = NO_VECTOR;
}

static void set_status(struct vpci *p, uint8_t v, bool old_driver)
{
    if (p->v->status == 0 && v)
        p->old_driver = p->v->legacy = old_driver || p->disable_modern;
    virtio_set_status(p->v, v);
    if (v == 0)
        reset_registers(p);
}

static void status_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    (void)n, (void)a;
    set_status(p, (uint8_t)v, false);
}

static uint64_t generation_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return (uint8_t)((struct vpci *)dev)->v->generation;
}

static uint64_t size_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES ? p->v->size[q] : 0;
}

static void size_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct vpci *p = dev;

    (void)n, (void)a;
    virtio_queue_size(p->v, queue_of(p), (uint32_t)v);
}

static uint64_t vector_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES ? p->vector[q] : NO_VECTOR;
}

static void vector_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    (void)n, (void)a;
    if (queue_of(p) < VIRTIO_QUEUES)
        p->vector[queue_of(p)] = a_vector(p, v);
}

static uint64_t enable_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES ? p->v->ready[q] : 0;
}

static void enable_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct vpci *p = dev;

    (void)n, (void)a;
    if (v == 1)
        virtio_queue_ready(p->v, queue_of(p), true);
}

static uint64_t notify_off_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES ? q : 0;
}

/* Six halves: descriptors, driver's area, device's area. */
static uint64_t *address_of(const struct vpci *p, unsigned n)
{
    unsigned q = queue_of(p);

    if (q == VIRTIO_QUEUES)
        return NULL;
    return n < 2 ? &p->v->desc[q] : n < 4 ? &p->v->driver[q] : &p->v->device[q];
}

static uint64_t address_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const uint64_t *x = address_of(dev, n);

    (void)a;
    return x ? (uint32_t)(*x >> 32 * (n & 1)) : 0;
}

static void address_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;
    uint64_t *x = address_of(p, n);

    (void)a;
    if (x && !p->v->ready[queue_of(p)])
        *x = n & 1 ? (*x & 0xffffffff) | v << 32 : (*x & ~0xffffffffull) | v;
}

/* ---- the other parts ---- */
static uint64_t isr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct vpci *p = dev;
    uint8_t was = p->isr;

    (void)n, (void)a;
    p->isr = 0;
    return was;
}

static uint64_t config_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)a;
    return virtio_config_read(((struct vpci *)dev)->v, n);
}

static void config_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)a;
    virtio_config_write(((struct vpci *)dev)->v, n, (uint8_t)v);
}

static void notify_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)v, (void)a;
    virtio_kick(((struct vpci *)dev)->v, n);
}

/* ---- the interface of old drivers ---- */
static uint64_t old_features_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return (uint32_t)((struct vpci *)dev)->v->offered;
}

static uint64_t old_driver_features_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return (uint32_t)((struct vpci *)dev)->v->features;
}

static void old_driver_features_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    virtio_take_features(((struct vpci *)dev)->v, (uint32_t)v, 0);
}

static uint64_t old_pfn_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES && p->v->ready[q] ? (uint32_t)(p->v->desc[q] >> 12) : 0;
}

static void old_pfn_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;
    unsigned q = queue_of(p);

    (void)n, (void)a;
    if (q < VIRTIO_QUEUES && p->v->legacy)
        virtio_queue_legacy(p->v, q, v << 12, 4096); /* 0: given up */
}

static void old_notify_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    if (v < VIRTIO_QUEUES)
        virtio_kick(((struct vpci *)dev)->v, (unsigned)v);
}

static void old_status_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    set_status(dev, (uint8_t)v, true);
}

/* Vectors while MSI-X is on; otherwise the function's configuration begins here. */
static uint64_t old_vector_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    if (!pci_msix_enabled(&p->f))
        return virtio_config_read(p->v, 2 * n) |
               (uint64_t)virtio_config_read(p->v, 2 * n + 1) << 8;
    return n ? vector_read(dev, 0, a) : p->config_vector;
}

static void old_vector_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    if (!pci_msix_enabled(&p->f)) {
        virtio_config_write(p->v, 2 * n, (uint8_t)v);
        virtio_config_write(p->v, 2 * n + 1, (uint8_t)(v >> 8));
    } else if (n) {
        vector_write(dev, 0, v, a);
    } else {
        p->config_vector = a_vector(p, v);
    }
}

static unsigned old_config_at(const struct vpci *p, unsigned n)
{
    return pci_msix_enabled(&p->f) ? n : n + 4;
}

static uint64_t old_config_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    (void)a;
    return virtio_config_read(p->v, old_config_at(p, n));
}

static void old_config_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct vpci *p = dev;

    (void)a;
    virtio_config_write(p->v, old_config_at(p, n), (uint8_t)v);
}

#define AT(f) offsetof(struct vpci, f)
#define NONE  DEV_NO_STATE
static const struct dev_reg common_regs[] = {
    {"device_feature_select", 0, 4, 0, 0, AT(features_sel), 0, 0xffffffff, NULL, NULL},
    {"device_feature", 4, 4, 0, 0, NONE, 0, 0, features_read, NULL},
    {"driver_feature_select", 8, 4, 0, 0, AT(driver_sel), 0, 0xffffffff, NULL, NULL},
    {"driver_feature", 12, 4, 0, 0, NONE, 0, 0, driver_features_read, driver_features_write},
    {"config_msix_vector", 16, 2, 0, 0, AT(config_vector), NO_VECTOR, 0, NULL, config_vector_write},
    {"num_queues", 18, 2, 0, 0, NONE, 0, 0, num_queues_read, NULL},
    {"device_status", 20, 1, 0, 0, NONE, 0, 0, status_read, status_write},
    {"config_generation", 21, 1, 0, 0, NONE, 0, 0, generation_read, NULL},
    {"queue_select", 22, 2, 0, 0, AT(queue_sel), 0, 0xffff, NULL, NULL},
    {"queue_size", 24, 2, 0, 0, NONE, 0, 0, size_read, size_write},
    {"queue_msix_vector", 26, 2, 0, 0, NONE, 0, 0, vector_read, vector_write},
    {"queue_enable", 28, 2, 0, 0, NONE, 0, 0, enable_read, enable_write},
    {"queue_notify_off", 30, 2, 0, 0, NONE, 0, 0, notify_off_read, NULL},
    {"queue_address", 32, 4, 6, 4, NONE, 0, 0, address_read, address_write},
};
static const struct dev_reg isr_regs[] = {{"isr", 0, 1, 0, 0, NONE, 0, 0, isr_read, NULL}};
static const struct dev_reg config_regs[] = {
    {"config", 0, 1, VIRTIO_CONFIG, 1, NONE, 0, 0, config_read, config_write},
};
static const struct dev_reg notify_regs[] = {
    {"notify", 0, 2, VIRTIO_QUEUES, NOTIFY_STEP, NONE, 0, 0, NULL, notify_write},
};
static const struct dev_reg legacy_regs[] = {
    {"legacy_device_feature", 0, 4, 0, 0, NONE, 0, 0, old_features_read, NULL},
    {"legacy_driver_feature", 4, 4, 0, 0, NONE, 0, 0, old_driver_features_read,
     old_driver_features_write},
    {"legacy_queue_address", 8, 4, 0, 0, NONE, 0, 0, old_pfn_read, old_pfn_write},
    {"legacy_queue_size", 12, 2, 0, 0, NONE, 0, 0, size_read, NULL},
    {"legacy_queue_select", 14, 2, 0, 0, AT(queue_sel), 0, 0xffff, NULL, NULL},
    {"legacy_queue_notify", 16, 2, 0, 0, NONE, 0, 0, NULL, old_notify_write},
    {"legacy_status", 18, 1, 0, 0, NONE, 0, 0, status_read, old_status_write},
    {"legacy_isr", 19, 1, 0, 0, NONE, 0, 0, isr_read, NULL},
    {"legacy_vector", 20, 2, 2, 2, NONE, 0, 0, old_vector_read, old_vector_write},
    {"legacy_config", LEGACY_CONFIG, 1, LEGACY_SIZE - LEGACY_CONFIG, 1, NONE, 0, 0, old_config_read,
     old_config_write},
};
static const struct dev_block blocks[] = {
    {"virtio-common", PART, common_regs, ARRAY_LEN(common_regs), 1, 8, .wide = true},
    {"virtio-isr", PART, isr_regs, ARRAY_LEN(isr_regs), 1, 4, .wide = true},
    {"virtio-config", PART, config_regs, ARRAY_LEN(config_regs), 1, 8, .wide = true},
    {"virtio-notify", PART, notify_regs, ARRAY_LEN(notify_regs), 1, 4, .wide = true},
    {"virtio-legacy", LEGACY_SIZE, legacy_regs, ARRAY_LEN(legacy_regs), 1, 4, .wide = true},
};
static const struct dev_state states[] = {
    PCI_STATES,
    DEV_STATE_ARRAY(struct vpci, vector),
    DEV_STATE_MAX(struct vpci, isr, 3),
    DEV_STATE_MAX(struct vpci, old_driver, 1),
};

/* ---- interrupts ---- */
static void update(struct device *d)
{
    struct vpci *p = (struct vpci *)d;

    if (p->on_bus)
        pci_set_intx(&p->f, p->isr != 0 && !pci_msix_enabled(&p->f));
}

static void interrupt(void *to, unsigned queue)
{
    struct vpci *p = to;
    bool config = queue == VIRTIO_CONFIG_CHANGED;
    uint16_t vector = config ? p->config_vector : p->vector[queue];

    if (pci_msix_enabled(&p->f)) {
        if (vector != NO_VECTOR)
            pci_notify(&p->f, vector);
        return;
    }
    p->isr |= config ? ISR_CONFIG : ISR_QUEUE;
    update(&p->f.dev);
}

/* ---- configuration space ---- */
static void add_cap(struct vpci *p, uint8_t type, uint32_t at, uint32_t len, unsigned more)
{
    unsigned c = pci_add_cap(&p->f, PCI_CAP_VENDOR, 16 + more);
    uint8_t *init = p->f.initial;

    init[c + 2] = (uint8_t)(16 + more);
    init[c + 3] = type;
    init[c + 4] = type == CFG_PCI ? 0 : BAR_REGS;
    pci_put32(init, c + 8, at);
    pci_put32(init, c + 12, len);
    if (type == CFG_NOTIFY)
        pci_put32(init, c + 16, NOTIFY_STEP);
    if (type == CFG_PCI) {
        p->cfg_cap = c;
        p->f.writable[c + 4] = 0xff;
        memset(p->f.writable + c + 8, 0xff, 12);
    }
}

/* Access to BAR 4 by the capability: the guest writes bar, offset and length, then data. */
static void cfg_access(struct vpci *p, bool write)
{
    static const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};
    unsigned c = p->cfg_cap;
    uint64_t at = pci_get32(&p->f, c + 8), len = pci_get32(&p->f, c + 12);
    uint64_t v = pci_get32(&p->f, c + 16);
    bool was;

    if (p->f.config[c + 4] != BAR_REGS || (len != 1 && len != 2 && len != 4) || at % len ||
        at >= 4ull * PART)
        return;
    was = dev_enter(&p->f.dev);
    dev_block_access(&p->f.dev, (unsigned)(at / PART), at % PART, (unsigned)len, write, &v, &a);
    dev_leave(&p->f.dev, was);
    if (!write)
        pci_put32(p->f.config, c + 16, (uint32_t)v);
}

static void may_master(struct vpci *p) /* queues are of no use without */
{
    bool on = pci_get16(&p->f, PCI_COMMAND) & PCI_COMMAND_MASTER;

    p->v->dev.dma = on ? p->f.dev.dma : NULL;
}

static void config_access(struct pci_device *f, unsigned at, unsigned size, bool write)
{
    struct vpci *p = (struct vpci *)f;

    if (write)
        may_master(p);
    if (p->cfg_cap && at < p->cfg_cap + 20 && at + size > p->cfg_cap + 16)
        cfg_access(p, write);
    if (write)
        update(&f->dev);
}

/* ---- life ---- */
static int realize(struct device *d, char *err, size_t err_len)
{
    struct vpci *p = (struct vpci *)d;

    (void)err, (void)err_len;
    p->bar = mem_container_new("virtio-pci", 4 * PART);
    for (unsigned i = 0; i < MODERN_PARTS; i++)
        mem_add(p->bar, d->regions[i], (uint64_t)i * PART, 0);
    p->msix_bar = mem_container_new("virtio-pci-msix", 0x1000);
    return 0;
}

/* Class codes of PCI for a virtio device type. */
static uint32_t class_code(unsigned type)
{
    switch (type) {
    case 1:
        return 0x020000;
    case 2:
        return 0x010000;
    case 3:
        return 0x078000;
    case 16:
        return 0x038000;
    case 18:
        return 0x098000;
    default:
        return 0x00ff00;
    }
}

/* Device IDs of before virtio 1.0; 0: there was none. */
static uint16_t old_id(unsigned type)
{
    static const uint16_t ids[] = {[1] = 0x1000, [2] = 0x1001, [3] = 0x1003,
                                   [4] = 0x1005, [5] = 0x1002, [8] = 0x1004};

    return type < ARRAY_LEN(ids) ? ids[type] : 0;
}

static int plug(struct device *d, struct device *child, char *err, size_t err_len)
{
    struct vpci *p = (struct vpci *)d;
    struct virtio *v = (struct virtio *)child;
    struct pci_ids ids = {
        .vendor = 0x1af4, .subsys_vendor = 0x1af4, .subsys = 0x1100, .revision = 1, .pin = 1};
    bool legacy = p->disable_legacy == LEGACY_ENABLED || p->disable_modern;
    int e;

    if (p->disable_modern && p->disable_legacy == LEGACY_DISABLED) {
        snprintf(err, err_len, "disable-modern and disable-legacy leave nothing");
        return -EINVAL;
    }
    if (legacy && !old_id(v->ops->type)) {
        snprintf(err, err_len, "this device has no interface for old drivers: disable-legacy=on");
        return -EINVAL;
    }
    ids.device = (uint16_t)(0x1040 + v->ops->type);
    ids.class_code = class_code(v->ops->type);
    if (legacy) {
        ids.device = old_id(v->ops->type);
        ids.subsys = v->ops->type;
        ids.revision = 0;
    }
    e = pci_realize(&p->f, &ids, err, err_len);
    if (e < 0)
        return e;
    p->on_bus = true;
    p->v = v;
    p->old_driver = p->disable_modern;
    virtio_connect(v, p->disable_modern, interrupt, p);
    if (legacy)
        pci_bar(&p->f, BAR_LEGACY, PCI_BAR_IO, d->regions[BLOCK_LEGACY]);
    if (!p->disable_modern) {
        add_cap(p, CFG_COMMON, AT_COMMON, PART, 0);
        add_cap(p, CFG_ISR, AT_ISR, PART, 0);
        add_cap(p, CFG_DEVICE, AT_CONFIG, PART, 0);
        add_cap(p, CFG_NOTIFY, AT_NOTIFY, PART, 4);
        add_cap(p, CFG_PCI, 0, 0, 4);
    }
    if (p->vectors > PCI_MSIX) { /* one for each queue, one for changes */
        p->vectors = 1;
        for (unsigned q = 0; q < VIRTIO_QUEUES; q++)
            p->vectors += v->max[q] != 0;
    }
    if (p->vectors)
        pci_add_msix(&p->f, p->vectors, BAR_MSIX, p->msix_bar, 0, 0x800);
    pci_bar(&p->f, BAR_MSIX, PCI_BAR_MEM32, p->msix_bar);
    if (!p->disable_modern)
        pci_bar(&p->f, BAR_REGS, PCI_BAR_MEM64_PREFETCH, p->bar);
    p->f.config_access = config_access;
    return 0;
}

static void unrealize(struct device *d)
{
    struct vpci *p = (struct vpci *)d;

    if (p->on_bus)
        pci_unrealize(&p->f);
    for (unsigned i = 0; i < ARRAY_LEN(blocks); i++)
        mem_detach(d->regions[i]);
    mem_region_free(p->bar);
    mem_region_free(p->msix_bar);
}

static void reset(struct device *d)
{
    struct vpci *p = (struct vpci *)d;

    reset_registers(p);
    p->old_driver = p->disable_modern;
    if (p->v)
        p->v->legacy = p->old_driver;
    if (p->on_bus)
        pci_reset(&p->f);
    if (p->v)
        may_master(p);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct vpci *p = (struct vpci *)d;

    (void)version;
    if (p->old_driver ? p->disable_legacy != LEGACY_ENABLED && !p->disable_modern : p->disable_modern) {
        snprintf(err, err_len, "the driver uses an interface that there is not");
        return -EINVAL;
    }
    if (p->v)
        p->v->legacy = p->old_driver;
    for (unsigned q = 0; q <= VIRTIO_QUEUES; q++) {
        uint16_t v = q < VIRTIO_QUEUES ? p->vector[q] : p->config_vector;

        if (v != NO_VECTOR && v >= p->vectors) {
            snprintf(err, err_len, "a vector that there is not");
            return -EINVAL;
        }
    }
    may_master(p);
    return pci_post_load(&p->f, err, err_len);
}

static const struct dev_prop props[] = {
    PCI_PROPS,
    DEV_PROP(struct vpci, vectors, "vectors", DEV_U32, .dflt = PCI_MSIX + 1, .max = PCI_MSIX + 1,
             .text = "MSI-X vectors, 0: none; by the queues if not given"),
    DEV_PROP(struct vpci, disable_legacy, "disable-legacy", DEV_ENUM,
             .names = (const char *const[]){"auto", "on", "off", NULL},
             .text = "off: old drivers find an interface as well; auto: on"),
    DEV_PROP(struct vpci, disable_modern, "disable-modern", DEV_BOOL,
             .text = "on: only the interface of old drivers"),
};

#define VPCI_CLASS(variable, name_, text_, category_, inner_)                                      \
    const struct dev_class variable = {                                                            \
        .name = name_,                                                                             \
        .text = text_,                                                                             \
        .bus = "pci",                                                                              \
        .category = category_,                                                                     \
        .size = sizeof(struct vpci),                                                               \
        .version = 1,                                                                              \
        .props = props,                                                                            \
        .nprops = ARRAY_LEN(props),                                                                \
        .blocks = blocks,                                                                          \
        .nblocks = ARRAY_LEN(blocks),                                                              \
        .states = states,                                                                          \
        .nstates = ARRAY_LEN(states),                                                              \
        .inner = &(inner_),                                                                        \
        .realize = realize,                                                                        \
        .unrealize = unrealize,                                                                    \
        .reset = reset,                                                                            \
        .update = update,                                                                          \
        .post_load = post_load,                                                                    \
        .plug = plug,                                                                              \
    }

VPCI_CLASS(virtio_blk_pci_class, "virtio-blk-pci", "virtio block device on PCI", "storage",
           virtio_blk_class);
VPCI_CLASS(virtio_net_pci_class, "virtio-net-pci", "virtio network device on PCI", "network",
           virtio_net_class);
VPCI_CLASS(virtio_rng_pci_class, "virtio-rng-pci", "virtio entropy source on PCI", "misc",
           virtio_rng_class);
VPCI_CLASS(virtio_serial_pci_class, "virtio-serial-pci", "virtio console device on PCI", "input",
           virtio_serial_class);
VPCI_CLASS(virtio_gpu_pci_class, "virtio-gpu-pci", "virtio GPU on PCI, two-dimensional", "display",
           virtio_gpu_class);
VPCI_CLASS(virtio_keyboard_pci_class, "virtio-keyboard-pci", "virtio keyboard on PCI", "input",
           virtio_keyboard_class);
VPCI_CLASS(virtio_mouse_pci_class, "virtio-mouse-pci", "virtio mouse on PCI", "input",
           virtio_mouse_class);
VPCI_CLASS(virtio_tablet_pci_class, "virtio-tablet-pci", "virtio tablet on PCI", "input",
           virtio_tablet_class);
VPCI_CLASS(virtio_balloon_pci_class, "virtio-balloon-pci", "virtio memory balloon on PCI", "misc",
           virtio_balloon_class);
