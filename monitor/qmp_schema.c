// SPDX-License-Identifier: MIT
/* monitor/qmp_schema.c -- what the commands' rows say: finding a command, checking its arguments, and
 * telling clients about both (query-commands, query-qmp-schema). Types of answers are not described:
 * all are "any". */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "monitor/qmp_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

bool qmp_has(const struct qmp_call *c, const char *name)
{
    return json_object_object_get_ex(c->args, name, NULL);
}

struct json_object *qmp_value(const struct qmp_call *c, const char *name)
{
    struct json_object *o = NULL;

    json_object_object_get_ex(c->args, name, &o);
    return o;
}

const char *qmp_string(const struct qmp_call *c, const char *name)
{
    struct json_object *o = qmp_value(c, name);

    return o ? json_object_get_string(o) : NULL;
}

int64_t qmp_int(const struct qmp_call *c, const char *name, int64_t otherwise)
{
    struct json_object *o = qmp_value(c, name);

    return o ? json_object_get_int64(o) : otherwise;
}

bool qmp_bool(const struct qmp_call *c, const char *name, bool otherwise)
{
    struct json_object *o = qmp_value(c, name);

    return o ? json_object_get_boolean(o) : otherwise;
}

void qmp_put(struct json_object *obj, const char *name, struct json_object *value)
{
    json_object_object_add(obj, name, value);
}

void qmp_put_string(struct json_object *obj, const char *name, const char *value)
{
    qmp_put(obj, name, json_object_new_string(value));
}

void qmp_put_int(struct json_object *obj, const char *name, int64_t value)
{
    qmp_put(obj, name, json_object_new_int64(value));
}

void qmp_put_bool(struct json_object *obj, const char *name, bool value)
{
    qmp_put(obj, name, json_object_new_boolean(value));
}

/* ---- rows ---- */

const struct qmp_command *qmp_find(const char *name)
{
    for (unsigned t = 0; qmp_tables[t]; t++)
        for (const struct qmp_command *c = qmp_tables[t]; c->name; c++)
            if (strcmp(c->name, name) == 0)
                return c;
    return NULL;
}

bool qmp_next_arg(const char **spec, char name[64], char type[64], bool *optional)
{
    const char *p = *spec + strspn(*spec, " "), *colon = strchr(p, ':');
    size_t n;

    if (!colon)
        return false;
    snprintf(name, 64, "%.*s", (int)(colon - p), p);
    n = strcspn(colon + 1, " ");
    *optional = n && colon[n] == '?';
    snprintf(type, 64, "%.*s", (int)(n - *optional), colon + 1);
    *spec = colon + 1 + n;
    return true;
}

static const struct qmp_enum *find_enum(const char *name)
{
    for (const struct qmp_enum *e = qmp_enums; e->name; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

static bool wrong_type(struct qmp_call *c, const char *name, const char *expected)
{
    qmp_fail(c, "Invalid parameter type for '%.100s', expected: %s", name, expected);
    return false;
}

static bool check_enum(struct qmp_call *c, const char *name, const char *type, struct json_object *o)
{
    const struct qmp_enum *e = find_enum(type);
    const char *value = json_object_get_string(o);

    for (unsigned i = 0; e && e->words[i]; i++)
        if (strcmp(e->words[i], value) == 0)
            return true;
    qmp_fail(c, "Parameter '%.100s' does not accept value '%.100s'", name, value);
    return false;
}

static bool check_value(struct qmp_call *c, const char *name, const char *type, struct json_object *o)
{
    enum json_type t = json_object_get_type(o);

    switch (*type) {
    case 's': return t == json_type_string || wrong_type(c, name, "string");
    case 'e':
        return t == json_type_string ? check_enum(c, name, type + 1, o) : wrong_type(c, name, "string");
    case 'i': return t == json_type_int || wrong_type(c, name, "integer");
    case 'u':
        if (t != json_type_int)
            return wrong_type(c, name, "integer");
        if (json_object_get_int64(o) >= 0)
            return true;
        qmp_fail(c, "Parameter '%.100s' expects a non-negative value", name);
        return false;
    case 'n': return t == json_type_int || t == json_type_double || wrong_type(c, name, "number");
    case 'b': return t == json_type_boolean || wrong_type(c, name, "boolean");
    case 'o': return t == json_type_object || wrong_type(c, name, "object");
    case 'a': return t == json_type_array || wrong_type(c, name, "array");
    default: return true;
    }
}

bool qmp_check_args(struct qmp_call *c, const struct qmp_command *row)
{
    const char *spec = row->args;
    char name[64], type[64];
    bool optional, known;
    struct json_object *o;

    while (qmp_next_arg(&spec, name, type, &optional)) {
        if (json_object_object_get_ex(c->args, name, &o)) {
            if (!check_value(c, name, type, o))
                return false;
        } else if (!optional) {
            qmp_fail(c, "Parameter '%s' is missing", name);
            return false;
        }
    }
    json_object_object_foreach(c->args, key, value) {
        (void)value;
        known = false;
        for (spec = row->args; !known && qmp_next_arg(&spec, name, type, &optional);)
            known = strcmp(name, key) == 0;
        if (!known) {
            qmp_fail(c, "Parameter '%.200s' is unexpected", key);
            return false;
        }
    }
    return true;
}

/* ---- what clients ask about it ---- */

struct json_object *qmp_version(void)
{
    struct json_object *v = json_object_new_object(), *n = json_object_new_object();

    qmp_put_int(n, "micro", 0);
    qmp_put_int(n, "minor", 2);
    qmp_put_int(n, "major", 7);
    qmp_put(v, "qemu", n); /* the version whose interface this is */
    qmp_put_string(v, "package", "moa " PACKAGE_VERSION);
    return v;
}

static void query_version(struct qmp_call *c)
{
    c->result = qmp_version();
}

static void query_commands(struct qmp_call *c)
{
    c->result = json_object_new_array();
    for (unsigned t = 0; qmp_tables[t]; t++)
        for (const struct qmp_command *r = qmp_tables[t]; r->name; r++) {
            struct json_object *o = json_object_new_object();

            qmp_put_string(o, "name", r->name);
            json_object_array_add(c->result, o);
        }
}

static struct json_object *add_type(struct json_object *list, const char *name, const char *meta)
{
    struct json_object *o = json_object_new_object();

    qmp_put_string(o, "name", name);
    qmp_put_string(o, "meta-type", meta);
    json_object_array_add(list, o);
    return o;
}

static const char *type_name(const char *type)
{
    switch (*type) {
    case 's': return "str";
    case 'i':
    case 'u': return "int";
    case 'n': return "number";
    case 'b': return "bool";
    case 'e': return type + 1;
    case 'a': return "[any]";
    default: return "any";
    }
}

static void add_members(struct json_object *object, const char *spec)
{
    struct json_object *members = json_object_new_array();
    char name[64], type[64];
    bool optional;

    while (qmp_next_arg(&spec, name, type, &optional)) {
        struct json_object *o = json_object_new_object();

        qmp_put_string(o, "name", name);
        qmp_put_string(o, "type", type_name(type));
        if (optional)
            qmp_put(o, "default", NULL);
        json_object_array_add(members, o);
    }
    qmp_put(object, "members", members);
}

static void add_command(struct json_object *list, const struct qmp_command *r)
{
    struct json_object *o = add_type(list, r->name, "command");
    char arg[128];

    snprintf(arg, sizeof(arg), *r->args ? "%s-arg" : "no-arg", r->name);
    qmp_put_string(o, "arg-type", arg);
    qmp_put_string(o, "ret-type", "any");
    if (*r->args)
        add_members(add_type(list, arg, "object"), r->args);
}

static void query_qmp_schema(struct qmp_call *c)
{
    static const char *const builtin[][2] = {{"str", "string"}, {"int", "int"}, {"number", "number"},
                                             {"bool", "boolean"}, {"any", "value"}};
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
        qmp_put_string(add_type(list, builtin[i][0], "builtin"), "json-type", builtin[i][1]);
    qmp_put_string(add_type(list, "[any]", "array"), "element-type", "any");
    add_members(add_type(list, "no-arg", "object"), "");
    for (const struct qmp_enum *e = qmp_enums; e->name; e++) {
        struct json_object *values = json_object_new_array();

        for (unsigned i = 0; e->words[i]; i++)
            json_object_array_add(values, json_object_new_string(e->words[i]));
        qmp_put(add_type(list, e->name, "enum"), "values", values);
    }
    for (unsigned t = 0; qmp_tables[t]; t++)
        for (const struct qmp_command *r = qmp_tables[t]; r->name; r++)
            add_command(list, r);
    for (unsigned i = 0; qmp_events[i]; i++)
        qmp_put_string(add_type(list, qmp_events[i], "event"), "arg-type", "no-arg");
    c->result = list;
}

const struct qmp_command qmp_core_commands[] = {
    {"qmp_capabilities", "enable:a?", NULL, true},
    {"query-commands", "", query_commands, false},
    {"query-qmp-schema", "", query_qmp_schema, false},
    {"query-version", "", query_version, false},
    {0},
};
