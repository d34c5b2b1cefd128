/* SPDX-License-Identifier: MIT */
/* tcg/text.h -- names shared by the printer (text.c) and the parser (parse.c) of the IR text form.
 *
 * One line an operation; '#' starts a comment; blank lines do not count.
 *
 *   region 0x1000 key 0x0 bytes 0x1000..0x1008 [0x2000..0x2004]     optional first line
 *   block 0 [several] [cold]
 *   %2 = insn ...                    a value is %name; the printer uses the operation's index
 *   name[.sub] [type] operands [-> edges] [imm=N] [attr=N] [mem(...)] [env(...)]
 *
 * sub is a name (condition, lane, width, float operation, atomic operation, fence, hint, exit
 * reason; .?N without a name) or a number; it is left out when 0 and without names. The type is given where the
 * signature of ops.def says t. An operand is %name, a constant (0x12:i64; the :type may be left out
 * where the signature fixes it), or _ for none. Constants are bits, hexadecimal or decimal, of up
 * to 128 bits. Some operations have a form of their own:
 *   get UNIT              put UNIT, value          insn pc, bytes [attr=restart word]
 *   param type            load type [a + b << s + disp] mem(...)       store: , value behind ]
 *   extract type a, pos=N len=N                    call name(a, b)     br -> 3(%1, %2)
 *   brcond a -> 3, 4(%1)
 * mem(BYTES ...): sign big nat in16 atomic acqpc acq rel sc mmu=N read write rw fetch wrap32
 *   progress fault=N unit=N synd=N. env(ROUND NAN ...): even up down zero away odd dyn; arm x86 ppc x87;
 *   dn fi=N fo=N tb sticky df. */
#ifndef TCG_TEXT_H
#define TCG_TEXT_H

#include "tcg/ir.h"

/* Names of a small enumeration. */
struct tcg_names {
    const char *const *names;
    unsigned n;
};

extern const struct tcg_names tcg_type_names;   /* enum tcg_type */
extern const struct tcg_names tcg_order_names;  /* enum tcg_order */
extern const struct tcg_names tcg_intent_names; /* enum tcg_intent */
extern const struct tcg_names tcg_align_names;  /* enum tcg_align */
extern const struct tcg_names tcg_round_names;  /* enum tcg_round */
extern const struct tcg_names tcg_nan_names;    /* enum tcg_nan_rule */
extern const struct tcg_names tcg_hint_names;   /* enum tcg_hint without POLL */
extern const struct tcg_names tcg_reason_names; /* enum tcg_exit_reason */

/* Names of sub for op; NULL: a number. */
const struct tcg_names *tcg_sub_names(enum tcg_opcode op);

static inline bool tcg_is_goto(unsigned op)
{
    return op == TCG_OP_goto_pc || op == TCG_OP_goto_ind;
}

/* load, store, probe: sub is the shift of the index in the address. */
static inline bool tcg_has_index(unsigned op)
{
    return op == TCG_OP_load || op == TCG_OP_store || op == TCG_OP_probe;
}

static inline bool tcg_has_field(unsigned op)
{
    return op == TCG_OP_extract || op == TCG_OP_sextract || op == TCG_OP_deposit;
}

/* Is the type written? */
static inline bool tcg_type_written(unsigned op)
{
    return op == TCG_OP_store ||
           (tcg_op_info[op].sig[0] == 't' && op != TCG_OP_get && op != TCG_OP_call);
}

/* The type that the signature fixes for operand k (0..2) of an operation of type t; TCG_VOID: the
 * operation does not say. */
static inline enum tcg_type tcg_operand_type(unsigned op, unsigned t, unsigned k)
{
    const char *s = tcg_op_info[op].sig + 2;

    for (unsigned i = 0; i < k && *s; i++)
        s++;
    switch (*s) {
    case 't': return (enum tcg_type)t;
    case 'i': return TCG_I32;
    case 'l': return TCG_I64;
    case 'q': return TCG_I128;
    case 'F': return TCG_FLAGS;
    case 'V': return TCG_V128;
    case 'W': return TCG_V64;
    default: return TCG_VOID;
    }
}

#endif
