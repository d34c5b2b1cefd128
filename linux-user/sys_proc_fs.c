// SPDX-License-Identifier: MIT
/* linux-user/sys_proc_fs.c -- files below /proc that would show moa instead of the guest (proc(5)).
 *
 * Each is written to an anonymous file when it is opened. /proc/self/maps takes names and offsets
 * from the host's and rights and extent from the guest's list of areas. Not modelled: other
 * processes' files; they show the moa that runs them. */
#include "linux-user/handlers.h"

#include "host/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *area_name(const struct lx_vma *v)
{
    static const char *const names[] = {"", "[heap]", "[stack]", "[vdso]", "[vvar]"};

    return names[v->prot ? v->kind : LX_VMA_PLAIN]; /* the page below the stack has no name */
}

static void print_area(FILE *out, const struct lx_vma *v, uint64_t lo, uint64_t hi, uint64_t off,
                       const char *dev, unsigned long ino, const char *name)
{
    int n = fprintf(out, "%08llx-%08llx %c%c%c%c %08llx %s %lu ", (unsigned long long)lo,
                    (unsigned long long)hi, v->prot & PROT_READ ? 'r' : '-',
                    v->prot & PROT_WRITE ? 'w' : '-', v->prot & PROT_EXEC ? 'x' : '-',
                    v->shared ? 's' : 'p', (unsigned long long)off, dev, ino);

    if (*name)
        fprintf(out, "%*s%s", n < 73 ? 73 - n : 1, "", name);
    fputc('\n', out);
}

/* The figures of an area in smaps, from the host's for the mapping it is a part of: counts go to
 * the first part alone, so that sums are right. */
static void print_figures(FILE *out, const char *figures, uint64_t size, bool first)
{
    for (const char *at = figures; *at; at += strcspn(at, "\n") + 1) {
        int len = (int)strcspn(at, "\n"), name = (int)strcspn(at, ":");
        unsigned long long kb;

        if (strncmp(at, "Size:", 5) == 0)
            fprintf(out, "Size:           %8llu kB\n", (unsigned long long)size / 1024);
        else if (!first && strstr(at, "PageSize") != at + name - 8 &&
                 sscanf(at + name, ": %llu kB", &kb) == 1)
            fprintf(out, "%.*s:%*d kB\n", name, at, name < 15 ? 23 - name : 8, 0);
        else
            fprintf(out, "%.*s\n", len, at);
    }
}

/* A line of the host's maps, and with smaps the lines below it. */
struct host_map {
    uint64_t lo, hi, off;
    unsigned long ino;
    char dev[16], *name;
    const char *figures; /* NULL: none are wanted */
};

/* Prints the parts of guest areas that lie in a mapping of the host's; next area to look at. */
static size_t print_range(FILE *out, const struct lx_vma *v, size_t n, size_t i,
                          const struct host_map *m)
{
    bool first = true;

    while (i < n && v[i].hi <= m->lo)
        i++;
    for (; i < n && v[i].lo < m->hi; i++) {
        uint64_t a = v[i].lo > m->lo ? v[i].lo : m->lo, b = v[i].hi < m->hi ? v[i].hi : m->hi;

        print_area(out, &v[i], a, b, m->ino ? m->off + (a - m->lo) : 0, m->dev, m->ino,
                   *area_name(&v[i]) ? area_name(&v[i]) : m->name);
        if (m->figures)
            print_figures(out, m->figures, b - a, first);
        first = false;
        if (v[i].hi > m->hi)
            break;
    }
    return i;
}

static bool parse_map(char *line, uint64_t base, struct host_map *m)
{
    unsigned long long lo, hi, off;
    char rights[8];
    int name = 0;

    if (sscanf(line, "%llx-%llx %7s %llx %15s %lu %n", &lo, &hi, rights, &off, m->dev, &m->ino,
               &name) < 6)
        return false;
    line[strcspn(line, "\n")] = 0;
    m->name = line[name] == '[' ? line + strlen(line) : line + name;
    m->lo = lo > base ? lo - base : 0;
    m->hi = hi > base ? hi - base : 0;
    m->off = off;
    return true;
}

static void print_maps(struct lx_process *p, FILE *out, bool smaps)
{
    size_t n, i = 0, room = 0, next_room = 0, len = 0;
    struct lx_vma *v = lx_mm_list(p->mm, &n);
    FILE *host = fopen(smaps ? "/proc/self/smaps" : "/proc/self/maps", "re"), *text = NULL;
    char *line = NULL, *next = NULL, *figures = NULL;
    bool more = host && getline(&line, &room, host) > 0;

    while (more) {
        struct host_map m = {0}, below;
        bool map = parse_map(line, p->mm->guest_base, &m);

        text = smaps ? open_memstream(&figures, &len) : NULL;
        while ((more = getline(&next, &next_room, host) > 0)) {
            if (!smaps || parse_map(next, 0, &below))
                break;
            if (text)
                fputs(next, text);
        }
        if (text)
            fclose(text);
        m.figures = text ? figures : NULL;
        if (map && m.hi)
            i = print_range(out, v, n, i, &m);
        free(figures);
        figures = NULL;
        if (more) { /* parse_map() has cut the newline off, which does no harm */
            char *swap = line;
            size_t swap_room = room;

            line = next;
            room = next_room;
            next = swap;
            next_room = swap_room;
        }
    }
    free(line);
    free(next);
    if (host)
        fclose(host);
    free(v);
}

static void copy_guest(struct lx_process *p, FILE *out, uint64_t lo, uint64_t hi)
{
    char buf[4096];

    while (lo < hi) {
        size_t n = hi - lo < sizeof(buf) ? hi - lo : sizeof(buf);

        if (host_copy(buf, lx_g2h(p->mm, lo), n))
            break;
        fwrite(buf, 1, n, out);
        lo += n;
    }
}

/* The host's line with the guest's name, code, stack and argument addresses (fields of proc(5)). */
static void print_stat(struct lx_process *p, FILE *out)
{
    FILE *host = fopen("/proc/self/stat", "re");
    char *line = NULL, *at, *save = NULL;
    size_t room = 0;
    int field = 3;

    if (!host || getline(&line, &room, host) < 0 || !(at = strrchr(line, ')'))) {
        if (host)
            fclose(host);
        free(line);
        return;
    }
    fprintf(out, "%.*s)", (int)(at - line), line);
    for (char *tok = strtok_r(at + 1, " \n", &save); tok; tok = strtok_r(NULL, " \n", &save)) {
        switch (field++) {
        case 26:
            fprintf(out, " %llu", (unsigned long long)p->image.code_lo);
            break;
        case 27:
            fprintf(out, " %llu", (unsigned long long)p->image.code_hi);
            break;
        case 28:
            fprintf(out, " %llu", (unsigned long long)p->stack_start);
            break;
        case 29:
        case 30:
            fprintf(out, " 0");
            break;
        case 45:
            fprintf(out, " %llu", (unsigned long long)p->image.data_lo);
            break;
        case 46:
            fprintf(out, " %llu", (unsigned long long)p->image.data_hi);
            break;
        case 47:
            fprintf(out, " %llu", (unsigned long long)p->mm->brk_start);
            break;
        case 48:
            fprintf(out, " %llu", (unsigned long long)p->arg_lo);
            break;
        case 49:
            fprintf(out, " %llu", (unsigned long long)p->arg_hi);
            break;
        case 50:
            fprintf(out, " %llu", (unsigned long long)p->env_lo);
            break;
        case 51:
            fprintf(out, " %llu", (unsigned long long)p->env_hi);
            break;
        default:
            fprintf(out, " %s", tok);
        }
    }
    fputc('\n', out);
    fclose(host);
    free(line);
}

/* moa's own descriptors do not show in /proc/self/fd: the entries are taken out. */
static size_t drop_own(const struct lx_process *p, uint8_t *buf, size_t n)
{
    const size_t reclen_at = 16, name_at = 19; /* struct linux_dirent64 */
    size_t kept = 0;

    for (size_t at = 0; at + name_at < n;) {
        const char *name = (const char *)buf + at + name_at;
        uint16_t len;
        char *end;
        long fd = strtol(name, &end, 10);

        memcpy(&len, buf + at + reclen_at, sizeof(len));
        if (*end || end == name || !lx_own_fd(p, (int)fd)) {
            memmove(buf + kept, buf + at, len);
            kept += len;
        }
        at += len;
    }
    return kept;
}

int64_t sys_getdents64(struct lx_task *t, uint64_t *a)
{
    const long proc_magic = 0x9fa0;
    char link[64], path[64];
    struct statfs fs;
    uint8_t *buf;
    int64_t r;
    ssize_t n;

    for (;;) {
        r = sys_pass(t, a);
        if (r <= 0 || fstatfs((int)a[0], &fs) < 0 || fs.f_type != proc_magic)
            return r;
        snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)a[0]);
        n = readlink(link, path, sizeof(path) - 1);
        path[n < 0 ? 0 : n] = 0;
        if (n < 3 || strcmp(path + n - 3, "/fd") != 0 || !(buf = malloc((size_t)r)))
            return r;
        if (!lx_get(t, buf, a[1], (size_t)r)) {
            r = (int64_t)drop_own(t->p, buf, (size_t)r);
            lx_put(t, a[1], buf, (size_t)r);
        }
        free(buf);
        if (r)
            return r;
    }
}

int lx_proc_open(struct lx_process *p, enum lx_proc_file what, int flags)
{
    int fd, err;
    FILE *out;

    switch (what) {
    case LX_PROC_MAPS:
    case LX_PROC_SMAPS:
    case LX_PROC_CMDLINE:
    case LX_PROC_AUXV:
    case LX_PROC_STAT:
    case LX_PROC_ENVIRON:
    case LX_PROC_CPUINFO:
        break;
    default:
        return -ENOSYS; /* the host's own file will do */
    }
    if ((flags & O_ACCMODE) != O_RDONLY)
        return -EACCES;
    fd = memfd_create("proc", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    if (fd < 0)
        return -errno;
    err = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    out = err < 0 ? NULL : fdopen(err, "w");
    if (!out) {
        close(fd);
        return -ENOMEM;
    }
    if (what == LX_PROC_MAPS || what == LX_PROC_SMAPS)
        print_maps(p, out, what == LX_PROC_SMAPS);
    else if (what == LX_PROC_CMDLINE)
        copy_guest(p, out, p->arg_lo, p->arg_hi);
    else if (what == LX_PROC_AUXV)
        copy_guest(p, out, p->auxv, p->auxv + p->auxv_len);
    else if (what == LX_PROC_STAT)
        print_stat(p, out);
    else if (what == LX_PROC_ENVIRON)
        copy_guest(p, out, p->env_lo, p->env_hi);
    else if (p->fe->cpu_info)
        p->fe->cpu_info(p->cpu, (unsigned)sysconf(_SC_NPROCESSORS_ONLN), out);
    fclose(out);
    lseek(fd, 0, SEEK_SET);
    return fd;
}
