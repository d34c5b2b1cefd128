// SPDX-License-Identifier: MIT
/* host/block/qcow2_snapshot.c -- internal snapshots: an L1 table of their own whose L2 tables and
 * clusters are shared, each counted once more. Nothing is in flight while they are made, applied or
 * deleted. All changes of tables are made in memory, and one commit makes them valid together with
 * the header that names them; if it fails, the tables are read again as they are on the disk. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIXED = 40, EXTRA = 24 };

static void free_snapshot(struct qcow2_snapshot *s)
{
    free(s->pub.id);
    free(s->pub.name);
    free(s->extra);
}

void qcow2_snap_free(struct qcow2 *q)
{
    for (unsigned i = 0; i < q->nsnap; i++)
        free_snapshot(&q->snap[i]);
    free(q->snap);
    free(q->snap_pub);
    q->snap = NULL;
    q->snap_pub = NULL;
    q->nsnap = 0;
}

static int read_one(struct qcow2 *q, struct qcow2_snapshot *s, uint64_t *at, struct block_err *err)
{
    uint8_t fixed[FIXED], extra[QCOW2_MAX_SNAP_EXTRA];
    uint32_t id_len, name_len;
    int r = file_read(q->file, fixed, sizeof(fixed), *at);

    if (r < 0)
        return r;
    s->l1_offset = be64_at(fixed);
    s->l1_size = be32_at(fixed + 8);
    id_len = be32_at(fixed + 12) >> 16;
    name_len = be32_at(fixed + 12) & 0xffff;
    s->pub.date_sec = be32_at(fixed + 16);
    s->pub.date_nsec = be32_at(fixed + 20);
    s->pub.vm_clock_nsec = be64_at(fixed + 24);
    s->pub.vm_state_size = be32_at(fixed + 32);
    s->extra_size = be32_at(fixed + 36);
    s->pub.disk_size = q->head.size;
    s->pub.icount = UINT64_MAX;
    if (s->extra_size > sizeof(extra))
        return block_error(err, -EFBIG, "'%s': snapshot with too much extra data", q->im->name);
    if (s->l1_size > QCOW2_MAX_L1 / 8 || (s->l1_offset & (q->cluster - 1)) ||
        s->l1_offset > QCOW2_OFFSET - QCOW2_MAX_L1 || (s->l1_size && !s->l1_offset))
        return block_error(err, -EINVAL, "'%s': snapshot with an invalid L1 table", q->im->name);
    *at += FIXED;
    r = file_read(q->file, extra, s->extra_size, *at);
    *at += s->extra_size;
    if (s->extra_size >= 8)
        s->pub.vm_state_size = be64_at(extra);
    if (s->extra_size >= 16)
        s->pub.disk_size = be64_at(extra + 8);
    if (s->extra_size >= 24)
        s->pub.icount = be64_at(extra + 16);
    s->pub.id = calloc(1, id_len + 1);
    s->pub.name = calloc(1, name_len + 1);
    s->extra = malloc(s->extra_size + 1ul);
    if (!s->pub.id || !s->pub.name || !s->extra)
        return -ENOMEM;
    memcpy(s->extra, extra, s->extra_size);
    if (r == 0)
        r = file_read(q->file, s->pub.id, id_len, *at);
    if (r == 0)
        r = file_read(q->file, s->pub.name, name_len, *at + id_len);
    *at = align_up(*at + id_len + name_len, 8);
    if (s->pub.disk_size > IMAGE_SIZE_MAX)
        return block_error(err, -EINVAL, "'%s': snapshot with an invalid disk size", q->im->name);
    return r;
}

static uint64_t table_bytes(const struct qcow2 *q)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < q->nsnap; i++)
        n = align_up(n + FIXED + q->snap[i].extra_size + strlen(q->snap[i].pub.id) +
                         strlen(q->snap[i].pub.name),
                     8);
    return n;
}

int qcow2_snap_read(struct qcow2 *q, struct block_err *err)
{
    uint64_t at = q->head.snapshots_offset, start = at, size = 0;
    int r = 0;

    if (!q->head.nsnapshots)
        return 0;
    r = file_size(q->file, &size);
    q->snap = calloc(q->head.nsnapshots, sizeof(*q->snap));
    if (!q->snap)
        return -ENOMEM;
    while (r == 0 && q->nsnap < q->head.nsnapshots) {
        if (at >= size || at - start > QCOW2_MAX_SNAP_TABLE)
            return block_error(err, -EINVAL, "'%s': the snapshot table is damaged", q->im->name);
        r = read_one(q, &q->snap[q->nsnap++], &at, err);
    }
    if (r == 0)
        r = qcow2_use_set(q, start, at - start, META_SNAPSHOTS);
    return r;
}

/* --- references of an L1 table ------------------------------------------------------------------
 */

static int change(struct qcow2 *q, uint64_t cluster, int delta)
{
    return delta > 0 ? qcow2_ref_add(q, cluster, 1) : qcow2_free(q, cluster << q->cluster_bits, 1);
}

static int walk_l2(struct qcow2 *q, uint64_t offset, int delta, uint64_t *steps)
{
    struct qcow2_tab *l2;
    int r = qcow2_tab_get(q, META_L2, offset, &l2);

    if (r < 0)
        return r;
    qcow2_tab_pin(l2);
    for (uint32_t i = 0; i < 1u << q->l2_bits && r == 0 && *steps; i++) {
        uint64_t e = qcow2_l2_entry(l2, i), at = e & QCOW2_OFFSET, bytes = q->cluster;

        if (qcow2_kind_of(q, e) == QCOW2_PACKED)
            qcow2_packed_at(q, e, &at, &bytes);
        else if (!at)
            continue;
        for (uint64_t c = at >> q->cluster_bits;
             c <= (at + bytes - 1) >> q->cluster_bits && r == 0 && *steps; c++) {
            r = change(q, c, delta);
            if (r == 0)
                --*steps;
        }
    }
    qcow2_tab_unpin(q, l2);
    return r;
}

/* Adds delta to the refcount of everything that the table refers to; *steps: at most so many of
 * them, and how many were left. */
static int walk(struct qcow2 *q, const uint64_t *l1, uint32_t n, int delta, uint64_t *steps)
{
    int r = 0;

    for (uint32_t i = 0; i < n && r == 0 && *steps; i++) {
        uint64_t offset = l1[i] & QCOW2_OFFSET;

        if (!offset)
            continue;
        if (offset & (q->cluster - 1))
            return qcow2_corrupt(q, "L2 table at %#llx", (unsigned long long)offset);
        r = walk_l2(q, offset, delta, steps);
        if (r == 0 && *steps) {
            r = change(q, offset >> q->cluster_bits, delta);
            if (r == 0)
                --*steps;
        }
    }
    return r;
}

static int add_references(struct qcow2 *q, const uint64_t *l1, uint32_t n, struct block_err *err)
{
    uint64_t left = UINT64_MAX, done;
    int r = walk(q, l1, n, 1, &left);

    if (r == 0)
        return 0;
    if (r == -ERANGE)
        block_error(err, r, "The refcounts of this image are too narrow for another snapshot");
    done = UINT64_MAX - left;
    walk(q, l1, n, -1, &done);
    return r;
}

static int drop_references(struct qcow2 *q, const uint64_t *l1, uint32_t n)
{
    uint64_t left = UINT64_MAX;

    return walk(q, l1, n, -1, &left);
}

/* Takes the mark off every table and cluster, or puts it where the refcount is 1. */
static int mark_copied(struct qcow2 *q, bool set)
{
    int r = 0;

    for (uint32_t i = 0; i < q->l1_size && r == 0; i++) {
        uint64_t e = q->l1[i], n = 0, want;
        struct qcow2_tab *l2;

        if (!(e & QCOW2_OFFSET) || (!set && !(e & QCOW2_COPIED)))
            continue;
        r = qcow2_ref_get(q, (e & QCOW2_OFFSET) >> q->cluster_bits, &n);
        if (r < 0)
            break;
        want = set && n == 1 ? e | QCOW2_COPIED : e & ~QCOW2_COPIED;
        if (set && n != 1 && want == e)
            continue;
        r = qcow2_tab_get(q, META_L2, e & QCOW2_OFFSET, &l2);
        if (r < 0)
            break;
        qcow2_tab_pin(l2);
        l2->slot = i;
        for (uint32_t k = 0; k < 1u << q->l2_bits && r == 0; k++) {
            uint64_t old = qcow2_l2_entry(l2, k), new = old & ~QCOW2_COPIED;

            if (!(old & QCOW2_OFFSET) || (old & QCOW2_COMPRESSED))
                continue;
            if (set)
                r = qcow2_ref_get(q, (old & QCOW2_OFFSET) >> q->cluster_bits, &n);
            if (r == 0 && set && n == 1 && (want & QCOW2_COPIED))
                new |= QCOW2_COPIED;
            if (r == 0 && new != old)
                qcow2_l2_set(q, l2, k, new);
        }
        qcow2_tab_unpin(q, l2);
        if (r == 0 && want != e)
            qcow2_l1_set(q, i, want);
    }
    return r;
}

/* The end of a change: valid, or as if it had not been tried. The lock is held. */
static int finish(struct qcow2 *q, int r)
{
    if (r == 0) {
        pthread_mutex_unlock(&q->lock);
        r = qcow2_commit(q);
        pthread_mutex_lock(&q->lock);
    }
    if (r < 0 && !q->broken)
        qcow2_reload(q);
    return r;
}

/* --- the table of snapshots ---------------------------------------------------------------------
 */

static uint64_t put_one(uint8_t *out, const struct qcow2_snapshot *s)
{
    size_t id_len = strlen(s->pub.id), name_len = strlen(s->pub.name);
    uint8_t *p = out + FIXED;

    put_be64(out, s->l1_offset);
    put_be32(out + 8, s->l1_size);
    put_be16(out + 12, (uint16_t)id_len);
    put_be16(out + 14, (uint16_t)name_len);
    put_be32(out + 16, s->pub.date_sec);
    put_be32(out + 20, s->pub.date_nsec);
    put_be64(out + 24, s->pub.vm_clock_nsec);
    put_be32(out + 32, s->pub.vm_state_size > UINT32_MAX ? 0 : (uint32_t)s->pub.vm_state_size);
    put_be32(out + 36, s->extra_size);
    memcpy(p, s->extra, s->extra_size);
    p += s->extra_size;
    memcpy(p, s->pub.id, id_len);
    memcpy(p + id_len, s->pub.name, name_len);
    return align_up((uint64_t)(p + id_len + name_len - out), 8);
}

/* Writes the list as it is in memory to a new place, which the next commit makes valid. The old place
 * is given back. */
static int switch_table(struct qcow2 *q, uint64_t old_bytes)
{
    uint64_t bytes = table_bytes(q), at = 0, offset = 0, old = q->head.snapshots_offset;
    uint8_t *buf = calloc(1, align_up(bytes, q->cluster) + 1);
    int r = buf ? 0 : -ENOMEM;

    for (unsigned i = 0; r == 0 && i < q->nsnap; i++)
        at += put_one(buf + at, &q->snap[i]);
    if (r == 0 && bytes) {
        r = qcow2_alloc_exact(q, qcow2_clusters(q, bytes), &offset);
        if (r == 0)
            r = qcow2_use_set(q, offset, bytes, META_SNAPSHOTS);
        if (r == 0)
            r = file_write(q->file, buf, align_up(bytes, q->cluster), offset);
    }
    free(buf);
    if (r < 0)
        return r;
    q->head.snapshots_offset = offset;
    q->head.nsnapshots = q->nsnap;
    return old_bytes ? qcow2_free(q, old, old_bytes) : 0;
}

static int find(struct qcow2 *q, const char *key, struct block_err *err)
{
    for (unsigned i = 0; i < q->nsnap; i++)
        if (strcmp(q->snap[i].pub.id, key) == 0)
            return (int)i;
    for (unsigned i = 0; i < q->nsnap; i++)
        if (strcmp(q->snap[i].pub.name, key) == 0)
            return (int)i;
    return block_error(err, -ENOENT, "Could not find snapshot '%s'", key);
}

int qcow2_snap_list(struct image *im, const struct image_snapshot **list, unsigned *n)
{
    struct qcow2 *q = qcow2_of(im);
    struct image_snapshot *pub = realloc(q->snap_pub, (q->nsnap + 1) * sizeof(*pub));

    if (!pub)
        return -ENOMEM;
    q->snap_pub = pub;
    for (unsigned i = 0; i < q->nsnap; i++)
        pub[i] = q->snap[i].pub;
    *list = pub;
    *n = q->nsnap;
    return 0;
}

static int new_snapshot(struct qcow2 *q, const struct image_snapshot *from,
                        struct qcow2_snapshot *s)
{
    unsigned long max = 0;
    uint8_t extra[EXTRA];
    char id[24];

    for (unsigned i = 0; i < q->nsnap; i++) {
        unsigned long k = strtoul(q->snap[i].pub.id, NULL, 10);

        if (k > max && k < UINT32_MAX)
            max = k;
    }
    snprintf(id, sizeof(id), "%lu", max + 1);
    *s = (struct qcow2_snapshot){.pub = *from, .l1_size = q->l1_size, .extra_size = EXTRA};
    s->pub.disk_size = q->im->size;
    put_be64(extra, from->vm_state_size);
    put_be64(extra + 8, s->pub.disk_size);
    put_be64(extra + 16, from->icount);
    s->pub.id = strdup(id);
    s->pub.name = strdup(from->name ? from->name : "");
    s->extra = malloc(EXTRA);
    if (!s->pub.id || !s->pub.name || !s->extra) {
        free_snapshot(s);
        return -ENOMEM;
    }
    memcpy(s->extra, extra, EXTRA);
    return 0;
}

/* A table of entries to a new place. */
static int write_l1(struct qcow2 *q, const uint64_t *l1, uint32_t n, enum qcow2_meta meta,
                    uint64_t *offset)
{
    uint64_t bytes = align_up(n * 8ull, q->cluster);
    uint64_t *be = calloc(1, bytes + 1);
    int r = be ? 0 : -ENOMEM;

    *offset = 0;
    if (r == 0 && bytes)
        r = qcow2_alloc_exact(q, bytes >> q->cluster_bits, offset);
    if (r == 0)
        r = qcow2_use_set(q, *offset, bytes, meta);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        be[i] = htobe64(l1[i] & ~QCOW2_COPIED);
    if (r == 0)
        r = file_write(q->file, be, bytes, *offset);
    free(be);
    return r;
}

int qcow2_snap_create(struct image *im, const struct image_snapshot *from, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    struct qcow2_snapshot s, *list;
    uint64_t old_bytes = table_bytes(q), vm_state;
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits);
    int r;

    if (im->read_only)
        return -EROFS;
    if (q->nsnap >= QCOW2_MAX_SNAPSHOTS)
        return block_error(err, -EFBIG, "Too many snapshots");
    if (from->name && strlen(from->name) > UINT16_MAX)
        return -ENAMETOOLONG;
    r = qcow2_commit(q);
    if (r < 0)
        return r;
    list = realloc(q->snap, (q->nsnap + 1) * sizeof(*list));
    if (!list)
        return -ENOMEM;
    q->snap = list;
    r = new_snapshot(q, from, &s);
    if (r < 0)
        return r;
    vm_state = s.pub.vm_state_size;
    pthread_mutex_lock(&q->lock);
    r = mark_copied(q, false);
    if (r == 0) /* the copy of the L1 table is made of where they will be */
        r = qcow2_move_l2(q);
    if (r == 0)
        r = add_references(q, q->l1, q->l1_size, err);
    if (r == 0)
        r = write_l1(q, q->l1, q->l1_size, META_SNAPSHOT_L1, &s.l1_offset);
    q->snap[q->nsnap++] = s;
    if (r == 0)
        r = switch_table(q, old_bytes);
    r = finish(q, r);
    pthread_mutex_unlock(&q->lock);
    if (r < 0)
        return block_error(err, r, "Could not create snapshot: %s", strerror(-r));
    /* the machine's memory belongs to the snapshot alone */
    if (vm_state)
        r = qcow2_empty_from(q, align_up(im->size, covers));
    return r == 0 ? qcow2_commit(q) : r;
}

static int load_l1(struct qcow2 *q, const struct qcow2_snapshot *s, uint64_t **out)
{
    uint64_t *l1 = calloc(s->l1_size + 1ul, 8);
    int r = l1 ? file_read(q->file, l1, s->l1_size * 8ul, s->l1_offset) : -ENOMEM;

    for (uint32_t i = 0; r == 0 && i < s->l1_size; i++)
        l1[i] = be64toh(l1[i]);
    if (r < 0) {
        free(l1);
        l1 = NULL;
    }
    *out = l1;
    return r;
}

static int check_size(struct qcow2 *q, const struct qcow2_snapshot *s, struct block_err *err)
{
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits), size = s->pub.disk_size;

    if (size / covers + (size % covers != 0) > s->l1_size)
        return block_error(err, -EINVAL, "The L1 table of snapshot '%s' is too small", s->pub.name);
    if (q->version < 3 && size != q->head.size)
        return block_error(err, -ENOTSUP, "Snapshot '%s' has another disk size", s->pub.name);
    return 0;
}

static int adopt_l1(struct qcow2 *q, uint64_t *l1, const struct qcow2_snapshot *s)
{
    int r = 0;

    free(q->l1);
    q->l1 = l1;
    q->l1_size = s->l1_size;
    q->im->size = align_up(s->pub.disk_size, 512);
    for (uint32_t i = 0; i < q->l1_size && r == 0; i++) {
        uint64_t offset = l1[i] & QCOW2_OFFSET;

        l1[i] &= ~QCOW2_COPIED;
        if (offset && !qcow2_use_of(q, offset))
            r = qcow2_use_set(q, offset, 1, META_L2);
    }
    return r;
}

int qcow2_snap_apply(struct image *im, const char *key, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    int i = find(q, key, err), r;
    uint64_t *l1, *old_l1;
    struct qcow2_snapshot *s;
    uint32_t old_n;

    if (i < 0)
        return i;
    if (im->read_only)
        return -EROFS;
    s = &q->snap[i];
    r = check_size(q, s, err);
    if (r == 0)
        r = qcow2_commit(q);
    if (r == 0)
        r = load_l1(q, s, &l1);
    if (r < 0)
        return r;
    pthread_mutex_lock(&q->lock);
    r = add_references(q, l1, s->l1_size, err);
    if (r == 0) {
        old_l1 = q->l1;
        old_n = q->l1_size;
        q->l1 = NULL;
        r = adopt_l1(q, l1, s);
        l1 = NULL;
        q->l1_dirty = true;
        q->head.size = s->pub.disk_size;
        if (r == 0)
            r = drop_references(q, old_l1, old_n);
        free(old_l1);
        if (r == 0)
            r = mark_copied(q, true);
    }
    r = finish(q, r);
    pthread_mutex_unlock(&q->lock);
    free(l1);
    qcow2_forget_packed(q);
    return r < 0 ? block_error(err, r, "Could not apply snapshot '%s': %s", key, strerror(-r)) : 0;
}

int qcow2_snap_delete(struct image *im, const char *key, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t old_bytes = table_bytes(q), *l1 = NULL;
    int i = find(q, key, err), r;
    struct qcow2_snapshot gone;

    if (i < 0)
        return i;
    if (im->read_only)
        return -EROFS;
    gone = q->snap[i];
    r = qcow2_commit(q);
    if (r == 0)
        r = load_l1(q, &gone, &l1);
    if (r < 0)
        return r;
    pthread_mutex_lock(&q->lock);
    q->nsnap--;
    memmove(q->snap + i, q->snap + i + 1, (q->nsnap - (unsigned)i) * sizeof(*q->snap));
    r = switch_table(q, old_bytes);
    if (r == 0)
        r = drop_references(q, l1, gone.l1_size);
    if (r == 0)
        r = qcow2_free(q, gone.l1_offset, gone.l1_size * 8ull);
    if (r == 0)
        r = mark_copied(q, true);
    r = finish(q, r);
    pthread_mutex_unlock(&q->lock);
    free_snapshot(&gone);
    free(l1);
    qcow2_forget_packed(q);
    return r < 0 ? block_error(err, r, "Could not delete snapshot '%s': %s", key, strerror(-r)) : 0;
}

int qcow2_snap_load(struct image *im, const char *key, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    int i = find(q, key, err), r;
    uint64_t *l1;

    if (i < 0)
        return i;
    if (!im->read_only)
        return block_error(err, -EINVAL, "A snapshot can be loaded for reading only");
    r = check_size(q, &q->snap[i], err);
    if (r == 0)
        r = load_l1(q, &q->snap[i], &l1);
    return r < 0 ? r : adopt_l1(q, l1, &q->snap[i]);
}

int qcow2_snap_peek(struct image *im, const char *key, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t *l1;
    int i, r;

    if (!key) {
        if (q->peek.l1) {
            free(q->l1);
            q->l1 = q->peek.l1;
            q->l1_size = q->peek.l1_size;
            im->size = q->peek.disk_size;
            q->peek.l1 = NULL;
        }
        return 0;
    }
    i = find(q, key, err);
    if (i < 0)
        return i;
    r = check_size(q, &q->snap[i], err);
    if (r == 0)
        r = qcow2_commit(q);
    if (r == 0)
        r = load_l1(q, &q->snap[i], &l1);
    if (r < 0)
        return r;
    for (uint32_t n = 0; n < q->snap[i].l1_size; n++)
        l1[n] &= ~QCOW2_COPIED;
    q->peek.l1 = q->l1;
    q->peek.l1_size = q->l1_size;
    q->peek.disk_size = im->size;
    q->l1 = l1;
    q->l1_size = q->snap[i].l1_size;
    im->size = align_up(q->snap[i].pub.disk_size, 512);
    return 0;
}
