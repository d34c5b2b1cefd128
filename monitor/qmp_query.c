// SPDX-License-Identifier: MIT
/* monitor/qmp_query.c -- questions about the machine as a whole: status, processors, memory, boards. */
#include "monitor/qmp_impl.h"

#include <stdio.h>
#include <string.h>

static struct json_object *object(struct qmp_call *c)
{
    return c->result = json_object_new_object();
}

static struct json_object *element(struct json_object *list)
{
    struct json_object *o = json_object_new_object();

    json_object_array_add(list, o);
    return o;
}

static void empty_list(struct qmp_call *c)
{
    c->result = json_object_new_array();
}

static void query_status(struct qmp_call *c)
{
    enum machine_state s = machine_state(c->m);
    struct json_object *o = object(c);

    qmp_put_bool(o, "running", s == MACHINE_STATE_RUNNING);
    qmp_put_bool(o, "singlestep", c->m->opt->engine.one_insn);
    qmp_put_string(o, "status", machine_state_name(s));
}

static void query_name(struct qmp_call *c)
{
    object(c);
    if (c->m->opt->name)
        qmp_put_string(c->result, "name", c->m->opt->name);
}

static void query_uuid(struct qmp_call *c)
{
    qmp_put_string(object(c), "UUID", "00000000-0000-0000-0000-000000000000");
}

static void query_kvm(struct qmp_call *c)
{
    object(c);
    qmp_put_bool(c->result, "enabled", false);
    qmp_put_bool(c->result, "present", false);
}

static void query_target(struct qmp_call *c)
{
    qmp_put_string(object(c), "arch", c->m->fe->name);
}

/* "cortex-a57-arm-cpu": the type's name in QOM. */
static void cpu_type(struct qmp_call *c, const char *model, size_t n, char *buf, size_t len)
{
    const char *arch = c->m->fe->elf_machine == 183 ? "arm" : c->m->fe->name;

    snprintf(buf, len, "%.*s-%s-cpu", (int)n, model, arch);
}

static void query_machines(struct qmp_call *c)
{
    empty_list(c);
    for (unsigned i = 0; boards[i]; i++) {
        const struct board *b = boards[i];
        struct json_object *o;
        char type[80];

        if (strcmp(b->guest, c->m->fe->name) != 0)
            continue;
        o = element(c->result);
        cpu_type(c, b->dflt_cpu, strlen(b->dflt_cpu), type, sizeof(type));
        qmp_put_string(o, "name", b->name);
        if (b->alias)
            qmp_put_string(o, "alias", b->alias);
        qmp_put_int(o, "cpu-max", b->max_cpus);
        qmp_put_bool(o, "hotpluggable-cpus", false);
        qmp_put_bool(o, "numa-mem-supported", false);
        qmp_put_bool(o, "deprecated", false);
        qmp_put_string(o, "default-cpu-type", type);
        qmp_put_string(o, "default-ram-id", "mach-virt.ram");
    }
}

static void query_current_machine(struct qmp_call *c)
{
    qmp_put_bool(object(c), "wakeup-suspend-support", false);
}

static void query_cpu_definitions(struct qmp_call *c)
{
    empty_list(c);
    for (const struct fe_cpu_model *model = c->m->fe->models; model->name; model++) {
        struct json_object *o = element(c->result);
        char type[80];

        cpu_type(c, model->name, strlen(model->name), type, sizeof(type));
        qmp_put_string(o, "name", model->name);
        qmp_put_string(o, "typename", type);
        qmp_put(o, "unavailable-features", json_object_new_array());
        qmp_put_bool(o, "migration-safe", true);
        qmp_put_bool(o, "static", false);
        qmp_put_bool(o, "deprecated", false);
    }
}

static struct json_object *cpu_place(unsigned n)
{
    struct json_object *p = json_object_new_object();

    qmp_put_int(p, "socket-id", 0);
    qmp_put_int(p, "cluster-id", 0);
    qmp_put_int(p, "core-id", n);
    qmp_put_int(p, "thread-id", 0);
    return p;
}

static void query_cpus_fast(struct qmp_call *c)
{
    empty_list(c);
    for (unsigned i = 0; i < c->m->ncpus; i++) {
        struct json_object *o = element(c->result);
        char path[60];

        snprintf(path, sizeof(path), "/machine/unattached/cpu[%u]", i);
        qmp_put_int(o, "thread-id", sm_thread_id(c->m->sm, i));
        qmp_put(o, "props", cpu_place(i));
        qmp_put_string(o, "qom-path", path);
        qmp_put_int(o, "cpu-index", i);
        qmp_put_string(o, "target", c->m->fe->name);
    }
}

static void query_hotpluggable_cpus(struct qmp_call *c)
{
    const char *model = c->m->opt->cpu ? c->m->opt->cpu : c->m->board->dflt_cpu;

    empty_list(c);
    for (unsigned i = 0; i < c->m->ncpus; i++) {
        struct json_object *o = element(c->result);
        char text[80];

        qmp_put(o, "props", cpu_place(i));
        qmp_put_int(o, "vcpus-count", 1);
        snprintf(text, sizeof(text), "/machine/unattached/cpu[%u]", i);
        qmp_put_string(o, "qom-path", text);
        cpu_type(c, model, strcspn(model, ","), text, sizeof(text));
        qmp_put_string(o, "type", text);
    }
}

static void query_memory_size_summary(struct qmp_call *c)
{
    qmp_put_int(object(c), "base-memory", (int64_t)c->m->ram_size);
    qmp_put_int(c->result, "plugged-memory", 0);
}

static void query_gic_capabilities(struct qmp_call *c)
{
    empty_list(c);
    for (int version = 3; version >= 2; version--) {
        struct json_object *o = element(c->result);

        qmp_put_int(o, "version", version);
        qmp_put_bool(o, "emulated", true);
        qmp_put_bool(o, "kernel", false);
    }
}

static void query_iothreads(struct qmp_call *c)
{
    empty_list(c);
}

static void query_memory_devices(struct qmp_call *c)
{
    empty_list(c);
}

const struct qmp_command qmp_query_commands[] = {
    {"query-cpu-definitions", "", query_cpu_definitions, false},
    {"query-cpus-fast", "", query_cpus_fast, false},
    {"query-current-machine", "", query_current_machine, false},
    {"query-gic-capabilities", "", query_gic_capabilities, false},
    {"query-hotpluggable-cpus", "", query_hotpluggable_cpus, false},
    {"query-iothreads", "", query_iothreads, false},
    {"query-kvm", "", query_kvm, false},
    {"query-machines", "", query_machines, false},
    {"query-memory-devices", "", query_memory_devices, false},
    {"query-memory-size-summary", "", query_memory_size_summary, false},
    {"query-name", "", query_name, false},
    {"query-status", "", query_status, false},
    {"query-target", "", query_target, false},
    {"query-uuid", "", query_uuid, false},
    {0},
};
