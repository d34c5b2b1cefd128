// SPDX-License-Identifier: MIT
/* monitor/qmp_display.c -- QMP for screens, keys, pointers, VNC and the balloon: covers of
 * machines/display.h. Devices and heads of input-send-event are not told apart: events go where
 * machine_input() sends them. */
#include "monitor/qmp_impl.h"

#include "machines/display.h"

#include <errno.h>
#include <string.h>

/* ---- arguments inside of arrays ---- */
static struct json_object *member(struct json_object *o, const char *name, json_type type)
{
    struct json_object *v = NULL;

    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, name, &v) &&
                   json_object_is_type(v, type)
               ? v
               : NULL;
}

static const char *text_of(struct json_object *o, const char *name)
{
    struct json_object *v = member(o, name, json_type_string);

    return v ? json_object_get_string(v) : "";
}

/* A KeyValue: {"type": "qcode", "data": NAME} or {"type": "number", "data": N}. 0: no such key. */
static uint16_t key_of(struct qmp_call *c, struct json_object *o)
{
    const char *type = text_of(o, "type"), *name = text_of(o, "data");
    struct json_object *n = member(o, "data", json_type_int);
    char number[24];
    uint16_t code = 0;

    if (strcmp(type, "qcode") == 0) {
        code = machine_key(name, strlen(name));
    } else if (strcmp(type, "number") == 0 && n) {
        snprintf(number, sizeof(number), "0x%llx", (long long)json_object_get_int64(n) & 0xffff);
        name = number;
        code = machine_key(number, strlen(number));
    } else {
        qmp_fail(c, "a key is wanted: {\"type\": \"qcode\", \"data\": NAME} or number");
        return 0;
    }
    if (!code)
        qmp_fail(c, "there is no key '%.60s'", name);
    return code;
}

/* ---- screens ---- */
static void screendump(struct qmp_call *c)
{
    char err[400];
    int r;

    if (qmp_has(c, "head") && !qmp_has(c, "device")) {
        qmp_fail(c, "'head' must be specified together with 'device'");
        return;
    }
    sm_lock(c->m->sm);
    r = machine_screendump(c->m, qmp_string(c, "filename"), qmp_string(c, "device"),
                           (unsigned)qmp_int(c, "head", 0), qmp_string(c, "format"), err,
                           sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%s", err);
}

struct vnc_seen {
    unsigned servers;
};

static void count_vnc(void *to, const char *text)
{
    ((struct vnc_seen *)to)->servers += strncmp(text, "vnc:", 4) == 0;
}

static void query_vnc(struct qmp_call *c)
{
    struct vnc_seen seen = {0};

    sm_lock(c->m->sm);
    machine_vnc_info(c->m, count_vnc, &seen);
    sm_unlock(c->m->sm);
    c->result = json_object_new_object();
    qmp_put_bool(c->result, "enabled", seen.servers > 0);
}

static void vnc_password(struct qmp_call *c)
{
    char err[200];
    int r;

    sm_lock(c->m->sm);
    r = machine_vnc_password(c->m, qmp_string(c, "password"), err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%s", err);
}

static void set_password(struct qmp_call *c)
{
    if (strcmp(qmp_string(c, "protocol"), "vnc") != 0)
        qmp_fail(c, "Parameter 'protocol' expects vnc");
    else
        vnc_password(c);
}

/* ---- input ---- */
static void send_key(struct qmp_call *c)
{
    struct json_object *list = qmp_value(c, "keys");
    size_t n = json_object_array_length(list);
    int64_t hold = qmp_int(c, "hold-time", 0);
    uint16_t codes[16];
    char err[200];
    int r;

    if (n == 0 || n > ARRAY_LEN(codes) || hold < 0 || hold > 600000) {
        qmp_fail(c, "1 to 16 keys are wanted, held for at most 10 minutes");
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!(codes[i] = key_of(c, json_object_array_get_idx(list, i))))
            return;
    sm_lock(c->m->sm);
    r = machine_send_keys(c->m, codes, (unsigned)n, (unsigned)hold, err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%s", err);
}

static bool button_event(struct json_object *data, struct input_event *e)
{
    static const struct {
        const char *name;
        uint16_t kind, code;
        int8_t step;
    } names[] = {
        {"left", INPUT_KEY, INPUT_BTN_LEFT, 0},
        {"middle", INPUT_KEY, INPUT_BTN_MIDDLE, 0},
        {"right", INPUT_KEY, INPUT_BTN_RIGHT, 0},
        {"side", INPUT_KEY, INPUT_BTN_SIDE, 0},
        {"extra", INPUT_KEY, INPUT_BTN_EXTRA, 0},
        {"wheel-up", INPUT_REL, INPUT_REL_WHEEL, 1},
        {"wheel-down", INPUT_REL, INPUT_REL_WHEEL, -1},
        {"wheel-right", INPUT_REL, INPUT_REL_HWHEEL, 1},
        {"wheel-left", INPUT_REL, INPUT_REL_HWHEEL, -1},
    };
    struct json_object *down = member(data, "down", json_type_boolean);
    const char *name = text_of(data, "button");

    for (size_t i = 0; down && i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i].name, name) == 0) {
            bool on = json_object_get_boolean(down);

            *e = (struct input_event){names[i].kind, names[i].code, names[i].step ? names[i].step * on : on};
            return true;
        }
    }
    return false;
}

static bool axis_event(struct json_object *data, uint16_t kind, struct input_event *e)
{
    struct json_object *value = member(data, "value", json_type_int);
    const char *axis = text_of(data, "axis");
    int64_t v = value ? json_object_get_int64(value) : 0;

    if (!value || (strcmp(axis, "x") != 0 && strcmp(axis, "y") != 0) || v < INT32_MIN ||
        v > INT32_MAX || (kind == INPUT_ABS && (v < 0 || v > INPUT_ABS_MAX)))
        return false;
    *e = (struct input_event){kind, *axis == 'x' ? 0 : 1, (int32_t)v}; /* x is 0 in both kinds */
    return true;
}

static bool event_of(struct qmp_call *c, struct json_object *o, struct input_event *e)
{
    const char *type = text_of(o, "type");
    struct json_object *data = member(o, "data", json_type_object), *down;
    bool ok = false;

    if (strcmp(type, "key") == 0) {
        down = member(data, "down", json_type_boolean);
        *e = (struct input_event){INPUT_KEY, key_of(c, member(data, "key", json_type_object)),
                                  down && json_object_get_boolean(down)};
        if (c->failed)
            return false;
        ok = down && e->code;
    } else if (strcmp(type, "btn") == 0) {
        ok = button_event(data, e);
    } else if (strcmp(type, "rel") == 0) {
        ok = axis_event(data, INPUT_REL, e);
    } else if (strcmp(type, "abs") == 0) {
        ok = axis_event(data, INPUT_ABS, e);
    }
    if (!ok)
        qmp_fail(c, "an event of type '%.20s' makes no sense", type);
    return ok;
}

static void input_send_event(struct qmp_call *c)
{
    struct json_object *list = qmp_value(c, "events");
    size_t n = json_object_array_length(list);
    struct input_event e[64];
    int r;

    if (n > ARRAY_LEN(e)) {
        qmp_fail(c, "at most %zu events at once", ARRAY_LEN(e));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!event_of(c, json_object_array_get_idx(list, i), &e[i]))
            return;
    sm_lock(c->m->sm);
    r = n ? machine_input(c->m, e, (unsigned)n) : 0;
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "there is no input device for this event");
}

static void one_mouse(void *to, unsigned n, const char *name, bool absolute, bool in_use)
{
    struct json_object *o = json_object_new_object();

    qmp_put_string(o, "name", name);
    qmp_put_int(o, "index", n);
    qmp_put_bool(o, "current", in_use);
    qmp_put_bool(o, "absolute", absolute);
    json_object_array_add(to, o);
}

static void query_mice(struct qmp_call *c)
{
    c->result = json_object_new_array();
    sm_lock(c->m->sm);
    machine_mice(c->m, one_mouse, c->result);
    sm_unlock(c->m->sm);
}

/* ---- the balloon ---- */
static void balloon(struct qmp_call *c)
{
    char err[200];
    int r;

    sm_lock(c->m->sm);
    r = machine_balloon(c->m, (uint64_t)qmp_int(c, "value", 0), err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r == -ENODEV)
        qmp_fail_class(c, "DeviceNotActive", "No balloon device has been activated");
    else if (r)
        qmp_fail(c, "%s", err);
}

static void query_balloon(struct qmp_call *c)
{
    uint64_t actual = 0, stats[10];
    char err[200];
    int r;

    sm_lock(c->m->sm);
    r = machine_balloon_info(c->m, &actual, stats, err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r) {
        qmp_fail_class(c, "DeviceNotActive", "No balloon device has been activated");
        return;
    }
    c->result = json_object_new_object();
    qmp_put_int(c->result, "actual", (int64_t)actual);
}

const struct qmp_command qmp_display_commands[] = {
    {"balloon", "value:u", balloon, false},
    {"change-vnc-password", "password:s", vnc_password, false},
    {"input-send-event", "device:s? head:u? events:a", input_send_event, false},
    {"query-balloon", "", query_balloon, false},
    {"query-mice", "", query_mice, false},
    {"query-vnc", "", query_vnc, false},
    {"screendump", "filename:s device:s? head:u? format:eImageFormat?", screendump, false},
    {"send-key", "keys:a hold-time:i?", send_key, false},
    {"set_password", "protocol:s password:s connected:s?", set_password, false},
    {0},
};
