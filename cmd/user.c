// SPDX-License-Identifier: MIT
/* cmd/user.c -- moa [options] program [arguments]: finds the guest and starts the program. */
#include "cmd/cmd.h"

#include "base/fd.h"
#include "base/log.h"
#include "config.h"
#include "debug/code_log.h"
#include "debug/disas.h"
#include "debug/jitdump.h"
#include "tcg/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

void cmd_version(FILE *out)
{
    const char *dis = disas_version();

    fprintf(out, "moa %s\nguests:", PACKAGE_VERSION);
    for (unsigned i = 0; frontends[i]; i++)
        fprintf(out, " %s", frontends[i]->name);
    fprintf(out, "\nbackends:");
    for (unsigned i = 0; tcg_backends[i]; i++)
        fprintf(out, " %s", tcg_backends[i]->name);
    fprintf(out, "\ndisassembly: %s\n", dis ? dis : "none (built without capstone)");
#ifdef HAVE_MACHINES
    fputs("displays: none"
#ifdef HAVE_SDL
          " sdl"
#endif
#ifdef HAVE_VNC
          " vnc"
#endif
#ifndef HAVE_SDL
          " (built without SDL2)"
#endif
#ifndef HAVE_VNC
          " (built without libvncserver)"
#endif
#ifndef HAVE_PNG
          " (built without libpng: pictures are PPM)"
#endif
          "\n", out);
#endif
}

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "moa: %s: %s\n", what, why);
    return 1;
}

/* "moa-aarch64", "qemu-aarch64-static": the guest that the name asks for. */
static const struct frontend *guest_by_name(const char *argv0)
{
    const char *base = strrchr(argv0, '/');
    char name[32];

    base = base ? base + 1 : argv0;
    if (strncmp(base, "moa-", 4) == 0)
        base += 4;
    else if (strncmp(base, "qemu-", 5) == 0)
        base += 5;
    else
        return NULL;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "-"), base);
    return frontend_by_name(name);
}

/* As shells and env(1) have it: 127 what cannot be found, 126 what can but does not run. */
static int refuse(const char *path, const char *why, int err)
{
    fail(path, why);
    return err == ENOENT || err == ENOTDIR ? 127 : 126;
}

/* The guest of the program by its first bytes. NULL with *why and *err set. */
static const struct frontend *guest_by_file(const char *path, int exec_fd, const char **why,
                                            int *err)
{
    const struct frontend *fe;
    uint8_t head[64] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
    struct stat st;
    ssize_t n;

    if (fd < 0 && exec_fd >= 0)
        fd = dup(exec_fd);
    *err = fd < 0 || fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EACCES;
    if (*err) {
        *why = fd < 0                                ? strerror(*err)
               : *err == EACCES && S_ISDIR(st.st_mode) ? "is a directory"
                                                     : "not a regular file";
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    n = pread(fd, head, sizeof(head), 0);
    *err = n < 0 ? errno : ENOEXEC;
    close(fd);
    fe = n > 0 ? lx_elf_guest(head, (size_t)n) : NULL;
    if (n < 0)
        *why = strerror(*err);
    else if (memcmp(head, "\177ELF", 4) == 0)
        *why = n < 20 ? "truncated ELF file" : "ELF file for a processor that moa does not have";
    else
        *why = n == 0                         ? "empty file"
               : memcmp(head, "#!", 2) == 0 ? "a script: start its interpreter with moa instead"
                                              : "not an ELF program";
    return fe;
}

/* What was printed on standard output got there. */
static int printed(void)
{
    if (fflush(stdout) || ferror(stdout))
        return fail("standard output", strerror(errno));
    return 0;
}

static int open_log(struct cmd_user_options *o)
{
    char name[4096];
    const char *d = strstr(o->log_file, "%d");
    int fd, r;

    if (!o->log_append && !d) { /* programs started by this one append */
        fd = open(o->log_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd >= 0)
            close(fd);
    }
    snprintf(name, sizeof(name), "%s", o->log_file);
    r = log_open(name);
    if (r)
        return fail(o->log_file, strerror(-r));
    o->lx.keep = realloc(o->lx.keep, (o->lx.nkeep + 2) * sizeof(char *));
    if (!o->lx.keep)
        return fail("-D", "out of memory");
    o->lx.keep[o->lx.nkeep++] = strdup("-D+");
    o->lx.keep[o->lx.nkeep++] = strdup(name);
    return 0;
}

static void cpu_help(const struct frontend *fe)
{
    for (unsigned i = 0; frontends[i]; i++) {
        if (fe && fe != frontends[i])
            continue;
        printf("%s:\n", frontends[i]->name);
        for (const struct fe_cpu_model *m = frontends[i]->models; m->name; m++)
            printf("  %-16s %s\n", m->name, m->text);
    }
}

int cmd_user(int argc, char **argv, char **envp)
{
    struct cmd_user_options o = {.lx = {.exec_fd = -1, .self_fd = -1}};
    bool by_binfmt = getauxval(AT_FLAGS) & 1;
    const struct frontend *fe, *named = guest_by_name(argv[0]);
    const char *path, *why = NULL;
    int at, err;

    o.lx.preserve_argv0 = by_binfmt;
    if (getauxval(AT_EXECFD))
        o.lx.exec_fd = (int)getauxval(AT_EXECFD);
    /* started by the kernel with flag P: argv[1] is the file, argv[2] the program's own argv[0] */
    at = cmd_parse_user(&o, by_binfmt ? 1 : argc, argv);
    if (at < 0)
        return 1;
    if (o.done)
        return printed();
    if (o.lx.cpu && strcmp(o.lx.cpu, "help") == 0) {
        cpu_help(named);
        return printed();
    }
    if (at >= argc)
        return fail("no program given", "usage: moa [options] program [arguments] (try --help)");
    path = argv[at];
    if (by_binfmt && at + 1 < argc)
        at++;
    if (o.lx.argv0)
        argv[at] = (char *)(uintptr_t)o.lx.argv0;
    fe = guest_by_file(path, o.lx.exec_fd, &why, &err);
    if (!fe)
        return refuse(path, why, err);
    if (named && fe != named)
        fprintf(stderr, "moa: %s is for %s, not %s\n", path, fe->name, named->name);
    if (named && fe != named)
        return 126;
    if (!o.lx.engine.backend)
        o.lx.engine.backend = tcg_backends[0];
    if (o.log_file && open_log(&o))
        return 1;
    o.lx.self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    o.lx.self_fd = fd_out_of_the_way(o.lx.self_fd);
    o.lx.engine.no_chain = log_on(LOG_nochain);
    o.lx.engine.hooks = &debug_code_hooks;
    if (o.jitdump && jitdump_open("."))
        return fail("-jitdump", "cannot write a file here");
    if (o.perfmap && perfmap_open())
        return fail("-perfmap", "cannot write a file in /tmp");
    return lx_main(&o.lx, fe, path, argv + at, envp);
}
