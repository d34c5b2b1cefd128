// SPDX-License-Identifier: MIT
/* devices/block/pflash.c -- parallel NOR flash, Intel basic and extended command set (CFI command
 * set 0x0001), as two x16 chips that share a 32-bit bus, each giving one half of a word.
 *
 * Commands go to both chips at once, so only the low one's lane is looked at; status, identifiers
 * and CFI answers appear in both lanes. Programming clears bits, erasing sets them, and both are
 * done at once (status is always ready). Blocks can be locked; all are unlocked after a reset.
 *
 * Not modelled: suspend and resume (accepted, nothing to suspend), protection registers, read
 * configuration, and chips that get different commands. */
#include "devices/block/pflash.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER     4096u /* of a buffered write, both chips */
#define MAX_BLOCKS 4096u

enum {
    CMD_PROGRAM_ALT = 0x10,
    CMD_ERASE = 0x20,
    CMD_PROGRAM = 0x40,
    CMD_CLEAR_STATUS = 0x50,
    CMD_LOCK = 0x60,
    CMD_STATUS = 0x70,
    CMD_ID = 0x90,
    CMD_CFI = 0x98,
    CMD_SUSPEND = 0xb0,
    CMD_PROTECT = 0xc0,
    CMD_CONFIRM = 0xd0,
    CMD_BUFFER = 0xe8,
    CMD_ARRAY = 0xff
};
enum { ST_LOCKED = 0x02, ST_PROGRAM = 0x10, ST_ERASE = 0x20, ST_READY = 0x80 };

/* What the next write is. */
enum expect { COMMAND, SECOND, BUFFER_DATA, BUFFER_CONFIRM };

struct pflash {
    struct device dev;
    uint8_t mode; /* what reads give: CMD_ARRAY, CMD_STATUS, CMD_ID or CMD_CFI */
    uint8_t cmd, status;
    uint8_t expect;
    uint32_t left;       /* writes of data that follow */
    uint64_t base;       /* of the buffer in the flash; ~0: not known yet */
    uint8_t buf[BUFFER]; /* data to be programmed, 0xff where nothing is */
    uint8_t locked[MAX_BLOCKS];
    /* wiring */
    uint64_t size, block;
    bool readonly;
    uint8_t *mem;
    struct flash_port port;
    uint8_t cfi[0x40];
};

static void changed(struct pflash *f, uint64_t at, uint64_t n)
{
    mem_written(mem_ram_addr(f->dev.regions[0]) + at, n);
    if (f->port.changed)
        f->port.changed(f->port.to, at, f->mem + at, n);
}

static void read_as(struct pflash *f, uint8_t mode)
{
    f->mode = mode;
    f->expect = COMMAND;
}

static bool writable(struct pflash *f, uint64_t at, uint8_t error)
{
    if (!f->readonly && !f->locked[at / f->block])
        return true;
    f->status |= (uint8_t)(error | ST_LOCKED);
    return false;
}

static void program(struct pflash *f, uint64_t at, const uint8_t *data, unsigned n)
{
    if (!writable(f, at, ST_PROGRAM))
        return;
    for (unsigned i = 0; i < n; i++)
        f->mem[at + i] &= data[i];
    changed(f, at, n);
}

static void erase(struct pflash *f, uint64_t at)
{
    if (!writable(f, at, ST_ERASE))
        return;
    at -= at % f->block;
    memset(f->mem + at, 0xff, f->block);
    changed(f, at, f->block);
}

/* ---- reading what is not the array; on the bus a word is two lanes of 16 bits ---- */
static uint32_t bus_word(const struct pflash *f, uint64_t offset)
{
    uint64_t in_block = offset % f->block;
    uint32_t lane = f->status;

    if (f->mode == CMD_ID) {
        static const uint16_t id[2] = {0x0089, 0x0018}; /* maker, part */

        lane = in_block / 4 < 2    ? id[in_block / 4]
               : in_block / 4 == 2 ? f->locked[offset / f->block]
                                   : 0;
    } else if (f->mode == CMD_CFI) {
        lane = offset / 4 < sizeof(f->cfi) ? f->cfi[offset / 4] : 0;
    }
    return lane | lane << 16;
}

static enum mem_result flash_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                  const struct mem_attrs *a)
{
    struct pflash *f = opaque;

    (void)a;
    *value = bus_word(f, offset & ~3ull) >> 8 * (offset & 3);
    if (size < 4)
        *value &= (1u << 8 * size) - 1;
    if (log_on(LOG_mmio))
        log_printf("mmio: %s +0x%llx -> 0x%llx (%u)\n", f->dev.id ? f->dev.id : "flash",
                   (unsigned long long)offset, (unsigned long long)*value, size);
    return MEM_OK;
}

/* ---- the state machine ---- */
static void sequence_error(struct pflash *f)
{
    f->status |= ST_PROGRAM | ST_ERASE;
    read_as(f, CMD_STATUS);
}

static void command(struct pflash *f, uint8_t cmd)
{
    f->cmd = cmd;
    switch (cmd) {
    case CMD_STATUS:
    case CMD_ID:
    case CMD_CFI:
        read_as(f, cmd);
        break;
    case CMD_SUSPEND:
    case CMD_CONFIRM:
        read_as(f, CMD_STATUS);
        break;
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALT:
    case CMD_ERASE:
    case CMD_LOCK:
    case CMD_PROTECT:
    case CMD_BUFFER:
        read_as(f, CMD_STATUS);
        f->expect = SECOND;
        break;
    case CMD_CLEAR_STATUS:
        f->status = ST_READY;
        read_as(f, CMD_ARRAY);
        break;
    default:
        if (cmd != CMD_ARRAY && cmd != 0xf0 && cmd != 0 && log_on(LOG_guest_errors))
            log_printf("pflash: unknown command 0x%02x\n", cmd);
        read_as(f, CMD_ARRAY);
    }
}

static void lock_command(struct pflash *f, uint64_t at, uint8_t what)
{
    switch (what) {
    case 0x01:
    case 0x2f:
        f->locked[at / f->block] = 1;
        break;
    case CMD_CONFIRM:
        f->locked[at / f->block] = 0;
        break;
    case 0x03: /* read configuration: nothing that could be seen */
    case 0x04:
        break;
    case CMD_ARRAY:
        read_as(f, CMD_ARRAY);
        return;
    default:
        sequence_error(f);
        return;
    }
    read_as(f, CMD_STATUS);
}

static void second(struct pflash *f, uint64_t at, unsigned size, uint64_t value)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};

    switch (f->cmd) {
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALT:
        program(f, at, bytes, size);
        read_as(f, CMD_STATUS);
        break;
    case CMD_ERASE:
        if ((uint8_t)value == CMD_ARRAY) {
            read_as(f, CMD_ARRAY);
        } else if ((uint8_t)value != CMD_CONFIRM) {
            sequence_error(f);
        } else {
            erase(f, at);
            read_as(f, CMD_STATUS);
        }
        break;
    case CMD_LOCK:
        lock_command(f, at, (uint8_t)value);
        break;
    case CMD_BUFFER:
        if ((value & 0xffff) >= BUFFER / 4) {
            sequence_error(f);
        } else {
            f->left = (uint32_t)(value & 0xffff) + 1;
            f->base = ~0ull;
            memset(f->buf, 0xff, sizeof(f->buf));
            f->expect = BUFFER_DATA;
        }
        break;
    default: /* protection register: nothing is there to program */
        read_as(f, CMD_STATUS);
    }
}

static void buffer_data(struct pflash *f, uint64_t at, unsigned size, uint64_t value)
{
    if (f->base == ~0ull)
        f->base = at - at % BUFFER;
    if (at - at % BUFFER != f->base) { /* over the end of a write buffer's row */
        sequence_error(f);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        f->buf[at % BUFFER + i] = (uint8_t)(value >> 8 * i);
    if (--f->left == 0)
        f->expect = BUFFER_CONFIRM;
}

static enum mem_result flash_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                   const struct mem_attrs *a)
{
    struct pflash *f = opaque;

    (void)a;
    if (log_on(LOG_mmio))
        log_printf("mmio: %s +0x%llx <- 0x%llx (%u)\n", f->dev.id ? f->dev.id : "flash",
                   (unsigned long long)offset, (unsigned long long)value, size);
    switch ((enum expect)f->expect) {
    case COMMAND:
        command(f, (uint8_t)value);
        break;
    case SECOND:
        second(f, offset, size, value);
        break;
    case BUFFER_DATA:
        buffer_data(f, offset, size, value);
        break;
    case BUFFER_CONFIRM:
        if ((uint8_t)value == CMD_CONFIRM) {
            program(f, f->base, f->buf, BUFFER);
            read_as(f, CMD_STATUS);
        } else {
            sequence_error(f);
        }
        break;
    }
    mem_romd_set(f->dev.regions[0], f->mode == CMD_ARRAY);
    return MEM_OK;
}

static const struct mem_ops flash_ops = {
    .read = flash_read, .write = flash_write, .min = 1, .max = 4};

/* ---- CFI: what one chip says of itself, by word address ---- */
static uint8_t log2_of(uint64_t n)
{
    return (uint8_t)(63 - __builtin_clzll(n));
}

static void fill_cfi(struct pflash *f)
{
    uint64_t chip_block = f->block / 2, blocks = f->size / f->block;
    uint8_t *c = f->cfi;

    memcpy(c + 0x10, "QRY", 3);
    c[0x13] = 0x01; /* command set */
    c[0x15] = 0x31; /* its extended table */
    c[0x1b] = 0x45; /* Vcc 4.5 to 5.5 V; no Vpp */
    c[0x1c] = 0x55;
    c[0x1f] = 7; /* typical times, 2^n us: word, buffer; 2^n ms: block */
    c[0x20] = 7;
    c[0x21] = 10;
    c[0x23] = 4; /* at most 2^n of these */
    c[0x24] = 4;
    c[0x25] = 4;
    c[0x27] = log2_of(f->size / 2);
    c[0x28] = 2; /* x8 and x16 */
    c[0x2a] = log2_of(BUFFER / 2);
    c[0x2c] = 1; /* all blocks alike */
    c[0x2d] = (uint8_t)(blocks - 1);
    c[0x2e] = (uint8_t)((blocks - 1) >> 8);
    c[0x2f] = (uint8_t)(chip_block >> 8);
    c[0x30] = (uint8_t)(chip_block >> 16);
    memcpy(c + 0x31, "PRI10", 5);
    c[0x3f] = 1; /* protection registers */
}

/* ---- the class ---- */
uint8_t *pflash_content(struct device *d)
{
    return ((struct pflash *)d)->mem;
}

void pflash_join(struct device *d, const struct flash_port *p)
{
    ((struct pflash *)d)->port = *p;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    struct pflash *f = (struct pflash *)d;
    uint64_t blocks = f->size / f->block;

    if (f->size & (f->size - 1) || f->block & (f->block - 1) || f->block < 2 * BUFFER ||
        f->block > f->size || blocks > MAX_BLOCKS) {
        snprintf(err, err_len,
                 "pflash: size and block size must be powers of two, %u blocks at most",
                 MAX_BLOCKS);
        return -EINVAL;
    }
    d->regions[0] = mem_romd_new(d->id ? d->id : "flash", f->size, &flash_ops, f, err, err_len);
    if (!d->regions[0])
        return -ENOMEM;
    mem_region_guard(d->regions[0], &d->busy);
    f->mem = mem_ram_host(d->regions[0]);
    fill_cfi(f);
    return 0;
}

static void reset(struct device *d)
{
    struct pflash *f = (struct pflash *)d;

    f->mode = CMD_ARRAY;
    f->status = ST_READY;
}

static void update(struct device *d)
{
    struct pflash *f = (struct pflash *)d;

    mem_romd_set(d->regions[0], f->mode == CMD_ARRAY);
}

/* Content by blocks: one byte that they are all made of, or 1 and the bytes. */
static void save(struct device *d, struct dev_saver *s)
{
    struct pflash *f = (struct pflash *)d;

    for (uint64_t at = 0; at < f->size; at += f->block) {
        const uint8_t *p = f->mem + at;
        bool plain = (*p == 0 || *p == 0xff) && memcmp(p, p + 1, f->block - 1) == 0;
        uint8_t kind = plain ? *p : 1;

        dev_put(s, &kind, 1);
        if (!plain)
            dev_put(s, p, f->block);
    }
}

static int load(struct device *d, struct dev_saver *s)
{
    struct pflash *f = (struct pflash *)d;
    uint8_t *block = malloc(f->block);
    int e = block ? 0 : -ENOMEM;

    for (uint64_t at = 0; at < f->size && e == 0; at += f->block) {
        uint8_t kind;

        e = dev_get(s, &kind, 1);
        if (e == 0 && kind == 1)
            e = dev_get(s, block, f->block);
        else if (e == 0 && (kind == 0 || kind == 0xff))
            memset(block, kind, f->block);
        else if (e == 0)
            e = -EINVAL;
        if (e == 0 && memcmp(f->mem + at, block, f->block) != 0) {
            memcpy(f->mem + at, block, f->block);
            changed(f, at, f->block);
        }
    }
    free(block);
    return e;
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct pflash *f = (struct pflash *)d;

    (void)version;
    if ((f->mode != CMD_ARRAY && f->mode != CMD_STATUS && f->mode != CMD_ID &&
         f->mode != CMD_CFI) ||
        (f->expect == BUFFER_DATA && f->left == 0) ||
        (f->expect == BUFFER_CONFIRM && f->base == ~0ull) ||
        (f->base != ~0ull && (f->base % BUFFER || f->base >= f->size))) {
        snprintf(err, err_len, "its state machine is in no state that there is");
        return -EINVAL;
    }
    return 0;
}

static const struct dev_state states[] = {
    DEV_STATE(struct pflash, mode),
    DEV_STATE(struct pflash, cmd),
    DEV_STATE(struct pflash, status),
    DEV_STATE_MAX(struct pflash, expect, BUFFER_CONFIRM),
    DEV_STATE_MAX(struct pflash, left, BUFFER / 4),
    DEV_STATE(struct pflash, base),
    DEV_STATE_ARRAY(struct pflash, buf),
    {.name = "locked",
     .offset = offsetof(struct pflash, locked),
     .size = 1,
     .count = MAX_BLOCKS,
     .max = 1},
};
static const struct dev_prop props[] = {
    DEV_PROP(struct pflash, size, "size", DEV_SIZE, .dflt = 64 << 20, .min = 64 << 10,
             .max = 1 << 30, .text = "bytes of both chips"),
    DEV_PROP(struct pflash, block, "sector-length", DEV_SIZE, .dflt = 256 << 10, .min = 8 << 10,
             .max = 16 << 20, .text = "bytes that are erased at once"),
    DEV_PROP(struct pflash, readonly, "readonly", DEV_BOOL, .text = "refuses to be changed"),
};

const struct dev_class pflash_class = {
    .name = "cfi.pflash01",
    .text = "NOR flash, Intel command set",
    .bus = "system",
    .category = "storage",
    .size = sizeof(struct pflash),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .reset = reset,
    .update = update,
    .post_load = post_load,
    .save = save,
    .load = load,
};
