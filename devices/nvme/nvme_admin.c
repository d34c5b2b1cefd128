// SPDX-License-Identifier: MIT
/* devices/nvme/nvme_admin.c -- admin commands (NVMe 1.4, chapter 5): queues, features, logs, abort
 * (nothing is ever found to abort), requests for events. */
#include "devices/nvme/nvme_state.h"

#include <string.h>

enum {
    ADMIN_DELETE_SQ = 0x00,
    ADMIN_CREATE_SQ = 0x01,
    ADMIN_LOG = 0x02,
    ADMIN_DELETE_CQ = 0x04,
    ADMIN_CREATE_CQ = 0x05,
    ADMIN_IDENTIFY = 0x06,
    ADMIN_ABORT = 0x08,
    ADMIN_SET_FEATURES = 0x09,
    ADMIN_GET_FEATURES = 0x0a,
    ADMIN_EVENT = 0x0c,
};

/* ---- queues ---- */
static uint16_t check_queue(const struct nvme *n, const struct nvme_cmd *c, bool exists)
{
    uint32_t id = c->dw[10] & 0xffff, size = (c->dw[10] >> 16) + 1;

    if (id == 0 || id > n->max_ioqpairs || exists)
        return NVME_INVALID_QID | NVME_DNR;
    if (size < 2 || size > NVME_MAX_ENTRIES)
        return NVME_INVALID_SIZE | NVME_DNR;
    if (!(c->dw[11] & 1)) /* contiguous */
        return NVME_INVALID_FIELD | NVME_DNR;
    if (c->prp1 & (NVME_PAGE - 1))
        return NVME_INVALID_PRP | NVME_DNR;
    return NVME_OK;
}

static uint16_t create_cq(struct nvme *n, const struct nvme_cmd *c)
{
    uint32_t id = c->dw[10] & 0xffff, vector = c->dw[11] >> 16;
    uint16_t status = check_queue(n, c, id < NVME_QUEUES && n->cq[id].size);

    if (status != NVME_OK)
        return status;
    if (vector > n->max_ioqpairs || (vector && !pci_msix_enabled(&n->pci)))
        return NVME_INVALID_VECTOR | NVME_DNR;
    n->cq[id] = (struct nvme_cq){.base = c->prp1,
                                 .size = (c->dw[10] >> 16) + 1,
                                 .phase = 1,
                                 .vector = vector,
                                 .interrupts = c->dw[11] >> 1 & 1};
    return NVME_OK;
}

static uint16_t create_sq(struct nvme *n, const struct nvme_cmd *c)
{
    uint32_t id = c->dw[10] & 0xffff, cq = c->dw[11] >> 16;
    uint16_t status;

    if (cq == 0 || cq > n->max_ioqpairs || !n->cq[cq].size)
        return NVME_INVALID_CQ | NVME_DNR;
    status = check_queue(n, c, id < NVME_QUEUES && n->sq[id].size);
    if (status != NVME_OK)
        return status;
    n->sq[id] = (struct nvme_sq){.base = c->prp1, .size = (c->dw[10] >> 16) + 1, .cq = cq};
    return NVME_OK;
}

/* What was fetched is completed before the queue goes; what was not is forgotten. */
static uint16_t delete_sq(struct nvme *n, const struct nvme_cmd *c)
{
    uint32_t id = c->dw[10] & 0xffff;

    if (id == 0 || id >= NVME_QUEUES || !n->sq[id].size)
        return NVME_INVALID_QID | NVME_DNR;
    nvme_drain(n);
    n->sq[id].size = 0;
    return NVME_OK;
}

static uint16_t delete_cq(struct nvme *n, const struct nvme_cmd *c)
{
    uint32_t id = c->dw[10] & 0xffff, i;

    if (id == 0 || id >= NVME_QUEUES || !n->cq[id].size)
        return NVME_INVALID_QID | NVME_DNR;
    for (i = 0; i < NVME_QUEUES; i++)
        if (n->sq[i].size && n->sq[i].cq == id)
            return NVME_INVALID_DELETION | NVME_DNR;
    n->cq[id].size = 0;
    return NVME_OK;
}

/* ---- features ---- */
enum {
    F_ARBITRATION = 0x01,
    F_POWER = 0x02,
    F_TEMPERATURE = 0x04,
    F_ERRORS = 0x05,
    F_CACHE = NVME_FEATURE_CACHE,
    F_QUEUES = 0x07,
    F_COALESCING = 0x08,
    F_VECTOR = 0x09,
    F_ATOMICITY = 0x0a,
    F_EVENTS = 0x0b,
    SAVE = 0x80000000,
};

static bool known(uint32_t id)
{
    return id >= F_ARBITRATION && id <= F_EVENTS && id != 3;
}

static uint16_t set_feature(struct nvme *n, const struct nvme_cmd *c, uint32_t *result)
{
    uint32_t id = c->dw[10] & 0xff;

    if (!known(id))
        return NVME_INVALID_FIELD | NVME_DNR;
    if (c->dw[10] & SAVE)
        return NVME_NOT_SAVEABLE | NVME_DNR;
    if (id == F_QUEUES) {
        if ((c->dw[11] & 0xffff) == 0xffff || c->dw[11] >> 16 == 0xffff)
            return NVME_INVALID_FIELD | NVME_DNR;
        *result = (n->max_ioqpairs - 1) | (n->max_ioqpairs - 1) << 16;
        return NVME_OK;
    }
    if (id == F_POWER && c->dw[11] & 0x1f) /* one state */
        return NVME_INVALID_FIELD | NVME_DNR;
    n->feature[id] = id == F_CACHE ? c->dw[11] & 1 : c->dw[11];
    return NVME_OK;
}

static uint16_t get_feature(struct nvme *n, const struct nvme_cmd *c, uint32_t *result)
{
    uint32_t id = c->dw[10] & 0xff, select = c->dw[10] >> 8 & 7;

    if (!known(id) || select > 3)
        return NVME_INVALID_FIELD | NVME_DNR;
    if (select == 3) /* what may be done: changed, for the controller */
        *result = 1 << 2;
    else if (id == F_QUEUES)
        *result = (n->max_ioqpairs - 1) | (n->max_ioqpairs - 1) << 16;
    else if (id == F_VECTOR)
        *result = c->dw[11] & 0xffff;
    else if (select)
        *result = id == F_CACHE;
    else
        *result = n->feature[id];
    return NVME_OK;
}

/* ---- logs ---- */
static void put(uint8_t *p, uint64_t v, unsigned size)
{
    unsigned i;

    for (i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint16_t get_log(struct nvme *n, const struct nvme_cmd *c)
{
    uint64_t len = (((c->dw[11] & 0xffffull) << 16 | c->dw[10] >> 16) + 1) * 4;
    uint64_t from = c->dw[12] | (uint64_t)c->dw[13] << 32;
    uint8_t log[1024] = {0}, out[NVME_PAGE] = {0};
    uint32_t size;

    switch (c->dw[10] & 0xff) {
    case 1: /* errors: none */
        size = 64;
        break;
    case 2: /* health */
        size = 512;
        put(log + 1, 273 + 25, 2);
        log[3] = 100;
        log[4] = 10;
        put(log + 32, (n->read_units + 999) / 1000, 8);
        put(log + 48, (n->written_units + 999) / 1000, 8);
        put(log + 64, n->reads, 8);
        put(log + 80, n->writes, 8);
        break;
    case 3: /* firmware */
        size = 512;
        log[0] = 1;
        memcpy(log + 8, "1.0     ", 8);
        break;
    default:
        return NVME_INVALID_LOG | NVME_DNR;
    }
    if (from > size || from & 3 || len > sizeof(out))
        return NVME_INVALID_FIELD | NVME_DNR;
    memcpy(out, log + from, size - from < len ? size - from : len);
    return nvme_transfer(n, c, out, (uint32_t)len, true);
}

uint16_t nvme_admin(struct nvme *n, const struct nvme_cmd *c, uint32_t *result)
{
    switch (c->op) {
    case ADMIN_DELETE_SQ:
        return delete_sq(n, c);
    case ADMIN_CREATE_SQ:
        return create_sq(n, c);
    case ADMIN_LOG:
        return get_log(n, c);
    case ADMIN_DELETE_CQ:
        return delete_cq(n, c);
    case ADMIN_CREATE_CQ:
        return create_cq(n, c);
    case ADMIN_IDENTIFY:
        return nvme_identify(n, c);
    case ADMIN_ABORT:
        *result = 1; /* not found */
        return NVME_OK;
    case ADMIN_SET_FEATURES:
        return set_feature(n, c, result);
    case ADMIN_GET_FEATURES:
        return get_feature(n, c, result);
    case ADMIN_EVENT:
        if (n->nevents == NVME_EVENTS)
            return NVME_EVENT_LIMIT | NVME_DNR;
        n->event[n->nevents++] = c->cid;
        return NVME_LATER;
    default:
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
}
