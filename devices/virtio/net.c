// SPDX-License-Identifier: MIT
/* devices/virtio/net.c -- virtio network device (virtio 1.2, 5.1): one pair of queues and the
 * control queue; filters by address and VLAN, mergeable buffers, checksums and segmentation left to
 * the host where the host takes them. A frame that the host cannot take waits at the head of its
 * queue.
 *
 * Not offered: several pairs of queues, RSS, announcements, UDP segmentation. */
#include "devices/virtio/net.h"

#include "devices/virtio/virtio.h"
#include "ports/packet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { RX, TX, CTRL, QUEUES };
enum { MACS = 64, VLANS = 4096, MERGE_MAX = 64, HDR = 12, HDR_OLD = 10 };

#define F_CSUM       VIRTIO_F(0)
#define F_GUEST_CSUM VIRTIO_F(1)
#define F_MTU        VIRTIO_F(3)
#define F_MAC        VIRTIO_F(5)
#define F_GUEST_TSO4 VIRTIO_F(7)
#define F_GUEST_TSO6 VIRTIO_F(8)
#define F_GUEST_ECN  VIRTIO_F(9)
#define F_HOST_TSO4  VIRTIO_F(11)
#define F_HOST_TSO6  VIRTIO_F(12)
#define F_HOST_ECN   VIRTIO_F(13)
#define F_MRG_RXBUF  VIRTIO_F(15)
#define F_STATUS     VIRTIO_F(16)
#define F_CTRL_VQ    VIRTIO_F(17)
#define F_CTRL_RX    VIRTIO_F(18)
#define F_CTRL_VLAN  VIRTIO_F(19)
#define F_RX_EXTRA   VIRTIO_F(20)
#define F_CTRL_MAC   VIRTIO_F(23)

struct net {
    struct virtio v;
    uint8_t mac[6];
    uint8_t promisc, allmulti, alluni, nomulti, nouni, nobcast;
    uint8_t macs[MACS * 6]; /* first those of one, then of many */
    uint32_t nuni, nmulti;
    uint8_t uni_over, multi_over; /* the driver wanted more of them: all pass */
    uint8_t vlans[VLANS / 8];
    uint8_t link_up;
    /* wiring */
    uint8_t own_mac[6];
    char *netdev;
    uint16_t mtu, rx_size, tx_size;
    bool joined, offload;
    const struct packet_out *out;
    bool waited_for;         /* the host was told that there is no buffer */
    struct vq_elem *waiting; /* a frame that the host could not take */
};

static unsigned header(const struct net *d)
{
    return virtio_has(&d->v, VIRTIO_F_VERSION_1 | F_MRG_RXBUF) ? HDR : HDR_OLD;
}

/* ---- to the host ---- */
static bool read_offload(const struct net *d, const uint8_t *h, struct packet_offload *o)
{
    *o = (struct packet_offload){.flags = h[0] & PACKET_CSUM,
                                 .gso = h[1],
                                 .hdr_len = (uint16_t)virtio_get(h + 2, 2),
                                 .gso_size = (uint16_t)virtio_get(h + 4, 2),
                                 .csum_start = (uint16_t)virtio_get(h + 6, 2),
                                 .csum_offset = (uint16_t)virtio_get(h + 8, 2)};
    switch (o->gso & ~PACKET_GSO_ECN) {
    case PACKET_GSO_NONE:
        return !o->flags || virtio_has(&d->v, F_CSUM);
    case PACKET_GSO_TCP4:
        return virtio_has(&d->v, F_HOST_TSO4);
    case PACKET_GSO_TCP6:
        return virtio_has(&d->v, F_HOST_TSO6);
    default:
        return false;
    }
}

/* False: the host has no room. What makes no sense is dropped. */
static bool send(struct net *d, const struct vq_elem *e)
{
    struct iovec iov[64];
    struct packet_offload o;
    unsigned n = 0, skip = header(d);
    size_t len = e->out_len - skip;
    uint8_t h[HDR], flat[2048];

    if (vq_read(e, 0, h, skip) != skip || len < 14 || len > PACKET_MAX || !read_offload(d, h, &o) ||
        (o.flags && (size_t)o.csum_start + o.csum_offset + 2 > len))
        return true;
    if (!d->out || !d->link_up)
        return true;
    for (unsigned i = 0; i < e->nout; i++) {
        if (skip >= e->out[i].iov_len) {
            skip -= (unsigned)e->out[i].iov_len;
            continue;
        }
        if (n == ARRAY_LEN(iov)) { /* in more pieces than anybody needs */
            if (len > sizeof(flat))
                return true;
            vq_read(e, header(d), flat, len);
            iov[0] = (struct iovec){flat, len};
            n = 1;
            break;
        }
        iov[n++] = (struct iovec){(uint8_t *)e->out[i].iov_base + skip, e->out[i].iov_len - skip};
        skip = 0;
    }
    return d->out->send(d->out->to, iov, n, len, o.flags || o.gso ? &o : NULL);
}

static void transmit(struct net *d)
{
    unsigned count;
    bool any = false;

    for (count = 0; count < VIRTIO_BURST; count++) {
        struct vq_elem *e = d->waiting ? d->waiting : vq_pop(&d->v, TX, sizeof(*e));

        d->waiting = NULL;
        if (!e)
            break;
        if (!send(d, e)) {
            d->waiting = e;
            break;
        }
        vq_push(&d->v, e, 0);
        any = true;
    }
    if (any)
        vq_interrupt(&d->v, TX);
    if (count == VIRTIO_BURST)
        virtio_again(&d->v, TX);
}

/* ---- from the host ---- */
static bool is_broadcast(const uint8_t *mac)
{
    return memcmp(mac, "\xff\xff\xff\xff\xff\xff", 6) == 0;
}

static bool wanted(const struct net *d, const uint8_t *f, size_t len)
{
    unsigned first, n;

    if (d->promisc)
        return true;
    if (virtio_has(&d->v, F_CTRL_VLAN) && len >= 18 && f[12] == 0x81 && f[13] == 0) {
        unsigned vid = (unsigned)(f[14] << 8 | f[15]) & 0xfff;

        if (!(d->vlans[vid / 8] >> vid % 8 & 1))
            return false;
    }
    if (is_broadcast(f))
        return !d->nobcast;
    if (f[0] & 1) {
        if (d->nomulti)
            return false;
        if (d->allmulti || d->multi_over)
            return true;
        first = d->nuni;
        n = d->nmulti;
    } else {
        if (d->nouni)
            return false;
        if (d->alluni || d->uni_over || memcmp(f, d->mac, 6) == 0)
            return true;
        first = 0;
        n = d->nuni;
    }
    for (unsigned i = first; i < first + n; i++)
        if (memcmp(f, d->macs + 6 * i, 6) == 0)
            return true;
    return false;
}

/* Chains for len bytes: how many, 0: there are not enough; too_small: they never will be. */
static unsigned collect(struct net *d, uint64_t len, struct vq_elem *e[MERGE_MAX], bool *too_small)
{
    unsigned n = 0, most = virtio_has(&d->v, F_MRG_RXBUF) ? MERGE_MAX : 1;
    uint64_t room = 0;

    *too_small = false;
    while (room < len && n < most && (e[n] = vq_pop(&d->v, RX, sizeof(*e[n]))))
        room += e[n++]->in_len;
    if (room >= len)
        return n;
    *too_small = n == most;
    while (n)
        vq_unpop(&d->v, e[--n]);
    return 0;
}

static bool take(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o)
{
    struct net *d = dev;
    struct vq_elem *e[MERGE_MAX];
    unsigned h = header(d), n;
    uint8_t hdr[HDR] = {0};
    bool too_small;
    size_t done = 0;

    if (!virtio_live(&d->v) || !d->v.ready[RX] || !d->link_up || len < 14 || len > PACKET_MAX ||
        !wanted(d, frame, len))
        return true;
    n = collect(d, h + len, e, &too_small);
    if (n == 0) {
        d->waited_for = !too_small && virtio_live(&d->v);
        return !d->waited_for;
    }
    if (o) {
        hdr[0] = o->flags;
        hdr[1] = o->gso;
        virtio_put(hdr + 2, o->hdr_len, 2);
        virtio_put(hdr + 4, o->gso_size, 2);
        virtio_put(hdr + 6, o->csum_start, 2);
        virtio_put(hdr + 8, o->csum_offset, 2);
    }
    virtio_put(hdr + 10, n, 2);
    if (e[0]->in_len < h) { /* not even the header in one */
        virtio_broken(&d->v, "a receive buffer is shorter than a header");
        for (unsigned i = 0; i < n; i++)
            vq_drop(e[i]);
        return true;
    }
    for (unsigned i = 0; i < n; i++) {
        uint64_t skip = 0, put;

        if (i == 0)
            skip = vq_write(e[0], 0, hdr, h);
        put = vq_write(e[i], skip, frame + done, len - done);
        done += put;
        vq_push(&d->v, e[i], skip + put);
    }
    vq_interrupt(&d->v, RX);
    return true;
}

/* ---- control ---- */
static bool set_macs(struct net *d, const struct vq_elem *e)
{
    uint8_t macs[MACS * 6], b[4];
    uint64_t at = 2;
    uint32_t n[2] = {0};
    bool over[2] = {false};
    unsigned have = 0;

    for (unsigned list = 0; list < 2; list++) {
        uint64_t count;

        if (vq_read(e, at, b, 4) != 4)
            return false;
        at += 4;
        count = virtio_get(b, 4);
        if (count * 6 > e->out_len - at)
            return false;
        if (count > MACS - have) {
            over[list] = true;
        } else {
            vq_read(e, at, macs + 6 * have, count * 6);
            n[list] = (uint32_t)count;
            have += (unsigned)count;
        }
        at += count * 6;
    }
    if (at != e->out_len)
        return false;
    memcpy(d->macs, macs, 6 * have);
    d->nuni = n[0];
    d->nmulti = n[1];
    d->uni_over = over[0];
    d->multi_over = over[1];
    return true;
}

static bool control_rx(struct net *d, unsigned cmd, const struct vq_elem *e)
{
    uint8_t *const modes[] = {&d->promisc, &d->allmulti, &d->alluni,
                              &d->nomulti, &d->nouni,    &d->nobcast};
    uint8_t on;

    if (cmd >= ARRAY_LEN(modes) || vq_read(e, 2, &on, 1) != 1 ||
        !virtio_has(&d->v, cmd < 2 ? F_CTRL_RX : F_RX_EXTRA))
        return false;
    *modes[cmd] = on != 0;
    return true;
}

static bool control(struct net *d, const struct vq_elem *e)
{
    uint8_t head[2], b[6];

    if (vq_read(e, 0, head, 2) != 2)
        return false;
    switch (head[0] << 8 | head[1]) {
    case 0x100:
        return virtio_has(&d->v, F_CTRL_RX) && set_macs(d, e);
    case 0x101:
        if (!virtio_has(&d->v, F_CTRL_MAC) || vq_read(e, 2, b, 6) != 6)
            return false;
        memcpy(d->mac, b, 6);
        return true;
    case 0x200:
    case 0x201:
        if (!virtio_has(&d->v, F_CTRL_VLAN) || vq_read(e, 2, b, 2) != 2 ||
            virtio_get(b, 2) >= VLANS)
            return false;
        if (head[1])
            d->vlans[virtio_get(b, 2) / 8] &= (uint8_t) ~(1u << virtio_get(b, 2) % 8);
        else
            d->vlans[virtio_get(b, 2) / 8] |= (uint8_t)(1u << virtio_get(b, 2) % 8);
        return true;
    default:
        return head[0] == 0 && control_rx(d, head[1], e);
    }
}

static void serve_control(struct net *d)
{
    struct vq_elem *e;
    unsigned count;

    for (count = 0; count < VIRTIO_BURST && (e = vq_pop(&d->v, CTRL, sizeof(*e))); count++) {
        uint8_t ack = !control(d, e);

        if (vq_write(e, 0, &ack, 1) != 1) {
            virtio_broken(&d->v, "a command without room for its answer");
            vq_drop(e);
            return;
        }
        vq_push(&d->v, e, 1);
    }
    if (count)
        vq_interrupt(&d->v, CTRL);
    if (count == VIRTIO_BURST)
        virtio_again(&d->v, CTRL);
}

/* ---- the function ---- */
static void kick(struct virtio *v, unsigned queue)
{
    struct net *d = (struct net *)v;

    switch (queue) {
    case RX:
        if (d->waited_for && d->out) {
            d->waited_for = false;
            d->out->accept(d->out->to);
        }
        break;
    case TX:
        if (!d->waiting)
            transmit(d);
        break;
    default:
        serve_control(d);
    }
}

static void tell_offloads(struct net *d)
{
    uint32_t may = (virtio_has(&d->v, F_GUEST_CSUM) ? PACKET_TAKES_CSUM : 0) |
                   (virtio_has(&d->v, F_GUEST_TSO4) ? PACKET_TAKES_TCP4 : 0) |
                   (virtio_has(&d->v, F_GUEST_TSO6) ? PACKET_TAKES_TCP6 : 0);

    if (d->out && d->out->takes)
        d->out->takes(d->out->to, virtio_live(&d->v) ? may : 0);
}

static void started(struct virtio *v)
{
    struct net *d = (struct net *)v;

    tell_offloads(d);
    if (v->ready[TX])
        transmit(d);
    d->waited_for = true;
    kick(v, RX);
}

static void stop(struct virtio *v)
{
    struct net *d = (struct net *)v;

    if (d->waiting)
        vq_drop(d->waiting);
    d->waiting = NULL;
}

static void config_get(struct virtio *v)
{
    const struct net *d = (struct net *)v;

    memcpy(v->config, d->mac, 6);
    virtio_put(v->config + 6, d->link_up, 2);
    virtio_put(v->config + 8, 1, 2);
    virtio_put(v->config + 10, d->mtu, 2);
}

static void config_set(struct virtio *v, unsigned at)
{
    struct net *d = (struct net *)v;

    /* Drivers of old set their address so. */
    if (at < 6 && !virtio_has(v, VIRTIO_F_VERSION_1 | F_CTRL_MAC))
        d->mac[at] = v->config[at];
}

static const struct virtio_ops ops = {
    .type = 1,
    .kick = kick,
    .config_get = config_get,
    .config_set = config_set,
    .started = started,
    .stop = stop,
};

static void room(void *dev)
{
    transmit(dev);
}

static void set_link(void *dev, bool up)
{
    struct net *d = dev;

    if (d->link_up == up)
        return;
    d->link_up = up;
    virtio_config_changed(&d->v);
}

static void join_packets(struct device *dev, const struct packet_out *out, struct packet_in *in)
{
    ((struct net *)dev)->out = out;
    *in = (struct packet_in){.dev = dev, .take = take, .room = room, .link = set_link};
}

static int realize(struct device *dev, char *err, size_t err_len)
{
    struct net *d = (struct net *)dev;
    uint64_t f = F_MAC | F_STATUS | F_MRG_RXBUF | F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN | F_RX_EXTRA |
                 F_CTRL_MAC | (d->mtu ? F_MTU : 0);
    uint16_t sizes[QUEUES] = {d->rx_size, d->tx_size, 64};
    uint32_t may = d->out && d->offload ? d->out->may : 0;

    if (d->rx_size & (d->rx_size - 1) || d->tx_size & (d->tx_size - 1)) {
        snprintf(err, err_len, "%s: sizes of queues must be powers of two", dev->class->name);
        return -EINVAL;
    }
    if (memcmp(d->own_mac, "\0\0\0\0\0\0", 6) == 0)
        memcpy(d->own_mac, "\x52\x54\x00\x12\x34\x56", 6);
    if (may & PACKET_TAKES_CSUM)
        f |= F_CSUM | (may & PACKET_TAKES_TCP4 ? F_HOST_TSO4 | F_HOST_ECN : 0) |
             (may & PACKET_TAKES_TCP6 ? F_HOST_TSO6 : 0) | F_GUEST_CSUM | F_GUEST_TSO4 |
             F_GUEST_TSO6 | F_GUEST_ECN;
    d->link_up = 1;
    virtio_init(&d->v, &ops, f, sizes, QUEUES);
    return 0;
}

static void unrealize(struct device *dev)
{
    stop((struct virtio *)dev);
    virtio_exit(dev);
}

static void reset(struct device *dev)
{
    struct net *d = (struct net *)dev;

    virtio_reset(dev);
    memcpy(d->mac, d->own_mac, 6);
    d->promisc = 1;
    d->waited_for = false;
    tell_offloads(d);
    if (d->out) /* what waited for buffers is dropped by take() */
        d->out->accept(d->out->to);
}

static int pre_save(struct device *dev)
{
    struct net *d = (struct net *)dev;

    if (d->waiting) {
        vq_unpop(&d->v, d->waiting);
        virtio_again(&d->v, TX);
    }
    d->waiting = NULL;
    return 0;
}

static int post_load(struct device *dev, uint32_t version, char *err, size_t err_len)
{
    struct net *d = (struct net *)dev;
    int e = virtio_post_load(dev, version, err, err_len);

    if (e == 0 && d->nuni + d->nmulti > MACS) {
        snprintf(err, err_len, "more addresses than there is room for");
        e = -EINVAL;
    }
    if (e < 0)
        return e;
    tell_offloads(d);
    d->waited_for = true;
    return 0;
}

#define FLAG(member) DEV_STATE_MAX(struct net, member, 1)
static const struct dev_state states[] = {
    VIRTIO_STATES,
    DEV_STATE_ARRAY(struct net, mac),
    FLAG(promisc),
    FLAG(allmulti),
    FLAG(alluni),
    FLAG(nomulti),
    FLAG(nouni),
    FLAG(nobcast),
    DEV_STATE_ARRAY(struct net, macs),
    DEV_STATE_MAX(struct net, nuni, MACS),
    DEV_STATE_MAX(struct net, nmulti, MACS),
    FLAG(uni_over),
    FLAG(multi_over),
    DEV_STATE_ARRAY(struct net, vlans),
    {.name = "link_up",
     .offset = offsetof(struct net, link_up),
     .size = 1,
     .count = 1,
     .max = 1,
     .keep = true},
};
static const struct dev_prop props[] = {
    DEV_PROP(struct net, netdev, "netdev", DEV_LINK, .names = (const char *const[]){"netdev"},
             .text = "the network that it is on"),
    DEV_PROP(struct net, own_mac, "mac", DEV_MAC, .text = "its address"),
    DEV_PROP(struct net, mtu, "host_mtu", DEV_U16, .text = "longest packet, 0: not said"),
    DEV_PROP(struct net, rx_size, "rx_queue_size", DEV_U16, .dflt = 256, .min = 8,
             .max = VIRTIO_QUEUE_MAX, .text = "entries of the receive queue"),
    DEV_PROP(struct net, tx_size, "tx_queue_size", DEV_U16, .dflt = 256, .min = 8,
             .max = VIRTIO_QUEUE_MAX, .text = "entries of the transmit queue"),
    DEV_PROP(struct net, offload, "offload", DEV_BOOL, .dflt = 1,
             .text = "offers checksums and segmentation where the network takes them"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_net_class = {
    .name = "virtio-net-device",
    .text = "virtio network device",
    .bus = "virtio",
    .category = "network",
    .size = sizeof(struct net),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .pre_save = pre_save,
    .post_load = post_load,
    .join_packets = join_packets,
};
