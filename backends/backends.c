// SPDX-License-Identifier: MIT
/* The table of backends that this build has, best first. */
#include "backends/interp/backend.h"

const struct tcg_backend *const tcg_backends[] = {
    &in_backend,
    NULL,
};
