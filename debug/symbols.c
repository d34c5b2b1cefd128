// SPDX-License-Identifier: MIT
/* debug/symbols.c -- function names from the ELF files that the guest has mapped (elf(5):
 * .symtab, or .dynsym of a stripped file). A mapping is looked up in /proc/self/maps once; what
 * is unmapped later and replaced by another file keeps its old names. Not modelled: 32-bit
 * files, separate debug files, the vDSO. */
#include "debug/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct symbol {
    uint64_t lo, size;
    const char *name; /* in the mapped file */
};

struct module {
    struct module *next;
    uint64_t lo, hi; /* guest addresses of the mapping */
    struct symbol *symbols;
    size_t n;
};

static struct module *modules;

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static bool inside(uint64_t off, uint64_t len, uint64_t size)
{
    return off <= size && len <= size - off;
}

/* The table's functions, moved by bias. The file was made by somebody else: nothing in it is
 * trusted. */
static void read_table(struct module *m, const char *file, uint64_t size, const Elf64_Shdr *s,
                       const Elf64_Shdr *strings, uint64_t bias)
{
    uint64_t n = s->sh_size / sizeof(Elf64_Sym);

    if (!inside(s->sh_offset, s->sh_size, size) || s->sh_offset % 8 ||
        !inside(strings->sh_offset, strings->sh_size, size) || !strings->sh_size ||
        file[strings->sh_offset + strings->sh_size - 1])
        return;
    m->symbols = calloc(n + 1, sizeof(*m->symbols));
    for (uint64_t i = 0; m->symbols && i < n; i++) {
        const Elf64_Sym *y = (const Elf64_Sym *)(const void *)(file + s->sh_offset) + i;

        if (ELF64_ST_TYPE(y->st_info) == STT_FUNC && y->st_shndx && y->st_name < strings->sh_size)
            m->symbols[m->n++] = (struct symbol){y->st_value + bias, y->st_size,
                                                 file + strings->sh_offset + y->st_name};
    }
    if (m->symbols)
        qsort(m->symbols, m->n, sizeof(*m->symbols), by_address);
}

static void read_elf(struct module *m, const char *file, uint64_t size, uint64_t off)
{
    const Elf64_Ehdr *eh = (const void *)file;
    const Elf64_Phdr *ph = (const void *)(file + eh->e_phoff);
    const Elf64_Shdr *sh = (const void *)(file + eh->e_shoff), *table = NULL;
    uint64_t bias = m->lo - off;

    if (size < sizeof(*eh) || memcmp(file, ELFMAG, SELFMAG) != 0 ||
        file[EI_CLASS] != ELFCLASS64 || eh->e_phoff % 8 || eh->e_shoff % 8 ||
        !inside(eh->e_phoff, eh->e_phnum * sizeof(*ph), size) ||
        !inside(eh->e_shoff, eh->e_shnum * sizeof(*sh), size))
        return;
    for (unsigned i = 0; i < eh->e_phnum; i++)
        if (ph[i].p_type == PT_LOAD && off + 4095 >= ph[i].p_offset &&
            off < ph[i].p_offset + ph[i].p_filesz && ph[i].p_flags & PF_X)
            bias = m->lo - off - (ph[i].p_vaddr - ph[i].p_offset);
    for (unsigned i = 0; i < eh->e_shnum; i++)
        if (sh[i].sh_link < eh->e_shnum &&
            (sh[i].sh_type == SHT_SYMTAB || (sh[i].sh_type == SHT_DYNSYM && !table)))
            table = &sh[i];
    if (table)
        read_table(m, file, size, table, &sh[table->sh_link], bias);
}

/* The file stays mapped: names point into it. */
static void read_file(struct module *m, const char *path, uint64_t off)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *file;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED)
            read_elf(m, file, (uint64_t)st.st_size, off);
    }
    close(fd);
}

/* The mapping that pc is in, with or without symbols. */
static struct module *find(uint64_t pc, uint64_t guest_base)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    struct module *m = calloc(1, sizeof(*m));
    char *line = NULL;
    size_t room = 0;

    while (m && maps && getline(&line, &room, maps) > 0) {
        unsigned long long lo, hi, off;
        int name = 0;

        if (sscanf(line, "%llx-%llx %*s %llx %*s %*s %n", &lo, &hi, &off, &name) < 3 ||
            pc + guest_base < lo || pc + guest_base >= hi)
            continue;
        m->lo = lo - guest_base;
        m->hi = hi - guest_base;
        line[strcspn(line, "\n")] = 0;
        if (name && line[name] == '/')
            read_file(m, line + name, off);
        break;
    }
    free(line);
    if (maps)
        fclose(maps);
    if (m) {
        m->next = modules;
        modules = m;
    }
    return m;
}

bool symbols_name(uint64_t pc, uint64_t guest_base, char *buf, size_t len)
{
    struct module *m;
    size_t lo = 0, hi;

    for (m = modules; m && (pc < m->lo || pc >= m->hi); m = m->next)
        ;
    if (!m)
        m = find(pc, guest_base);
    hi = m ? m->n : 0;
    while (lo < hi) { /* the last symbol that begins at or below pc */
        size_t mid = (lo + hi) / 2;

        if (m->symbols[mid].lo <= pc)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo)
        return false;
    if (m->symbols[lo - 1].size && pc - m->symbols[lo - 1].lo >= m->symbols[lo - 1].size)
        return false;
    snprintf(buf, len, "%s+0x%llx", m->symbols[lo - 1].name,
             (unsigned long long)(pc - m->symbols[lo - 1].lo));
    return true;
}
