// SPDX-License-Identifier: MIT
/* monitor/qmp_json.c -- JSON values as text (RFC 8259), in the layout that scripts which look for a line
 * of QMP by pattern expect: a blank behind commas and colons, characters above ASCII as \u. Reading is
 * json-c's. */
#include "monitor/qmp_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(FILE *f, struct json_object *o, bool pretty, unsigned level);

/* One character of UTF-8 from s; what is none becomes U+FFFD. */
static uint32_t next_char(const uint8_t **s, const uint8_t *end)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t c = *(*s)++;
    unsigned more = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 :
                    (c & 0xf8) == 0xf0 ? 3 : 4;

    if (!more)
        return c;
    if (more > 3)
        return 0xfffd;
    c &= 0x3fu >> more;
    for (unsigned i = 0; i < more; i++) {
        if (*s == end || (**s & 0xc0) != 0x80)
            return 0xfffd;
        c = c << 6 | (*(*s)++ & 0x3f);
    }
    return c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
}

static void put_string(FILE *f, const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text, *end = s + n;

    fputc('"', f);
    while (s < end) {
        static const char special[] = "\"\"\\\\b\bf\fn\nr\rt\t";
        uint32_t c = next_char(&s, end);
        const char *e = special;

        while (*e && (uint8_t)e[1] != c)
            e += 2;
        if (*e)
            fprintf(f, "\\%c", *e);
        else if (c >= 32 && c < 127)
            fputc((int)c, f);
        else if (c < 0x10000)
            fprintf(f, "\\u%04X", c);
        else
            fprintf(f, "\\u%04X\\u%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
    }
    fputc('"', f);
}

static void new_line(FILE *f, bool pretty, unsigned level)
{
    if (pretty)
        fprintf(f, "\n%*s", (int)(4 * level), "");
}

static void put_object(FILE *f, struct json_object *o, bool pretty, unsigned level)
{
    const char *comma = "";

    fputc('{', f);
    json_object_object_foreach(o, key, value) {
        fputs(comma, f);
        new_line(f, pretty, level + 1);
        put_string(f, key, strlen(key));
        fputs(": ", f);
        put(f, value, pretty, level + 1);
        comma = pretty ? "," : ", ";
    }
    if (*comma)
        new_line(f, pretty, level);
    fputc('}', f);
}

static void put_array(FILE *f, struct json_object *o, bool pretty, unsigned level)
{
    size_t n = json_object_array_length(o);

    fputc('[', f);
    for (size_t i = 0; i < n; i++) {
        if (i)
            fputs(pretty ? "," : ", ", f);
        new_line(f, pretty, level + 1);
        put(f, json_object_array_get_idx(o, i), pretty, level + 1);
    }
    if (n)
        new_line(f, pretty, level);
    fputc(']', f);
}

static void put_double(FILE *f, double d)
{
    char text[40];

    if (!isfinite(d))
        d = 0; /* JSON has no such number */
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    fputs(text, f);
}

static void put(FILE *f, struct json_object *o, bool pretty, unsigned level)
{
    switch (json_object_get_type(o)) {
    case json_type_null: fputs("null", f); break;
    case json_type_boolean: fputs(json_object_get_boolean(o) ? "true" : "false", f); break;
    case json_type_double: put_double(f, json_object_get_double(o)); break;
    case json_type_int:
        if (json_object_get_int64(o) == INT64_MAX)
            fprintf(f, "%" PRIu64, json_object_get_uint64(o));
        else
            fprintf(f, "%" PRId64, json_object_get_int64(o));
        break;
    case json_type_string:
        put_string(f, json_object_get_string(o), (size_t)json_object_get_string_len(o));
        break;
    case json_type_object: put_object(f, o, pretty, level); break;
    case json_type_array: put_array(f, o, pretty, level); break;
    }
}

char *qmp_text(struct json_object *o, bool pretty)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        return NULL;
    put(f, o, pretty, 0);
    fclose(f);
    return text;
}
