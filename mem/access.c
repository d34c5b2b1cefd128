// SPDX-License-Identifier: MIT
/* mem/access.c -- reading and writing: by vcpus in registers' sizes, by devices in any length.
 *
 * An MMIO callback gets naturally aligned pieces of min to max bytes unless it says otherwise; the
 * rules are with struct mem_ops. While a region's callback runs, the region (or all that share its
 * guard) refuses other calls: a device that is made to do DMA to itself gets an error, not its own
 * half-changed state. The guards are the machine's lock's. */
#include "mem/internal.h"

#include <string.h>

static struct mem_lock_port lock_port;

void mem_set_lock(const struct mem_lock_port *p)
{
    lock_port = *p;
}

static uint64_t swap(uint64_t v, unsigned size)
{
    return __builtin_bswap64(v) >> (64 - 8 * size);
}

static uint64_t mask(unsigned size)
{
    return ~0ull >> (64 - 8 * size);
}

/* One call of the device; value in the region's order. */
static enum mem_result call(const struct mem_region *r, uint64_t offset, unsigned size, bool write,
                            uint64_t *value, const struct mem_attrs *a)
{
    const struct mem_ops *ops = r->ops;

    if (write)
        return ops->write ? ops->write(r->opaque, offset, size, *value & mask(size), a)
                          : MEM_REFUSED;
    *value = 0;
    return ops->read ? ops->read(r->opaque, offset, size, value, a) : MEM_REFUSED;
}

/* A naturally aligned piece of size bytes that is not over max; bytes in the order of addresses. */
static enum mem_result call_piece(const struct mem_region *r, uint64_t offset, unsigned size,
                                  bool write, uint8_t *bytes, const struct mem_attrs *a)
{
    unsigned min = r->ops->min ? r->ops->min : 1, wide = size < min ? min : size;
    uint64_t start = align_down(offset, wide), v = 0;
    unsigned skip = (unsigned)(offset - start);
    enum mem_result res;

    if (wide - 1 > r->last - start || (write && wide > size && !r->ops->narrow))
        return MEM_REFUSED;
    if (write)
        for (unsigned i = 0; i < size; i++)
            v |= (uint64_t)bytes[i] << 8 * (r->ops->big ? wide - 1 - skip - i : skip + i);
    res = call(r, start, wide, write, &v, a);
    if (!write)
        for (unsigned i = 0; i < size; i++)
            bytes[i] = (uint8_t)(v >> 8 * (r->ops->big ? wide - 1 - skip - i : skip + i));
    return res;
}

static enum mem_result split(const struct mem_region *r, uint64_t offset, unsigned size, bool write,
                             uint8_t *bytes, const struct mem_attrs *a)
{
    unsigned max = r->ops->max ? r->ops->max : 4;

    while (size) {
        unsigned n = max;
        enum mem_result res;

        while (n > size || (offset & (n - 1)))
            n >>= 1;
        res = call_piece(r, offset, n, write, bytes, a);
        if (res != MEM_OK)
            return res;
        offset += n;
        bytes += n;
        size -= n;
    }
    return MEM_OK;
}

static enum mem_result mmio_locked(const struct mem_region *r, uint64_t offset, unsigned size,
                                   bool write, uint64_t *value, const struct mem_attrs *a)
{
    unsigned min = r->ops->min ? r->ops->min : 1, max = r->ops->max ? r->ops->max : 4;
    enum mem_result res;
    uint8_t bytes[8];

    if (size >= min && size <= max && (r->ops->unaligned || (offset & (size - 1)) == 0)) {
        uint64_t v = r->ops->big && write ? swap(*value, size) : *value;

        res = call(r, offset, size, write, &v, a);
        if (!write)
            *value = r->ops->big ? swap(v, size) : v & mask(size);
        return res;
    }
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = write ? (uint8_t)(*value >> 8 * i) : 0;
    res = split(r, offset, size, write, bytes, a);
    if (!write) {
        *value = 0;
        for (unsigned i = 0; i < size; i++)
            *value |= (uint64_t)bytes[i] << 8 * i;
    }
    return res;
}

/* offset + size lies in the region. */
static enum mem_result mmio(struct mem_region *r, uint64_t offset, unsigned size, bool write,
                            uint64_t *value, const struct mem_attrs *a)
{
    enum mem_result res;
    bool took;

    if (r->ops->own_lock)
        return mmio_locked(r, offset, size, write, value, a);
    took = lock_port.take && lock_port.take(lock_port.opaque);
    if (atomic_load(&r->gone)) { /* the view was older than the tree is now */
        res = MEM_NOTHING;
    } else if (*r->busy) {
        res = MEM_REFUSED;
    } else {
        bool *busy = r->busy;

        *busy = true;
        res = mmio_locked(r, offset, size, write, value, a);
        *busy = false;
    }
    if (took)
        lock_port.release(lock_port.opaque);
    return res;
}

/* Host memory, as one access where it is aligned; what moa runs on is little-endian. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "loads and stores below");

static uint64_t host_load(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    if ((uintptr_t)p & (size - 1)) {
        memcpy(&v, p, size);
        return v;
    }
    switch (size) {
    case 1:
        return __atomic_load_n(p, __ATOMIC_RELAXED);
    case 2:
        return __atomic_load_n((const uint16_t *)(const void *)p, __ATOMIC_RELAXED);
    case 4:
        return __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_RELAXED);
    default:
        return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_RELAXED);
    }
}

static void host_store(uint8_t *p, unsigned size, uint64_t v)
{
    if ((uintptr_t)p & (size - 1)) {
        memcpy(p, &v, size);
        return;
    }
    switch (size) {
    case 1:
        __atomic_store_n(p, (uint8_t)v, __ATOMIC_RELAXED);
        break;
    case 2:
        __atomic_store_n((uint16_t *)(void *)p, (uint16_t)v, __ATOMIC_RELAXED);
        break;
    case 4:
        __atomic_store_n((uint32_t *)(void *)p, (uint32_t)v, __ATOMIC_RELAXED);
        break;
    default:
        __atomic_store_n((uint64_t *)(void *)p, v, __ATOMIC_RELAXED);
    }
}

enum mem_result mem_access(const struct mem_range *r, uint64_t addr, unsigned size, bool write,
                           uint64_t *value, struct mem_attrs a)
{
    uint64_t in = addr - r->lo;

    if (addr < r->lo || addr > r->hi || size - 1 > r->hi - addr)
        return MEM_NOTHING;
    if (!r->host || (write && r->region->kind == MEM_ROMD))
        return mmio(r->region, r->offset + in, size, write, value, &a);
    if (!write) {
        *value = host_load(r->host + in, size);
    } else if (!r->readonly) {
        host_store(r->host + in, size, *value);
        mem_written(r->ram_addr + in, size);
    }
    return MEM_OK;
}

/* ---- DMA ---- */
static enum mem_result one(struct mem_space *s, uint64_t addr, unsigned size, bool write,
                           uint64_t *value, struct mem_attrs a)
{
    enum mem_result res = MEM_NOTHING;
    const struct mem_range *r;

    mem_read_lock();
    r = mem_find(s, addr);
    if (r)
        res = mem_access(r, addr, size, write, value, a);
    mem_read_unlock();
    return res;
}

enum mem_result mem_load(struct mem_space *s, uint64_t addr, unsigned size, uint64_t *value,
                         struct mem_attrs a)
{
    return one(s, addr, size, false, value, a);
}

enum mem_result mem_store(struct mem_space *s, uint64_t addr, unsigned size, uint64_t value,
                          struct mem_attrs a)
{
    return one(s, addr, size, true, &value, a);
}

static bool is_ram(const struct mem_range *r, bool write)
{
    return r->host && !(write && r->region->kind == MEM_ROMD);
}

/* One piece by registers' sizes: up to 8 bytes, aligned, in one range. Returns its size. */
static unsigned piece_size(const struct mem_range *r, uint64_t addr, uint64_t len)
{
    unsigned n = r->region->ops->max ? r->region->ops->max : 4;

    while (n > len || (addr - r->lo + r->offset) & (n - 1) || n - 1 > r->hi - addr)
        n >>= 1;
    return n;
}

static enum mem_result transfer(struct mem_space *s, uint64_t addr, uint8_t *buf, uint64_t len,
                                bool write, struct mem_attrs a)
{
    enum mem_result res = MEM_OK;

    if (len && len - 1 > UINT64_MAX - addr) {
        if (!write)
            memset(buf, 0, len);
        return MEM_NOTHING;
    }
    mem_read_lock();
    while (len) {
        const struct mem_range *r = mem_find(s, addr);
        uint64_t n;

        if (!r) {
            res = MEM_NOTHING;
            break;
        }
        if (is_ram(r, write)) {
            uint64_t in = addr - r->lo;

            n = r->hi - addr < len - 1 ? r->hi - addr + 1 : len;
            if (!write) {
                memcpy(buf, r->host + in, n);
            } else if (!r->readonly) {
                memcpy(r->host + in, buf, n);
                mem_written(r->ram_addr + in, n);
            }
        } else {
            uint64_t v = 0;

            n = piece_size(r, addr, len);
            if (write)
                memcpy(&v, buf, n);
            res = mmio(r->region, addr - r->lo + r->offset, (unsigned)n, write, &v, &a);
            if (res != MEM_OK)
                break;
            if (!write)
                memcpy(buf, &v, n);
        }
        addr += n;
        buf += n;
        len -= n;
    }
    mem_read_unlock();
    if (len && !write)
        memset(buf, 0, len);
    return res;
}

enum mem_result mem_read(struct mem_space *s, uint64_t addr, void *buf, uint64_t len,
                         struct mem_attrs a)
{
    return transfer(s, addr, buf, len, false, a);
}

enum mem_result mem_write(struct mem_space *s, uint64_t addr, const void *buf, uint64_t len,
                          struct mem_attrs a)
{
    return transfer(s, addr, (uint8_t *)(uintptr_t)buf, len, true, a);
}

void *mem_map(struct mem_space *s, uint64_t addr, uint64_t *len, bool write, struct mem_attrs a)
{
    const struct mem_range *r;
    uint8_t *host = NULL;

    (void)a; /* rights of an IOMMU will be by requester */
    if (*len == 0)
        return NULL;
    mem_read_lock();
    r = mem_find(s, addr);
    if (r && r->host && !(write && r->readonly)) {
        struct mem_block *b = r->region->block;

        host = r->host + (addr - r->lo);
        if (r->hi - addr < *len - 1)
            *len = r->hi - addr + 1;
        atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed); /* the view holds one now */
    }
    mem_read_unlock();
    return host;
}
