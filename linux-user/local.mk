# SPDX-License-Identifier: MIT
noinst_LIBRARIES += linux-user/liblinux_user.a
linux_user_liblinux_user_a_SOURCES = \
	linux-user/abi.c \
	linux-user/abi.h \
	linux-user/abi_arm64.c \
	linux-user/abi_arm64.h \
	linux-user/abi_arm64_signal.c \
	linux-user/abi_arm64_vdso.c \
	linux-user/access.c \
	linux-user/coredump.c \
	linux-user/elf.c \
	linux-user/elf.h \
	linux-user/exec.c \
	linux-user/gdb.c \
	linux-user/handlers.h \
	linux-user/ioctls.def \
	linux-user/lx.h \
	linux-user/mm.c \
	linux-user/mm.h \
	linux-user/mm_impl.h \
	linux-user/mm_remap.c \
	linux-user/path.c \
	linux-user/process.c \
	linux-user/signal.c \
	linux-user/signal_host.c \
	linux-user/stack.c \
	linux-user/strace.c \
	linux-user/strace.h \
	linux-user/sys_file.c \
	linux-user/sys_ioctl.c \
	linux-user/sys_ipc.c \
	linux-user/sys_mem.c \
	linux-user/sys_misc.c \
	linux-user/sys_net.c \
	linux-user/sys_poll.c \
	linux-user/sys_proc_fs.c \
	linux-user/sys_signal.c \
	linux-user/sys_thread.c \
	linux-user/syscall.c \
	linux-user/syscalls.def \
	linux-user/thread.c \
	linux-user/vdso.c
