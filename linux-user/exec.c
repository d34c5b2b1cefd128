// SPDX-License-Identifier: MIT
/* linux-user/exec.c -- execve(2) and execveat(2).
 *
 * A program of a guest is started by running moa again with the same options, scripts by finding
 * the guest's interpreter here, so that no binfmt_misc entry is needed. Everything else goes to
 * the host's execve(). Variables that would steer the host's own dynamic linker travel as -E
 * options instead of in the environment. */
#include "linux-user/lx.h"

#include "linux-user/handlers.h"

#include "debug/gdbstub.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_SCRIPTS 5
#define HEAD 256

struct list {
    char **v;
    size_t n, room;
    bool failed;
};

static void add(struct list *l, char *s)
{
    if (l->n + 1 >= l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        char **v = realloc(l->v, room * sizeof(*v));

        if (!v) {
            l->failed = true;
            return;
        }
        l->v = v;
        l->room = room;
    }
    l->v[l->n++] = s;
    l->v[l->n] = NULL;
    l->failed |= !s;
}

static void add_text(struct list *l, const char *s)
{
    add(l, strdup(s));
}

static void free_list(struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i]);
    free(l->v);
}

/* A guest's argv or envp; strings may be long, so each is measured first. */
static int get_list(struct lx_task *t, uint64_t addr, struct list *l)
{
    const size_t max = 128 * 1024; /* MAX_ARG_STRLEN */
    char *buf;
    int err = 0;

    l->room = 64;
    l->v = calloc(l->room, sizeof(*l->v)); /* never without its closing NULL */
    buf = malloc(max);
    if (!l->v || !buf) {
        free(buf);
        return -ENOMEM;
    }
    if (!addr) {
        free(buf);
        return 0;
    }
    for (;; addr += t->p->abi->word) {
        uint64_t s = 0;
        int64_t n;

        err = lx_get(t, &s, addr, t->p->abi->word);
        if (err || !s)
            break;
        n = lx_get_str(t, buf, max, s);
        if (n < 0) {
            err = n == -ENAMETOOLONG ? -E2BIG : (int)n;
            break;
        }
        add_text(l, buf);
    }
    free(buf);
    return err ? err : l->failed ? -ENOMEM : 0;
}

/* Path and argv after a "#!" line: interpreter, its one argument, the script. */
static int script(char *head, char *path, struct list *argv)
{
    char *end = head + strcspn(head, "\n"), *p = head + 2, *arg;
    struct list out = {0};

    *end = 0;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = 0;
    p += strspn(p, " \t");
    if (!*p)
        return -ENOEXEC;
    arg = p + strcspn(p, " \t");
    if (*arg) {
        *arg++ = 0;
        arg += strspn(arg, " \t");
    }
    add_text(&out, p);
    if (*arg)
        add_text(&out, arg);
    add_text(&out, path);
    for (size_t i = 1; i < argv->n; i++)
        add_text(&out, argv->v[i]);
    free_list(argv);
    *argv = out;
    snprintf(path, LX_PATH_MAX, "%s", p);
    return out.failed ? -ENOMEM : 0;
}

static int read_head(const char *path, char *head, size_t *len)
{
    struct stat st;
    ssize_t n;
    int fd;

    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
        return -errno;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) { /* executable, not readable: the host decides */
        *len = 0;
        return errno == EACCES ? 0 : -errno;
    }
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        close(fd);
        return -EACCES;
    }
    n = read(fd, head, HEAD - 1);
    close(fd);
    if (n < 0)
        return -errno;
    head[n] = 0;
    *len = (size_t)n;
    return 0;
}

static bool steers_host(const char *var)
{
    return strncmp(var, "LD_", 3) == 0 || strncmp(var, "GLIBC_TUNABLES=", 15) == 0 ||
           strncmp(var, "MALLOC_", 7) == 0 || strncmp(var, "GCONV_PATH=", 11) == 0;
}

static int run_moa(struct lx_process *p, const char *path, struct list *argv, struct list *env)
{
    struct list args = {0}, keep = {.room = env->n + 2};
    bool debugged = false;
    char where[80];
    int err;

    keep.v = calloc(keep.room, sizeof(*keep.v));
    if (!keep.v)
        return -ENOMEM;

    add_text(&args, "moa");
    for (size_t i = 0; i < p->opt->nkeep; i++)
        add_text(&args, p->opt->keep[i]);
    add_text(&args, "-child");
    for (unsigned i = 0; i < LX_LIMITS; i++) {
        const struct lx_rlimit *l = &p->limits[i];
        char text[64];

        if (!l->set)
            continue;
        snprintf(text, sizeof(text), "%s:%llu:%llu", lx_limit_names[i], (unsigned long long)l->cur,
                 (unsigned long long)l->max);
        add_text(&args, "-rlimit");
        add_text(&args, text);
    }
    if (p->gdb && gdb_hand_over(p->gdb, where, sizeof(where))) {
        debugged = true;
        add_text(&args, "-g");
        add_text(&args, where);
    }
    for (size_t i = 0; i < env->n; i++) {
        if (!steers_host(env->v[i])) {
            add(&keep, env->v[i]);
            continue;
        }
        add_text(&args, "-E");
        add_text(&args, env->v[i]);
    }
    if (argv->n && strcmp(argv->v[0], path) != 0) {
        add_text(&args, "-0");
        add_text(&args, argv->v[0]);
    }
    add_text(&args, "--");
    add_text(&args, path);
    for (size_t i = 1; i < argv->n; i++)
        add_text(&args, argv->v[i]);
    if (args.failed) {
        err = -ENOMEM;
    } else {
        if (p->opt->self_fd >= 0)
            syscall(SYS_execveat, p->opt->self_fd, "", args.v, keep.v, AT_EMPTY_PATH);
        else
            execve("/proc/self/exe", args.v, keep.v);
        err = -errno;
    }
    if (debugged)
        gdb_hand_back(p->gdb);
    free(keep.v); /* strings are env's */
    free_list(&args);
    return err;
}

static int run(struct lx_process *p, char *path, struct list *argv, struct list *env)
{
    char host[LX_PATH_MAX], head[HEAD];
    size_t len = 0;

    for (int depth = 0; depth <= MAX_SCRIPTS; depth++) {
        const char *file = lx_path(p, path, host);
        int err = read_head(file, head, &len);

        if (err)
            return err;
        if (len > 2 && head[0] == '#' && head[1] == '!') {
            err = script(head, path, argv);
            if (err)
                return err;
            continue;
        }
        if (lx_elf_guest((const uint8_t *)head, len))
            return run_moa(p, file, argv, env);
        if (argv->n == 0) {
            add_text(argv, "");
            if (argv->failed)
                return -ENOMEM;
        }
        execve(file, argv->v, env->v);
        return -errno;
    }
    return -ELOOP;
}

/* The path of execveat(): relative to dirfd, or the file dirfd itself. */
static int at_path(int dirfd, char *path, int flags)
{
    char link[64], real[LX_PATH_MAX];
    ssize_t n;

    if (path[0] == '/' || (dirfd == AT_FDCWD && path[0]))
        return 0;
    if (!path[0] && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
    n = readlink(link, real, sizeof(real) - 1);
    if (n < 0)
        return -EBADF;
    real[n] = 0;
    if (path[0]) {
        size_t m = strlen(path);

        if ((size_t)n + 1 + m >= LX_PATH_MAX)
            return -ENAMETOOLONG;
        memmove(path + n + 1, path, m + 1);
        memcpy(path, real, (size_t)n);
        path[n] = '/';
    } else if (access(real, F_OK) == 0) {
        memcpy(path, real, (size_t)n + 1);
    } else { /* no name any more, a memfd: a descriptor that lives through the exec */
        int fd = dup(dirfd);

        if (fd < 0)
            return -errno;
        snprintf(path, LX_PATH_MAX, "/proc/self/fd/%d", fd);
    }
    return 0;
}

int64_t lx_exec(struct lx_task *t, int dirfd, uint64_t path_addr, uint64_t argv_addr,
                uint64_t envp_addr, int flags)
{
    struct list argv = {0}, env = {0};
    char path[LX_PATH_MAX];
    struct stat st;
    int64_t r = lx_get_str(t, path, sizeof(path), path_addr);

    if (r < 0)
        return r;
    if (!path[0] && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    r = at_path(dirfd, path, flags);
    if (!r && flags & AT_SYMLINK_NOFOLLOW && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        r = -ELOOP;
    if (!r)
        r = get_list(t, argv_addr, &argv);
    if (!r)
        r = get_list(t, envp_addr, &env);
    if (!r) {
        fflush(NULL);
        r = run(t->p, path, &argv, &env);
    }
    free_list(&argv);
    free_list(&env);
    return r;
}

int64_t sys_execve(struct lx_task *t, uint64_t *a)
{
    return lx_exec(t, AT_FDCWD, a[0], a[1], a[2], 0);
}

int64_t sys_execveat(struct lx_task *t, uint64_t *a)
{
    if (a[4] & ~(uint64_t)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    return lx_exec(t, (int)a[0], a[1], a[2], a[3], (int)a[4]);
}
