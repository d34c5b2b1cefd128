# SPDX-License-Identifier: MIT
noinst_LIBRARIES += softmmu/libsoftmmu.a
softmmu_libsoftmmu_a_SOURCES = softmmu/softmmu.h softmmu/vcpu.h
softmmu_libsoftmmu_a_SOURCES += softmmu/hash.c
softmmu_libsoftmmu_a_SOURCES += softmmu/icount.c
softmmu_libsoftmmu_a_SOURCES += softmmu/run.c
softmmu_libsoftmmu_a_SOURCES += softmmu/save.c
softmmu_libsoftmmu_a_SOURCES += softmmu/softmmu.c
softmmu_libsoftmmu_a_SOURCES += softmmu/time.c
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb.c
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb.h
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb_access.c
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb_box.c
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb_code.c
softmmu_libsoftmmu_a_SOURCES += softmmu/tlb_priv.h
