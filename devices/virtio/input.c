// SPDX-License-Identifier: MIT
/* devices/virtio/input.c -- virtio input devices (virtio 1.2, 5.8): a keyboard, a mouse, a tablet.
 * They differ in what they say they have, and in what events they take.
 *
 * Events wait in a ring of this device until the driver has buffers for them; those of one moment
 * go in whole or, when the ring is full, not at all. While no driver is up nothing is kept: what
 * was typed before is nobody's. Not there: force feedback, several touches. */
#include "devices/virtio/input.h"

#include "devices/virtio/virtio.h"
#include "ports/input.h"

#include <string.h>

enum { EVENTS = 0, STATUS = 1 }; /* queues */
enum { WAITING = 256, BATCH = 16 };
enum { EV_SYN = 0, EV_LED = 0x11, EV_REP = 0x14 };
enum { CFG_NAME = 1, CFG_SERIAL = 2, CFG_IDS = 3, CFG_PROPS = 0x10, CFG_EVENTS = 0x11,
       CFG_ABS = 0x12 };
enum { AT_SELECT = 0, AT_SUBSEL = 1, AT_SIZE = 2, AT_DATA = 8, DATA = 128 };
enum { BUS_VIRTUAL = 6, VENDOR = 0x0627 };

struct vinput {
    struct virtio v;
    /* what waits: a ring */
    uint16_t kind[WAITING], code[WAITING];
    uint32_t value[WAITING];
    uint32_t first, count;
    uint8_t leds;
    /* wiring */
    const struct model *model;
    char *serial;
    struct input_out out;
};

/* What a kind of event has codes for: a list ended by NONE. */
#define NONE 0xffff
struct codes {
    uint8_t kind;
    const uint16_t *list;
};
struct model {
    const char *name;
    uint16_t product;
    uint32_t takes;
    struct codes codes[4]; /* ended by list NULL */
};

static const uint16_t key_codes[] = {
#define INPUT_KEYCODE(name, code) code,
#include "ports/keys.def"
#undef INPUT_KEYCODE
    NONE};
static const uint16_t rep_codes[] = {0, 1, NONE};
static const uint16_t led_codes[] = {0, 1, 2, NONE};
static const uint16_t button_codes[] = {INPUT_BTN_LEFT, INPUT_BTN_RIGHT, INPUT_BTN_MIDDLE,
                                        INPUT_BTN_SIDE, INPUT_BTN_EXTRA, NONE};
static const uint16_t mouse_codes[] = {INPUT_REL_X, INPUT_REL_Y, INPUT_REL_HWHEEL, INPUT_REL_WHEEL,
                                       NONE};
static const uint16_t wheel_codes[] = {INPUT_REL_HWHEEL, INPUT_REL_WHEEL, NONE};
static const uint16_t abs_codes[] = {INPUT_ABS_X, INPUT_ABS_Y, NONE};

static const struct model keyboard = {
    "moa Virtio Keyboard",
    1,
    INPUT_TAKES_KEYS,
    {{INPUT_KEY, key_codes}, {EV_REP, rep_codes}, {EV_LED, led_codes}},
};
static const struct model mouse = {
    "moa Virtio Mouse",
    2,
    INPUT_TAKES_REL,
    {{INPUT_KEY, button_codes}, {INPUT_REL, mouse_codes}},
};
static const struct model tablet = {
    "moa Virtio Tablet",
    3,
    INPUT_TAKES_ABS,
    {{INPUT_KEY, button_codes}, {INPUT_REL, wheel_codes}, {INPUT_ABS, abs_codes}},
};

static const uint16_t *codes_of(const struct vinput *s, unsigned kind)
{
    for (const struct codes *c = s->model->codes; c->list; c++)
        if (c->kind == kind)
            return c->list;
    return NULL;
}

static bool has(const struct vinput *s, unsigned kind, unsigned code)
{
    const uint16_t *list = codes_of(s, kind);

    for (; list && *list != NONE; list++)
        if (*list == code)
            return true;
    return false;
}

/* ---- configuration ---- */
static unsigned put_bits(uint8_t *data, const uint16_t *list)
{
    unsigned size = 0;

    for (; list && *list != NONE; list++) {
        unsigned at = *list / 8u;

        data[at] |= (uint8_t)(1u << *list % 8);
        size = at + 1 > size ? at + 1 : size;
    }
    return size;
}

static unsigned put_text(uint8_t *data, const char *text)
{
    size_t n = text ? strlen(text) : 0;

    n = n < DATA ? n : DATA;
    if (n)
        memcpy(data, text, n);
    return (unsigned)n;
}

static unsigned put_ids(uint8_t *data, const struct vinput *s)
{
    virtio_put(data, BUS_VIRTUAL, 2);
    virtio_put(data + 2, VENDOR, 2);
    virtio_put(data + 4, s->model->product, 2);
    virtio_put(data + 6, 1, 2);
    return 8;
}

static unsigned put_abs(uint8_t *data, const struct vinput *s, unsigned axis)
{
    if (!has(s, INPUT_ABS, axis))
        return 0;
    virtio_put(data + 4, INPUT_ABS_MAX, 4); /* from 0, no noise, no flat middle, no resolution */
    return 20;
}

static void config_get(struct virtio *v)
{
    const struct vinput *s = (struct vinput *)v;
    uint8_t *data = v->config + AT_DATA, sub = v->config[AT_SUBSEL];
    unsigned size = 0;

    memset(v->config + AT_SIZE, 0, VIRTIO_CONFIG - AT_SIZE);
    switch (v->config[AT_SELECT]) {
    case CFG_NAME:
        size = sub == 0 ? put_text(data, s->model->name) : 0;
        break;
    case CFG_SERIAL:
        size = sub == 0 ? put_text(data, s->serial) : 0;
        break;
    case CFG_IDS:
        size = sub == 0 ? put_ids(data, s) : 0;
        break;
    case CFG_EVENTS:
        size = put_bits(data, codes_of(s, sub));
        break;
    case CFG_ABS:
        size = put_abs(data, s, sub);
        break;
    default: /* CFG_PROPS: none */
        break;
    }
    v->config[AT_SIZE] = (uint8_t)size;
}

/* Only the selectors can be written; config_get() makes the rest good again. */
static void config_set(struct virtio *v, unsigned at)
{
    (void)at;
    config_get(v);
}

/* ---- events ---- */
static void send(struct vinput *s)
{
    bool any = false;

    while (s->count) {
        struct vq_elem *e = vq_pop(&s->v, EVENTS, sizeof(*e));
        uint8_t m[8];

        if (!e)
            break;
        virtio_put(m, s->kind[s->first], 2);
        virtio_put(m + 2, s->code[s->first], 2);
        virtio_put(m + 4, s->value[s->first], 4);
        s->first = (s->first + 1) % WAITING;
        s->count--;
        vq_push(&s->v, e, vq_write(e, 0, m, sizeof(m)));
        any = true;
    }
    if (any)
        vq_interrupt(&s->v, EVENTS);
}

static void add(struct vinput *s, unsigned kind, unsigned code, uint32_t value)
{
    uint32_t at = (s->first + s->count++) % WAITING;

    s->kind[at] = (uint16_t)kind;
    s->code[at] = (uint16_t)code;
    s->value[at] = value;
}

static void events(void *dev, const struct input_event *e, unsigned n)
{
    struct vinput *s = dev;
    unsigned known = 0;

    for (unsigned i = 0; i < n; i++)
        known += has(s, e[i].kind, e[i].code);
    if (!known || !virtio_live(&s->v) || known + 1 > WAITING - s->count)
        return;
    for (unsigned i = 0; i < n; i++)
        if (has(s, e[i].kind, e[i].code))
            add(s, e[i].kind, e[i].code, (uint32_t)e[i].value);
    add(s, EV_SYN, 0, 0);
    send(s);
}

static bool ready(void *dev)
{
    return virtio_live(&((struct vinput *)dev)->v);
}

/* The driver tells the state of lamps. */
static void status(struct vinput *s)
{
    struct vq_elem *e;
    unsigned count = 0;
    uint8_t was = s->leds;

    while (count < VIRTIO_BURST && (e = vq_pop(&s->v, STATUS, sizeof(*e)))) {
        uint8_t m[8];

        if (vq_read(e, 0, m, sizeof(m)) == sizeof(m) && virtio_get(m, 2) == EV_LED) {
            unsigned led = (unsigned)virtio_get(m + 2, 2);

            if (has(s, EV_LED, led))
                s->leds = (uint8_t)(virtio_get(m + 4, 4) ? s->leds | 1u << led
                                                         : s->leds & ~(1u << led));
        }
        vq_push(&s->v, e, 0);
        count++;
    }
    if (count)
        vq_interrupt(&s->v, STATUS);
    if (count == VIRTIO_BURST)
        virtio_again(&s->v, STATUS);
    if (s->leds != was && s->out.leds)
        s->out.leds(s->out.to, s->leds);
}

static void kick(struct virtio *v, unsigned queue)
{
    if (queue == EVENTS)
        send((struct vinput *)v);
    else if (queue == STATUS)
        status((struct vinput *)v);
}

static const struct virtio_ops ops = {
    .type = 18, .kick = kick, .config_get = config_get, .config_set = config_set};

/* ---- the classes ---- */
static void join_input(struct device *d, const struct input_out *out, struct input_in *in)
{
    struct vinput *s = (struct vinput *)d;

    s->out = *out;
    *in = (struct input_in){.dev = d, .events = events, .ready = ready};
    s->model = d->class == &virtio_keyboard_class ? &keyboard
               : d->class == &virtio_mouse_class  ? &mouse
                                                  : &tablet;
    in->name = s->model->name;
    in->takes = s->model->takes;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    static const uint16_t sizes[] = {64, 64};
    struct input_out none = {0};
    struct input_in in;

    (void)err, (void)err_len;
    if (!((struct vinput *)d)->model)
        join_input(d, &none, &in);
    virtio_init((struct virtio *)d, &ops, 0, sizes, 2);
    return 0;
}

#define WAIT_STATE(member)                                                                         \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct vinput, member),                                \
        .size = sizeof(((struct vinput *)0)->member[0]), .count = WAITING                          \
    }
static const struct dev_state states[] = {
    VIRTIO_STATES,
    WAIT_STATE(kind),
    WAIT_STATE(code),
    WAIT_STATE(value),
    DEV_STATE_MAX(struct vinput, first, WAITING - 1),
    DEV_STATE_MAX(struct vinput, count, WAITING),
    DEV_STATE_MAX(struct vinput, leds, 7),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct vinput, serial, "serial", DEV_STRING, .text = "by which the guest knows it"),
    VIRTIO_PROPS,
};

#define VINPUT_CLASS(variable, name_, text_)                                                       \
    const struct dev_class variable = {                                                            \
        .name = name_,                                                                             \
        .text = text_,                                                                             \
        .bus = "virtio",                                                                           \
        .category = "input",                                                                       \
        .size = sizeof(struct vinput),                                                             \
        .version = 1,                                                                              \
        .props = props,                                                                            \
        .nprops = ARRAY_LEN(props),                                                                \
        .states = states,                                                                          \
        .nstates = ARRAY_LEN(states),                                                              \
        .realize = realize,                                                                        \
        .unrealize = virtio_exit,                                                                  \
        .reset = virtio_reset,                                                                         \
        .post_load = virtio_post_load,                                                             \
        .join_input = join_input,                                                                  \
    }
VINPUT_CLASS(virtio_keyboard_class, "virtio-keyboard-device", "virtio keyboard");
VINPUT_CLASS(virtio_mouse_class, "virtio-mouse-device", "virtio mouse");
VINPUT_CLASS(virtio_tablet_class, "virtio-tablet-device", "virtio tablet: a pointer by position");
