// SPDX-License-Identifier: MIT
/* devices/misc/fw_cfg.c -- firmware configuration, memory-mapped, as QEMU's public specification
 * (docs/specs/fw_cfg) defines it: a selector, a data register that gives the next bytes in any
 * width, and a DMA interface whose command block lies in guest memory. All three registers are
 * big-endian. Writing items works by DMA only; the data register ignores writes.
 *
 * An item keeps its content here; the guest sees zeros after its end. */
#include "devices/misc/fw_cfg.h"

#include "ports/firmware.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NKEYS          (FW_CFG_FILE_FIRST + FW_CFG_FILES)
#define KEY_MASK       0x3fffu /* bit 14: old write channel; bit 15: items of the architecture */
#define NO_KEY         0xffffu
#define NAME_LEN       56
#define ID_TRADITIONAL 1u
#define ID_DMA         2u

enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };

struct item {
    const uint8_t *data;
    uint8_t *own; /* data is a copy that is ours */
    uint32_t len;
    struct fw_cfg_hooks hooks;
};

struct fw_cfg {
    struct device dev;
    uint16_t key; /* selected; NO_KEY: none */
    uint32_t offset;
    uint32_t dma_hi, dma_lo;
    /* wiring */
    struct item items[NKEYS];
    struct {
        char name[NAME_LEN];
    } files[FW_CFG_FILES]; /* item FW_CFG_FILE_FIRST + index */
    unsigned nfiles;
};

static void put_be(uint8_t *p, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> 8 * (size - 1 - i));
}

static uint64_t get_be(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[i];
    return v;
}

/* ---- items ---- */
static void set_item(struct item *it, const void *data, size_t len, bool copy)
{
    uint8_t *old = it->own;

    if (len > UINT32_MAX)
        MOA_BUG("an item of fw_cfg is over 4 GiB");
    it->own = NULL;
    if (copy && len) {
        it->own = malloc(len);
        if (!it->own)
            MOA_BUG("out of memory for fw_cfg");
        memcpy(it->own, data, len);
    }
    it->data = it->own ? it->own : data;
    it->len = (uint32_t)len;
    free(old);
}

static struct item *item_of(struct fw_cfg *f, uint16_t key)
{
    uint16_t n = key & KEY_MASK;

    if (n >= NKEYS)
        MOA_BUG("fw_cfg has no key %#x", key);
    return &f->items[n];
}

void fw_cfg_add(struct device *d, uint16_t key, const void *data, size_t len)
{
    set_item(item_of((struct fw_cfg *)d, key), data, len, true);
}

void fw_cfg_add_ref(struct device *d, uint16_t key, const void *data, size_t len)
{
    set_item(item_of((struct fw_cfg *)d, key), data, len, false);
}

static void add_number(struct device *d, uint16_t key, uint64_t v, unsigned size)
{
    uint8_t b[8];

    for (unsigned i = 0; i < size; i++)
        b[i] = (uint8_t)(v >> 8 * i);
    fw_cfg_add(d, key, b, size);
}

void fw_cfg_add_u16(struct device *d, uint16_t key, uint16_t value)
{
    add_number(d, key, value, 2);
}

void fw_cfg_add_u32(struct device *d, uint16_t key, uint32_t value)
{
    add_number(d, key, value, 4);
}

void fw_cfg_add_u64(struct device *d, uint16_t key, uint64_t value)
{
    add_number(d, key, value, 8);
}

void fw_cfg_add_text(struct device *d, uint16_t key, const char *text)
{
    fw_cfg_add(d, key, text, strlen(text) + 1);
}

/* Directory: count, then for each file size, key, two bytes of nothing, name. */
static void write_directory(struct fw_cfg *f)
{
    size_t len = 4 + f->nfiles * (8 + NAME_LEN);
    uint8_t *dir = calloc(1, len), *p = dir + 4;

    if (!dir)
        MOA_BUG("out of memory for fw_cfg");
    put_be(dir, f->nfiles, 4);
    for (unsigned i = 0; i < f->nfiles; i++, p += 8 + NAME_LEN) {
        put_be(p, f->items[FW_CFG_FILE_FIRST + i].len, 4);
        put_be(p + 4, FW_CFG_FILE_FIRST + i, 2);
        memcpy(p + 8, f->files[i].name, NAME_LEN);
    }
    set_item(&f->items[FW_CFG_FILE_DIR], dir, len, true);
    free(dir);
}

static int find_file(const struct fw_cfg *f, const char *name)
{
    for (unsigned i = 0; i < f->nfiles; i++)
        if (strcmp(f->files[i].name, name) == 0)
            return (int)i;
    return -1;
}

int fw_cfg_add_file_hooks(struct device *d, const char *name, const void *data, size_t len,
                          const struct fw_cfg_hooks *h)
{
    struct fw_cfg *f = (struct fw_cfg *)d;
    struct item *it;
    unsigned at = f->nfiles;

    if (strlen(name) >= NAME_LEN)
        return -ENAMETOOLONG;
    if (find_file(f, name) >= 0)
        return -EEXIST;
    if (f->nfiles == FW_CFG_FILES)
        return -ENOSPC;
    while (at > 0 && strcmp(f->files[at - 1].name, name) > 0) {
        f->files[at] = f->files[at - 1];
        f->items[FW_CFG_FILE_FIRST + at] = f->items[FW_CFG_FILE_FIRST + at - 1];
        at--;
    }
    f->nfiles++;
    memset(f->files[at].name, 0, NAME_LEN);
    memcpy(f->files[at].name, name, strlen(name));
    it = &f->items[FW_CFG_FILE_FIRST + at];
    *it = (struct item){0};
    set_item(it, data, len, true);
    if (h)
        it->hooks = *h;
    write_directory(f);
    return 0;
}

int fw_cfg_add_file(struct device *d, const char *name, const void *data, size_t len)
{
    return fw_cfg_add_file_hooks(d, name, data, len, NULL);
}

int fw_cfg_change(struct device *d, const char *name, const void *data, size_t len)
{
    struct fw_cfg *f = (struct fw_cfg *)d;
    int i = find_file(f, name);

    if (i < 0)
        return -ENOENT;
    set_item(&f->items[FW_CFG_FILE_FIRST + i], data, len, true);
    write_directory(f);
    return 0;
}

/* ---- what the guest does ---- */
static struct item *selected(struct fw_cfg *f)
{
    return f->key < NKEYS ? &f->items[f->key] : NULL;
}

static void select_item(struct fw_cfg *f, uint16_t key)
{
    struct item *it;

    f->key = (key & KEY_MASK) < NKEYS && !(key & 0x8000) ? key & KEY_MASK : NO_KEY;
    f->offset = 0;
    it = selected(f);
    if (it && it->hooks.selected)
        it->hooks.selected(it->hooks.opaque);
}

static uint64_t data_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct fw_cfg *f = dev;
    const struct item *it = selected(f);

    (void)n, (void)a;
    return it && f->offset < it->len ? it->data[f->offset++] : 0;
}

static void data_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static void key_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    select_item(dev, (uint16_t)v);
}

/* length bytes of the item, then of zeros. */
static bool dma_read(struct fw_cfg *f, uint64_t to, uint32_t len, const struct mem_attrs *a)
{
    static const uint8_t zeros[4096];
    const struct item *it = selected(f);
    uint32_t n = it && f->offset < it->len ? it->len - f->offset : 0;

    if (n > len)
        n = len;
    if (n && mem_write(f->dev.dma, to, it->data + f->offset, n, *a) != MEM_OK)
        return false;
    f->offset += n;
    for (to += n, len -= n; len; to += n, len -= n) {
        n = len < sizeof(zeros) ? len : (uint32_t)sizeof(zeros);
        if (mem_write(f->dev.dma, to, zeros, n, *a) != MEM_OK)
            return false;
    }
    return true;
}

static bool dma_write(struct fw_cfg *f, uint64_t from, uint32_t len, const struct mem_attrs *a)
{
    struct item *it = selected(f);
    uint32_t at = f->offset;
    uint8_t *copy;
    bool ok;

    if (!it || !it->hooks.written || at > it->len || len > it->len - at)
        return false;
    if (len == 0)
        return true;
    copy = malloc(len); /* no more than the item is long */
    if (!copy)
        return false;
    ok = mem_read(f->dev.dma, from, copy, len, *a) == MEM_OK;
    if (ok) {
        memcpy(it->own + at, copy, len); /* what has hooks is a copy of ours */
        f->offset += len;
        it->hooks.written(it->hooks.opaque, at, len, it->own);
    }
    free(copy);
    return ok;
}

static void dma_run(struct fw_cfg *f, const struct mem_attrs *a)
{
    uint64_t at = (uint64_t)f->dma_hi << 32 | f->dma_lo, addr;
    uint32_t control, len;
    uint8_t b[16];
    bool ok = true;

    f->dma_hi = f->dma_lo = 0;
    if (!f->dev.dma)
        return;
    if (mem_read(f->dev.dma, at, b, sizeof(b), *a) != MEM_OK) {
        put_be(b, DMA_ERROR, 4);
        mem_write(f->dev.dma, at, b, 4, *a);
        return;
    }
    control = (uint32_t)get_be(b, 4);
    len = (uint32_t)get_be(b + 4, 4);
    addr = get_be(b + 8, 8);
    if (control & DMA_SELECT)
        select_item(f, (uint16_t)(control >> 16));
    if (control & DMA_READ) {
        ok = dma_read(f, addr, len, a);
    } else if (control & DMA_WRITE) {
        ok = dma_write(f, addr, len, a);
    } else if (control & DMA_SKIP) {
        const struct item *it = selected(f);
        uint32_t left = it && f->offset < it->len ? it->len - f->offset : 0;

        f->offset += len < left ? len : left;
    }
    put_be(b, ok ? 0 : DMA_ERROR, 4);
    mem_write(f->dev.dma, at, b, 4, *a);
}

static uint64_t dma_sign(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)a;
    return n == 0 ? 0x51454d55 : 0x20434647; /* "QEMU", " CFG" */
}

static void dma_addr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct fw_cfg *f = dev;

    if (n == 0) {
        f->dma_hi = (uint32_t)v;
    } else {
        f->dma_lo = (uint32_t)v;
        dma_run(f, a);
    }
}

#define AT(f) offsetof(struct fw_cfg, f)
static const struct dev_reg regs[] = {
    {"DATA", 0, 1, 8, 1, DEV_NO_STATE, 0, 0, data_read, data_write},
    {"SELECTOR", 8, 2, 0, 0, DEV_NO_STATE, 0, 0, NULL, key_write},
    {"DMA_ADDRESS", 16, 4, 2, 4, DEV_NO_STATE, 0, 0, dma_sign, dma_addr_write},
};
static const struct dev_block blocks[] = {
    {"fw_cfg", 24, regs, ARRAY_LEN(regs), 1, 8, .wide = true, .big = true},
};
static const struct dev_state states[] = {
    DEV_STATE(struct fw_cfg, key),
    DEV_STATE(struct fw_cfg, offset),
    DEV_STATE(struct fw_cfg, dma_hi),
    DEV_STATE(struct fw_cfg, dma_lo),
};

static int realize(struct device *d, char *err, size_t err_len)
{
    (void)err, (void)err_len;
    fw_cfg_add(d, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add_u32(d, FW_CFG_ID, ID_TRADITIONAL | ID_DMA);
    write_directory((struct fw_cfg *)d);
    return 0;
}

static void unrealize(struct device *d)
{
    struct fw_cfg *f = (struct fw_cfg *)d;

    for (unsigned i = 0; i < NKEYS; i++)
        free(f->items[i].own);
}

static void reset(struct device *d)
{
    ((struct fw_cfg *)d)->key = NO_KEY;
}

/* Contents that the guest can write: count, then key, length, bytes. */
static void save(struct device *d, struct dev_saver *s)
{
    struct fw_cfg *f = (struct fw_cfg *)d;
    uint8_t b[6];

    for (unsigned i = 0; i < NKEYS; i++) {
        const struct item *it = &f->items[i];

        if (!it->hooks.written)
            continue;
        put_be(b, i, 2);
        put_be(b + 2, it->len, 4);
        dev_put(s, b, 6);
        dev_put(s, it->data, it->len);
    }
    put_be(b, NO_KEY, 2);
    dev_put(s, b, 2);
}

static int load(struct device *d, struct dev_saver *s)
{
    struct fw_cfg *f = (struct fw_cfg *)d;
    uint8_t b[6];

    for (;;) {
        uint32_t key, len;
        struct item *it;

        if (dev_get(s, b, 2) < 0)
            return s->error;
        key = (uint32_t)get_be(b, 2);
        if (key == NO_KEY)
            return 0;
        if (dev_get(s, b + 2, 4) < 0)
            return s->error;
        len = (uint32_t)get_be(b + 2, 4);
        it = key < NKEYS ? &f->items[key] : NULL;
        if (!it || !it->hooks.written || len != it->len)
            return -EINVAL;
        if (dev_get(s, it->own, len) < 0)
            return s->error;
        it->hooks.written(it->hooks.opaque, 0, len, it->own);
    }
}

/* A device that offers a file to firmware is plugged in here. */
static void file_written(void *opaque, uint32_t offset, uint32_t len, const void *data)
{
    struct firmware_file f;
    struct device *d = opaque;

    (void)offset, (void)len;
    d->class->join_firmware(d, &f);
    f.written(f.dev, data);
}

static int plug(struct device *d, struct device *child, char *err, size_t err_len)
{
    struct fw_cfg_hooks hooks = {.written = file_written, .opaque = child};
    struct firmware_file f;
    uint8_t *zeros;
    int e;

    if (!child->class->join_firmware) {
        snprintf(err, err_len, "%s has nothing for fw_cfg", child->class->name);
        return -EINVAL;
    }
    child->class->join_firmware(child, &f);
    zeros = calloc(1, f.len);
    if (!zeros)
        return -ENOMEM;
    e = fw_cfg_add_file_hooks(d, f.name, zeros, f.len, &hooks);
    free(zeros);
    if (e < 0)
        snprintf(err, err_len, "%s: %s", f.name,
                 e == -EEXIST ? "another device offers this file" : strerror(-e));
    return e;
}

static void unplug(struct device *d, struct device *child)
{
    struct fw_cfg *f = (struct fw_cfg *)d;

    for (unsigned i = 0; i < NKEYS; i++)
        if (f->items[i].hooks.opaque == child)
            f->items[i].hooks = (struct fw_cfg_hooks){0};
}

const struct dev_class fw_cfg_class = {
    .name = "fw_cfg_mem",
    .text = "firmware configuration, memory-mapped",
    .bus = "system",
    .category = "misc",
    .size = sizeof(struct fw_cfg),
    .version = 1,
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .save = save,
    .load = load,
    .plug = plug,
    .unplug = unplug,
};
