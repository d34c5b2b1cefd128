/* SPDX-License-Identifier: MIT */
/* tcg/leave.h -- proof (a): leave anywhere. With tcg_config.leave_seed set, the dispatcher runs one
 * region at a time, and before each (or every leave_rate-th) the oracle runs the same instructions
 * one by one from a copy of the vcpu, with its stores kept in an overlay. Then the backend runs the
 * region with one of its snapshots armed (each in turn), so that it leaves there. Wherever it
 * leaves, all units, the float status and the memory it wrote must be the oracle's at that
 * instruction, and the oracle must come from there to the same end of it, even if it was left after
 * some of its writes; then the program goes on from there. Besides, regions are retired and the
 * whole cache is flushed at random moments.
 *
 * The oracle is another backend under an engine of its own, which runs IR built without folding
 * (proof (b)). With more than one vcpu nothing is compared or armed: others write memory too. One
 * engine, one thread at a time in compared runs. */
#ifndef TCG_LEAVE_H
#define TCG_LEAVE_H

#include "tcg/backend.h"

/* Stores of a run that must not happen: the newest last. Kept by the interpreter's accesses when
 * v->overlay is set. */
#define TCG_OVERLAY_MAX 4096
struct tcg_overlay {
    struct {
        uint64_t addr;  /* guest address */
        uint8_t bytes[32];
        uint8_t size;
        uint16_t step;
    } log[TCG_OVERLAY_MAX];
    unsigned n, step;
    bool full;          /* something was lost: the run proves nothing more */
    bool progress;      /* an access of restart class PROGRESS happened in this step */
};
/* Makes the size bytes read from guest address addr what they would be after the stores. */
void tcg_overlay_read(const struct tcg_overlay *o, uint64_t addr, uint8_t *bytes, unsigned size);
void tcg_overlay_write(struct tcg_overlay *o, uint64_t addr, const uint8_t *bytes, unsigned size);

struct tcg_leave_stats {
    uint64_t compared, left, faults, flushes, retired, mismatches;
};

struct tcg_leave;
/* Engine only. NULL with *err set: the oracle cannot start. */
struct tcg_leave *tcg_leave_new(struct tcg_engine *e, const char **err);
void tcg_leave_free(struct tcg_leave *l);
enum tcg_exit_reason tcg_leave_run(struct tcg_leave *l, struct tcg_vcpu *v, struct tcg_region *r);
/* Between regions, outside of translated code, the engine's lock not held. */
void tcg_leave_shake(struct tcg_leave *l);
/* In the fault handler: the vcpu that faulted, which is the oracle's while that one runs. Notes
 * whether the armed snapshot was met. */
struct tcg_vcpu *tcg_leave_fault(struct tcg_leave *l, struct tcg_vcpu *v, const void *uc);
struct tcg_engine *tcg_leave_oracle(struct tcg_leave *l);
void tcg_leave_forked(struct tcg_leave *l);
const struct tcg_leave_stats *tcg_leave_stats(const struct tcg_engine *e);

#endif
