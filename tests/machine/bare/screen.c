/* SPDX-License-Identifier: MIT */
/* tests/machine/bare/screen.c -- a bare program that sets up ramfb by fw_cfg and draws. It says "ready" on
 * the serial port; then s makes the screen 320 by 240, l 640 by 480, i inverts it, n shows nothing, o
 * switches the machine off. Built by tests/machine/display.py. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

static volatile u8 *const uart = (u8 *)0x09000000, *const fw_cfg = (u8 *)0x09020000;
static volatile u32 *const screen = (u32 *)0x44000000;
static struct {
    u32 control, len;
    u64 addr;
} volatile dma __attribute__((aligned(16)));
static volatile u32 config[7] __attribute__((aligned(16)));

static void say(const char *text)
{
    for (; *text; text++)
        *(volatile u32 *)uart = (u8)*text;
}

static u32 file_key(const char *name)
{
    u32 count = 0;

    *(volatile unsigned short *)(fw_cfg + 8) = __builtin_bswap16(0x19);
    for (int i = 0; i < 4; i++)
        count = count << 8 | fw_cfg[0];
    while (count--) {
        u8 entry[64];
        int i = 0;

        for (int k = 0; k < 64; k++)
            entry[k] = fw_cfg[0];
        while (name[i] && entry[8 + i] == (u8)name[i])
            i++;
        if (!name[i] && !entry[8 + i])
            return (u32)entry[4] << 8 | entry[5];
    }
    return 0;
}

static void show(u32 key, u32 width, u32 height)
{
    config[0] = 0;
    config[1] = __builtin_bswap32(width ? 0x44000000 : 0);
    config[2] = __builtin_bswap32(0x34325258); /* XR24 */
    config[3] = 0;
    config[4] = __builtin_bswap32(width);
    config[5] = __builtin_bswap32(height);
    config[6] = __builtin_bswap32(4 * width);
    dma.control = __builtin_bswap32(key << 16 | 8 | 16);
    dma.len = __builtin_bswap32(28);
    dma.addr = __builtin_bswap64((u64)config);
    *(volatile u32 *)(fw_cfg + 16) = 0;
    *(volatile u32 *)(fw_cfg + 20) = __builtin_bswap32((u32)(u64)&dma);
    for (u32 y = 0; y < height; y++)
        for (u32 x = 0; x < width; x++)
            screen[y * width + x] = (x & 0xff) << 16 | (y & 0xff) << 8 | (x >> 8 << 4 | y >> 8);
}

void main(void)
{
    u32 key = file_key("etc/ramfb"), pixels = 640 * 480;

    *(volatile u32 *)(uart + 0x2c) = 0x70;  /* 8 bits, FIFOs */
    *(volatile u32 *)(uart + 0x30) = 0x301; /* on, transmit, receive */
    if (!key)
        say("no ramfb\n");
    show(key, 640, 480);
    say("ready\n");
    for (;;) {
        u32 c;

        while (uart[0x18] & 0x10)
            ;
        c = *(volatile u32 *)uart & 0xff;
        if (c == 's')
            show(key, 320, 240), pixels = 320 * 240;
        else if (c == 'l')
            show(key, 640, 480), pixels = 640 * 480;
        else if (c == 'n')
            show(key, 0, 0);
        for (u32 i = 0; c == 'i' && i < pixels; i++)
            screen[i] ^= 0xffffff;
        say("done\n");
        if (c == 'o') {
            register u64 x0 __asm__("x0") = 0x84000008; /* SYSTEM_OFF */

            __asm__ volatile("hvc #0" : : "r"(x0));
        }
    }
}

__asm__(".section .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start: adrp x0, stack + 8192\n"
        "add x0, x0, :lo12:stack + 8192\n"
        "mov sp, x0\n"
        "b main\n"
        ".bss\n"
        ".balign 16\n"
        "stack: .skip 8192\n"
        ".text\n");
