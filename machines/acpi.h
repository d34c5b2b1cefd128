/* SPDX-License-Identifier: MIT */
/* machines/acpi.h -- ACPI tables for firmware: their bytes in two files of fw_cfg, and the script by
 * which firmware puts these into memory and fills in pointers and checksums (etc/table-loader, as
 * QEMU's public specification of its firmware interface has it: 128 bytes a command). */
#ifndef MACHINES_ACPI_H
#define MACHINES_ACPI_H

#include "machines/aml.h"

struct device;

#define ACPI_FILE_TABLES "etc/acpi/tables"
#define ACPI_FILE_RSDP   "etc/acpi/rsdp"
#define ACPI_FILE_LOADER "etc/table-loader"

struct acpi {
    struct aml tables, rsdp, loader;
    size_t roots[24]; /* what XSDT lists: offsets of tables */
    unsigned nroots;
};

void acpi_begin(struct acpi *c);
void acpi_free(struct acpi *c);
/* The table that begins at start ends here: length, checksum; root: XSDT shall list it. */
void acpi_done(struct acpi *c, size_t start, bool root);
/* At `at` in the tables is a pointer of size bytes, already there as the offset of its target. */
void acpi_pointer(struct acpi *c, size_t at, unsigned size);
/* A generic address (chapter 5.2.3.2) of 32-bit registers in memory. */
void acpi_address(struct aml *a, uint64_t addr);
/* XSDT, RSDP; all three files into fw_cfg. 0, or -1 with one line in err. */
int acpi_finish(struct acpi *c, struct device *fw_cfg, char *err, size_t err_len);

#endif
