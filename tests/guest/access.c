// SPDX-License-Identifier: MIT
/* tests/guest/access.c -- a fault in every kind of memory access, in the middle of straight code with
 * live registers and flags. Each row runs once with the memory there, which gives the state that
 * is right; then against a page without rights, one that is read only, and across the border of one.
 * The handler checks pc, address, syndrome and all registers, and skips the instruction, mends the
 * mapping, or moves the base register and others elsewhere. Arm ARM, D1.13 (precise exceptions). */
#include "tests/guest/guest.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { PAGE = 4096, READ = 1, WRITE = 2, BOTH = 3, NONE = 0, ANY = 4 /* alignment: may cross */,
       ZVA = 8, NEEDS_RIGHT_TO_READ = 16 };

/* ROW(instruction in front, instruction, flags, bytes, address - x1). x1: base; x6 = 16, w7 = -32. */
#define ROWS \
    ROW("nop", "ldrb w2, [x1]", READ, 1, 0) ROW("nop", "ldrsb x2, [x1, #3]", READ, 1, 3) \
    ROW("nop", "ldrh w2, [x1, #2]", READ | ANY, 2, 2) ROW("nop", "ldrsh w2, [x1], #4", READ | ANY, 2, 0) \
    ROW("nop", "ldr w2, [x1, #8]!", READ | ANY, 4, 8) ROW("nop", "ldrsw x2, [x1, x6]", READ | ANY, 4, 16) \
    ROW("nop", "ldr x2, [x1, x6, lsl #3]", READ | ANY, 8, 128) \
    ROW("nop", "ldr x2, [x1, w7, sxtw]", READ | ANY, 8, -32) ROW("nop", "ldr x2, [x1], #-8", READ | ANY, 8, 0) \
    ROW("nop", "ldur x2, [x1, #-9]", READ | ANY, 8, -9) ROW("nop", "ldr x1, [x1, #16]", READ | ANY, 8, 16) \
    ROW("nop", "ldtr x2, [x1, #8]", READ | ANY, 8, 8) ROW("nop", "ldtrsb w2, [x1]", READ, 1, 0) \
    ROW("nop", "strb w20, [x1, #1]", WRITE, 1, 1) ROW("nop", "strh w20, [x1, #-2]!", WRITE | ANY, 2, -2) \
    ROW("nop", "str w20, [x1], #4", WRITE | ANY, 4, 0) ROW("nop", "str x20, [x1, x6]", WRITE | ANY, 8, 16) \
    ROW("nop", "str xzr, [x1, #24]", WRITE | ANY, 8, 24) ROW("nop", "stur x20, [x1, #-5]", WRITE | ANY, 8, -5) \
    ROW("nop", "sttr x20, [x1, #8]", WRITE | ANY, 8, 8) ROW("nop", "sttrh w20, [x1]", WRITE | ANY, 2, 0) \
    ROW("nop", "ldp x2, x3, [x1]", READ | ANY, 16, 0) ROW("nop", "ldp w2, w3, [x1, #8]!", READ | ANY, 8, 8) \
    ROW("nop", "ldpsw x2, x3, [x1], #-8", READ | ANY, 8, 0) ROW("nop", "ldp x2, x1, [x1, #16]", READ | ANY, 16, 16) \
    ROW("nop", "ldnp x2, x3, [x1, #16]", READ | ANY, 16, 16) ROW("nop", "ldp q2, q3, [x1], #32", READ | ANY, 32, 0) \
    ROW("nop", "ldp d2, d3, [x1, #-16]!", READ | ANY, 16, -16) ROW("nop", "ldp s2, s3, [x1]", READ | ANY, 8, 0) \
    ROW("nop", "stp x20, x21, [x1, #-16]!", WRITE | ANY, 16, -16) ROW("nop", "stp w20, w21, [x1], #8", WRITE | ANY, 8, 0) \
    ROW("nop", "stnp x20, x21, [x1]", WRITE | ANY, 16, 0) ROW("nop", "stp q20, q21, [x1, #32]", WRITE | ANY, 32, 32) \
    ROW("nop", "stp d20, d21, [x1, #16]!", WRITE | ANY, 16, 16) \
    ROW("nop", "ldr b2, [x1]", READ, 1, 0) ROW("nop", "ldr h2, [x1, #2]", READ | ANY, 2, 2) \
    ROW("nop", "ldr s2, [x1], #4", READ | ANY, 4, 0) ROW("nop", "ldr d2, [x1, #8]!", READ | ANY, 8, 8) \
    ROW("nop", "ldr q2, [x1, x6, lsl #4]", READ | ANY, 16, 256) ROW("nop", "ldur q2, [x1, #-7]", READ | ANY, 16, -7) \
    ROW("nop", "str b20, [x1]", WRITE, 1, 0) ROW("nop", "str h20, [x1], #2", WRITE | ANY, 2, 0) \
    ROW("nop", "str s20, [x1, #4]", WRITE | ANY, 4, 4) ROW("nop", "str d20, [x1, #-8]!", WRITE | ANY, 8, -8) \
    ROW("nop", "str q20, [x1]", WRITE | ANY, 16, 0) ROW("nop", "stur q20, [x1, #-3]", WRITE | ANY, 16, -3) \
    ROW("nop", "ldar x2, [x1]", READ, 8, 0) ROW("nop", "ldarb w2, [x1]", READ, 1, 0) \
    ROW("nop", "ldlar w2, [x1]", READ, 4, 0) ROW("nop", "ldapr x2, [x1]", READ, 8, 0) \
    ROW("nop", "ldapur w2, [x1, #-4]", READ, 4, -4) ROW("nop", "ldapursb x2, [x1, #5]", READ, 1, 5) \
    ROW("nop", "stlr x20, [x1]", WRITE, 8, 0) ROW("nop", "stlrh w20, [x1]", WRITE, 2, 0) \
    ROW("nop", "stllr w20, [x1]", WRITE, 4, 0) ROW("nop", "stlur x20, [x1, #16]", WRITE, 8, 16) \
    ROW("nop", "ldxr x2, [x1]", READ, 8, 0) ROW("nop", "ldaxrb w2, [x1]", READ, 1, 0) \
    ROW("nop", "ldxp x2, x3, [x1]", READ, 16, 0) ROW("nop", "ldaxp w2, w3, [x1]", READ, 8, 0) \
    ROW("ldxr x4, [x1]", "stxr w5, x20, [x1]", WRITE | NEEDS_RIGHT_TO_READ, 8, 0) \
    ROW("ldaxrh w4, [x1]", "stlxrh w5, w20, [x1]", WRITE | NEEDS_RIGHT_TO_READ, 2, 0) \
    ROW("ldxp x4, x3, [x1]", "stxp w5, x20, x21, [x1]", WRITE | NEEDS_RIGHT_TO_READ, 16, 0) \
    ROW("ldxp w4, w3, [x1]", "stlxp w5, w20, w21, [x1]", WRITE | NEEDS_RIGHT_TO_READ, 8, 0) \
    ROW("nop", "ldadd x20, x2, [x1]", BOTH, 8, 0) ROW("nop", "ldclralb w20, w2, [x1]", BOTH, 1, 0) \
    ROW("nop", "ldeorh w20, w2, [x1]", BOTH, 2, 0) ROW("nop", "ldseta w20, w2, [x1]", BOTH, 4, 0) \
    ROW("nop", "ldsmax x20, x2, [x1]", BOTH, 8, 0) ROW("nop", "ldumin w20, w2, [x1]", BOTH, 4, 0) \
    ROW("nop", "stadd x20, [x1]", BOTH, 8, 0) ROW("nop", "swpal x20, x2, [x1]", BOTH, 8, 0) \
    ROW("nop", "swpb w20, w2, [x1]", BOTH, 1, 0) ROW("nop", "cas x20, x21, [x1]", BOTH, 8, 0) \
    ROW("nop", "casalb w20, w21, [x1]", BOTH, 1, 0) ROW("nop", "casp x20, x21, x22, x23, [x1]", BOTH, 16, 0) \
    ROW("nop", "caspal w20, w21, w22, w23, [x1]", BOTH, 8, 0) \
    ROW("nop", "ld1 {v2.16b}, [x1]", READ | ANY, 16, 0) ROW("nop", "ld1 {v2.8h-v5.8h}, [x1], #64", READ | ANY, 64, 0) \
    ROW("nop", "ld1 {v2.1d, v3.1d}, [x1], x6", READ | ANY, 16, 0) ROW("nop", "ld2 {v2.4s, v3.4s}, [x1]", READ | ANY, 32, 0) \
    ROW("nop", "ld3 {v2.16b-v4.16b}, [x1], #48", READ | ANY, 48, 0) ROW("nop", "ld4 {v2.2d-v5.2d}, [x1], x6", READ | ANY, 64, 0) \
    ROW("nop", "ld1r {v2.4s}, [x1]", READ | ANY, 4, 0) ROW("nop", "ld4r {v2.8b-v5.8b}, [x1], #4", READ | ANY, 4, 0) \
    ROW("nop", "ld1 {v2.d}[1], [x1], #8", READ | ANY, 8, 0) ROW("nop", "ld3 {v2.h-v4.h}[5], [x1]", READ | ANY, 6, 0) \
    ROW("nop", "st1 {v20.16b}, [x1], x6", WRITE | ANY, 16, 0) ROW("nop", "st1 {v20.4s-v22.4s}, [x1]", WRITE | ANY, 48, 0) \
    ROW("nop", "st2 {v20.8h, v21.8h}, [x1], #32", WRITE | ANY, 32, 0) ROW("nop", "st3 {v20.2d-v22.2d}, [x1]", WRITE | ANY, 48, 0) \
    ROW("nop", "st4 {v20.16b-v23.16b}, [x1], #64", WRITE | ANY, 64, 0) \
    ROW("nop", "st1 {v20.s}[3], [x1], #4", WRITE | ANY, 4, 0) ROW("nop", "st4 {v20.b-v23.b}[9], [x1], x6", WRITE | ANY, 4, 0) \
    ROW("nop", "dc zva, x1", WRITE | ZVA, 64, 0) ROW("nop", "prfm pldl1keep, [x1]", NONE, 8, 0) \
    ROW("nop", "prfm pstl1keep, [x1, #64]", NONE, 8, 64) ROW("nop", "prfum pldl2strm, [x1, #-5]", NONE, 8, -5)

__asm__(".pushsection .rodata\n.arch armv8.6-a\n.balign 4\nwords:\n"
#define ROW(before, text, flags, bytes, at) before "\n" text "\n"
        ROWS
#undef ROW
        ".popsection\n");
extern const uint32_t words[][2];

static const struct row {
    const char *text;
    int flags, bytes, at;
} rows[] = {
#define ROW(before, text, flags, bytes, at) { text, flags, bytes, at },
    ROWS
#undef ROW
};

struct state { /* order known to run_code below */
    uint64_t x[31], nzcv, fpsr, code, own_sp;
    uint64_t pad;
    uint64_t v[32][2];
};

/* x28 is the state; code ends with "br x30" to the label inside. */
void run_code(struct state *s);
__asm__(".text\n.balign 4\nrun_code:\n"
        " stp x19, x20, [sp, #-160]!\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n"
        " stp x25, x26, [sp, #48]\n stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
        " stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n"
        " stp d14, d15, [sp, #144]\n"
        " mov x28, x0\n mov x1, sp\n str x1, [x28, #272]\n"
        " ldr x1, [x28, #248]\n msr nzcv, x1\n ldr x1, [x28, #256]\n msr fpsr, x1\n"
        " add x1, x28, #288\n ld1 {v0.2d-v3.2d}, [x1], #64\n ld1 {v4.2d-v7.2d}, [x1], #64\n"
        " ld1 {v8.2d-v11.2d}, [x1], #64\n ld1 {v12.2d-v15.2d}, [x1], #64\n"
        " ld1 {v16.2d-v19.2d}, [x1], #64\n ld1 {v20.2d-v23.2d}, [x1], #64\n"
        " ld1 {v24.2d-v27.2d}, [x1], #64\n ld1 {v28.2d-v31.2d}, [x1]\n"
        " ldp x0, x1, [x28]\n ldp x2, x3, [x28, #16]\n ldp x4, x5, [x28, #32]\n"
        " ldp x6, x7, [x28, #48]\n ldp x8, x9, [x28, #64]\n ldp x10, x11, [x28, #80]\n"
        " ldp x12, x13, [x28, #96]\n ldp x14, x15, [x28, #112]\n ldp x16, x17, [x28, #128]\n"
        " ldp x18, x19, [x28, #144]\n ldp x20, x21, [x28, #160]\n ldp x22, x23, [x28, #176]\n"
        " ldp x24, x25, [x28, #192]\n ldp x26, x27, [x28, #208]\n ldr x29, [x28, #232]\n"
        " ldr x30, [x28, #264]\n blr x30\n"
        " stp x0, x1, [x28]\n stp x2, x3, [x28, #16]\n stp x4, x5, [x28, #32]\n"
        " stp x6, x7, [x28, #48]\n stp x8, x9, [x28, #64]\n stp x10, x11, [x28, #80]\n"
        " stp x12, x13, [x28, #96]\n stp x14, x15, [x28, #112]\n stp x16, x17, [x28, #128]\n"
        " stp x18, x19, [x28, #144]\n stp x20, x21, [x28, #160]\n stp x22, x23, [x28, #176]\n"
        " stp x24, x25, [x28, #192]\n stp x26, x27, [x28, #208]\n str x29, [x28, #232]\n"
        " mrs x1, nzcv\n str x1, [x28, #248]\n mrs x1, fpsr\n str x1, [x28, #256]\n"
        " add x1, x28, #288\n st1 {v0.2d-v3.2d}, [x1], #64\n st1 {v4.2d-v7.2d}, [x1], #64\n"
        " st1 {v8.2d-v11.2d}, [x1], #64\n st1 {v12.2d-v15.2d}, [x1], #64\n"
        " st1 {v16.2d-v19.2d}, [x1], #64\n st1 {v20.2d-v23.2d}, [x1], #64\n"
        " st1 {v24.2d-v27.2d}, [x1], #64\n st1 {v28.2d-v31.2d}, [x1]\n"
        " ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n ldp x25, x26, [sp, #48]\n"
        " ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n"
        " ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n"
        " ldp d14, d15, [sp, #144]\n ldp x19, x20, [sp], #160\n ret\n");

enum action { SKIP, MEND, MOVE };

static uint8_t *area, *code_page;         /* area: five pages, the third and fourth change rights */
static struct state at_fault;             /* what the handler must see */
static const struct row *row;
static enum action action;
static uint64_t want_addr, addr_len;
static int faults, other_rights;
static uint64_t insn_pc;

static uint64_t mix(uint64_t n)
{
    n *= 0x9e3779b97f4a7c15ull;
    return n ^ n >> 29;
}

static void fill(struct state *s, uint64_t base)
{
    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < 30; i++)
        s->x[i] = mix(i + 1);
    s->x[1] = base;
    s->x[6] = 16;
    s->x[7] = 0xabcd0000ffffffe0ull; /* w7: -32 */
    for (unsigned i = 0; i < 32; i++) {
        s->v[i][0] = mix(100 + i);
        s->v[i][1] = mix(200 + i);
    }
    s->nzcv = 0x60000000;
    s->code = (uintptr_t)code_page;
}

static void *find_context(mcontext_t *mc, uint32_t want)
{
    uint8_t *p = (uint8_t *)mc->__reserved;

    for (;;) {
        uint32_t magic, size;

        memcpy(&magic, p, 4);
        memcpy(&size, p + 4, 4);
        CHECK(magic);
        if (magic == want)
            return p;
        p += size;
    }
}

#define SHOULD(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s, action %d: %s\n", row->text, action, #cond);                      \
            fprintf(stderr, "address %#lx, wanted %#lx + %ld, pc %#lx of %#lx\n",                  \
                    (unsigned long)got_addr, (unsigned long)want_addr, (long)addr_len,             \
                    (unsigned long)got_pc, (unsigned long)insn_pc);                                \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static uint64_t got_addr, got_pc;

static void on_fault(int sig, siginfo_t *info, void *ctx)
{
    mcontext_t *mc = &((ucontext_t *)ctx)->uc_mcontext;
    struct { uint32_t magic, size, fpsr, fpcr; __uint128_t v[32]; } *fp;
    struct { uint32_t magic, size; uint64_t esr; } *esr;
    bool writes = row->flags & WRITE;

    got_addr = (uintptr_t)info->si_addr;
    got_pc = mc->pc;
    faults++;
    SHOULD(faults < 10);
    SHOULD(sig == SIGSEGV && info->si_code == SEGV_ACCERR);
    SHOULD(mc->pc == insn_pc);
    SHOULD(got_addr - want_addr < addr_len);
    SHOULD(mc->fault_address == got_addr);
    esr = find_context(mc, 0x45535201);
    SHOULD(esr->esr >> 26 == 0x24); /* data abort from a lower level */
    SHOULD((esr->esr & 0x3c) == 0x0c); /* permission fault */
    /* WnR of an update is 0 where a read would have failed too. */
    SHOULD((esr->esr >> 6 & 1) ==
           (writes && ((row->flags & BOTH) != BOTH || other_rights == PROT_READ)));
    for (unsigned i = 0; i < 30; i++)
        if (i != 28)
            SHOULD(mc->regs[i] == at_fault.x[i]);
    SHOULD((mc->pstate & 0xf0000000) == at_fault.nzcv);
    fp = find_context(mc, 0x46508001);
    SHOULD(fp->fpsr == at_fault.fpsr);
    for (unsigned i = 0; i < 32; i++)
        SHOULD((uint64_t)fp->v[i] == at_fault.v[i][0] &&
               (uint64_t)(fp->v[i] >> 64) == at_fault.v[i][1]);
    switch (action) {
    case SKIP:
        mc->pc += 4;
        break;
    case MEND:
        CHECK(mprotect(area + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE) == 0);
        break;
    case MOVE:
        mc->regs[1] -= 2 * PAGE;
        mc->regs[20] = ~mc->regs[20];
        mc->pstate ^= 0xf0000000;
        fp->v[20] = ~fp->v[20];
        fp->v[31] = 5;
        break;
    }
}

static uint8_t pattern[PAGE];

static void fill_area(void)
{
    CHECK(mprotect(area, 5 * PAGE, PROT_READ | PROT_WRITE) == 0);
    for (unsigned i = 0; i < 5; i++)
        memcpy(area + i * PAGE, pattern, PAGE);
}

/* add x19, x19, #1; adds x24, x24, x25; add v30.2d, v30.2d, v29.2d; then the row; then
 * add x26, x26, #7; eor v28.16b, v28.16b, v27.16b; ret */
static void make_code(unsigned n)
{
    uint32_t *c = (uint32_t *)code_page;

    c[0] = 0x91000673;
    c[1] = 0xab190318;
    c[2] = words[n][0];
    c[3] = 0x4efd87de;
    c[4] = words[n][1];
    c[5] = 0x91001f5a;
    c[6] = 0x6e3b1f9c;
    c[7] = 0xd65f03c0;
    __builtin___clear_cache((char *)c, (char *)(c + 8));
    insn_pc = (uintptr_t)(c + 4);
    row = &rows[n];
}

/* What the code in front of the row does. */
static void before(struct state *s)
{
    uint64_t a = s->x[24], b = s->x[25], r = a + b;

    s->x[19]++;
    s->x[24] = r;
    s->nzcv = (r >> 63) << 31 | (uint64_t)(r == 0) << 30 | (uint64_t)(r < a) << 29 |
              ((a ^ r) & (b ^ r)) >> 63 << 28;
    s->v[30][0] += s->v[29][0];
    s->v[30][1] += s->v[29][1];
}

static void after(struct state *s)
{
    s->x[26] += 7;
    s->v[28][0] ^= s->v[27][0];
    s->v[28][1] ^= s->v[27][1];
}

/* The results of a load exclusive in front of the row. */
static void exclusive(struct state *s, uint64_t base)
{
    uint64_t d[2];

    memcpy(d, (void *)base, 16);
    switch (row->bytes) {
    case 2: s->x[4] = (uint16_t)d[0]; break;
    case 8:
        s->x[4] = d[0];
        if (strstr(row->text, "xp")) {
            s->x[4] = (uint32_t)d[0];
            s->x[3] = d[0] >> 32;
        }
        break;
    default: s->x[4] = d[0]; s->x[3] = d[1]; break;
    }
}

static void same(const struct state *got, const struct state *want, uint64_t moved)
{
    for (unsigned i = 0; i < 30; i++)
        if (i != 28) {
            uint64_t w = want->x[i];

            if (i == 1 && w - ((uintptr_t)area) < 5u * PAGE)
                w -= moved;
            if (got->x[i] != w) {
                fprintf(stderr, "%s, action %d: x%u is %#lx, not %#lx\n", row->text, action, i,
                        (unsigned long)got->x[i], (unsigned long)w);
                _exit(1);
            }
        }
    SHOULD(got->nzcv == want->nzcv);
    SHOULD(got->fpsr == want->fpsr);
    SHOULD(memcmp(got->v, want->v, sizeof(got->v)) == 0);
}

static uint8_t image[5 * PAGE];

static void one(unsigned n, bool cross, int rights)
{
    uint64_t base = (uintptr_t)area + (cross ? 2 * PAGE : 2 * PAGE + 1024) - (uint64_t)(int64_t)rows[n].at;
    struct state s, right;

    make_code(n);
    other_rights = rights;
    if (cross)
        base -= row->bytes / 2;
    for (action = SKIP; action <= MOVE; action++) {
        if (action == MOVE && (cross || !(row->flags & BOTH)))
            continue; /* across: two pages down is no border; without a fault nothing moves */
        /* the state that is right: two pages down when the handler moves there */
        fill_area();
        fill(&right, action == MOVE ? base - 2 * PAGE : base);
        if (action == MOVE) { /* as the handler changes it; the code in front does not use these */
            right.x[20] = ~right.x[20];
            right.v[20][0] = ~right.v[20][0];
            right.v[20][1] = ~right.v[20][1];
            right.v[31][0] = 5;
            right.v[31][1] = 0;
        }
        faults = 0;
        run_code(&right);
        CHECK(faults == 0);
        memcpy(image, area, sizeof(image));
        fill_area();
        fill(&s, base);
        at_fault = s;
        before(&at_fault);
        if (row->flags & NEEDS_RIGHT_TO_READ)
            exclusive(&at_fault, base);
        want_addr = cross ? (uintptr_t)area + 2 * PAGE : base + (uint64_t)(int64_t)row->at;
        addr_len = cross ? 1 : (uint64_t)row->bytes;
        CHECK(mprotect(area + 2 * PAGE, 2 * PAGE, rights) == 0);
        run_code(&s);
        if (!(row->flags & BOTH)) {
            CHECK(faults == 0);
            same(&s, &right, 0);
            continue;
        }
        SHOULD(faults == 1);
        if (action == SKIP) {
            struct state want = at_fault;

            after(&want);
            same(&s, &want, 0);
            continue;
        }
        if (row->flags & NEEDS_RIGHT_TO_READ) { /* a signal clears the monitor: the store fails */
            SHOULD(s.x[5] == 1);
            s.x[5] = right.x[5];
            if (action == MOVE)
                s.x[4] = right.x[4], s.x[3] = right.x[3];
            memcpy(image, area, sizeof(image));
        }
        if (action == MOVE)
            right.nzcv ^= 0xf0000000; /* no row changes flags */
        same(&s, &right, 0);
        CHECK(mprotect(area, 5 * PAGE, PROT_READ | PROT_WRITE) == 0);
        SHOULD(memcmp(image, area, sizeof(image)) == 0);
    }
}

/* Memory copy and set (FEAT_MOPS) into pages without rights: registers tell how far it came. */
static uint64_t mops_steps;

static void on_mops(int sig, siginfo_t *info, void *ctx)
{
    (void)sig, (void)ctx;
    CHECK((uintptr_t)info->si_addr - (uintptr_t)area < 5 * PAGE);
    mops_steps++;
    CHECK(mops_steps < 10);
    CHECK(mprotect((void *)((uintptr_t)info->si_addr & ~4095ul), PAGE, PROT_READ | PROT_WRITE) == 0);
}

static void mops(void)
{
    struct sigaction sa = {.sa_sigaction = on_mops, .sa_flags = SA_SIGINFO};
    register uint64_t to __asm__("x0"), from __asm__("x1"), n __asm__("x2");

    if (!(getauxval(AT_HWCAP2) >> 43 & 1))
        return;
    sigaction(SIGSEGV, &sa, NULL);
    fill_area();
    for (unsigned i = 0; i < 2 * PAGE; i++)
        area[i] = (uint8_t)mix(i);
    CHECK(mprotect(area + 2 * PAGE, 3 * PAGE, PROT_NONE) == 0);
    to = (uintptr_t)area + 2 * PAGE + 5;
    from = (uintptr_t)area + 3;
    n = 2 * PAGE - 100;
    /* cpyp [x0]!, [x1]!, x2!; cpym; cpye */
    __asm__ volatile(".inst 0x1d010440\n.inst 0x1d410440\n.inst 0x1d810440"
                     : "+r"(to), "+r"(from), "+r"(n) : : "memory", "cc");
    CHECK(n == 0 && to == (uintptr_t)area + 4 * PAGE + 5 - 100 && from == (uintptr_t)area + 3 + 2 * PAGE - 100);
    CHECK(mops_steps == 2);
    CHECK(memcmp(area + 2 * PAGE + 5, area + 3, 2 * PAGE - 100) == 0);
    CHECK(mprotect(area + 4 * PAGE, PAGE, PROT_NONE) == 0);
    to = (uintptr_t)area + 4 * PAGE - 7;
    from = 0x5a;
    n = 20;
    /* setp [x0]!, x2!, x1; setm; sete */
    __asm__ volatile(".inst 0x19c10440\n.inst 0x19c14440\n.inst 0x19c18440"
                     : "+r"(to), "+r"(from), "+r"(n) : : "memory", "cc");
    CHECK(n == 0 && mops_steps == 3);
    for (unsigned i = 0; i < 20; i++)
        CHECK(area[4 * PAGE - 7 + i] == 0x5a);
}

/* Source and destination overlap by less than the steps in which they are copied: a step that is
 * left in its middle must not read again what it has overwritten (-accel tcg,x-leave). */
static void mops_overlap(void)
{
    register uint64_t to __asm__("x0"), from __asm__("x1"), n __asm__("x2");

    if (!(getauxval(AT_HWCAP2) >> 43 & 1))
        return;
    for (int by = -70; by <= 70; by += 7) {
        for (unsigned i = 0; i < PAGE; i++)
            image[i] = area[i] = (uint8_t)mix(i);
        to = (uintptr_t)area + 512;
        from = to + (uint64_t)(int64_t)by;
        n = 700;
        /* cpyp [x0]!, [x1]!, x2!; cpym; cpye */
        __asm__ volatile(".inst 0x1d010440\n.inst 0x1d410440\n.inst 0x1d810440"
                         : "+r"(to), "+r"(from), "+r"(n) : : "memory", "cc");
        CHECK(n == 0 && memcmp(area + 512, image + 512 + by, 700) == 0);
        CHECK(memcmp(area, image, 512) == 0);
        CHECK(memcmp(area + 1212, image + 1212, PAGE - 1212) == 0);
    }
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    area = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    code_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED && code_page != MAP_FAILED);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    for (unsigned i = 0; i < PAGE; i++)
        pattern[i] = (uint8_t)mix(i + 1000);
    for (unsigned n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        int flags = rows[n].flags;

        if (!(flags & NEEDS_RIGHT_TO_READ)) {
            one(n, false, PROT_NONE);
            if (flags & ANY)
                one(n, true, PROT_NONE);
        }
        if (flags & WRITE) {
            one(n, false, PROT_READ);
            if (flags & ANY)
                one(n, true, PROT_READ);
        }
    }
    mops();
    CHECK(mprotect(area, 5 * PAGE, PROT_READ | PROT_WRITE) == 0);
    mops_overlap();
    passed("access");
}
