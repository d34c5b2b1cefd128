// SPDX-License-Identifier: MIT
/* linux-user/vdso.c -- the vDSO image that a 64-bit guest sees (vdso(7), elf(5), gABI chapters 4
 * and 5, LSB symbol versioning and .eh_frame), made in memory from the ABI's code, and the data
 * page below it.
 *
 * The functions have call frame information; the sigreturn code has none on purpose, as in the
 * kernel: unwinders know it by its instructions and read all registers from the signal frame. */
#include "linux-user/handlers.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* What the guest's code reads; the fields are written in the order offset, taken. */
struct lx_vdso_data {
    uint64_t taken;  /* CLOCK_MONOTONIC when the offset was right, nanoseconds */
    uint64_t offset; /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
};

#define MAX_SYMBOLS 8
#define TEXT_END LX_PAGE

enum { S_NULL, S_HASH, S_DYNSYM, S_DYNSTR, S_VERSYM, S_VERDEF, S_DYNAMIC, S_TEXT, S_EH_HDR,
       S_EH_FRAME, S_SHSTRTAB, S_COUNT };

struct image {
    const struct lx_vdso_code *c;
    uint8_t *to;
    uint32_t at;
    Elf64_Shdr sh[S_COUNT];
};

/* The next place with this alignment. */
static void *place(struct image *m, unsigned section, uint32_t type, size_t len, unsigned align)
{
    Elf64_Shdr *s = &m->sh[section];
    void *p;

    m->at = (uint32_t)align_up(m->at, align);
    if (m->at + len > TEXT_END)
        MOA_BUG("the vDSO is too long");
    p = m->to + m->at;
    s->sh_type = type;
    s->sh_flags = SHF_ALLOC;
    s->sh_addr = s->sh_offset = m->at;
    s->sh_size = len;
    s->sh_addralign = align;
    m->at += (uint32_t)len;
    return p;
}

static uint32_t elf_hash(const char *name)
{
    uint32_t h = 0, g;

    for (; *name; name++) {
        h = (h << 4) + (uint8_t)*name;
        g = h & 0xf0000000;
        h ^= g >> 24;
        h &= ~g;
    }
    return h;
}

/* Appends a string to the table of at most room bytes; its offset. */
static uint32_t add_string(char *table, uint32_t *len, const char *text)
{
    uint32_t at = *len;

    strcpy(table + at, text);
    *len += (uint32_t)strlen(text) + 1;
    return at;
}

/* .hash, .dynsym, .dynstr and versions: symbol 0, the functions, the version's own symbol. */
static void put_symbols(struct image *m, uint32_t *soname)
{
    const struct lx_vdso_code *c = m->c;
    char strings[512] = {0};
    uint32_t len = 1, n = 1, *hash;
    Elf64_Sym sym[MAX_SYMBOLS] = {{0}};
    Elf64_Half ver[MAX_SYMBOLS] = {0};
    struct {
        Elf64_Verdef def;
        Elf64_Verdaux aux;
    } defs[2];

    for (const struct lx_vdso_symbol *s = c->symbols; s->name; s++, n++) {
        sym[n] = (Elf64_Sym){.st_name = add_string(strings, &len, s->name),
                             .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = S_TEXT,
                             .st_value = LX_VDSO_CODE + s->at, .st_size = s->size};
        ver[n] = 2;
    }
    sym[n] = (Elf64_Sym){.st_name = add_string(strings, &len, c->version),
                         .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), .st_shndx = SHN_ABS};
    ver[n++] = 2;
    *soname = add_string(strings, &len, c->soname);

    hash = place(m, S_HASH, SHT_HASH, (2 + 1 + n) * sizeof(*hash), 8);
    hash[0] = 1; /* one bucket: a chain of all */
    hash[1] = n;
    hash[2] = 1;
    for (uint32_t i = 1; i < n; i++)
        hash[3 + i] = i + 1 < n ? i + 1 : 0;
    m->sh[S_HASH].sh_link = S_DYNSYM;
    m->sh[S_HASH].sh_entsize = 4;

    memcpy(place(m, S_DYNSYM, SHT_DYNSYM, n * sizeof(sym[0]), 8), sym, n * sizeof(sym[0]));
    m->sh[S_DYNSYM].sh_link = S_DYNSTR;
    m->sh[S_DYNSYM].sh_info = 1;
    m->sh[S_DYNSYM].sh_entsize = sizeof(sym[0]);
    memcpy(place(m, S_DYNSTR, SHT_STRTAB, len, 1), strings, len);

    memcpy(place(m, S_VERSYM, SHT_GNU_versym, n * sizeof(ver[0]), 2), ver, n * sizeof(ver[0]));
    m->sh[S_VERSYM].sh_link = S_DYNSYM;
    m->sh[S_VERSYM].sh_entsize = sizeof(ver[0]);
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i ? c->version : c->soname;

        defs[i].def = (Elf64_Verdef){.vd_version = VER_DEF_CURRENT,
                                     .vd_flags = i ? 0 : VER_FLG_BASE,
                                     .vd_ndx = (Elf64_Half)(i + 1), .vd_cnt = 1,
                                     .vd_hash = elf_hash(name), .vd_aux = sizeof(Elf64_Verdef),
                                     .vd_next = i ? 0 : sizeof(defs[0])};
        defs[i].aux = (Elf64_Verdaux){.vda_name = i ? sym[n - 1].st_name : *soname};
    }
    memcpy(place(m, S_VERDEF, SHT_GNU_verdef, sizeof(defs), 8), defs, sizeof(defs));
    m->sh[S_VERDEF].sh_link = S_DYNSTR;
    m->sh[S_VERDEF].sh_info = 2;
}

static void put_dynamic(struct image *m, uint32_t soname)
{
    const Elf64_Dyn dyn[] = {
        {DT_SONAME, {soname}},
        {DT_HASH, {m->sh[S_HASH].sh_addr}},
        {DT_STRTAB, {m->sh[S_DYNSTR].sh_addr}},
        {DT_SYMTAB, {m->sh[S_DYNSYM].sh_addr}},
        {DT_STRSZ, {m->sh[S_DYNSTR].sh_size}},
        {DT_SYMENT, {sizeof(Elf64_Sym)}},
        {DT_VERSYM, {m->sh[S_VERSYM].sh_addr}},
        {DT_VERDEF, {m->sh[S_VERDEF].sh_addr}},
        {DT_VERDEFNUM, {2}},
        {DT_NULL, {0}},
    };

    memcpy(place(m, S_DYNAMIC, SHT_DYNAMIC, sizeof(dyn), 8), dyn, sizeof(dyn));
    m->sh[S_DYNAMIC].sh_link = S_DYNSTR;
    m->sh[S_DYNAMIC].sh_entsize = sizeof(dyn[0]);
}

/* One description for all functions: leaves that never move the stack pointer. */
static void put_frames(struct image *m)
{
    enum { PCREL_S4 = 0x1b, UDATA4 = 0x03, DATAREL_S4 = 0x3b, DEF_CFA = 0x0c };
    struct {
        uint32_t cie_len, cie_id;
        uint8_t version, aug[3], code_align, data_align, ra, aug_len, fde_enc;
        uint8_t def_cfa[3];
        uint32_t fde_len, fde_cie;
        int32_t start;
        uint32_t range;
        uint8_t fde_aug_len, nops[3];
        uint32_t end;
    } f = {
        .cie_len = 16, .version = 1, .aug = "zR", .code_align = 4, .data_align = 0x78 /* -8 */,
        .ra = m->c->ra_column, .aug_len = 1, .fde_enc = PCREL_S4,
        .def_cfa = {DEF_CFA, m->c->sp_column, 0}, .fde_len = 16, .fde_cie = 24,
        .range = m->c->plain_end,
    };
    struct {
        uint8_t version, frame_enc, count_enc, table_enc;
        int32_t frame;
        uint32_t count;
        int32_t pc, fde;
    } h = {1, PCREL_S4, UDATA4, DATAREL_S4, 0, 1, 0, 0};
    uint8_t *hdr = place(m, S_EH_HDR, SHT_PROGBITS, sizeof(h), 4);
    uint8_t *frame = place(m, S_EH_FRAME, SHT_PROGBITS, sizeof(f), 8);
    int32_t hdr_at = (int32_t)m->sh[S_EH_HDR].sh_addr, at = (int32_t)m->sh[S_EH_FRAME].sh_addr;

    _Static_assert(offsetof(__typeof__(f), fde_len) == 20, "the CIE has 20 bytes");
    f.start = (int32_t)LX_VDSO_CODE - (at + (int32_t)offsetof(__typeof__(f), start));
    h.frame = at - (hdr_at + 4);
    h.pc = (int32_t)LX_VDSO_CODE - hdr_at;
    h.fde = at + (int32_t)offsetof(__typeof__(f), fde_len) - hdr_at;
    memcpy(hdr, &h, sizeof(h));
    memcpy(frame, &f, sizeof(f));
}

static void put_headers(struct image *m, const struct frontend *fe)
{
    static const char *const names[S_COUNT] = {
        "", ".hash", ".dynsym", ".dynstr", ".gnu.version", ".gnu.version_d", ".dynamic", ".text",
        ".eh_frame_hdr", ".eh_frame", ".shstrtab"};
    const Elf64_Shdr *d = &m->sh[S_DYNAMIC], *e = &m->sh[S_EH_HDR];
    char strings[256] = {0};
    uint32_t len = 0;

    for (unsigned i = 0; i < S_COUNT; i++)
        m->sh[i].sh_name = add_string(strings, &len, names[i]);
    memcpy(place(m, S_SHSTRTAB, SHT_STRTAB, len, 1), strings, len);
    m->sh[S_DYNAMIC].sh_flags |= SHF_WRITE;
    m->sh[S_TEXT].sh_flags |= SHF_EXECINSTR;
    m->at = (uint32_t)align_up(m->at, 8);

    Elf64_Ehdr eh = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, fe->elf_class, fe->elf_data, EV_CURRENT},
        .e_type = ET_DYN, .e_machine = fe->elf_machine, .e_version = EV_CURRENT,
        .e_entry = LX_VDSO_CODE, .e_phoff = sizeof(eh), .e_shoff = m->at, .e_ehsize = sizeof(eh),
        .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3, .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = S_COUNT, .e_shstrndx = S_SHSTRTAB,
    };
    if (m->at + sizeof(m->sh) > LX_PAGE)
        MOA_BUG("the vDSO is too long");
    memcpy(m->to + m->at, m->sh, sizeof(m->sh));
    m->at += (uint32_t)sizeof(m->sh);
    Elf64_Phdr ph[3] = {
        {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = m->at, .p_memsz = m->at,
         .p_align = LX_PAGE},
        {.p_type = PT_DYNAMIC, .p_flags = PF_R, .p_offset = d->sh_offset, .p_vaddr = d->sh_addr,
         .p_filesz = d->sh_size, .p_memsz = d->sh_size, .p_align = 8},
        {.p_type = PT_GNU_EH_FRAME, .p_flags = PF_R, .p_offset = e->sh_offset,
         .p_vaddr = e->sh_addr, .p_filesz = e->sh_size, .p_memsz = e->sh_size, .p_align = 4},
    };
    memcpy(m->to, &eh, sizeof(eh));
    memcpy(m->to + sizeof(eh), ph, sizeof(ph));
}

void lx_vdso_image(const struct lx_vdso_code *c, const struct frontend *fe, uint8_t *page)
{
    struct image m = {.c = c, .to = page, .at = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr)};
    uint32_t soname;

    memset(page, 0, LX_PAGE);
    put_symbols(&m, &soname);
    put_dynamic(&m, soname);
    put_frames(&m);
    if (m.at > LX_VDSO_CODE)
        MOA_BUG("the vDSO's tables are too long");
    m.at = LX_VDSO_CODE;
    memcpy(place(&m, S_TEXT, SHT_PROGBITS, c->len, 16), c->code, c->len);
    put_headers(&m, fe);
}

/* ---- time ---- */

static int64_t now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* The difference of the clocks is constant until somebody sets the time. Each reading bounds it;
 * the bounds of all readings together soon leave a few nanoseconds. */
static void renew(struct lx_process *p)
{
    struct lx_vdso_time *v = &p->vdso_time;
    struct lx_vdso_data *data = lx_g2h(p->mm, p->vdso - LX_PAGE);
    struct lx_vma vma;
    int64_t before, real, after;

    if (!lx_mm_find(p->mm, p->vdso - LX_PAGE, &vma) || vma.kind != LX_VMA_VVAR)
        return; /* the guest has removed it */
    before = now(CLOCK_MONOTONIC);
    real = now(CLOCK_REALTIME);
    after = now(CLOCK_MONOTONIC);
    if (real - after > v->lo)
        v->lo = real - after;
    if (real - before < v->hi)
        v->hi = real - before;
    if (v->lo > v->hi) { /* the time was set */
        v->lo = real - after;
        v->hi = real - before;
    }
    __atomic_store_n(&data->offset, (uint64_t)(v->lo + (v->hi - v->lo) / 2), __ATOMIC_RELEASE);
    __atomic_store_n(&data->taken, (uint64_t)after, __ATOMIC_RELEASE);
}

/* A call that is made because the page is too old, mostly. */
int64_t sys_get_time(struct lx_task *t, uint64_t *a)
{
    if (t->p->vdso && !pthread_mutex_trylock(&t->p->lock)) {
        renew(t->p);
        pthread_mutex_unlock(&t->p->lock);
    }
    return sys_pass(t, a);
}

int64_t sys_clock_gettime(struct lx_task *t, uint64_t *a)
{
    return (int)a[0] == CLOCK_REALTIME ? sys_get_time(t, a) : sys_pass(t, a);
}

/* The guest itself sets the time: what the page says is wrong at once. */
int64_t sys_set_time(struct lx_task *t, uint64_t *a)
{
    int64_t r = sys_pass(t, a);

    if (r >= 0 && t->p->vdso) {
        pthread_mutex_lock(&t->p->lock);
        t->p->vdso_time = (struct lx_vdso_time){INT64_MIN, INT64_MAX};
        renew(t->p);
        pthread_mutex_unlock(&t->p->lock);
    }
    return r;
}

/* ---- start ---- */

int lx_vdso_map(struct lx_process *p)
{
    const struct lx_vdso_code *c = p->abi->vdso;
    int64_t at = lx_mmap_kind(p->mm, 0, 2 * LX_PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, LX_VMA_VDSO), r;

    if (at < 0)
        return (int)at;
    /* the data page: read-only for the guest's eyes, while moa writes it */
    r = lx_mmap_kind(p->mm, (uint64_t)at, LX_PAGE, PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0, LX_VMA_VVAR);
    if (r < 0)
        return (int)r;
    if (mprotect(lx_g2h(p->mm, (uint64_t)at), LX_PAGE, PROT_READ | PROT_WRITE) < 0)
        return -errno;
    p->vdso = (uint64_t)at + LX_PAGE;
    p->trampoline = p->vdso + LX_VDSO_CODE + c->sigreturn;
    lx_vdso_image(c, p->fe, lx_g2h(p->mm, p->vdso));
    p->vdso_time = (struct lx_vdso_time){INT64_MIN, INT64_MAX};
    renew(p);
    return (int)lx_mprotect(p->mm, p->vdso, LX_PAGE, PROT_READ | PROT_EXEC);
}
