/* SPDX-License-Identifier: MIT */
/* host/display/vnc_listen.h -- where a VNC server listens. */
#ifndef HOST_DISPLAY_VNC_LISTEN_H
#define HOST_DISPLAY_VNC_LISTEN_H

#include "base/base.h"

/* where: "[HOST]:DISPLAY" (port 5900 + DISPLAY) or "unix:PATH". A descriptor, or -1 with one line. */
int vnc_listen(const char *where, char *err, size_t err_len);

#endif
