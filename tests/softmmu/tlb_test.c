// SPDX-License-Identifier: MIT
/* Guest memory of a whole machine, on every backend: hits, misses, faults, devices, page ends, code
 * that is written, dirty logging, contexts and flushes. */
#include "tests/unit.h"

#include "tcg/cache.h"
#include "tests/softmmu/bare.h"

#include <errno.h>
#include <string.h>

#define HEAD "block 0\n insn 0x1000, 4\n"
#define DONE "\n exit.syscall 0x1004, 0\n"

static struct bare *b;

/* The body of a test runs once for each backend, b ready. */
#define ON_EACH(name)                                                                              \
    static void name##_body(void);                                                                 \
    START_TEST(name)                                                                               \
    {                                                                                              \
        for (unsigned i_ = 0; tcg_backends[i_]; i_++) {                                            \
            b = bare_new(tcg_backends[i_], 1);                                                     \
            ck_assert_ptr_nonnull(b);                                                              \
            name##_body();                                                                         \
            bare_free(b);                                                                          \
        }                                                                                          \
    }                                                                                              \
    END_TEST                                                                                       \
    static void name##_body(void)

static uint64_t reg(unsigned n)
{
    return toy_get(b->toy[0], TOY_R0 + n).lo;
}

static void set(unsigned n, uint64_t v)
{
    toy_set(b->toy[0], TOY_R0 + n, (struct toy_value){v, 0});
}

static uint64_t word(uint64_t at)
{
    uint64_t n;

    memcpy(&n, b->mem + at, 8);
    return n;
}

static void put_word(uint64_t at, uint64_t n)
{
    memcpy(b->mem + at, &n, 8);
}

static uint64_t code_writes(void)
{
    return sm_tlb_stats(&b->cpu[0]).code_writes;
}

static enum tcg_exit_reason run_at(uint64_t pc)
{
    b->toy[0]->pc = pc;
    return bare_run(b, 0);
}

static void code(const char *text)
{
    bare_region(b, 0, 0x1000, text);
}

ON_EACH(load_and_store)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a + 8] mem(8)\n store i64 [%a], %x mem(8 write)\n"
              " put r1, %x" DONE);
    put_word(0x5008, 0x1122334455667788);
    set(0, 0x5000);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 0x1122334455667788);
    ck_assert_uint_eq(word(0x5000), 0x1122334455667788);
    ck_assert_uint_eq(b->walks, 2); /* data and code */
    put_word(0x5008, 5);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 5);
    ck_assert_uint_eq(b->walks, 2);
    b->map[0][5].phys = 0x7000; /* not seen before it is flushed */
    put_word(0x7008, 7);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 5);
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x5000, false);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 7);
    ck_assert_uint_eq(word(0x7000), 7);
}

ON_EACH(fault_is_exact)
{
    code(HEAD "%a = get r0\n %n = add i64 %a, 0x10\n put r2, %n\n insn 0x1004, 4\n"
              " %x = load i64 [%n] mem(8 mmu=2 synd=0x1234 fault=7)\n put r2, %x" DONE);
    b->map[0][9].prot = 0;
    set(0, 0x9008);
    set(2, 1);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x9018);
    ck_assert_uint_eq(b->toy[0]->v.exit.code, 0x55);
    ck_assert_uint_eq(b->toy[0]->v.exit.access, TCG_READ);
    ck_assert_uint_eq(b->toy[0]->v.exit.syndrome, 0x1234);
    ck_assert_uint_eq(b->toy[0]->v.exit.fault, 7);
    ck_assert_uint_eq(b->toy[0]->v.exit.mmu, 2);
    ck_assert_uint_eq(b->toy[0]->pc, 0x1004);
    ck_assert_uint_eq(reg(2), 0x9018);
    b->map[0][9].prot = FE_READ; /* mapped now: no flush is needed, faults are not kept */
    put_word(0x9018, 99);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(2), 99);
}

ON_EACH(write_rights)
{
    code(HEAD "%a = get r0\n %x = load i32 [%a] mem(1)\n store i32 [%a], 0x55 mem(1 write)" DONE);
    b->map[0][6].prot = FE_READ;
    set(0, 0x6001);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.access, TCG_WRITE);
    ck_assert_uint_eq(b->mem[0x6001], 0);
    b->map[0][6].prot = FE_READ | FE_WRITE; /* as a clean page becomes dirty */
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(b->mem[0x6001], 0x55);
}

ON_EACH(fetch_fault)
{
    code(HEAD "goto_pc 0x9000\n");
    b->map[0][9].prot = FE_READ | FE_WRITE;
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.access, TCG_FETCH);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x9000);
    ck_assert_uint_eq(b->toy[0]->pc, 0x9000);
}

ON_EACH(device)
{
    code(HEAD "%a = get r0\n %x = load i32 [%a + 4] mem(4)\n store i32 [%a + 8], %x mem(4 write)\n"
              " %b = load i64 [%a + 4] mem(2 big)\n %s = load i64 [%a + 7] mem(1 sign)\n"
              " %y = rmw.add i64 %a, 3 mem(8 rw)\n %z = zext %x\n put r1, %z\n put r2, %y\n"
              " put r3, %b\n put r4, %s" DONE);
    set(0, 0xf0000);
    for (unsigned i = 0; i < 8; i++)
        b->reg[i] = (uint8_t)(0x81 + i);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 0x88878685);
    ck_assert_uint_eq(reg(2), 0x8887868584838281);
    ck_assert_uint_eq(reg(3), 0x8586);
    ck_assert_uint_eq(reg(4), 0xffffffffffffff88);
    ck_assert_uint_eq(b->reg[0], 0x84);
    ck_assert_uint_eq(b->reg[8], 0x85);
    ck_assert_uint_eq(b->reg[11], 0x88);
    ck_assert_uint_eq(b->dev_reads, 4);
    ck_assert_uint_eq(b->dev_writes, 2);
    ck_assert_uint_eq(b->walks, 2); /* one for all of them */
    b->dev_refuses = true;
    set(1, 1);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.code, 0x66);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0xf0004);
    ck_assert_uint_eq(reg(1), 1);
}

ON_EACH(device_wide)
{
    code(HEAD "%a = get r0\n %x = load v128 [%a] mem(16)\n store v128 [%a + 32], %x mem(16 write)\n"
              " put q1, %x" DONE);
    set(0, 0xf0010);
    for (unsigned i = 0; i < 16; i++)
        b->reg[16 + i] = (uint8_t)(i + 1);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(toy_get(b->toy[0], TOY_Q0 + 1).lo, 0x0807060504030201);
    ck_assert_uint_eq(toy_get(b->toy[0], TOY_Q0 + 1).hi, 0x100f0e0d0c0b0a09);
    ck_assert_int_eq(memcmp(b->reg + 48, b->reg + 16, 16), 0);
    set(0, 0xf0011); /* device memory: not misaligned */
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(b->toy[0]->v.exit.code, TCG_EXC_ALIGN);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0xf0011);
}

ON_EACH(nothing_there)
{
    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)" DONE);
    b->map[0][8].phys = 0x70000000;
    set(0, 0x8000);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.code, 0x66);
    ck_assert_uint_eq(b->toy[0]->v.exit.access, TCG_WRITE);
    ck_assert_uint_eq(b->toy[0]->pc, 0x1000);
}

ON_EACH(rom)
{
    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)\n %x = load i64 [%a] mem(8)\n"
              " put r1, %x" DONE);
    memset(mem_ram_host(b->rom), 0x77, 8);
    set(0, 0xf1000);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 0x7777777777777777);
}

ON_EACH(over_the_page_end)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8)\n %v = get r1\n"
              " store i64 [%a], %v mem(8 write)\n put r2, %x" DONE);
    b->map[0][5].phys = 0x9000; /* pages that are not neighbours */
    put_word(0x9ff8, 0x0102030405060708);
    put_word(0x6000, 0x1112131415161718);
    set(0, 0x5ffd);
    set(1, 0xa1a2a3a4a5a6a7a8);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(2), 0x1415161718010203);
    ck_assert_uint_eq(word(0x9ff8), 0xa6a7a80405060708);
    ck_assert_uint_eq(word(0x6000), 0x111213a1a2a3a4a5);
    b->map[0][6].prot = FE_READ;
    bare_flush(b, 0, FE_FLUSH_PAGE_ALL, 0, 0x6000, false);
    set(1, 0);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x6000);
    ck_assert_uint_eq(word(0x9ff8), 0xa6a7a80405060708); /* nothing was written */
    b->map[0][5].prot = FE_READ;
    bare_flush(b, 0, FE_FLUSH_ALL, 0, 0, false);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x5ffd);
}

ON_EACH(alignment)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8 nat)\n put r1, %x" DONE);
    put_word(0x5000, 0x0102030405060708);
    set(0, 0x5000);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    set(0, 0x5004);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(b->toy[0]->v.exit.code, TCG_EXC_ALIGN);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x5004);
    ck_assert_uint_eq(b->toy[0]->pc, 0x1000);
    b->map[0][5].prot = 0; /* comes before rights */
    bare_flush(b, 0, FE_FLUSH_ALL, 0, 0, false);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_EXCEPTION);
}

ON_EACH(alignment_in16)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8 in16)\n put r1, %x" DONE);
    put_word(0x5008, 0x0102030405060708);
    set(0, 0x5004);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 0x0506070800000000);
    set(0, 0x500c);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x500c);
}

ON_EACH(wide_compare_exchange)
{
    code(HEAD "%a = get r0\n %l = get r1\n %h = get r2\n %e = pair %l, %h\n %w = pair %h, %l\n"
              " %o = cmpxchg i128 %a, %e, %w mem(16 nat atomic rw)\n %ol = lo %o\n %oh = hi %o\n"
              " put r3, %ol\n put r4, %oh" DONE);
    put_word(0x5000, 1);
    put_word(0x5008, 2);
    set(0, 0x5000);
    set(1, 1);
    set(2, 2);
    for (unsigned i = 0; i < 2; i++) { /* by the slow path, then by the fast one */
        ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
        ck_assert_uint_eq(reg(3), 1 + i);
        ck_assert_uint_eq(reg(4), 2 - i);
        ck_assert_uint_eq(word(0x5000), 2);
    }
    ck_assert_uint_eq(b->walks, 2);
}

/* Regions of the toy are texts: what is counted is how often one was made. */
ON_EACH(write_to_code)
{
    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)" DONE);
    bare_region(b, 0, 0x2000, "block 0\n insn 0x2000, 4\n exit.syscall 0x2004, 0\n");
    run_at(0x2000);
    ck_assert_uint_eq(b->toy[0]->translations, 1);
    set(0, 0x2100);
    run_at(0x1000); /* the same page, another place */
    run_at(0x2000);
    ck_assert_uint_eq(b->toy[0]->translations, 2);
    ck_assert_uint_eq(code_writes(), 1);
    set(0, 0x2000);
    run_at(0x1000);
    ck_assert_uint_eq(word(0x2000), 0x2000);
    ck_assert_uint_eq(code_writes(), 2);
    run_at(0x1000); /* no code there any more: at full speed */
    ck_assert_uint_eq(code_writes(), 2);
    run_at(0x2000);
    ck_assert_uint_eq(b->toy[0]->translations, 3);
    run_at(0x1000);
    ck_assert_uint_eq(code_writes(), 3);
}

/* By another name of the page, and by DMA. */
ON_EACH(write_to_code_elsewhere)
{
    struct mem_attrs a = {.requester = 1};

    b->map[0][8].phys = 0x2000;
    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)" DONE);
    bare_region(b, 0, 0x2000, "block 0\n insn 0x2000, 4\n exit.syscall 0x2004, 0\n");
    set(0, 0x8000);
    run_at(0x1000);
    run_at(0x2000);
    run_at(0x1000);
    run_at(0x2000);
    ck_assert_uint_eq(b->toy[0]->translations, 3);
    ck_assert_int_eq(mem_write(b->m.cfg.memory, 0x2002, "ab", 2, a), MEM_OK);
    run_at(0x2000);
    ck_assert_uint_eq(b->toy[0]->translations, 4);
}

ON_EACH(write_to_itself)
{
    code("block 0\n insn 0x1000, 4\n %a = get r0\n %n = add i64 %a, 8\n put r1, %n\n"
         " insn 0x1004, 4\n store i64 [%a], %a mem(8 write)\n put r2, %a\n"
         " insn 0x1008, 4\n put r3, %a\n exit.syscall 0x100c, 0\n");
    bare_region(b, 0, 0x1004, "block 0\n insn 0x1004, 4\n %a = get r0\n"
                              " store i64 [%a], %a mem(8 write)\n put r2, %a\n goto_pc 0x1008\n");
    bare_region(b, 0, 0x1008, "block 0\n insn 0x1008, 4\n put r3, 0x99:i64\n"
                              " exit.syscall 0x100c, 0\n");
    set(0, 0x1008);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(1), 0x1010);
    ck_assert_uint_eq(reg(2), 0x1008);
    ck_assert_uint_eq(reg(3), 0x99); /* what it wrote, not what was there */
    ck_assert_uint_eq(word(0x1008), 0x1008);
}

ON_EACH(dirty_log)
{
    uint64_t ram = mem_ram_addr(b->ram);

    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)" DONE);
    set(0, 0x5000);
    run_at(0x1000);
    mem_watch_set(ram + 0x5000, MEM_WATCH_CLEAN, true);
    sm_tlb_flush_all(&b->m);
    run_at(0x1000);
    ck_assert_uint_eq(mem_watch_get(ram + 0x5000), 0);
    ck_assert_uint_eq(mem_watch_get(ram + 0x6000), 0);
}

ON_EACH(contexts_survive)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8)\n put r1, %x" DONE);
    set(0, 0x5000);
    for (unsigned c = 0; c < 3; c++) {
        b->map[c][5].phys = 0x8000 + 0x1000 * c;
        put_word(0x8000 + 0x1000 * c, 100 + c);
    }
    for (unsigned i = 0; i < 3; i++)
        for (unsigned c = 0; c < 3; c++) {
            bare_context(b, 0, c);
            ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
            ck_assert_uint_eq(reg(1), 100 + c);
        }
    ck_assert_uint_eq(b->walks, 6);
    bare_flush(b, 0, FE_FLUSH_CONTEXT, 1, 0, false);
    for (unsigned c = 0; c < 3; c++) {
        bare_context(b, 0, c);
        run_at(0x1000);
    }
    ck_assert_uint_eq(b->walks, 8);
    bare_flush(b, 0, FE_FLUSH_PAGE_ALL, 0, 0x5000, false);
    for (unsigned c = 0; c < 3; c++) {
        bare_context(b, 0, c);
        run_at(0x1000);
    }
    ck_assert_uint_eq(b->walks, 11);
    for (unsigned c = 0; c < BARE_CONTEXTS; c++) { /* more than there is room for */
        bare_context(b, 0, c);
        b->map[c][5].phys = 0x10000 + 0x1000 * c;
        put_word(0x10000 + 0x1000 * c, 500 + c);
        if (c < 3)
            bare_flush(b, 0, FE_FLUSH_CONTEXT, c, 0, false);
        run_at(0x1000);
        ck_assert_uint_eq(reg(1), 500 + c);
    }
    bare_context(b, 0, 0);
    run_at(0x1000);
    ck_assert_uint_eq(reg(1), 500);
}

/* A global page has an entry in each context; a flush of it is said with one of them. */
ON_EACH(global_pages)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8)\n put r1, %x" DONE);
    set(0, 0x5000);
    for (unsigned global = 0; global < 2; global++) {
        for (unsigned c = 0; c < 3; c++) {
            b->map[c][5] = (struct bare_map){.phys = 0x8000, .prot = FE_READ, .global = global};
            bare_context(b, 0, c);
            run_at(0x1000);
        }
        b->walks = 0;
        bare_flush(b, 0, FE_FLUSH_PAGE, 1, 0x5000, false);
        for (unsigned c = 0; c < 3; c++) {
            bare_context(b, 0, c);
            run_at(0x1000);
        }
        ck_assert_uint_eq(b->walks, global ? 3 : 1);
        bare_flush(b, 0, FE_FLUSH_ALL, 0, 0, false);
    }
}

/* Code at one address, in one context, then another; and remapped. */
ON_EACH(code_by_place)
{
    bare_region(b, 0, 0x3000, "block 0\n insn 0x3000, 4\n exit.syscall 0x3004, 0\n");
    bare_region(b, 0, 0x1000, HEAD "%a = get r0\n goto_ind %a\n");
    set(0, 0x3000);
    run_at(0x1000);
    run_at(0x1000);
    ck_assert_uint_eq(b->toy[0]->translations, 2);
    b->map[0][3].phys = 0x9000;
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x3000, false);
    run_at(0x1000);
    ck_assert_uint_eq(b->toy[0]->translations, 3);
    b->map[0][3].phys = 0x3000; /* back: what was made of it is still there */
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x3000, false);
    run_at(0x1000);
    ck_assert_uint_eq(b->toy[0]->translations, 3);
    b->map[0][3].prot = FE_READ;
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x3000, false);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_FAULT);
    ck_assert_uint_eq(b->toy[0]->pc, 0x3000);
}

static uint64_t lookups(void)
{
    return b->m.engine->cache->stats.lookups;
}

/* A loop over two pages, by a direct branch there and back by both kinds. */
ON_EACH(links_over_pages)
{
    uint64_t before;

    bare_region(b, 0, 0x1000, HEAD "%a = get r0\n %n = add i64 %a, 1\n put r0, %n\n goto_pc 0x2000\n");
    bare_region(b, 0, 0x2000, "block 0\n insn 0x2000, 4\n %a = get r0\n %o = get r1\n"
                              " %c = setcc.ltu %a, %o\n brcond %c -> 1, 2\nblock 1\n"
                              " %b = and i64 %a, 1\n %k = setcc.eq %b, 0:i64\n"
                              " brcond %k -> 3, 4\nblock 3\n goto_pc.poll 0x1000\n"
                              "block 4\n %t = get r2\n goto_ind.poll %t\n"
                              "block 2\n exit.syscall 0x2004, 0\n");
    set(1, 1000);
    set(2, 0x1000);
    before = lookups();
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(reg(0), 1000);
    ck_assert_uint_lt(lookups() - before, 8);
    b->map[0][2].phys = 0x9000; /* each vcpu has what it has until it is told */
    set(0, 0);
    run_at(0x1000);
    ck_assert_uint_eq(b->toy[0]->translations, 2);
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x2000, false);
    set(0, 0);
    before = lookups();
    run_at(0x1000);
    ck_assert_uint_eq(reg(0), 1000);
    ck_assert_uint_eq(b->toy[0]->translations, 3);
    ck_assert_uint_lt(lookups() - before, 10); /* linked anew */
    b->map[1][2].phys = 0xa000;
    for (unsigned i = 0; i < 10; i++) { /* two contexts that differ in the second page */
        bare_context(b, 0, i & 1);
        set(0, 998);
        run_at(0x1000);
        ck_assert_uint_eq(reg(0), 1000);
    }
    ck_assert_uint_eq(b->toy[0]->translations, 4);
}

ON_EACH(large_page)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8)\n put r1, %x" DONE);
    for (unsigned p = 0x40; p < 0x80; p++)
        b->map[0][p].size = 0x40000;
    put_word(0x45000, 1);
    put_word(0x46000, 2);
    set(0, 0x45000);
    run_at(0x1000);
    set(0, 0x46000);
    run_at(0x1000);
    ck_assert_uint_eq(b->walks, 3);
    for (unsigned p = 0x40; p < 0x80; p++)
        b->map[0][p].phys = 0x80000 + (p - 0x40) * 4096;
    put_word(0x85000, 3);
    bare_flush(b, 0, FE_FLUSH_PAGE, 0, 0x7f000, false); /* any address in it */
    set(0, 0x45000);
    run_at(0x1000);
    ck_assert_uint_eq(reg(1), 3);
}

ON_EACH(tables_grow)
{
    code("block 0\n insn 0x1000, 4\n %a = get r0\n %x = load i64 [%a] mem(8)\n %n = add i64 %a, 4096\n"
         " %s = get r1\n %t = add i64 %s, %x\n put r0, %n\n put r1, %t\n"
         " %c = setcc.ltu %n, 0xe0000:i64\n brcond %c -> 1, 2\nblock 1\n goto_pc.poll 0x1000\n"
         "block 2\n exit.syscall 0x1004, 0\n");
    for (unsigned p = 16; p < 0xe0; p++)
        put_word(p * 4096, p);
    for (unsigned i = 0; i < 30; i++) {
        set(0, 0x10000);
        set(1, 0);
        ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
        ck_assert_uint_eq(reg(1), (16 + 0xdf) * (0xe0 - 16) / 2);
        if (i % 5 == 4)
            bare_flush(b, 0, FE_FLUSH_ALL, 0, 0, false);
    }
}

ON_EACH(memory_map_changes)
{
    code(HEAD "%a = get r0\n %x = load i64 [%a] mem(8)\n put r1, %x" DONE);
    put_word(0x5000, 4);
    set(0, 0x5000);
    run_at(0x1000);
    ck_assert_uint_eq(reg(1), 4);
    mem_begin();
    mem_move(b->dev, 0x5000);
    mem_remove(b->root, b->dev);
    mem_add(b->root, b->dev, 0x5000, 1);
    mem_commit();
    b->reg[0] = 9;
    run_at(0x1000);
    ck_assert_uint_eq(reg(1), 9);
}

ON_EACH(one_step)
{
    bare_region(b, 0, 0x1000, HEAD "%a = get r0\n %n = add i64 %a, 1\n put r0, %n\n"
                                   " goto_pc 0x1004\n");
    b->toy[0]->pc = 0x1000;
    ck_assert_int_eq(tcg_step(&b->toy[0]->v), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(reg(0), 1);
    ck_assert_uint_eq(b->toy[0]->pc, 0x1004);
}

ON_EACH(watchpoint)
{
    code(HEAD "%a = get r0\n store i64 [%a], %a mem(8 write)" DONE);
    set(0, 0x5000);
    run_at(0x1000);
    ck_assert_int_eq(tcg_watchpoint(b->m.engine, 0x5004, 2, TCG_WATCH_WRITE, true), 0);
    put_word(0x5000, 1);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(b->toy[0]->v.exit.addr, 0x5004);
    ck_assert_uint_eq(b->toy[0]->pc, 0x1000);
    ck_assert_uint_eq(word(0x5000), 1);
    ck_assert_int_eq(tcg_watchpoint(b->m.engine, 0x5004, 2, TCG_WATCH_WRITE, false), 0);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(word(0x5000), 0x5000);
}

/* At a guest address that is elsewhere in memory; what leads there over a page is linked already. */
ON_EACH(breakpoint)
{
    b->map[0][2].phys = 0x9000;
    bare_region(b, 0, 0x1000, HEAD "goto_pc 0x2000\n");
    bare_region(b, 0, 0x2000, "block 0\n insn 0x2000, 4\n exit.syscall 0x2004, 0\n");
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
    ck_assert_int_eq(tcg_breakpoint(b->m.engine, 0x2000, true), 0);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(b->toy[0]->pc, 0x2000);
    ck_assert_int_eq(tcg_breakpoint(b->m.engine, 0x2000, false), 0);
    ck_assert_int_eq(run_at(0x1000), TCG_EXIT_SYSCALL);
}

ON_EACH(debugger)
{
    uint32_t n = 0xaabbccdd;

    put_word(0x5ff8, 0x0102030405060708);
    ck_assert_int_eq(sm_tlb_debug(&b->toy[0]->v, 0x5ffc, &n, 4, false), 0);
    ck_assert_uint_eq(n, 0x01020304);
    n = 5;
    ck_assert_int_eq(sm_tlb_debug(&b->toy[0]->v, 0x5ffe, &n, 4, true), 0);
    ck_assert_uint_eq(word(0x5ff8), 0x0005030405060708);
    ck_assert_int_eq(sm_tlb_debug(&b->toy[0]->v, 0x200000, &n, 4, false), -EFAULT);
    ck_assert_int_eq(sm_tlb_debug(&b->toy[0]->v, 0xf0000, &n, 4, false), -EFAULT);
    ck_assert_uint_eq(b->dev_reads, 0);
}

ON_EACH(table_walk_access)
{
    uint64_t n;
    struct tcg_vcpu *v = &b->toy[0]->v;

    put_word(0x5000, 0x0102030405060708);
    ck_assert_int_eq(sm_phys_load(v, 0x5000, 8, &n), 0);
    ck_assert_uint_eq(n, 0x0102030405060708);
    ck_assert_int_eq(sm_phys_load(v, 0x5004, 4, &n), 0);
    ck_assert_uint_eq(n, 0x01020304);
    ck_assert_int_eq(sm_phys_load(v, 0x70000000, 8, &n), -EFAULT);
    ck_assert_int_eq(sm_phys_load(v, BARE_DEV, 8, &n), -EFAULT);
    ck_assert_int_eq(sm_phys_cmpxchg(v, 0x5000, 7, 8), 0);
    ck_assert_int_eq(sm_phys_cmpxchg(v, 0x5000, 0x0102030405060708, 8), 1);
    ck_assert_uint_eq(word(0x5000), 8);
    ck_assert_int_eq(sm_phys_cmpxchg(v, BARE_ROM, 0, 8), -EFAULT);
}

static void fill(TCase *tc)
{
    tcase_add_test(tc, load_and_store);
    tcase_add_test(tc, fault_is_exact);
    tcase_add_test(tc, write_rights);
    tcase_add_test(tc, fetch_fault);
    tcase_add_test(tc, device);
    tcase_add_test(tc, device_wide);
    tcase_add_test(tc, nothing_there);
    tcase_add_test(tc, rom);
    tcase_add_test(tc, over_the_page_end);
    tcase_add_test(tc, alignment);
    tcase_add_test(tc, alignment_in16);
    tcase_add_test(tc, wide_compare_exchange);
    tcase_add_test(tc, write_to_code);
    tcase_add_test(tc, write_to_code_elsewhere);
    tcase_add_test(tc, write_to_itself);
    tcase_add_test(tc, dirty_log);
    tcase_add_test(tc, contexts_survive);
    tcase_add_test(tc, global_pages);
    tcase_add_test(tc, code_by_place);
    tcase_add_test(tc, links_over_pages);
    tcase_add_test(tc, large_page);
    tcase_add_test(tc, tables_grow);
    tcase_add_test(tc, memory_map_changes);
    tcase_add_test(tc, one_step);
    tcase_add_test(tc, watchpoint);
    tcase_add_test(tc, breakpoint);
    tcase_add_test(tc, debugger);
    tcase_add_test(tc, table_walk_access);
}

UNIT_MAIN("softmmu tlb", fill)
