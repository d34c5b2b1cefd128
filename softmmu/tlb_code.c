// SPDX-License-Identifier: MIT
/* softmmu/tlb_code.c -- guest code: fetching it, and watching the pages that it comes from.
 *
 * A page gets MEM_WATCH_CODE when something in it is translated. Other vcpus may have entries that
 * write it unseen until they have taken the message; so long it is *unsettled*, and the engine
 * compares bytes before it runs what it made of them. */
#include "softmmu/tlb_priv.h"

#include <string.h>

#define PAGE TCG_TLB_PAGE_SIZE

size_t sm_fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    const struct sm_tlb *t = sm_tlb_of(v);
    size_t room;

    if (t->fetch_page == SM_NO_PAGE || align_down(pc, PAGE) != t->fetch_page)
        return 0;
    if (!t->fetch_host) {
        if (pc < t->fetch_at || pc - t->fetch_at >= t->fetch_len)
            return 0;
        room = t->fetch_len - (pc - t->fetch_at);
        len = len < room ? len : room;
        memcpy(buf, t->fetch_bytes + (pc - t->fetch_at), len);
        return len;
    }
    room = PAGE - (pc & (PAGE - 1));
    len = len < room ? len : room;
    memcpy(buf, t->fetch_host + (pc & (PAGE - 1)), len);
    return len;
}

/* Code in a device: what one instruction needs is read now, since later a lock is held. */
static bool read_device(struct tcg_vcpu *v, struct sm_tlb *t, uint64_t pc, uint64_t phys)
{
    uint64_t value;

    t->fetch_host = NULL;
    t->fetch_at = align_down(pc, 4);
    t->fetch_len = 0;
    phys = align_down(phys, 4);
    while (t->fetch_len < SM_FETCH_BYTES &&
           align_down(t->fetch_at + t->fetch_len, PAGE) == t->fetch_page) {
        if (sm_io(v, phys + t->fetch_len, 4, false, &value) != MEM_OK)
            break;
        for (unsigned i = 0; i < 4; i++)
            t->fetch_bytes[t->fetch_len + i] = (uint8_t)(value >> 8 * i);
        t->fetch_len += 4;
    }
    if (t->fetch_len)
        return true;
    sm_vcpu_of(v)->m->cfg.frontend->bus_error(v, pc, TCG_FETCH);
    return false;
}

bool sm_code_page(struct tcg_vcpu *v, uint64_t pc, struct tcg_code_page *page)
{
    struct sm_tlb *t = sm_tlb_of(v);
    struct sm_place p;

    v->exit.addr = pc;
    v->exit.access = TCG_FETCH;
    v->exit.size = 0;
    v->exit.syndrome = 0;
    v->exit.fault = 0;
    v->exit.mmu = (uint8_t)t->fetch_mmu;
    if (!sm_lookup(v, pc, TCG_FETCH, t->fetch_mmu, &p))
        return false;
    t->fetch_page = align_down(pc, PAGE);
    page->guarded = p.flags & SM_PAGE_GUARDED;
    page->ram = TCG_NO_RAM;
    if (!p.host || p.ram == TCG_NO_RAM)
        return read_device(v, t, pc, p.phys);
    t->fetch_host = p.host - (pc & (PAGE - 1));
    page->ram = align_down(p.ram, PAGE);
    return true;
}

/* ---- watching ---- */

static bool alone(const struct softmmu *m)
{
    return m->cfg.ncpus == 1;
}

static bool all_seen(struct softmmu *m, const struct tcg_vcpu *but, uint64_t number)
{
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        if (m->cpus[i].v != but && !sm_seen(&m->cpus[i], number))
            return false;
    return true;
}

static void remember(struct sm_shared *s, uint64_t ram, uint64_t number)
{
    if (s->nunsettled == SM_UNSETTLED) {
        s->all_since = number;
        return;
    }
    s->unsettled[s->nunsettled++] = (struct sm_unsettled){ram, number};
}

bool sm_code_settled(struct tcg_vcpu *v, uint64_t ram)
{
    struct softmmu *m = sm_vcpu_of(v)->m;
    struct sm_shared *s = m->tlb;
    bool yes = true;

    if (s->all_since) {
        if (all_seen(m, v, s->all_since))
            s->all_since = 0;
        else
            yes = false;
    }
    for (unsigned i = 0; i < s->nunsettled;) {
        if (all_seen(m, v, s->unsettled[i].number)) {
            s->unsettled[i] = s->unsettled[--s->nunsettled];
            continue;
        }
        if (s->unsettled[i].ram == ram)
            yes = false;
        i++;
    }
    return yes;
}

bool sm_code_watch(struct tcg_vcpu *v, uint64_t ram)
{
    struct sm_tlb *t = sm_tlb_of(v);
    struct softmmu *m = sm_vcpu_of(v)->m;
    struct sm_msg msg = {.protect = true, .ram = ram};
    bool settled;

    if (!(mem_watch_get(ram) & MEM_WATCH_CODE)) {
        mem_watch_set(ram, MEM_WATCH_CODE, true);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        sm_protect(t, ram);
        if (!alone(m))
            remember(m->tlb, ram, sm_post(m, v, &msg));
    }
    settled = alone(m) || sm_code_settled(v, ram);
    if (!settled && t->fetch_host) {
        memcpy(t->fetch_copy, t->fetch_host, PAGE);
        t->fetch_host = t->fetch_copy;
    }
    return settled;
}

void sm_code_gone(void *opaque, uint64_t ram)
{
    (void)opaque;
    mem_watch_set(ram, MEM_WATCH_CODE, false);
}
