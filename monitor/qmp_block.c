// SPDX-License-Identifier: MIT
/* monitor/qmp_block.c -- QMP about disks: their nodes and how much was moved (query-block: qmp_state.c). Disks are named as -drive's
 * id or -blockdev's node-name. */
#include "monitor/qmp_impl.h"

static struct json_object *inserted(const struct machine_drive_info *d)
{
    struct json_object *o = json_object_new_object(), *image = json_object_new_object();
    struct json_object *cache = json_object_new_object();

    qmp_put_string(image, "filename", d->file);
    qmp_put_string(image, "format", d->format);
    qmp_put_int(image, "virtual-size", (int64_t)d->size);
    if (d->backing)
        qmp_put_string(image, "backing-filename", d->backing);
    qmp_put_bool(cache, "writeback", !d->write_through);
    qmp_put_bool(cache, "direct", d->direct);
    qmp_put_bool(cache, "no-flush", d->no_flush);
    qmp_put_string(o, "file", d->file);
    qmp_put_string(o, "node-name", d->id);
    qmp_put_bool(o, "ro", d->read_only);
    qmp_put_string(o, "drv", d->format);
    if (d->backing)
        qmp_put_string(o, "backing_file", d->backing);
    qmp_put_int(o, "backing_file_depth", d->depth);
    qmp_put_bool(o, "encrypted", false);
    qmp_put_int(o, "bps", (int64_t)d->limits.bps);
    qmp_put_int(o, "bps_rd", (int64_t)d->limits.bps_read);
    qmp_put_int(o, "bps_wr", (int64_t)d->limits.bps_write);
    qmp_put_int(o, "iops", (int64_t)d->limits.iops);
    qmp_put_int(o, "iops_rd", (int64_t)d->limits.iops_read);
    qmp_put_int(o, "iops_wr", (int64_t)d->limits.iops_write);
    qmp_put_string(o, "detect_zeroes", d->detect_zeroes);
    qmp_put_int(o, "write_threshold", 0);
    qmp_put(o, "image", image);
    qmp_put(o, "cache", cache);
    return o;
}

static void query_named_block_nodes(struct qmp_call *c)
{
    struct machine_drive_info d;

    c->result = json_object_new_array();
    for (unsigned i = 0; machine_drive_at(c->m, i, &d); i++)
        json_object_array_add(c->result, inserted(&d));
}

static void query_blockstats(struct qmp_call *c)
{
    struct machine_drive_info d;

    c->result = json_object_new_array();
    for (unsigned i = 0; machine_drive_at(c->m, i, &d); i++) {
        struct json_object *o = json_object_new_object(), *s = json_object_new_object();

        qmp_put_int(s, "rd_bytes", (int64_t)d.stats.read_bytes);
        qmp_put_int(s, "wr_bytes", (int64_t)d.stats.written_bytes);
        qmp_put_int(s, "rd_operations", (int64_t)d.stats.reads);
        qmp_put_int(s, "wr_operations", (int64_t)(d.stats.writes + d.stats.zeroes));
        qmp_put_int(s, "flush_operations", (int64_t)d.stats.flushes);
        qmp_put_int(s, "unmap_operations", (int64_t)d.stats.discards);
        qmp_put_bool(s, "account_failed", true);
        if (!d.node)
            qmp_put_string(o, "device", d.id);
        qmp_put_string(o, "node-name", d.id);
        qmp_put(o, "stats", s);
        json_object_array_add(c->result, o);
    }
}

const struct qmp_command qmp_block_commands[] = {
    {"query-blockstats", "query-nodes:b?", query_blockstats, false},
    {"query-named-block-nodes", "flat:b?", query_named_block_nodes, false},
    {0},
};
