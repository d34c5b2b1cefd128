// SPDX-License-Identifier: MIT
/* devices/net/e1000e_rx.c -- reception (82574 data sheet, chapter 7.1): filters by address and
 * VLAN, ring 0 of legacy or extended descriptors. Checksums are left to the driver. Not modelled:
 * packet split, the second ring (RSS). */
#include "devices/net/e1000e_state.h"

#include <endian.h>
#include <string.h>

enum {
    RCTL_UPE = 1 << 3,
    RCTL_MPE = 1 << 4,
    RCTL_LPE = 1 << 5,
    RCTL_BAM = 1 << 15,
    RCTL_VFE = 1 << 18,
    RCTL_BSEX = 1 << 25,
    RCTL_SECRC = 1 << 26,
    CTRL_VME = 1 << 30,
    RFCTL_EXTENDED = 1 << 15,
    RAH_VALID = 1u << 31,
    STATUS_DD = 1,
    STATUS_EOP = 2,
    STATUS_IXSM = 4,
    STATUS_VP = 8,
    LONGEST = 1522,
};

static bool tagged(const struct e1000e *e, const uint8_t *f, size_t len)
{
    return len >= 18 && (f[12] << 8 | f[13]) == (int)(e->vet & 0xffff);
}

static bool wanted(const struct e1000e *e, const uint8_t *f, size_t len)
{
    static const uint8_t shift[] = {4, 3, 2, 0};
    unsigned hash;

    if (e->rctl & RCTL_VFE && tagged(e, f, len)) {
        unsigned vid = (f[14] << 8 | f[15]) & 0xfff;

        if (!(e->vfta[vid / 32] >> vid % 32 & 1))
            return false;
    }
    if (f[0] & 1 ? e->rctl & RCTL_MPE : e->rctl & RCTL_UPE)
        return true;
    if (memcmp(f, "\xff\xff\xff\xff\xff\xff", 6) == 0 && e->rctl & RCTL_BAM)
        return true;
    for (unsigned i = 0; i < E1000_ADDRESSES; i++) {
        uint32_t low = e->ra[2 * i], high = e->ra[2 * i + 1];
        uint8_t mac[6] = {(uint8_t)low,         (uint8_t)(low >> 8), (uint8_t)(low >> 16),
                          (uint8_t)(low >> 24), (uint8_t)high,       (uint8_t)(high >> 8)};

        if (high & RAH_VALID && memcmp(f, mac, 6) == 0)
            return true;
    }
    if (!(f[0] & 1))
        return false;
    hash = (f[4] | (unsigned)f[5] << 8) >> shift[e->rctl >> 12 & 3] & 0xfff;
    return e->mta[hash / 32] >> hash % 32 & 1;
}

static uint32_t buffer_size(const struct e1000e *e)
{
    uint32_t size = 2048u >> (e->rctl >> 16 & 3);

    return e->rctl & RCTL_BSEX && e->rctl >> 16 & 3 ? size * 16 : size;
}

static void write_back(struct e1000e *e, uint64_t at, uint32_t len, uint32_t status, uint32_t vlan)
{
    uint32_t d[4] = {0};

    if (e->rfctl & RFCTL_EXTENDED) {
        d[2] = htole32(status);
        d[3] = htole32(len | vlan << 16);
        pci_dma_write(&e->pci, at, d, 16);
    } else {
        d[0] = htole32(len);
        d[1] = htole32(status | vlan << 16);
        pci_dma_write(&e->pci, at + 8, d, 8);
    }
}

static uint32_t free_descs(const struct e1000_ring *r)
{
    uint32_t n = e1000_entries(r);

    return n && r->head < n && r->tail < n ? (r->tail + n - r->head) % n : 0;
}

/* False: no room now. */
bool e1000_receive(struct e1000e *e, const uint8_t *f, size_t len)
{
    struct e1000_ring *r = &e->rx[0];
    uint8_t frame[PACKET_MAX + 64];
    uint32_t size = buffer_size(e), n = e1000_entries(r), vlan = 0, extra = 0, at, total, need;

    if (!(e->rctl & E1000_RCTL_EN) || !e->link || len < 14 || len > PACKET_MAX ||
        !wanted(e, f, len) || (!(e->rctl & RCTL_LPE) && len > LONGEST - 4))
        return true;
    memcpy(frame, f, len);
    total = (uint32_t)len;
    if (e->ctrl & CTRL_VME && tagged(e, f, len)) {
        vlan = (uint32_t)f[14] << 8 | f[15];
        memmove(frame + 12, frame + 16, len - 16);
        total -= 4;
        extra = STATUS_VP;
    }
    if (total < 60) {
        memset(frame + total, 0, 60 - total);
        total = 60;
    }
    if (!(e->rctl & RCTL_SECRC)) { /* a driver that wants the CRC does not look at it */
        memset(frame + total, 0, 4);
        total += 4;
    }
    need = (total + size - 1) / size;
    if (n && need >= n) { /* not even into an empty ring */
        e->mpc++;
        return true;
    }
    if (free_descs(r) < need)
        return false;
    for (at = 0; at < total;) {
        uint32_t part = total - at < size ? total - at : size;
        uint64_t desc = e1000_base(r) + 16ull * r->head, buffer = 0;

        if (pci_dma_read(&e->pci, desc, &buffer, 8) == MEM_OK)
            pci_dma_write(&e->pci, le64toh(buffer), frame + at, part);
        at += part;
        write_back(e, desc, part, STATUS_DD | STATUS_IXSM | (at == total ? STATUS_EOP | extra : 0),
                   vlan);
        r->head = (r->head + 1) % n;
    }
    e->gprc++;
    e->gorc_low += total;
    e->gorc_high += e->gorc_low < total;
    e1000_cause(e, E1000_RXT0 | E1000_RXQ0);
    return true;
}
