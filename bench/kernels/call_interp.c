// SPDX-License-Identifier: MIT
/* bench/kernels/call_interp.c -- A bytecode interpreter with computed gotos: one indirect jump per operation. */
#include "bench/kernels/bench.h"

enum { PUSH, ADD, SUB, XOR, SHR, DUP, SWAP, LOAD, STORE, DEC, JNZ, HALT };

/* while (v0) { v1 = (v1 + v0 ^ v1 >> 3) - 7; v0--; } */
static const int32_t program[] = {
    LOAD, 1, DUP, LOAD, 0, ADD, SWAP, PUSH, 3, SHR, XOR, PUSH, 7, SUB, STORE, 1, LOAD, 0, DEC, DUP,
    STORE, 0, JNZ, 0, HALT,
};

static uint32_t run(uint32_t rounds)
{
    static const void *const go[] = { &&push, &&add, &&sub, &&xor_, &&shr, &&dup, &&swap, &&load, &&store, &&dec, &&jnz, &&halt };
    uint32_t stack[16], *sp = stack, vars[2] = { rounds, 1 }, t;
    const int32_t *pc = program;

#define NEXT goto *go[*pc++]
    NEXT;
push:
    *sp++ = *pc++;
    NEXT;
add:
    sp--;
    sp[-1] += *sp;
    NEXT;
sub:
    sp--;
    sp[-1] -= *sp;
    NEXT;
xor_:
    sp--;
    sp[-1] ^= *sp;
    NEXT;
shr:
    sp--;
    sp[-1] >>= *sp & 31;
    NEXT;
dup:
    *sp = sp[-1];
    sp++;
    NEXT;
swap:
    t = sp[-1];
    sp[-1] = sp[-2];
    sp[-2] = t;
    NEXT;
load:
    *sp++ = vars[*pc++];
    NEXT;
store:
    vars[*pc++] = *--sp;
    NEXT;
dec:
    sp[-1]--;
    NEXT;
jnz:
    t = *pc++;
    if (*--sp)
        pc = program + t;
    NEXT;
halt:
    return vars[1];
}

int main(int argc, char **argv)
{
    return bench_done(run(bench_scale(argc, argv) * 16000000));
}
