// SPDX-License-Identifier: MIT
/* machines/acpi.c -- what is common to ACPI tables of all boards (ACPI 6.0, chapter 5.2): root tables, and
 * the loader's script. Boards write the others, from the same facts as themselves. */
#include "machines/acpi.h"

#include "devices/misc/fw_cfg.h"

#include <stdio.h>
#include <string.h>

enum { ALLOCATE = 1, ADD_POINTER = 2, ADD_CHECKSUM = 3, ZONE_HIGH = 1, ZONE_LOW = 2, COMMAND = 128 };

static void file_name(struct aml *a, const char *name)
{
    aml_put(a, name, strlen(name));
    aml_zeros(a, 56 - strlen(name));
}

static void end_command(struct aml *a)
{
    while (a->len % COMMAND && !a->failed)
        aml_u8(a, 0);
}

static void allocate(struct aml *a, const char *name, uint32_t align, uint8_t zone)
{
    aml_int(a, ALLOCATE, 4);
    file_name(a, name);
    aml_int(a, align, 4);
    aml_u8(a, zone);
    end_command(a);
}

static void pointer(struct aml *a, const char *in, const char *to, size_t at, unsigned size)
{
    aml_int(a, ADD_POINTER, 4);
    file_name(a, in);
    file_name(a, to);
    aml_int(a, at, 4);
    aml_u8(a, (uint8_t)size);
    end_command(a);
}

static void checksum(struct aml *a, const char *file, size_t at, size_t start, size_t len)
{
    aml_int(a, ADD_CHECKSUM, 4);
    file_name(a, file);
    aml_int(a, at, 4);
    aml_int(a, start, 4);
    aml_int(a, len, 4);
    end_command(a);
}

void acpi_begin(struct acpi *c)
{
    *c = (struct acpi){0};
    allocate(&c->loader, ACPI_FILE_RSDP, 16, ZONE_LOW);
    allocate(&c->loader, ACPI_FILE_TABLES, 64, ZONE_HIGH);
}

void acpi_free(struct acpi *c)
{
    aml_free(&c->tables);
    aml_free(&c->rsdp);
    aml_free(&c->loader);
}

void acpi_pointer(struct acpi *c, size_t at, unsigned size)
{
    pointer(&c->loader, ACPI_FILE_TABLES, ACPI_FILE_TABLES, at, size);
}

void acpi_done(struct acpi *c, size_t start, bool root)
{
    aml_table_end(&c->tables, start);
    checksum(&c->loader, ACPI_FILE_TABLES, start + 9, start, c->tables.len - start);
    if (root) {
        if (c->nroots == ARRAY_LEN(c->roots))
            MOA_BUG("too many ACPI tables");
        c->roots[c->nroots++] = start;
    }
}

void acpi_address(struct aml *a, uint64_t addr)
{
    aml_u8(a, 0);  /* memory */
    aml_u8(a, 32); /* bits */
    aml_u8(a, 0);
    aml_u8(a, 3); /* words of 32 bits */
    aml_int(a, addr, 8);
}

/* 36 bytes, of which the first 20 have a sum of their own. */
static void root_pointer(struct acpi *c, size_t xsdt)
{
    struct aml *r = &c->rsdp;

    aml_put(r, "RSD PTR ", 8);
    aml_u8(r, 0);
    aml_put(r, "MOAEMU", 6);
    aml_u8(r, 2); /* revision */
    aml_int(r, 0, 4);
    aml_int(r, 36, 4);
    aml_int(r, xsdt, 8);
    aml_zeros(r, 4);
    pointer(&c->loader, ACPI_FILE_RSDP, ACPI_FILE_TABLES, 24, 8);
    checksum(&c->loader, ACPI_FILE_RSDP, 8, 0, 20);
    checksum(&c->loader, ACPI_FILE_RSDP, 32, 0, 36);
}

int acpi_finish(struct acpi *c, struct device *fw_cfg, char *err, size_t err_len)
{
    struct aml *t = &c->tables;
    size_t xsdt = aml_table(t, "XSDT", 1);

    for (unsigned i = 0; i < c->nroots; i++) {
        acpi_pointer(c, t->len, 8);
        aml_int(t, c->roots[i], 8);
    }
    acpi_done(c, xsdt, false);
    root_pointer(c, xsdt);
    if (t->failed || c->rsdp.failed || c->loader.failed) {
        snprintf(err, err_len, "ACPI tables: out of memory");
        return -1;
    }
    if (fw_cfg_add_file(fw_cfg, ACPI_FILE_TABLES, t->bytes, t->len) ||
        fw_cfg_add_file(fw_cfg, ACPI_FILE_RSDP, c->rsdp.bytes, c->rsdp.len) ||
        fw_cfg_add_file(fw_cfg, ACPI_FILE_LOADER, c->loader.bytes, c->loader.len)) {
        snprintf(err, err_len, "ACPI tables: fw_cfg has no room");
        return -1;
    }
    return 0;
}
