/* SPDX-License-Identifier: MIT */
/* ports/irq.h -- an interrupt line: who drives it calls irq_set, who listens filled it in. Boards
 * connect the two. A line that leads nowhere is all zero.
 *
 * Threads: callers hold the machine's lock unless the listener says that it takes none. */
#ifndef PORTS_IRQ_H
#define PORTS_IRQ_H

#include "base/base.h"

struct irq_line {
    void (*set)(void *to, unsigned n, bool level);
    void *to;
    unsigned n;
};

static inline void irq_set(const struct irq_line *l, bool level)
{
    if (l->set)
        l->set(l->to, l->n, level);
}

/* A message-signalled interrupt: a write of data to addr, by requester (PCI: bus, device,
 * function). */
struct msi_port {
    void (*send)(void *to, uint64_t addr, uint32_t data, uint32_t requester);
    void *to;
};

#endif
