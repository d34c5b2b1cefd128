// SPDX-License-Identifier: MIT
/* linux-user/mm.c -- mmap, munmap, mprotect, brk on the guest's address space (mmap(2) and its
 * neighbours); mremap and shared memory are in mm_remap.c.
 *
 * Areas are kept in a sorted array: a process has some hundred, so a binary search and a memmove
 * beat a tree. Addresses without a wish are chosen here, far below the host's own mmap area, so
 * that moa and guest do not meet; a fixed wish over something of moa's is refused with ENOMEM,
 * found by mapping gaps with MAP_FIXED_NOREPLACE.
 * Not modelled: a MAP_GROWSDOWN area grows when guest code touches what is below it, not when a
 * system call does. */
#include "linux-user/mm.h"
#include "linux-user/mm_impl.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#ifndef PROT_SEM
#define PROT_SEM 8
#endif
#define RIGHTS (PROT_READ | PROT_WRITE | PROT_EXEC)
#define GROW_GAP (256 * LX_PAGE) /* between a growing area and what is below: stack_guard_gap */
#define GROW_MAX (8ull << 20)
#define SPARE (64ull << 20) /* address space that moa keeps for itself */

struct lx_mm *lx_mm_new(uint64_t guest_base, uint64_t limit, uint64_t mmap_top)
{
    struct lx_mm *mm = calloc(1, sizeof(*mm));
    struct rlimit host;

    if (!mm)
        return NULL;
    pthread_mutex_init(&mm->lock, NULL);
    pthread_mutex_init(&mm->list_lock, NULL);
    mm->guest_base = guest_base;
    mm->limit = limit;
    mm->mmap_top = mmap_top;
    mm->min_addr = 0x10000;
    mm->brk_limit = mm->as_limit = ~0ull;
    mm->host_limited = !getrlimit(RLIMIT_AS, &host) && host.rlim_cur != RLIM_INFINITY;
    return mm;
}

void lx_mm_free(struct lx_mm *mm)
{
    pthread_mutex_destroy(&mm->lock);
    pthread_mutex_destroy(&mm->list_lock);
    free(mm->vma);
    free(mm);
}

int lx_mm_reserve(struct lx_mm *mm, uint64_t size)
{
    void *p;

    size = align_up(size, LX_PAGE);
    p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return -errno;
    mm->guest_base = (uintptr_t)p;
    mm->reserved = mm->limit = size;
    if (mm->mmap_top > size)
        mm->mmap_top = size;
    return 0;
}

void *lx_g2h(const struct lx_mm *mm, uint64_t addr)
{
    return (void *)(uintptr_t)(addr + mm->guest_base);
}

int lx_host_prot(int prot)
{
    int host = prot & (PROT_READ | PROT_WRITE);

    return prot & (PROT_EXEC | PROT_WRITE) ? host | PROT_READ : host;
}

size_t lx_vma_at(const struct lx_mm *mm, uint64_t addr)
{
    size_t lo = 0, hi = mm->nvma;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (mm->vma[mid].hi <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int make_room(struct lx_mm *mm, size_t more)
{
    struct lx_vma *v;
    size_t room = mm->room ? mm->room : 64;

    if (mm->nvma + more <= mm->room)
        return 0;
    while (room < mm->nvma + more)
        room *= 2;
    v = realloc(mm->vma, room * sizeof(*v));
    if (!v)
        return -ENOMEM;
    mm->vma = v;
    mm->room = room;
    return 0;
}

static void open_slot(struct lx_mm *mm, size_t i)
{
    memmove(mm->vma + i + 1, mm->vma + i, (mm->nvma - i) * sizeof(*mm->vma));
    mm->nvma++;
}

static void close_slots(struct lx_mm *mm, size_t i, size_t n)
{
    memmove(mm->vma + i, mm->vma + i + n, (mm->nvma - i - n) * sizeof(*mm->vma));
    mm->nvma -= n;
}

/* Makes addr a border between areas. Room has been made. */
static void split_at(struct lx_mm *mm, uint64_t addr)
{
    size_t i = lx_vma_at(mm, addr);

    if (i == mm->nvma || mm->vma[i].lo >= addr)
        return;
    open_slot(mm, i);
    mm->vma[i].hi = addr;
    mm->vma[i + 1].lo = addr;
}

static bool alike(const struct lx_vma *a, const struct lx_vma *b)
{
    return a->hi == b->lo && a->prot == b->prot && a->kind == b->kind && a->shared == b->shared &&
           a->grows == b->grows && a->file == b->file && !a->file;
}

static void merge_around(struct lx_mm *mm, size_t i)
{
    if (i + 1 < mm->nvma && alike(&mm->vma[i], &mm->vma[i + 1])) {
        mm->vma[i].hi = mm->vma[i + 1].hi;
        close_slots(mm, i + 1, 1);
    }
    if (i > 0 && alike(&mm->vma[i - 1], &mm->vma[i])) {
        mm->vma[i - 1].hi = mm->vma[i].hi;
        close_slots(mm, i, 1);
    }
}

static void log_area(const char *what, uint64_t lo, uint64_t hi, int prot)
{
    log_printf("page: %s 0x%llx-0x%llx %c%c%c\n", what, (unsigned long long)lo,
               (unsigned long long)hi, prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
               prot & PROT_EXEC ? 'x' : '-');
}

int lx_vma_remove(struct lx_mm *mm, uint64_t lo, uint64_t hi)
{
    size_t i, n = 0;
    bool code = false;
    int err;

    pthread_mutex_lock(&mm->list_lock);
    err = make_room(mm, 2);
    if (!err) {
        split_at(mm, lo);
        split_at(mm, hi);
        i = lx_vma_at(mm, lo);
        for (n = 0; i + n < mm->nvma && mm->vma[i + n].lo < hi; n++)
            code |= (mm->vma[i + n].prot & PROT_EXEC) != 0;
        close_slots(mm, i, n);
    }
    pthread_mutex_unlock(&mm->list_lock);
    if (err)
        return err;
    if (n && log_on(LOG_page))
        log_area("unmap", lo, hi, 0);
    if (code && mm->code_changed)
        mm->code_changed(mm->opaque, lo, hi);
    return 0;
}

int lx_vma_add(struct lx_mm *mm, const struct lx_vma *v)
{
    int err = lx_vma_remove(mm, v->lo, v->hi);
    size_t i;

    if (err)
        return err;
    pthread_mutex_lock(&mm->list_lock);
    err = make_room(mm, 1);
    if (!err) {
        i = lx_vma_at(mm, v->lo);
        open_slot(mm, i);
        mm->vma[i] = *v;
        merge_around(mm, i);
    }
    pthread_mutex_unlock(&mm->list_lock);
    if (!err && log_on(LOG_page))
        log_area("map", v->lo, v->hi, v->prot);
    return err;
}

bool lx_gap_free(const struct lx_mm *mm, uint64_t lo, uint64_t hi)
{
    size_t i = lx_vma_at(mm, lo);

    return i == mm->nvma || mm->vma[i].lo >= hi;
}

/* The highest gap of len bytes that ends at or below top; 0 if there is none. */
static uint64_t gap_below(const struct lx_mm *mm, uint64_t top, uint64_t len)
{
    size_t i = lx_vma_at(mm, top - 1);

    if (i < mm->nvma && mm->vma[i].lo < top)
        top = mm->vma[i].lo;
    for (;;) {
        uint64_t floor = i > 0 ? mm->vma[i - 1].hi : mm->min_addr;

        if (top >= floor && top - floor >= len && top - len >= mm->min_addr)
            return top - len;
        if (i == 0)
            return 0;
        i--;
        top = mm->vma[i].lo;
    }
}

int lx_host_hold(const struct lx_mm *mm, uint64_t lo, uint64_t len)
{
    void *p;

    if (mm->reserved)
        return 0;
    p = mmap(lx_g2h(mm, lo), len, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED)
        return -errno;
    if (p != lx_g2h(mm, lo)) { /* a kernel before 4.17 took it for a hint */
        munmap(p, len);
        return -EEXIST;
    }
    return 0;
}

void lx_host_drop(const struct lx_mm *mm, uint64_t lo, uint64_t len)
{
    if (mm->reserved)
        mmap(lx_g2h(mm, lo), len, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    else
        munmap(lx_g2h(mm, lo), len);
}

uint64_t lx_find_gap(struct lx_mm *mm, uint64_t hint, uint64_t len)
{
    uint64_t top = mm->mmap_top;

    if (hint >= mm->min_addr && hint < mm->limit && mm->limit - hint >= len &&
        lx_gap_free(mm, hint, hint + len) && !lx_host_hold(mm, hint, len))
        return hint;
    for (;;) {
        uint64_t at = gap_below(mm, top, len);
        int r;

        if (!at) {
            if (top >= mm->limit)
                return 0;
            /* the room below is used up: try from the very top, once */
            top = mm->limit;
            at = gap_below(mm, top, len);
            if (!at)
                return 0;
        }
        r = lx_host_hold(mm, at, len);
        if (!r)
            return at;
        if (r != -EEXIST) /* the host gives no memory, wherever it lies */
            return 0;
        /* something of the host's is in the way: step down by a megabyte */
        if (at < mm->min_addr + 0x100000)
            return 0;
        top = at + len - 0x100000;
        if (top < mm->min_addr + len)
            return 0;
    }
}

int lx_take_fixed(struct lx_mm *mm, uint64_t lo, uint64_t hi)
{
    uint64_t at = lo;

    while (at < hi && !mm->reserved) { /* hold every gap; undo if one belongs to the host */
        size_t i = lx_vma_at(mm, at);
        uint64_t end = i < mm->nvma && mm->vma[i].lo < hi ? mm->vma[i].lo : hi;

        if (end > at && lx_host_hold(mm, at, end - at)) {
            for (uint64_t u = lo; u < at;) {
                size_t j = lx_vma_at(mm, u);
                uint64_t e = j < mm->nvma && mm->vma[j].lo < at ? mm->vma[j].lo : at;

                if (e > u)
                    lx_host_drop(mm, u, e - u);
                u = j < mm->nvma && mm->vma[j].lo < at ? mm->vma[j].hi : at;
            }
            return -ENOMEM;
        }
        at = i < mm->nvma && mm->vma[i].lo < hi ? mm->vma[i].hi : hi;
    }
    return 0;
}

/* Under a limit of the host that guest and moa share, the guest's mappings leave some room: a program
 * that takes all there is gets ENOMEM, and moa can still translate what it does then. */
static bool spare_left(const struct lx_mm *mm, uint64_t len)
{
    void *p;

    if (MOA_LIKELY(!mm->host_limited || mm->reserved))
        return true;
    p = mmap(NULL, len + SPARE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return false;
    munmap(p, len + SPARE);
    return true;
}

/* Would more bytes pass the limit on the address space? A fixed mapping at lo replaces what is
 * there; the stack, mapped whole, does not count. Limits are rare: the areas are counted anew. */
static bool over_limit(const struct lx_mm *mm, bool fixed, uint64_t lo, uint64_t len)
{
    uint64_t sum = len, hi = lo + len;

    if (MOA_LIKELY(mm->as_limit == ~0ull))
        return false;
    for (size_t i = 0; i < mm->nvma; i++) {
        uint64_t a = mm->vma[i].lo, b = mm->vma[i].hi;

        if (mm->vma[i].kind == LX_VMA_STACK)
            continue;
        sum += b - a;
        a = a > lo ? a : lo;
        b = b < hi ? b : hi;
        sum -= fixed && b > a ? b - a : 0;
    }
    return sum > mm->as_limit;
}

bool lx_over_limit(const struct lx_mm *mm, uint64_t more)
{
    return !spare_left(mm, more) || over_limit(mm, false, 0, more);
}

static int64_t map_locked(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot, int flags,
                          int fd, uint64_t off, enum lx_vma_kind kind)
{
    int host_flags = flags & ~(MAP_FIXED_NOREPLACE | MAP_GROWSDOWN);
    struct lx_vma v;
    bool held_gap = false;
    void *p;

    if (flags & MAP_FIXED_NOREPLACE && !lx_gap_free(mm, addr, addr + len))
        return -EEXIST;
    if (!spare_left(mm, len))
        return -ENOMEM;
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        held_gap = lx_gap_free(mm, addr, addr + len);
        if (addr < mm->min_addr)
            return -EPERM;
        if (over_limit(mm, true, addr, len))
            return -ENOMEM;
        if (lx_take_fixed(mm, addr, addr + len))
            return flags & MAP_FIXED_NOREPLACE ? -EEXIST : -ENOMEM;
    } else {
        addr = over_limit(mm, false, 0, len) ? 0 : lx_find_gap(mm, addr & ~(LX_PAGE - 1), len);
        if (!addr)
            return -ENOMEM;
        held_gap = true;
    }
    p = mmap(lx_g2h(mm, addr), len, lx_host_prot(prot), host_flags | MAP_FIXED, fd, (off_t)off);
    if (p == MAP_FAILED) {
        int err = errno;

        if (held_gap)
            lx_host_drop(mm, addr, len);
        return -err;
    }
    v = (struct lx_vma){.lo = addr,
                        .hi = addr + len,
                        .prot = (uint8_t)prot,
                        .kind = (uint8_t)kind,
                        .shared = (flags & MAP_TYPE) != MAP_PRIVATE,
                        .file = !(flags & MAP_ANONYMOUS),
                        .grows = flags & MAP_GROWSDOWN};
    if (lx_vma_add(mm, &v)) {
        lx_host_drop(mm, addr, len);
        return -ENOMEM;
    }
    return (int64_t)addr;
}

int64_t lx_mmap_kind(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot, int flags, int fd,
                     uint64_t off, enum lx_vma_kind kind)
{
    int64_t ret;

    if (off & (LX_PAGE - 1) || len == 0)
        return -EINVAL;
    if (len > mm->limit)
        return -ENOMEM;
    len = align_up(len, LX_PAGE);
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (addr & (LX_PAGE - 1))
            return -EINVAL;
        if (addr > mm->limit || len > mm->limit - addr)
            return -ENOMEM;
    }
    prot &= RIGHTS | mm->prot_extra;
    pthread_mutex_lock(&mm->lock);
    ret = map_locked(mm, addr, len, prot, flags, fd, off, kind);
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

int64_t lx_mmap(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot, int flags, int fd,
                uint64_t off)
{
    return lx_mmap_kind(mm, addr, len, prot, flags, fd, off, LX_VMA_PLAIN);
}

/* Unmaps what the guest has in [lo, hi) and nothing of moa's. */
int lx_unmap_locked(struct lx_mm *mm, uint64_t lo, uint64_t hi)
{
    for (uint64_t at = lo; at < hi;) {
        size_t i = lx_vma_at(mm, at);
        uint64_t a, b;

        if (i == mm->nvma || mm->vma[i].lo >= hi)
            break;
        a = mm->vma[i].lo > lo ? mm->vma[i].lo : lo;
        b = mm->vma[i].hi < hi ? mm->vma[i].hi : hi;
        while (i + 1 < mm->nvma && mm->vma[i + 1].lo == b && b < hi) {
            i++;
            b = mm->vma[i].hi < hi ? mm->vma[i].hi : hi;
        }
        lx_host_drop(mm, a, b - a);
        at = b;
    }
    return lx_vma_remove(mm, lo, hi);
}

int64_t lx_munmap(struct lx_mm *mm, uint64_t addr, uint64_t len)
{
    int ret;

    if (addr & (LX_PAGE - 1) || len == 0 || addr > mm->limit || len > mm->limit - addr)
        return -EINVAL;
    len = align_up(len, LX_PAGE);
    pthread_mutex_lock(&mm->lock);
    ret = lx_unmap_locked(mm, addr, addr + len);
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

/* With list_lock held. *end: up to where rights were changed; *code: some were code's. */
static int protect_list(struct lx_mm *mm, uint64_t lo, uint64_t hi, int prot, uint64_t *end,
                        bool *code)
{
    int err = make_room(mm, 2);
    uint64_t at = lo;
    size_t i;

    if (err)
        return err;
    split_at(mm, lo);
    split_at(mm, hi);
    for (i = lx_vma_at(mm, lo); at < hi && i < mm->nvma && mm->vma[i].lo == at; i++) {
        struct lx_vma *v = &mm->vma[i];

        if (mprotect(lx_g2h(mm, v->lo), v->hi - v->lo, lx_host_prot(prot))) {
            err = -errno;
            break;
        }
        *code |= (v->prot & PROT_EXEC) != 0 && prot != v->prot;
        v->prot = (uint8_t)prot;
        at = v->hi;
    }
    if (!err && at < hi)
        err = -ENOMEM; /* what comes before the hole has been changed, as Linux does */
    if (at > lo) {
        i = lx_vma_at(mm, lo);
        while (i < mm->nvma && mm->vma[i].lo < at) {
            size_t n = mm->nvma;

            merge_around(mm, i);
            if (mm->nvma == n)
                i++;
        }
        if (i < mm->nvma)
            merge_around(mm, i);
    }
    *end = at;
    return err;
}

static int64_t protect_locked(struct lx_mm *mm, uint64_t lo, uint64_t hi, int prot)
{
    uint64_t end = lo;
    bool code = false;
    int err;

    pthread_mutex_lock(&mm->list_lock);
    err = protect_list(mm, lo, hi, prot, &end, &code);
    pthread_mutex_unlock(&mm->list_lock);
    if (end > lo && log_on(LOG_page))
        log_area("protect", lo, end, prot);
    if (code && mm->code_changed)
        mm->code_changed(mm->opaque, lo, end);
    return err;
}

int64_t lx_mprotect(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot)
{
    int64_t ret;

    if (addr & (LX_PAGE - 1))
        return -EINVAL;
    if (prot & ~(RIGHTS | PROT_SEM | PROT_GROWSDOWN | mm->prot_extra))
        return -EINVAL;
    if (len == 0)
        return 0;
    if (addr > mm->limit || len > mm->limit - addr)
        return -ENOMEM;
    len = align_up(len, LX_PAGE);
    prot &= RIGHTS | mm->prot_extra;
    pthread_mutex_lock(&mm->lock);
    ret = protect_locked(mm, addr, addr + len, prot);
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

uint64_t lx_brk(struct lx_mm *mm, uint64_t addr)
{
    uint64_t old_end, new_end, ret;

    pthread_mutex_lock(&mm->lock);
    old_end = align_up(mm->brk, LX_PAGE);
    new_end = align_up(addr, LX_PAGE);
    if (addr < mm->brk_start || addr >= mm->limit || addr - mm->brk_start > mm->brk_limit) {
        /* refused, or a question */
    } else if (new_end > old_end) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

        /* one page stays free between the heap and what follows, as Linux keeps it */
        if (lx_gap_free(mm, old_end, new_end + LX_PAGE) &&
            map_locked(mm, old_end, new_end - old_end, PROT_READ | PROT_WRITE, flags, -1, 0,
                       LX_VMA_HEAP) >= 0)
            mm->brk = addr;
    } else {
        if (new_end < old_end)
            lx_unmap_locked(mm, new_end, old_end);
        mm->brk = addr;
    }
    ret = mm->brk;
    pthread_mutex_unlock(&mm->lock);
    return ret;
}

bool lx_mm_grow(struct lx_mm *mm, uint64_t addr)
{
    uint64_t page = align_down(addr, LX_PAGE), floor;
    bool done = false;
    size_t i;

    pthread_mutex_lock(&mm->lock);
    i = lx_vma_at(mm, addr);
    if (i < mm->nvma && mm->vma[i].lo > addr && mm->vma[i].grows) {
        struct lx_vma v = mm->vma[i];

        floor = i && mm->vma[i - 1].prot & RIGHTS ? mm->vma[i - 1].hi + GROW_GAP
                                                  : i ? mm->vma[i - 1].hi : mm->min_addr;
        if (page >= floor && v.hi - page <= GROW_MAX)
            done = map_locked(mm, page, v.lo - page, v.prot,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE,
                              -1, 0, v.kind) >= 0;
    }
    pthread_mutex_unlock(&mm->lock);
    return done;
}

bool lx_mm_find(struct lx_mm *mm, uint64_t addr, struct lx_vma *out)
{
    size_t i;
    bool found;

    pthread_mutex_lock(&mm->list_lock);
    i = lx_vma_at(mm, addr);
    found = i < mm->nvma && mm->vma[i].lo <= addr;
    if (found)
        *out = mm->vma[i];
    pthread_mutex_unlock(&mm->list_lock);
    return found;
}

uint64_t lx_mm_extent(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot)
{
    uint64_t end = addr + len < addr ? ~0ull : addr + len, at = addr;

    pthread_mutex_lock(&mm->list_lock);
    for (size_t i = lx_vma_at(mm, addr); i < mm->nvma && at < end; i++) {
        if (mm->vma[i].lo > at || (mm->vma[i].prot & prot) != prot)
            break;
        at = mm->vma[i].hi;
    }
    pthread_mutex_unlock(&mm->list_lock);
    return (at < end ? at : end) - addr;
}

bool lx_mm_check(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot)
{
    return addr + len >= addr && lx_mm_extent(mm, addr, len, prot) == len;
}

struct lx_vma *lx_mm_list(struct lx_mm *mm, size_t *n)
{
    struct lx_vma *v;

    pthread_mutex_lock(&mm->list_lock);
    v = malloc((mm->nvma + 1) * sizeof(*v));
    if (v)
        memcpy(v, mm->vma, mm->nvma * sizeof(*v));
    *n = v ? mm->nvma : 0;
    pthread_mutex_unlock(&mm->list_lock);
    return v;
}
