/* SPDX-License-Identifier: MIT */
/* devices/core/device.h -- how a device is described: once. From the description come access
 * dispatch, reset, -device NAME,help, info qtree, tracing by register name, save and restore with
 * checked ranges, and the fuzzer's map. A device file holds the tables and the behaviour.
 *
 * A device's structure begins with struct device. Everything below the `wiring` mark in a device's
 * structure is set by the board and is neither reset nor saved.
 *
 * Threads: all callbacks run with the machine's lock held, unless a region says own_lock. */
#ifndef DEVICES_CORE_DEVICE_H
#define DEVICES_CORE_DEVICE_H

#include "mem/mem.h"
#include "ports/bytes.h"
#include "ports/clock.h"
#include "ports/irq.h"

struct device;
struct dev_saver;

/* A property: -device NAME,prop=value and boards set it before realize. */
enum dev_prop_type {
    DEV_BOOL,
    DEV_U8,
    DEV_U16,
    DEV_U32,
    DEV_U64,
    DEV_SIZE,
    DEV_STRING,
    DEV_ENUM,
    DEV_MAC,
    DEV_LINK /* name of a backend: chardev, drive, netdev; ports filled by machines/ */
};
struct dev_prop {
    const char *name;
    enum dev_prop_type type;
    uint32_t offset;          /* in the device's structure; strings are owned copies */
    uint64_t dflt, min, max;  /* max 0: no bound but the type */
    const char *const *names; /* DEV_ENUM, ended by NULL; DEV_LINK: kind */
    const char *text;         /* one line for help */
};

/* A register. Offsets from the start of its block. Accesses of other sizes than the register's are
 * put together from it where the block allows. */
#define DEV_NO_STATE 0xffffffffu
struct dev_reg {
    const char *name;
    uint32_t offset;          /* in the register block, bytes */
    uint8_t size;             /* 1, 2, 4, 8 */
    uint16_t count, stride;   /* an array of registers; 0: one. n is passed to the hooks */
    uint32_t state;           /* offset of its field (size bytes, count of them) or DEV_NO_STATE */
    uint64_t reset, writable; /* writable: bits that a plain write changes */
    uint64_t (*read)(void *dev, unsigned n, const struct mem_attrs *a); /* NULL: the field */
    void (*write)(void *dev, unsigned n, uint64_t value,
                  const struct mem_attrs *a); /* NULL: the field, by writable;
                                               * else called instead */
};

struct dev_block { /* a range of registers, becomes an MMIO region */
    const char *name;
    uint64_t size;
    const struct dev_reg *regs;
    unsigned nregs;
    uint8_t min,
        max;   /* access sizes that the device answers; others: split or refused as mem_ops */
    bool wide; /* pieces of a register may be accessed (byte of a word) */
};

/* State without a register, and registers' fields: what is saved. Registers with a field are saved
 * by themselves. count elements of size bytes; values outside min..max are refused on restore (max
 * 0: any). */
struct dev_state {
    const char *name;
    uint32_t offset;
    uint8_t size; /* of an element: 1, 2, 4, 8 */
    uint32_t count;
    uint64_t min, max;
    uint32_t since; /* version of the class that brought it */
};
#define DEV_STATE(type, member)                                                                    \
    {                                                                                              \
        .name = #member, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member),    \
        .count = 1                                                                                 \
    }
#define DEV_STATE_MAX(type, member, most)                                                          \
    {                                                                                              \
        .name = #member, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member),    \
        .count = 1, .max = most                                                                    \
    }
#define DEV_STATE_ARRAY(type, member)                                                              \
    {                                                                                              \
        .name = #member, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member[0]), \
        .count = ARRAY_LEN(((type *)0)->member)                                                    \
    }

struct dev_class {
    const char *name, *text; /* as in -device; one line */
    const char *bus;         /* "system", "pci", "virtio", ... */
    const char
        *category; /* "network", "storage", "display", "input", "misc", "uart", "intc", "timer" */
    size_t size;   /* of the structure */
    uint32_t version;
    const struct dev_prop *props;
    unsigned nprops;
    const struct dev_block *blocks;
    unsigned nblocks;
    const struct dev_state *states;
    unsigned nstates;
    /* Properties are set; allocates, makes regions and timers. 0, or -errno with one line in err.
     */
    int (*realize)(struct device *d, char *err, size_t err_len);
    void (*unrealize)(struct device *d);
    void (*reset)(
        struct device *d); /* after all registers and states were set to their reset values */
    void (*update)(
        struct device *d); /* outputs from state: after every register write, reset and restore */
    int (*pre_save)(struct device *d);
    int (*post_load)(struct device *d, uint32_t version, char *err,
                     size_t err_len); /* checks what ranges cannot */
    /* Variable state (queues, memory of its own): written and read through the saver. Or NULL. */
    void (*save)(struct device *d, struct dev_saver *s);
    int (*load)(struct device *d, struct dev_saver *s);
};

struct device {
    const struct dev_class *class;
    char *id; /* of -device id=, or the board's name for it: unique */
    struct device *parent, *children, *sibling;
    struct mem_region *regions[8]; /* of class->blocks, in order, then what realize adds */
    const struct clock_port *clock;
    struct mem_space *dma; /* what the device reads and writes */
    bool realized;
};

/* All classes built in, ended by NULL (devices/devices.c). */
extern const struct dev_class *const dev_classes[];
const struct dev_class *dev_class_by_name(const char *name);

struct device *dev_new(const struct dev_class *c, const char *id, struct device *parent);
int dev_set(struct device *d, const char *prop, const char *value, char *err, size_t err_len);
int dev_realize(struct device *d, const struct clock_port *clock, struct mem_space *dma, char *err,
                size_t err_len);
void dev_free(struct device *d);  /* and its children */
void dev_reset(struct device *d); /* and its children, children first */

/* Save and restore of a tree. The stream names devices and fields; restore refuses unknown ones,
 * missing ones, and values out of range, before anything is changed where it can. */
struct dev_saver {
    void *opaque;
    int (*put)(void *opaque, const void *buf, size_t n); /* 0 or -errno */
    int (*get)(void *opaque, void *buf, size_t n);
    int error;
    char message[160];
};
void dev_save_tree(struct device *root, struct dev_saver *s);
int dev_load_tree(struct device *root, struct dev_saver *s);
void dev_put(struct dev_saver *s, const void *buf, size_t n);
int dev_get(struct dev_saver *s, void *buf, size_t n);

#endif
