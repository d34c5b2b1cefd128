// SPDX-License-Identifier: MIT
/* linux-user/access.c -- reading and writing guest memory and registers from C. */
#include "linux-user/lx.h"

#include "host/user.h"

#include <errno.h>
#include <string.h>

int lx_get(const struct lx_task *t, void *dst, uint64_t addr, size_t n)
{
    const void *p = lx_ptr(t, addr, n);

    return p ? host_copy(dst, p, n) : -EFAULT;
}

int lx_put(const struct lx_task *t, uint64_t addr, const void *src, size_t n)
{
    void *p = lx_ptr(t, addr, n);
    int r = p ? host_copy(p, src, n) : -EFAULT;

    tcg_monitor_call(t->p->engine);
    return r;
}

int64_t lx_get_str(const struct lx_task *t, char *buf, size_t len, uint64_t addr)
{
    size_t done = 0;

    while (done < len) { /* a page at a time: the next one may not be there */
        size_t n = LX_PAGE - ((addr + done) & (LX_PAGE - 1));
        const char *end;

        n = n < len - done ? n : len - done;
        if (lx_get(t, buf + done, addr + done, n))
            return -EFAULT;
        end = memchr(buf + done, 0, n);
        if (end)
            return end - buf;
        done += n;
    }
    return -ENAMETOOLONG;
}

uint64_t lx_pc(const struct lx_task *t)
{
    return t->p->fe->guest->get_pc(t->vcpu);
}

uint64_t lx_reg(struct lx_task *t, unsigned reg)
{
    const struct frontend *fe = t->p->fe;
    uint8_t b[64] = {0};
    unsigned n = fe->regs[reg].bits / 8u;
    uint64_t v = 0;

    fe->reg_read(t->vcpu, reg, b);
    for (unsigned i = 0; i < n && i < 8; i++)
        v |= (uint64_t)b[i] << 8 * (fe->elf_data == 2 ? n - 1 - i : i);
    return v;
}

void lx_set_reg(struct lx_task *t, unsigned reg, uint64_t v)
{
    const struct frontend *fe = t->p->fe;
    uint8_t b[64] = {0};
    unsigned n = fe->regs[reg].bits / 8u;

    for (unsigned i = 0; i < n && i < 8; i++)
        b[i] = (uint8_t)(v >> 8 * (fe->elf_data == 2 ? n - 1 - i : i));
    fe->reg_write(t->vcpu, reg, b);
}
