/* SPDX-License-Identifier: MIT */
/* linux-user/handlers.h -- prototypes of all handlers named in syscalls.def. */
#ifndef LINUX_USER_HANDLERS_H
#define LINUX_USER_HANDLERS_H

#include "linux-user/lx.h"

#define PASS sys_pass
#define REFUSE sys_refuse
#define SYS(name, x86_64, i386, arm64, ppc64, handler, args) lx_handler handler;
#include "linux-user/syscalls.def"
#undef SYS

#endif
