// SPDX-License-Identifier: MIT
/* tests/devices/e1000e_test.c -- the 82574L by a small driver: rings in RAM, frames out with their
 * checksums and cut into segments, frames in through the filters, causes and vectors. What is sent
 * is checked by sums of its own. */
#include "devices/net/e1000e_state.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

enum {
    CTRL = 0,
    STATUS = 8,
    EERD = 0x14,
    CTRL_EXT = 0x18,
    MDIC = 0x20,
    ICR = 0xc0,
    ICS = 0xc8,
    IMS = 0xd0,
    IMC = 0xd8,
    EIAC = 0xdc,
    IAM = 0xe0,
    IVAR = 0xe4,
    RCTL = 0x100,
    TCTL = 0x400,
    RDBAL = 0x2800,
    RDLEN = 0x2808,
    RDH = 0x2810,
    RDT = 0x2818,
    TDBAL = 0x3800,
    TDLEN = 0x3808,
    TDH = 0x3810,
    TDT = 0x3818,
    RFCTL = 0x5008,
    MTA = 0x5200,
    RAL = 0x5400,
    VFTA = 0x5600,
};
/* Places in RAM, from its start. */
enum { TX_RING = 0x1000, RX_RING = 0x2000, MESSAGE = 0x3000, DATA = 0x10000, BUFFERS = 0x40000 };
enum { ENTRIES = 16 };
static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

static struct bench *b;
static struct e1000e *e;
static unsigned tail;

/* Frames that were sent. */
static uint8_t sent[64][2048];
static size_t sent_len[64];
static unsigned nsent, room;

static bool collect(void *to, const struct iovec *iov, unsigned n, size_t len,
                    const struct packet_offload *o)
{
    size_t at = 0;

    (void)to;
    ck_assert_ptr_null(o);
    if (!room)
        return false;
    room--;
    if (len > sizeof(sent[0])) {
        nsent++;
        return true;
    }
    for (unsigned i = 0; i < n; i++) {
        memcpy(sent[nsent % 64] + at, iov[i].iov_base, iov[i].iov_len);
        at += iov[i].iov_len;
    }
    ck_assert_uint_eq(at, len);
    sent_len[nsent++ % 64] = len;
    return true;
}

static unsigned accepted;

static void accept_more(void *to)
{
    (void)to;
    accepted++;
}

static struct packet_out port = {.send = collect, .accept = accept_more};

static void setup(void)
{
    b = bench_new("e1000e", NULL);
    e = (struct e1000e *)b->fn;
    e->out = &port;
    nsent = accepted = tail = 0;
    room = 1000;
}

static void teardown(void)
{
    bench_free(b);
}

static void start(void)
{
    bench_w32(b, TDBAL, (uint32_t)BENCH_RAM + TX_RING);
    bench_w32(b, TDLEN, ENTRIES * 16);
    bench_w32(b, TCTL, 2);
    bench_w32(b, RDBAL, (uint32_t)BENCH_RAM + RX_RING);
    bench_w32(b, RDLEN, ENTRIES * 16);
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t d[2] = {BENCH_RAM + BUFFERS + i * 2048, 0};

        memcpy(b->mem + RX_RING + 16 * i, d, 16);
    }
    bench_w32(b, RCTL, 2 | 1 << 15 | 1 << 26); /* broadcasts, no CRC */
    bench_w32(b, RDT, ENTRIES - 1);
}

static void desc(uint64_t first, uint32_t w2, uint32_t w3)
{
    uint32_t d[4] = {(uint32_t)first, first >> 32, w2, w3};

    memcpy(b->mem + TX_RING + 16 * tail, d, 16);
    tail = (tail + 1) % ENTRIES;
}

static void go(void)
{
    bench_w32(b, TDT, tail);
}

static unsigned status_of(unsigned i)
{
    return b->mem[TX_RING + 16 * i + 12] & 15;
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
    for (size_t i = 0; i < n; i++)
        s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

/* A TCP over IPv4 frame with this much payload; the TCP sum is that of the pseudo header, with the
 * length or (for segmentation) without. */
static unsigned make_tcp(uint8_t *f, unsigned payload, bool with_len)
{
    static const uint8_t head[54] = {
        0x52, 0x55, 10, 0, 2, 2, 0x52, 0x54, 0,  0x12, 0x34, 0x56, 8, 0, 0x45, 0,    0, 0,  0, 7,
        0x40, 0,    64, 6, 0, 0, 10,   0,    2,  15,   10,   0,    2, 2, 0x12, 0x34, 0, 80, 0, 1,
        0xff, 0xf0, 0,  0, 0, 5, 0x50, 0x19, 16, 0,    0,    0,    0, 0};
    uint32_t s, len = 20 + payload;

    memcpy(f, head, 54);
    f[16] = (uint8_t)((len + 20) >> 8);
    f[17] = (uint8_t)(len + 20);
    for (unsigned i = 0; i < payload; i++)
        f[54 + i] = (uint8_t)(i * 7 + i / 256);
    s = sum(f + 26, 8, 6 + (with_len ? len : 0));
    f[50] = (uint8_t)(s >> 8);
    f[51] = (uint8_t)s;
    return 54 + payload;
}

static void check_tcp(const uint8_t *f, size_t len)
{
    unsigned total = (unsigned)f[16] << 8 | f[17];

    ck_assert_uint_eq(total + 14, len);
    ck_assert_uint_eq(sum(f + 14, 20, 0), 0xffff);
    ck_assert_uint_eq(sum(f + 34, total - 20, sum(f + 26, 8, 6 + total - 20)), 0xffff);
}

START_TEST(eeprom_phy_and_link)
{
    uint16_t s = 0;

    for (unsigned i = 0; i < 64; i++) {
        bench_w32(b, EERD, i << 2 | 1);
        ck_assert_uint_eq(bench_r32(b, EERD) & 2, 2);
        s = (uint16_t)(s + (bench_r32(b, EERD) >> 16));
    }
    ck_assert_uint_eq(s, 0xbaba);
    bench_w32(b, EERD, 1 << 2 | 1);
    ck_assert_uint_eq(bench_r32(b, EERD) >> 16, 0x1200);
    bench_w32(b, MDIC, 2 << 26 | 1 << 21 | 2 << 16);
    ck_assert_uint_eq(bench_r32(b, MDIC), 1 << 28 | 2 << 26 | 1 << 21 | 2 << 16 | 0x0141);
    bench_w32(b, MDIC, 2 << 26 | 1 << 21 | 3 << 16);
    ck_assert_uint_eq(bench_r32(b, MDIC) & 0xffff, 0x0cb1);
    bench_w32(b, MDIC, 2 << 26 | 1 << 21 | 1 << 16);
    ck_assert_uint_eq(bench_r32(b, MDIC) & 4, 4);
    bench_w32(b, MDIC, 2 << 26 | 2 << 21);
    ck_assert_uint_eq(bench_r32(b, MDIC) >> 30 & 1, 1); /* no such PHY */
    ck_assert_uint_eq(bench_r32(b, STATUS), 0x80083);
    b->net_in.link(b->net_in.dev, false);
    ck_assert_uint_eq(bench_r32(b, STATUS), 0x80081);
    ck_assert_uint_eq(bench_r32(b, ICR), 4);
    ck_assert_uint_eq(bench_r32(b, ICR), 0);
    bench_w32(b, CTRL, 4);
    ck_assert_uint_eq(bench_r32(b, STATUS), 0x81);
    bench_w32(b, IMS, 0xff);
    bench_w32(b, CTRL, 1 << 26);
    ck_assert_uint_eq(bench_r32(b, IMS), 0);
    ck_assert_uint_eq(bench_r32(b, RAL), 0x12005452);
    ck_assert_uint_eq(bench_r32(b, RAL + 4), 0x80005634);
}
END_TEST

START_TEST(legacy_descriptors)
{
    start();
    memset(b->mem + DATA, 0x77, 100);
    desc(BENCH_RAM + DATA, 40 | 0x8u << 24, 0);      /* first part, report */
    desc(BENCH_RAM + DATA + 60, 30 | 0x1u << 24, 0); /* the end, no report */
    bench_w32(b, TDT, 1);
    ck_assert_uint_eq(nsent, 0); /* not all there: it stays */
    ck_assert_uint_eq(bench_r32(b, TDH), 0);
    go();
    ck_assert_uint_eq(nsent, 1);
    ck_assert_uint_eq(sent_len[0], 70);
    ck_assert_uint_eq(bench_r32(b, TDH), 2);
    ck_assert_uint_eq(status_of(0), 1);
    ck_assert_uint_eq(status_of(1), 0);
    ck_assert_uint_eq(bench_r32(b, ICR), E1000_TXDW | E1000_TXQ0);
    desc(BENCH_RAM + DATA, 20 | 0x49u << 24, 0x0123u << 16); /* short, with a tag */
    go();
    ck_assert_uint_eq(sent_len[1], 60);
    ck_assert_int_eq(memcmp(sent[1] + 12, "\x81\x00\x01\x23\x77", 5), 0);
    ck_assert_uint_eq(sent[1][24], 0);
    ck_assert_uint_eq(bench_r32(b, ICR), E1000_TXDW | E1000_TXQ0);
    memset(b->mem + DATA, 0, 64); /* checksum from 14, into 20 */
    b->mem[DATA + 14] = 0x12;
    b->mem[DATA + 63] = 0x34;
    desc(BENCH_RAM + DATA, 64 | 20 << 16 | 0x5u << 24, 14 << 8);
    go();
    ck_assert_uint_eq(sum(sent[2] + 14, 50, 0), 0xffff);
    bench_w32(b, TCTL, 0);
    desc(BENCH_RAM + DATA, 64 | 1u << 24, 0);
    go();
    ck_assert_uint_eq(nsent, 3);
    bench_w32(b, TCTL, 2);
    ck_assert_uint_eq(nsent, 4);
}
END_TEST

/* IPv4 header sum at 24 over 14..33, TCP sum at 50 from 34. */
static void context(unsigned tucmd, unsigned hdr, unsigned mss)
{
    desc((uint64_t)(34 | 50 << 8) << 32 | 14 | 24 << 8 | 33 << 16, (0x20u | tucmd) << 24,
         hdr << 8 | mss << 16);
}

START_TEST(checksums)
{
    unsigned len;

    start();
    len = make_tcp(b->mem + DATA, 101, true);
    context(3, 0, 0);
    desc(BENCH_RAM + DATA, 60 | 1 << 20 | 0x22u << 24, 3 << 8);
    desc(BENCH_RAM + DATA + 60, (len - 60) | 1 << 20 | 0x2bu << 24, 0);
    go();
    ck_assert_uint_eq(nsent, 1);
    ck_assert_uint_eq(sent_len[0], len);
    check_tcp(sent[0], len);
    ck_assert_int_eq(memcmp(sent[0] + 54, b->mem + DATA + 54, 101), 0);
    ck_assert_uint_eq(status_of(2), 1);
}
END_TEST

/* More than one turn's worth: the rest goes without another word of the driver. */
START_TEST(long_bursts)
{
    enum { MANY = 1024 };

    start();
    room = 10000;
    bench_w32(b, TDBAL, (uint32_t)BENCH_RAM + DATA);
    bench_w32(b, TDLEN, MANY * 16);
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t d[4] = {(uint32_t)BENCH_RAM + BUFFERS, 0, 60 | 0x1u << 24, 0};

        memcpy(b->mem + DATA + 16 * i, d, 16);
    }
    bench_w32(b, TDT, MANY - 1);
    ck_assert_uint_ge(nsent, 1);
    ck_assert_uint_lt(nsent, MANY - 1);
    bench_advance(b, 1000);
    ck_assert_uint_eq(nsent, MANY - 1);
    ck_assert_uint_eq(bench_r32(b, TDH), MANY - 1);
}
END_TEST

START_TEST(segmentation)
{
    unsigned len, at = 0;

    start();
    len = make_tcp(b->mem + DATA, 3000, false);
    room = _i ? 2 : 1000; /* _i: the host has room for two, then for the rest */
    context(3 | 4, 54, 1400);
    desc(BENCH_RAM + DATA, 54 | 1 << 20 | 0x26u << 24, 3 << 8);
    desc(BENCH_RAM + DATA + 54, (len - 54) | 1 << 20 | 0x2fu << 24, 0);
    go();
    if (_i) {
        ck_assert_uint_eq(nsent, 2);
        ck_assert_uint_eq(bench_r32(b, TDH), 1);
        ck_assert_uint_eq(status_of(2), 0);
        b->net_in.room(b->net_in.dev); /* still none */
        ck_assert_uint_eq(nsent, 2);
        room = 1000;
        b->net_in.room(b->net_in.dev);
    }
    ck_assert_uint_eq(nsent, 3);
    ck_assert_uint_eq(bench_r32(b, TDH), 3);
    ck_assert_uint_eq(status_of(2), 1);
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *f = sent[i];
        unsigned n = i < 2 ? 1400 : 200;

        ck_assert_uint_eq(sent_len[i], 54 + n);
        check_tcp(f, sent_len[i]);
        ck_assert_uint_eq((unsigned)f[18] << 8 | f[19], 7 + i); /* identification */
        ck_assert_uint_eq((uint32_t)f[38] << 24 | f[39] << 16 | f[40] << 8 | f[41],
                          0x0001fff0 + at);
        ck_assert_uint_eq(f[47], i < 2 ? 0x10 : 0x19); /* FIN and PSH at the end */
        ck_assert_int_eq(memcmp(f + 54, b->mem + DATA + 54 + at, n), 0);
        at += n;
    }
}
END_TEST

static uint8_t in[2000];

static bool receive(const uint8_t *to, unsigned len, uint8_t fill)
{
    memset(in, fill, len);
    memcpy(in, to, 6);
    in[12] = 8;
    in[13] = 0;
    return b->net_in.take(b->net_in.dev, in, len, NULL);
}

START_TEST(reception)
{
    const uint8_t *d = b->mem + RX_RING;
    uint16_t len;

    ck_assert(receive(mac, 100, 1)); /* not started: lost */
    start();
    ck_assert_uint_gt(accepted, 0);
    ck_assert(receive(mac, 100, 1));
    ck_assert_uint_eq(bench_r32(b, RDH), 1);
    ck_assert_int_eq(memcmp(b->mem + BUFFERS, in, 100), 0);
    memcpy(&len, d + 8, 2);
    ck_assert_uint_eq(len, 100);
    ck_assert_uint_eq(d[12], 7); /* done, end, sum not looked at */
    ck_assert_uint_eq(bench_r32(b, ICR), E1000_RXT0 | E1000_RXQ0);
    bench_w32(b, RFCTL, 1 << 15);
    ck_assert(receive(mac, 50, 2));
    memcpy(&len, d + 16 + 12, 2);
    ck_assert_uint_eq(len, 60);
    ck_assert_uint_eq(d[16 + 8], 7);
    ck_assert_uint_eq(b->mem[BUFFERS + 2048 + 49], 2);
    ck_assert_uint_eq(b->mem[BUFFERS + 2048 + 50], 0);
    for (unsigned i = 2; i < ENTRIES - 1; i++)
        ck_assert(receive(mac, 100, 3));
    ck_assert(!receive(mac, 100, 4)); /* no descriptor */
    bench_w32(b, RDT, 0);
    ck_assert(receive(mac, 100, 4));
    ck_assert_uint_eq(b->mem[BUFFERS + 15 * 2048 + 20], 4);
    ck_assert_uint_eq(bench_r32(b, 0x4074), ENTRIES);
    ck_assert_uint_eq(bench_r32(b, 0x4074), 0);
}
END_TEST

/* A buffer that is the device's own control register, with the bit that resets it. */
START_TEST(reception_into_itself)
{
    uint64_t d[2] = {BENCH_MMIO(0) + CTRL, 0};

    start();
    memcpy(b->mem + RX_RING, d, 16);
    ck_assert(receive((const uint8_t *)"\xff\xff\xff\xff\xff\xff", 100, 1));
    ck_assert_uint_eq(bench_r32(b, RDH), 1);
    ck_assert_uint_eq(bench_r32(b, RCTL) & 2, 2);
    ck_assert(receive(mac, 100, 1));
    ck_assert_uint_eq(bench_r32(b, RDH), 2);
}
END_TEST

/* A frame that no ring of that length can hold is missed, and the next one is not. */
START_TEST(too_long_for_the_ring)
{
    uint32_t missed;

    start();
    bench_w32(b, RDLEN, 8 * 16);
    bench_w32(b, RDT, 7);
    bench_w32(b, RCTL, 2 | 1 << 5 | 3 << 16 | 1 << 26); /* buffers of 256 bytes */
    missed = bench_r32(b, 0x4010);
    ck_assert(receive(mac, 2000, 1)); /* eight of them */
    ck_assert_uint_eq(bench_r32(b, RDH), 0);
    ck_assert_uint_eq(bench_r32(b, 0x4010), missed + 1);
    ck_assert(receive(mac, 1500, 1));
    ck_assert_uint_eq(bench_r32(b, RDH), 6);
}
END_TEST

START_TEST(filters)
{
    static const uint8_t other[6] = {2, 0, 0, 0, 0, 1}, group[6] = {1, 0, 0x5e, 0, 0x34, 0x12};
    uint8_t tag[100] = {0};
    unsigned h, hash = 0x1234 >> 4 & 0xfff;

    start();
    receive(other, 64, 0);
    receive(group, 64, 0);
    ck_assert_uint_eq(bench_r32(b, RDH), 0);
    receive((const uint8_t *)"\xff\xff\xff\xff\xff\xff", 64, 0);
    ck_assert_uint_eq(bench_r32(b, RDH), 1);
    bench_w32(b, MTA + hash / 32 * 4, 1u << hash % 32);
    receive(group, 64, 0);
    ck_assert_uint_eq(bench_r32(b, RDH), 2);
    bench_w32(b, RAL + 8, 2);
    bench_w32(b, RAL + 12, 0x80000100);
    receive(other, 64, 0);
    ck_assert_uint_eq(bench_r32(b, RDH), 3);
    receive(mac, 1600, 0); /* too long */
    ck_assert_uint_eq(bench_r32(b, RDH), 3);
    bench_w32(b, RCTL, 2 | 1 << 18 | 1 << 26 | 1 << 3);
    memcpy(tag, mac, 6);
    memcpy(tag + 12, "\x81\x00\x20\x05\x08\x00\xaa", 7);
    b->net_in.take(b->net_in.dev, tag, 100, NULL);
    ck_assert_uint_eq(bench_r32(b, RDH), 3);
    bench_w32(b, VFTA, 1 << 5);
    bench_w32(b, CTRL, 1 << 30);
    h = bench_r32(b, RDH);
    b->net_in.take(b->net_in.dev, tag, 100, NULL);
    ck_assert_uint_eq(bench_r32(b, RDH), h + 1);
    ck_assert_int_eq(memcmp(b->mem + BUFFERS + h * 2048 + 12, "\x08\x00\xaa", 3), 0);
    ck_assert_uint_eq(b->mem[RX_RING + 16 * h + 12], 0xf);
    ck_assert_int_eq(memcmp(b->mem + RX_RING + 16 * h + 14, "\x05\x20", 2), 0);
}
END_TEST

START_TEST(interrupts)
{
    struct pci_device *p = &e->pci;
    uint32_t v;

    bench_w32(b, ICS, 1);
    ck_assert(!p->intx);
    bench_w32(b, IMS, 5);
    ck_assert(p->intx);
    bench_w32(b, IMC, 1);
    ck_assert(!p->intx);
    bench_w32(b, IMS, 1);
    bench_w32(b, CTRL_EXT, 1 << 27);
    bench_w32(b, IAM, 0xffffffff);
    ck_assert_uint_eq(bench_r32(b, ICR), 0x80000001);
    ck_assert(!p->intx);
    ck_assert_uint_eq(bench_r32(b, IMS), 0);
    bench_w32(b, CTRL_EXT, 0);
    pci_config_write(p, p->msix + 2, 2, 0x8000);
    for (unsigned i = 0; i < 3; i++) {
        p->msix_table[4 * i] = (uint32_t)BENCH_RAM + MESSAGE + 4 * i;
        p->msix_table[4 * i + 2] = 0x100 + i;
        p->msix_table[4 * i + 3] = 0;
    }
    bench_w32(b, IVAR, 8 | 9 << 8 | 10 << 16); /* receive 0, transmit 1, other 2 */
    bench_w32(b, EIAC, 0x500000);
    bench_w32(b, IMS, 0x1500004);
    bench_w32(b, ICS, E1000_TXDW | E1000_TXQ0);
    memcpy(&v, b->mem + MESSAGE + 4, 4);
    ck_assert_uint_eq(v, 0x101);
    memcpy(&v, b->mem + MESSAGE, 4);
    ck_assert_uint_eq(v, 0);
    ck_assert_uint_eq(bench_r32(b, IMS), 0x1100004); /* that one is masked now */
    b->net_in.link(b->net_in.dev, false);
    memcpy(&v, b->mem + MESSAGE + 8, 4);
    ck_assert_uint_eq(v, 0x102);
    ck_assert_uint_eq(bench_r32(b, ICR), 0x80000000u | E1000_OTHER | E1000_LSC | E1000_TXDW);
    ck_assert(!p->intx);
}
END_TEST

START_TEST(hostile)
{
    uint64_t seed = 5 + (uint64_t)_i;

    start();
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t r = bench_rnd(&seed), v = bench_rnd(&seed);

        switch (r & 7) {
        case 0:
        case 1:
        case 2:
            desc(r & 8 ? v : BENCH_RAM + (v & 0xfffff),
                 (uint32_t)(v >> 20 & (r & 16 ? 0xffffffff : 0xff1007ff)), (uint32_t)(v >> 32));
            break;
        case 3:
            go();
            break;
        case 4:
            receive(r & 8 ? mac : (const uint8_t *)&v, 14 + (unsigned)(v >> 48) % 1900, (uint8_t)v);
            break;
        case 5:
            room = r & 8 ? 1000 : 1;
            b->net_in.room(b->net_in.dev);
            break;
        default:
            bench_step(b, &seed, true);
        }
        if (i % 500 == 0) {
            bench_w32(b, CTRL, 1 << 26);
            tail = 0;
            room = 1000;
            start();
        }
    }
    ck_assert_uint_gt(nsent, 50);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, eeprom_phy_and_link);
    tcase_add_test(tc, legacy_descriptors);
    tcase_add_test(tc, checksums);
    tcase_add_loop_test(tc, segmentation, 0, 2);
    tcase_add_test(tc, reception);
    tcase_add_test(tc, reception_into_itself);
    tcase_add_test(tc, too_long_for_the_ring);
    tcase_add_test(tc, long_bursts);
    tcase_add_test(tc, filters);
    tcase_add_test(tc, interrupts);
    tcase_add_loop_test(tc, hostile, 0, 3);
}

UNIT_MAIN("e1000e", fill)
