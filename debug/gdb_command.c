// SPDX-License-Identifier: MIT
/* debug/gdb_command.c -- packets of the gdb remote protocol other than queries: registers, memory,
 * breakpoints and watchpoints, resuming. */
#include "debug/gdb_impl.h"

#include <stdlib.h>
#include <string.h>

#define REG_BYTES 64

static struct tcg_vcpu *selected(struct gdb *g)
{
    struct tcg_vcpu *v = g->g_id > 0 ? g->t->vcpu(g->t->opaque, g->g_id) : NULL;

    return v ? v : g->t->vcpu(g->t->opaque, g->cur_id);
}

static void put_reg(struct gdb *g, struct tcg_vcpu *v, unsigned reg)
{
    uint8_t buf[REG_BYTES];
    size_t bytes = g->fe->regs[reg].bits / 8;

    if (bytes <= sizeof(buf) && g->fe->reg_read(v, reg, buf) == 0)
        gdb_put_hex(g, buf, bytes);
    else
        for (size_t i = 0; i < bytes; i++)
            gdb_put(g, "xx");
}

void gdb_stop_reply(struct gdb *g)
{
    gdb_putf(g, "T%02xthread:%x;", (unsigned)g->stop.gdb_sig, (unsigned)g->cur_id);
    if (strcmp(g->stop.kind, "swbreak") == 0)
        gdb_put(g, "swbreak:;");
    else if (g->stop.kind[0])
        gdb_putf(g, "%s:%llx;", g->stop.kind, (unsigned long long)g->stop.addr);
}

static void read_memory(struct gdb *g, const char *p)
{
    char *end;
    uint64_t addr = strtoull(p, &end, 16);
    size_t len = *end == ',' ? strtoul(end + 1, NULL, 16) : 0, done = 0;
    uint8_t buf[GDB_PACKET / 2];

    if (len > sizeof(buf) - 16)
        len = sizeof(buf) - 16;
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
    if (len && g->t->mem_write(g->t->opaque, addr, buf, len) < 0) {
        gdb_put(g, "E14");
        return;
    }
    tcg_invalidate(g->engine, addr, addr + len);
    gdb_put(g, "OK");
}

static void write_registers(struct gdb *g, const char *hex)
{
    struct tcg_vcpu *v = selected(g);
    uint8_t buf[REG_BYTES];

    for (unsigned i = 0; i < g->fe->nregs; i++) {
        size_t bytes = g->fe->regs[i].bits / 8;

        if (!g->fe->regs[i].feature || bytes > sizeof(buf))
            continue;
        if ((size_t)gdb_hex_bytes(hex, buf, bytes) != bytes)
            break;
        g->fe->reg_write(v, i, buf);
        hex += 2 * bytes;
    }
    gdb_put(g, "OK");
}

static void write_register(struct gdb *g, const char *p)
{
    char *end;
    unsigned long reg = strtoul(p, &end, 16);
    uint8_t buf[REG_BYTES];
    size_t bytes;

    if (reg >= g->fe->nregs || *end != '=') {
        gdb_put(g, "E16");
        return;
    }
    bytes = g->fe->regs[reg].bits / 8;
    if (bytes > sizeof(buf) || (size_t)gdb_hex_bytes(end + 1, buf, bytes) != bytes ||
        g->fe->reg_write(selected(g), (unsigned)reg, buf) < 0)
        gdb_put(g, "E16");
    else
        gdb_put(g, "OK");
}

/* Z and z: type,addr,kind */
static void breakpoint(struct gdb *g, const char *p, bool insert)
{
    char *end;
    unsigned long type = strtoul(p, &end, 10);
    uint64_t addr = *end == ',' ? strtoull(end + 1, &end, 16) : 0;
    uint64_t len = *end == ',' ? strtoull(end + 1, NULL, 16) : 0;
    static const uint8_t kinds[] = {[2] = TCG_WATCH_WRITE, [3] = TCG_WATCH_READ,
                                    [4] = TCG_WATCH_READ | TCG_WATCH_WRITE};
    int err;

    if (type > 4)
        return;
    err = type < 2 ? tcg_breakpoint(g->engine, addr, insert)
                   : tcg_watchpoint(g->engine, addr, len, kinds[type], insert);
    gdb_put(g, err < 0 && insert ? "E22" : "OK");
}

static void resume(struct gdb *g, enum gdb_action action, int id, int gdb_sig)
{
    g->step_id = action == GDB_STEP ? id : 0;
    g->deliver = gdb_sig ? g->t->from_gdb_signal(gdb_sig) : 0;
    g->resume = true;
}

/* vCont;action[:thread]... The first action that names a thread wins for it. One thread may step; if
 * no default action is given, all other threads stay. */
static void vcont(struct gdb *g, char *p)
{
    bool any = false, has_default = false;
    int step = 0, only = 0, sig = 0;
    char *save;

    for (char *a = strtok_r(p, ";", &save); a; a = strtok_r(NULL, ";", &save)) {
        char *colon = strchr(a, ':');
        long id = colon ? strtol(colon + 1, NULL, 16) : -1;
        int this_sig = *a == 'C' || *a == 'S' ? (int)strtol(a + 1, NULL, 16) : 0;

        if (!strchr("cCsS", *a)) {
            gdb_put(g, "E16");
            return;
        }
        any = true;
        if (id <= 0)
            has_default = true;
        else if (!only)
            only = (int)id;
        if ((*a == 's' || *a == 'S') && !step)
            step = id > 0 ? (int)id : g->cur_id;
        if (this_sig && (id <= 0 || id == g->cur_id))
            sig = this_sig;
    }
    if (!any) {
        gdb_put(g, "E16");
        return;
    }
    g->others_stay = !has_default;
    g->only_id = only ? only : g->cur_id;
    resume(g, step ? GDB_STEP : GDB_CONTINUE, step, sig);
    g->out_len = 0;
}

void gdb_command(struct gdb *g, char *p, size_t len)
{
    unsigned long n;
    char *end;

    switch (*p) {
    case '?': gdb_stop_reply(g); break;
    case 'g':
        for (unsigned i = 0; i < g->fe->nregs; i++)
            if (g->fe->regs[i].feature)
                put_reg(g, selected(g), i);
        break;
    case 'G': write_registers(g, p + 1); break;
    case 'p':
        n = strtoul(p + 1, NULL, 16);
        if (n < g->fe->nregs)
            put_reg(g, selected(g), (unsigned)n);
        else
            gdb_put(g, "E16");
        break;
    case 'P': write_register(g, p + 1); break;
    case 'm': read_memory(g, p + 1); break;
    case 'M': write_memory(g, p + 1, len - 1, false); break;
    case 'X': write_memory(g, p + 1, len - 1, true); break;
    case 'Z': breakpoint(g, p + 1, true); break;
    case 'z': breakpoint(g, p + 1, false); break;
    case 'H':
        if (p[1] == 'g')
            g->g_id = (int)strtol(p + 2, NULL, 16);
        else
            g->c_id = (int)strtol(p + 2, NULL, 16);
        gdb_put(g, "OK");
        break;
    case 'T':
        gdb_put(g, g->t->vcpu(g->t->opaque, (int)strtol(p + 1, NULL, 16)) ? "OK" : "E03");
        break;
    case 'c':
    case 's':
    case 'C':
    case 'S':
        n = p[0] == 'C' || p[0] == 'S' ? strtoul(p + 1, &end, 16) : 0;
        g->others_stay = false;
        resume(g, p[0] == 's' || p[0] == 'S' ? GDB_STEP : GDB_CONTINUE,
               g->c_id > 0 ? g->c_id : g->cur_id, (int)n);
        g->out_len = 0;
        break;
    case 'D':
        gdb_put(g, "OK");
        gdb_send(g);
        g->out_len = 0;
        gdb_lost(g);
        g->others_stay = false;
        resume(g, GDB_CONTINUE, 0, 0);
        break;
    case 'k': g->t->kill(g->t->opaque); break;
    case 'v':
        if (strcmp(p, "vCont?") == 0) {
            gdb_put(g, "vCont;c;C;s;S");
        } else if (strncmp(p, "vCont;", 6) == 0) {
            vcont(g, p + 6);
        } else if (strncmp(p, "vKill", 5) == 0) {
            gdb_put(g, "OK");
            gdb_send(g);
            g->out_len = 0;
            g->t->kill(g->t->opaque);
        }
        break;
    case 'q':
    case 'Q': gdb_query(g, p); break;
    default: break; /* the empty reply: not supported */
    }
}
