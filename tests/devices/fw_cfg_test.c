// SPDX-License-Identifier: MIT
/* tests/devices/fw_cfg_test.c -- firmware configuration by register and by DMA. */
#include "devices/misc/fw_cfg.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

static struct bench *b;

/* Registers are big-endian, the bench speaks as a little-endian processor. */
static void select_key(uint16_t key)
{
    bench_write(b, 8, 2, __builtin_bswap16(key));
}

static uint32_t dma(uint32_t control, uint32_t len, uint64_t addr)
{
    uint32_t c = __builtin_bswap32(control), l = __builtin_bswap32(len), answer;
    uint64_t a = __builtin_bswap64(addr);

    memcpy(b->mem + 0x100, &c, 4);
    memcpy(b->mem + 0x104, &l, 4);
    memcpy(b->mem + 0x108, &a, 8);
    bench_write(b, 16, 8, __builtin_bswap64(BENCH_RAM + 0x100));
    memcpy(&answer, b->mem + 0x100, 4);
    return __builtin_bswap32(answer);
}

START_TEST(items_by_register)
{
    b = bench_new("fw_cfg_mem", NULL);
    fw_cfg_add_u16(b->dev, FW_CFG_NB_CPUS, 0x1234);
    fw_cfg_add_u64(b->dev, FW_CFG_RAM_SIZE, 0x1122334455667788);
    select_key(FW_CFG_SIGNATURE);
    ck_assert_uint_eq(bench_read(b, 0, 1), 'Q');
    ck_assert_uint_eq(bench_read(b, 0, 1), 'E');
    ck_assert_uint_eq(bench_read(b, 0, 1), 'M');
    ck_assert_uint_eq(bench_read(b, 0, 1), 'U');
    ck_assert_uint_eq(bench_read(b, 0, 1), 0);
    select_key(FW_CFG_SIGNATURE);
    ck_assert_uint_eq(bench_read(b, 0, 4), 'Q' | 'E' << 8 | 'M' << 16 | 'U' << 24);
    select_key(FW_CFG_RAM_SIZE);
    ck_assert_uint_eq(bench_read(b, 0, 8), 0x1122334455667788);
    select_key(FW_CFG_ID);
    ck_assert_uint_eq(bench_read(b, 0, 8), 3);
    select_key(FW_CFG_NB_CPUS);
    ck_assert_uint_eq(bench_read(b, 0, 2), 0x1234);
    select_key(0x3fff);
    ck_assert_uint_eq(bench_read(b, 0, 8), 0);
    select_key(0xffff);
    ck_assert_uint_eq(bench_read(b, 0, 8), 0);
    ck_assert_uint_eq(bench_read(b, 16, 8), 0x47464320554d4551); /* "QEMU CFG" as bytes */
    bench_free(b);
}
END_TEST

START_TEST(directory)
{
    uint8_t dir[4 + 2 * 64];

    b = bench_new("fw_cfg_mem", NULL);
    ck_assert_int_eq(fw_cfg_add_file(b->dev, "etc/b", "hello", 5), 0);
    ck_assert_int_eq(fw_cfg_add_file(b->dev, "etc/a", "wide world", 10), 0);
    ck_assert_int_eq(fw_cfg_add_file(b->dev, "etc/a", "", 0), -EEXIST);
    ck_assert_int_eq(
        fw_cfg_add_file(b->dev, "01234567890123456789012345678901234567890123456789012345", "", 0),
        -ENAMETOOLONG);
    ck_assert_uint_eq(dma(8 | 2 | FW_CFG_FILE_DIR << 16, sizeof(dir), BENCH_RAM + 0x1000), 0);
    memcpy(dir, b->mem + 0x1000, sizeof(dir));
    ck_assert_int_eq(memcmp(dir, "\0\0\0\2\0\0\0\12\0\x20\0\0etc/a\0", 18), 0);
    ck_assert_int_eq(memcmp(dir + 68, "\0\0\0\5\0\x21\0\0etc/b\0", 14), 0);
    select_key(0x21);
    ck_assert_uint_eq(bench_read(b, 0, 1), 'h');
    ck_assert_int_eq(fw_cfg_change(b->dev, "etc/a", "x", 1), 0);
    ck_assert_int_eq(fw_cfg_change(b->dev, "etc/c", "x", 1), -ENOENT);
    select_key(FW_CFG_FILE_DIR);
    ck_assert_uint_eq(bench_read(b, 0, 8), 0x0100000002000000);
    bench_free(b);
}
END_TEST

static unsigned hits;
static uint32_t wrote_at, wrote_len;
static void on_select(void *opaque)
{
    ck_assert_ptr_eq(opaque, &hits);
    hits++;
}
static void on_write(void *opaque, uint32_t offset, uint32_t len, const void *data)
{
    ck_assert_ptr_eq(opaque, &hits);
    ck_assert_int_eq(memcmp((const char *)data + offset, "DATA", 4), 0);
    wrote_at = offset;
    wrote_len = len;
}

START_TEST(dma_commands)
{
    static const struct fw_cfg_hooks h = {on_select, on_write, &hits};
    uint64_t own = BENCH_MMIO(0);

    b = bench_new("fw_cfg_mem", NULL);
    ck_assert_int_eq(fw_cfg_add_file_hooks(b->dev, "etc/w", "0123456789", 10, &h), 0);
    ck_assert_int_eq(fw_cfg_add_file(b->dev, "etc/z", "abc", 3), 0);
    memset(b->mem + 0x1000, 0x55, 32);
    ck_assert_uint_eq(dma(8 | 2 | 0x21 << 16, 6, BENCH_RAM + 0x1000), 0);
    ck_assert_int_eq(memcmp(b->mem + 0x1000, "abc\0\0\0\x55", 7), 0); /* zeros after the end */
    ck_assert_uint_eq(hits, 0);
    ck_assert_uint_eq(dma(8 | 4 | 0x20 << 16, 4, 0), 0); /* select, skip four */
    ck_assert_uint_eq(hits, 1);
    ck_assert_uint_eq(dma(2, 2, BENCH_RAM + 0x1000), 0);
    ck_assert_int_eq(memcmp(b->mem + 0x1000, "45", 2), 0);
    memcpy(b->mem + 0x2000, "DATA", 4);
    ck_assert_uint_eq(dma(16, 4, BENCH_RAM + 0x2000), 0);
    ck_assert_uint_eq(wrote_at, 6);
    ck_assert_uint_eq(wrote_len, 4);
    ck_assert_uint_eq(dma(16, 1, BENCH_RAM + 0x2000), 1);                   /* at its end */
    ck_assert_uint_eq(dma(8 | 16 | 0x20 << 16, 11, BENCH_RAM + 0x2000), 1); /* longer than it */
    ck_assert_uint_eq(dma(8 | 16 | 0x21 << 16, 1, BENCH_RAM + 0x2000), 1);  /* not for writing */
    ck_assert_uint_eq(dma(8 | 2 | 0x20 << 16, 10, BENCH_RAM + 0x1000), 0);
    ck_assert_int_eq(memcmp(b->mem + 0x1000, "012345DATA", 10), 0);
    ck_assert_uint_eq(dma(8 | 2 | 0x20 << 16, 10, 0), 1);   /* nothing there */
    ck_assert_uint_eq(dma(8 | 2 | 0x20 << 16, 10, own), 1); /* nor into itself */
    ck_assert_uint_eq(dma(8 | 2 | 0x20 << 16, 10, ~0ull - 4), 1);
    bench_write(b, 16, 8, __builtin_bswap64(0x10)); /* a command block that is not there */
    bench_write(b, 16, 8, __builtin_bswap64(own));
    /* Two halves: the low one starts. */
    memcpy(b->mem + 0x100, "\0\x21\0\x0a\0\0\0\3\0\0\0\0\x40\0\x10\0", 16);
    bench_w32(b, 16, 0);
    ck_assert_uint_eq(b->mem[0x103], 0x0a);
    bench_w32(b, 20, __builtin_bswap32(BENCH_RAM + 0x100));
    ck_assert_uint_eq(b->mem[0x103], 0);
    ck_assert_int_eq(memcmp(b->mem + 0x1000, "abc", 3), 0);
    bench_free(b);
}
END_TEST

START_TEST(what_was_written_is_saved)
{
    static const struct fw_cfg_hooks h = {NULL, on_write, &hits};
    struct bench *c;
    uint8_t *s;
    size_t n;

    b = bench_new("fw_cfg_mem", NULL);
    c = bench_new("fw_cfg_mem", NULL);
    fw_cfg_add_file_hooks(b->dev, "etc/w", "0123", 4, &h);
    fw_cfg_add_file_hooks(c->dev, "etc/w", "0123", 4, &h);
    memcpy(b->mem + 0x2000, "DATA", 4);
    ck_assert_uint_eq(dma(8 | 16 | 0x20 << 16, 4, BENCH_RAM + 0x2000), 0);
    s = bench_save(b, &n);
    wrote_len = 0;
    ck_assert_int_eq(bench_load(c, s, n), 0);
    ck_assert_uint_eq(wrote_len, 4);
    fw_cfg_change(b->dev, "etc/w", "012345", 6); /* another size there: refused */
    ck_assert_int_lt(bench_load(b, s, n), 0);
    free(s);
    bench_free(c);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, items_by_register);
    tcase_add_test(tc, directory);
    tcase_add_test(tc, dma_commands);
    tcase_add_test(tc, what_was_written_is_saved);
}

UNIT_MAIN("fw_cfg", fill)
