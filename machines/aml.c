// SPDX-License-Identifier: MIT
/* machines/aml.c -- bytes of ACPI tables: AML terms (ACPI 6.0, chapter 20.2) and resource descriptors
 * (chapter 6.4). Only the forms that boards here use. */
#include "machines/aml.h"

#include <stdlib.h>
#include <string.h>

enum {
    OP_ZERO = 0x00, OP_ONE = 0x01, OP_NAME = 0x08, OP_BYTE = 0x0a, OP_WORD = 0x0b, OP_DWORD = 0x0c,
    OP_STRING = 0x0d, OP_QWORD = 0x0e, OP_SCOPE = 0x10, OP_BUFFER = 0x11, OP_PACKAGE = 0x12,
    OP_METHOD = 0x14, OP_EXT = 0x5b, OP_EXT_DEVICE = 0x82, OP_IF = 0xa0, OP_ELSE = 0xa1,
    RES_END = 0x79, RES_MEMORY32 = 0x86, RES_DWORD = 0x87, RES_WORD = 0x88, RES_IRQ = 0x89,
    RES_QWORD = 0x8a, RES_GPIO = 0x8c,
};

void aml_free(struct aml *a)
{
    free(a->bytes);
    *a = (struct aml){0};
}

static bool grow(struct aml *a, size_t n)
{
    size_t room = a->room ? a->room : 1024;
    uint8_t *p;

    while (room - a->len < n)
        room *= 2;
    if (room == a->room || a->failed)
        return !a->failed;
    p = realloc(a->bytes, room);
    if (!p) {
        a->failed = true;
        return false;
    }
    a->bytes = p;
    a->room = room;
    return true;
}

void aml_put(struct aml *a, const void *bytes, size_t len)
{
    if (len == 0 || !grow(a, len))
        return;
    memcpy(a->bytes + a->len, bytes, len);
    a->len += len;
}

void aml_int(struct aml *a, uint64_t v, unsigned size)
{
    uint8_t b[8];

    for (unsigned i = 0; i < size; i++)
        b[i] = (uint8_t)(v >> 8 * i);
    aml_put(a, b, size);
}

void aml_zeros(struct aml *a, size_t n)
{
    while (n--)
        aml_u8(a, 0);
}

/* ---- tables ---- */

size_t aml_table(struct aml *a, const char *name, uint8_t revision)
{
    size_t start = a->len;

    aml_put(a, name, 4);
    aml_int(a, 0, 4); /* length */
    aml_u8(a, revision);
    aml_u8(a, 0); /* checksum */
    aml_put(a, "MOAEMU", 6);
    aml_put(a, "MOA     ", 8);
    aml_int(a, 1, 4);
    aml_put(a, "MOA ", 4);
    aml_int(a, 1, 4);
    return start;
}

void aml_table_end(struct aml *a, size_t start)
{
    uint64_t len = a->len - start;

    for (unsigned i = 0; i < 4 && !a->failed; i++)
        a->bytes[start + 4 + i] = (uint8_t)(len >> 8 * i);
}

/* ---- terms ---- */

static void begin(struct aml *a)
{
    if (a->depth == ARRAY_LEN(a->open))
        MOA_BUG("ACPI terms are nested too deeply");
    a->open[a->depth++] = a->len;
}

/* The length of a term counts its own bytes, one to four (chapter 20.2.4). */
void aml_end(struct aml *a)
{
    size_t at = a->open[--a->depth], len = a->len - at;
    uint8_t b[4];
    unsigned n;

    if (len + 1 < 64) {
        n = 1;
        b[0] = (uint8_t)(len + 1);
    } else {
        n = len + 2 < 1u << 12 ? 2 : len + 3 < 1u << 20 ? 3 : 4;
        len += n;
        b[0] = (uint8_t)((n - 1) << 6 | (len & 15));
        for (unsigned i = 1; i < n; i++)
            b[i] = (uint8_t)(len >> (8 * i - 4));
    }
    if (!grow(a, n))
        return;
    memmove(a->bytes + at + n, a->bytes + at, a->len - at);
    memcpy(a->bytes + at, b, n);
    a->len += n;
}

void aml_seg(struct aml *a, const char *name)
{
    char seg[4] = {'_', '_', '_', '_'};

    for (unsigned i = 0; i < 4 && name[i]; i++)
        seg[i] = name[i];
    aml_put(a, seg, 4);
}

void aml_scope(struct aml *a, const char *path)
{
    aml_u8(a, OP_SCOPE);
    begin(a);
    if (*path == '\\')
        aml_u8(a, (uint8_t)*path++);
    aml_seg(a, path);
}

void aml_device(struct aml *a, const char *name)
{
    aml_u8(a, OP_EXT);
    aml_u8(a, OP_EXT_DEVICE);
    begin(a);
    aml_seg(a, name);
}

void aml_method(struct aml *a, const char *name, unsigned args)
{
    aml_u8(a, OP_METHOD);
    begin(a);
    aml_seg(a, name);
    aml_u8(a, (uint8_t)args);
}

void aml_package(struct aml *a, unsigned n)
{
    aml_u8(a, OP_PACKAGE);
    begin(a);
    aml_u8(a, (uint8_t)n);
}

void aml_if(struct aml *a)
{
    aml_u8(a, OP_IF);
    begin(a);
}

void aml_else(struct aml *a)
{
    aml_u8(a, OP_ELSE);
    begin(a);
}

/* A buffer: its size (a word here, filled in at the end) and its bytes. */
void aml_resources(struct aml *a, const char *name)
{
    aml_name(a, name);
    aml_u8(a, OP_BUFFER);
    begin(a);
    aml_u8(a, OP_WORD);
    aml_int(a, 0, 2);
}

void aml_resources_end(struct aml *a)
{
    size_t at = a->open[a->depth - 1], len;

    aml_u8(a, RES_END);
    aml_u8(a, 0); /* any sum */
    len = a->len - at - 3;
    if (!a->failed) {
        a->bytes[at + 1] = (uint8_t)len;
        a->bytes[at + 2] = (uint8_t)(len >> 8);
    }
    aml_end(a);
}

/* ---- values ---- */

void aml_name(struct aml *a, const char *name)
{
    aml_u8(a, OP_NAME);
    aml_seg(a, name);
}

void aml_number(struct aml *a, uint64_t v)
{
    if (v < 2) {
        aml_u8(a, v ? OP_ONE : OP_ZERO);
    } else if (v < 0x100) {
        aml_u8(a, OP_BYTE);
        aml_int(a, v, 1);
    } else if (v < 0x10000) {
        aml_u8(a, OP_WORD);
        aml_int(a, v, 2);
    } else if (v >> 32 == 0) {
        aml_u8(a, OP_DWORD);
        aml_int(a, v, 4);
    } else {
        aml_u8(a, OP_QWORD);
        aml_int(a, v, 8);
    }
}

void aml_string(struct aml *a, const char *s)
{
    aml_u8(a, OP_STRING);
    aml_put(a, s, strlen(s) + 1);
}

void aml_uuid(struct aml *a, const uint8_t bytes[16])
{
    aml_u8(a, OP_BUFFER);
    begin(a);
    aml_number(a, 16);
    aml_put(a, bytes, 16);
    aml_end(a);
}

void aml_name_number(struct aml *a, const char *name, uint64_t v)
{
    aml_name(a, name);
    aml_number(a, v);
}

void aml_name_string(struct aml *a, const char *name, const char *s)
{
    aml_name(a, name);
    aml_string(a, s);
}

/* ---- resources ---- */

static void large(struct aml *a, uint8_t kind, unsigned len)
{
    aml_u8(a, kind);
    aml_int(a, len, 2);
}

void aml_memory32(struct aml *a, uint32_t at, uint32_t size)
{
    large(a, RES_MEMORY32, 9);
    aml_u8(a, 1); /* may be written */
    aml_int(a, at, 4);
    aml_int(a, size, 4);
}

void aml_interrupt(struct aml *a, uint32_t gsi)
{
    large(a, RES_IRQ, 6);
    aml_u8(a, 1); /* consumer */
    aml_u8(a, 1); /* one number */
    aml_int(a, gsi, 4);
}

static void space(struct aml *a, unsigned bits, uint8_t type, uint8_t general, uint8_t flags,
                  const uint64_t min_len_shift[3])
{
    unsigned n = bits / 8;
    uint64_t min = min_len_shift[0], len = min_len_shift[1], shift = min_len_shift[2];

    large(a, bits == 64 ? RES_QWORD : bits == 32 ? RES_DWORD : RES_WORD, 3 + 5 * n);
    aml_u8(a, type);
    aml_u8(a, general);
    aml_u8(a, flags);
    aml_int(a, 0, n); /* granularity */
    aml_int(a, min, n);
    aml_int(a, min + len - 1, n);
    aml_int(a, shift, n);
    aml_int(a, len, n);
}

void aml_range(struct aml *a, enum aml_window kind, unsigned bits, uint64_t at, uint64_t bus,
               uint64_t size)
{
    enum { FIXED = 0x0c, MEMORY_WRITE = 1, PORTS_ENTIRE = 3, PORTS_AS_MEMORY = 0x10 };
    const uint64_t r[3] = {bus, size, at - bus};
    static const uint8_t flags[] = {MEMORY_WRITE, PORTS_ENTIRE | PORTS_AS_MEMORY, 0};

    space(a, bits, (uint8_t)kind, FIXED, flags[kind], r);
}

void aml_memory64(struct aml *a, uint64_t at, uint64_t size)
{
    const uint64_t r[3] = {at, size, 0};

    space(a, 64, AML_MEMORY, 0x0d, 1, r); /* fixed, consumer */
}

void aml_gpio_edge(struct aml *a, const char *controller, uint16_t pin)
{
    enum { PINS = 23, NAME = PINS + 2 };
    unsigned name = (unsigned)strlen(controller) + 1;

    large(a, RES_GPIO, NAME - 3 + name);
    aml_u8(a, 1);      /* revision */
    aml_u8(a, 0);      /* an interrupt */
    aml_int(a, 1, 2);  /* consumer */
    aml_int(a, 0x11, 2); /* edge, active high, exclusive, wakes */
    aml_u8(a, 1);      /* pulled up */
    aml_int(a, 0, 2);  /* drive */
    aml_int(a, 0, 2);  /* debounce */
    aml_int(a, PINS, 2);
    aml_u8(a, 0); /* source index */
    aml_int(a, NAME, 2);
    aml_int(a, NAME + name, 2); /* vendor data: none */
    aml_int(a, 0, 2);
    aml_int(a, pin, 2);
    aml_put(a, controller, name);
}
