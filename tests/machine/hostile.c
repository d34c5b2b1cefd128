// SPDX-License-Identifier: MIT
/* tests/machine/hostile.c -- a program on the bare `virt` board that programs every register of every
 * device with random values, from a seed, on two vcpus at once; then it switches the machine off. It
 * first brings PCI functions and virtio queues up as a driver would, so that what follows reaches
 * far. What may go wrong is the emulator's: hostile.sh looks at that. Memory that devices are told
 * of is in BOX; random addresses may hit anything, this program too, which then ends otherwise. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#define BOX      0x44000000ul
#define BOX_SIZE 0x1000000ul
#define ECAM     0x4010000000ul
#define PROGRESS 0x43fff000ul
#define STEPS    120000
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern u64 seed;
void start_second(void);
void call_psci(u64 function);
void hostile(u64 cpu);

struct range {
    u64 at, size;
};

static const struct range board[] = {
    {0x00000000, 0x04000000}, /* flash */
    {0x04000000, 0x04000000}, {0x08000000, 0x00010000}, /* GIC: distributor, cpu, v2m, ITS, redistributors */
    {0x08010000, 0x00010000}, {0x08020000, 0x00001000}, {0x08080000, 0x00020000},
    {0x080a0000, 0x00040000}, {0x09000000, 0x00001000}, /* UART, RTC, fw_cfg, GPIO */
    {0x09010000, 0x00001000}, {0x09020000, 0x00000018}, {0x09030000, 0x00001000},
    {0x0a000000, 0x00004000}, {0x0a000000, 0x00004000}, /* virtio */
    {0x10000000, 0x2eff0000}, {0x3eff0000, 0x00010000}, /* PCI */
    {ECAM, 0x00020000},       {ECAM, 0x10000000},       {0x8000000000, 0x8000000000},
};
static struct range bars[128];
static u32 nbars;

struct cpu {
    u64 rng;
    u64 n;
};

static u64 rnd(struct cpu *c)
{
    u64 z = c->rng += 0x9e3779b97f4a7c15ul;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ z >> 27) * 0x94d049bb133111ebul;
    return z ^ z >> 31;
}

static void w8(u64 a, u64 v) { __asm__ volatile("strb %w0, [%1]" ::"r"(v), "r"(a) : "memory"); }
static void w16(u64 a, u64 v) { __asm__ volatile("strh %w0, [%1]" ::"r"(v), "r"(a) : "memory"); }
static void w32(u64 a, u64 v) { __asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(a) : "memory"); }
static void w64(u64 a, u64 v) { __asm__ volatile("str %x0, [%1]" ::"r"(v), "r"(a) : "memory"); }

static u32 r8(u64 a)
{
    u32 v = 0;

    __asm__ volatile("ldrb %w0, [%1]" : "+r"(v) : "r"(a) : "memory");
    return v;
}

static u32 r16(u64 a)
{
    u32 v = 0;

    __asm__ volatile("ldrh %w0, [%1]" : "+r"(v) : "r"(a) : "memory");
    return v;
}

static u32 r32(u64 a)
{
    u32 v = 0;

    __asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(a) : "memory");
    return v;
}

static u64 box(struct cpu *c)
{
    return BOX + (rnd(c) & (BOX_SIZE - 1) & ~0xful);
}

static u64 value(struct cpu *c)
{
    u64 r = rnd(c);

    switch (r >> 32 & 15) {
    case 0: return 0;
    case 1: return 1;
    case 2: return ~0ul;
    case 3: return 1ul << (r & 63);
    case 4: return (1ul << (r & 63)) - 1;
    case 5:
    case 6:
    case 7: return box(c);
    case 8: return box(c) >> 12;
    case 9: return box(c) & ~0xffful;
    case 10:
    case 11: return r & 15;
    case 12: return r & 255;
    case 13: return r & 0xffff;
    case 14: return r & 0xffffffff;
    default: return rnd(c);
    }
}

/* ---- as a driver would ---- */

static void find_pci(void)
{
    u64 low = 0x10000000, high = 0x8000000000;

    for (u64 slot = 0; slot < 32; slot++) {
        u64 f = ECAM + (slot << 15);

        if ((r32(f) & 0xffff) == 0xffff)
            continue;
        for (u32 bar = 0; bar < 6; bar++) {
            u64 at = f + 0x10 + 4 * bar, size;
            u32 kind, mask;

            w32(at, 0xffffffff);
            mask = r32(at);
            kind = mask & 7;
            if (!mask || mask & 1)
                continue;
            size = -(mask & ~15u) & 0xffffffff;
            if ((kind & 6) == 4) { /* 64 bits */
                high = (high + size - 1) & -size;
                w32(at, high);
                w32(at + 4, high >> 32);
                if (nbars < COUNT(bars))
                    bars[nbars++] = (struct range){high, size};
                high += size;
                bar++;
            } else {
                low = (low + size - 1) & -size;
                w32(at, low);
                if (nbars < COUNT(bars))
                    bars[nbars++] = (struct range){low, size};
                low += size;
            }
        }
        w16(f + 4, 7);
    }
}

/* Queues in BOX, for device number n: 64 KiB each. */
static u64 ring(u32 n, u32 q)
{
    return BOX + ((n * 4 + (q & 3)) * 0x10000ul & (BOX_SIZE - 1));
}

static void mmio_up(struct cpu *c, u32 n)
{
    u64 d = 0x0a000000 + n * 0x200;

    if (r32(d) != 0x74726976 || r32(d + 8) == 0)
        return;
    w32(d + 0x70, 0);
    w32(d + 0x70, 1);
    w32(d + 0x70, 3);
    for (u32 i = 0; i < 2; i++) {
        w32(d + 0x14, i);
        w32(d + 0x24, i);
        w32(d + 0x20, r32(d + 0x10) & (u32)(rnd(c) | rnd(c) | (i ? 1 : 0)));
    }
    w32(d + 0x70, 11);
    w32(d + 0x28, 4096);
    for (u32 q = 0; q < 4; q++) {
        u64 at = ring(n, q);

        w32(d + 0x30, q);
        w32(d + 0x38, 1u << rnd(c) % 8);
        w32(d + 0x3c, 4096);
        w32(d + 0x40, at >> 12);
        w32(d + 0x80, at);
        w32(d + 0x84, 0);
        w32(d + 0x90, at + 0x4000);
        w32(d + 0x94, 0);
        w32(d + 0xa0, at + 0x8000);
        w32(d + 0xa4, 0);
        w32(d + 0x44, 1);
    }
    w32(d + 0x70, 15);
}

/* The part of a BAR that a virtio capability names, 0: none. */
static u64 virtio_part(u64 f, u32 type)
{
    u32 at = r8(f + 0x34) & 0xfc;

    for (u32 i = 0; at && i < 48; i++, at = r8(f + at + 1) & 0xfc) {
        u32 bar = r8(f + at + 4);
        u64 base;

        if (r8(f + at) != 9 || r8(f + at + 3) != type || bar > 5)
            continue;
        base = r32(f + 0x10 + 4 * bar);
        if ((base & 6) == 4)
            base |= (u64)r32(f + 0x14 + 4 * bar) << 32;
        return (base & ~15ul) + r32(f + at + 8);
    }
    return 0;
}

static void pci_up(struct cpu *c, u32 slot)
{
    u64 f = ECAM + ((u64)slot << 15), d;

    if ((r32(f) & 0xffff) != 0x1af4)
        return;
    w16(f + 4, 7);
    d = virtio_part(f, 1);
    if (!d)
        return;
    w8(d + 20, 0);
    w8(d + 20, 1);
    w8(d + 20, 3);
    for (u32 i = 0; i < 2; i++) {
        w32(d, i);
        w32(d + 8, i);
        w32(d + 12, r32(d + 4) & (u32)(rnd(c) | rnd(c) | (i ? 1 : 0)));
    }
    w8(d + 20, 11);
    for (u32 q = 0; q < 4; q++) {
        u64 at = ring(32 + slot, q);

        w16(d + 22, q);
        w16(d + 24, 1u << rnd(c) % 8);
        w16(d + 26, rnd(c) & 3);
        w64(d + 32, at);
        w64(d + 40, at + 0x4000);
        w64(d + 48, at + 0x8000);
        w16(d + 28, 1);
    }
    w8(d + 20, 15);
    if (rnd(c) & 1)
        w16(f + 4, 7);
}

/* Descriptors that make some sense, all of them available. */
static void fill_ring(struct cpu *c, u32 n, u32 q)
{
    u64 at = ring(n, q);

    for (u32 i = 0; i < 32; i++) {
        u64 kind = rnd(c);

        w64(at + 16 * i, kind & 15 ? box(c) : value(c));
        w32(at + 16 * i + 8, kind >> 8 & 3 ? 1u << (kind >> 16 & 12) : value(c));
        w16(at + 16 * i + 12, kind >> 32 & 7 ? kind >> 40 & 3 : value(c));
        w16(at + 16 * i + 14, kind >> 48 & 7 ? i + 1 : value(c));
        w16(at + 0x4004 + 2 * i, rnd(c) & 31);
    }
    w16(at + 0x4002, r16(at + 0x4002) + (rnd(c) & 7));
    for (u32 i = 0; i < 8; i++) /* heads of requests */
        w64(box(c), rnd(c) & 31);
    if (n < 32)
        w32(0x0a000000 + n * 0x200 + 0x50, q);
    else {
        u64 d = virtio_part(ECAM + ((u64)(n - 32) << 15), 2);

        if (d)
            w16(d + 4 * q, q);
    }
}

/* ---- anything anywhere ---- */

static u64 address(struct cpu *c)
{
    u64 r = rnd(c), k = r & 63;
    const struct range *t;

    if (nbars && k >= 24)
        t = &bars[(r >> 8) % nbars];
    else
        t = &board[(r >> 8) % COUNT(board)];
    r = rnd(c);
    if (r & 3) /* the front has the registers */
        return t->at + (r >> 8) % (t->size < 0x400 ? t->size : 0x400);
    return t->at + (r >> 8) % t->size;
}

static void access(struct cpu *c, u64 a)
{
    u64 r = rnd(c), v = value(c);

    if (r & 0x80)
        a &= ~7ul;
    else if (r & 0x40)
        a &= ~3ul;
    switch (r & 31) {
    case 0:
    case 1: r8(a); break;
    case 2: r16(a); break;
    case 3:
    case 4:
    case 5: r32(a); break;
    case 6: __asm__ volatile("ldr x9, [%0]" ::"r"(a) : "x9", "memory"); break;
    case 7: __asm__ volatile("ldp x9, x10, [%0]" ::"r"(a) : "x9", "x10", "memory"); break;
    case 8: __asm__ volatile("ldr q0, [%0]" ::"r"(a) : "v0", "memory"); break;
    case 9: __asm__ volatile("ldxr x9, [%0]\n stxr w10, %1, [%0]" ::"r"(a), "r"(v) : "x9", "x10", "memory"); break;
    case 10: __asm__ volatile(".arch armv8.1-a\n ldadd %1, x9, [%0]" ::"r"(a), "r"(v) : "x9", "memory"); break;
    case 11: __asm__ volatile(".arch armv8.1-a\n cas w9, %w1, [%0]" ::"r"(a), "r"(v) : "x9", "memory"); break;
    case 12: __asm__ volatile("stp %1, %1, [%0]" ::"r"(a), "r"(v) : "memory"); break;
    case 13: __asm__ volatile("fmov d0, %1\n str q0, [%0]" ::"r"(a), "r"(v) : "v0", "memory"); break;
    case 14: __asm__ volatile("dc cvac, %0\n dc zva, %0" ::"r"(a) : "memory"); break;
    case 15: __asm__ volatile("prfm pldl1keep, [%0]" ::"r"(a) : "memory"); break;
    case 16:
    case 17:
    case 18: w8(a, v); break;
    case 19:
    case 20: w16(a, v); break;
    case 21:
    case 22: w64(a, v); break;
    default: w32(a, v);
    }
}

static void system_registers(struct cpu *c)
{
    u64 v = value(c);

    switch (rnd(c) % 16) {
    case 0: __asm__ volatile("msr s3_0_c4_c6_0, %0" ::"r"(v)); break;   /* ICC_PMR */
    case 1: __asm__ volatile("msr s3_0_c12_c11_5, %0" ::"r"(v)); break; /* SGI1R */
    case 2: __asm__ volatile("msr s3_0_c12_c12_1, %0" ::"r"(v)); break; /* EOIR1 */
    case 3: __asm__ volatile("msr s3_0_c12_c12_4, %0" ::"r"(v)); break; /* CTLR */
    case 4: __asm__ volatile("msr s3_0_c12_c12_7, %0" ::"r"(v)); break; /* IGRPEN1 */
    case 5: __asm__ volatile("mrs x9, s3_0_c12_c12_0" ::: "x9"); break; /* IAR1 */
    case 6: __asm__ volatile("msr s3_0_c12_c11_1, %0" ::"r"(v)); break; /* DIR */
    case 7: __asm__ volatile("msr s3_0_c12_c12_3, %0" ::"r"(v)); break; /* BPR1 */
    case 8: __asm__ volatile("msr cntv_tval_el0, %0" ::"r"(v)); break;
    case 9: __asm__ volatile("msr cntv_ctl_el0, %0" ::"r"(v)); break;
    case 10: __asm__ volatile("msr cntp_cval_el0, %0" ::"r"(v)); break;
    case 11: __asm__ volatile("msr cntp_ctl_el0, %0" ::"r"(v)); break;
    case 12: __asm__ volatile("msr pmcr_el0, %0" ::"r"(v)); break;
    case 13: __asm__ volatile("msr daifclr, 3"); break;
    case 14: call_psci(v % 5 ? 0x84000000 : 0x84000004); break;
    default: call_psci(0x8400000a);
    }
}

void hostile(u64 cpu)
{
    struct cpu c = {.rng = seed * 2 + cpu};

    if (cpu == 0) {
        find_pci();
        for (u32 i = 0; i < 32; i++) {
            mmio_up(&c, i);
            pci_up(&c, i);
        }
        start_second();
    }
    for (c.n = 0; c.n < STEPS; c.n++) {
        u64 r = rnd(&c);

        *(volatile u64 *)(PROGRESS + cpu * 8) = c.n;

        switch (r & 63) {
        case 0: mmio_up(&c, r >> 8 & 31); break;
        case 1: pci_up(&c, r >> 8 & 31); break;
        case 2:
        case 3:
        case 4:
        case 5: fill_ring(&c, (r >> 8) % 64, r >> 20 & 3); break;
        case 6:
        case 7: system_registers(&c); break;
        case 8:
        case 9:
            for (u64 i = 0, at = box(&c); i < 16 && at < BOX + BOX_SIZE; i++, at += 8)
                w64(at, value(&c));
            break;
        default: access(&c, address(&c));
        }
    }
}
