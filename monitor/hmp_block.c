// SPDX-License-Identifier: MIT
/* monitor/hmp_block.c -- the human monitor about disks. */
#include "monitor/hmp_impl.h"

#include <inttypes.h>

static void info_block(struct hmp *h, const char *arg)
{
    struct machine_drive_info d;

    (void)arg;
    for (unsigned i = 0; machine_drive_at(h->m, i, &d); i++) {
        hmp_say(h, "%s: %s (%s%s)\n", d.id, d.file, d.format, d.read_only ? ", read-only" : "");
        hmp_say(h, "    Size:             %" PRIu64 " bytes\n", d.size);
        hmp_say(h, "    Cache mode:       %s%s%s\n", d.write_through ? "writethrough" : "writeback",
                d.direct ? ", direct" : "", d.no_flush ? ", ignore flushes" : "");
        if (d.backing)
            hmp_say(h, "    Backing file:     %s (chain depth: %u)\n", d.backing, d.depth);
        if (d.failed)
            hmp_say(h, "    I/O status:       %s\n", d.nospace ? "nospace" : "failed");
        if (!d.used)
            hmp_say(h, "    [not inserted in a device]\n");
    }
}

static void info_blockstats(struct hmp *h, const char *arg)
{
    struct machine_drive_info d;

    (void)arg;
    for (unsigned i = 0; machine_drive_at(h->m, i, &d); i++)
        hmp_say(h,
                "%s: rd_bytes=%" PRIu64 " wr_bytes=%" PRIu64 " rd_operations=%" PRIu64
                " wr_operations=%" PRIu64 " flush_operations=%" PRIu64 " unmap_operations=%" PRIu64
                " failed_operations=%" PRIu64 "\n",
                d.id, d.stats.read_bytes, d.stats.written_bytes, d.stats.reads,
                d.stats.writes + d.stats.zeroes, d.stats.flushes, d.stats.discards, d.stats.errors);
}

const struct hmp_command hmp_info_block[] = {
    {.name = "block", .args = "", .help = "disks of the machine", .run = info_block},
    {.name = "blockstats", .args = "", .help = "what disks have moved", .run = info_blockstats},
    {0},
};
