// SPDX-License-Identifier: MIT
/* devices/core/props.c -- properties: defaults, setting from text, help. */
#include "devices/core/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned width(enum dev_prop_type t)
{
    switch (t) {
    case DEV_BOOL:
        return sizeof(bool);
    case DEV_U8:
        return 1;
    case DEV_U16:
        return 2;
    case DEV_U32:
    case DEV_ENUM:
        return 4;
    case DEV_U64:
    case DEV_SIZE:
        return 8;
    default:
        return 0; /* no number */
    }
}

void dev_props_init(struct device *d)
{
    for (unsigned i = 0; i < d->class->nprops; i++) {
        const struct dev_prop *p = &d->class->props[i];

        if (width(p->type))
            dev_field_set(dev_at(d, p->offset), width(p->type), p->dflt);
    }
}

void dev_props_free(struct device *d)
{
    for (unsigned i = 0; i < d->class->nprops; i++) {
        const struct dev_prop *p = &d->class->props[i];

        if (p->type == DEV_STRING || p->type == DEV_LINK)
            free(*(char **)dev_at(d, p->offset));
    }
}

static int set_mac(uint8_t *mac, const char *value)
{
    unsigned b[6];
    int end = 0;

    if (strlen(value) != 17 ||
        sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
               &end) != 6 ||
        end != 17)
        return -EINVAL;
    for (unsigned i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    return 0;
}

static int parse_bool(const char *value, uint64_t *n)
{
    if (strcmp(value, "on") == 0 || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0)
        *n = 1;
    else if (strcmp(value, "off") == 0 || strcmp(value, "false") == 0 || strcmp(value, "no") == 0)
        *n = 0;
    else
        return -EINVAL;
    return 0;
}

static int parse_number(const char *value, bool size, uint64_t *n)
{
    char *end;
    unsigned shift = 0;

    if (*value < '0' || *value > '9')
        return -EINVAL;
    errno = 0;
    *n = strtoull(value, &end, 0);
    if (errno)
        return -ERANGE;
    if (size && *end) {
        static const char units[] = "kmgtKMGT";
        const char *u = strchr(units, *end);

        if (!u)
            return -EINVAL;
        shift = 10 * (unsigned)((u - units) % 4 + 1);
        end++;
    }
    if (*end)
        return -EINVAL;
    if (shift && *n >> (64 - shift))
        return -ERANGE;
    *n <<= shift;
    return 0;
}

static int parse_enum(const struct dev_prop *p, const char *value, uint64_t *n)
{
    for (*n = 0; p->names[*n]; ++*n)
        if (strcmp(p->names[*n], value) == 0)
            return 0;
    return -EINVAL;
}

static const char *type_name(const struct dev_prop *p)
{
    static const char *const names[] = {"bool", "uint8", "uint16", "uint32", "uint64",
                                        "size", "str",   "enum",   "mac",    "link"};

    return p->type == DEV_LINK && p->names ? p->names[0] : names[p->type];
}

int dev_set(struct device *d, const char *prop, const char *value, char *err, size_t err_len)
{
    const struct dev_prop *p = NULL;
    uint64_t n = 0, top;
    int e = 0;

    for (unsigned i = 0; i < d->class->nprops && !p; i++)
        if (strcmp(d->class->props[i].name, prop) == 0)
            p = &d->class->props[i];
    if (!p && d->class->inner)
        return dev_set(d->children, prop, value, err, err_len);
    if (!p) {
        snprintf(err, err_len, "%s has no property \"%s\"", d->class->name, prop);
        return -ENOENT;
    }
    switch (p->type) {
    case DEV_STRING:
    case DEV_LINK: {
        char **s = dev_at(d, p->offset), *copy = strdup(value);

        if (!copy)
            return -ENOMEM;
        free(*s);
        *s = copy;
        return 0;
    }
    case DEV_MAC:
        e = set_mac(dev_at(d, p->offset), value);
        break;
    case DEV_BOOL:
        e = parse_bool(value, &n);
        break;
    case DEV_ENUM:
        e = parse_enum(p, value, &n);
        break;
    default:
        e = parse_number(value, p->type == DEV_SIZE, &n);
        top = p->max ? p->max : ~0ull >> (64 - 8 * width(p->type));
        if (e == 0 && (n < p->min || n > top))
            e = -ERANGE;
    }
    if (e < 0) {
        snprintf(err, err_len, "%s: %s=%s: %s", d->class->name, prop, value,
                 e == -ERANGE ? "out of range" : "not understood");
        if (e == -EINVAL && p->type == DEV_ENUM) {
            size_t at = strlen(err);

            for (unsigned i = 0; p->names[i] && at < err_len; i++)
                at += (size_t)snprintf(err + at, err_len - at, "%s%s",
                                       i ? ", " : " (known: ", p->names[i]);
            if (at < err_len)
                snprintf(err + at, err_len - at, ")");
        }
        return e;
    }
    if (width(p->type))
        dev_field_set(dev_at(d, p->offset), width(p->type), n);
    return 0;
}

static void number_text(const struct dev_prop *p, uint64_t n, char *buf, size_t len)
{
    if (p->type == DEV_BOOL)
        snprintf(buf, len, "%s", n ? "on" : "off");
    else if (p->type == DEV_ENUM)
        snprintf(buf, len, "%s", p->names[n]);
    else
        snprintf(buf, len, n > 9 ? "0x%" PRIx64 : "%" PRIu64, n);
}

void dev_prop_text(const struct device *d, const struct dev_prop *p, char *buf, size_t len)
{
    const void *at = (const char *)d + p->offset;

    if (width(p->type)) {
        number_text(p, dev_field_get(at, width(p->type)), buf, len);
    } else if (p->type == DEV_MAC) {
        const uint8_t *m = at;

        snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
    } else {
        const char *s = *(char *const *)at;

        snprintf(buf, len, "\"%s\"", s ? s : "");
    }
}

static void help_props(const struct dev_class *c, void (*line)(void *to, const char *text),
                       void *to)
{
    char text[512], value[64];

    for (unsigned i = 0; i < c->nprops; i++) {
        const struct dev_prop *p = &c->props[i];
        int n = snprintf(text, sizeof(text), "  %s=<%s>", p->name, type_name(p));

        n += snprintf(text + n, sizeof(text) - (size_t)n, "%*s - %s", n < 28 ? 28 - n : 0, "",
                      p->text);
        if (width(p->type)) {
            number_text(p, p->dflt, value, sizeof(value));
            n += snprintf(text + n, sizeof(text) - (size_t)n, " (default: %s)", value);
        }
        line(to, text);
    }
}

void dev_help(const struct dev_class *c, void (*line)(void *to, const char *text), void *to)
{
    char text[512];

    snprintf(text, sizeof(text), "%s: %s%s", c->name, c->text,
             c->nprops || c->inner ? "; options:" : "");
    line(to, text);
    for (; c; c = c->inner)
        help_props(c, line, to);
}

void dev_help_all(void (*line)(void *to, const char *text), void *to)
{
    char text[512];

    for (unsigned i = 0; dev_classes[i]; i++) {
        const struct dev_class *c = dev_classes[i];
        bool said = false;

        for (unsigned k = 0; k < i; k++)
            said |= strcmp(dev_classes[k]->category, c->category) == 0;
        if (said)
            continue;
        snprintf(text, sizeof(text), "%s devices:", c->category);
        line(to, text);
        for (unsigned k = i; dev_classes[k]; k++) {
            if (strcmp(dev_classes[k]->category, c->category) != 0)
                continue;
            snprintf(text, sizeof(text), "  %-20s bus %s: %s", dev_classes[k]->name,
                     dev_classes[k]->bus, dev_classes[k]->text);
            line(to, text);
        }
    }
}
