// SPDX-License-Identifier: MIT
/* softmmu/tlb_access.c -- accesses that the TLB does not give: misses, devices, pages that are
 * watched, accesses over the end of a page.
 *
 * Everything that may refuse comes first (alignment, translation of both pages, code in them), so
 * that a refused access has changed nothing; but a device may refuse the second half of an access.
 * Not modelled: atomicity of atomic operations that cross a page or go to a device. */
#include "softmmu/tlb_priv.h"

#include "base/log.h"
#include "tcg/backend.h"
#include "tcg/host_access.h"

#include <errno.h>
#include <string.h>

#define PAGE TCG_TLB_PAGE_SIZE

static bool refuse(struct tcg_vcpu *v, uint32_t reason, uint32_t code)
{
    v->exit.reason = reason;
    v->exit.code = code;
    return false;
}

static bool misaligned(const struct tcg_mem *m, uint64_t addr)
{
    unsigned size = 1u << m->size;

    return (m->align == TCG_ALIGN_NATURAL && addr & (size - 1)) ||
           (m->align == TCG_ALIGN_IN16 && addr & (size - 1) && (addr & 15) + size > 16);
}

/* The page may be written at full speed again, unless something else is against it. */
static void refresh(const struct sm_place *p)
{
    struct tcg_tlb_entry *e = &p->table->entries[p->index];
    const struct sm_page *page = &p->table->pages[p->index];

    if (page->flags == SM_PAGE_HOST || page->flags == (SM_PAGE_HOST | SM_PAGE_GUARDED))
        if (page->prot & FE_READ && !mem_watch_get(page->ram))
            e->write &= ~TCG_TLB_SLOW;
}

/* Before len bytes at p are written. False: they are of the region that runs. *again: have_written()
 * follows. */
static bool may_write(struct tcg_vcpu *v, const struct sm_place *p, unsigned len, bool *again)
{
    uint8_t watch = p->ram == TCG_NO_RAM || p->flags & SM_PAGE_READONLY ? 0 : mem_watch_get(p->ram);

    if (watch & MEM_WATCH_CODE) {
        sm_tlb_of(v)->stats.code_writes++;
        if (tcg_code_write(v, p->ram, len))
            return false;
        *again |= sm_vcpu_of(v)->m->cfg.ncpus > 1;
    }
    if (watch & MEM_WATCH_CLEAN)
        mem_watch_set(p->ram, MEM_WATCH_CLEAN, false);
    if (watch)
        refresh(p);
    return true;
}

/* After bytes of a page that was watched have been written. While they were not there yet, another
 * vcpu may have made code of what was: may_write() had let the lock go, and a page that other code
 * is made of stays watched and settled. */
static void have_written(struct tcg_vcpu *v, const struct sm_place *p, unsigned len)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (p->ram != TCG_NO_RAM && !(p->flags & SM_PAGE_READONLY) &&
        mem_watch_get(p->ram) & MEM_WATCH_CODE)
        tcg_code_write(v, p->ram, len);
}

/* ---- what is not memory ---- */

enum mem_result sm_io(struct tcg_vcpu *v, uint64_t phys, unsigned size, bool write,
                      uint64_t *value)
{
    const struct sm_vcpu *c = sm_vcpu_of(v);
    struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU, .vcpu = (uint16_t)c->index};
    const struct mem_range *r;
    enum mem_result res = MEM_NOTHING;

    c->tlb->stats.mmio++;
    if (MOA_UNLIKELY(log_mask & LOG_mmio || log_tracing))
        log_place = (struct log_place){(int)c->index, tcg_access_pc(v)};
    mem_read_lock();
    r = mem_find(c->m->cfg.memory, phys);
    if (r)
        res = mem_access(r, phys, size, write, value, a);
    mem_read_unlock();
    log_place.vcpu = -1;
    if (c->m->tlb && atomic_load(&c->tlb->box.full))
        sm_drain(v); /* a new view of memory holds for the next access already */
    return res;
}

/* len bytes as the guest has them in memory, in pieces that devices take: aligned if they can be. */
static bool io_bytes(struct tcg_vcpu *v, uint64_t phys, uint8_t *bytes, unsigned len, bool write)
{
    for (unsigned at = 0, n; at < len; at += n) {
        uint64_t value = 0;

        n = len - at >= 8 ? 8 : len - at >= 4 ? 4 : len - at >= 2 ? 2 : 1;
        if (write)
            for (unsigned i = 0; i < n; i++)
                value |= (uint64_t)bytes[at + i] << 8 * i;
        if (sm_io(v, phys + at, n, write, &value) != MEM_OK)
            return false;
        for (unsigned i = 0; i < n && !write; i++)
            bytes[at + i] = (uint8_t)(value >> 8 * i);
    }
    return true;
}

/* ---- in pieces ---- */

struct pieces {
    struct sm_place p[2];
    unsigned len[2]; /* len[1] 0: one page */
};

static bool copy(struct tcg_vcpu *v, const struct pieces *x, uint8_t *bytes, bool write)
{
    for (unsigned i = 0; i < 2 && x->len[i]; i++) {
        const struct sm_place *p = &x->p[i];

        if (!p->host || (write && p->flags & SM_PAGE_READONLY)) {
            if (!io_bytes(v, p->phys, bytes, x->len[i], write))
                return false;
        } else if (write) {
            memcpy(p->host, bytes, x->len[i]);
        } else {
            memcpy(bytes, p->host, x->len[i]);
        }
        bytes += x->len[i];
    }
    return true;
}

/* False: a device or nothing there refused. */
static bool in_pieces(struct tcg_vcpu *v, const struct tcg_mem *m, const struct pieces *x,
                      struct tcg_access_call *c)
{
    _Alignas(32) uint8_t bytes[32];

    if (m->order)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (c->op == TCG_DO_STORE) {
        tcg_access_to_bytes(m, c->value, bytes);
        if (!copy(v, x, bytes, true))
            return false;
    } else {
        if (!copy(v, x, bytes, false))
            return false;
        if (c->op == TCG_DO_LOAD) {
            tcg_access_from_bytes(m, bytes, c);
        } else {
            tcg_host_access(m, bytes, c);
            if (!copy(v, x, bytes, true))
                return false;
        }
    }
    if (m->order)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return true;
}

/* ---- the slow path ---- */

/* A device may look at the time, change it, or raise an interrupt: under icount it is met in a step,
 * where the instructions before are counted and behind which the vcpu looks around. */
static bool counted(const struct tcg_vcpu *v)
{
    return MOA_UNLIKELY(v->engine->cfg.icount);
}

static bool meets_device(const struct pieces *x, bool write)
{
    for (unsigned i = 0; i < 2 && x->len[i]; i++)
        if (!x->p[i].host || (write && x->p[i].flags & SM_PAGE_READONLY))
            return true;
    return false;
}

bool sm_access(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
               struct tcg_access_call *c)
{
    unsigned size = 1u << m->size, room = (unsigned)(PAGE - (addr & (PAGE - 1)));
    bool write = c->op == TCG_DO_STORE || c->op == TCG_DO_RMW || c->op == TCG_DO_CMPXCHG;
    bool probe = c->op == TCG_DO_PROBE, again = false, done;
    enum tcg_access access;
    struct pieces x = {.len = {size < room ? size : room, size < room ? 0 : size - room}};
    uint64_t second = addr + room;

    if (probe)
        write = m->intent == TCG_INTENT_WRITE || m->intent == TCG_INTENT_RW;
    access = write ? TCG_WRITE : TCG_READ;
    v->exit.host_sig = 0;
    v->exit.addr = addr;
    v->exit.access = access;
    v->exit.size = size;
    v->exit.syndrome = m->syndrome;
    v->exit.fault = m->fault;
    v->exit.mmu = m->mmu;
    if (misaligned(m, addr))
        return refuse(v, TCG_EXIT_EXCEPTION, TCG_EXC_ALIGN);
    if (!sm_lookup(v, addr, access, m->mmu, &x.p[0]))
        return false;
    if (x.len[1]) {
        sm_tlb_of(v)->stats.cross++;
        if (m->wrap32)
            second = (uint32_t)second;
        if (!sm_lookup(v, second, access, m->mmu, &x.p[1]) ||
            /* the second walk may have moved or replaced what the first one made */
            !sm_lookup(v, addr, access, m->mmu, &x.p[0]))
            return false;
    }
    for (unsigned i = 0; i < 2 && x.len[i]; i++)
        if (x.p[i].flags & SM_PAGE_DEVICE && addr & (size - 1)) {
            v->exit.addr = addr;
            return refuse(v, TCG_EXIT_EXCEPTION, TCG_EXC_ALIGN);
        }
    for (unsigned i = 0; i < 2 && x.len[i] && write && !probe; i++)
        if (!may_write(v, &x.p[i], x.len[i], &again))
            return refuse(v, TCG_EXIT_CODE_WRITE, 0);
    if (probe)
        return true;
    if (counted(v) && !v->stepping && meets_device(&x, write))
        return refuse(v, TCG_EXIT_CODE_WRITE, 0);
    if (!x.len[1] && x.p[0].host && !(write && x.p[0].flags & SM_PAGE_READONLY)) {
        tcg_host_access(m, x.p[0].host, c);
        done = true;
    } else {
        done = in_pieces(v, m, &x, c);
    }
    for (unsigned i = 0; i < 2 && x.len[i] && again; i++)
        have_written(v, &x.p[i], x.len[i]);
    if (done)
        return true;
    v->exit.addr = addr;
    v->exit.access = access;
    sm_vcpu_of(v)->m->cfg.frontend->bus_error(v, addr, access);
    return false;
}

/* ---- debugger ---- */

int sm_tlb_debug(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write)
{
    const struct frontend *fe = sm_vcpu_of(v)->m->cfg.frontend;
    struct mem_space *space = sm_vcpu_of(v)->m->cfg.memory;
    struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU,
                          .vcpu = (uint16_t)sm_vcpu_of(v)->index};
    unsigned mmu = fe->mmu_now ? fe->mmu_now(v) : 0;
    uint8_t *p = buf;

    while (len) {
        size_t n = PAGE - (addr & (PAGE - 1));
        struct fe_page fp = {.size = PAGE};
        const struct mem_range *r;
        bool plain;

        n = n < len ? n : len;
        if (!fe->walk(v, addr, TCG_READ, mmu, true, &fp) &&
            !fe->walk(v, addr, TCG_FETCH, mmu, true, &fp))
            return -EFAULT;
        mem_read_lock();
        r = mem_find(space, fp.phys);
        plain = r && r->host;
        if (plain && write && r->readonly)
            plain = false;
        mem_read_unlock();
        if (!plain) /* devices notice being read */
            return -EFAULT;
        if ((write ? mem_write(space, fp.phys, p, n, a) : mem_read(space, fp.phys, p, n, a)) !=
            MEM_OK)
            return -EFAULT;
        addr += n;
        p += n;
        len -= n;
    }
    return 0;
}
