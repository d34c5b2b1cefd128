// SPDX-License-Identifier: MIT
/* monitor/hmp_info.c -- subjects of info that are about the machine as a whole. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "monitor/hmp_impl.h"

#include <inttypes.h>
#include <string.h>

static void info_status(struct hmp *h, const char *arg)
{
    enum machine_state s = machine_state(h->m);

    (void)arg;
    hmp_say(h, "VM status: %s", s == MACHINE_STATE_RUNNING ? "running" : "paused");
    if (s != MACHINE_STATE_RUNNING && s != MACHINE_STATE_PAUSED)
        hmp_say(h, " (%s)", machine_state_name(s));
    hmp_say(h, "\n");
}

static void info_version(struct hmp *h, const char *arg)
{
    (void)arg;
    hmp_say(h, "moa " PACKAGE_VERSION "\n");
}

static void info_name(struct hmp *h, const char *arg)
{
    (void)arg;
    if (h->m->opt->name)
        hmp_say(h, "%s\n", h->m->opt->name);
}

static void info_chardev(struct hmp *h, const char *arg)
{
    (void)arg;
    for (unsigned i = 0; i < h->m->nchars; i++) {
        const char *where = host_char_where(h->m->chars[i].c);

        hmp_say(h, "%s%s%s\n", h->m->chars[i].id, where ? ": filename=" : "", where ? where : "");
    }
}

static void info_roms(struct hmp *h, const char *arg)
{
    (void)arg;
    for (unsigned i = 0; i < h->m->nblobs; i++)
        hmp_say(h, "addr=%016" PRIx64 " size=0x%06zx mem=ram name=\"%s\"\n", h->m->blobs[i].addr,
                h->m->blobs[i].len, h->m->blobs[i].name);
}

const struct hmp_command hmp_info_machine[] = {
    {.name = "chardev", .args = "", .help = "character devices", .run = info_chardev},
    {.name = "name", .args = "", .help = "the machine's name", .run = info_name},
    {.name = "roms", .args = "", .help = "what is put into memory at each reset", .run = info_roms},
    {.name = "status", .args = "", .help = "does the machine run?", .run = info_status},
    {.name = "version", .args = "", .help = "of moa", .run = info_version},
    {0},
};
