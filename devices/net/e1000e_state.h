/* SPDX-License-Identifier: MIT */
/* devices/net/e1000e_state.h -- state of an 82574L, shared by e1000e.c (registers, interrupts,
 * PHY), e1000e_tx.c and e1000e_rx.c. */
#ifndef DEVICES_NET_E1000E_STATE_H
#define DEVICES_NET_E1000E_STATE_H

#include "devices/bus/pci.h"
#include "devices/net/e1000e.h"
#include "ports/packet.h"

enum {
    E1000_RINGS = 2,
    E1000_ADDRESSES = 16,
    E1000_TX_MAX = 128 << 10, /* bytes of one packet before it is cut into segments */

    E1000_RCTL_EN = 1 << 1,
    E1000_TCTL_EN = 1 << 1,

    /* causes */
    E1000_TXDW = 1 << 0,
    E1000_LSC = 1 << 2,
    E1000_RXT0 = 1 << 7,
    E1000_RXQ0 = 1 << 20,
    E1000_TXQ0 = 1 << 22,
    E1000_OTHER = 1 << 24,
};

struct e1000_ring {
    uint32_t low, high, len, head, tail, control, delay, delay_max;
};

struct e1000_context { /* of the last context descriptor */
    uint32_t ip, tcp, command, segments;
};

struct e1000e {
    struct pci_device pci;
    uint32_t ctrl, ctrl_ext, eerd, mdic, icr, itr, eitr[5], ims, eiac, iam, ivar;
    uint32_t rctl, tctl, tipg, rxcsum, rfctl, psrctl, vet;
    uint32_t extcnf, swsm, swsm2, wuc, wufc, manc, pba, ledctl;
    struct e1000_ring rx[E1000_RINGS], tx[E1000_RINGS];
    uint32_t tarc[E1000_RINGS];
    uint32_t mta[128], vfta[128], ra[2 * E1000_ADDRESSES];
    uint32_t gprc, gptc, gorc_low, gorc_high, gotc_low, gotc_high, mpc;
    uint16_t phy[32];
    struct e1000_context context;
    uint32_t sent; /* segments of the packet at the ring's head that are out */
    bool link;

    /* ---- wiring ---- */
    uint8_t mac[6];
    char *netdev;
    const struct packet_out *out;
    struct mem_region *msix_bar;
    uint16_t nvm[64];
    uint8_t *packet; /* E1000_TX_MAX */
    struct clock_timer *more; /* to be sent soon; NULL: there is no clock */
};

void e1000_cause(struct e1000e *e, uint32_t causes);
void e1000_transmit(struct e1000e *e);
bool e1000_receive(struct e1000e *e, const uint8_t *frame, size_t len);

static inline uint64_t e1000_base(const struct e1000_ring *r)
{
    return (uint64_t)r->high << 32 | (r->low & ~15u);
}

static inline uint32_t e1000_entries(const struct e1000_ring *r)
{
    return (r->len & 0xfff80) / 16;
}

#endif
