// SPDX-License-Identifier: MIT
/* monitor/hmp_cpu.c -- processors: which one the monitor looks at, its registers, counters of the
 * translator. */
#include "monitor/hmp_impl.h"

#include "tcg/ir.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void do_cpu(struct hmp *h, const char *arg)
{
    char *end;
    unsigned long n = strtoul(arg, &end, 0);

    if (end == arg || *end || n >= h->m->ncpus)
        hmp_error(h, "invalid CPU index");
    else
        h->cpu = (unsigned)n;
}

static void print_registers(struct hmp *h, unsigned n)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    struct tcg_vcpu *v = sm_vcpu(h->m->sm, n);

    if (!f)
        return;
    fprintf(f, "CPU#%u\n", n);
    v->guest->dump(v, f);
    fclose(f);
    hmp_put(h, text, len);
    free(text);
}

static void info_registers(struct hmp *h, const char *arg)
{
    bool all = strcmp(arg, "-a") == 0;

    for (unsigned i = 0; i < h->m->ncpus; i++)
        if (all || i == h->cpu)
            print_registers(h, i);
}

static void info_cpus(struct hmp *h, const char *arg)
{
    static const char *const power[] = {"", " (off)", " (starting)"};

    (void)arg;
    for (unsigned i = 0; i < h->m->ncpus; i++)
        hmp_say(h, "%c CPU #%u: thread_id=%d%s\n", i == h->cpu ? '*' : ' ', i,
                sm_thread_id(h->m->sm, i), power[sm_power_state(h->m->sm, i)]);
}

static void print_stats(struct hmp *h, FILE *f)
{
    sm_stats(h->m->sm, f);
}

static void info_jit(struct hmp *h, const char *arg)
{
    (void)arg;
    hmp_stream(h, print_stats);
}

const struct hmp_command hmp_cpu_commands[] = {
    {.name = "cpu", .args = "N", .help = "registers and memory are those of processor N", .run = do_cpu},
    {0},
};

const struct hmp_command hmp_info_cpu[] = {
    {.name = "cpus", .args = "", .help = "processors", .run = info_cpus},
    {.name = "jit", .args = "", .help = "counters of the translator", .run = info_jit},
    {.name = "registers", .args = "[-a]", .help = "registers of the current processor, or of all",
     .run = info_registers},
    {0},
};
