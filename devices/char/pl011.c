// SPDX-License-Identifier: MIT
/* devices/char/pl011.c -- ARM PrimeCell UART (PL011), manual DDI 0183, revision r1p1 with FIFOs
 * of 16.
 *
 * Characters leave at once, whatever the baud rate; those that the other side cannot take wait in
 * the transmit FIFO. Bytes are sent even while the UART is off (kernels print before they have set
 * it up), but received only when UARTEN and RXE are set; they wait outside until then. The receive
 * timeout runs at the programmed rate. The far end holds CTS, DSR and DCD.
 *
 * Not modelled: DMA requests (DMACR keeps its bits; no controller is there to see them), IrDA
 * (ILPR keeps its value), the integration test registers, sending a break, parity and framing. */
#include "devices/char/pl011.h"

#include "base/log.h"

#include <string.h>

#define FIFO 16

enum {
    FR_CTS = 1,
    FR_DSR = 2,
    FR_DCD = 4,
    FR_RXFE = 1 << 4,
    FR_TXFF = 1 << 5,
    FR_RXFF = 1 << 6,
    FR_TXFE = 1 << 7,
    FR_RI = 1 << 8
};
enum { LCRH_FEN = 1 << 4 };
enum {
    CR_UARTEN = 1,
    CR_LBE = 1 << 7,
    CR_RXE = 1 << 9,
    CR_DTR = 1 << 10,
    CR_RTS = 1 << 11,
    CR_OUT1 = 1 << 12,
    CR_OUT2 = 1 << 13
};
enum { DR_BE = 1 << 10, DR_OE = 1 << 11 };
/* RIS, IMSC, MIS, ICR */
enum {
    INT_RI = 1,
    INT_CTS = 2,
    INT_DCD = 4,
    INT_DSR = 8,
    INT_MODEM = 15,
    INT_RX = 1 << 4,
    INT_TX = 1 << 5,
    INT_RT = 1 << 6,
    INT_BE = 1 << 9,
    INT_OE = 1 << 10,
    INT_ERROR = 0xf << 7,
    INT_ALL = 0x7ff
};

struct pl011 {
    struct device dev;
    uint32_t rsr, ilpr, ibrd, fbrd, lcrh, cr, ifls, imsc, ris, dmacr;
    uint16_t rx[FIFO]; /* with its error bits, as DR has them */
    uint8_t tx[FIFO];
    uint8_t rx_head, rx_len, tx_head, tx_len;
    bool overrun;   /* a character was lost since the last that went into the FIFO */
    uint32_t modem; /* of FR, as seen last */
    uint64_t rt_at; /* virtual time of the receive timeout, or CLOCK_NEVER */
    /* wiring */
    uint32_t uartclk;
    char *chardev;
    const struct bytes_out *out;
    struct clock_timer *timer;
    uint64_t timer_at;
    bool waited_for; /* the other side was told that there is no room */
};

static unsigned depth(const struct pl011 *u)
{
    return u->lcrh & LCRH_FEN ? FIFO : 1;
}

static unsigned level(uint32_t sel) /* of IFLS, in characters */
{
    static const uint8_t of_16[8] = {2, 4, 8, 12, 14, 14, 14, 14};

    return of_16[sel & 7];
}

static unsigned rx_level(const struct pl011 *u)
{
    return u->lcrh & LCRH_FEN ? level(u->ifls >> 3) : 1;
}

static unsigned tx_level(const struct pl011 *u)
{
    return u->lcrh & LCRH_FEN ? level(u->ifls) : 0;
}

static uint32_t modem_bits(const struct pl011 *u)
{
    if (!(u->cr & CR_LBE))
        return FR_CTS | FR_DSR | FR_DCD;
    return (u->cr & CR_RTS ? FR_CTS : 0) | (u->cr & CR_DTR ? FR_DSR : 0) |
           (u->cr & CR_OUT1 ? FR_DCD : 0) | (u->cr & CR_OUT2 ? FR_RI : 0);
}

/* 32 bit periods at the programmed rate: UARTCLK / (16 * (IBRD + FBRD / 64)). */
static int64_t timeout_ns(const struct pl011 *u)
{
    uint64_t div64 = (uint64_t)u->ibrd * 64 + u->fbrd;

    if (u->ibrd == 0)
        return 277778; /* nothing sensible programmed: 115200 baud */
    return (int64_t)(32 * 16 * div64 * 1000000000 / 64 / u->uartclk);
}

static void timeout_from_now(struct pl011 *u)
{
    const struct clock_port *c = u->dev.clock;

    if (u->rx_len == 0)
        u->rt_at = CLOCK_NEVER;
    else if (c)
        u->rt_at = (uint64_t)(c->now(c->opaque, CLOCK_VIRTUAL) + timeout_ns(u));
    else
        u->ris |= INT_RT;
}

static void receive(struct pl011 *u, uint16_t c)
{
    if (u->rx_len >= depth(u)) {
        u->overrun = true;
        u->rsr |= DR_OE >> 8;
        u->ris |= INT_OE;
        return;
    }
    u->overrun = false;
    u->rx[(u->rx_head + u->rx_len++) % FIFO] = c;
    if (c & DR_BE)
        u->ris |= INT_BE;
    if (u->rx_len >= rx_level(u))
        u->ris |= INT_RX;
    timeout_from_now(u);
}

static void send(struct pl011 *u)
{
    while (u->tx_len) {
        uint8_t c = u->tx[u->tx_head % FIFO];

        if (u->cr & CR_LBE)
            receive(u, c);
        else if (u->out && u->out->write(u->out->to, &c, 1) == 0)
            break;
        u->tx_head = (u->tx_head + 1) % FIFO;
        u->tx_len--;
    }
    if (u->tx_len <= tx_level(u))
        u->ris |= INT_TX;
}

/* ---- registers ---- */
static uint64_t dr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct pl011 *u = dev;
    uint32_t c = u->rx[u->rx_head % FIFO];

    (void)n, (void)a;
    if (u->rx_len == 0)
        return c & 0xff; /* not defined by the manual: what was there last */
    u->rx_head = (u->rx_head + 1) % FIFO;
    u->rx_len--;
    c |= u->overrun ? DR_OE : 0;
    u->rsr = c >> 8;
    if (u->rx_len < rx_level(u))
        u->ris &= ~(uint32_t)INT_RX;
    if (u->rx_len == 0)
        u->ris &= ~(uint32_t)INT_RT;
    timeout_from_now(u);
    return c;
}

static void dr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl011 *u = dev;

    (void)n, (void)a;
    if (u->tx_len >= depth(u)) {
        if (log_on(LOG_guest_errors))
            log_printf("pl011: a character is written to a full FIFO and lost\n");
        return;
    }
    u->tx[(u->tx_head + u->tx_len++) % FIFO] = (uint8_t)v;
    if (u->tx_len > tx_level(u))
        u->ris &= ~(uint32_t)INT_TX;
    send(u);
}

static void ecr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl011 *u = dev;

    (void)n, (void)v, (void)a; /* any value */
    u->rsr = 0;
    u->overrun = false;
}

static uint64_t fr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct pl011 *u = dev;

    (void)n, (void)a;
    return modem_bits(u) | (u->rx_len == 0 ? FR_RXFE : 0) | (u->rx_len >= depth(u) ? FR_RXFF : 0) |
           (u->tx_len == 0 ? FR_TXFE : 0) | (u->tx_len >= depth(u) ? FR_TXFF : 0);
}

static void lcrh_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl011 *u = dev;

    (void)n, (void)a;
    if ((u->lcrh ^ v) & LCRH_FEN) { /* the FIFO becomes a register, or again a FIFO: empty */
        u->rx_len = 0;
        u->ris &= ~(uint32_t)(INT_RX | INT_RT);
        u->rt_at = CLOCK_NEVER;
    }
    u->lcrh = v & 0xff;
}

static uint64_t mis_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct pl011 *u = dev;

    (void)n, (void)a;
    return u->ris & u->imsc;
}

static void icr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl011 *u = dev;

    (void)n, (void)a;
    u->ris &= ~(uint32_t)v;
    if (v & INT_RT)
        timeout_from_now(u);
}

static void dmacr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl011 *u = dev;

    (void)n, (void)a;
    u->dmacr = v & 7;
    if ((v & 3) && log_on(LOG_unimp))
        log_printf("pl011: DMA is enabled, but no controller is connected\n");
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    /* PeriphID: part 0x011, designer 0x41, revision 1, no options. PCellID: as all PrimeCells. */
    static const uint8_t id[8] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)dev, (void)a;
    return id[n];
}

#define AT(f) offsetof(struct pl011, f)
static const struct dev_reg regs[] = {
    {"DR", 0x00, 4, 0, 0, DEV_NO_STATE, 0, 0, dr_read, dr_write},
    {"RSR", 0x04, 4, 0, 0, AT(rsr), 0, 0, NULL, ecr_write},
    {"FR", 0x18, 4, 0, 0, DEV_NO_STATE, 0, 0, fr_read, NULL},
    {"ILPR", 0x20, 4, 0, 0, AT(ilpr), 0, 0xff, NULL, NULL},
    {"IBRD", 0x24, 4, 0, 0, AT(ibrd), 0, 0xffff, NULL, NULL},
    {"FBRD", 0x28, 4, 0, 0, AT(fbrd), 0, 0x3f, NULL, NULL},
    {"LCR_H", 0x2c, 4, 0, 0, AT(lcrh), 0, 0xff, NULL, lcrh_write},
    {"CR", 0x30, 4, 0, 0, AT(cr), 0x300, 0xff87, NULL, NULL},
    {"IFLS", 0x34, 4, 0, 0, AT(ifls), 0x12, 0x3f, NULL, NULL},
    {"IMSC", 0x38, 4, 0, 0, AT(imsc), 0, INT_ALL, NULL, NULL},
    {"RIS", 0x3c, 4, 0, 0, AT(ris), 0, 0, NULL, NULL},
    {"MIS", 0x40, 4, 0, 0, DEV_NO_STATE, 0, 0, mis_read, NULL},
    {"ICR", 0x44, 4, 0, 0, DEV_NO_STATE, 0, 0, NULL, icr_write},
    {"DMACR", 0x48, 4, 0, 0, AT(dmacr), 0, 7, NULL, dmacr_write},
    {"ID", 0xfe0, 4, 8, 4, DEV_NO_STATE, 0, 0, id_read, NULL},
};
static const struct dev_block blocks[] = {
    {"pl011", 0x1000, regs, ARRAY_LEN(regs), 1, 4, .wide = true},
};
static const struct dev_state states[] = {
    DEV_STATE_MAX(struct pl011, rsr, 0xf),
    DEV_STATE_MAX(struct pl011, ibrd, 0xffff),
    DEV_STATE_MAX(struct pl011, fbrd, 0x3f),
    DEV_STATE_MAX(struct pl011, ris, INT_ALL),
    DEV_STATE_ARRAY(struct pl011, rx),
    DEV_STATE_ARRAY(struct pl011, tx),
    DEV_STATE_MAX(struct pl011, rx_head, 15),
    DEV_STATE_MAX(struct pl011, rx_len, FIFO),
    DEV_STATE_MAX(struct pl011, tx_head, 15),
    DEV_STATE_MAX(struct pl011, tx_len, FIFO),
    DEV_STATE_BOOL(struct pl011, overrun),
    DEV_STATE_MAX(struct pl011, modem, 0x107),
    DEV_STATE_MAX(struct pl011, rt_at, CLOCK_NEVER),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct pl011, chardev, "chardev", DEV_LINK, .names = (const char *const[]){"chardev"},
             .text = "what it talks to"),
    DEV_PROP(struct pl011, uartclk, "clock-frequency", DEV_U32, .dflt = 24000000, .min = 1000000,
             .max = 1000000000, .text = "UARTCLK in Hz"),
};

/* ---- outputs ---- */
static void update(struct device *d)
{
    struct pl011 *u = (struct pl011 *)d;
    uint32_t now = modem_bits(u), was = u->modem, mis;

    u->modem = now;
    now ^= was;
    u->ris |= (now & FR_RI ? INT_RI : 0) | (now & FR_CTS ? INT_CTS : 0) |
              (now & FR_DCD ? INT_DCD : 0) | (now & FR_DSR ? INT_DSR : 0);
    mis = u->ris & u->imsc;
    irq_set(&d->irq[PL011_IRQ], mis != 0);
    irq_set(&d->irq[PL011_IRQ_RX], mis & INT_RX);
    irq_set(&d->irq[PL011_IRQ_TX], mis & INT_TX);
    irq_set(&d->irq[PL011_IRQ_RT], mis & INT_RT);
    irq_set(&d->irq[PL011_IRQ_MODEM], mis & INT_MODEM);
    irq_set(&d->irq[PL011_IRQ_ERROR], mis & INT_ERROR);
    if (u->timer && u->timer_at != u->rt_at) {
        u->timer_at = u->rt_at;
        d->clock->timer_set(u->timer, (int64_t)u->rt_at);
    }
    if (u->waited_for && u->out && (u->cr & CR_UARTEN) && (u->cr & CR_RXE) &&
        u->rx_len < depth(u)) {
        u->waited_for = false;
        u->out->accept(u->out->to);
    }
}

static void timed_out(void *arg)
{
    struct pl011 *u = arg;

    u->rt_at = u->timer_at = CLOCK_NEVER;
    if (u->rx_len)
        u->ris |= INT_RT;
    update(&u->dev);
}

static size_t can_take(void *dev)
{
    struct pl011 *u = dev;
    size_t n = u->rx_len < depth(u) ? depth(u) - u->rx_len : 0;

    if (!(u->cr & CR_UARTEN) || !(u->cr & CR_RXE) || (u->cr & CR_LBE))
        n = 0;
    u->waited_for = n == 0;
    return n;
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct pl011 *u = dev;

    for (size_t i = 0; i < n; i++)
        receive(u, buf[i]);
    update(&u->dev);
}

static void room(void *dev)
{
    struct pl011 *u = dev;

    if (u->tx_len == 0)
        return;
    send(u);
    update(&u->dev);
}

static void event(void *dev, enum bytes_event e)
{
    struct pl011 *u = dev;

    if (e != BYTES_BREAK || !(u->cr & CR_UARTEN) || !(u->cr & CR_RXE))
        return;
    receive(u, DR_BE);
    update(&u->dev);
}

static void join_bytes(struct device *d, const struct bytes_out *out, struct bytes_in *in)
{
    struct pl011 *u = (struct pl011 *)d;

    u->out = out;
    *in = (struct bytes_in){
        .dev = u, .can_take = can_take, .take = take, .room = room, .event = event};
}

static int realize(struct device *d, char *err, size_t err_len)
{
    struct pl011 *u = (struct pl011 *)d;

    (void)err, (void)err_len;
    u->timer_at = CLOCK_NEVER;
    if (d->clock)
        u->timer = d->clock->timer_new(d->clock->opaque, CLOCK_VIRTUAL, timed_out, u);
    return 0;
}

static void unrealize(struct device *d)
{
    struct pl011 *u = (struct pl011 *)d;

    if (u->timer)
        d->clock->timer_free(u->timer);
}

static void reset(struct device *d)
{
    struct pl011 *u = (struct pl011 *)d;

    u->modem = modem_bits(u);
    u->rt_at = CLOCK_NEVER;
}

const struct dev_class pl011_class = {
    .name = "pl011",
    .text = "ARM PL011 UART",
    .bus = "system",
    .category = "uart",
    .size = sizeof(struct pl011),
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
    .join_bytes = join_bytes,
};
