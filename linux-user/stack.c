// SPDX-License-Identifier: MIT
/* linux-user/stack.c -- the initial stack: strings, vectors and auxiliary vector (System V ABI,
 * process initialization; getauxval(3)).
 *
 * From the top: strings of argv and envp, path, platform, random bytes; then, 16-byte aligned,
 * argc, argv, envp and the auxiliary vector. */
#include "linux-user/lx.h"

#include "host/user.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

struct build {
    struct lx_process *p;
    uint64_t sp, floor;
    bool full;
};

static uint64_t push_bytes(struct build *b, const void *data, size_t n)
{
    if (b->sp - b->floor < n + LX_PAGE) {
        b->full = true;
        return 0;
    }
    b->sp -= n;
    memcpy(lx_g2h(b->p->mm, b->sp), data, n);
    return b->sp;
}

static void put_word(struct build *b, uint64_t addr, uint64_t v)
{
    uint8_t *to = lx_g2h(b->p->mm, addr);
    unsigned n = b->p->abi->word;

    for (unsigned i = 0; i < n; i++)
        to[b->p->abi->big_endian ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

static uint64_t stack_bytes(const struct lx_process *p)
{
    struct rlimit rl;
    uint64_t size = p->opt->stack_size;

    if (!size) {
        size = 8u << 20;
        if (p->limits[LX_LIMIT_STACK].set)
            size = p->limits[LX_LIMIT_STACK].cur;
        else if (getrlimit(RLIMIT_STACK, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY)
            size = rl.rlim_cur;
        if (size > 1u << 30)
            size = 1u << 30;
    }
    return align_up(size < 128 * 1024 ? 128 * 1024 : size, LX_PAGE);
}

static int map_stack(struct lx_process *p)
{
    uint64_t size = stack_bytes(p);
    int prot = PROT_READ | PROT_WRITE | (p->image.exec_stack ? PROT_EXEC : 0);
    int64_t at;

    /* below the stack one page stays without rights, so that an overflow faults */
    at = lx_mmap_kind(p->mm, 0, size + LX_PAGE, prot,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0, LX_VMA_STACK);
    if (at < 0)
        return (int)at;
    lx_mprotect(p->mm, (uint64_t)at, LX_PAGE, PROT_NONE);
    p->stack_lo = (uint64_t)at + LX_PAGE;
    p->stack_hi = p->stack_lo + size;
    return 0;
}

static void seed_bytes(const struct lx_process *p, uint8_t out[16])
{
    uint64_t x;

    if (p->opt->seed) { /* reproducible: a small generator fed by the number */
        x = strtoull(p->opt->seed, NULL, 0);
        for (int i = 0; i < 16; i++) {
            x = x * 6364136223846793005ull + 1442695040888963407ull;
            out[i] = (uint8_t)(x >> 56);
        }
    } else if (getrandom(out, 16, 0) != 16) {
        memset(out, 0x5a, 16);
    }
}

static unsigned fill_auxv(struct lx_process *p, uint64_t (*aux)[2], uint64_t random,
                          uint64_t execfn, uint64_t platform)
{
    const struct lx_image *im = &p->image;
    uint64_t hwcap[4] = {0};
    unsigned n = 0;

    if (p->fe->hwcaps)
        p->fe->hwcaps(p->cpu, hwcap);
#define AUX(type, value) (aux[n][0] = (type), aux[n++][1] = (value))
    if (p->vdso)
        AUX(AT_SYSINFO_EHDR, p->vdso);
    AUX(AT_MINSIGSTKSZ, p->abi->min_sigstack);
    AUX(AT_HWCAP, hwcap[0]);
    AUX(AT_PAGESZ, LX_PAGE);
    AUX(AT_CLKTCK, (uint64_t)sysconf(_SC_CLK_TCK));
    AUX(AT_PHDR, im->phdr);
    AUX(AT_PHENT, im->phent);
    AUX(AT_PHNUM, im->phnum);
    AUX(AT_BASE, im->base);
    AUX(AT_FLAGS, p->opt->preserve_argv0 ? 1u : 0u);
    AUX(AT_ENTRY, im->own_entry);
    AUX(AT_UID, getuid());
    AUX(AT_EUID, geteuid());
    AUX(AT_GID, getgid());
    AUX(AT_EGID, getegid());
    AUX(AT_SECURE, getauxval(AT_SECURE));
    AUX(AT_RANDOM, random);
    AUX(AT_HWCAP2, hwcap[1]);
    AUX(AT_EXECFN, execfn);
    if (platform)
        AUX(AT_PLATFORM, platform);
    AUX(AT_NULL, 0);
#undef AUX
    return n;
}

static void push_strings(struct build *b, char **list, size_t n, uint64_t *at)
{
    for (size_t i = n; i-- > 0;)
        at[i] = push_bytes(b, list[i], strlen(list[i]) + 1);
}

static size_t count(char **list)
{
    size_t n = 0;

    while (list[n])
        n++;
    return n;
}

int lx_stack_setup(struct lx_process *p, const char *path, char **argv, char **envp, uint64_t *sp)
{
    size_t argc = count(argv), envc = count(envp), words, word = p->abi->word;
    uint64_t aux[32][2], random, execfn, platform = 0, at, *str;
    struct build b = {.p = p};
    uint8_t seed[16];
    unsigned naux;
    int r = map_stack(p);

    if (r)
        return r;
    str = calloc(argc + envc + 1, sizeof(*str));
    if (!str)
        return -ENOMEM;
    b.floor = p->stack_lo;
    b.sp = p->stack_hi - word;
    execfn = push_bytes(&b, path, strlen(path) + 1);
    p->env_hi = b.sp;
    push_strings(&b, envp, envc, str + argc);
    p->env_lo = p->arg_hi = b.sp;
    push_strings(&b, argv, argc, str);
    p->arg_lo = b.sp;
    if (p->abi->platform)
        platform = push_bytes(&b, p->abi->platform, strlen(p->abi->platform) + 1);
    seed_bytes(p, seed);
    b.sp = align_down(b.sp, 16);
    random = push_bytes(&b, seed, 16);
    naux = fill_auxv(p, aux, random, execfn, platform);
    words = 1 + argc + 1 + envc + 1 + naux * 2;
    if (b.full || b.sp - b.floor < words * word + LX_PAGE) {
        free(str);
        return -E2BIG;
    }
    at = align_down(b.sp - words * word, 16);
    *sp = p->stack_start = at;
#define PUT(v) (put_word(&b, at, (v)), at += word)
    PUT(argc);
    for (size_t i = 0; i < argc; i++)
        PUT(str[i]);
    PUT(0);
    for (size_t i = 0; i < envc; i++)
        PUT(str[argc + i]);
    PUT(0);
    p->auxv = at;
    p->auxv_len = naux * 2 * word;
    for (unsigned i = 0; i < naux; i++) {
        PUT(aux[i][0]);
        PUT(aux[i][1]);
    }
#undef PUT
    free(str);
    return 0;
}
