// SPDX-License-Identifier: MIT
/* tests/host/net/user_test.c -- the user-mode network: who answers in it, options, frames that
 * wait. */
#include "host/net/net.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

static unsigned depth, locks;
static void lock(void *opaque)
{
    (void)opaque;
    ck_assert_uint_eq(depth++, 0);
    locks++;
}
static void unlock(void *opaque)
{
    (void)opaque;
    depth--;
}
static const struct host_lock the_lock = {lock, unlock, NULL};

static uint8_t got[2000];
static size_t got_len;
static unsigned ngot;
static bool full;
static bool take(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o)
{
    ck_assert_ptr_eq(dev, &ngot);
    ck_assert_ptr_null(o);
    if (full)
        return false;
    ck_assert_uint_le(len, sizeof(got));
    memcpy(got, frame, len);
    got_len = len;
    ngot++;
    return true;
}

/* Who has 10.0.2.last? */
static const uint8_t arp[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,  1, 8, 6,
                                0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0,  0, 0, 1,
                                10,   0,    2,    15,   0,    0,    0, 0, 0, 0, 10, 0, 2, 2};

static void ask(struct host_net *n)
{
    uint8_t copy[42];
    struct iovec iov[2] = {{copy, 20}, {copy + 20, 22}};

    memcpy(copy, arp, 42);
    ck_assert(host_net_out(n)->send(host_net_out(n)->to, iov, 2, 42, NULL));
}

START_TEST(the_gateway_answers)
{
    char err[200];
    struct host_net *n = host_net_new("user,restrict=on", &the_lock, err, sizeof(err));

    ck_assert_msg(n != NULL, "%s", err);
    host_net_connect(n, &(struct packet_in){.dev = &ngot, .take = take});
    ask(n);
    ck_assert_uint_eq(ngot, 1);
    ck_assert_uint_ge(got_len, 42);
    ck_assert_int_eq(memcmp(got + 12, "\x08\x06", 2), 0);
    ck_assert_uint_eq(got[21], 2); /* a reply */
    ck_assert_int_eq(memcmp(got + 28, "\x0a\0\2\2", 4), 0);
    full = true;
    for (unsigned i = 0; i < 300; i++) /* 256 wait, the others are lost */
        ask(n);
    full = false;
    host_net_out(n)->accept(host_net_out(n)->to);
    ck_assert_uint_eq(ngot, 257);
    ask(n);
    ck_assert_uint_eq(ngot, 258);
    while (g_main_context_iteration(NULL, FALSE)) /* what it wants of the loop, under the lock */
        if (locks > 10)
            break;
    ck_assert_uint_gt(locks, 0);
    ck_assert_uint_eq(depth, 0);
    host_net_free(n);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"token-ring", "token-ring: this network is not there (known: user tap socket stream dgram)"},
    {"user,dnssearch", "dnssearch: not understood"},
    {"user,ipv6=maybe", "ipv6=maybe: not understood"},
    {"user,nothing=1", "nothing=1: not understood"},
    {"user,net", "net: not understood"},
    {"user,net=10.0.0.0/99", "net=10.0.0.0: not understood"},
    {"user,dns=x", "dns=x: not understood"},
    {"user,restrict=maybe", "restrict=maybe: not understood"},
    {"user,hostfwd=tcp:1-2", "hostfwd=tcp:1-2: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT"},
    {"user,hostfwd=tcp::0-:80", "hostfwd=tcp::0-:80: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT"},
    {"user,hostfwd=tcp::99999-:80",
     "hostfwd=tcp::99999-:80: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT"},
    {"user,hostfwd=sctp::1-:80", "hostfwd=sctp::1-:80: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT"},
};

START_TEST(options_that_make_no_sense)
{
    char err[200] = "";

    ck_assert_ptr_null(host_net_new(wrong[_i].text, &the_lock, err, sizeof(err)));
    ck_assert_str_eq(err, wrong[_i].says);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, the_gateway_answers);
    tcase_add_loop_test(tc, options_that_make_no_sense, 0, ARRAY_LEN(wrong));
}

UNIT_MAIN("user network", fill)
