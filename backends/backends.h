/* SPDX-License-Identifier: MIT */
/* backends/backends.h -- the backends that the table in backends.c lists. */
#ifndef BACKENDS_BACKENDS_H
#define BACKENDS_BACKENDS_H

#include "tcg/backend.h"

extern const struct tcg_backend in_backend;
extern const struct tcg_backend x64_backend; /* x86-64 hosts only */

#endif
