// SPDX-License-Identifier: MIT
/* Guest memory for the interpreter in user mode: host address = guest address + guest_base.
 *
 * Aligned accesses of 1 to 8 bytes are single host accesses, of 16 bytes too where the host has
 * them; so are misaligned ones as far as the host makes them so. Order: acquire-pc is the host's
 * acquire (stores: release), everything stronger is sequentially consistent. Atomic operations are
 * compare-exchange loops; misaligned ones, and those of 16 bytes on hosts without such, take a lock
 * that plain stores do not: they are atomic among themselves only.
 *
 * Every access stands between begin() and end(): a host fault in between is the guest's. */
#include "backends/interp/interp.h"

#include "base/bits.h"
#include "tcg/leave.h"

#include <pthread.h>
#include <string.h>

#define HOST_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

typedef uint64_t wide __attribute__((vector_size(16), may_alias));

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

    if (MOA_LIKELY(m->align == TCG_ALIGN_ANY || !(addr & (size - 1))))
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

static bool swapped(const struct tcg_mem *m)
{
    return (m->big != 0) != HOST_BIG;
}

static uint64_t swap(uint64_t n, unsigned log2)
{
    return log2 ? __builtin_bswap64(n) >> (64 - (8u << log2)) : n;
}

/* ---- up to 8 bytes: in host byte order ---- */

MOA_GUEST_ACCESS
static inline uint64_t read_small(const uint8_t *p, unsigned log2)
{
    uint16_t h;
    uint32_t w;
    uint64_t d;

    switch (log2) {
    case 0: return *(const volatile uint8_t *)p;
    case 1: memcpy(&h, p, 2); return h;
    case 2: memcpy(&w, p, 4); return w;
    default: memcpy(&d, p, 8); return d;
    }
}

MOA_GUEST_ACCESS
static inline void write_small(uint8_t *p, unsigned log2, uint64_t n)
{
    uint16_t h = (uint16_t)n;
    uint32_t w = (uint32_t)n;

    switch (log2) {
    case 0: *(volatile uint8_t *)p = (uint8_t)n; break;
    case 1: memcpy(p, &h, 2); break;
    case 2: memcpy(p, &w, 4); break;
    default: memcpy(p, &n, 8); break;
    }
}

MOA_GUEST_ACCESS
static inline uint64_t atomic_read(const uint8_t *p, unsigned log2)
{
    switch (log2) {
    case 0: return __atomic_load_n(p, __ATOMIC_RELAXED);
    case 1: return __atomic_load_n((const uint16_t *)(const void *)p, __ATOMIC_RELAXED);
    case 2: return __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_RELAXED);
    default: return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_RELAXED);
    }
}

MOA_GUEST_ACCESS
static inline void atomic_write(uint8_t *p, unsigned log2, uint64_t n)
{
    switch (log2) {
    case 0: __atomic_store_n(p, (uint8_t)n, __ATOMIC_RELAXED); break;
    case 1: __atomic_store_n((uint16_t *)(void *)p, (uint16_t)n, __ATOMIC_RELAXED); break;
    case 2: __atomic_store_n((uint32_t *)(void *)p, (uint32_t)n, __ATOMIC_RELAXED); break;
    default: __atomic_store_n((uint64_t *)(void *)p, n, __ATOMIC_RELAXED); break;
    }
}

/* True if the value in memory was *old and is new now; else *old is what was there. */
MOA_GUEST_ACCESS
static bool atomic_swap_if(uint8_t *p, unsigned log2, uint64_t *old, uint64_t new)
{
    uint8_t b = (uint8_t)*old;
    uint16_t h = (uint16_t)*old;
    uint32_t w = (uint32_t)*old;
    bool ok;

    switch (log2) {
    case 0:
        ok = __atomic_compare_exchange_n(p, &b, (uint8_t)new, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST);
        *old = b;
        return ok;
    case 1:
        ok = __atomic_compare_exchange_n((uint16_t *)(void *)p, &h, (uint16_t)new, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        *old = h;
        return ok;
    case 2:
        ok = __atomic_compare_exchange_n((uint32_t *)(void *)p, &w, (uint32_t)new, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        *old = w;
        return ok;
    default:
        return __atomic_compare_exchange_n((uint64_t *)(void *)p, old, new, false,
                                           __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
}

/* ---- 16 and 32 bytes: d[0] is the low half ---- */

static void from_bytes(uint64_t *d, const wide *w, bool big)
{
    uint64_t first = (*w)[0], second = (*w)[1]; /* at the lower and the higher address */

    if (big != HOST_BIG) {
        first = __builtin_bswap64(first);
        second = __builtin_bswap64(second);
    }
    d[0] = big ? second : first;
    d[1] = big ? first : second;
}

static wide to_bytes(const uint64_t *s, bool big)
{
    uint64_t first = big ? s[1] : s[0], second = big ? s[0] : s[1];

    if (big != HOST_BIG) {
        first = __builtin_bswap64(first);
        second = __builtin_bswap64(second);
    }
    return (wide){first, second};
}

MOA_GUEST_ACCESS
static wide read_wide(const uint8_t *p)
{
    wide w;

    if (!((uintptr_t)p & 15))
        w = *(const volatile wide *)(const void *)p;
    else
        memcpy(&w, p, 16);
    return w;
}

MOA_GUEST_ACCESS
static void write_wide(uint8_t *p, wide w)
{
    if (!((uintptr_t)p & 15))
        *(volatile wide *)(void *)p = w;
    else
        memcpy(p, &w, 16);
}

MOA_GUEST_ACCESS
bool in_load(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t *d)
{
    const struct tcg_mem *m = o->mem;
    const uint8_t *p;
    uint64_t n;
    COPY;

    if (!aligned_as_wanted(v, m, addr))
        return false;
    begin(v, access_of(m), m);
    p = place(v, m, addr, false, copy);
    if (m->order >= TCG_ORDER_ACQUIRE)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (m->size > 3) {
        for (unsigned i = 0; i < 1u << m->size; i += 16) {
            wide w = read_wide(p + i);
            unsigned at = m->big ? (1u << m->size) / 8 - 2 - i / 8 : i / 8;

            from_bytes(d + at, &w, m->big);
        }
        n = 0;
    } else if ((m->atomic || m->order) && !((uintptr_t)p & ((1u << m->size) - 1))) {
        n = atomic_read(p, m->size);
    } else {
        n = read_small(p, m->size);
    }
    if (m->order)
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    end(v);
    if (m->size > 3)
        return true;
    if (swapped(m))
        n = swap(n, m->size);
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
            write_wide(p + i, to_bytes(s + (m->big ? size / 8 - 2 - i / 8 : i / 8), m->big));
    } else {
        uint64_t n = swapped(m) ? swap(s[0], m->size) : s[0];

        if (!((uintptr_t)p & (size - 1)))
            atomic_write(p, m->size, n);
        else
            write_small(p, m->size, n);
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

static uint64_t combine(enum tcg_rmw op, unsigned log2, uint64_t a, uint64_t b)
{
    unsigned bits = 8u << log2;
    int64_t sa = bits_sext(a, bits), sb = bits_sext(b, bits);

    switch (op) {
    case TCG_RMW_ADD: return a + b;
    case TCG_RMW_AND: return a & b;
    case TCG_RMW_ANDN: return a & ~b;
    case TCG_RMW_OR: return a | b;
    case TCG_RMW_XOR: return a ^ b;
    case TCG_RMW_XCHG: return b;
    case TCG_RMW_SMIN: return sa < sb ? a : b;
    case TCG_RMW_SMAX: return sa > sb ? a : b;
    case TCG_RMW_UMIN: return a < b ? a : b;
    case TCG_RMW_UMAX: return a > b ? a : b;
    case TCG_RMW_SUB: return a - b;
    case TCG_RMW_COUNT: break;
    }
    MOA_BUG("atomic operation %u", op);
}

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

    if (!aligned_as_wanted(v, m, addr))
        return false;
    b &= ones;
    begin(v, access_of(m), m);
    p = place(v, m, addr, true, copy);
    if (!((uintptr_t)p & (size - 1))) {
        uint64_t new;

        old = atomic_read(p, m->size);
        do {
            seen = swapped(m) ? swap(old, m->size) : old;
            new = combine((enum tcg_rmw)o->sub, m->size, seen, b) & ones;
            if (swapped(m))
                new = swap(new, m->size);
        } while (!atomic_swap_if(p, m->size, &old, new));
    } else {
        lock_split();
        old = read_small(p, m->size);
        seen = swapped(m) ? swap(old, m->size) : old;
        b = combine((enum tcg_rmw)o->sub, m->size, seen, b) & ones;
        write_small(p, m->size, swapped(m) ? swap(b, m->size) : b);
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    *d = extend(o, seen);
    return true;
}

#if defined(__x86_64__)
/* In assembly: clang makes a library call of the builtin unless the whole file is built for cx16. */
MOA_GUEST_ACCESS
static bool swap_wide_if(uint8_t *p, wide *old, wide new)
{
    uint64_t lo = (*old)[0], hi = (*old)[1];
    bool same;

    __asm__ volatile("lock cmpxchg16b (%[p])"
                     : "=@ccz"(same), "+a"(lo), "+d"(hi)
                     : [p] "r"(p), "b"(new[0]), "c"(new[1])
                     : "memory");
    *old = (wide){lo, hi};
    return same;
}
#define HAVE_SWAP_WIDE 1
#else
#define HAVE_SWAP_WIDE 0
MOA_GUEST_ACCESS
static bool swap_wide_if(uint8_t *p, wide *old, wide new)
{
    (void)p, (void)old, (void)new;
    MOA_BUG("no compare-exchange of 16 bytes on this host");
}
#endif

MOA_GUEST_ACCESS
static bool cmpxchg_wide(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
                         const uint64_t *expect, const uint64_t *want, uint64_t *d)
{
    wide old = to_bytes(expect, m->big), new = to_bytes(want, m->big);
    uint8_t *p;
    COPY;

    begin(v, TCG_WRITE, m);
    p = place(v, m, addr, true, copy);
    if (HAVE_SWAP_WIDE && !((uintptr_t)p & 15)) {
        swap_wide_if(p, &old, new);
    } else {
        wide seen;

        lock_split();
        seen = read_wide(p);
        touch(p + 15);
        touch(p); /* wants write rights also when they differ */
        if (seen[0] == old[0] && seen[1] == old[1])
            write_wide(p, new);
        old = seen;
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    from_bytes(d, &old, m->big);
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

    if (!aligned_as_wanted(v, m, addr))
        return false;
    if (m->size == 4)
        return cmpxchg_wide(v, m, addr, expect, want, d);
    old = expect[0] & bits_mask(8 * size);
    new = want[0] & bits_mask(8 * size);
    if (swapped(m)) {
        old = swap(old, m->size);
        new = swap(new, m->size);
    }
    begin(v, TCG_WRITE, m);
    p = place(v, m, addr, true, copy);
    if (!((uintptr_t)p & (size - 1))) {
        atomic_swap_if(p, m->size, &old, new);
    } else {
        uint64_t seen;

        lock_split();
        seen = read_small(p, m->size);
        write_small(p, m->size, seen == old ? new : seen);
        old = seen;
        unlock_split();
    }
    end(v);
    placed(v, m, addr, copy);
    *d = extend(o, swapped(m) ? swap(old, m->size) : old);
    return true;
}
