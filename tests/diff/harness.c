/* SPDX-License-Identifier: MIT */
/* tests/diff/harness.c -- arm64 program that runs short random instruction sequences and reports
 * what they did. Runs under any emulator; built without a C library, at a fixed address, so that
 * all of them see the same memory.
 *
 * Standard input: sequences of {u32 seed, u32 count, u32 words[count]}. Each runs from registers and
 * memory made from its seed. An instruction that raises a signal is skipped; the signal is part of
 * the result. x28 holds the address of the state and is not touched by sequences.
 * Standard output: one 64-bit hash a sequence; with an argument, the whole result as text. */
#include <stddef.h>
#include <stdint.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>

enum { BUF = 8192, CHUNK = 128, MAX_WORDS = 256, MAX_SIGS = 64, INPUT = 1 << 20 };

struct state {
    uint64_t x[31];       /* 0 */
    uint64_t sp;          /* 248 */
    uint64_t nzcv;        /* 256 */
    uint64_t fpcr, fpsr;  /* 264, 272 */
    uint64_t code;        /* 280 */
    uint64_t own_sp;      /* 288 */
    uint64_t nsigs;       /* 296 */
    uint8_t v[32][16];    /* 304 */
    struct { uint64_t sig, code, addr, pc; } sigs[MAX_SIGS];
    uint8_t buf[BUF] __attribute__((aligned(4096)));
};
/* The generator knows the distance from x28 to the buffer: 4096. */
_Static_assert(offsetof(struct state, v) == 304 && offsetof(struct state, buf) == 4096, "");

static struct state st __attribute__((aligned(4096)));
static uint32_t arena[CHUNK * (MAX_WORDS + 1)] __attribute__((aligned(4096)));
static uint32_t input[INPUT / 4];
static uint8_t alt_stack[65536] __attribute__((aligned(16)));

/* ---- system ---- */

static long sys(long nr, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                  x2 __asm__("x2") = c, x3 __asm__("x3") = d;

    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

void *memset(void *p, int c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((volatile uint8_t *)p)[i] = (uint8_t)c;
    return p;
}

void *memcpy(void *p, const void *q, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((volatile uint8_t *)p)[i] = ((const uint8_t *)q)[i];
    return p;
}

void leave_sequence(void);
void run_sequence(struct state *s);
__asm__(
    ".text\n.global _start, run_sequence, leave_sequence\n"
    "_start: ldr x0, [sp]\n bl start\n"
    "run_sequence:\n"
    " stp x19, x20, [sp, #-96]!\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n"
    " stp x25, x26, [sp, #48]\n stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
    " mov x28, x0\n mov x1, sp\n str x1, [x28, #288]\n"
    " ldr x1, [x28, #248]\n mov sp, x1\n ldr x1, [x28, #256]\n msr nzcv, x1\n"
    " ldr x1, [x28, #264]\n msr fpcr, x1\n ldr x1, [x28, #272]\n msr fpsr, x1\n"
    " add x1, x28, #304\n"
    " ldp q0, q1, [x1]\n ldp q2, q3, [x1, #32]\n ldp q4, q5, [x1, #64]\n"
    " ldp q6, q7, [x1, #96]\n ldp q8, q9, [x1, #128]\n ldp q10, q11, [x1, #160]\n"
    " ldp q12, q13, [x1, #192]\n ldp q14, q15, [x1, #224]\n ldp q16, q17, [x1, #256]\n"
    " ldp q18, q19, [x1, #288]\n ldp q20, q21, [x1, #320]\n ldp q22, q23, [x1, #352]\n"
    " ldp q24, q25, [x1, #384]\n ldp q26, q27, [x1, #416]\n ldp q28, q29, [x1, #448]\n"
    " ldp q30, q31, [x1, #480]\n"
    " ldp x0, x1, [x28]\n ldp x2, x3, [x28, #16]\n ldp x4, x5, [x28, #32]\n"
    " ldp x6, x7, [x28, #48]\n ldp x8, x9, [x28, #64]\n ldp x10, x11, [x28, #80]\n"
    " ldp x12, x13, [x28, #96]\n ldp x14, x15, [x28, #112]\n ldp x16, x17, [x28, #128]\n"
    " ldp x18, x19, [x28, #144]\n ldp x20, x21, [x28, #160]\n ldp x22, x23, [x28, #176]\n"
    " ldp x24, x25, [x28, #192]\n ldp x26, x27, [x28, #208]\n ldr x29, [x28, #232]\n"
    " ldr x30, [x28, #280]\n br x30\n"
    "leave_sequence:\n"
    " stp x0, x1, [x28]\n stp x2, x3, [x28, #16]\n stp x4, x5, [x28, #32]\n"
    " stp x6, x7, [x28, #48]\n stp x8, x9, [x28, #64]\n stp x10, x11, [x28, #80]\n"
    " stp x12, x13, [x28, #96]\n stp x14, x15, [x28, #112]\n stp x16, x17, [x28, #128]\n"
    " stp x18, x19, [x28, #144]\n stp x20, x21, [x28, #160]\n stp x22, x23, [x28, #176]\n"
    " stp x24, x25, [x28, #192]\n stp x26, x27, [x28, #208]\n stp x29, x30, [x28, #232]\n"
    " mov x1, sp\n str x1, [x28, #248]\n mrs x1, nzcv\n str x1, [x28, #256]\n"
    " mrs x1, fpcr\n str x1, [x28, #264]\n mrs x1, fpsr\n str x1, [x28, #272]\n msr fpcr, xzr\n"
    " clrex\n"
    " add x1, x28, #304\n"
    " stp q0, q1, [x1]\n stp q2, q3, [x1, #32]\n stp q4, q5, [x1, #64]\n"
    " stp q6, q7, [x1, #96]\n stp q8, q9, [x1, #128]\n stp q10, q11, [x1, #160]\n"
    " stp q12, q13, [x1, #192]\n stp q14, q15, [x1, #224]\n stp q16, q17, [x1, #256]\n"
    " stp q18, q19, [x1, #288]\n stp q20, q21, [x1, #320]\n stp q22, q23, [x1, #352]\n"
    " stp q24, q25, [x1, #384]\n stp q26, q27, [x1, #416]\n stp q28, q29, [x1, #448]\n"
    " stp q30, q31, [x1, #480]\n"
    " ldr x1, [x28, #288]\n mov sp, x1\n"
    " ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n ldp x25, x26, [sp, #48]\n"
    " ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n ldp x19, x20, [sp], #96\n ret\n");

static void on_signal(int sig, siginfo_t *si, void *ucp)
{
    struct ucontext *uc = ucp;
    uint64_t pc = uc->uc_mcontext.pc, addr = (uint64_t)si->si_addr;

    if (st.nsigs < MAX_SIGS) {
        st.sigs[st.nsigs].sig = (uint64_t)sig;
        /* Linux says ILL_ILLOPC, qemu ILL_ILLOPN */
        st.sigs[st.nsigs].code = sig == SIGILL ? 0 : (uint64_t)si->si_code;
        st.sigs[st.nsigs].addr = addr >> 47 ? ~0ull : addr;
        st.sigs[st.nsigs].pc = pc - st.code;
    }
    st.nsigs++;
    if (pc >= (uint64_t)arena && pc < (uint64_t)arena + sizeof(arena) && st.nsigs < 1000) {
        uc->uc_mcontext.pc = pc + 4;
    } else { /* it went astray */
        uc->uc_mcontext.pc = (uint64_t)leave_sequence;
        uc->uc_mcontext.regs[28] = (uint64_t)&st;
    }
}

static void catch(int sig)
{
    /* the kernel's own structure: no restorer on arm64 */
    struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } sa;

    sa.handler = (void *)on_signal;
    sa.flags = SA_SIGINFO | SA_ONSTACK;
    sa.restorer = NULL;
    sa.mask = ~0ul;
    sys(__NR_rt_sigaction, sig, (long)&sa, 0, 8);
}

/* ---- random states ---- */

static uint64_t rng;

static uint64_t next(void)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint64_t some_integer(void)
{
    uint64_t r = next(), v = next();

    switch (r & 15) {
    case 0:
        return 0;
    case 1:
        return ~0ull;
    case 2:
        return 1ull << (v & 63);
    case 3:
        return ~(1ull << (v & 63));
    case 4:
        return (1ull << (v & 63)) - 1;
    case 5:
        return v & 0xff;
    case 6:
        return (uint64_t)(int64_t)(int32_t)v;
    case 7:
        return (uint32_t)v;
    case 8:
        return v & 0x8000800080008000ull;
    default:
        return v;
    }
}

/* 16 bytes that are interesting as floats of all sizes. */
static void some_vector(uint8_t *to)
{
    static const uint64_t f64[] = {
        0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000,
        0xfff0000000000000, 0x7ff8000000000001, 0x7ff4000000000001, 1, 0x000fffffffffffff,
        0x0010000000000000, 0x7fefffffffffffff, 0x43e0000000000000, 0x41dfffffffc00000,
        0x3fe0000000000000, 0x4330000000000001, 0x36a0000000000000, 0x380fffffe0000000,
    };
    static const uint32_t f32[] = {
        0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00001, 0x7fa00001, 1,
        0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0x3f000000, 0x4b000001, 0x477fe000,
        0x477ff000, 0x33000000, 0x387fc000,
    };
    static const uint16_t f16[] = {
        0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e01, 0x7d01, 1, 0x03ff, 0x0400, 0x7bff,
        0x3800, 0x6401,
    };
    uint64_t w[2];

    for (unsigned i = 0; i < 2; i++) {
        uint64_t r = next(), v = next();

        switch (r & 7) {
        case 0:
            v = f64[v % (sizeof(f64) / 8)];
            break;
        case 1: /* near one another in exponent */
            v = (v & 0x801fffffffffffffull) | 0x3fe0000000000000ull;
            break;
        case 2:
            v = f32[v % (sizeof(f32) / 4)] |
                (uint64_t)f32[(v >> 32) % (sizeof(f32) / 4)] << 32;
            break;
        case 3:
            v = (v & 0x81ffffff81ffffffull) | 0x3e0000003e000000ull;
            break;
        case 4: {
            uint64_t h = v;

            v = 0;
            for (unsigned k = 0; k < 4; k++, h >>= 16)
                v |= (uint64_t)f16[(h & 0xffff) % (sizeof(f16) / 2)] << 16 * k;
            break;
        }
        case 5:
            v = some_integer();
            break;
        }
        w[i] = v;
    }
    memcpy(to, w, 16);
}

static void make_state(uint32_t seed, const uint32_t *code)
{
    rng = seed * 0x2545f4914f6cdd1dull;
    for (unsigned i = 0; i < 31; i++)
        st.x[i] = some_integer();
    st.sp = (uint64_t)st.buf + BUF / 2;
    st.nzcv = next() & 0xf0000000;
    st.fpcr = next() & 1 ? 0 : next() & 0x07c80000;
    st.fpsr = 0;
    st.code = (uint64_t)code;
    st.nsigs = 0;
    for (unsigned i = 0; i < 32; i++)
        some_vector(st.v[i]);
    for (unsigned i = 0; i < BUF; i += 8)
        *(uint64_t *)(st.buf + i) = next();
}

/* ---- results ---- */

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const uint64_t *w = p;

    for (size_t i = 0; i < n / 8; i++)
        h = (h ^ w[i]) * 0x9fb21c651e98df25ull ^ h >> 29;
    return h;
}

static uint64_t digest(void)
{
    uint64_t h = 1, nsigs = st.nsigs < MAX_SIGS ? st.nsigs : MAX_SIGS;

    h = mix(h, st.x, 28 * 8);
    h = mix(h, &st.x[29], offsetof(struct state, code) - 29 * 8);
    h = mix(h, st.v, sizeof(st.v));
    h = mix(h, st.sigs, nsigs * sizeof(st.sigs[0]));
    return mix(h, st.buf, BUF);
}

static char out[65536];
static size_t out_len;

static void flush(void)
{
    for (size_t at = 0; at < out_len;) {
        long n = sys(__NR_write, 1, (long)(out + at), (long)(out_len - at), 0);

        if (n <= 0)
            sys(__NR_exit, 3, 0, 0, 0);
        at += (size_t)n;
    }
    out_len = 0;
}

static void put(const void *p, size_t n)
{
    if (out_len + n > sizeof(out))
        flush();
    memcpy(out + out_len, p, n);
    out_len += n;
}

static void put_line(const char *name, long index, uint64_t hi, uint64_t lo, int wide)
{
    char s[80];
    size_t n = 0;

    while (*name)
        s[n++] = *name++;
    if (index >= 100)
        s[n++] = (char)('0' + index / 100 % 10);
    if (index >= 10)
        s[n++] = (char)('0' + index / 10 % 10);
    if (index >= 0)
        s[n++] = (char)('0' + index % 10);
    s[n++] = ' ';
    for (int i = 60; wide && i >= 0; i -= 4)
        s[n++] = "0123456789abcdef"[hi >> i & 15];
    for (int i = 60; i >= 0; i -= 4)
        s[n++] = "0123456789abcdef"[lo >> i & 15];
    s[n++] = '\n';
    put(s, n);
}

static void put_text(void)
{
    for (long i = 0; i < 31; i++)
        if (i != 28)
            put_line("x", i, 0, st.x[i], 0);
    put_line("sp", -1, 0, st.sp, 0);
    put_line("nzcv", -1, 0, st.nzcv, 0);
    put_line("fpcr", -1, 0, st.fpcr, 0);
    put_line("fpsr", -1, 0, st.fpsr, 0);
    for (long i = 0; i < 32; i++)
        put_line("v", i, *(uint64_t *)(st.v[i] + 8), *(uint64_t *)st.v[i], 1);
    for (uint64_t i = 0; i < st.nsigs && i < MAX_SIGS; i++) {
        put_line("signal", (long)i, st.sigs[i].sig, st.sigs[i].code, 1);
        put_line("  at", (long)i, st.sigs[i].pc, st.sigs[i].addr, 1);
    }
    put_line("memory", -1, 0, mix(1, st.buf, BUF), 0);
}

/* ---- main ---- */

static size_t have, at; /* bytes of input */

static int get(uint32_t *to, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if (at + 4 > have) {
            at = have = 0;
            while (have < INPUT) {
                long n = sys(__NR_read, 0, (long)((char *)input + have), (long)(INPUT - have), 0);

                if (n <= 0)
                    break;
                have += (size_t)n;
            }
            if (have < 4)
                return 0;
        }
        to[i] = input[at / 4];
        at += 4;
    }
    return 1;
}

static uint32_t branch_to(const uint32_t *from, uint64_t target)
{
    return 0x14000000 | (uint32_t)(((int64_t)target - (int64_t)from) >> 2 & 0x3ffffff);
}

_Noreturn void start(long argc);
_Noreturn void start(long argc)
{
    stack_t ss = { .ss_sp = alt_stack, .ss_size = sizeof(alt_stack) };
    int more = 1;

    sys(__NR_mprotect, (long)arena, sizeof(arena), 7, 0);
    sys(__NR_sigaltstack, (long)&ss, 0, 0, 0);
    catch(SIGILL);
    catch(SIGSEGV);
    catch(SIGBUS);
    catch(SIGTRAP);
    catch(SIGFPE);
    while (more) {
        uint32_t seed[CHUNK], head[2], start_at[CHUNK], n = 0, len = 0;

        for (; n < CHUNK; n++) {
            if (!get(head, 2) || head[1] >= MAX_WORDS || !get(arena + len, head[1])) {
                more = 0;
                break;
            }
            seed[n] = head[0];
            start_at[n] = len;
            len += head[1];
            arena[len] = branch_to(arena + len, (uint64_t)leave_sequence);
            len++;
        }
        __builtin___clear_cache((char *)arena, (char *)(arena + len));
        for (uint32_t i = 0; i < n; i++) {
            make_state(seed[i], arena + start_at[i]);
            run_sequence(&st);
            if (argc > 1) {
                put_text();
            } else {
                uint64_t h = digest();

                put(&h, 8);
            }
        }
    }
    flush();
    for (;;)
        sys(__NR_exit, 0, 0, 0, 0);
}
