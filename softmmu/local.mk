# SPDX-License-Identifier: MIT
noinst_HEADERS += softmmu/softmmu.h
noinst_HEADERS += softmmu/tlb.h
noinst_HEADERS += softmmu/vcpu.h
noinst_LIBRARIES += softmmu/libsoftmmu.a
softmmu_libsoftmmu_a_SOURCES = softmmu/run.c softmmu/softmmu.c softmmu/time.c
