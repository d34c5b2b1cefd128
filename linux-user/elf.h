/* SPDX-License-Identifier: MIT */
/* linux-user/elf.h -- an ELF file's load description, checked; for the loader and its tests. */
#ifndef LINUX_USER_ELF_H
#define LINUX_USER_ELF_H

#include "base/base.h"

struct lx_mm;

struct lx_segment {
    uint64_t vaddr, memsz, off, filesz, align;
    int prot;
};

struct lx_elf {
    uint16_t machine;
    bool fixed;       /* ET_EXEC */
    bool exec_stack;
    uint64_t entry, phdr; /* phdr: address of the program headers, 0: not loaded */
    unsigned phnum;
    uint64_t lo, hi, align; /* page-rounded range of all segments */
    struct lx_segment seg[64];
    unsigned nseg;
    uint64_t property_off, property_size; /* PT_GNU_PROPERTY; size 0: none */
    char interp[4096]; /* empty: none */
};

/* Does the file's GNU property note have all of `bits` in its property of that type (a 32-bit word;
 * type 0: never)? 1, 0, or -errno: the note is malformed as Linux sees it. */
int lx_elf_property(int fd, const struct lx_elf *e, uint32_t type, uint32_t bits);

/* Reads and checks the headers; limit is the size of the address space. 0, or -errno with one line
 * in err. Never crashes, whatever the file holds. */
int lx_elf_read(int fd, uint64_t limit, struct lx_elf *e, char *err, size_t len);

/* Maps it, at want (a wish, 0: anywhere) unless it is fixed; *bias is what was added to its
 * addresses. 0 or -errno. */
int lx_elf_map(struct lx_mm *mm, int fd, const struct lx_elf *e, uint64_t want, uint64_t *bias);

#endif
