// SPDX-License-Identifier: MIT
/* linux-user/sys_ioctl.c -- ioctl: commands and structures are those of the generic ABI, which the
 * 64-bit little-endian hosts share, so the table only says which commands take no pointer and
 * which names to print. Commands outside it go to the host too, and are logged. */
#include "linux-user/handlers.h"

#include "base/log.h"

#include <errno.h>
#include <sys/syscall.h>

enum kind { VALUE, POINTER };

static const struct {
    uint32_t cmd;
    enum kind kind;
    const char *name;
} table[] = {
#define IOCTL(name, cmd, kind) {cmd, kind, #name},
#include "linux-user/ioctls.def"
#undef IOCTL
};

const char *lx_ioctl_name(uint32_t cmd)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].cmd == cmd)
            return table[i].name;
    return NULL;
}

int64_t sys_ioctl(struct lx_task *t, uint64_t *a)
{
    uint32_t cmd = (uint32_t)a[1];
    bool pointer = (cmd >> 30) != 0; /* _IOC_READ or _IOC_WRITE: the argument is a structure */
    size_t i;

    for (i = 0; i < ARRAY_LEN(table) && table[i].cmd != cmd; i++)
        ;
    if (i < ARRAY_LEN(table))
        pointer = table[i].kind == POINTER;
    else if (log_on(LOG_unimp))
        log_printf("moa: ioctl 0x%x is not in the table, passed on\n", cmd);
    return lx_host(t, SYS_ioctl, a[0], cmd, pointer ? lx_kptr(t, a[2]) : a[2], 0, 0, 0);
}
