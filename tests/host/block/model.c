// SPDX-License-Identifier: MIT
/* tests/host/block/model.c -- see model.h. */
#include "tests/host/block/model.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ck_assert tells the library where it is each time, which is slow in a loop. */
#define MUST(x, ...)                                                                               \
    do {                                                                                           \
        if (!(x))                                                                                  \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

enum { SECTOR = 512, WORDS = SECTOR / 8 };

static uint64_t rnd(struct model *m, uint64_t n)
{
    return test_random(&m->rng) % n;
}

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

static uint64_t now_at(const struct model *m, uint64_t s)
{
    return m->held[s].at[m->held[s].n - 1].stamp;
}

static void put(struct model *m, uint64_t s, uint32_t op, uint64_t stamp)
{
    struct held *h = &m->held[s];

    if (h->n && h->at[h->n - 1].op == op) {
        h->at[h->n - 1].stamp = stamp;
        return;
    }
    if (h->n == h->room) {
        h->room = h->room ? h->room * 2 : 4;
        h->at = must(realloc(h->at, h->room * sizeof(*h->at)));
    }
    h->at[h->n++] = (struct change){op, stamp};
}

void model_init(struct model *m, uint64_t size, uint64_t max_size, uint64_t seed)
{
    *m = (struct model){.rng = seed, .sectors = size / SECTOR, .max_sectors = max_size / SECTOR};
    m->held = must(calloc(m->max_sectors, sizeof(*m->held)));
    for (uint64_t s = 0; s < m->max_sectors; s++)
        put(m, s, 0, 0);
    m->op = must(calloc(1, sizeof(*m->op)));
    m->op[0].durable = true;
    m->nops = m->room = 1;
}

void model_free(struct model *m)
{
    for (uint64_t s = 0; s < m->max_sectors; s++)
        free(m->held[s].at);
    for (unsigned i = 0; i < m->nsnap; i++)
        free(m->snap[i].stamp);
    free(m->held);
    free(m->op);
}

/* The stamp of a sector; torn ones fail. */
static uint64_t stamp_of(const uint8_t *sector, uint64_t s)
{
    uint64_t first, word;

    memcpy(&first, sector, 8);
    for (unsigned i = 1; i < WORDS; i++) {
        memcpy(&word, sector + i * 8, 8);
        MUST(word == first, "sector %llu is torn: word %u is %#llx, not %#llx",
             (unsigned long long)s, i, (unsigned long long)word, (unsigned long long)first);
    }
    return first;
}

static uint8_t *read_sectors(struct image *im, uint64_t s, uint64_t n)
{
    uint8_t *buf = must(malloc(n * SECTOR + 1));
    int r = image_read(im, buf, n * SECTOR, s * SECTOR);

    MUST(r == 0, "read of sector %llu: %s", (unsigned long long)s, strerror(-r));
    return buf;
}

static void check_range(struct model *m, struct image *im, uint64_t s, uint64_t n)
{
    uint8_t *buf = read_sectors(im, s, n);

    for (uint64_t i = 0; i < n; i++) {
        uint64_t got = stamp_of(buf + i * SECTOR, s + i), want = now_at(m, s + i);

        MUST(got == want, "operation %u: sector %llu holds %#llx, not %#llx", m->nops,
             (unsigned long long)(s + i), (unsigned long long)got, (unsigned long long)want);
    }
    free(buf);
}

void model_compare(struct model *m, struct image *im)
{
    ck_assert_uint_eq(im->size, m->sectors * SECTOR);
    for (uint64_t s = 0; s < m->sectors; s += 256)
        check_range(m, im, s, m->sectors - s < 256 ? m->sectors - s : 256);
}

static uint32_t begin(struct model *m)
{
    if (m->nops == m->room) {
        m->room *= 2;
        m->op = must(realloc(m->op, m->room * sizeof(*m->op)));
    }
    m->op[m->nops] = (struct model_op){.first = m->tape ? tape_events(m->tape) : 0};
    return m->nops++;
}

static void end(struct model *m, uint32_t op, bool durable)
{
    m->op[op].last = m->tape ? tape_events(m->tape) : 0;
    m->op[op].durable = durable;
}

/* Stamps are unique: the operation's number above, the sector below. */
static void write_some(struct model *m, struct image *im, uint64_t s, uint64_t n, bool pack)
{
    uint8_t *buf = must(malloc(n * SECTOR));
    uint32_t op = begin(m);
    int r;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t stamp = (uint64_t)op << 32 | (s + i + 1);

        for (unsigned w = 0; w < WORDS; w++)
            memcpy(buf + i * SECTOR + w * 8, &stamp, 8);
        put(m, s + i, op, stamp);
    }
    if (pack) {
        r = im->format->write_compressed(im, buf, n * SECTOR, s * SECTOR);
    } else {
        struct iovec iov[2] = {{buf, n / 2 * SECTOR}, {buf + n / 2 * SECTOR, (n - n / 2) * SECTOR}};

        r = image_writev(im, vec_of(iov, 2), s * SECTOR);
    }
    ck_assert_msg(r == 0, "write: %s", strerror(-r));
    end(m, op, false);
    free(buf);
}

static void discard_some(struct model *m, struct image *im, uint64_t s, uint64_t n)
{
    uint32_t op = begin(m);
    uint8_t *buf;

    ck_assert_int_eq(image_discard(im, s * SECTOR, n * SECTOR), 0);
    buf = read_sectors(im, s, n); /* it may have stayed, or be zero */
    for (uint64_t i = 0; i < n; i++) {
        uint64_t got = stamp_of(buf + i * SECTOR, s + i);

        MUST(got == 0 || got == now_at(m, s + i), "a discarded sector holds something else");
        put(m, s + i, op, got);
    }
    free(buf);
    end(m, op, false);
}

static unsigned live_snapshots(const struct model *m, unsigned *last)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->nsnap; i++)
        if (m->snap[i].gone == UINT32_MAX) {
            n++;
            *last = i;
        }
    return n;
}

static void snapshot_new(struct model *m, struct image *im)
{
    struct model_snapshot *s = &m->snap[m->nsnap];
    struct image_snapshot is = {.name = s->name, .icount = UINT64_MAX};
    struct block_err err = {""};
    uint32_t op = begin(m);
    int r;

    snprintf(s->name, sizeof(s->name), "s%u", m->nsnap);
    s->made = op;
    s->gone = UINT32_MAX;
    s->size = m->sectors;
    s->stamp = must(malloc(m->sectors * 8));
    for (uint64_t i = 0; i < m->sectors; i++)
        s->stamp[i] = now_at(m, i);
    r = im->format->snap_create(im, &is, &err);
    if (r == -ERANGE) { /* narrow refcounts: none was made */
        free(s->stamp);
        end(m, op, false);
        return;
    }
    ck_assert_msg(r == 0, "snapshot: %s %s", err.text, strerror(-r));
    m->nsnap++;
    end(m, op, true);
}

static void snapshot_work(struct model *m, struct image *im)
{
    unsigned i = 0, n = live_snapshots(m, &i), what = (unsigned)rnd(m, 3);
    struct block_err err = {""};
    uint32_t op;
    int r;

    if (n < 2 || (what == 0 && m->nsnap < ARRAY_LEN(m->snap))) {
        if (m->nsnap < ARRAY_LEN(m->snap))
            snapshot_new(m, im);
        return;
    }
    for (unsigned k = 0; k < m->nsnap; k++) /* any of them */
        if (m->snap[k].gone == UINT32_MAX && rnd(m, 2) == 0)
            i = k;
    op = begin(m);
    if (what == 1) {
        if (m->snap[i].size != m->sectors &&
            m->tape) { /* sizes through a loss of power: not modelled */
            end(m, op, false);
            return;
        }
        r = im->format->snap_apply(im, m->snap[i].name, &err);
        if (r == -ERANGE) {
            end(m, op, false);
            return;
        }
        for (uint64_t s = 0; s < m->max_sectors; s++)
            put(m, s, op, s < m->snap[i].size ? m->snap[i].stamp[s] : 0);
        m->sectors = m->snap[i].size;
    } else {
        r = im->format->snap_delete(im, m->snap[i].name, &err);
        m->snap[i].gone = op;
    }
    ck_assert_msg(r == 0, "snapshot: %s %s", err.text, strerror(-r));
    end(m, op, true);
}

void model_step(struct model *m, struct image *im)
{
    uint64_t s = rnd(m, m->sectors), n = 1 + rnd(m, rnd(m, 8) ? 40 : 700);
    unsigned what = (unsigned)rnd(m, 100);
    struct image_facts f = {.cluster_size = 65536};
    uint32_t op;

    if (n > m->sectors - s)
        n = m->sectors - s;
    if (what < 55) {
        write_some(m, im, s, n, false);
    } else if (what < 63) {
        op = begin(m);
        ck_assert_int_eq(image_zero(im, s * SECTOR, n * SECTOR, rnd(m, 2)), 0);
        for (uint64_t i = 0; i < n; i++)
            put(m, s + i, op, 0);
        end(m, op, false);
    } else if (what < 70) {
        discard_some(m, im, s, n);
    } else if (what < 78) {
        op = begin(m);
        ck_assert_int_eq(image_flush(im), 0);
        end(m, op, true);
    } else if (what < 82 && m->compress) {
        im->format->facts(im, &f);
        s = s * SECTOR / f.cluster_size * (f.cluster_size / SECTOR);
        n = m->sectors - s < f.cluster_size / SECTOR ? m->sectors - s : f.cluster_size / SECTOR;
        write_some(m, im, s, n, true);
    } else if (what < 85 && m->snapshots) {
        snapshot_work(m, im);
    } else if (what < 86 && m->resize && !m->tape && m->sectors < m->max_sectors) {
        uint64_t to = m->sectors + 1 + rnd(m, m->max_sectors - m->sectors);

        ck_assert_int_eq(im->format->resize(im, to * SECTOR, PREALLOC_OFF, NULL), 0);
        m->sectors = to;
    } else if (what < 87 && m->resize && !m->tape && m->sectors > 64) {
        uint64_t to = m->sectors - rnd(m, m->sectors / 4);

        op = begin(m);
        ck_assert_int_eq(im->format->resize(im, to * SECTOR, PREALLOC_OFF, NULL), 0);
        for (uint64_t i = to; i < m->sectors; i++)
            put(m, i, op, 0);
        m->sectors = to;
        end(m, op, false);
    } else {
        check_range(m, im, s, n);
    }
}

/* --- loss of power ------------------------------------------------------------------------------
 */

static void check_sector(const struct model *m, uint64_t s, uint64_t got, uint32_t durable,
                         uint32_t last)
{
    const struct held *h = &m->held[s];
    unsigned i = 0;

    while (i + 1 < h->n && h->at[i + 1].op <= durable) /* the last one that is durable */
        i++;
    for (; i < h->n && h->at[i].op <= last; i++)
        if (h->at[i].stamp == got)
            return;
    ck_abort_msg("sector %llu holds %#llx after operation %u (durable %u): it never held that",
                 (unsigned long long)s, (unsigned long long)got, last, durable);
}

static void check_snapshots(const struct model *m, struct image *im, uint32_t last, size_t events)
{
    const struct image_snapshot *list = NULL;
    unsigned n = 0;

    ck_assert_int_eq(im->format->snap_list(im, &list, &n), 0);
    for (unsigned k = 0; k < m->nsnap; k++) {
        const struct model_snapshot *s = &m->snap[k];
        bool there = false, must_be = m->op[s->made].last <= events && s->made <= last &&
                                      (s->gone == UINT32_MAX || m->op[s->gone].first >= events);

        for (unsigned i = 0; i < n; i++)
            there |= strcmp(list[i].name, s->name) == 0;
        ck_assert_msg(there || !must_be, "snapshot %s is lost", s->name);
        if (there)
            ck_assert_int_eq(im->format->snap_load(im, s->name, NULL), 0);
        for (uint64_t at = 0; there && at < s->size; at += 256) {
            uint64_t now = s->size - at < 256 ? s->size - at : 256;
            uint8_t *buf = read_sectors(im, at, now);

            for (uint64_t i = 0; i < now; i++)
                MUST(stamp_of(buf + i * SECTOR, at + i) == s->stamp[at + i],
                     "snapshot %s: sector %llu differs", s->name, (unsigned long long)(at + i));
            free(buf);
        }
    }
}

void model_check_cut(struct model *m, struct image *im, size_t events)
{
    uint32_t durable = 0, last = 0;

    for (uint32_t op = 1; op < m->nops; op++) {
        if (m->op[op].first < events)
            last = op;
        if (m->op[op].durable && m->op[op].last <= events)
            durable = op;
    }
    for (uint64_t at = 0; at < m->sectors; at += 256) {
        uint64_t n = m->sectors - at < 256 ? m->sectors - at : 256;
        uint8_t *buf = read_sectors(im, at, n);

        for (uint64_t i = 0; i < n; i++)
            check_sector(m, at + i, stamp_of(buf + i * SECTOR, at + i), durable, last);
        free(buf);
    }
    if (m->snapshots)
        check_snapshots(m, im, last, events);
}
