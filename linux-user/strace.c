// SPDX-License-Identifier: MIT
/* linux-user/strace.c -- system calls and signals as lines of the log, driven by the argument
 * letters of syscalls.def: "PID name(arguments) = result". A call and its result are one line,
 * written when the call returns; calls that do not return are written before. */
#include "linux-user/strace.h"
#include "linux-user/handlers.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

static const char *const signal_names[] = {
    "0",       "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",    "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",  "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",   "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",   "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",  "SIGIO",   "SIGPWR",  "SIGSYS",
};

const char *lx_signal_name(int sig)
{
    return sig >= 0 && sig < (int)ARRAY_LEN(signal_names) ? signal_names[sig] : NULL;
}

struct name {
    uint64_t bit;
    const char *name;
};

static const struct name open_names[] = {
    {O_WRONLY, "O_WRONLY"},     {O_RDWR, "O_RDWR"},           {O_CREAT, "O_CREAT"},
    {O_EXCL, "O_EXCL"},         {O_NOCTTY, "O_NOCTTY"},       {O_TRUNC, "O_TRUNC"},
    {O_APPEND, "O_APPEND"},     {O_NONBLOCK, "O_NONBLOCK"},   {O_DIRECTORY, "O_DIRECTORY"},
    {O_NOFOLLOW, "O_NOFOLLOW"}, {O_CLOEXEC, "O_CLOEXEC"},     {O_DIRECT, "O_DIRECT"},
    {O_PATH, "O_PATH"},         {O_SYNC, "O_SYNC"},           {O_NOATIME, "O_NOATIME"},
    {0, NULL},
};
static const struct name prot_names[] = {
    {PROT_READ, "PROT_READ"}, {PROT_WRITE, "PROT_WRITE"}, {PROT_EXEC, "PROT_EXEC"}, {0, NULL}};
static const struct name map_names[] = {
    {MAP_SHARED, "MAP_SHARED"},         {MAP_PRIVATE, "MAP_PRIVATE"},
    {MAP_FIXED, "MAP_FIXED"},           {MAP_ANONYMOUS, "MAP_ANONYMOUS"},
    {MAP_NORESERVE, "MAP_NORESERVE"},   {MAP_STACK, "MAP_STACK"},
    {MAP_DENYWRITE, "MAP_DENYWRITE"},   {MAP_POPULATE, "MAP_POPULATE"},
    {MAP_LOCKED, "MAP_LOCKED"},         {MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"},
    {MAP_GROWSDOWN, "MAP_GROWSDOWN"},   {0, NULL},
};
static const struct name clone_names[] = {
    {0x100, "CLONE_VM"},           {0x200, "CLONE_FS"},
    {0x400, "CLONE_FILES"},        {0x800, "CLONE_SIGHAND"},
    {0x1000, "CLONE_PIDFD"},       {0x4000, "CLONE_VFORK"},
    {0x8000, "CLONE_PARENT"},      {0x10000, "CLONE_THREAD"},
    {0x40000, "CLONE_SYSVSEM"},    {0x80000, "CLONE_SETTLS"},
    {0x100000, "CLONE_PARENT_SETTID"}, {0x200000, "CLONE_CHILD_CLEARTID"},
    {0x1000000, "CLONE_CHILD_SETTID"}, {0, NULL},
};
static const struct name no_names[] = {{0, NULL}};

void lx_line_add(struct lx_line *l, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(l->text + l->len, sizeof(l->text) - l->len, fmt, ap);
    va_end(ap);
    if (n > 0)
        l->len = l->len + (size_t)n < sizeof(l->text) ? l->len + (size_t)n : sizeof(l->text) - 1;
}

static void add_flags(struct lx_line *l, uint64_t v, const struct name *names, const char *zero)
{
    const char *sep = "";

    if (!v) {
        lx_line_add(l, "%s", zero);
        return;
    }
    for (; names->name; names++) {
        if ((v & names->bit) != names->bit)
            continue;
        lx_line_add(l, "%s%s", sep, names->name);
        v &= ~names->bit;
        sep = "|";
    }
    if (v)
        lx_line_add(l, "%s0x%llx", sep, (unsigned long long)v);
}

void lx_line_quote(struct lx_line *l, const uint8_t *s, size_t n, bool more)
{
    lx_line_add(l, "\"");
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"' || s[i] == '\\')
            lx_line_add(l, "\\%c", s[i]);
        else if (s[i] == '\n')
            lx_line_add(l, "\\n");
        else if (s[i] >= 0x20 && s[i] < 0x7f)
            lx_line_add(l, "%c", s[i]);
        else if (i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '7')
            lx_line_add(l, "\\%03o", s[i]);
        else
            lx_line_add(l, "\\%o", s[i]);
    }
    lx_line_add(l, "\"%s", more ? "..." : "");
}

static void add_string(struct lx_task *t, struct lx_line *l, uint64_t addr)
{
    char buf[256];
    int64_t n;

    if (!addr) {
        lx_line_add(l, "NULL");
        return;
    }
    n = lx_get_str(t, buf, sizeof(buf), addr);
    if (n == -EFAULT)
        lx_line_add(l, "0x%llx", (unsigned long long)addr);
    else
        lx_line_quote(l, (uint8_t *)buf, n < 0 ? sizeof(buf) : (size_t)n, n < 0);
}

static void add_buffer(struct lx_task *t, struct lx_line *l, uint64_t addr, uint64_t n)
{
    uint8_t buf[32];
    size_t len = n < sizeof(buf) ? (size_t)n : sizeof(buf);

    if (!addr || lx_get(t, buf, addr, len))
        lx_line_add(l, addr ? "0x%llx" : "NULL", (unsigned long long)addr);
    else
        lx_line_quote(l, buf, len, n > len);
}

static void add_timespec(struct lx_task *t, struct lx_line *l, uint64_t addr)
{
    int64_t ts[2];

    if (!addr || lx_get(t, ts, addr, sizeof(ts)))
        lx_line_add(l, addr ? "0x%llx" : "NULL", (unsigned long long)addr);
    else
        lx_line_add(l, "{%lld, %lld}", (long long)ts[0], (long long)ts[1]);
}

void lx_line_arg(struct lx_task *t, struct lx_line *l, char kind, const uint64_t *a, int64_t ret)
{
    static const char *const whence[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA",
                                         "SEEK_HOLE"};
    static const char *const how[] = {"SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"};
    uint64_t v = *a;

    switch (kind) {
    case 'f':
    case 'i':
        lx_line_add(l, "%d", (int)v);
        break;
    case 'd':
        if ((int)v == AT_FDCWD)
            lx_line_add(l, "AT_FDCWD");
        else
            lx_line_add(l, "%d", (int)v);
        break;
    case 'p':
    case 's':
        add_string(t, l, v);
        break;
    case 'r':
        add_buffer(t, l, v, a[1]);
        break;
    case 'w':
        if (ret >= 0)
            add_buffer(t, l, v, (uint64_t)ret < a[1] ? (uint64_t)ret : a[1]);
        else
            lx_line_add(l, "0x%llx", (unsigned long long)v);
        break;
    case 'n':
        lx_line_add(l, "%llu", (unsigned long long)v);
        break;
    case 'l':
        lx_line_add(l, "%lld", (long long)v);
        break;
    case 'u':
    case 'g':
    case 'c':
    case 'F':
    case 'R':
        lx_line_add(l, "%u", (unsigned)v);
        break;
    case 'o':
        lx_line_add(l, "0%o", (unsigned)v);
        break;
    case 't':
        add_timespec(t, l, v);
        break;
    case 'O':
        add_flags(l, lx_flags_to_host(t->p->abi->open_flags, (uint32_t)v), open_names, "O_RDONLY");
        break;
    case 'M':
        add_flags(l, v, prot_names, "PROT_NONE");
        break;
    case 'm':
        add_flags(l, v, map_names, "0");
        break;
    case 'C':
        if (v & 0xff)
            lx_line_add(l, "%s|", lx_signal_name((int)(v & 0xff)) ? lx_signal_name((int)(v & 0xff)) : "?");
        add_flags(l, v & ~0xffull, clone_names, "0");
        break;
    case 'S':
        if (lx_signal_name((int)v))
            lx_line_add(l, "%s", lx_signal_name((int)v));
        else
            lx_line_add(l, "%d", (int)v);
        break;
    case 'W':
    case 'K':
        if (kind == 'W' ? v < ARRAY_LEN(whence) : v < ARRAY_LEN(how))
            lx_line_add(l, "%s", kind == 'W' ? whence[v] : how[v]);
        else
            lx_line_add(l, "%d", (int)v);
        break;
    case 'P':
    case 'A':
    case 'V':
        if (!v) {
            lx_line_add(l, "NULL");
            break;
        }
        /* fall through */
    default:
        add_flags(l, v, no_names, "0");
    }
}

static void add_call(struct lx_task *t, struct lx_line *l, const struct lx_sys *s,
                     const uint64_t *a, int64_t ret)
{
    lx_line_add(l, "%d %s(", t->tid, s->name);
    for (unsigned i = 0; s->args[i]; i++) {
        if (i)
            lx_line_add(l, ",");
        lx_line_arg(t, l, s->args[i], a + i, ret);
    }
    lx_line_add(l, ")");
}

/* Calls after which nothing comes back, or that replace what the arguments point to. */
static bool never_returns(const struct lx_sys *s)
{
    return strcmp(s->name, "exit") == 0 || strcmp(s->name, "exit_group") == 0 ||
           strcmp(s->name, "execve") == 0 || strcmp(s->name, "execveat") == 0;
}

void lx_strace_call(struct lx_task *t, const struct lx_sys *s, uint64_t nr, const uint64_t *a)
{
    struct lx_line l = {.len = 0};

    if (!s) {
        log_printf("%d Unknown syscall %llu\n", t->tid, (unsigned long long)nr);
    } else if (never_returns(s)) {
        add_call(t, &l, s, a, -1);
        log_printf("%s\n", l.text);
    }
}

void lx_strace_ret(struct lx_task *t, const struct lx_sys *s, const uint64_t *a, int64_t ret)
{
    struct lx_line l = {.len = 0};

    if (!s)
        return;
    if (never_returns(s))
        lx_line_add(&l, "%d %s resumed", t->tid, s->name);
    else
        add_call(t, &l, s, a, ret);
    if (ret == -LX_ERESTARTSYS || ret == -LX_ERESTARTNOINTR)
        lx_line_add(&l, " = ? (to be restarted)");
    else if (ret == -LX_NO_RESULT)
        lx_line_add(&l, " = ?");
    else if (ret < 0 && ret > -4096)
        lx_line_add(&l, " = -1 errno=%d (%s)", (int)-ret, strerror((int)-ret));
    else if (ret > 0xffff)
        lx_line_add(&l, " = 0x%llx", (unsigned long long)ret);
    else
        lx_line_add(&l, " = %lld", (long long)ret);
    log_printf("%s\n", l.text);
}

void lx_strace_signal(struct lx_task *t, int sig, const siginfo_t *info)
{
    struct lx_line l = {.len = 0};
    uint64_t v = (uint64_t)sig;

    lx_line_add(&l, "%d --- ", t->tid);
    lx_line_arg(t, &l, 'S', &v, 0);
    lx_line_add(&l, " {si_signo=%d, si_code=%d", sig, info->si_code);
    if (info->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE))
        lx_line_add(&l, ", si_addr=0x%llx", (unsigned long long)(uintptr_t)info->si_addr);
    else if (info->si_code <= 0)
        lx_line_add(&l, ", si_pid=%d, si_uid=%u", (int)info->si_pid, (unsigned)info->si_uid);
    log_printf("%s} ---\n", l.text);
}
