/* SPDX-License-Identifier: MIT */
/* tests/guest/guest.h -- checks inside a guest program: the first that fails names its line and
 * ends with status 1; passed() ends with 0. Expectations are those of Linux on arm64. */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            char line_[256];                                                                       \
            int n_ = snprintf(line_, sizeof(line_), "%s:%d: %s (errno %d)\n", __FILE__, __LINE__,  \
                              #cond, errno);                                                       \
            if (write(2, line_, (size_t)n_) < 0)                                                   \
                _exit(2);                                                                          \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static inline void passed(const char *name)
{
    printf("%s: passed\n", name);
    exit(0);
}

#endif
