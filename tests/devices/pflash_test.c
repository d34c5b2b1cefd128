// SPDX-License-Identifier: MIT
/* tests/devices/pflash_test.c -- Intel's command set on two x16 chips, as firmware drives them. */
#include "devices/block/pflash.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <string.h>

#define BLOCK   0x10000u
#define BOTH(c) ((uint32_t)(c) | (uint32_t)(c) << 16)

static struct bench *b;
static uint8_t *mem;
static unsigned changes;
static uint64_t changed_at;
static size_t changed_len;

static void changed(void *to, uint64_t offset, const void *data, size_t n)
{
    ck_assert_ptr_eq(to, &changes);
    ck_assert_ptr_eq(data, mem + offset);
    changes++;
    changed_at = offset;
    changed_len = n;
}

static void on(const char *more)
{
    static const struct flash_port port = {changed, &changes};
    const char *props[] = {"size=256K", "sector-length=64K", more, NULL};

    b = bench_new("cfi.pflash01", props);
    mem = pflash_content(b->dev);
    for (unsigned i = 0; i < 4 * BLOCK; i++)
        mem[i] = (uint8_t)i;
    pflash_join(b->dev, &port);
    changes = 0;
}

START_TEST(array_and_answers)
{
    on(NULL);
    ck_assert_uint_eq(bench_r32(b, 0x10), 0x13121110);
    bench_w32(b, 0, BOTH(0x70));
    ck_assert_uint_eq(bench_r32(b, 0x10), BOTH(0x80));
    ck_assert_uint_eq(bench_read(b, 0x12, 1), 0x80);
    ck_assert_uint_eq(bench_read(b, 0x10, 8), 0x0080008000800080);
    bench_w32(b, BLOCK, BOTH(0x90));
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0x89));
    ck_assert_uint_eq(bench_r32(b, BLOCK + 4), BOTH(0x18));
    ck_assert_uint_eq(bench_r32(b, BLOCK + 8), 0); /* not locked */
    bench_w32(b, 0x55 * 4, BOTH(0x98));
    ck_assert_uint_eq(bench_r32(b, 0x10 * 4), BOTH('Q'));
    ck_assert_uint_eq(bench_r32(b, 0x11 * 4), BOTH('R'));
    ck_assert_uint_eq(bench_r32(b, 0x12 * 4), BOTH('Y'));
    ck_assert_uint_eq(bench_r32(b, 0x13 * 4), BOTH(1));
    ck_assert_uint_eq(bench_r32(b, 0x27 * 4), BOTH(17)); /* 128 KiB each */
    ck_assert_uint_eq(bench_r32(b, 0x2d * 4), BOTH(3));  /* 4 blocks */
    ck_assert_uint_eq(bench_r32(b, 0x30 * 4), BOTH(0));
    ck_assert_uint_eq(bench_r32(b, 0x2f * 4), BOTH(0x80)); /* of 32 KiB */
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, 0x10), 0x13121110);
    bench_w32(b, 0, 0xab); /* no command */
    ck_assert_uint_eq(bench_r32(b, 0x10), 0x13121110);
    ck_assert_uint_eq(changes, 0);
    bench_free(b);
}
END_TEST

START_TEST(size_of_virt)
{
    const char *props[] = {"size=64M", "sector-length=256K", NULL};

    b = bench_new("cfi.pflash01", props);
    bench_w32(b, 0, BOTH(0x98));
    ck_assert_uint_eq(bench_r32(b, 0x27 * 4), BOTH(25));
    ck_assert_uint_eq(bench_r32(b, 0x2d * 4), BOTH(255));
    ck_assert_uint_eq(bench_r32(b, 0x2e * 4), 0);
    ck_assert_uint_eq(bench_r32(b, 0x30 * 4), BOTH(2)); /* 128 KiB: 0x200 * 256 */
    ck_assert_uint_eq(bench_r32(b, 0x2f * 4), 0);
    bench_free(b);
}
END_TEST

START_TEST(program_clears_and_erase_sets)
{
    on(NULL);
    bench_w32(b, 0x104, BOTH(0x40));
    bench_w32(b, 0x104, 0xf0f0ffff);
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0x80));
    ck_assert_uint_eq(changes, 1);
    ck_assert_uint_eq(changed_at, 0x104);
    ck_assert_uint_eq(changed_len, 4);
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, 0x104), 0x00000504);
    bench_w32(b, BLOCK + 8, BOTH(0x20));
    bench_w32(b, BLOCK + 8, BOTH(0xd0));
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0x80));
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, BLOCK), 0xffffffff);
    ck_assert_uint_eq(bench_r32(b, 2 * BLOCK - 4), 0xffffffff);
    ck_assert_uint_eq(bench_r32(b, 2 * BLOCK), 0x03020100);
    ck_assert_uint_eq(bench_r32(b, BLOCK - 4), 0xfffefdfc);
    ck_assert_uint_eq(changed_len, BLOCK);
    bench_w32(b, BLOCK, BOTH(0x20)); /* not confirmed */
    bench_w32(b, BLOCK, BOTH(0x40));
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0xb0));
    bench_w32(b, 0, BOTH(0x50));
    bench_w32(b, 0, BOTH(0x70));
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0x80));
    bench_write(b, BLOCK + 2, 2, 0x40); /* half a word */
    bench_write(b, BLOCK + 2, 2, 0x1234);
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, BLOCK), 0x1234ffff);
    bench_free(b);
}
END_TEST

START_TEST(buffered)
{
    on(NULL);
    memset(mem + BLOCK, 0xff, BLOCK);
    bench_w32(b, BLOCK + 0x100, BOTH(0xe8));
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0x80)); /* a buffer is free */
    bench_w32(b, BLOCK + 0x100, BOTH(2));
    for (unsigned i = 0; i < 3; i++)
        bench_w32(b, BLOCK + 0x100 + 4 * i, 0x01010101 * (i + 1));
    ck_assert_uint_eq(changes, 0);
    bench_w32(b, BLOCK, BOTH(0xd0));
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0x80));
    ck_assert_uint_eq(changes, 1);
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, BLOCK + 0x100), 0x01010101);
    ck_assert_uint_eq(bench_r32(b, BLOCK + 0x108), 0x03030303);
    ck_assert_uint_eq(bench_r32(b, BLOCK + 0x10c), 0xffffffff);
    bench_w32(b, BLOCK, BOTH(0xe8)); /* not confirmed: nothing happens */
    bench_w32(b, BLOCK, BOTH(0));
    bench_w32(b, BLOCK, 0);
    bench_w32(b, BLOCK, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0xb0));
    bench_w32(b, BLOCK, BOTH(0x50));
    bench_w32(b, BLOCK, BOTH(0xe8)); /* out of its row */
    bench_w32(b, BLOCK, BOTH(1));
    bench_w32(b, BLOCK, 0);
    bench_w32(b, 0, 0);
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0xb0));
    bench_w32(b, BLOCK, BOTH(0x50));
    bench_w32(b, BLOCK, BOTH(0xe8)); /* longer than the buffer */
    bench_w32(b, BLOCK, BOTH(1024));
    ck_assert_uint_eq(bench_r32(b, BLOCK), BOTH(0xb0));
    bench_w32(b, BLOCK, BOTH(0x50));
    ck_assert_uint_eq(bench_r32(b, BLOCK), 0xffffffff);
    ck_assert_uint_eq(changes, 1);
    bench_free(b);
}
END_TEST

START_TEST(locks_and_read_only)
{
    on(NULL);
    bench_w32(b, BLOCK, BOTH(0x60));
    bench_w32(b, BLOCK, BOTH(0x01));
    bench_w32(b, BLOCK, BOTH(0x90));
    ck_assert_uint_eq(bench_r32(b, BLOCK + 8), BOTH(1));
    ck_assert_uint_eq(bench_r32(b, 8), 0);
    bench_w32(b, BLOCK, BOTH(0x20));
    bench_w32(b, BLOCK, BOTH(0xd0));
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0xa2));
    ck_assert_uint_eq(changes, 0);
    bench_w32(b, BLOCK, BOTH(0x50));
    bench_w32(b, BLOCK, BOTH(0x60));
    bench_w32(b, BLOCK, BOTH(0xd0));
    bench_w32(b, BLOCK, BOTH(0x20));
    bench_w32(b, BLOCK, BOTH(0xd0));
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0x80));
    ck_assert_uint_eq(changes, 1);
    bench_free(b);
    on("readonly=on");
    bench_w32(b, 0, BOTH(0x40));
    bench_w32(b, 0, 0);
    ck_assert_uint_eq(bench_r32(b, 0), BOTH(0x92));
    bench_w32(b, 0, BOTH(0xff));
    ck_assert_uint_eq(bench_r32(b, 0), 0x03020100);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, array_and_answers);
    tcase_add_test(tc, size_of_virt);
    tcase_add_test(tc, program_clears_and_erase_sets);
    tcase_add_test(tc, buffered);
    tcase_add_test(tc, locks_and_read_only);
}

UNIT_MAIN("pflash", fill)
