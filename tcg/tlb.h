/* SPDX-License-Identifier: MIT */
/* tcg/tlb.h -- how translated code reaches memory through an MMU: the contract between backends and
 * softmmu (the other way, user mode, is guest address + constant).
 *
 * A *table* translates for one address-space context and one mmu index; the vcpu points to the
 * tables of the context it runs in, so that changing the context changes pointers, not tables. An
 * access hits when its address without the bits inside the page, but with the low bits that its
 * alignment rule wants clear, equals the entry's tag for that kind of access; then host address =
 * guest address + addend. A tag with TCG_TLB_SLOW set, or TCG_TLB_NONE, never equals. Everything
 * else (miss, MMIO, access over the end of a page, misalignment, watchpoint, first write to a clean
 * page, write to a page with code) is one call: tcg_memory.access, which does the whole access or
 * leaves.
 *
 * Threads: a vcpu's tables are read and written by its own thread only. */
#ifndef TCG_TLB_H
#define TCG_TLB_H

#include "base/base.h"

#define TCG_TLB_PAGE_BITS 12
#define TCG_TLB_PAGE_SIZE (1ull << TCG_TLB_PAGE_BITS)
#define TCG_MMU_INDEXES 4 /* that one context has; a frontend names them in its key.h */

#define TCG_TLB_SLOW 0x800ull /* in a tag: right page, but take the slow path */
#define TCG_TLB_NONE (~0ull)  /* empty */

struct tcg_tlb_entry {
    uint64_t read, write;  /* tags: guest page address as the guest writes it, top byte included */
    uint64_t fetch;
    uint64_t addend;       /* host address - guest address */
};

/* In the vcpu, one for each mmu index. */
struct tcg_tlb_ref {
    uint64_t mask;         /* (entries - 1) * sizeof(struct tcg_tlb_entry) */
    struct tcg_tlb_entry *table;
};

static inline struct tcg_tlb_entry *tcg_tlb_of(const struct tcg_tlb_ref *t, uint64_t addr)
{
    return (struct tcg_tlb_entry *)(void *)((char *)t->table +
           (addr >> (TCG_TLB_PAGE_BITS - 5) & t->mask));
}
_Static_assert(sizeof(struct tcg_tlb_entry) == 32, "the shift above");

/* The tag that an access of 1 << size bytes at addr is compared with. keep: low address bits that
 * must be clear (natural alignment); else the page of the last byte, so that crossing misses. */
static inline uint64_t tcg_tlb_want(uint64_t addr, unsigned size, bool aligned)
{
    uint64_t low = (1ull << size) - 1;

    return aligned ? addr & (~(TCG_TLB_PAGE_SIZE - 1) | low)
                   : (addr + low) & ~(TCG_TLB_PAGE_SIZE - 1);
}

/* Whole machines: a link into another page, and the vcpu that follows it, agree on a *fetch id*: the
 * number of a pair (virtual page, page of RAM), never reused. v->fetch_ids[TCG_FETCH_SLOT(pc)] is the
 * id of the page that was fetched last under this slot in the present context, or 0: written by the
 * dispatcher, cleared by softmmu when it forgets the page. A compare that passes is a fetch
 * translation. A link's id is replaced only when no vcpu can be between compare and jump. */
#define TCG_FETCH_SLOTS 4096
#define TCG_FETCH_SLOT(pc) ((pc) >> TCG_TLB_PAGE_BITS & (TCG_FETCH_SLOTS - 1))

/* What the slow path shall do. Values are numbers, whatever the byte order: low half first. */
enum tcg_access_op { TCG_DO_LOAD, TCG_DO_STORE, TCG_DO_PROBE, TCG_DO_RMW, TCG_DO_CMPXCHG };
struct tcg_access_call {
    uint8_t op;            /* enum tcg_access_op */
    uint8_t rmw;           /* enum tcg_rmw */
    bool wide;             /* the result is 64 bits wide: sign extension goes that far */
    uint64_t value[4];     /* in: to store, operand, or the value compared with (cmpxchg: want in
                            * [2], [3]); out: what was read, extended as the descriptor says */
};

/* Where code comes from, for the identity of regions. */
#define TCG_NO_RAM (~0ull)
struct tcg_code_page {
    uint64_t ram;          /* ram address of the page (mem_range.ram_addr, page aligned);
                            * TCG_NO_RAM: a device; what is translated there is not kept */
    bool guarded;          /* fe_page.guarded */
};

#endif
