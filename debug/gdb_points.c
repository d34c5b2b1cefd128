// SPDX-License-Identifier: MIT
/* debug/gdb_points.c -- breakpoints and watchpoints that gdb has set (packets Z and z). Software
 * and hardware breakpoints are the same to the engine, which never writes into guest memory for
 * them; the table remembers which of both gdb asked for. */
#include "debug/gdb_impl.h"

#include <errno.h>
#include <stdlib.h>

static const uint8_t watch_kinds[] = {[2] = TCG_WATCH_WRITE, [3] = TCG_WATCH_READ,
                                      [4] = TCG_WATCH_READ | TCG_WATCH_WRITE};

const struct gdb_point *gdb_find_point(const struct gdb *g, uint64_t addr, unsigned types)
{
    for (unsigned i = 0; i < g->npoints; i++) {
        const struct gdb_point *p = &g->points[i];

        if (types >> p->type & 1 &&
            (p->type < 2 ? addr == p->addr : addr >= p->addr && addr - p->addr < p->len))
            return p;
    }
    return NULL;
}

static int add(struct gdb *g, const struct gdb_point *p)
{
    if (g->npoints == g->cap_points) {
        unsigned cap = g->cap_points ? 2 * g->cap_points : 16;
        struct gdb_point *more = realloc(g->points, cap * sizeof(*more));

        if (!more)
            return -ENOMEM;
        g->points = more;
        g->cap_points = cap;
    }
    g->points[g->npoints++] = *p;
    return 0;
}

static int insert(struct gdb *g, const struct gdb_point *p)
{
    int r;

    if (p->type < 2 && gdb_find_point(g, p->addr, 3))
        r = 0; /* the other kind is there */
    else
        r = p->type < 2 ? tcg_breakpoint(g->engine, p->addr, true)
                        : tcg_watchpoint(g->engine, p->addr, p->len, watch_kinds[p->type], true);
    return r ? r : add(g, p);
}

static void remove_at(struct gdb *g, unsigned i)
{
    struct gdb_point p = g->points[i];

    g->points[i] = g->points[--g->npoints];
    if (p.type >= 2)
        tcg_watchpoint(g->engine, p.addr, p.len, watch_kinds[p.type], false);
    else if (!gdb_find_point(g, p.addr, 3))
        tcg_breakpoint(g->engine, p.addr, false);
}

void gdb_remove_points(struct gdb *g)
{
    while (g->npoints)
        remove_at(g, g->npoints - 1);
    free(g->points);
    g->points = NULL;
    g->cap_points = 0;
}

/* type,addr,length: packets may be repeated without an effect. */
void gdb_point_packet(struct gdb *g, const char *text, bool set)
{
    struct gdb_point p = {0};
    unsigned i;
    char *end;

    p.type = (unsigned)strtoul(text, &end, 10);
    p.addr = *end == ',' ? strtoull(end + 1, &end, 16) : 0;
    p.len = *end == ',' ? strtoull(end + 1, NULL, 16) : 0;
    if (p.type > 4)
        return; /* the empty reply: not supported */
    for (i = 0; i < g->npoints; i++)
        if (g->points[i].type == p.type && g->points[i].addr == p.addr &&
            g->points[i].len == p.len)
            break;
    if (set && i == g->npoints && insert(g, &p)) {
        gdb_put(g, "E1c");
        return;
    }
    if (!set && i < g->npoints)
        remove_at(g, i);
    gdb_put(g, "OK");
}
