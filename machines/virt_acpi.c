// SPDX-License-Identifier: MIT
/* machines/virt_acpi.c -- ACPI tables of the `virt` board, from the same facts as the board and its device
 * tree: FADT, MADT, PPTT, GTDT, MCFG, SPCR, DBG2, IORT and the devices in DSDT (ACPI 6.0 for Arm; Arm DEN0029
 * BBR; DEN0049 IORT). Hardware-reduced, no sleep states but those of PSCI. Not there: SRAT. */
#include "machines/acpi.h"
#include "machines/virt_arm64.h"

#include <stdio.h>

#define AT(place) virt_map[place]
#define SPI(n)    (32 + (n))
#define PPI(n)    (16 + (n))

enum { GIC_OF_UART = 8, PL011 = 3, REDIST = 0x20000, POWER_PIN = 3 };

/* ---- DSDT ---- */

/* A device whose registers are at a place: left open. */
static void device(struct aml *a, const char *name, const char *hid, unsigned uid)
{
    aml_device(a, name);
    aml_name_string(a, "_HID", hid);
    aml_name_number(a, "_UID", uid);
}

static void resources(struct aml *a, const struct virt_at *at, bool irq)
{
    aml_resources(a, "_CRS");
    aml_memory32(a, (uint32_t)at->addr, (uint32_t)at->size);
    if (irq)
        aml_interrupt(a, SPI(at->irq));
    aml_resources_end(a);
}

static void cpus(struct aml *a, const struct virt *v)
{
    char name[8];

    for (unsigned i = 0; i < v->m.ncpus; i++) {
        snprintf(name, sizeof(name), "C%03X", i & 0xfff);
        device(a, name, "ACPI0007", i);
        aml_end(a);
    }
}

static void flash(struct aml *a)
{
    struct virt_at half = {AT(VIRT_FLASH).addr, AT(VIRT_FLASH).size / 2, 0};

    for (unsigned i = 0; i < 2; i++, half.addr += half.size) {
        device(a, i ? "FLS1" : "FLS0", "LNRO0015", i);
        resources(a, &half, false);
        aml_end(a);
    }
}

static void virtio(struct aml *a, const struct virt *v)
{
    char name[8];

    for (unsigned i = 0; i < v->nvirtio; i++) {
        struct virt_at at = AT(VIRT_VIRTIO);

        at.addr += i * at.size;
        at.irq += i;
        snprintf(name, sizeof(name), "VR%02X", i & 0xff);
        device(a, name, "LNRO0005", i);
        aml_name_number(a, "_CCA", 1);
        resources(a, &at, true);
        aml_end(a);
    }
}

/* The power key is a pin of the PL061, told to the system as an event of its controller. */
static void power_key(struct aml *a)
{
    enum { NOTIFY = 0x86, PRESSED = 0x80 };

    device(a, "PWRB", "PNP0C0C", 0);
    aml_end(a);
    device(a, "GPO0", "ARMH0061", 0);
    resources(a, &AT(VIRT_GPIO), true);
    aml_resources(a, "_AEI");
    aml_gpio_edge(a, "GPO0", POWER_PIN);
    aml_resources_end(a);
    aml_method(a, "_E03", 0);
    aml_u8(a, NOTIFY);
    aml_seg(a, "PWRB");
    aml_number(a, PRESSED);
    aml_end(a);
    aml_end(a);
}

/* What the system may do itself with PCI Express (PCI Firmware 3.2, chapter 4.5): all that it asks
 * for of hot plug, power events, errors and capabilities. */
static void osc(struct aml *a)
{
    static const uint8_t pci_uuid[16] = {0x5b, 0x4d, 0xdb, 0x33, 0xf7, 0x1f, 0x1c, 0x40,
                                         0x96, 0x57, 0x74, 0x41, 0xc0, 0x3d, 0xd7, 0x66};
    enum { ARG0 = 0x68, ARG1, ARG2, ARG3, LOCAL0 = 0x60, STORE = 0x70, AND = 0x7b, OR = 0x7d,
           NOT = 0x92, EQUAL = 0x93, DWORD_FIELD = 0x8a, RETURN = 0xa4 };
    enum { MASKED = 0x10, BAD_REVISION = 8, BAD_UUID = 4, MAY = 0x1f };
    static const char *const fields[] = {"CDW1", "CDW2", "CDW3"};

    aml_method(a, "_OSC", 4);
    aml_u8(a, DWORD_FIELD);
    aml_u8(a, ARG3);
    aml_number(a, 0);
    aml_seg(a, fields[0]);
    aml_if(a);
    aml_u8(a, EQUAL);
    aml_u8(a, ARG0);
    aml_uuid(a, pci_uuid);
    for (unsigned i = 1; i < 3; i++) {
        aml_u8(a, DWORD_FIELD);
        aml_u8(a, ARG3);
        aml_number(a, 4 * i);
        aml_seg(a, fields[i]);
    }
    aml_u8(a, AND);
    aml_seg(a, "CDW3");
    aml_number(a, MAY);
    aml_u8(a, LOCAL0);
    aml_if(a);
    aml_u8(a, NOT);
    aml_u8(a, EQUAL);
    aml_u8(a, LOCAL0);
    aml_seg(a, "CDW3");
    aml_u8(a, OR);
    aml_seg(a, "CDW1");
    aml_number(a, MASKED);
    aml_seg(a, "CDW1");
    aml_end(a);
    aml_u8(a, STORE);
    aml_u8(a, LOCAL0);
    aml_seg(a, "CDW3");
    aml_if(a);
    aml_u8(a, NOT);
    aml_u8(a, EQUAL);
    aml_u8(a, ARG1);
    aml_number(a, 1);
    aml_u8(a, OR);
    aml_seg(a, "CDW1");
    aml_number(a, BAD_REVISION);
    aml_seg(a, "CDW1");
    aml_end(a);
    aml_end(a);
    aml_else(a);
    aml_u8(a, OR);
    aml_seg(a, "CDW1");
    aml_number(a, BAD_UUID);
    aml_seg(a, "CDW1");
    aml_end(a);
    aml_u8(a, RETURN);
    aml_u8(a, ARG3);
    aml_end(a);
}

/* Pins of a slot go round among four interrupts. */
static void routes(struct aml *a)
{
    enum { SLOTS = 32, PINS = 4 };

    aml_name(a, "_PRT");
    aml_package(a, SLOTS * PINS);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        for (unsigned pin = 0; pin < PINS; pin++) {
            aml_package(a, 4);
            aml_number(a, slot << 16 | 0xffff);
            aml_number(a, pin);
            aml_number(a, 0);
            aml_number(a, SPI(AT(VIRT_PCIE_MMIO).irq + (slot + pin) % PINS));
            aml_end(a);
        }
    aml_end(a);
}

static void pcie(struct aml *a, const struct virt *v)
{
    const struct virt_at *ecam = virt_ecam(v);

    device(a, "PCI0", "PNP0A08", 0);
    aml_name_string(a, "_CID", "PNP0A03");
    aml_name_number(a, "_SEG", 0);
    aml_name_number(a, "_BBN", 0);
    aml_name_number(a, "_CCA", 1);
    aml_name_number(a, "_CBA", ecam->addr);
    routes(a);
    aml_resources(a, "_CRS");
    aml_range(a, AML_BUSES, 16, 0, 0, ecam->size >> 20);
    aml_range(a, AML_MEMORY, 32, AT(VIRT_PCIE_MMIO).addr, AT(VIRT_PCIE_MMIO).addr,
              AT(VIRT_PCIE_MMIO).size);
    aml_range(a, AML_PORTS, 32, AT(VIRT_PCIE_PIO).addr, 0, AT(VIRT_PCIE_PIO).size);
    if (!v->lowmem)
        aml_range(a, AML_MEMORY, 64, AT(VIRT_HIGH_PCIE).addr, AT(VIRT_HIGH_PCIE).addr,
                  AT(VIRT_HIGH_PCIE).size);
    aml_resources_end(a);
    osc(a);
    aml_device(a, "RES0"); /* its configuration space is in use */
    aml_name_string(a, "_HID", "PNP0C02");
    aml_resources(a, "_CRS");
    aml_memory64(a, ecam->addr, ecam->size);
    aml_resources_end(a);
    aml_end(a);
    aml_end(a);
}

static size_t dsdt(struct acpi *c, const struct virt *v)
{
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "DSDT", 2);

    aml_scope(a, "\\_SB");
    cpus(a, v);
    device(a, "COM0", "ARMH0011", 0);
    resources(a, &AT(VIRT_UART), true);
    aml_end(a);
    flash(a);
    device(a, "FWCF", "QEMU0002", 0);
    aml_name_number(a, "_STA", 0x0b);
    aml_name_number(a, "_CCA", 1);
    resources(a, &AT(VIRT_FW_CFG), false);
    aml_end(a);
    virtio(a, v);
    power_key(a);
    pcie(a, v);
    aml_end(a);
    acpi_done(c, start, false);
    return start;
}

/* ---- tables with a fixed layout ---- */

static void fadt(struct acpi *c, size_t dsdt_at)
{
    enum { LENGTH = 276, FLAGS = 112, ARM_BOOT = 129, MINOR = 131, X_DSDT = 140,
           HW_REDUCED = 1 << 20, PSCI = 1, PSCI_BY_HVC = 2 };
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "FACP", 6);

    aml_zeros(a, FLAGS - 36);
    aml_int(a, HW_REDUCED, 4);
    aml_zeros(a, ARM_BOOT - FLAGS - 4);
    aml_int(a, PSCI | PSCI_BY_HVC, 2);
    aml_zeros(a, X_DSDT - MINOR); /* ACPI 6.0 */
    acpi_pointer(c, a->len, 8);
    aml_int(a, dsdt_at, 8);
    aml_zeros(a, LENGTH - X_DSDT - 8);
    acpi_done(c, start, true);
}

static void madt_cpu(struct aml *a, const struct virt *v, unsigned i)
{
    aml_u8(a, 0x0b);
    aml_u8(a, 80);
    aml_int(a, 0, 2);
    aml_int(a, i, 4);
    aml_int(a, i, 4); /* _UID of its device */
    aml_int(a, 1, 4); /* enabled */
    aml_int(a, 0, 4);
    aml_int(a, PPI(VIRT_PPI_PMU), 4);
    aml_int(a, 0, 8);
    aml_int(a, v->gic_version == 2 ? AT(VIRT_GIC_CPU).addr : 0, 8);
    aml_int(a, 0, 8); /* no virtualization: GICV, GICH, its interrupt */
    aml_int(a, 0, 8);
    aml_int(a, 0, 4);
    aml_int(a, 0, 8); /* redistributors are in their own record */
    aml_int(a, i, 8); /* MPIDR */
    aml_int(a, 0, 4);
}

static void madt(struct acpi *c, const struct virt *v)
{
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "APIC", 4);

    aml_int(a, 0, 8);
    aml_int(a, 0x180c, 2); /* distributor, 24 bytes */
    aml_int(a, 0, 2);
    aml_int(a, 0, 4);
    aml_int(a, AT(VIRT_GIC_DIST).addr, 8);
    aml_int(a, 0, 4);
    aml_int(a, v->gic_version, 4);
    for (unsigned i = 0; i < v->m.ncpus; i++)
        madt_cpu(a, v, i);
    if (v->gic_version == 3) {
        aml_int(a, 0x100e, 2); /* redistributors */
        aml_int(a, 0, 2);
        aml_int(a, AT(VIRT_GIC_REDIST).addr, 8);
        aml_int(a, v->m.ncpus * REDIST, 4);
    }
    if (v->its_dev) {
        aml_int(a, 0x140f, 2);
        aml_int(a, 0, 2);
        aml_int(a, 0, 4);
        aml_int(a, AT(VIRT_GIC_ITS).addr, 8);
        aml_int(a, 0, 4);
    }
    if (v->v2m) {
        aml_int(a, 0x180d, 2);
        aml_int(a, 0, 2);
        aml_int(a, 0, 4);
        aml_int(a, AT(VIRT_GIC_V2M).addr, 8);
        aml_int(a, 1, 4); /* the two below count */
        aml_int(a, VIRT_V2M_SPIS, 2);
        aml_int(a, SPI(VIRT_V2M_SPI), 2);
    }
    acpi_done(c, start, true);
}

/* Cores of one package (chapter 5.2.29 of ACPI 6.2, which has this table first). */
static void pptt(struct acpi *c, const struct virt *v)
{
    enum { NODE = 20, PACKAGE = 1, ID_VALID = 2, LEAF = 8 };
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "PPTT", 2), package = a->len - start;

    for (unsigned i = 0; i <= v->m.ncpus; i++) { /* the package, then its cores */
        aml_u8(a, 0);
        aml_u8(a, NODE);
        aml_int(a, 0, 2);
        aml_int(a, i ? ID_VALID | LEAF : PACKAGE, 4);
        aml_int(a, i ? package : 0, 4);
        aml_int(a, i ? i - 1 : 0, 4); /* _UID of the core's device */
        aml_int(a, 0, 4);
    }
    acpi_done(c, start, true);
}

static void gtdt(struct acpi *c)
{
    static const uint8_t timers[] = {VIRT_PPI_STIMER, VIRT_PPI_PTIMER, VIRT_PPI_VTIMER,
                                     VIRT_PPI_HTIMER};
    enum { ALWAYS_ON = 4 };
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "GTDT", 2);

    aml_int(a, ~0ull, 8); /* no registers in memory */
    aml_int(a, 0, 4);
    for (unsigned i = 0; i < ARRAY_LEN(timers); i++) {
        aml_int(a, PPI(timers[i]), 4);
        aml_int(a, ALWAYS_ON, 4); /* level, active high */
    }
    aml_int(a, ~0ull, 8);
    aml_int(a, 0, 8);
    acpi_done(c, start, true);
}

static void mcfg(struct acpi *c, const struct virt *v)
{
    const struct virt_at *ecam = virt_ecam(v);
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "MCFG", 1);

    aml_int(a, 0, 8);
    aml_int(a, ecam->addr, 8);
    aml_int(a, 0, 2);
    aml_u8(a, 0);
    aml_u8(a, (uint8_t)((ecam->size >> 20) - 1));
    aml_int(a, 0, 4);
    acpi_done(c, start, true);
}

static void spcr(struct acpi *c)
{
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "SPCR", 2);

    aml_int(a, PL011, 4);
    acpi_address(a, AT(VIRT_UART).addr);
    aml_u8(a, GIC_OF_UART);
    aml_u8(a, 0);
    aml_int(a, SPI(AT(VIRT_UART).irq), 4);
    aml_u8(a, 3); /* 9600 baud */
    aml_u8(a, 0); /* no parity */
    aml_u8(a, 1); /* stop bit */
    aml_u8(a, 2); /* RTS, CTS */
    aml_int(a, 0, 2);
    aml_int(a, 0xffffffff, 4); /* not on PCI */
    aml_zeros(a, 12);
    acpi_done(c, start, true);
}

static void dbg2(struct acpi *c)
{
    enum { INFO = 44, HEAD = 22, ADDRESS = HEAD, SIZE = HEAD + 12, NAME = SIZE + 4 };
    static const char name[] = "\\_SB.COM0";
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "DBG2", 0);

    aml_int(a, INFO, 4);
    aml_int(a, 1, 4);
    aml_u8(a, 0);
    aml_int(a, NAME + sizeof(name), 2);
    aml_u8(a, 1);
    aml_int(a, sizeof(name), 2);
    aml_int(a, NAME, 2);
    aml_int(a, 0, 4);
    aml_int(a, 0x8000, 2); /* serial */
    aml_int(a, PL011, 2);
    aml_int(a, 0, 2);
    aml_int(a, ADDRESS, 2);
    aml_int(a, SIZE, 2);
    acpi_address(a, AT(VIRT_UART).addr);
    aml_int(a, AT(VIRT_UART).size, 4);
    aml_put(a, name, sizeof(name));
    acpi_done(c, start, true);
}

/* All requesters on PCI to the ITS. */
static void iort(struct acpi *c)
{
    enum { ITS_AT = 48, ITS_LEN = 24, ROOT_LEN = 36 };
    struct aml *a = &c->tables;
    size_t start = aml_table(a, "IORT", 0);

    aml_int(a, 2, 4);
    aml_int(a, ITS_AT, 4);
    aml_int(a, 0, 4);
    aml_u8(a, 0); /* a group of one ITS */
    aml_int(a, ITS_LEN, 2);
    aml_u8(a, 0);
    aml_zeros(a, 12);
    aml_int(a, 1, 4);
    aml_int(a, 0, 4);
    aml_u8(a, 2); /* the root complex */
    aml_int(a, ROOT_LEN + 20, 2);
    aml_u8(a, 1);
    aml_int(a, 0, 4);
    aml_int(a, 1, 4);
    aml_int(a, ROOT_LEN, 4);
    aml_int(a, 1, 4); /* coherent */
    aml_zeros(a, 3);
    aml_u8(a, 3);
    aml_int(a, 0, 4);  /* no ATS */
    aml_int(a, 0, 4);  /* segment */
    aml_int(a, 64, 4); /* bits of its addresses */
    aml_int(a, 0, 4);
    aml_int(a, 0xffff, 4);
    aml_int(a, 0, 4);
    aml_int(a, ITS_AT, 4);
    aml_int(a, 0, 4);
    acpi_done(c, start, true);
}

int virt_acpi(struct virt *v, char *err, size_t err_len)
{
    struct acpi c;
    int r;

    acpi_begin(&c);
    fadt(&c, dsdt(&c, v));
    madt(&c, v);
    pptt(&c, v);
    gtdt(&c);
    mcfg(&c, v);
    spcr(&c);
    dbg2(&c);
    if (v->its_dev)
        iort(&c);
    r = acpi_finish(&c, v->fw_cfg, err, err_len);
    acpi_free(&c);
    return r;
}
