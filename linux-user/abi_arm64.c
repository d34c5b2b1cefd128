// SPDX-License-Identifier: MIT
/* linux-user/abi_arm64.c -- Linux on arm64: system call registers, flags, structures, core notes
 * (kernel: arch/arm64/include/uapi/asm, asm-generic; Arm ARM D17.2.37 for ESR words). */
#include "linux-user/abi_arm64.h"

#include "host/user.h"
#include "linux-user/mm.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define PROT_BTI 0x10 /* uapi/asm/mman.h */

static void get_call(struct tcg_vcpu *v, uint64_t *nr, uint64_t a[6])
{
    *nr = (uint32_t)v->hot[8];
    memcpy(a, v->hot, 6 * sizeof(*a));
}

static void set_ret(struct tcg_vcpu *v, int64_t ret)
{
    v->hot[0] = (uint64_t)ret;
}

static void start(struct tcg_vcpu *v, uint64_t entry, uint64_t sp)
{
    const struct frontend *fe = v->frontend;

    fe->reg_write(v, A64_SP, &sp);
    fe->set_pc(v, entry);
}

/* Whether the instruction at pc reads and writes one place: LSE operations, SWP, CAS, CASP. */
static bool is_atomic_update(const struct lx_task *t)
{
    uint32_t insn;

    if (lx_get(t, &insn, lx_pc(t), sizeof(insn)))
        return false;
    return (insn & 0x3b200c00) == 0x38200000 || (insn & 0x3fa07c00) == 0x08a07c00 ||
           (insn & 0xbfa07c00) == 0x08207c00;
}

/* ESR_EL1 of an abort from EL0: class, IL, WnR, and a level 3 translation or permission fault. WnR
 * of an atomic update is 0 where a read alone would have failed too. */
static uint64_t syndrome(const struct lx_task *t, uint32_t access, const struct lx_vma *vma)
{
    uint64_t class = access == TCG_FETCH ? 0x20 : 0x24;
    bool readable = vma && (vma->prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
    bool write = access == TCG_WRITE && (readable || !is_atomic_update(t));

    return class << 26 | 1u << 25 | (write ? 1u << 6 : 0) | (vma ? 0x0f : 0x07);
}

struct arm64_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad1;
    int64_t size;
    int32_t blksize, pad2;
    int64_t blocks;
    int64_t atime;
    uint64_t atime_nsec;
    int64_t mtime;
    uint64_t mtime_nsec;
    int64_t ctime;
    uint64_t ctime_nsec;
    uint32_t unused[2];
};
_Static_assert(sizeof(struct arm64_stat) == 128, "asm-generic/stat.h");

static size_t put_stat(void *buf, const struct stat *st)
{
    struct arm64_stat s = {
        .dev = st->st_dev,
        .ino = st->st_ino,
        .mode = st->st_mode,
        .nlink = (uint32_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = st->st_rdev,
        .size = st->st_size,
        .blksize = (int32_t)st->st_blksize,
        .blocks = st->st_blocks,
        .atime = st->st_atim.tv_sec,
        .atime_nsec = (uint64_t)st->st_atim.tv_nsec,
        .mtime = st->st_mtim.tv_sec,
        .mtime_nsec = (uint64_t)st->st_mtim.tv_nsec,
        .ctime = st->st_ctim.tv_sec,
        .ctime_nsec = (uint64_t)st->st_ctim.tv_nsec,
    };

    memcpy(buf, &s, sizeof(s));
    return sizeof(s);
}

/* struct user_pt_regs: x0..x30, sp, pc, pstate. */
static void core_gp(struct tcg_vcpu *v, void *buf)
{
    uint64_t *r = buf;
    uint32_t pstate = 0;

    for (unsigned i = 0; i <= A64_PC; i++)
        v->frontend->reg_read(v, i, &r[i]);
    v->frontend->reg_read(v, A64_PSTATE, &pstate);
    r[33] = pstate;
}

/* struct user_fpsimd_state: v0..v31, fpsr, fpcr, padding. */
static void core_fp(struct tcg_vcpu *v, void *buf)
{
    uint8_t *b = buf;

    memset(b, 0, 528);
    for (unsigned i = 0; i < 32; i++)
        v->frontend->reg_read(v, A64_V0 + i, b + 16 * i);
    v->frontend->reg_read(v, A64_FPSR, b + 512);
    v->frontend->reg_read(v, A64_FPCR, b + 516);
}

static const struct lx_flag_map open_flags[] = {
    {0x04000, O_DIRECTORY},
    {0x08000, O_NOFOLLOW},
    {0x10000, O_DIRECT},
    {0x20000, HOST_O_LARGEFILE},
    {0, 0},
};

static const struct lx_core_note core_notes[] = {
    {NT_ARM_TLS, A64_TPIDR, 1},
    {NT_ARM_PAC_MASK, A64_PACMASK, 2},
    {0, 0, 0},
};

const struct lx_abi lx_abi_arm64 = {
    .fe_name = "aarch64",
    .platform = "aarch64",
    .column = LX_NR_arm64,
    .word = 8,
    .svc_len = 4,
    .tag_bits = 8,
    .task_size = 1ull << 48,
    .dyn_base = 0x2aaaaaaa0000,
    .mmap_top = 0x3ffffffff000,
    .sp_reg = A64_SP,
    .tls_reg = A64_TPIDR,
    .min_sigstack = 4720,
    .open_flags = open_flags,
    .prot_extra = PROT_BTI,
    .guard_property = 0xc0000000, /* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
    .guard_bits = 1,              /* BTI */
    .guard_hwcap2 = 1 << 17,      /* HWCAP2_BTI */
    .core = {.gp_size = 34 * 8, .fp_size = 528, .notes = core_notes},
    .get_call = get_call,
    .set_ret = set_ret,
    .start = start,
    .vdso = &lx_vdso_arm64,
    .push_frame = lx_arm64_push_frame,
    .pop_frame = lx_arm64_pop_frame,
    .syndrome = syndrome,
    .put_stat = put_stat,
    .core_gp = core_gp,
    .core_fp = core_fp,
};
