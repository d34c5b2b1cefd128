/* SPDX-License-Identifier: MIT */
/* base/base.h -- what every file may use: array length, alignment, our own bugs.
 *
 * MOA_BUG() is for states that only a mistake in moa can reach; a guest, a file or a user can
 * never reach it. It prints one line and aborts. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MOA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MOA_LIKELY(x) __builtin_expect(!!(x), 1)
#define MOA_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* A function that touches guest memory, at any address: a sanitizer's own look at its shadow of it
 * would fault somewhere else than the access. */
#define MOA_GUEST_ACCESS __attribute__((no_sanitize("address", "undefined")))

_Noreturn void base_bug(const char *file, int line, const char *fmt, ...) MOA_PRINTF(3, 4);
#define MOA_BUG(...) base_bug(__FILE__, __LINE__, __VA_ARGS__)

static inline uint64_t align_up(uint64_t n, uint64_t to) /* to: a power of two */
{
    return (n + to - 1) & ~(to - 1);
}

static inline uint64_t align_down(uint64_t n, uint64_t to)
{
    return n & ~(to - 1);
}

#endif
