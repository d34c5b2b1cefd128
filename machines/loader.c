// SPDX-License-Identifier: MIT
/* machines/loader.c -- kernels for arm64 machines. Formats: Linux's Documentation/arm64/booting (the
 * Image header), ELF64 (loaded at physical addresses), gzip around either, and raw bytes. An Image
 * inside an EFI application ("zboot") is told apart and refused. */
#include "machines/loader.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#define IMAGE_ALIGN (2u << 20)
#define RAW_OFFSET 0x80000u
#define UNPACKED_MAX (512u << 20)

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why);
    return -1;
}

static uint64_t le(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    while (bytes--)
        v = v << 8 | p[bytes];
    return v;
}

const struct loader_file *loader_open(struct machine *m, const char *path, char *err,
                                      size_t err_len)
{
    struct loader_file *f = calloc(1, sizeof(*f));
    int fd = open(path, O_RDONLY | O_CLOEXEC), e = 0;
    struct stat st;
    void *p = NULL;

    if (fd < 0 || fstat(fd, &st))
        e = errno;
    else if (!S_ISREG(st.st_mode))
        e = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    else if (!f || m->nfiles == ARRAY_LEN(m->files))
        e = ENOMEM;
    else if (st.st_size)
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        e = errno;
    if (fd >= 0)
        close(fd);
    if (e) {
        fail(err, err_len, path, strerror(e));
        free(f);
        return NULL;
    }
    *f = (struct loader_file){p, (size_t)st.st_size, false};
    return m->files[m->nfiles++] = f;
}

static void forget(struct loader_file *f)
{
    if (f->unpacked)
        free((void *)(uintptr_t)f->data);
    else if (f->data)
        munmap((void *)(uintptr_t)f->data, f->len);
}

void loader_close(struct loader_file *f)
{
    forget(f);
    free(f);
}

/* Replaces a gzip'ed file by what is in it. */
static int unpack(struct loader_file *f, const char *path, char *err, size_t err_len)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)f->data, .avail_in = (uInt)f->len};
    size_t size = 0, room = 0;
    uint8_t *out = NULL;
    int r = Z_OK;

    if (f->len < 18 || f->data[0] != 0x1f || f->data[1] != 0x8b)
        return 0;
    if (f->len > UNPACKED_MAX || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return fail(err, err_len, path, "cannot be unpacked");
    while (r == Z_OK) {
        if (size == room) {
            uint8_t *more = room < UNPACKED_MAX ? realloc(out, room = room ? 2 * room : 1 << 22) : NULL;

            if (!more)
                break;
            out = more;
        }
        z.next_out = out + size;
        z.avail_out = (uInt)(room - size);
        r = inflate(&z, Z_NO_FLUSH);
        size = room - z.avail_out;
    }
    inflateEnd(&z);
    if (r != Z_STREAM_END) {
        free(out);
        return fail(err, err_len, path, "damaged or too large gzip file");
    }
    forget(f);
    *f = (struct loader_file){out, size, true};
    return 0;
}

/* ---- formats ---- */

static int load_elf(struct machine *m, const struct loader_file *f, const char *path,
                    struct loader_kernel *k, char *err, size_t err_len)
{
    Elf64_Ehdr h;
    Elf64_Phdr p;

    memcpy(&h, f->data, sizeof(h));
    if (h.e_ident[EI_CLASS] != m->fe->elf_class || h.e_ident[EI_DATA] != m->fe->elf_data ||
        h.e_machine != m->fe->elf_machine)
        return fail(err, err_len, path, "an ELF file for another processor");
    if (h.e_phentsize != sizeof(p) || h.e_phoff > f->len ||
        (f->len - h.e_phoff) / sizeof(p) < h.e_phnum)
        return fail(err, err_len, path, "a damaged ELF file");
    k->low = ~0ull;
    for (unsigned i = 0; i < h.e_phnum; i++) {
        struct machine_blob b = {.name = path};

        memcpy(&p, f->data + h.e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_type != PT_LOAD || !p.p_memsz)
            continue;
        if (p.p_filesz > p.p_memsz || p.p_offset > f->len || p.p_filesz > f->len - p.p_offset ||
            p.p_paddr + p.p_memsz < p.p_paddr)
            return fail(err, err_len, path, "a damaged ELF file");
        b.addr = p.p_paddr;
        b.data = f->data + p.p_offset;
        b.len = p.p_filesz;
        if (b.len && machine_blob_add(m, &b, err, err_len))
            return -1;
        k->low = p.p_paddr < k->low ? p.p_paddr : k->low;
        k->high = p.p_paddr + p.p_memsz > k->high ? p.p_paddr + p.p_memsz : k->high;
        /* the entry is virtual where the kernel is linked so */
        if (h.e_entry >= p.p_vaddr && h.e_entry - p.p_vaddr < p.p_memsz)
            k->entry = h.e_entry - p.p_vaddr + p.p_paddr;
    }
    if (k->low == ~0ull)
        return fail(err, err_len, path, "an ELF file without anything to load");
    if (!k->entry)
        k->entry = h.e_entry;
    return 0;
}

static int load_flat(struct machine *m, const struct loader_file *f, const char *path,
                     uint64_t base, struct loader_kernel *k, char *err, size_t err_len)
{
    struct machine_blob b = {.name = path, .data = f->data, .len = f->len};
    uint64_t offset = RAW_OFFSET, size = f->len;

    if (f->len >= 64 && memcmp(f->data + 56, "ARM\x64", 4) == 0 && le(f->data + 16, 8)) {
        offset = le(f->data + 8, 8);
        size = le(f->data + 16, 8) > size ? le(f->data + 16, 8) : size;
        if (offset >= IMAGE_ALIGN || size > 1ull << 40)
            return fail(err, err_len, path, "a damaged Image header");
        if (le(f->data + 24, 8) & 1)
            return fail(err, err_len, path, "a big-endian kernel, which this machine cannot run");
        if (offset < 4096) /* as QEMU: the base itself stays free */
            offset += IMAGE_ALIGN;
    }
    b.addr = base + offset;
    k->entry = k->low = b.addr;
    k->high = b.addr + size;
    k->is_linux = true;
    return machine_blob_add(m, &b, err, err_len);
}

int loader_kernel(struct machine *m, const char *path, uint64_t base, struct loader_kernel *k,
                  char *err, size_t err_len)
{
    struct loader_file *f;

    *k = (struct loader_kernel){0};
    f = (struct loader_file *)(uintptr_t)loader_open(m, path, err, err_len);
    if (!f || unpack(f, path, err, err_len))
        return -1;
    if (f->len >= 8 && memcmp(f->data, "MZ", 2) == 0 && memcmp(f->data + 4, "zimg", 4) == 0)
        return fail(err, err_len, path,
                    "an EFI zboot image; unpack it, or start it from EFI firmware");
    if (f->len >= sizeof(Elf64_Ehdr) && memcmp(f->data, ELFMAG, SELFMAG) == 0)
        return load_elf(m, f, path, k, err, err_len);
    if (!f->len)
        return fail(err, err_len, path, "is empty");
    return load_flat(m, f, path, base, k, err, err_len);
}
