// SPDX-License-Identifier: MIT
/* base/log.c -- the -d log. The one global outside cmd/ that the architecture allows. */
#include "base/log.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t log_mask;
bool log_tracing;
_Thread_local struct log_place log_place = {.vcpu = -1};
static FILE *stream;
static struct {
    uint64_t lo, hi; /* both included */
} filters[16];
static unsigned nfilters;

static const struct {
    const char *name;
    uint32_t bit;
    const char *text;
} items[] = {
#define LOG_ITEM(name, bit, text) {#name, 1u << (bit), text},
#include "base/log_items.def"
#undef LOG_ITEM
};

int log_parse(const char *list, FILE *out, char *bad, size_t bad_len)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        unsigned i;

        if (n == 4 && memcmp(list, "help", 4) == 0) {
            for (i = 0; i < ARRAY_LEN(items); i++)
                fprintf(out, "%-14s %s\n", items[i].name, items[i].text);
            return 1;
        }
        for (i = 0; i < ARRAY_LEN(items); i++)
            if (strlen(items[i].name) == n && memcmp(items[i].name, list, n) == 0)
                break;
        if (i == ARRAY_LEN(items)) {
            int at = snprintf(bad, bad_len, "%.*s (known:", (int)n, list);

            for (i = 0; i < ARRAY_LEN(items) && at > 0 && (size_t)at < bad_len; i++)
                at += snprintf(bad + at, bad_len - (size_t)at, " %s", items[i].name);
            if (at > 0 && (size_t)at < bad_len)
                snprintf(bad + at, bad_len - (size_t)at, ")");
            return -EINVAL;
        }
        log_mask |= items[i].bit;
        list += n + (list[n] == ',');
    }
    return 0;
}

int log_open(const char *path)
{
    char name[4096];
    const char *d = strstr(path, "%d");
    FILE *f;
    int n, fd;

    if (d)
        n = snprintf(name, sizeof(name), "%.*s%d%s", (int)(d - path), path, (int)getpid(), d + 2);
    else
        n = snprintf(name, sizeof(name), "%s", path);
    if (n < 0 || (size_t)n >= sizeof(name))
        return -ENAMETOOLONG;
    fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    fd = fd_out_of_the_way(fd);
    f = fdopen(fd, "a");
    if (!f) {
        close(fd);
        return -ENOMEM;
    }
    setvbuf(f, NULL, _IOLBF, 0);
    stream = f;
    return 0;
}

int log_filter(const char *list)
{
    while (*list) {
        char *end;
        uint64_t lo = strtoull(list, &end, 0), hi = lo;

        if (end == list || nfilters == ARRAY_LEN(filters))
            return -EINVAL;
        if (end[0] == '.' && end[1] == '.') {
            list = end + 2;
            hi = strtoull(list, &end, 0);
        } else if (end[0] == '+') {
            list = end + 1;
            hi = lo + strtoull(list, &end, 0) - 1;
        }
        if (end == list || hi < lo || (*end && *end != ','))
            return -EINVAL;
        filters[nfilters].lo = lo;
        filters[nfilters++].hi = hi;
        list = end + (*end == ',');
    }
    return 0;
}

bool log_addr(uint64_t guest_pc)
{
    for (unsigned i = 0; i < nfilters; i++)
        if (guest_pc >= filters[i].lo && guest_pc <= filters[i].hi)
            return true;
    return nfilters == 0;
}

static struct {
    char pattern[64];
    bool on;
} traces[32];
static unsigned ntraces;

int log_trace(const char *pattern, bool on)
{
    if (strlen(pattern) >= sizeof(traces[0].pattern))
        return -ENOSPC;
    if (strcmp(pattern, "*") == 0)
        ntraces = 0; /* what was said before does not matter any more */
    if (ntraces == ARRAY_LEN(traces))
        return -ENOSPC;
    strcpy(traces[ntraces].pattern, pattern);
    traces[ntraces++].on = on;
    log_tracing = on || (log_tracing && strcmp(pattern, "*") != 0);
    return 0;
}

bool log_traced(const char *name)
{
    for (unsigned i = ntraces; i--;) /* the last that fits counts */
        if (fnmatch(traces[i].pattern, name, FNM_CASEFOLD) == 0)
            return traces[i].on;
    return false;
}

FILE *log_stream(void)
{
    return stream ? stream : stderr;
}

void log_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(log_stream(), fmt, ap);
    va_end(ap);
}
