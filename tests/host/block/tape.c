// SPDX-License-Identifier: MIT
/* tests/host/block/tape.c -- see tape.h. */
#include "tests/host/block/tape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

struct event {
    enum { WRITE, ZERO, TRUNCATE, FLUSH } kind;
    uint64_t off, bytes;
    uint8_t *data;
};

struct content {
    uint8_t *bytes;
    size_t size, room;
};

struct tape {
    struct content start, now;
    struct event *event;
    size_t n, room;
    unsigned fail_after;
    int fail;
};

struct tape_file_s {
    struct file file;
    struct tape *tape;
};

static struct tape *tape_of(struct file *f)
{
    return ((struct tape_file_s *)f)->tape;
}

uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

static void set_size(struct content *c, size_t size)
{
    if (size >= c->room) {
        c->room = size * 2 + 4096;
        c->bytes = must(realloc(c->bytes, c->room));
    }
    if (size > c->size)
        memset(c->bytes + c->size, 0, size - c->size);
    c->size = size;
}

/* One event; of a write, only the sectors that the seed lets through. */
static void apply(struct content *c, const struct event *e, uint64_t *seed)
{
    if (e->kind == FLUSH || (e->kind == TRUNCATE && seed && (test_random(seed) & 1)))
        return;
    if (e->kind == TRUNCATE) {
        set_size(c, e->off);
        return;
    }
    for (uint64_t at = e->off, step; at < e->off + e->bytes; at += step) {
        step = SECTOR - at % SECTOR;
        step = step < e->off + e->bytes - at ? step : e->off + e->bytes - at;
        if (seed && (test_random(seed) & 1))
            continue;
        if (at + step > c->size)
            set_size(c, at + step);
        if (e->kind == ZERO)
            memset(c->bytes + at, 0, step);
        else
            memcpy(c->bytes + at, e->data + (at - e->off), step);
    }
}

static int record(struct tape *t, struct event e)
{
    if (t->fail && e.kind != FLUSH) {
        if (t->fail_after == 0)
            return t->fail;
        t->fail_after--;
    }
    if (t->n == t->room) {
        t->room = t->room ? t->room * 2 : 256;
        t->event = must(realloc(t->event, t->room * sizeof(*t->event)));
    }
    t->event[t->n++] = e;
    apply(&t->now, &e, NULL);
    return 0;
}

static int tape_readv(struct file *f, struct vec v, uint64_t off)
{
    struct content *c = &tape_of(f)->now;
    size_t n = off < c->size ? c->size - off : 0;

    vec_from(vec_front(&v, n < v.bytes ? n : v.bytes), c->bytes + off);
    vec_zero(v);
    return 0;
}

static int tape_writev(struct file *f, struct vec v, uint64_t off)
{
    struct event e = {
        .kind = WRITE, .off = off, .bytes = v.bytes, .data = must(malloc(v.bytes + 1))};
    int r;

    vec_to(v, e.data);
    r = record(tape_of(f), e);
    if (r < 0)
        free(e.data);
    return r;
}

static int tape_flush(struct file *f)
{
    return record(tape_of(f), (struct event){.kind = FLUSH});
}

static int tape_zero(struct file *f, uint64_t off, uint64_t n, bool unmap)
{
    (void)unmap;
    return record(tape_of(f), (struct event){.kind = ZERO, .off = off, .bytes = n});
}

static int tape_discard(struct file *f, uint64_t off, uint64_t n)
{
    size_t size = tape_of(f)->now.size;

    if (off >= size)
        return 0;
    return tape_zero(f, off, n < size - off ? n : size - off, true);
}

static int tape_truncate(struct file *f, uint64_t size)
{
    return record(tape_of(f), (struct event){.kind = TRUNCATE, .off = size});
}

static int tape_size(struct file *f, uint64_t *size)
{
    *size = tape_of(f)->now.size;
    return 0;
}

static int tape_status(struct file *f, uint64_t off, uint64_t n, uint64_t *len)
{
    (void)f, (void)off, (void)n, (void)len;
    return -ENOTSUP;
}

static void tape_close(struct file *f)
{
    free(f->name);
    free(f);
}

static const struct file_ops ops = {
    .readv = tape_readv,
    .writev = tape_writev,
    .flush = tape_flush,
    .zero = tape_zero,
    .discard = tape_discard,
    .truncate = tape_truncate,
    .size = tape_size,
    .status = tape_status,
    .close = tape_close,
};

struct tape *tape_new(void)
{
    return must(calloc(1, sizeof(struct tape)));
}

static void drop_events(struct tape *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->event[i].data);
    t->n = 0;
}

void tape_free(struct tape *t)
{
    drop_events(t);
    free(t->event);
    free(t->start.bytes);
    free(t->now.bytes);
    free(t);
}

struct file *tape_file(struct tape *t, bool read_only)
{
    struct tape_file_s *f = must(calloc(1, sizeof(*f)));

    f->file = (struct file){.ops = &ops, .name = must(strdup("tape")), .read_only = read_only};
    f->tape = t;
    return &f->file;
}

size_t tape_events(const struct tape *t)
{
    return t->n;
}

void tape_forget(struct tape *t)
{
    drop_events(t);
    set_size(&t->start, 0);
    set_size(&t->start, t->now.size);
    memcpy(t->start.bytes, t->now.bytes, t->now.size);
}

void tape_fail(struct tape *t, unsigned n, int err)
{
    t->fail_after = n;
    t->fail = err;
}

struct tape *tape_cut(const struct tape *t, size_t events, uint64_t seed)
{
    struct tape *cut = tape_new();
    size_t flushed = 0;

    for (size_t i = 0; i < events; i++)
        if (t->event[i].kind == FLUSH)
            flushed = i + 1;
    set_size(&cut->now, t->start.size);
    memcpy(cut->now.bytes, t->start.bytes, t->start.size);
    for (size_t i = 0; i < (seed ? events : flushed); i++)
        apply(&cut->now, &t->event[i], i < flushed || seed == 1 ? NULL : &seed);
    tape_forget(cut);
    return cut;
}

const uint8_t *tape_bytes(const struct tape *t, size_t *size)
{
    *size = t->now.size;
    return t->now.bytes;
}
