# SPDX-License-Identifier: MIT
noinst_HEADERS += devices/core/device.h
include devices/intc/local.mk
