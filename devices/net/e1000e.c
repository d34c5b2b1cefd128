// SPDX-License-Identifier: MIT
/* devices/net/e1000e.c -- Intel 82574L gigabit Ethernet controller (82574 data sheet, chapters 6, 7
 * and 10; PHY chapter 10.2): registers, interrupts by MSI-X, MSI or pin, a PHY that is always at
 * 1 Gbit/s, an EEPROM made of the address.
 *
 * Interrupts are not delayed or throttled. Not modelled: flash and port BARs, wake-up, management,
 * time stamps, statistics but those of good packets, RSS, packet split. */
#include "devices/net/e1000e_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CTRL_MASTER_OFF = 1 << 2,
    CTRL_RESET = 1 << 26,
    CTRL_PHY_RESET = 1u << 31,
    CTRL_INITIAL = 1 << 0 | 1 << 6 | 2 << 8, /* full duplex, link up, 1 Gbit/s */
    CTRL_EXT_IAME = 1 << 27,
    TIPG_INITIAL = 0x00602006,
    VET_INITIAL = 0x8100,
    STATUS_FIXED = 1 << 0 | 2 << 6, /* full duplex, 1 Gbit/s */
    STATUS_LINK = 1 << 1,
    STATUS_MASTER = 1 << 19,
    EECD_FIXED = 1 << 8 | 1 << 9, /* present, read */
    EERD_START = 1,
    EERD_DONE = 2,
    MDIC_WRITE = 1,
    MDIC_READ = 2,
    MDIC_READY = 1 << 28,
    MDIC_ERROR = 1 << 30,
    ICR_ASSERTED = 1u << 31,
    IVAR_VALID = 8,
    QUEUE_CAUSES = 0x1f << 20,
    VECTORS = 5,
    BAR_SIZE = 0x20000,
    NVM_SUM = 0xbaba,

    PHY_CONTROL = 0,
    PHY_STATUS = 1,
    PHY_ID1 = 2,
    PHY_ID2 = 3,
    PHY_1000_STATUS = 10,
    PHY_SPECIAL = 17,
    PHY_PAGE = 22,
    PHY_STATUS_LINK = 1 << 2,
    PHY_SPECIAL_LINK = 1 << 10,
};

/* ---- interrupts ---- */
/* A cause that has a vector is told, and cleared and masked if EIAC says so. */
static void vectors(struct e1000e *e)
{
    for (unsigned n = 0; n < VECTORS; n++) {
        uint32_t cause = 1u << (20 + n), ivar = e->ivar >> 4 * n & 15;

        if (!(e->icr & e->ims & cause) || !(ivar & IVAR_VALID))
            continue;
        pci_notify(&e->pci, ivar & 7);
        if (e->eiac & cause) {
            e->icr &= ~cause;
            if (!(e->ctrl_ext & CTRL_EXT_IAME))
                e->ims &= ~cause;
        }
    }
}

static void update_lines(struct e1000e *e, bool news)
{
    bool level = (e->icr & e->ims) != 0;

    if (pci_msix_enabled(&e->pci)) {
        if (news)
            vectors(e);
        level = false;
    } else if (pci_messages_enabled(&e->pci)) {
        if (news && level)
            pci_notify(&e->pci, 0);
        level = false;
    }
    if (level != e->pci.intx)
        pci_set_intx(&e->pci, level);
}

void e1000_cause(struct e1000e *e, uint32_t causes)
{
    if (pci_msix_enabled(&e->pci) && causes & ~(uint32_t)QUEUE_CAUSES & ~(E1000_TXDW | E1000_RXT0))
        causes |= E1000_OTHER;
    e->icr |= causes & ~ICR_ASSERTED;
    update_lines(e, true);
}

static uint64_t icr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct e1000e *e = dev;
    uint32_t v = e->icr;

    (void)n, (void)a;
    if (e->icr & e->ims) {
        v |= ICR_ASSERTED;
        if (e->ctrl_ext & CTRL_EXT_IAME)
            e->ims &= ~e->iam;
    }
    e->icr = 0;
    return v;
}

static void icr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    e->icr &= ~(uint32_t)v;
}

static void ics_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    e1000_cause(dev, (uint32_t)v);
}

static void ims_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    e->ims |= (uint32_t)v & ~ICR_ASSERTED;
    update_lines(e, true);
}

static void imc_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    e->ims &= ~(uint32_t)v;
}

/* ---- PHY and EEPROM ---- */
static void reset_phy(struct e1000e *e)
{
    static const uint16_t values[32] = {
        [PHY_CONTROL] = 0x1140,
        [PHY_STATUS] = 0x7969,
        [PHY_ID1] = 0x0141,
        [PHY_ID2] = 0x0cb1,
        [4] = 0x0de1,
        [5] = 0x4de1, /* abilities, ours and the partner's */
        [6] = 0x000f,
        [9] = 0x0e00,
        [PHY_1000_STATUS] = 0x7c00,
        [15] = 0x3000,
        [16] = 0x0078,
        [PHY_SPECIAL] = 0xa808, /* 1 Gbit/s, full duplex, resolved */
    };

    memcpy(e->phy, values, sizeof(e->phy));
}

static uint16_t phy_read(const struct e1000e *e, unsigned reg)
{
    uint16_t v = e->phy[reg];

    if (reg != PHY_PAGE && e->phy[PHY_PAGE] & 0xff)
        return 0; /* other pages: nothing of use */
    if (reg == PHY_STATUS && e->link)
        v |= PHY_STATUS_LINK;
    if (reg == PHY_SPECIAL && e->link)
        v |= PHY_SPECIAL_LINK;
    return v;
}

static void phy_write(struct e1000e *e, unsigned reg, uint16_t v)
{
    if (reg != PHY_PAGE && e->phy[PHY_PAGE] & 0xff)
        return;
    switch (reg) {
    case PHY_CONTROL:
        if (v & 0x8000)
            reset_phy(e);
        else
            e->phy[reg] = v & 0xfdff; /* negotiation is over at once */
        if (v & 0x8200)
            e1000_cause(e, E1000_LSC);
        break;
    case PHY_STATUS:
    case PHY_ID1:
    case PHY_ID2:
    case 5:
    case 6:
    case PHY_1000_STATUS:
    case 15:
    case PHY_SPECIAL:
        break; /* read-only */
    default:
        e->phy[reg] = v;
    }
}

static void mdic_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;
    unsigned reg = v >> 16 & 31, op = v >> 26 & 3;

    (void)n, (void)a;
    e->mdic = ((uint32_t)v & 0x2fffffff) | MDIC_READY;
    if ((v >> 21 & 31) != 1)
        e->mdic |= MDIC_ERROR;
    else if (op == MDIC_READ)
        e->mdic = (e->mdic & ~0xffffu) | phy_read(e, reg);
    else if (op == MDIC_WRITE)
        phy_write(e, reg, (uint16_t)v);
    if (v >> 29 & 1)
        e1000_cause(e, 1 << 9);
}

static void fill_nvm(struct e1000e *e)
{
    uint16_t sum = 0;

    for (unsigned i = 0; i < 3; i++)
        e->nvm[i] = (uint16_t)(e->mac[2 * i] | e->mac[2 * i + 1] << 8);
    e->nvm[3] = 0x0420;
    e->nvm[4] = 0xf746; /* lights */
    e->nvm[5] = 0x2010; /* version */
    e->nvm[0x0a] = 0x4020;
    e->nvm[0x0b] = 0x0000; /* subsystem */
    e->nvm[0x0c] = 0x8086;
    e->nvm[0x0d] = 0x10d3;
    e->nvm[0x0e] = 0x8086;
    e->nvm[0x0f] = 0x0000;
    for (unsigned i = 0; i < 63; i++)
        sum = (uint16_t)(sum + e->nvm[i]);
    e->nvm[63] = (uint16_t)(NVM_SUM - sum);
}

static void eerd_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;
    unsigned word = v >> 2 & 0x3fff;

    (void)n, (void)a;
    e->eerd = v & 0xfffc;
    if (v & EERD_START)
        e->eerd |= EERD_DONE | (uint32_t)(word < ARRAY_LEN(e->nvm) ? e->nvm[word] : 0) << 16;
}

static uint64_t eecd_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return EECD_FIXED;
}

/* ---- the rest ---- */
static void defaults(struct e1000e *e)
{
    e->ctrl = CTRL_INITIAL;
    e->ctrl_ext = e->eerd = e->mdic = e->icr = e->itr = e->ims = e->eiac = e->iam = e->ivar = 0;
    memset(e->eitr, 0, sizeof(e->eitr));
    e->rctl = e->tctl = e->rxcsum = e->rfctl = e->psrctl = 0;
    e->tipg = TIPG_INITIAL;
    e->vet = VET_INITIAL;
    memset(e->rx, 0, sizeof(e->rx));
    memset(e->tx, 0, sizeof(e->tx));
    memset(e->mta, 0, sizeof(e->mta));
    memset(e->vfta, 0, sizeof(e->vfta));
    memset(e->ra, 0, sizeof(e->ra));
    memcpy(e->ra, e->mac, 6);
    e->ra[1] |= 1u << 31;
    memset(&e->context, 0, sizeof(e->context));
    e->sent = 0;
}

static void ctrl_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    if (v & CTRL_RESET) {
        defaults(e);
        return;
    }
    e->ctrl = (uint32_t)v & ~(uint32_t)CTRL_PHY_RESET;
    if (v & CTRL_PHY_RESET) {
        reset_phy(e);
        e1000_cause(e, E1000_LSC);
    }
}

static uint64_t status_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct e1000e *e = dev;

    (void)n, (void)a;
    return STATUS_FIXED | (e->link ? STATUS_LINK : 0) |
           (e->ctrl & CTRL_MASTER_OFF ? 0 : STATUS_MASTER);
}

static void more_room(struct e1000e *e)
{
    if (e->out && e->out->accept && e->rctl & E1000_RCTL_EN)
        e->out->accept(e->out->to);
}

static void rctl_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    e->rctl = (uint32_t)v;
    more_room(e);
}

static void rdt_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)a;
    e->rx[n].tail = v & 0xffff;
    more_room(e);
}

static void tdt_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)a;
    e->tx[n].tail = v & 0xffff;
    e1000_transmit(e);
}

static void tctl_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct e1000e *e = dev;

    (void)n, (void)a;
    e->tctl = (uint32_t)v;
    e1000_transmit(e);
}

/* Counters are cleared by reading. */
static uint64_t count_of(uint32_t *p)
{
    uint32_t v = *p;

    *p = 0;
    return v;
}
#define COUNTER(member)                                                                            \
    static uint64_t member##_read(void *dev, unsigned n, const struct mem_attrs *a)                \
    {                                                                                              \
        (void)n, (void)a;                                                                          \
        return count_of(&((struct e1000e *)dev)->member);                                          \
    }
COUNTER(mpc)
COUNTER(gprc)
COUNTER(gptc)
COUNTER(gorc_low)
COUNTER(gorc_high)
COUNTER(gotc_low)
COUNTER(gotc_high)

static uint64_t ra_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)a;
    return ((struct e1000e *)dev)->ra[n];
}

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static uint64_t zero(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0;
}

#define AT(member) offsetof(struct e1000e, member)
#define REG(nm, off, cnt, member, rd, wr)                                                          \
    {                                                                                              \
        .name = nm, .offset = off, .size = 4, .count = cnt, .stride = cnt ? 4 : 0,                 \
        .state = AT(member), .writable = 0xffffffff, .read = rd, .write = wr                       \
    }
#define HOOK(nm, off, rd, wr)                                                                      \
    {                                                                                              \
        .name = nm, .offset = off, .size = 4, .state = DEV_NO_STATE, .read = rd, .write = wr       \
    }
/* Registers of a ring: their fields are not next to each other, and saved as states. */
#define RING(dir, q, member, base, moved)                                                          \
    {.name = dir "BAL" #q,                                                                         \
     .offset = base + 0x100 * q,                                                                   \
     .size = 4,                                                                                    \
     .state = AT(member[q].low),                                                                   \
     .writable = 0xfffffff0},                                                                      \
        REG(dir "BAH" #q, base + 0x100 * q + 4, 0, member[q].high, NULL, NULL),                    \
        {.name = dir "LEN" #q,                                                                     \
         .offset = base + 0x100 * q + 8,                                                           \
         .size = 4,                                                                                \
         .state = AT(member[q].len),                                                               \
         .writable = 0xfff80},                                                                     \
        {.name = dir "H" #q,                                                                       \
         .offset = base + 0x100 * q + 16,                                                          \
         .size = 4,                                                                                \
         .state = AT(member[q].head),                                                              \
         .writable = 0xffff},                                                                      \
        REG(dir "T" #q, base + 0x100 * q + 24, 0, member[q].tail, NULL, moved),                    \
        REG(dir "DELAY" #q, base + 0x100 * q + 32, 0, member[q].delay, NULL, NULL),                \
        REG(dir "DCTL" #q, base + 0x100 * q + 40, 0, member[q].control, NULL, NULL),               \
        REG(dir "DELAYMAX" #q, base + 0x100 * q + 44, 0, member[q].delay_max, NULL, NULL)

static void tdt1_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n;
    tdt_write(dev, 1, v, a);
}

static void rdt1_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n;
    rdt_write(dev, 1, v, a);
}

static const struct dev_reg regs[] = {
    {.name = "CTRL",
     .offset = 0x0000,
     .size = 4,
     .state = AT(ctrl),
     .reset = CTRL_INITIAL,
     .write = ctrl_write},
    HOOK("STATUS", 0x0008, status_read, ignore),
    HOOK("EECD", 0x0010, eecd_read, ignore),
    REG("EERD", 0x0014, 0, eerd, NULL, eerd_write),
    REG("CTRL_EXT", 0x0018, 0, ctrl_ext, NULL, NULL),
    REG("MDIC", 0x0020, 0, mdic, NULL, mdic_write),
    {.name = "VET",
     .offset = 0x0038,
     .size = 4,
     .state = AT(vet),
     .reset = VET_INITIAL,
     .writable = 0xffffffff},
    REG("ICR", 0x00c0, 0, icr, icr_read, icr_write),
    REG("ITR", 0x00c4, 0, itr, NULL, NULL),
    HOOK("ICS", 0x00c8, zero, ics_write),
    REG("IMS", 0x00d0, 0, ims, NULL, ims_write),
    HOOK("IMC", 0x00d8, zero, imc_write),
    REG("EIAC", 0x00dc, 0, eiac, NULL, NULL),
    REG("IAM", 0x00e0, 0, iam, NULL, NULL),
    REG("IVAR", 0x00e4, 0, ivar, NULL, NULL),
    REG("EITR", 0x00e8, 5, eitr, NULL, NULL),
    REG("RCTL", 0x0100, 0, rctl, NULL, rctl_write),
    REG("TCTL", 0x0400, 0, tctl, NULL, tctl_write),
    {.name = "TIPG",
     .offset = 0x0410,
     .size = 4,
     .state = AT(tipg),
     .reset = TIPG_INITIAL,
     .writable = 0xffffffff},
    REG("LEDCTL", 0x0e00, 0, ledctl, NULL, NULL),
    REG("EXTCNF_CTRL", 0x0f00, 0, extcnf, NULL, NULL),
    REG("PBA", 0x1000, 0, pba, NULL, NULL),
    REG("PSRCTL", 0x2170, 0, psrctl, NULL, NULL),
    RING("RD", 0, rx, 0x2800, rdt_write),
    RING("RD", 1, rx, 0x2800, rdt1_write),
    RING("TD", 0, tx, 0x3800, tdt_write),
    REG("TARC0", 0x3840, 0, tarc[0], NULL, NULL),
    RING("TD", 1, tx, 0x3800, tdt1_write),
    REG("TARC1", 0x3940, 0, tarc[1], NULL, NULL),
    REG("MPC", 0x4010, 0, mpc, mpc_read, ignore),
    REG("GPRC", 0x4074, 0, gprc, gprc_read, ignore),
    REG("GPTC", 0x4080, 0, gptc, gptc_read, ignore),
    REG("GORCL", 0x4088, 0, gorc_low, gorc_low_read, ignore),
    REG("GORCH", 0x408c, 0, gorc_high, gorc_high_read, ignore),
    REG("GOTCL", 0x4090, 0, gotc_low, gotc_low_read, ignore),
    REG("GOTCH", 0x4094, 0, gotc_high, gotc_high_read, ignore),
    REG("RXCSUM", 0x5000, 0, rxcsum, NULL, NULL),
    REG("RFCTL", 0x5008, 0, rfctl, NULL, NULL),
    REG("MTA", 0x5200, 128, mta, NULL, NULL),
    REG("RA", 0x5400, 2 * E1000_ADDRESSES, ra, ra_read, NULL),
    REG("VFTA", 0x5600, 128, vfta, NULL, NULL),
    REG("WUC", 0x5800, 0, wuc, NULL, NULL),
    REG("WUFC", 0x5808, 0, wufc, NULL, NULL),
    REG("MANC", 0x5820, 0, manc, NULL, NULL),
    REG("SWSM", 0x5b50, 0, swsm, NULL, NULL),
    REG("SWSM2", 0x5b58, 0, swsm2, NULL, NULL),
};

static const struct dev_block blocks[] = {
    {.name = "e1000e",
     .size = BAR_SIZE,
     .regs = regs,
     .nregs = ARRAY_LEN(regs),
     .min = 4,
     .max = 4},
};

/* ---- the host's side ---- */
static bool take(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o)
{
    (void)o; /* it was told that nothing is left to do */
    return e1000_receive(dev, frame, len);
}

static void room(void *dev)
{
    e1000_transmit(dev);
}

static void send_more(void *arg)
{
    struct e1000e *e = arg;
    bool was = dev_enter(&e->pci.dev);

    e1000_transmit(e);
    dev_leave(&e->pci.dev, was);
}

static void set_link(void *dev, bool up)
{
    struct e1000e *e = dev;

    if (e->link != up) {
        e->link = up;
        e1000_cause(e, E1000_LSC);
    }
}

static void join_packets(struct device *d, const struct packet_out *out, struct packet_in *in)
{
    struct e1000e *e = (struct e1000e *)d;

    e->out = out;
    *in = (struct packet_in){.dev = e, .take = take, .room = room, .link = set_link};
}

/* ---- the device ---- */
static void reset(struct device *d)
{
    struct e1000e *e = (struct e1000e *)d;

    defaults(e);
    reset_phy(e);
    pci_reset(&e->pci);
}

static void update(struct device *d)
{
    update_lines((struct e1000e *)d, false);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct e1000e *e = (struct e1000e *)d;

    (void)version;
    if (e->more) /* what waited for room where it was saved, or for its turn */
        d->clock->timer_set(e->more, d->clock->now(d->clock->opaque, CLOCK_VIRTUAL));
    return pci_post_load((struct pci_device *)d, err, err_len);
}

static int realize(struct device *d, char *err, size_t err_len)
{
    static const struct pci_ids ids = {.vendor = 0x8086,
                                       .device = 0x10d3,
                                       .subsys_vendor = 0x8086,
                                       .subsys = 0x0000,
                                       .class_code = 0x020000,
                                       .pin = 1};
    struct e1000e *e = (struct e1000e *)d;
    int r = pci_realize(&e->pci, &ids, err, err_len);

    if (r < 0)
        return r;
    e->packet = malloc(E1000_TX_MAX);
    if (!e->packet) {
        pci_unrealize(&e->pci);
        return -ENOMEM;
    }
    if (memcmp(e->mac, "\0\0\0\0\0\0", 6) == 0)
        memcpy(e->mac, "\x52\x54\x00\x12\x34\x56", 6);
    fill_nvm(e);
    e->link = true;
    if (d->clock)
        e->more = d->clock->timer_new(d->clock->opaque, CLOCK_VIRTUAL, send_more, e);
    d->regions[1] = mem_container_new("e1000e-bar0", BAR_SIZE);
    d->regions[2] = mem_container_new("e1000e-msix", 0x4000);
    mem_add(d->regions[1], d->regions[0], 0, 0);
    pci_bar(&e->pci, 0, PCI_BAR_MEM32, d->regions[1]);
    pci_bar(&e->pci, 3, PCI_BAR_MEM32, d->regions[2]);
    pci_add_msi(&e->pci, 0);
    pci_add_express(&e->pci);
    pci_add_msix(&e->pci, VECTORS, 3, d->regions[2], 0, 0x2000);
    return 0;
}

static void unrealize(struct device *d)
{
    struct e1000e *e = (struct e1000e *)d;

    pci_unrealize(&e->pci);
    if (e->more)
        d->clock->timer_free(e->more);
    mem_detach(d->regions[0]);
    free(e->packet);
}

static const struct dev_prop props[] = {
    PCI_PROPS,
    DEV_PROP(struct e1000e, netdev, "netdev", DEV_LINK, .names = (const char *const[]){"netdev"},
             .text = "what its frames go to"),
    DEV_PROP(struct e1000e, mac, "mac", DEV_MAC, .text = "its address"),
};

static const struct dev_state states[] = {
    PCI_STATES,
    DEV_STATE_ARRAY(struct e1000e, phy),
    {.name = "context", .offset = AT(context), .size = 4, .count = 4},
    DEV_STATE_MAX(struct e1000e, sent, E1000_TX_MAX),
    {.name = "link", .offset = AT(link), .size = 1, .count = 1, .max = 1, .keep = true},
};

const struct dev_class e1000e_class = {
    .name = "e1000e",
    .text = "Intel 82574L gigabit Ethernet",
    .bus = "pci",
    .category = "network",
    .size = sizeof(struct e1000e),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .update = update,
    .post_load = post_load,
    .join_packets = join_packets,
};
