// SPDX-License-Identifier: MIT
/* linux-user/coredump.c -- the core file of a guest program that a signal kills (core(5), elf(5);
 * the order of notes is the kernel's, fs/binfmt_elf.c).
 *
 * moa_PROGRAM_DATE-TIME_PID.core in the working directory, at most RLIMIT_CORE bytes. What is
 * dumped of an area follows the kernel's default coredump_filter: anonymous and written memory,
 * and the first page of mapped ELF files. Not modelled: core_pattern, 32-bit guests. */
#include "linux-user/lx.h"

#include "host/user.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 64u /* pages that are written with one call */

struct area {
    uint64_t lo, hi, off, bytes; /* bytes: how much of it is dumped */
    uint32_t flags;              /* PF_* */
    bool file;
    char *name;                  /* of a file, or NULL */
};

struct core {
    struct lx_task *t;
    FILE *notes; /* collected in memory */
    char *note_text;
    size_t note_len;
    struct area *areas;
    size_t n, room;
    int fd, mem, pagemap;
    uint64_t at, limit;
};

/* ---- areas ---- */

static bool add_area(struct core *c, const struct area *a)
{
    if (c->n == c->room) {
        size_t room = c->room ? 2 * c->room : 64;
        struct area *more = realloc(c->areas, room * sizeof(*more));

        if (!more)
            return false;
        c->areas = more;
        c->room = room;
    }
    c->areas[c->n++] = *a;
    return true;
}

/* Bits of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PM_IN_USE (3ull << 62) /* present or swapped out */
#define PM_FILE (1ull << 61)

/* Has a page of a private file mapping been written? Such an area is dumped, also if it is
 * read-only by now, as the dynamic section of a program is. */
static bool written(const struct core *c, const struct area *a)
{
    uint64_t map[CHUNK], first = (a->lo + c->t->p->mm->guest_base) / LX_PAGE;

    for (uint64_t i = 0, n = (a->hi - a->lo) / LX_PAGE; i < n; i += CHUNK) {
        size_t part = n - i < CHUNK ? n - i : CHUNK;

        if (pread(c->pagemap, map, part * 8, (off_t)((first + i) * 8)) != (ssize_t)(part * 8))
            return false;
        for (size_t k = 0; k < part; k++)
            if (map[k] & PM_IN_USE && !(map[k] & PM_FILE))
                return true;
    }
    return false;
}

static uint64_t dumped(struct core *c, const struct area *a, bool shared)
{
    char magic[SELFMAG];

    if (!(a->flags & PF_R))
        return 0;
    if (!a->file || (!shared && (a->flags & PF_W || written(c, a))))
        return a->hi - a->lo;
    if (a->off == 0 && !lx_get(c->t, magic, a->lo, sizeof(magic)) &&
        memcmp(magic, ELFMAG, SELFMAG) == 0)
        return LX_PAGE;
    return 0;
}

/* From the text of the guest's /proc/self/maps, which knows names and offsets. */
static bool list_areas(struct core *c)
{
    int fd = lx_proc_open(c->t->p, LX_PROC_MAPS, O_RDONLY | O_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    const char *root = c->t->p->opt->sysroot;
    size_t room = 0, len = root ? strlen(root) : 0;
    char *line = NULL;
    bool ok = f != NULL;

    while (ok && getline(&line, &room, f) > 0) {
        unsigned long long lo, hi, off;
        char rights[8], dev[16];
        unsigned long ino;
        struct area a = {0};
        int name = 0;

        if (sscanf(line, "%llx-%llx %7s %llx %15s %lu %n", &lo, &hi, rights, &off, dev, &ino,
                   &name) < 6)
            continue;
        line[strcspn(line, "\n")] = 0;
        a = (struct area){.lo = lo, .hi = hi, .off = off, .file = ino != 0};
        a.flags = (rights[0] == 'r' ? PF_R : 0u) | (rights[1] == 'w' ? PF_W : 0u) |
                  (rights[2] == 'x' ? PF_X : 0u);
        a.bytes = dumped(c, &a, rights[3] == 's');
        if (line[name] == '/' && root && strncmp(line + name, root, len) == 0 &&
            line[name + (int)len] == '/')
            name += (int)len; /* as the guest sees it */
        a.name = line[name] == '/' ? strdup(line + name) : NULL;
        ok = add_area(c, &a);
    }
    free(line);
    if (f)
        fclose(f);
    return ok;
}

/* ---- notes ---- */

static void note(struct core *c, const char *owner, uint32_t type, const void *data, size_t len)
{
    static const char zero[4];
    Elf64_Nhdr h = {.n_namesz = (uint32_t)strlen(owner) + 1, .n_descsz = (uint32_t)len,
                    .n_type = type};

    fwrite(&h, sizeof(h), 1, c->notes);
    fwrite(owner, h.n_namesz, 1, c->notes);
    fwrite(zero, align_up(h.n_namesz, 4) - h.n_namesz, 1, c->notes);
    fwrite(data, len, 1, c->notes);
    fwrite(zero, align_up(len, 4) - len, 1, c->notes);
}

/* struct elf_prstatus of a 64-bit guest, whose general registers begin at 112. */
static void status_note(struct core *c, struct lx_task *t, int sig, const siginfo_t *info)
{
    const struct lx_abi *abi = t->p->abi;
    uint8_t buf[1024] = {0};
    int32_t head[3] = {sig, info ? info->si_code : 0, 0};
    int32_t ids[4] = {t->tid, getppid(), getpgrp(), getsid(0)};
    int16_t cursig = (int16_t)sig;
    int32_t fpvalid = 1;
    size_t gp = abi->core.gp_size;

    memcpy(buf, head, sizeof(head));
    memcpy(buf + 12, &cursig, sizeof(cursig));
    memcpy(buf + 24, &t->mask, sizeof(t->mask));
    memcpy(buf + 32, ids, sizeof(ids));
    abi->core_gp(t->vcpu, buf + 112);
    memcpy(buf + 112 + gp, &fpvalid, sizeof(fpvalid));
    note(c, "CORE", NT_PRSTATUS, buf, align_up(112 + gp + 4, 8));
}

static void program_note(struct core *c)
{
    struct lx_process *p = c->t->p;
    const char *slash = strrchr(p->exe, '/');
    struct {
        char state, sname, zombie, nice;
        uint64_t flags;
        uint32_t uid, gid;
        int32_t pid, ppid, pgrp, sid;
        char name[16], args[80];
    } info = {
        .sname = 'R', .uid = getuid(), .gid = getgid(), .pid = getpid(), .ppid = getppid(),
        .pgrp = getpgrp(), .sid = getsid(0),
    };
    size_t n = p->arg_hi - p->arg_lo;

    _Static_assert(sizeof(info) == 136, "struct elf_prpsinfo");
    snprintf(info.name, sizeof(info.name), "%s", slash ? slash + 1 : p->exe);
    n = n < sizeof(info.args) ? n : sizeof(info.args);
    if (n && !lx_get(c->t, info.args, p->arg_lo, n)) {
        info.args[n - 1] = 0;
        for (size_t i = 0; i + 1 < n; i++)
            if (!info.args[i])
                info.args[i] = ' ';
    }
    note(c, "CORE", NT_PRPSINFO, &info, sizeof(info));
}

static void auxv_note(struct core *c)
{
    const struct lx_process *p = c->t->p;
    void *buf = malloc(p->auxv_len);

    if (buf && !lx_get(c->t, buf, p->auxv, p->auxv_len))
        note(c, "CORE", NT_AUXV, buf, p->auxv_len);
    free(buf);
}

/* Count, page size; start, end and offset in pages of each; then the names. */
static void files_note(struct core *c)
{
    uint64_t head[2] = {0, LX_PAGE};
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return;
    for (size_t i = 0; i < c->n; i++)
        head[0] += c->areas[i].name != NULL;
    fwrite(head, sizeof(head), 1, f);
    for (size_t i = 0; i < c->n; i++) {
        const struct area *a = &c->areas[i];
        uint64_t row[3] = {a->lo, a->hi, a->off / LX_PAGE};

        if (a->name)
            fwrite(row, sizeof(row), 1, f);
    }
    for (size_t i = 0; i < c->n; i++)
        if (c->areas[i].name)
            fwrite(c->areas[i].name, strlen(c->areas[i].name) + 1, 1, f);
    fclose(f);
    if (text && head[0])
        note(c, "CORE", NT_FILE, text, len);
    free(text);
}

static void register_notes(struct core *c, struct lx_task *t)
{
    const struct lx_abi *abi = t->p->abi;
    uint8_t buf[1024];

    abi->core_fp(t->vcpu, buf);
    note(c, "CORE", NT_FPREGSET, buf, abi->core.fp_size);
    for (const struct lx_core_note *n = abi->core.notes; n && n->type; n++) {
        uint64_t v[4];

        for (unsigned i = 0; i < n->count && i < ARRAY_LEN(v); i++)
            v[i] = lx_reg(t, n->reg + i);
        note(c, "LINUX", n->type, v, n->count * sizeof(v[0]));
    }
}

static bool collect_notes(struct core *c, int sig, const siginfo_t *info)
{
    c->notes = open_memstream(&c->note_text, &c->note_len);
    if (!c->notes)
        return false;
    status_note(c, c->t, sig, info);
    program_note(c);
    note(c, "CORE", NT_SIGINFO, info, sizeof(*info));
    auxv_note(c);
    files_note(c);
    register_notes(c, c->t);
    for (struct lx_task *o = c->t->p->tasks; o; o = o->next) {
        if (o == c->t)
            continue;
        status_note(c, o, sig, NULL); /* the kernel names it in each */
        register_notes(c, o);
    }
    return fclose(c->notes) == 0 && c->note_text;
}

/* ---- the file ---- */

static bool put(struct core *c, const void *data, size_t n)
{
    const char *p = data;

    while (n && c->at < c->limit) {
        size_t part = n < c->limit - c->at ? n : c->limit - c->at;
        ssize_t done = pwrite(c->fd, p, part, (off_t)c->at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        c->at += (uint64_t)done;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* Pages that were never touched stay holes in the file. */
static bool put_area(struct core *c, const struct area *a)
{
    static char buf[CHUNK * LX_PAGE];
    uint64_t map[CHUNK], base = c->t->p->mm->guest_base, start = c->at;

    for (uint64_t at = a->lo; at < a->lo + a->bytes; at += CHUNK * LX_PAGE) {
        uint64_t left = a->lo + a->bytes - at, n = left < sizeof(buf) ? left : sizeof(buf);
        bool known = pread(c->pagemap, map, n / LX_PAGE * 8, (off_t)((at + base) / LX_PAGE * 8)) ==
                     (ssize_t)(n / LX_PAGE * 8);

        for (uint64_t i = 0; i < n / LX_PAGE; i++) {
            c->at = start + (at - a->lo) + i * LX_PAGE;
            if (known && !a->file && !(map[i] & PM_IN_USE))
                continue;
            if (pread(c->mem, buf, LX_PAGE, (off_t)(at + base + i * LX_PAGE)) != LX_PAGE)
                continue;
            if (!put(c, buf, LX_PAGE))
                return false;
        }
    }
    c->at = start + a->bytes;
    return true;
}

static bool write_core(struct core *c)
{
    const struct frontend *fe = c->t->p->fe;
    Elf64_Ehdr eh = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, fe->elf_class, fe->elf_data, EV_CURRENT},
        .e_type = ET_CORE, .e_machine = fe->elf_machine, .e_version = EV_CURRENT,
        .e_phoff = sizeof(eh), .e_ehsize = sizeof(eh), .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (uint16_t)(c->n + 1),
    };
    uint64_t off = sizeof(eh) + (c->n + 1) * sizeof(Elf64_Phdr);
    Elf64_Phdr ph = {.p_type = PT_NOTE, .p_offset = off, .p_filesz = c->note_len, .p_align = 4};

    if (c->n + 1 >= PN_XNUM || !put(c, &eh, sizeof(eh)) || !put(c, &ph, sizeof(ph)))
        return false;
    off = align_up(off + c->note_len, LX_PAGE);
    for (size_t i = 0; i < c->n; i++) {
        const struct area *a = &c->areas[i];

        ph = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = a->flags, .p_offset = off,
                          .p_vaddr = a->lo, .p_filesz = a->bytes, .p_memsz = a->hi - a->lo,
                          .p_align = LX_PAGE};
        if (!put(c, &ph, sizeof(ph)))
            return false;
        off += a->bytes;
    }
    if (!put(c, c->note_text, c->note_len))
        return false;
    c->at = align_up(c->at, LX_PAGE);
    for (size_t i = 0; i < c->n; i++)
        if (c->areas[i].bytes && !put_area(c, &c->areas[i]))
            return false;
    if (c->at > c->limit)
        c->at = c->limit;
    return ftruncate(c->fd, (off_t)c->at) == 0;
}

static int create(const struct lx_process *p, char *name, size_t len)
{
    const char *slash = strrchr(p->exe, '/');
    time_t now = time(NULL);
    char date[32];
    struct tm tm;

    localtime_r(&now, &tm);
    strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &tm);
    snprintf(name, len, "moa_%s_%s_%d.core", slash ? slash + 1 : p->exe, date, (int)getpid());
    return open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* ---- all threads ---- */

void lx_wait_for_end(struct lx_process *p)
{
    uint64_t blocked = ~0ull;

    if (!atomic_load(&p->dying))
        return;
    host_sigmask(&blocked);
    for (;;)
        pause();
}

/* Brings the other threads out of guest code for good; those in system calls stay there, and stop
 * when they come back. */
static void stop_others(struct lx_task *t)
{
    static const struct timespec pause_time = {.tv_nsec = 500000};

    for (unsigned tries = 0; tries < 400; tries++) {
        bool busy = false;

        for (struct lx_task *o = t->p->tasks; o; o = o->next) {
            if (o == t)
                continue;
            atomic_store(&o->pending, 1);
            tcg_kick(o->vcpu);
            busy |= atomic_load(&o->vcpu->epoch) & 1;
        }
        if (!busy)
            return;
        nanosleep(&pause_time, NULL);
    }
}

bool lx_core_dump(struct lx_task *t, int sig, const siginfo_t *info, char *name, size_t len)
{
    struct core c = {.t = t, .fd = -1, .mem = -1, .pagemap = -1};
    struct lx_process *p = t->p;
    struct rlimit rl;
    bool ok;

    if (getrlimit(RLIMIT_CORE, &rl) < 0 || !rl.rlim_cur || prctl(PR_GET_DUMPABLE) != 1 ||
        p->abi->word != 8)
        return false;
    c.limit = rl.rlim_cur;
    pthread_mutex_lock(&p->lock);
    stop_others(t);
    c.mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    c.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    ok = c.mem >= 0 && list_areas(&c) && collect_notes(&c, sig, info);
    pthread_mutex_unlock(&p->lock);
    c.fd = ok ? create(p, name, len) : -1;
    ok = c.fd >= 0 && write_core(&c);
    if (c.fd >= 0 && !ok)
        unlink(name);
    return ok; /* the process ends: nothing is freed */
}
