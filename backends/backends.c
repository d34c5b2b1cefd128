// SPDX-License-Identifier: MIT
/* The table of backends that this build has, best first. */
#include "config.h"

#include "backends/backends.h"

const struct tcg_backend *const tcg_backends[] = {
    &x64_backend,
    &in_backend,
    NULL,
};
