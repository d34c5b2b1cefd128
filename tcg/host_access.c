// SPDX-License-Identifier: MIT
/* tcg/host_access.c -- a whole guest access at a host address: loads, stores and atomic operations
 * with their order. Misaligned atomic operations, and those of 16 bytes on hosts that have none,
 * take a lock that plain stores do not: they are atomic among themselves only. */
#include "tcg/host_access.h"

#include "tcg/tlb.h"

#include <pthread.h>

static pthread_mutex_t split_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t extended(const struct tcg_mem *m, const struct tcg_access_call *c, uint64_t n)
{
    if (!m->sign || m->size > 3)
        return n;
    n = (uint64_t)bits_sext(n, 8u << m->size);
    return c->wide ? n : (uint32_t)n;
}

void tcg_access_from_bytes(const struct tcg_mem *m, const uint8_t *bytes,
                           struct tcg_access_call *c)
{
    unsigned size = 1u << m->size;
    uint64_t n;

    if (m->size > 3) {
        for (unsigned i = 0; i < size; i += 16) {
            th_wide w = th_read_wide(bytes + i);

            th_from_bytes(c->value + (m->big ? size / 8 - 2 - i / 8 : i / 8), &w, m->big);
        }
        return;
    }
    n = th_read(bytes, m->size);
    c->value[0] = extended(m, c, th_swapped(m) ? th_swap(n, m->size) : n);
    c->value[1] = 0;
}

void tcg_access_to_bytes(const struct tcg_mem *m, const uint64_t *value, uint8_t *bytes)
{
    unsigned size = 1u << m->size;

    if (m->size > 3) {
        for (unsigned i = 0; i < size; i += 16)
            th_write_wide(bytes + i,
                          th_to_bytes(value + (m->big ? size / 8 - 2 - i / 8 : i / 8), m->big));
        return;
    }
    th_write(bytes, m->size, th_swapped(m) ? th_swap(value[0], m->size) : value[0]);
}

static void load(const struct tcg_mem *m, const uint8_t *p, struct tcg_access_call *c)
{
    uint64_t n;

    if (m->order >= TCG_ORDER_ACQUIRE)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (m->size <= 3 && !((uintptr_t)p & ((1u << m->size) - 1))) {
        n = th_atomic_read(p, m->size);
        c->value[0] = extended(m, c, th_swapped(m) ? th_swap(n, m->size) : n);
        c->value[1] = 0;
    } else {
        tcg_access_from_bytes(m, p, c);
    }
    if (m->order)
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static void store(const struct tcg_mem *m, uint8_t *p, const struct tcg_access_call *c)
{
    if (m->order)
        __atomic_thread_fence(m->order > TCG_ORDER_ACQUIRE_PC ? __ATOMIC_SEQ_CST
                                                              : __ATOMIC_RELEASE);
    if (m->size <= 3 && !((uintptr_t)p & ((1u << m->size) - 1)))
        th_atomic_write(p, m->size, th_swapped(m) ? th_swap(c->value[0], m->size) : c->value[0]);
    else
        tcg_access_to_bytes(m, c->value, p);
    if (m->order > TCG_ORDER_ACQUIRE_PC)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void rmw(const struct tcg_mem *m, uint8_t *p, struct tcg_access_call *c)
{
    unsigned size = 1u << m->size;
    uint64_t ones = bits_mask(8 * size), b = c->value[0] & ones, old, seen, new;
    bool aligned = !((uintptr_t)p & (size - 1));

    if (!aligned)
        pthread_mutex_lock(&split_lock);
    old = aligned ? th_atomic_read(p, m->size) : th_read(p, m->size);
    do {
        seen = th_swapped(m) ? th_swap(old, m->size) : old;
        new = th_combine((enum tcg_rmw)c->rmw, m->size, seen, b) & ones;
        if (th_swapped(m))
            new = th_swap(new, m->size);
        if (!aligned)
            th_write(p, m->size, new);
    } while (aligned && !th_swap_if(p, m->size, &old, new));
    if (!aligned)
        pthread_mutex_unlock(&split_lock);
    c->value[0] = extended(m, c, seen);
    c->value[1] = 0;
}

static void cmpxchg_wide(const struct tcg_mem *m, uint8_t *p, struct tcg_access_call *c)
{
    th_wide old = th_to_bytes(c->value, m->big), new = th_to_bytes(c->value + 2, m->big), seen;

    if (TH_SWAP_WIDE && !((uintptr_t)p & 15)) {
        th_swap_wide_if(p, &old, new);
    } else {
        pthread_mutex_lock(&split_lock);
        seen = th_read_wide(p);
        if (seen[0] == old[0] && seen[1] == old[1])
            th_write_wide(p, new);
        old = seen;
        pthread_mutex_unlock(&split_lock);
    }
    th_from_bytes(c->value, &old, m->big);
}

static void cmpxchg(const struct tcg_mem *m, uint8_t *p, struct tcg_access_call *c)
{
    unsigned size = 1u << m->size;
    uint64_t old, new, seen;

    if (m->size == 4) {
        cmpxchg_wide(m, p, c);
        return;
    }
    old = c->value[0] & bits_mask(8 * size);
    new = c->value[2] & bits_mask(8 * size);
    if (th_swapped(m)) {
        old = th_swap(old, m->size);
        new = th_swap(new, m->size);
    }
    if (!((uintptr_t)p & (size - 1))) {
        th_swap_if(p, m->size, &old, new);
    } else {
        pthread_mutex_lock(&split_lock);
        seen = th_read(p, m->size);
        if (seen == old)
            th_write(p, m->size, new);
        old = seen;
        pthread_mutex_unlock(&split_lock);
    }
    c->value[0] = extended(m, c, th_swapped(m) ? th_swap(old, m->size) : old);
    c->value[1] = 0;
}

void tcg_host_access(const struct tcg_mem *m, uint8_t *p, struct tcg_access_call *c)
{
    switch (c->op) {
    case TCG_DO_LOAD: load(m, p, c); break;
    case TCG_DO_STORE: store(m, p, c); break;
    case TCG_DO_RMW: rmw(m, p, c); break;
    case TCG_DO_CMPXCHG: cmpxchg(m, p, c); break;
    default: break;
    }
}
