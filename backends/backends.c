// SPDX-License-Identifier: MIT
/* The table of backends that this build has, best first. */
#include "config.h"

#include "backends/backends.h"

const struct tcg_backend *const tcg_backends[] = {
#ifdef BACKEND_X86_64
    &x64_backend,
#endif
    &in_backend,
    NULL,
};
