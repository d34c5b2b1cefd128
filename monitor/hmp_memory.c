// SPDX-License-Identifier: MIT
/* monitor/hmp_memory.c -- looking at memory: x and xp with formats, print, sum, addresses. */
#include "monitor/hmp_impl.h"

#include "debug/disas.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct format {
    unsigned count, size; /* size 0: not said */
    char kind;            /* x d u o c i s */
};

static bool parse_format(struct hmp *h, const char **arg, struct format *f)
{
    const char *p = *arg;

    if (*p == '/') {
        unsigned long n = 0;

        for (p++; *p >= '0' && *p <= '9' && n < 1000000; p++)
            n = 10 * n + (unsigned)(*p - '0');
        f->count = n ? (unsigned)n : 1;
        for (; *p && *p != ' '; p++) {
            if (strchr("xduocis", *p))
                f->kind = *p;
            else if (strchr("bhwg", *p))
                f->size = *p == 'b' ? 1 : *p == 'h' ? 2 : *p == 'w' ? 4 : 8;
            else
                return hmp_say(h, "invalid char in format: '%c'\n", *p), false;
        }
    }
    while (*p == ' ')
        p++;
    *arg = p;
    if (f->count > 65536)
        return hmp_say(h, "at most 65536 items\n"), false;
    return true;
}

static int fetch(struct hmp *h, bool physical, uint64_t addr, void *buf, size_t n)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};

    if (!physical)
        return sm_debug_access(sm_vcpu(h->m->sm, h->cpu), addr, buf, n, false);
    return mem_read(h->m->memory, addr, buf, n, who) == MEM_OK ? 0 : -EFAULT;
}

static void put_char(struct hmp *h, uint8_t c)
{
    static const char special[] = "0\0t\tn\nr\r";

    hmp_say(h, " '");
    if (c >= 32 && c < 127 && c != '\'' && c != '\\')
        hmp_say(h, "%c", c);
    else if (c == '\'' || c == '\\')
        hmp_say(h, "\\%c", c);
    else {
        for (size_t i = 0; i + 1 < sizeof(special); i += 2)
            if (special[i + 1] == (char)c) {
                hmp_say(h, "\\%c'", special[i]);
                return;
            }
        hmp_say(h, "\\x%02x", c);
    }
    hmp_say(h, "'");
}

static void put_number(struct hmp *h, const struct format *f, uint64_t v)
{
    unsigned bits = 8 * f->size;

    switch (f->kind) {
    case 'u': hmp_say(h, " %" PRIu64, v); break;
    case 'o': hmp_say(h, " %#" PRIo64, v); break;
    case 'c': put_char(h, (uint8_t)v); break;
    case 'd': hmp_say(h, " %" PRId64, (int64_t)(v << (64 - bits)) >> (64 - bits)); break;
    default: hmp_say(h, " 0x%0*" PRIx64, (int)(2 * f->size), v);
    }
}

static void code(struct hmp *h, const struct format *f, uint64_t addr, bool physical)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    for (unsigned i = 0; out && i < f->count; i++, addr += 4) {
        uint8_t b[4];

        if (fetch(h, physical, addr, b, 4)) {
            fprintf(out, "Cannot access memory\n");
            break;
        }
        disas_print(out, h->m->fe->capstone_arch, h->m->fe->capstone_mode, addr, b, 4);
    }
    if (out)
        fclose(out);
    hmp_put(h, text ? text : "", len);
    free(text);
}

static void strings(struct hmp *h, const struct format *f, uint64_t addr, bool physical)
{
    for (unsigned i = 0; i < f->count; i++) {
        uint8_t c = 0;

        hmp_say(h, "%016" PRIx64 ": \"", addr);
        for (unsigned n = 0; n < 4096 && !fetch(h, physical, addr++, &c, 1) && c; n++)
            hmp_say(h, c >= 32 && c < 127 ? "%c" : "\\x%02x", c);
        hmp_say(h, "\"\n");
    }
}

static void dump(struct hmp *h, const char *arg, bool physical)
{
    struct format f = {1, 0, 'x'};
    uint64_t addr;
    unsigned per_line;

    if (!parse_format(h, &arg, &f) || !hmp_number(h, &arg, &addr))
        return;
    if (f.kind == 'i') {
        code(h, &f, addr, physical);
        return;
    }
    if (f.kind == 's') {
        strings(h, &f, addr, physical);
        return;
    }
    f.size = f.kind == 'c' ? 1 : f.size ? f.size : 4;
    per_line = f.kind == 'c' ? 8 : f.size == 1 ? 8 : 16 / f.size;
    for (unsigned i = 0; i < f.count; i++, addr += f.size) {
        uint8_t b[8];
        uint64_t v = 0;

        if (i % per_line == 0)
            hmp_say(h, "%s%016" PRIx64 ":", i ? "\n" : "", addr);
        if (fetch(h, physical, addr, b, f.size)) {
            hmp_say(h, " Cannot access memory");
            break;
        }
        for (unsigned k = f.size; k--;)
            v = v << 8 | b[k];
        put_number(h, &f, v);
    }
    hmp_say(h, "\n");
}

static void do_x(struct hmp *h, const char *arg)
{
    dump(h, arg, false);
}

static void do_xp(struct hmp *h, const char *arg)
{
    dump(h, arg, true);
}

static void do_print(struct hmp *h, const char *arg)
{
    struct format f = {1, 8, 'd'};
    uint64_t v;

    if (!parse_format(h, &arg, &f) || !hmp_number(h, &arg, &v))
        return;
    if (f.kind == 'x')
        hmp_say(h, "%#" PRIx64 "\n", v);
    else if (f.kind == 'd')
        hmp_say(h, "%" PRId64 "\n", (int64_t)v);
    else {
        put_number(h, &f, v);
        hmp_say(h, "\n");
    }
}

/* The checksum of BSD's sum(1). */
static void do_sum(struct hmp *h, const char *arg)
{
    uint64_t addr, n;
    uint16_t sum = 0;

    if (!hmp_number(h, &arg, &addr) || !hmp_number(h, &arg, &n))
        return;
    if (n > 1u << 30) {
        hmp_say(h, "at most 1 GiB\n");
        return;
    }
    while (n) {
        uint8_t b[4096];
        size_t k = n < sizeof(b) ? (size_t)n : sizeof(b);

        fetch(h, true, addr, b, k);
        for (size_t i = 0; i < k; i++)
            sum = (uint16_t)((sum >> 1 | sum << 15) + b[i]);
        addr += k;
        n -= k;
    }
    hmp_say(h, "%05d\n", sum);
}

static void do_gva2gpa(struct hmp *h, const char *arg)
{
    uint64_t addr, phys;

    if (!hmp_number(h, &arg, &addr))
        return;
    if (sm_debug_translate(sm_vcpu(h->m->sm, h->cpu), addr, &phys))
        hmp_say(h, "gpa: %#" PRIx64 "\n", phys);
    else
        hmp_say(h, "Unmapped\n");
}

static void do_gpa2hva(struct hmp *h, const char *arg)
{
    const struct mem_range *r;
    uint64_t addr;

    if (!hmp_number(h, &arg, &addr))
        return;
    mem_read_lock();
    r = mem_find(h->m->memory, addr);
    if (!r || !r->host)
        hmp_say(h, "No memory is mapped at address 0x%" PRIx64 "\n", addr);
    else
        hmp_say(h, "Host virtual address for 0x%" PRIx64 " (%s) is %p\n", addr,
                mem_region_name(r->region), (void *)(r->host + (addr - r->lo)));
    mem_read_unlock();
}

const struct hmp_command hmp_memory_commands[] = {
    {.name = "gpa2hva", .args = "ADDRESS", .help = "where the host has a physical address",
     .run = do_gpa2hva},
    {.name = "gva2gpa", .args = "ADDRESS", .help = "physical address of a virtual one",
     .run = do_gva2gpa},
    {.name = "print|p", .args = "/FMT EXPRESSION", .help = "value of an expression ($REGISTER, + - ...)",
     .run = do_print},
    {.name = "sum", .args = "ADDRESS SIZE", .help = "checksum of physical memory", .run = do_sum},
    {.name = "x", .args = "/FMT ADDRESS",
     .help = "memory at a virtual address; FMT: count, x d u o c i s, b h w g", .run = do_x},
    {.name = "xp", .args = "/FMT ADDRESS", .help = "memory at a physical address", .run = do_xp},
    {0},
};
