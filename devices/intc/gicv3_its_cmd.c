// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_its_cmd.c -- the tables of the ITS in guest memory, translation of a message
 * to an LPI of a redistributor, and the commands (IHI 0069, chapter 5.3). All that is read from
 * memory was perhaps written by the guest behind our back, and is checked each time.
 *
 * Entries are ours to lay out, 8 bytes each, bit 63 valid:
 *   device      51:8 address of its table of events, 4:0 bits of an event less 1
 *   event       47:32 collection, 31:0 INTID
 *   collection  31:0 vcpu */
#include "devices/intc/gicv3_its.h"

static const struct mem_attrs attrs = {.requester = 0};

enum {
    CMD_MOVI = 0x01,
    CMD_INT = 0x03,
    CMD_CLEAR = 0x04,
    CMD_SYNC = 0x05,
    CMD_MAPD = 0x08,
    CMD_MAPC = 0x09,
    CMD_MAPTI = 0x0a,
    CMD_MAPI = 0x0b,
    CMD_INV = 0x0c,
    CMD_INVALL = 0x0d,
    CMD_MOVALL = 0x0e,
    CMD_DISCARD = 0x0f,
};
#define ITT_MASK 0x000fffffffffff00ull

static bool get(struct gicv3_its *s, uint64_t addr, uint64_t *v)
{
    uint8_t b[8];
    unsigned i;

    if (mem_read(s->dev.dma, addr, b, 8, attrs) != MEM_OK)
        return false;
    for (*v = 0, i = 0; i < 8; i++)
        *v |= (uint64_t)b[i] << 8 * i;
    return true;
}

static bool put(struct gicv3_its *s, uint64_t addr, uint64_t v)
{
    uint8_t b[8];
    unsigned i;

    for (i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> 8 * i);
    return mem_write(s->dev.dma, addr, b, 8, attrs) == MEM_OK;
}

/* Address of entry i of the table in GITS_BASERn. False: there is no such entry. */
static bool entry_at(struct gicv3_its *s, unsigned n, uint32_t i, uint64_t *addr)
{
    uint64_t base = s->baser[n], page = 4096ull << 2 * (base >> 8 & 3), size, at, first;

    at = base & 0x0000fffffffff000ull & ~(page - 1);
    if (page == 65536)
        at |= (base >> 12 & 15) << 48;
    size = ((base & 0xff) + 1) * page;
    if (!(base & ITS_VALID) || i >> ITS_DEVICE_BITS)
        return false;
    if (base & ITS_INDIRECT) {
        uint64_t per_page = page / ITS_ENTRY;

        if (i / per_page >= size / 8 || !get(s, at + i / per_page * 8, &first) ||
            !(first & ITS_VALID))
            return false;
        *addr = (first & 0x000ffffffffff000ull & ~(page - 1)) + i % per_page * ITS_ENTRY;
        return true;
    }
    *addr = at + (uint64_t)i * ITS_ENTRY;
    return i < size / ITS_ENTRY;
}

static bool table_get(struct gicv3_its *s, unsigned n, uint32_t i, uint64_t *v)
{
    uint64_t addr;

    return entry_at(s, n, i, &addr) && get(s, addr, v) && *v & ITS_VALID;
}

static void table_put(struct gicv3_its *s, unsigned n, uint32_t i, uint64_t v)
{
    uint64_t addr;

    if (entry_at(s, n, i, &addr))
        put(s, addr, v);
}

static struct gicv3_redist *redist(struct gicv3_its *s, uint64_t vcpu)
{
    return s->gic && vcpu < s->gic->ncpus ? s->gic->redist[vcpu] : NULL;
}

/* The redistributor of a collection, NULL: it is not mapped. */
static struct gicv3_redist *collection(struct gicv3_its *s, uint32_t id)
{
    uint64_t v;

    return table_get(s, ITS_COLLECTIONS, id, &v) ? redist(s, v & 0xffffffff) : NULL;
}

/* Where the entry of an event is; false: no such device, or no room for it. */
static bool event_at(struct gicv3_its *s, uint32_t device, uint32_t event, uint64_t *addr)
{
    uint64_t v;

    if (!table_get(s, ITS_DEVICES, device, &v) || (v & 31) >= ITS_EVENT_BITS ||
        event >> ((v & 31) + 1))
        return false;
    *addr = (v & ITT_MASK) + (uint64_t)event * ITS_ENTRY;
    return true;
}

struct event {
    uint64_t addr;
    uint32_t intid, collection;
    struct gicv3_redist *to; /* NULL: the collection is not mapped */
};

static bool event_get(struct gicv3_its *s, uint32_t device, uint32_t event, struct event *e)
{
    uint64_t v;

    if (!event_at(s, device, event, &e->addr) || !get(s, e->addr, &v) || !(v & ITS_VALID))
        return false;
    e->intid = (uint32_t)v;
    e->collection = v >> 32 & 0xffff;
    e->to = collection(s, e->collection);
    return true;
}

static void event_put(struct gicv3_its *s, const struct event *e)
{
    put(s, e->addr, ITS_VALID | (uint64_t)e->collection << 32 | e->intid);
}

static void set_pending(struct gicv3_redist *r, uint32_t intid, bool on)
{
    if (!r)
        return;
    gicv3_lpi_set(r, intid, on);
    gicv3_update_cpu(r->gic, r->index);
}

void gicv3_its_translate(struct gicv3_its *s, uint32_t device, uint32_t event)
{
    struct event e;

    if (s->ctlr & 1 && event_get(s, device, event, &e))
        set_pending(e.to, e.intid, true);
}

/* ---- commands ---- */
static void map_event(struct gicv3_its *s, const uint64_t *c, uint64_t intid)
{
    struct event e = {.intid = (uint32_t)intid, .collection = c[2] & 0xffff};

    if (intid >= GICV3_LPI && intid < GICV3_LPI + GICV3_LPIS &&
        event_at(s, c[0] >> 32, (uint32_t)c[1], &e.addr))
        event_put(s, &e);
}

static void map_device(struct gicv3_its *s, const uint64_t *c)
{
    uint64_t v = 0;

    if (c[2] & ITS_VALID) {
        if ((c[1] & 31) >= ITS_EVENT_BITS)
            return;
        v = ITS_VALID | (c[2] & ITT_MASK) | (c[1] & 31);
    }
    table_put(s, ITS_DEVICES, c[0] >> 32, v);
}

static uint64_t rdbase(uint64_t word)
{
    return word >> 16 & 0x7ffffffff;
}

static void map_collection(struct gicv3_its *s, const uint64_t *c)
{
    uint64_t v = 0;

    if (c[2] & ITS_VALID) {
        if (!redist(s, rdbase(c[2])))
            return;
        v = ITS_VALID | rdbase(c[2]);
    }
    table_put(s, ITS_COLLECTIONS, c[2] & 0xffff, v);
}

static void move_event(struct gicv3_its *s, struct event *e, uint32_t to)
{
    struct gicv3_redist *r = collection(s, to);
    bool pending;

    if (!r)
        return;
    pending = e->to && gicv3_lpi_get(e->to, e->intid);
    e->collection = to;
    event_put(s, e);
    if (pending && r != e->to) {
        set_pending(e->to, e->intid, false);
        set_pending(r, e->intid, true);
    }
}

static void move_all(struct gicv3_its *s, const uint64_t *c)
{
    struct gicv3_redist *from = redist(s, rdbase(c[2])), *to = redist(s, rdbase(c[3]));

    if (!from || !to)
        return;
    gicv3_lpi_move_all(from, to);
    gicv3_update_cpu(s->gic, from->index);
    gicv3_update_cpu(s->gic, to->index);
}

static void on_event(struct gicv3_its *s, const uint64_t *c)
{
    struct event e;

    if (!event_get(s, c[0] >> 32, (uint32_t)c[1], &e))
        return;
    switch (c[0] & 0xff) {
    case CMD_MOVI:
        move_event(s, &e, c[2] & 0xffff);
        break;
    case CMD_INT:
        set_pending(e.to, e.intid, true);
        break;
    case CMD_CLEAR:
        set_pending(e.to, e.intid, false);
        break;
    case CMD_DISCARD:
        set_pending(e.to, e.intid, false);
        put(s, e.addr, 0);
        break;
    case CMD_INV:
        if (e.to) {
            gicv3_lpi_invalidate(e.to, e.intid);
            gicv3_update_cpu(s->gic, e.to->index);
        }
        break;
    }
}

static void command(struct gicv3_its *s, const uint64_t *c)
{
    struct gicv3_redist *r;

    switch (c[0] & 0xff) {
    case CMD_MAPD:
        map_device(s, c);
        break;
    case CMD_MAPC:
        map_collection(s, c);
        break;
    case CMD_MAPTI:
        map_event(s, c, c[1] >> 32);
        break;
    case CMD_MAPI:
        map_event(s, c, (uint32_t)c[1]);
        break;
    case CMD_INVALL:
        r = collection(s, c[2] & 0xffff);
        if (r) {
            gicv3_lpi_invalidate_all(r);
            gicv3_update_cpu(s->gic, r->index);
        }
        break;
    case CMD_MOVALL:
        move_all(s, c);
        break;
    case CMD_SYNC: /* all is done already */
        break;
    default:
        on_event(s, c);
    }
}

uint64_t gicv3_its_queue_size(const struct gicv3_its *s)
{
    return ((s->cbaser & 0xff) + 1) * 4096;
}

/* One pass over the queue at most: the guest cannot write while it goes. */
void gicv3_its_run(struct gicv3_its *s)
{
    uint64_t base = s->cbaser & 0x000ffffffffff000ull, c[ITS_COMMAND / 8];
    unsigned i;

    if (!(s->ctlr & 1) || !(s->cbaser & ITS_VALID))
        return;
    while (s->creadr != s->cwriter && !(s->creadr & ITS_STALLED)) {
        for (i = 0; i < ARRAY_LEN(c); i++)
            if (!get(s, base + s->creadr + 8 * i, &c[i])) {
                s->creadr |= ITS_STALLED;
                return;
            }
        command(s, c);
        s->creadr = (s->creadr + ITS_COMMAND) % gicv3_its_queue_size(s);
    }
}
