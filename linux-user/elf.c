// SPDX-License-Identifier: MIT
/* linux-user/elf.c -- the ELF loader (System V ABI, chapters 4 and 5; Linux binfmt_elf).
 *
 * Reads headers into a description that is checked before anything is mapped, then maps program
 * and interpreter into the guest's address space. A file can be truncated or hostile: every number
 * from it is bounded before use, and zeroing the tail of the last file page survives SIGBUS.
 * Not modelled: 32-bit images until such a guest is in. */
#include "linux-user/elf.h"
#include "linux-user/lx.h"

#include "host/user.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PHDRS 128
#define MAX_PROPERTIES 1024 /* bytes of the note, Linux's limit */

static int MOA_PRINTF(4, 5) fail(char *err, size_t len, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err, len, fmt, ap);
    va_end(ap);
    for (char *c = err; *c; c++) /* names from a file may hold anything */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return -code;
}

const struct frontend *lx_elf_guest(const uint8_t *head, size_t len)
{
    uint16_t machine;

    if (len < 20 || memcmp(head, ELFMAG, SELFMAG) != 0)
        return NULL;
    machine = head[EI_DATA] == ELFDATA2MSB ? (uint16_t)(head[18] << 8 | head[19])
                                           : (uint16_t)(head[19] << 8 | head[18]);
    return frontend_by_elf(machine, head[EI_CLASS], head[EI_DATA]);
}

static int read_all(int fd, void *buf, size_t len, uint64_t off)
{
    size_t done = 0;

    if (off > INT64_MAX - len)
        return -EINVAL;
    while (done < len) {
        ssize_t n = pread(fd, (char *)buf + done, len - done, (off_t)(off + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENOEXEC;
        done += (size_t)n;
    }
    return 0;
}

static int check_header(const Elf64_Ehdr *h, char *err, size_t len)
{
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return fail(err, len, ENOEXEC, "not an ELF file");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(err, len, ENOEXEC, "not a 64-bit little-endian ELF file");
    if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
        return fail(err, len, ENOEXEC, "ELF file is not a program");
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 || h->e_phnum > MAX_PHDRS)
        return fail(err, len, ENOEXEC, "bad ELF program headers");
    return 0;
}

/* One PT_LOAD: everything page-rounded fits below limit, in order, offset congruent. */
static int check_load(const Elf64_Phdr *p, uint64_t limit, uint64_t *last)
{
    if (p->p_filesz > p->p_memsz || p->p_memsz > limit || p->p_vaddr > limit - p->p_memsz)
        return -EINVAL;
    if ((p->p_vaddr ^ p->p_offset) & (LX_PAGE - 1))
        return -EINVAL;
    if (p->p_offset > INT64_MAX - p->p_filesz - LX_PAGE)
        return -EINVAL;
    if (align_down(p->p_vaddr, LX_PAGE) < align_down(*last, LX_PAGE))
        return -EINVAL;
    *last = p->p_vaddr + p->p_memsz;
    if (align_up(*last, LX_PAGE) > limit)
        return -EINVAL;
    return 0;
}

int lx_elf_read(int fd, uint64_t limit, struct lx_elf *e, char *err, size_t len)
{
    Elf64_Ehdr h;
    Elf64_Phdr ph[MAX_PHDRS];
    uint64_t last = 0;
    int r;

    memset(e, 0, sizeof(*e));
    r = read_all(fd, &h, sizeof(h), 0);
    if (r)
        return fail(err, len, -r, r == -ENOEXEC ? "file is too short" : "cannot be read");
    r = check_header(&h, err, len);
    if (r)
        return r;
    e->machine = h.e_machine;
    e->fixed = h.e_type == ET_EXEC;
    e->entry = h.e_entry;
    e->phnum = h.e_phnum;
    e->lo = ~0ull;
    r = read_all(fd, ph, h.e_phnum * sizeof(*ph), h.e_phoff);
    if (r)
        return fail(err, len, -r, "ELF program headers lie outside the file");
    for (unsigned i = 0; i < h.e_phnum; i++) {
        const Elf64_Phdr *p = &ph[i];

        if (p->p_type == PT_INTERP && !e->interp[0]) {
            if (p->p_filesz < 2 || p->p_filesz > sizeof(e->interp))
                return fail(err, len, ENOEXEC, "bad ELF interpreter name");
            r = read_all(fd, e->interp, p->p_filesz, p->p_offset);
            if (r || e->interp[p->p_filesz - 1] || !e->interp[0])
                return fail(err, len, ENOEXEC, "bad ELF interpreter name");
        } else if (p->p_type == PT_GNU_STACK) {
            e->exec_stack = p->p_flags & PF_X;
        } else if (p->p_type == PT_GNU_PROPERTY && !e->property_size) {
            e->property_off = p->p_offset;
            e->property_size = p->p_filesz;
        } else if (p->p_type == PT_PHDR) {
            e->phdr = p->p_vaddr;
        } else if (p->p_type == PT_LOAD && p->p_memsz) {
            struct lx_segment *s = &e->seg[e->nseg];

            if (e->nseg == ARRAY_LEN(e->seg))
                return fail(err, len, ENOEXEC, "too many ELF segments");
            if (check_load(p, limit, &last))
                return fail(err, len, ENOEXEC, "bad ELF segment %u", i);
            *s = (struct lx_segment){.vaddr = p->p_vaddr,
                                     .memsz = p->p_memsz,
                                     .off = p->p_offset,
                                     .filesz = p->p_filesz,
                                     .align = p->p_align,
                                     .prot = (p->p_flags & PF_R ? PROT_READ : 0) |
                                             (p->p_flags & PF_W ? PROT_WRITE : 0) |
                                             (p->p_flags & PF_X ? PROT_EXEC : 0)};
            if (h.e_phoff >= p->p_offset && h.e_phoff - p->p_offset < p->p_filesz && !e->phdr)
                e->phdr = h.e_phoff - p->p_offset + p->p_vaddr;
            if (align_down(p->p_vaddr, LX_PAGE) < e->lo)
                e->lo = align_down(p->p_vaddr, LX_PAGE);
            e->hi = align_up(last, LX_PAGE);
            if (p->p_align > e->align && (p->p_align & (p->p_align - 1)) == 0)
                e->align = p->p_align;
            e->nseg++;
        }
    }
    if (!e->nseg)
        return fail(err, len, ENOEXEC, "ELF file has nothing to load");
    return 0;
}

int lx_elf_property(int fd, const struct lx_elf *e, uint32_t type, uint32_t bits)
{
    uint8_t note[MAX_PROPERTIES];
    Elf64_Nhdr h;
    uint64_t at = sizeof(h) + 4, end;
    uint32_t p[2], word, last = 0; /* p: type and bytes of a property */
    int found = 0;

    if (!type || !e->property_size)
        return 0;
    if (e->property_size > sizeof(note) || e->property_size < at ||
        read_all(fd, note, e->property_size, e->property_off))
        return -ENOEXEC;
    memcpy(&h, note, sizeof(h));
    end = at + h.n_descsz;
    if (h.n_type != NT_GNU_PROPERTY_TYPE_0 || h.n_namesz != 4 || end > e->property_size ||
        memcmp(note + sizeof(h), "GNU", 4) != 0)
        return -ENOEXEC;
    for (bool first = true; at != end; first = false) {
        if (end - at < sizeof(p))
            return -ENOEXEC;
        memcpy(p, note + at, sizeof(p));
        at += sizeof(p);
        if (align_up((uint64_t)p[1], 8) > end - at || (!first && p[0] <= last))
            return -ENOEXEC;
        if (p[0] == type) {
            if (p[1] != sizeof(word))
                return -ENOEXEC;
            memcpy(&word, note + at, sizeof(word));
            found = (word & bits) == bits;
        }
        last = p[0];
        at += align_up((uint64_t)p[1], 8);
    }
    return found;
}

/* Guards the code of the interpreter or of a static program if its note wants that. What a dynamic
 * program and its libraries want is the interpreter's business. */
static int guard(struct lx_process *p, int fd, struct lx_elf *e)
{
    int r = p->fe->guard_branches && p->mm->prot_extra
                ? lx_elf_property(fd, e, p->abi->guard_property, p->abi->guard_bits) : 0;

    for (unsigned i = 0; r > 0 && i < e->nseg; i++)
        if (e->seg[i].prot & PROT_EXEC) {
            e->seg[i].prot |= p->mm->prot_extra;
            p->guarded = true;
        }
    return r < 0 ? r : 0;
}

static int map_segment(struct lx_mm *mm, int fd, const struct lx_segment *s, uint64_t bias)
{
    uint64_t lo = align_down(s->vaddr, LX_PAGE) + bias;
    uint64_t file_end = s->vaddr + s->filesz + bias, mem_end = s->vaddr + s->memsz + bias;
    uint64_t file_pages = s->filesz ? align_up(file_end, LX_PAGE) : lo;
    uint64_t mem_pages = align_up(mem_end, LX_PAGE);
    int64_t r;

    if (file_pages > lo) {
        r = lx_mmap(mm, lo, file_pages - lo, s->prot, MAP_PRIVATE | MAP_FIXED, fd,
                    align_down(s->off, LX_PAGE));
        if (r < 0)
            return (int)r;
        if (mem_end > file_end && s->prot & PROT_WRITE &&
            host_zero(lx_g2h(mm, file_end),
                      (file_pages < mem_pages ? file_pages : mem_pages) - file_end))
            return -ENOEXEC;
    }
    if (mem_pages > file_pages) {
        r = lx_mmap(mm, file_pages, mem_pages - file_pages, s->prot,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (r < 0)
            return (int)r;
    }
    return 0;
}

/* Reserves the image's range so that the segments can be mapped over it; sets *bias. */
static int place(struct lx_mm *mm, const struct lx_elf *e, uint64_t want, uint64_t *bias)
{
    uint64_t size = e->hi - e->lo, align = e->align > LX_PAGE ? e->align : LX_PAGE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint64_t first;
    int64_t at;

    if (e->fixed) {
        *bias = 0;
        at = lx_mmap(mm, e->lo, size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
        return at < 0 ? (int)at : 0;
    }
    if (align > 1ull << 30)
        align = LX_PAGE;
    at = lx_mmap(mm, want, size + align - LX_PAGE, PROT_NONE, flags, -1, 0);
    if (at < 0)
        return (int)at;
    /* the lowest page may lie anywhere in the alignment: the bias is what has to be aligned */
    first = align_down((uint64_t)at, align) + (e->lo & (align - 1));
    if (first < (uint64_t)at)
        first += align;
    *bias = first - e->lo;
    if (first > (uint64_t)at)
        lx_munmap(mm, (uint64_t)at, first - (uint64_t)at);
    if (first + size < (uint64_t)at + size + align - LX_PAGE)
        lx_munmap(mm, first + size, (uint64_t)at + align - LX_PAGE - first);
    return 0;
}

/* The range was reserved as one; give back what no segment covers. */
static void unmap_holes(struct lx_mm *mm, const struct lx_elf *e, uint64_t bias)
{
    uint64_t at = e->lo;

    for (unsigned i = 0; i < e->nseg; i++) {
        uint64_t lo = align_down(e->seg[i].vaddr, LX_PAGE);

        if (lo > at)
            lx_munmap(mm, at + bias, lo - at);
        at = align_up(e->seg[i].vaddr + e->seg[i].memsz, LX_PAGE);
    }
}

int lx_elf_map(struct lx_mm *mm, int fd, const struct lx_elf *e, uint64_t want, uint64_t *bias)
{
    int r = place(mm, e, want, bias);

    for (unsigned i = 0; !r && i < e->nseg; i++)
        r = map_segment(mm, fd, &e->seg[i], *bias);
    if (!r)
        unmap_holes(mm, e, *bias);
    return r;
}

static void note_ranges(struct lx_image *im, const struct lx_elf *e)
{
    im->code_lo = im->data_lo = ~0ull;
    for (unsigned i = 0; i < e->nseg; i++) {
        const struct lx_segment *s = &e->seg[i];
        uint64_t lo = s->vaddr + im->bias;

        if (s->prot & PROT_EXEC) {
            im->code_lo = lo < im->code_lo ? lo : im->code_lo;
            im->code_hi = lo + s->filesz > im->code_hi ? lo + s->filesz : im->code_hi;
        } else if (s->prot & PROT_WRITE) {
            im->data_lo = lo < im->data_lo ? lo : im->data_lo;
            im->data_hi = lo + s->filesz > im->data_hi ? lo + s->filesz : im->data_hi;
        }
    }
}

static int load_interp(struct lx_process *p, const struct lx_elf *prog, struct lx_image *im,
                       char *err, size_t len)
{
    char buf[LX_PATH_MAX];
    const char *path = lx_path(p, prog->interp, buf);
    struct lx_elf e;
    struct stat st;
    uint64_t bias;
    int fd, r;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
    if (fd < 0)
        return fail(err, len, errno, "interpreter %s: %s%s", prog->interp, strerror(errno),
                    errno == ENOENT && !p->opt->sysroot ? " (-L names the folder of the guest's libraries)"
                                                        : "");
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        r = fail(err, len, EACCES, "interpreter %s is not a regular file", prog->interp);
    else
        r = lx_elf_read(fd, p->mm->limit, &e, err, len);
    if (!r && e.machine != prog->machine)
        r = fail(err, len, ELIBBAD, "interpreter %s is for another machine", prog->interp);
    if (!r) {
        r = guard(p, fd, &e);
        if (r)
            fail(err, len, -r, "interpreter %s has a bad GNU property note", prog->interp);
    }
    if (!r) {
        r = lx_elf_map(p->mm, fd, &e, 0, &bias);
        if (r)
            fail(err, len, -r, "interpreter %s cannot be mapped: %s", prog->interp, strerror(-r));
    }
    close(fd);
    if (r)
        return r;
    im->base = e.lo + bias;
    im->entry = e.entry + bias;
    return 0;
}

int lx_load(struct lx_process *p, int fd, const char *path, struct lx_image *im, char *err,
            size_t err_len)
{
    struct lx_elf e;
    uint64_t want;
    int r;

    memset(im, 0, sizeof(*im));
    (void)path;
    r = lx_elf_read(fd, p->mm->limit, &e, err, err_len);
    if (r)
        return r;
    im->fe = frontend_by_elf(e.machine, ELFCLASS64, ELFDATA2LSB);
    if (im->fe != p->fe)
        return fail(err, err_len, ENOEXEC, "ELF file is not for %s", p->fe->name);
    /* a static PIE is an interpreter started by hand: keep the low range for what it loads */
    want = e.interp[0] ? p->abi->dyn_base : 0;
    if (want && want + (e.hi - e.lo) > p->mm->mmap_top)
        want = 0;
    if (!e.interp[0] && (r = guard(p, fd, &e)))
        return fail(err, err_len, -r, "bad GNU property note");
    r = lx_elf_map(p->mm, fd, &e, want, &im->bias);
    if (r)
        return fail(err, err_len, -r, "cannot be mapped at 0x%llx: %s",
                    (unsigned long long)(e.fixed ? e.lo : want), strerror(-r));
    im->own_entry = im->entry = e.entry + im->bias;
    im->phdr = e.phdr ? e.phdr + im->bias : 0;
    im->phnum = e.phnum;
    im->phent = sizeof(Elf64_Phdr);
    im->exec_stack = e.exec_stack;
    im->load_lo = e.lo + im->bias;
    im->load_hi = e.hi + im->bias;
    note_ranges(im, &e);
    /* a static PIE lies among the mappings: its heap goes where other programs have theirs */
    p->mm->brk_start = p->mm->brk = !e.fixed && !want ? p->abi->dyn_base : im->load_hi;
    if (e.interp[0])
        return load_interp(p, &e, im, err, err_len);
    return 0;
}
