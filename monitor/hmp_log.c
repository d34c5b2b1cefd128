// SPDX-License-Identifier: MIT
/* monitor/hmp_log.c -- what is logged, gdb's door, and memory into files. */
#include "monitor/hmp_impl.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static void do_log(struct hmp *h, const char *arg)
{
    char word[512], *text = NULL;
    uint32_t old = log_mask;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    log_mask = 0;
    if (f && strcmp(arg, "none") != 0 && log_parse(arg, f, word, sizeof(word)) != 0)
        log_mask = old;
    if (f)
        fclose(f);
    if (n)
        hmp_put(h, text, n);
    else if (log_mask == old && *arg && strcmp(arg, "none") != 0 && !old)
        hmp_error(h, "no such log item: %s", word);
    free(text);
}

static void do_logfile(struct hmp *h, const char *arg)
{
    char name[512];
    int r;

    if (!hmp_word(&arg, name, sizeof(name))) {
        hmp_error(h, "logfile: wants a file");
        return;
    }
    r = log_open(name);
    if (r)
        hmp_error(h, "%s: %s", name, strerror(-r));
}

/* trace-event PATTERN on|off */
static void do_trace_event(struct hmp *h, const char *arg)
{
    char pattern[128], state[8] = "";

    if (!hmp_word(&arg, pattern, sizeof(pattern)) || !hmp_word(&arg, state, sizeof(state)) ||
        (strcmp(state, "on") != 0 && strcmp(state, "off") != 0))
        hmp_error(h, "trace-event: wants a pattern, and on or off");
    else if (log_trace(pattern, strcmp(state, "on") == 0))
        hmp_error(h, "too many patterns, or too long ones");
}

static void info_trace_events(struct hmp *h, const char *arg)
{
    char want[128] = "*";

    hmp_word(&arg, want, sizeof(want));
    for (unsigned i = 0; dev_classes[i]; i++)
        for (unsigned k = 0; k < dev_classes[i]->nblocks; k++)
            for (unsigned r = 0; r < dev_classes[i]->blocks[k].nregs; r++) {
                char name[128];

                snprintf(name, sizeof(name), "%s.%s", dev_classes[i]->name,
                         dev_classes[i]->blocks[k].regs[r].name);
                if (strcmp(want, "*") == 0 || strstr(name, want))
                    hmp_say(h, "%s : state %d\n", name, log_traced(name));
            }
}

static void save(struct hmp *h, const char *arg, int cpu)
{
    char name[512], err[300];
    uint64_t addr, size;

    sm_lock(h->m->sm); /* registers in expressions */
    if (!hmp_number(h, &arg, &addr) || !hmp_number(h, &arg, &size)) {
        sm_unlock(h->m->sm);
        return;
    }
    sm_unlock(h->m->sm);
    if (!hmp_word(&arg, name, sizeof(name)))
        hmp_error(h, "wants a file");
    else if (machine_memory_save(h->m, cpu, addr, size, name, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void do_memsave(struct hmp *h, const char *arg)
{
    save(h, arg, (int)h->cpu);
}

static void do_pmemsave(struct hmp *h, const char *arg)
{
    save(h, arg, -1);
}

static void do_dump(struct hmp *h, const char *arg)
{
    char name[512], err[300];

    if (!hmp_word(&arg, name, sizeof(name)))
        hmp_error(h, "dump-guest-memory: wants a file");
    else if (*name == '-')
        hmp_error(h, "%s: only an ELF core of all of physical memory", name);
    else if (machine_dump(h->m, name, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void do_nmi(struct hmp *h, const char *arg)
{
    (void)arg;
    hmp_error(h, "machine does not provide NMIs");
}

/* gdbserver [DEVICE|none] */
static void do_gdbserver(struct hmp *h, const char *arg)
{
    char where[300] = "tcp::1234", err[300];

    hmp_word(&arg, where, sizeof(where));
    if (machine_gdb_start(h->m, strcmp(where, "none") ? where : NULL, err, sizeof(err)))
        hmp_error(h, "%s", err);
    else if (strcmp(where, "none") != 0)
        hmp_say(h, "Waiting for gdb connection on device '%s'\n", where);
    else
        hmp_say(h, "Disabled gdbserver\n");
}

const struct hmp_command hmp_log_commands[] = {
    {.name = "dump-guest-memory", .args = "FILE", .help = "an ELF core of physical memory", .run = do_dump,
     .free = true},
    {.name = "gdbserver", .args = "[DEVICE|none]", .help = "gdb may connect (tcp::1234)",
     .run = do_gdbserver, .free = true},
    {.name = "log", .args = "ITEM,...|none|help", .help = "what to log, as -d", .run = do_log},
    {.name = "logfile", .args = "FILE", .help = "log to this file", .run = do_logfile},
    {.name = "memsave", .args = "ADDRESS SIZE FILE", .help = "memory at a virtual address into a file",
     .run = do_memsave, .free = true},
    {.name = "nmi", .args = "", .help = "a non-maskable interrupt, where there is one", .run = do_nmi},
    {.name = "pmemsave", .args = "ADDRESS SIZE FILE", .help = "physical memory into a file",
     .run = do_pmemsave, .free = true},
    {.name = "trace-event", .args = "PATTERN on|off",
     .help = "log accesses to registers of devices, such as pl011.*", .run = do_trace_event},
    {0},
};

const struct hmp_command hmp_info_log[] = {
    {.name = "trace-events", .args = "[TEXT]", .help = "registers that can be traced, and which are",
     .run = info_trace_events},
    {0},
};
