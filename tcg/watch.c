// SPDX-License-Identifier: MIT
/* tcg/watch.c -- watchpoints: a list in the engine, and a call before each access while the list is
 * not empty. The access is not done; the debugger steps over it, as arm64 and ppc hardware wants. */
#include "tcg/watch.h"

#include "tcg/cache.h"

#include <errno.h>

static uint32_t check(struct tcg_vcpu *v, uint64_t addr, uint32_t what)
{
    struct tcg_cache *c = v->engine->cache;
    unsigned size = what & 0xff, kinds = what >> 8;
    uint32_t hit = 0;

    if (v->undebugged)
        return 0;
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < c->nwatches && !hit; i++) {
        const struct tcg_watch *w = &c->watches[i];

        if (!(w->kinds & kinds) || addr + size <= w->addr || addr >= w->addr + w->len)
            continue;
        v->exit.reason = TCG_EXIT_DEBUG;
        v->exit.addr = w->addr > addr ? w->addr : addr;
        v->exit.code = kinds;
        hit = 1;
    }
    pthread_mutex_unlock(&c->lock);
    return hit;
}

const struct tcg_helper tcg_watch_helper = {
    .name = "watch", .fn = (void (*)(void))check, .ret = TCG_I32, .nargs = 2,
    .args = {TCG_I64, TCG_I32}, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};

int tcg_watchpoint(struct tcg_engine *e, uint64_t addr, uint64_t len, unsigned kinds, bool insert)
{
    struct tcg_cache *c = e->cache;
    int err = 0;
    uint32_t i;

    pthread_mutex_lock(&c->lock);
    for (i = 0; i < c->nwatches; i++)
        if (c->watches[i].addr == addr && c->watches[i].len == len && c->watches[i].kinds == kinds)
            break;
    if (insert && c->nwatches == TCG_MAX_WATCHES) {
        err = -ENOSPC;
    } else if (insert) {
        c->watches[c->nwatches] = (struct tcg_watch){addr, len, kinds};
        if (!c->nwatches++)
            tcg_cache_retire_range(e, 0, ~0ull);
    } else if (i == c->nwatches) {
        err = -ENOENT;
    } else {
        c->watches[i] = c->watches[--c->nwatches];
        if (!c->nwatches)
            tcg_cache_retire_range(e, 0, ~0ull);
    }
    pthread_mutex_unlock(&c->lock);
    return err;
}
