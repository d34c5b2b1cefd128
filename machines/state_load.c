// SPDX-License-Identifier: MIT
/* machines/state_load.c -- a machine from a stream (docs/machine-state.md). A section counts only when
 * its length and checksum are right; nothing but memory is changed before the last one has been
 * read and all has been found to fit. */
#include "machines/state_form.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct state_load {
    struct machine *m;
    struct state_blocks blocks;
    uint8_t *seen[STATE_BLOCKS]; /* a bit for each page */
    bool apply;
    bool has[STATE_KINDS];
    struct state_buf devices, board;
    struct sm_saved *vcpu[MACHINE_CPUS];
    int64_t now;
    struct sm_icount_state turns;
    bool running;
    uint64_t sections;
    char *err;
    size_t err_len;
};

static int bad(struct state_load *l, const char *fmt, ...) MOA_PRINTF(2, 3);
static int bad(struct state_load *l, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(l->err, l->err_len, fmt, ap);
    va_end(ap);
    return -EINVAL;
}

struct state_load *state_load_new(struct machine *m)
{
    struct state_load *l = calloc(1, sizeof(*l));

    if (l)
        l->m = m;
    return l;
}

static void forget(struct state_load *l)
{
    for (unsigned i = 0; i < STATE_BLOCKS; i++) {
        free(l->seen[i]);
        l->seen[i] = NULL;
    }
    for (unsigned i = 0; i < MACHINE_CPUS; i++) {
        sm_saved_free(l->vcpu[i]);
        l->vcpu[i] = NULL;
    }
    state_buf_free(&l->devices);
    state_buf_free(&l->board);
    memset(l->has, 0, sizeof(l->has));
    l->sections = 0;
}

void state_load_free(struct state_load *l)
{
    if (!l)
        return;
    forget(l);
    free(l);
}

bool state_was_running(const struct state_load *l)
{
    return l->running;
}

/* ---- sections ---- */

/* Line n of a text; its length. */
static size_t line_at(const struct state_buf *b, size_t at)
{
    const uint8_t *nl = at < b->n ? memchr(b->p + at, '\n', b->n - at) : NULL;

    return nl ? (size_t)(nl - (b->p + at)) : b->n - at;
}

/* The two descriptions must be the same; if not, says the first line that differs. */
static int check_config(struct state_load *l, const struct state_buf *theirs)
{
    struct state_buf ours = {0};
    size_t at = 0;
    int r = 0;

    state_config_text(l->m, &ours);
    while (at < ours.n && at < theirs->n && ours.p[at] == theirs->p[at])
        at++;
    if (at < ours.n || at < theirs->n) {
        while (at && at <= theirs->n && theirs->p[at - 1] != '\n')
            at--;
        r = bad(l, "it is of another machine: there \"%.*s\", here \"%.*s\"",
                (int)line_at(theirs, at), theirs->p + at, (int)line_at(&ours, at), ours.p + at);
    }
    if (ours.failed)
        r = bad(l, "out of memory");
    state_buf_free(&ours);
    for (char *c = l->err; r && *c; c++) /* it comes from outside */
        if ((unsigned char)*c < 32 || (unsigned char)*c > 126)
            *c = '?';
    return r;
}

static void mark_seen(uint8_t *map, uint64_t page, uint64_t n)
{
    while (n && page % 8) {
        map[page / 8] |= (uint8_t)(1 << page % 8);
        page++;
        n--;
    }
    memset(map + page / 8, 0xff, n / 8);
    page += n & ~7ull;
    for (n &= 7; n; n--, page++)
        map[page / 8] |= (uint8_t)(1 << page % 8);
}

/* Bytes of a page that the block really has: the last one may be short. */
static uint64_t bytes_of(const struct state_block *b, uint64_t page, uint64_t pages)
{
    uint64_t end = (page + pages) * STATE_PAGE;

    return (end < b->size ? end : b->size) - page * STATE_PAGE;
}

/* Pages that are zero already stay untouched: the host need not find memory for them. */
static void write_zeroes(const struct state_block *b, uint64_t page, uint64_t pages)
{
    static const uint8_t zeroes[STATE_PAGE];

    for (; pages; page++, pages--) {
        uint8_t *at = b->host + page * STATE_PAGE;
        uint64_t n = bytes_of(b, page, 1);

        if (memcmp(at, zeroes, n) == 0)
            continue;
        memset(at, 0, n);
        mem_written(b->ram_addr + page * STATE_PAGE, n);
    }
}

static void write_data(const struct state_block *b, uint64_t page, uint64_t pages, const uint8_t *from)
{
    uint64_t n = bytes_of(b, page, pages);

    memcpy(b->host + page * STATE_PAGE, from, n);
    mem_written(b->ram_addr + page * STATE_PAGE, n);
}

static int read_ram(struct state_load *l, const struct state_buf *s)
{
    const uint8_t *p = s->p, *end = s->p + s->n;
    const struct state_block *b;
    uint64_t block;

    if (s->n < 4 || (block = state_num(p, 4)) >= l->blocks.n)
        return bad(l, "it is damaged: memory that there is not");
    b = &l->blocks.block[block];
    for (p += 4; p < end;) {
        uint64_t page, pages;
        uint32_t kind;

        if (end - p < 16)
            return bad(l, "it is damaged: half a run of memory");
        page = state_num(p, 8);
        pages = state_num(p + 8, 4);
        kind = (uint32_t)state_num(p + 12, 4);
        p += 16;
        if (page >= b->pages || pages > b->pages - page || kind > STATE_DATA ||
            (kind == STATE_DATA && (uint64_t)(end - p) / STATE_PAGE < pages))
            return bad(l, "it is damaged: a run of memory that cannot be");
        mark_seen(l->seen[block], page, pages);
        if (l->apply && kind == STATE_ZEROES)
            write_zeroes(b, page, pages);
        if (l->apply && kind == STATE_DATA)
            write_data(b, page, pages, p);
        p += kind == STATE_DATA ? pages * STATE_PAGE : 0;
    }
    return 0;
}

static int read_vcpu(struct state_load *l, const struct state_buf *s)
{
    uint64_t n = s->n >= 4 ? state_num(s->p, 4) : ~0ull;
    char why[160];

    if (n >= l->m->ncpus || l->vcpu[n])
        return bad(l, "it is damaged: a processor that there is not, or twice");
    l->vcpu[n] = sm_vcpu_check(l->m->sm, (unsigned)n, s->p + 4, s->n - 4, why, sizeof(why));
    return l->vcpu[n] ? 0 : bad(l, "processor %u: %s", (unsigned)n, why);
}

static int read_time(struct state_load *l, const struct state_buf *s)
{
    struct sm_icount_state ours;
    bool counts = l->m->opt->icount != NULL;

    if (s->n != (counts ? 41 : 9) || s->p[8] > 1)
        return bad(l, "it is damaged: the time");
    if (counts) {
        const uint8_t *p = s->p + 9;

        l->turns = (struct sm_icount_state){state_num(p, 8), (int64_t)state_num(p + 8, 8),
                                            (uint32_t)state_num(p + 16, 4),
                                            (uint32_t)state_num(p + 20, 4), state_num(p + 24, 8)};
        sm_icount_get(l->m->sm, &ours);
        if (sm_icount_set(l->m->sm, &l->turns)) /* only tried */
            return bad(l, "it is damaged: the count of instructions");
        sm_icount_set(l->m->sm, &ours);
    }
    l->now = (int64_t)state_num(s->p, 8);
    l->running = s->p[8];
    return l->now >= 0 && l->now < CLOCK_NEVER ? 0 : bad(l, "it is damaged: the time");
}

static void take(struct state_buf *to, struct state_buf *from)
{
    *to = *from;
    *from = (struct state_buf){0};
}

static int read_section(struct state_load *l, enum state_kind kind, struct state_buf *b)
{
    bool again = kind == STATE_RAM || kind == STATE_VCPU;

    if (kind != STATE_CONFIG && !l->has[STATE_CONFIG])
        return bad(l, "it is damaged: it does not begin with what machine it is of");
    if (l->has[kind] && !again)
        return bad(l, "it is damaged: a section is there twice");
    l->has[kind] = true;
    switch (kind) {
    case STATE_CONFIG:
        return check_config(l, b);
    case STATE_RAM:
        return read_ram(l, b);
    case STATE_DEVICES:
        take(&l->devices, b);
        return 0;
    case STATE_BOARD:
        take(&l->board, b);
        return 0;
    case STATE_VCPU:
        return read_vcpu(l, b);
    case STATE_TIME:
        return read_time(l, b);
    default:
        return b->n == 8 && state_num(b->p, 8) == l->sections
                   ? 0
                   : bad(l, "it is damaged: sections are missing");
    }
}

/* ---- the stream ---- */

static uint64_t most(uint32_t kind)
{
    return kind == STATE_DEVICES ? 1u << 30 : kind == STATE_RAM ? 4u << 20 : 1u << 20;
}

static int read_failed(struct state_load *l, int e)
{
    if (e == -ENODATA)
        bad(l, "it ends too early");
    else
        bad(l, "cannot read it: %s", strerror(-e));
    return e;
}

/* The payload grows with what is really there. */
static int read_payload(struct state_load *l, const struct state_in *in, struct state_buf *b,
                        uint64_t n)
{
    uint8_t *chunk = malloc(1u << 20);
    int e = chunk ? 0 : -ENOMEM;

    while (n && !e) {
        size_t part = n < 1u << 20 ? (size_t)n : 1u << 20;

        e = in->get(in->opaque, chunk, part);
        if (!e)
            state_buf_put(b, chunk, part);
        n -= part;
    }
    free(chunk);
    if (!e && b->failed)
        e = -ENOMEM;
    return e ? read_failed(l, e) : 0;
}

static int read_one(struct state_load *l, const struct state_in *in, bool *end)
{
    uint8_t head[STATE_SECTION];
    struct state_buf b = {0};
    uint64_t n;
    uint32_t kind;
    int e = in->get(in->opaque, head, sizeof(head));

    if (e)
        return read_failed(l, e);
    kind = (uint32_t)state_num(head + 4, 4);
    n = state_num(head + 8, 8);
    if (state_num(head, 4) != STATE_MARK || kind < STATE_CONFIG || kind >= STATE_KINDS ||
        n > most(kind))
        return bad(l, "it is damaged: no section where one should begin");
    e = read_payload(l, in, &b, n);
    if (!e && state_check(kind, b.p, b.n) != state_num(head + 16, 8))
        e = bad(l, "it is damaged: a checksum is wrong");
    if (!e)
        e = read_section(l, (enum state_kind)kind, &b);
    state_buf_free(&b);
    l->sections++;
    *end = kind == STATE_END;
    return e;
}

static int all_there(struct state_load *l)
{
    for (unsigned i = 0; i < l->blocks.n; i++) {
        const struct state_block *b = &l->blocks.block[i];

        for (uint64_t page = 0; page < b->pages; page++)
            if (!(l->seen[i][page / 8] >> page % 8 & 1))
                return bad(l, "it is damaged: nothing about 0x%" PRIx64 " of memory %s",
                           page * STATE_PAGE, b->name);
    }
    for (unsigned i = 0; i < l->m->ncpus; i++)
        if (!l->vcpu[i])
            return bad(l, "it is damaged: nothing about processor %u", i);
    if (!l->has[STATE_DEVICES] || !l->has[STATE_BOARD] || !l->has[STATE_TIME])
        return bad(l, "it is damaged: sections are missing");
    return 0;
}

int state_read(struct state_load *l, const struct state_in *in, bool apply, char *err, size_t err_len)
{
    uint8_t head[STATE_HEAD];
    bool end = false;
    int e;

    forget(l);
    l->err = err;
    l->err_len = err_len;
    l->apply = apply;
    if (state_blocks(&l->blocks))
        return bad(l, "too many blocks of memory");
    for (unsigned i = 0; i < l->blocks.n; i++) {
        l->seen[i] = calloc(1, l->blocks.block[i].pages / 8 + 1);
        if (!l->seen[i])
            return bad(l, "out of memory");
    }
    e = in->get(in->opaque, head, sizeof(head));
    if (e)
        return read_failed(l, e);
    if (memcmp(head, STATE_MAGIC, 8) != 0)
        return bad(l, "it is no saved machine of moa");
    if (state_num(head + 8, 4) != STATE_VERSION || state_num(head + 12, 4))
        return bad(l, "it is of version %u, which this moa does not know",
                   (unsigned)state_num(head + 8, 4));
    while (!end && !(e = read_one(l, in, &end)))
        ;
    return e ? e : all_there(l);
}

/* ---- applying ---- */

static int buf_get(void *opaque, void *p, size_t n)
{
    struct state_buf *b = opaque; /* n: what is left; p moves */

    if (n > b->n)
        return -ENODATA;
    memcpy(p, b->p, n);
    b->p += n;
    b->n -= n;
    return 0;
}

static int load_devices(struct state_load *l, char *err, size_t err_len)
{
    struct machine *m = l->m;
    struct state_buf b = l->devices;
    struct dev_saver s = {.opaque = &b, .get = buf_get};

    if (dev_load_all(m->devices, m->ndevices, &s) == 0 && b.n == 0)
        return 0;
    snprintf(err, err_len, "%s", s.error ? s.message : "more about devices than there are");
    return s.error ? s.error : -EINVAL;
}

int state_devices(struct state_load *l, char *err, size_t err_len)
{
    return load_devices(l, err, err_len);
}

int state_apply(struct state_load *l, char *err, size_t err_len)
{
    struct machine *m = l->m;
    struct state_buf b = l->board;
    struct dev_saver s = {.opaque = &b, .get = buf_get};
    int e;

    sm_virtual_set(m->sm, l->now);
    if (m->opt->icount)
        sm_icount_set(m->sm, &l->turns);
    e = load_devices(l, err, err_len);
    if (e)
        return e;
    if (m->board->load_state && (m->board->load_state(m, &s) || s.error || b.n)) {
        snprintf(err, err_len, "it is damaged: the board");
        return -EINVAL;
    }
    for (unsigned i = 0; i < m->ncpus; i++)
        sm_vcpu_restore(m->sm, l->vcpu[i]);
    return 0;
}
