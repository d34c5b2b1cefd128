// SPDX-License-Identifier: MIT
/* machines/virt_fdt.c -- the device tree of the `virt` board, written from the same facts as the board
 * itself. Bindings: Devicetree Specification 0.4 and Linux's Documentation/devicetree/bindings. Only
 * what the board has is named. */
#include "machines/loader.h"
#include "machines/virt_arm64.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TREE_SIZE (1u << 20)

enum { PHANDLE_CLOCK = 0x8000, PHANDLE_GIC, PHANDLE_MSI, PHANDLE_GPIO, PHANDLE_CPU0 = 0x8010 };
enum { SPI = 0, PPI = 1, EDGE = 1, LEVEL = 4 };

/* The tree under work: errors are kept, so that lines need no checks. */
struct tree {
    void *fdt;
    int error;
};

static void ok(struct tree *t, int r)
{
    if (r < 0 && !t->error)
        t->error = r;
}

static void begin(struct tree *t, const char *name)
{
    ok(t, fdt_begin_node(t->fdt, name));
}

static void begin_at(struct tree *t, const char *name, uint64_t addr)
{
    char full[64];

    snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)addr);
    begin(t, full);
}

static void end(struct tree *t)
{
    ok(t, fdt_end_node(t->fdt));
}

static void text(struct tree *t, const char *name, const char *value)
{
    ok(t, fdt_property_string(t->fdt, name, value));
}

/* Several strings, one after the other: "a\0b". */
#define TEXTS(t, name, value) ok(t, fdt_property((t)->fdt, name, value, sizeof(value)))

static void cell(struct tree *t, const char *name, uint32_t value)
{
    ok(t, fdt_property_u32(t->fdt, name, value));
}

static void flag(struct tree *t, const char *name)
{
    ok(t, fdt_property(t->fdt, name, NULL, 0));
}

static void cells(struct tree *t, const char *name, const uint32_t *values, unsigned n)
{
    uint32_t be[160];

    for (unsigned i = 0; i < n; i++)
        be[i] = cpu_to_fdt32(values[i]);
    ok(t, fdt_property(t->fdt, name, be, (int)(4 * n)));
}
#define CELLS(t, name, ...)                                                                        \
    cells(t, name, (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4)
#define HI(x) (uint32_t)((x) >> 32)
#define LO(x) (uint32_t)(x)
#define AT(place) virt_map[place]
#define REG(at) HI((at).addr), LO((at).addr), HI((at).size), LO((at).size)

/* ---- nodes ---- */

static void pmu(struct tree *t, const struct virt *v)
{
    uint32_t how = LEVEL | (v->gic_version == 2 ? ((1u << v->m.ncpus) - 1) << 8 : 0);

    begin(t, "pmu");
    text(t, "compatible", "arm,armv8-pmuv3");
    CELLS(t, "interrupts", PPI, VIRT_PPI_PMU, how);
    end(t);
}

static void cpus(struct tree *t, const struct virt *v)
{
    const char *model = v->m.opt->cpu ? v->m.opt->cpu : v->m.board->dflt_cpu;
    char compatible[64];

    if (strncmp(model, "cortex-", 7) == 0 || strncmp(model, "neoverse-", 9) == 0)
        snprintf(compatible, sizeof(compatible), "arm,%.*s", (int)strcspn(model, ","), model);
    else
        snprintf(compatible, sizeof(compatible), "arm,armv8");
    begin(t, "cpus");
    cell(t, "#address-cells", 1);
    cell(t, "#size-cells", 0);
    begin(t, "cpu-map");
    begin(t, "socket0");
    begin(t, "cluster0");
    for (unsigned i = 0; i < v->m.ncpus; i++) {
        char core[16];

        snprintf(core, sizeof(core), "core%u", i);
        begin(t, core);
        cell(t, "cpu", PHANDLE_CPU0 + i);
        end(t);
    }
    end(t);
    end(t);
    end(t);
    for (unsigned i = 0; i < v->m.ncpus; i++) {
        begin_at(t, "cpu", i);
        text(t, "device_type", "cpu");
        text(t, "compatible", compatible);
        cell(t, "reg", i);
        if (v->m.ncpus > 1)
            text(t, "enable-method", "psci");
        cell(t, "phandle", PHANDLE_CPU0 + i);
        end(t);
    }
    end(t);
}

static void firmware(struct tree *t)
{
    begin(t, "psci");
    TEXTS(t, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    text(t, "method", "hvc");
    cell(t, "cpu_suspend", 0xc4000001);
    cell(t, "cpu_off", 0x84000002);
    cell(t, "cpu_on", 0xc4000003);
    cell(t, "migrate", 0xc4000005);
    end(t);
}

static void timer(struct tree *t, const struct virt *v)
{
    /* GICv2 says in the high bits for which processors a private interrupt is */
    uint32_t how = LEVEL | (v->gic_version == 2 ? ((1u << v->m.ncpus) - 1) << 8 : 0);

    begin(t, "timer");
    TEXTS(t, "compatible", "arm,armv8-timer\0arm,armv7-timer");
    flag(t, "always-on");
    CELLS(t, "interrupts", PPI, VIRT_PPI_STIMER, how, PPI, VIRT_PPI_PTIMER, how, PPI,
          VIRT_PPI_VTIMER, how, PPI, VIRT_PPI_HTIMER, how);
    end(t);
}

static void gic(struct tree *t, const struct virt *v)
{
    begin_at(t, "intc", AT(VIRT_GIC_DIST).addr);
    cell(t, "phandle", PHANDLE_GIC);
    cell(t, "#interrupt-cells", 3);
    flag(t, "interrupt-controller");
    cell(t, "#address-cells", 2);
    cell(t, "#size-cells", 2);
    flag(t, "ranges");
    if (v->gic_version == 3) {
        text(t, "compatible", "arm,gic-v3");
        cell(t, "#redistributor-regions", 1);
        CELLS(t, "reg", REG(AT(VIRT_GIC_DIST)), HI(AT(VIRT_GIC_REDIST).addr),
              LO(AT(VIRT_GIC_REDIST).addr), 0, v->m.ncpus * 0x20000);
    } else {
        text(t, "compatible", "arm,cortex-a15-gic");
        CELLS(t, "reg", REG(AT(VIRT_GIC_DIST)), REG(AT(VIRT_GIC_CPU)));
    }
    if (v->its_dev) {
        begin_at(t, "its", AT(VIRT_GIC_ITS).addr);
        text(t, "compatible", "arm,gic-v3-its");
        flag(t, "msi-controller");
        cell(t, "#msi-cells", 1);
        CELLS(t, "reg", REG(AT(VIRT_GIC_ITS)));
        cell(t, "phandle", PHANDLE_MSI);
        end(t);
    }
    if (v->v2m) {
        begin_at(t, "v2m", AT(VIRT_GIC_V2M).addr);
        text(t, "compatible", "arm,gic-v2m-frame");
        flag(t, "msi-controller");
        CELLS(t, "reg", REG(AT(VIRT_GIC_V2M)));
        cell(t, "phandle", PHANDLE_MSI);
        end(t);
    }
    end(t);
}

static void primecell(struct tree *t, const char *name, const struct virt_at *at, unsigned clocks)
{
    begin_at(t, name, at->addr);
    CELLS(t, "reg", REG(*at));
    CELLS(t, "interrupts", SPI, at->irq, LEVEL);
    if (clocks == 2) {
        TEXTS(t, "clock-names", "uartclk\0apb_pclk");
        CELLS(t, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
    } else {
        text(t, "clock-names", "apb_pclk");
        cell(t, "clocks", PHANDLE_CLOCK);
    }
}

static void devices(struct tree *t, const struct virt *v)
{
    begin_at(t, "flash", AT(VIRT_FLASH).addr);
    text(t, "compatible", "cfi-flash");
    CELLS(t, "reg", 0, 0, 0, LO(AT(VIRT_FLASH).size / 2), 0, LO(AT(VIRT_FLASH).size / 2), 0,
          LO(AT(VIRT_FLASH).size / 2));
    cell(t, "bank-width", 4);
    end(t);
    if (v->uart) {
        primecell(t, "pl011", &AT(VIRT_UART), 2);
        TEXTS(t, "compatible", "arm,pl011\0arm,primecell");
        end(t);
    }
    if (v->rtc) {
        primecell(t, "pl031", &AT(VIRT_RTC), 1);
        TEXTS(t, "compatible", "arm,pl031\0arm,primecell");
        end(t);
    }
    if (v->gpio) {
        primecell(t, "pl061", &AT(VIRT_GPIO), 1);
        TEXTS(t, "compatible", "arm,pl061\0arm,primecell");
        cell(t, "#gpio-cells", 2);
        flag(t, "gpio-controller");
        cell(t, "phandle", PHANDLE_GPIO);
        end(t);
        begin(t, "gpio-keys");
        text(t, "compatible", "gpio-keys");
        begin(t, "poweroff");
        text(t, "label", "GPIO Key Poweroff");
        cell(t, "linux,code", 116); /* KEY_POWER */
        CELLS(t, "gpios", PHANDLE_GPIO, 3, 0);
        end(t);
        end(t);
    }
    if (v->fw_cfg) {
        begin_at(t, "fw-cfg", AT(VIRT_FW_CFG).addr);
        text(t, "compatible", "qemu,fw-cfg-mmio");
        CELLS(t, "reg", REG(AT(VIRT_FW_CFG)));
        flag(t, "dma-coherent");
        end(t);
    }
    for (unsigned i = 0; i < v->nvirtio; i++) {
        struct virt_at at = AT(VIRT_VIRTIO);

        at.addr += i * at.size;
        begin_at(t, "virtio_mmio", at.addr);
        text(t, "compatible", "virtio,mmio");
        CELLS(t, "reg", REG(at));
        CELLS(t, "interrupts", SPI, at.irq + i, EDGE);
        flag(t, "dma-coherent");
        end(t);
    }
}

/* Four slots, then the pins repeat. */
static void pcie(struct tree *t, const struct virt *v)
{
    const struct virt_at *ecam = virt_ecam(v);
    enum { PORTS = 1 << 24, MEM32 = 2 << 24, MEM64 = 3 << 24, SLOTS = 4, PINS = 4, ROW = 10 };
    uint32_t map[SLOTS * PINS * ROW], *m = map;

    begin_at(t, "pcie", AT(VIRT_PCIE_MMIO).addr);
    text(t, "compatible", "pci-host-ecam-generic");
    text(t, "device_type", "pci");
    cell(t, "#address-cells", 3);
    cell(t, "#size-cells", 2);
    cell(t, "linux,pci-domain", 0);
    CELLS(t, "bus-range", 0, (uint32_t)(ecam->size >> 20) - 1);
    flag(t, "dma-coherent");
    if (v->its_dev || v->v2m)
        CELLS(t, "msi-map", 0, PHANDLE_MSI, 0, 0x10000);
    CELLS(t, "reg", REG(*ecam));
#define RANGE(kind, bus, at) kind, HI(bus), LO(bus), REG(at)
    if (v->lowmem)
        CELLS(t, "ranges", RANGE(PORTS, 0ull, AT(VIRT_PCIE_PIO)),
              RANGE(MEM32, AT(VIRT_PCIE_MMIO).addr, AT(VIRT_PCIE_MMIO)));
    else
        CELLS(t, "ranges", RANGE(PORTS, 0ull, AT(VIRT_PCIE_PIO)),
              RANGE(MEM32, AT(VIRT_PCIE_MMIO).addr, AT(VIRT_PCIE_MMIO)),
              RANGE(MEM64, AT(VIRT_HIGH_PCIE).addr, AT(VIRT_HIGH_PCIE)));
#undef RANGE
    cell(t, "#interrupt-cells", 1);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        for (uint32_t pin = 0; pin < PINS; pin++, m += ROW) {
            uint32_t row[ROW] = {slot << 11, 0, 0, pin + 1, PHANDLE_GIC, 0, 0, SPI,
                                   AT(VIRT_PCIE_MMIO).irq + (slot + pin) % PINS, LEVEL};

            memcpy(m, row, sizeof(row));
        }
    cells(t, "interrupt-map", map, sizeof(map) / sizeof(map[0]));
    CELLS(t, "interrupt-map-mask", 0x1800, 0, 0, 7);
    end(t);
}

static void tree(struct tree *t, const struct virt *v)
{
    ok(t, fdt_create(t->fdt, TREE_SIZE));
    ok(t, fdt_finish_reservemap(t->fdt));
    begin(t, "");
    text(t, "compatible", "linux,dummy-virt");
    text(t, "model", "linux,dummy-virt");
    cell(t, "#address-cells", 2);
    cell(t, "#size-cells", 2);
    cell(t, "interrupt-parent", PHANDLE_GIC);
    begin(t, "chosen");
    end(t);
    begin_at(t, "memory", AT(VIRT_RAM).addr);
    text(t, "device_type", "memory");
    end(t);
    begin(t, "apb-pclk");
    text(t, "compatible", "fixed-clock");
    cell(t, "#clock-cells", 0);
    cell(t, "clock-frequency", 24000000);
    text(t, "clock-output-names", "clk24mhz");
    cell(t, "phandle", PHANDLE_CLOCK);
    end(t);
    cpus(t, v);
    firmware(t);
    timer(t, v);
    pmu(t, v);
    gic(t, v);
    devices(t, v);
    if (v->pcie)
        pcie(t, v);
    end(t);
    ok(t, fdt_finish(t->fdt));
}

/* ---- what the command line says, in our tree or the user's ---- */

static int node(struct tree *t, const char *path)
{
    int at = fdt_path_offset(t->fdt, path);

    if (at == -FDT_ERR_NOTFOUND)
        at = fdt_add_subnode(t->fdt, 0, path + 1);
    ok(t, at);
    return at;
}

static void put_memory(struct tree *t, const struct virt *v)
{
    char path[32];
    uint64_t reg[2] = {cpu_to_fdt64(AT(VIRT_RAM).addr), cpu_to_fdt64(v->m.ram_size)};
    int at = fdt_path_offset(t->fdt, "/memory");

    if (at < 0) {
        snprintf(path, sizeof(path), "/memory@%llx", (unsigned long long)AT(VIRT_RAM).addr);
        at = node(t, path);
        if (at >= 0)
            ok(t, fdt_setprop_string(t->fdt, at, "device_type", "memory"));
    }
    if (at >= 0)
        ok(t, fdt_setprop(t->fdt, at, "reg", reg, sizeof(reg)));
}

static void put_chosen(struct tree *t, const struct virt *v, const struct virt_chosen *c)
{
    int at = node(t, "/chosen");
    uint8_t seed[32];
    char path[32];

    if (at < 0)
        return;
    if (c->bootargs)
        ok(t, fdt_setprop_string(t->fdt, at, "bootargs", c->bootargs));
    if (c->initrd_end > c->initrd) {
        ok(t, fdt_setprop_u64(t->fdt, at, "linux,initrd-start", c->initrd));
        ok(t, fdt_setprop_u64(t->fdt, at, "linux,initrd-end", c->initrd_end));
    }
    if (v->uart && !v->m.opt->dtb) {
        snprintf(path, sizeof(path), "/pl011@%llx", (unsigned long long)AT(VIRT_UART).addr);
        ok(t, fdt_setprop_string(t->fdt, at, "stdout-path", path));
    }
    if (!v->no_randomness && getrandom(seed, sizeof(seed), 0) == sizeof(seed)) {
        ok(t, fdt_setprop(t->fdt, at, "kaslr-seed", seed, 8));
        if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
            ok(t, fdt_setprop(t->fdt, at, "rng-seed", seed, sizeof(seed)));
    }
}

int virt_fdt(struct virt *v, const struct virt_chosen *c, char *err, size_t err_len)
{
    const char *path = v->m.opt->dtb;
    struct tree t = {.fdt = calloc(1, TREE_SIZE)};

    if (!t.fdt) {
        snprintf(err, err_len, "the device tree: out of memory");
        return -1;
    }
    if (path) {
        const struct loader_file *f = loader_open(&v->m, path, err, err_len);

        if (!f || f->len < sizeof(struct fdt_header) || fdt_check_header(f->data) ||
            fdt_totalsize(f->data) > f->len || f->len > TREE_SIZE / 2 ||
            fdt_open_into(f->data, t.fdt, TREE_SIZE)) {
            if (f)
                snprintf(err, err_len, "%s: not a device tree", path);
            free(t.fdt);
            return -1;
        }
    } else {
        tree(&t, v);
        ok(&t, fdt_open_into(t.fdt, t.fdt, TREE_SIZE));
    }
    if (!t.error)
        put_memory(&t, v);
    if (!t.error)
        put_chosen(&t, v, c);
    if (!t.error)
        ok(&t, fdt_pack(t.fdt));
    if (t.error) {
        snprintf(err, err_len, "%s: %s", path ? path : "the device tree", fdt_strerror(t.error));
        free(t.fdt);
        return -1;
    }
    v->dtb = t.fdt;
    v->dtb_len = fdt_totalsize(t.fdt);
    return 0;
}
