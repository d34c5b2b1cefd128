# SPDX-License-Identifier: MIT
noinst_LIBRARIES += %D%/libcommon.a
%C%_libcommon_a_SOURCES = \
    %D%/softfloat_core.h %D%/softfloat_core.c %D%/softfloat_arith.c %D%/softfloat_fma.c \
    %D%/softfloat_compare.c %D%/softfloat_convert.c %D%/softfloat_int.c \
    %D%/softfloat_estimate.c %D%/softfloat_f80.c \
    %D%/crypto.c %D%/crypto_hash.c
