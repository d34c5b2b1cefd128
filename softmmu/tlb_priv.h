/* SPDX-License-Identifier: MIT */
/* softmmu/tlb_priv.h -- between tlb.c (contexts, tables, fills, flushes), tlb_access.c (what misses),
 * tlb_code.c (code pages) and tlb_box.c (messages). */
#ifndef SOFTMMU_TLB_PRIV_H
#define SOFTMMU_TLB_PRIV_H

#include "softmmu/tlb.h"
#include "softmmu/vcpu.h"

#define SM_CONTEXTS 16
#define SM_MIN_BITS 8  /* entries of a table: 1 << bits */
#define SM_MAX_BITS 14
#define SM_LARGE 8     /* ranges of large pages that a context remembers */
#define SM_BOX 32      /* messages; more: forget everything */
#define SM_FETCH_BYTES 16
#define SM_ADDR_MASK (~0ull >> 8) /* of addresses in flushes: tags do not count */
#define SM_NO_PAGE (~0ull)

/* Beside each entry of a table: what the slow path wants to know. */
enum { SM_PAGE_HOST = 1, SM_PAGE_READONLY = 2, SM_PAGE_DEVICE = 4, SM_PAGE_GUARDED = 8 };
struct sm_page {
    uint64_t phys;
    uint64_t ram;    /* TCG_NO_RAM: none */
    uint8_t flags;
    uint8_t prot;    /* enum fe_prot */
    uint8_t log2;    /* of the guest's page or block, which may be larger than the entry's page */
};

struct sm_table {
    struct tcg_tlb_entry *entries; /* NULL: not used yet */
    struct sm_page *pages;
    uint8_t bits;
    uint32_t filled, evicted;      /* since it was emptied, since it was resized */
    uint32_t *ids;                 /* for v->fetch_ids; NULL: nothing was fetched so far */
};

struct sm_large {
    uint64_t addr, size;
};

struct sm_context {
    uint64_t key, stamp;           /* stamp: of its last choice; 0: free */
    struct sm_table table[TCG_MMU_INDEXES];
    struct sm_large large[SM_LARGE];
    unsigned nlarge;
};

struct sm_msg {
    bool protect;                  /* a page of RAM has code now; else a flush */
    uint64_t ram;
    struct fe_flush flush;
};

struct sm_box {
    pthread_mutex_t lock;
    struct sm_msg msg[SM_BOX];
    unsigned n;
    bool overflow;
    _Atomic bool full;             /* something is in it */
    _Atomic uint64_t taken;        /* number of the machine's last message that was seen */
};

struct sm_tlb {
    struct sm_vcpu *c;
    struct sm_context ctx[SM_CONTEXTS];
    struct sm_context *cur[TCG_MMU_INDEXES];
    unsigned fetch_mmu;
    uint64_t clock;                /* of stamps */
    bool shared;                   /* has had pages of several contexts: global ones */
    uint64_t fetch_page;           /* guest page that fetch() gives, SM_NO_PAGE: none */
    const uint8_t *fetch_host;     /* its bytes; NULL: in fetch_bytes */
    uint64_t fetch_at;             /* guest address of fetch_bytes */
    unsigned fetch_len;
    uint8_t fetch_bytes[SM_FETCH_BYTES];
    uint8_t fetch_copy[TCG_TLB_PAGE_SIZE]; /* of a page that others may write meanwhile */
    struct sm_box box;
    struct sm_tlb_stats stats;
};

/* Pages whose protection not all vcpus have seen; under the engine's lock. */
#define SM_UNSETTLED 64
struct sm_unsettled {
    uint64_t ram, number;
};
struct sm_shared {                 /* of a machine: softmmu.tlb */
    _Atomic uint64_t posted;       /* messages so far */
    struct sm_unsettled unsettled[SM_UNSETTLED];
    unsigned nunsettled;
    uint64_t all_since;            /* the list was too short: all pages until this message */
};

/* Where an access goes. */
struct sm_place {
    uint8_t *host;                 /* of its first byte; NULL: not memory */
    uint64_t phys, ram;
    uint8_t flags;
    struct sm_table *table;
    unsigned index;
};

static inline struct sm_tlb *sm_tlb_of(const struct tcg_vcpu *v)
{
    return ((struct sm_vcpu *)v->owner)->tlb;
}

/* tlb.c: translates addr, by the table or by a walk. False: v->exit is filled. */
bool sm_lookup(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu,
               struct sm_place *to);
void sm_do_flush(struct tcg_vcpu *v, const struct fe_flush *f);
/* Writes to this page of RAM take the slow path. */
void sm_protect(struct sm_tlb *t, uint64_t ram);

/* tlb_access.c */
bool sm_access(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
               struct tcg_access_call *c);
/* One access of 1 to 8 bytes to what is not memory; a number in little-endian order. */
enum mem_result sm_io(struct tcg_vcpu *v, uint64_t phys, unsigned size, bool write,
                      uint64_t *value);

/* tlb_code.c */
size_t sm_fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len);
bool sm_code_page(struct tcg_vcpu *v, uint64_t pc, struct tcg_code_page *page);
bool sm_code_watch(struct tcg_vcpu *v, uint64_t ram);
bool sm_code_settled(struct tcg_vcpu *v, uint64_t ram);
void sm_code_gone(void *opaque, uint64_t ram);

/* tlb_box.c: to all vcpus but `but` (NULL: to all); the number of the message. */
uint64_t sm_post(struct softmmu *m, const struct tcg_vcpu *but, const struct sm_msg *msg);
/* v has seen message `number`, or will before it runs translated code. */
bool sm_seen(struct sm_vcpu *c, uint64_t number);
void sm_drain(struct tcg_vcpu *v);

#endif
