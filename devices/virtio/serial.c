// SPDX-License-Identifier: MIT
/* devices/virtio/serial.c -- virtio console device (virtio 1.2, 5.3) with several ports.
 *
 * Port 0 has queues 0 and 1, the control queues are 2 and 3, port n > 0 has 2n + 2 and 2n + 3.
 * Drivers that do not know several ports have port 0. What the device has to tell the driver is
 * kept as bits a port, so it can never grow; it is sent when there are buffers. Bytes that the host
 * cannot take stay in their buffer, and how far it was sent is remembered. Not offered: size of the
 * terminal. */
#include "devices/virtio/serial.h"

#include "devices/virtio/virtio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PORTS = 31, CTRL_RX = 2, CTRL_TX = 3, ANY_PORT = 255 };
enum {
    DEVICE_READY,
    DEVICE_ADD,
    DEVICE_REMOVE,
    PORT_READY,
    CONSOLE_PORT,
    RESIZE,
    PORT_OPEN,
    PORT_NAME
};
/* What is to be told of a port, in this order. */
enum { TELL_ADD = 1, TELL_CONSOLE = 2, TELL_NAME = 4, TELL_OPEN = 8 };

#define F_MULTIPORT VIRTIO_F(1)
#define F_EMERG     VIRTIO_F(2)

struct port;
struct serial {
    struct virtio v;
    uint8_t tell[PORTS], guest_open[PORTS], driver_ready;
    uint64_t sent[PORTS]; /* bytes of the chain at the head of its queue that the host has */
    /* wiring */
    uint32_t max_ports;
    struct port *ports[PORTS];
};

struct port {
    struct device dev;
    /* wiring */
    struct serial *s;
    uint32_t nr;
    char *name, *chardev;
    const struct bytes_out *out;
    struct vq_elem *waiting; /* what the host could not take whole */
    bool waited_for;
};

static unsigned rx_queue(unsigned nr)
{
    return nr ? 2 * nr + 2 : 0;
}

static struct port *port_of_queue(struct serial *s, unsigned q)
{
    unsigned nr = q < 2 ? 0 : q / 2 - 1;

    return q == CTRL_RX || q == CTRL_TX || nr >= PORTS ? NULL : s->ports[nr];
}

static bool is_console(const struct port *p)
{
    return p->dev.class == &virtconsole_class;
}

static bool is_open(const struct port *p)
{
    const struct virtio *v = &p->s->v;

    return virtio_live(v) && (virtio_has(v, F_MULTIPORT) ? p->s->guest_open[p->nr] : p->nr == 0);
}

/* ---- telling the driver ---- */
static bool control_message(struct serial *s, unsigned nr, unsigned event, unsigned value,
                            const char *name)
{
    struct vq_elem *e = vq_pop(&s->v, CTRL_RX, sizeof(*e));
    size_t n = name ? strlen(name) : 0;
    uint8_t m[8 + 64];

    if (!e)
        return false;
    if (n > sizeof(m) - 8)
        n = sizeof(m) - 8;
    virtio_put(m, nr, 4);
    virtio_put(m + 4, event, 2);
    virtio_put(m + 6, value, 2);
    if (n)
        memcpy(m + 8, name, n);
    vq_push(&s->v, e, vq_write(e, 0, m, 8 + n));
    return true;
}

static bool tell_one(struct serial *s, unsigned nr)
{
    struct port *p = s->ports[nr];
    uint8_t what = s->tell[nr] & (uint8_t)-s->tell[nr]; /* the lowest bit */

    switch (p ? what : 0) {
    case TELL_ADD:
        return control_message(s, nr, DEVICE_ADD, 1, NULL) && (s->tell[nr] ^= TELL_ADD, true);
    case TELL_CONSOLE:
        return control_message(s, nr, CONSOLE_PORT, 1, NULL) && (s->tell[nr] ^= TELL_CONSOLE, true);
    case TELL_NAME:
        return control_message(s, nr, PORT_NAME, 1, p->name) && (s->tell[nr] ^= TELL_NAME, true);
    case TELL_OPEN:
        return control_message(s, nr, PORT_OPEN, 1, NULL) && (s->tell[nr] ^= TELL_OPEN, true);
    default:
        s->tell[nr] = 0;
        return false;
    }
}

static void tell(struct serial *s)
{
    bool any = false;

    if (!virtio_has(&s->v, F_MULTIPORT))
        return;
    for (unsigned nr = 0; nr < PORTS; nr++)
        while (s->tell[nr] && vq_has(&s->v, CTRL_RX) && tell_one(s, nr))
            any = true;
    if (any)
        vq_interrupt(&s->v, CTRL_RX);
}

/* ---- from the driver ---- */
static void accept(struct port *p)
{
    if (p->waited_for && p->out && is_open(p)) {
        p->waited_for = false;
        p->out->accept(p->out->to);
    }
}

static void control(struct serial *s, const uint8_t *m)
{
    uint64_t nr = virtio_get(m, 4);
    unsigned event = (unsigned)virtio_get(m + 4, 2), value = (unsigned)virtio_get(m + 6, 2);
    struct port *p = nr < PORTS ? s->ports[nr] : NULL;

    if (event == DEVICE_READY) {
        s->driver_ready = value == 1;
        for (unsigned i = 0; i < PORTS && s->driver_ready; i++)
            s->tell[i] |= s->ports[i] ? TELL_ADD : 0;
    } else if (event == PORT_READY && p && value == 1) {
        s->tell[nr] |= (is_console(p) ? TELL_CONSOLE : 0) | (p->name ? TELL_NAME : 0) | TELL_OPEN;
    } else if (event == PORT_OPEN && p) {
        s->guest_open[nr] = value != 0;
        accept(p);
    }
    tell(s);
}

static void serve_control(struct serial *s)
{
    struct vq_elem *e;
    unsigned count = 0;

    while (count < VIRTIO_BURST && (e = vq_pop(&s->v, CTRL_TX, sizeof(*e)))) {
        uint8_t m[8];

        if (vq_read(e, 0, m, 8) == 8)
            control(s, m);
        vq_push(&s->v, e, 0);
        count++;
    }
    if (count)
        vq_interrupt(&s->v, CTRL_TX);
    if (count == VIRTIO_BURST)
        virtio_again(&s->v, CTRL_TX);
}

/* False: the host has no room; how far it got is in sent. */
static bool send(struct port *p, const struct vq_elem *e)
{
    uint64_t *sent = &p->s->sent[p->nr], at = 0;

    for (unsigned i = 0; i < e->nout && p->out; at += e->out[i++].iov_len) {
        const uint8_t *b = e->out[i].iov_base;

        while (*sent < at + e->out[i].iov_len) {
            size_t n = p->out->write(p->out->to, b + (*sent - at), at + e->out[i].iov_len - *sent);

            if (n == 0)
                return false;
            *sent += n;
        }
    }
    *sent = 0;
    return true;
}

static void transmit(struct port *p)
{
    struct virtio *v = &p->s->v;
    unsigned q = rx_queue(p->nr) + 1, count;
    bool any = false;

    for (count = 0; count < VIRTIO_BURST; count++) {
        struct vq_elem *e = p->waiting ? p->waiting : vq_pop(v, q, sizeof(*e));

        p->waiting = NULL;
        if (!e)
            break;
        if (!send(p, e)) {
            p->waiting = e;
            break;
        }
        vq_push(v, e, 0);
        any = true;
    }
    if (any)
        vq_interrupt(v, q);
    if (count == VIRTIO_BURST)
        virtio_again(v, q);
}

static void kick(struct virtio *v, unsigned q)
{
    struct serial *s = (struct serial *)v;
    struct port *p = port_of_queue(s, q);
    struct vq_elem *e;

    if (q == CTRL_RX) {
        tell(s);
    } else if (q == CTRL_TX) {
        serve_control(s);
    } else if (p && q % 2) {
        if (!p->waiting)
            transmit(p);
    } else if (p) {
        accept(p);
    } else if (q % 2 && (e = vq_pop(v, q, sizeof(*e)))) { /* to a port that is not there */
        vq_push(v, e, 0);
        vq_interrupt(v, q);
        virtio_again(v, q);
    }
}

static void started(struct virtio *v)
{
    struct serial *s = (struct serial *)v;

    for (unsigned i = 0; i < PORTS; i++)
        if (s->ports[i])
            accept(s->ports[i]);
}

static void stop(struct virtio *v)
{
    struct serial *s = (struct serial *)v;

    for (unsigned i = 0; i < PORTS; i++) {
        if (s->ports[i] && s->ports[i]->waiting) {
            vq_drop(s->ports[i]->waiting);
            s->ports[i]->waiting = NULL;
        }
    }
}

static void config_get(struct virtio *v)
{
    const struct serial *s = (struct serial *)v;

    virtio_put(v->config + 4, s->max_ports, 4);
}

static void config_set(struct virtio *v, unsigned at)
{
    struct serial *s = (struct serial *)v;
    const struct port *p = s->ports[0];

    if (at == 8 && p && p->out) /* a character in an emergency, from a driver that is not up yet */
        p->out->write(p->out->to, &v->config[8], 1);
}

static const struct virtio_ops ops = {
    .type = 3,
    .kick = kick,
    .config_get = config_get,
    .config_set = config_set,
    .started = started,
    .stop = stop,
};

/* ---- ports ---- */
static size_t can_take(void *dev)
{
    struct port *p = dev;
    struct virtio *v = &p->s->v;
    struct vq_elem *e = is_open(p) ? vq_pop(v, rx_queue(p->nr), sizeof(*e)) : NULL;
    size_t n = 0;

    if (e) {
        n = e->in_len;
        vq_unpop(v, e);
    }
    p->waited_for = n == 0;
    return n;
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct port *p = dev;
    struct virtio *v = &p->s->v;
    unsigned q = rx_queue(p->nr);
    struct vq_elem *e = vq_pop(v, q, sizeof(*e));

    if (!e)
        return;
    vq_push(v, e, vq_write(e, 0, buf, n));
    vq_interrupt(v, q);
}

static void room(void *dev)
{
    transmit(dev);
}

static void port_join(struct device *d, const struct bytes_out *out, struct bytes_in *in)
{
    ((struct port *)d)->out = out;
    *in = (struct bytes_in){.dev = d, .can_take = can_take, .take = take, .room = room};
}

static const struct dev_prop port_props[] = {
    DEV_PROP(struct port, chardev, "chardev", DEV_LINK, .names = (const char *const[]){"chardev"},
             .text = "what it talks to"),
    DEV_PROP(struct port, name, "name", DEV_STRING, .text = "by which the guest finds it"),
    DEV_PROP(struct port, nr, "nr", DEV_U32, .dflt = ANY_PORT, .max = ANY_PORT,
             .text = "number of the port; the first free one if not given"),
};

#define PORT_CLASS(variable, name_, text_)                                                         \
    const struct dev_class variable = {                                                            \
        .name = name_,                                                                             \
        .text = text_,                                                                             \
        .bus = "virtio-serial",                                                                    \
        .category = "input",                                                                       \
        .size = sizeof(struct port),                                                               \
        .version = 1,                                                                              \
        .props = port_props,                                                                       \
        .nprops = ARRAY_LEN(port_props),                                                           \
        .join_bytes = port_join,                                                                   \
    }
PORT_CLASS(virtconsole_class, "virtconsole", "terminal on a virtio-serial device");
PORT_CLASS(virtserialport_class, "virtserialport", "named channel on a virtio-serial device");

static int plug(struct device *d, struct device *child, char *err, size_t err_len)
{
    struct serial *s = (struct serial *)d;
    struct port *p = (struct port *)child;

    if (strcmp(child->class->bus, "virtio-serial") != 0) {
        snprintf(err, err_len, "%s is no port of a virtio-serial device", child->class->name);
        return -EINVAL;
    }
    if (p->nr == ANY_PORT) /* port 0 is a terminal's: old drivers know no other */
        for (p->nr = !is_console(p); p->nr < s->max_ports && s->ports[p->nr]; p->nr++)
            ;
    if (p->nr >= s->max_ports || s->ports[p->nr]) {
        snprintf(err, err_len, "%s: port %u is %s", child->class->name, p->nr,
                 p->nr < s->max_ports ? "taken" : "not there");
        return -EBUSY;
    }
    p->s = s;
    s->ports[p->nr] = p;
    return 0;
}

static void unplug(struct device *d, struct device *child)
{
    struct serial *s = (struct serial *)d;
    struct port *p = (struct port *)child;

    if (p->waiting)
        vq_drop(p->waiting);
    s->ports[p->nr] = NULL;
}

/* ---- the class ---- */
static int realize(struct device *d, char *err, size_t err_len)
{
    struct serial *s = (struct serial *)d;
    uint16_t sizes[VIRTIO_QUEUES];

    (void)err, (void)err_len;
    for (unsigned i = 0; i < VIRTIO_QUEUES; i++)
        sizes[i] = i == CTRL_RX || i == CTRL_TX ? 32 : 128;
    virtio_init(&s->v, &ops, F_MULTIPORT | F_EMERG, sizes, 2 * s->max_ports + 2);
    return 0;
}

static int pre_save(struct device *d)
{
    struct serial *s = (struct serial *)d;

    for (unsigned i = 0; i < PORTS; i++) {
        if (s->ports[i] && s->ports[i]->waiting) {
            vq_unpop(&s->v, s->ports[i]->waiting);
            s->ports[i]->waiting = NULL;
            virtio_again(&s->v, rx_queue(i) + 1);
        }
    }
    return 0;
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct serial *s = (struct serial *)d;

    for (unsigned i = 0; i < PORTS; i++)
        if (s->ports[i])
            s->ports[i]->waited_for = true;
    return virtio_post_load(d, version, err, err_len);
}

static const struct dev_state states[] = {
    VIRTIO_STATES,
    {.name = "tell", .offset = offsetof(struct serial, tell), .size = 1, .count = PORTS, .max = 15},
    {.name = "guest_open",
     .offset = offsetof(struct serial, guest_open),
     .size = 1,
     .count = PORTS,
     .max = 1},
    DEV_STATE_MAX(struct serial, driver_ready, 1),
    DEV_STATE_ARRAY(struct serial, sent),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct serial, max_ports, "max_ports", DEV_U32, .dflt = PORTS, .min = 1, .max = PORTS,
             .text = "ports that there is room for"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_serial_class = {
    .name = "virtio-serial-device",
    .text = "virtio console device, for virtconsole and virtserialport",
    .bus = "virtio",
    .category = "input",
    .size = sizeof(struct serial),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = virtio_exit,
    .reset = virtio_reset,
    .pre_save = pre_save,
    .post_load = post_load,
    .plug = plug,
    .unplug = unplug,
};
