// SPDX-License-Identifier: MIT
/* tests/mem/mem_test.c -- mem/: what is seen where, access rules of MMIO, DMA, watch bytes,
 * backing. */
#include "mem/mem.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char err[160];
static const struct mem_attrs cpu = {.requester = MEM_REQUESTER_VCPU};

static struct mem_region *ram(const char *name, uint64_t size)
{
    struct mem_region *r = mem_ram_new(name, size, NULL, err, sizeof(err));

    ck_assert_msg(r != NULL, "%s", err);
    return r;
}

/* Name of the region at addr and the offset in it. */
static const char *seen(struct mem_space *s, uint64_t addr, uint64_t *offset)
{
    const struct mem_range *r;
    const char *name = "-";

    mem_read_lock();
    r = mem_find(s, addr);
    if (r) {
        ck_assert(addr >= r->lo && addr <= r->hi);
        *offset = addr - r->lo + r->offset;
        name = mem_region_name(r->region);
    }
    mem_read_unlock();
    return name;
}

static enum mem_result vcpu_access(struct mem_space *s, uint64_t addr, unsigned size, bool write,
                                   uint64_t *v)
{
    enum mem_result res = MEM_NOTHING;
    const struct mem_range *r;

    mem_read_lock();
    r = mem_find(s, addr);
    if (r)
        res = mem_access(r, addr, size, write, v, cpu);
    mem_read_unlock();
    return res;
}

/* A device that is 64 bytes of memory and writes down how it was called. */
struct recorder {
    uint8_t bytes[64];
    bool big;
    char calls[256];
    unsigned n;
    enum mem_result answer;
    struct mem_space *space; /* not NULL: each call does DMA to dma_to */
    uint64_t dma_to;
    enum mem_result dma;
};

static void note(struct recorder *r, char kind, uint64_t offset, unsigned size)
{
    r->n += (unsigned)snprintf(r->calls + r->n, sizeof(r->calls) - r->n, "%c%llx/%u ", kind,
                               (unsigned long long)offset, size);
    if (r->space) {
        uint8_t b = 1;

        r->dma = kind == 'r' ? mem_read(r->space, r->dma_to, &b, 1, cpu)
                             : mem_write(r->space, r->dma_to, &b, 1, cpu);
    }
}

static enum mem_result rec_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                const struct mem_attrs *a)
{
    struct recorder *r = opaque;

    (void)a;
    ck_assert(offset + size <= 64);
    note(r, 'r', offset, size);
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint64_t)r->bytes[offset + i] << 8 * (r->big ? size - 1 - i : i);
    return r->answer;
}

static enum mem_result rec_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                 const struct mem_attrs *a)
{
    struct recorder *r = opaque;

    (void)a;
    ck_assert(offset + size <= 64);
    ck_assert(size == 8 || value >> 8 * size == 0);
    note(r, 'w', offset, size);
    for (unsigned i = 0; i < size; i++)
        r->bytes[offset + i] = (uint8_t)(value >> 8 * (r->big ? size - 1 - i : i));
    return r->answer;
}

START_TEST(priorities_aliases_and_enable)
{
    struct mem_region *root = mem_container_new("root", 0), *a = ram("a", 0x4000),
                      *b = ram("b", 0x1000), *al = mem_alias_new("al", a, 0x1000, 0x2000);
    struct mem_space *s;
    uint64_t o = 0;
    unsigned g;

    mem_add(root, a, 0x10000, 0);
    mem_add(root, b, 0x11000, 1);
    mem_add(root, al, 0x80000, 0);
    s = mem_space_new("s", root);
    ck_assert_str_eq(seen(s, 0x10fff, &o), "a");
    ck_assert_str_eq(seen(s, 0x11000, &o), "b");
    ck_assert_uint_eq(o, 0);
    ck_assert_str_eq(seen(s, 0x12000, &o), "a");
    ck_assert_uint_eq(o, 0x2000);
    ck_assert_str_eq(seen(s, 0x13fff, &o), "a");
    ck_assert_str_eq(seen(s, 0x14000, &o), "-");
    ck_assert_str_eq(seen(s, 0xffff, &o), "-");
    ck_assert_str_eq(seen(s, 0x80000, &o), "a");
    ck_assert_uint_eq(o, 0x1000);
    ck_assert_str_eq(seen(s, 0x82000, &o), "-");
    g = mem_space_generation(s);
    mem_enable(b, false);
    ck_assert_uint_eq(mem_space_generation(s), g + 1);
    ck_assert_str_eq(seen(s, 0x11000, &o), "a");
    ck_assert_uint_eq(o, 0x1000);
    mem_begin();
    mem_enable(b, true);
    mem_move(b, 0xfffffffffffff000);
    mem_commit();
    ck_assert_uint_eq(mem_space_generation(s), g + 2);
    ck_assert_str_eq(seen(s, ~0ull, &o), "b");
    ck_assert_uint_eq(o, 0xfff);
    mem_move(b, 0xfffffffffffff800); /* sticks out: the rest is not seen, and does not wrap */
    ck_assert_str_eq(seen(s, ~0ull, &o), "b");
    ck_assert_uint_eq(o, 0x7ff);
    ck_assert_str_eq(seen(s, 0, &o), "-");
    g = mem_space_generation(s);
    mem_begin();
    mem_move(b, 0);
    mem_move(b, 0xfffffffffffff800);
    mem_commit();
    ck_assert_uint_eq(mem_space_generation(s), g); /* nothing is different */
    mem_remove(root, b);
    mem_remove(root, al);
    mem_remove(root, a);
    ck_assert_str_eq(seen(s, 0x10000, &o), "-");
    mem_space_free(s);
    mem_region_free(b);
    mem_region_free(al);
    mem_region_free(a);
    mem_region_free(root);
}
END_TEST

START_TEST(ram_is_memory)
{
    struct mem_region *root = mem_container_new("root", 0), *a = ram("a", 0x2000),
                      *rom = mem_rom_new("rom", 0x1000, err, sizeof(err));
    struct mem_space *s;
    uint8_t buf[0x3000], *host = mem_ram_host(a);
    uint64_t v = 0x1122334455667788, len = 0x5000;

    mem_add(root, a, 0x1000, 0);
    mem_add(root, rom, 0x3000, 0);
    s = mem_space_new("s", root);
    ck_assert_int_eq(vcpu_access(s, 0x1ffc, 8, true, &v), MEM_OK);
    ck_assert_uint_eq(host[0xffc], 0x88);
    ck_assert_uint_eq(host[0x1003], 0x11);
    v = 0;
    ck_assert_int_eq(vcpu_access(s, 0x2000, 2, false, &v), MEM_OK);
    ck_assert_uint_eq(v, 0x3344);
    v = 0x55;
    ck_assert_int_eq(vcpu_access(s, 0x3000, 1, true, &v), MEM_OK); /* ignored */
    ck_assert_uint_eq(*(uint8_t *)mem_ram_host(rom), 0);
    ck_assert_int_eq(vcpu_access(s, 0x2ffc, 8, false, &v), MEM_NOTHING); /* leaves the range */
    memset(buf, 0xaa, sizeof(buf));
    ck_assert_int_eq(mem_write(s, 0x1000, buf, 0x3000, cpu), MEM_OK);
    ck_assert_uint_eq(host[0x1fff], 0xaa);
    ck_assert_uint_eq(*(uint8_t *)mem_ram_host(rom), 0);
    ck_assert_int_eq(mem_read(s, 0x2000, buf, 0x3000, cpu), MEM_NOTHING); /* over the end */
    ck_assert_uint_eq(buf[0xfff], 0xaa);
    ck_assert_uint_eq(buf[0x1000], 0);
    ck_assert_uint_eq(buf[0x2fff], 0); /* no old bytes of ours */
    ck_assert_int_eq(mem_read(s, ~0ull - 1, buf, 4, cpu), MEM_NOTHING);
    ck_assert_int_eq(mem_read(s, 0, buf, 0, cpu), MEM_OK);
    ck_assert_ptr_eq(mem_map(s, 0x1800, &len, true, cpu), host + 0x800);
    ck_assert_uint_eq(len, 0x1800);
    len = 1;
    ck_assert_ptr_null(mem_map(s, 0x3000, &len, true, cpu));
    ck_assert_ptr_nonnull(mem_map(s, 0x3000, &len, false, cpu));
    mem_unmap(mem_ram_host(rom), 1, false);
    ck_assert_ptr_null(mem_map(s, 0x5000, &len, false, cpu));
    /* A mapping outlives its region. */
    mem_remove(root, a);
    mem_region_free(a);
    memset(host + 0x800, 0x11, 0x1800);
    mem_unmap(host + 0x800, 0x1800, true);
    mem_remove(root, rom);
    mem_region_free(rom);
    mem_space_free(s);
    mem_region_free(root);
}
END_TEST

/* What a device is called with. data: bytes at the address after a write of 8877665544332211. */
static const struct {
    uint8_t min, max;
    bool unaligned, big, narrow;
    bool write;
    uint64_t offset;
    unsigned size;
    enum mem_result res;
    const char *calls;
} rules[] = {
    {0, 0, 0, 0, 0, 0, 0, 4, MEM_OK, "r0/4 "},
    {0, 0, 0, 0, 0, 0, 3, 1, MEM_OK, "r3/1 "},
    {0, 0, 0, 0, 0, 0, 8, 8, MEM_OK, "r8/4 rc/4 "},
    {0, 0, 0, 0, 0, 1, 8, 8, MEM_OK, "w8/4 wc/4 "},
    {0, 0, 0, 1, 0, 1, 8, 8, MEM_OK, "w8/4 wc/4 "},
    {0, 0, 0, 0, 0, 0, 2, 4, MEM_OK, "r2/2 r4/2 "},
    {0, 0, 0, 0, 0, 1, 1, 4, MEM_OK, "w1/1 w2/2 w4/1 "},
    {1, 8, 0, 0, 0, 0, 0, 8, MEM_OK, "r0/8 "},
    {1, 8, 0, 0, 0, 0, 4, 8, MEM_OK, "r4/4 r8/4 "},
    {1, 4, 1, 0, 0, 0, 2, 4, MEM_OK, "r2/4 "},
    {4, 4, 0, 0, 0, 0, 2, 1, MEM_OK, "r0/4 "},
    {4, 4, 0, 1, 0, 0, 2, 1, MEM_OK, "r0/4 "},
    {4, 4, 0, 0, 0, 1, 2, 1, MEM_REFUSED, ""},
    {4, 4, 0, 0, 1, 1, 2, 1, MEM_OK, "w0/4 "},
    {4, 4, 0, 1, 1, 1, 4, 2, MEM_OK, "w4/4 "},
    {1, 1, 0, 0, 0, 0, 0, 4, MEM_OK, "r0/1 r1/1 r2/1 r3/1 "},
    {8, 8, 0, 0, 0, 0, 4, 4, MEM_OK, "r0/8 "},
    {4, 8, 0, 0, 0, 0, 60, 4, MEM_OK, "r3c/4 "},
};

START_TEST(access_rules)
{
    struct recorder rec = {.big = rules[_i].big};
    struct mem_ops ops = {.read = rec_read,
                          .write = rec_write,
                          .min = rules[_i].min,
                          .max = rules[_i].max,
                          .unaligned = rules[_i].unaligned,
                          .big = rules[_i].big,
                          .narrow = rules[_i].narrow};
    struct mem_region *r = mem_mmio_new("dev", 64, &ops, &rec);
    struct mem_space *s = mem_space_new("s", r);
    uint64_t v = 0x8877665544332211, want = 0;

    for (unsigned i = 0; i < 64; i++)
        rec.bytes[i] = (uint8_t)(0xc0 + i);
    for (unsigned i = 0; i < rules[_i].size; i++)
        want |= (uint64_t)(0xc0 + rules[_i].offset + i) << 8 * i;
    ck_assert_int_eq(vcpu_access(s, rules[_i].offset, rules[_i].size, rules[_i].write, &v),
                     rules[_i].res);
    ck_assert_str_eq(rec.calls, rules[_i].calls);
    if (!rules[_i].write)
        ck_assert_msg(v == want, "%llx, not %llx", (unsigned long long)v, (unsigned long long)want);
    else if (rules[_i].res == MEM_OK)
        for (unsigned i = 0; i < rules[_i].size; i++)
            ck_assert_uint_eq(rec.bytes[rules[_i].offset + i], 0x11 * (i + 1));
    mem_space_free(s);
    mem_region_free(r);
}
END_TEST

START_TEST(refusals_end_an_access)
{
    struct recorder rec = {.answer = MEM_REFUSED};
    struct mem_ops ops = {.read = rec_read, .write = rec_write}, none = {.min = 1, .max = 4};
    struct mem_region *root = mem_container_new("root", 0x1000),
                      *r = mem_mmio_new("dev", 64, &ops, &rec),
                      *q = mem_mmio_new("dead", 64, &none, NULL);
    struct mem_space *s = mem_space_new("s", root);
    uint64_t v = 1;

    mem_add(root, r, 0, 0);
    mem_add(root, q, 64, 0);
    ck_assert_int_eq(vcpu_access(s, 0, 8, true, &v), MEM_REFUSED);
    ck_assert_str_eq(rec.calls, "w0/4 ");
    ck_assert_int_eq(vcpu_access(s, 64, 4, true, &v), MEM_REFUSED);
    ck_assert_int_eq(vcpu_access(s, 64, 4, false, &v), MEM_REFUSED);
    mem_remove(root, r);
    mem_remove(root, q);
    mem_region_free(r);
    mem_region_free(q);
    mem_space_free(s);
    mem_region_free(root);
}
END_TEST

START_TEST(no_way_back_into_a_device)
{
    struct recorder one = {0}, two = {0}, other = {0};
    struct mem_ops ops = {.read = rec_read, .write = rec_write};
    struct mem_region *root = mem_container_new("root", 0x1000),
                      *a = mem_mmio_new("a", 64, &ops, &one),
                      *b = mem_mmio_new("b", 64, &ops, &two),
                      *c = mem_mmio_new("c", 64, &ops, &other);
    struct mem_space *s = mem_space_new("s", root);
    bool busy = false;
    uint64_t v = 0;

    mem_add(root, a, 0, 0);
    mem_add(root, b, 0x100, 0);
    mem_add(root, c, 0x200, 0);
    mem_region_guard(a, &busy);
    mem_region_guard(b, &busy);
    one.space = s;
    one.dma_to = 0; /* itself */
    ck_assert_int_eq(vcpu_access(s, 0, 4, false, &v), MEM_OK);
    ck_assert_int_eq(one.dma, MEM_REFUSED);
    ck_assert_str_eq(one.calls, "r0/4 ");
    one.dma_to = 0x100; /* its other region */
    ck_assert_int_eq(vcpu_access(s, 0, 4, true, &v), MEM_OK);
    ck_assert_int_eq(one.dma, MEM_REFUSED);
    one.dma_to = 0x200; /* another device is fine, but not from there back */
    other.space = s;
    other.dma_to = 0x100;
    ck_assert_int_eq(vcpu_access(s, 0, 4, true, &v), MEM_OK);
    ck_assert_int_eq(one.dma, MEM_OK);
    ck_assert_int_eq(other.dma, MEM_REFUSED);
    ck_assert_str_eq(two.calls, "");
    ck_assert(!busy);
    mem_remove(root, a);
    mem_remove(root, b);
    mem_remove(root, c);
    mem_region_free(a);
    mem_region_free(b);
    mem_region_free(c);
    mem_space_free(s);
    mem_region_free(root);
}
END_TEST

START_TEST(dma_to_registers)
{
    struct recorder rec = {0};
    struct mem_ops ops = {.read = rec_read, .write = rec_write, .min = 1, .max = 8};
    struct mem_region *root = mem_container_new("root", 0x1000),
                      *r = mem_mmio_new("dev", 64, &ops, &rec), *m = ram("m", 0x100);
    struct mem_space *s = mem_space_new("s", root);
    uint8_t buf[32];

    mem_add(root, m, 0x100, 0);
    mem_add(root, r, 0x200, 0);
    for (unsigned i = 0; i < 32; i++)
        buf[i] = (uint8_t)i;
    ck_assert_int_eq(mem_write(s, 0x1fd, buf, 16, cpu), MEM_OK);
    ck_assert_str_eq(rec.calls, "w0/8 w8/4 wc/1 ");
    ck_assert_uint_eq(rec.bytes[12], 15);
    memset(buf, 0, sizeof(buf));
    ck_assert_int_eq(mem_read(s, 0x1fd, buf, 16, cpu), MEM_OK);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(buf[i], i);
    ck_assert_int_eq(mem_read(s, 0x230, buf, 32, cpu), MEM_NOTHING);
    mem_remove(root, r);
    mem_remove(root, m);
    mem_region_free(r);
    mem_region_free(m);
    mem_space_free(s);
    mem_region_free(root);
}
END_TEST

START_TEST(romd_has_two_modes)
{
    struct recorder rec = {0};
    struct mem_ops ops = {.read = rec_read, .write = rec_write};
    struct mem_region *r = mem_romd_new("flash", 64, &ops, &rec, err, sizeof(err));
    struct mem_space *s = mem_space_new("s", r);
    const struct mem_range *range;
    uint64_t v;

    memset(mem_ram_host(r), 0x5a, 64);
    ck_assert_int_eq(vcpu_access(s, 0, 1, false, &v), MEM_OK);
    ck_assert_uint_eq(v, 0x5a);
    v = 7;
    ck_assert_int_eq(vcpu_access(s, 0, 4, true, &v), MEM_OK);
    ck_assert_int_eq(mem_write(s, 8, &v, 4, cpu), MEM_OK);
    ck_assert_str_eq(rec.calls, "w0/4 w8/4 ");
    mem_romd_set(r, false);
    mem_read_lock();
    range = mem_find(s, 0);
    ck_assert_ptr_null(range->host);
    ck_assert_uint_eq(range->ram_addr, ~0ull);
    mem_read_unlock();
    ck_assert_int_eq(vcpu_access(s, 0, 1, false, &v), MEM_OK);
    ck_assert_uint_eq(v, 7);
    mem_romd_set(r, true);
    ck_assert_int_eq(vcpu_access(s, 0, 1, false, &v), MEM_OK);
    ck_assert_uint_eq(v, 0x5a);
    mem_space_free(s);
    mem_region_free(r);
}
END_TEST

static unsigned written_n;
static uint64_t written_at, written_len;
static void code_written(void *opaque, uint64_t at, uint64_t len)
{
    ck_assert_ptr_eq(opaque, &written_n);
    written_n++;
    written_at = at;
    written_len = len;
}

START_TEST(watch_bytes)
{
    struct mem_region *root = mem_container_new("root", 0), *a = ram("a", 0x5000),
                      *b = ram("b", 0x1000);
    struct mem_space *s;
    uint64_t base = mem_ram_addr(a), v = 1, len = 0x1000;
    uint8_t buf[0x3000] = {0};

    mem_add(root, a, 0x40000, 0);
    mem_add(root, b, 0x50000, 0);
    s = mem_space_new("s", root);
    ck_assert_uint_eq(base & 0xfff, 0);
    ck_assert(mem_ram_addr(b) >> 12 > (base + 0x4fff) >> 12 || mem_ram_addr(b) >> 12 < base >> 12);
    mem_code_listener(code_written, &written_n);
    mem_watch_set(base + 0x1000, MEM_WATCH_CODE | MEM_WATCH_CLEAN, true);
    mem_watch_set(base + 0x2000, MEM_WATCH_CLEAN, true);
    mem_watch_set(base + 0x3000, MEM_WATCH_CLEAN, true);
    ck_assert_uint_eq(mem_watch_get(base + 0x1fff), 3);
    ck_assert_uint_eq(mem_watch_bytes()[(base + 0x1000) >> 12], 3);
    ck_assert_int_eq(mem_read(s, 0x40800, buf, 0x3000, cpu), MEM_OK);
    ck_assert_uint_eq(mem_watch_get(base + 0x1000), 3);
    ck_assert_int_eq(mem_write(s, 0x40800, buf, 0x1900, cpu), MEM_OK);
    ck_assert_uint_eq(mem_watch_get(base), 0);
    ck_assert_uint_eq(mem_watch_get(base + 0x1000), MEM_WATCH_CODE);
    ck_assert_uint_eq(mem_watch_get(base + 0x2000), 0);
    ck_assert_uint_eq(mem_watch_get(base + 0x3000), MEM_WATCH_CLEAN);
    ck_assert_uint_eq(written_n, 1);
    ck_assert_uint_eq(written_at, base + 0x1000);
    ck_assert_uint_eq(written_len, 0x1000);
    ck_assert_int_eq(vcpu_access(s, 0x41ffe, 2, true, &v), MEM_OK);
    ck_assert_uint_eq(written_at, base + 0x1ffe);
    ck_assert_uint_eq(written_len, 2);
    mem_watch_set(base + 0x1000, MEM_WATCH_CODE, false);
    mem_unmap(mem_map(s, 0x43000, &len, true, cpu), len, true);
    ck_assert_uint_eq(mem_watch_get(base + 0x3000), 0);
    ck_assert_uint_eq(written_n, 2);
    mem_code_listener(NULL, NULL);
    mem_remove(root, a);
    mem_remove(root, b);
    mem_region_free(a);
    mem_region_free(b);
    mem_space_free(s);
    mem_region_free(root);
}
END_TEST

START_TEST(backing)
{
    char path[] = "mem_test.XXXXXX";
    int fd = mkstemp(path);
    struct mem_backing shared = {.path = path, .shared = true}, private = {.path = path},
                       memfd = {.memfd = true, .prealloc = true},
                       missing = {.path = "no/such/file", .shared = true};
    struct mem_region *r;
    struct stat st;
    uint8_t b = 0;

    ck_assert_int_ge(fd, 0);
    ck_assert_ptr_null(mem_ram_new("ram", 0x3000, &private, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "shorter"));
    ck_assert_ptr_null(mem_ram_new("ram", 0x3000, &missing, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "no/such/file: No such file"));
    ck_assert_ptr_null(mem_ram_new("ram", 0, NULL, err, sizeof(err)));
    ck_assert_ptr_null(mem_ram_new("ram", 1ull << 60, NULL, err, sizeof(err)));
    r = mem_ram_new("ram", 0x3000, &shared, err, sizeof(err));
    ck_assert_msg(r != NULL, "%s", err);
    ((uint8_t *)mem_ram_host(r))[0x2fff] = 0x77;
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(st.st_size, 0x3000);
    ck_assert_int_eq(pread(fd, &b, 1, 0x2fff), 1);
    ck_assert_uint_eq(b, 0x77);
    mem_region_free(r);
    r = mem_ram_new("ram", 0x3000, &private, err, sizeof(err));
    ck_assert_msg(r != NULL, "%s", err);
    ck_assert_uint_eq(((uint8_t *)mem_ram_host(r))[0x2fff], 0x77);
    ((uint8_t *)mem_ram_host(r))[0x2fff] = 0x78;
    ck_assert_int_eq(pread(fd, &b, 1, 0x2fff), 1);
    ck_assert_uint_eq(b, 0x77);
    mem_region_free(r);
    r = mem_ram_new("ram", 0x1001, &memfd, err, sizeof(err));
    ck_assert_msg(r != NULL, "%s", err);
    ck_assert_int_ge(mem_ram_fd(r), 0);
    ((uint8_t *)mem_ram_host(r))[0x1000] = 9;
    ck_assert_int_eq(pread(mem_ram_fd(r), &b, 1, 0x1000), 1);
    ck_assert_uint_eq(b, 9);
    mem_region_free(r);
    close(fd);
    unlink(path);
}
END_TEST

static unsigned changes;
static void changed(void *opaque)
{
    ck_assert_ptr_eq(opaque, &changes);
    changes++;
}

static char text[4096];
static void add_line(void *to, const char *line)
{
    (void)to;
    strcat(strcat(text, line), "\n");
}

START_TEST(listeners_and_text)
{
    struct mem_region *root = mem_container_new("system", 0), *a = ram("ram", 0x1000),
                      *al = mem_alias_new("low", a, 0x800, 0x800);
    struct mem_space *s = mem_space_new("memory", root), *t;
    struct mem_region *bus = mem_alias_new("bus", root, 0, 0);

    t = mem_space_new("pci", bus); /* a second space that shows the first */
    mem_listen(s, changed, &changes);
    mem_listen(t, changed, &changes);
    mem_add(root, a, 0x1000, 0);
    ck_assert_uint_eq(changes, 2);
    mem_begin();
    mem_begin();
    mem_add(root, al, 0x8000, 5);
    mem_commit();
    ck_assert_uint_eq(changes, 2);
    mem_commit();
    ck_assert_uint_eq(changes, 4);
    mem_unlisten(t, changed, &changes);
    mem_enable(al, false);
    ck_assert_uint_eq(changes, 5);
    mem_print(s, add_line, NULL);
    ck_assert_str_eq(text, "address-space: memory\n"
                           "  0000000000000000-ffffffffffffffff (prio 0, container): system\n"
                           "    0000000000008000-00000000000087ff (prio 5, alias): low "
                           "@ram 0000000000000800-0000000000000fff [disabled]\n"
                           "    0000000000001000-0000000000001fff (prio 0, ram): ram\n"
                           "flat view of memory\n"
                           "  0000000000001000-0000000000001fff (ram): ram @0000000000000000\n");
    mem_remove(root, al);
    mem_remove(root, a);
    mem_region_free(al);
    mem_region_free(a);
    mem_space_free(t);
    mem_space_free(s);
    mem_region_free(bus);
    mem_region_free(root);
}
END_TEST

static bool held;
static unsigned takes;
static bool take(void *opaque)
{
    (void)opaque;
    if (held)
        return false;
    takes++;
    return held = true;
}
static void release(void *opaque)
{
    (void)opaque;
    ck_assert(held);
    held = false;
}

START_TEST(the_lock_is_taken_around_callbacks)
{
    static const struct mem_lock_port port = {take, release, NULL};
    struct recorder rec = {0};
    struct mem_ops ops = {.read = rec_read, .write = rec_write},
                   own = {.read = rec_read, .write = rec_write, .own_lock = true};
    struct mem_region *a = mem_mmio_new("a", 64, &ops, &rec),
                      *b = mem_mmio_new("b", 64, &own, &rec);
    struct mem_space *s = mem_space_new("s", a), *t = mem_space_new("t", b);
    uint64_t v = 0;

    mem_set_lock(&port);
    vcpu_access(s, 0, 8, true, &v);
    ck_assert_uint_eq(takes, 1);
    ck_assert(!held);
    held = true;
    vcpu_access(s, 0, 4, true, &v);
    ck_assert_uint_eq(takes, 1);
    ck_assert(held);
    held = false;
    vcpu_access(t, 0, 4, true, &v);
    ck_assert_uint_eq(takes, 1);
    mem_space_free(s);
    mem_space_free(t);
    mem_region_free(a);
    mem_region_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, priorities_aliases_and_enable);
    tcase_add_test(tc, ram_is_memory);
    tcase_add_loop_test(tc, access_rules, 0, ARRAY_LEN(rules));
    tcase_add_test(tc, refusals_end_an_access);
    tcase_add_test(tc, no_way_back_into_a_device);
    tcase_add_test(tc, dma_to_registers);
    tcase_add_test(tc, romd_has_two_modes);
    tcase_add_test(tc, watch_bytes);
    tcase_add_test(tc, backing);
    tcase_add_test(tc, listeners_and_text);
    tcase_add_test(tc, the_lock_is_taken_around_callbacks);
}

UNIT_MAIN("mem", fill)
