// SPDX-License-Identifier: MIT
/* tcg/leave.c -- proof (a), leave anywhere, and its oracle (tcg/leave.h). A developer's switch: the
 * dispatcher pays one test of a pointer for it when it is off. Not compared: time counters,
 * regions of more than MAX_STEPS steps. */
#include "tcg/leave.h"

#include "tcg/cache.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 512
#define MAX_AGAIN 128   /* steps of an instruction of restart class PROGRESS */
#define RETIRE_EACH 61  /* compared runs between random retirements, on the average */
#define FLUSH_EACH 1021

struct step { /* state in front of an instruction */
    uint64_t pc;
    uint32_t reason, code; /* exit that its execution gave: LOOKUP if it completed */
    uint64_t addr;
    uint32_t fstatus;
    bool progress;
};

struct tcg_leave {
    struct tcg_engine *e, *oracle;
    struct tcg_vcpu *shadow;
    struct tcg_vcpu *of;           /* whose shadow it is: the guest's state begins with a vcpu */
    bool stepping;                 /* the oracle runs */
    uint64_t rng;
    struct tcg_overlay overlay, again;
    struct step steps[MAX_STEPS + 1];
    unsigned nsteps;
    uint8_t *units;                /* of each step, one behind the other */
    size_t unit_bytes;
    const uint8_t *armed;          /* host address of the armed snapshot, NULL: none */
    bool hit;
    uint64_t until;                /* runs to go until the next compared one */
    struct tcg_leave_stats stats;
};

static unsigned type_bytes(unsigned type)
{
    switch (type) {
    case TCG_I32:
    case TCG_F16:
    case TCG_F32:
    case TCG_FLAGS: return 4;
    case TCG_F80: return 10;
    case TCG_V128: return 16;
    case TCG_V256: return 32;
    default: return 8;
    }
}

static uint32_t rnd(struct tcg_leave *l, uint32_t n)
{
    uint64_t z = l->rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ z >> 31) >> 16) % n;
}

/* ---- the overlay ---- */

void tcg_overlay_read(const struct tcg_overlay *o, uint64_t addr, uint8_t *bytes, unsigned size)
{
    for (unsigned i = 0; i < o->n; i++) {
        uint64_t at = o->log[i].addr;

        if (at - addr >= size && addr - at >= o->log[i].size)
            continue;
        for (unsigned k = 0; k < o->log[i].size; k++)
            if (at + k - addr < size)
                bytes[at + k - addr] = o->log[i].bytes[k];
    }
}

void tcg_overlay_write(struct tcg_overlay *o, uint64_t addr, const uint8_t *bytes, unsigned size)
{
    if (o->n == TCG_OVERLAY_MAX) {
        o->full = true;
        return;
    }
    o->log[o->n].addr = addr;
    o->log[o->n].size = (uint8_t)size;
    o->log[o->n].step = (uint16_t)o->step;
    memcpy(o->log[o->n].bytes, bytes, size);
    o->n++;
}

/* ---- set-up ---- */

struct tcg_leave *tcg_leave_new(struct tcg_engine *e, const char **err)
{
    struct tcg_config cfg = e->cfg;
    struct tcg_leave *l = calloc(1, sizeof(*l));

    if (!l) {
        *err = "out of memory";
        return NULL;
    }
    l->e = e;
    l->rng = e->cfg.leave_seed;
    cfg.backend = cfg.oracle;
    cfg.leave_seed = 0;
    cfg.hooks = NULL;
    cfg.no_fold = cfg.one_insn = cfg.no_chain = true;
    cfg.float_check = false;
    l->oracle = tcg_engine_new(&cfg, err);
    if (!l->oracle) {
        free(l);
        return NULL;
    }
    return l;
}

static void drop_shadow(struct tcg_leave *l)
{
    if (!l->shadow)
        return;
    tcg_detach(l->oracle, l->shadow);
    free(l->shadow);
    free(l->units);
    l->shadow = NULL;
    l->units = NULL;
    l->of = NULL;
}

void tcg_leave_free(struct tcg_leave *l)
{
    drop_shadow(l);
    tcg_engine_free(l->oracle);
    free(l);
}

static void make_shadow(struct tcg_leave *l, struct tcg_vcpu *v)
{
    size_t size = align_up(l->e->cfg.vcpu_size, 64);

    drop_shadow(l);
    l->shadow = aligned_alloc(64, size);
    l->unit_bytes = 0;
    for (unsigned i = 0; i < v->guest->nunits; i++)
        l->unit_bytes += type_bytes(v->guest->units[i].type);
    l->units = malloc(l->unit_bytes * (MAX_STEPS + 1));
    if (!l->shadow || !l->units)
        MOA_BUG("out of memory for the oracle");
    memset(l->shadow, 0, size);
    memcpy(l->shadow, v, l->e->cfg.vcpu_size);
    l->shadow->gen = NULL;
    l->shadow->next = NULL;
    atomic_store(&l->shadow->epoch, 0);
    tcg_attach(l->oracle, l->shadow);
    l->of = v;
}

/* The guest's part of the state, by value. */
static void copy_state(struct tcg_leave *l, struct tcg_vcpu *v)
{
    struct tcg_vcpu *s = l->shadow;
    size_t own = sizeof(struct tcg_vcpu);

    memcpy((uint8_t *)s + own, (uint8_t *)v + own, l->e->cfg.vcpu_size - own);
    memcpy(s->hot, v->hot, sizeof(s->hot));
    s->owner = v->owner;
    s->icount_left = v->icount_left;
    memset(&s->exit, 0, sizeof(s->exit));
    atomic_store(&s->exit_request, 0);
    tcg_fstatus_set(s, tcg_fstatus_get(v));
    tcg_fround_set(s, l->e->backend->fround_get(v));
}

static void save_units(const struct tcg_vcpu *v, uint8_t *to)
{
    for (unsigned i = 0; i < v->guest->nunits; i++) {
        unsigned n = type_bytes(v->guest->units[i].type);

        memcpy(to, (const uint8_t *)v + v->guest->units[i].offset, n);
        to += n;
    }
}

/* ---- the oracle's run ---- */

static bool inside(const struct tcg_region *r, uint64_t pc)
{
    return (pc >= r->lo && pc < r->hi) || (pc >= r->lo2 && pc < r->hi2);
}

/* Fills steps[0..nsteps]; the last one is where the oracle ended. */
static void run_oracle(struct tcg_leave *l, const struct tcg_region *r)
{
    struct tcg_vcpu *s = l->shadow;
    struct step *st;

    l->overlay.n = 0;
    l->overlay.full = false;
    l->nsteps = 0;
    s->overlay = &l->overlay;
    l->stepping = true;
    for (;;) {
        st = &l->steps[l->nsteps];
        *st = (struct step){.pc = s->guest->get_pc(s), .fstatus = tcg_fstatus_get(s)};
        save_units(s, l->units + l->nsteps * l->unit_bytes);
        /* A loop back to the start is a way out of a region: they are not chained. */
        if (l->nsteps == MAX_STEPS || (l->nsteps && (st->pc == r->pc || !inside(r, st->pc))))
            break;
        l->overlay.step = l->nsteps;
        l->overlay.progress = false;
        st->reason = tcg_step_cached(s);
        st->code = s->exit.code;
        st->addr = s->exit.addr;
        st->progress = l->overlay.progress;
        l->nsteps++;
        if (st->reason != TCG_EXIT_LOOKUP) { /* one more: the state that the exit left */
            l->steps[l->nsteps] = (struct step){
                .pc = s->guest->get_pc(s), .fstatus = tcg_fstatus_get(s)};
            save_units(s, l->units + l->nsteps * l->unit_bytes);
            break;
        }
    }
    l->stepping = false;
    s->overlay = NULL;
}

/* ---- comparison ---- */

struct report {
    char text[4096];
    size_t n;
};

static void tell(struct report *p, const char *fmt, ...) MOA_PRINTF(2, 3);
static void tell(struct report *p, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(p->text + p->n, sizeof(p->text) - p->n, fmt, ap);
    va_end(ap);
    if (n > 0)
        p->n += (size_t)n < sizeof(p->text) - p->n ? (size_t)n : sizeof(p->text) - p->n - 1;
}

/* P and A are for x86 guests alone, which are not here; the backend's carry chains leave another A
 * than sbcf's definition says. */
static bool same_flags(const uint8_t *got, const uint8_t *want)
{
    uint32_t a, b, seen = TCG_FBIT_S | TCG_FBIT_Z | TCG_FBIT_C | TCG_FBIT_O;

    memcpy(&a, got, 4);
    memcpy(&b, want, 4);
    return !((a ^ b) & seen);
}

static bool same_units(const struct tcg_leave *l, const struct tcg_vcpu *v, unsigned step,
                       struct report *p)
{
    const uint8_t *want = l->units + step * l->unit_bytes;
    bool same = true;

    for (unsigned i = 0; i < v->guest->nunits; i++) {
        const struct tcg_unit *u = &v->guest->units[i];
        const uint8_t *got = (const uint8_t *)v + u->offset;
        unsigned n = type_bytes(u->type);

        if (memcmp(got, want, n) != 0 && (u->type != TCG_FLAGS || !same_flags(got, want))) {
            same = false;
            if (p) {
                tell(p, "  %s is ", u->name);
                for (unsigned k = n; k--;)
                    tell(p, "%02x", got[k]);
                tell(p, ", oracle ");
                for (unsigned k = n; k--;)
                    tell(p, "%02x", want[k]);
                tell(p, "\n");
            }
        }
        want += n;
    }
    if (tcg_fstatus_get(v) != l->steps[step].fstatus) {
        same = false;
        if (p)
            tell(p, "  fstatus is %#x, oracle %#x\n", tcg_fstatus_get(v), l->steps[step].fstatus);
    }
    return same;
}

MOA_GUEST_ACCESS
static uint8_t guest_byte(const struct tcg_vcpu *v, uint64_t addr)
{
    return *(const uint8_t *)(uintptr_t)(addr + v->guest_base);
}

/* Bytes that steps before `step` wrote. The instruction under way may have written some of its own
 * already: bytes of that step are not looked at. */
static bool same_memory(const struct tcg_leave *l, const struct tcg_vcpu *v, unsigned step,
                        struct report *p)
{
    const struct tcg_overlay *o = &l->overlay;

    for (unsigned i = 0; i < o->n && o->log[i].step < step; i++)
        for (unsigned k = 0; k < o->log[i].size; k++) {
            uint64_t at = o->log[i].addr + k;
            bool later = false;

            for (unsigned j = i + 1; j < o->n && o->log[j].step <= step && !later; j++)
                later = at - o->log[j].addr < o->log[j].size;
            if (later || guest_byte(v, at) == o->log[i].bytes[k])
                continue;
            if (p)
                tell(p, "  memory at %#llx is %02x, oracle %02x\n", (unsigned long long)at,
                     guest_byte(v, at), o->log[i].bytes[k]);
            return false;
        }
    return true;
}

/* Does step i write anything, or note progress? */
static bool has_effects(const struct tcg_leave *l, unsigned i)
{
    for (unsigned k = l->overlay.n; k-- && l->overlay.log[k].step >= i;)
        if (l->overlay.log[k].step == i)
            return true;
    return l->steps[i].progress;
}

/* v left in step i, which may have written already. The oracle makes the instruction again from
 * there, with memory as it is now: it must come to the same state and the same bytes. */
static bool same_again(struct tcg_leave *l, struct tcg_vcpu *v, unsigned i, struct report *p)
{
    const struct tcg_overlay *o = &l->overlay;
    struct tcg_vcpu *s = l->shadow;
    bool there = false;

    if (i >= l->nsteps || l->steps[i].reason != TCG_EXIT_LOOKUP || o->full || !has_effects(l, i))
        return true;
    copy_state(l, v);
    l->again.n = 0;
    l->again.full = false;
    s->overlay = &l->again;
    l->stepping = true;
    for (unsigned n = 0; n < MAX_AGAIN && !there; n++) {
        if (s->guest->get_pc(s) != l->steps[i].pc || tcg_step_cached(s) != TCG_EXIT_LOOKUP)
            break;
        there = s->guest->get_pc(s) == l->steps[i + 1].pc && same_units(l, s, i + 1, NULL);
    }
    l->stepping = false;
    s->overlay = NULL;
    if (!there) {
        if (p) {
            tell(p, "  made again it ends at pc %#llx\n", (unsigned long long)s->guest->get_pc(s));
            same_units(l, s, i + 1, p);
        }
        return false;
    }
    for (unsigned k = 0; k < o->n && o->log[k].step <= i; k++)
        for (unsigned n = 0; o->log[k].step == i && n < o->log[k].size; n++) {
            uint64_t at = o->log[k].addr + n;
            uint8_t want = o->log[k].bytes[n], got = guest_byte(v, at);

            for (unsigned j = k + 1; j < o->n && o->log[j].step == i; j++)
                if (at - o->log[j].addr < o->log[j].size)
                    want = o->log[j].bytes[at - o->log[j].addr];
            tcg_overlay_read(&l->again, at, &got, 1);
            if (got == want)
                continue;
            if (p)
                tell(p, "  made again it writes %02x to %#llx, oracle %02x\n", got,
                     (unsigned long long)at, want);
            return false;
        }
    return true;
}

/* The state v left with, under `reason`, is the oracle's at some visit of that pc. */
static void compare(struct tcg_leave *l, struct tcg_vcpu *v, const struct tcg_region *r,
                    unsigned point, enum tcg_exit_reason reason)
{
    uint64_t pc = v->guest->get_pc(v);
    struct report p = {.n = 0};
    bool out;
    int first = -1;

    if (reason == TCG_EXIT_HELPER)
        reason = (enum tcg_exit_reason)v->exit.reason;
    out = reason != TCG_EXIT_LOOKUP && reason != TCG_EXIT_POLL && !l->hit;
    for (unsigned i = 0; i <= l->nsteps; i++) {
        const struct step *s = &l->steps[i];

        if (s->pc != pc)
            continue;
        if (l->hit && s->progress) { /* units and memory tell how far it came */
            if (same_again(l, v, i, NULL))
                return;
            first = first < 0 ? (int)i : first;
            continue;
        }
        if (out && s->reason != reason && (!i || l->steps[i - 1].reason != reason))
            continue;
        if (out && s->reason == TCG_EXIT_FAULT && s->addr != v->exit.addr)
            continue;
        if (first < 0)
            first = (int)i;
        if (same_units(l, v, i, NULL) && same_memory(l, v, i, NULL) &&
            (!l->hit || same_again(l, v, i, NULL)))
            return;
    }
    if (l->overlay.full || l->nsteps == MAX_STEPS)
        return;
    l->stats.mismatches++;
    tell(&p, "leave-anywhere: region %#llx, ", (unsigned long long)r->pc);
    if (l->hit)
        tell(&p, "left at snapshot %u, pc %#llx\n", point, (unsigned long long)pc);
    else
        tell(&p, "exit %d (code %u, address %#llx), pc %#llx; oracle's last: exit %u, pc %#llx\n",
             reason, v->exit.code, (unsigned long long)v->exit.addr, (unsigned long long)pc,
             l->nsteps ? l->steps[l->nsteps - 1].reason : 0,
             (unsigned long long)l->steps[l->nsteps].pc);
    if (first < 0) {
        tell(&p, "  the oracle was never there so\n");
    } else {
        same_units(l, v, (unsigned)first, &p);
        same_memory(l, v, (unsigned)first, &p);
        if (l->hit)
            same_again(l, v, (unsigned)first, &p);
    }
    if (!l->e->cfg.leave_report)
        MOA_BUG("%s", p.text);
    l->e->cfg.leave_report(v, p.text);
}

/* ---- what the engine calls ---- */

static bool alone(struct tcg_leave *l)
{
    bool yes;

    pthread_mutex_lock(&l->e->cache->lock);
    yes = l->e->cache->vcpus && !l->e->cache->vcpus->next;
    pthread_mutex_unlock(&l->e->cache->lock);
    return yes;
}

enum tcg_exit_reason tcg_leave_run(struct tcg_leave *l, struct tcg_vcpu *v, struct tcg_region *r)
{
    const struct tcg_backend *be = l->e->backend;
    enum tcg_exit_reason reason;
    unsigned points = be->leave_points ? be->leave_points(r) : 0, point = 0;

    if (l->until || !r->ninsns || !alone(l)) {
        l->until -= l->until != 0;
        return be->run(v, r);
    }
    l->until = l->e->cfg.leave_rate ? rnd(l, 2 * l->e->cfg.leave_rate - 1) : 0;
    if (l->of != v)
        make_shadow(l, v);
    copy_state(l, v);
    run_oracle(l, r);
    l->hit = false;
    if (points) { /* each in turn, and once none */
        point = r->leave_next++ % (points + 1);
        if (point < points)
            l->armed = be->leave_arm(l->e, r, point, true);
    }
    reason = be->run(v, r);
    if (l->armed) {
        be->leave_arm(l->e, r, point, false);
        l->armed = NULL;
    }
    l->stats.compared++;
    l->stats.left += l->hit;
    l->stats.faults += !l->hit && reason == TCG_EXIT_FAULT;
    compare(l, v, r, point, reason);
    if (l->hit) {
        v->exit.host_sig = 0;
        v->cur = NULL;
        return TCG_EXIT_LOOKUP;
    }
    return reason;
}

void tcg_leave_shake(struct tcg_leave *l)
{
    struct tcg_cache *c = l->e->cache;
    struct tcg_region *r;

    if (rnd(l, RETIRE_EACH) && rnd(l, FLUSH_EACH))
        return;
    pthread_mutex_lock(&c->lock);
    if (!rnd(l, 17)) {
        tcg_cache_flush(l->e);
        l->stats.flushes++;
    } else {
        unsigned bucket = rnd(l, TCG_CACHE_BUCKETS);

        for (unsigned i = 0; i < TCG_CACHE_BUCKETS; i++) {
            r = c->by_pc[(bucket + i) % TCG_CACHE_BUCKETS];
            if (!r)
                continue;
            tcg_cache_retire(l->e, r);
            l->stats.retired++;
            break;
        }
    }
    pthread_mutex_unlock(&c->lock);
}

struct tcg_vcpu *tcg_leave_fault(struct tcg_leave *l, struct tcg_vcpu *v, const void *uc)
{
    if (l->stepping && v == l->of)
        return l->shadow;
    if (l->armed && v == l->of && l->e->backend->uc_pc(uc) == (uintptr_t)l->armed)
        l->hit = true;
    return v;
}

struct tcg_engine *tcg_leave_oracle(struct tcg_leave *l)
{
    return l->oracle;
}

/* In the child: the shadow goes on with it. */
void tcg_leave_forked(struct tcg_leave *l)
{
    tcg_after_fork(l->oracle, l->shadow, true);
}

const struct tcg_leave_stats *tcg_leave_stats(const struct tcg_engine *e)
{
    static const struct tcg_leave_stats none;

    return e->leave ? &e->leave->stats : &none;
}
