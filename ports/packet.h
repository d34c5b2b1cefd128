/* SPDX-License-Identifier: MIT */
/* ports/packet.h -- Ethernet frames between a network device and what carries them on the host
 * (libslirp, tap, a socket). Both sides fill in their half; machines/ joins them. Frames have no
 * checksum at their end.
 *
 * A side that cannot take a frame says so, and the other keeps it and waits to be told: room() and
 * accept(). A frame that nobody wants (link down, wrong address) is taken and dropped.
 *
 * Threads: all calls with the machine's lock held. */
#ifndef PORTS_PACKET_H
#define PORTS_PACKET_H

#include "base/base.h"

#include <sys/uio.h>

#define PACKET_MAX                                                                                 \
    65562u /* bytes of the longest frame: 64 KiB of IP in an Ethernet frame with a tag */

/* What is left to do to a frame, numbers as in virtio's header of network frames. */
struct packet_offload {
    uint8_t flags; /* PACKET_CSUM: checksum of all from csum_start goes to csum_start + csum_offset;
                    * PACKET_VALID: checksums are known to be right */
    uint8_t gso;   /* kind of segmentation, PACKET_GSO_x */
    uint16_t hdr_len, gso_size, csum_start, csum_offset;
};
enum { PACKET_CSUM = 1, PACKET_VALID = 2 };
enum { PACKET_GSO_NONE = 0, PACKET_GSO_TCP4 = 1, PACKET_GSO_TCP6 = 4, PACKET_GSO_ECN = 0x80 };

/* What a side takes, or-ed. */
enum packet_takes { PACKET_TAKES_CSUM = 1, PACKET_TAKES_TCP4 = 2, PACKET_TAKES_TCP6 = 4 };

/* What the device calls. */
struct packet_out {
    void *to;
    /* One frame of len bytes; false: no room now. o: NULL if nothing is left to do, and never what
     * takes does not say. */
    bool (*send)(void *to, const struct iovec *iov, unsigned n, size_t len,
                 const struct packet_offload *o);
    void (*accept)(void *to);              /* the device can take frames again */
    void (*takes)(void *to, uint32_t may); /* what the device takes now; 0 at first; or NULL */
    uint32_t may;                          /* what send() takes */
};

/* What the host service calls. */
struct packet_in {
    void *dev;
    bool (*take)(void *dev, const uint8_t *frame, size_t len, const struct packet_offload *o);
    void (*room)(void *dev);
    void (*link)(void *dev, bool up); /* up at first */
};

#endif
