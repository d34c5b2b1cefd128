# SPDX-License-Identifier: MIT
noinst_HEADERS += mem/mem.h
