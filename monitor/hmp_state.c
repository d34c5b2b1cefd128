// SPDX-License-Identifier: MIT
/* monitor/hmp_state.c -- commands that save and restore the machine: savevm, loadvm, delvm, migrate and
 * what they show. migrate without -d keeps the monitor waiting until it has ended, while the machine
 * runs on; from QMP's human-monitor-command it never waits. */
#include "machines/snapshot.h"
#include "monitor/hmp_impl.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

typedef int (*on_name)(struct machine *m, const char *name, char *err, size_t err_len);

static void with_name(struct hmp *h, const char *arg, on_name f)
{
    char name[300] = "", err[400];

    hmp_word(&arg, name, sizeof(name));
    if (!*name && f != machine_savevm)
        hmp_error(h, "wants a name (info snapshots)");
    else if (f(h->m, name, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void do_savevm(struct hmp *h, const char *arg)
{
    with_name(h, arg, machine_savevm);
}

static void do_loadvm(struct hmp *h, const char *arg)
{
    with_name(h, arg, machine_loadvm);
}

static void do_delvm(struct hmp *h, const char *arg)
{
    with_name(h, arg, machine_delvm);
}

/* ---- info snapshots ---- */

struct list {
    struct hmp *h;
    unsigned n;
    bool loadable;
};

static const char *size_text(uint64_t n, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)n;
    unsigned u = 0;

    while (v >= 1000 && u + 1 < ARRAY_LEN(units)) {
        v /= 1024;
        u++;
    }
    snprintf(text, 32, "%.3g %s", v, units[u]);
    return text;
}

static void show(void *to, const struct machine_snapshot *s)
{
    struct list *l = to;
    uint64_t sec = s->vm_clock_nsec / 1000000000;
    time_t date = s->date_sec;
    char size[32], when[32] = "", clock[32], count[24] = "";
    struct tm tm;

    if (s->loadable != l->loadable)
        return;
    if (!l->n++) {
        hmp_say(l->h, l->loadable ? "List of snapshots present on all disks:\n"
                                  : "List of partial (non-loadable) snapshots:\n");
        hmp_say(l->h, "%-10s%-17s%8s%20s%13s%11s\n", "ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT");
    }
    if (localtime_r(&date, &tm))
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(clock, sizeof(clock), "%02" PRIu64 ":%02u:%02u.%03u", sec / 3600, (unsigned)(sec / 60 % 60),
             (unsigned)(sec % 60), (unsigned)(s->vm_clock_nsec / 1000000 % 1000));
    if (s->icount != UINT64_MAX)
        snprintf(count, sizeof(count), "%" PRIu64, s->icount);
    hmp_say(l->h, "%-9s %-16s %8s%20s%13s%11s\n", l->loadable ? "--" : s->id, s->name,
            size_text(s->vm_state_size, size), when, clock, count);
}

static void info_snapshots(struct hmp *h, const char *arg)
{
    struct list all = {h, 0, true}, some = {h, 0, false};
    char err[400];

    (void)arg;
    if (machine_snapshot_list(h->m, show, &all, err, sizeof(err)) ||
        machine_snapshot_list(h->m, show, &some, err, sizeof(err)))
        hmp_error(h, "%s", err);
    else if (!all.n && !some.n)
        hmp_say(h, "There is no snapshot available.\n");
}

static void offer(void *h, const struct machine_snapshot *s)
{
    hmp_offer(h, s->name);
}

/* Called with the lock and between commands, so the lock is let go for a moment. */
static void complete_name(struct hmp *h, unsigned n)
{
    char err[400];

    if (n)
        return;
    sm_unlock(h->m->sm);
    machine_snapshot_list(h->m, offer, h, err, sizeof(err));
    sm_lock(h->m->sm);
}

/* ---- migration ---- */

static bool at_work(struct hmp *h)
{
    struct machine_migrate_status s;

    machine_migrate_status(h->m, &s);
    if (s.state == MIGRATE_SETUP || s.state == MIGRATE_ACTIVE)
        return true;
    if (s.state == MIGRATE_FAILED)
        hmp_error(h, "%s", s.error);
    return false;
}

static void do_migrate(struct hmp *h, const char *arg)
{
    bool detach = false;
    char err[400];

    while (*arg == '-') { /* -b, -i, -r are of other ways to move disks */
        if (strncmp(arg, "-d ", 3) != 0) {
            hmp_error(h, "migrate has no option %.*s", (int)strcspn(arg, " "), arg);
            return;
        }
        detach = true;
        arg += strspn(arg, "-d ");
    }
    if (!*arg)
        hmp_error(h, "wants file:PATH, exec:COMMAND, tcp:HOST:PORT or unix:PATH");
    else if (machine_migrate(h->m, arg, err, sizeof(err)))
        hmp_error(h, "%s", err);
    else if (!detach)
        h->waits = at_work;
}

static void do_cancel(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_migrate_cancel(h->m);
}

static void do_incoming(struct hmp *h, const char *arg)
{
    char err[400];

    if (machine_incoming(h->m, arg, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void info_migrate(struct hmp *h, const char *arg)
{
    struct machine_migrate_status s;

    (void)arg;
    machine_migrate_status(h->m, &s);
    if (s.state == MIGRATE_NONE)
        return;
    hmp_say(h, "Migration status: %s%s%s\n", s.name, *s.error ? ": " : "", s.error);
    hmp_say(h, "total time: %" PRIu64 " ms\n", s.total_ms);
    if (s.down_ms)
        hmp_say(h, "downtime: %" PRIu64 " ms\n", s.down_ms);
    hmp_say(h, "transferred ram: %" PRIu64 " kbytes\nremaining ram: %" PRIu64 " kbytes\ntotal ram: %" PRIu64
               " kbytes\n", s.ram_sent >> 10, s.ram_left >> 10, s.ram_total >> 10);
    hmp_say(h, "duplicate: %" PRIu64 " pages\nnormal: %" PRIu64 " pages\nrounds: %" PRIu64 "\n", s.pages_zero,
            s.pages_data, s.rounds);
}

const struct hmp_command hmp_state_commands[] = {
    {.name = "delvm", .args = "NAME", .help = "delete a snapshot", .run = do_delvm,
     .complete = complete_name, .free = true},
    {.name = "loadvm", .args = "NAME", .help = "make the machine what it was in a snapshot",
     .run = do_loadvm, .complete = complete_name, .free = true},
    {.name = "migrate", .args = "[-d] URI", .help = "send the machine to file:, exec:, tcp:, unix: (-d: do not wait)",
     .run = do_migrate, .free = true},
    {.name = "migrate_cancel", .args = "", .help = "stop sending the machine", .run = do_cancel, .free = true},
    {.name = "migrate_incoming", .args = "URI", .help = "receive a machine, after -incoming defer",
     .run = do_incoming, .free = true},
    {.name = "savevm", .args = "[NAME]", .help = "save machine and disks as a snapshot in their qcow2 images",
     .run = do_savevm, .complete = complete_name, .free = true},
    {0},
};

const struct hmp_command hmp_info_state[] = {
    {.name = "migrate", .args = "", .help = "how sending the machine goes", .run = info_migrate, .free = true},
    {.name = "snapshots", .args = "", .help = "snapshots in the drives' images", .run = info_snapshots, .free = true},
    {0},
};
