// SPDX-License-Identifier: MIT
/* tests/host/net/user_test.c -- the user-mode network: who answers in it, options, frames that
 * wait. */
#include "host/net/net.h"
#include "tests/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* ---- a guest that speaks IP ---- */

static const uint8_t guest_mac[6] = {2, 0, 0, 0, 0, 1};
static uint8_t seen[64][1600]; /* frames, in order */
static size_t seen_len[64];
static unsigned nseen;
static bool keep(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o)
{
    (void)dev, (void)o;
    if (nseen < ARRAY_LEN(seen) && len <= sizeof(seen[0])) {
        memcpy(seen[nseen], frame, len);
        seen_len[nseen++] = len;
    }
    return true;
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void send_flat(struct host_net *n, void *frame, size_t len)
{
    struct iovec iov = {frame, len};

    ck_assert(host_net_out(n)->send(host_net_out(n)->to, &iov, 1, len, NULL));
}

/* A datagram from the guest; without its checksum, which IPv4 allows. */
static void send_udp(struct host_net *n, const uint8_t from[4], const uint8_t to[4], unsigned sport,
                     unsigned dport, const void *data, size_t len)
{
    uint8_t f[1600] = {0};
    uint32_t sum = 0;

    memset(f, 0xff, 6);
    memcpy(f + 6, guest_mac, 6);
    put16(f + 12, 0x0800);
    f[14] = 0x45;
    put16(f + 16, (unsigned)len + 28);
    f[22] = 64;
    f[23] = 17;
    memcpy(f + 26, from, 4);
    memcpy(f + 30, to, 4);
    for (unsigned i = 14; i < 34; i += 2)
        sum += (uint32_t)f[i] << 8 | f[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put16(f + 24, ~(sum + (sum >> 16)) & 0xffff);
    put16(f + 34, sport);
    put16(f + 36, dport);
    put16(f + 38, (unsigned)len + 8);
    memcpy(f + 42, data, len);
    send_flat(n, f, len + 42);
}

/* Answers the host's question who the guest is. */
static void answer_arp(struct host_net *n)
{
    uint8_t f[42];

    for (unsigned i = 0; i < nseen; i++)
        if (seen_len[i] >= 42 && seen[i][12] == 8 && seen[i][13] == 6 && seen[i][21] == 1) {
            memcpy(f, seen[i], 42);
            memcpy(f, seen[i] + 6, 6);
            memcpy(f + 6, guest_mac, 6);
            f[21] = 2;
            memcpy(f + 22, guest_mac, 6);
            memcpy(f + 28, seen[i] + 38, 4);
            memcpy(f + 32, seen[i] + 22, 10);
            seen_len[i] = 0;
            send_flat(n, f, 42);
        }
}

/* The first frame of that IP protocol and port (as its source or its destination), in two seconds. */
static const uint8_t *wait_ip(struct host_net *n, unsigned protocol, unsigned port)
{
    gint64 until = g_get_monotonic_time() + 2000000;

    while (g_get_monotonic_time() < until) {
        answer_arp(n);
        for (unsigned i = 0; i < nseen; i++)
            if (seen_len[i] >= 38 && seen[i][12] == 8 && seen[i][13] == 0 && seen[i][23] == protocol &&
                ((seen[i][34] << 8 | seen[i][35]) == (int)port || (seen[i][36] << 8 | seen[i][37]) == (int)port))
                return seen[i];
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    }
    return NULL;
}

static struct host_net *open_user(const char *text)
{
    char err[200];
    struct host_net *n = host_net_new(text, &the_lock, err, sizeof(err));

    ck_assert_msg(n != NULL, "%s", err);
    host_net_connect(n, &(struct packet_in){.dev = &ngot, .take = keep});
    return n;
}

static const uint8_t guest_ip[4] = {10, 0, 2, 15}, host_ip[4] = {10, 0, 2, 2}, nobody[4], all[4] = {255, 255, 255, 255};

START_TEST(tftp)
{
    char dir[] = "/tmp/moa-tftp-XXXXXX", path[64], text[100];
    const uint8_t *f;
    FILE *out;
    struct host_net *n;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
    out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs("what is in the file", out);
    fclose(out);
    snprintf(text, sizeof(text), "user,restrict=on,tftp=%s", dir);
    n = open_user(text);
    memcpy(got, arp, 42); /* the host learns the guest's address */
    send_flat(n, got, 42);
    send_udp(n, guest_ip, host_ip, 1069, 69, "\0\1file\0octet", 13);
    f = wait_ip(n, 17, 69);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(memcmp(f + 42, "\0\3\0\1what is in the file", 23), 0);
    nseen = 0;
    send_udp(n, guest_ip, host_ip, 1070, 69, "\0\1../../etc/passwd\0octet", 25);
    f = wait_ip(n, 17, 69);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f[43], 5); /* refused */
    host_net_free(n);
    unlink(path);
    rmdir(dir);
}
END_TEST

/* What DHCP offers: option, or NULL. */
static const uint8_t *dhcp_option(const uint8_t *f, uint8_t code)
{
    for (const uint8_t *p = f + 42 + 240; *p != 255; p += *p ? 2 + p[1] : 1)
        if (*p == code)
            return p;
    return NULL;
}

START_TEST(dhcp)
{
    struct host_net *n = open_user("user,net=192.168.7.0/24,dhcpstart=192.168.7.77,dns=192.168.7.9,host=192.168.7.1,"
                                   "hostname=guest,bootfile=pxe.efi,domainname=example.org,dnssearch=one.test,dnssearch=two.test");
    uint8_t d[300] = {1, 1, 6, 0, 1, 2, 3, 4};
    const uint8_t *f, *o;

    memcpy(d + 28, guest_mac, 6);
    memcpy(d + 236, "\x63\x82\x53\x63\x35\1\1\xff", 8);
    send_udp(n, nobody, all, 68, 67, d, sizeof(d));
    f = wait_ip(n, 17, 67);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(memcmp(f + 42 + 16, "\xc0\xa8\7\x4d", 4), 0);
    ck_assert_str_eq((const char *)f + 42 + 108, "pxe.efi");
    o = dhcp_option(f, 6);
    ck_assert(o && memcmp(o + 2, "\xc0\xa8\7\x09", 4) == 0);
    o = dhcp_option(f, 3);
    ck_assert(o && memcmp(o + 2, "\xc0\xa8\7\1", 4) == 0);
    o = dhcp_option(f, 12);
    ck_assert(o && memcmp(o + 2, "guest", 5) == 0);
    o = dhcp_option(f, 15);
    ck_assert(o && memcmp(o + 2, "example.org", 11) == 0);
    o = dhcp_option(f, 119);
    ck_assert(o && memmem(o + 2, o[1], "\3one\4test", 9));
    host_net_free(n);
}
END_TEST

/* A connection to the host's port is one to the guest's. */
START_TEST(hostfwd)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(a);
    int probe = socket(AF_INET, SOCK_STREAM, 0), fd;
    struct host_net *n;
    const uint8_t *f;
    char text[100];

    ck_assert_int_eq(bind(probe, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(getsockname(probe, (struct sockaddr *)&a, &len), 0);
    close(probe);
    snprintf(text, sizeof(text), "user,hostfwd=tcp:127.0.0.1:%u-10.0.2.15:8080", ntohs(a.sin_port));
    n = open_user(text);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    f = wait_ip(n, 6, 8080);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(memcmp(f + 30, guest_ip, 4), 0);
    ck_assert_uint_eq(f[47] & 0x3f, 2); /* SYN */
    close(fd);
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
    tcase_add_test(tc, tftp);
    tcase_add_test(tc, dhcp);
    tcase_add_test(tc, hostfwd);
    tcase_add_loop_test(tc, options_that_make_no_sense, 0, ARRAY_LEN(wrong));
}

UNIT_MAIN("user network", fill)
