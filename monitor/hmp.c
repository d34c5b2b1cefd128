// SPDX-License-Identifier: MIT
/* monitor/hmp.c -- the human monitor: output, finding and running commands, help. What is typed is
 * edited in hmp_edit.c; commands are rows of the tables in hmp_tables.c.
 *
 * A line runs from the main loop without the machine's lock, so that it can stop the vcpus; input
 * waits meanwhile. */
#include "monitor/hmp_impl.h"
#include "monitor/hmp.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

/* ---- output ---- */

void hmp_put(struct hmp *h, const char *text, size_t n)
{
    if (h->capture) {
        fwrite(text, 1, n, h->capture);
        return;
    }
    while (n) {
        const char *nl = memchr(text, '\n', n);
        size_t k = nl ? (size_t)(nl - text) : n;

        monitor_write(&h->out, text, k);
        if (nl)
            monitor_write(&h->out, "\r\n", 2);
        k += nl != NULL;
        text += k;
        n -= k;
    }
}

static void say(struct hmp *h, const char *before, const char *fmt, va_list ap)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        return;
    hmp_put(h, before, strlen(before));
    hmp_put(h, text, strlen(text));
    free(text);
}

void hmp_say(struct hmp *h, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(h, "", fmt, ap);
    va_end(ap);
}

void hmp_error(struct hmp *h, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(h, "Error: ", fmt, ap);
    va_end(ap);
    hmp_put(h, "\n", 1);
}

void hmp_line(void *h, const char *text)
{
    hmp_say(h, "%s\n", text);
}

void hmp_stream(struct hmp *h, void (*fill)(struct hmp *h, FILE *f))
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        return;
    fill(h, f);
    fclose(f);
    hmp_put(h, text, n);
    free(text);
}

bool hmp_word(const char **arg, char *word, size_t len)
{
    const char *p = *arg;
    size_t n = 0;
    bool quoted = false;

    while (*p == ' ')
        p++;
    if (!*p)
        return false;
    for (; *p && (quoted || *p != ' '); p++) {
        if (*p == '"') {
            quoted = !quoted;
            continue;
        }
        if (*p == '\\' && quoted && p[1])
            p++;
        if (n + 1 < len)
            word[n++] = *p;
    }
    word[n] = 0;
    while (*p == ' ')
        p++;
    *arg = p;
    return true;
}

/* ---- commands ---- */

/* Is one of the names in "name|other" the n bytes at name? */
static bool called(const char *names, const char *name, size_t n)
{
    for (;;) {
        size_t k = strcspn(names, "|");

        if (k == n && strncmp(names, name, n) == 0)
            return true;
        if (!names[k])
            return false;
        names += k + 1;
    }
}

const struct hmp_command *hmp_find(const struct hmp_command *const *tables, const char *name,
                                   size_t n)
{
    for (; n && *tables; tables++)
        for (const struct hmp_command *c = *tables; c->name; c++)
            if (called(c->name, name, n))
                return c;
    return NULL;
}

void hmp_each(const struct hmp_command *const *tables,
              void (*see)(struct hmp *h, const struct hmp_command *c), struct hmp *h)
{
    for (; *tables; tables++)
        for (const struct hmp_command *c = *tables; c->name; c++)
            see(h, c);
}

static void call(struct hmp *h, const struct hmp_command *c, const char *arg)
{
    if (c->free) {
        c->run(h, arg);
        return;
    }
    machine_hold(h->m);
    sm_lock(h->m->sm);
    c->run(h, arg);
    sm_unlock(h->m->sm);
    machine_release(h->m);
}

void hmp_run(struct hmp *h, const char *line)
{
    const struct hmp_command *c, *sub;
    size_t n;

    while (*line == ' ')
        line++;
    n = strcspn(line, " /");
    if (!n)
        return;
    c = hmp_find(hmp_tables, line, n);
    if (!c) {
        hmp_say(h, "unknown command: '%.*s'\n", (int)n, line);
        return;
    }
    line += n;
    while (*line == ' ')
        line++;
    if (strcmp(c->name, "info") == 0 && (n = strcspn(line, " ")) &&
        (sub = hmp_find(hmp_info_tables, line, n))) {
        c = sub;
        line += n;
        while (*line == ' ')
            line++;
    }
    call(h, c, line);
}

/* The next line may come. From the main loop, without the machine's lock. */
static void command_ends(struct hmp *h)
{
    char *line = h->pending;

    sm_lock(h->m->sm);
    h->pending = NULL;
    hmp_prompt(h);
    h->out.out.accept(h->out.out.to);
    sm_unlock(h->m->sm);
    free(line);
}

static gboolean wait_more(gpointer data)
{
    struct hmp *h = data;

    if (h->waits(h))
        return G_SOURCE_CONTINUE;
    h->waits = NULL;
    h->source = 0;
    command_ends(h);
    return G_SOURCE_REMOVE;
}

static gboolean run_pending(gpointer data)
{
    struct hmp *h = data;

    h->source = 0;
    hmp_run(h, h->pending);
    if (h->waits)
        h->source = g_timeout_add(20, wait_more, h);
    else
        command_ends(h);
    return G_SOURCE_REMOVE;
}

void hmp_enter(struct hmp *h)
{
    h->pending = strdup(h->line);
    if (h->pending)
        h->source = g_idle_add_full(G_PRIORITY_DEFAULT, run_pending, h, NULL);
}

char *hmp_command(struct machine *m, const char *line, unsigned cpu)
{
    struct hmp h = {.m = m, .cpu = cpu};
    char *text = NULL;
    size_t n = 0;

    h.capture = open_memstream(&text, &n);
    if (!h.capture)
        return NULL;
    hmp_run(&h, line);
    fclose(h.capture);
    return text;
}

/* ---- help ---- */

static void print_help(struct hmp *h, const struct hmp_command *c, const char *before)
{
    hmp_say(h, "%s%s%s%s -- %s\n", before, c->name, *c->args ? " " : "", c->args, c->help);
}

static void help_command(struct hmp *h, const struct hmp_command *c)
{
    print_help(h, c, "");
}

static void help_info(struct hmp *h, const struct hmp_command *c)
{
    print_help(h, c, "info ");
}

static void do_help(struct hmp *h, const char *arg)
{
    const struct hmp_command *c;
    char word[64], sub[64];

    if (!hmp_word(&arg, word, sizeof(word))) {
        hmp_each(hmp_tables, help_command, h);
        return;
    }
    c = hmp_find(hmp_tables, word, strlen(word));
    if (!c) {
        hmp_say(h, "unknown command: '%s'\n", word);
    } else if (strcmp(c->name, "info") != 0) {
        help_command(h, c);
    } else if (!hmp_word(&arg, sub, sizeof(sub))) {
        hmp_each(hmp_info_tables, help_info, h);
    } else {
        c = hmp_find(hmp_info_tables, sub, strlen(sub));
        if (c)
            help_info(h, c);
        else
            hmp_say(h, "unknown command: 'info %s'\n", sub);
    }
}

/* A known subject does not come here. */
static void do_info(struct hmp *h, const char *arg)
{
    if (*arg)
        hmp_say(h, "unknown command: 'info %s'\n", arg);
    hmp_each(hmp_info_tables, help_info, h);
}

static void offer_names(struct hmp *h, const struct hmp_command *c)
{
    char name[64];

    for (const char *p = c->name; *p; p += strcspn(p, "|"), p += *p == '|') {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "|"), p);
        hmp_offer(h, name);
    }
}

static void complete_info(struct hmp *h, unsigned n)
{
    if (n == 0)
        hmp_each(hmp_info_tables, offer_names, h);
}

static void complete_help(struct hmp *h, unsigned n)
{
    if (n == 0)
        hmp_each(hmp_tables, offer_names, h);
}

const struct hmp_command hmp_core_commands[] = {
    {.name = "help|?", .args = "[COMMAND]", .help = "this text, or that of one command", .run = do_help,
     .complete = complete_help},
    {.name = "info", .args = "SUBJECT", .help = "show something (help info lists subjects)",
     .run = do_info, .complete = complete_info},
    {0},
};

/* ---- as a device of characters; lock held ---- */

static size_t can_take(void *dev)
{
    struct hmp *h = dev;

    return h->pending || h->out.n > MONITOR_OUTPUT_HIGH ? 0 : 1;
}

static void room(void *dev)
{
    struct hmp *h = dev;

    monitor_push(&h->out);
    h->out.out.accept(h->out.out.to);
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hmp_key(dev, buf[i]);
}

static void event(void *dev, enum bytes_event e)
{
    struct hmp *h = dev;

    if (e == BYTES_CLOSED)
        monitor_drop(&h->out);
    if (e != BYTES_OPENED)
        return;
    if (!h->greeted)
        hmp_say(h, "\nmoa monitor - type 'help' for more information");
    h->greeted = true;
    hmp_say(h, "\n");
    hmp_prompt(h);
}

static void *make(struct machine *m, bool pretty, struct bytes_in *in)
{
    struct hmp *h = calloc(1, sizeof(*h));

    (void)pretty;
    if (!h)
        return NULL;
    h->m = m;
    *in = (struct bytes_in){h, can_take, take, room, event};
    return h;
}

static void attach(void *monitor, struct bytes_out out)
{
    struct hmp *h = monitor;

    h->out.out = out;
    h->out.attached = true;
}

static void destroy(void *monitor)
{
    struct hmp *h = monitor;

    if (h->source)
        g_source_remove(h->source);
    hmp_edit_free(h);
    monitor_output_free(&h->out);
    free(h->pending);
    free(h);
}

const struct machine_monitor_class hmp_class = {make, attach, destroy, hmp_command};
