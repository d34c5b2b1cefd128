// SPDX-License-Identifier: MIT
/* The bare machine of the softmmu tests: see bare.h. */
#include "tests/softmmu/bare.h"

#include <stdlib.h>
#include <string.h>

/* What the rest of softmmu/ gives the TLBs. */
void sm_lock(struct softmmu *m)
{
    pthread_mutex_lock(&m->lock);
}

void sm_unlock(struct softmmu *m)
{
    pthread_mutex_unlock(&m->lock);
}

static struct bare *bare_of(const struct tcg_vcpu *v)
{
    return (struct bare *)sm_vcpu_of(v)->m;
}

/* ---- the toy's system level ---- */

static bool walk(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu, bool probe,
                 struct fe_page *page)
{
    struct bare *b = bare_of(v);
    unsigned ctx = b->context[sm_vcpu_of(v)->index];
    const struct bare_map *e = &b->map[ctx][addr / 4096 % BARE_PAGES];
    static const uint8_t need[] = {FE_READ, FE_WRITE, FE_EXEC};
    uint8_t prot = addr / 4096 < BARE_PAGES ? e->prot : 0;

    (void)mmu;
    if (!probe)
        b->walks++;
    if (!(prot & need[access])) {
        if (!probe) {
            v->exit.reason = TCG_EXIT_FAULT;
            v->exit.code = 0x55;
            v->exit.addr = addr;
            v->exit.access = access;
        }
        return false;
    }
    page->size = e->size ? e->size : 4096;
    page->phys = e->phys + (addr & 4095);
    page->prot = b->narrow ? need[access] : prot;
    page->device = e->device;
    page->nonglobal = !e->global;
    return true;
}

static void contexts(const struct tcg_vcpu *v, uint64_t key[4])
{
    for (unsigned i = 0; i < 4; i++)
        key[i] = bare_of(v)->context[sm_vcpu_of(v)->index];
}

static unsigned mmu_now(const struct tcg_vcpu *v)
{
    return bare_of(v)->mmu;
}

static void bus_error(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access)
{
    v->exit.reason = TCG_EXIT_FAULT;
    v->exit.code = 0x66;
    v->exit.addr = addr;
    v->exit.access = access;
}

/* ---- the device: memory that counts ---- */

static enum mem_result dev_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                const struct mem_attrs *a)
{
    struct bare *b = opaque;

    (void)a;
    if (b->dev_refuses)
        return MEM_REFUSED;
    b->dev_reads++;
    b->dev_last_size = size;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint64_t)b->reg[offset + i] << 8 * i;
    return MEM_OK;
}

static enum mem_result dev_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                 const struct mem_attrs *a)
{
    struct bare *b = opaque;

    (void)a;
    if (b->dev_refuses)
        return MEM_REFUSED;
    b->dev_writes++;
    b->dev_last_size = size;
    for (unsigned i = 0; i < size; i++)
        b->reg[offset + i] = (uint8_t)(value >> 8 * i);
    return MEM_OK;
}

static const struct mem_ops dev_ops = {.read = dev_read, .write = dev_write, .min = 1, .max = 8};

/* ---- the machine ---- */

static void map_all(struct bare *b)
{
    memset(b->map, 0, sizeof(b->map));
    for (unsigned c = 0; c < BARE_CONTEXTS; c++) {
        for (unsigned p = 0; p < BARE_RAM / 4096 && p < 0xf0; p++)
            b->map[c][p] = (struct bare_map){.phys = p * 4096u,
                                             .prot = FE_READ | FE_WRITE | FE_EXEC};
        b->map[c][0xf0] = (struct bare_map){.phys = BARE_DEV, .prot = FE_READ | FE_WRITE | FE_EXEC,
                                            .device = true};
        b->map[c][0xf1] = (struct bare_map){.phys = BARE_ROM, .prot = FE_READ | FE_WRITE | FE_EXEC};
    }
}

static bool memory_new(struct bare *b)
{
    char err[120];

    b->root = mem_container_new("root", 0);
    b->ram = mem_ram_new("ram", BARE_RAM, NULL, err, sizeof(err));
    b->rom = mem_rom_new("rom", 4096, err, sizeof(err));
    b->dev = mem_mmio_new("dev", 4096, &dev_ops, b);
    if (!b->root || !b->ram || !b->rom || !b->dev)
        return false;
    b->mem = mem_ram_host(b->ram);
    mem_begin();
    mem_add(b->root, b->ram, 0, 0);
    mem_add(b->root, b->dev, BARE_DEV, 0);
    mem_add(b->root, b->rom, BARE_ROM, 0);
    mem_commit();
    b->m.cfg.memory = mem_space_new("bare", b->root);
    return b->m.cfg.memory != NULL;
}

struct bare *bare_new(const struct tcg_backend *backend, unsigned ncpus)
{
    struct tcg_config cfg = {.backend = backend, .cache_bytes = 16u << 20, .verify = true};
    struct bare *b = calloc(1, sizeof(*b));
    const char *err;

    if (!b || !memory_new(b))
        return NULL;
    b->fe = (struct frontend){.walk = walk, .contexts = contexts, .mmu_now = mmu_now,
                              .bus_error = bus_error, .guest = &toy_guest};
    b->m.cfg.frontend = &b->fe;
    b->m.cfg.ncpus = ncpus;
    b->m.cpus = b->cpu;
    pthread_mutex_init(&b->m.lock, NULL);
    if (sm_tlb_config(&b->m, &cfg.mem) < 0)
        return NULL;
    b->m.engine = tcg_engine_new(&cfg, &err);
    if (!b->m.engine) {
        fprintf(stderr, "%s: %s\n", backend->name, err);
        return NULL;
    }
    for (unsigned i = 0; i < ncpus; i++) {
        b->toy[i] = toy_new_vcpu(b->m.engine, b->mem);
        b->cpu[i] = (struct sm_vcpu){.m = &b->m, .v = &b->toy[i]->v, .index = i};
        b->toy[i]->v.owner = &b->cpu[i];
        if (!b->toy[i] || sm_tlb_init(&b->cpu[i]) < 0)
            return NULL;
    }
    bare_reset(b);
    return b;
}

void bare_free(struct bare *b)
{
    for (unsigned i = 0; i < b->m.cfg.ncpus; i++) {
        toy_free(b->toy[i]);
        sm_tlb_free(&b->cpu[i]);
    }
    tcg_engine_free(b->m.engine);
    sm_tlb_done(&b->m);
    mem_begin();
    mem_remove(b->root, b->ram);
    mem_remove(b->root, b->dev);
    mem_remove(b->root, b->rom);
    mem_commit();
    mem_space_free(b->m.cfg.memory);
    mem_region_free(b->ram);
    mem_region_free(b->dev);
    mem_region_free(b->rom);
    mem_region_free(b->root);
    pthread_mutex_destroy(&b->m.lock);
    free(b);
}

void bare_reset(struct bare *b)
{
    memset(b->mem, 0, BARE_RAM);
    memset(b->reg, 0, sizeof(b->reg));
    b->dev_reads = b->dev_writes = 0;
    b->walks = 0;
    b->dev_refuses = b->narrow = false;
    b->context[0] = b->context[1] = b->mmu = 0;
    map_all(b);
    for (unsigned i = 0; i < b->m.cfg.ncpus; i++)
        toy_reset(b->toy[i]);
    for (unsigned i = 0; i < b->m.cfg.ncpus; i++)
        b->toy[i]->mode = TOY_REBUILD; /* the builder notes which bytes a region is made of */
    tcg_invalidate(b->m.engine, 0, ~0ull);
    sm_tlb_flush_all(&b->m);
    for (unsigned i = 0; i < b->m.cfg.ncpus; i++) {
        sm_tlb_enter(&b->cpu[i]);
        atomic_store(&b->toy[i]->v.exit_request, 0);
    }
}

void bare_region(struct bare *b, unsigned cpu, uint64_t pc, const char *text)
{
    struct toy *t = b->toy[cpu];

    if (t->nregions == TOY_MAX_REGIONS)
        MOA_BUG("too many regions");
    t->regions[t->nregions].pc = pc;
    t->regions[t->nregions++].text = strdup(text);
}

enum tcg_exit_reason bare_run(struct bare *b, unsigned cpu)
{
    enum tcg_exit_reason why;

    do {
        sm_tlb_enter(&b->cpu[cpu]);
        why = tcg_run(&b->toy[cpu]->v);
        sm_tlb_leave(&b->cpu[cpu]);
    } while (why == TCG_EXIT_POLL);
    return why;
}

void bare_context(struct bare *b, unsigned cpu, unsigned context)
{
    b->context[cpu] = context;
    sm_context_changed(&b->toy[cpu]->v);
}

void bare_flush(struct bare *b, unsigned cpu, int what, unsigned context, uint64_t addr,
                bool broadcast)
{
    struct fe_flush f = {.what = what, .context = context, .addr = addr, .len = 4096,
                         .broadcast = broadcast};

    sm_flush(&b->toy[cpu]->v, &f);
}
