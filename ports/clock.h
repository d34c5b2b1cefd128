/* SPDX-License-Identifier: MIT */
/* ports/clock.h -- time and timers as devices see them. All times are nanoseconds of one clock: the
 * machine's virtual clock (stops with the vcpus) unless a field says otherwise.
 *
 * Threads: a timer's callback runs with the machine's lock held; set and cancel are called with it
 * held. A timer fires once; a deadline in the past fires soon, never inside set. */
#ifndef PORTS_CLOCK_H
#define PORTS_CLOCK_H

#include "base/base.h"

#define CLOCK_NEVER INT64_MAX

enum clock_kind {
    CLOCK_VIRTUAL,
    CLOCK_HOST,
    CLOCK_REAL
}; /* host: the wall clock; real: monotonic */

struct clock_timer; /* belongs to the provider */

struct clock_port {
    void *opaque;
    int64_t (*now)(void *opaque, enum clock_kind kind); /* any thread, no lock */
    struct clock_timer *(*timer_new)(void *opaque, enum clock_kind kind, void (*fire)(void *arg),
                                     void *arg);
    void (*timer_free)(struct clock_timer *t);
    void (*timer_set)(struct clock_timer *t, int64_t deadline); /* CLOCK_NEVER: cancelled */
};

#endif
