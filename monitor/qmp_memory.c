// SPDX-License-Identifier: MIT
/* monitor/qmp_memory.c -- memory of the machine into files. */
#include "monitor/qmp_impl.h"

#include <string.h>

static void save(struct qmp_call *c, int cpu)
{
    char err[300];

    if (machine_memory_save(c->m, cpu, (uint64_t)qmp_int(c, "val", 0), (uint64_t)qmp_int(c, "size", 0),
                            qmp_string(c, "filename"), err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void memsave(struct qmp_call *c)
{
    int64_t cpu = qmp_int(c, "cpu-index", 0);

    if (cpu < 0 || cpu >= c->m->ncpus)
        qmp_fail(c, "Parameter 'cpu-index' expects a CPU number");
    else
        save(c, (int)cpu);
}

static void pmemsave(struct qmp_call *c)
{
    save(c, -1);
}

static void dump_guest_memory(struct qmp_call *c)
{
    const char *protocol = qmp_string(c, "protocol");
    char err[300];

    if (strncmp(protocol, "file:", 5) != 0)
        qmp_fail(c, "Parameter 'protocol' expects file:NAME here");
    else if (qmp_bool(c, "paging", false) || qmp_has(c, "begin") || qmp_has(c, "length"))
        qmp_fail(c, "only all of physical memory can be dumped: no paging, begin and length");
    else if (machine_dump(c->m, protocol + 5, err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void query_dump_capability(struct qmp_call *c)
{
    struct json_object *list = json_object_new_array();

    json_object_array_add(list, json_object_new_string("elf"));
    c->result = json_object_new_object();
    qmp_put(c->result, "formats", list);
}

static void inject_nmi(struct qmp_call *c)
{
    qmp_fail(c, "machine does not provide NMIs");
}

const struct qmp_command qmp_memory_commands[] = {
    {"dump-guest-memory",
     "paging:b protocol:s detach:b? begin:i? length:i? format:eDumpGuestMemoryFormat?",
     dump_guest_memory, false},
    {"inject-nmi", "", inject_nmi, false},
    {"memsave", "val:i size:u filename:s cpu-index:i?", memsave, false},
    {"pmemsave", "val:i size:u filename:s", pmemsave, false},
    {"query-dump-guest-memory-capability", "", query_dump_capability, false},
    {0},
};
