// SPDX-License-Identifier: MIT
/* fuzz/translate.c -- any bytes as arm64 code: decoded, translated, verified, optimized and emitted by
 * every backend of this build, not executed. The first two bytes choose the key, folding and how
 * many instructions a region may have; the rest is code. */
#include "fuzz/fuzz.h"

#include "frontends/frontend.h"
#include "tcg/builder.h"
#include "tcg/cache.h"

#include <stdlib.h>
#include <string.h>

#define CODE 0x10000u
#define MAX_BACKENDS 4

static const uint8_t *code;
static size_t code_size;
static struct tcg_engine *engines[MAX_BACKENDS];
static unsigned nengines;
static struct tcg_vcpu *vcpu;

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    uint64_t at = pc - CODE;

    if (at >= code_size) {
        v->exit.reason = TCG_EXIT_FAULT;
        v->exit.addr = pc;
        v->exit.access = TCG_FETCH;
        return 0;
    }
    if (len > code_size - at)
        len = code_size - at;
    memcpy(buf, code + at, len);
    return len;
}

static void setup(void)
{
    const struct frontend *fe = frontend_by_name("aarch64");
    struct tcg_config cfg = {.mem = {.user = true, .fetch = fetch}, .cache_bytes = 8u << 20};
    char err[256];
    const char *why;

    for (; nengines < MAX_BACKENDS && tcg_backends[nengines]; nengines++) {
        cfg.backend = tcg_backends[nengines];
        engines[nengines] = tcg_engine_new(&cfg, &why);
        FUZZ_CHECK(engines[nengines]);
    }
    vcpu = aligned_alloc(64, align_up(fe->vcpu_size, 64));
    FUZZ_CHECK(vcpu);
    memset(vcpu, 0, fe->vcpu_size);
    vcpu->frontend = fe;
    vcpu->guest = fe->guest;
    vcpu->engine = engines[0];
    fe->reset(vcpu, fe->cpu_parse("max", err, sizeof(err)), true);
}

static void verify(const struct tcg_ir *ir)
{
    char buf[256];
    const char *wrong = tcg_ir_verify(ir, buf, sizeof(buf));

    if (wrong) {
        tcg_ir_print(ir, stderr);
        MOA_BUG("%s", wrong);
    }
}

static void emit(struct tcg_engine *e, struct tcg_ir *ir)
{
    size_t used = e->code ? e->code->used : 0;
    struct tcg_region *r = calloc(1, sizeof(*r));

    FUZZ_CHECK(r);
    r->pc = ir->pc;
    r->key = ir->key;
    if (e->backend->compile(e, ir, r) == 0) {
        FUZZ_CHECK(!e->backend->native || (r->code && r->code_size));
        if (e->backend->region_free)
            e->backend->region_free(e, r);
    }
    free(r->links);
    free(r);
    if (e->code)
        tcg_codemem_reuse(e->code, used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcg_limits lim = {.stop_before = ~0ull};
    struct tcg_opt opt = {0};
    struct tcg_builder *b;
    struct tcg_ir ir;
    uint64_t key;

    if (size < 2)
        return 0;
    if (!vcpu)
        setup();
    /* keys as the guest makes them: its own state with other modes of floating point */
    key = vcpu->guest->key(vcpu) ^ (data[0] & 0x7f);
    lim.max_insns = 1 + (data[1] & 63);
    code = data + 2;
    code_size = size - 2;
    b = calloc(1, sizeof(*b));
    FUZZ_CHECK(b);
    tcg_ir_init(&ir, vcpu->guest);
    tcg_builder_init(b, &ir, data[1] & 0x80);
    b->watch = data[1] & 0x40;
    tcg_builder_start(b, CODE, key);
    vcpu->guest->translate(b, vcpu, CODE, key, &lim);
    tcg_builder_finish(b);
    verify(&ir);
    FUZZ_CHECK(ir.ninsns <= lim.max_insns);
    tcg_opt_dead(&opt, &ir);
    verify(&ir);
    for (unsigned i = 0; i < nengines; i++)
        emit(engines[i], &ir);
    tcg_opt_free(&opt);
    tcg_builder_free(b);
    free(b);
    tcg_ir_free(&ir);
    return 0;
}
