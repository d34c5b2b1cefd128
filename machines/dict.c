// SPDX-License-Identifier: MIT
/* machines/dict.c -- see dict.h. JSON is read by json-c, where this build has it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "machines/dict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_JSON
#include <json.h>
#endif

int dict_set(struct dict *w, const char *name, const char *value)
{
    struct dict_entry *at = realloc(w->at, (w->n + 1) * sizeof(*at));

    if (!at)
        return -ENOMEM;
    w->at = at;
    at[w->n] = (struct dict_entry){strdup(name), strdup(value), false};
    if (!at[w->n].name || !at[w->n].value) {
        free(at[w->n].name);
        free(at[w->n].value);
        return -ENOMEM;
    }
    w->n++;
    return 0;
}

void dict_free(struct dict *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        free(w->at[i].name);
        free(w->at[i].value);
    }
    free(w->at);
    *w = (struct dict){0};
}

static int no_memory(char *err, size_t err_len)
{
    snprintf(err, err_len, "out of memory");
    return -1;
}

#ifdef HAVE_JSON
enum { DEPTH = 16 };

static int flatten(struct dict *w, struct json_object *o, const char *prefix, unsigned depth,
                   char *err, size_t err_len)
{
    char name[256];

    if (depth == DEPTH) {
        snprintf(err, err_len, "%s: too deep", prefix);
        return -1;
    }
    json_object_object_foreach(o, key, v)
    {
        enum json_type t = json_object_get_type(v);

        if (snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key) >=
            (int)sizeof(name)) {
            snprintf(err, err_len, "a name is too long");
            return -1;
        }
        if (t == json_type_array) {
            snprintf(err, err_len, "%s: lists are not supported", name);
            return -1;
        }
        if (t == json_type_object) {
            if (flatten(w, v, name, depth + 1, err, err_len))
                return -1;
        } else if (dict_set(w, name,
                            t == json_type_null      ? ""
                            : t == json_type_boolean ? (json_object_get_boolean(v) ? "on" : "off")
                                                     : json_object_get_string(v))) {
            return no_memory(err, err_len);
        }
    }
    return 0;
}
#endif

static int parse_json(struct dict *w, const char *text, char *err, size_t err_len)
{
#ifdef HAVE_JSON
    enum json_tokener_error e;
    struct json_object *o = json_tokener_parse_verbose(text, &e);
    int r = -1;

    if (!o || !json_object_is_type(o, json_type_object))
        snprintf(err, err_len, "bad JSON: %s", o ? "not an object" : json_tokener_error_desc(e));
    else
        r = flatten(w, o, "", 0, err, err_len);
    json_object_put(o);
    return r;
#else
    (void)w, (void)text;
    snprintf(err, err_len, "this build has no JSON (it was made without json-c)");
    return -1;
#endif
}

/* The next word of *text, with ",," for a comma; NULL: no memory. */
static char *next_word(const char **text)
{
    char *word = malloc(strlen(*text) + 1);
    const char *p = *text;
    size_t n = 0;

    if (!word)
        return NULL;
    for (; *p; p++) {
        if (*p == ',' && p[1] != ',')
            break;
        p += *p == ',';
        word[n++] = *p;
    }
    word[n] = 0;
    *text = *p ? p + 1 : p;
    return word;
}

int dict_parse(struct dict *w, const char *text, const char *first, char *err, size_t err_len)
{
    if (*text == '{')
        return parse_json(w, text, err, err_len);
    for (bool begin = true; *text; begin = false) {
        char *word = next_word(&text), *eq = word ? strchr(word, '=') : NULL;
        int r;

        if (eq)
            *eq = 0;
        if (!word)
            r = -ENOMEM;
        else if (!eq && begin && first)
            r = dict_set(w, first, word);
        else
            r = dict_set(w, word, eq ? eq + 1 : "on");
        free(word);
        if (r)
            return no_memory(err, err_len);
    }
    return 0;
}

const char *dict_get(struct dict *w, const char *fmt, ...)
{
    const char *value = NULL;
    char name[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(name, sizeof(name), fmt, ap);
    va_end(ap);
    for (unsigned i = 0; i < w->n; i++)
        if (strcmp(w->at[i].name, name) == 0) {
            w->at[i].used = true;
            value = w->at[i].value;
        }
    return value;
}

int dict_rename(struct dict *w, const char *from, const char *to)
{
    for (unsigned i = 0; i < w->n; i++)
        if (strcmp(w->at[i].name, from) == 0) {
            char *name = strdup(to);

            if (!name)
                return -ENOMEM;
            free(w->at[i].name);
            w->at[i].name = name;
        }
    return 0;
}

bool dict_below(const struct dict *w, const char *prefix)
{
    for (unsigned i = 0; i < w->n; i++)
        if (strncmp(w->at[i].name, prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

const struct dict_entry *dict_unused(const struct dict *w)
{
    for (unsigned i = 0; i < w->n; i++)
        if (!w->at[i].used)
            return &w->at[i];
    return NULL;
}

int dict_bool(const char *v)
{
    static const char *const yes[] = {"on", "yes", "true", "y"}, *const no[] = {"off", "no",
                                                                                "false", "n"};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (strcmp(v, yes[i]) == 0)
            return 1;
        if (strcmp(v, no[i]) == 0)
            return 0;
    }
    return -1;
}

bool dict_size(const char *v, uint64_t *out)
{
    static const char letters[] = "bkmgt";
    const char *l = NULL;
    char *end;

    errno = 0;
    *out = strtoull(v, &end, 0);
    if (errno || end == v || *v == '-')
        return false;
    if (*end && (!(l = strchr(letters, *end | 32)) || end[1]))
        return false;
    if (l && *out > UINT64_MAX >> 10 * (l - letters))
        return false;
    if (l)
        *out <<= 10 * (l - letters);
    return true;
}
