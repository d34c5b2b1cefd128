// SPDX-License-Identifier: MIT
/* tests/host/block/memdisk_test.c -- the disk in memory and the refusals of ports/block.h. */
#include "host/block/memdisk.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

static unsigned ndone;

static void done(struct block_req *req)
{
    (void)req;
    ndone++;
}

static int run(struct memdisk *d, enum block_op op, uint64_t off, uint64_t bytes, void *buf,
               uint32_t flags)
{
    struct iovec v = {buf, bytes};
    struct block_req r = {.op = op,
                          .offset = off,
                          .bytes = bytes,
                          .iov = &v,
                          .niov = 1,
                          .flags = flags,
                          .done = done,
                          .result = 99};

    block_submit(memdisk_port(d), &r);
    ck_assert_int_eq(r.result, 99);
    ck_assert_uint_eq(memdisk_run_all(d), 1);
    return r.result;
}

START_TEST(refusals)
{
    static uint8_t buf[8192];
    struct memdisk *d = memdisk_new(65536, 4096, false), *ro = memdisk_new(65536, 512, true);
    struct iovec bad[2] = {{buf, SIZE_MAX}, {buf, 4097}};
    struct block_req r = {.bytes = 4096, .iov = bad, .niov = 2, .done = done};

    ck_assert_int_eq(run(d, BLOCK_READ, 0, 4096, buf, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_READ, 61440, 4096, buf, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_READ, 61440, 8192, buf, 0), -EINVAL);
    ck_assert_int_eq(run(d, BLOCK_READ, 65536, 0, buf, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_READ, 512, 4096, buf, 0), -EINVAL);
    ck_assert_int_eq(run(d, BLOCK_READ, 0, 512, buf, 0), -EINVAL);
    ck_assert_int_eq(run(d, BLOCK_DISCARD, -4096ull, 8192, NULL, 0), -EINVAL);
    ck_assert_int_eq(run(d, (enum block_op)77, 0, 4096, buf, 0), -ENOTSUP);
    block_submit(memdisk_port(d), &r);
    block_drain(memdisk_port(d));
    ck_assert_int_eq(r.result, -EINVAL);
    ck_assert_int_eq(run(ro, BLOCK_READ, 512, 512, buf, 0), 0);
    ck_assert_int_eq(run(ro, BLOCK_WRITE, 0, 512, buf, 0), -EROFS);
    ck_assert_int_eq(run(ro, BLOCK_WRITE_ZEROES, 0, 512, NULL, 0), -EROFS);
    ck_assert_int_eq(run(ro, BLOCK_FLUSH, 0, 0, NULL, 0), 0);
    memdisk_free(d);
    memdisk_free(ro);
}
END_TEST

START_TEST(power_loss_keeps_what_was_flushed)
{
    uint8_t a[512], b[512];
    struct memdisk *d = memdisk_new(4096, 512, false);

    memset(a, 1, sizeof(a));
    memset(b, 2, sizeof(b));
    ck_assert_int_eq(run(d, BLOCK_WRITE, 0, 512, a, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_FLUSH, 0, 0, NULL, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_WRITE, 0, 512, b, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_WRITE, 512, 512, b, BLOCK_FUA), 0);
    ck_assert_uint_eq(memdisk_bytes(d)[0], 2);
    memdisk_power_loss(d);
    ck_assert_uint_eq(memdisk_bytes(d)[0], 1);
    ck_assert_uint_eq(memdisk_bytes(d)[1023], 2);
    memdisk_free(d);
}
END_TEST

START_TEST(order_and_failures)
{
    uint8_t a[512] = {1}, b[512] = {2};
    struct iovec va = {a, 512}, vb = {b, 512};
    struct block_req ra = {.op = BLOCK_WRITE, .bytes = 512, .iov = &va, .niov = 1, .done = done};
    struct block_req rb = {.op = BLOCK_WRITE, .bytes = 512, .iov = &vb, .niov = 1, .done = done};
    struct memdisk *d = memdisk_new(4096, 512, false);

    block_submit(memdisk_port(d), &ra);
    block_submit(memdisk_port(d), &rb);
    ck_assert_uint_eq(memdisk_in_flight(d), 2);
    ck_assert_uint_eq(memdisk_run_newest(d), 1);
    ck_assert_uint_eq(memdisk_bytes(d)[0], 2);
    ck_assert_uint_eq(memdisk_run_one(d), 1);
    ck_assert_uint_eq(memdisk_bytes(d)[0], 1);
    ck_assert_uint_eq(memdisk_run_one(d), 0);
    memdisk_fail(d, 513, -EIO, 1);
    ck_assert_int_eq(run(d, BLOCK_READ, 0, 512, a, 0), 0);
    ck_assert_int_eq(run(d, BLOCK_READ, 512, 512, a, 0), -EIO);
    ck_assert_int_eq(run(d, BLOCK_READ, 512, 512, a, 0), 0);
    memdisk_fail(d, UINT64_MAX, -ENOSPC, -1);
    ck_assert_int_eq(run(d, BLOCK_FLUSH, 0, 0, NULL, 0), -ENOSPC);
    memdisk_free(d);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, power_loss_keeps_what_was_flushed);
    tcase_add_test(tc, order_and_failures);
}

UNIT_MAIN("memdisk", fill)
