# SPDX-License-Identifier: MIT
noinst_LIBRARIES += mem/libmem.a
mem_libmem_a_SOURCES = mem/mem.h mem/internal.h
mem_libmem_a_SOURCES += mem/access.c
mem_libmem_a_SOURCES += mem/print.c
mem_libmem_a_SOURCES += mem/ram.c
mem_libmem_a_SOURCES += mem/region.c
mem_libmem_a_SOURCES += mem/view.c
