// SPDX-License-Identifier: MIT
/* host/block/qcow2_io.c -- reads and writes of the disk. Data are moved without the lock: what is
 * mapped stays where it is until the request has left (epochs, qcow2.h), and two writes that both
 * would allocate one cluster wait for each other (struct qcow2_alloc). A new cluster is filled
 * whole, from below or with zeroes around the data, before its entry is set. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

#define ZERO_STEP (1u << 20)

static unsigned enter(struct qcow2 *q)
{
    unsigned side;

    pthread_mutex_lock(&q->lock);
    side = q->epoch & 1;
    q->io[side]++;
    pthread_mutex_unlock(&q->lock);
    return side;
}

/* A reader's end: whether a commit is due, and how it goes, is the writers' affair. */
static int leave_reading(struct qcow2 *q, unsigned side, int result)
{
    pthread_mutex_lock(&q->lock);
    q->io[side]--;
    qcow2_tables_drop(q);
    pthread_mutex_unlock(&q->lock);
    return result;
}

static int leave(struct qcow2 *q, unsigned side, int result)
{
    bool pressed;

    pthread_mutex_lock(&q->lock);
    q->io[side]--;
    qcow2_tables_drop(q);
    pressed = result == 0 && qcow2_pressed(q);
    pthread_mutex_unlock(&q->lock);
    return pressed ? qcow2_commit(q) : result;
}

static int read_below(struct qcow2 *q, struct vec v, uint64_t off)
{
    struct image *below = q->im->backing;
    uint64_t end = below ? below->size : 0;

    if (end > q->im->size)
        end = q->im->size;
    if (off < end) {
        struct vec front = vec_front(&v, v.bytes < end - off ? v.bytes : end - off);
        int r = image_readv(below, front, off);

        if (r < 0)
            return r;
    }
    vec_zero(v);
    return 0;
}

/* A compressed cluster, unpacked; the last few are kept, for readers come in small steps. */
static int read_packed(struct qcow2 *q, struct vec v, uint64_t entry, uint64_t in_cluster)
{
    struct qcow2_inflated *slot = &q->inflated[0];
    uint64_t offset, bytes;
    uint8_t *packed;
    int r = 0;

    pthread_mutex_lock(&q->inflate_lock);
    for (unsigned i = 0; i < ARRAY_LEN(q->inflated); i++) {
        if (q->inflated[i].entry == entry) {
            slot = &q->inflated[i];
            goto found;
        }
        if (q->inflated[i].used < slot->used)
            slot = &q->inflated[i];
    }
    qcow2_packed_at(q, entry, &offset, &bytes);
    slot->entry = 0;
    if (!slot->data)
        slot->data = malloc(q->cluster);
    packed = malloc(bytes);
    r = packed && slot->data ? file_read(q->file, packed, bytes, offset) : -ENOMEM;
    if (r == 0)
        r = compress_unpack(q->head.compression, packed, bytes, slot->data, q->cluster);
    free(packed);
    if (r == 0)
        slot->entry = entry;
found:
    slot->used = ++q->inflate_clock;
    if (r == 0)
        vec_from(v, slot->data + in_cluster);
    pthread_mutex_unlock(&q->inflate_lock);
    return r;
}

void qcow2_forget_packed(struct qcow2 *q)
{
    pthread_mutex_lock(&q->inflate_lock);
    for (unsigned i = 0; i < ARRAY_LEN(q->inflated); i++)
        q->inflated[i].entry = 0;
    pthread_mutex_unlock(&q->inflate_lock);
}

/* Within enter and leave. Goes to the end of the last cluster, behind the end of the disk too. */
static int read_inside(struct qcow2 *q, struct vec v, uint64_t off)
{
    int r = 0;

    while (v.bytes && r == 0) {
        uint64_t entry, n, in = off & (q->cluster - 1);
        struct vec front;

        pthread_mutex_lock(&q->lock);
        r = qcow2_map(q, off, v.bytes, &entry, &n);
        pthread_mutex_unlock(&q->lock);
        if (r < 0)
            break;
        front = vec_front(&v, n);
        switch (qcow2_kind_of(q, entry)) {
        case QCOW2_NONE:
            r = read_below(q, front, off);
            break;
        case QCOW2_ZERO_PLAIN:
        case QCOW2_ZERO_ALLOC:
            vec_zero(front);
            break;
        case QCOW2_NORMAL:
            r = q->file->ops->readv(q->file, front, (entry & QCOW2_OFFSET) + in);
            break;
        case QCOW2_PACKED:
            r = read_packed(q, front, entry, in);
            break;
        }
        off += n;
    }
    return r;
}

int qcow2_readv(struct image *im, struct vec v, uint64_t off)
{
    struct qcow2 *q = qcow2_of(im);
    unsigned side = enter(q);

    return leave_reading(q, side, read_inside(q, v, off));
}

/* --- writing ------------------------------------------------------------------------------------
 */

/* Waits until no allocation covers off; then *n is cut where the next one begins. */
static void wait_for_allocs(struct qcow2 *q, uint64_t off, uint64_t *n)
{
    struct qcow2_alloc *a;

again:
    for (a = q->allocs; a; a = a->next)
        if (off >= a->guest && off - a->guest < a->bytes) {
            pthread_cond_wait(&q->changed, &q->lock);
            goto again;
        }
    for (a = q->allocs; a; a = a->next)
        if (a->guest > off && a->guest - off < *n)
            *n = a->guest - off;
}

/* May be written where it is: neither the cluster nor the table is shared with a snapshot. */
static bool own(const struct qcow2 *q, uint64_t off, uint64_t entry, enum qcow2_kind kind)
{
    return qcow2_kind_of(q, entry) == kind && (entry & QCOW2_COPIED) &&
           (q->l1[off >> (q->cluster_bits + q->l2_bits)] & QCOW2_COPIED);
}

/* No data over tables, whatever an entry says. */
static int check_data(struct qcow2 *q, uint64_t host, uint64_t bytes)
{
    for (uint64_t c = align_down(host, q->cluster); c < host + bytes; c += q->cluster)
        if (qcow2_use_of(q, c) || c == 0)
            return qcow2_corrupt(q, "an entry points to the tables at %#llx",
                                 (unsigned long long)c);
    return 0;
}

/* How much of n bytes from off on can be allocated at once: all in one L2 table, none in place. */
static uint64_t alloc_extent(struct qcow2 *q, const struct qcow2_tab *l2, uint64_t off, uint64_t n)
{
    uint64_t at = align_down(off, q->cluster), end = off + n;
    uint32_t i = qcow2_l2_index(q, off);

    for (; at < end && i < 1u << q->l2_bits; i++, at += q->cluster) {
        uint64_t e = qcow2_l2_entry(l2, i);

        if (own(q, at, e, QCOW2_NORMAL) || own(q, at, e, QCOW2_ZERO_ALLOC))
            break;
    }
    return (at < end ? at : end) - off;
}

/* What to do with the front of a write: *host is where it goes as it is, or *a says what is being
 * allocated for it. *n: bytes of the front. */
static int prepare(struct qcow2 *q, uint64_t off, uint64_t *n, uint64_t *host,
                   struct qcow2_alloc *a)
{
    uint64_t entry, bytes, covers = 1ull << (q->cluster_bits + q->l2_bits), blank, clusters, got;
    struct qcow2_tab *l2;
    int r = q->broken;
    bool reuse;

    if (r < 0)
        return r;
    if (*n > covers - (off & (covers - 1)))
        *n = covers - (off & (covers - 1));
again:
    wait_for_allocs(q, off, n);
    r = qcow2_map(q, off, *n, &entry, &bytes);
    if (r < 0)
        return r;
    a->bytes = 0;
    if (off >> (q->cluster_bits + q->l2_bits) >= q->l1_size)
        return -EINVAL;
    if (!own(q, off, entry, QCOW2_NORMAL)) {
        if (q->no_allocs) {
            pthread_cond_wait(&q->changed, &q->lock);
            goto again;
        }
        r = qcow2_l2_write(q, off, &l2); /* after which marks of the table are good */
        if (r == 0)
            r = qcow2_map(q, off, *n, &entry, &bytes);
        if (r < 0)
            return r;
    }
    if (own(q, off, entry, QCOW2_NORMAL)) {
        *n = bytes;
        *host = (entry & QCOW2_OFFSET) + (off & (q->cluster - 1));
        return check_data(q, *host, bytes);
    }
    reuse = own(q, off, entry, QCOW2_ZERO_ALLOC);
    a->guest = align_down(off, q->cluster);
    a->blank = a->reused = false;
    if (reuse) {
        r = check_data(q, entry & QCOW2_OFFSET, q->cluster);
        if (r < 0)
            return r;
        a->host = entry & QCOW2_OFFSET;
        a->bytes = q->cluster;
        a->reused = true;
    } else {
        bytes = alloc_extent(q, l2, off, *n);
        clusters = qcow2_clusters(q, (off & (q->cluster - 1)) + bytes);
        blank = q->blank_from;
        r = qcow2_alloc_run(q, clusters, &a->host, &got);
        if (r < 0)
            return r;
        a->bytes = got << q->cluster_bits;
        a->blank = a->host >> q->cluster_bits >= blank;
    }
    if (*n > a->guest + a->bytes - off)
        *n = a->guest + a->bytes - off;
    a->next = q->allocs;
    q->allocs = a;
    return 0;
}

/* The rest of a new cluster before or behind the data. NULL in *buf: it is zero on the disk
 * already. */
static int around(struct qcow2 *q, const struct qcow2_alloc *a, uint64_t off, uint64_t n,
                  uint8_t **buf)
{
    struct iovec iov;
    int r;

    *buf = NULL;
    if (!n)
        return 0;
    *buf = malloc(n);
    if (!*buf)
        return -ENOMEM;
    iov = (struct iovec){*buf, n};
    r = read_inside(q, vec_of(&iov, 1), off);
    if (r == 0 && a->blank && buf_is_zero(*buf, n)) {
        free(*buf);
        *buf = NULL;
    }
    return r;
}

static int write_new(struct qcow2 *q, const struct qcow2_alloc *a, struct vec v, uint64_t off)
{
    uint64_t head = off - a->guest, tail = a->bytes - head - v.bytes, end = head + v.bytes;
    uint8_t *before, *behind = NULL;
    int r = around(q, a, a->guest, head, &before);

    if (r == 0)
        r = around(q, a, off + v.bytes, tail, &behind);
    if (r == 0 && (before || behind) && v.bytes <= q->cluster) { /* in one write */
        uint8_t *all = malloc(v.bytes);
        struct iovec iov[3] = {
            {before, before ? head : 0}, {all, v.bytes}, {behind, behind ? tail : 0}};

        r = all ? 0 : -ENOMEM;
        if (all) {
            vec_to(v, all);
            r = q->file->ops->writev(q->file, vec_of(iov, 3), a->host + (before ? 0 : head));
        }
        free(all);
    } else if (r == 0) {
        if (before)
            r = file_write(q->file, before, head, a->host);
        if (r == 0)
            r = q->file->ops->writev(q->file, v, a->host + head);
        if (r == 0 && behind)
            r = file_write(q->file, behind, tail, a->host + end);
    }
    free(before);
    free(behind);
    return r;
}

/* The data are in the file: set the entries, give up what they pointed to. */
static int link_new(struct qcow2 *q, const struct qcow2_alloc *a)
{
    struct qcow2_tab *l2;
    int r = qcow2_l2_write(q, a->guest, &l2);
    uint32_t first = qcow2_l2_index(q, a->guest);

    for (uint64_t i = 0; r == 0 && i < a->bytes >> q->cluster_bits; i++) {
        uint64_t old = qcow2_l2_entry(l2, first + (uint32_t)i);

        qcow2_l2_set(q, l2, first + (uint32_t)i, (a->host + (i << q->cluster_bits)) | QCOW2_COPIED);
        if (!a->reused)
            r = qcow2_free_entry(q, old);
    }
    return r;
}

static void alloc_done(struct qcow2 *q, struct qcow2_alloc *a)
{
    struct qcow2_alloc **p = &q->allocs;

    while (*p != a)
        p = &(*p)->next;
    *p = a->next;
    pthread_cond_broadcast(&q->changed);
}

static int write_inside(struct qcow2 *q, struct vec v, uint64_t off)
{
    int r = 0;

    while (v.bytes && r == 0) {
        uint64_t n = v.bytes, host = 0;
        struct qcow2_alloc a;
        struct vec front;

        pthread_mutex_lock(&q->lock);
        r = prepare(q, off, &n, &host, &a);
        pthread_mutex_unlock(&q->lock);
        if (r < 0)
            break;
        front = vec_front(&v, n);
        if (!a.bytes) {
            r = q->file->ops->writev(q->file, front, host);
        } else {
            r = write_new(q, &a, front, off);
            pthread_mutex_lock(&q->lock);
            if (r == 0)
                r = link_new(q, &a);
            else if (!a.reused)
                qcow2_free(q, a.host, a.bytes);
            alloc_done(q, &a);
            pthread_mutex_unlock(&q->lock);
        }
        off += n;
    }
    return r;
}

int qcow2_writev(struct image *im, struct vec v, uint64_t off)
{
    struct qcow2 *q = qcow2_of(im);
    unsigned side = enter(q);

    return leave(q, side, write_inside(q, v, off));
}

int qcow2_write_compressed(struct image *im, const void *buf, size_t n, uint64_t off)
{
    struct qcow2 *q = qcow2_of(im);
    unsigned bits = 62 - (q->cluster_bits - 8), side;
    uint8_t *packed, *full = NULL;
    uint64_t entry, bytes, at, sectors, end;
    struct qcow2_tab *l2;
    long len;
    int r = 0;

    if ((off & (q->cluster - 1)) || n > q->cluster || (n < q->cluster && off + n != im->size))
        return -EINVAL;
    packed = malloc(q->cluster);
    if (packed && n < q->cluster) {
        full = calloc(1, q->cluster);
        if (full)
            memcpy(full, buf, n);
    }
    if (!packed || (n < q->cluster && !full)) {
        free(packed);
        return -ENOMEM;
    }
    len = compress_pack(q->head.compression, full ? full : buf, q->cluster, packed, q->cluster - 1);
    if (len <= 0) {
        free(full);
        free(packed);
        return len < 0 ? (int)len : image_write(im, buf, n, off);
    }
    side = enter(q);
    pthread_mutex_lock(&q->lock);
    bytes = q->cluster;
    wait_for_allocs(q, off, &bytes);
    r = q->broken ? q->broken : qcow2_map(q, off, q->cluster, &entry, &bytes);
    if (r == 0)
        r = qcow2_l2_write(q, off, &l2);
    at = q->packed_at;
    end = at + (uint64_t)len;
    /* the cluster that is partly filled, and the next one if that is free; else a new one */
    if (r == 0 && at && align_up(end, q->cluster) > align_up(at, q->cluster)) {
        uint64_t next = align_up(at, q->cluster) >> q->cluster_bits, used = 1;

        r = qcow2_ref_get(q, next, &used);
        if (used || qcow2_use_of(q, next << q->cluster_bits) ||
            next << q->cluster_bits > QCOW2_OFFSET)
            at = 0;
        else if (r == 0) {
            r = qcow2_ref_first(q, next);
            if (q->blank_from <= next)
                q->blank_from = next + 1;
        }
    }
    if (r == 0 && at) {
        r = qcow2_ref_add(q, at >> q->cluster_bits, 1);
        if (r == -ERANGE) { /* no more references fit: the room in the next one is given back */
            if (align_up(end, q->cluster) > align_up(at, q->cluster))
                qcow2_ref_add(q, align_up(at, q->cluster) >> q->cluster_bits, -1);
            at = r = 0;
        }
    }
    if (r == 0 && !at)
        r = qcow2_alloc_exact(q, 1, &at);
    if (r == 0 && at + (uint64_t)len >= 1ull << bits)
        r = -EFBIG;
    if (r == 0)
        r = file_write(q->file, packed, (size_t)len, at);
    if (r == 0) {
        end = at + (uint64_t)len;
        sectors = ((end - 1) >> 9) - (at >> 9);
        qcow2_l2_set(q, l2, qcow2_l2_index(q, off), QCOW2_COMPRESSED | sectors << bits | at);
        r = qcow2_free_entry(q, entry);
        q->packed_at = end & (q->cluster - 1) ? end : 0;
    } else {
        q->packed_at = 0;
    }
    pthread_mutex_unlock(&q->lock);
    free(packed);
    free(full);
    return leave(q, side, r);
}

/* --- zeroes, discard ----------------------------------------------------------------------------
 */

/* What the entry of a whole cluster becomes: zeroes, or as if it had never been written. */
static uint64_t emptied(struct qcow2 *q, uint64_t off, uint64_t e, bool discard, bool unmap)
{
    bool below = q->im->backing_file || q->im->backing;
    enum qcow2_kind kind = qcow2_kind_of(q, e);

    (void)off;
    if (discard) {
        if (kind == QCOW2_NONE)
            return e;
        if (!below)
            return 0;
        return q->version >= 3 ? QCOW2_ZERO : e;
    }
    if (kind == QCOW2_NONE && !below)
        return e;
    if (q->version < 3)
        return 0; /* asked for only where nothing lies below */
    if (kind == QCOW2_ZERO_ALLOC && !unmap)
        return e;
    if (kind == QCOW2_NORMAL && !unmap && (e & QCOW2_COPIED))
        return e | QCOW2_ZERO;
    return QCOW2_ZERO;
}

static int empty_clusters(struct qcow2 *q, uint64_t off, uint64_t n, bool discard, bool unmap)
{
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits);
    int r = 0;

    pthread_mutex_lock(&q->lock);
    while (n && r == 0) {
        uint64_t now = covers - (off & (covers - 1)) < n ? covers - (off & (covers - 1)) : n;
        struct qcow2_tab *l2;
        bool mine = false;

        wait_for_allocs(q, off, &now);
        r = q->broken ? q->broken : qcow2_l2_read(q, off, &l2);
        for (uint64_t at = off; at < off + now && r == 0; at += q->cluster) {
            uint32_t i = qcow2_l2_index(q, at);
            uint64_t old = l2 ? qcow2_l2_entry(l2, i) : 0, e = emptied(q, at, old, discard, unmap);

            if (e == old)
                continue;
            if (!mine)
                r = qcow2_l2_write(q, at, &l2);
            mine = true;
            if (r == 0)
                qcow2_l2_set(q, l2, i, e);
            if (r == 0 && !(e & QCOW2_OFFSET))
                r = qcow2_free_entry(q, old);
        }
        off += now;
        n -= now;
        if (qcow2_pressed(q) && n && r == 0) {
            pthread_mutex_unlock(&q->lock);
            r = qcow2_commit(q);
            pthread_mutex_lock(&q->lock);
        }
    }
    pthread_mutex_unlock(&q->lock);
    return r;
}

static int write_zeroes(struct qcow2 *q, uint64_t off, uint64_t n)
{
    static const uint8_t zeroes[65536];
    int r = 0;

    while (n && r == 0) {
        uint64_t entry, now;

        pthread_mutex_lock(&q->lock);
        r = qcow2_map(q, off, n, &entry, &now);
        pthread_mutex_unlock(&q->lock);
        if (r < 0)
            break;
        switch (qcow2_kind_of(q, entry)) {
        case QCOW2_ZERO_PLAIN:
        case QCOW2_ZERO_ALLOC:
            break;
        case QCOW2_NONE:
            if (!q->im->backing_file && !q->im->backing)
                break;
            /* fall through */
        default: {
            struct iovec iov[16];
            unsigned k = 0;

            if (now > sizeof(zeroes) * ARRAY_LEN(iov))
                now = sizeof(zeroes) * ARRAY_LEN(iov);
            for (uint64_t left = now; left; k++) {
                iov[k].iov_base = (void *)(uintptr_t)zeroes;
                iov[k].iov_len = left < sizeof(zeroes) ? left : sizeof(zeroes);
                left -= iov[k].iov_len;
            }
            r = write_inside(q, vec_of(iov, k), off);
        }
        }
        off += now;
        n -= now;
    }
    return r;
}

int qcow2_zero(struct image *im, uint64_t off, uint64_t n, bool unmap)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t end = off + n, first = align_up(off, q->cluster), last = align_down(end, q->cluster);
    bool below = im->backing_file || im->backing;
    unsigned side = enter(q);
    int r = 0;

    if (end == im->size) /* the rest of the last cluster is nobody's */
        last = align_up(end, q->cluster);
    if (first >= last || (q->version < 3 && (below || !unmap))) {
        r = write_zeroes(q, off, n);
    } else {
        r = write_zeroes(q, off, first - off);
        if (r == 0)
            r = empty_clusters(q, first, last - first, false, unmap);
        if (r == 0 && end > last)
            r = write_zeroes(q, last, end - last);
    }
    return leave(q, side, r);
}

int qcow2_discard(struct image *im, uint64_t off, uint64_t n)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t end = off + n, first = align_up(off, q->cluster), last = align_down(end, q->cluster);
    unsigned side = enter(q);
    int r = 0;

    if (end == im->size)
        last = align_up(end, q->cluster);
    if (first < last)
        r = empty_clusters(q, first, last - first, true, true);
    return leave(q, side, r);
}

int qcow2_empty_from(struct qcow2 *q, uint64_t off)
{
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits);
    unsigned side = enter(q);
    int r = 0;

    for (; off / covers < q->l1_size && r == 0; off += covers) {
        struct qcow2_tab *l2;

        pthread_mutex_lock(&q->lock);
        r = q->broken ? q->broken : qcow2_l2_read(q, off, &l2);
        if (r == 0 && l2)
            r = qcow2_l2_write(q, off, &l2);
        for (uint32_t i = 0; r == 0 && l2 && i < 1u << q->l2_bits; i++) {
            uint64_t e = qcow2_l2_entry(l2, i);

            if (!e)
                continue;
            qcow2_l2_set(q, l2, i, 0);
            r = qcow2_free_entry(q, e);
        }
        pthread_mutex_unlock(&q->lock);
        if (r == 0 && qcow2_pressed(q))
            r = qcow2_commit(q);
    }
    return leave(q, side, r);
}

int qcow2_make_empty(struct image *im)
{
    return qcow2_empty_from(qcow2_of(im), 0);
}

int qcow2_status(struct image *im, uint64_t off, uint64_t n, struct image_status *st)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t entry, at = off, end = off + n;
    enum qcow2_kind kind;
    int r;

    pthread_mutex_lock(&q->lock);
    r = qcow2_map(q, off, n, &entry, &st->bytes);
    kind = qcow2_kind_of(q, entry);
    /* the same through tables that are alike; stops at the first difference */
    for (at += st->bytes; r == 0 && at < end && kind != QCOW2_PACKED; at += n) {
        uint64_t more, host = (entry & QCOW2_OFFSET) + (at - align_down(off, q->cluster));

        r = qcow2_map(q, at, end - at, &more, &n);
        if (r < 0 || qcow2_kind_of(q, more) != kind ||
            ((more & QCOW2_OFFSET) != host && (kind == QCOW2_NORMAL || kind == QCOW2_ZERO_ALLOC)))
            break;
        st->bytes += n;
    }
    qcow2_tables_drop(q);
    pthread_mutex_unlock(&q->lock);
    if (r < 0)
        return r;
    st->allocated = kind != QCOW2_NONE;
    st->data = kind == QCOW2_NORMAL || kind == QCOW2_PACKED;
    st->zero = kind == QCOW2_ZERO_PLAIN || kind == QCOW2_ZERO_ALLOC;
    st->compressed = kind == QCOW2_PACKED;
    st->has_offset = kind == QCOW2_NORMAL || kind == QCOW2_ZERO_ALLOC;
    st->offset = st->has_offset ? (entry & QCOW2_OFFSET) + (off & (q->cluster - 1)) : 0;
    return 0;
}

/* Behind the end of the disk, at the next L2 table: that is where a machine's memory is kept. */
int qcow2_vm_state(struct image *im, struct vec v, uint64_t off, bool write)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits), start = align_up(im->size, covers);
    uint64_t end, need;
    unsigned side;
    int r;

    if (off > IMAGE_SIZE_MAX - start || v.bytes > IMAGE_SIZE_MAX - start - off)
        return -EFBIG;
    end = start + off + v.bytes;
    need = end / covers + (end % covers != 0);
    if (write && im->read_only)
        return -EROFS;
    if (write && need > q->l1_size) {
        r = qcow2_l1_grow(q, need, q->head.size);
        if (r < 0)
            return r;
    }
    side = enter(q);
    r = write ? write_inside(q, v, start + off) : read_inside(q, v, start + off);
    return write ? leave(q, side, r) : leave_reading(q, side, r);
}
