/* SPDX-License-Identifier: MIT */
/* base/fd.h -- moa's own descriptors in a process whose low numbers belong to the guest. */
#ifndef BASE_FD_H
#define BASE_FD_H

/* Moves fd to a number that programs do not come upon: 900 and up, or the last eight under a small
 * RLIMIT_NOFILE. Close-on-exec. Yields the new number; fd itself where there is no room (or fd is
 * negative). */
int fd_out_of_the_way(int fd);

#endif
