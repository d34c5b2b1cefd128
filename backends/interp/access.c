// SPDX-License-Identifier: MIT
/* Guest memory for the interpreter: in user mode host address = guest address + guest_base; in whole
 * machines through the vcpu's TLB (tcg/tlb.h), and what is not found there by tcg_memory.access.
 *
 * Aligned accesses of 1 to 8 bytes are single host accesses, of 16 bytes too where the host has
 * them; so are misaligned ones as far as the host makes them so. Order: acquire-pc is the host's
 * acquire (stores: release), everything stronger is sequentially consistent. Atomic operations are
 * compare-exchange loops; misaligned ones, and those of 16 bytes on hosts without such, take a lock
 * that plain stores do not: they are atomic among themselves only.
 *
 * Every access stands between begin() and end(): a host fault in between is the guest's. */
#include "backends/interp/interp.h"

#include "tcg/host_access.h"
#include "tcg/leave.h"

#include <pthread.h>

static pthread_mutex_t split_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local volatile bool split_held;

static void lock_split(void)
{
    pthread_mutex_lock(&split_lock);
    split_held = true;
}

static void unlock_split(void)
{
    split_held = false;
    pthread_mutex_unlock(&split_lock);
}

void in_access_recover(void)
{
    if (split_held)
        unlock_split();
}

static inline void begin(struct tcg_vcpu *v, enum tcg_access access, const struct tcg_mem *m)
{
    struct in_vcpu *n = in_vcpu(v);

    n->access = (uint8_t)access;
    n->size = (uint8_t)(1u << m->size);
    n->accessing = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void end(struct tcg_vcpu *v)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    in_vcpu(v)->accessing = false;
}

static inline uint8_t *host(const struct tcg_vcpu *v, uint64_t addr)
{
    return (uint8_t *)(uintptr_t)(addr + v->guest_base);
}

/* Faults if *p may not be written, and changes nothing. The zero is hidden: clang makes a load of an
 * "or" with a zero that it knows. */
MOA_GUEST_ACCESS
static inline void touch(uint8_t *p)
{
    uint8_t zero = 0;

    __asm__("" : "+r"(zero));
    __atomic_fetch_or(p, zero, __ATOMIC_RELAXED);
}

/* Faults at the border if [p, p + size) goes on in a page that may not be written. */
MOA_GUEST_ACCESS
static void may_write(uint8_t *p, unsigned size)
{
    unsigned left = 4096 - ((uintptr_t)p & 4095);

    if (left < size) {
        touch(p);
        touch(p + left);
    }
}

/* Where an access happens: guest memory or, for the proofs (tcg/leave.h), a copy of what it would
 * be there, with the same faults. Between begin() and end(). */
MOA_GUEST_ACCESS
static uint8_t *place(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr, bool write,
                      uint8_t *copy)
{
    uint8_t *p = host(v, addr);
    unsigned size = 1u << m->size;

    if (MOA_LIKELY(!v->overlay))
        return p;
    v->overlay->progress |= m->restart == TCG_RESTART_PROGRESS;
    if (write) {
        touch(p);
        may_write(p, size);
    }
    switch (m->size) {
    case 0: *copy = *(volatile uint8_t *)p; break;
    case 1: memcpy(copy, p, 2); break;
    case 2: memcpy(copy, p, 4); break;
    case 3: memcpy(copy, p, 8); break;
    case 4: memcpy(copy, p, 16); break;
    default: memcpy(copy, p, 32); break;
    }
    tcg_overlay_read(v->overlay, addr, copy, size);
    return copy;
}

static void placed(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr, const uint8_t *copy)
{
    if (MOA_UNLIKELY(v->overlay != NULL))
        tcg_overlay_write(v->overlay, addr, copy, 1u << m->size);
}

#define COPY uint8_t copy[32] __attribute__((aligned(32)))

static bool aligned_as_wanted(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr)
{
    unsigned size = 1u << m->size;

    if (MOA_LIKELY(m->align == TCG_ALIGN_ANY || !(addr & (tcg_mem_unit(m) - 1))))
        return true;
    if (m->align == TCG_ALIGN_IN16 && (addr & 15) + size <= 16)
        return true;
    v->exit.code = TCG_EXC_ALIGN;
    v->exit.addr = addr;
    v->exit.access = m->intent == TCG_INTENT_READ ? TCG_READ : TCG_WRITE;
    v->exit.size = size;
    return false;
}

static enum tcg_access access_of(const struct tcg_mem *m)
{
    return m->intent == TCG_INTENT_READ    ? TCG_READ
           : m->intent == TCG_INTENT_FETCH ? TCG_FETCH
                                           : TCG_WRITE;
}

/* ---- whole machines ---- */

/* The access that c says. False: v->exit is filled. */
static bool through_tlb(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
                        struct tcg_access_call *c)
{
    const struct tcg_tlb_entry *e = tcg_tlb_of(&v->tlb[m->mmu], addr);
    bool aligned = m->align == TCG_ALIGN_NATURAL && m->size;
    bool reads = m->intent == TCG_INTENT_READ || m->intent == TCG_INTENT_FETCH;
    uint64_t want = tcg_tlb_want(addr, m->size, aligned);

    if (c->op == TCG_DO_STORE)
        reads = false;
    if (MOA_UNLIKELY(want != (reads ? e->read : e->write) ||
                     (m->align == TCG_ALIGN_IN16 && (addr & 15) + (1u << m->size) > 16)))
        return v->engine->cfg.mem.access(v, m, addr, c);
    if (c->op != TCG_DO_PROBE)
        tcg_host_access(m, (uint8_t *)(uintptr_t)(addr + e->addend), c);
    return true;
}

static unsigned words_of(const struct tcg_mem *m)
{
    return m->size > 3 ? 1u << (m->size - 3) : 1;
}

static bool machine_load(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t *d)
{
    struct tcg_access_call c = {.op = TCG_DO_LOAD, .wide = o->mask == ~0ull};

    if (!through_tlb(v, o->mem, addr, &c))
        return false;
    memcpy(d, c.value, words_of(o->mem) * 8);
    if (o->words == 2)
        d[1] = c.value[1];
    return true;
}

static bool machine_store(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr,
                          const uint64_t *s)
{
    struct tcg_access_call c = {.op = TCG_DO_STORE};

    memcpy(c.value, s, words_of(o->mem) * 8);
    return through_tlb(v, o->mem, addr, &c);
}

static bool machine_rmw(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t b,
                        uint64_t *d)
{
    struct tcg_access_call c = {.op = TCG_DO_RMW, .rmw = o->sub, .wide = o->mask == ~0ull,
                                .value = {b}};

    if (!through_tlb(v, o->mem, addr, &c))
        return false;
    *d = c.value[0];
    return true;
}

static bool machine_cmpxchg(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr,
                            const uint64_t *expect, const uint64_t *want, uint64_t *d)
{
    struct tcg_access_call c = {.op = TCG_DO_CMPXCHG, .wide = o->mask == ~0ull};

    memcpy(c.value, expect, words_of(o->mem) * 8);
    memcpy(c.value + 2, want, words_of(o->mem) * 8);
    if (!through_tlb(v, o->mem, addr, &c))
        return false;
    memcpy(d, c.value, words_of(o->mem) * 8);
    return true;
}

static inline bool machine(const struct tcg_vcpu *v)
{
    return MOA_UNLIKELY(!v->engine->cfg.mem.user);
}

/* ---- loads and stores ---- */

MOA_GUEST_ACCESS
bool in_load(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t *d)
{
    const struct tcg_mem *m = o->mem;
    const uint8_t *p;
    uint64_t n;
    COPY;

    if (machine(v))
        return machine_load(v, o, addr, d);
    if (!aligned_as_wanted(v, m, addr))
        return false;
    begin(v, access_of(m), m);
    p = place(v, m, addr, false, copy);
    if (m->order >= TCG_ORDER_ACQUIRE)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (m->size > 3) {
        for (unsigned i = 0; i < 1u << m->size; i += 16) {
            th_wide w = th_read_wide(p + i);
            unsigned at = m->big ? (1u << m->size) / 8 - 2 - i / 8 : i / 8;

            th_from_bytes(d + at, &w, m->big);
        }
        n = 0;
    } else if ((m->atomic || m->order) && !((uintptr_t)p & ((1u << m->size) - 1))) {
        n = th_atomic_read(p, m->size);
    } else {
        n = th_read(p, m->size);
    }
    if (m->order)
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    end(v);
    if (m->size > 3)
        return true;
    if (th_swapped(m))
        n = th_swap(n, m->size);
    if (m->sign)
        n = (uint64_t)bits_sext(n, 8u << m->size) & o->mask;
    d[0] = n;
    if (o->words == 2)
        d[1] = 0;
    return true;
}

MOA_GUEST_ACCESS
bool in_store(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, const uint64_t *s)
{
    const struct tcg_mem *m = o->mem;
    unsigned size = 1u << m->size;
    uint8_t *p;
    COPY;

    if (machine(v))
        return machine_store(v, o, addr, s);
    if (!aligned_as_wanted(v, m, addr))
        return false;
    begin(v, TCG_WRITE, m);
    p = place(v, m, addr, true, copy);
    if (m->order)
        __atomic_thread_fence(m->order > TCG_ORDER_ACQUIRE_PC ? __ATOMIC_SEQ_CST
                                                              : __ATOMIC_RELEASE);
    if (m->size > 3) {
        if (p != copy)
            may_write(p, size); /* no half of it if its second page is bad */
        for (unsigned i = 0; i < size; i += 16)
            th_write_wide(p + i, th_to_bytes(s + (m->big ? size / 8 - 2 - i / 8 : i / 8), m->big));
    } else {
        uint64_t n = th_swapped(m) ? th_swap(s[0], m->size) : s[0];

        if (!((uintptr_t)p & (size - 1)))
            th_atomic_write(p, m->size, n);
        else
            th_write(p, m->size, n);
    }
    if (m->order > TCG_ORDER_ACQUIRE_PC)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    end(v);
    placed(v, m, addr, copy);
    return true;
}

MOA_GUEST_ACCESS
bool in_probe(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr)
{
    const struct tcg_mem *m = o->mem;
    uint8_t *p = host(v, addr);
    unsigned last = (1u << m->size) - 1;

    if (machine(v))
        return through_tlb(v, m, addr, &(struct tcg_access_call){.op = TCG_DO_PROBE});
    if (!aligned_as_wanted(v, m, addr))
        return false;
    begin(v, access_of(m), m);
    if (m->intent == TCG_INTENT_WRITE || m->intent == TCG_INTENT_RW) {
        touch(p);
        touch(p + last);
    } else {
        (void)*(volatile uint8_t *)p;
        (void)*(volatile uint8_t *)(p + last);
    }
    end(v);
    return true;
}

/* ---- atomic operations ---- */

static uint64_t extend(const struct in_op *o, uint64_t n)
{
    return o->mem->sign ? (uint64_t)bits_sext(n, 8u << o->mem->size) & o->mask : n;
}

MOA_GUEST_ACCESS
bool in_rmw(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t b, uint64_t *d)
{
    const struct tcg_mem *m = o->mem;
    unsigned size = 1u << m->size;
    uint64_t ones = bits_mask(8 * size), old, seen;
    uint8_t *p;
    COPY;

    if (machine(v))
        return machine_rmw(v, o, addr, b, d);
    if (!aligned_as_wanted(v, m, addr))
        return false;
    b &= ones;
    begin(v, access_of(m), m);
    p = place(v, m, addr, true, copy);
    if (!((uintptr_t)p & (size - 1))) {
        uint64_t new;

        old = th_atomic_read(p, m->size);
        do {
            seen = th_swapped(m) ? th_swap(old, m->size) : old;
            new = th_combine((enum tcg_rmw)o->sub, m->size, seen, b) & ones;
            if (th_swapped(m))
                new = th_swap(new, m->size);
        } while (!th_swap_if(p, m->size, &old, new));
    } else {
        lock_split();
        old = th_read(p, m->size);
        seen = th_swapped(m) ? th_swap(old, m->size) : old;
        b = th_combine((enum tcg_rmw)o->sub, m->size, seen, b) & ones;
        th_write(p, m->size, th_swapped(m) ? th_swap(b, m->size) : b);
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    *d = extend(o, seen);
    return true;
}

MOA_GUEST_ACCESS
static bool cmpxchg_wide(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
                         const uint64_t *expect, const uint64_t *want, uint64_t *d)
{
    th_wide old = th_to_bytes(expect, m->big), new = th_to_bytes(want, m->big);
    uint8_t *p;
    COPY;

    begin(v, TCG_WRITE, m);
    p = place(v, m, addr, true, copy);
    if (TH_SWAP_WIDE && !((uintptr_t)p & 15)) {
        th_swap_wide_if(p, &old, new);
    } else {
        th_wide seen;

        lock_split();
        seen = th_read_wide(p);
        touch(p + 15);
        touch(p); /* wants write rights also when they differ */
        if (seen[0] == old[0] && seen[1] == old[1])
            th_write_wide(p, new);
        old = seen;
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    th_from_bytes(d, &old, m->big);
    return true;
}

MOA_GUEST_ACCESS
bool in_cmpxchg(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, const uint64_t *expect,
                const uint64_t *want, uint64_t *d)
{
    const struct tcg_mem *m = o->mem;
    unsigned size = 1u << m->size;
    uint64_t old, new;
    uint8_t *p;
    COPY;

    if (machine(v))
        return machine_cmpxchg(v, o, addr, expect, want, d);
    if (!aligned_as_wanted(v, m, addr))
        return false;
    if (m->size == 4)
        return cmpxchg_wide(v, m, addr, expect, want, d);
    old = expect[0] & bits_mask(8 * size);
    new = want[0] & bits_mask(8 * size);
    if (th_swapped(m)) {
        old = th_swap(old, m->size);
        new = th_swap(new, m->size);
    }
    begin(v, TCG_WRITE, m);
    p = place(v, m, addr, true, copy);
    if (!((uintptr_t)p & (size - 1))) {
        th_swap_if(p, m->size, &old, new);
    } else {
        uint64_t seen;

        lock_split();
        seen = th_read(p, m->size);
        th_write(p, m->size, seen == old ? new : seen);
        old = seen;
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    *d = extend(o, th_swapped(m) ? th_swap(old, m->size) : old);
    return true;
}
