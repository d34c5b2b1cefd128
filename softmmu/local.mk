# SPDX-License-Identifier: MIT
noinst_HEADERS += softmmu/softmmu.h
