// SPDX-License-Identifier: MIT
/* base/fd.c -- see base/fd.h. A program that opens a file expects the lowest free number, and shells
 * use numbers up to 255 themselves. */
#include "base/fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define OWN 900
#define ROOM 8

int fd_out_of_the_way(int fd)
{
    struct rlimit rl;
    int from = OWN, n;

    if (fd < 0)
        return fd;
    if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < OWN + ROOM)
        from = rl.rlim_cur > 2 * ROOM ? (int)rl.rlim_cur - ROOM : 3;
    n = fcntl(fd, F_DUPFD_CLOEXEC, from);
    if (n < 0)
        return fd;
    close(fd);
    return n;
}
