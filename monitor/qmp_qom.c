// SPDX-License-Identifier: MIT
/* monitor/qmp_qom.c -- devices as objects with paths and properties, as far as clients look at them:
 * /machine has the board's own under unattached (device[0], ...) and those of -device that have an id
 * under peripheral, others under peripheral-anon; a device that is inside of another is its child.
 * Properties cannot be changed. */
#include "monitor/qmp_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a device's place ---- */

/* Is it one of -device? Those have ids of their own, or deviceN. */
static bool plugged(const struct machine *m, const struct device *d)
{
    if (!d->parent || (d->parent->class->inner && d->parent->class->inner == d->class))
        return false;
    return m->nplugged > 0;
}

static bool anonymous(const struct device *d)
{
    return !d->id || (strncmp(d->id, "device", 6) == 0 && d->id[6] >= '0' && d->id[6] <= '9');
}

/* Calls see for each device of -device. */
static void each_plugged(struct machine *m, struct device *d, void (*see)(void *to, struct device *d),
                         void *to)
{
    for (struct device *c = d->children; c; c = c->sibling) {
        if (plugged(m, c))
            see(to, c);
        each_plugged(m, c, see, to);
    }
}

static void all_plugged(struct machine *m, void (*see)(void *to, struct device *d), void *to)
{
    for (unsigned i = 0; i < m->ndevices; i++)
        each_plugged(m, m->devices[i], see, to);
}

struct search {
    const char *name;
    unsigned n; /* counts the anonymous */
    bool anon;
    struct device *found;
};

static void match(void *to, struct device *d)
{
    struct search *s = to;
    char name[40];

    if (anonymous(d) != s->anon)
        return;
    snprintf(name, sizeof(name), "device[%u]", s->n++);
    if (strcmp(s->anon ? name : d->id, s->name) == 0)
        s->found = d;
}

/* The device that path names, or NULL; *folder: /machine or one of its folders. */
static struct device *find(struct machine *m, const char *path, const char **folder)
{
    static const char *const folders[] = {"/machine/unattached", "/machine/peripheral-anon",
                                          "/machine/peripheral", "/machine", "/"};
    struct search s = {.name = NULL};
    char *end = NULL;
    unsigned long n;

    *folder = NULL;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        size_t k = strlen(folders[i]);

        if (strcmp(path, folders[i]) == 0)
            *folder = folders[i];
        if (*folder || i > 2 || strncmp(path, folders[i], k) != 0 || path[k] != '/')
            continue;
        s = (struct search){.name = path + k + 1, .anon = i == 1};
        n = i == 0 && strncmp(s.name, "device[", 7) == 0 ? strtoul(s.name + 7, &end, 10) : ~0ul;
        if (n < m->ndevices && strcmp(end, "]") == 0)
            return m->devices[n];
        if (i > 0)
            all_plugged(m, match, &s);
        return s.found;
    }
    return NULL;
}

/* ---- commands ---- */

static void add_property(struct json_object *list, const char *name, const char *type)
{
    struct json_object *o = json_object_new_object();

    qmp_put_string(o, "name", name);
    qmp_put_string(o, "type", type);
    json_object_array_add(list, o);
}

static const char *prop_type(const struct dev_prop *p)
{
    static const char *const names[] = {"bool", "uint8", "uint16", "uint32", "uint64",
                                        "size", "str",   "enum",   "str",    "str"};

    return p->type < ARRAY_LEN(names) ? names[p->type] : "str";
}

static void add_child(struct json_object *list, const char *name, const char *type)
{
    char text[200];

    snprintf(text, sizeof(text), "child<%s>", type);
    add_property(list, name, text);
}

struct children {
    struct json_object *list;
    bool anon;
    unsigned n;
};

static void add_plugged(void *to, struct device *d)
{
    struct children *c = to;
    char name[40];

    if (anonymous(d) != c->anon)
        return;
    snprintf(name, sizeof(name), "device[%u]", c->n++);
    add_child(c->list, c->anon ? name : d->id, d->class->name);
}

static void list_folder(struct qmp_call *c, const char *folder)
{
    struct machine *m = c->m;
    char name[40];

    add_property(c->result, "type", "string");
    if (strcmp(folder, "/") == 0) {
        snprintf(name, sizeof(name), "%s-machine", m->board->name);
        add_child(c->result, "machine", name);
    } else if (strcmp(folder, "/machine") == 0) {
        add_child(c->result, "unattached", "container");
        add_child(c->result, "peripheral", "container");
        add_child(c->result, "peripheral-anon", "container");
    } else if (strcmp(folder, "/machine/unattached") == 0) {
        for (unsigned i = 0; i < m->ndevices; i++) {
            snprintf(name, sizeof(name), "device[%u]", i);
            add_child(c->result, name, m->devices[i]->class->name);
        }
    } else {
        struct children to = {.list = c->result, .anon = strcmp(folder, "/machine/peripheral") != 0};

        all_plugged(m, add_plugged, &to);
    }
}

static bool not_found(struct qmp_call *c, const char *path)
{
    qmp_fail_class(c, "DeviceNotFound", "Device '%.200s' not found", path);
    return false;
}

static void qom_list(struct qmp_call *c)
{
    const char *path = qmp_string(c, "path"), *folder;
    struct device *d = find(c->m, path, &folder);

    if (!d && !folder) {
        not_found(c, path);
        return;
    }
    c->result = json_object_new_array();
    if (folder) {
        list_folder(c, folder);
        return;
    }
    add_property(c->result, "type", "string");
    for (const struct device *e = d; e; e = e->class->inner ? e->children : NULL)
        for (unsigned i = 0; i < e->class->nprops; i++)
            add_property(c->result, e->class->props[i].name, prop_type(&e->class->props[i]));
}

/* Text of a property as a value. */
static struct json_object *value_of(const struct device *d, const struct dev_prop *p)
{
    char text[512];
    size_t n;

    dev_prop_text(d, p, text, sizeof(text));
    switch (p->type) {
    case DEV_BOOL: return json_object_new_boolean(strcmp(text, "on") == 0);
    case DEV_U8:
    case DEV_U16:
    case DEV_U32:
    case DEV_U64:
    case DEV_SIZE: return json_object_new_uint64(strtoull(text, NULL, 0));
    case DEV_STRING:
    case DEV_LINK: /* in quotes */
        n = strlen(text);
        return json_object_new_string_len(text + 1, n >= 2 ? (int)n - 2 : 0);
    default: return json_object_new_string(text);
    }
}

static void qom_get(struct qmp_call *c)
{
    const char *path = qmp_string(c, "path"), *name = qmp_string(c, "property"), *folder;
    struct device *d = find(c->m, path, &folder);
    char type[100];

    if (!d && !folder) {
        not_found(c, path);
        return;
    }
    if (strcmp(name, "type") == 0) {
        snprintf(type, sizeof(type), "%s-machine", c->m->board->name);
        c->result = json_object_new_string(d ? d->class->name : !strcmp(folder, "/machine") ? type : "container");
        return;
    }
    for (const struct device *e = d; e; e = e->class->inner ? e->children : NULL)
        for (unsigned i = 0; i < e->class->nprops; i++)
            if (strcmp(e->class->props[i].name, name) == 0) {
                c->result = value_of(e, &e->class->props[i]);
                return;
            }
    qmp_fail(c, "Property '%s.%.100s' not found", d ? d->class->name : "container", name);
}

static void add_type(struct qmp_call *c, const char *name, const char *parent)
{
    const char *want = qmp_string(c, "implements");
    struct json_object *o;

    if (want && strcmp(want, name) != 0 && strcmp(want, parent) != 0 && strcmp(want, "object") != 0)
        return;
    o = json_object_new_object();
    qmp_put_string(o, "name", name);
    qmp_put_string(o, "parent", parent);
    json_object_array_add(c->result, o);
}

static void qom_list_types(struct qmp_call *c)
{
    char name[100];

    c->result = json_object_new_array();
    for (unsigned i = 0; dev_classes[i]; i++)
        add_type(c, dev_classes[i]->name, "device");
    for (unsigned i = 0; boards[i]; i++) {
        snprintf(name, sizeof(name), "%s-machine", boards[i]->name);
        add_type(c, name, "machine");
    }
}

static void add_class_props(struct json_object *list, const struct dev_class *d)
{
    for (; d; d = d->inner)
        for (unsigned i = 0; i < d->nprops; i++) {
            const struct dev_prop *p = &d->props[i];
            struct json_object *o = json_object_new_object();

            qmp_put_string(o, "name", p->name);
            qmp_put_string(o, "type", prop_type(p));
            qmp_put_string(o, "description", p->text);
            if (p->type == DEV_BOOL)
                qmp_put_bool(o, "default-value", p->dflt);
            else if (p->type <= DEV_SIZE)
                qmp_put(o, "default-value", json_object_new_uint64(p->dflt));
            json_object_array_add(list, o);
        }
}

static void device_list_properties(struct qmp_call *c)
{
    const char *name = qmp_string(c, "typename");
    const struct dev_class *d = dev_class_by_name(name);

    if (!d) {
        qmp_fail_class(c, "DeviceNotFound", "Device '%.200s' not found", name);
        return;
    }
    c->result = json_object_new_array();
    add_class_props(c->result, d);
}

const struct qmp_command qmp_qom_commands[] = {
    {"device-list-properties", "typename:s", device_list_properties, false},
    {"qom-get", "path:s property:s", qom_get, false},
    {"qom-list", "path:s", qom_list, false},
    {"qom-list-properties", "typename:s", device_list_properties, false},
    {"qom-list-types", "implements:s? abstract:b?", qom_list_types, false},
    {0},
};
