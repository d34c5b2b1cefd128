// SPDX-License-Identifier: MIT
/* debug/disas.c -- disassembly of guest and host code by capstone. What capstone does not know is
 * printed as bytes, four at a time for fixed-width guests, and disassembly goes on behind it. */
#include "config.h"
#include "debug/disas.h"

#if HAVE_CAPSTONE
#include <capstone/capstone.h>
#endif

#include <string.h>

static void print_bytes(FILE *out, uint64_t pc, const uint8_t *code, size_t len)
{
    for (size_t i = 0; i < len; i += 4) {
        size_t n = len - i < 4 ? len - i : 4;

        fprintf(out, "  %#14llx: ", (unsigned long long)(pc + i));
        for (size_t k = 0; k < n; k++)
            fprintf(out, " %02x", code[i + k]);
        fputc('\n', out);
    }
}

#if HAVE_CAPSTONE
const char *disas_version(void)
{
    static char text[32];
    int major, minor;

    cs_version(&major, &minor);
    snprintf(text, sizeof(text), "capstone %d.%d", major, minor);
    return text;
}

void disas_print(FILE *out, int arch, int mode, uint64_t pc, const void *code, size_t len)
{
    const uint8_t *p = code;
    cs_insn *insn;
    csh cs;

    if (cs_open((cs_arch)arch, (cs_mode)mode, &cs) != CS_ERR_OK) {
        print_bytes(out, pc, p, len);
        return;
    }
    insn = cs_malloc(cs);
    while (insn && len) {
        uint64_t at = pc;
        const uint8_t *bytes = p;

        if (cs_disasm_iter(cs, &p, &len, &pc, insn)) {
            fprintf(out, "  %#14llx: ", (unsigned long long)at);
            for (unsigned i = 0; i < insn->size; i++)
                fprintf(out, " %02x", bytes[i]);
            fprintf(out, "%*s%s %s\n", insn->size < 8 ? (int)(8 - insn->size) * 3 + 1 : 1, "",
                    insn->mnemonic, insn->op_str);
        } else {
            size_t n = len < 4 || arch == CS_ARCH_X86 ? 1 : 4;

            print_bytes(out, pc, p, n);
            p += n;
            pc += n;
            len -= n;
        }
    }
    if (insn)
        cs_free(insn, 1);
    cs_close(&cs);
}

void disas_print_host(FILE *out, uint64_t pc, const void *code, size_t len)
{
#if defined(__x86_64__)
    disas_print(out, CS_ARCH_X86, CS_MODE_64, pc, code, len);
#elif defined(__aarch64__)
    disas_print(out, CS_ARCH_ARM64, CS_MODE_ARM, pc, code, len);
#else
    print_bytes(out, pc, code, len);
#endif
}
#else
const char *disas_version(void)
{
    return NULL;
}

void disas_print(FILE *out, int arch, int mode, uint64_t pc, const void *code, size_t len)
{
    (void)arch;
    (void)mode;
    print_bytes(out, pc, code, len);
}

void disas_print_host(FILE *out, uint64_t pc, const void *code, size_t len)
{
    print_bytes(out, pc, code, len);
}
#endif
