// SPDX-License-Identifier: MIT
/* devices/net/e1000e_tx.c -- transmission (82574 data sheet, chapter 7.2): rings of legacy, context
 * and data descriptors; checksums, TCP segmentation, VLAN tags.
 *
 * A packet whose last descriptor is not there yet stays in the ring untouched, and so does one that
 * the host has no room for. */
#include "devices/net/e1000e_state.h"

#include <endian.h>
#include <string.h>

enum {
    CMD_EOP = 1,
    CMD_TSE = 4, /* data: segmentation */
    CMD_IC = 4,  /* legacy: checksum */
    CMD_RS = 8,
    CMD_DEXT = 0x20,
    CMD_VLE = 0x40,
    CONTEXT_TCP = 1,
    CONTEXT_IPV4 = 2,
    POPTS_IP = 1,
    POPTS_TCP = 2,
    DONE = 1,
    BURST = 256, /* packets in one go */
    PACKET_DESCS = 256,
};

struct desc {
    uint32_t w[4];
};

struct packet {
    uint32_t len;
    unsigned ndescs, command, options, special;
    bool legacy, too_long;
    unsigned cso, css;
};

static bool fetch(struct e1000e *e, const struct e1000_ring *r, uint32_t i, struct desc *d)
{
    if (pci_dma_read(&e->pci, e1000_base(r) + 16ull * i, d, 16) != MEM_OK)
        return false;
    for (unsigned k = 0; k < 4; k++)
        d->w[k] = le32toh(d->w[k]);
    return true;
}

static bool is_context(const struct desc *d)
{
    return d->w[2] >> 24 & CMD_DEXT && (d->w[2] >> 20 & 15) == 0;
}

static void add(struct e1000e *e, struct packet *p, const struct desc *d)
{
    uint64_t addr = d->w[0] | (uint64_t)d->w[1] << 32;
    uint32_t len = d->w[2] & (d->w[2] >> 24 & CMD_DEXT ? 0xfffff : 0xffff);

    if (len > E1000_TX_MAX - p->len ||
        (len && pci_dma_read(&e->pci, addr, e->packet + p->len, len) != MEM_OK)) {
        p->too_long = true;
        return;
    }
    p->len += len;
}

/* Gathers the packet that begins at the ring's head. False: it is not all there. */
static bool gather(struct e1000e *e, const struct e1000_ring *r, struct packet *p)
{
    uint32_t n = e1000_entries(r), i = r->head;
    struct desc d;

    *p = (struct packet){0};
    for (; i != r->tail && p->ndescs < PACKET_DESCS; i = (i + 1) % n) {
        if (!fetch(e, r, i, &d))
            return false;
        p->ndescs++;
        if (p->ndescs == 1) {
            p->legacy = !(d.w[2] >> 24 & CMD_DEXT);
            p->options = d.w[3] >> 8 & 0xff;
            p->cso = d.w[2] >> 16 & 0xff;
            p->css = d.w[3] >> 8 & 0xff;
        }
        add(e, p, &d);
        p->command |= d.w[2] >> 24;
        if (d.w[2] >> 24 & CMD_EOP) {
            p->special = d.w[3] >> 16;
            return true;
        }
    }
    if (p->ndescs == PACKET_DESCS) { /* no driver does that: dropped */
        p->too_long = true;
        return true;
    }
    return false;
}

/* Ones' complement sum of [from, to) of a frame, stored at `at`. */
static void checksum(uint8_t *frame, uint32_t len, uint32_t from, uint32_t at, uint32_t to)
{
    uint64_t sum = 0;

    if (to == 0 || to >= len)
        to = len;
    else
        to++;
    if (from >= to || at + 2 > len)
        return;
    for (uint32_t i = from; i < to; i += 2)
        sum += (uint32_t)frame[i] << 8 | (i + 1 < to ? frame[i + 1] : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    frame[at] = (uint8_t)(~sum >> 8);
    frame[at + 1] = (uint8_t)~sum;
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void checksums(const struct e1000e *e, const struct packet *p, uint8_t *frame, uint32_t len)
{
    const struct e1000_context *c = &e->context;

    if (p->legacy) {
        if (p->command & CMD_IC)
            checksum(frame, len, p->css, p->cso, 0);
        return;
    }
    if (p->options & POPTS_TCP)
        checksum(frame, len, c->tcp & 0xff, c->tcp >> 8 & 0xff, c->tcp >> 16);
    if (p->options & POPTS_IP) {
        uint32_t at = c->ip >> 8 & 0xff;

        if (at + 2 <= len)
            put16(frame + at, 0);
        checksum(frame, len, c->ip & 0xff, at, c->ip >> 16);
    }
}

/* One frame to the host, tagged if asked for. */
static bool out(struct e1000e *e, const struct packet *p, uint8_t *frame, uint32_t len)
{
    static const uint8_t pad[60];
    uint8_t tag[4];
    struct iovec iov[4];
    unsigned n = 0;
    size_t total = len;

    if (!e->out || !e->link || len < 14)
        return true;
    if (p->command & CMD_VLE) {
        put16(tag, e->vet & 0xffff);
        put16(tag + 2, p->special);
        iov[n++] = (struct iovec){frame, 12};
        iov[n++] = (struct iovec){tag, 4};
        iov[n++] = (struct iovec){frame + 12, len - 12};
        total += 4;
    } else {
        iov[n++] = (struct iovec){frame, len};
    }
    if (total < 60) {
        iov[n++] = (struct iovec){(void *)(uintptr_t)pad, 60 - total};
        total = 60;
    }
    if (total > PACKET_MAX)
        return true;
    if (!e->out->send(e->out->to, iov, n, total, NULL))
        return false;
    e->gptc++;
    e->gotc_low += (uint32_t)total + 4;
    e->gotc_high += e->gotc_low < total + 4;
    return true;
}

/* Segment `nth` of a TCP packet: its headers before payload [at, at + len) in place. */
static void segment_headers(const struct e1000e *e, uint8_t *h, uint32_t hdr, uint32_t nth,
                            uint32_t at, uint32_t len, bool last)
{
    const struct e1000_context *c = &e->context;
    uint32_t ip = c->ip & 0xff, tcp = c->tcp & 0xff, sum_at = c->tcp >> 8 & 0xff, sum, seq;

    if (ip + 6 <= hdr) {
        if (c->command & CONTEXT_IPV4) {
            put16(h + ip + 2, hdr + len - ip);
            put16(h + ip + 4, get16(h + ip + 4) + nth);
        } else {
            put16(h + ip + 4, hdr + len - ip - 40);
        }
    }
    if (c->command & CONTEXT_TCP && tcp + 14 <= hdr) {
        seq = (get16(h + tcp + 4) << 16 | get16(h + tcp + 6)) + at;
        put16(h + tcp + 4, seq >> 16);
        put16(h + tcp + 6, seq);
        if (!last)
            h[tcp + 13] &= (uint8_t)~9; /* FIN, PSH */
    }
    if (sum_at + 2 <= hdr) { /* the pseudo header's sum comes without the length */
        sum = get16(h + sum_at) + hdr + len - tcp;
        put16(h + sum_at, (sum & 0xffff) + (sum >> 16));
    }
}

static bool segments(struct e1000e *e, struct packet *p)
{
    uint32_t hdr = e->context.segments >> 8 & 0xff, mss = e->context.segments >> 16;
    uint32_t payload = p->len - hdr, nth, at;
    uint8_t headers[256], frame[256 + 65536];

    if (mss == 0 || hdr >= p->len || hdr < 14)
        return true;
    memcpy(headers, e->packet, hdr);
    for (nth = 0, at = 0; at < payload; nth++, at += mss) {
        uint32_t len = payload - at < mss ? payload - at : mss;

        if (nth < e->sent)
            continue;
        memcpy(frame, headers, hdr);
        memcpy(frame + hdr, e->packet + hdr + at, len);
        segment_headers(e, frame, hdr, nth, at, len, at + len == payload);
        checksums(e, p, frame, hdr + len);
        if (!out(e, p, frame, hdr + len))
            return false;
        e->sent++;
    }
    return true;
}

static void load_context(struct e1000e *e, const struct desc *d)
{
    e->context.ip = d->w[0];
    e->context.tcp = d->w[1];
    e->context.command = d->w[2] >> 24;
    e->context.segments = d->w[3];
}

/* Writes back n descriptors from the head. */
static bool retire(struct e1000e *e, struct e1000_ring *r, unsigned n)
{
    bool report = false;
    struct desc d;

    while (n--) {
        uint64_t at = e1000_base(r) + 16ull * r->head;

        if (fetch(e, r, r->head, &d) && d.w[2] >> 24 & CMD_RS) {
            uint32_t status = htole32(d.w[3] | DONE);

            pci_dma_write(&e->pci, at + 12, &status, 4);
            report = true;
        }
        r->head = (r->head + 1) % e1000_entries(r);
    }
    return report;
}

static bool one(struct e1000e *e, struct e1000_ring *r, bool *report)
{
    struct packet p;
    struct desc d;
    bool done = true;

    if (!fetch(e, r, r->head, &d))
        return false;
    if (is_context(&d)) {
        load_context(e, &d);
        *report |= retire(e, r, 1);
        return true;
    }
    if (!gather(e, r, &p))
        return false;
    if (p.too_long)
        ;
    else if (!p.legacy && p.command & CMD_TSE)
        done = segments(e, &p);
    else {
        checksums(e, &p, e->packet, p.len);
        done = out(e, &p, e->packet, p.len);
    }
    if (!done)
        return false;
    e->sent = 0;
    *report |= retire(e, r, p.ndescs);
    return true;
}

void e1000_transmit(struct e1000e *e)
{
    const struct clock_port *c = e->pci.dev.clock;

    for (unsigned q = 0; q < E1000_RINGS; q++) {
        struct e1000_ring *r = &e->tx[q];
        bool report = false;
        unsigned n;

        for (n = 0; n < BURST && e->tctl & E1000_TCTL_EN && e1000_entries(r) &&
                             r->head < e1000_entries(r) && r->tail < e1000_entries(r) &&
                             r->head != r->tail && one(e, r, &report);
             n++)
            ;
        if (report)
            e1000_cause(e, E1000_TXDW | (uint32_t)E1000_TXQ0 << q);
        if (n == BURST && e->more) /* others have their turn first */
            c->timer_set(e->more, c->now(c->opaque, CLOCK_VIRTUAL));
    }
}
