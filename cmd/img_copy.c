// SPDX-License-Identifier: MIT
/* cmd/img_copy.c -- a few threads take pieces of the sources in order, read them, and write what is
 * not zero. Without -W (and without compression, which is worth running at once) the writes are in
 * order as well, so that the target's clusters lie as those of the source. */
#include "cmd/img_copy.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 2 << 20 };

struct job {
    struct copy *c;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint64_t at, all; /* the next piece to be taken */
    uint64_t written; /* all before are */
    uint64_t moved;
    int result; /* the first error, -errno */
    uint64_t failed_at;
    bool failed_writing;
};

struct piece {
    uint64_t at, bytes;
    struct image *in;
    uint64_t in_at;
    bool zero, skip; /* skip: what lies below out shows it */
};

/* The piece at j->at, with j->lock held. */
static int take(struct job *j, struct piece *p)
{
    struct copy *c = j->c;
    uint64_t start = 0, left = j->all - j->at, align = c->cluster > PIECE ? c->cluster : PIECE;
    struct image_status st;
    unsigned i = 0, depth;
    int r;

    while (i < c->nin && j->at - start >= c->in[i]->size)
        start += c->in[i++]->size;
    if (i == c->nin) { /* the target is longer (-o size) */
        *p = (struct piece){.at = j->at, .bytes = left, .zero = true, .skip = c->has_backing};
        j->at += p->bytes;
        return 0;
    }
    *p = (struct piece){.at = j->at, .in = c->in[i], .in_at = j->at - start};
    if (left > c->in[i]->size - p->in_at)
        left = c->in[i]->size - p->in_at;
    r = c->has_backing ? image_status(p->in, p->in_at, left, &st)
                       : image_status_above(p->in, NULL, p->in_at, left, &st, &depth);
    if (r < 0)
        return r;
    p->bytes = st.bytes;
    p->skip = c->has_backing && !st.allocated;
    p->zero = st.zero;
    if (c->compress) { /* whole clusters: what begins or ends inside one is read and looked at */
        uint64_t end = align_down(p->at + p->bytes, c->cluster);

        if ((p->skip || p->zero) && end > p->at)
            p->bytes = end - p->at < left ? end - p->at : left;
        else if (p->bytes < left) {
            p->skip = p->zero = false;
            p->bytes =
                align_up(p->bytes, c->cluster) < left ? align_up(p->bytes, c->cluster) : left;
        }
    }
    if (!p->skip && !p->zero && p->bytes > align - (p->at & (align - 1)))
        p->bytes = align - (p->at & (align - 1)); /* pieces end where clusters end */
    j->at += p->bytes;
    return 0;
}

static int write_zero(struct copy *c, uint64_t at, uint64_t n)
{
    if (c->blank || (c->full && !c->has_backing))
        return 0;
    return image_zero(c->out, at, n, c->sparse != 0);
}

/* Runs of zeroes and of data, in steps of `sparse`. */
static int write_sparse(struct copy *c, const uint8_t *buf, uint64_t at, uint64_t n)
{
    uint64_t from = 0, i, step;
    bool was = false;
    int r = 0;

    if (!c->sparse)
        return image_write(c->out, buf, n, at);
    for (i = 0; i < n && r == 0; i += step) {
        bool zero;

        step = c->sparse - ((at + i) % c->sparse);
        step = step < n - i ? step : n - i;
        zero = buf_is_zero(buf + i, step);
        if (i && zero != was) {
            r = was ? write_zero(c, at + from, i - from)
                    : image_write(c->out, buf + from, i - from, at + from);
            from = i;
        }
        was = zero;
    }
    if (r == 0)
        r = was ? write_zero(c, at + from, n - from)
                : image_write(c->out, buf + from, n - from, at + from);
    return r;
}

static int write_packed(struct copy *c, const uint8_t *buf, uint64_t at, uint64_t n)
{
    int r = 0;

    for (uint64_t i = 0, step; i < n && r == 0; i += step) {
        step = c->cluster < n - i ? c->cluster : n - i;
        if (buf_is_zero(buf + i, step))
            r = write_zero(c, at + i, step);
        else if (((at + i) & (c->cluster - 1)) ||
                 (step < c->cluster && at + i + step != c->out->size))
            r = image_write(c->out, buf + i, step, at + i);
        else
            r = c->out->format->write_compressed(c->out, buf + i, step, at + i);
    }
    return r;
}

static int put(struct job *j, const struct piece *p, const uint8_t *buf)
{
    struct copy *c = j->c;

    if (p->skip)
        return 0;
    if (p->zero)
        return !c->sparse && c->blank ? image_zero(c->out, p->at, p->bytes, false)
                                      : write_zero(c, p->at, p->bytes);
    return c->compress ? write_packed(c, buf, p->at, p->bytes)
                       : write_sparse(c, buf, p->at, p->bytes);
}

static void wait_for_turn(struct job *j, const struct piece *p)
{
    pthread_mutex_lock(&j->lock);
    while (!j->c->any_order && !j->c->compress && j->written != p->at && j->result == 0)
        pthread_cond_wait(&j->turn, &j->lock);
    pthread_mutex_unlock(&j->lock);
}

static void *worker(void *arg)
{
    struct job *j = arg;
    size_t room = j->c->cluster > PIECE ? j->c->cluster : PIECE;
    uint8_t *buf = NULL;
    int r = posix_memalign((void **)&buf, 4096, room) ? -ENOMEM : 0;
    struct piece p = {0};
    bool writing = false;

    for (;;) {
        pthread_mutex_lock(&j->lock);
        if (r < 0 && j->result == 0) {
            j->result = r;
            j->failed_at = p.at;
            j->failed_writing = writing;
        }
        if (j->result == 0 && p.bytes) {
            if (!j->c->any_order && !j->c->compress)
                j->written = p.at + p.bytes;
            j->moved += p.bytes;
            img_progress(j->c->progress, j->moved, j->all);
        }
        pthread_cond_broadcast(&j->turn);
        if (j->result || j->at >= j->all)
            break;
        r = take(j, &p);
        pthread_mutex_unlock(&j->lock);
        writing = false;
        if (r == 0 && !p.skip && !p.zero)
            r = image_read(p.in, buf, p.bytes, p.in_at);
        if (r < 0)
            continue;
        wait_for_turn(j, &p);
        writing = true;
        if (__atomic_load_n(&j->result, __ATOMIC_RELAXED) == 0)
            r = put(j, &p, buf);
    }
    pthread_mutex_unlock(&j->lock);
    free(buf);
    return NULL;
}

int img_copy(struct copy *c)
{
    struct job j = {.c = c, .all = 0};
    pthread_t thread[16];
    unsigned started = 0;

    for (unsigned i = 0; i < c->nin; i++)
        j.all += c->in[i]->size;
    if (j.all > c->out->size)
        return img_error("output file is smaller than input file");
    if (j.all < c->out->size && c->blank)
        ; /* the rest is zero already */
    else
        j.all = c->out->size;
    pthread_mutex_init(&j.lock, NULL);
    pthread_cond_init(&j.turn, NULL);
    img_progress(c->progress, 0, j.all);
    while (started + 1 < c->threads && pthread_create(&thread[started], NULL, worker, &j) == 0)
        started++;
    worker(&j);
    while (started)
        pthread_join(thread[--started], NULL);
    pthread_mutex_destroy(&j.lock);
    pthread_cond_destroy(&j.turn);
    if (j.result)
        return img_error("error while %s at byte %llu: %s",
                         j.failed_writing ? "writing" : "reading", (unsigned long long)j.failed_at,
                         strerror(-j.result));
    img_progress_end(c->progress);
    return 0;
}
