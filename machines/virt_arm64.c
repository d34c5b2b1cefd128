// SPDX-License-Identifier: MIT
/* machines/virt_arm64.c -- the `virt` board of arm64: memory map, devices and their wires, and how a
 * kernel is started on it. Map and interrupt numbers are QEMU's, so that kernels, firmware and
 * scripts made for it work. Not there yet: the second UART, hot plug. */
#include "machines/virt_arm64.h"

#include "devices/block/pflash.h"
#include "devices/bus/pci.h"
#include "devices/char/pl011.h"
#include "devices/gpio/pl061.h"
#include "devices/intc/gicv3.h"
#include "devices/misc/fw_cfg.h"
#include "devices/timer/pl031.h"
#include "devices/virtio/mmio.h"
#include "machines/core_arm64.h"
#include "machines/loader.h"
#include "machines/psci_arm64.h"
#include "machines/semihost.h"
#include "machines/smbios.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ICC_SRE_SRE 7 /* system registers only, no bypass */
#define INITRD_MAX_OFFSET (128u << 20)

const struct virt_at virt_map[VIRT_PLACES] = {
    [VIRT_FLASH] = {0, 0x08000000, 0}, /* two banks of half of it */
    [VIRT_GIC_DIST] = {0x08000000, 0x10000, 0},
    [VIRT_GIC_CPU] = {0x08010000, 0x10000, 0},
    [VIRT_GIC_V2M] = {0x08020000, 0x1000, VIRT_V2M_SPI},
    [VIRT_GIC_ITS] = {0x08080000, 0x20000, 0},
    [VIRT_GIC_REDIST] = {0x080a0000, 0xf60000, 0},
    [VIRT_UART] = {0x09000000, 0x1000, 1},
    [VIRT_RTC] = {0x09010000, 0x1000, 2},
    [VIRT_FW_CFG] = {0x09020000, 0x18, 0},
    [VIRT_GPIO] = {0x09030000, 0x1000, 7},
    [VIRT_VIRTIO] = {0x0a000000, 0x200, 16},
    [VIRT_PCIE_MMIO] = {0x10000000, 0x2eff0000, 3},
    [VIRT_PCIE_PIO] = {0x3eff0000, 0x10000, 0},
    [VIRT_PCIE_ECAM] = {0x3f000000, 0x01000000, 0},
    [VIRT_RAM] = {0x40000000, 255ull << 30, 0},
    [VIRT_HIGH_ECAM] = {0x4010000000, 0x10000000, 0},
    [VIRT_HIGH_PCIE] = {0x8000000000, 0x8000000000, 0},
};

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why);
    return -1;
}

/* ---- choices ---- */

static int on_off(const char *name, const char *value, bool *out, char *err, size_t err_len)
{
    *out = strcmp(value, "on") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
    if (*out || !strcmp(value, "off") || !strcmp(value, "no") || !strcmp(value, "false"))
        return 0;
    snprintf(err, err_len, "-machine virt: %s=%s: wants on or off", name, value);
    return -1;
}

static int set_gic(struct machine *m, const char *value, char *err, size_t err_len)
{
    struct virt *v = (struct virt *)m;

    if (strcmp(value, "2") == 0)
        v->gic_version = 2;
    else if (strcmp(value, "3") == 0 || strcmp(value, "max") == 0)
        v->gic_version = 3;
    else
        return fail(err, err_len, "-machine virt: gic-version", "wants 2, 3 or max");
    return 0;
}

static int set_highmem(struct machine *m, const char *value, char *err, size_t err_len)
{
    bool on;

    if (on_off("highmem", value, &on, err, err_len))
        return -1;
    ((struct virt *)m)->lowmem = !on;
    return 0;
}

static int set_its(struct machine *m, const char *value, char *err, size_t err_len)
{
    bool on;

    if (on_off("its", value, &on, err, err_len))
        return -1;
    ((struct virt *)m)->no_its = !on;
    return 0;
}

static int set_randomness(struct machine *m, const char *value, char *err, size_t err_len)
{
    bool on;

    if (on_off("dtb-randomness", value, &on, err, err_len))
        return -1;
    ((struct virt *)m)->no_randomness = !on;
    return 0;
}

static int set_acpi(struct machine *m, const char *value, char *err, size_t err_len)
{
    bool on = strcmp(value, "auto") == 0;

    if (!on && on_off("acpi", value, &on, err, err_len))
        return -1;
    ((struct virt *)m)->no_acpi = !on;
    return 0;
}

/* What there is not yet may be switched off. */
static int only_off(const char *name, const char *value, char *err, size_t err_len)
{
    bool on;

    if (on_off(name, value, &on, err, err_len))
        return -1;
    return on ? fail(err, err_len, name, "this machine does not have it") : 0;
}

static int set_secure(struct machine *m, const char *value, char *err, size_t err_len)
{
    (void)m;
    return only_off("-machine virt: secure", value, err, err_len);
}

static int set_virtualization(struct machine *m, const char *value, char *err, size_t err_len)
{
    (void)m;
    return only_off("-machine virt: virtualization", value, err, err_len);
}

static int set_mte(struct machine *m, const char *value, char *err, size_t err_len)
{
    (void)m;
    return only_off("-machine virt: mte", value, err, err_len);
}

static int set_accel(struct machine *m, const char *value, char *err, size_t err_len)
{
    (void)m;
    return strcmp(value, "tcg") ? fail(err, err_len, "-machine accel", "wants tcg") : 0;
}

static int set_dumpdtb(struct machine *m, const char *value, char *err, size_t err_len)
{
    struct virt *v = (struct virt *)m;

    (void)err;
    (void)err_len;
    snprintf(v->dumpdtb, sizeof(v->dumpdtb), "%s", value);
    return 0;
}

static int set_flash(struct machine *m, unsigned i, const char *value, char *err, size_t err_len)
{
    struct virt *v = (struct virt *)m;

    if (!*value || strlen(value) >= sizeof(v->flash_drive[i]))
        return fail(err, err_len, value, "wants the name of a drive");
    strcpy(v->flash_drive[i], value);
    return 0;
}

static int set_flash0(struct machine *m, const char *value, char *err, size_t err_len)
{
    return set_flash(m, 0, value, err, err_len);
}

static int set_flash1(struct machine *m, const char *value, char *err, size_t err_len)
{
    return set_flash(m, 1, value, err, err_len);
}

static const struct board_prop props[] = {
    {"gic-version", "2 (default), 3, max: interrupt controller", set_gic},
    {"highmem", "on (default), off: places above 4 GiB", set_highmem},
    {"acpi", "on (default), off: tables for firmware", set_acpi},
    {"its", "on (default), off: message interrupts of GICv3", set_its},
    {"dtb-randomness", "on (default), off: seeds in the device tree", set_randomness},
    {"dumpdtb", "FILE: write the device tree there and end", set_dumpdtb},
    {"accel", "tcg", set_accel},
    {"pflash0", "DRIVE: image of the first flash bank, firmware", set_flash0},
    {"pflash1", "DRIVE: image of the second, its variables", set_flash1},
    {"secure", "off", set_secure},
    {"virtualization", "off", set_virtualization},
    {"mte", "off", set_mte},
    {0},
};

/* ---- building ---- */

void virt_place(struct virt *v, struct device *d, unsigned region, enum virt_place place)
{
    mem_add(v->m.root, d->regions[region], virt_map[place].addr, 0);
}

static int build_ram(struct virt *v, char *err, size_t err_len)
{
    uint64_t top = virt_map[VIRT_RAM].addr + v->m.ram_size;

    if (v->lowmem && top > 1ull << 32)
        return fail(err, err_len, "-machine virt,highmem=off", "has at most 3 GiB of memory");
    v->m.ram = mem_ram_new("ram", v->m.ram_size, NULL, err, err_len);
    if (!v->m.ram)
        return -1;
    mem_add(v->m.root, v->m.ram, virt_map[VIRT_RAM].addr, 0);
    return 0;
}

static struct irq_line irq_of(struct virt *v, enum virt_place place)
{
    return virt_spi(v, virt_map[place].irq);
}

static int build_flash(struct virt *v, char *err, size_t err_len)
{
    static const char *const names[] = {"flash0", "flash1"};
    uint64_t half = virt_map[VIRT_FLASH].size / 2;

    for (unsigned i = 0; i < 2; i++) {
        if (machine_flash(&v->m, i, names[i], half, v->flash_drive[i][0] ? v->flash_drive[i] : NULL,
                          &v->flash[i], err, err_len))
            return -1;
        mem_add(v->m.root, v->flash[i]->regions[0], i * half, 0);
    }
    return 0;
}

/* The power key is let go a while after it was pressed. */
static void key_up(void *arg)
{
    struct virt *v = arg;

    v->key_up_at = CLOCK_NEVER;
    irq_set(&v->power_key, false);
}

static int build_devices(struct virt *v, char *err, size_t err_len)
{
    static const char *const pulls[] = {"pullups", "0", "pulldowns", "255", NULL};
    struct machine *m = &v->m;
    const struct clock_port *clock = sm_clock(m->sm);

    v->uart = machine_device(m, &pl011_class, "uart0", NULL, err, err_len);
    v->rtc = v->uart ? machine_device(m, &pl031_class, "rtc", NULL, err, err_len) : NULL;
    v->gpio = v->rtc ? machine_device(m, &pl061_class, "gpio", pulls, err, err_len) : NULL;
    v->fw_cfg = v->gpio ? machine_device(m, &fw_cfg_class, "fw_cfg", NULL, err, err_len) : NULL;
    if (!v->fw_cfg)
        return -1;
    virt_place(v, v->uart, 0, VIRT_UART);
    virt_place(v, v->rtc, 0, VIRT_RTC);
    virt_place(v, v->gpio, 0, VIRT_GPIO);
    virt_place(v, v->fw_cfg, 0, VIRT_FW_CFG);
    v->uart->irq[PL011_IRQ] = irq_of(v, VIRT_UART);
    v->rtc->irq[0] = irq_of(v, VIRT_RTC);
    v->gpio->irq[PL061_IRQ] = irq_of(v, VIRT_GPIO);
    v->power_key = pl061_pin(v->gpio, 3);
    v->key_up_at = CLOCK_NEVER;
    v->key_timer = clock->timer_new(clock->opaque, CLOCK_VIRTUAL, key_up, v);
    fw_cfg_add_u16(v->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->ncpus);
    fw_cfg_add_u16(v->fw_cfg, FW_CFG_MAX_CPUS, (uint16_t)m->ncpus);
    fw_cfg_add_u64(v->fw_cfg, FW_CFG_RAM_SIZE, m->ram_size);
    fw_cfg_add_u16(v->fw_cfg, FW_CFG_NOGRAPHIC, m->opt->nographic);
    return machine_serial(m, 0, v->uart, err, err_len);
}

static int build_virtio(struct virt *v, char *err, size_t err_len)
{
    char id[32];

    for (unsigned i = 0; i < VIRT_VIRTIOS; i++) {
        const struct virt_at *at = &virt_map[VIRT_VIRTIO];

        snprintf(id, sizeof(id), "virtio-mmio-bus.%u", i);
        v->virtio[i] = machine_device(&v->m, &virtio_mmio_class, id, NULL, err, err_len);
        if (!v->virtio[i])
            return -1;
        mem_add(v->m.root, v->virtio[i]->regions[0], at->addr + i * at->size, 0);
        v->virtio[i]->irq[0] = virt_spi(v, at->irq + i);
    }
    v->nvirtio = VIRT_VIRTIOS;
    return 0;
}

/* From the last slot down, as on QEMU's board. */
static struct device *place(struct machine *m, const struct dev_class *c, const char *bus)
{
    struct virt *v = (struct virt *)m;

    if (strcmp(c->bus, "pci") == 0 && c != &pci_host_class)
        return !bus || strcmp(bus, v->pcie->id) == 0 ? v->pcie : NULL;
    if (strcmp(c->bus, "fw_cfg") == 0)
        return !bus ? v->fw_cfg : NULL;
    if (strcmp(c->bus, "virtio") != 0)
        return NULL;
    for (unsigned i = v->nvirtio; i--;)
        if (!v->virtio[i]->children && (!bus || strcmp(bus, v->virtio[i]->id) == 0))
            return v->virtio[i];
    return NULL;
}

static int build(struct machine *m, char *err, size_t err_len)
{
    struct virt *v = (struct virt *)m;

    if (!v->gic_version)
        v->gic_version = 2;
    if (build_ram(v, err, err_len) || build_flash(v, err, err_len) ||
        virt_build_gic(v, err, err_len) || virt_build_pci(v, err, err_len) ||
        build_virtio(v, err, err_len))
        return -1;
    return build_devices(v, err, err_len);
}

/* ---- loading ---- */

static int load_initrd(struct virt *v, uint64_t after, struct virt_chosen *c, char *err,
                       size_t err_len)
{
    const struct machine_options *o = v->m.opt;
    uint64_t half = v->m.ram_size / 2;
    const struct loader_file *f;

    c->initrd = virt_map[VIRT_RAM].addr + (half < INITRD_MAX_OFFSET ? half : INITRD_MAX_OFFSET);
    c->initrd = c->initrd > after ? c->initrd : align_up(after, 4096);
    c->initrd_end = c->initrd;
    if (!o->initrd)
        return 0;
    f = loader_open(&v->m, o->initrd, err, err_len);
    if (!f)
        return -1;
    c->initrd_end += f->len;
    return machine_blob_add(&v->m, &(struct machine_blob){o->initrd, c->initrd, f->data, f->len},
                            err, err_len);
}

static int dump_dtb(const struct virt *v, char *err, size_t err_len)
{
    FILE *f = fopen(v->dumpdtb, "wb");
    bool bad = !f || fwrite(v->dtb, 1, v->dtb_len, f) != v->dtb_len;

    if (f && fclose(f))
        bad = true;
    return bad ? fail(err, err_len, v->dumpdtb, strerror(errno)) : 0;
}

/* -bios into the first flash, unless that has an image of its own. */
static int put_bios(struct virt *v, char *err, size_t err_len)
{
    const char *name = v->m.opt->bios;
    const struct loader_file *f;

    if (!name)
        return 0;
    if (v->m.flash[0])
        return fail(err, err_len, "-bios", "the first flash has an image already (-drive if=pflash)");
    f = loader_open(&v->m, name, err, err_len);
    if (!f)
        return -1;
    if (f->len > mem_region_size(v->flash[0]->regions[0]))
        return fail(err, err_len, name, "does not fit into the first flash");
    if (f->len)
        memcpy(pflash_content(v->flash[0]), f->data, f->len);
    return 0;
}

/* Firmware finds the tree where the memory begins, and kernel, initrd, command line, ACPI and SMBIOS
 * tables in fw_cfg. */
static int load_firmware(struct virt *v, char *err, size_t err_len)
{
    const struct machine_options *o = v->m.opt;
    struct virt_chosen c = {.bootargs = o->append};
    struct machine_blob tree = {.name = "the device tree", .addr = virt_map[VIRT_RAM].addr};
    const struct loader_file *f;

    if (put_bios(v, err, err_len) || virt_fdt(v, &c, err, err_len) ||
        (!v->no_acpi && virt_acpi(v, err, err_len)) ||
        virt_boot_order(v, err, err_len) || smbios_add(&v->m, v->fw_cfg, tree.addr, err, err_len))
        return -1;
    if (v->dumpdtb[0]) {
        v->m.ended = true;
        return dump_dtb(v, err, err_len);
    }
    tree.data = v->dtb;
    tree.len = v->dtb_len;
    if (machine_blob_add(&v->m, &tree, err, err_len))
        return -1;
    if (o->kernel) {
        f = loader_open(&v->m, o->kernel, err, err_len);
        if (!f)
            return -1;
        fw_cfg_add_u32(v->fw_cfg, FW_CFG_KERNEL_SIZE, (uint32_t)f->len);
        fw_cfg_add_ref(v->fw_cfg, FW_CFG_KERNEL_DATA, f->data, f->len);
    }
    if (o->initrd) {
        f = loader_open(&v->m, o->initrd, err, err_len);
        if (!f)
            return -1;
        fw_cfg_add_u32(v->fw_cfg, FW_CFG_INITRD_SIZE, (uint32_t)f->len);
        fw_cfg_add_ref(v->fw_cfg, FW_CFG_INITRD_DATA, f->data, f->len);
    }
    if (o->append) {
        fw_cfg_add_u32(v->fw_cfg, FW_CFG_CMDLINE_SIZE, (uint32_t)strlen(o->append) + 1);
        fw_cfg_add_text(v->fw_cfg, FW_CFG_CMDLINE_DATA, o->append);
    }
    return 0;
}

static int load(struct machine *m, char *err, size_t err_len)
{
    struct virt *v = (struct virt *)m;
    struct virt_chosen c = {.bootargs = m->opt->append};
    struct loader_kernel k = {0};
    uint64_t base = virt_map[VIRT_RAM].addr, at;

    if (m->opt->bios || m->flash[0])
        return load_firmware(v, err, err_len);
    if (m->opt->kernel && loader_kernel(m, m->opt->kernel, base, &k, err, err_len))
        return -1;
    if (!m->opt->kernel && (m->opt->initrd || m->opt->append))
        return fail(err, err_len, m->opt->initrd ? "-initrd" : "-append", "needs -kernel");
    if (load_initrd(v, k.is_linux ? k.high : 0, &c, err, err_len) || virt_fdt(v, &c, err, err_len))
        return -1;
    if (v->dumpdtb[0]) {
        m->ended = true;
        return dump_dtb(v, err, err_len);
    }
    /* Linux wants it within 2 MiB of its own; other programs find it where the memory begins. */
    at = k.is_linux ? align_up(c.initrd_end, 2u << 20) : base;
    if (k.is_linux || k.low >= base + v->dtb_len || !m->opt->kernel) {
        if (machine_blob_add(m, &(struct machine_blob){"the device tree", at, v->dtb, v->dtb_len},
                             err, err_len))
            return -1;
    }
    m->has_entry = m->opt->kernel != NULL;
    m->entry = k.entry;
    m->entry_arg = k.is_linux ? at : 0;
    return 0;
}

static void unbuild(struct machine *m)
{
    struct virt *v = (struct virt *)m;

    if (v->key_timer)
        sm_clock(m->sm)->timer_free(v->key_timer);
    virt_free_pci(v);
    free(v->dtb);
}

/* ---- while it runs ---- */

static void line_out(void *opaque, unsigned vcpu, unsigned n, bool level)
{
    struct virt *v = opaque;

    if (n < ARRAY_LEN(v->ppi[vcpu]))
        irq_set(&v->ppi[vcpu][n], level);
}

static bool sysreg(void *opaque, unsigned vcpu, uint32_t reg, bool write, uint64_t *value)
{
    struct virt *v = opaque;

    if (!v->gic) { /* a processor that is being made asks what its ID registers shall say */
        *value = ICC_SRE_SRE;
        return v->gic_version == 3 && !write;
    }
    return v->gic_version == 3 && gicv3_sysreg(v->gic, vcpu, reg, write, value);
}

static void powerdown(struct machine *m)
{
    struct virt *v = (struct virt *)m;
    const struct clock_port *clock = sm_clock(m->sm);

    irq_set(&v->power_key, true);
    v->key_up_at = clock->now(clock->opaque, CLOCK_VIRTUAL) + 100000000;
    clock->timer_set(v->key_timer, v->key_up_at);
}

static void save(struct machine *m, struct dev_saver *s)
{
    uint64_t at = (uint64_t)((struct virt *)m)->key_up_at;
    uint8_t b[8];

    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(at >> 8 * i);
    dev_put(s, b, 8);
}

static int load_state(struct machine *m, struct dev_saver *s)
{
    struct virt *v = (struct virt *)m;
    uint64_t at = 0;
    uint8_t b[8];

    if (dev_get(s, b, 8))
        return s->error;
    for (unsigned i = 8; i--;)
        at = at << 8 | b[i];
    if (at > CLOCK_NEVER)
        return -EINVAL;
    v->key_up_at = (int64_t)at;
    sm_clock(m->sm)->timer_set(v->key_timer, v->key_up_at);
    return 0;
}

static bool firmware_call(void *opaque, struct tcg_vcpu *v, unsigned kind)
{
    if (kind == FE_FIRMWARE_SEMIHOSTING)
        return semihost_arm64(opaque, v, virt_map[VIRT_RAM].addr);
    if (kind != FE_FIRMWARE_HVC)
        return false;
    psci_call(opaque, v);
    return true;
}

const struct board board_virt_arm64 = {
    .name = "virt",
    .alias = "virt-7.2",
    .text = "board for virtual machines, as QEMU's",
    .guest = "aarch64",
    .dflt_cpu = "cortex-a57",
    .max_cpus = MACHINE_CPUS,
    .dflt_ram = 128u << 20,
    .max_ram = 16ull << 30,
    .size = sizeof(struct virt),
    .props = props,
    .build = build,
    .load = load,
    .place = place,
    .save = save,
    .load_state = load_state,
    .unbuild = unbuild,
    .powerdown = powerdown,
    .prstatus = core_arm64_prstatus,
    .sysreg = sysreg,
    .firmware_call = firmware_call,
    .line_out = line_out,
};
