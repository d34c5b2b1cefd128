// SPDX-License-Identifier: MIT
/* The table of backends that this build has, best first. x86_64 is built but not
 * listed: it fails six IR cases, runs out of registers in cmpxchg and crashes after fork
 * (docs/status.md). */
#include "config.h"

#include "backends/backends.h"

const struct tcg_backend *const tcg_backends[] = {
    &in_backend,
    NULL,
};
