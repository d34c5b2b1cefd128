// SPDX-License-Identifier: MIT
/* monitor/qmp.c -- a session of QMP: greeting, negotiation, requests and answers, events.
 *
 * Bytes are parsed as they come (json-c's incremental parser); whole requests wait in a short queue
 * and run one by one from the main loop. Whoever does not read its answers is not read from, and
 * loses events. A request may be 1 MiB long and 64 levels deep. Not offered: out-of-band execution,
 * since no command here could be of use out of its turn. */
#include "monitor/output.h"
#include "monitor/qmp.h"
#include "monitor/qmp_impl.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <glib.h>

#define QUEUE 8
#define DEPTH 64
#define REQUEST_MAX (1u << 20)
#define OUT_EVENTS (1u << 20) /* bytes of output wait: events are dropped */

struct request {
    struct json_object *input; /* NULL: what came was no JSON */
    char error[160];
};

struct qmp {
    struct machine *m;
    struct monitor_output out;
    bool pretty, open, negotiated;
    unsigned session;       /* counts connections */

    struct json_tokener *parser;
    char in[4096];          /* taken, but not parsed: the queue is full */
    size_t nin;
    size_t taken;           /* bytes of the request that is being read */
    bool skipping;          /* to the end of the line, after an error */
    struct request queue[QUEUE];
    unsigned nqueue;
    bool busy;              /* one is running */
    guint source;

    pthread_mutex_t lock;   /* of the next two: events come from any thread */
    GString *events;
    guint event_source;
};

/* ---- output; machine's lock held ---- */

static void emit(struct qmp *q, const char *text, size_t n)
{
    if (q->open)
        monitor_write(&q->out, text, n);
}

/* Takes o. */
static void send_object(struct qmp *q, struct json_object *o)
{
    char *text = qmp_text(o, q->pretty);

    if (text) {
        emit(q, text, strlen(text));
        emit(q, "\r\n", 2);
    }
    free(text);
    json_object_put(o);
}

static void send_events(struct qmp *q)
{
    GString *events;

    pthread_mutex_lock(&q->lock);
    events = q->events;
    q->events = g_string_new(NULL);
    pthread_mutex_unlock(&q->lock);
    if (q->negotiated && q->out.n < OUT_EVENTS)
        emit(q, events->str, events->len);
    g_string_free(events, TRUE);
}

static void greet(struct qmp *q)
{
    struct json_object *top = json_object_new_object(), *in = json_object_new_object();

    qmp_put(in, "version", qmp_version());
    qmp_put(in, "capabilities", json_object_new_array());
    qmp_put(top, "QMP", in);
    send_object(q, top);
}

/* ---- events ---- */

static gboolean on_events(gpointer data)
{
    struct qmp *q = data;

    pthread_mutex_lock(&q->lock);
    q->event_source = 0;
    pthread_mutex_unlock(&q->lock);
    sm_lock(q->m->sm);
    send_events(q);
    sm_unlock(q->m->sm);
    return G_SOURCE_REMOVE;
}

static struct json_object *event_data(const struct machine_event *e)
{
    struct json_object *d = json_object_new_object();

    switch (e->kind) {
    case MACHINE_EVENT_SHUTDOWN:
    case MACHINE_EVENT_RESET:
        qmp_put_bool(d, "guest", e->guest);
        qmp_put_string(d, "reason", e->reason);
        break;
    case MACHINE_EVENT_MIGRATION: qmp_put_string(d, "status", e->status); break;
    case MACHINE_EVENT_JOB:
        qmp_put_string(d, "status", e->status);
        qmp_put_string(d, "id", e->id);
        break;
    default: break;
    }
    return d;
}

static void hear(void *opaque, const struct machine_event *e)
{
    struct qmp *q = opaque;
    struct json_object *top = json_object_new_object(), *t = json_object_new_object();
    struct json_object *data = event_data(e);
    struct timeval now;
    char *text;

    gettimeofday(&now, NULL);
    qmp_put_int(t, "seconds", now.tv_sec);
    qmp_put_int(t, "microseconds", now.tv_usec);
    qmp_put(top, "timestamp", t);
    qmp_put_string(top, "event", qmp_events[e->kind]);
    if (json_object_object_length(data))
        qmp_put(top, "data", data);
    else
        json_object_put(data);
    text = qmp_text(top, q->pretty);
    json_object_put(top);
    pthread_mutex_lock(&q->lock);
    if (text && q->events->len < OUT_EVENTS) {
        g_string_append(q->events, text);
        g_string_append(q->events, "\r\n");
    }
    if (!q->event_source)
        q->event_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_events, q, NULL);
    pthread_mutex_unlock(&q->lock);
    free(text);
}

/* ---- running a request ---- */

void qmp_fail_class(struct qmp_call *c, const char *class, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(c->error, sizeof(c->error), fmt, ap);
    va_end(ap);
    c->failed = true;
    c->class = class;
}

void qmp_fail(struct qmp_call *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(c->error, sizeof(c->error), fmt, ap);
    va_end(ap);
    c->failed = true;
    c->class = "GenericError";
}

/* The parts of a request; what is no part of one is refused. */
static const char *split(struct qmp_call *c, struct json_object *input, struct json_object **id)
{
    const char *name = NULL;

    if (json_object_get_type(input) != json_type_object) {
        qmp_fail(c, "QMP input must be a JSON object");
        return NULL;
    }
    json_object_object_get_ex(input, "id", id);
    json_object_object_foreach(input, key, value) {
        if (strcmp(key, "execute") == 0) {
            if (json_object_get_type(value) != json_type_string) {
                qmp_fail(c, "QMP input member 'execute' must be a string");
                return NULL;
            }
            name = json_object_get_string(value);
        } else if (strcmp(key, "arguments") == 0) {
            if (json_object_get_type(value) != json_type_object) {
                qmp_fail(c, "QMP input member 'arguments' must be an object");
                return NULL;
            }
            c->args = value;
        } else if (strcmp(key, "id") != 0) {
            qmp_fail(c, "QMP input member '%.200s' is unexpected", key);
            return NULL;
        }
    }
    if (!name)
        qmp_fail(c, "QMP input lacks member 'execute'");
    return name;
}

static void negotiate(struct qmp *q, struct qmp_call *c)
{
    struct json_object *list = qmp_value(c, "enable");

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *o = json_object_array_get_idx(list, i);

        if (json_object_get_type(o) == json_type_string && !strcmp(json_object_get_string(o), "oob"))
            qmp_fail(c, "Capability oob not available");
        else
            qmp_fail(c, "Parameter 'enable[%zu]' does not accept value '%.100s'", i,
                     json_object_get_string(o));
        return;
    }
    q->negotiated = true;
    pthread_mutex_lock(&q->lock);
    g_string_truncate(q->events, 0); /* what was before is not told */
    pthread_mutex_unlock(&q->lock);
}

static void execute(struct qmp *q, struct qmp_call *c, const char *name)
{
    bool is_start = strcmp(name, "qmp_capabilities") == 0;
    const struct qmp_command *row = qmp_find(name);

    if (!q->negotiated && !is_start)
        qmp_fail_class(c, "CommandNotFound",
                       "Expecting capabilities negotiation with 'qmp_capabilities'");
    else if (q->negotiated && is_start)
        qmp_fail_class(c, "CommandNotFound",
                       "Capabilities negotiation is already complete, command ignored");
    else if (!row)
        qmp_fail_class(c, "CommandNotFound", "The command %.200s has not been found", name);
    else if (qmp_check_args(c, row)) {
        if (is_start)
            negotiate(q, c);
        else
            row->run(c);
    }
}

static struct json_object *answer(struct qmp_call *c, struct json_object *id)
{
    struct json_object *top = json_object_new_object();

    if (c->failed) {
        struct json_object *e = json_object_new_object();

        json_object_put(c->result);
        qmp_put_string(e, "class", c->class);
        qmp_put_string(e, "desc", c->error);
        qmp_put(top, "error", e);
    } else {
        qmp_put(top, "return", c->result ? c->result : json_object_new_object());
    }
    if (id)
        qmp_put(top, "id", json_object_get(id));
    return top;
}

static void run_request(struct qmp *q, const struct request *r)
{
    struct qmp_call c = {.m = q->m};
    struct json_object *none = json_object_new_object(), *id = NULL, *reply;
    unsigned session = q->session;
    const char *name = NULL;

    c.args = none;
    if (r->input)
        name = split(&c, r->input, &id);
    else
        qmp_fail(&c, "%s", r->error);
    if (name)
        execute(q, &c, name);
    reply = answer(&c, id);
    json_object_put(none);
    sm_lock(q->m->sm);
    send_events(q);
    if (q->session == session)
        send_object(q, reply);
    else
        json_object_put(reply);
    sm_unlock(q->m->sm);
}

static void parse(struct qmp *q);

/* From the main loop, without the machine's lock. */
static gboolean on_request(gpointer data)
{
    struct qmp *q = data;
    struct request r;

    sm_lock(q->m->sm);
    q->source = 0;
    if (q->busy || !q->nqueue) {
        sm_unlock(q->m->sm);
        return G_SOURCE_REMOVE;
    }
    r = q->queue[0];
    memmove(q->queue, q->queue + 1, --q->nqueue * sizeof(q->queue[0]));
    q->busy = true;
    sm_unlock(q->m->sm);
    run_request(q, &r);
    json_object_put(r.input);
    sm_lock(q->m->sm);
    q->busy = false;
    parse(q);
    if (q->nqueue && !q->source)
        q->source = g_idle_add_full(G_PRIORITY_DEFAULT, on_request, q, NULL);
    q->out.out.accept(q->out.out.to);
    sm_unlock(q->m->sm);
    return G_SOURCE_REMOVE;
}

/* ---- input; machine's lock held ---- */

static void enqueue(struct qmp *q, struct json_object *input, const char *error)
{
    struct request *r = &q->queue[q->nqueue++]; /* there is room: can_take() */

    r->input = input;
    snprintf(r->error, sizeof(r->error), "JSON parse error, %s", error ? error : "");
    q->taken = 0;
    if (!q->source && !q->busy)
        q->source = g_idle_add_full(G_PRIORITY_DEFAULT, on_request, q, NULL);
}

/* A byte at a time, so that no more than one request comes of it. False: it is to come again. */
static bool take_byte(struct qmp *q, char c)
{
    bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    enum json_tokener_error e;
    struct json_object *o;

    if (q->skipping) {
        q->skipping = c != '\n' && c != '\r';
        return true;
    }
    if (!q->taken && blank)
        return true;
    q->taken++;
    o = json_tokener_parse_ex(q->parser, &c, 1);
    e = json_tokener_get_error(q->parser);
    if (e == json_tokener_continue && q->taken < REQUEST_MAX)
        return true;
    if (e == json_tokener_success) {
        bool again = json_tokener_get_parse_end(q->parser) == 0; /* a number ends in front of c */

        enqueue(q, o, o ? NULL : "null is no request");
        json_tokener_reset(q->parser);
        return !again;
    }
    enqueue(q, NULL, e == json_tokener_continue ? "the request is too long" : json_tokener_error_desc(e));
    json_tokener_reset(q->parser);
    q->skipping = c != '\n' && c != '\r';
    return true;
}

static void parse(struct qmp *q)
{
    size_t n = 0;

    while (n < q->nin && q->nqueue < QUEUE)
        n += take_byte(q, q->in[n]);
    memmove(q->in, q->in + n, q->nin - n);
    q->nin -= n;
}

static size_t can_take(void *dev)
{
    struct qmp *q = dev;

    return q->out.n > MONITOR_OUTPUT_HIGH ? 0 : sizeof(q->in) - q->nin;
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct qmp *q = dev;

    memcpy(q->in + q->nin, buf, n);
    q->nin += n;
    parse(q);
}

static void room(void *dev)
{
    struct qmp *q = dev;

    monitor_push(&q->out);
    if (can_take(q))
        q->out.out.accept(q->out.out.to);
}

static void forget(struct qmp *q)
{
    while (q->nqueue)
        json_object_put(q->queue[--q->nqueue].input);
    json_tokener_reset(q->parser);
    monitor_drop(&q->out);
    q->taken = q->nin = 0;
    q->skipping = q->negotiated = false;
    q->session++;
}

static void event(void *dev, enum bytes_event e)
{
    struct qmp *q = dev;

    if (e == BYTES_OPENED) {
        forget(q);
        q->open = true;
        greet(q);
    } else if (e == BYTES_CLOSED) {
        q->open = false;
        forget(q);
    }
}

static void *make(struct machine *m, bool pretty, struct bytes_in *in)
{
    struct qmp *q = calloc(1, sizeof(*q));

    if (!q || !(q->parser = json_tokener_new_ex(DEPTH))) {
        free(q);
        return NULL;
    }
    q->m = m;
    q->pretty = pretty;
    q->events = g_string_new(NULL);
    pthread_mutex_init(&q->lock, NULL);
    if (machine_listen(m, hear, q)) {
        json_tokener_free(q->parser);
        g_string_free(q->events, TRUE);
        free(q);
        return NULL;
    }
    *in = (struct bytes_in){q, can_take, take, room, event};
    return q;
}

static void attach(void *monitor, struct bytes_out out)
{
    struct qmp *q = monitor;

    q->out.out = out;
    q->out.attached = true;
}

static void destroy(void *monitor)
{
    struct qmp *q = monitor;

    machine_unlisten(q->m, q);
    sm_lock(q->m->sm);
    send_events(q); /* SHUTDOWN */
    sm_unlock(q->m->sm);
    if (q->source)
        g_source_remove(q->source);
    if (q->event_source)
        g_source_remove(q->event_source);
    forget(q);
    json_tokener_free(q->parser);
    g_string_free(q->events, TRUE);
    monitor_output_free(&q->out);
    free(q);
}

const struct machine_monitor_class qmp_class = {make, attach, destroy, NULL};
