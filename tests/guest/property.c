// SPDX-License-Identifier: MIT
/* CFLAGS: -nostdlib -nostartfiles -ffreestanding -fno-stack-protector -mgeneral-regs-only -mbranch-protection=bti -Wl,-z,force-bti -Wl,--no-warnings */
/* tests/guest/property.c -- a static program whose GNU property note says BTI: Linux maps its code
 * guarded, so that an indirect call of a function without a landing pad raises SIGILL. */
#include <asm/unistd.h>

static long sys(long nr, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                  x2 __asm__("x2") = c, x3 __asm__("x3") = d;

    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

int with_pad(void), without_pad(void);
extern volatile int flag;
void on_ill(int sig, void *info, void *context);

/* The handler goes on at the address in x20, which the caller of without_pad has left there. */
__asm__(".text\n.global with_pad, without_pad, on_ill\n"
        "with_pad: bti c\n mov w0, 42\n ret\n"
        "without_pad: mov w0, 43\n ret\n"
        "on_ill: bti c\n adrp x3, flag\n add x3, x3, :lo12:flag\n mov w4, 1\n str w4, [x3]\n"
        " ldr x4, [x2, 184 + 8 * 20]\n str x4, [x2, 184 + 8 * 32]\n"
        " ldr x4, [x2, 184 + 8 * 33]\n and x4, x4, #~0xc00\n str x4, [x2, 184 + 8 * 33]\n ret\n"
        ".data\n.global flag\nflag: .word 0\n.text\n");


static long call(int (*f)(void))
{
    register long x0 __asm__("x0") = 0;

    __asm__ volatile("adr x20, 1f\n blr %1\n1:" : "+r"(x0) : "r"(f) : "x20", "x30", "memory", "cc");
    return x0;
}

static void tell(const char *text, long n)
{
    sys(__NR_write, 1, (long)text, n, 0);
}

__attribute__((used)) static void test(void)
{
    struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } sa = {
        (void *)on_ill, 4, 0, 0 };

    if (sys(__NR_rt_sigaction, 4, (long)&sa, 0, 8) || call(with_pad) != 42 || flag)
        sys(__NR_exit_group, 1, 0, 0, 0);
    for (int i = 0; i < 1000; i++) /* a proof wants some to do */
        if (call(with_pad) != 42)
            sys(__NR_exit_group, 3, 0, 0, 0);
    call(without_pad);
    if (!flag)
        sys(__NR_exit_group, 2, 0, 0, 0);
    tell("property: passed\n", 17);
    sys(__NR_exit_group, 0, 0, 0, 0);
}

__asm__(".text\n.global _start\n_start: bl test\n");
