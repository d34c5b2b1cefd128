// SPDX-License-Identifier: MIT
/* tests/guest/ids.c -- hwcaps, ID registers and /proc/cpuinfo tell the same; counters, cache
 * geometry, DIT and SSBS behave as they say (kernel: Documentation/arm64/elf_hwcaps and
 * cpu-feature-registers). */
#include "tests/guest/guest.h"

#include <stdint.h>
#include <sys/auxv.h>
#include <time.h>

#define MRS(name)                                                                                  \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("mrs %0, " name : "=r"(v_));                                              \
        v_;                                                                                        \
    })

enum { ISAR0, ISAR1, ISAR2, PFR0, PFR1, MMFR2, NREGS };

/* The rules of elf_hwcaps.rst: the hwcap is set if and only if the field is at least the value. */
static const struct { const char *name; int word, bit, reg, lsb, least; } caps[] = {
    { "aes", 1, 3, ISAR0, 4, 1 },       { "pmull", 1, 4, ISAR0, 4, 2 },
    { "sha1", 1, 5, ISAR0, 8, 1 },      { "sha2", 1, 6, ISAR0, 12, 1 },
    { "crc32", 1, 7, ISAR0, 16, 1 },    { "atomics", 1, 8, ISAR0, 20, 2 },
    { "asimdrdm", 1, 12, ISAR0, 28, 1 }, { "jscvt", 1, 13, ISAR1, 12, 1 },
    { "fcma", 1, 14, ISAR1, 16, 1 },    { "lrcpc", 1, 15, ISAR1, 20, 1 },
    { "dcpop", 1, 16, ISAR1, 0, 1 },    { "sha3", 1, 17, ISAR0, 32, 1 },
    { "sm3", 1, 18, ISAR0, 36, 1 },     { "sm4", 1, 19, ISAR0, 40, 1 },
    { "asimddp", 1, 20, ISAR0, 44, 1 }, { "sha512", 1, 21, ISAR0, 12, 2 },
    { "sve", 1, 22, PFR0, 32, 1 },      { "asimdfhm", 1, 23, ISAR0, 48, 1 },
    { "dit", 1, 24, PFR0, 48, 1 },      { "uscat", 1, 25, MMFR2, 32, 1 },
    { "ilrcpc", 1, 26, ISAR1, 20, 2 },  { "flagm", 1, 27, ISAR0, 52, 1 },
    { "ssbs", 1, 28, PFR1, 4, 2 },      { "sb", 1, 29, ISAR1, 36, 1 },
    { "dcpodp", 2, 0, ISAR1, 0, 2 },    { "flagm2", 2, 7, ISAR0, 52, 2 },
    { "frint", 2, 8, ISAR1, 32, 1 },    { "i8mm", 2, 13, ISAR1, 52, 1 },
    { "bf16", 2, 14, ISAR1, 44, 1 },    { "dgh", 2, 15, ISAR1, 48, 1 },
    { "rng", 2, 16, ISAR0, 60, 1 },     { "bti", 2, 17, PFR1, 0, 1 },
    { "mte", 2, 18, PFR1, 8, 2 },       { "mops", 2, 43, ISAR2, 16, 1 },
    { "cssc", 2, 34, ISAR2, 52, 1 },
};

static char info[65536];

static int listed(const char *name)
{
    const char *line = strstr(info, "Features"), *end, *at;
    size_t n = strlen(name);

    CHECK(line != NULL);
    end = strchr(line, '\n');
    for (at = strchr(line, ':'); at && at < end; at = strchr(at + 1, ' '))
        if (at[0] == ' ' && !strncmp(at + 1, name, n) && (at[1 + n] == ' ' || at[1 + n] == '\n'))
            return 1;
    return 0;
}

static void features(void)
{
    uint64_t cap[3] = { 0, getauxval(AT_HWCAP), getauxval(AT_HWCAP2) }, reg[NREGS], midr;
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[64];

    CHECK(f && fread(info, 1, sizeof(info) - 1, f) > 0);
    fclose(f);
    CHECK((cap[1] & 3) == 3);     /* fp, asimd */
    CHECK(cap[1] >> 11 & 1);      /* cpuid: the registers may be read */
    reg[ISAR0] = MRS("s3_0_c0_c6_0");
    reg[ISAR1] = MRS("s3_0_c0_c6_1");
    reg[ISAR2] = MRS("s3_0_c0_c6_2");
    reg[PFR0] = MRS("s3_0_c0_c4_0");
    reg[PFR1] = MRS("s3_0_c0_c4_1");
    reg[MMFR2] = MRS("s3_0_c0_c7_2");
    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        int has = cap[caps[i].word] >> caps[i].bit & 1;
        int field = (int)(reg[caps[i].reg] >> caps[i].lsb & 15);

        if (has != (field >= caps[i].least) || has != listed(caps[i].name)) {
            fprintf(stderr, "%s: hwcap %d, field %d, cpuinfo %d\n", caps[i].name, has, field,
                    listed(caps[i].name));
            CHECK(!"hwcaps, ID registers and /proc/cpuinfo agree");
        }
    }
    /* signed fields, 15: absent; address and generic algorithms of pointer authentication */
    CHECK((reg[PFR0] >> 16 & 15) == (cap[1] >> 9 & 1) && (reg[PFR0] >> 20 & 15) == (cap[1] >> 10 & 1));
    CHECK(((reg[ISAR1] >> 4 & 0xff) != 0) == (cap[1] >> 30 & 1));
    CHECK(((reg[ISAR1] >> 24 & 0xff) != 0) == (cap[1] >> 31 & 1));
    midr = MRS("midr_el1");
    snprintf(line, sizeof(line), "CPU implementer\t: 0x%02x\n", (unsigned)(midr >> 24 & 255));
    CHECK(strstr(info, line));
    snprintf(line, sizeof(line), "CPU part\t: 0x%03x\n", (unsigned)(midr >> 4 & 0xfff));
    CHECK(strstr(info, line));
}

static int64_t ns(void)
{
    struct timespec ts;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
    return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* The counter read around the clock must advance at least as much, at the rate that it claims. */
static void counter(void)
{
    struct timespec nap = { 0, 20000000 };
    uint64_t freq = MRS("cntfrq_el0"), a, b;
    int64_t from, to;

    CHECK(freq >= 1000000 && freq <= 4000000000);
    a = MRS("cntvct_el0");
    from = ns();
    nanosleep(&nap, NULL);
    to = ns();
    b = MRS("cntvct_el0");
    CHECK(b > a);
    CHECK((double)(b - a) / (double)freq * 1e9 >= (double)(to - from) * 0.99 - 2000);
}

static void caches(void)
{
    static uint8_t block[8192] __attribute__((aligned(4096)));
    uint64_t ctr = MRS("ctr_el0"), zid = MRS("dczid_el0");
    size_t n = 4u << (zid & 15);

    CHECK(ctr >> 31 & 1);
    CHECK((ctr & 15) <= 9 && (ctr >> 16 & 15) <= 9); /* lines of at most 2048 bytes */
    if (zid & 16) /* not permitted */
        return;
    CHECK(n <= 2048);
    memset(block, 0xaa, sizeof(block));
    __asm__ volatile("dc zva, %0" : : "r"(block + 4096 + n / 2 + 3) : "memory");
    for (size_t i = 0; i < sizeof(block); i++)
        CHECK(block[i] == (i >= 4096 && i < 4096 + n ? 0 : 0xaa));
}

static void pstate(void)
{
    uint64_t cap = getauxval(AT_HWCAP);

    if (cap >> 24 & 1) {
        __asm__ volatile("msr s0_3_c4_c1_2, xzr"); /* DIT, #1 */
        CHECK(MRS("s3_3_c4_c2_5") == 1 << 24);
        __asm__ volatile("msr s3_3_c4_c2_5, %0" : : "r"(0ul));
        CHECK(MRS("s3_3_c4_c2_5") == 0);
    }
    if (cap >> 28 & 1) {
        __asm__ volatile("msr s3_3_c4_c2_6, %0" : : "r"(1ul << 12)); /* SSBS */
        CHECK(MRS("s3_3_c4_c2_6") == 1 << 12);
        __asm__ volatile("msr s0_3_c4_c0_1, xzr");
        CHECK(MRS("s3_3_c4_c2_6") == 0);
    }
}

int main(void)
{
    features();
    counter();
    caches();
    pstate();
    passed("ids");
}
