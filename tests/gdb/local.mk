# SPDX-License-Identifier: MIT
dist_check_SCRIPTS += tests/gdb/run.sh
TESTS += tests/gdb/run.sh
EXTRA_DIST += \
	tests/gdb/basic.c \
	tests/gdb/basic.gdb \
	tests/gdb/basic.want \
	tests/gdb/blocked.c \
	tests/gdb/blocked.gdb \
	tests/gdb/blocked.want \
	tests/gdb/detach.gdb \
	tests/gdb/detach.want \
	tests/gdb/dynamic.c \
	tests/gdb/dynamic.gdb \
	tests/gdb/dynamic.want \
	tests/gdb/exec.c \
	tests/gdb/exec.gdb \
	tests/gdb/exec.want \
	tests/gdb/fork.c \
	tests/gdb/fork.gdb \
	tests/gdb/fork.want \
	tests/gdb/interrupt.gdb \
	tests/gdb/interrupt.want \
	tests/gdb/overlap.c \
	tests/gdb/overlap.gdb \
	tests/gdb/overlap.want \
	tests/gdb/signals.c \
	tests/gdb/signals.gdb \
	tests/gdb/signals.want \
	tests/gdb/step.c \
	tests/gdb/step.gdb \
	tests/gdb/step.want \
	tests/gdb/syscall.gdb \
	tests/gdb/syscall.want \
	tests/gdb/threads.c \
	tests/gdb/threads.gdb \
	tests/gdb/threads.want \
	tests/gdb/watch.gdb \
	tests/gdb/watch.want
