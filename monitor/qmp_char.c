// SPDX-License-Identifier: MIT
/* monitor/qmp_char.c -- character devices: what there is, ring buffers. */
#include "monitor/qmp_impl.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

static struct host_char *find(struct qmp_call *c, const char *id)
{
    for (unsigned i = 0; i < c->m->nchars; i++)
        if (strcmp(c->m->chars[i].id, id) == 0)
            return c->m->chars[i].c;
    qmp_fail(c, "Device '%.100s' not found", id);
    c->class = "DeviceNotFound";
    return NULL;
}

static void query_chardev(struct qmp_call *c)
{
    c->result = json_object_new_array();
    for (unsigned i = 0; i < c->m->nchars; i++) {
        const struct machine_char *ch = &c->m->chars[i];
        struct json_object *o = json_object_new_object();
        const char *where = host_char_where(ch->c);

        qmp_put_bool(o, "frontend-open", ch->used || ch->mux);
        qmp_put_string(o, "filename", where ? where : ch->id);
        qmp_put_string(o, "label", ch->id);
        json_object_array_add(c->result, o);
    }
}

static void query_chardev_backends(struct qmp_call *c)
{
    static const char *const names[] = {"null", "stdio", "pty", "file", "pipe", "socket", "ringbuf"};

    c->result = json_object_new_array();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct json_object *o = json_object_new_object();

        qmp_put_string(o, "name", names[i]);
        json_object_array_add(c->result, o);
    }
}

static bool base64(struct qmp_call *c)
{
    const char *format = qmp_string(c, "format");

    return format && strcmp(format, "base64") == 0;
}

static void ringbuf_read(struct qmp_call *c)
{
    const char *id = qmp_string(c, "device");
    struct host_char *ch = find(c, id);
    int64_t n = qmp_int(c, "size", 0);
    size_t room = (size_t)(n < 1 << 26 ? n : 1 << 26);
    char *buf = ch ? malloc(room + 1) : NULL, *text = NULL;
    int got;

    if (!ch)
        return;
    sm_lock(c->m->sm);
    got = buf && n > 0 ? host_char_ring_read(ch, buf, room) : -1;
    sm_unlock(c->m->sm);
    if (got < 0)
        qmp_fail(c, n > 0 ? "%.100s is not a ringbuf device" : "size must be greater than zero", id);
    else if (base64(c))
        text = g_base64_encode((const guchar *)buf, (gsize)got);
    if (got >= 0)
        c->result = text ? json_object_new_string(text) : json_object_new_string_len(buf, got);
    g_free(text);
    free(buf);
}

static void ringbuf_write(struct qmp_call *c)
{
    const char *id = qmp_string(c, "device");
    struct json_object *data = qmp_value(c, "data");
    struct host_char *ch = find(c, id);
    gsize n = (gsize)json_object_get_string_len(data);
    guchar *raw = NULL;
    int r;

    if (!ch)
        return;
    if (base64(c))
        raw = g_base64_decode(json_object_get_string(data), &n);
    sm_lock(c->m->sm);
    r = host_char_ring_write(ch, raw ? (const void *)raw : json_object_get_string(data), n);
    sm_unlock(c->m->sm);
    if (r)
        qmp_fail(c, "%.100s is not a ringbuf device", id);
    g_free(raw);
}

static void send_break(struct qmp_call *c)
{
    struct host_char *ch = find(c, qmp_string(c, "id"));

    if (!ch)
        return;
    sm_lock(c->m->sm);
    host_char_break(ch);
    sm_unlock(c->m->sm);
}

const struct qmp_command qmp_char_commands[] = {
    {"chardev-send-break", "id:s", send_break, false},
    {"query-chardev", "", query_chardev, false},
    {"query-chardev-backends", "", query_chardev_backends, false},
    {"ringbuf-read", "device:s size:i format:eDataFormat?", ringbuf_read, false},
    {"ringbuf-write", "device:s data:s format:eDataFormat?", ringbuf_write, false},
    {0},
};
