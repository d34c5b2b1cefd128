/* SPDX-License-Identifier: MIT */
/* host/user.h -- what running a guest's Linux program needs of the host and libc does not offer.
 *
 * System calls that cannot lose a signal, copies that survive unmapped memory, raw signal actions
 * and masks (libc keeps signals 32 and 33 for itself; guests have their own use for them), and a
 * child that shares our memory while we sleep. */
#ifndef HOST_USER_H
#define HOST_USER_H

#include "base/base.h"

#include <signal.h>
#include <stdatomic.h>

/* Returned by host_syscall() when a signal handler ran in a call that the kernel would restart, and
 * when *stop was set before the call began. No host error has these numbers. */
#define HOST_ERESTART 512
#define HOST_ENOTBEGUN 513

/* O_LARGEFILE as the kernel has it (libc says 0 on 64-bit hosts). */
#if defined(__aarch64__) || defined(__powerpc64__)
#define HOST_O_LARGEFILE 0400000
#else
#define HOST_O_LARGEFILE 0100000
#endif

/* The raw system call: its result or -errno. If *stop is nonzero, or a handler that calls
 * host_syscall_rewind() runs before the system call instruction, the call is not made. */
long host_syscall(const _Atomic uint32_t *stop, long nr, uint64_t a, uint64_t b, uint64_t c,
                  uint64_t d, uint64_t e, uint64_t f);

/* For signal handlers: if uc was interrupted inside host_syscall() before or at its system call
 * instruction, makes it return -HOST_ERESTART or -HOST_ENOTBEGUN. */
void host_syscall_rewind(void *uc);

/* Copies n bytes; 0, or -EFAULT if an access faulted (some bytes may have been copied).
 * Needs host_copy_fixup() called from the SIGSEGV and SIGBUS handlers. */
int host_copy(void *dst, const void *src, size_t n);
int host_zero(void *dst, size_t n);
/* True if uc is a fault inside host_copy() or host_zero(); they will return -EFAULT. */
bool host_copy_fixup(void *uc);

typedef void host_handler(int sig, siginfo_t *info, void *uc);
#define HOST_SIG_DFL ((host_handler *)0)
#define HOST_SIG_IGN ((host_handler *)1)

/* Installs handler (or HOST_SIG_DFL, HOST_SIG_IGN) with all signals blocked while it runs.
 * flags: SA_NOCLDSTOP, SA_NOCLDWAIT, SA_RESTART, SA_ONSTACK. 0 or -errno. */
int host_sigaction(int sig, host_handler *handler, unsigned long flags);
/* What the signal does now: true if it is ignored. */
bool host_sig_ignored(int sig);
/* Blocked signals of this thread, bit sig - 1. Sets *set if not NULL, returns the old. */
uint64_t host_sigmask(const uint64_t *set);
/* The mask that returning from a handler will set. */
uint64_t host_uc_mask(void *uc);
void host_uc_set_mask(void *uc, uint64_t mask);
uint64_t host_uc_pc(const void *uc);

/* Runs fn(arg) in a child that shares this memory, on a stack of its own, while the calling thread
 * sleeps until the child execs or exits. flags: further clone flags and the exit signal.
 * Returns the child's process id or -errno. */
int host_vfork(int (*fn)(void *), void *arg, unsigned long flags, int *pidfd);

#endif
