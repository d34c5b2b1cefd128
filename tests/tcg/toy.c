// SPDX-License-Identifier: MIT
/* The toy guest of the IR tests: state, memory, translation of texts, host faults. */
#include "tests/tcg/toy.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define R(n) {"r" #n, TCG_I64, offsetof(struct tcg_vcpu, hot) + 8 * n}
#define AT(n, t, f) {n, t, offsetof(struct toy, f)}
#define W(n) AT("w" #n, TCG_I32, w[n])
#define Q(n) AT("q" #n, TCG_V128, q[n])
#define E(n) AT("e" #n, TCG_F80, e[n])

static const struct tcg_unit units[TOY_UNITS] = {
    R(0), R(1), R(2), R(3), R(4), R(5), R(6), R(7), R(8), R(9), R(10), R(11), R(12), R(13), R(14),
    R(15),
    W(0), W(1), W(2), W(3), W(4), W(5), W(6), W(7),
    Q(0), Q(1), Q(2), Q(3), Q(4), Q(5), Q(6), Q(7), Q(8), Q(9), Q(10), Q(11), Q(12), Q(13), Q(14),
    Q(15),
    AT("v0", TCG_V64, vec64[0]), AT("v1", TCG_V64, vec64[1]),
    AT("s0", TCG_F32, s[0]), AT("s1", TCG_F32, s[1]),
    AT("d0", TCG_F64, d[0]), AT("d1", TCG_F64, d[1]), AT("d2", TCG_F64, d[2]),
    AT("d3", TCG_F64, d[3]),
    E(0), E(1), E(2), E(3), E(4), E(5), E(6), E(7),
    AT("fl0", TCG_FLAGS, fl[0]), AT("fl1", TCG_FLAGS, fl[1]), AT("fl2", TCG_FLAGS, fl[2]),
    AT("fl3", TCG_FLAGS, fl[3]),
};

static const uint16_t pins[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static struct toy *running; /* for the fault handler */
static struct sigaction old_segv, old_bus;

static uint64_t get_pc(const struct tcg_vcpu *v)
{
    return ((const struct toy *)v)->pc;
}

static uint64_t key(const struct tcg_vcpu *v)
{
    (void)v;
    return 0;
}

static void refuse(struct toy *t, struct tcg_builder *b, uint64_t pc)
{
    (void)t;
    tcg_exit(b, TCG_EXIT_DEBUG, tcg_imm(b, TCG_I64, pc), 0xbad, tcg_imm(b, TCG_I64, 0));
}

static unsigned last_block(const struct tcg_ir *ir)
{
    unsigned last = 0;

    for (unsigned i = 0; i < ir->nblocks; i++)
        if (ir->blocks[i].first > ir->blocks[last].first)
            last = i;
    return last;
}

static void translate(struct tcg_builder *b, struct tcg_vcpu *v, uint64_t pc, uint64_t k,
                      const struct tcg_limits *lim)
{
    struct toy *t = (struct toy *)v;
    const char *text = NULL, *err;
    struct tcg_ir tmp;
    char buf[200];
    int line;

    (void)k, (void)lim;
    t->translations++;
    b->nofold = t->mode != TOY_FOLD;
    if (t->build) {
        t->build(b, t, pc);
        return;
    }
    for (unsigned i = 0; i < t->nregions; i++)
        if (t->regions[i].pc == pc)
            text = t->regions[i].text;
    if (!text) {
        refuse(t, b, pc);
        return;
    }
    tcg_ir_init(&tmp, &toy_guest);
    line = tcg_ir_parse(t->mode == TOY_RAW ? b->ir : &tmp, text, toy_helpers, &err);
    if (line) {
        snprintf(t->error, sizeof(t->error), "region %#llx line %d: %s", (unsigned long long)pc,
                 line, err);
        tcg_builder_start(b, pc, 0);
        refuse(t, b, pc);
    } else if ((err = tcg_ir_verify(t->mode == TOY_RAW ? b->ir : &tmp, buf, sizeof(buf)))) {
        snprintf(t->error, sizeof(t->error), "region %#llx: %s", (unsigned long long)pc, err);
        tcg_builder_start(b, pc, 0);
        refuse(t, b, pc);
    } else if (t->mode == TOY_RAW) {
        b->ended = true;
        b->cur_block = last_block(b->ir);
        if (!b->ir->hi) {
            b->ir->lo = pc;
            b->ir->hi = pc + 4;
        }
    } else {
        toy_rebuild(b, &tmp);
    }
    tcg_ir_free(&tmp);
}

static void dump(const struct tcg_vcpu *v, FILE *out)
{
    fprintf(out, "pc %#llx\n", (unsigned long long)get_pc(v));
}

const struct tcg_guest toy_guest = {
    .units = units, .nunits = TOY_UNITS, .pc_offset = offsetof(struct toy, pc),
    .pins = pins, .npins = ARRAY_LEN(pins), .get_pc = get_pc, .key = key, .translate = translate,
    .dump = dump,
};

/* ---- building anew ---- */

struct rebuild {
    struct tcg_builder *b;
    const struct tcg_ir *ir;
    tcg_val *val;
    unsigned *block;
};

static tcg_val renew(const struct rebuild *rb, tcg_val v)
{
    const struct tcg_const *c;

    if (!v || !tcg_is_const(v))
        return v ? rb->val[v] : TCG_NONE;
    c = tcg_const_of(rb->ir, v);
    return tcg_ir_const(rb->b->ir, (enum tcg_type)c->type, c->lo, c->hi);
}

static void renew_branch(const struct rebuild *rb, const struct tcg_op *o)
{
    const struct tcg_edge *e[2] = {&rb->ir->edges[o->imm & 0xffff], &rb->ir->edges[o->imm >> 16]};
    unsigned to[2];
    tcg_val args[64];

    if (o->op == TCG_OP_br) {
        for (unsigned i = 0; i < e[0]->nargs; i++)
            args[i] = renew(rb, rb->ir->lists[e[0]->args + i]);
        tcg_br(rb->b, rb->block[e[0]->block], args, e[0]->nargs);
        return;
    }
    /* The builder's conditional branch has no arguments: blocks between do. */
    for (unsigned k = 0; k < 2; k++)
        to[k] = e[k]->nargs ? tcg_block_new(rb->b, false) : rb->block[e[k]->block];
    tcg_brcond(rb->b, renew(rb, o->a), to[0], to[1]);
    for (unsigned k = 0; k < 2; k++) {
        if (!e[k]->nargs)
            continue;
        tcg_block_at(rb->b, to[k]);
        for (unsigned i = 0; i < e[k]->nargs; i++)
            args[i] = renew(rb, rb->ir->lists[e[k]->args + i]);
        tcg_br(rb->b, rb->block[e[k]->block], args, e[k]->nargs);
    }
}

static tcg_val renew_op(const struct rebuild *rb, const struct tcg_op *o)
{
    struct tcg_builder *b = rb->b;
    const struct tcg_ir *ir = rb->ir;
    tcg_val x = renew(rb, o->a), y = renew(rb, o->b), z = renew(rb, o->c), args[6];
    enum tcg_type t = (enum tcg_type)o->type;
    unsigned attr = o->attr;

    switch (o->op) {
    case TCG_OP_nop: return TCG_NONE;
    case TCG_OP_block:
        if (rb->block[o->imm] != 0)
            tcg_block_at(b, rb->block[o->imm]);
        return TCG_NONE;
    case TCG_OP_param: return tcg_param(b, t);
    case TCG_OP_insn:
        tcg_insn(b, tcg_const_of(ir, o->a)->lo, o->imm, o->attr);
        return TCG_NONE;
    case TCG_OP_get: return tcg_get(b, o->imm);
    case TCG_OP_put: tcg_put(b, o->imm, x); return TCG_NONE;
    case TCG_OP_br:
    case TCG_OP_brcond: renew_branch(rb, o); return TCG_NONE;
    case TCG_OP_goto_pc:
        tcg_goto_pc(b, tcg_const_of(ir, o->a)->lo, o->sub, o->b ? tcg_const_of(ir, o->b)->lo : 0);
        return TCG_NONE;
    case TCG_OP_goto_ind:
        tcg_goto_ind(b, x, o->sub, o->b ? tcg_const_of(ir, o->b)->lo : 0);
        return TCG_NONE;
    case TCG_OP_call:
        for (unsigned i = 0; i < ir->calls[o->attr].helper->nargs; i++)
            args[i] = renew(rb, ir->calls[o->attr].args[i]);
        return tcg_call(b, ir->calls[o->attr].helper, args);
    default: break;
    }
    if (tcg_op_info[o->op].flags & TCG_OPF_MEM) {
        attr = tcg_ir_mem(b->ir, &ir->mems[o->attr]);
        if (!o->b && !o->sub && o->op == TCG_OP_load) /* the builder makes addresses */
            return tcg_load(b, t, &ir->mems[o->attr], x, (int32_t)o->imm);
        if (!o->b && !o->sub && o->op == TCG_OP_store) {
            tcg_store(b, &ir->mems[o->attr], x, (int32_t)o->imm, z);
            return TCG_NONE;
        }
    } else if (tcg_op_info[o->op].flags & TCG_OPF_FLT) {
        attr = tcg_ir_env(b->ir, &ir->envs[o->attr]);
    }
    return tcg_emit(b, (enum tcg_opcode)o->op, t, o->sub, x, y, z, attr, o->imm);
}

void toy_rebuild(struct tcg_builder *b, const struct tcg_ir *ir)
{
    struct rebuild rb = {.b = b, .ir = ir};

    rb.val = calloc(ir->nops, sizeof(*rb.val));
    rb.block = calloc(ir->nblocks, sizeof(*rb.block));
    if (!rb.val || !rb.block)
        MOA_BUG("out of memory");
    for (unsigned i = 0; i < ir->nblocks; i++) {
        if (ir->blocks[i].first == 1)
            continue; /* the entry is there */
        rb.block[i] = tcg_block_new(b, ir->blocks[i].several);
        if (ir->blocks[i].cold)
            tcg_block_cold(b, rb.block[i]);
    }
    for (unsigned i = 1; i < ir->nops; i++)
        rb.val[i] = renew_op(&rb, &ir->ops[i]);
    free(rb.val);
    free(rb.block);
}

/* ---- state ---- */

static uint8_t *home(const struct toy *t, unsigned unit)
{
    return (uint8_t *)(uintptr_t)t + units[unit].offset;
}

void toy_set(struct toy *t, unsigned unit, struct toy_value n)
{
    uint32_t w = (uint32_t)n.lo;
    uint16_t se = (uint16_t)n.hi;

    switch (units[unit].type) {
    case TCG_I32:
    case TCG_F32:
    case TCG_FLAGS: memcpy(home(t, unit), &w, 4); break;
    case TCG_V128: memcpy(home(t, unit) + 8, &n.hi, 8); memcpy(home(t, unit), &n.lo, 8); break;
    case TCG_F80: memcpy(home(t, unit) + 8, &se, 2); memcpy(home(t, unit), &n.lo, 8); break;
    default: memcpy(home(t, unit), &n.lo, 8); break;
    }
}

struct toy_value toy_get(const struct toy *t, unsigned unit)
{
    struct toy_value n = {0, 0};
    uint32_t w;
    uint16_t se;

    switch (units[unit].type) {
    case TCG_I32:
    case TCG_F32:
    case TCG_FLAGS:
        memcpy(&w, home(t, unit), 4);
        n.lo = w;
        break;
    case TCG_V128:
        memcpy(&n.lo, home(t, unit), 8);
        memcpy(&n.hi, home(t, unit) + 8, 8);
        break;
    case TCG_F80:
        memcpy(&n.lo, home(t, unit), 8);
        memcpy(&se, home(t, unit) + 8, 2);
        n.hi = se;
        break;
    default: memcpy(&n.lo, home(t, unit), 8); break;
    }
    return n;
}

int toy_unit_by_name(const char *name)
{
    for (unsigned i = 0; i < TOY_UNITS; i++)
        if (strcmp(units[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void on_fault(int sig, siginfo_t *info, void *uc)
{
    if (running && tcg_host_fault(&running->v, uc, (uintptr_t)info->si_addr, sig, info->si_code))
        return;
    signal(sig, SIG_DFL); /* ours: the access repeats and kills */
}

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    (void)v, (void)pc, (void)buf, (void)len;
    return 0;
}

struct toy *toy_new(const struct tcg_backend *backend)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    struct tcg_config cfg = {.backend = backend, .mem = {.user = true, .fetch = fetch}};
    struct toy *t = aligned_alloc(64, align_up(sizeof(*t), 64));
    struct tcg_engine *e;
    const char *err;

    if (!t)
        return NULL;
    memset(t, 0, sizeof(*t));
    t->mem = mmap(NULL, TOY_MEM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t->mem == MAP_FAILED) {
        free(t);
        return NULL;
    }
    cfg.mem.guest_base = (uintptr_t)t->mem;
    cfg.cache_bytes = 16u << 20;
    cfg.verify = true;
    t->v.guest = &toy_guest;
    e = tcg_engine_new(&cfg, &err);
    if (!e) {
        fprintf(stderr, "%s: %s\n", backend->name, err);
        munmap(t->mem, TOY_MEM);
        free(t);
        return NULL;
    }
    tcg_attach(e, &t->v);
    running = t;
    sigaction(SIGSEGV, &sa, &old_segv);
    sigaction(SIGBUS, &sa, &old_bus);
    return t;
}

struct toy *toy_new_vcpu(struct tcg_engine *e, uint8_t *mem)
{
    struct toy *t = aligned_alloc(64, align_up(sizeof(*t), 64));

    if (!t)
        return NULL;
    memset(t, 0, sizeof(*t));
    t->guest = true;
    t->mem = mem;
    t->v.guest = &toy_guest;
    tcg_attach(e, &t->v);
    return t;
}

void toy_select(struct toy *t)
{
    running = t;
}

static void drop_code(struct toy *t)
{
    for (unsigned i = 0; i < t->nregions; i++)
        free(t->regions[i].text);
    t->nregions = 0;
}

void toy_free(struct toy *t)
{
    struct tcg_engine *e = t->v.engine;

    if (t->guest) {
        drop_code(t);
        tcg_detach(e, &t->v);
        free(t);
        return;
    }
    sigaction(SIGSEGV, &old_segv, NULL);
    sigaction(SIGBUS, &old_bus, NULL);
    running = NULL;
    drop_code(t);
    tcg_detach(e, &t->v);
    tcg_engine_free(e);
    munmap(t->mem, TOY_MEM);
    free(t);
}

void toy_reset(struct toy *t)
{
    static const struct toy_value zero = {0, 0};

    tcg_invalidate(t->v.engine, 0, ~0ull);
    drop_code(t);
    if (!t->guest)
        mprotect(t->mem, TOY_MEM, PROT_READ | PROT_WRITE);
    memset(t->mem, 0, TOY_MEM);
    for (unsigned i = 0; i < TOY_UNITS; i++)
        toy_set(t, i, zero);
    tcg_fstatus_set(&t->v, 0);
    tcg_fround_set(&t->v, 0);
    memset(&t->v.exit, 0, sizeof(t->v.exit));
    t->pc = 0;
    t->translations = 0;
    t->mode = TOY_RAW;
    t->error[0] = 0;
}

void toy_protect(struct toy *t, unsigned page, int prot)
{
    mprotect(t->mem + page * TOY_PAGE, TOY_PAGE, prot);
}
