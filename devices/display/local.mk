# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/display/ramfb.c devices/display/ramfb.h
EXTRA_DIST += devices/display/README.md
