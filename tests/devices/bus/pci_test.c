// SPDX-License-Identifier: MIT
/* tests/devices/bus/pci_test.c -- functions behind the host bridge as a guest sees them: ECAM, BARs
 * that are found, sized, moved and taken away, INTx with the swizzle, MSI-X and MSI, DMA. */
#include "devices/bus/pci.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

/* The machine: as the virt board lays it out. */
#define RAM      0x40000000ull
#define ECAM     0x3f000000ull
#define PIO      0x3eff0000ull
#define WINDOW   0x10000000ull
#define HIGH     0x8000000000ull
#define DOORBELL 0x08090000ull /* who gets messages */

/* A function with all there is. BAR 0: 64 bits, 16 KiB: a scratch word at 0, MSI-X at 4 KiB and 8
 * KiB; BAR 2: 32 bits, 4 KiB; BAR 4: 32 ports. */
struct toy {
    struct pci_device pci;
    uint32_t scratch;
};

static const struct dev_reg toy_regs[] = {
    {.name = "SCRATCH",
     .size = 4,
     .state = offsetof(struct toy, scratch),
     .reset = 0x1234,
     .writable = 0xffff},
};
static const struct dev_block toy_blocks[] = {
    {.name = "toy", .size = 0x1000, .regs = toy_regs, .nregs = 1},
    {.name = "toy-small", .size = 0x1000, .regs = toy_regs, .nregs = 1},
    {.name = "toy-ports", .size = 0x20, .regs = toy_regs, .nregs = 1},
};

static int toy_realize(struct device *d, char *err, size_t err_len)
{
    static const struct pci_ids ids = {.vendor = 0x1b36,
                                       .device = 0x4242,
                                       .subsys_vendor = 0x1af4,
                                       .subsys = 0x1100,
                                       .class_code = 0xff0000,
                                       .revision = 3,
                                       .pin = 1};
    struct toy *t = (struct toy *)d;
    int e = pci_realize(&t->pci, &ids, err, err_len);

    if (e < 0)
        return e;
    d->regions[3] = mem_container_new("toy-bar0", 0x4000);
    mem_add(d->regions[3], d->regions[0], 0, 0);
    pci_bar(&t->pci, 0, PCI_BAR_MEM64, d->regions[3]);
    pci_bar(&t->pci, 2, PCI_BAR_MEM32, d->regions[1]);
    pci_bar(&t->pci, 4, PCI_BAR_IO, d->regions[2]);
    pci_add_express(&t->pci);
    pci_add_msi(&t->pci, 2);
    pci_add_msix(&t->pci, 40, 0, d->regions[3], 0x1000, 0x2000);
    pci_add_ext_cap(&t->pci, 3, 1, 12);
    pci_add_ext_cap(&t->pci, 0xb, 1, 8);
    return 0;
}

static void toy_unrealize(struct device *d)
{
    pci_unrealize((struct pci_device *)d);
    mem_detach(d->regions[0]);
}

static void toy_reset(struct device *d)
{
    pci_reset((struct pci_device *)d);
}

static int toy_post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    (void)version;
    return pci_post_load((struct pci_device *)d, err, err_len);
}

static const struct dev_prop toy_props[] = {PCI_PROPS};
static const struct dev_state toy_states[] = {PCI_STATES};
static const struct dev_class toy_class = {
    .name = "toy",
    .text = "a function to test with",
    .bus = "pci",
    .category = "misc",
    .size = sizeof(struct toy),
    .version = 1,
    .props = toy_props,
    .nprops = ARRAY_LEN(toy_props),
    .blocks = toy_blocks,
    .nblocks = ARRAY_LEN(toy_blocks),
    .states = toy_states,
    .nstates = ARRAY_LEN(toy_states),
    .realize = toy_realize,
    .unrealize = toy_unrealize,
    .reset = toy_reset,
    .post_load = toy_post_load,
};

/* ---- the bench ---- */
static struct mem_region *root, *ram, *doorbell, *windows[3];
static struct mem_space *space;
static struct device *host;
static bool line[4];
static struct {
    unsigned n;
    uint64_t addr;
    uint32_t data;
    uint16_t requester;
} message;

static void set_line(void *to, unsigned n, bool level)
{
    (void)to;
    line[n] = level;
}

static enum mem_result rung(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                            const struct mem_attrs *a)
{
    (void)opaque;
    ck_assert_uint_eq(size, 4);
    message.n++;
    message.addr = DOORBELL + offset;
    message.data = (uint32_t)value;
    message.requester = a->requester;
    return MEM_OK;
}

static void setup(void)
{
    static const struct mem_ops ops = {.write = rung, .min = 4, .max = 4};
    char err[160];
    unsigned i;

    root = mem_container_new("root", 0);
    ram = mem_ram_new("ram", 0x100000, NULL, err, sizeof(err));
    mem_add(root, ram, RAM, 0);
    doorbell = mem_mmio_new("doorbell", 0x1000, &ops, NULL);
    mem_add(root, doorbell, DOORBELL, 0);
    space = mem_space_new("test", root);
    host = dev_new(&pci_host_class, "pcie", NULL);
    ck_assert_int_eq(dev_set(host, "ecam-size", "16M", err, sizeof(err)), 0);
    for (i = 0; i < 4; i++)
        host->irq[i] = (struct irq_line){.set = set_line, .n = i};
    ck_assert_int_eq(dev_realize(host, NULL, space, err, sizeof(err)), 0);
    mem_add(root, host->regions[0], ECAM, 0);
    windows[0] = mem_alias_new("window", host->regions[1], WINDOW, 0x2eff0000);
    windows[1] = mem_alias_new("high", host->regions[1], HIGH, 0x8000000000);
    windows[2] = mem_alias_new("pio", host->regions[2], 0, 0x10000);
    mem_add(root, windows[0], WINDOW, 0);
    mem_add(root, windows[1], HIGH, 0);
    mem_add(root, windows[2], PIO, 0);
    memset(&message, 0, sizeof(message));
    memset(line, 0, sizeof(line));
}

static void teardown(void)
{
    unsigned i;

    for (i = 0; i < 3; i++) {
        mem_detach(windows[i]);
        mem_region_free(windows[i]);
    }
    dev_free(host);
}

static struct device *plug(const char *addr, bool multi, int want)
{
    struct device *d = dev_new(&toy_class, NULL, host);
    char err[160] = "";
    int e;

    if (addr)
        ck_assert_int_eq(dev_set(d, "addr", addr, err, sizeof(err)), 0);
    if (multi)
        ck_assert_int_eq(dev_set(d, "multifunction", "on", err, sizeof(err)), 0);
    e = dev_realize(d, NULL, space, err, sizeof(err));
    ck_assert_int_eq(e, want);
    ck_assert_int_eq(strlen(err) > 0, want < 0);
    if (e == 0)
        return d;
    dev_free(d);
    return NULL;
}

static uint64_t at(uint64_t addr, unsigned size, bool write, uint64_t v)
{
    const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};
    const struct mem_range *r;

    mem_read_lock();
    r = mem_find(space, addr);
    ck_assert_msg(r != NULL, "nothing at %#llx", (unsigned long long)addr);
    ck_assert_int_eq(mem_access(r, addr, size, write, &v, a), MEM_OK);
    mem_read_unlock();
    return v;
}

static uint64_t rd(uint64_t addr, unsigned size)
{
    return at(addr, size, false, 0);
}

static void wr(uint64_t addr, unsigned size, uint64_t v)
{
    at(addr, size, true, v);
}

static uint64_t cfg(unsigned slot, unsigned reg)
{
    return ECAM + slot * 8 * 4096 + reg;
}

static unsigned find_cap(unsigned slot, unsigned id)
{
    unsigned c = (unsigned)rd(cfg(slot, PCI_CAPS), 1), n;

    for (n = 0; c && n < 48; n++, c = (unsigned)rd(cfg(slot, c + 1), 1))
        if (rd(cfg(slot, c), 1) == id)
            return c;
    return 0;
}

/* ---- tests ---- */
START_TEST(configuration)
{
    plug("3", false, 0);
    ck_assert_uint_eq(rd(cfg(0, 0), 4), 0x00081b36);
    ck_assert_uint_eq(rd(cfg(0, 8), 4), 0x06000000);
    ck_assert_uint_eq(rd(cfg(1, 0), 4), 0xffffffff);
    ck_assert_uint_eq(rd(cfg(3, 0) + 4096, 2), 0xffff);
    ck_assert_uint_eq(rd(ECAM + 0x100000, 4), 0xffffffff); /* bus 1 */
    ck_assert_uint_eq(rd(ECAM + 0xffffff, 1), 0xff);
    wr(ECAM + 0x100000, 4, 0);
    ck_assert_uint_eq(rd(cfg(3, 0), 2), 0x1b36);
    ck_assert_uint_eq(rd(cfg(3, 2), 2), 0x4242);
    ck_assert_uint_eq(rd(cfg(3, 8), 4), 0xff000003);
    ck_assert_uint_eq(rd(cfg(3, 0x2c), 4), 0x11001af4);
    ck_assert_uint_eq(rd(cfg(3, PCI_INT_PIN), 1), 1);
    ck_assert_uint_eq(rd(cfg(3, PCI_STATUS), 2), PCI_STATUS_CAPS);
    wr(cfg(3, 0), 4, 0);
    ck_assert_uint_eq(rd(cfg(3, 0), 4), 0x42421b36);
    wr(cfg(3, PCI_COMMAND), 2, 0xffff);
    ck_assert_uint_eq(rd(cfg(3, PCI_COMMAND), 2), 0x547);
    wr(cfg(3, PCI_INT_LINE), 1, 0x5a);
    ck_assert_uint_eq(rd(cfg(3, PCI_INT_LINE), 4), 0x15a);
    ck_assert_uint_ne(find_cap(3, PCI_CAP_EXPRESS), 0);
    ck_assert_uint_eq(rd(cfg(3, find_cap(3, PCI_CAP_EXPRESS) + 2), 2), 0x92);
    ck_assert_uint_eq(rd(cfg(3, 0x100), 4), 0x10c10003);
    ck_assert_uint_eq(rd(cfg(3, 0x10c), 4), 0x0001000b);
}
END_TEST

START_TEST(bars_are_sized_and_mapped)
{
    plug("2", false, 0);
    ck_assert_uint_eq(rd(cfg(2, 0x10), 4), 4);
    ck_assert_uint_eq(rd(cfg(2, 0x18), 4), 0);
    ck_assert_uint_eq(rd(cfg(2, 0x20), 4), 1);
    wr(cfg(2, 0x10), 4, 0xffffffff);
    wr(cfg(2, 0x14), 4, 0xffffffff);
    wr(cfg(2, 0x18), 4, 0xffffffff);
    wr(cfg(2, 0x20), 4, 0xffffffff);
    wr(cfg(2, 0x24), 4, 0xffffffff);
    ck_assert_uint_eq(rd(cfg(2, 0x10), 4), 0xffffc004);
    ck_assert_uint_eq(rd(cfg(2, 0x14), 4), 0xffffffff);
    ck_assert_uint_eq(rd(cfg(2, 0x18), 4), 0xfffff000);
    ck_assert_uint_eq(rd(cfg(2, 0x20), 4), 0xffffffe1);
    ck_assert_uint_eq(rd(cfg(2, 0x24), 4), 0);
    wr(cfg(2, PCI_COMMAND), 2, 3); /* nothing comes of addresses that end at the top */
    wr(cfg(2, 0x10), 4, 0x00100000);
    wr(cfg(2, 0x14), 4, HIGH >> 32);
    wr(cfg(2, 0x18), 4, 0x10010000);
    wr(cfg(2, 0x20), 4, 0x2000);
    ck_assert_uint_eq(rd(HIGH + 0x100000, 4), 0x1234);
    wr(HIGH + 0x100000, 4, 0x5678);
    ck_assert_uint_eq(rd(0x10010000, 4), 0x5678);
    ck_assert_uint_eq(rd(PIO + 0x2000, 4), 0x5678);
    ck_assert_uint_eq(rd(PIO + 0x1ffc, 4), 0xffffffff);
    ck_assert_uint_eq(rd(PIO + 0x2020, 2), 0xffff);
    wr(cfg(2, 0x18), 4, 0x10020000); /* moves */
    ck_assert_uint_eq(rd(0x10010000, 4), 0xffffffff);
    ck_assert_uint_eq(rd(0x10020000, 4), 0x5678);
    wr(cfg(2, PCI_COMMAND), 2, 2);
    ck_assert_uint_eq(rd(PIO + 0x2000, 4), 0xffffffff);
    ck_assert_uint_eq(rd(0x10020000, 4), 0x5678);
    wr(cfg(2, PCI_COMMAND), 2, 0);
    ck_assert_uint_eq(rd(0x10020000, 4), 0xffffffff);
    ck_assert_uint_eq(rd(HIGH + 0x100000, 8), ~0ull);
    wr(cfg(2, PCI_COMMAND), 2, 3);
    dev_reset(host);
    ck_assert_uint_eq(rd(0x10020000, 4), 0xffffffff);
    ck_assert_uint_eq(rd(cfg(2, 0x18), 4), 0);
}
END_TEST

START_TEST(slots)
{
    plug(NULL, false, 0);
    ck_assert_ptr_nonnull(pci_function(host, 8));
    plug("1", false, -EBUSY);
    plug("1.1", false, -EINVAL); /* function 0 is alone in its slot */
    plug("1f.7", false, 0);
    plug("20", false, -EINVAL);
    plug("5.8", false, -EINVAL);
    plug("5.", false, -EINVAL);
    plug("x", false, -EINVAL);
    plug("0", false, -EBUSY);
    plug("4", true, 0);
    plug("4.1", false, 0);
    ck_assert_uint_eq(rd(cfg(4, PCI_HEADER), 1), 0x80);
    ck_assert_uint_eq(rd(cfg(4, 4096), 2), 0x1b36);
    ck_assert_uint_eq(rd(cfg(4, 8192), 2), 0xffff);
}
END_TEST

START_TEST(intx)
{
    struct pci_device *p = (struct pci_device *)plug("3", false, 0);
    struct pci_device *q = (struct pci_device *)plug("7", false, 0);

    pci_set_intx(p, true);
    ck_assert(line[3] && !line[0] && !line[1] && !line[2]);
    ck_assert_uint_eq(rd(cfg(3, PCI_STATUS), 2) & PCI_STATUS_INTX, PCI_STATUS_INTX);
    pci_set_intx(q, true);
    pci_set_intx(p, false);
    ck_assert(line[3]); /* shared */
    wr(cfg(7, PCI_COMMAND), 2, PCI_COMMAND_NO_INTX);
    ck_assert(!line[3]);
    ck_assert_uint_eq(rd(cfg(7, PCI_STATUS), 2) & PCI_STATUS_INTX, PCI_STATUS_INTX);
    wr(cfg(7, PCI_COMMAND), 2, 0);
    ck_assert(line[3]);
    dev_free(&q->dev);
    ck_assert(!line[3]);
    ck_assert_uint_eq(rd(cfg(7, 0), 2), 0xffff);
}
END_TEST

START_TEST(msix)
{
    struct pci_device *p = (struct pci_device *)plug("2.0", false, 0);
    unsigned c = find_cap(2, PCI_CAP_MSIX), control = c + 2;
    uint64_t table = 0x10001000, pba = 0x10002000;

    ck_assert_uint_eq(rd(cfg(2, control), 2), 39);
    ck_assert_uint_eq(rd(cfg(2, c + 4), 4), 0x1000);
    ck_assert_uint_eq(rd(cfg(2, c + 8), 4), 0x2000);
    wr(cfg(2, 0x10), 4, 0x10000000);
    wr(cfg(2, PCI_COMMAND), 2, 6);
    ck_assert_uint_eq(rd(table + 12, 4), 1);
    ck_assert(!pci_notify(p, 0));
    wr(cfg(2, control), 2, 0xffff);
    ck_assert_uint_eq(rd(cfg(2, control), 2), 0xc027);
    wr(table + 39 * 16, 8, DOORBELL | 0x43);
    wr(table + 39 * 16 + 8, 8, 0xcafe);
    ck_assert_uint_eq(rd(table + 39 * 16, 4), DOORBELL | 0x40);
    ck_assert_uint_eq(rd(table + 39 * 16 + 12, 4), 0);
    ck_assert(pci_notify(p, 39));
    ck_assert_uint_eq(message.n, 0); /* all are masked */
    ck_assert_uint_eq(rd(pba, 8), 1ull << 39);
    wr(pba, 8, 0);
    ck_assert_uint_eq(rd(pba + 4, 4), 1 << 7);
    wr(cfg(2, control), 2, 0x8000);
    ck_assert_uint_eq(message.n, 1);
    ck_assert_uint_eq(message.addr, DOORBELL + 0x40);
    ck_assert_uint_eq(message.data, 0xcafe);
    ck_assert_uint_eq(message.requester, 16);
    ck_assert_uint_eq(rd(pba, 8), 0);
    ck_assert(pci_notify(p, 39));
    ck_assert_uint_eq(message.n, 2);
    wr(table + 39 * 16 + 12, 4, 1);
    pci_notify(p, 39);
    pci_notify(p, 39);
    ck_assert_uint_eq(message.n, 2);
    wr(table + 39 * 16 + 12, 4, 0);
    ck_assert_uint_eq(message.n, 3);
    ck_assert(pci_notify(p, 40));  /* none */
    wr(cfg(2, PCI_COMMAND), 2, 2); /* no bus master */
    pci_notify(p, 39);
    ck_assert_uint_eq(message.n, 3);
}
END_TEST

START_TEST(msi)
{
    struct pci_device *p = (struct pci_device *)plug("2", false, 0);
    unsigned c = find_cap(2, PCI_CAP_MSI);

    wr(cfg(2, PCI_COMMAND), 2, 4);
    wr(cfg(2, c + 4), 4, (uint32_t)DOORBELL);
    wr(cfg(2, c + 8), 4, 0);
    wr(cfg(2, c + 12), 2, 0x123);
    ck_assert_uint_eq(rd(cfg(2, c + 2), 2), 0x84);
    wr(cfg(2, c + 2), 2, 1 | 1 << 4); /* two of the four */
    ck_assert(pci_messages_enabled(p) && !pci_msix_enabled(p));
    ck_assert(pci_notify(p, 2));
    ck_assert_uint_eq(message.data, 0x122);
    ck_assert(pci_notify(p, 3));
    ck_assert_uint_eq(message.data, 0x123);
    ck_assert_uint_eq(message.requester, 16);
    wr(cfg(2, c + 2), 2, 0);
    ck_assert(!pci_notify(p, 0));
    ck_assert_uint_eq(message.n, 2);
}
END_TEST

START_TEST(dma)
{
    struct pci_device *p = (struct pci_device *)plug("2", false, 0);
    uint32_t v = 0xdead;

    ck_assert_int_eq(pci_dma_write(p, RAM, &v, 4), MEM_REFUSED);
    wr(cfg(2, PCI_COMMAND), 2, 4);
    ck_assert_int_eq(pci_dma_write(p, RAM + 8, &v, 4), MEM_OK);
    ck_assert_uint_eq(rd(RAM + 8, 4), 0xdead);
    v = 0;
    ck_assert_int_eq(pci_dma_read(p, RAM + 8, &v, 4), MEM_OK);
    ck_assert_uint_eq(v, 0xdead);
    ck_assert_int_ne(pci_dma_read(p, 0x100000000000, &v, 4), MEM_OK);
}
END_TEST

/* ---- save and restore ---- */
static uint8_t stream[65536];
static size_t filled, taken;

static int put(void *opaque, const void *buf, size_t n)
{
    (void)opaque;
    if (n > sizeof(stream) - filled)
        return -ENOSPC;
    memcpy(stream + filled, buf, n);
    filled += n;
    return 0;
}

static int get(void *opaque, void *buf, size_t n)
{
    (void)opaque;
    if (n > filled - taken)
        return -ENODATA;
    memcpy(buf, stream + taken, n);
    taken += n;
    return 0;
}

START_TEST(save_and_restore)
{
    struct pci_device *p = (struct pci_device *)plug("2", false, 0);
    struct dev_saver s = {.put = put, .get = get};
    unsigned c = find_cap(2, PCI_CAP_MSIX);
    uint8_t *byte;

    wr(cfg(2, 0x10), 4, 0x10000000);
    wr(cfg(2, PCI_COMMAND), 2, 6);
    wr(cfg(2, c + 2), 2, 0x8000);
    pci_notify(p, 5);
    pci_set_intx(p, true);
    filled = taken = 0;
    dev_save_tree(host, &s);
    ck_assert_int_eq(s.error, 0);
    dev_reset(host);
    ck_assert(!line[2]);
    ck_assert_uint_eq(rd(0x10000000, 4), 0xffffffff);
    ck_assert_int_eq(dev_load_tree(host, &s), 0);
    ck_assert(line[2]);
    ck_assert_uint_eq(rd(0x10000000, 4), 0x1234);
    ck_assert_uint_eq(rd(0x10002000, 8), 32);
    wr(0x10001050, 8, DOORBELL);
    wr(0x10001058, 8, 9);
    ck_assert_uint_eq(message.n, 1);
    byte = memmem(stream, filled, "\x36\x1b\x42\x42", 4);
    ck_assert_ptr_nonnull(byte);
    byte[2] = 0x43; /* another device */
    taken = 0;
    s.error = 0;
    ck_assert_int_lt(dev_load_tree(host, &s), 0);
}
END_TEST

START_TEST(hostile)
{
    uint64_t seed = 3, v;
    unsigned i;

    plug("2", false, 0);
    plug("3", false, 0);
    for (i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        v = seed >> 20;
        wr(cfg(2 + (v & 1), v >> 1 & (v & 2 ? 0xfc : 0x3c)), 4, seed >> 32);
        if (i % 16 == 0)
            wr(cfg(2 + (v & 1), PCI_COMMAND), 2, 7);
        rd(WINDOW + (v & 0x2000000), 4);
        rd(PIO + (v & 0xfffc), 4);
        if (i % 100 == 0)
            pci_notify(pci_function(host, 16), v % 64);
    }
    ck_assert_uint_eq(rd(cfg(2, 0), 4), 0x42421b36);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, configuration);
    tcase_add_test(tc, bars_are_sized_and_mapped);
    tcase_add_test(tc, slots);
    tcase_add_test(tc, intx);
    tcase_add_test(tc, msix);
    tcase_add_test(tc, msi);
    tcase_add_test(tc, dma);
    tcase_add_test(tc, save_and_restore);
    tcase_add_test(tc, hostile);
}

UNIT_MAIN("pci", fill)
