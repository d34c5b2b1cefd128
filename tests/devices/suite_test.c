// SPDX-License-Identifier: MIT
/* tests/devices/suite_test.c -- what every class must stand: reset gives the reset values again, a
 * saved device goes on as if nothing had been, damaged streams are refused, no programming harms.
 */
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

static uint64_t steps = 3000; /* MOA_SUITE_STEPS: more */

static const struct dev_class *class_of(int i)
{
    return dev_classes[i];
}

/* Tables that contradict themselves are found here and not by a guest. */
START_TEST(tables)
{
    const struct dev_class *c = class_of(_i);

    ck_assert(c->size >= sizeof(struct device));
    ck_assert_ptr_eq(dev_class_by_name(c->name), c);
    for (int k = 0; k < _i; k++)
        ck_assert_str_ne(class_of(k)->name, c->name);
    ck_assert(c->text && c->bus && c->category && c->version);
    for (unsigned k = 0; k < c->nblocks; k++) {
        const struct dev_block *b = &c->blocks[k];

        for (unsigned i = 0; i < b->nregs; i++) {
            const struct dev_reg *r = &b->regs[i];
            uint64_t n = r->count ? r->count : 1, stride = r->stride ? r->stride : r->size;
            uint64_t last = r->offset + (n - 1) * stride + r->size;

            ck_assert_msg(r->size == 1 || r->size == 2 || r->size == 4 || r->size == 8, "%s",
                          r->name);
            ck_assert_msg(stride >= r->size, "%s", r->name);
            ck_assert_msg(last <= b->size, "%s is outside of its block", r->name);
            ck_assert_msg(r->state == DEV_NO_STATE || r->state + n * r->size <= c->size, "%s",
                          r->name);
            ck_assert_msg(r->state == DEV_NO_STATE || r->state >= sizeof(struct device), "%s",
                          r->name);
            ck_assert_msg(r->size == 8 || ((r->reset | r->writable) >> 8 * r->size) == 0,
                          "%s has bits that it has no room for", r->name);
            for (unsigned j = 0; j < i; j++) {
                const struct dev_reg *q = &b->regs[j];

                ck_assert_msg(q->offset != r->offset, "%s and %s are at one place", r->name,
                              q->name);
                ck_assert_msg(strcmp(q->name, r->name) != 0, "%s twice", r->name);
            }
        }
    }
    for (unsigned i = 0; i < c->nstates; i++) {
        const struct dev_state *s = &c->states[i];

        ck_assert_msg(s->offset + s->size * s->count <= c->size, "%s", s->name);
        ck_assert_msg(s->size == 1 || s->size == 2 || s->size == 4 || s->size == 8, "%s", s->name);
        ck_assert_msg(s->since <= c->version, "%s", s->name);
    }
    for (unsigned i = 0; i < c->nprops; i++)
        ck_assert_msg(c->props[i].text && (c->props[i].type != DEV_ENUM || c->props[i].names), "%s",
                      c->props[i].name);
}
END_TEST

START_TEST(reset_values)
{
    const struct dev_class *c = class_of(_i);
    struct bench *b = bench_new(c->name, NULL);
    uint64_t seed = 1;

    c = b->dev->class;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned k = 0; k < c->nblocks; k++) {
            for (unsigned i = 0; i < c->blocks[k].nregs; i++) {
                const struct dev_reg *r = &c->blocks[k].regs[i];
                uint64_t v = 0;

                if (r->read || r->state == DEV_NO_STATE)
                    continue;
                ck_assert_int_eq(bench_access(b, BENCH_MMIO(k) + r->offset, r->size, false, &v),
                                 MEM_OK);
                ck_assert_msg(v == r->reset, "%s is %llx", r->name, (unsigned long long)v);
            }
        }
        for (unsigned i = 0; i < steps / 10; i++)
            bench_step(b, &seed, false);
        dev_reset(b->dev);
    }
    bench_free(b);
}
END_TEST

/* Two devices, one made from the other's state in the middle of traffic, go on alike. */
START_TEST(save_in_the_middle)
{
    const struct dev_class *c = class_of(_i);

    for (unsigned round = 0; round < 8; round++) {
        struct bench *a = bench_new(c->name, NULL), *b;
        uint64_t seed = round * 77 + 1, seed_b;
        uint8_t *one, *two;
        size_t n1, n2;

        for (unsigned i = 0; i < steps / 10 + round; i++)
            bench_step(a, &seed, round & 1);
        one = bench_save(a, &n1);
        b = bench_new(c->name, NULL);
        memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
        memcpy(b->blocks, a->blocks, BENCH_DISK);
        b->random = a->random;
        b->now = a->now;
        b->room = a->room;
        seed_b = seed;
        ck_assert_msg(bench_load(b, one, n1) == 0, "%s: %s", c->name, b->err);
        two = bench_save(b, &n2);
        ck_assert_uint_eq(n1, n2);
        ck_assert_int_eq(memcmp(one, two, n1), 0);
        for (unsigned i = 0; i < DEV_LINES; i++)
            ck_assert_msg(a->level[i] == b->level[i], "%s: line %u is not restored", c->name, i);
        free(one);
        free(two);
        for (unsigned i = 0; i < steps / 10; i++) {
            uint64_t x = bench_step(a, &seed, round & 1), y = bench_step(b, &seed_b, round & 1);

            ck_assert_msg(x == y, "%s: %llx and %llx after a restore", c->name,
                          (unsigned long long)x, (unsigned long long)y);
            ck_assert_int_eq(memcmp(a->level, b->level, sizeof(a->level)), 0);
        }
        one = bench_save(a, &n1);
        two = bench_save(b, &n2);
        ck_assert_uint_eq(n1, n2);
        ck_assert_int_eq(memcmp(one, two, n1), 0);
        ck_assert_int_eq(memcmp(a->mem, b->mem, BENCH_RAM_SIZE), 0);
        free(one);
        free(two);
        bench_free(a);
        bench_free(b);
    }
}
END_TEST

START_TEST(damaged_streams)
{
    const struct dev_class *c = class_of(_i);
    struct bench *b = bench_new(c->name, NULL);
    uint64_t seed = 5;
    uint8_t *one, *two, *bad;
    size_t n, n2, step;

    for (unsigned i = 0; i < 200; i++)
        bench_step(b, &seed, false);
    one = bench_save(b, &n);
    bad = malloc(n);
    step = n > 4000 ? n / 500 : 1;
    for (size_t cut = 0; cut < n; cut += step) { /* too short: refused, and nothing has changed */
        ck_assert_int_lt(bench_load(b, one, cut), 0);
        ck_assert_uint_gt(strlen(b->err), 0);
    }
    two = bench_save(b, &n2);
    ck_assert_uint_eq(n, n2);
    ck_assert_int_eq(memcmp(one, two, n), 0);
    free(two);
    for (unsigned i = 0; i < 500; i++) { /* changed: refused, or a state that is as good as any */
        memcpy(bad, one, n);
        for (unsigned k = bench_rnd(&seed) % 3 + 1; k; k--)
            bad[bench_rnd(&seed) % n] ^= (uint8_t)(1 + bench_rnd(&seed) % 255);
        bench_load(b, bad, n);
        for (unsigned k = 0; k < 20; k++)
            bench_step(b, &seed, true);
    }
    free(bad);
    free(one);
    bench_free(b);
}
END_TEST

START_TEST(hostile_programming)
{
    const struct dev_class *c = class_of(_i);
    struct bench *b = bench_new(c->name, NULL);
    uint64_t seed = 99;

    for (unsigned i = 0; i < steps * 3; i++) {
        bench_step(b, &seed, true);
        if (i % 997 == 0)
            dev_reset(b->dev);
    }
    ck_assert(!b->dev->busy);
    bench_free(b);
}
END_TEST

static void count_line(void *to, const char *text)
{
    ck_assert_uint_gt(strlen(text), 0);
    ++*(unsigned *)to;
}

START_TEST(help)
{
    const struct dev_class *c = class_of(_i);
    unsigned lines = 0;

    dev_help(c, count_line, &lines);
    ck_assert_uint_eq(lines, c->nprops + 1 + (c->inner ? c->inner->nprops : 0));
}
END_TEST

static void fill(TCase *tc)
{
    const char *s = getenv("MOA_SUITE_STEPS");
    int n = 0;

    if (s)
        steps = strtoull(s, NULL, 0);
    while (dev_classes[n])
        n++;
    tcase_add_loop_test(tc, tables, 0, n);
    tcase_add_loop_test(tc, reset_values, 0, n);
    tcase_add_loop_test(tc, save_in_the_middle, 0, n);
    tcase_add_loop_test(tc, damaged_streams, 0, n);
    tcase_add_loop_test(tc, hostile_programming, 0, n);
    tcase_add_loop_test(tc, help, 0, n);
}

UNIT_MAIN("devices", fill)
