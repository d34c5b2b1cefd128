// SPDX-License-Identifier: MIT
/* host/user.c -- raw system calls, safe copies, signals and vfork for linux-user.
 *
 * On x86-64 the three delicate pieces are written in assembly, so that a signal handler can tell
 * by the program counter where the thread is. Other hosts get portable versions: their copies
 * recover through siglongjmp, and their host_syscall() has a window of a few instructions between
 * the look at *stop and the call in which a signal does not stop it, and take each call that a
 * signal ended for one that had begun. */
#include "host/user.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

struct kernel_sigaction {
    host_handler *handler;
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

#define KERNEL_SA_RESTORER 0x04000000ul

#ifdef __x86_64__

/* host_syscall(rdi stop, rsi nr, rdx a, rcx b, r8 c, r9 d, stack e, f) */
__asm__(".text\n"
        ".globl host_syscall\n"
        ".type host_syscall, @function\n"
        "host_syscall:\n"
        "  .cfi_startproc\n"
        "  movq %rdi, %r11\n"
        "  movq %rsi, %rax\n"
        "  movq %rdx, %rdi\n"
        "  movq %rcx, %rsi\n"
        "  movq %r8, %rdx\n"
        "  movq %r9, %r10\n"
        "  movq 8(%rsp), %r8\n"
        "  movq 16(%rsp), %r9\n"
        "  xorl %ecx, %ecx\n" /* the call puts its return address here */
        ".globl host_syscall_begin\n"
        "host_syscall_begin:\n"
        "  cmpl $0, (%r11)\n"
        "  jne host_syscall_stopped\n"
        ".globl host_syscall_insn\n"
        "host_syscall_insn:\n"
        "  syscall\n"
        "  ret\n"
        ".globl host_syscall_stopped\n"
        "host_syscall_stopped:\n"
        "  movq $-513, %rax\n"
        "  ret\n"
        ".globl host_syscall_broken\n"
        "host_syscall_broken:\n"
        "  movq $-512, %rax\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size host_syscall, . - host_syscall\n"

        /* host_copy(rdi dst, rsi src, rdx n) */
        ".globl host_copy\n"
        ".type host_copy, @function\n"
        "host_copy:\n"
        "  .cfi_startproc\n"
        "  movq %rdx, %rcx\n"
        "host_copy_begin:\n"
        "  rep movsb\n"
        "host_copy_end:\n"
        "  xorl %eax, %eax\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size host_copy, . - host_copy\n"

        ".globl host_zero\n"
        ".type host_zero, @function\n"
        "host_zero:\n"
        "  .cfi_startproc\n"
        "  movq %rsi, %rcx\n"
        "  xorl %eax, %eax\n"
        "host_zero_begin:\n"
        "  rep stosb\n"
        "host_zero_end:\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size host_zero, . - host_zero\n"
        "host_copy_failed:\n"
        "  .cfi_startproc\n"
        "  movl $-14, %eax\n"
        "  ret\n"
        "  .cfi_endproc\n"

        "host_sigreturn:\n"
        "  movl $15, %eax\n"
        "  syscall\n");

extern const char host_syscall_begin[] __attribute__((visibility("hidden")));
extern const char host_syscall_insn[] __attribute__((visibility("hidden")));
extern const char host_syscall_stopped[] __attribute__((visibility("hidden")));
extern const char host_syscall_broken[] __attribute__((visibility("hidden")));
extern const char host_copy_begin[] __attribute__((visibility("hidden")));
extern const char host_copy_end[] __attribute__((visibility("hidden")));
extern const char host_zero_begin[] __attribute__((visibility("hidden")));
extern const char host_zero_end[] __attribute__((visibility("hidden")));
extern const char host_copy_failed[] __attribute__((visibility("hidden")));
extern void host_sigreturn(void) __attribute__((visibility("hidden")));

/* Does a system call leave its return address in rcx? Not on every processor to come. */
static bool call_marks_rcx(void)
{
    uint64_t rcx = 0;
    long nr = SYS_getpid;

    __asm__ volatile("syscall" : "+a"(nr), "+c"(rcx) : : "r11", "memory");
    return rcx != 0;
}

void host_syscall_rewind(void *uc)
{
    greg_t *r = ((ucontext_t *)uc)->uc_mcontext.gregs, at = r[REG_RIP];
    greg_t insn = (greg_t)host_syscall_insn;

    if (at == insn && (r[REG_RCX] == insn + 2 || !call_marks_rcx()))
        r[REG_RIP] = (greg_t)host_syscall_broken; /* the kernel put pc back to make it again */
    else if (at >= (greg_t)host_syscall_begin && at <= insn)
        r[REG_RIP] = (greg_t)host_syscall_stopped;
}

bool host_copy_fixup(void *uc)
{
    greg_t *pc = &((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP];

    if ((*pc >= (greg_t)host_copy_begin && *pc < (greg_t)host_copy_end) ||
        (*pc >= (greg_t)host_zero_begin && *pc < (greg_t)host_zero_end)) {
        *pc = (greg_t)host_copy_failed;
        return true;
    }
    return false;
}

uint64_t host_uc_pc(const void *uc)
{
    return (uint64_t)((const ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP];
}

static void set_restorer(struct kernel_sigaction *k)
{
    k->flags |= KERNEL_SA_RESTORER;
    k->restorer = host_sigreturn;
}

#else /* any other host */

#include <setjmp.h>

static _Thread_local sigjmp_buf copy_jump;
static _Thread_local volatile sig_atomic_t in_copy;

long host_syscall(const _Atomic uint32_t *stop, long nr, uint64_t a, uint64_t b, uint64_t c,
                  uint64_t d, uint64_t e, uint64_t f)
{
    long r;

    if (atomic_load(stop))
        return -HOST_ENOTBEGUN;
    r = syscall(nr, a, b, c, d, e, f);
    if (r != -1)
        return r;
    return errno == EINTR && atomic_load(stop) ? -HOST_ERESTART : -errno;
}

void host_syscall_rewind(void *uc)
{
    (void)uc;
}

int host_copy(void *dst, const void *src, size_t n)
{
    if (sigsetjmp(copy_jump, 1))
        return -EFAULT;
    in_copy = 1;
    memcpy(dst, src, n);
    in_copy = 0;
    return 0;
}

int host_zero(void *dst, size_t n)
{
    if (sigsetjmp(copy_jump, 1))
        return -EFAULT;
    in_copy = 1;
    memset(dst, 0, n);
    in_copy = 0;
    return 0;
}

bool host_copy_fixup(void *uc)
{
    (void)uc;
    if (!in_copy)
        return false;
    in_copy = 0;
    siglongjmp(copy_jump, 1);
}

uint64_t host_uc_pc(const void *uc)
{
    (void)uc;
    return 0;
}

static void set_restorer(struct kernel_sigaction *k)
{
    k->restorer = NULL;
}

#endif

int host_sigaction(int sig, host_handler *handler, unsigned long flags)
{
    struct kernel_sigaction k = {.handler = handler, .flags = flags, .mask = ~0ull};

    if (handler != HOST_SIG_DFL && handler != HOST_SIG_IGN)
        k.flags |= SA_SIGINFO;
    set_restorer(&k);
    return syscall(SYS_rt_sigaction, sig, &k, NULL, 8) ? -errno : 0;
}

bool host_sig_ignored(int sig)
{
    struct kernel_sigaction k;

    return syscall(SYS_rt_sigaction, sig, NULL, &k, 8) == 0 &&
           k.handler == HOST_SIG_IGN;
}

uint64_t host_sigmask(const uint64_t *set)
{
    uint64_t old = 0;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, set, &old, 8);
    return old;
}

uint64_t host_uc_mask(void *uc)
{
    uint64_t mask;

    memcpy(&mask, &((ucontext_t *)uc)->uc_sigmask, sizeof(mask));
    return mask;
}

void host_uc_set_mask(void *uc, uint64_t mask)
{
    memcpy(&((ucontext_t *)uc)->uc_sigmask, &mask, sizeof(mask));
}

int host_vfork(int (*fn)(void *), void *arg, unsigned long flags, int *pidfd)
{
    const size_t size = 1 << 20;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    int pid;

    if (stack == MAP_FAILED)
        return -errno;
    pid = clone(fn, stack + size, (int)(flags | CLONE_VM | CLONE_VFORK), arg, pidfd);
    if (pid < 0)
        pid = -errno;
    munmap(stack, size);
    return pid;
}
