// SPDX-License-Identifier: MIT
/* machines/dump.c -- memory of a machine in files: as it is, or as an ELF core (System V gABI) of the
 * physical memory with the registers of each processor (NT_PRSTATUS), which crash and gdb read. Not
 * written: VMCOREINFO, and what lies in devices. */
#include "machines/machine.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS 64
#define NOTE_ROUND(n) (((n) + 3) & ~(size_t)3)

static int fail(char *err, size_t len, const char *what, int number)
{
    snprintf(err, len, "%s: %s", what, strerror(-number));
    return number;
}

static int put(int fd, const void *buf, size_t n)
{
    const char *p = buf;

    while (n) {
        ssize_t k = write(fd, p, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? -errno : -EIO;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static int open_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    return fd < 0 ? -errno : fd;
}

/* ---- memory as it is ---- */

static int copy(struct machine *m, int cpu, uint64_t addr, uint64_t size, int fd)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};
    uint8_t buf[4096];
    int r = 0;

    while (size && !r) {
        size_t n = sizeof(buf) - (addr & (sizeof(buf) - 1));

        n = n < size ? n : (size_t)size;
        if (cpu >= 0)
            r = sm_debug_access(sm_vcpu(m->sm, (unsigned)cpu), addr, buf, n, false);
        else if (mem_read(m->memory, addr, buf, n, who) != MEM_OK)
            memset(buf, 0, n);
        r = r ? r : put(fd, buf, n);
        addr += n;
        size -= n;
    }
    return r;
}

int machine_memory_save(struct machine *m, int cpu, uint64_t addr, uint64_t size, const char *name,
                        char *err, size_t err_len)
{
    int fd = open_file(name), r;

    if (fd < 0)
        return fail(err, err_len, name, fd);
    machine_hold(m);
    sm_lock(m->sm);
    r = copy(m, cpu, addr, size, fd);
    sm_unlock(m->sm);
    machine_release(m);
    if (close(fd) && !r)
        r = -errno;
    if (r == -EFAULT) {
        snprintf(err, err_len, "Invalid addr 0x%016llx/size %llu specified", (unsigned long long)addr,
                 (unsigned long long)size);
        return r;
    }
    return r ? fail(err, err_len, name, r) : 0;
}

/* ---- an ELF core ---- */

struct core {
    Elf64_Phdr segments[SEGMENTS];
    const uint8_t *host[SEGMENTS];
    unsigned n;
};

static void add_range(void *to, const struct mem_range *r)
{
    struct core *c = to;

    if (!r->host || r->readonly || c->n == SEGMENTS)
        return;
    c->host[c->n] = r->host;
    c->segments[c->n++] = (Elf64_Phdr){
        .p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_paddr = r->lo,
        .p_filesz = r->hi - r->lo + 1, .p_memsz = r->hi - r->lo + 1,
    };
}

static size_t add_note(uint8_t *at, unsigned type, const void *data, size_t n)
{
    Elf64_Nhdr h = {.n_namesz = 5, .n_descsz = (Elf64_Word)n, .n_type = type};

    memcpy(at, &h, sizeof(h));
    memcpy(at + sizeof(h), "CORE\0\0\0", 8);
    memset(at + sizeof(h) + 8, 0, NOTE_ROUND(n));
    memcpy(at + sizeof(h) + 8, data, n);
    return sizeof(h) + 8 + NOTE_ROUND(n);
}

static int write_core(struct machine *m, int fd)
{
    uint8_t notes[MACHINE_CPUS * (MACHINE_PRSTATUS + 32)], status[MACHINE_PRSTATUS];
    Elf64_Ehdr h = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE, .e_machine = m->fe->elf_machine, .e_version = EV_CURRENT,
        .e_ehsize = sizeof(h), .e_phoff = sizeof(h), .e_phentsize = sizeof(Elf64_Phdr),
    };
    Elf64_Phdr note = {.p_type = PT_NOTE};
    struct core c = {.n = 0};
    uint64_t at;
    size_t n = 0;
    int r;

    for (unsigned i = 0; i < m->ncpus; i++)
        n += add_note(notes + n, NT_PRSTATUS, status, m->board->prstatus(m, i, status));
    mem_each_range(m->memory, add_range, &c);
    h.e_phnum = (Elf64_Half)(c.n + 1);
    note.p_offset = sizeof(h) + h.e_phnum * sizeof(note);
    note.p_filesz = note.p_memsz = n;
    at = note.p_offset + n;
    for (unsigned i = 0; i < c.n; i++) {
        c.segments[i].p_offset = at;
        at += c.segments[i].p_filesz;
    }
    r = put(fd, &h, sizeof(h));
    r = r ? r : put(fd, &note, sizeof(note));
    r = r ? r : put(fd, c.segments, c.n * sizeof(note));
    r = r ? r : put(fd, notes, n);
    for (unsigned i = 0; i < c.n && !r; i++)
        r = put(fd, c.host[i], c.segments[i].p_filesz);
    return r;
}

int machine_dump(struct machine *m, const char *name, char *err, size_t err_len)
{
    int fd, r;

    if (!m->board->prstatus) {
        snprintf(err, err_len, "%s has no form for the registers in a core", m->board->name);
        return -ENOTSUP;
    }
    fd = open_file(name);
    if (fd < 0)
        return fail(err, err_len, name, fd);
    machine_hold(m);
    sm_lock(m->sm);
    r = write_core(m, fd);
    sm_unlock(m->sm);
    machine_release(m);
    if (close(fd) && !r)
        r = -errno;
    return r ? fail(err, err_len, name, r) : 0;
}
