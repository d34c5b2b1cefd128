// SPDX-License-Identifier: MIT
/* host/display/viewer.c -- what all viewers share: the way to their functions. */
#include "host/display/display.h"

#include <errno.h>

void host_viewer_free(struct host_viewer *v)
{
    if (v)
        v->ops->free(v);
}

int host_viewer_password(struct host_viewer *v, const char *password)
{
    return v->ops->password ? v->ops->password(v, password) : -ENOTSUP;
}

void host_viewer_info(struct host_viewer *v, char *text, size_t len)
{
    v->ops->info(v, text, len);
}
