/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_pauth.c -- pointer authentication: PAC, AUT, XPAC, PACGA, authenticated
 * branches and loads. With -cpu fpac=on a failed authentication is an exception at once, else it
 * yields a pointer that faults when used. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/trans_sys.h"

#include "base/bits.h"

static tcg_val zero(struct a64_tr *t)
{
    return tcg_imm(t->b, TCG_I64, 0);
}

static tcg_val sign(struct a64_tr *t, tcg_val ptr, tcg_val modifier, unsigned key)
{
    tcg_val args[3] = { ptr, modifier, tcg_imm(t->b, TCG_I32, key) };

    if (t->key & (uint64_t)A64_KEYBIT_NO_IA << key)
        return ptr;
    return tcg_call(t->b, &a64_helper_pac, args);
}

tcg_val a64_authenticate(struct a64_tr *t, tcg_val ptr, tcg_val modifier, unsigned key)
{
    tcg_val args[3] = { ptr, modifier, tcg_imm(t->b, TCG_I32, key) };

    if (t->key & (uint64_t)A64_KEYBIT_NO_IA << key)
        return ptr;
    if (t->cfg->fpac)
        tcg_call(t->b, &a64_helper_autf, args);
    return tcg_call(t->b, &a64_helper_aut, args);
}

/* Bit 55 selects the half: the upper one has no top byte ignore, as under Linux. */
static bool strip(struct a64_tr *t, unsigned d, unsigned key)
{
    struct tcg_builder *b = t->b;
    tcg_val x = a64_x(t, d), upper = tcg_or(b, TCG_I64, x, tcg_imm(b, TCG_I64, 0xffffull << 48));
    tcg_val lower = tcg_and(b, TCG_I64, x, tcg_imm(b, TCG_I64, ~(0x7full << 48)));
    tcg_val is_upper = tcg_setcc(b, TCG_TSTNZ, x, tcg_imm(b, TCG_I64, 1ull << 55));

    if (!t->cpu->user) {
        a64_set_x(t, d, tcg_call(b, &a64_helper_xpac, (tcg_val[]){ x, tcg_imm(b, TCG_I32, key) }));
        return true;
    }
    a64_set_x(t, d, tcg_select(b, TCG_I64, is_upper, upper, lower));
    return true;
}

/* ---- data processing ---- */

bool a64_trans_PAC(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, sign(t, a64_x(t, a->d), a64_xsp(t, a->n), a->k));
    return true;
}

bool a64_trans_PACZ(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, sign(t, a64_x(t, a->d), zero(t), a->k));
    return true;
}

bool a64_trans_AUT(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, a64_authenticate(t, a64_x(t, a->d), a64_xsp(t, a->n), a->k));
    return true;
}

bool a64_trans_AUTZ(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, a64_authenticate(t, a64_x(t, a->d), zero(t), a->k));
    return true;
}

bool a64_trans_XPACI(struct a64_tr *t, const struct a64_insn *a)
{
    return strip(t, a->d, A64_KEY_IA);
}

bool a64_trans_XPACD(struct a64_tr *t, const struct a64_insn *a)
{
    return strip(t, a->d, A64_KEY_DA);
}

bool a64_trans_PACGA(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val args[2] = { a64_x(t, a->n), a64_xsp(t, a->m) };

    a64_set_x(t, a->d, tcg_call(t->b, &a64_helper_pacga, args));
    return true;
}

/* ---- hints ---- */

bool a64_trans_XPACLRI(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    return strip(t, 30, A64_KEY_IA);
}

bool a64_trans_PAC_1716(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, 17, sign(t, a64_x(t, 17), a64_x(t, 16), a->k));
    return true;
}

bool a64_trans_AUT_1716(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, 17, a64_authenticate(t, a64_x(t, 17), a64_x(t, 16), a->k));
    return true;
}

bool a64_trans_PAC_lr(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, 30, sign(t, a64_x(t, 30), a->o ? a64_xsp(t, 31) : zero(t), a->k));
    return true;
}

bool a64_trans_AUT_lr(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, 30, a64_authenticate(t, a64_x(t, 30), a->o ? a64_xsp(t, 31) : zero(t), a->k));
    return true;
}

/* ---- branches ---- */

static void set_btype(struct a64_tr *t, bool call, unsigned n)
{
    if (!(t->key & A64_KEYBIT_BTI))
        return;
    a64_put_btype(t, call ? 2 : a64_guarded(t) && n != 16 && n != 17 ? 3 : 1);
}

static bool branch(struct a64_tr *t, const struct a64_insn *a, tcg_val modifier, bool call)
{
    tcg_val target = a64_authenticate(t, a64_x(t, a->n), modifier, a->k);

    set_btype(t, call, a->n);
    if (call)
        tcg_put(t->b, A64_U_X30, tcg_imm(t->b, TCG_I64, t->pc + 4));
    a64_goto_reg(t, target, call ? TCG_HINT_CALL : TCG_HINT_NONE);
    return true;
}

bool a64_trans_BRAZ(struct a64_tr *t, const struct a64_insn *a)
{
    return branch(t, a, zero(t), false);
}

bool a64_trans_BLRAZ(struct a64_tr *t, const struct a64_insn *a)
{
    return branch(t, a, zero(t), true);
}

bool a64_trans_BRA(struct a64_tr *t, const struct a64_insn *a)
{
    return branch(t, a, a64_xsp(t, a->m), false);
}

bool a64_trans_BLRA(struct a64_tr *t, const struct a64_insn *a)
{
    return branch(t, a, a64_xsp(t, a->m), true);
}

bool a64_trans_RETA(struct a64_tr *t, const struct a64_insn *a)
{
    a64_goto_reg(t, a64_authenticate(t, a64_x(t, 30), a64_xsp(t, 31), a->k), TCG_HINT_RET);
    return true;
}

/* ---- loads ---- */

/* LDRAA, LDRAB: the base is authenticated with DA or DB and a zero modifier. */
bool a64_trans_LDRA(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_mem m = a64_mem(t, 3, false, TCG_INTENT_READ);
    uint64_t offset = (uint64_t)bits_sext(a->i, 10) * 8;
    tcg_val base = a64_authenticate(t, a64_base(t, a->n), zero(t), A64_KEY_DA + a->k), at, v;
    int32_t disp;

    base = tcg_add(t->b, TCG_I64, base, tcg_imm(t->b, TCG_I64, offset));
    at = a64_addr(t, base, 0, &disp);
    v = tcg_load(t->b, TCG_I64, &m, at, disp);
    a64_set_x(t, a->d, v);
    if (a->w)
        a64_set_xsp(t, a->n, base);
    return true;
}
