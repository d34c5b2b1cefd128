// SPDX-License-Identifier: MIT
/* tests/host/net/socket_test.c -- two networks joined by sockets in each of the ways there are: frames of all
 * lengths arrive whole and in order, those that are none are dropped, a device without room holds them
 * back, and a stream that makes no sense ends its connection only. */
#include "host/net/net.h"
#include "ports/packet.h"
#include "tests/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>

static unsigned depth;
static void lock(void *opaque)
{
    (void)opaque;
    ck_assert_uint_eq(depth++, 0);
}
static void unlock(void *opaque)
{
    (void)opaque;
    depth--;
}
static const struct host_lock the_lock = {lock, unlock, NULL};

/* A device that keeps the last frame and the sum of all lengths. */
struct end {
    struct host_net *net;
    uint8_t last[PACKET_MAX];
    size_t len, sum;
    unsigned count, rooms;
    bool full;
};

static bool take(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o)
{
    struct end *e = dev;

    ck_assert_ptr_null(o);
    ck_assert_uint_ge(len, 14);
    ck_assert_uint_le(len, PACKET_MAX);
    if (e->full)
        return false;
    memcpy(e->last, frame, len);
    e->len = len;
    e->sum += len;
    e->count++;
    return true;
}

static void room(void *dev)
{
    ((struct end *)dev)->rooms++;
}

static void open_end(struct end *e, const char *text)
{
    char err[300] = "";

    memset(e, 0, sizeof(*e));
    e->net = host_net_new(text, &the_lock, err, sizeof(err));
    ck_assert_msg(e->net != NULL, "%s: %s", text, err);
    host_net_connect(e->net, &(struct packet_in){.dev = e, .take = take, .room = room});
}

static uint8_t frame[PACKET_MAX];
static bool send_one(struct end *e, size_t len)
{
    struct iovec iov[2] = {{frame, 14}, {frame + 14, len - 14}};
    const struct packet_out *o = host_net_out(e->net);

    return o->send(o->to, iov, len > 14 ? 2 : 1, len, NULL);
}

/* Runs the loop until e has n frames, or two seconds long. */
static void wait_for(struct end *e, unsigned n)
{
    gint64 until = g_get_monotonic_time() + 2000000;

    while (e->count < n && g_get_monotonic_time() < until)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(500);
}

static int free_port(int type)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, type, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    close(fd);
    return ntohs(a.sin_port);
}

/* %1$d and %2$d: free ports. */
static const struct {
    const char *a, *b;
    int type;
    size_t longest;
} pairs[] = {
    {"socket,listen=127.0.0.1:%1$d", "socket,connect=127.0.0.1:%1$d", SOCK_STREAM, PACKET_MAX},
    {"stream,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=%1$d",
     "stream,addr.type=inet,addr.host=127.0.0.1,addr.port=%1$d", SOCK_STREAM, PACKET_MAX},
    {"stream,server=on,addr.type=unix,addr.path=/tmp/moa-net-%1$d",
     "stream,server=off,addr.type=unix,addr.path=/tmp/moa-net-%1$d", SOCK_STREAM, PACKET_MAX},
    {"socket,udp=127.0.0.1:%1$d,localaddr=127.0.0.1:%2$d",
     "socket,udp=127.0.0.1:%2$d,localaddr=127.0.0.1:%1$d", SOCK_DGRAM, 65507},
    {"dgram,local.type=inet,local.host=127.0.0.1,local.port=%1$d,remote.type=inet,remote.host=127.0.0.1,"
     "remote.port=%2$d",
     "dgram,local.type=inet,local.host=127.0.0.1,local.port=%2$d,remote.type=inet,remote.host=127.0.0.1,"
     "remote.port=%1$d",
     SOCK_DGRAM, 65507},
    {"dgram,local.type=unix,local.path=/tmp/moa-net-%1$d,remote.type=unix,remote.path=/tmp/moa-net-%2$d",
     "dgram,local.type=unix,local.path=/tmp/moa-net-%2$d,remote.type=unix,remote.path=/tmp/moa-net-%1$d",
     SOCK_DGRAM, PACKET_MAX},
};

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static struct end a, b;
START_TEST(frames_pass)
{
    static const size_t lens[] = {14, 15, 60, 1514, 9000, 40000, 65507, PACKET_MAX};
    char text[400];
    int p1 = free_port(pairs[_i].type), p2 = free_port(pairs[_i].type);
    unsigned n = 0;

    for (unsigned i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(i * 7 + (i >> 8));
    snprintf(text, sizeof(text), pairs[_i].a, p1, p2);
    open_end(&a, text);
    snprintf(text, sizeof(text), pairs[_i].b, p1, p2);
    open_end(&b, text);
    for (unsigned i = 0; i < 50; i++) /* the connection is made */
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    for (unsigned i = 0; i < ARRAY_LEN(lens) && lens[i] <= pairs[_i].longest; i++) {
        struct end *from = i % 2 ? &a : &b, *to = i % 2 ? &b : &a;

        n++;
        frame[0] = (uint8_t)n;
        ck_assert(send_one(from, lens[i]));
        wait_for(to, to->count + 1);
        ck_assert_uint_eq(to->len, lens[i]);
        ck_assert_int_eq(memcmp(to->last, frame, lens[i]), 0);
        to->len = 0;
    }
    ck_assert_uint_eq(a.count + b.count, n);
    ck_assert_uint_eq(depth, 0);
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

/* What the device has no room for stays in the socket, and nothing is lost of a stream. */
START_TEST(no_room)
{
    char text[100];
    int port = free_port(SOCK_STREAM);
    unsigned sent = 0;
    gint64 until;

    snprintf(text, sizeof(text), "socket,listen=127.0.0.1:%d", port);
    open_end(&a, text);
    snprintf(text, sizeof(text), "socket,connect=127.0.0.1:%d", port);
    open_end(&b, text);
    for (unsigned i = 0; i < 50; i++)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    a.full = true;
    while (sent < 100000 && send_one(&b, 1514)) {
        sent++;
        g_main_context_iteration(NULL, FALSE);
    }
    ck_assert_uint_gt(sent, 100);
    ck_assert_uint_lt(sent, 100000); /* the sender was told to wait */
    ck_assert_uint_eq(a.count, 0);
    a.full = false;
    host_net_out(a.net)->accept(host_net_out(a.net)->to);
    until = g_get_monotonic_time() + 5000000;
    while (a.count < sent && g_get_monotonic_time() < until)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(500);
    ck_assert_uint_eq(a.count, sent);
    ck_assert_uint_eq(a.sum, sent * 1514ul);
    ck_assert_uint_ge(b.rooms, 1); /* and that there is room again */
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

static void feed(int port, const void *bytes, size_t n)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    ck_assert_int_eq((int)write(fd, bytes, n), (int)n);
    for (unsigned i = 0; i < 60; i++)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    close(fd);
    for (unsigned i = 0; i < 20; i++)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
}

/* Lengths that no frame has, and half a frame: the next connection is as good as any. */
START_TEST(nonsense)
{
    uint8_t good[4 + 20] = {0, 0, 0, 20}, empty[4] = {0}, huge[8] = {0, 1, 0x80, 0};
    uint8_t negative[8] = {0xff, 0xff, 0xff, 0xff}, small[4 + 13] = {0, 0, 0, 13}, half[10] = {0, 0, 0, 60};
    char text[100];
    int port = free_port(SOCK_STREAM);

    snprintf(text, sizeof(text), "socket,listen=127.0.0.1:%d", port);
    open_end(&a, text);
    feed(port, good, sizeof(good));
    ck_assert_uint_eq(a.count, 1);
    feed(port, empty, sizeof(empty));
    feed(port, huge, sizeof(huge));
    feed(port, negative, sizeof(negative));
    feed(port, small, sizeof(small));
    feed(port, half, sizeof(half));
    ck_assert_uint_eq(a.count, 1);
    feed(port, good, sizeof(good));
    ck_assert_uint_eq(a.count, 2);
    host_net_free(a.net);
}
END_TEST

START_TEST(reconnects)
{
    char text[120];
    int port = free_port(SOCK_STREAM);

    snprintf(text, sizeof(text), "stream,addr.type=inet,addr.host=127.0.0.1,addr.port=%d,reconnect=1", port);
    open_end(&b, text); /* nobody is there */
    ck_assert(send_one(&b, 60));
    snprintf(text, sizeof(text), "socket,listen=127.0.0.1:%d", port);
    open_end(&a, text);
    for (unsigned i = 0; i < 300 && a.count == 0; i++) {
        g_main_context_iteration(NULL, FALSE);
        send_one(&b, 60);
        g_usleep(10000);
    }
    ck_assert_uint_gt(a.count, 0);
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

START_TEST(groups)
{
    char text[100];
    int port = free_port(SOCK_DGRAM);

    snprintf(text, sizeof(text), "socket,mcast=239.255.77.1:%d,localaddr=127.0.0.1", port);
    open_end(&a, text);
    open_end(&b, text);
    send_one(&a, 100);
    wait_for(&b, 1);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_uint_eq(b.len, 100);
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

START_TEST(descriptors)
{
    char text[40];
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(text, sizeof(text), "socket,fd=%d", fds[0]);
    open_end(&a, text);
    snprintf(text, sizeof(text), "socket,fd=%d", fds[1]);
    open_end(&b, text);
    ck_assert(send_one(&a, 77));
    wait_for(&b, 1);
    ck_assert_uint_eq(b.len, 77);
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

/* The other end goes while the socket is full: who waits for room is told. */
START_TEST(gone_while_full)
{
    char text[40];
    unsigned sent = 0;
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(text, sizeof(text), "socket,fd=%d", fds[1]);
    open_end(&b, text);
    while (sent < 100000 && send_one(&b, 1514))
        sent++;
    ck_assert_uint_lt(sent, 100000);
    ck_assert_uint_eq(b.rooms, 0);
    close(fds[0]);
    for (unsigned i = 0; i < 50 && !b.rooms; i++)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    ck_assert_uint_ge(b.rooms, 1);
    ck_assert(send_one(&b, 60));
    host_net_free(b.net);
}
END_TEST

/* A device that asks for more, and is sent more, in the middle of a frame. */
static unsigned nested;
static bool take_nested(void *dev, const uint8_t *data, size_t len, const struct packet_offload *o)
{
    struct end *e = dev;
    const struct packet_out *out = host_net_out(e->net);

    ck_assert_uint_eq(nested++, 0);
    out->accept(out->to);
    nested--;
    return take(dev, data, len, o);
}

START_TEST(accepts_while_it_takes)
{
    char text[40];
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(text, sizeof(text), "socket,fd=%d", fds[0]);
    open_end(&a, text);
    snprintf(text, sizeof(text), "socket,fd=%d", fds[1]);
    open_end(&b, text);
    host_net_connect(a.net,
                     &(struct packet_in){.dev = &a, .take = take_nested, .room = room});
    a.full = true;
    for (unsigned i = 0; i < 10; i++)
        ck_assert(send_one(&b, 100 + i));
    for (unsigned i = 0; i < 20; i++)
        g_main_context_iteration(NULL, FALSE);
    ck_assert_uint_eq(a.count, 0);
    a.full = false;
    host_net_out(a.net)->accept(host_net_out(a.net)->to);
    wait_for(&a, 10);
    ck_assert_uint_eq(a.count, 10);
    ck_assert_uint_eq(a.sum, 1045);
    host_net_free(a.net);
    host_net_free(b.net);
}
END_TEST

/* Between a tap interface and a packet socket on it. Needs rights. */
START_TEST(tap)
{
    char err[200], script[] = "/tmp/moa-tap-XXXXXX", text[100];
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(3)};
    struct ifreq r = {.ifr_name = "moatest0"};
    int fd = socket(AF_PACKET, SOCK_RAW, htons(3)), sh = mkstemp(script);
    uint8_t got[2000];

    a.net = host_net_new("tap,ifname=moatest0,script=no,downscript=no", &the_lock, err, sizeof(err));
    if (!a.net || fd < 0) /* not allowed here */
        return;
    host_net_free(a.net);
    ck_assert_int_ge(dprintf(sh, "#!/bin/sh\n[ \"$1\" = moatest0 ]\n"), 0);
    fchmod(sh, 0700);
    close(sh);
    snprintf(text, sizeof(text), "tap,ifname=moatest0,script=%s,downscript=no", script);
    open_end(&a, text);
    unlink(script);
    ck_assert_int_eq(ioctl(fd, SIOCGIFINDEX, &r), 0);
    at.sll_ifindex = r.ifr_ifindex;
    ck_assert_int_eq(ioctl(fd, SIOCGIFFLAGS, &r), 0);
    r.ifr_flags |= IFF_UP;
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &r), 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    for (unsigned i = 0; i < 100; i++) {
        frame[12] = 0x88, frame[13] = 0xb5; /* for experiments */
        frame[20] = 0x5a;
        ck_assert(send_one(&a, 100));
        if (recv(fd, got, sizeof(got), MSG_DONTWAIT) == 100 && got[20] == 0x5a)
            break;
        ck_assert_uint_lt(i, 99);
        g_usleep(1000);
    }
    frame[20] = 0xa5;
    a.count = 0;
    ck_assert_int_eq((int)send(fd, frame, 200, 0), 200);
    for (unsigned i = 0; i < 200 && !(a.len == 200 && a.last[20] == 0xa5); i++) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
    ck_assert_uint_eq(a.len, 200);
    ck_assert_uint_eq(a.last[20], 0xa5);
    host_net_free(a.net);
    ck_assert_ptr_null(host_net_new("tap,ifname=moatest0,script=/bin/false,downscript=no", &the_lock, err,
                                    sizeof(err)));
    ck_assert_str_eq(err, "script /bin/false failed for moatest0");
    close(fd);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"socket", "socket wants one of listen=, connect=, mcast=, udp=, fd="},
    {"socket,listen=1234", "1234: wants HOST:PORT"},
    {"socket,listen=:1,connect=:2", "connect=:2: not understood"},
    {"socket,connect=127.0.0.1:1", "connect=127.0.0.1:1: Connection refused"},
    {"socket,mcast=10.0.0.1:1234", "mcast=10.0.0.1:1234: not an address of a group"},
    {"socket,udp=127.0.0.1:9", "udp=127.0.0.1:9: wants localaddr=[HOST]:PORT too"},
    {"socket,fd=x", "fd=x: no such open descriptor"},
    {"socket,fd=999", "fd=999: no such open descriptor"},
    {"stream", "an address is type=inet with host= and port=, unix with path=, fd with str="},
    {"stream,addr.type=unix,addr.path=/nosuch/x", "/nosuch/x: No such file or directory"},
    {"stream,addr.type=inet,addr.host=127.0.0.1", "an address is type=inet with host= and port=, unix with path=, fd with str="},
    {"stream,reconnect=x", "reconnect=x: not understood"},
    {"dgram", "dgram wants local.type= or remote.type="},
    {"dgram,remote.type=inet,remote.host=127.0.0.1,remote.port=9",
     "dgram wants a local address or descriptor, and a remote one of its kind"},
    {"tap,ifname=a-name-that-is-too-long", "ifname=a-name-that-is-too-long: at most 15 letters"},
    {"tap,fd=0", "fd=0: no such open descriptor"},
    {"tap,vhost=on", "vhost=on: not understood"},
};

START_TEST(options_that_make_no_sense)
{
    char err[300] = "";

    ck_assert_ptr_null(host_net_new(wrong[_i].text, &the_lock, err, sizeof(err)));
    ck_assert_str_eq(err, wrong[_i].says);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, frames_pass, 0, ARRAY_LEN(pairs));
    tcase_add_test(tc, no_room);
    tcase_add_test(tc, nonsense);
    tcase_add_test(tc, reconnects);
    tcase_add_test(tc, groups);
    tcase_add_test(tc, descriptors);
    tcase_add_test(tc, gone_while_full);
    tcase_add_test(tc, accepts_while_it_takes);
    tcase_add_test(tc, tap);
    tcase_add_loop_test(tc, options_that_make_no_sense, 0, ARRAY_LEN(wrong));
}

UNIT_MAIN("networks by sockets", fill)
