// SPDX-License-Identifier: MIT
/* tests/mem/tree_test.c -- random trees of regions against a naive model that asks the tree for
 * each address, and readers in threads while the tree changes under them. */
#include "mem/mem.h"
#include "tests/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static char err[160];
static uint64_t seed;
static uint32_t rnd(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((seed >> 33) % below);
}

/* ---- the model: plain arrays, looked up by recursion ---- */
#define NODES 40
struct node {
    struct mem_region *r;
    enum { LEAF, BOX, ALIAS } kind;
    uint64_t size, at, of_offset;
    int of, in, priority; /* indexes; -1: none */
    unsigned age;         /* when it was added */
    bool on;
};
static struct node nodes[NODES];
static unsigned nnodes, clock_now;
static const struct mem_ops no_ops;

static int model(int i, uint64_t offset, uint64_t *leaf_offset)
{
    const struct node *n = &nodes[i];
    bool tried[NODES] = {false};

    if (!n->on || offset >= n->size)
        return -1;
    if (n->kind == LEAF) {
        *leaf_offset = offset;
        return i;
    }
    if (n->kind == ALIAS)
        return model(n->of, offset + n->of_offset, leaf_offset);
    for (;;) {
        int best = -1, hit;

        for (int k = 0; k < (int)nnodes; k++)
            if (nodes[k].in == i && !tried[k] &&
                (best < 0 || nodes[k].priority > nodes[best].priority ||
                 (nodes[k].priority == nodes[best].priority && nodes[k].age > nodes[best].age)))
                best = k;
        if (best < 0)
            return -1;
        tried[best] = true;
        hit = offset >= nodes[best].at ? model(best, offset - nodes[best].at, leaf_offset) : -1;
        if (hit >= 0)
            return hit;
    }
}

static int add_node(void)
{
    struct node *n = &nodes[nnodes];
    char name[8];

    snprintf(name, sizeof(name), "n%u", nnodes);
    *n = (struct node){.in = -1, .of = -1, .on = true, .kind = rnd(3)};
    n->size = 1 + rnd(300);
    if (nnodes < 2)
        n->kind = LEAF;
    if (n->kind == ALIAS) {
        n->of = 1 + (int)rnd(nnodes - 1);
        n->of_offset = rnd(200);
        n->r = mem_alias_new(name, nodes[n->of].r, n->of_offset, n->size);
    } else if (n->kind == BOX) {
        n->r = mem_container_new(name, n->size);
    } else {
        n->r = mem_mmio_new(name, n->size, &no_ops, NULL);
    }
    return (int)nnodes++;
}

static void place(int i, int box)
{
    struct node *n = &nodes[i];

    n->in = box;
    n->at = rnd(400);
    n->priority = (int)rnd(4) - 1;
    n->age = ++clock_now;
    mem_add(nodes[box].r, n->r, n->at, n->priority);
}

/* No loops: what a container holds, and what an alias shows, has a lower number than itself, but for
 * the root, which has number 0 and is shown by none. */
static int some_box(int for_node)
{
    for (unsigned tries = 0; tries < 4; tries++) {
        int b = (int)rnd(nnodes);

        if (nodes[b].kind == BOX && b > for_node)
            return b;
    }
    return 0;
}

static void compare(struct mem_space *s)
{
    for (uint64_t addr = 0; addr < 1024; addr++) {
        uint64_t want_offset = 0;
        int want = model(0, addr, &want_offset);
        const struct mem_range *r;

        mem_read_lock();
        r = mem_find(s, addr);
        ck_assert_msg((r ? r->region : NULL) == (want < 0 ? NULL : nodes[want].r),
                      "at %llx: %s, not n%d", (unsigned long long)addr,
                      r ? mem_region_name(r->region) : "-", want);
        if (r)
            ck_assert_uint_eq(addr - r->lo + r->offset, want_offset);
        mem_read_unlock();
    }
}

START_TEST(random_trees)
{
    struct mem_space *s;

    seed = (uint64_t)_i * 0x9e3779b97f4a7c15u;
    nnodes = 0;
    nodes[nnodes++] = (struct node){.r = mem_container_new("root", 1000),
                                    .kind = BOX,
                                    .size = 1000,
                                    .in = -1,
                                    .of = -1,
                                    .on = true};
    s = mem_space_new("s", nodes[0].r);
    while (nnodes < 30)
        add_node();
    for (int i = 1; i < (int)nnodes; i++)
        place(i, some_box(i));
    compare(s);
    for (unsigned step = 0; step < 30; step++) {
        bool group = rnd(2);

        if (group)
            mem_begin();
        for (unsigned k = rnd(5) + 1; k; k--) {
            int i = 1 + (int)rnd(nnodes - 1);
            struct node *n = &nodes[i];

            switch (rnd(3)) {
            case 0:
                n->on = !n->on;
                mem_enable(n->r, n->on);
                break;
            case 1:
                n->at = rnd(400);
                mem_move(n->r, n->at);
                break;
            default:
                mem_remove(nodes[n->in].r, n->r);
                place(i, some_box(i));
            }
        }
        if (group)
            mem_commit();
        compare(s);
    }
    for (unsigned i = nnodes; i-- > 1;)
        mem_remove(nodes[nodes[i].in].r, nodes[i].r);
    mem_space_free(s);
    for (unsigned i = nnodes; i-- > 0;)
        mem_region_free(nodes[i].r);
}
END_TEST

/* ---- readers while the tree changes ---- */
static struct mem_space *space;
static atomic_bool stop;
static atomic_ulong looked;

/* At 0 there is always RAM whose words are all one number of what RAM is there; at 0x1000000 a
 * device that comes and goes. */
static enum mem_result dev_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                const struct mem_attrs *a)
{
    (void)offset, (void)size, (void)a;
    *value = *(uint32_t *)opaque;
    return MEM_OK;
}
static const struct mem_ops dev_ops = {.read = dev_read};

static pthread_mutex_t machine = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool has;
static bool take(void *opaque)
{
    (void)opaque;
    if (has)
        return false;
    pthread_mutex_lock(&machine);
    return has = true;
}
static void release(void *opaque)
{
    (void)opaque;
    has = false;
    pthread_mutex_unlock(&machine);
}

static void *reader(void *arg)
{
    static const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};
    bool *bad = arg;

    while (!atomic_load(&stop)) {
        uint32_t words[64];
        uint64_t v = 0, len = 256;
        const struct mem_range *r;
        uint32_t *p;

        *bad |= mem_read(space, 0x3f80, words, sizeof(words), a) != MEM_OK;
        for (unsigned i = 1; i < 64; i++)
            *bad |= words[i] != words[0];
        mem_read_lock();
        r = mem_find(space, 0x1000000);
        if (r)
            *bad |= mem_access(r, 0x1000000, 4, false, &v, a) == MEM_OK && v != 0x600d600d;
        mem_read_unlock();
        p = mem_map(space, 0x4000, &len, false, a);
        *bad |= !p || len != 256;
        for (unsigned i = 1; p && i < 64; i++)
            *bad |= p[i] != p[0];
        if (p)
            mem_unmap(p, len, false);
        atomic_fetch_add(&looked, 1);
    }
    return NULL;
}

START_TEST(readers_see_whole_views)
{
    static const struct mem_lock_port port = {take, release, NULL};
    struct mem_region *root = mem_container_new("root", 0), *now = NULL;
    pthread_t threads[3];
    bool bad[3] = {false};
    uint32_t *number = NULL;
    struct mem_region *dev = NULL;

    mem_set_lock(&port);
    space = mem_space_new("s", root);
    for (unsigned step = 0; step < 400; step++) {
        struct mem_region *old = now;
        uint32_t *words;

        take(NULL);
        now = mem_ram_new("ram", 0x8000, NULL, err, sizeof(err));
        ck_assert_msg(now != NULL, "%s", err);
        words = mem_ram_host(now);
        for (unsigned i = 0; i < 0x2000; i++)
            words[i] = step;
        mem_begin();
        if (old)
            mem_remove(root, old);
        mem_add(root, now, 0, 0);
        if (dev) {
            mem_remove(root, dev);
        } else {
            number = malloc(sizeof(*number));
            *number = 0x600d600d;
            dev = mem_mmio_new("dev", 4, &dev_ops, number);
            mem_add(root, dev, 0x1000000, 0);
        }
        mem_commit();
        mem_region_free(old);
        if (step & 1) { /* the device and what it works on are gone at once */
            mem_region_free(dev);
            *number = 0xbad;
            free(number);
            dev = NULL;
        }
        release(NULL);
        if (step == 0)
            for (unsigned i = 0; i < 3; i++)
                ck_assert_int_eq(pthread_create(&threads[i], NULL, reader, &bad[i]), 0);
        while (atomic_load(&looked) < step)
            sched_yield();
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(!bad[i]);
    }
    mem_remove(root, now);
    mem_region_free(now);
    mem_space_free(space);
    mem_region_free(root);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, random_trees, 0, 40);
    tcase_add_test(tc, readers_see_whole_views);
}

UNIT_MAIN("mem tree", fill)
