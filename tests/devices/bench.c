// SPDX-License-Identifier: MIT
/* tests/devices/bench.c -- see bench.h. */
#include "tests/devices/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mem_attrs cpu = {.requester = MEM_REQUESTER_VCPU};

struct bench_timer {
    struct clock_timer *unused;
    struct bench *b;
    void (*fire)(void *arg);
    void *arg;
    enum clock_kind kind;
    int64_t at;
    struct bench_timer *next;
};

static int64_t clock_now(void *opaque, enum clock_kind kind)
{
    struct bench *b = opaque;

    return b->now + (kind == CLOCK_HOST ? b->wall_base : 0);
}

static struct clock_timer *timer_new(void *opaque, enum clock_kind kind, void (*fire)(void *arg),
                                     void *arg)
{
    struct bench *b = opaque;
    struct bench_timer *t = calloc(1, sizeof(*t));

    *t = (struct bench_timer){NULL, b, fire, arg, kind, CLOCK_NEVER, b->timers};
    b->timers = t;
    return (struct clock_timer *)t;
}

static void timer_free(struct clock_timer *timer)
{
    struct bench_timer *t = (struct bench_timer *)timer, **p;

    for (p = &t->b->timers; *p != t; p = &(*p)->next)
        ;
    *p = t->next;
    free(t);
}

static void timer_set(struct clock_timer *timer, int64_t deadline)
{
    struct bench_timer *t = (struct bench_timer *)timer;

    t->at = deadline;
    if (deadline != CLOCK_NEVER && t->kind == CLOCK_HOST)
        t->at -= t->b->wall_base;
}

void bench_advance(struct bench *b, int64_t ns)
{
    int64_t end = b->now + ns;

    bench_disk_run(b);
    for (;;) {
        struct bench_timer *first = NULL;

        for (struct bench_timer *t = b->timers; t; t = t->next)
            if (t->at <= end && (!first || t->at < first->at))
                first = t;
        if (!first)
            break;
        if (first->at > b->now)
            b->now = first->at;
        first->at = CLOCK_NEVER;
        first->fire(first->arg);
    }
    b->now = end;
}

static void line(void *to, unsigned n, bool level)
{
    struct bench *b = to;

    b->edges[n] += level && !b->level[n];
    b->level[n] = level;
}

static size_t take_out(void *to, const uint8_t *buf, size_t n)
{
    struct bench *b = to;

    if (n > b->room)
        n = b->room;
    b->room -= n;
    for (size_t i = 0; i < n; i++)
        b->sent[b->nsent++ % sizeof(b->sent)] = buf[i];
    return n;
}

static void accept_more(void *to)
{
    ((struct bench *)to)->accepts++;
}

size_t bench_give(struct bench *b, const void *bytes, size_t n)
{
    size_t can = b->in.can_take ? b->in.can_take(b->in.dev) : 0;

    if (n > can)
        n = can;
    if (n)
        b->in.take(b->in.dev, bytes, n);
    return n;
}

/* What a device is tried with where a test says nothing: small. */
/* ---- a disk in memory ---- */
static bool disk_range(struct bench *b, const struct block_req *r)
{
    const struct block_port *p = &b->disk;

    return r->offset % p->logical_block == 0 && r->bytes % p->logical_block == 0 &&
           r->offset <= p->size && r->bytes <= p->size - r->offset;
}

static int disk_do(struct bench *b, struct block_req *r)
{
    uint8_t *at = b->blocks + r->offset;
    uint64_t sum = 0;

    b->nrequests++;
    b->nfua += r->flags & BLOCK_FUA && r->op == BLOCK_WRITE;
    b->nflush += r->op == BLOCK_FLUSH;
    if (b->disk_error)
        return b->disk_error;
    if (r->op == BLOCK_FLUSH)
        return 0;
    if (!disk_range(b, r))
        return -EINVAL;
    if (r->op != BLOCK_READ && b->disk.read_only)
        return -EROFS;
    if (r->op == BLOCK_DISCARD || r->op == BLOCK_WRITE_ZEROES) {
        memset(at, 0, r->bytes);
        return 0;
    }
    if (r->bytes > b->disk.max_bytes || r->niov > b->disk.max_iov)
        return -EINVAL;
    for (unsigned i = 0; i < r->niov; i++)
        sum += r->iov[i].iov_len;
    if (sum != r->bytes)
        return -EINVAL;
    for (unsigned i = 0; i < r->niov; at += r->iov[i++].iov_len) {
        if (r->op == BLOCK_READ)
            memcpy(r->iov[i].iov_base, at, r->iov[i].iov_len);
        else
            memcpy(at, r->iov[i].iov_base, r->iov[i].iov_len);
    }
    return 0;
}

static void disk_submit(void *opaque, struct block_req *r)
{
    struct bench *b = opaque;
    struct block_req **p = &b->pending;

    while (*p)
        p = &(*p)->next;
    r->next = NULL;
    *p = r;
}

static void disk_drain(void *opaque)
{
    bench_disk_run(opaque);
}

void bench_disk_run(struct bench *b)
{
    struct block_req *r;

    while ((r = b->pending)) {
        b->pending = r->next;
        r->result = disk_do(b, r);
        r->done(r);
    }
}

static void make_disk(struct bench *b)
{
    b->blocks = calloc(1, BENCH_DISK);
    b->disk = (struct block_port){.opaque = b,
                                  .submit = disk_submit,
                                  .drain = disk_drain,
                                  .size = BENCH_DISK,
                                  .logical_block = 512,
                                  .physical_block = 4096,
                                  .max_bytes = 64 << 10,
                                  .max_iov = 8};
}

static void give_random(void *to, void *buf, size_t n)
{
    struct bench *b = to;

    for (size_t i = 0; i < n; i++)
        ((uint8_t *)buf)[i] = b->random++;
}

/* ---- a network ---- */
static bool net_send(void *to, const struct iovec *iov, unsigned n, size_t len,
                     const struct packet_offload *o)
{
    struct bench *b = to;
    size_t at = 0;

    if (b->net_full)
        return false;
    if (len > sizeof(b->frame) || len < 14)
        MOA_BUG("a frame of %zu bytes", len);
    for (unsigned i = 0; i < n; at += iov[i++].iov_len)
        memcpy(b->frame + at, iov[i].iov_base, iov[i].iov_len);
    if (at != len)
        MOA_BUG("a frame of %zu bytes is said to have %zu", at, len);
    b->frame_len = len;
    b->frame_offload = o ? *o : (struct packet_offload){0};
    b->nframes++;
    return true;
}

static void net_accept(void *to)
{
    ((struct bench *)to)->net_accepts++;
}

static void net_takes(void *to, uint32_t may)
{
    ((struct bench *)to)->net_takes = may;
}

/* ---- a screen and a keyboard ---- */
static void show(void *to, unsigned head, const struct display_surface *s)
{
    struct bench *b = to;

    b->shown[head] = *s;
    b->nshows++;
}

static void changed(void *to, unsigned head, const struct display_rect *r)
{
    struct bench *b = to;
    const struct display_surface *s = &b->shown[head];

    if (!s->pixels || r->x + r->width > s->width || r->y + r->height > s->height)
        MOA_BUG("a change outside of the picture");
    if (head == 0)
        b->changed = *r;
    b->nchanges++;
}

static void cursor(void *to, unsigned head, const struct display_cursor *c)
{
    struct bench *b = to;

    b->ncursors++;
    if (head)
        return;
    b->has_cursor = c != NULL;
    if (c)
        b->cursor = *c;
}

static void cursor_at(void *to, unsigned head, int32_t x, int32_t y)
{
    struct bench *b = to;

    if (head)
        return;
    b->cursor_x = x;
    b->cursor_y = y;
}

static void leds(void *to, uint32_t on)
{
    ((struct bench *)to)->leds = on;
}

uint32_t bench_pixels(struct bench *b)
{
    uint32_t sum = 0, row[4];

    for (unsigned h = 0; h < DISPLAY_HEADS; h++) {
        const struct display_surface *s = &b->shown[h];

        for (uint32_t y = 0; s->pixels && y < s->height; y += s->height / 3 + 1) {
            display_row(s, s->width - 4, y, 4, row);
            sum = sum * 31 + row[0] + row[3];
        }
    }
    return sum;
}

/* ---- making one ---- */
static void set_prop(struct bench *b, struct device *d, const char *prop)
{
    char name[64];
    size_t n = strcspn(prop, "=");

    snprintf(name, sizeof(name), "%.*s", (int)n, prop);
    if (dev_set(d, name, prop + n + 1, b->err, sizeof(b->err)) < 0)
        MOA_BUG("%s", b->err);
}

static void realize(struct bench *b, struct device *d)
{
    if (dev_realize(d, &b->clock, b->space, b->err, sizeof(b->err)) < 0)
        MOA_BUG("%s: %s", d->class->name, b->err);
}

static void join(struct bench *b, struct device *d)
{
    struct random_port random = {give_random, b};

    if (d->class->join_bytes) {
        b->out = (struct bytes_out){b, take_out, accept_more};
        d->class->join_bytes(d, &b->out, &b->in);
    }
    b->net = (struct packet_out){b, net_send, net_accept, net_takes,
                                 PACKET_TAKES_CSUM | PACKET_TAKES_TCP4};
    if (d->class->join_packets)
        d->class->join_packets(d, &b->net, &b->net_in);
    if (d->class->join_block)
        d->class->join_block(d, &b->disk);
    if (d->class->join_random)
        d->class->join_random(d, &random);
    if (d->class->join_display)
        d->class->join_display(
            d, &(const struct display_out){b, show, changed, cursor, cursor_at}, &b->screen);
    if (d->class->join_input)
        d->class->join_input(d, &(const struct input_out){b, leds}, &b->input);
}

static const char *const *default_props(const char *class)
{
    static const char *const flash[] = {"size=256K", "sector-length=64K", NULL};
    static const char *const nvme[] = {"serial=bench", NULL};

    return strcmp(class, "cfi.pflash01") == 0 ? flash : strcmp(class, "nvme") == 0 ? nvme : NULL;
}

struct bench *bench_new(const char *class, const char *const *props)
{
    const struct dev_class *c = dev_class_by_name(class), *port = NULL;
    bool virtio = c && strcmp(c->bus, "virtio") == 0, pci = c && c->inner; /* behind a bridge */
    bool file = c && strcmp(c->bus, "fw_cfg") == 0;
    struct bench *b = calloc(1, sizeof(*b));
    struct device *d;

    if (c && strcmp(c->bus, "virtio-serial") == 0) { /* one more level */
        port = c;
        c = dev_class_by_name("virtio-serial-device");
        virtio = true;
    }
    if (!c || !b)
        MOA_BUG("no class %s", class);
    b->root = mem_container_new("bench", 0);
    b->ram = mem_ram_new("ram", BENCH_RAM_SIZE, NULL, b->err, sizeof(b->err));
    if (!b->ram)
        MOA_BUG("%s", b->err);
    b->mem = mem_ram_host(b->ram);
    mem_add(b->root, b->ram, BENCH_RAM, 0);
    b->space = mem_space_new("bench", b->root);
    b->wall_base = 1700000000ll * 1000000000;
    b->clock = (struct clock_port){b, clock_now, timer_new, timer_free, timer_set};
    b->room = SIZE_MAX;
    make_disk(b);
    b->dev = d = dev_new(virtio ? dev_class_by_name("virtio-mmio")
                         : pci  ? dev_class_by_name("gpex-pcihost")
                         : file ? dev_class_by_name("fw_cfg_mem")
                                : c,
                         "dut", NULL);
    b->fn = b->regs = d;
    if (virtio) {
        b->fn = dev_new(c, "fn", d);
        set_prop(b, d, "force-legacy=off");
    }
    if (file)
        b->fn = dev_new(c, "fn", d);
    if (pci) {
        realize(b, d); /* it has a child of its own */
        b->regs = dev_new(c, "fn", d);
        b->fn = dev_inner(b->regs);
    }
    for (props = props ? props : default_props(class); props && *props; props++) {
        if (strncmp(*props, "bus.", 4) == 0)
            set_prop(b, d, *props + 4);
        else
            set_prop(b, pci ? b->regs : b->fn, *props);
    }
    for (unsigned i = 0; i < DEV_LINES; i++)
        d->irq[i] = (struct irq_line){line, b, i};
    join(b, b->fn);
    if (!pci)
        realize(b, d);
    if (virtio || pci || file)
        realize(b, pci ? b->regs : b->fn);
    if (port) {
        struct device *p = dev_new(port, "port", b->fn);

        if (dev_set(p, "name", "org.moa", b->err, sizeof(b->err)) < 0)
            MOA_BUG("%s", b->err);
        join(b, p);
        realize(b, p);
    }
    if (!pci && strcmp(c->bus, "pci") == 0) { /* not behind a bridge; region 0 stands in BAR 0 */
        if (d->regions[1])
            mem_add(b->root, d->regions[1], BENCH_MMIO(0), 0);
        return b;
    }
    for (unsigned i = 0; i < DEV_REGIONS; i++)
        if (d->regions[i])
            mem_add(b->root, d->regions[i], BENCH_MMIO(i), 0);
    if (pci)
        bench_pci_map(b);
    return b;
}

void bench_free(struct bench *b)
{
    dev_free(b->dev);
    if (b->timers)
        MOA_BUG("a timer is left");
    mem_detach(b->ram);
    mem_region_free(b->ram);
    mem_space_free(b->space);
    mem_region_free(b->root);
    free(b->blocks);
    free(b);
}

enum mem_result bench_access(struct bench *b, uint64_t addr, unsigned size, bool write,
                             uint64_t *value)
{
    enum mem_result res = MEM_NOTHING;
    const struct mem_range *r;

    mem_read_lock();
    r = mem_find(b->space, addr);
    if (r)
        res = mem_access(r, addr, size, write, value, cpu);
    mem_read_unlock();
    return res;
}

uint64_t bench_read(struct bench *b, uint64_t offset, unsigned size)
{
    uint64_t v = 0;

    if (bench_access(b, BENCH_MMIO(0) + offset, size, false, &v) != MEM_OK)
        MOA_BUG("read of %u bytes at %#llx is refused", size, (unsigned long long)offset);
    return v;
}

void bench_write(struct bench *b, uint64_t offset, unsigned size, uint64_t value)
{
    if (bench_access(b, BENCH_MMIO(0) + offset, size, true, &value) != MEM_OK)
        MOA_BUG("write of %u bytes at %#llx is refused", size, (unsigned long long)offset);
}

/* ---- PCI ---- */
uint32_t bench_cfg_read(struct bench *b, unsigned at, unsigned size)
{
    return (uint32_t)bench_read(b, (1u << 15) + at, size);
}

void bench_cfg_write(struct bench *b, unsigned at, unsigned size, uint32_t v)
{
    bench_write(b, (1u << 15) + at, size, v);
}

void bench_pci_map(struct bench *b)
{
    for (unsigned i = 0; i < 6; i++) {
        bench_cfg_write(b, 0x10 + 4 * i, 4, (uint32_t)BENCH_PCI_BAR(i));
        if ((bench_cfg_read(b, 0x10 + 4 * i, 4) & 7) == 4)
            bench_cfg_write(b, 0x10 + 4 * ++i, 4, 0);
    }
    bench_cfg_write(b, 4, 2, 7);
}

static bool is_pci(const struct bench *b)
{
    return b->regs != b->dev;
}

uint64_t bench_block_address(const struct bench *b, unsigned k)
{
    return is_pci(b) ? BENCH_BAR(4) + 0x1000ull * k : BENCH_MMIO(k);
}

static void random_config(struct bench *b, uint64_t *seed, uint64_t v)
{
    unsigned at = (unsigned)(bench_rnd(seed) % 256), size = 1u << bench_rnd(seed) % 3;

    if (bench_rnd(seed) % 3 == 0)
        bench_cfg_read(b, at & ~(size - 1), size);
    else
        bench_cfg_write(b, at & ~(size - 1), size, (uint32_t)v);
    if (bench_rnd(seed) % 2)
        bench_pci_map(b);
}

/* ---- streams ---- */
struct stream {
    uint8_t *p;
    size_t n, at;
};

static int put(void *opaque, const void *buf, size_t n)
{
    struct stream *s = opaque;

    s->p = realloc(s->p, s->n + n);
    memcpy(s->p + s->n, buf, n);
    s->n += n;
    return 0;
}

static int get(void *opaque, void *buf, size_t n)
{
    struct stream *s = opaque;

    if (n > s->n - s->at)
        return -ENODATA;
    memcpy(buf, s->p + s->at, n);
    s->at += n;
    return 0;
}

uint8_t *bench_save(struct bench *b, size_t *len)
{
    struct stream s = {0};
    struct dev_saver saver = {.opaque = &s, .put = put};

    dev_save_tree(b->dev, &saver);
    if (saver.error)
        MOA_BUG("%s", saver.message);
    *len = s.n;
    return s.p;
}

int bench_load(struct bench *b, const uint8_t *data, size_t len)
{
    struct stream s = {.p = (uint8_t *)(uintptr_t)data, .n = len};
    struct dev_saver saver = {.opaque = &s, .get = get};
    int e = dev_load_tree(b->dev, &saver);

    snprintf(b->err, sizeof(b->err), "%s", e ? saver.message : "");
    return e;
}

/* ---- random traffic ---- */
uint64_t bench_rnd(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint64_t some_value(uint64_t *seed)
{
    static const uint8_t commands[] = {0x10, 0x20, 0x40, 0x50, 0x60, 0x70,
                                       0x90, 0x98, 0xd0, 0xe8, 0xff, 0x01}; /* of a flash */
    uint64_t v = bench_rnd(seed);

    switch (bench_rnd(seed) % 7) {
    case 5:
        return commands[v % sizeof(commands)];
    case 0:
        return v & 0xff;
    case 1:
        return 1ull << v % 64;
    case 2:
        return (v & 1) - 1; /* all or none */
    case 3:
        return BENCH_RAM + (v & (BENCH_RAM_SIZE - 1) & ~7ull);
    default:
        return v;
    }
}

uint64_t bench_step(struct bench *b, uint64_t *seed, bool hostile)
{
    const struct dev_class *c = b->regs->class;
    unsigned what = (unsigned)(bench_rnd(seed) % 16), k, size;
    uint64_t v = some_value(seed), offset;
    const struct dev_block *block;

    if (what == 0) {
        bench_advance(b, (int64_t)(bench_rnd(seed) % 1000000));
        return 0;
    }
    if (what == 1 && b->in.take)
        return bench_give(b, &v, 1 + v % 8);
    if (what <= 2 && b->screen.dev) {
        if (b->screen.wish && v % 4 == 0)
            b->screen.wish(b->screen.dev, (unsigned)(v >> 8) % 17, (uint32_t)(v >> 16) % 20000,
                           (uint32_t)(v >> 32) % 20000, v & 16);
        if (b->screen.refresh)
            b->screen.refresh(b->screen.dev);
        return bench_pixels(b);
    }
    if (what <= 2 && b->input.dev) {
        struct input_event e[2] = {{(uint16_t)(v % 4), (uint16_t)(v >> 8) % 300, (int32_t)(v >> 32)},
                                   {1, 30, 1}};

        b->input.events(b->input.dev, e, 1 + (v >> 4) % 2);
        return b->input.ready(b->input.dev);
    }
    if (what == 2 && b->in.room) {
        b->room = v % 3 ? SIZE_MAX : v % 8;
        b->in.room(b->in.dev);
        return 0;
    }
    if (is_pci(b) && (what == 3 || !c->nblocks)) {
        random_config(b, seed, v);
        return 0;
    }
    if (!c->nblocks || (hostile && what == 3)) { /* a region that is not described */
        for (k = 0; k + 1 < DEV_REGIONS && b->dev->regions[k + 1] && bench_rnd(seed) % 2; k++)
            ;
        if (!b->dev->regions[k])
            return 0;
        offset = bench_rnd(seed);
        if (mem_region_size(b->dev->regions[k])) /* else all there is */
            offset %= mem_region_size(b->dev->regions[k]);
        if (bench_rnd(seed) % 2)
            offset %= 256;
        size = 1u << bench_rnd(seed) % 4;
        offset += BENCH_MMIO(k);
    } else {
        k = (unsigned)(bench_rnd(seed) % c->nblocks);
        block = &c->blocks[k];
        if (block->nregs == 0)
            return 0;
        if (!hostile || bench_rnd(seed) % 4) {
            const struct dev_reg *r = &block->regs[bench_rnd(seed) % block->nregs];
            unsigned n = r->count ? (unsigned)(bench_rnd(seed) % r->count) : 0;

            offset = r->offset + n * (uint64_t)(r->stride ? r->stride : r->size);
            size = r->size;
            if (hostile && bench_rnd(seed) % 2) {
                offset += bench_rnd(seed) % 8;
                size = 1u << bench_rnd(seed) % 4;
            }
        } else {
            offset = bench_rnd(seed) % block->size;
            size = 1u << bench_rnd(seed) % 4;
        }
        offset += bench_block_address(b, k);
    }
    if (bench_rnd(seed) % 3 == 0) {
        v = 0;
        bench_access(b, offset, size, false, &v);
        return v;
    }
    bench_access(b, offset, size, true, &v);
    return 0;
}
