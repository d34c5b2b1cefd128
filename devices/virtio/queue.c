// SPDX-License-Identifier: MIT
/* devices/virtio/queue.c -- virtqueues, split (virtio 1.2, 2.7) and packed (2.8), with tables of
 * descriptors and event indexes.
 *
 * The rings are read and written by single accesses of a field's size, for the driver works on them
 * at the same time; buffers are mapped. All that is read is the guest's: lengths, indexes and loops
 * are bounded by the queue's size, and what does not fit breaks the device. */
#include "devices/virtio/virtio.h"

#include <stdlib.h>
#include <string.h>

enum { D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4, D_AVAIL = 1 << 7, D_USED = 1 << 15 };
#define MAX_VECS (VIRTIO_QUEUE_MAX + 64)

struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next; /* next: split; packed: id */
};

/* A chain as it is put together. */
struct chain {
    struct virtio *v;
    struct iovec vec[MAX_VECS];
    unsigned n, nout;
    uint64_t out_len, in_len;
};

static const struct mem_attrs *attrs(void)
{
    static const struct mem_attrs a = {.requester = 0};

    return &a;
}

static bool load(struct virtio *v, uint64_t addr, unsigned size, uint64_t *value)
{
    bool was = dev_enter(&v->dev), ok;

    ok = v->dev.dma && mem_load(v->dev.dma, addr, size, value, *attrs()) == MEM_OK;
    dev_leave(&v->dev, was);
    if (ok)
        return true;
    *value = 0;
    virtio_broken(v, "a ring is not in memory");
    return false;
}

static void store(struct virtio *v, uint64_t addr, unsigned size, uint64_t value)
{
    bool was = dev_enter(&v->dev), ok;

    ok = v->dev.dma && mem_store(v->dev.dma, addr, size, value, *attrs()) == MEM_OK;
    dev_leave(&v->dev, was);
    if (!ok)
        virtio_broken(v, "a ring is not in memory");
}

static bool load_desc(struct virtio *v, uint64_t table, unsigned i, struct desc *d)
{
    uint64_t a, b;

    if (!load(v, table + 16ull * i, 8, &a) || !load(v, table + 16ull * i + 8, 8, &b))
        return false;
    *d = (struct desc){a, (uint32_t)b, (uint16_t)(b >> 32), (uint16_t)(b >> 48)};
    if (virtio_has(v, VIRTIO_F_PACKED)) { /* there the id comes before the flags */
        d->flags = (uint16_t)(b >> 48);
        d->next = (uint16_t)(b >> 32);
    }
    return true;
}

/* ---- mapping ---- */
static void unmap_all(struct iovec *v, unsigned n, uint64_t written)
{
    for (unsigned i = 0; i < n; i++) {
        mem_unmap(v[i].iov_base, v[i].iov_len, written > 0);
        written -= written < v[i].iov_len ? written : v[i].iov_len;
    }
}

static bool add_buffer(struct chain *c, const struct desc *d)
{
    uint64_t addr = d->addr, left = d->len;
    bool in = d->flags & D_WRITE;

    if (left == 0 || (!in && c->n > c->nout)) {
        virtio_broken(c->v, left ? "a buffer to read after one to write" : "a buffer of no bytes");
        return false;
    }
    if (left > UINT32_MAX - c->in_len - c->out_len) { /* 2.7.5.2: less than 2^32 bytes in all */
        virtio_broken(c->v, "a chain of more than 4 GiB");
        return false;
    }
    while (left) {
        uint64_t len = left;
        void *p = NULL;

        if (c->n < MAX_VECS)
            p = mem_map(c->v->dev.dma, addr, &len, in, *attrs());
        if (!p) {
            virtio_broken(c->v, c->n < MAX_VECS ? "a buffer is not in memory" : "too many buffers");
            return false;
        }
        c->vec[c->n++] = (struct iovec){p, len};
        c->nout += !in;
        *(in ? &c->in_len : &c->out_len) += len;
        addr += len;
        left -= len;
    }
    return true;
}

/* A table of descriptors that a ring's descriptor names; packed ones lie one after the other. */
static bool add_table(struct chain *c, const struct desc *t, bool packed)
{
    unsigned n = t->len / 16, i = 0, count = 0;
    struct desc d;

    if (t->len % 16 || n == 0 || n > VIRTIO_QUEUE_MAX || (t->flags & D_NEXT && !packed)) {
        virtio_broken(c->v, "a table of buffers makes no sense");
        return false;
    }
    for (;;) {
        if (!load_desc(c->v, t->addr, i, &d))
            return false;
        if (d.flags & D_INDIRECT) {
            virtio_broken(c->v, "a table in a table");
            return false;
        }
        if (!add_buffer(c, &d))
            return false;
        count++;
        if (packed ? count == n : !(d.flags & D_NEXT))
            return true;
        i = packed ? count : d.next;
        if (i >= n || count >= n) {
            virtio_broken(c->v, "a chain leaves its table or goes in circles");
            return false;
        }
    }
}

static struct vq_elem *finish(struct chain *c, unsigned q, uint16_t id, unsigned ndescs,
                              size_t size)
{
    size_t head = align_up(size, _Alignof(struct iovec));
    struct vq_elem *e = calloc(1, head + c->n * sizeof(struct iovec));

    if (!e)
        MOA_BUG("out of memory for a request");
    e->out = (struct iovec *)(void *)((char *)e + head);
    memcpy(e->out, c->vec, c->n * sizeof(struct iovec));
    e->in = e->out + c->nout;
    e->nout = c->nout;
    e->nin = c->n - c->nout;
    e->out_len = c->out_len;
    e->in_len = c->in_len;
    e->epoch = c->v->epoch;
    e->queue = (uint16_t)q;
    e->id = id;
    e->ndescs = (uint16_t)ndescs;
    c->v->in_use[q] = (uint16_t)(c->v->in_use[q] + ndescs);
    return e;
}

/* ---- split ---- */
static bool split_waiting(struct virtio *v, unsigned q, unsigned *n)
{
    uint64_t idx;

    if (!load(v, v->driver[q] + 2, 2, &idx))
        return false;
    *n = (uint16_t)(idx - v->next[q]);
    if (*n > v->size[q]) {
        virtio_broken(v, "more is available than the queue holds");
        return false;
    }
    atomic_thread_fence(memory_order_acquire); /* the index before what it says is there */
    return *n > 0;
}

static bool split_chain(struct chain *c, unsigned q, unsigned head)
{
    struct virtio *v = c->v;
    unsigned i = head;

    for (unsigned count = 0; count < v->size[q]; count++) {
        struct desc d;

        if (i >= v->size[q])
            break;
        if (!load_desc(v, v->desc[q], i, &d))
            return false;
        if (d.flags & D_INDIRECT) {
            if (!virtio_has(v, VIRTIO_F_INDIRECT))
                break;
            return add_table(c, &d, false);
        }
        if (!add_buffer(c, &d))
            return false;
        if (!(d.flags & D_NEXT))
            return true;
        i = d.next;
    }
    virtio_broken(v, "a chain leaves the queue or goes in circles");
    return false;
}

static void split_event(struct virtio *v, unsigned q)
{
    if (virtio_has(v, VIRTIO_F_EVENT_IDX) && !v->quiet[q])
        store(v, v->device[q] + 4 + 8ull * v->size[q], 2, v->next[q]);
    atomic_thread_fence(memory_order_seq_cst); /* what is wanted before the next look at avail */
}

static struct vq_elem *split_pop(struct chain *c, unsigned q, size_t size)
{
    struct virtio *v = c->v;
    uint64_t head;
    unsigned n;

    if (!split_waiting(v, q, &n))
        return NULL;
    if (v->in_use[q] >= v->size[q]) {
        virtio_broken(v, "more chains are in flight than the queue holds");
        return NULL;
    }
    if (!load(v, v->driver[q] + 4 + 2ull * (v->next[q] % v->size[q]), 2, &head))
        return NULL;
    if (!split_chain(c, q, (unsigned)head))
        return NULL;
    v->next[q]++;
    split_event(v, q);
    return finish(c, q, (uint16_t)head, 1, size);
}

static void split_push(struct virtio *v, const struct vq_elem *e, uint64_t len)
{
    unsigned q = e->queue;
    uint64_t at = v->device[q] + 4 + 8ull * (v->used[q] % v->size[q]);

    store(v, at, 4, e->id);
    store(v, at + 4, 4, len);
    atomic_thread_fence(memory_order_release); /* the entry before the index that shows it */
    v->used[q]++;
    store(v, v->device[q] + 2, 2, v->used[q]);
    if ((uint16_t)(v->used[q] - v->signalled[q]) == 0)
        v->signalled_valid[q] = 0; /* once around: nothing can be told from it */
}

static bool passed(uint16_t event, uint16_t now, uint16_t old)
{
    return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

static bool split_wants(struct virtio *v, unsigned q)
{
    uint16_t old = v->signalled[q];
    bool valid = v->signalled_valid[q];
    uint64_t x;

    if (!virtio_has(v, VIRTIO_F_EVENT_IDX))
        return load(v, v->driver[q], 2, &x) && !(x & 1);
    v->signalled[q] = v->used[q];
    v->signalled_valid[q] = 1;
    if (!load(v, v->driver[q] + 4 + 2ull * v->size[q], 2, &x))
        return false;
    return !valid || passed((uint16_t)x, v->used[q], old);
}

/* ---- packed ---- */
static bool packed_available(const struct virtio *v, unsigned q, uint16_t flags)
{
    bool avail = flags & D_AVAIL, used = flags & D_USED;

    return avail != used && avail == v->next_wrap[q];
}

static bool packed_waiting(struct virtio *v, unsigned q)
{
    uint64_t flags;

    if (!load(v, v->desc[q] + 16ull * v->next[q] + 14, 2, &flags) ||
        !packed_available(v, q, (uint16_t)flags))
        return false;
    atomic_thread_fence(memory_order_acquire); /* the flags before the rest */
    return true;
}

static struct vq_elem *packed_pop(struct chain *c, unsigned q, size_t size)
{
    struct virtio *v = c->v;
    unsigned i = v->next[q], count = 0;
    struct desc d;

    if (!packed_waiting(v, q))
        return NULL;
    for (;;) {
        if (!load_desc(v, v->desc[q], i, &d))
            return NULL;
        count++;
        if (d.flags & D_INDIRECT) {
            if (!virtio_has(v, VIRTIO_F_INDIRECT) || count > 1 || !add_table(c, &d, true)) {
                virtio_broken(v, "a table of buffers where there can be none");
                return NULL;
            }
            break;
        }
        if (!add_buffer(c, &d))
            return NULL;
        if (!(d.flags & D_NEXT))
            break;
        if (count == v->size[q]) {
            virtio_broken(v, "a chain goes around the queue");
            return NULL;
        }
        i = i + 1 == v->size[q] ? 0 : i + 1;
    }
    if (v->in_use[q] + count > v->size[q]) {
        virtio_broken(v, "more chains are in flight than the queue holds");
        return NULL;
    }
    v->next[q] = (uint16_t)(v->next[q] + count);
    if (v->next[q] >= v->size[q]) {
        v->next[q] = (uint16_t)(v->next[q] - v->size[q]);
        v->next_wrap[q] ^= 1;
    }
    return finish(c, q, d.next, count, size);
}

static void packed_push(struct virtio *v, const struct vq_elem *e, uint64_t len)
{
    unsigned q = e->queue;
    uint64_t at = v->desc[q] + 16ull * v->used[q];
    uint16_t flags = (uint16_t)((v->used_wrap[q] ? D_AVAIL | D_USED : 0) | (len ? D_WRITE : 0));

    store(v, at + 8, 4, len);
    store(v, at + 12, 2, e->id);
    atomic_thread_fence(memory_order_release); /* the flags show the rest */
    store(v, at + 14, 2, flags);
    v->used[q] = (uint16_t)(v->used[q] + e->ndescs);
    if (v->used[q] >= v->size[q]) {
        v->used[q] = (uint16_t)(v->used[q] - v->size[q]);
        v->used_wrap[q] ^= 1;
        v->signalled_valid[q] = 0;
    }
}

static bool packed_wants(struct virtio *v, unsigned q)
{
    uint16_t old = v->signalled[q], off;
    bool valid = v->signalled_valid[q];
    uint64_t x;

    v->signalled[q] = v->used[q];
    v->signalled_valid[q] = 1;
    if (!load(v, v->driver[q], 4, &x))
        return false;
    switch (x >> 16 & 3) {
    case 1:
        return false;
    case 2:
        if (!virtio_has(v, VIRTIO_F_EVENT_IDX))
            return true;
        break;
    default:
        return true;
    }
    off = x & 0x7fff;
    if ((x >> 15 & 1) != v->used_wrap[q])
        off = (uint16_t)(off - v->size[q]);
    return !valid || passed(off, v->used[q], old);
}

/* ---- both ---- */
static bool usable(const struct virtio *v, unsigned q)
{
    return q < VIRTIO_QUEUES && v->ready[q] && v->dev.dma && !(v->status & VIRTIO_NEEDS_RESET);
}

void *vq_pop(struct virtio *v, unsigned q, size_t size)
{
    struct chain c;
    struct vq_elem *e;

    if (!usable(v, q))
        return NULL;
    c.v = v;
    c.n = c.nout = 0;
    c.out_len = c.in_len = 0;
    e = virtio_has(v, VIRTIO_F_PACKED) ? packed_pop(&c, q, size) : split_pop(&c, q, size);
    if (!e)
        unmap_all(c.vec, c.n, 0);
    return e;
}

static void unmap_elem(struct vq_elem *e, uint64_t written)
{
    unmap_all(e->out, e->nout, 0);
    unmap_all(e->in, e->nin, written);
}

void vq_drop(struct vq_elem *e)
{
    unmap_elem(e, e->in_len); /* who knows what was written */
    free(e);
}

static void no_longer_in_use(struct virtio *v, const struct vq_elem *e)
{
    if (e->epoch == v->epoch)
        v->in_use[e->queue] = (uint16_t)(v->in_use[e->queue] - e->ndescs);
}

void vq_push(struct virtio *v, struct vq_elem *e, uint64_t len)
{
    if (len > e->in_len)
        len = e->in_len;
    unmap_elem(e, len);
    no_longer_in_use(v, e);
    if (usable(v, e->queue) && e->epoch == v->epoch) {
        if (virtio_has(v, VIRTIO_F_PACKED))
            packed_push(v, e, len);
        else
            split_push(v, e, len);
    }
    free(e);
}

void vq_unpop(struct virtio *v, struct vq_elem *e)
{
    unsigned q = e->queue;

    no_longer_in_use(v, e);
    if (usable(v, q) && e->epoch == v->epoch) {
        if (!virtio_has(v, VIRTIO_F_PACKED)) {
            v->next[q]--;
        } else if (v->next[q] < e->ndescs) {
            v->next[q] = (uint16_t)(v->next[q] + v->size[q] - e->ndescs);
            v->next_wrap[q] ^= 1;
        } else {
            v->next[q] = (uint16_t)(v->next[q] - e->ndescs);
        }
    }
    unmap_elem(e, 0);
    free(e);
}

void vq_interrupt(struct virtio *v, unsigned q)
{
    bool wants;

    if (!usable(v, q))
        return;
    atomic_thread_fence(memory_order_seq_cst); /* what was pushed before what the driver wants */
    wants = virtio_has(v, VIRTIO_F_PACKED) ? packed_wants(v, q) : split_wants(v, q);
    if (wants && v->interrupt)
        v->interrupt(v->to, q);
}

bool vq_has(struct virtio *v, unsigned q)
{
    unsigned n;

    if (!usable(v, q))
        return false;
    return virtio_has(v, VIRTIO_F_PACKED) ? packed_waiting(v, q) : split_waiting(v, q, &n);
}

void vq_kicks(struct virtio *v, unsigned q, bool on)
{
    if (!usable(v, q))
        return;
    v->quiet[q] = !on;
    if (virtio_has(v, VIRTIO_F_PACKED))
        store(v, v->device[q] + 2, 2, on ? 0 : 1);
    else if (virtio_has(v, VIRTIO_F_EVENT_IDX))
        split_event(v, q);
    else
        store(v, v->device[q], 2, on ? 0 : 1);
    atomic_thread_fence(memory_order_seq_cst); /* who turns them on looks at the queue again */
}

static size_t copy(const struct iovec *vec, unsigned nvec, uint64_t at, uint8_t *buf, size_t n,
                   bool to_vec)
{
    size_t done = 0;

    for (unsigned i = 0; i < nvec && done < n; i++) {
        size_t len;

        if (at >= vec[i].iov_len) {
            at -= vec[i].iov_len;
            continue;
        }
        len = vec[i].iov_len - at < n - done ? vec[i].iov_len - at : n - done;
        if (to_vec)
            memcpy((uint8_t *)vec[i].iov_base + at, buf + done, len);
        else
            memcpy(buf + done, (uint8_t *)vec[i].iov_base + at, len);
        done += len;
        at = 0;
    }
    return done;
}

size_t vq_read(const struct vq_elem *e, uint64_t at, void *buf, size_t n)
{
    return copy(e->out, e->nout, at, buf, n, false);
}

size_t vq_write(const struct vq_elem *e, uint64_t at, const void *buf, size_t n)
{
    return copy(e->in, e->nin, at, (uint8_t *)(uintptr_t)buf, n, true);
}
