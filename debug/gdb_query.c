// SPDX-License-Identifier: MIT
/* debug/gdb_query.c -- q and Q packets: what the stub can do, threads, and the objects that gdb
 * reads in pieces (qXfer): target description, auxiliary vector, threads, signal information. */
#include "debug/gdb_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* The target description, made from the frontend's register table; features in table order. */
static size_t target_xml(const struct frontend *fe, unsigned nregs, char **text)
{
    size_t len = 0;
    FILE *f = open_memstream(text, &len);
    const char *feature = "";

    if (!f)
        return 0;
    fprintf(f, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>"
               "<architecture>%s</architecture><osabi>GNU/Linux</osabi>\n",
            fe->gdb_arch ? fe->gdb_arch : fe->name);
    for (unsigned i = 0; i < nregs; i++) {
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
    size_t len = 0;
    FILE *f = open_memstream(text, &len);

    if (!f)
        return 0;
    fprintf(f, "<?xml version=\"1.0\"?>\n<threads>\n");
    for (const struct gdb_thread *th = g->threads; th; th = th->next) {
        char name[64] = "";

        g->t->thread_name(g->t->opaque, th->id, name, sizeof(name));
        for (char *c = name; *c; c++)
            if (strchr("<>&\"'", *c) || *c < ' ')
                *c = '_';
        if (g->multiprocess)
            fprintf(f, "<thread id=\"p%x.%x\" name=\"%s\"/>\n", (unsigned)g->t->pid,
                    (unsigned)th->id, name);
        else
            fprintf(f, "<thread id=\"%x\" name=\"%s\"/>\n", (unsigned)th->id, name);
    }
    fprintf(f, "</threads>\n");
    fclose(f);
    return *text ? len : 0;
}

static size_t siginfo(struct gdb *g, char **data)
{
    const struct gdb_thread *th = gdb_thread(g, g->g_id > 0 ? g->g_id : g->event.id);

    if (!th || !th->info_len)
        return 0;
    *data = malloc(th->info_len);
    if (!*data)
        return 0;
    memcpy(*data, th->info, th->info_len);
    return th->info_len;
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
        len = target_xml(g->fe, gdb_nregs(g), &data);
    } else if (strcmp(object, "threads") == 0) {
        len = threads_xml(g, &data);
    } else if (strcmp(object, "auxv") == 0 && g->t->auxv) {
        data = malloc(4096);
        len = data ? g->t->auxv(g->t->opaque, data, 4096) : 0;
    } else if (strcmp(object, "siginfo") == 0) {
        len = siginfo(g, &data);
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
    gdb_put_escaped(g, data + off, want); /* fits: a packet is twice as long */
    free(data);
}

static void thread_list(struct gdb *g)
{
    if (!g->list_next)
        gdb_put(g, "l");
    for (char sep = 'm'; g->list_next && g->out_len < GDB_PACKET - 32; sep = ',') {
        gdb_putf(g, "%c", sep);
        gdb_put_id(g, g->list_next->id);
        g->list_next = g->list_next->next;
    }
}

/* QPassSignals:sig;sig...: these need not be reported. */
static void pass_signals(struct gdb *g, char *p)
{
    g->pass = 0;
    for (char *end; *p; p = *end == ';' ? end + 1 : end) {
        int sig = g->t->from_gdb_signal((int)strtol(p, &end, 16));

        if (end == p)
            break;
        if (sig >= 1 && sig <= 64)
            g->pass |= 1ull << (sig - 1);
    }
    gdb_put(g, "OK");
}

/* QCatchSyscalls:0, or :1 with a list; without a list all. */
static void catch_calls(struct gdb *g, char *p)
{
    g->catch_calls = *p == '1';
    g->catch_all = g->catch_calls && p[1] != ';';
    memset(g->catch, 0, sizeof(g->catch));
    for (p += *p != 0; *p == ';';) {
        unsigned long nr = strtoul(p + 1, &p, 16);

        if (nr < 8 * sizeof(g->catch))
            g->catch[nr / 8] |= (uint8_t)(1u << nr % 8);
    }
    gdb_put(g, "OK");
}

static void supported(struct gdb *g, const char *p)
{
    g->multiprocess = strstr(p, "multiprocess+") != NULL;
    g->exec_events = strstr(p, "exec-events+") != NULL;
    gdb_putf(g, "PacketSize=%x;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+;multiprocess+;"
                "no-resumed+;qXfer:features:read+;qXfer:threads:read+%s%s",
             GDB_PACKET - 32,
             g->t->stop ? "" : ";exec-events+;QPassSignals+;QCatchSyscalls+;qXfer:exec-file:read+;"
                               "qXfer:siginfo:read+",
             g->t->auxv ? ";qXfer:auxv:read+" : "");
}

/* What QEMU's stub understands besides: physical memory, and commands of the human monitor. True: it was
 * one of these. */
static bool machine_query(struct gdb *g, const char *p)
{
    char line[1024], *text;
    int n;

    if (strcmp(p, "qqemu.Supported") == 0) {
        gdb_put(g, "PhyMemMode");
    } else if (strcmp(p, "qqemu.PhyMemMode") == 0) {
        gdb_put(g, g->physical ? "1" : "0");
    } else if (starts(p, "Qqemu.PhyMemMode:")) {
        g->physical = p[17] == '1';
        gdb_put(g, "OK");
    } else if (starts(p, "qRcmd,") && g->t->command) {
        n = gdb_hex_bytes(p + 6, line, sizeof(line) - 1);
        line[n] = 0;
        text = g->t->command(g->t->opaque, g->g_id > 0 ? g->g_id : g->event.id, line);
        for (size_t at = 0, len = text ? strlen(text) : 0; at < len; at += 1024) {
            gdb_start_reply(g);
            gdb_put(g, "O");
            gdb_put_hex(g, text + at, len - at < 1024 ? len - at : 1024);
            gdb_send(g);
        }
        gdb_start_reply(g);
        gdb_put(g, text ? "OK" : "E01");
        free(text);
    } else {
        return false;
    }
    return true;
}

void gdb_query(struct gdb *g, char *p)
{
    if (g->t->stop && machine_query(g, p))
        return;
    if (starts(p, "qSupported")) {
        supported(g, p);
    } else if (starts(p, "QStartNoAckMode")) {
        gdb_put(g, "OK");
        gdb_send(g);
        g->no_ack = true;
        g->out_len = 0; /* sent */
    } else if (starts(p, "QPassSignals:")) {
        pass_signals(g, p + 13);
    } else if (starts(p, "QCatchSyscalls:")) {
        catch_calls(g, p + 15);
    } else if (starts(p, "qXfer:")) {
        xfer(g, p + 6);
    } else if (strcmp(p, "qC") == 0) {
        gdb_put(g, "QC");
        gdb_put_id(g, g->event.id);
    } else if (strcmp(p, "qfThreadInfo") == 0 || strcmp(p, "qsThreadInfo") == 0) {
        if (p[1] == 'f')
            g->list_next = g->threads;
        thread_list(g);
    } else if (starts(p, "qThreadExtraInfo,")) {
        char name[64] = "thread";

        g->t->thread_name(g->t->opaque, gdb_parse_id(p + 17, NULL), name, sizeof(name));
        gdb_put_hex(g, name, strlen(name));
    } else if (starts(p, "qAttached")) {
        gdb_put(g, g->t->stop ? "1" : "0"); /* a machine goes on without gdb */
    } else if (starts(p, "qSymbol")) {
        gdb_put(g, "OK");
    }
}
