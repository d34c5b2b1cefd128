// SPDX-License-Identifier: MIT
/* linux-user/path.c -- which host file a guest's path means.
 *
 * With a sysroot, an absolute path that exists below it is taken from there, everything else from
 * the host, as users of QEMU's -L expect. The guest's /proc/self/exe is its own program. */
#include "linux-user/lx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum lx_proc_file lx_proc_classify(const char *path)
{
    static const struct {
        const char *name;
        enum lx_proc_file what;
    } files[] = {
        {"exe", LX_PROC_EXE},         {"maps", LX_PROC_MAPS},       {"smaps", LX_PROC_SMAPS},
        {"cmdline", LX_PROC_CMDLINE}, {"auxv", LX_PROC_AUXV},       {"stat", LX_PROC_STAT},
        {"environ", LX_PROC_ENVIRON}, {"mem", LX_PROC_MEM},
    };
    const char *p;

    if (strncmp(path, "/proc/", 6) != 0)
        return LX_PROC_NONE;
    p = path + 6;
    if (strcmp(p, "cpuinfo") == 0)
        return LX_PROC_CPUINFO;
    if (strncmp(p, "self/", 5) == 0) {
        p += 5;
    } else if (strncmp(p, "thread-self/", 12) == 0) {
        p += 12;
    } else {
        char *end;

        if (strtol(p, &end, 10) != getpid() || *end != '/')
            return LX_PROC_NONE;
        p = end + 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (strcmp(p, files[i].name) == 0)
            return files[i].what;
    return LX_PROC_NONE;
}

const char *lx_path(const struct lx_process *p, const char *guest, char *out)
{
    const char *root = p->opt->sysroot;
    struct stat st;
    size_t n, m;

    if (guest[0] != '/')
        return guest;
    if (p->exe && lx_proc_classify(guest) == LX_PROC_EXE)
        return p->exe;
    if (!root)
        return guest;
    n = strlen(root);
    m = strlen(guest);
    if (n + m >= LX_PATH_MAX || (strncmp(guest, root, n) == 0 && (!guest[n] || guest[n] == '/')))
        return guest;
    memcpy(out, root, n);
    memcpy(out + n, guest, m + 1);
    return lstat(out, &st) == 0 ? out : guest;
}

int lx_get_path(struct lx_task *t, uint64_t addr, char *buf, const char **path)
{
    int64_t n = lx_get_str(t, buf, LX_PATH_MAX, addr);

    if (n < 0)
        return (int)n;
    *path = lx_path(t->p, buf, buf + LX_PATH_MAX);
    return 0;
}
