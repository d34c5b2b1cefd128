// SPDX-License-Identifier: MIT
/* host/block/qcow2_check.c -- counts the references to every cluster and compares them with the
 * stored refcounts. Too many stored is a leak; too few, and anything that can't be right, is
 * corruption. A "copied" mark that is missing counts as a leak: it wastes a copy, no more (qemu-img
 * calls it corruption; moa leaves it only when power is lost while a snapshot is made or removed).
 * Not looked at: persistent bitmaps; an image that has valid ones is not repaired. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_BITS = 16 };
#define MAX_CHUNKS (1ull << 21)

struct qcow2_counts {
    uint32_t **chunk;
    uint64_t nchunks, clusters, end; /* clusters: of the file */
};

struct walk {
    struct qcow2 *q;
    struct qcow2_counts *k;
    struct image_check *c;
    bool quiet; /* found before: only count */
    bool bad_blocks, bad_marks;
};

uint64_t qcow2_counted(const struct qcow2_counts *k, uint64_t cluster)
{
    uint64_t i = cluster >> CHUNK_BITS;

    return i < k->nchunks && k->chunk[i] ? k->chunk[i][cluster & ((1u << CHUNK_BITS) - 1)] : 0;
}

uint64_t qcow2_counts_end(const struct qcow2_counts *k)
{
    return k->end;
}

static void say(struct walk *w, const char *fmt, ...) MOA_PRINTF(2, 3);
static void say(struct walk *w, const char *fmt, ...)
{
    char line[256];
    va_list ap;

    if (!w->c->say || w->quiet)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    w->c->say(w->c->arg, line);
}

static int free_counts(struct qcow2_counts *k, int result)
{
    for (uint64_t i = 0; k->chunk && i < k->nchunks; i++)
        free(k->chunk[i]);
    free(k->chunk);
    return result;
}

static int init_counts(struct qcow2 *q, struct qcow2_counts *k)
{
    uint64_t size = 0;
    int r = file_size(q->file, &size);

    *k = (struct qcow2_counts){.clusters = qcow2_clusters(q, size)};
    k->nchunks = (k->clusters >> CHUNK_BITS) + 1;
    if (r == 0 && k->nchunks > MAX_CHUNKS)
        return -EFBIG;
    k->chunk = calloc(k->nchunks, sizeof(*k->chunk));
    return r < 0 ? r : k->chunk ? 0 : -ENOMEM;
}

static void corruption(struct walk *w)
{
    if (!w->quiet)
        w->c->corruptions++;
}

static int count(struct walk *w, uint64_t offset, uint64_t bytes)
{
    struct qcow2_counts *k = w->k;

    if (!bytes)
        return 0;
    for (uint64_t c = offset >> w->q->cluster_bits; c <= (offset + bytes - 1) >> w->q->cluster_bits;
         c++) {
        uint32_t **chunk;

        if (c >= k->clusters) {
            say(w,
                "ERROR: reference to a region behind the end of the file: offset 0x%llx size "
                "0x%llx",
                (unsigned long long)offset, (unsigned long long)bytes);
            corruption(w);
            return 0;
        }
        chunk = &k->chunk[c >> CHUNK_BITS];
        if (!*chunk)
            *chunk = calloc(1u << CHUNK_BITS, sizeof(**chunk));
        if (!*chunk)
            return -ENOMEM;
        if ((*chunk)[c & ((1u << CHUNK_BITS) - 1)] < UINT32_MAX)
            (*chunk)[c & ((1u << CHUNK_BITS) - 1)]++;
        if (c >= k->end)
            k->end = c + 1;
    }
    return 0;
}

static int count_entry(struct walk *w, uint64_t e, uint64_t *expect, bool active)
{
    struct qcow2 *q = w->q;
    uint64_t offset = e & QCOW2_OFFSET, bytes = q->cluster;
    enum qcow2_kind kind = qcow2_kind_of(q, e);

    if (kind == QCOW2_PACKED) {
        if (e & QCOW2_COPIED) {
            say(w, "ERROR: compressed cluster has the copied flag: entry=%llx",
                (unsigned long long)e);
            corruption(w);
        }
        qcow2_packed_at(q, e, &offset, &bytes);
        if (active && !w->quiet) {
            w->c->compressed++;
            w->c->allocated++;
            w->c->fragmented++;
        }
        *expect = 0;
        return count(w, offset, bytes);
    }
    if (kind == QCOW2_NONE || kind == QCOW2_ZERO_PLAIN) {
        if (kind == QCOW2_ZERO_PLAIN && q->version < 3)
            goto bad;
        return 0;
    }
    if ((offset & (q->cluster - 1)) || (kind == QCOW2_ZERO_ALLOC && q->version < 3))
        goto bad;
    if (active && !w->quiet) {
        w->c->allocated++;
        if (*expect && *expect != offset)
            w->c->fragmented++;
    }
    *expect = offset + q->cluster;
    return count(w, offset, bytes);
bad:
    say(w, "ERROR: invalid L2 entry %llx", (unsigned long long)e);
    corruption(w);
    return 0;
}

static int count_l1(struct walk *w, const uint64_t *l1, uint32_t n, uint64_t offset, bool active)
{
    struct qcow2 *q = w->q;
    uint8_t *l2 = malloc(q->cluster);
    uint64_t expect = 0;
    int r = l2 ? count(w, offset, n * 8ull) : -ENOMEM;

    for (uint32_t i = 0; i < n && r == 0; i++) {
        uint64_t at = l1[i] & QCOW2_OFFSET;

        if (l1[i] & ~(QCOW2_OFFSET | QCOW2_COPIED)) {
            say(w, "ERROR: reserved bits in L1 entry %llx", (unsigned long long)l1[i]);
            corruption(w);
        }
        if (!at)
            continue;
        if (at & (q->cluster - 1)) {
            say(w, "ERROR: L2 table is not cluster aligned: %llx", (unsigned long long)l1[i]);
            corruption(w);
            continue;
        }
        if (active &&
            qcow2_counted(w->k, at >> q->cluster_bits)) { /* nothing but the header and the
                                                           * tables above came before */
            say(w, "ERROR: L2 table at 0x%llx is used for something else too",
                (unsigned long long)at);
            corruption(w);
            r = count(w, at, q->cluster);
            continue;
        }
        r = count(w, at, q->cluster);
        if (r == 0 && file_read(q->file, l2, q->cluster, at) < 0) {
            say(w, "ERROR: could not read the L2 table at 0x%llx", (unsigned long long)at);
            w->c->errors++;
            continue;
        }
        for (uint32_t k = 0; k < 1u << q->l2_bits && r == 0; k++)
            r = count_entry(w, be64_at(l2 + k * 8ul), &expect, active);
    }
    free(l2);
    return r;
}

static int count_snapshots(struct walk *w)
{
    struct qcow2 *q = w->q;
    uint64_t bytes = 0;
    int r = 0;

    for (unsigned i = 0; i < q->nsnap && r == 0; i++) {
        const struct qcow2_snapshot *s = &q->snap[i];
        uint64_t *l1 = calloc(s->l1_size + 1ul, 8);

        r = l1 ? file_read(q->file, l1, s->l1_size * 8ul, s->l1_offset) : -ENOMEM;
        for (uint32_t k = 0; r == 0 && k < s->l1_size; k++)
            l1[k] = be64toh(l1[k]);
        if (r == 0)
            r = count_l1(w, l1, s->l1_size, s->l1_offset, false);
        free(l1);
        bytes = align_up(bytes + 40 + s->extra_size + strlen(s->pub.id) + strlen(s->pub.name), 8);
    }
    return r == 0 ? count(w, q->head.snapshots_offset, bytes) : r;
}

static int count_all(struct walk *w, bool with_refcounts)
{
    struct qcow2 *q = w->q;
    int r = count(w, 0, q->cluster);

    if (r == 0)
        r = count_l1(w, q->l1, q->l1_size, q->head.l1_offset, true);
    if (r == 0)
        r = count_snapshots(w);
    if (r == 0 && with_refcounts)
        r = count(w, q->head.reft_offset, q->reft_size * 8);
    for (uint64_t i = 0; r == 0 && with_refcounts && i < q->reft_size; i++) {
        if (!q->reft[i])
            continue;
        if ((q->reft[i] & (q->cluster - 1)) || q->reft[i] >> q->cluster_bits >= w->k->clusters) {
            say(w, "ERROR: refcount block %llu at 0x%llx is invalid", (unsigned long long)i,
                (unsigned long long)q->reft[i]);
            corruption(w);
            w->bad_blocks = true;
            continue;
        }
        r = count(w, q->reft[i], q->cluster);
        if (r == 0 && qcow2_counted(w->k, q->reft[i] >> q->cluster_bits) != 1) {
            say(w, "ERROR: refcount block %llu at 0x%llx is used for something else too",
                (unsigned long long)i, (unsigned long long)q->reft[i]);
            corruption(w);
            w->bad_blocks = true;
        }
    }
    return r;
}

/* Calls for each cluster whose stored refcount differs from the number of references. */
static int compare(struct walk *w,
                   void (*differs)(struct walk *w, uint64_t c, uint64_t stored, uint64_t found))
{
    struct qcow2 *q = w->q;
    uint64_t per = 1ull << q->block_bits;
    uint8_t *block = malloc(q->cluster);
    int r = block ? 0 : -ENOMEM;

    for (uint64_t b = 0; r == 0 && (b < q->reft_size || b * per < w->k->end); b++) {
        uint64_t at = b < q->reft_size ? q->reft[b] : 0;

        if (at && ((at & (q->cluster - 1)) || at >> q->cluster_bits >= w->k->clusters))
            at = 0;
        if (!at && b * per >= w->k->end)
            continue;
        if (at) {
            r = file_read(q->file, block, q->cluster, at);
            if (r < 0) {
                w->c->errors++;
                r = 0;
                continue;
            }
        }
        for (uint64_t i = 0; i < per; i++) {
            uint64_t c = b * per + i, stored = at ? qcow2_block_entry(q, block, i) : 0;
            uint64_t found = qcow2_counted(w->k, c);

            if (stored != found)
                differs(w, c, stored, found);
        }
    }
    free(block);
    return r;
}

static void report(struct walk *w, uint64_t c, uint64_t stored, uint64_t found)
{
    if (stored < found)
        w->bad_blocks = true;
    say(w, "%s cluster %llu refcount=%llu reference=%llu", stored < found ? "ERROR" : "Leaked",
        (unsigned long long)c, (unsigned long long)stored, (unsigned long long)found);
    if (stored < found)
        w->c->corruptions++;
    else
        w->c->leaks++;
}

static void fix_leak(struct walk *w, uint64_t c, uint64_t stored, uint64_t found)
{
    if (stored > found && qcow2_ref_add(w->q, c, -(int64_t)(stored - found)) == 0)
        w->c->leaks_fixed++;
}

/* Marks of the active tables: set where there is one reference, and there only. */
static int check_mark(struct walk *w, uint64_t e, enum image_fix fix, const char *what,
                      uint64_t *want)
{
    bool one = qcow2_counted(w->k, (e & QCOW2_OFFSET) >> w->q->cluster_bits) == 1;
    bool has = (e & QCOW2_COPIED) != 0;

    *want = one ? e | QCOW2_COPIED : e & ~QCOW2_COPIED;
    if (one == has)
        return 0;
    say(w, "%s the copied flag of %s at 0x%llx", has ? "ERROR: wrong is" : "Missing is", what,
        (unsigned long long)(e & QCOW2_OFFSET));
    if (has)
        w->c->corruptions++;
    else
        w->c->leaks++;
    if (fix & (has ? 2 : 1)) {
        if (has)
            w->c->corruptions_fixed++;
        else
            w->c->leaks_fixed++;
        return 1;
    }
    return 0;
}

static int check_marks(struct walk *w, enum image_fix fix)
{
    struct qcow2 *q = w->q;
    uint8_t *l2 = malloc(q->cluster);
    int r = l2 ? 0 : -ENOMEM;

    for (uint32_t i = 0; i < q->l1_size && r == 0; i++) {
        uint64_t at = q->l1[i] & QCOW2_OFFSET, want, lo = UINT64_MAX, hi = 0;

        if (!at || (at & (q->cluster - 1)) || at >> q->cluster_bits >= w->k->clusters)
            continue;
        if (check_mark(w, q->l1[i], fix, "L2 table", &want)) {
            uint64_t be = htobe64(want);

            q->l1[i] = want;
            r = file_write(q->file, &be, 8, q->head.l1_offset + i * 8ull);
        }
        if (r < 0 || file_read(q->file, l2, q->cluster, at) < 0)
            continue;
        for (uint32_t k = 0; k < 1u << q->l2_bits; k++) {
            uint64_t e = be64_at(l2 + k * 8ul);

            if ((e & QCOW2_COMPRESSED) || !(e & QCOW2_OFFSET) ||
                (e & QCOW2_OFFSET & (q->cluster - 1)))
                continue;
            if (check_mark(w, e, fix, "cluster", &want)) {
                put_be64(l2 + k * 8ul, want);
                lo = lo < k * 8ul ? lo : k * 8ul;
                hi = k * 8ul + 8;
            }
        }
        if (lo < hi) {
            r = file_write(q->file, l2 + lo, hi - lo, at + lo);
            pthread_mutex_lock(&q->lock);
            qcow2_tab_forget(q, at);
            pthread_mutex_unlock(&q->lock);
        }
    }
    free(l2);
    return r;
}

static int rebuild(struct walk *w)
{
    struct qcow2_counts k;
    struct walk again = {.q = w->q, .k = &k, .c = w->c, .quiet = true};
    int r = init_counts(w->q, &k);

    if (r == 0)
        r = count_all(&again, false);
    if (r == 0)
        r = qcow2_rebuild(w->q, &k);
    return free_counts(&k, r);
}

static int repair(struct walk *w, enum image_fix fix, uint64_t refcount_errors, uint64_t leaks)
{
    struct qcow2 *q = w->q;
    struct image_check *c = w->c;
    int r = 0;

    if (w->bad_blocks && fix == IMAGE_FIX_ALL) {
        r = rebuild(w);
        if (r == 0) {
            c->corruptions_fixed += refcount_errors;
            c->leaks_fixed += leaks;
        }
    } else if (!w->bad_blocks && leaks) {
        pthread_mutex_lock(&q->lock);
        r = compare(w, fix_leak);
        pthread_mutex_unlock(&q->lock);
        if (r == 0)
            r = qcow2_commit(q);
    }
    return r == 0 ? file_flush(q->file) : r;
}

int qcow2_check(struct image *im, struct image_check *c, enum image_fix fix, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    struct qcow2_counts k;
    struct walk w = {.q = q, .k = &k, .c = c};
    uint64_t before, refcount_errors, leaks;
    int r;

    if (fix && im->read_only)
        return -EROFS;
    if (fix && (q->head.autoclear & QCOW2_BITMAPS))
        return block_error(err, -ENOTSUP,
                           "'%s' has persistent bitmaps, which are not supported: "
                           "it can't be repaired here",
                           im->name);
    r = im->read_only ? 0 : qcow2_commit(q);
    if (r == 0)
        r = init_counts(q, &k);
    if (r < 0)
        return r;
    c->total_clusters = qcow2_clusters(q, im->size);
    r = count_all(&w, true);
    before = c->corruptions;
    if (w.bad_blocks) /* those are mended by new blocks; the others stay */
        before = 0;
    if (r == 0)
        r = compare(&w, report);
    refcount_errors = c->corruptions - before;
    leaks = c->leaks;
    c->end_offset = k.end << q->cluster_bits;
    if (r == 0 && fix)
        r = repair(&w, fix, refcount_errors, leaks);
    if (r == 0)
        r = check_marks(&w, fix);
    if (r == 0 && fix)
        r = file_flush(q->file);
    if (r == 0 && fix == IMAGE_FIX_ALL && c->corruptions == c->corruptions_fixed && !c->errors &&
        (q->head.incompatible & (QCOW2_DIRTY | QCOW2_CORRUPT))) {
        q->head.incompatible &= ~(uint64_t)(QCOW2_DIRTY | QCOW2_CORRUPT);
        r = qcow2_header_write(q);
        if (r == 0)
            r = file_flush(q->file);
    }
    return free_counts(&k, r);
}
