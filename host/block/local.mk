# SPDX-License-Identifier: MIT
noinst_LIBRARIES += host/block/libblock.a
host_block_libblock_a_SOURCES = host/block/memdisk.c host/block/memdisk.h
host_block_libblock_a_SOURCES += host/block/request.c host/block/request.h
EXTRA_DIST += host/block/README.md
