// SPDX-License-Identifier: MIT
/* linux-user/sys_mem.c -- system calls on the address space; the work is in mm.c. */
#include "linux-user/handlers.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

int64_t sys_brk(struct lx_task *t, uint64_t *a)
{
    return (int64_t)lx_brk(t->p->mm, a[0]);
}

static bool page_guarded(struct tcg_vcpu *v, uint64_t pc)
{
    struct lx_mm *mm = ((struct lx_task *)v->owner)->p->mm;
    struct lx_vma area;

    return lx_mm_find(mm, pc, &area) && area.prot & mm->prot_extra;
}

void lx_guard_branches(struct lx_task *t)
{
    t->p->fe->guard_branches(t->vcpu, page_guarded);
    tcg_kick(t->vcpu);
}

/* The first page with the guest's own right: branches are looked at from now on. */
static int64_t mapped(struct lx_task *t, int64_t result, uint64_t prot)
{
    struct lx_process *p = t->p;

    if (result < 0 && result > -4096)
        return result;
    if (!(prot & p->mm->prot_extra) || !p->fe->guard_branches || p->guarded)
        return result;
    pthread_mutex_lock(&p->lock);
    p->guarded = true;
    for (struct lx_task *o = p->tasks; o; o = o->next)
        lx_guard_branches(o);
    pthread_mutex_unlock(&p->lock);
    return result;
}

int64_t sys_mmap(struct lx_task *t, uint64_t *a)
{
    return mapped(t, lx_mmap(t->p->mm, a[0], a[1], (int)a[2], (int)a[3], (int)a[4], a[5]), a[2]);
}

/* These calls take tagged addresses whatever prctl said, as the kernel's do. */
static uint64_t untagged(const struct lx_task *t, uint64_t addr)
{
    return lx_untag(addr, t->p->abi->tag_bits);
}

int64_t sys_munmap(struct lx_task *t, uint64_t *a)
{
    return lx_munmap(t->p->mm, untagged(t, a[0]), a[1]);
}

int64_t sys_mremap(struct lx_task *t, uint64_t *a)
{
    return lx_mremap(t->p->mm, a[0], a[1], a[2], (unsigned)a[3], a[4]);
}

int64_t sys_mprotect(struct lx_task *t, uint64_t *a)
{
    return mapped(t, lx_mprotect(t->p->mm, untagged(t, a[0]), a[1], (int)a[2]), a[2]);
}

/* Protection keys: as on a processor without them. */
int64_t sys_pkey_mprotect(struct lx_task *t, uint64_t *a)
{
    return (int)a[3] == -1 ? sys_mprotect(t, a) : -EINVAL;
}

int64_t sys_pkey_alloc(struct lx_task *t, uint64_t *a)
{
    (void)t;
    (void)a;
    return -ENOSPC;
}

int64_t sys_pkey_free(struct lx_task *t, uint64_t *a)
{
    (void)t;
    (void)a;
    return -EINVAL;
}

/* Calls on a range: moa's own memory looks unmapped. */
int64_t sys_mm_pass(struct lx_task *t, uint64_t *a)
{
    if (a[0] & (LX_PAGE - 1) && t->call->sys->host != SYS_mlock && t->call->sys->host != SYS_munlock &&
        t->call->sys->host != SYS_mlock2)
        return -EINVAL;
    if (a[1] && !lx_mm_check(t->p->mm, align_down(a[0], LX_PAGE),
                             align_up(a[1] + (a[0] & (LX_PAGE - 1)), LX_PAGE), 0))
        return -ENOMEM;
    return sys_pass(t, a);
}

int64_t sys_madvise(struct lx_task *t, uint64_t *a)
{
    struct lx_mm *mm = t->p->mm;
    uint64_t lo = untagged(t, a[0]), len = align_up(a[1], LX_PAGE), hi = lo + len;
    int64_t err = 0;

    if (lo & (LX_PAGE - 1) || len < a[1] || hi < lo)
        return -EINVAL;
    if (!len)
        return 0;
    while (lo < hi) { /* area by area: a hole is reported, and the rest still advised */
        uint64_t n = lx_mm_extent(mm, lo, hi - lo, 0);

        if (n) {
            int64_t r = lx_host(t, SYS_madvise, lx_kptr(t, lo), n, a[2], 0, 0, 0);
            struct lx_vma v;

            if (r < 0)
                return r;
            if (((int)a[2] == MADV_DONTNEED || (int)a[2] == MADV_REMOVE ||
                 (int)a[2] == MADV_DONTNEED_LOCKED) &&
                lx_mm_find(mm, lo, &v) && v.prot & PROT_EXEC)
                mm->code_changed(mm->opaque, lo, lo + n);
            lo += n;
        } else {
            err = -ENOMEM;
            lo += LX_PAGE;
            while (lo < hi && !lx_mm_extent(mm, lo, LX_PAGE, 0))
                lo += LX_PAGE;
        }
    }
    return err;
}

int64_t sys_shmat(struct lx_task *t, uint64_t *a)
{
    return lx_shmat(t->p->mm, (int)a[0], a[1], (int)a[2]);
}

int64_t sys_shmdt(struct lx_task *t, uint64_t *a)
{
    return lx_shmdt(t->p->mm, a[0]);
}
