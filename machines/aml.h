/* SPDX-License-Identifier: MIT */
/* machines/aml.h -- ACPI tables as bytes (ACPI 6.0, chapter 5.2 the tables, chapter 20 AML): a buffer
 * that grows, terms that are opened and closed, resource descriptors (chapter 6.4).
 *
 * An error (out of memory) is kept in the buffer, so that lines need no checks: look at it at the end. */
#ifndef MACHINES_AML_H
#define MACHINES_AML_H

#include "base/base.h"

struct aml {
    uint8_t *bytes; /* freed by aml_free() */
    size_t len, room;
    bool failed;
    size_t open[16]; /* where the terms that are open have their length */
    unsigned depth;
};

void aml_free(struct aml *a);
void aml_put(struct aml *a, const void *bytes, size_t len);
void aml_int(struct aml *a, uint64_t v, unsigned size); /* size bytes, little-endian */
void aml_zeros(struct aml *a, size_t n);
static inline void aml_u8(struct aml *a, uint8_t v)
{
    aml_int(a, v, 1);
}

/* ---- tables ---- */
/* The 36 bytes that each begins with; aml_table_end() fills in its length. The checksum is left to
 * who loads it. name: four letters. Returns where it begins. */
size_t aml_table(struct aml *a, const char *name, uint8_t revision);
void aml_table_end(struct aml *a, size_t start);

/* ---- terms: each of these is to be closed by aml_end() ---- */
void aml_scope(struct aml *a, const char *path); /* "\\_SB_": a root character and one segment */
void aml_device(struct aml *a, const char *name);
void aml_method(struct aml *a, const char *name, unsigned args);
void aml_package(struct aml *a, unsigned n);
void aml_if(struct aml *a);   /* its predicate comes first */
void aml_else(struct aml *a);
void aml_resources(struct aml *a, const char *name); /* Name(name, ResourceTemplate() { */
void aml_end(struct aml *a);
void aml_resources_end(struct aml *a);

/* ---- values ---- */
void aml_name(struct aml *a, const char *name); /* a value follows */
void aml_seg(struct aml *a, const char *name);  /* a reference to a name of up to four letters */
void aml_number(struct aml *a, uint64_t v);     /* in its shortest form */
void aml_string(struct aml *a, const char *s);
void aml_uuid(struct aml *a, const uint8_t bytes[16]); /* as ToUUID gives them */
void aml_name_number(struct aml *a, const char *name, uint64_t v);
void aml_name_string(struct aml *a, const char *name, const char *s);

/* ---- resources ---- */
enum aml_window { AML_MEMORY, AML_PORTS, AML_BUSES };
void aml_memory32(struct aml *a, uint32_t at, uint32_t size);
void aml_interrupt(struct aml *a, uint32_t gsi); /* level, active high, exclusive */
/* A range that a bridge passes on; at: as the processor sees it, bus: as the bus does. bits: 16, 32
 * or 64 */
void aml_range(struct aml *a, enum aml_window kind, unsigned bits, uint64_t at, uint64_t bus,
               uint64_t size);
void aml_memory64(struct aml *a, uint64_t at, uint64_t size); /* that the device uses itself */
void aml_gpio_edge(struct aml *a, const char *controller, uint16_t pin); /* an interrupt of a pin */

#endif
