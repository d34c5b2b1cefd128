// SPDX-License-Identifier: MIT
/* debug/gdb_file.c -- vFile packets (gdb manual, Host I/O Packets): gdb reads the program, its
 * libraries and /proc as the guest sees them. Not modelled: writing. */
#include "debug/gdb_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Numbers of the protocol's own, where they are not Linux's. */
static int file_error(int err)
{
    return err == ENAMETOOLONG ? 91 : err <= EROFS && err != EAGAIN ? err : 9999;
}

static void fail(struct gdb *g, int err)
{
    gdb_putf(g, "F-1,%x", (unsigned)file_error(err));
}

static bool get_path(struct gdb *g, const char *hex, char *path, size_t len)
{
    size_t n = (size_t)gdb_hex_bytes(hex, path, len - 1);

    path[n] = 0;
    if (n && n < len - 1 && !memchr(path, 0, n))
        return true;
    fail(g, n ? ENAMETOOLONG : ENOENT);
    return false;
}

static int slot_of(struct gdb *g, unsigned long n)
{
    if (n < GDB_FILES && g->files[n] >= 0)
        return (int)n;
    fail(g, EBADF);
    return -1;
}

static void file_open(struct gdb *g, const char *p)
{
    const char *comma = strchr(p, ',');
    unsigned long flags = comma ? strtoul(comma + 1, NULL, 16) : 0;
    char path[4096];
    int i, fd;

    if (!get_path(g, p, path, sizeof(path)))
        return;
    for (i = 0; i < GDB_FILES && g->files[i] >= 0; i++)
        ;
    if (flags || i == GDB_FILES) {
        fail(g, flags ? EACCES : EMFILE);
        return;
    }
    fd = g->t->open_file ? g->t->open_file(g->t->opaque, path) : -ENOENT;
    if (fd < 0) {
        fail(g, -fd);
        return;
    }
    g->files[i] = fd;
    gdb_putf(g, "F%x", (unsigned)i);
}

/* fd,count,offset */
static void file_pread(struct gdb *g, const char *p)
{
    char buf[GDB_PACKET / 2], *end;
    int i = slot_of(g, strtoul(p, &end, 16));
    size_t count = *end == ',' ? strtoul(end + 1, &end, 16) : 0, room = sizeof(buf) - 32, taken;
    uint64_t off = *end == ',' ? strtoull(end + 1, NULL, 16) : 0;
    ssize_t n;

    if (i < 0)
        return;
    n = pread(g->files[i], buf, count < room ? count : room, (off_t)off);
    if (n < 0) {
        fail(g, errno);
        return;
    }
    gdb_putf(g, "F%zx;", (size_t)n);
    taken = gdb_put_escaped(g, buf, (size_t)n);
    if (taken != (size_t)n)
        MOA_BUG("a packet is too short for its escapes");
}

static uint8_t *big(uint8_t *at, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
    return at + bytes;
}

/* struct fst_stat of the protocol: big endian. */
static void file_stat(struct gdb *g, const char *p)
{
    int i = slot_of(g, strtoul(p, NULL, 16));
    uint8_t buf[64], *at = buf;
    struct stat st;

    if (i < 0)
        return;
    if (fstat(g->files[i], &st) < 0) {
        fail(g, errno);
        return;
    }
    at = big(at, 4, st.st_dev);
    at = big(at, 4, st.st_ino);
    at = big(at, 4, st.st_mode);
    at = big(at, 4, st.st_nlink);
    at = big(at, 4, st.st_uid);
    at = big(at, 4, st.st_gid);
    at = big(at, 4, st.st_rdev);
    at = big(at, 8, (uint64_t)st.st_size);
    at = big(at, 8, (uint64_t)st.st_blksize);
    at = big(at, 8, (uint64_t)st.st_blocks);
    at = big(at, 4, (uint64_t)st.st_atime);
    at = big(at, 4, (uint64_t)st.st_mtime);
    at = big(at, 4, (uint64_t)st.st_ctime);
    gdb_putf(g, "F%zx;", (size_t)(at - buf));
    gdb_put_escaped(g, buf, (size_t)(at - buf));
}

static void file_readlink(struct gdb *g, const char *p)
{
    char path[4096], buf[4096];
    int n;

    if (!get_path(g, p, path, sizeof(path)))
        return;
    n = g->t->readlink ? g->t->readlink(g->t->opaque, path, buf, sizeof(buf)) : -ENOENT;
    if (n < 0) {
        fail(g, -n);
        return;
    }
    gdb_putf(g, "F%x;", (unsigned)n);
    gdb_put_escaped(g, buf, (size_t)n);
}

void gdb_close_files(struct gdb *g)
{
    for (int i = 0; i < GDB_FILES; i++) {
        if (g->files[i] >= 0)
            close(g->files[i]);
        g->files[i] = -1;
    }
}

void gdb_file(struct gdb *g, char *p)
{
    int i;

    if (strncmp(p, "open:", 5) == 0) {
        file_open(g, p + 5);
    } else if (strncmp(p, "pread:", 6) == 0) {
        file_pread(g, p + 6);
    } else if (strncmp(p, "fstat:", 6) == 0) {
        file_stat(g, p + 6);
    } else if (strncmp(p, "readlink:", 9) == 0) {
        file_readlink(g, p + 9);
    } else if (strncmp(p, "setfs:", 6) == 0) {
        gdb_put(g, "F0");
    } else if (strncmp(p, "close:", 6) == 0) {
        i = slot_of(g, strtoul(p + 6, NULL, 16));
        if (i < 0)
            return;
        close(g->files[i]);
        g->files[i] = -1;
        gdb_put(g, "F0");
    } else if (strncmp(p, "pwrite:", 7) == 0 || strncmp(p, "unlink:", 7) == 0) {
        fail(g, EACCES);
    }
}
