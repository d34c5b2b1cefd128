// SPDX-License-Identifier: MIT
/* tests/devices/serial_test.c -- the virtio console device: one port for old drivers, several by
 * the control queue, bytes both ways. */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

enum { RX, TX, CTRL_RX, CTRL_TX, RX1, TX1 };
enum { READY, ADD, REMOVE, PORT_READY, CONSOLE, RESIZE, OPEN, NAME };
#define MULTIPORT VIRTIO_F(1)
#define OUT_AT    VDRV_BUF
#define IN_AT     (VDRV_BUF + 0x10000)
#define MSG_AT    (VDRV_BUF + 0x20000)

static struct bench *b;
static struct vdrv d;

static void tell(uint32_t port, unsigned event, unsigned value)
{
    uint8_t *m = vdrv_mem(&d, OUT_AT);

    virtio_put(m, port, 4);
    virtio_put(m + 4, event, 2);
    virtio_put(m + 6, value, 2);
    vdrv_do(&d, CTRL_TX, &(struct vdrv_buf){OUT_AT, 8}, 1, 0);
}

/* The next message: its event, port checked; -1: none. The buffer is given back. */
static int told(uint32_t port)
{
    uint32_t len;
    int id = vdrv_used(&d, CTRL_RX, &len), event;
    uint8_t *m;

    if (id < 0)
        return -1;
    m = vdrv_mem(&d, virtio_get(vdrv_mem(&d, d.q[CTRL_RX].desc + 16ull * (unsigned)id), 8));
    ck_assert_uint_ge(len, 8);
    ck_assert_uint_eq(virtio_get(m, 4), port);
    event = (int)virtio_get(m + 4, 2);
    if (event == NAME)
        ck_assert_int_eq(memcmp(m + 8, "org.moa", len - 8), 0);
    return event;
}

static void messages(unsigned n)
{
    static unsigned next;

    for (; n; n--, next++)
        ck_assert_int_ge(
            vdrv_add(&d, CTRL_RX, &(struct vdrv_buf){MSG_AT + next % 64 * 64, 64}, 0, 1), 0);
    vdrv_kick(&d, CTRL_RX);
}

START_TEST(one_port)
{
    uint32_t len;

    b = bench_new("virtconsole", NULL);
    ck_assert_uint_eq(vdrv_config(&(struct vdrv){.b = b}, 4, 4), 31);
    bench_w32(b, 0x108, '!'); /* emergency, before anything is set up */
    ck_assert_uint_eq(b->nsent, 1);
    vdrv_start(&d, b, 0, 2);
    memcpy(vdrv_mem(&d, OUT_AT), "hello world", 11);
    ck_assert_uint_eq(vdrv_do(&d, TX, (struct vdrv_buf[]){{OUT_AT, 5}, {OUT_AT + 5, 6}}, 2, 0), 0);
    ck_assert_int_eq(memcmp(b->sent, "!hello world", 12), 0);
    ck_assert_uint_eq(bench_give(b, "abc", 3), 0);
    vdrv_add(&d, RX, &(struct vdrv_buf){IN_AT, 2}, 0, 1);
    vdrv_kick(&d, RX);
    ck_assert_uint_eq(b->accepts, 1);
    ck_assert_uint_eq(bench_give(b, "abc", 3), 2);
    ck_assert_int_ge(vdrv_used(&d, RX, &len), 0);
    ck_assert_uint_eq(len, 2);
    ck_assert_int_eq(memcmp(vdrv_mem(&d, IN_AT), "ab", 2), 0);
    ck_assert_uint_eq(bench_give(b, "c", 1), 0);
    bench_free(b);
}
END_TEST

START_TEST(waits_for_the_other_side)
{
    struct bench *a;
    uint32_t len;
    uint8_t *s;
    size_t n;

    b = bench_new("virtconsole", NULL);
    vdrv_start(&d, b, 0, 2);
    memcpy(vdrv_mem(&d, OUT_AT), "0123456789", 10);
    b->room = 4;
    vdrv_add(&d, TX, &(struct vdrv_buf){OUT_AT, 10}, 1, 0);
    vdrv_kick(&d, TX);
    ck_assert_int_lt(vdrv_used(&d, TX, &len), 0);
    s = bench_save(b, &n); /* in the middle of it */
    a = b;
    b = bench_new("virtconsole", NULL);
    memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
    ck_assert_int_eq(bench_load(b, s, n), 0);
    d.b = b;
    bench_advance(b, 1000);
    ck_assert_uint_eq(b->nsent, 6);
    ck_assert_int_eq(memcmp(b->sent, "456789", 6), 0);
    ck_assert_int_ge(vdrv_used(&d, TX, &len), 0);
    a->room = 100;
    a->in.room(a->in.dev);
    ck_assert_int_eq(memcmp(a->sent, "0123456789", 10), 0);
    ck_assert_uint_eq(a->nsent, 10);
    free(s);
    bench_free(a);
    bench_free(b);
}
END_TEST

START_TEST(several_ports)
{
    uint32_t len;

    b = bench_new("virtserialport", NULL);
    vdrv_start(&d, b, MULTIPORT, 6);
    messages(2);
    ck_assert_int_eq(told(1), -1); /* not before the driver is ready */
    tell(0xffffffff, READY, 1);
    ck_assert_int_eq(told(1), ADD);
    tell(1, PORT_READY, 1);
    ck_assert_int_eq(told(1), NAME); /* and there was no buffer for more */
    ck_assert_int_eq(told(1), -1);
    messages(2);
    ck_assert_int_eq(told(1), OPEN);
    ck_assert_int_eq(told(1), -1);
    vdrv_add(&d, RX1, &(struct vdrv_buf){IN_AT, 64}, 0, 1);
    vdrv_kick(&d, RX1);
    ck_assert_uint_eq(bench_give(b, "abc", 3), 0); /* nobody has opened it */
    tell(1, OPEN, 1);
    ck_assert_uint_eq(b->accepts, 1);
    ck_assert_uint_eq(bench_give(b, "abc", 3), 3);
    ck_assert_int_ge(vdrv_used(&d, RX1, &len), 0);
    ck_assert_uint_eq(len, 3);
    memcpy(vdrv_mem(&d, OUT_AT), "xyz", 3);
    vdrv_do(&d, TX1, &(struct vdrv_buf){OUT_AT, 3}, 1, 0);
    ck_assert_int_eq(memcmp(b->sent, "xyz", 3), 0);
    vdrv_do(&d, TX, &(struct vdrv_buf){OUT_AT, 3}, 1, 0); /* port 0 is not there */
    ck_assert_uint_eq(b->nsent, 3);
    tell(7, PORT_READY, 1); /* nor these */
    tell(0xfffffff0, OPEN, 1);
    tell(1, 99, 1);
    ck_assert_int_eq(told(1), -1);
    for (unsigned i = 0; i < 100; i++) /* asked without end, told once */
        tell(0xffffffff, READY, 1);
    messages(4);
    ck_assert_int_eq(told(1), ADD);
    bench_free(b);
    b = bench_new("virtconsole", NULL);
    vdrv_start(&d, b, MULTIPORT, 6);
    messages(8);
    tell(0xffffffff, READY, 1);
    ck_assert_int_eq(told(0), ADD);
    tell(0, PORT_READY, 1);
    ck_assert_int_eq(told(0), CONSOLE);
    bench_free(b);
}
END_TEST

START_TEST(places_of_ports)
{
    const struct dev_class *console = dev_class_by_name("virtconsole"),
                           *port = dev_class_by_name("virtserialport");
    static const struct {
        bool console;
        const char *nr;
        int e;
    } all[] = {{false, NULL, 0},
               {true, NULL, 0},
               {true, "1", -EBUSY},
               {true, "2", 0},
               {false, NULL, -EBUSY}};
    char err[160];

    b = bench_new("virtio-serial-device", (const char *[]){"max_ports=3", NULL});
    for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
        struct device *p = dev_new(all[i].console ? console : port, NULL, b->fn);

        if (all[i].nr)
            ck_assert_int_eq(dev_set(p, "nr", all[i].nr, err, sizeof(err)), 0);
        ck_assert_int_eq(dev_realize(p, NULL, NULL, err, sizeof(err)), all[i].e);
    }
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, one_port);
    tcase_add_test(tc, waits_for_the_other_side);
    tcase_add_test(tc, several_ports);
    tcase_add_test(tc, places_of_ports);
}

UNIT_MAIN("virtio-serial", fill)
