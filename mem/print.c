// SPDX-License-Identifier: MIT
/* mem/print.c -- the tree and the view as text, for the monitor's "info mtree". */
#include "mem/internal.h"

#include <inttypes.h>
#include <stdio.h>

struct printer {
    void (*line)(void *to, const char *text);
    void *to;
};

static const char *kind_name(const struct mem_region *r)
{
    static const char *const names[] = {"ram", "rom", "romd", "i/o", "container", "alias"};

    return names[r->kind];
}

static void print_region(const struct printer *p, const struct mem_region *r, __int128 base,
                         unsigned level)
{
    uint64_t lo = (uint64_t)base, hi = lo + r->last;
    char text[512];
    int n;

    n = snprintf(text, sizeof(text), "%*s%016" PRIx64 "-%016" PRIx64 " (prio %d, %s): %s",
                 (int)(2 + 2 * level), "", lo, hi, r->priority, kind_name(r), r->name);
    if (r->kind == MEM_ALIAS && n > 0 && (size_t)n < sizeof(text))
        n += snprintf(text + n, sizeof(text) - (size_t)n, " @%s %016" PRIx64 "-%016" PRIx64,
                      r->of->name, r->of_offset, r->of_offset + r->last);
    if (!r->enabled && n > 0 && (size_t)n < sizeof(text))
        snprintf(text + n, sizeof(text) - (size_t)n, " [disabled]");
    p->line(p->to, text);
    for (const struct mem_region *c = r->children; c; c = c->next)
        print_region(p, c, base + (__int128)c->at, level + 1);
}

void mem_print(struct mem_space *s, void (*line)(void *to, const char *text), void *to)
{
    struct printer p = {line, to};
    const struct mem_view *v;
    char text[512];

    snprintf(text, sizeof(text), "address-space: %s", s->name);
    line(to, text);
    print_region(&p, s->root, 0, 0);
    snprintf(text, sizeof(text), "flat view of %s", s->name);
    line(to, text);
    mem_read_lock();
    v = atomic_load(&s->view);
    for (unsigned i = 0; i < v->n; i++) {
        const struct mem_range *r = &v->ranges[i];

        snprintf(text, sizeof(text), "  %016" PRIx64 "-%016" PRIx64 " (%s): %s @%016" PRIx64, r->lo,
                 r->hi, kind_name(r->region), r->region->name, r->offset);
        line(to, text);
    }
    mem_read_unlock();
}

void mem_each_range(struct mem_space *s, void (*each)(void *to, const struct mem_range *r), void *to)
{
    const struct mem_view *v;

    mem_read_lock();
    v = atomic_load(&s->view);
    for (unsigned i = 0; i < v->n; i++)
        each(to, &v->ranges[i]);
    mem_read_unlock();
}
