// SPDX-License-Identifier: MIT
/* monitor/output.c -- output of monitors, kept until the character device takes it. Input stops long
 * before much of it waits, so that its size is bounded by what one command prints. */
#include "monitor/output.h"

#include <stdlib.h>
#include <string.h>

void monitor_push(struct monitor_output *o)
{
    size_t n = 0;

    while (o->attached && n < o->n) {
        size_t k = o->out.write(o->out.to, (const uint8_t *)o->waiting + n, o->n - n);

        if (!k)
            break;
        n += k;
    }
    if (n)
        memmove(o->waiting, o->waiting + n, o->n - n);
    o->n -= n;
}

void monitor_write(struct monitor_output *o, const char *text, size_t n)
{
    if (!o->attached || !n)
        return;
    if (o->n + n > o->room) {
        size_t room = 2 * (o->n + n);
        char *more = realloc(o->waiting, room);

        if (!more)
            return;
        o->waiting = more;
        o->room = room;
    }
    memcpy(o->waiting + o->n, text, n);
    o->n += n;
    monitor_push(o);
}

void monitor_drop(struct monitor_output *o)
{
    o->n = 0;
}

void monitor_output_free(struct monitor_output *o)
{
    free(o->waiting);
    o->waiting = NULL;
    o->n = o->room = 0;
}
