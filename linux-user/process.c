// SPDX-License-Identifier: MIT
/* linux-user/process.c -- a guest process from its start to its end, and the loop of a task. */
#include "linux-user/lx.h"

#include "base/log.h"
#include "debug/gdbstub.h"
#include "host/user.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST_LIMIT 0x7ffffffff000ull /* user space of a host with 47-bit addresses */

static int say(const char *path, const char *why)
{
    fprintf(stderr, "moa: %s: %s\n", path, why);
    return 1;
}

/* As shells and env(1) have it: 127 what cannot be found, 126 what can but does not run. */
static int refuse(const char *path, const char *why, int err)
{
    say(path, why);
    return err == ENOMEM ? 1 : err == ENOENT || err == ENOTDIR ? 127 : 126;
}

/* ---- what the engine asks for ---- */

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    struct lx_task *t = v->owner;
    struct lx_mm *mm = t->p->mm;
    uint64_t n = pc < mm->limit ? lx_mm_extent(mm, pc, len, PROT_EXEC) : 0;

    while (n && host_copy(buf, lx_g2h(mm, pc), n)) {
        uint64_t page = LX_PAGE - (pc & (LX_PAGE - 1)); /* a file shorter than its mapping */

        n = n > page ? page : 0;
    }
    if (!n) {
        v->exit.reason = TCG_EXIT_FAULT;
        v->exit.addr = pc;
        v->exit.access = TCG_FETCH;
        v->exit.host_sig = SIGSEGV;
        v->exit.host_code = 0;
    }
    return n;
}

static void watch_code(struct tcg_vcpu *v, uint64_t lo, uint64_t hi)
{
    struct lx_task *t = v->owner;

    mprotect(lx_g2h(t->p->mm, align_down(lo, LX_PAGE)),
             align_up(hi, LX_PAGE) - align_down(lo, LX_PAGE), PROT_READ);
}

static void code_changed(void *opaque, uint64_t lo, uint64_t hi)
{
    struct lx_process *p = opaque;

    if (p->engine)
        tcg_invalidate(p->engine, lo, hi);
}

/* ---- tasks ---- */

struct lx_task *lx_task_new(struct lx_process *p)
{
    struct lx_task *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->vcpu = aligned_alloc(64, align_up(p->fe->vcpu_size, 64));
    if (!t->vcpu) {
        free(t);
        return NULL;
    }
    memset(t->vcpu, 0, p->fe->vcpu_size);
    t->vcpu->frontend = p->fe;
    t->vcpu->guest = p->fe->guest;
    t->vcpu->engine = p->engine;
    t->vcpu->guest_base = p->mm->guest_base;
    t->vcpu->owner = t;
    t->p = p;
    p->fe->reset(t->vcpu, p->cpu, true);
    return t;
}

void lx_task_free(struct lx_task *t)
{
    free(t->vcpu);
    free(t);
}

/* ---- exits ---- */

/* Where the guest's kernel says that a data access failed. */
static uint64_t data_addr(const struct lx_task *t)
{
    return lx_untag(t->vcpu->exit.addr, t->p->abi->tag_bits);
}

static void log_exit(const struct lx_task *t, enum tcg_exit_reason why)
{
    static const char *const access[] = {"read", "write", "fetch"};
    const struct tcg_exit *e = &t->vcpu->exit;

    if (why == TCG_EXIT_FAULT)
        log_printf("int: %d %s fault at pc 0x%llx, address 0x%llx\n", t->tid,
                   access[e->access < 3 ? e->access : 0], (unsigned long long)lx_pc(t),
                   (unsigned long long)e->addr);
    else if (why == TCG_EXIT_EXCEPTION)
        log_printf("int: %d exception %u at pc 0x%llx\n", t->tid, e->code,
                   (unsigned long long)lx_pc(t));
    else if (why == TCG_EXIT_SYSCALL)
        log_printf("int: %d system call, pc 0x%llx\n", t->tid, (unsigned long long)lx_pc(t));
}

static void on_fault(struct lx_task *t)
{
    const struct tcg_exit *e = &t->vcpu->exit;
    siginfo_t info = {.si_signo = e->host_sig == SIGBUS ? SIGBUS : SIGSEGV};
    struct lx_vma vma;
    uint64_t addr = e->access == TCG_FETCH ? e->addr : data_addr(t);
    bool mapped = lx_mm_find(t->p->mm, addr, &vma);

    if (!mapped && e->access != TCG_FETCH && lx_mm_grow(t->p->mm, e->addr))
        return;
    if (info.si_signo == SIGBUS)
        info.si_code = e->host_code;
    else
        info.si_code = mapped ? SEGV_ACCERR : SEGV_MAPERR;
    info.si_addr = (void *)(uintptr_t)addr;
    lx_signal_force(t, &info, addr, t->p->abi->syndrome(t, e->access, mapped ? &vma : NULL));
}

static void on_exception(struct lx_task *t)
{
    const struct tcg_exit *e = &t->vcpu->exit;
    uint64_t pc = lx_pc(t);
    siginfo_t info = {.si_signo = SIGILL, .si_code = ILL_ILLOPC};

    info.si_addr = (void *)(uintptr_t)pc;
    switch (e->code) {
    case TCG_EXC_BREAKPOINT:
        info.si_signo = SIGTRAP;
        info.si_code = TRAP_BRKPT;
        break;
    case TCG_EXC_ALIGN:
        info.si_signo = SIGBUS;
        info.si_code = BUS_ADRALN;
        info.si_addr = (void *)(uintptr_t)data_addr(t);
        break;
    case TCG_EXC_PC_ALIGN:
        info.si_signo = SIGBUS;
        info.si_code = BUS_ADRALN;
        break;
    case TCG_EXC_SP_ALIGN: /* the kernel tells the stack pointer */
        info.si_signo = SIGBUS;
        info.si_code = BUS_ADRALN;
        info.si_addr = (void *)(uintptr_t)e->addr;
        break;
    case TCG_EXC_DIVIDE:
        info.si_signo = SIGFPE;
        info.si_code = FPE_INTDIV;
        break;
    }
    lx_signal_force(t, &info, 0, 0);
}

static enum tcg_exit_reason run(struct lx_task *t)
{
    enum tcg_exit_reason why;

    if (MOA_UNLIKELY(t->p->gdb != NULL))
        return gdb_run(t->p->gdb, t->vcpu, t->tid);
    why = tcg_run(t->vcpu);
    /* a breakpoint of the debugger that the sleeping parent of a vfork child has */
    return MOA_UNLIKELY(why == TCG_EXIT_DEBUG) ? tcg_step(t->vcpu) : why;
}

_Noreturn void lx_task_run(struct lx_task *t)
{
    struct tcg_vcpu *v = t->vcpu;

    for (;;) {
        enum tcg_exit_reason why;

        atomic_store(&v->exit_request, 0);
        if (MOA_UNLIKELY(atomic_load(&t->pending)))
            lx_signal_deliver(t);
        why = run(t);
        if (log_on(LOG_int))
            log_exit(t, why);
        switch (why) {
        case TCG_EXIT_SYSCALL:
            if (MOA_UNLIKELY(atomic_load(&t->pending))) { /* the signal comes before the call */
                t->p->fe->set_pc(v, lx_pc(t) - t->p->abi->svc_len);
                break;
            }
            lx_syscall(t);
            break;
        case TCG_EXIT_FAULT:
            if (!v->frontend->fault_retry || !v->frontend->fault_retry(v))
                on_fault(t);
            break;
        case TCG_EXIT_EXCEPTION:
            on_exception(t);
            break;
        default: /* a poll: signals are looked for above */
            break;
        }
    }
}

/* ---- start ---- */

static struct lx_process *process_new(const struct lx_options *opt, const struct frontend *fe,
                                      char *err, size_t len)
{
    struct lx_process *p = calloc(1, sizeof(*p));
    uint64_t limit, hwcap[4] = {0};

    if (!p) {
        snprintf(err, len, "out of memory");
        return NULL;
    }
    p->fe = fe;
    p->opt = opt;
    pthread_mutex_init(&p->lock, NULL);
    p->abi = lx_abi_find(fe);
    if (!p->abi) {
        snprintf(err, len, "Linux programs of %s are not supported", fe->name);
        return NULL;
    }
    p->cpu = fe->cpu_parse(opt->cpu ? opt->cpu : fe->models[0].name, err, len);
    if (!p->cpu)
        return NULL;
    limit = p->abi->task_size < HOST_LIMIT ? p->abi->task_size : HOST_LIMIT;
    if (opt->guest_base < limit)
        limit -= opt->guest_base;
    p->mm = lx_mm_new(opt->guest_base, limit, p->abi->mmap_top);
    p->calls = lx_calls_new(p->abi);
    if (!p->mm || !p->calls) {
        snprintf(err, len, "out of memory");
        return NULL;
    }
    if (p->mm->mmap_top > limit)
        p->mm->mmap_top = limit;
    if (opt->guest_base)
        p->mm->min_addr = opt->guest_base >= 0x10000 ? LX_PAGE : 0x10000;
    if (opt->reserved_va) {
        int r = lx_mm_reserve(p->mm, opt->reserved_va);

        if (r) {
            snprintf(err, len, "-R: cannot reserve 0x%llx bytes: %s",
                     (unsigned long long)opt->reserved_va, strerror(-r));
            return NULL;
        }
    }
    p->first_pid = getpid();
    memcpy(p->limits, opt->limits, sizeof(p->limits));
    lx_limits_apply(p);
    fe->hwcaps(p->cpu, hwcap);
    if ((hwcap[1] & p->abi->guard_hwcap2) == p->abi->guard_hwcap2)
        p->mm->prot_extra = p->abi->prot_extra;
    p->mm->code_changed = code_changed;
    p->mm->opaque = p;
    return p;
}

static int engine_start(struct lx_process *p, char *err, size_t len)
{
    struct tcg_config cfg = p->opt->engine;
    const char *why = NULL;

    cfg.vcpu_size = p->fe->vcpu_size;
    cfg.mem.user = true;
    cfg.mem.guest_base = p->mm->guest_base;
    cfg.mem.fetch = fetch;
    cfg.mem.watch_code = watch_code;
    cfg.mem.opaque = p;
    p->engine = tcg_engine_new(&cfg, &why);
    if (p->engine)
        return 0;
    snprintf(err, len, "%s", why ? why : "the translator cannot start");
    return -EINVAL;
}

static char **guest_env(const struct lx_options *opt, char **envp)
{
    size_t n = 0, m = 0;
    char **out;

    while (envp[n])
        n++;
    out = calloc(n + opt->nenv + 1, sizeof(*out));
    if (!out)
        return NULL;
    for (size_t i = 0; i < n; i++)
        out[m++] = envp[i];
    for (size_t i = 0; i < opt->nenv; i++) {
        const char *text = opt->env[i].text;
        size_t len = strcspn(text, "="), k = 0;

        for (size_t j = 0; j < m; j++) /* the new value takes the place of the old one */
            if (strncmp(out[j], text, len) != 0 || out[j][len] != '=')
                out[k++] = out[j];
        m = k;
        if (opt->env[i].set)
            out[m++] = (char *)(uintptr_t)text;
        out[m] = NULL;
    }
    return out;
}

static void set_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    prctl(PR_SET_NAME, slash ? slash + 1 : path);
}

int lx_main(const struct lx_options *opt, const struct frontend *fe, const char *path, char **argv,
            char **envp)
{
    char err[256] = "", real[PATH_MAX];
    struct lx_process *p = process_new(opt, fe, err, sizeof(err));
    struct lx_task *t;
    uint64_t sp;
    char **env;
    int fd, r;

    if (!p)
        return say(path, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && opt->exec_fd >= 0)
        fd = fcntl(opt->exec_fd, F_DUPFD_CLOEXEC, 0);
    if (opt->exec_fd >= 0) /* the guest never sees it */
        close(opt->exec_fd);
    if (fd < 0)
        return refuse(path, strerror(errno), errno);
    p->exe = strdup(realpath(path, real) ? real : path);
    /* faults while the image is read are recovered by the same handlers */
    lx_signal_init(p);
    r = lx_load(p, fd, path, &p->image, err, sizeof(err));
    close(fd);
    if (r)
        return refuse(path, err, -r);
    if (engine_start(p, err, sizeof(err)))
        return say(path, err);
    env = guest_env(opt, envp);
    r = !env || !p->exe ? -ENOMEM : lx_vdso_map(p);
    if (!r)
        r = lx_stack_setup(p, path, argv, env, &sp);
    free(env);
    t = r ? NULL : lx_task_new(p);
    if (!t)
        return say(path, r == -E2BIG ? "argument list too long for the stack" : "out of memory");
    set_name(path);
    t->first = true;
    t->tid = (int)syscall(SYS_gettid);
    t->mask = host_sigmask(NULL);
    p->tasks = t;
    p->ntasks = 1;
    tcg_attach(p->engine, t->vcpu);
    if (p->guarded) /* the loader has found a note */
        lx_guard_branches(t);
    p->abi->start(t->vcpu, p->image.entry, sp);
    lx_signal_thread_init(t);
    lx_set_self(t);
    if (opt->gdb) {
        p->gdb = lx_gdb_start(p, opt->gdb, err, sizeof(err));
        if (!p->gdb)
            return say(path, err);
        lx_signal_init(p);
        gdb_thread_begin(p->gdb, t->vcpu, t->tid);
    }
    lx_signal_apply_mask(t);
    if (p->gdb)
        gdb_attach(p->gdb, t->tid);
    lx_task_run(t);
}

void lx_at_exit(struct lx_process *p)
{
    if (p->vfork_child)
        return;
    if ((log_on(LOG_stats) || log_on(LOG_units)) && p->engine)
        tcg_stats(p->engine, log_stream());
    fflush(log_stream());
}

_Noreturn void lx_process_exit(struct lx_process *p, int code)
{
    lx_at_exit(p);
    if (p->gdb)
        gdb_exited(p->gdb, code, false);
    for (;;)
        syscall(SYS_exit_group, code);
}
