// SPDX-License-Identifier: MIT
/* softmmu/save.c -- the state of a machine's vcpus as bytes, and back. Numbers are little-endian:
 *
 *   vcpu:    power:4 halted:1 stuck:1 start_pc:8 start_arg:8  field...  0:1
 *   field:   length of its name:1 name size:1 count:2 elements
 *
 * Which fields there are, the frontend says (fe_state). A restore reads into a vcpu of its own, which
 * nobody runs, checks names, sizes, bits, and that nothing is missing; only then the machine's vcpu
 * is changed. What a restored vcpu has translated and remembered of memory is forgotten. */
#include "softmmu/tlb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sm_saved {
    struct tcg_vcpu *v; /* a copy, fields as saved */
    unsigned index;
    uint32_t power;
    bool halted, stuck;
    uint64_t start_pc, start_arg;
};

/* ---- bytes ---- */

struct out {
    uint8_t *p;
    size_t n, room;
    bool failed;
};

static void put(struct out *o, uint64_t v, unsigned size)
{
    if (o->n + size > o->room) {
        size_t room = o->room ? 2 * o->room : 8192;
        uint8_t *p = realloc(o->p, room);

        if (!p) {
            o->failed = true;
            return;
        }
        o->p = p;
        o->room = room;
    }
    for (unsigned i = 0; i < size; i++)
        o->p[o->n++] = (uint8_t)(v >> 8 * i);
}

struct in {
    const uint8_t *p;
    size_t n;
    bool short_;
};

static uint64_t get(struct in *i, unsigned size)
{
    uint64_t v = 0;

    if (i->n < size) {
        i->short_ = true;
        i->n = 0;
        return 0;
    }
    for (unsigned k = 0; k < size; k++)
        v |= (uint64_t)i->p[k] << 8 * k;
    i->p += size;
    i->n -= size;
    return v;
}

static uint64_t number(const void *at, unsigned size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const uint32_t *)at;
    default:
        return *(const uint64_t *)at;
    }
}

static void set_number(void *at, unsigned size, uint64_t v)
{
    switch (size) {
    case 1:
        *(uint8_t *)at = (uint8_t)v;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)v;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)v;
        break;
    default:
        *(uint64_t *)at = v;
    }
}

static void *field_at(struct tcg_vcpu *v, const struct fe_state *s, unsigned i)
{
    return (char *)v + s->offset + (size_t)i * s->size;
}

/* ---- saving ---- */

void *sm_vcpu_save(struct softmmu *m, unsigned n, size_t *len)
{
    struct sm_vcpu *c = &m->cpus[n];
    const struct frontend *fe = c->v->frontend;
    struct out o = {0};
    struct fe_state s;

    fe->state_save(c->v);
    put(&o, atomic_load(&c->power), 4);
    put(&o, atomic_load(&c->halted), 1);
    put(&o, c->stuck, 1);
    put(&o, c->start_pc, 8);
    put(&o, c->start_arg, 8);
    for (unsigned i = 0; fe->state_at(i, &s); i++) {
        size_t name = strlen(s.name);

        if (!s.count)
            continue;
        put(&o, name, 1);
        for (size_t k = 0; k < name; k++)
            put(&o, (uint8_t)s.name[k], 1);
        put(&o, s.size, 1);
        put(&o, s.count, 2);
        for (unsigned k = 0; k < s.count; k++)
            put(&o, number(field_at(c->v, &s, k), s.size), s.size);
    }
    put(&o, 0, 1);
    *len = o.n;
    if (!o.failed)
        return o.p;
    free(o.p);
    return NULL;
}

/* ---- restoring ---- */

void sm_saved_free(struct sm_saved *s)
{
    if (!s)
        return;
    free(s->v);
    free(s);
}

static int bad(char *err, size_t len, const char *what, const char *name)
{
    snprintf(err, len, "%s%s%s", what, name ? ": " : "", name ? name : "");
    return -EINVAL;
}

/* In the order in which they were written. */
static int read_field(struct sm_saved *to, const struct fe_state *s, struct in *in, char *err,
                      size_t err_len)
{
    size_t want = strlen(s->name), n = get(in, 1);
    bool same = n == want && in->n >= n && memcmp(in->p, s->name, n) == 0;

    if (!same)
        return bad(err, err_len, in->short_ ? "it ends too early at" : "another register is at", s->name);
    in->p += n;
    in->n -= n;
    if (get(in, 1) != s->size || get(in, 2) != s->count)
        return bad(err, err_len, "another size of", s->name);
    for (unsigned i = 0; i < s->count; i++) {
        uint64_t v = get(in, s->size);

        if (v & ~s->bits)
            return bad(err, err_len, "bits that cannot be, of", s->name);
        set_number(field_at(to->v, s, i), s->size, v);
    }
    return in->short_ ? bad(err, err_len, "it ends too early at", s->name) : 0;
}

static int read_all(struct sm_saved *s, struct in *in, char *err, size_t err_len)
{
    const struct frontend *fe = s->v->frontend;
    struct fe_state f;
    uint64_t halted, stuck;

    s->power = (uint32_t)get(in, 4);
    halted = get(in, 1);
    stuck = get(in, 1);
    s->halted = halted;
    s->stuck = stuck;
    s->start_pc = get(in, 8);
    s->start_arg = get(in, 8);
    if (s->power > SM_PENDING || halted > 1 || stuck > 1)
        return bad(err, err_len, "it is in no state that there is", NULL);
    for (unsigned i = 0; fe->state_at(i, &f); i++) {
        int r = f.count ? read_field(s, &f, in, err, err_len) : 0;

        if (r)
            return r;
    }
    if (get(in, 1) || in->n || in->short_)
        return bad(err, err_len, "more or less than it has", NULL);
    return fe->state_valid(s->v, err, err_len) ? 0 : -EINVAL;
}

struct sm_saved *sm_vcpu_check(struct softmmu *m, unsigned n, const void *bytes, size_t len,
                               char *err, size_t err_len)
{
    const struct tcg_vcpu *now = m->cpus[n].v;
    size_t size = align_up(now->frontend->vcpu_size, 64);
    struct sm_saved *s = calloc(1, sizeof(*s));
    struct in in = {bytes, len, false};

    if (s)
        s->v = aligned_alloc(64, size);
    if (!s || !s->v) {
        snprintf(err, err_len, "out of memory");
        sm_saved_free(s);
        return NULL;
    }
    memset(s->v, 0, size);
    s->index = n;
    s->v->frontend = now->frontend;
    s->v->guest = now->guest;
    if (read_all(s, &in, err, err_len)) {
        sm_saved_free(s);
        return NULL;
    }
    return s;
}

void sm_vcpu_restore(struct softmmu *m, const struct sm_saved *s)
{
    struct sm_vcpu *c = &m->cpus[s->index];
    const struct frontend *fe = c->v->frontend;
    struct fe_state f;

    pthread_mutex_lock(&m->run_lock);
    for (unsigned i = 0; fe->state_at(i, &f); i++)
        for (unsigned k = 0; k < f.count; k++)
            set_number(field_at(c->v, &f, k), f.size, number(field_at(s->v, &f, k), f.size));
    c->start_pc = s->start_pc;
    c->start_arg = s->start_arg;
    c->stuck = s->stuck;
    for (unsigned t = 0; t < SM_TIMERS; t++)
        c->deadline[t] = CLOCK_NEVER;
    atomic_store(&c->timer_due, false);
    atomic_store(&c->halted, s->halted);
    atomic_store(&c->power, s->power);
    pthread_mutex_unlock(&m->run_lock);
    sm_alarm_set(c->alarm, CLOCK_NEVER);
    fe->state_restored(c->v); /* calls back: sets timers and lines */
    sm_tlb_flush_all(m);
}

void sm_tlb_forget(struct softmmu *m)
{
    sm_tlb_flush_all(m);
}
