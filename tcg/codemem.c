// SPDX-License-Identifier: MIT
/* tcg/codemem.c -- memory for translated code: one memfd mapped twice, once readable and writable,
 * once readable and executable, the latter within 2 GiB of moa's own code so that calls of helpers
 * are direct. No page is ever writable and executable through one mapping. */
#include "tcg/backend.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Looks for room near this function; any place will do if there is none. */
static void *map_near(size_t size, int prot, int fd)
{
    uintptr_t here = align_down((uintptr_t)&map_near, 1 << 21);
    void *p;

    for (uintptr_t off = 64ull << 20; off < (1ull << 31) - size - (64ull << 20); off += 32ull << 20) {
        for (int down = 1; down >= 0; down--) {
            uintptr_t at = down ? here - off - size : here + off;

            if (down && here < off + size + (1 << 24))
                continue;
            p = mmap((void *)at, size, prot, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
            if (p == (void *)at)
                return p;
            if (p != MAP_FAILED)
                munmap(p, size);
        }
    }
    return mmap(NULL, size, prot, MAP_SHARED, fd, 0);
}

int tcg_codemem_new(struct tcg_codemem *m, size_t size)
{
    int fd = memfd_create("moa code", MFD_CLOEXEC), err;
    void *rx, *rw;

    memset(m, 0, sizeof(*m));
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)size) < 0)
        goto fail;
    rx = map_near(size, PROT_READ | PROT_EXEC, fd);
    if (rx == MAP_FAILED)
        goto fail;
    rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (rw == MAP_FAILED) {
        err = errno;
        munmap(rx, size);
        errno = err;
        goto fail;
    }
    m->reuses = mmap(NULL, sizeof(*m->reuses), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0);
    if (m->reuses == MAP_FAILED) {
        err = errno;
        munmap(rx, size);
        munmap(rw, size);
        errno = err;
        goto fail;
    }
    close(fd); /* the mappings hold the memory; the number may be one that the guest wants */
    m->rx = rx;
    m->delta = (uint8_t *)rw - (uint8_t *)rx;
    m->size = size;
    return 0;
fail:
    err = errno;
    close(fd);
    return -err;
}

void tcg_codemem_free(struct tcg_codemem *m)
{
    if (!m->rx)
        return;
    munmap(m->rx + m->delta, m->size);
    munmap(m->rx, m->size);
    munmap(m->reuses, sizeof(*m->reuses));
    memset(m, 0, sizeof(*m));
}

void tcg_codemem_reuse(struct tcg_codemem *m, size_t used)
{
    atomic_fetch_add(m->reuses, 1);
    m->used = used;
}

int tcg_codemem_after_fork(struct tcg_codemem *m, uint64_t before)
{
    _Atomic uint64_t *reuses = mmap(NULL, sizeof(*reuses), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int fd = memfd_create("moa code", MFD_CLOEXEC);
    size_t done = 0;
    bool stale;
    int err;

    if (fd < 0 || reuses == MAP_FAILED || ftruncate(fd, (off_t)m->size) < 0)
        goto fail;
    while (done < m->used) {
        ssize_t n = write(fd, m->rx + done, m->used - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            goto fail;
        done += (size_t)n;
    }
    if (mmap(m->rx, m->size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
        mmap(m->rx + m->delta, m->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
            MAP_FAILED)
        goto fail;
    stale = atomic_load(m->reuses) != before;
    munmap(m->reuses, sizeof(*reuses));
    m->reuses = reuses;
    close(fd);
    return stale;
fail:
    err = errno;
    if (fd >= 0)
        close(fd);
    if (reuses != MAP_FAILED)
        munmap(reuses, sizeof(*reuses));
    return -err;
}
