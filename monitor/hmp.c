// SPDX-License-Identifier: MIT
/* monitor/hmp.c -- the human monitor: line editing as far as a serial line needs it (backspace, Ctrl-U,
 * Ctrl-C), and the commands. Not there: history, completion, expressions. Commands that look into a
 * running vcpu (info registers, x) stop the machine for as long as they take: they run from the main
 * loop without the machine's lock. */
#include "monitor/hmp.h"

#include "tcg/ir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#define LINE 512

struct hmp {
    struct machine *m;
    struct bytes_out out;
    bool attached, greeted, was_running;
    char line[LINE];
    size_t len;
    unsigned cpu;       /* whose registers and memory */
    char *pending;      /* command that waits for the main loop */
    guint source;
};

/* ---- output ---- */

static void put(struct hmp *h, const char *text, size_t n)
{
    while (n && h->attached) {
        const char *nl = memchr(text, '\n', n);
        size_t k = nl ? (size_t)(nl - text) : n;

        h->out.write(h->out.to, (const uint8_t *)text, k);
        if (nl)
            h->out.write(h->out.to, (const uint8_t *)"\r\n", 2);
        k += nl != NULL;
        text += k;
        n -= k;
    }
}

static void say(struct hmp *h, const char *fmt, ...) MOA_PRINTF(2, 3);
static void say(struct hmp *h, const char *fmt, ...)
{
    char buf[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    put(h, buf, strlen(buf));
}

static void prompt(struct hmp *h)
{
    say(h, "(moa) ");
}

/* What fill prints to a stream. */
static void stream(struct hmp *h, void (*fill)(struct hmp *h, FILE *f))
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        return;
    fill(h, f);
    fclose(f);
    put(h, text, n);
    free(text);
}

/* ---- commands ---- */

static void request(struct hmp *h, enum machine_request what)
{
    machine_request(h->m, what);
}

static void do_quit(struct hmp *h, const char *arg)
{
    (void)arg;
    request(h, MACHINE_QUIT);
}

static void do_reset(struct hmp *h, const char *arg)
{
    (void)arg;
    request(h, MACHINE_SYSTEM_RESET);
}

static void do_powerdown(struct hmp *h, const char *arg)
{
    (void)arg;
    request(h, MACHINE_POWERDOWN);
}

static void do_stop(struct hmp *h, const char *arg)
{
    (void)arg;
    request(h, MACHINE_STOP);
}

static void do_cont(struct hmp *h, const char *arg)
{
    (void)arg;
    request(h, MACHINE_CONT);
}

static void do_cpu(struct hmp *h, const char *arg)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 0);

    if (end == arg || n >= h->m->ncpus)
        say(h, "cpu: wants a number below %u\n", h->m->ncpus);
    else
        h->cpu = (unsigned)n;
}

/* x/FMT ADDR: count, format (x d u c s i), size (b h w g). */
struct format {
    unsigned count, size;
    char kind;
};

static bool parse_format(struct hmp *h, const char **arg, struct format *f)
{
    const char *p = *arg;

    *f = (struct format){1, 4, 'x'};
    if (*p == '/') {
        unsigned long n = 0;

        for (p++; *p >= '0' && *p <= '9' && n < 100000; p++)
            n = 10 * n + (unsigned)(*p - '0');
        f->count = n ? (unsigned)n : 1;
        for (; *p && *p != ' '; p++) {
            if (strchr("xduc", *p))
                f->kind = *p;
            else if (strchr("bhwg", *p))
                f->size = *p == 'b' ? 1 : *p == 'h' ? 2 : *p == 'w' ? 4 : 8;
            else
                return say(h, "no such format: %c (x d u c; b h w g)\n", *p), false;
        }
        if (f->kind == 'c')
            f->size = 1;
    }
    while (*p == ' ')
        p++;
    *arg = p;
    if (f->count > 4096)
        return say(h, "at most 4096 items\n"), false;
    return true;
}

static bool address(struct hmp *h, const char *text, uint64_t *addr)
{
    char *end;

    errno = 0;
    *addr = strtoull(text, &end, 0);
    if (end == text || *end || errno)
        return say(h, "not an address: %s\n", text), false;
    return true;
}

static int fetch(struct hmp *h, bool physical, uint64_t addr, void *buf, size_t n)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};

    if (!physical)
        return sm_debug_access(sm_vcpu(h->m->sm, h->cpu), addr, buf, n, false);
    return mem_read(h->m->memory, addr, buf, n, who) == MEM_OK ? 0 : -EFAULT;
}

static void dump(struct hmp *h, const char *arg, bool physical)
{
    struct format f;
    uint64_t addr;
    unsigned per_line;

    if (!parse_format(h, &arg, &f) || !address(h, arg, &addr))
        return;
    per_line = f.kind == 'c' ? 16 : 16 / f.size;
    for (unsigned i = 0; i < f.count; i++, addr += f.size) {
        uint8_t b[8];
        uint64_t v = 0;

        if (i % per_line == 0)
            say(h, "%s%0*" PRIx64 ":", i ? "\n" : "", 16, addr);
        if (fetch(h, physical, addr, b, f.size)) {
            say(h, " nothing there");
            break;
        }
        for (unsigned k = f.size; k--;)
            v = v << 8 | b[k];
        if (f.kind == 'x')
            say(h, " 0x%0*" PRIx64, (int)(2 * f.size), v);
        else if (f.kind == 'u')
            say(h, " %" PRIu64, v);
        else if (f.kind == 'd')
            say(h, " %" PRId64, (int64_t)(v << (64 - 8 * f.size)) >> (64 - 8 * f.size));
        else
            say(h, " %c", v >= 32 && v < 127 ? (int)v : '.');
    }
    say(h, "\n");
}

static void do_x(struct hmp *h, const char *arg)
{
    dump(h, arg, false);
}

static void do_xp(struct hmp *h, const char *arg)
{
    dump(h, arg, true);
}

/* ---- info ---- */

static void registers(struct hmp *h, FILE *f)
{
    struct tcg_vcpu *v = sm_vcpu(h->m->sm, h->cpu);

    fprintf(f, "CPU#%u\n", h->cpu);
    v->guest->dump(v, f);
}

static void info_registers(struct hmp *h)
{
    stream(h, registers);
}

static void print_line(void *to, const char *text)
{
    fprintf(to, "%s\n", text);
}

static void mtree(struct hmp *h, FILE *f)
{
    mem_print(h->m->memory, print_line, f);
}

static void info_mtree(struct hmp *h)
{
    stream(h, mtree);
}

static void jit(struct hmp *h, FILE *f)
{
    sm_stats(h->m->sm, f);
}

static void info_jit(struct hmp *h)
{
    stream(h, jit);
}

static void info_qtree(struct hmp *h)
{
    for (unsigned i = 0; i < h->m->ndevices; i++) {
        const struct device *d = h->m->devices[i];

        say(h, "dev: %s, id \"%s\"\n", d->class->name, d->id ? d->id : "");
        for (unsigned r = 0; r < ARRAY_LEN(d->regions) && d->regions[r]; r++)
            say(h, "  region %s, 0x%" PRIx64 " bytes\n", mem_region_name(d->regions[r]),
                mem_region_size(d->regions[r]));
    }
}

static void info_status(struct hmp *h)
{
    say(h, "VM status: %s\n", h->was_running ? "running" : "paused");
}

static void info_cpus(struct hmp *h)
{
    static const char *const power[] = {"on", "off", "starting"};

    for (unsigned i = 0; i < h->m->ncpus; i++)
        say(h, "%c CPU #%u: %s\n", i == h->cpu ? '*' : ' ', i, power[sm_power_state(h->m->sm, i)]);
}

static void info_version(struct hmp *h)
{
    say(h, "moa\n");
}

static void info_name(struct hmp *h)
{
    say(h, "%s\n", h->m->opt->name ? h->m->opt->name : "");
}

static void info_chardev(struct hmp *h)
{
    for (unsigned i = 0; i < h->m->nchars; i++) {
        const char *where = host_char_where(h->m->chars[i].c);

        say(h, "%s%s%s\n", h->m->chars[i].id, where ? ": " : "", where ? where : "");
    }
}

static const struct {
    const char *name;
    void (*show)(struct hmp *h);
    const char *help;
} infos[] = {
    {"chardev", info_chardev, "character devices"},
    {"cpus", info_cpus, "processors"},
    {"jit", info_jit, "counters of the translator"},
    {"mtree", info_mtree, "memory map"},
    {"name", info_name, "the machine's name"},
    {"qtree", info_qtree, "devices"},
    {"registers", info_registers, "registers of the current processor"},
    {"status", info_status, "does the machine run?"},
    {"version", info_version, "of moa"},
};

static void do_info(struct hmp *h, const char *arg)
{
    for (size_t i = 0; i < ARRAY_LEN(infos); i++)
        if (strcmp(infos[i].name, arg) == 0) {
            infos[i].show(h);
            return;
        }
    for (size_t i = 0; i < ARRAY_LEN(infos); i++)
        say(h, "info %-12s %s\n", infos[i].name, infos[i].help);
}

static void do_help(struct hmp *h, const char *arg);

static const struct command {
    const char *name, *args, *help;
    void (*run)(struct hmp *h, const char *arg);
} commands[] = {
    {"cont", "", "go on", do_cont},
    {"c", "", "the same", do_cont},
    {"cpu", "N", "registers and memory are those of processor N", do_cpu},
    {"help", "", "this text", do_help},
    {"info", "WHAT", "show something (info lists what)", do_info},
    {"q", "", "the same as quit", do_quit},
    {"quit", "", "end moa", do_quit},
    {"stop", "", "stop the machine", do_stop},
    {"system_powerdown", "", "press the power key", do_powerdown},
    {"system_reset", "", "reset the machine", do_reset},
    {"x", "/FMT ADDRESS", "memory at a virtual address", do_x},
    {"xp", "/FMT ADDRESS", "memory at a physical address", do_xp},
};

static void do_help(struct hmp *h, const char *arg)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        say(h, "%s %s -- %s\n", commands[i].name, commands[i].args, commands[i].help);
}

static void run(struct hmp *h, const char *line)
{
    size_t n;

    while (*line == ' ')
        line++;
    n = strcspn(line, " /");
    for (size_t i = 0; n && i < ARRAY_LEN(commands); i++)
        if (strlen(commands[i].name) == n && strncmp(commands[i].name, line, n) == 0) {
            line += n;
            while (*line == ' ')
                line++;
            commands[i].run(h, line);
            return;
        }
    if (n)
        say(h, "unknown command: %.*s (help lists them)\n", (int)n, line);
}

/* From the main loop, without the machine's lock. */
static gboolean run_pending(gpointer data)
{
    struct hmp *h = data;
    char *line = h->pending;

    h->pending = NULL;
    h->source = 0;
    h->was_running = sm_running(h->m->sm);
    sm_pause(h->m->sm);
    sm_lock(h->m->sm);
    run(h, line);
    prompt(h);
    h->out.accept(h->out.to);
    sm_unlock(h->m->sm);
    if (h->was_running)
        sm_resume(h->m->sm);
    free(line);
    return G_SOURCE_REMOVE;
}

/* ---- input; lock held ---- */

static size_t can_take(void *dev)
{
    struct hmp *h = dev;

    return h->pending ? 0 : 1;
}

static void enter(struct hmp *h)
{
    h->line[h->len] = 0;
    h->len = 0;
    say(h, "\n");
    h->pending = strdup(h->line);
    if (h->pending)
        h->source = g_idle_add(run_pending, h);
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct hmp *h = dev;

    for (size_t i = 0; i < n; i++) {
        uint8_t c = buf[i];

        if (c == '\r' || c == '\n') {
            enter(h);
        } else if (c == 127 || c == 8) {
            if (h->len) {
                h->len--;
                put(h, "\b \b", 3);
            }
        } else if (c == 21 || c == 3) { /* Ctrl-U, Ctrl-C */
            h->len = 0;
            say(h, "\n");
            prompt(h);
        } else if (c >= 32 && h->len < LINE - 1) {
            h->line[h->len++] = (char)c;
            put(h, (const char *)&c, 1);
        }
    }
}

static void event(void *dev, enum bytes_event e)
{
    struct hmp *h = dev;

    if (e != BYTES_OPENED)
        return;
    if (!h->greeted)
        say(h, "\nmoa monitor - type 'help' for more information");
    h->greeted = true;
    say(h, "\n");
    prompt(h);
}

void *hmp_new(struct machine *m, struct bytes_in *in)
{
    struct hmp *h = calloc(1, sizeof(*h));

    if (!h)
        return NULL;
    h->m = m;
    *in = (struct bytes_in){h, can_take, take, NULL, event};
    return h;
}

void hmp_attach(void *monitor, struct bytes_out out)
{
    struct hmp *h = monitor;

    h->out = out;
    h->attached = true;
}

void hmp_free(void *monitor)
{
    struct hmp *h = monitor;

    if (h->source)
        g_source_remove(h->source);
    free(h->pending);
    free(h);
}
