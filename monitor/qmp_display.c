// SPDX-License-Identifier: MIT
/* monitor/qmp_display.c -- what the machine shows, what is typed into it, the balloon. */
#include "monitor/qmp_impl.h"

#include "machines/display.h"

#include <errno.h>
#include <string.h>

static void screendump(struct qmp_call *c)
{
    char err[300];
    int r;

    if (qmp_has(c, "head") && !qmp_has(c, "device")) {
        qmp_fail(c, "'head' must be specified together with 'device'");
        return;
    }
    sm_lock(c->m->sm);
    r = machine_screendump(c->m, qmp_string(c, "filename"), qmp_string(c, "device"),
                           (unsigned)qmp_int(c, "head", 0), qmp_string(c, "format"), err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%s", err);
}

/* A KeyValue: {"type": "qcode", "data": NAME} or {"type": "number", "data": evdev}. 0: none. */
static uint16_t key_of(struct json_object *o)
{
    struct json_object *type = NULL, *data = NULL;

    if (json_object_get_type(o) != json_type_object)
        return 0;
    json_object_object_get_ex(o, "type", &type);
    json_object_object_get_ex(o, "data", &data);
    if (!type || !data)
        return 0;
    if (strcmp(json_object_get_string(type), "qcode") == 0 && json_object_get_type(data) == json_type_string)
        return machine_key(json_object_get_string(data), strlen(json_object_get_string(data)));
    if (json_object_get_type(data) == json_type_int && json_object_get_int64(data) > 0 &&
        json_object_get_int64(data) < 0x100)
        return (uint16_t)json_object_get_int64(data);
    return 0;
}

static void send_key(struct qmp_call *c)
{
    struct json_object *keys = qmp_value(c, "keys");
    int64_t hold = qmp_int(c, "hold-time", 0);
    size_t n = json_object_array_length(keys);
    uint16_t codes[16];
    char err[300];
    int r;

    if (n > ARRAY_LEN(codes) || hold < 0 || hold > 60000) {
        qmp_fail(c, n > ARRAY_LEN(codes) ? "too many keys" : "Parameter 'hold-time' is out of range");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        codes[i] = key_of(json_object_array_get_idx(keys, i));
        if (!codes[i]) {
            qmp_fail(c, "Parameter 'keys[%zu]' is no key", i);
            return;
        }
    }
    sm_lock(c->m->sm);
    r = machine_send_keys(c->m, codes, (unsigned)n, (unsigned)hold, err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%s", err);
}

static const char *text_of(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;

    if (json_object_get_type(o) != json_type_object)
        return "";
    json_object_object_get_ex(o, name, &v);
    return v ? json_object_get_string(v) : "";
}

static int64_t number_of(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;

    if (json_object_get_type(o) == json_type_object)
        json_object_object_get_ex(o, name, &v);
    return v ? json_object_get_int64(v) : 0;
}

static uint16_t button(const char *name)
{
    static const struct {
        const char *name;
        uint16_t code;
    } buttons[] = {{"left", INPUT_BTN_LEFT}, {"right", INPUT_BTN_RIGHT}, {"middle", INPUT_BTN_MIDDLE},
                   {"side", INPUT_BTN_SIDE}, {"extra", INPUT_BTN_EXTRA}};

    for (size_t i = 0; i < ARRAY_LEN(buttons); i++)
        if (strcmp(buttons[i].name, name) == 0)
            return buttons[i].code;
    return 0;
}

/* One InputEvent: how many events it is (a wheel's step is a button here); 0: not understood. */
static unsigned event_of(struct json_object *o, struct input_event *e)
{
    struct json_object *d = NULL, *key = NULL;
    const char *type = text_of(o, "type"), *name;
    bool y;

    if (json_object_get_type(o) == json_type_object)
        json_object_object_get_ex(o, "data", &d);
    if (!d)
        return 0;
    if (strcmp(type, "key") == 0) {
        if (json_object_get_type(d) == json_type_object)
            json_object_object_get_ex(d, "key", &key);
        *e = (struct input_event){INPUT_KEY, key_of(key), number_of(d, "down") != 0};
        return e->code != 0;
    }
    if (strcmp(type, "btn") == 0) {
        name = text_of(d, "button");
        if (strncmp(name, "wheel-", 6) == 0)
            *e = (struct input_event){INPUT_REL, strcmp(name, "wheel-up") && strcmp(name, "wheel-down")
                                                     ? INPUT_REL_HWHEEL : INPUT_REL_WHEEL,
                                      !number_of(d, "down") ? 0
                                      : strcmp(name, "wheel-up") && strcmp(name, "wheel-right") ? -1 : 1};
        else
            *e = (struct input_event){INPUT_KEY, button(name), number_of(d, "down") != 0};
        return e->code != 0;
    }
    y = strcmp(text_of(d, "axis"), "y") == 0;
    if (strcmp(type, "rel") == 0)
        *e = (struct input_event){INPUT_REL, y ? INPUT_REL_Y : INPUT_REL_X, (int32_t)number_of(d, "value")};
    else if (strcmp(type, "abs") == 0)
        *e = (struct input_event){INPUT_ABS, y ? INPUT_ABS_Y : INPUT_ABS_X, (int32_t)number_of(d, "value")};
    else
        return 0;
    return 1;
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
        if (!event_of(json_object_array_get_idx(list, i), &e[i])) {
            qmp_fail(c, "Parameter 'events[%zu]' is no event", i);
            return;
        }
    sm_lock(c->m->sm);
    r = n ? machine_input(c->m, e, (unsigned)n) : 0;
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "no input device takes this");
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

static void balloon(struct qmp_call *c)
{
    char err[300];
    int r;

    sm_lock(c->m->sm);
    r = machine_balloon(c->m, (uint64_t)qmp_int(c, "value", 0), err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail_class(c, r == -ENODEV ? "DeviceNotActive" : "GenericError", "%s", err);
}

static void query_balloon(struct qmp_call *c)
{
    uint64_t actual, stats[10];
    char err[300];
    int r;

    sm_lock(c->m->sm);
    r = machine_balloon_info(c->m, &actual, stats, err, sizeof(err));
    sm_unlock(c->m->sm);
    if (r) {
        qmp_fail_class(c, r == -ENODEV ? "DeviceNotActive" : "GenericError", "%s", err);
        return;
    }
    c->result = json_object_new_object();
    qmp_put_int(c->result, "actual", (int64_t)actual);
}

const struct qmp_command qmp_display_commands[] = {
    {"balloon", "value:u", balloon, false},
    {"input-send-event", "device:s? head:i? events:a", input_send_event, false},
    {"query-balloon", "", query_balloon, false},
    {"query-mice", "", query_mice, false},
    {"screendump", "filename:s device:s? head:u? format:eImageFormat?", screendump, false},
    {"send-key", "keys:a hold-time:i?", send_key, false},
    {0},
};
