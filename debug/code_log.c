// SPDX-License-Identifier: MIT
/* debug/code_log.c -- what the engine shows of each region: guest code, host code, perf's
 * record. */
#include "debug/code_log.h"

#include "base/log.h"
#include "debug/disas.h"
#include "debug/jitdump.h"
#include "debug/symbols.h"
#include "frontends/frontend.h"

static void guest_code(struct tcg_vcpu *v, uint64_t pc, const void *bytes, size_t len)
{
    char name[256] = "";

    symbols_name(pc, v->guest_base, name, sizeof(name));
    log_printf("IN: %s%s%zu bytes at %#llx\n", name, *name ? ", " : "", len,
               (unsigned long long)pc);
    disas_print(log_stream(), v->frontend->capstone_arch, v->frontend->capstone_mode, pc, bytes,
                len);
    log_printf("\n");
}

static void host_code(struct tcg_vcpu *v, uint64_t pc, const void *code, size_t len)
{
    char name[256];

    if (log_on(LOG_out_asm) && log_addr(pc) && code) {
        log_printf("OUT: %zu bytes for %#llx\n", len, (unsigned long long)pc);
        disas_print_host(log_stream(), (uintptr_t)code, code, len);
        log_printf("\n");
    }
    if (jitdump_is_open() && code) {
        bool known = symbols_name(pc, v->guest_base, name, sizeof(name));

        jitdump_add(pc, known ? name : NULL, code, len);
    }
}

const struct tcg_hooks debug_code_hooks = {
    .guest_code = guest_code,
    .host_code = host_code,
};
