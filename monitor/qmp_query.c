// SPDX-License-Identifier: MIT
/* monitor/qmp_query.c -- questions about the machine as a whole: status, processors, memory, boards. */
#include "monitor/qmp_impl.h"

#include "devices/bus/pci.h"

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
    const char *given = c->m->opt->uuid; /* the board has looked at it */
    char uuid[37] = "00000000-0000-0000-0000-000000000000";

    for (size_t i = 0; given && given[i] && i < sizeof(uuid) - 1; i++)
        uuid[i] = given[i] >= 'A' && given[i] <= 'F' ? (char)(given[i] - 'A' + 'a') : given[i];
    qmp_put_string(object(c), "UUID", uuid);
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

static struct json_object *pci_bars(const struct pci_device *p)
{
    struct json_object *list = json_object_new_array();

    for (unsigned i = 0; i < PCI_BARS; i++) {
        const struct pci_bar *b = &p->bar[i];
        struct json_object *o;

        if (!b->region)
            continue;
        o = element(list);
        qmp_put_int(o, "bar", i);
        qmp_put_string(o, "type", b->kind == PCI_BAR_IO ? "io" : "memory");
        qmp_put_int(o, "address", b->mapped ? (int64_t)b->at : -1);
        qmp_put_int(o, "size", (int64_t)mem_region_size(b->region));
        if (b->kind == PCI_BAR_IO)
            continue;
        qmp_put_bool(o, "prefetch", b->kind == PCI_BAR_MEM64_PREFETCH);
        qmp_put_bool(o, "mem_type_64", b->kind != PCI_BAR_MEM32);
    }
    return list;
}

static void add_function(struct json_object *list, const struct pci_device *p)
{
    struct json_object *o = element(list), *class = json_object_new_object(),
                       *id = json_object_new_object();

    qmp_put_int(o, "bus", 0);
    qmp_put_int(o, "slot", p->devfn >> 3);
    qmp_put_int(o, "function", p->devfn & 7);
    qmp_put_int(class, "class", p->config[PCI_CLASS + 2] << 8 | p->config[PCI_CLASS + 1]);
    qmp_put(o, "class_info", class);
    qmp_put_int(id, "device", pci_get16(p, PCI_DEVICE));
    qmp_put_int(id, "vendor", pci_get16(p, PCI_VENDOR));
    qmp_put_int(id, "subsystem", pci_get16(p, PCI_SUBSYS));
    qmp_put_int(id, "subsystem-vendor", pci_get16(p, PCI_SUBSYS_VENDOR));
    qmp_put(o, "id", id);
    if (p->config[PCI_INT_PIN])
        qmp_put_int(o, "irq", p->config[PCI_INT_LINE]);
    qmp_put_int(o, "irq_pin", p->config[PCI_INT_PIN]);
    qmp_put_string(o, "qdev_id", p->dev.id ? p->dev.id : "");
    qmp_put(o, "regions", pci_bars(p));
}

static void query_pci(struct qmp_call *c)
{
    empty_list(c);
    sm_lock(c->m->sm);
    for (unsigned i = 0; i < c->m->ndevices; i++) {
        struct json_object *bus, *devices;

        if (c->m->devices[i]->class != &pci_host_class)
            continue;
        bus = element(c->result);
        devices = json_object_new_array();
        qmp_put_int(bus, "bus", 0);
        qmp_put(bus, "devices", devices);
        for (unsigned f = 0; f < PCI_FUNCTIONS; f++) {
            const struct pci_device *p = pci_function(c->m->devices[i], f);

            if (p)
                add_function(devices, p);
        }
    }
    sm_unlock(c->m->sm);
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
    {"query-pci", "", query_pci, false},
    {"query-status", "", query_status, false},
    {"query-target", "", query_target, false},
    {"query-uuid", "", query_uuid, false},
    {0},
};
