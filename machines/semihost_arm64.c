// SPDX-License-Identifier: MIT
/* machines/semihost_arm64.c -- Arm semihosting for A64 (Arm's "Semihosting for AArch32 and
 * AArch64", 2.0 and 3.0): HLT 0xf000 with the number of a call in W0 and in X1 its argument, mostly
 * the address of a block of 64-bit fields; the result in X0.
 *
 * Every address is translated with the guest's own rights, and only memory is touched. A call moves
 * at most MOST bytes, which guests must expect of SYS_READ and SYS_WRITE. Clocks are the machine's:
 * virtual time, and the date of the real-time clock. */
#include "machines/semihost.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITEC = 0x03,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_READC = 0x07,
    SYS_ISERROR = 0x08,
    SYS_ISTTY = 0x09,
    SYS_SEEK = 0x0a,
    SYS_FLEN = 0x0c,
    SYS_TMPNAM = 0x0d,
    SYS_REMOVE = 0x0e,
    SYS_RENAME = 0x0f,
    SYS_CLOCK = 0x10,
    SYS_TIME = 0x11,
    SYS_SYSTEM = 0x12,
    SYS_ERRNO = 0x13,
    SYS_GET_CMDLINE = 0x15,
    SYS_HEAPINFO = 0x16,
    SYS_EXIT = 0x18,
    SYS_EXIT_EXTENDED = 0x20,
    SYS_ELAPSED = 0x30,
    SYS_TICKFREQ = 0x31,
};
enum { CHUNK = 4096, MOST = 1 << 20, APPLICATION_EXIT = 0x20026 };
enum { REG_PC = 32, REG_CPSR = 33 }; /* as frontends/arm64 numbers them */

struct call {
    struct machine *m;
    struct semihost *s;
    struct tcg_vcpu *v;
    uint64_t ram_base;
    uint64_t arg;      /* X1 */
    uint64_t field[4]; /* of the block that it points to */
    int err;           /* errno of this call */
    bool again;        /* the instruction is made again */
};

static uint64_t get_reg(struct tcg_vcpu *v, unsigned n, unsigned bytes)
{
    uint8_t b[8] = {0};
    uint64_t x = 0;

    v->frontend->reg_read(v, n, b);
    for (unsigned i = bytes; i--;)
        x = x << 8 | b[i];
    return x;
}

static void set_reg(struct tcg_vcpu *v, unsigned n, uint64_t x)
{
    uint8_t b[8];

    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(x >> 8 * i);
    v->frontend->reg_write(v, n, b);
}

/* ---- guest memory ---- */

static bool copy(struct call *c, uint64_t addr, void *buf, size_t n, bool write)
{
    if (!sm_guest_access(c->v, addr, buf, n, write))
        return true;
    c->err = EFAULT;
    return false;
}

static bool fields(struct call *c, unsigned n)
{
    uint8_t b[sizeof(c->field)];

    if (!copy(c, c->arg, b, n * 8, false))
        return false;
    for (unsigned i = 0; i < n; i++) {
        c->field[i] = 0;
        for (unsigned k = 8; k--;)
            c->field[i] = c->field[i] << 8 | b[i * 8 + k];
    }
    return true;
}

static bool put_fields(struct call *c, uint64_t addr, const uint64_t *value, unsigned n)
{
    uint8_t b[sizeof(c->field)];

    for (unsigned i = 0; i < n * 8; i++)
        b[i] = (uint8_t)(value[i / 8] >> i % 8 * 8);
    return copy(c, addr, b, n * 8, true);
}

/* A string of len bytes, without its end. */
static bool string(struct call *c, uint64_t addr, uint64_t len, char out[PATH_MAX])
{
    if (len >= PATH_MAX) {
        c->err = ENAMETOOLONG;
        return false;
    }
    out[len] = 0;
    if (len && !copy(c, addr, out, len, false))
        return false;
    if (strlen(out) == len)
        return true;
    c->err = EINVAL;
    return false;
}

/* 0 and more, or -1 with errno. */
static int64_t answer(struct call *c, int64_t r)
{
    if (r >= 0)
        return r;
    c->err = (int)-r;
    return -1;
}

/* ---- calls; each gives what X0 shall be ---- */

static int64_t sys_open(struct call *c)
{
    char name[PATH_MAX];

    if (!fields(c, 3) || !string(c, c->field[0], c->field[2], name))
        return -1;
    return answer(c, semihost_open(c->s, name, c->field[1] > 11 ? 12 : (unsigned)c->field[1]));
}

static int64_t sys_write(struct call *c)
{
    uint8_t buf[CHUNK];
    uint64_t left, most;

    if (!fields(c, 3))
        return -1;
    left = c->field[2];
    for (most = left < MOST ? left : MOST; most;) {
        size_t n = most < CHUNK ? (size_t)most : CHUNK;
        ssize_t r;

        if (!copy(c, c->field[1], buf, n, false))
            break;
        r = semihost_write(c->s, c->field[0], buf, n);
        if (answer(c, r) <= 0)
            break;
        c->field[1] += (uint64_t)r;
        left -= (uint64_t)r;
        most -= (uint64_t)r;
        if ((size_t)r < n)
            break;
    }
    return (int64_t)left;
}

static int64_t sys_read(struct call *c)
{
    uint8_t buf[CHUNK];
    uint64_t left, most;

    if (!fields(c, 3))
        return -1;
    left = c->field[2];
    for (most = left < MOST ? left : MOST; most;) {
        size_t n = most < CHUNK ? (size_t)most : CHUNK;
        ssize_t r;

        if (!copy(c, c->field[1], buf, n, true)) /* may it be written at all? */
            break;
        r = semihost_read(c->s, c->field[0], buf, n);
        if (r == SEMIHOST_AGAIN) {
            c->again = left == c->field[2];
            break;
        }
        if (answer(c, r) <= 0 || !copy(c, c->field[1], buf, (size_t)r, true))
            break;
        c->field[1] += (uint64_t)r;
        left -= (uint64_t)r;
        most -= (uint64_t)r;
        if ((size_t)r < n)
            break;
    }
    return (int64_t)left;
}

static int64_t sys_writec(struct call *c)
{
    uint8_t byte;

    if (copy(c, c->arg, &byte, 1, false))
        semihost_put(c->s, &byte, 1);
    return 0;
}

static int64_t sys_write0(struct call *c)
{
    uint8_t buf[256];
    uint64_t at = c->arg, done = 0;

    while (done < MOST) {
        size_t n = sizeof(buf) - (at & (sizeof(buf) - 1)), len; /* not over the end of a page */

        if (!copy(c, at, buf, n, false))
            break;
        len = strnlen((const char *)buf, n);
        semihost_put(c->s, buf, len);
        if (len < n)
            break;
        at += n;
        done += n;
    }
    return 0;
}

static int64_t sys_readc(struct call *c)
{
    int r = semihost_getc(c->s);

    c->again = r == SEMIHOST_AGAIN;
    return r;
}

static int64_t sys_tmpnam(struct call *c)
{
    char name[64];
    int n;

    if (!fields(c, 3))
        return -1;
    n = snprintf(name, sizeof(name), "/tmp/moa-%ld-%u", (long)getpid(),
                 (unsigned)c->field[1] & 255);
    if (c->field[1] > 255 || c->field[2] <= (uint64_t)n) {
        c->err = EINVAL;
        return -1;
    }
    return copy(c, c->field[0], name, (size_t)n + 1, true) ? 0 : -1;
}

static int64_t sys_remove(struct call *c)
{
    char name[PATH_MAX];

    if (!fields(c, 2) || !string(c, c->field[0], c->field[1], name))
        return -1;
    return remove(name) ? answer(c, -errno) : 0;
}

static int64_t sys_rename(struct call *c)
{
    char from[PATH_MAX], to[PATH_MAX];

    if (!fields(c, 4) || !string(c, c->field[0], c->field[1], from) ||
        !string(c, c->field[2], c->field[3], to))
        return -1;
    return rename(from, to) ? answer(c, -errno) : 0;
}

static int64_t sys_system(struct call *c)
{
    char command[PATH_MAX];

    if (!fields(c, 2) || !string(c, c->field[0], c->field[1], command))
        return -1;
    return answer(c, semihost_system(command));
}

static int64_t sys_get_cmdline(struct call *c)
{
    const char *line = semihost_cmdline(c->s);
    uint64_t len = strlen(line);

    if (!fields(c, 2))
        return -1;
    if (c->field[1] <= len) {
        c->err = E2BIG;
        return -1;
    }
    return copy(c, c->field[0], (void *)(uintptr_t)line, len + 1, true) &&
                   put_fields(c, c->arg + 8, &len, 1)
               ? 0
               : -1;
}

/* Memory behind what was loaded: the heap grows up from there, the stack down from the top. */
static int64_t sys_heapinfo(struct call *c)
{
    uint64_t base = c->ram_base, top = base + c->m->ram_size, low = base, block[4];

    for (unsigned i = 0; i < c->m->nblobs; i++) {
        uint64_t end = c->m->blobs[i].addr + c->m->blobs[i].len;

        if (end > low && end <= top)
            low = end;
    }
    low = align_up(low, 4096);
    block[0] = low;
    block[1] = block[3] = low + align_down((top - low) / 2, 4096);
    block[2] = top;
    return fields(c, 1) && put_fields(c, c->field[0], block, 4) ? 0 : -1;
}

static int64_t sys_exit(struct call *c)
{
    if (!fields(c, 2))
        c->field[0] = 0;
    c->m->status = c->field[0] == APPLICATION_EXIT ? (int)(c->field[1] & 255) : 1;
    machine_request(c->m, MACHINE_QUIT);
    sm_pause(c->m->sm); /* asks only, on a vcpu's thread */
    return 0;
}

static int64_t clock_of(const struct call *c, enum clock_kind kind)
{
    const struct clock_port *p = sm_clock(c->m->sm);

    return p->now(p->opaque, kind);
}

static int64_t sys_elapsed(struct call *c)
{
    uint64_t ns = (uint64_t)clock_of(c, CLOCK_VIRTUAL);

    return put_fields(c, c->arg, &ns, 1) ? 0 : -1;
}

static int64_t do_call(struct call *c, uint32_t number)
{
    switch (number) {
    case SYS_OPEN:
        return sys_open(c);
    case SYS_CLOSE:
        return fields(c, 1) ? answer(c, semihost_close(c->s, c->field[0])) : -1;
    case SYS_WRITEC:
        return sys_writec(c);
    case SYS_WRITE0:
        return sys_write0(c);
    case SYS_WRITE:
        return sys_write(c);
    case SYS_READ:
        return sys_read(c);
    case SYS_READC:
        return sys_readc(c);
    case SYS_ISERROR:
        return fields(c, 1) ? (int64_t)c->field[0] < 0 : -1;
    case SYS_ISTTY:
        return fields(c, 1) ? answer(c, semihost_is_tty(c->s, c->field[0])) : -1;
    case SYS_SEEK:
        return fields(c, 2) ? answer(c, semihost_seek(c->s, c->field[0], c->field[1])) : -1;
    case SYS_FLEN:
        return fields(c, 1) ? answer(c, semihost_length(c->s, c->field[0])) : -1;
    case SYS_TMPNAM:
        return sys_tmpnam(c);
    case SYS_REMOVE:
        return sys_remove(c);
    case SYS_RENAME:
        return sys_rename(c);
    case SYS_CLOCK:
        return clock_of(c, CLOCK_VIRTUAL) / 10000000;
    case SYS_TIME:
        return clock_of(c, CLOCK_HOST) / 1000000000;
    case SYS_SYSTEM:
        return sys_system(c);
    case SYS_GET_CMDLINE:
        return sys_get_cmdline(c);
    case SYS_HEAPINFO:
        return sys_heapinfo(c);
    case SYS_EXIT:
    case SYS_EXIT_EXTENDED:
        return sys_exit(c);
    case SYS_ELAPSED:
        return sys_elapsed(c);
    case SYS_TICKFREQ:
        return 1000000000;
    default:
        c->err = ENOSYS;
        return -1;
    }
}

bool semihost_arm64(struct machine *m, struct tcg_vcpu *v, uint64_t ram_base)
{
    struct call c = {.m = m, .s = m->semihost, .v = v, .ram_base = ram_base};
    uint32_t number = (uint32_t)get_reg(v, 0, 8);
    uint64_t r;

    if (!c.s || (!(get_reg(v, REG_CPSR, 4) >> 2 & 3) && !semihost_for_user(c.s)))
        return false;
    c.arg = get_reg(v, 1, 8);
    semihost_lock(c.s);
    if (number == SYS_ERRNO) {
        r = (uint64_t)m->semihost_errno;
    } else {
        r = (uint64_t)do_call(&c, number);
        if (c.err)
            m->semihost_errno = c.err;
    }
    semihost_unlock(c.s);
    if (c.again)
        set_reg(v, REG_PC, get_reg(v, REG_PC, 8) - 4);
    else
        set_reg(v, 0, r);
    return true;
}
