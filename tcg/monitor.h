/* SPDX-License-Identifier: MIT */
/* tcg/monitor.h -- the store monitor: load and store exclusive that notice every store in between.
 *
 * Each granule of 64 bytes of guest memory has, by a hash of its number, a word that counts stores;
 * it is odd while one is made. A store locks the words of its bytes, stores, and unlocks. A load
 * exclusive notes the word; the store exclusive that belongs to it locks the word only if it is
 * still the same. Other words of the hash can make a store exclusive fail, which guests must expect
 * anyway. Stores of the vcpu itself between its load and store exclusive do not count.
 *
 * Off, and free, until a store exclusive is met that a comparison of values cannot answer for
 * (tcg_monitor_plain) and there are two vcpus. From then on the frontend, which sees it in
 * tcg_monitor_is_on() when it makes the region key, puts these calls around every store and atomic
 * operation. The switch throws all code away while no vcpu is in any.
 * Seen: guest addresses, not what they are mapped to; stores of other processes are not seen. */
#ifndef TCG_MONITOR_H
#define TCG_MONITOR_H

#include "tcg/backend.h"
#include "tcg/ir.h"

enum { TCG_MONITOR_GRANULE_BITS = 6, TCG_MONITOR_WORD_BITS = 16 };

struct tcg_monitor {
    _Atomic uint64_t calls; /* system calls that may have written guest memory */
    _Atomic uint64_t word[1 << TCG_MONITOR_WORD_BITS];
};

static inline bool tcg_monitor_is_on(const struct tcg_engine *e)
{
    return atomic_load_explicit(&e->monitor, memory_order_acquire) != NULL;
}

/* ---- for frontends: helpers ---- */

/* (i64 address, i32 bytes, at most 64): before and after a store or atomic operation. What is
 * locked is unlocked too when the region is left in between (fault). */
extern const struct tcg_helper tcg_monitor_lock_helper;
extern const struct tcg_helper tcg_monitor_unlock_helper; /* () */
/* (i64 address): before the load of a load exclusive. */
extern const struct tcg_helper tcg_monitor_load_helper;
/* (i64 address) -> i32: before the store of a store exclusive whose bytes do not cross a granule.
 * 1: nothing was stored there since the load, and the word is locked. */
extern const struct tcg_helper tcg_monitor_store_helper;
/* (i32 quiet) -> i32, while the monitor is off: a store exclusive that needs it, unless quiet. 1: it may compare values
 * all the same, since there is one vcpu only. 0: it must fail and leave (TCG_EXIT_SYNC), the
 * monitor comes on meanwhile. */
extern const struct tcg_helper tcg_monitor_plain_helper;

/* ---- for the engine ---- */
void tcg_monitor_unlock(struct tcg_vcpu *v);
/* Switches it on if it is wanted and there are others: nvcpus with the one that asks. Under the
 * lock of the cache, outside of code. True: all code is gone, keys have changed. */
bool tcg_monitor_check(struct tcg_engine *e, bool others);
void tcg_monitor_after_fork(struct tcg_engine *e); /* in the child */
void tcg_monitor_free(struct tcg_engine *e);

#endif
