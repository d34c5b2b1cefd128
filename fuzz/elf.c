// SPDX-License-Identifier: MIT
/* fuzz/elf.c -- the ELF loader on any file: headers are read, segments mapped, also as interpreter of
 * itself. The guest's address space is a reserved range with a watched page on either side; what the
 * loader says it mapped has to lie inside, in order and with the file's bytes. */
#include "fuzz/fuzz.h"

#include "host/user.h"
#include "linux-user/elf.h"
#include "linux-user/lx.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPACE (1ull << 36) /* bytes of the guest's address space */
#define SELF_FD 100        /* corpus files name /proc/self/fd/100 as their interpreter */
#define MARK 0x5a

static struct lx_process proc;
static struct lx_options opt = {.exec_fd = -1, .self_fd = -1};
static uint8_t *fence[2];

static void on_fault(int sig, siginfo_t *info, void *uc)
{
    (void)info;
    if (host_copy_fixup(uc))
        return;
    host_sigaction(sig, HOST_SIG_DFL, 0);
    abort();
}

static void unchanged(void *opaque, uint64_t lo, uint64_t hi)
{
    (void)opaque, (void)lo, (void)hi;
}

static void setup(void)
{
    uint8_t *at;
    int fd = memfd_create("input", 0);

    FUZZ_CHECK(fd >= 0 && dup2(fd, SELF_FD) == SELF_FD);
    close(fd);
    proc.fe = frontend_by_name("aarch64");
    proc.abi = lx_abi_find(proc.fe);
    proc.opt = &opt;
    proc.mm = lx_mm_new(0, SPACE, SPACE - (1ull << 30));
    FUZZ_CHECK(proc.mm && lx_mm_reserve(proc.mm, SPACE) == 0);
    proc.mm->code_changed = unchanged;
    at = lx_g2h(proc.mm, 0);
    for (int i = 0; i < 2; i++) { /* something may be there already: that is a fence as well */
        uint8_t *want = i ? at + SPACE : at - LX_PAGE;

        fence[i] = mmap(want, LX_PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (fence[i] == want)
            memset(want, MARK, LX_PAGE);
        else
            fence[i] = NULL;
    }
    host_sigaction(SIGBUS, on_fault, 0);
    host_sigaction(SIGSEGV, on_fault, 0);
}

static void check_fences(void)
{
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; fence[i] && k < LX_PAGE; k++)
            FUZZ_CHECK(fence[i][k] == MARK);
}

static void check_areas(void)
{
    size_t n;
    struct lx_vma *v = lx_mm_list(proc.mm, &n);
    uint64_t last = 0;

    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(v[i].lo < v[i].hi && v[i].lo >= last && v[i].hi <= SPACE);
        FUZZ_CHECK(((v[i].lo | v[i].hi) & (LX_PAGE - 1)) == 0);
        last = v[i].hi;
    }
    free(v);
}

/* The bytes of a segment's file part that no later segment covers are the file's. */
static void check_bytes(const struct lx_elf *e, uint64_t bias, const uint8_t *data, size_t size)
{
    for (unsigned i = 0; i < e->nseg; i++) {
        const struct lx_segment *s = &e->seg[i];
        uint64_t end = i + 1 < e->nseg ? align_down(e->seg[i + 1].vaddr, LX_PAGE) : ~0ull;
        uint8_t got;

        if (!s->filesz || s->off >= size || s->vaddr >= end || !(s->prot & PROT_READ))
            continue;
        FUZZ_CHECK(host_copy(&got, lx_g2h(proc.mm, s->vaddr + bias), 1) == 0);
        FUZZ_CHECK(got == data[s->off]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lx_image im;
    struct lx_elf e;
    char err[256] = "";
    int r;

    if (!proc.mm)
        setup();
    FUZZ_CHECK(ftruncate(SELF_FD, 0) == 0 && ftruncate(SELF_FD, (off_t)size) == 0);
    FUZZ_CHECK(pwrite(SELF_FD, data, size, 0) == (ssize_t)size);
    lx_elf_guest(data, size < 64 ? size : 64);

    r = lx_elf_read(SELF_FD, SPACE, &e, err, sizeof(err));
    FUZZ_CHECK(r == 0 ? !*err && e.nseg > 0 && e.lo < e.hi && e.hi <= SPACE : r < 0 && *err);
    FUZZ_CHECK(!strchr(err, '\n'));
    FUZZ_CHECK(r < 0 || lx_elf_property(SELF_FD, &e, 0xc0000000, 1) <= 1);
    /* names of files that are not the input's own are not opened */
    if (r == 0 && (!e.interp[0] || strcmp(e.interp, "/proc/self/fd/100") == 0)) {
        err[0] = 0;
        r = lx_load(&proc, SELF_FD, "input", &im, err, sizeof(err));
        FUZZ_CHECK(r == 0 || (r < 0 && *err && !strchr(err, '\n')));
        if (r == 0) {
            FUZZ_CHECK(im.load_lo < im.load_hi && im.load_hi <= SPACE);
            check_bytes(&e, im.bias, data, size);
        }
        check_areas();
    }
    check_fences();
    FUZZ_CHECK(lx_munmap(proc.mm, 0, SPACE) == 0);
    return 0;
}
