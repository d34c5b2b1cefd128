/* SPDX-License-Identifier: MIT */
/* tcg/host_access.h -- single accesses to host memory that guests see: what is atomic, what is
 * swapped. For the interpreter and for the slow path of the TLBs.
 *
 * Aligned accesses of 1 to 8 bytes are single host accesses, of 16 bytes too where the host has
 * them. Numbers are in host order until th_swap(). */
#ifndef TCG_HOST_ACCESS_H
#define TCG_HOST_ACCESS_H

#include "base/bits.h"
#include "tcg/ir.h"

#include <string.h>

#define TH_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

typedef uint64_t th_wide __attribute__((vector_size(16), may_alias));

static inline bool th_swapped(const struct tcg_mem *m)
{
    return (m->big != 0) != TH_BIG;
}

static inline uint64_t th_swap(uint64_t n, unsigned log2)
{
    return log2 ? __builtin_bswap64(n) >> (64 - (8u << log2)) : n;
}

/* ---- up to 8 bytes: in host byte order ---- */

MOA_GUEST_ACCESS
static inline uint64_t th_read(const uint8_t *p, unsigned log2)
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
static inline void th_write(uint8_t *p, unsigned log2, uint64_t n)
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
static inline uint64_t th_atomic_read(const uint8_t *p, unsigned log2)
{
    switch (log2) {
    case 0: return __atomic_load_n(p, __ATOMIC_RELAXED);
    case 1: return __atomic_load_n((const uint16_t *)(const void *)p, __ATOMIC_RELAXED);
    case 2: return __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_RELAXED);
    default: return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_RELAXED);
    }
}

MOA_GUEST_ACCESS
static inline void th_atomic_write(uint8_t *p, unsigned log2, uint64_t n)
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
static inline bool th_swap_if(uint8_t *p, unsigned log2, uint64_t *old, uint64_t new)
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

static inline void th_from_bytes(uint64_t *d, const th_wide *w, bool big)
{
    uint64_t first = (*w)[0], second = (*w)[1]; /* at the lower and the higher address */

    if (big != TH_BIG) {
        first = __builtin_bswap64(first);
        second = __builtin_bswap64(second);
    }
    d[0] = big ? second : first;
    d[1] = big ? first : second;
}

static inline th_wide th_to_bytes(const uint64_t *s, bool big)
{
    uint64_t first = big ? s[1] : s[0], second = big ? s[0] : s[1];

    if (big != TH_BIG) {
        first = __builtin_bswap64(first);
        second = __builtin_bswap64(second);
    }
    return (th_wide){first, second};
}

MOA_GUEST_ACCESS
static inline th_wide th_read_wide(const uint8_t *p)
{
    th_wide w;

    if (!((uintptr_t)p & 15))
        w = *(const volatile th_wide *)(const void *)p;
    else
        memcpy(&w, p, 16);
    return w;
}

MOA_GUEST_ACCESS
static inline void th_write_wide(uint8_t *p, th_wide w)
{
    if (!((uintptr_t)p & 15))
        *(volatile th_wide *)(void *)p = w;
    else
        memcpy(p, &w, 16);
}

/* ---- atomic operations ---- */

/* What memory holds after the operation; a and b extended or not. */
static inline uint64_t th_combine(enum tcg_rmw op, unsigned log2, uint64_t a, uint64_t b)
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

#if defined(__x86_64__)
#define TH_SWAP_WIDE 1
/* In assembly: clang makes a library call of the builtin unless the whole file is built for cx16. */
MOA_GUEST_ACCESS
static inline bool th_swap_wide_if(uint8_t *p, th_wide *old, th_wide new)
{
    uint64_t lo = (*old)[0], hi = (*old)[1];
    bool same;

    __asm__ volatile("lock cmpxchg16b (%[p])"
                     : "=@ccz"(same), "+a"(lo), "+d"(hi)
                     : [p] "r"(p), "b"(new[0]), "c"(new[1])
                     : "memory");
    *old = (th_wide){lo, hi};
    return same;
}
#else
#define TH_SWAP_WIDE 0
MOA_GUEST_ACCESS
static inline bool th_swap_wide_if(uint8_t *p, th_wide *old, th_wide new)
{
    (void)p, (void)old, (void)new;
    MOA_BUG("no compare-exchange of 16 bytes on this host");
}
#endif

/* tcg/host_access.c: the access that c says (but TCG_DO_PROBE) at host address p, which is mapped
 * for all of it and has the rights. c->value becomes the result. */
struct tcg_access_call;
void tcg_host_access(const struct tcg_mem *m, uint8_t *p, struct tcg_access_call *c);
/* What a load makes of the bytes, the other way round for a store; an access in pieces. size bytes
 * in guest memory's order. */
void tcg_access_from_bytes(const struct tcg_mem *m, const uint8_t *bytes,
                           struct tcg_access_call *c);
void tcg_access_to_bytes(const struct tcg_mem *m, const uint64_t *value, uint8_t *bytes);

#endif
