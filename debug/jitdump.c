// SPDX-License-Identifier: MIT
/* debug/jitdump.c -- the jitdump format of Linux perf
 * (tools/perf/Documentation/jitdump-specification): a header, then one record "code load" for
 * each region, named by its guest function. perf finds the file because one page of it is mapped
 * executable. Beside it perf's older form, a text file of addresses and names. A record is
 * written with one call, so that nothing is buffered at a fork. */
#include "debug/jitdump.h"

#include "base/fd.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define JIT_MAGIC 0x4a695444
#define JIT_CODE_LOAD 0
#define JIT_CODE_CLOSE 3

struct jit_header {
    uint32_t magic, version, total_size, elf_mach, pad1, pid;
    uint64_t timestamp, flags;
};

struct jit_record {
    uint32_t id, total_size;
    uint64_t timestamp;
};

struct jit_load {
    struct jit_record head;
    uint32_t pid, tid;
    uint64_t vma, code_addr, code_size, code_index;
};

static struct {
    int file, map;      /* descriptors, or 0 */
    pid_t pid;          /* whose they are */
    char dir[4096];
    void *marker;
    uint64_t index_next;
} out;

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int open_high(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

    return fd < 0 ? -errno : fd_out_of_the_way(fd);
}

static void put(int *fd, const void *data, size_t len)
{
    if (*fd && write(*fd, data, len) != (ssize_t)len) { /* the disk is full: no half records */
        close(*fd);
        *fd = 0;
    }
}

int jitdump_open(const char *dir)
{
    struct jit_header h = {
        .magic = JIT_MAGIC, .version = 1, .total_size = sizeof(h),
#if defined(__x86_64__)
        .elf_mach = EM_X86_64,
#elif defined(__aarch64__)
        .elf_mach = EM_AARCH64,
#endif
        .pid = (uint32_t)getpid(), .timestamp = now(),
    };
    char path[4200];
    int fd;

    if (strlen(dir) >= sizeof(out.dir))
        return -ENAMETOOLONG;
    if (dir != out.dir)
        strcpy(out.dir, dir);
    snprintf(path, sizeof(path), "%s/jit-%d.dump", dir, (int)getpid());
    fd = open_high(path);
    if (fd < 0)
        return fd;
    out.file = fd;
    out.pid = getpid();
    put(&out.file, &h, sizeof(h));
    out.marker = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
                      0);
    return 0;
}

int perfmap_open(void)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
    fd = open_high(path);
    if (fd < 0)
        return fd;
    out.map = fd;
    out.pid = getpid();
    return 0;
}

bool jitdump_is_open(void)
{
    return out.file || out.map;
}

/* A child goes on in files of its own; what was translated before the fork is in the parent's. */
static void after_fork(void)
{
    bool file = out.file, map = out.map;

    if (file) {
        close(out.file);
        if (out.marker != MAP_FAILED)
            munmap(out.marker, (size_t)sysconf(_SC_PAGESIZE));
        out.file = 0;
        jitdump_open(out.dir);
    }
    if (map) {
        close(out.map);
        out.map = 0;
        perfmap_open();
    }
    out.pid = getpid();
}

void jitdump_add(uint64_t guest_pc, const char *name, const void *code, size_t len)
{
    struct jit_load r = {
        .head = {.id = JIT_CODE_LOAD, .timestamp = now()},
        .pid = (uint32_t)getpid(), .tid = (uint32_t)syscall(SYS_gettid),
        .vma = (uintptr_t)code, .code_addr = (uintptr_t)code, .code_size = len,
        .code_index = out.index_next++,
    };
    char text[512];
    size_t n;
    char *all;

    if (getpid() != out.pid)
        after_fork();
    if (name)
        snprintf(text, sizeof(text), "%s", name);
    else
        snprintf(text, sizeof(text), "guest_%llx", (unsigned long long)guest_pc);
    n = strlen(text) + 1;
    if (out.map)
        dprintf(out.map, "%llx %zx %s\n", (unsigned long long)(uintptr_t)code, len, text);
    if (!out.file)
        return;
    r.head.total_size = (uint32_t)(sizeof(r) + n + len);
    all = malloc(r.head.total_size);
    if (!all)
        return;
    memcpy(all, &r, sizeof(r));
    memcpy(all + sizeof(r), text, n);
    memcpy(all + sizeof(r) + n, code, len);
    put(&out.file, all, r.head.total_size);
    free(all);
}

void jitdump_close(void)
{
    struct jit_record r = {.id = JIT_CODE_CLOSE, .total_size = sizeof(r), .timestamp = now()};

    put(&out.file, &r, sizeof(r));
    if (out.file)
        close(out.file);
    if (out.map)
        close(out.map);
    out.file = out.map = 0;
}
