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

struct block_port;
struct device;
struct dev_saver;
struct display_in;
struct display_out;
struct firmware_file;
struct input_in;
struct input_out;
struct packet_in;
struct packet_out;
struct random_port;

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
    uint64_t dflt, min, max;  /* max 0: no bound but the type; DEV_MAC: dflt is 0 */
    const char *const *names; /* DEV_ENUM, ended by NULL; DEV_LINK: kind, one name */
    const char *text;         /* one line for help */
};
/* In the structure: bool, uint8_t, ..., uint64_t (U64, SIZE), char * (STRING, LINK), uint32_t
 * (ENUM), uint8_t[6] (MAC). */
#define DEV_PROP(type_, member, name_, kind, ...)                                                  \
    {                                                                                              \
        .name = name_, .type = kind, .offset = offsetof(type_, member), __VA_ARGS__                \
    }

/* A register. Offsets from the start of its block. Wider accesses than a register's are made of
 * several registers where the block's max allows; narrower ones where it is wide: a write then
 * keeps the other bytes of the field (zeros where there is none), and hooks get the whole register.
 * What no register is at reads as zero, ignores writes, and is logged (-d guest_errors). Registers
 * may not overlap, but arrays may interleave. */
#define DEV_NO_STATE 0xffffffffu
struct dev_reg {
    const char *name;
    uint32_t offset; /* in the register block, bytes */
    uint8_t size;    /* 1, 2, 4, 8 */
    uint16_t count,
        stride;     /* an array of registers; 0: one; stride 0: size. n is passed to hooks */
    uint32_t state; /* offset of its field (size bytes, count of them) or DEV_NO_STATE */
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
    uint8_t min, max; /* access sizes that the device answers, as in mem_ops; 0, 0: 1 and 4 */
    bool wide;        /* pieces of a register may be accessed (byte of a word); else refused */
    bool big;         /* registers are big-endian */
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
    bool keep;      /* saved, but a reset leaves it; the others become min */
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
#define DEV_STATE_BOOL(type, member) DEV_STATE_MAX(type, member, 1)
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
    const struct dev_state *states; /* one that is a register's field too adds its range */
    unsigned nstates;
    /* A device that is always inside of this one (a virtio function in its PCI device): made with
     * it as its first child, realized after it; dev_set and help know the properties of both. Or
     * NULL. */
    const struct dev_class *inner;
    /* Properties are set; allocates, makes regions and timers. 0, or -errno with one line in err.
     */
    int (*realize)(struct device *d, char *err, size_t err_len);
    void (*unrealize)(struct device *d);
    void (*reset)(
        struct device *d); /* after all registers and states were set to their reset values */
    /* Outputs from state: after each register write, each read by a hook, reset and restore. */
    void (*update)(struct device *d);
    int (*pre_save)(struct device *d); /* of all devices, before the first is written */
    int (*post_load)(struct device *d, uint32_t version, char *err,
                     size_t err_len); /* checks what ranges cannot */
    /* Variable state (queues, memory of its own): written and read through the saver. Or NULL. */
    void (*save)(struct device *d, struct dev_saver *s);
    int (*load)(struct device *d, struct dev_saver *s); /* 0 or -errno; no more than was written */
    /* Joins with a service of the host: fills the device's half in, keeps out (which outlives it;
     * of displays and input a copy). Properties are set, the device is not realized yet. */
    void (*join_bytes)(struct device *d, const struct bytes_out *out, struct bytes_in *in);
    void (*join_block)(struct device *d, const struct block_port *p);
    void (*join_packets)(struct device *d, const struct packet_out *out, struct packet_in *in);
    void (*join_random)(struct device *d, const struct random_port *p);
    void (*join_display)(struct device *d, const struct display_out *out, struct display_in *in);
    void (*join_input)(struct device *d, const struct input_out *out, struct input_in *in);
    void (*join_firmware)(struct device *d, struct firmware_file *f); /* a file that it offers */
    /* A bus: a child was realized, and takes its place (or has none: -errno); it goes. */
    int (*plug)(struct device *d, struct device *child, char *err, size_t err_len);
    void (*unplug)(struct device *d, struct device *child);
};

#define DEV_REGIONS 8
#define DEV_LINES   16
struct dev_bank; /* a block of one device: core's */
struct device {
    const struct dev_class *class;
    char *id; /* of -device id=, or the board's name for it: unique */
    struct device *parent, *children, *sibling;
    struct mem_region *regions[DEV_REGIONS]; /* of class->blocks, in order, then what realize adds;
                                              * freed with the device */
    struct dev_bank *banks;
    struct irq_line irq[DEV_LINES]; /* output lines, filled by the board; numbers: class's header */
    const struct clock_port *clock;
    struct mem_space *dma; /* what the device reads and writes */
    bool busy;             /* guard of its regions: mem_region_guard, dev_enter */
    bool realized;
};

/* All classes built in, ended by NULL (devices/devices.c, which lists them). */
extern const struct dev_class *const dev_classes[];
/* Also "virtio-blk" for virtio-blk-pci and the like, if nothing has the shorter name. */
const struct dev_class *dev_class_by_name(const char *name);

/* A new device with its properties' defaults; the last child of parent (NULL: a root). */
struct device *dev_new(const struct dev_class *c, const char *id, struct device *parent);
struct device *
dev_inner(struct device *d); /* the innermost: what is joined with a host's service */
struct device *dev_by_id(struct device *root, const char *id);
/* 0, -ENOENT, -EINVAL, -ERANGE, with one line in err. Before realize. */
int dev_set(struct device *d, const char *prop, const char *value, char *err, size_t err_len);
/* Makes the regions, realizes, resets. 0 or -errno with one line in err; then only dev_free is
 * left. */
int dev_realize(struct device *d, const struct clock_port *clock, struct mem_space *dma, char *err,
                size_t err_len);
void dev_free(struct device *d);  /* and its children; takes its regions out of containers */
void dev_reset(struct device *d); /* and its children, children first */

/* While a device does DMA or sends a message, and in what timers call, its own registers cannot be
 * entered: a guest that names them as its buffers gets nothing. The guard is that of the device
 * itself, or of the nearest one above that has registers (a transport). Nests: dev_leave takes back
 * what dev_enter gave. */
bool dev_enter(struct device *d);
void dev_leave(struct device *d, bool was);

/* Text: properties of a class (-device NAME,help), all classes (-device help), the tree with its
 * properties (info qtree). */
void dev_help(const struct dev_class *c, void (*line)(void *to, const char *text), void *to);
void dev_help_all(void (*line)(void *to, const char *text), void *to);
/* Value of one of the class's properties as text; strings and links in quotes. */
void dev_prop_text(const struct device *d, const struct dev_prop *p, char *buf, size_t len);
void dev_print_tree(struct device *root, void (*line)(void *to, const char *text), void *to);

/* A register by name for monitors and tests: access as by the guest's vcpu 0. -ENOENT: no such. */
int dev_reg_access(struct device *d, const char *name, unsigned n, bool write, uint64_t *value);

/* An access of size bytes to block k of the class, as if through its region; inside of the region.
 */
enum mem_result dev_block_access(struct device *d, unsigned k, uint64_t offset, unsigned size,
                                 bool write, uint64_t *value, const struct mem_attrs *a);

/* A number in a device's structure of 1, 2, 4 or 8 bytes. */
uint64_t dev_field_get(const void *field, unsigned size);
void dev_field_set(void *field, unsigned size, uint64_t value);

/* Save and restore of a tree. The stream names devices and fields; restore refuses unknown ones,
 * missing ones, and values out of range, before anything is changed where it can. */
struct dev_saver {
    void *opaque;
    int (*put)(void *opaque, const void *buf, size_t n); /* 0 or -errno */
    int (*get)(void *opaque, void *buf, size_t n);
    int error;
    char message[160];
};
void dev_save_tree(struct device *root, struct dev_saver *s); /* s->error says how it went */
/* 0 or -errno with s->message. After an error the tree is as before if the stream was at fault, but
 * for what load and post_load of a class refuse. */
int dev_load_tree(struct device *root, struct dev_saver *s);
/* The same for all devices of a machine at once. save: after dev_save_prepare(), which finishes what
 * is in flight and so may change memory and other devices. load: after any error all are as
 * before. */
void dev_save_prepare(struct device *const *roots, unsigned n, struct dev_saver *s);
void dev_save_all(struct device *const *roots, unsigned n, struct dev_saver *s);
int dev_load_all(struct device *const *roots, unsigned n, struct dev_saver *s);
/* One line for each device that is saved: path, class, and the properties that its guest sees (not
 * the names of what the host joins it with). */
void dev_describe(struct device *root, void (*line)(void *to, const char *text), void *to);
void dev_put(struct dev_saver *s, const void *buf, size_t n);
int dev_get(struct dev_saver *s, void *buf, size_t n);

#endif
