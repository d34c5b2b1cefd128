# SPDX-License-Identifier: MIT
# SDL2 and libvncserver are loaded when they are wanted: only their headers are used here.
if MACHINES
noinst_LIBRARIES += host/display/libdisplay.a
host_display_libdisplay_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SDL_CFLAGS) $(VNC_CFLAGS) $(PNG_CFLAGS)
host_display_libdisplay_a_SOURCES = host/display/display.h
host_display_libdisplay_a_SOURCES += host/display/picture.c
host_display_libdisplay_a_SOURCES += host/display/sdl.c
host_display_libdisplay_a_SOURCES += host/display/viewer.c
host_display_libdisplay_a_SOURCES += host/display/vnc.c
host_display_libdisplay_a_SOURCES += host/display/vnc_keys.c host/display/vnc_keys.h
host_display_libdisplay_a_SOURCES += host/display/vnc_listen.c host/display/vnc_listen.h
HOST_DISPLAY = host/display/libdisplay.a $(PNG_LIBS)
endif
EXTRA_DIST += host/display/README.md
