// SPDX-License-Identifier: MIT
/* debug/gdb_command.c -- packets of the gdb remote protocol other than queries: registers, memory,
 * breakpoints and watchpoints, resuming. */
#include "debug/gdb_impl.h"

#include <stdlib.h>
#include <string.h>

#define REG_BYTES 64

static struct gdb_thread *selected(struct gdb *g)
{
    struct gdb_thread *th = gdb_thread(g, g->g_id);

    th = th ? th : gdb_thread(g, g->event.id);
    return th ? th : g->threads;
}

/* A register's bytes minus n, in the guest's byte order. */
static void subtract(const struct frontend *fe, uint8_t *buf, size_t bytes, unsigned n)
{
    for (size_t i = 0; i < bytes && n; i++) {
        uint8_t *b = &buf[fe->elf_data == 2 ? bytes - 1 - i : i];
        unsigned take = n & 0xff;

        n = (n >> 8) + (*b < take);
        *b = (uint8_t)(*b - take);
    }
}

/* A thread in a system call is shown in front of it: there it will be if gdb changes something. */
static bool read_reg(struct gdb *g, struct gdb_thread *th, unsigned reg, uint8_t *buf)
{
    const struct fe_reg *r = &g->fe->regs[reg];

    if (r->bits / 8 > REG_BYTES)
        return false;
    if (!th->parked && !th->in_call)
        gdb_settle(g, th);
    if (g->fe->reg_read(th->v, reg, buf) < 0)
        return false;
    if (!th->parked && th->in_call && strcmp(r->type, "code_ptr") == 0)
        subtract(g->fe, buf, r->bits / 8, g->t->call_len);
    return true;
}

static void put_reg(struct gdb *g, struct gdb_thread *th, unsigned reg)
{
    uint8_t buf[REG_BYTES];
    size_t bytes = g->fe->regs[reg].bits / 8;

    if (th && read_reg(g, th, reg, buf))
        gdb_put_hex(g, buf, bytes);
    else
        for (size_t i = 0; i < bytes; i++)
            gdb_put(g, "xx");
}

static void put_exec(struct gdb *g)
{
    const char *path = g->t->exec_path(g->t->opaque);

    gdb_put(g, "exec:");
    gdb_put_hex(g, path, strlen(path));
    gdb_put(g, ";");
}

void gdb_stop_reply(struct gdb *g)
{
    static const char *const watch[] = {[2] = "watch", [3] = "rwatch", [4] = "awatch"};
    const struct gdb_event *e = &g->event;

    if (e->kind == GDB_EV_EXIT || e->kind == GDB_EV_KILLED) {
        gdb_putf(g, "%c%02x", e->kind == GDB_EV_EXIT ? 'W' : 'X', (unsigned)e->gdb_sig & 0xff);
        if (g->multiprocess)
            gdb_putf(g, ";process:%x", (unsigned)g->t->pid);
        return;
    }
    if (e->kind == GDB_EV_NOBODY) {
        gdb_put(g, "N");
        return;
    }
    gdb_putf(g, "T%02xthread:", (unsigned)e->gdb_sig);
    gdb_put_id(g, e->id);
    gdb_put(g, ";");
    if (e->kind == GDB_EV_BREAK)
        gdb_putf(g, "%s:;", e->type ? "hwbreak" : "swbreak");
    else if (e->kind == GDB_EV_WATCH)
        gdb_putf(g, "%s:%llx;", e->type >= 2 ? watch[e->type] : "watch",
                 (unsigned long long)e->addr);
    else if (e->kind == GDB_EV_EXEC)
        put_exec(g);
    else if (e->kind == GDB_EV_CALL || e->kind == GDB_EV_CALL_END)
        gdb_putf(g, "syscall_%s:%llx;", e->kind == GDB_EV_CALL ? "entry" : "return",
                 (unsigned long long)e->addr);
}

static void read_memory(struct gdb *g, const char *p)
{
    char *end;
    uint64_t addr = strtoull(p, &end, 16);
    size_t len = *end == ',' ? strtoul(end + 1, NULL, 16) : 0, done = 0;
    uint8_t buf[GDB_PACKET / 2];

    if (len > sizeof(buf) - 16)
        len = sizeof(buf) - 16;
    gdb_select(g);
    while (done < len) { /* page by page: what can be read before a hole is returned */
        size_t n = 4096 - ((addr + done) & 4095);

        if (n > len - done)
            n = len - done;
        if (g->t->mem_read(g->t->opaque, addr + done, buf + done, n) < 0)
            break;
        done += n;
    }
    if (!done && len)
        gdb_put(g, "E14");
    else
        gdb_put_hex(g, buf, done);
}

static void write_memory(struct gdb *g, const char *p, size_t packet_len, bool binary)
{
    char *end;
    const char *data = memchr(p, ':', packet_len);
    uint64_t addr = strtoull(p, &end, 16);
    size_t len = *end == ',' ? strtoul(end + 1, NULL, 16) : 0;
    uint8_t buf[GDB_PACKET];

    if (!data || len > sizeof(buf)) {
        gdb_put(g, "E16");
        return;
    }
    data++;
    if (binary) {
        if (len > packet_len - (size_t)(data - p)) {
            gdb_put(g, "E16");
            return;
        }
        memcpy(buf, data, len);
    } else if ((size_t)gdb_hex_bytes(data, buf, len) != len) {
        gdb_put(g, "E16");
        return;
    }
    gdb_select(g);
    if (len && g->t->mem_write(g->t->opaque, addr, buf, len) < 0) {
        gdb_put(g, "E14");
        return;
    }
    tcg_invalidate(g->engine, addr, addr + len);
    gdb_put(g, "OK");
}

static void write_registers(struct gdb *g, const char *hex)
{
    struct gdb_thread *th = selected(g);
    uint8_t buf[REG_BYTES];

    if (!th || !gdb_settle(g, th)) {
        gdb_put(g, "E01");
        return;
    }
    for (unsigned i = 0; i < g->fe->nregs; i++) {
        size_t bytes = g->fe->regs[i].bits / 8;

        if (!g->fe->regs[i].feature || bytes > sizeof(buf))
            continue;
        if ((size_t)gdb_hex_bytes(hex, buf, bytes) != bytes)
            break;
        g->fe->reg_write(th->v, i, buf);
        hex += 2 * bytes;
    }
    gdb_put(g, "OK");
}

static void write_register(struct gdb *g, const char *p)
{
    char *end;
    unsigned long reg = strtoul(p, &end, 16);
    struct gdb_thread *th = selected(g);
    uint8_t buf[REG_BYTES];
    size_t bytes;

    if (reg >= gdb_nregs(g) || *end != '=' || !th || !gdb_settle(g, th)) {
        gdb_put(g, "E16");
        return;
    }
    bytes = g->fe->regs[reg].bits / 8;
    if (bytes > sizeof(buf) || (size_t)gdb_hex_bytes(end + 1, buf, bytes) != bytes ||
        g->fe->reg_write(th->v, (unsigned)reg, buf) < 0)
        gdb_put(g, "E16");
    else
        gdb_put(g, "OK");
}

/* One action of vCont: c, s, Csig, Ssig, rLO,HI, with a thread behind a colon. */
static bool parse_action(struct gdb_action *a, char *p)
{
    char *colon = strchr(p, ':'), *end = p + 1;

    *a = (struct gdb_action){.id = -1, .what = *p == 'C' ? 'c' : *p == 'S' ? 's' : *p};
    if (*p == 'C' || *p == 'S') {
        a->gdb_sig = (int)strtol(end, &end, 16);
    } else if (*p == 'r') {
        a->lo = strtoull(end, &end, 16);
        a->hi = *end == ',' ? strtoull(end + 1, &end, 16) : 0;
    }
    if (colon)
        a->id = gdb_parse_id(colon + 1, NULL);
    return strchr("csr", a->what) && end == (colon ? colon : p + strlen(p)) && a->id;
}

static void vcont(struct gdb *g, char *p)
{
    unsigned n = 0;
    char *save;

    for (char *a = strtok_r(p, ";", &save); a; a = strtok_r(NULL, ";", &save))
        if (n == ARRAY_LEN(g->actions) || !parse_action(&g->actions[n++], a)) {
            gdb_put(g, "E16");
            return;
        }
    g->nactions = n;
    g->resume = true;
    g->out_len = 0; /* the answer is the next stop */
}

/* c, s, C and S: the thread of Hc as asked, all others run. */
static void old_resume(struct gdb *g, const char *p)
{
    struct gdb_action *a = g->actions;
    int id = g->c_id > 0 ? g->c_id : g->event.id;

    a[0] = (struct gdb_action){.id = id, .what = *p == 's' || *p == 'S' ? 's' : 'c'};
    if (*p == 'C' || *p == 'S')
        a[0].gdb_sig = (int)strtol(p + 1, NULL, 16);
    a[1] = (struct gdb_action){.id = -1, .what = 'c'};
    g->nactions = 2;
    g->resume = true;
    g->out_len = 0;
}

static void verbose(struct gdb *g, char *p)
{
    if (strcmp(p, "vCont?") == 0) {
        gdb_put(g, "vCont;c;C;s;S;r");
    } else if (strncmp(p, "vCont;", 6) == 0) {
        vcont(g, p + 6);
    } else if (strncmp(p, "vFile:", 6) == 0) {
        gdb_file(g, p + 6);
    } else if (strncmp(p, "vKill", 5) == 0) {
        gdb_put(g, "OK");
        gdb_send(g);
        g->out_len = 0;
        g->t->kill(g->t->opaque);
    }
}

static void put_all_registers(struct gdb *g)
{
    for (unsigned i = 0; i < g->fe->nregs; i++)
        if (g->fe->regs[i].feature)
            put_reg(g, selected(g), i);
}

void gdb_command(struct gdb *g, char *p, size_t len)
{
    unsigned long n;

    switch (*p) {
    case '?': gdb_stop_reply(g); break;
    case 'g': put_all_registers(g); break;
    case 'G': write_registers(g, p + 1); break;
    case 'p':
        n = strtoul(p + 1, NULL, 16);
        if (n < gdb_nregs(g))
            put_reg(g, selected(g), (unsigned)n);
        else
            gdb_put(g, "E16");
        break;
    case 'P': write_register(g, p + 1); break;
    case 'm': read_memory(g, p + 1); break;
    case 'M': write_memory(g, p + 1, len - 1, false); break;
    case 'X': write_memory(g, p + 1, len - 1, true); break;
    case 'Z': gdb_point_packet(g, p + 1, true); break;
    case 'z': gdb_point_packet(g, p + 1, false); break;
    case 'H':
        *(p[1] == 'g' ? &g->g_id : &g->c_id) = gdb_parse_id(p + 2, NULL);
        gdb_put(g, "OK");
        break;
    case 'T': gdb_put(g, gdb_thread(g, gdb_parse_id(p + 1, NULL)) ? "OK" : "E03"); break;
    case 'c':
    case 's':
    case 'C':
    case 'S': old_resume(g, p); break;
    case 'D':
        gdb_put(g, "OK");
        gdb_send(g);
        g->out_len = 0;
        gdb_lost(g);
        break;
    case 'k': g->t->kill(g->t->opaque); break;
    case 'v': verbose(g, p); break;
    case 'q':
    case 'Q': gdb_query(g, p); break;
    default: break; /* the empty reply: not supported */
    }
}
