// SPDX-License-Identifier: MIT
/* mem/ram.c -- host memory under RAM, the numbers of its bytes (ram_addr), and the watch bytes.
 *
 * Numbers are given once and never again, in steps of 2 MiB, so blocks never share a page or a
 * watch byte. The watch array is reserved whole at the first block: it never moves, and readers
 * index it without a lock; untouched pages of it cost nothing. */
#include "mem/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BIG_PAGE (2ull << 20)

static pthread_mutex_t blocks_mutex =
    PTHREAD_MUTEX_INITIALIZER; /* leaf: nothing is taken under it */
static struct mem_block *blocks;
static uint64_t next_ram_addr;
static uint8_t *watch;
static void (*code_written)(void *opaque, uint64_t ram_addr, uint64_t len);
static void *code_opaque;

/* -errno, or the descriptor under the memory; -1 is no error: -EPERM is, so anonymous is told by b.
 */
static int open_backing(const char *name, uint64_t size, const struct mem_backing *b)
{
    struct stat st;
    int fd, e;

    if (b->memfd) {
        fd = memfd_create(name, MFD_CLOEXEC | (b->huge ? MFD_HUGETLB : 0));
        if (fd < 0)
            return -errno;
    } else {
        fd = open(b->path, (b->shared ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0666);
        if (fd < 0)
            return -errno;
        if (fstat(fd, &st) < 0) {
            e = errno;
            close(fd);
            return -e;
        }
        if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size >= size)
            return fd;
        if (!b->shared) {
            close(fd);
            return -ENODATA;
        }
    }
    if (ftruncate(fd, (off_t)size) < 0) {
        e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

/* Address space of size bytes at a multiple of 2 MiB, so that huge pages fit. */
static void *map(uint64_t size, int fd, bool shared)
{
    int flags = MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0) | (shared ? MAP_SHARED : MAP_PRIVATE);
    uint64_t room = size + BIG_PAGE;
    uint8_t *p, *at;

    p = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return MAP_FAILED;
    at = (uint8_t *)align_up((uintptr_t)p, BIG_PAGE);
    if (mmap(at, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) == MAP_FAILED) {
        int e = errno;

        munmap(p, room);
        errno = e;
        return MAP_FAILED;
    }
    if (at > p)
        munmap(p, (size_t)(at - p));
    munmap(at + size, (size_t)(p + room - (at + size)));
    return at;
}

static bool number_block(struct mem_block *b)
{
    bool ok = false;

    pthread_mutex_lock(&blocks_mutex);
    if (!watch) {
        void *p = mmap(NULL, MEM_RAM_LIMIT >> MEM_PAGE_BITS, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        watch = p == MAP_FAILED ? NULL : p;
        if (watch)
            madvise(p, MEM_RAM_LIMIT >> MEM_PAGE_BITS, MADV_DONTDUMP);
    }
    if (watch && b->mapped <= MEM_RAM_LIMIT - next_ram_addr - BIG_PAGE) {
        b->ram_addr = next_ram_addr;
        next_ram_addr += align_up(b->mapped, BIG_PAGE);
        b->next = blocks;
        blocks = b;
        ok = true;
    }
    pthread_mutex_unlock(&blocks_mutex);
    return ok;
}

struct mem_block *mem_block_new(const char *name, uint64_t size, const struct mem_backing *backing,
                                char *err, size_t err_len)
{
    static const struct mem_backing anonymous;
    const struct mem_backing *b = backing ? backing : &anonymous;
    bool file = b->path || b->memfd;
    const char *what = b->path ? b->path : name;
    struct mem_block *m;
    void *p;

    if (size >= MEM_RAM_LIMIT) {
        snprintf(err, err_len, "%s: %llu bytes are too many", name, (unsigned long long)size);
        return NULL;
    }
    m = calloc(1, sizeof(*m));
    if (!m)
        MOA_BUG("out of memory for %s", name);
    atomic_init(&m->refs, 1);
    m->name = strdup(name);
    if (!m->name)
        MOA_BUG("out of memory for %s", name);
    m->size = size;
    m->mapped = align_up(size, b->huge ? BIG_PAGE : (uint64_t)sysconf(_SC_PAGESIZE));
    m->fd = -1;
    if (file) {
        m->fd = open_backing(name, m->mapped, b);
        if (m->fd < 0) {
            snprintf(err, err_len, "%s: %s", what,
                     m->fd == -ENODATA ? "the file is shorter than the memory" : strerror(-m->fd));
            free(m->name);
            free(m);
            return NULL;
        }
    }
    p = map(m->mapped, m->fd, file && (b->shared || b->memfd));
    if (p == MAP_FAILED) {
        snprintf(err, err_len, "%s: no %llu bytes of memory: %s", what, (unsigned long long)size,
                 strerror(errno));
        goto no_map;
    }
    m->host = p;
    if (!file) /* costs nothing where the host has none */
        madvise(p, m->mapped, MADV_HUGEPAGE);
    madvise(p, m->mapped, MADV_DONTDUMP);
    if (b->prealloc && madvise(p, m->mapped, MADV_POPULATE_WRITE) < 0) {
        snprintf(err, err_len, "%s: no %llu bytes at once: %s", what, (unsigned long long)size,
                 strerror(errno));
        goto no_pages;
    }
    if (!number_block(m)) {
        snprintf(err, err_len, "%s: no numbers left for its pages", name);
        goto no_pages;
    }
    return m;
no_pages:
    munmap(p, m->mapped);
no_map:
    if (m->fd >= 0)
        close(m->fd);
    free(m->name);
    free(m);
    return NULL;
}

void mem_block_unref(struct mem_block *b)
{
    struct mem_block **p;

    if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_lock(&blocks_mutex);
    for (p = &blocks; *p != b; p = &(*p)->next)
        ;
    *p = b->next;
    pthread_mutex_unlock(&blocks_mutex);
    munmap(b->host, b->mapped);
    if (b->fd >= 0)
        close(b->fd);
    free(b->name);
    free(b);
}

void mem_ram_each(void (*each)(void *opaque, const struct mem_ram_info *i), void *opaque)
{
    uint64_t after = 0;

    for (;;) { /* the list has the youngest first; numbers rise with age */
        struct mem_ram_info found = {.ram_addr = ~0ull};

        pthread_mutex_lock(&blocks_mutex);
        for (const struct mem_block *b = blocks; b; b = b->next)
            if (b->ram_addr >= after && b->ram_addr < found.ram_addr && !b->romd &&
                !atomic_load(&b->gone))
                found = (struct mem_ram_info){b->name, b->host, b->size, b->ram_addr};
        pthread_mutex_unlock(&blocks_mutex);
        if (found.ram_addr == ~0ull)
            return;
        each(opaque, &found);
        after = found.ram_addr + 1;
    }
}

static struct mem_block *block_of(const void *host)
{
    const uint8_t *at = host;
    struct mem_block *b;

    pthread_mutex_lock(&blocks_mutex);
    for (b = blocks; b; b = b->next)
        if (at >= b->host && at < b->host + b->mapped)
            break;
    pthread_mutex_unlock(&blocks_mutex);
    if (!b)
        MOA_BUG("memory that was not mapped is let go");
    return b;
}

void mem_unmap(void *host, uint64_t len, bool written)
{
    uint8_t *at = host;
    struct mem_block *b = block_of(host);

    if (written)
        mem_written(b->ram_addr + (uint64_t)(at - b->host), len);
    mem_block_unref(b);
}

void mem_discard(void *host, uint64_t len)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = align_up((uintptr_t)host, page), to = align_down((uintptr_t)host + len, page);
    struct mem_block *b = block_of(host);

    /* A private mapping of a file refuses the second one: it would show the file again. */
    if (from < to)
        madvise((void *)from, to - from, b->fd < 0 ? MADV_DONTNEED : MADV_REMOVE);
}

uint8_t *mem_watch_bytes(void)
{
    return watch;
}

uint8_t mem_watch_get(uint64_t ram_addr)
{
    return ram_addr < MEM_RAM_LIMIT && watch
               ? __atomic_load_n(&watch[ram_addr >> MEM_PAGE_BITS], __ATOMIC_SEQ_CST)
               : 0;
}

void mem_watch_set(uint64_t ram_addr, uint8_t bits, bool on)
{
    uint8_t *w;

    if (ram_addr >= MEM_RAM_LIMIT || !watch)
        MOA_BUG("watch of no RAM: %#llx", (unsigned long long)ram_addr);
    w = &watch[ram_addr >> MEM_PAGE_BITS];
    if (on)
        __atomic_fetch_or(w, bits, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(w, (uint8_t)~bits, __ATOMIC_SEQ_CST);
}

void mem_written(uint64_t ram_addr, uint64_t len)
{
    uint64_t end = ram_addr + len, a, next;

    if (ram_addr >= MEM_RAM_LIMIT || !watch || len == 0)
        return;
    /* Who watches from now on sees the bytes, who did before is told. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (a = ram_addr; a < end; a = next) {
        uint8_t *w = &watch[a >> MEM_PAGE_BITS];
        uint8_t bits = __atomic_load_n(w, __ATOMIC_SEQ_CST);

        next = align_down(a, MEM_PAGE) + MEM_PAGE;
        if (bits & MEM_WATCH_CLEAN)
            __atomic_fetch_and(w, (uint8_t)~MEM_WATCH_CLEAN, __ATOMIC_SEQ_CST);
        if ((bits & MEM_WATCH_CODE) && code_written)
            code_written(code_opaque, a, (next < end ? next : end) - a);
    }
}

void mem_code_listener(void (*written)(void *opaque, uint64_t ram_addr, uint64_t len), void *opaque)
{
    code_opaque = opaque;
    code_written = written;
}
