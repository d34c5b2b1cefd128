/* SPDX-License-Identifier: MIT */
/* backends/interp/backend.h -- the interpreter, for the table of backends and for tests. */
#ifndef BACKENDS_INTERP_BACKEND_H
#define BACKENDS_INTERP_BACKEND_H

#include "tcg/backend.h"

extern const struct tcg_backend in_backend;

#endif
