// SPDX-License-Identifier: MIT
/* devices/nvme/nvme_identify.c -- what the controller and its namespace say of themselves
 * (NVMe 1.4, chapter 5.15). */
#include "devices/nvme/nvme_state.h"

#include <stdio.h>
#include <string.h>

enum { CNS_NAMESPACE = 0, CNS_CONTROLLER = 1, CNS_LIST = 2, CNS_DESCRIPTORS = 3 };

static void put(uint8_t *p, uint64_t v, unsigned size)
{
    unsigned i;

    for (i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void text(uint8_t *p, const char *s, size_t size)
{
    memset(p, ' ', size);
    memcpy(p, s, strnlen(s, size));
}

static void controller(const struct nvme *n, uint8_t *p)
{
    char nqn[256];

    put(p, 0x1b36, 2);
    put(p + 2, 0x1af4, 2);
    text(p + 4, n->serial, 20);
    text(p + 24, "moa NVMe controller", 40);
    text(p + 64, "1.0", 8);
    p[72] = 6; /* commands fetched at once */
    put(p + 73, 0x525400, 3);
    p[77] = NVME_MDTS;
    put(p + 80, 0x00010400, 4);
    p[258] = 3;               /* aborts at once, less 1 */
    p[259] = NVME_EVENTS - 1; /* event requests */
    p[260] = 3;               /* one slot of firmware, for reading */
    p[261] = 1 << 2;          /* logs by offset */
    put(p + 266, 343, 2);     /* warning and critical temperature, K */
    put(p + 268, 373, 2);
    p[512] = 0x66;
    p[513] = 0x44;
    put(p + 516, 1, 4);               /* namespaces */
    put(p + 520, 1 << 2 | 1 << 3, 2); /* deallocation, write zeroes */
    p[525] = 1;                       /* a write cache */
    snprintf(nqn, sizeof(nqn), "nqn.2014-08.org.nvmexpress:1b361af4:moa:%s", n->serial);
    memcpy(p + 768, nqn, strlen(nqn));
    put(p + 2048, 2500, 2); /* the power state: 25 W */
}

static void the_namespace(const struct nvme *n, uint8_t *p)
{
    uint64_t blocks = n->port->size / n->port->logical_block;

    put(p, blocks, 8);
    put(p + 8, blocks, 8);
    put(p + 16, blocks, 8);
    p[99] = n->port->read_only; /* write protected */
    p[128 + 2] = (uint8_t)__builtin_ctz(n->port->logical_block);
}

/* A UUID made of the serial, so that it stays. */
static void descriptors(const struct nvme *n, uint8_t *p)
{
    uint64_t h = 0xcbf29ce484222325;
    const char *s;
    unsigned i;

    p[0] = 3;
    p[1] = 16;
    for (i = 0; i < 2; i++) {
        for (s = n->serial; *s; s++)
            h = (h ^ (uint8_t)*s) * 0x100000001b3;
        put(p + 4 + 8 * i, h, 8);
    }
    p[4 + 6] = (p[4 + 6] & 0x0f) | 0x80;
    p[4 + 8] = (p[4 + 8] & 0x3f) | 0x80;
}

uint16_t nvme_identify(struct nvme *n, const struct nvme_cmd *c)
{
    uint8_t page[NVME_PAGE] = {0};

    switch (c->dw[10] & 0xff) {
    case CNS_NAMESPACE:
        if (c->nsid != 1 && c->nsid != 0xffffffff)
            return NVME_INVALID_NAMESPACE | NVME_DNR;
        the_namespace(n, page);
        break;
    case CNS_CONTROLLER:
        controller(n, page);
        break;
    case CNS_LIST:
        if (c->nsid >= 0xfffffffe)
            return NVME_INVALID_NAMESPACE | NVME_DNR;
        page[0] = c->nsid == 0;
        break;
    case CNS_DESCRIPTORS:
        if (c->nsid != 1)
            return NVME_INVALID_NAMESPACE | NVME_DNR;
        descriptors(n, page);
        break;
    default:
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return nvme_transfer(n, c, page, sizeof(page), true);
}
