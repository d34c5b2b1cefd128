/* SPDX-License-Identifier: MIT */
/* linux-user/strace.h -- one line of -strace in the making; for strace.c and its tests. */
#ifndef LINUX_USER_STRACE_H
#define LINUX_USER_STRACE_H

#include "base/base.h"

struct lx_task;

struct lx_line {
    size_t len;
    char text[2048]; /* always ends in zero; what does not fit is cut */
};

void lx_line_add(struct lx_line *l, const char *fmt, ...) MOA_PRINTF(2, 3);
void lx_line_quote(struct lx_line *l, const uint8_t *s, size_t n, bool more);
/* One argument by its letter in syscalls.def; a points at it, the next ones follow. ret is the
 * call's result, negative while it is not known. */
void lx_line_arg(struct lx_task *t, struct lx_line *l, char kind, const uint64_t *a, int64_t ret);

#endif
