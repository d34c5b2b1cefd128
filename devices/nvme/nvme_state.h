/* SPDX-License-Identifier: MIT */
/* devices/nvme/nvme_state.h -- state of an NVMe controller, shared by nvme.c (registers, queues),
 * nvme_admin.c, nvme_identify.c and nvme_io.c. */
#ifndef DEVICES_NVME_NVME_STATE_H
#define DEVICES_NVME_NVME_STATE_H

#include "devices/bus/pci.h"
#include "devices/nvme/nvme.h"
#include "ports/block.h"

enum {
    NVME_QUEUES = 65, /* of each kind, the admin queue too */
    NVME_MAX_ENTRIES = 2048,
    NVME_PAGE = 4096,
    NVME_MDTS = 6,                       /* pages of a transfer, log2 */
    NVME_VECTORS = (1 << NVME_MDTS) + 1, /* of one transfer */
    NVME_MAX_BYTES = NVME_PAGE << NVME_MDTS,
    NVME_IN_FLIGHT = 1024, /* requests to the disk */
    NVME_EVENTS = 4,       /* outstanding event requests, at most */
    NVME_RANGES = 256,
    NVME_FEATURES = 16,

    NVME_CC_ENABLE = 1,
    NVME_CSTS_READY = 1,
    NVME_CSTS_FATAL = 2,
    NVME_CSTS_SHST = 3 << 2, /* shutdown: 1 goes on, 2 complete */
    NVME_FEATURE_CACHE = 6,
};

/* Status of a command: type << 8 | code, and that a retry is of no use. */
enum {
    NVME_OK = 0,
    NVME_INVALID_OPCODE = 0x001,
    NVME_INVALID_FIELD = 0x002,
    NVME_TRANSFER_ERROR = 0x004,
    NVME_INTERNAL = 0x006,
    NVME_INVALID_NAMESPACE = 0x00b,
    NVME_INVALID_PRP = 0x013,
    NVME_LBA_RANGE = 0x080,
    NVME_INVALID_CQ = 0x100,
    NVME_INVALID_QID = 0x101,
    NVME_INVALID_SIZE = 0x102,
    NVME_EVENT_LIMIT = 0x105,
    NVME_INVALID_VECTOR = 0x108,
    NVME_INVALID_LOG = 0x109,
    NVME_INVALID_DELETION = 0x10c,
    NVME_NOT_SAVEABLE = 0x10d,
    NVME_READ_ONLY = 0x182,
    NVME_WRITE_FAULT = 0x280,
    NVME_READ_FAULT = 0x281,
    NVME_DNR = 0x4000,
    NVME_LATER = 0xffff, /* no completion now */
};

struct nvme_cmd {
    uint8_t op, flags;
    uint16_t cid;
    uint32_t nsid;
    uint64_t prp1, prp2;
    uint32_t dw[16]; /* all of it; commands use 10 and up */
};

struct nvme_sq {
    uint64_t base;
    uint32_t size; /* entries; 0: there is none */
    uint32_t head, tail, cq;
};
struct nvme_cq {
    uint64_t base;
    uint32_t size;
    uint32_t head, tail, phase, vector, interrupts; /* the last: enabled */
    uint32_t unused;
};

struct nvme {
    struct pci_device pci;
    uint32_t mask, cc, csts, aqa;
    uint64_t asq, acq;
    struct nvme_sq sq[NVME_QUEUES];
    struct nvme_cq cq[NVME_QUEUES];
    uint32_t feature[NVME_FEATURES];
    uint16_t event[NVME_EVENTS]; /* commands that wait for an event */
    uint8_t nevents;
    uint64_t read_units, written_units, reads, writes; /* what the SMART log counts */

    /* ---- wiring ---- */
    const struct block_port *port;
    char *drive, *serial;
    uint32_t max_ioqpairs;
    struct clock_timer *kick;
    unsigned in_flight;
    unsigned cq_reserved[NVME_QUEUES]; /* entries that requests in flight will take */
    bool draining;
    uint32_t epoch; /* counts restores */
};

/* Guest memory of a command. */
struct nvme_data {
    struct iovec iov[NVME_VECTORS];
    unsigned n;
    bool to_guest;
};

/* ---- nvme.c ---- */
void nvme_complete(struct nvme *n, unsigned sq, uint16_t cid, uint16_t status, uint32_t result);
void nvme_run(struct nvme *n); /* commands that wait in queues */
void nvme_drain(struct nvme *n);
/* Maps len bytes of the command's PRPs; NVME_OK or a status. unmap always after OK. */
uint16_t nvme_map(struct nvme *n, const struct nvme_cmd *c, uint32_t len, bool to_guest,
                  struct nvme_data *d);
void nvme_unmap(struct nvme_data *d, bool done);
/* Copies between buf and the command's memory. */
uint16_t nvme_transfer(struct nvme *n, const struct nvme_cmd *c, void *buf, uint32_t len,
                       bool to_guest);

/* ---- commands: a status, or NVME_LATER; *result is dword 0 of the completion ---- */
uint16_t nvme_admin(struct nvme *n, const struct nvme_cmd *c, uint32_t *result);
uint16_t nvme_identify(struct nvme *n, const struct nvme_cmd *c);
uint16_t nvme_io(struct nvme *n, unsigned sq, const struct nvme_cmd *c);
void nvme_flush_for_shutdown(struct nvme *n);

#endif
