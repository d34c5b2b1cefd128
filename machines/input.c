// SPDX-License-Identifier: MIT
/* machines/input.c -- which input device an event is for, and keys that the monitor sends.
 *
 * Of several devices for the same the chosen one comes first (mouse_set), then one whose driver is
 * up, then the one that was added last. Keys that are sent by name go down, wait, and go up, one
 * group after the other, in the machine's virtual time. */
#include "machines/display.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES = 32, QUEUE = 1024, BATCH = 16, HOLD = 100, GAP = 20 /* milliseconds */ };
#define MS 1000000ll

static const struct input_key {
    const char *name;
    uint16_t code;
} keys[] = {
#define INPUT_KEYCODE(name, code) {name, code},
#include "ports/keys.def"
#undef INPUT_KEYCODE
};

/* A step of what is sent: a key, then so many milliseconds of nothing. */
struct step {
    uint16_t code;
    uint8_t down;
    uint32_t wait;
};

struct machine_inputs {
    struct machine *m;
    struct source {
        struct input_in in;
        struct machine_inputs *all;
        uint32_t leds;
    } dev[DEVICES];
    unsigned n;
    struct source *chosen; /* by mouse_set */
    struct step queue[QUEUE];
    unsigned first, count;
    struct clock_timer *timer;
    bool waiting; /* the timer is set */
};

static void leds(void *to, uint32_t on)
{
    ((struct source *)to)->leds = on;
}

int machine_join_input(struct machine *m, struct device *d, char *err, size_t err_len)
{
    struct machine_inputs *i = m->inputs;
    struct input_out out = {.leds = leds};

    if (!i) {
        i = m->inputs = calloc(1, sizeof(*i));
        if (!i) {
            snprintf(err, err_len, "out of memory");
            return -1;
        }
        i->m = m;
    }
    if (i->n == DEVICES) {
        snprintf(err, err_len, "too many input devices");
        return -1;
    }
    out.to = &i->dev[i->n];
    i->dev[i->n].all = i;
    d->class->join_input(d, &out, &i->dev[i->n].in);
    i->n++;
    return 0;
}

void machine_inputs_free(struct machine *m)
{
    struct machine_inputs *i = m->inputs;

    if (i && i->timer)
        sm_clock(m->sm)->timer_free(i->timer);
    free(i);
    m->inputs = NULL;
}

/* ---- who takes what ---- */
static struct source *find(struct machine_inputs *i, uint32_t takes)
{
    struct source *best = NULL;
    bool ready = false;

    for (unsigned n = 0; i && n < i->n; n++) {
        struct source *s = &i->dev[n];
        bool r = s->in.ready(s->in.dev);

        if (!(s->in.takes & takes))
            continue;
        if (s == i->chosen)
            return s;
        if (r || !ready)
            best = s;
        ready |= r;
    }
    return best;
}

static struct source *pointer(struct machine_inputs *i)
{
    return find(i, INPUT_TAKES_REL | INPUT_TAKES_ABS);
}

static struct source *taker(struct machine_inputs *i, const struct input_event *e)
{
    if (e->kind == INPUT_KEY && e->code < INPUT_BTN_LEFT)
        return find(i, INPUT_TAKES_KEYS);
    if (e->kind == INPUT_ABS)
        return find(i, INPUT_TAKES_ABS);
    if (e->kind == INPUT_REL && (e->code == INPUT_REL_X || e->code == INPUT_REL_Y))
        return find(i, INPUT_TAKES_REL);
    return pointer(i);
}

int machine_input(struct machine *m, const struct input_event *e, unsigned n)
{
    struct input_event batch[BATCH];
    bool any = false;

    for (unsigned at = 0; at < n;) {
        struct source *s = taker(m->inputs, &e[at]);
        unsigned count = 0;

        while (at < n && count < BATCH && taker(m->inputs, &e[at]) == s)
            batch[count++] = e[at++];
        if (s)
            s->in.events(s->in.dev, batch, count);
        any |= s != NULL;
    }
    return any ? 0 : -ENODEV;
}

bool machine_input_absolute(struct machine *m)
{
    const struct source *s = pointer(m->inputs);

    return s && s->in.takes & INPUT_TAKES_ABS;
}

uint32_t machine_input_leds(struct machine *m)
{
    const struct source *s = find(m->inputs, INPUT_TAKES_KEYS);

    return s ? s->leds : 0;
}

void machine_mice(struct machine *m,
                  void (*one)(void *to, unsigned n, const char *name, bool absolute, bool in_use),
                  void *to)
{
    const struct source *now = pointer(m->inputs);

    for (unsigned n = 0; m->inputs && n < m->inputs->n; n++) {
        const struct source *s = &m->inputs->dev[n];

        if (s->in.takes & (INPUT_TAKES_REL | INPUT_TAKES_ABS))
            one(to, n, s->in.name, s->in.takes & INPUT_TAKES_ABS, s == now);
    }
}

int machine_mouse_set(struct machine *m, unsigned n, char *err, size_t err_len)
{
    struct machine_inputs *i = m->inputs;

    if (!i || n >= i->n || !(i->dev[n].in.takes & (INPUT_TAKES_REL | INPUT_TAKES_ABS))) {
        snprintf(err, err_len, "there is no mouse %u (info mice lists them)", n);
        return -ENOENT;
    }
    i->chosen = &i->dev[n];
    return 0;
}

/* ---- keys that are sent ---- */
uint16_t machine_key(const char *name, size_t len)
{
    char *end, text[16];
    unsigned long n;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strlen(keys[i].name) == len && strncmp(keys[i].name, name, len) == 0)
            return keys[i].code;
    if (len < 3 || len >= sizeof(text) || name[0] != '0' || (name[1] | 32) != 'x')
        return 0;
    snprintf(text, sizeof(text), "%.*s", (int)len, name); /* a number of the PC's first set */
    n = strtoul(text, &end, 16);
    return *end || n > 0x58 ? 0 : (uint16_t)n; /* where evdev's are the same */
}

static void run(void *arg)
{
    struct machine_inputs *i = arg;
    const struct clock_port *c = sm_clock(i->m->sm);

    i->waiting = false;
    while (i->count && !i->waiting) {
        struct step s = i->queue[i->first];
        struct input_event e = {INPUT_KEY, s.code, s.down};

        i->first = (i->first + 1) % QUEUE;
        i->count--;
        machine_input(i->m, &e, 1);
        if (s.wait) {
            c->timer_set(i->timer, c->now(c->opaque, CLOCK_VIRTUAL) + s.wait * MS);
            i->waiting = true;
        }
    }
}

static void add(struct machine_inputs *i, uint16_t code, bool down, uint32_t wait)
{
    i->queue[(i->first + i->count++) % QUEUE] = (struct step){code, down, wait};
}

int machine_send_keys(struct machine *m, const uint16_t *codes, unsigned n, unsigned hold,
                      char *err, size_t err_len)
{
    struct machine_inputs *i = m->inputs;
    const struct clock_port *c = sm_clock(m->sm);

    if (!find(i, INPUT_TAKES_KEYS)) {
        snprintf(err, err_len, "there is no keyboard (-device virtio-keyboard-pci)");
        return -ENODEV;
    }
    if (2 * n > QUEUE - i->count) {
        snprintf(err, err_len, "too many keys wait already");
        return -EBUSY;
    }
    if (!i->timer)
        i->timer = c->timer_new(c->opaque, CLOCK_VIRTUAL, run, i);
    for (unsigned k = 0; k < n; k++)
        add(i, codes[k], true, k + 1 == n ? (hold ? hold : HOLD) : 0);
    for (unsigned k = n; k--;)
        add(i, codes[k], false, k ? 0 : GAP);
    if (!i->waiting)
        run(i);
    return 0;
}

int machine_sendkey(struct machine *m, const char *text, unsigned hold, char *err, size_t err_len)
{
    uint16_t codes[16];
    unsigned n = 0;

    for (const char *p = text; *p; p += *p == '-') {
        size_t len = strcspn(p, "-");

        len = len ? len : 1; /* "-" itself: minus */
        if (n == ARRAY_LEN(codes)) {
            snprintf(err, err_len, "%s: too many keys", text);
            return -E2BIG;
        }
        codes[n] = *p == '-' ? machine_key("minus", 5) : machine_key(p, len);
        if (*p == '<' && len == 1)
            codes[n] = machine_key("less", 4);
        if (!codes[n++]) {
            snprintf(err, err_len, "%s: no such key: %.*s", text, (int)len, p);
            return -EINVAL;
        }
        p += len;
    }
    if (!n) {
        snprintf(err, err_len, "no keys");
        return -EINVAL;
    }
    return machine_send_keys(m, codes, n, hold, err, err_len);
}
