// SPDX-License-Identifier: MIT
/* host/block/lock.c -- who uses an image file. QEMU and its tools tell each other by locks on
 * single bytes of the file: byte 100 + i is held by those who do i, byte 200 + i by those who do
 * not want others to do i. Locks of the open file description (F_OFD_SETLK), shared ones only;
 * whether another one is in the way is asked with F_OFD_GETLK. moa does the same, so that they
 * refuse each other. */
#include "host/block/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum use { USE_READ, USE_WRITE, USE_WRITE_UNCHANGED, USE_RESIZE, USES };
enum { DOES = 100, FORBIDS = 200 };

static int lock_byte(int fd, off_t at)
{
    struct flock fl = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &fl) < 0 ? -errno : 0;
}

static bool others_hold(int fd, off_t at)
{
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

    return fcntl(fd, F_OFD_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
}

static const char *const uses[USES] = {"read", "write", "write-unchanged", "resize"};

/* share: others may write as well. A file system without locks is used without. */
int file_lock(int fd, bool write, bool share, const char *name, struct block_err *err)
{
    bool does[USES] = {[USE_READ] = true, [USE_WRITE] = write, [USE_RESIZE] = write};
    bool forbids[USES] = {[USE_WRITE] = !share, [USE_RESIZE] = !share};
    const char *in_the_way = NULL;

    for (int i = 0; i < USES; i++) {
        int r = 0;

        if (does[i])
            r = lock_byte(fd, DOES + i);
        if (r == 0 && forbids[i])
            r = lock_byte(fd, FORBIDS + i);
        if (r == -EAGAIN || r == -EACCES)
            in_the_way = uses[i];
        else if (r < 0)
            return 0;
    }
    for (int i = 0; i < USES && !in_the_way; i++)
        if ((does[i] && others_hold(fd, FORBIDS + i)) || (forbids[i] && others_hold(fd, DOES + i)))
            in_the_way = uses[i];
    if (!in_the_way)
        return 0;
    return block_error(err, -EAGAIN,
                       "Could not open '%s': another process uses the image (\"%s\" lock)", name,
                       in_the_way);
}
