// SPDX-License-Identifier: MIT
/* debug/jitdump.c -- the jitdump format of Linux perf (tools/perf/Documentation/jitdump-specification):
 * a header, then one record "code load" for each region, named by its guest address. perf finds the
 * file because one page of it is mapped executable. */
#include "debug/jitdump.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

static FILE *file;
static void *marker;
static uint64_t index_next;

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/jit-%d.dump", dir, (int)getpid());

    if (n < 0 || (size_t)n >= sizeof(path))
        return -ENAMETOOLONG;
    file = fopen(path, "w+e");
    if (!file)
        return -errno;
    marker = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE,
                  fileno(file), 0);
    fwrite(&h, sizeof(h), 1, file);
    return 0;
}

bool jitdump_is_open(void)
{
    return file != NULL;
}

void jitdump_add(uint64_t guest_pc, const void *code, size_t len)
{
    char name[32];
    int n = snprintf(name, sizeof(name), "guest_%llx", (unsigned long long)guest_pc);
    struct jit_load r = {
        .head = {.id = JIT_CODE_LOAD, .timestamp = now()},
        .pid = (uint32_t)getpid(), .tid = (uint32_t)syscall(SYS_gettid),
        .vma = (uintptr_t)code, .code_addr = (uintptr_t)code, .code_size = len,
        .code_index = index_next++,
    };

    if (!file)
        return;
    r.head.total_size = (uint32_t)(sizeof(r) + (size_t)n + 1 + len);
    fwrite(&r, sizeof(r), 1, file);
    fwrite(name, (size_t)n + 1, 1, file);
    fwrite(code, len, 1, file);
}

void jitdump_close(void)
{
    struct jit_record r = {.id = JIT_CODE_CLOSE, .total_size = sizeof(r), .timestamp = now()};

    if (!file)
        return;
    fwrite(&r, sizeof(r), 1, file);
    fclose(file);
    file = NULL;
    if (marker != MAP_FAILED)
        munmap(marker, (size_t)sysconf(_SC_PAGESIZE));
}
