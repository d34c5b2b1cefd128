// SPDX-License-Identifier: MIT
/* tests/machines/flash_test.c -- flash banks on a disk that fails: what was not written is written with the next
 * change or at the end, and what never can be is told by the exit status. */
#include "host/block/memdisk.h"
#include "machines/flash.c"
#include "tests/unit.h"

#include <errno.h>

enum { SIZE = 65536, UNIT = 512 };

static struct memdisk *disk;
static struct machine *m;
static struct machine_flash *f;
static uint8_t content[SIZE];

static void setup(void)
{
    memset(content, 0, sizeof(content));
    disk = memdisk_new(SIZE, UNIT, false);
    m = calloc(1, sizeof(*m));
    f = calloc(1, sizeof(*f));
    ck_assert(disk && m && f);
    f->port = memdisk_port(disk);
    f->file = "flash";
    f->content = content;
    f->copy = malloc(PIECE);
    m->flash[1] = f;
}

static void teardown(void)
{
    memdisk_free(disk);
    free(m);
}

static void set(uint64_t at, uint8_t value)
{
    content[at] = value;
    changed(f, at, &content[at], 1);
    while (memdisk_run_all(disk))
        ;
}

START_TEST(with_the_next_change)
{
    set(5000, 1);
    ck_assert_uint_eq(memdisk_bytes(disk)[5000], 1);
    memdisk_fail(disk, 9 * UNIT, -EIO, 1);
    set(5001, 2);
    ck_assert_uint_eq(memdisk_bytes(disk)[5001], 0);
    set(40000, 3);
    ck_assert_int_eq(memcmp(memdisk_bytes(disk), content, SIZE), 0);
    machine_flash_close(m);
    ck_assert_int_eq(m->status, 0);
    ck_assert_ptr_null(m->flash[1]);
}
END_TEST

START_TEST(at_the_end)
{
    memdisk_fail(disk, 9 * UNIT, -EIO, 1);
    set(5000, 1);
    ck_assert_uint_eq(memdisk_bytes(disk)[5000], 0);
    machine_flash_close(m);
    ck_assert_int_eq(m->status, 0);
    ck_assert_int_eq(memcmp(memdisk_bytes(disk), content, SIZE), 0);
}
END_TEST

START_TEST(never)
{
    memdisk_fail(disk, 9 * UNIT, -EIO, -1);
    set(5000, 1);
    set(40000, 3);
    machine_flash_close(m);
    ck_assert_int_eq(m->status, 1);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, with_the_next_change);
    tcase_add_test(tc, at_the_end);
    tcase_add_test(tc, never);
}

UNIT_MAIN("flash images", fill)
