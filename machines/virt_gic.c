// SPDX-License-Identifier: MIT
/* machines/virt_gic.c -- the interrupt controllers of the `virt` board: GICv2 with an MSI frame, or
 * GICv3 with a translation service, and the wires of the processors' timers. */
#include "devices/intc/gicv2.h"
#include "devices/intc/gicv3.h"
#include "machines/virt_arm64.h"

#include <stdio.h>

/* Where the processors' output lines go, by enum a64_line. */
static const uint8_t ppi[] = {
    VIRT_PPI_VTIMER, VIRT_PPI_PTIMER, VIRT_PPI_HTIMER, VIRT_PPI_STIMER, VIRT_PPI_PMU,
};

static int build_v2(struct virt *v, char *err, size_t err_len)
{
    struct machine *m = &v->m;
    char ncpus[8], nirqs[8];
    const char *const p[] = {"num-cpu", ncpus, "num-irq", nirqs, NULL};
    const char *const frame[] = {"base-spi", "80", "num-spi", "64", NULL};

    snprintf(ncpus, sizeof(ncpus), "%u", m->ncpus);
    snprintf(nirqs, sizeof(nirqs), "%u", VIRT_NUM_IRQS);
    v->gic = machine_device(m, &gicv2_class, "gic", p, err, err_len);
    if (!v->gic)
        return -1;
    virt_place(v, v->gic, 0, VIRT_GIC_DIST);
    virt_place(v, v->gic, 1, VIRT_GIC_CPU);
    for (unsigned i = 0; i < m->ncpus; i++) {
        gicv2_connect(v->gic, i, sm_irq(m->sm, i, FE_LINE_IRQ), sm_irq(m->sm, i, FE_LINE_FIQ));
        for (unsigned n = 0; n < ARRAY_LEN(ppi); n++)
            v->ppi[i][n] = gicv2_input(v->gic, i, 16u + ppi[n]);
    }
    v->v2m = machine_device(m, &gicv2m_class, "v2m", frame, err, err_len);
    if (!v->v2m)
        return -1;
    virt_place(v, v->v2m, 0, VIRT_GIC_V2M);
    for (unsigned i = 0; i < VIRT_V2M_SPIS; i++)
        gicv2m_connect(v->v2m, i, gicv2_input(v->gic, 0, 32 + VIRT_V2M_SPI + i));
    return 0;
}

static int build_v3(struct virt *v, char *err, size_t err_len)
{
    struct machine *m = &v->m;
    char ncpus[8], nirqs[8];
    const char *const p[] = {"num-cpu", ncpus, "num-irq", nirqs, "has-lpi", v->no_its ? "off" : "on",
                             NULL};

    snprintf(ncpus, sizeof(ncpus), "%u", m->ncpus);
    snprintf(nirqs, sizeof(nirqs), "%u", VIRT_NUM_IRQS);
    v->gic = machine_device(m, &gicv3_class, "gic", p, err, err_len);
    if (!v->gic)
        return -1;
    virt_place(v, v->gic, 0, VIRT_GIC_DIST);
    for (unsigned i = 0; i < m->ncpus; i++) {
        mem_add(m->root, gicv3_redist(v->gic, i)->regions[0],
                virt_map[VIRT_GIC_REDIST].addr + i * 0x20000, 0);
        gicv3_connect(v->gic, i, sm_irq(m->sm, i, FE_LINE_IRQ), sm_irq(m->sm, i, FE_LINE_FIQ));
        for (unsigned n = 0; n < ARRAY_LEN(ppi); n++)
            v->ppi[i][n] = gicv3_input(v->gic, i, 16u + ppi[n]);
    }
    if (v->no_its)
        return 0;
    v->its_dev = machine_device_new(m, &gicv3_its_class, "its", NULL, err, err_len);
    if (!v->its_dev)
        return -1;
    gicv3_its_connect(v->its_dev, v->gic);
    if (machine_device_realize(m, v->its_dev, err, err_len))
        return -1;
    virt_place(v, v->its_dev, 0, VIRT_GIC_ITS);
    return 0;
}

struct irq_line virt_spi(struct virt *v, unsigned n)
{
    return v->gic_version == 3 ? gicv3_input(v->gic, 0, 32 + n) : gicv2_input(v->gic, 0, 32 + n);
}

int virt_build_gic(struct virt *v, char *err, size_t err_len)
{
    return v->gic_version == 3 ? build_v3(v, err, err_len) : build_v2(v, err, err_len);
}
