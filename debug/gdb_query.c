// SPDX-License-Identifier: MIT
/* debug/gdb_query.c -- q and Q packets: what the stub can do, threads, and the objects that gdb reads
 * in pieces (qXfer): target description, auxiliary vector, threads, signal information. */
#include "debug/gdb_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 1024

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* The target description, made from the frontend's register table; features in table order. */
static size_t target_xml(const struct frontend *fe, char **text)
{
    size_t len = 0;
    FILE *f = open_memstream(text, &len);
    const char *feature = "";

    if (!f)
        return 0;
    fprintf(f, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>"
               "<architecture>%s</architecture><osabi>GNU/Linux</osabi>\n",
            fe->gdb_arch ? fe->gdb_arch : fe->name);
    for (unsigned i = 0; i < fe->nregs; i++) {
        const struct fe_reg *r = &fe->regs[i];

        if (!r->feature)
            continue;
        if (strcmp(feature, r->feature) != 0) {
            const char *types = fe->gdb_types ? fe->gdb_types(r->feature) : NULL;

            fprintf(f, "%s<feature name=\"%s\">\n%s", *feature ? "</feature>\n" : "", r->feature,
                    types ? types : "");
            feature = r->feature;
        }
        fprintf(f, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" group=\"%s\" regnum=\"%u\"/>\n",
                r->name, r->bits, r->type, r->group, i);
    }
    fprintf(f, "%s</target>\n", *feature ? "</feature>\n" : "");
    fclose(f);
    return *text ? len : 0;
}

static size_t threads_xml(struct gdb *g, char **text)
{
    int ids[MAX_THREADS];
    unsigned n = g->t->threads(g->t->opaque, ids, MAX_THREADS);
    size_t len = 0;
    FILE *f = open_memstream(text, &len);

    if (!f)
        return 0;
    fprintf(f, "<?xml version=\"1.0\"?>\n<threads>\n");
    for (unsigned i = 0; i < n && i < MAX_THREADS; i++) {
        char name[64] = "";

        if (g->t->thread_name)
            g->t->thread_name(g->t->opaque, ids[i], name, sizeof(name));
        for (char *c = name; *c; c++)
            if (strchr("<>&\"'", *c) || *c < ' ')
                *c = '_';
        fprintf(f, "<thread id=\"%x\" name=\"%s\"/>\n", (unsigned)ids[i], name);
    }
    fprintf(f, "</threads>\n");
    fclose(f);
    return *text ? len : 0;
}

/* object:read:annex:offset,length */
static void xfer(struct gdb *g, char *spec)
{
    char *object = strtok(spec, ":"), *op = strtok(NULL, ":"), *rest = strtok(NULL, "");
    char *annex = rest, *range = rest ? strchr(rest, ':') : NULL, *data = NULL, *end;
    size_t len = 0, off, want;

    if (!object || !op || !range || strcmp(op, "read") != 0)
        return;
    *range++ = 0;
    off = strtoul(range, &end, 16);
    want = *end == ',' ? strtoul(end + 1, NULL, 16) : 0;
    if (want > GDB_PACKET / 2 - 16)
        want = GDB_PACKET / 2 - 16;
    if (strcmp(object, "features") == 0 && strcmp(annex, "target.xml") == 0) {
        len = target_xml(g->fe, &data);
    } else if (strcmp(object, "threads") == 0) {
        len = threads_xml(g, &data);
    } else if (strcmp(object, "auxv") == 0 && g->t->auxv) {
        data = malloc(4096);
        len = data ? g->t->auxv(g->t->opaque, data, 4096) : 0;
    } else if (strcmp(object, "siginfo") == 0 && g->t->siginfo) {
        data = malloc(4096);
        len = data ? g->t->siginfo(g->t->opaque, g->cur_id, data, 4096) : 0;
    } else if (strcmp(object, "exec-file") == 0 && g->t->exec_path) {
        const char *path = g->t->exec_path(g->t->opaque);

        data = path ? strdup(path) : NULL;
        len = data ? strlen(data) : 0;
    }
    if (!data) {
        gdb_put(g, "E00");
        return;
    }
    if (off > len)
        off = len;
    if (want > len - off)
        want = len - off;
    gdb_put(g, off + want < len ? "m" : "l");
    gdb_put_escaped(g, data + off, want);
    free(data);
}

static void thread_list(struct gdb *g, bool first)
{
    int ids[MAX_THREADS];
    unsigned n = g->t->threads(g->t->opaque, ids, MAX_THREADS);

    if (n > MAX_THREADS)
        n = MAX_THREADS;
    if (first)
        g->list_next = 0;
    if ((unsigned)g->list_next >= n) {
        gdb_put(g, "l");
        return;
    }
    for (char sep = 'm'; (unsigned)g->list_next < n && g->out_len < GDB_PACKET - 16; sep = ',')
        gdb_putf(g, "%c%x", sep, (unsigned)ids[g->list_next++]);
}

void gdb_query(struct gdb *g, char *p)
{
    if (starts(p, "qSupported")) {
        gdb_putf(g, "PacketSize=%x;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+;"
                    "qXfer:features:read+;qXfer:threads:read+;qXfer:exec-file:read+%s%s",
                 GDB_PACKET - 32, g->t->auxv ? ";qXfer:auxv:read+" : "",
                 g->t->siginfo ? ";qXfer:siginfo:read+" : "");
    } else if (starts(p, "QStartNoAckMode")) {
        gdb_put(g, "OK");
        gdb_send(g);
        g->no_ack = true;
        g->out_len = 0; /* sent */
    } else if (starts(p, "qXfer:")) {
        xfer(g, p + 6);
    } else if (strcmp(p, "qC") == 0) {
        gdb_putf(g, "QC%x", (unsigned)g->cur_id);
    } else if (strcmp(p, "qfThreadInfo") == 0) {
        thread_list(g, true);
    } else if (strcmp(p, "qsThreadInfo") == 0) {
        thread_list(g, false);
    } else if (starts(p, "qThreadExtraInfo,")) {
        char name[64] = "thread";

        if (g->t->thread_name)
            g->t->thread_name(g->t->opaque, (int)strtol(p + 17, NULL, 16), name, sizeof(name));
        gdb_put_hex(g, name, strlen(name));
    } else if (starts(p, "qAttached")) {
        gdb_put(g, "0");
    } else if (starts(p, "qSymbol")) {
        gdb_put(g, "OK");
    }
}
