// SPDX-License-Identifier: MIT
/* cmd/binfmt.c -- moa binfmt install|remove|status: registers moa with the kernel's binfmt_misc for
 * the guests it has, so that their programs start by name (Documentation/admin-guide/binfmt-misc).
 *
 * Flags: O open the program for us, C use its credentials, P keep argv[0]; F opens moa now, so that
 * it works inside containers and other roots, and is given when moa is a static program. */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define DIR_MISC "/proc/sys/fs/binfmt_misc"

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "moa: binfmt: %s: %s\n", what, why);
    return 1;
}

static int put(const char *file, const char *text, size_t len)
{
    int fd = open(file, O_WRONLY | O_CLOEXEC), err = 0;

    if (fd < 0)
        return -errno;
    if (write(fd, text, len) != (ssize_t)len)
        err = -errno;
    close(fd);
    return err;
}

static void entry(const struct frontend *fe, char *buf, size_t len)
{
    snprintf(buf, len, DIR_MISC "/moa-%s", fe->name);
}

static bool is_static(void)
{
#ifdef MOA_STATIC
    return true;
#else
    return false;
#endif
}

/* The line for "register": first 20 bytes of the ELF header with the padding and type masked. */
static size_t line(const struct frontend *fe, const char *self, char *buf, size_t len)
{
    uint8_t magic[20] = {0x7f, 'E', 'L', 'F', fe->elf_class, fe->elf_data, 1};
    uint8_t mask[20] = {255, 255, 255, 255, 255, 255, 255, 0, 255, 255,
                        255, 255, 255, 255, 255, 255, 0, 0, 255, 255};
    bool big = fe->elf_data == 2;
    size_t n;

    magic[16 + big] = 2; /* ET_EXEC; the mask lets ET_DYN pass as well */
    mask[16 + big] = 0xfe;
    mask[16 + !big] = 0xff;
    magic[18 + big] = (uint8_t)fe->elf_machine;
    magic[18 + !big] = (uint8_t)(fe->elf_machine >> 8);
    n = (size_t)snprintf(buf, len, ":moa-%s:M:0:", fe->name);
    for (unsigned i = 0; i < 20; i++)
        n += (size_t)snprintf(buf + n, len - n, "\\x%02x", magic[i]);
    n += (size_t)snprintf(buf + n, len - n, ":");
    for (unsigned i = 0; i < 20; i++)
        n += (size_t)snprintf(buf + n, len - n, "\\x%02x", mask[i]);
    n += (size_t)snprintf(buf + n, len - n, ":%s:OCP%s", self, is_static() ? "F" : "");
    return n;
}

static int install(const struct frontend *fe, const char *self)
{
    char buf[PATH_MAX + 512], file[PATH_MAX];
    int r;

    entry(fe, file, sizeof(file));
    if (access(file, F_OK) == 0)
        put(file, "-1", 2); /* replaced, not doubled */
    r = put(DIR_MISC "/register", buf, line(fe, self, buf, sizeof(buf)));
    return r ? fail(fe->name, strerror(-r)) : 0;
}

static int status(const struct frontend *fe)
{
    char file[PATH_MAX], text[1024];
    FILE *f;

    entry(fe, file, sizeof(file));
    f = fopen(file, "re");
    printf("%s: %s\n", fe->name, f ? "registered" : "not registered");
    while (f && fgets(text, sizeof(text), f))
        printf("  %s", text);
    if (f)
        fclose(f);
    return 0;
}

int cmd_binfmt(int argc, char **argv)
{
    char self[PATH_MAX], file[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    const char *what = argc == 2 ? argv[1] : "";
    int bad = 0;

    if (strcmp(what, "install") != 0 && strcmp(what, "remove") != 0 && strcmp(what, "status") != 0)
        return fail("usage", "moa binfmt install|remove|status");
    if (n < 0)
        return fail("/proc/self/exe", strerror(errno));
    self[n] = 0;
    if (access(DIR_MISC "/register", F_OK) < 0)
        return fail(DIR_MISC, "not mounted (mount -t binfmt_misc none " DIR_MISC ")");
    for (unsigned i = 0; frontends[i]; i++) {
        if (!lx_abi_find(frontends[i]))
            continue;
        if (*what == 'i') {
            bad |= install(frontends[i], self);
        } else if (*what == 's') {
            bad |= status(frontends[i]);
        } else {
            int r;

            entry(frontends[i], file, sizeof(file));
            r = put(file, "-1", 2);
            if (r && r != -ENOENT)
                bad |= fail(frontends[i]->name, strerror(-r));
        }
    }
    return bad;
}
