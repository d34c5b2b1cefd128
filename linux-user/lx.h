/* SPDX-License-Identifier: MIT */
/* linux-user/lx.h -- a Linux process of a guest and its threads.
 *
 * A process owns the address space, the engine and the table of signal actions; a task is one
 * guest thread, run by one host thread that nobody else touches except through tcg_kick() and real
 * signals: guest tasks are host threads with the same ids, so kill, wait, futex and /proc work as
 * they are. A child of vfork() is a second struct lx_process with the same mm and engine. */
#ifndef LINUX_USER_LX_H
#define LINUX_USER_LX_H

#include "linux-user/abi.h"
#include "linux-user/mm.h"

#include "frontends/frontend.h"
#include "tcg/engine.h"
#include "tcg/ir.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

#define LX_NSIG 64
#define LX_SIGBIT(sig) (1ull << ((sig) - 1))
#define LX_SIG_DFL 0
#define LX_SIG_IGN 1

/* Results of system call handlers beside 0.. and -errno; numbers as in the kernel. */
#define LX_ERESTARTSYS 512 /* restart unless a handler without SA_RESTART runs first */
#define LX_ERESTARTNOINTR 513 /* restart whatever handler runs first: nothing was done */
#define LX_NO_RESULT 514   /* registers are already as they have to be */

struct gdb;

struct lx_env_change {
    const char *text; /* NAME=VALUE to set, NAME to remove */
    bool set;
};

/* Limits on memory are kept beside the host's: there they would strike moa itself. */
enum lx_limit { LX_LIMIT_AS, LX_LIMIT_DATA, LX_LIMIT_STACK, LX_LIMITS };

struct lx_rlimit {
    bool set; /* false: the host's holds */
    uint64_t cur, max;
};

/* What the command line and the environment say; owned by cmd/. */
struct lx_options {
    const char *sysroot;  /* -L, NULL: none */
    const char *argv0;    /* -0 */
    const char *release;  /* -r: uname release, NULL: the host's */
    const char *cpu;      /* -cpu */
    const char *seed;     /* -seed */
    uint64_t guest_base;  /* -B */
    bool guest_base_set;
    uint64_t reserved_va; /* -R */
    uint64_t stack_size;  /* -s, 0: RLIMIT_STACK */
    bool preserve_argv0;  /* binfmt flag P */
    bool child;           /* -child: a guest's exec started this */
    int exec_fd;          /* binfmt flag O, else -1 */
    int self_fd;          /* moa's own executable, O_PATH, -1: none */
    struct lx_env_change *env;
    size_t nenv;
    char **keep;          /* options to give to moa again when the guest execs */
    size_t nkeep;
    struct lx_rlimit limits[LX_LIMITS]; /* -rlimit: set by the program that ran exec */
    struct tcg_config engine; /* backend and switches; mem is filled by linux-user */
    const char *gdb;      /* -g: where to wait for a debugger, NULL: none */
};

/* Bounds of CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds. */
struct lx_vdso_time {
    int64_t lo, hi;
};

/* A program as the loader found it. */
struct lx_image {
    uint64_t entry;        /* where to start: the interpreter's or its own */
    uint64_t own_entry;    /* AT_ENTRY */
    uint64_t phdr, phnum, phent;
    uint64_t base;         /* AT_BASE: load address of the interpreter */
    uint64_t load_lo, load_hi, bias;
    uint64_t code_lo, code_hi, data_lo, data_hi;
    bool exec_stack;
    const struct frontend *fe;
};

struct lx_sigaction {
    uint64_t handler, flags, restorer, mask;
};

struct lx_process {
    const struct frontend *fe;
    const struct lx_abi *abi;
    struct fe_cpu_config *cpu;
    struct tcg_engine *engine;
    struct lx_mm *mm;
    const struct lx_options *opt;
    struct lx_image image;
    char *exe;             /* absolute path of the program */
    uint64_t trampoline;   /* guest address of the sigreturn code */
    struct lx_vdso_time vdso_time;
    uint64_t vdso;         /* AT_SYSINFO_EHDR, 0: none */
    uint64_t stack_lo, stack_hi;
    uint64_t arg_lo, arg_hi, env_lo, env_hi; /* strings of argv and envp */
    uint64_t auxv, auxv_len;
    uint64_t stack_start;
    const struct lx_call *calls;
    struct lx_rlimit limits[LX_LIMITS];
    int first_pid;         /* of the process that loaded the program; forks have others */
    bool vfork_child;      /* shares mm and engine with the sleeping parent */
    struct gdb *gdb;       /* debugger of this process, NULL: none */
    int gdb_mem_fd;
    _Atomic bool guarded;  /* a page was mapped with the guest's own right (PROT_BTI) */
    _Atomic bool dying;    /* a thread is writing the core file of the process */

    pthread_mutex_t lock;  /* of everything below */
    struct lx_sigaction act[LX_NSIG + 1];
    struct lx_task *tasks;
    unsigned ntasks;
};

struct lx_altstack {
    uint64_t sp, size;
    int flags;
};

struct lx_task {
    struct tcg_vcpu *vcpu;
    struct lx_process *p;
    struct lx_task *next;
    int tid;

    /* Signals; written by this thread and the handlers that run on it. */
    _Atomic uint32_t pending;       /* something below is to be delivered: ends host_syscall() */
    volatile sig_atomic_t slot_sig; /* a signal the host has delivered; all others are blocked */
    siginfo_t slot;
    volatile sig_atomic_t held[2];  /* SIGSEGV, SIGBUS sent by someone: never blocked on the host */
    siginfo_t held_info[2];
    uint64_t mask;                  /* blocked signals, the guest's view */
    uint64_t wait_mask;             /* of sigsuspend, ppoll, ..., in force while in_wait */
    bool in_wait;
    const struct lx_call *call;     /* the system call being made */
    bool restart;                   /* pc was put back onto the system call */
    volatile sig_atomic_t nudged;   /* the debugger ended the system call: make it again */
    struct lx_altstack alt;

    uint64_t clear_tid;
    uint64_t robust_head, robust_len;
    void *host_altstack;
    uint8_t untag;                  /* top bits of addresses that system calls ignore (prctl) */
    bool first;                     /* the thread that main() started on */
    volatile int exit_code;
};

/* ---- sys_misc.c ---- */

/* The name of a limit for -rlimit: "as", "data", "stack". */
extern const char *const lx_limit_names[LX_LIMITS];
/* Lets the limits of p hold for its memory. */
void lx_limits_apply(struct lx_process *p);

/* ---- process.c ---- */

/* Loads and runs a program; returns the exit status (127, 126, 1) only when it could not be started, after one
 * line on standard error. argv[0] is the name the guest sees. */
int lx_main(const struct lx_options *opt, const struct frontend *fe, const char *path, char **argv,
            char **envp);
struct lx_task *lx_task_new(struct lx_process *p);
void lx_task_free(struct lx_task *t);
/* Runs guest code until the task ends; does not return. */
_Noreturn void lx_task_run(struct lx_task *t);
/* The task that runs on this host thread; NULL outside guest threads. */
struct lx_task *lx_self(void);
void lx_set_self(struct lx_task *t);
/* Prints statistics and closes logs: before the process ends or is replaced. */
void lx_at_exit(struct lx_process *p);

/* ---- elf.c, stack.c ---- */

/* Reads and maps the program at fd. 0, or -errno with one line (no newline) in err. */
int lx_load(struct lx_process *p, int fd, const char *path, struct lx_image *im, char *err,
            size_t err_len);
/* Guest of an ELF file by its first bytes; NULL if no built-in guest fits. */
const struct frontend *lx_elf_guest(const uint8_t *head, size_t len);
/* Builds stack and auxiliary vector. 0 or -errno. */
int lx_stack_setup(struct lx_process *p, const char *path, char **argv, char **envp, uint64_t *sp);

/* ---- memory access ---- */

/* The address without n tag bits at its top: bit 63 - n extends into them. */
static inline uint64_t lx_untag(uint64_t addr, unsigned n)
{
    return (uint64_t)((int64_t)(addr << n) >> n);
}

/* Host address of len bytes at guest address addr; NULL if the range leaves the address space.
 * It may be unmapped: only the host kernel, host_copy() and the functions below may touch it. */
static inline void *lx_ptr(const struct lx_task *t, uint64_t addr, uint64_t len)
{
    const struct lx_mm *mm = t->p->mm;

    addr = lx_untag(addr, t->untag);
    if (addr >= mm->limit || len > mm->limit - addr)
        return NULL;
    return (void *)(uintptr_t)(addr + mm->guest_base);
}

/* For the host kernel: 0 stays NULL, and what is out of range becomes an address that the kernel
 * refuses with EFAULT. */
static inline uint64_t lx_kptr(const struct lx_task *t, uint64_t addr)
{
    const struct lx_mm *mm = t->p->mm;

    if (!addr)
        return 0;
    addr = lx_untag(addr, t->untag);
    return addr < mm->limit ? addr + mm->guest_base : ~0xfffull;
}

/* 0 or -EFAULT. */
int lx_get(const struct lx_task *t, void *dst, uint64_t addr, size_t n);
int lx_put(const struct lx_task *t, uint64_t addr, const void *src, size_t n);
/* Copies a string with its zero; length, -EFAULT, or -ENAMETOOLONG. */
int64_t lx_get_str(const struct lx_task *t, char *buf, size_t len, uint64_t addr);

uint64_t lx_pc(const struct lx_task *t);
uint64_t lx_reg(struct lx_task *t, unsigned reg); /* registers up to 64 bits */
void lx_set_reg(struct lx_task *t, unsigned reg, uint64_t v);

/* ---- syscall.c ---- */

typedef int64_t lx_handler(struct lx_task *t, uint64_t *a);

struct lx_sys {
    const char *name;
    int16_t nr[LX_NR_COLUMNS]; /* -1: absent */
    int16_t host;              /* number on this host, -1: absent */
    lx_handler *fn;
    const char *args;
};

/* A row by the guest's number, with what its argument letters mean for conversion. */
struct lx_call {
    const struct lx_sys *sys; /* NULL: no such call */
    uint8_t pointers, paths;  /* bit i: argument i is one */
    bool fd;                  /* the first argument is a descriptor */
    bool writes;              /* it may change guest memory */
};

#define LX_NCALLS 512

/* Makes the table for one abi; the caller frees it. NULL: no memory. */
struct lx_call *lx_calls_new(const struct lx_abi *abi);
/* The system call that vcpu's registers ask for; result goes to the registers. */
void lx_syscall(struct lx_task *t);

/* A host call that a signal may end; numbers and pointers are the host's. */
int64_t lx_host(struct lx_task *t, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                uint64_t e, uint64_t f);

/* ---- strace.c ---- */
void lx_strace_call(struct lx_task *t, const struct lx_sys *s, uint64_t nr, const uint64_t *a);
void lx_strace_ret(struct lx_task *t, const struct lx_sys *s, const uint64_t *a, int64_t ret);
void lx_strace_signal(struct lx_task *t, int sig, const siginfo_t *info);
const char *lx_signal_name(int sig);

/* A command's name in ioctls.def, or NULL. */
const char *lx_ioctl_name(uint32_t cmd);

/* ---- signal.c, signal_host.c ---- */
void lx_signal_init(struct lx_process *p);
void lx_signal_thread_init(struct lx_task *t); /* alternate stack for host handlers */
void lx_signal_thread_exit(struct lx_task *t);
/* Delivers what is pending; the guest's registers may change. May not return. */
void lx_signal_deliver(struct lx_task *t);
/* A fault or trap of the instruction at pc. */
void lx_signal_force(struct lx_task *t, const siginfo_t *info, uint64_t fault_addr,
                     uint64_t syndrome);
/* Sets the guest's mask and the host's with it. 0, or -LX_ERESTARTNOINTR without a change if a
 * signal came first. */
int lx_signal_set_mask(struct lx_task *t, uint64_t mask);
/* Brings the host's mask to t->mask; if a signal came first, its delivery will do so. */
void lx_signal_apply_mask(struct lx_task *t);
/* The host's mask for a guest's: what moa itself needs stays open. */
uint64_t lx_signal_host_mask(uint64_t guest_mask);
/* Makes a thread leave a blocking system call, which will be made again. */
void lx_signal_nudge(int tid);
_Noreturn void lx_signal_die(struct lx_task *t, int sig, const siginfo_t *info);
/* Host disposition from the guest's action; p->lock held. */
void lx_signal_sync_host(struct lx_process *p, int sig);
int64_t lx_sigreturn(struct lx_task *t);
bool lx_on_altstack(const struct lx_task *t, uint64_t sp);

/* ---- vdso.c ---- */
/* Maps the vDSO and its data page. 0 or -errno. */
int lx_vdso_map(struct lx_process *p);
/* Writes the image to a page. */
void lx_vdso_image(const struct lx_vdso_code *c, const struct frontend *fe, uint8_t *page);

/* ---- gdb.c ---- */
/* Waits for a debugger (-g). NULL with one line in err. */
struct gdb *lx_gdb_start(struct lx_process *p, const char *where, char *err, size_t len);

/* ---- coredump.c ---- */
/* Writes a core file if the limits allow; true and its name if one was written. The process has to
 * end: p->dying is set, and other threads may have stopped for good. */
bool lx_core_dump(struct lx_task *t, int sig, const siginfo_t *info, char *name, size_t len);
/* Does not return when another thread is ending the process. */
void lx_wait_for_end(struct lx_process *p);

/* ---- path.c ---- */

#define LX_PATH_MAX 4096
/* The host path for a guest path in buf: sysroot and /proc/self/exe. Returns buf's text or another
 * string; out has LX_PATH_MAX bytes. */
const char *lx_path(const struct lx_process *p, const char *guest, char *out);
/* Reads a guest path and maps it. 0 or -errno; *path points into buf (2 * LX_PATH_MAX bytes). */
int lx_get_path(struct lx_task *t, uint64_t addr, char *buf, const char **path);
/* What /proc file a guest path names. */
enum lx_proc_file {
    LX_PROC_NONE,
    LX_PROC_EXE,
    LX_PROC_MAPS,
    LX_PROC_SMAPS,
    LX_PROC_CMDLINE,
    LX_PROC_AUXV,
    LX_PROC_STAT,
    LX_PROC_ENVIRON,
    LX_PROC_CPUINFO,
    LX_PROC_MEM,
    LX_PROC_HWCAP,
};
enum lx_proc_file lx_proc_classify(const char *path);
/* Opens the emulated file. fd or -errno. */
int lx_proc_open(struct lx_process *p, enum lx_proc_file what, int flags);

/* ---- exec.c ---- */
int64_t lx_exec(struct lx_task *t, int dirfd, uint64_t path, uint64_t argv, uint64_t envp,
                int flags);

/* Process lock held: t looks at landing pads of guarded pages from now on. */
void lx_guard_branches(struct lx_task *t);
/* True for a file descriptor of moa's own, which the guest must not touch. */
bool lx_own_fd(const struct lx_process *p, int fd);

/* ---- thread.c ---- */
struct lx_clone {
    uint64_t flags;     /* CLONE_* without the exit signal */
    int exit_signal;
    uint64_t stack;     /* 0: the caller's */
    uint64_t tls, parent_tid, child_tid, pidfd;
    uint64_t set_tid, set_tid_size, cgroup;
};
int64_t lx_clone(struct lx_task *t, const struct lx_clone *c);
_Noreturn void lx_thread_exit(struct lx_task *t, int code);
_Noreturn void lx_process_exit(struct lx_process *p, int code);

#endif
