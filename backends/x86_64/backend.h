/* SPDX-License-Identifier: MIT */
/* backends/x86_64/backend.h -- the native backend of x86-64 hosts. */
#ifndef BACKENDS_X86_64_BACKEND_H
#define BACKENDS_X86_64_BACKEND_H

#include "tcg/backend.h"

extern const struct tcg_backend x64_backend;

#endif
