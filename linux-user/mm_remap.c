// SPDX-License-Identifier: MIT
/* linux-user/mm_remap.c -- mremap(2), shmat(2) and shmdt(2) on the guest's address space. */
#include "linux-user/mm_impl.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/shm.h>

static int64_t move_to(struct lx_mm *mm, const struct lx_vma *from, uint64_t addr, uint64_t old_len,
                       uint64_t new_len, unsigned flags, uint64_t to)
{
    unsigned host_flags = MREMAP_MAYMOVE | MREMAP_FIXED | (flags & MREMAP_DONTUNMAP);
    struct lx_vma v = *from;
    void *p = mremap(lx_g2h(mm, addr), old_len, new_len, (int)host_flags, lx_g2h(mm, to));

    if (p == MAP_FAILED) {
        int err = errno;

        lx_host_drop(mm, to, new_len);
        lx_vma_remove(mm, to, to + new_len);
        return -err;
    }
    if (old_len && !(flags & MREMAP_DONTUNMAP)) {
        if (mm->reserved)
            lx_host_drop(mm, addr, old_len);
        lx_vma_remove(mm, addr, addr + old_len);
    } else if (old_len && v.prot & PROT_EXEC && mm->code_changed) {
        mm->code_changed(mm->opaque, addr, addr + old_len);
    }
    v.lo = to;
    v.hi = to + new_len;
    if (v.kind == LX_VMA_HEAP)
        v.kind = LX_VMA_PLAIN;
    if (lx_vma_add(mm, &v)) {
        lx_host_drop(mm, to, new_len);
        return -ENOMEM;
    }
    return (int64_t)to;
}

static int64_t remap_locked(struct lx_mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
                            unsigned flags, uint64_t new_addr)
{
    size_t i = lx_vma_at(mm, addr);
    struct lx_vma v;
    uint64_t to;
    int err;

    if (i == mm->nvma || mm->vma[i].lo > addr)
        return -EFAULT;
    v = mm->vma[i];
    if (old_len == 0 && (!v.shared || !(flags & MREMAP_MAYMOVE)))
        return -EINVAL;
    if (flags & MREMAP_FIXED) {
        if (new_addr < mm->min_addr)
            return -EPERM;
        if (old_len > new_len) {
            err = lx_unmap_locked(mm, addr + new_len, addr + old_len);
            if (err)
                return err;
            old_len = new_len;
        }
        if (v.hi < addr + old_len)
            return -EFAULT;
        err = lx_take_fixed(mm, new_addr, new_addr + new_len);
        if (err)
            return err;
        return move_to(mm, &v, addr, old_len, new_len, flags, new_addr);
    }
    if (old_len >= new_len && old_len && !(flags & MREMAP_DONTUNMAP)) {
        if (old_len > new_len)
            err = lx_unmap_locked(mm, addr + new_len, addr + old_len);
        else
            err = 0;
        return err ? err : (int64_t)addr;
    }
    if (v.hi < addr + old_len)
        return -EFAULT;
    if (lx_over_limit(mm, new_len - (flags & MREMAP_DONTUNMAP ? 0 : old_len)))
        return -ENOMEM;
    if (old_len && v.hi == addr + old_len && !(flags & MREMAP_DONTUNMAP) &&
        new_len <= mm->limit - addr && lx_gap_free(mm, v.hi, addr + new_len) &&
        !lx_host_hold(mm, v.hi, new_len - old_len)) {
        void *p;

        /* the gap is ours now: give it up at once and let the area grow into it */
        munmap(lx_g2h(mm, v.hi), new_len - old_len);
        p = mremap(lx_g2h(mm, addr), old_len, new_len, 0);
        if (p != MAP_FAILED) {
            v.lo = v.hi;
            v.hi = addr + new_len;
            return lx_vma_add(mm, &v) ? -ENOMEM : (int64_t)addr;
        }
        if (mm->reserved)
            lx_host_drop(mm, v.hi, new_len - old_len);
        if (errno != ENOMEM && errno != EFAULT)
            return -errno;
    }
    if (!(flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    to = lx_find_gap(mm, 0, new_len);
    if (!to)
        return -ENOMEM;
    return move_to(mm, &v, addr, old_len, new_len, flags, to);
}

int64_t lx_mremap(struct lx_mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
                  unsigned flags, uint64_t new_addr)
{
    int64_t ret;

    if (flags & ~(unsigned)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
        return -EINVAL;
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE))
        return -EINVAL;
    if (flags & MREMAP_DONTUNMAP && old_len != new_len)
        return -EINVAL;
    if (addr & (LX_PAGE - 1) || new_len == 0)
        return -EINVAL;
    if (old_len > mm->limit || new_len > mm->limit || addr > mm->limit - align_up(old_len, LX_PAGE))
        return -EINVAL;
    old_len = align_up(old_len, LX_PAGE);
    new_len = align_up(new_len, LX_PAGE);
    if (flags & MREMAP_FIXED) {
        if (new_addr & (LX_PAGE - 1) || new_len > mm->limit || new_addr > mm->limit - new_len)
            return -EINVAL;
        if (addr + old_len > new_addr && new_addr + new_len > addr)
            return -EINVAL;
    }
    pthread_mutex_lock(&mm->lock);
    ret = remap_locked(mm, addr, old_len, new_len, flags, new_addr);
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

int64_t lx_shmat(struct lx_mm *mm, int id, uint64_t addr, int flags)
{
    struct shmid_ds ds;
    struct lx_vma v = {.shared = true, .file = true};
    uint64_t len;
    int64_t ret = -ENOMEM;
    bool fixed = addr != 0;

    if (shmctl(id, IPC_STAT, &ds) < 0)
        return -errno;
    len = align_up(ds.shm_segsz, LX_PAGE);
    if (fixed) {
        if (addr & (LX_PAGE - 1)) {
            if (!(flags & SHM_RND))
                return -EINVAL;
            addr &= ~(LX_PAGE - 1);
        }
        if (addr < mm->min_addr || len > mm->limit || addr > mm->limit - len)
            return -EINVAL;
    } else if (flags & SHM_REMAP) {
        return -EINVAL;
    }
    pthread_mutex_lock(&mm->lock);
    if (fixed && !(flags & SHM_REMAP) && !lx_gap_free(mm, addr, addr + len))
        ret = -EINVAL;
    else if (fixed ? lx_take_fixed(mm, addr, addr + len) == 0
                   : (addr = lx_find_gap(mm, 0, len)) != 0) {
        int host = (flags & SHM_RDONLY) | SHM_REMAP;
        void *p = shmat(id, lx_g2h(mm, addr), host);

        if (p == (void *)-1) {
            ret = -errno;
            lx_host_drop(mm, addr, len);
        } else {
            v.lo = addr;
            v.hi = addr + len;
            v.prot = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
                     (flags & SHM_EXEC ? PROT_EXEC : 0);
            ret = lx_vma_add(mm, &v) ? -ENOMEM : (int64_t)addr;
        }
    }
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

int64_t lx_shmdt(struct lx_mm *mm, uint64_t addr)
{
    int64_t ret = -EINVAL;
    size_t i;

    pthread_mutex_lock(&mm->lock);
    i = lx_vma_at(mm, addr);
    if (i < mm->nvma && mm->vma[i].lo == addr && mm->vma[i].shared && mm->vma[i].file) {
        uint64_t hi = mm->vma[i].hi;

        ret = shmdt(lx_g2h(mm, addr)) < 0 ? -errno : 0;
        if (!ret) {
            if (mm->reserved)
                lx_host_drop(mm, addr, hi - addr);
            ret = lx_vma_remove(mm, addr, hi);
        }
    }
    pthread_mutex_unlock(&mm->lock);
    return ret;
}
