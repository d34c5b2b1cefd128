# SPDX-License-Identifier: MIT
# Compiled and run by bench/run, not by make.
EXTRA_DIST += bench/io bench/run bench/boot bench/guest bench/cold bench/programs.py bench/kernels/bench.h \
    bench/kernels/call_ackermann.c \
    bench/kernels/call_fib.c \
    bench/kernels/call_interp.c \
    bench/kernels/call_qsort.c \
    bench/kernels/call_switch.c \
    bench/kernels/call_virtual.c \
    bench/kernels/float_fft.c \
    bench/kernels/float_fma.c \
    bench/kernels/float_mandelbrot.c \
    bench/kernels/float_nbody.c \
    bench/kernels/float_single.c \
    bench/kernels/float_spectral.c \
    bench/kernels/int_bits.c \
    bench/kernels/int_crc32.c \
    bench/kernels/int_hash.c \
    bench/kernels/int_lz.c \
    bench/kernels/int_sha256.c \
    bench/kernels/int_sieve.c \
    bench/kernels/int_sort.c \
    bench/kernels/jit_patch.c \
    bench/kernels/jit_write.c \
    bench/kernels/mem_chase.c \
    bench/kernels/mem_copy.c \
    bench/kernels/mem_random.c \
    bench/kernels/mem_strings.c \
    bench/kernels/start_hello.c \
    bench/kernels/sys_getpid.c \
    bench/kernels/sys_mmap.c \
    bench/kernels/sys_pipe.c \
    bench/kernels/sys_signal.c \
    bench/kernels/thr_atomic.c \
    bench/kernels/thr_create.c \
    bench/kernels/thr_mutex.c \
    bench/kernels/vec_image.c \
    bench/kernels/vec_int32.c \
    bench/kernels/vec_matmul.c \
    bench/kernels/vec_saxpy32.c \
    bench/kernels/vec_saxpy64.c \
    bench/kernels/vec_stencil.c
