// SPDX-License-Identifier: MIT
/* monitor/qmp_state.c -- snapshots of the machine, as jobs, and sending it elsewhere. The memory's state
 * is kept in the first writable image; all writable images belong to a snapshot. */
#include "monitor/qmp_impl.h"

#include "machines/jobs.h"
#include "machines/snapshot.h"

#include "host/block/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- jobs ---- */

static void run_save(struct machine *m, struct machine_job *j)
{
    machine_savevm(m, j->opaque, j->error, sizeof(j->error));
}

/* A snapshot is loaded into a machine that stands, and it stays so (cont follows). */
static void run_load(struct machine *m, struct machine_job *j)
{
    machine_loadvm(m, j->opaque, j->error, sizeof(j->error));
}

static void run_delete(struct machine *m, struct machine_job *j)
{
    machine_delvm(m, j->opaque, j->error, sizeof(j->error));
}

static bool known_disk(struct machine *m, const char *id, bool *first)
{
    struct machine_disk d;
    bool writable_before = false;

    for (unsigned i = 0; machine_disk_at(m, i, &d); i++) {
        if (strcmp(d.id, id) == 0) {
            *first = !writable_before && !d.read_only;
            return true;
        }
        writable_before |= !d.read_only;
    }
    return false;
}

static bool listed(struct json_object *list, const char *id)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *o = json_object_array_get_idx(list, i);

        if (json_object_get_type(o) == json_type_string && strcmp(json_object_get_string(o), id) == 0)
            return true;
    }
    return false;
}

/* Do the arguments name the disks that a snapshot here consists of? */
static bool check_disks(struct qmp_call *c, const char *vmstate)
{
    struct json_object *list = qmp_value(c, "devices");
    struct machine_disk d;
    bool first;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const char *id = json_object_get_string(json_object_array_get_idx(list, i));

        if (!id || !known_disk(c->m, id, &first)) {
            qmp_fail(c, "No block device node '%.100s'", id ? id : "");
            return false;
        }
    }
    if (vmstate && !known_disk(c->m, vmstate, &first)) {
        qmp_fail(c, "No block device node '%.100s'", vmstate);
        return false;
    }
    if (vmstate && !first) {
        qmp_fail(c, "vmstate: '%.100s' is not the first writable disk, which keeps it", vmstate);
        return false;
    }
    for (unsigned i = 0; machine_disk_at(c->m, i, &d); i++)
        if (!d.read_only && !listed(list, d.id)) {
            qmp_fail(c, "devices: all writable disks belong to a snapshot, '%.100s' too", d.id);
            return false;
        }
    return true;
}

static void start(struct qmp_call *c, const char *type,
                  void (*run)(struct machine *m, struct machine_job *j), const char *vmstate)
{
    char err[300] = "out of memory";

    if (check_disks(c, vmstate) &&
        !machine_job_new(c->m, qmp_string(c, "job-id"), type, run, strdup(qmp_string(c, "tag")), err,
                         sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void snapshot_save(struct qmp_call *c)
{
    start(c, "snapshot-save", run_save, qmp_string(c, "vmstate"));
}

static void snapshot_load(struct qmp_call *c)
{
    start(c, "snapshot-load", run_load, qmp_string(c, "vmstate"));
}

static void snapshot_delete(struct qmp_call *c)
{
    start(c, "snapshot-delete", run_delete, NULL);
}

static void query_jobs(struct qmp_call *c)
{
    c->result = json_object_new_array();
    for (struct machine_job *j = machine_job(c->m, NULL); j; j = j->next) {
        struct json_object *o = json_object_new_object();
        bool over = strcmp(j->status, "concluded") == 0;

        qmp_put_string(o, "id", j->id);
        qmp_put_string(o, "type", j->type);
        qmp_put_string(o, "status", j->status);
        qmp_put_int(o, "current-progress", over);
        qmp_put_int(o, "total-progress", 1);
        if (*j->error)
            qmp_put_string(o, "error", j->error);
        json_object_array_add(c->result, o);
    }
}

static void job_dismiss(struct qmp_call *c)
{
    char err[300];

    if (machine_job_dismiss(c->m, qmp_string(c, "id"), err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void query_block_jobs(struct qmp_call *c)
{
    c->result = json_object_new_array();
}

/* ---- migration ---- */

static void migrate(struct qmp_call *c)
{
    char err[300];

    if (qmp_bool(c, "blk", false) || qmp_bool(c, "inc", false) || qmp_bool(c, "resume", false))
        qmp_fail(c, "disks are not copied, and a migration cannot be resumed");
    else if (machine_migrate(c->m, qmp_string(c, "uri"), err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void migrate_cancel(struct qmp_call *c)
{
    machine_migrate_cancel(c->m);
}

static void migrate_incoming(struct qmp_call *c)
{
    char err[300];

    if (machine_incoming(c->m, qmp_string(c, "uri"), err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void query_migrate(struct qmp_call *c)
{
    struct machine_migrate_status s;
    struct json_object *ram;

    machine_migrate_status(c->m, &s);
    c->result = json_object_new_object();
    if (s.state == MIGRATE_NONE)
        return;
    qmp_put_string(c->result, "status", s.name);
    if (s.state == MIGRATE_FAILED)
        qmp_put_string(c->result, "error-desc", s.error);
    qmp_put_int(c->result, "total-time", (int64_t)s.total_ms);
    if (s.state == MIGRATE_COMPLETED)
        qmp_put_int(c->result, "downtime", (int64_t)s.down_ms);
    ram = json_object_new_object();
    qmp_put_int(ram, "transferred", (int64_t)s.total_sent);
    qmp_put_int(ram, "remaining", (int64_t)s.ram_left);
    qmp_put_int(ram, "total", (int64_t)s.ram_total);
    qmp_put_int(ram, "duplicate", (int64_t)s.pages_zero);
    qmp_put_int(ram, "normal", (int64_t)s.pages_data);
    qmp_put_int(ram, "normal-bytes", (int64_t)s.pages_data * 4096);
    qmp_put_int(ram, "page-size", 4096);
    qmp_put_int(ram, "dirty-sync-count", (int64_t)s.rounds);
    qmp_put(c->result, "ram", ram);
}

static void query_migrate_parameters(struct qmp_call *c)
{
    c->result = json_object_new_object();
    qmp_put_int(c->result, "downtime-limit", (int64_t)machine_migrate_downtime(c->m, 0));
}

static void migrate_set_parameters(struct qmp_call *c)
{
    int64_t ms = qmp_int(c, "downtime-limit", 300);

    if (ms < 1 || ms > 2000000)
        qmp_fail(c, "Parameter 'downtime-limit' expects an integer in the range of 1 to 2000000 milliseconds");
    else
        machine_migrate_downtime(c->m, (uint64_t)ms);
}

/* ---- disks ---- */

static struct json_object *image_info(const struct machine_disk *d)
{
    struct json_object *o = json_object_new_object();

    qmp_put_string(o, "filename", d->image->name);
    qmp_put_string(o, "format", d->image->format->name);
    qmp_put_int(o, "virtual-size", (int64_t)d->image->size);
    if (d->image->backing_file)
        qmp_put_string(o, "backing-filename", d->image->backing_file);
    return o;
}

static struct json_object *node(const struct machine_disk *d)
{
    struct json_object *o = json_object_new_object(), *cache = json_object_new_object();
    static const char *const limits[] = {"bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"};

    qmp_put_string(o, "file", d->image->name);
    qmp_put_string(o, "node-name", d->id);
    qmp_put_bool(o, "ro", d->read_only);
    qmp_put_string(o, "drv", d->image->format->name);
    qmp_put_bool(o, "encrypted", false);
    qmp_put_int(o, "backing_file_depth", d->image->backing ? 1 : 0);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        qmp_put_int(o, limits[i], 0);
    qmp_put_bool(cache, "writeback", true);
    qmp_put_bool(cache, "direct", (d->image->flags & IMAGE_DIRECT) != 0);
    qmp_put_bool(cache, "no-flush", (d->image->flags & IMAGE_UNSAFE) != 0);
    qmp_put(o, "cache", cache);
    qmp_put_string(o, "detect_zeroes", "off");
    qmp_put_int(o, "write_threshold", 0);
    qmp_put(o, "image", image_info(d));
    return o;
}

static void query_block(struct qmp_call *c)
{
    struct machine_disk d;

    c->result = json_object_new_array();
    sm_lock(c->m->sm);
    for (unsigned i = 0; machine_disk_at(c->m, i, &d); i++) {
        struct json_object *o = json_object_new_object();

        qmp_put_string(o, "device", d.id);
        qmp_put_bool(o, "locked", false);
        qmp_put_bool(o, "removable", false);
        qmp_put_string(o, "type", "unknown");
        if (d.image)
            qmp_put(o, "inserted", node(&d));
        json_object_array_add(c->result, o);
    }
    sm_unlock(c->m->sm);
}

static void query_named_block_nodes(struct qmp_call *c)
{
    struct machine_disk d;

    c->result = json_object_new_array();
    sm_lock(c->m->sm);
    for (unsigned i = 0; machine_disk_at(c->m, i, &d); i++)
        if (d.image)
            json_object_array_add(c->result, node(&d));
    sm_unlock(c->m->sm);
}

const struct qmp_command qmp_state_commands[] = {
    {"job-dismiss", "id:s", job_dismiss, false},
    {"migrate", "uri:s blk:b? inc:b? detach:b? resume:b?", migrate, false},
    {"migrate-incoming", "uri:s", migrate_incoming, false},
    {"migrate-set-parameters", "downtime-limit:i?", migrate_set_parameters, false},
    {"migrate_cancel", "", migrate_cancel, false},
    {"query-block", "", query_block, false},
    {"query-block-jobs", "", query_block_jobs, false},
    {"query-jobs", "", query_jobs, false},
    {"query-migrate", "", query_migrate, false},
    {"query-migrate-parameters", "", query_migrate_parameters, false},
    {"query-named-block-nodes", "flat:b?", query_named_block_nodes, false},
    {"snapshot-delete", "job-id:s tag:s devices:a", snapshot_delete, false},
    {"snapshot-load", "job-id:s tag:s vmstate:s devices:a", snapshot_load, false},
    {"snapshot-save", "job-id:s tag:s vmstate:s devices:a", snapshot_save, false},
    {0},
};
