/* SPDX-License-Identifier: MIT */
/* backends/x86_64/gen_priv.h -- what the files of the code generator share among themselves, beyond
 * what emitters need (gen.h). */
#ifndef BACKENDS_X86_64_GEN_PRIV_H
#define BACKENDS_X86_64_GEN_PRIV_H

#include "backends/x86_64/gen.h"

#define GEN_SCRATCH (1u << RAX | 1u << RCX | 1u << RDX | 1u << RSI | 1u << R10 | 1u << R11)

/* Descriptors that slow paths name by number (gen_tlb.c). Chunks never move: read without a lock. */
#define GEN_MEMS 8192
struct gen_mems {
    struct tcg_mem *chunk[GEN_MEMS / 256];
    uint16_t hash[2 * GEN_MEMS]; /* number + 1 */
    uint32_t n;
};
void gen_mems_reset(struct gen_mems *t); /* nobody is in translated code */
void gen_mems_free(struct gen_mems *t);

/* Common code of an engine: backends/x86_64/stubs.c. Addresses are executable ones. */
struct gen_stubs {
    uint8_t armed_byte;        /* leave.c: what the trap replaced */
    const struct tcg_guest *guest;
    const uint8_t *enter;      /* enum tcg_exit_reason enter(vcpu + bias, code) */
    const uint8_t *leave;      /* eax: reason; stores pinned units and returns */
    const uint8_t *lookup;     /* rcx: region, eax: link number and flags */
    const uint8_t *ind_miss;   /* rax: guest pc; LOOKUP without link */
    const uint8_t *ind_poll;   /* rax: guest pc; POLL */
    const uint8_t *ind_table;  /* rax: guest pc; through the jump table */
    const uint8_t *rebuild;    /* called: the state is that of the snapshot at the return address;
                                * v->exit.reason is the reason */
    const uint8_t *fault;      /* as rebuild, but v->host is filled */
    const uint8_t *slow;       /* called: an access that the TLB does not give, gen_tlb.c */
    const uint8_t *soft;       /* saves all registers, calls rax, see gen_soft_call */
    struct thunk { gen_soft_fn *fn; const uint8_t *code; } thunks[256];
    unsigned nthunks;
    struct gen_mems mems;
    const uint8_t *lookups[16][TCG_MMU_INDEXES][10]; /* gen_merge.c */
    uint8_t *next, *end;       /* room for thunks, writable */
};

/* Link numbers as the lookup exit sees them. */
#define GEN_LINK_POLL 0x80000000u
#define GEN_LINK_RETIRED 0x7fffffffu

/* A compiled region's side tables (region->gen), one block of memory. */
struct gen_table {
    uint32_t nsnaps;
    uint32_t retire;           /* offset of the code that a retired region's entry jumps to */
    const struct gen_snap *snaps;
    const uint16_t *words;
    const uint64_t *consts;
    const struct gen_stubs *stubs;
};

/* Snapshot entries, 16-bit words: a unit number, then a place. Place: kind << 12 | number; the
 * number of a constant is in the next word. A flags record is PLACE_RECORD | number of operands,
 * opcode, sub | attr << 8, then its operands' places. */
enum { PLACE_GPR, PLACE_XMM, PLACE_SLOT, PLACE_CONST, PLACE_HOME, PLACE_RECORD };

void *gen_grow(void *p, uint32_t *cap, uint32_t need, size_t size);

/* liveness.c */
void gen_liveness(struct gen *g);
bool gen_is_record(const struct gen *g, tcg_val v); /* by its operation: made when consumed */
static inline bool gen_is_lazy(const struct gen *g, tcg_val v)
{
    return !tcg_is_const(v) && (g->val[v].flags & GEN_V_LAZY);
}

/* regalloc.c */
void gen_op_begin(struct gen *g, uint32_t op);
void gen_op_end(struct gen *g);
void gen_apply_kills(struct gen *g);
void gen_ref(struct gen *g, tcg_val v);
void gen_unref(struct gen *g, tcg_val v);
void gen_born(struct gen *g, tcg_val d);            /* refs of a new value; records take operands */
void gen_release(struct gen *g, int reg);            /* the register holds nothing any more */
void gen_set_reg(struct gen *g, tcg_val v, int reg);
void gen_evacuate(struct gen *g, int reg);           /* what it holds moves elsewhere */
void gen_spill_volatile(struct gen *g, bool xmm);    /* before a call of C */
int gen_slot_alloc(struct gen *g, unsigned n);
int gen_place(struct gen *g, tcg_val v, int reg);   /* a copy of v's value in reg, no bookkeeping */
void gen_state_clear(struct gen *g);
uint32_t gen_state_save(struct gen *g);
void gen_state_restore(struct gen *g, uint32_t at);
void gen_enter_block(struct gen *g, uint32_t block); /* values not needed there are dropped */

/* units.c */
void gen_get(struct gen *g, const struct tcg_op *op, tcg_val d);
void gen_put(struct gen *g, const struct tcg_op *op);
void gen_flush_all(struct gen *g);                   /* all units in their border places */
void gen_flush_plain(struct gen *g, const uint64_t *need); /* but flags, where need says so */
void gen_flush_unit(struct gen *g, unsigned u);
void gen_home_changes(struct gen *g, unsigned u);    /* before a write to the home of u */
bool gen_home_store(struct gen *g, tcg_val v);       /* v's dirty unit is written: its copy */
static inline struct emit_mem gen_home_mem(const struct gen *g, unsigned u)
{
    return gen_vcpu_mem(g->ir->guest->units[u].offset);
}
static inline bool gen_is_dirty(const struct gen *g, unsigned u)
{
    return g->dirty[u / 64] >> (u % 64) & 1;
}
unsigned gen_type_size(enum tcg_type t);

/* gen_flags.c */
/* Makes the packed form of a lazy flags record in rax (which the caller took) or any other. */
void gen_pack(struct gen *g, tcg_val f, int reg);
void gen_set_hf(struct gen *g, unsigned kind, unsigned width, tcg_val a, tcg_val b);
/* EFLAGS hold a record that is still needed: worth keeping. */
bool gen_hf_wanted(const struct gen *g);
/* Makes CF the carry that the condition `cond` stands for; false: take it as a number. */
bool gen_carry(struct gen *g, tcg_val cond);
/* Emits what makes EFLAGS fit; returns the condition code under which cond holds. */
unsigned gen_cond(struct gen *g, tcg_val cond);

/* snapshot.c */
void gen_snapshot(struct gen *g);                    /* from here on this state is in force */
/* As gen_snapshot, while the unit pinned to `pin` is in register `reg`. */
void gen_snapshot_pin(struct gen *g, int pin, int reg);
void gen_snapshot_again(struct gen *g, uint32_t snap); /* in cold code: that of snapshot snap */
struct gen_table *gen_table_new(const struct gen *g);
uint64_t gen_guest_pc(const struct tcg_region *r, const uint8_t *pc); /* of the code at host pc */
void gen_rebuild(struct tcg_vcpu *v, const struct tcg_region *r, const uint8_t *pc);

/* leave.c */
unsigned gen_leave_points(const struct tcg_region *r);
const uint8_t *gen_leave_arm(struct tcg_engine *e, struct tcg_region *r, unsigned n, bool on);

/* gen_control.c */
void gen_blocks(struct gen *g);
void gen_links(struct gen *g);
uint32_t gen_link(struct gen *g, uint64_t pc);       /* a new link; its number */

void gen_table_jump(struct gen *g);                  /* rax: guest pc; through the inline table */

/* gen_mem.c */
struct emit_mem gen_address(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d);
/* Where an access has its operands and its result: for the slow path of whole machines. */
enum { GEN_FROM_IMM = 0x80, GEN_FROM_SCRATCH };
#define GEN_IN(reg) ((uint8_t)((reg) + 1)) /* 0..15, xmm from GEN_XMM on; 0: none */
struct gen_operands {
    int32_t imm;               /* the value stored, or offset in v->scratch */
    uint8_t value, value2;     /* value2: high half, if in a general register */
    uint8_t want, dest;
    uint8_t rmw;               /* enum tcg_rmw */
    bool swapped;              /* value and want have their bytes reversed already */
};
#define GEN_OPERANDS(...) (&(struct gen_operands){__VA_ARGS__})
/* The last thing before the access, from here on no allocation: snapshot, alignment check; in whole
 * machines the TLB lookup, and m becomes the host address. Where the access needs fixing up
 * afterwards, the slow path comes back behind the whole operation. */
void gen_access(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d,
                struct emit_mem *m, const struct gen_operands *x);

/* gen_tlb.c; u, w: temporaries, snapshot taken */
void gen_tlb(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, struct emit_mem *m,
             const struct gen_operands *x, unsigned u, unsigned w);
void gen_tlb_wide(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, uint8_t dest);
void gen_slow_stub(struct gen *g, const uint8_t *out);
void gen_slow_record(struct gen *g, struct gen_cold *c, const struct tcg_op *op,
                     const struct tcg_mem *d, const struct emit_mem *m,
                     const struct gen_operands *x);
void gen_slow_call(struct gen *g, const struct gen_cold *c); /* in cold code, the last of it */
void gen_tlb_entry(struct gen *g, const struct tcg_mem *d, const struct emit_mem *m, unsigned u);

/* gen_merge.c: begin after gen_address, before other registers are taken; gen_access does the rest */
enum { GEN_ALONE, GEN_LEADER, GEN_MEMBER };
void gen_guide_begin(struct gen *g, const struct tcg_op *op);
void gen_guided(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, struct emit_mem *m,
                const struct gen_operands *x);
int gen_guide_reg(const struct gen *g); /* -1: none */
/* gen_mem.c */
void gen_load_int(struct gen *g, const struct tcg_mem *d, bool wide, unsigned r,
                  const struct emit_mem *m);
void gen_store_int(struct gen *g, unsigned size, const struct emit_mem *m, unsigned r);
void gen_store_imm(struct gen *g, unsigned size, const struct emit_mem *m, int32_t imm);

void gen_swap_bytes(struct gen *g, unsigned size, unsigned r);

/* stubs.c */
void gen_stubs_make(struct tcg_engine *e, struct gen *g, const struct tcg_guest *guest);
const uint8_t *gen_thunk(struct gen *g, gen_soft_fn *fn);
unsigned gen_pins(const struct tcg_guest *guest, uint8_t *pin, uint16_t *pin_unit);

/* What integer emitters ask of operands. */
static inline bool gen_wide(const struct tcg_op *op)
{
    return op->type == TCG_I64;
}

static inline bool gen_const_of(const struct gen *g, tcg_val v, uint64_t *c)
{
    v = gen_root(g, v);
    if (!tcg_is_const(v))
        return false;
    *c = tcg_const_of(g->ir, v)->lo;
    return true;
}

/* compile.c */
int gen_compile(struct gen *g, struct tcg_ir *ir, struct tcg_region *r);
void gen_one(struct gen *g, uint32_t i);
void gen_room(struct gen *g);
/* The operation whose code began at `from` has kept to the room there is. */
void gen_spent(const struct gen *g, uint32_t from, uint32_t op);

#endif
