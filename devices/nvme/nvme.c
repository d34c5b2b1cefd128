// SPDX-License-Identifier: MIT
/* devices/nvme/nvme.c -- NVM Express controller (NVMe 1.4, chapters 3 to 5): registers and
 * doorbells, queues, guest memory by PRP lists, interrupts by MSI-X or pin.
 *
 * A command is fetched when its completion queue has room for its completion, so that none ever has
 * to wait. On reset, save and deletion of a queue all requests are finished first.
 *
 * Not modelled: SGLs, metadata, several namespaces, controller memory buffer, events (requests for
 * them are kept and never answered), doorbells' shadow buffers. */
#include "devices/nvme/nvme_state.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BAR_SIZE = 0x4000,
    DOORBELLS = 0x1000,
    MSIX_TABLE = 0x2000,
    MSIX_PENDING = 0x3000,
    ENTRY_LOG = 6, /* bytes of a command and of a completion, log2 */
    COMPLETION_LOG = 4,
};
/* MQES, contiguous queues, 7.5 s to get ready, NVM command set. */
#define CAP ((uint64_t)(NVME_MAX_ENTRIES - 1) | 1 << 16 | 15 << 24 | 1ull << 37)

/* ---- guest memory ---- */
static uint16_t add(struct nvme *n, struct nvme_data *d, uint64_t addr, uint32_t len)
{
    while (len) {
        uint64_t part = len;
        void *host = mem_map(n->pci.dev.dma, addr, &part, d->to_guest, pci_attrs(&n->pci));

        if (!host)
            return NVME_TRANSFER_ERROR;
        if (d->n == NVME_VECTORS) { /* RAM in many small pieces */
            mem_unmap(host, part, false);
            return NVME_TRANSFER_ERROR;
        }
        d->iov[d->n++] = (struct iovec){host, part};
        addr += part;
        len -= (uint32_t)part;
    }
    return NVME_OK;
}

void nvme_unmap(struct nvme_data *d, bool done)
{
    unsigned i;

    for (i = 0; i < d->n; i++)
        mem_unmap(d->iov[i].iov_base, d->iov[i].iov_len, done && d->to_guest);
    d->n = 0;
}

/* The pages of a list, whose last entry on a page leads on if there are more. */
static uint16_t add_list(struct nvme *n, struct nvme_data *d, uint64_t list, uint32_t len)
{
    uint16_t status = NVME_OK;
    uint64_t entry;

    if (list & 7)
        return NVME_INVALID_PRP;
    while (len && status == NVME_OK) {
        uint32_t part = len < NVME_PAGE ? len : NVME_PAGE;

        if (pci_dma_read(&n->pci, list, &entry, 8) != MEM_OK)
            return NVME_TRANSFER_ERROR;
        entry = le64toh(entry);
        if (entry & (NVME_PAGE - 1))
            return NVME_INVALID_PRP;
        if ((list & (NVME_PAGE - 1)) == NVME_PAGE - 8 && len > NVME_PAGE) {
            list = entry;
            continue;
        }
        status = add(n, d, entry, part);
        len -= part;
        list += 8;
    }
    return status;
}

uint16_t nvme_map(struct nvme *n, const struct nvme_cmd *c, uint32_t len, bool to_guest,
                  struct nvme_data *d)
{
    uint32_t first = NVME_PAGE - (c->prp1 & (NVME_PAGE - 1));
    uint16_t status;

    d->n = 0;
    d->to_guest = to_guest;
    if (c->flags & 0xc0) /* SGLs */
        return NVME_INVALID_FIELD | NVME_DNR;
    if (c->prp1 & 3)
        return NVME_INVALID_PRP | NVME_DNR;
    if (!pci_is_master(&n->pci))
        return NVME_TRANSFER_ERROR;
    if (first > len)
        first = len;
    status = add(n, d, c->prp1, first);
    len -= first;
    if (status == NVME_OK && len > NVME_PAGE)
        status = add_list(n, d, c->prp2, len);
    else if (status == NVME_OK && len)
        status = c->prp2 & (NVME_PAGE - 1) ? NVME_INVALID_PRP : add(n, d, c->prp2, len);
    if (status == NVME_OK)
        return NVME_OK;
    nvme_unmap(d, false);
    return status | NVME_DNR;
}

uint16_t nvme_transfer(struct nvme *n, const struct nvme_cmd *c, void *buf, uint32_t len,
                       bool to_guest)
{
    struct nvme_data d;
    uint16_t status = nvme_map(n, c, len, to_guest, &d);
    uint8_t *p = buf;
    unsigned i;

    if (status != NVME_OK)
        return status;
    for (i = 0; i < d.n; i++) {
        if (to_guest)
            memcpy(d.iov[i].iov_base, p, d.iov[i].iov_len);
        else
            memcpy(p, d.iov[i].iov_base, d.iov[i].iov_len);
        p += d.iov[i].iov_len;
    }
    nvme_unmap(&d, true);
    return NVME_OK;
}

/* ---- interrupts ---- */
static void update_pin(struct nvme *n)
{
    bool level = false;
    unsigned i;

    for (i = 0; i < NVME_QUEUES && !pci_msix_enabled(&n->pci); i++) {
        const struct nvme_cq *q = &n->cq[i];

        if (q->size && q->interrupts && q->head != q->tail && !(n->mask >> (q->vector & 31) & 1))
            level = true;
    }
    if (level != n->pci.intx)
        pci_set_intx(&n->pci, level);
}

/* ---- queues ---- */
static void fatal(struct nvme *n)
{
    n->csts |= NVME_CSTS_FATAL;
}

/* Entries that are free, and promised to nobody. */
static unsigned room(const struct nvme *n, unsigned cq)
{
    const struct nvme_cq *q = &n->cq[cq];
    unsigned used = (q->tail + q->size - q->head) % q->size;

    return used + n->cq_reserved[cq] < q->size - 1 ? q->size - 1 - used - n->cq_reserved[cq] : 0;
}

void nvme_complete(struct nvme *n, unsigned sq, uint16_t cid, uint16_t status, uint32_t result)
{
    const struct nvme_sq *s = &n->sq[sq];
    struct nvme_cq *q = &n->cq[s->cq];
    uint32_t e[4];

    if (!s->size || !q->size || n->csts & NVME_CSTS_FATAL)
        return;
    e[0] = htole32(result);
    e[1] = 0;
    e[2] = htole32(s->head | sq << 16);
    e[3] = htole32(cid | q->phase << 16 | (uint32_t)status << 17);
    if (pci_dma_write(&n->pci, q->base + ((uint64_t)q->tail << COMPLETION_LOG), e, 16) != MEM_OK) {
        fatal(n);
        return;
    }
    if (++q->tail == q->size) {
        q->tail = 0;
        q->phase ^= 1;
    }
    if (q->interrupts && pci_msix_enabled(&n->pci))
        pci_notify(&n->pci, q->vector);
    update_pin(n);
}

static bool fetch(struct nvme *n, struct nvme_sq *s, struct nvme_cmd *c)
{
    unsigned i;

    if (pci_dma_read(&n->pci, s->base + ((uint64_t)s->head << ENTRY_LOG), c->dw, 64) != MEM_OK) {
        fatal(n);
        return false;
    }
    s->head = (s->head + 1) % s->size;
    for (i = 0; i < 16; i++)
        c->dw[i] = le32toh(c->dw[i]);
    c->op = (uint8_t)c->dw[0];
    c->flags = (uint8_t)(c->dw[0] >> 8);
    c->cid = (uint16_t)(c->dw[0] >> 16);
    c->nsid = c->dw[1];
    c->prp1 = c->dw[6] | (uint64_t)c->dw[7] << 32;
    c->prp2 = c->dw[8] | (uint64_t)c->dw[9] << 32;
    return true;
}

static bool working(const struct nvme *n)
{
    return n->csts & NVME_CSTS_READY && !(n->csts & NVME_CSTS_FATAL) && !n->draining;
}

static void run_queue(struct nvme *n, unsigned i)
{
    struct nvme_sq *s = &n->sq[i];
    struct nvme_cmd c;

    while (s->size && s->head != s->tail && working(n) && n->in_flight < NVME_IN_FLIGHT &&
           room(n, s->cq) && fetch(n, s, &c)) {
        uint32_t result = 0;
        uint16_t status = i ? nvme_io(n, i, &c) : nvme_admin(n, &c, &result);

        if (status != NVME_LATER)
            nvme_complete(n, i, c.cid, status, result);
    }
}

void nvme_run(struct nvme *n)
{
    unsigned i;

    for (i = 0; i < NVME_QUEUES; i++)
        if (n->sq[i].size && n->sq[i].head != n->sq[i].tail)
            run_queue(n, i);
}

static void kick_soon(struct nvme *n)
{
    const struct clock_port *c = n->pci.dev.clock;

    c->timer_set(n->kick, c->now(c->opaque, CLOCK_VIRTUAL));
}

void nvme_drain(struct nvme *n)
{
    bool was = n->draining;

    n->draining = true;
    if (n->port)
        block_drain(n->port);
    n->draining = was;
    if (!was && n->kick) /* commands that waited for those to end */
        kick_soon(n);
}

static void run_later(void *arg)
{
    nvme_run(arg);
}

/* ---- registers ---- */
static void ignore(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)i, (void)v, (void)a;
}

static uint64_t cap_read(void *dev, unsigned i, const struct mem_attrs *a)
{
    (void)dev, (void)i, (void)a;
    return CAP;
}

static uint64_t version_read(void *dev, unsigned i, const struct mem_attrs *a)
{
    (void)dev, (void)i, (void)a;
    return 0x00010400;
}

static uint64_t mask_read(void *dev, unsigned i, const struct mem_attrs *a)
{
    const struct nvme *n = dev;

    (void)i, (void)a;
    return n->mask;
}

static void mask_set(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;

    (void)i, (void)a;
    n->mask |= (uint32_t)v;
}

static void mask_clear(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;

    (void)i, (void)a;
    n->mask &= ~(uint32_t)v;
}

/* What a reset of the controller by CC.EN forgets; AQA, ASQ and ACQ stay. */
static void forget(struct nvme *n)
{
    memset(n->sq, 0, sizeof(n->sq));
    memset(n->cq, 0, sizeof(n->cq));
    memset(n->feature, 0, sizeof(n->feature));
    n->feature[NVME_FEATURE_CACHE] = 1;
    n->mask = 0;
    n->nevents = 0;
    n->csts = 0;
    update_pin(n);
}

static void enable(struct nvme *n)
{
    unsigned sq = (n->aqa & 0xfff) + 1, cq = (n->aqa >> 16 & 0xfff) + 1;

    /* NVM commands, pages of 4 KiB, round robin; queues with two entries at least */
    if (n->cc & 0x3ff0 || sq < 2 || cq < 2) {
        fatal(n);
        return;
    }
    n->sq[0] = (struct nvme_sq){.base = n->asq, .size = sq};
    n->cq[0] = (struct nvme_cq){.base = n->acq, .size = cq, .phase = 1, .interrupts = 1};
    n->csts |= NVME_CSTS_READY;
}

static void cc_write(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;
    uint32_t old = n->cc;

    (void)i, (void)a;
    n->cc = v & 0x00fffff1;
    if (old & NVME_CC_ENABLE && !(n->cc & NVME_CC_ENABLE)) {
        nvme_drain(n);
        forget(n);
    } else if (!(old & NVME_CC_ENABLE) && n->cc & NVME_CC_ENABLE) {
        enable(n);
    }
    if (n->cc >> 14 & 3 && !(old >> 14 & 3))
        nvme_flush_for_shutdown(n);
    else if (!(n->cc >> 14 & 3) && !(n->csts & 1 << 2))
        n->csts &= ~(uint32_t)NVME_CSTS_SHST;
}

static void aqa_write(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;

    (void)i, (void)a;
    if (!(n->cc & NVME_CC_ENABLE))
        n->aqa = v & 0x0fff0fff;
}

static void asq_write(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;

    (void)i, (void)a;
    if (!(n->cc & NVME_CC_ENABLE))
        n->asq = v & ~(uint64_t)(NVME_PAGE - 1);
}

static void acq_write(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;

    (void)i, (void)a;
    if (!(n->cc & NVME_CC_ENABLE))
        n->acq = v & ~(uint64_t)(NVME_PAGE - 1);
}

/* Two for each queue: the tail of commands, the head of completions. */
static void doorbell_write(void *dev, unsigned i, uint64_t v, const struct mem_attrs *a)
{
    struct nvme *n = dev;
    unsigned queue = i / 2;

    (void)a;
    if (!working(n))
        return;
    if (i % 2 == 0) {
        if (v < n->sq[queue].size) {
            n->sq[queue].tail = (uint32_t)v;
            run_queue(n, queue);
        }
    } else if (v < n->cq[queue].size) {
        n->cq[queue].head = (uint32_t)v;
        nvme_run(n); /* there is room again */
        update_pin(n);
    }
}

#define FIELD(nm, off, member, rd, wr)                                                             \
    {                                                                                              \
        .name = nm, .offset = off, .size = sizeof(((struct nvme *)0)->member),                     \
        .state = offsetof(struct nvme, member), .read = rd, .write = wr                            \
    }
static const struct dev_reg regs[] = {
    {.name = "CAP",
     .offset = 0x00,
     .size = 8,
     .state = DEV_NO_STATE,
     .read = cap_read,
     .write = ignore},
    {.name = "VS",
     .offset = 0x08,
     .size = 4,
     .state = DEV_NO_STATE,
     .read = version_read,
     .write = ignore},
    {.name = "INTMS",
     .offset = 0x0c,
     .size = 4,
     .state = DEV_NO_STATE,
     .read = mask_read,
     .write = mask_set},
    {.name = "INTMC",
     .offset = 0x10,
     .size = 4,
     .state = DEV_NO_STATE,
     .read = mask_read,
     .write = mask_clear},
    FIELD("CC", 0x14, cc, NULL, cc_write),
    FIELD("CSTS", 0x1c, csts, NULL, ignore),
    FIELD("AQA", 0x24, aqa, NULL, aqa_write),
    FIELD("ASQ", 0x28, asq, NULL, asq_write),
    FIELD("ACQ", 0x30, acq, NULL, acq_write),
    {.name = "DOORBELL",
     .offset = DOORBELLS,
     .size = 4,
     .count = 2 * NVME_QUEUES,
     .state = DEV_NO_STATE,
     .write = doorbell_write},
};

static const struct dev_block blocks[] = {
    {.name = "nvme",
     .size = MSIX_TABLE,
     .regs = regs,
     .nregs = ARRAY_LEN(regs),
     .min = 4,
     .max = 8,
     .wide = true},
};

/* ---- the device ---- */
static void reset(struct device *d)
{
    struct nvme *n = (struct nvme *)d;

    nvme_drain(n);
    forget(n);
    pci_reset(&n->pci);
}

static int pre_save(struct device *d)
{
    struct nvme *n = (struct nvme *)d;

    nvme_drain(n);
    return 0;
}

static bool queues_make_sense(const struct nvme *n)
{
    unsigned i;

    for (i = 0; i < NVME_QUEUES; i++) {
        const struct nvme_sq *s = &n->sq[i];
        const struct nvme_cq *q = &n->cq[i];

        if (s->size && (s->size < 2 || s->size > 4096 || s->head >= s->size || s->tail >= s->size ||
                        s->cq >= NVME_QUEUES || !n->cq[s->cq].size))
            return false;
        if (q->size && (q->size < 2 || q->size > 4096 || q->head >= q->size || q->tail >= q->size ||
                        q->phase > 1 || q->vector >= NVME_QUEUES))
            return false;
    }
    return !(n->csts & NVME_CSTS_READY) || (n->sq[0].size && n->cq[0].size && n->sq[0].cq == 0);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct nvme *n = (struct nvme *)d;
    int e;

    (void)version;
    n->epoch++; /* what is in flight belongs to nobody now */
    nvme_drain(n);
    if (!queues_make_sense(n)) {
        snprintf(err, err_len, "nvme: queues cannot be as saved");
        dev_reset(d);
        return -EINVAL;
    }
    e = pci_post_load(&n->pci, err, err_len);
    if (e < 0)
        return e;
    if ((n->csts & NVME_CSTS_SHST) == 1 << 2) /* a flush was on its way: once more */
        nvme_flush_for_shutdown(n);
    kick_soon(n);
    return 0;
}

static void update(struct device *d)
{
    update_pin((struct nvme *)d);
}

static void join_block(struct device *d, const struct block_port *port)
{
    ((struct nvme *)d)->port = port;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    static const struct pci_ids ids = {.vendor = 0x1b36,
                                       .device = 0x0010,
                                       .subsys_vendor = 0x1af4,
                                       .subsys = 0x1100,
                                       .class_code = 0x010802,
                                       .revision = 2,
                                       .pin = 1};
    struct nvme *n = (struct nvme *)d;
    int e;

    if (!n->port) {
        snprintf(err, err_len, "nvme needs a drive");
        return -EINVAL;
    }
    if (!n->serial || !*n->serial || strlen(n->serial) > 20) {
        snprintf(err, err_len, "nvme needs a serial of 1 to 20 characters");
        return -EINVAL;
    }
    e = pci_realize(&n->pci, &ids, err, err_len);
    if (e < 0)
        return e;
    d->regions[1] = mem_container_new("nvme-bar0", BAR_SIZE);
    mem_add(d->regions[1], d->regions[0], 0, 0);
    pci_bar(&n->pci, 0, PCI_BAR_MEM64, d->regions[1]);
    pci_add_express(&n->pci);
    pci_add_msix(&n->pci, n->max_ioqpairs + 1, 0, d->regions[1], MSIX_TABLE, MSIX_PENDING);
    n->kick = d->clock->timer_new(d->clock->opaque, CLOCK_VIRTUAL, run_later, n);
    return 0;
}

static void unrealize(struct device *d)
{
    struct nvme *n = (struct nvme *)d;

    nvme_drain(n);
    d->clock->timer_free(n->kick);
    pci_unrealize(&n->pci);
    mem_detach(d->regions[0]);
}

static const struct dev_prop props[] = {
    PCI_PROPS,
    DEV_PROP(struct nvme, drive, "drive", DEV_LINK, .names = (const char *const[]){"drive"},
             .text = "where its blocks are"),
    DEV_PROP(struct nvme, serial, "serial", DEV_STRING, .text = "1 to 20 characters"),
    DEV_PROP(struct nvme, max_ioqpairs, "max_ioqpairs", DEV_U32, .dflt = NVME_QUEUES - 1, .min = 1,
             .max = NVME_QUEUES - 1, .text = "queues for requests"),
};

#define WORDS(member, bytes)                                                                       \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct nvme, member), .size = bytes,                   \
        .count = sizeof(((struct nvme *)0)->member) / (bytes)                                      \
    }
static const struct dev_state states[] = {
    PCI_STATES,
    DEV_STATE(struct nvme, mask),
    WORDS(sq, 8),
    WORDS(cq, 8),
    DEV_STATE_ARRAY(struct nvme, feature),
    DEV_STATE_ARRAY(struct nvme, event),
    DEV_STATE_MAX(struct nvme, nevents, NVME_EVENTS),
    DEV_STATE(struct nvme, read_units),
    DEV_STATE(struct nvme, written_units),
    DEV_STATE(struct nvme, reads),
    DEV_STATE(struct nvme, writes),
};

const struct dev_class nvme_class = {
    .name = "nvme",
    .text = "NVM Express controller with one namespace",
    .bus = "pci",
    .category = "storage",
    .size = sizeof(struct nvme),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .update = update,
    .pre_save = pre_save,
    .post_load = post_load,
    .join_block = join_block,
};
