# SPDX-License-Identifier: MIT
noinst_HEADERS += softmmu/softmmu.h
noinst_HEADERS += softmmu/tlb.h
noinst_HEADERS += softmmu/vcpu.h
