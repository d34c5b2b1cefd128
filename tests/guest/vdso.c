// SPDX-License-Identifier: MIT
/* tests/guest/vdso.c -- the vDSO: found as a libc finds it, its clocks beside those of system
 * calls, and unwinding from a signal handler through its sigreturn code. */
#include "guest.h"

#include <elf.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *base;
static int (*v_gettime)(int, struct timespec *);
static int (*v_getres)(int, struct timespec *);
static int (*v_timeofday)(struct timeval *, void *);

/* By name and version, through the dynamic section alone. */
static void *find(const char *name)
{
    const Elf64_Ehdr *eh = (const void *)base;
    const Elf64_Phdr *ph = (const void *)(base + eh->e_phoff);
    const uint32_t *hash = NULL;
    const Elf64_Sym *sym = NULL;
    const Elf64_Half *versym = NULL;
    const Elf64_Verdef *def = NULL;
    const char *str = NULL;

    for (int i = 0; i < eh->e_phnum; i++) {
        if (ph[i].p_type != PT_DYNAMIC)
            continue;
        for (const Elf64_Dyn *d = (const void *)(base + ph[i].p_vaddr); d->d_tag; d++) {
            const char *p = base + d->d_un.d_ptr;

            switch (d->d_tag) {
            case DT_HASH: hash = (const void *)p; break;
            case DT_SYMTAB: sym = (const void *)p; break;
            case DT_STRTAB: str = p; break;
            case DT_VERSYM: versym = (const void *)p; break;
            case DT_VERDEF: def = (const void *)p; break;
            }
        }
    }
    CHECK(hash && sym && str && versym && def);
    while (!(def->vd_ndx == 2))
        def = (const void *)((const char *)def + def->vd_next);
    CHECK(def->vd_hash == 123718537); /* LINUX_2.6.39 */
    for (uint32_t i = hash[2]; i; i = hash[2 + hash[0] + i])
        if (strcmp(str + sym[i].st_name, name) == 0) {
            CHECK(versym[i] == 2 && ELF64_ST_TYPE(sym[i].st_info) == STT_FUNC);
            return (void *)(base + sym[i].st_value);
        }
    return NULL;
}

static int64_t ns(const struct timespec *t)
{
    CHECK(t->tv_nsec >= 0 && t->tv_nsec < 1000000000);
    return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static int64_t call(int clock)
{
    struct timespec t;

    CHECK(syscall(SYS_clock_gettime, clock, &t) == 0);
    return ns(&t);
}

static int64_t fast(int clock)
{
    struct timespec t;

    CHECK(v_gettime(clock, &t) == 0);
    return ns(&t);
}

/* Slack of CLOCK_REALTIME: its offset is known to some nanoseconds only. */
static void clocks_agree(int clock, int64_t slack)
{
    int64_t begin = call(CLOCK_MONOTONIC), before, between, after;

    do {
        before = call(clock);
        between = fast(clock);
        after = call(clock);
        CHECK(between >= before - slack && between <= after + slack);
    } while (call(CLOCK_MONOTONIC) < begin + 40000000);
}

static int frames;
static void *trace[32];

static void on_signal(int sig)
{
    (void)sig;
    frames = backtrace(trace, 32);
}

__attribute__((noinline)) static void raise_here(void)
{
    raise(SIGUSR1);
    __asm__ volatile("");
}

static bool in_function(const void *pc, void (*fn)(void))
{
    return (uintptr_t)pc > (uintptr_t)fn && (uintptr_t)pc < (uintptr_t)fn + 64;
}

int main(void)
{
    struct timespec t;
    struct timeval tv;
    bool seen = false, vdso = false;
    char line[512];
    FILE *maps;

    base = (const char *)getauxval(AT_SYSINFO_EHDR);
    CHECK(base && memcmp(base, ELFMAG, SELFMAG) == 0);
    v_gettime = (int (*)(int, struct timespec *))(uintptr_t)find("__kernel_clock_gettime");
    v_getres = (int (*)(int, struct timespec *))(uintptr_t)find("__kernel_clock_getres");
    v_timeofday = (int (*)(struct timeval *, void *))(uintptr_t)find("__kernel_gettimeofday");
    CHECK(v_gettime && v_getres && v_timeofday && find("__kernel_rt_sigreturn"));

    clocks_agree(CLOCK_MONOTONIC, 0);
    clocks_agree(CLOCK_REALTIME, 2000);
    clocks_agree(CLOCK_BOOTTIME, 0);
    CHECK(v_gettime(12345, &t) == -EINVAL);
    CHECK(v_getres(CLOCK_MONOTONIC, &t) == 0 && t.tv_sec == 0 && t.tv_nsec > 0);
    for (int i = 0; i < 1000; i++) {
        int64_t before = call(CLOCK_REALTIME), us;

        CHECK(v_timeofday(&tv, NULL) == 0 && tv.tv_usec < 1000000);
        us = tv.tv_sec * 1000000ll + tv.tv_usec;
        CHECK(us >= before / 1000 - 2 && us <= call(CLOCK_REALTIME) / 1000 + 2);
    }

    signal(SIGUSR1, on_signal);
    raise_here();
    for (int i = 0; i < frames; i++)
        seen |= in_function(trace[i], raise_here);
    CHECK(seen);

    maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), maps))
        if (strstr(line, "[vdso]"))
            vdso = strtoul(line, NULL, 16) == (uintptr_t)base && strstr(line, "r-xp");
    CHECK(vdso);
    passed("vdso");
}
