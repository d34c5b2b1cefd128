// SPDX-License-Identifier: MIT
/* Every form of the encoder, for all registers and for the memory operands with special encodings
 * (rsp and r12 as base, rbp and r13 without displacement, no base, rip, gs), is read back by a
 * disassembler: its text must be that of the instruction asked for. Skipped without capstone. */
#include "config.h"

#include "tests/unit.h"

#include "backends/x86_64/emit.h"

#include <stdio.h>
#include <string.h>

#ifdef HAVE_CAPSTONE
#include <capstone/capstone.h>

static const char *const r64[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8",
                                     "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
static const char *const r32[16] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d",
                                     "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d" };
static const char *const r16[16] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w",
                                     "r10w", "r11w", "r12w", "r13w", "r14w", "r15w" };
static const char *const r8[16] = { "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b",
                                    "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b" };

static uint8_t code[4096];
static struct emit e;
static csh dis;

static const char *gpr(unsigned w, unsigned n)
{
    return w ? r64[n] : r32[n];
}

static void begin(void)
{
    emit_start(&e, code, code + sizeof(code), code);
}

/* One instruction was written, and this is it. */
static void expect(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void expect(const char *fmt, ...)
{
    char want[200], got[200];
    cs_insn *insn;
    size_t n = cs_disasm(dis, code, emit_pos(&e), (uintptr_t)code, 0, &insn);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(want, sizeof(want), fmt, ap);
    va_end(ap);
    ck_assert_msg(n == 1, "%s: %zu instructions in %u bytes", want, n, emit_pos(&e));
    ck_assert_msg(insn->size == emit_pos(&e), "%s: %u bytes of %u", want, insn->size, emit_pos(&e));
    snprintf(got, sizeof(got), "%s%s%s", insn->mnemonic, insn->op_str[0] ? " " : "", insn->op_str);
    ck_assert_str_eq(got, want);
    cs_free(insn, n);
    begin();
}

#define REGS(n) for (unsigned n = 0; n < 16; n++)
#define WIDTHS(w) for (unsigned w = 0; w < 2; w++)

static const char *const alu[8] = { "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp" };
static const char *const shift[8] = { "rol", "ror", "rcl", "rcr", "shl", "shr", "shl", "sar" };
static const char *const cc[16] = { "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p",
                                    "np", "l", "ge", "le", "g" };

START_TEST(registers)
{
    REGS(a) {
        REGS(b) {
            WIDTHS(w) {
                for (unsigned k = 0; k < 8; k++) {
                    emit_alu_rr(&e, k, w, a, b);
                    expect("%s %s, %s", alu[k], gpr(w, a), gpr(w, b));
                }
                emit_test_rr(&e, w, a, b);
                expect("test %s, %s", gpr(w, a), gpr(w, b));
                emit_mov_rr(&e, w, a, b);
                expect("mov %s, %s", gpr(w, a), gpr(w, b));
                emit_cmov(&e, a, w, b, a);
                expect("cmov%s %s, %s", cc[a], gpr(w, b), gpr(w, a));
                emit_mov_xr(&e, w, a, b);
                expect("mov%c xmm%u, %s", w ? 'q' : 'd', a, gpr(w, b));
                emit_mov_rx(&e, w, a, b);
                expect("mov%c %s, xmm%u", w ? 'q' : 'd', gpr(w, a), b);
            }
            emit_movzx8(&e, a, b);
            expect("movzx %s, %s", r32[a], r8[b]);
            emit_movzx16(&e, a, b);
            expect("movzx %s, %s", r32[a], r16[b]);
            emit_rr(&e, OPC(0, M_1, 0x88) | OPC_BYTE_REG, 0, a, b);
            expect("mov %s, %s", r8[b], r8[a]);
            emit_movaps_rr(&e, a, b);
            expect("movaps xmm%u, xmm%u", a, b);
            emit_rr(&e, OPC(P_66, M_0F38, 0x00), 0, a, b);
            expect("pshufb xmm%u, xmm%u", a, b);
            emit_rr_i8(&e, OPC(P_66, M_0F3A, 0x0f), 0, a, b, 5);
            expect("palignr xmm%u, xmm%u, 5", a, b);
            emit_vex_rr(&e, OPC(P_NONE, M_0F38, 0xf2), 1, 0, a, b, a);
            expect("andn %s, %s, %s", r64[a], r64[b], r64[a]);
            emit_vex_rr(&e, OPC(P_66, M_0F, 0xfe), 0, 0, a, b, a ^ 15);
            expect("vpaddd xmm%u, xmm%u, xmm%u", a, b, a ^ 15);
            emit_vex_rr(&e, OPC(P_66, M_0F, 0xfe), 0, 1, a, b, a ^ 15);
            expect("vpaddd ymm%u, ymm%u, ymm%u", a, b, a ^ 15);
            emit_vex_rr(&e, OPC(P_66, M_0F38, 0xb8), 1, 0, a, b, b);
            expect("vfmadd231pd xmm%u, xmm%u, xmm%u", a, b, b);
            emit_vex_rr_i8(&e, OPC(P_F2, M_0F3A, 0xf0), 1, 0, a, 0, b, 7);
            expect("rorx %s, %s, 7", r64[a], r64[b]);
        }
    }
}
END_TEST

START_TEST(immediates)
{
    static const int32_t some[] = { 1, 0x7f, 0x80, 0x12345678 };

    REGS(a) {
        WIDTHS(w) {
            for (unsigned i = 0; i < 4; i++) {
                for (unsigned k = 0; k < 8; k++) {
                    emit_alu_ri(&e, k, w, a, some[i]);
                    expect(some[i] > 9 ? "%s %s, 0x%x" : "%s %s, %x", alu[k], gpr(w, a),
                           (unsigned)some[i]);
                }
            }
            for (unsigned k = 0; k < 8; k++) {
                if (k == SH_SAL)
                    continue;
                emit_shift_ri(&e, k, w, a, 1);
                expect("%s %s, 1", shift[k], gpr(w, a));
                emit_shift_ri(&e, k, w, a, 31);
                expect("%s %s, 0x1f", shift[k], gpr(w, a));
                emit_shift_cl(&e, k, w, a);
                expect("%s %s, cl", shift[k], gpr(w, a));
            }
            emit_f7(&e, 2, w, a);
            expect("not %s", gpr(w, a));
            emit_f7(&e, 3, w, a);
            expect("neg %s", gpr(w, a));
            emit_f7(&e, 6, w, a);
            expect("div %s", gpr(w, a));
            emit_f7(&e, 7, w, a);
            expect("idiv %s", gpr(w, a));
            emit_test_ri(&e, w, a, -2);
            expect("test %s, %s", gpr(w, a), w ? "-2" : "0xfffffffe");
        }
        emit_test_ri(&e, 1, a, 0x40);
        expect("test %s, 0x40", r8[a]);
        emit_test_ri(&e, 1, a, 0x12345678);
        expect("test %s, 0x12345678", r32[a]);
        emit_mov_ri(&e, a, 0x12345678);
        expect("mov %s, 0x12345678", r32[a]);
        emit_mov_ri(&e, a, 0xffffffff80000000);
        expect("mov %s, -0x80000000", r64[a]);
        emit_mov_ri(&e, a, 0x123456789abcdef0);
        expect("movabs %s, 0x123456789abcdef0", r64[a]);
        for (unsigned k = 0; k < 16; k++) {
            emit_setcc(&e, k, a);
            expect("set%s %s", cc[k], r8[a]);
        }
    }
}
END_TEST

/* Text of an operand in memory as the disassembler writes it. */
static const char *text(const struct emit_mem *m)
{
    static char buf[100];
    char *p = buf;
    int32_t d = m->disp;

    *p = 0;
    if (m->gs)
        p += sprintf(p, "gs:");
    p += sprintf(p, "[");
    if (m->base >= 0)
        p += sprintf(p, "%s", r64[m->base]);
    if (m->index >= 0)
        p += sprintf(p, m->base >= 0 ? " + %s" : "%s", r64[m->index]);
    if (m->index >= 0 && (m->scale || m->base < 0))
        p += sprintf(p, "*%u", 1u << m->scale);
    if (m->base < 0 && m->index < 0)
        p += sprintf(p, d > 9 ? "0x%x" : "%x", (unsigned)d);
    else if (d)
        p += sprintf(p, abs(d) > 9 ? " %c 0x%x" : " %c %x", d < 0 ? '-' : '+', (unsigned)abs(d));
    sprintf(p, "]");
    return buf;
}

static void memory_forms(const struct emit_mem *m, unsigned r)
{
    const char *s = text(m);

    WIDTHS(w) {
        const char *size = w ? "qword ptr " : "dword ptr ";

        emit_mov_rm(&e, w, r, m);
        expect("mov %s, %s%s", gpr(w, r), size, s);
        emit_mov_mr(&e, w, m, r);
        expect("mov %s%s, %s", size, s, gpr(w, r));
        emit_mov_mi(&e, w, m, 0x12345678);
        expect("mov %s%s, 0x12345678", size, s);
        emit_alu_rm(&e, ALU_SUB, w, r, m);
        expect("sub %s, %s%s", gpr(w, r), size, s);
        emit_alu_mr(&e, ALU_XOR, w, m, r);
        expect("xor %s%s, %s", size, s, gpr(w, r));
        emit_alu_mi(&e, ALU_AND, w, m, 0x40);
        expect("and %s%s, 0x40", size, s);
        emit_alu_mi(&e, ALU_CMP, w, m, 0x1234);
        expect("cmp %s%s, 0x1234", size, s);
        emit_test_mi(&e, w, m, 0x100);
        expect("test %s%s, 0x100", size, s);
        emit_rm(&e, OPC(0, M_0F, 0xb1) | OPC_LOCK, w, r, m, 0);
        expect("lock cmpxchg %s%s, %s", size, s, gpr(w, r));
        if (!m->gs) {
            emit_lea(&e, w, r, m);
            expect("lea %s, %s", gpr(w, r), s);
        }
    }
    emit_rm(&e, OPC(0, M_1, 0x88) | OPC_BYTE_REG, 0, r, m, 0);
    expect("mov byte ptr %s, %s", s, r8[r]);
    emit_rm(&e, OPC(P_66, M_1, 0x89), 0, r, m, 0);
    expect("mov word ptr %s, %s", s, r16[r]);
    emit_movups_rm(&e, r, m);
    expect("movups xmm%u, xmmword ptr %s", r, s);
    emit_movups_mr(&e, m, r);
    expect("movups xmmword ptr %s, xmm%u", s, r);
    emit_movq_xm(&e, r, m);
    expect("movq xmm%u, qword ptr %s", r, s);
    emit_movq_mx(&e, m, r);
    expect("movq qword ptr %s, xmm%u", s, r);
    emit_movd_xm(&e, r, m);
    expect("movd xmm%u, dword ptr %s", r, s);
    emit_movd_mx(&e, m, r);
    expect("movd dword ptr %s, xmm%u", s, r);
    emit_vex_rm(&e, OPC(P_66, M_0F, 0xfe), 0, 0, r, r ^ 15, m, 0);
    expect("vpaddd xmm%u, xmm%u, xmmword ptr %s", r, r ^ 15, s);
    emit_rm_i8(&e, OPC(P_66, M_0F3A, 0x22), 1, r, m, 1);
    expect("pinsrq xmm%u, qword ptr %s, 1", r, s);
}

START_TEST(memory)
{
    static const int32_t disps[] = { 0, 8, -8, 127, -128, 128, 0x12345678, -0x12345678 };

    REGS(base) {
        for (unsigned k = 0; k < ARRAY_LEN(disps); k++) {
            struct emit_mem m = mem_bd((int)base, disps[k]);

            memory_forms(&m, (base + k) % 16);
            m.gs = true;
            memory_forms(&m, 15 - base);
            REGS(index) {
                if (index == RSP)
                    continue;
                m = mem_bi((int)base, (int)index, (base + index) % 4, disps[k]);
                memory_forms(&m, k);
            }
        }
    }
    for (unsigned k = 0; k < 2; k++) {
        struct emit_mem m = { .base = EMIT_NOREG, .index = EMIT_NOREG, .disp = 0x1234, .gs = k };

        memory_forms(&m, 3);
        m.index = R13;
        m.scale = 2;
        memory_forms(&m, 9);
    }
}
END_TEST

START_TEST(nops)
{
    for (unsigned n = 1; n <= 8; n++) {
        cs_insn *insn;

        emit_nops(&e, n);
        ck_assert_uint_eq(emit_pos(&e), n);
        ck_assert_uint_eq(cs_disasm(dis, code, n, 0, 0, &insn), 1);
        ck_assert(strstr(insn->mnemonic, "nop") != NULL || strstr(insn->op_str, "ax, ax") != NULL);
        cs_free(insn, 1);
        begin();
    }
}
END_TEST

static void setup(void)
{
    ck_assert_int_eq(cs_open(CS_ARCH_X86, CS_MODE_64, &dis), CS_ERR_OK);
    emit_init(&e);
    begin();
}

static void teardown(void)
{
    emit_free(&e);
    cs_close(&dis);
}
#endif

/* Labels and the pool: what a displacement points to once all is placed. */
START_TEST(labels)
{
    static uint8_t buf[512];
    struct emit x;
    uint32_t fwd, back;
    struct emit_mem a, b, c;
    int32_t d;
    uint8_t *mark;

    emit_init(&x);
    emit_start(&x, buf, buf + sizeof(buf), buf);
    back = emit_label(&x);
    fwd = emit_label(&x);
    emit_place(&x, back);
    emit_jmp(&x, fwd);                    /* 0: e9, to 10 */
    emit_jcc(&x, CC_NE, back);            /* 5: 0f 85, to 0 */
    emit_place(&x, fwd);                  /* 11 */
    mark = emit_jcc8(&x, CC_E);           /* 11: 74 01 */
    emit_nops(&x, 1);
    emit_here8(&x, mark);                 /* 14 */
    emit_jcc_back(&x, CC_NE, 0);          /* 14: 75 f0 */
    a = emit_lit64(&x, 0x1122334455667788);
    b = emit_lit64(&x, 0x1122334455667788);
    c = emit_lit128(&x, 1, 2);
    emit_mov_rm(&x, 1, RAX, &a);          /* 16: 48 8b 05, next is 23 */
    emit_movups_rm(&x, 1, &c);            /* 23: 0f 10 0d, next is 30 */
    emit_alu_mi(&x, ALU_CMP, 1, &b, 7);   /* 30: 48 83 3d disp 07, next is 38 */
    emit_finish(&x);
    memcpy(&d, buf + 1, 4);
    ck_assert_int_eq(5 + d, 11);
    memcpy(&d, buf + 7, 4);
    ck_assert_int_eq(11 + d, 0);
    ck_assert_uint_eq(buf[12], 1);
    ck_assert_int_eq(16 + (int8_t)buf[15], 0);
    memcpy(&d, buf + 19, 4);
    ck_assert_int_eq((23 + d) % 8, 0);
    ck_assert_mem_eq(buf + 23 + d, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
    memcpy(&d, buf + 26, 4);
    ck_assert_int_eq((30 + d) % 16, 0);
    ck_assert_mem_eq(buf + 30 + d, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
    memcpy(&d, buf + 33, 4);
    ck_assert_mem_eq(buf + 38 + d, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
    emit_free(&x);
}
END_TEST

static void fill(TCase *tc)
{
#ifdef HAVE_CAPSTONE
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, registers);
    tcase_add_test(tc, immediates);
    tcase_add_test(tc, memory);
    tcase_add_test(tc, nops);
#endif
    tcase_add_test(tc, labels);
}

UNIT_MAIN("x86-64 encoder", fill)
