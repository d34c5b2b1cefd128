// SPDX-License-Identifier: MIT
/* tests/machines/firmware_test.c -- what the `virt` board hands to firmware by fw_cfg: this plays the firmware's
 * part (allocates, fills in pointers and checksums as the script says), and looks at the tables. iasl and
 * dmidecode (packages acpica-tools, dmidecode) read them too where they are installed. */
#include "devices/block/pflash.h"
#include "machines/acpi.h"
#include "machines/smbios.h"
#include "machines/virt_arm64.h"
#include "tcg/backend.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/moa-fw-XXXXXX";
static struct machine *m;
static char err[400];

static void make(struct machine_options *o)
{
    static char bios[64];
    FILE *f;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(bios, sizeof(bios), "%s/bios", dir);
    f = fopen(bios, "w");
    ck_assert_ptr_nonnull(f);
    fputs("none", f);
    fclose(f);
    o->bios = bios;
    o->engine.backend = tcg_backends[0];
    m = machine_new("aarch64", o, err, sizeof(err));
}

static void end(void)
{
    char command[64];

    machine_free(m);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

/* ---- fw_cfg as a guest sees it ---- */

static uint64_t get(unsigned bytes)
{
    struct device *d = ((struct virt *)m)->fw_cfg;
    uint64_t v = 0, b;

    while (bytes--) {
        ck_assert_int_eq(dev_reg_access(d, "DATA", 0, false, &b), 0);
        v = v << 8 | b;
    }
    return v;
}

static void choose(uint64_t key)
{
    ck_assert_int_eq(dev_reg_access(((struct virt *)m)->fw_cfg, "SELECTOR", 0, true, &key), 0);
}

struct file {
    char name[56];
    uint8_t *bytes;
    uint32_t len;
    uint64_t addr;
};

/* False: there is no such file. */
static bool read_file(const char *name, struct file *f)
{
    uint32_t n, key = 0;

    choose(0x19);
    n = (uint32_t)get(4);
    while (n--) {
        f->len = (uint32_t)get(4);
        key = (uint32_t)get(2);
        get(2);
        for (unsigned i = 0; i < 56; i++)
            f->name[i] = (char)get(1);
        if (strcmp(f->name, name) == 0)
            break;
        key = 0;
    }
    if (!key)
        return false;
    f->bytes = malloc(f->len);
    choose(key);
    for (uint32_t i = 0; i < f->len; i++)
        f->bytes[i] = (uint8_t)get(1);
    return true;
}

static uint64_t le(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | p[n];
    return v;
}

static uint8_t sum(const uint8_t *p, uint64_t n)
{
    uint8_t s = 0;

    while (n--)
        s = (uint8_t)(s + *p++);
    return s;
}

/* ---- the loader's script ---- */

static struct file files[2];

static struct file *by_name(const uint8_t *name)
{
    for (unsigned i = 0; i < 2; i++)
        if (strcmp(files[i].name, (const char *)name) == 0)
            return &files[i];
    ck_abort_msg("no file %s", (const char *)name);
}

static void load_acpi(void)
{
    struct file script;

    ck_assert(read_file(ACPI_FILE_LOADER, &script));
    ck_assert(read_file(ACPI_FILE_TABLES, &files[0]));
    ck_assert(read_file(ACPI_FILE_RSDP, &files[1]));
    ck_assert_uint_eq(script.len % 128, 0);
    for (const uint8_t *p = script.bytes; p < script.bytes + script.len; p += 128) {
        struct file *f = by_name(p + 4);
        uint32_t at, size, start, len;
        uint64_t v;

        switch (le(p, 4)) {
        case 1:
            f->addr = f == &files[0] ? 0x50000000 : 0x40000000;
            ck_assert_uint_eq(f->addr % le(p + 60, 4), 0);
            break;
        case 2:
            at = (uint32_t)le(p + 116, 4);
            size = p[120];
            ck_assert_uint_le(at + size, f->len);
            v = le(f->bytes + at, size);
            ck_assert_uint_lt(v, by_name(p + 60)->len);
            ck_assert_uint_ne(by_name(p + 60)->addr, 0);
            v += by_name(p + 60)->addr;
            for (unsigned i = 0; i < size; i++)
                f->bytes[at + i] = (uint8_t)(v >> 8 * i);
            break;
        case 3:
            at = (uint32_t)le(p + 60, 4);
            start = (uint32_t)le(p + 64, 4);
            len = (uint32_t)le(p + 68, 4);
            ck_assert(start <= at && at < start + len && start + len <= f->len);
            f->bytes[at] = 0;
            f->bytes[at] = (uint8_t)-sum(f->bytes + start, len);
            break;
        default:
            ck_abort_msg("command %llu", (unsigned long long)le(p, 4));
        }
    }
    free(script.bytes);
}

static const uint8_t *at(uint64_t addr)
{
    ck_assert(addr >= files[0].addr && addr + 36 <= files[0].addr + files[0].len);
    return files[0].bytes + (addr - files[0].addr);
}

/* The table of that name: its bytes and whether it is one. NULL: there is none. */
static const uint8_t *table(const char *name)
{
    const uint8_t *rsdp = files[1].bytes, *xsdt = at(le(rsdp + 24, 8));
    uint32_t n = (uint32_t)(le(xsdt + 4, 4) - 36) / 8;

    ck_assert_int_eq(memcmp(rsdp, "RSD PTR ", 8), 0);
    ck_assert_uint_eq(sum(rsdp, 20), 0);
    ck_assert_uint_eq(sum(rsdp, 36), 0);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *t = at(le(xsdt + 36 + 8 * i, 8));

        ck_assert_uint_eq(sum(t, le(t + 4, 4)), 0);
        if (memcmp(t, name, 4) == 0)
            return t;
    }
    return NULL;
}

/* Taken apart and put together again by ACPICA without an error. */
static void try_iasl(const char *name, const uint8_t *t)
{
    char path[80], command[300];
    FILE *f;

    if (system("iasl -v >/dev/null 2>&1") != 0)
        return;
    snprintf(path, sizeof(path), "%s/%s.dat", dir, name);
    f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(t, 1, le(t + 4, 4), f), le(t + 4, 4));
    fclose(f);
    snprintf(command, sizeof(command),
             "cd %s && iasl -d %s.dat >%s.log 2>&1 && ! grep -qi -e error -e invalid -e '\\*\\*\\*\\*' %s.log && "
             "! grep -q -e '\\*\\*\\*\\*' %s.dsl && iasl -p new %s.dsl >>%s.log 2>&1 || { cat %s.log; exit 1; }",
             dir, name, name, name, name, name, name, name);
    ck_assert_msg(system(command) == 0, "iasl does not like %s", name);
}

/* Records of MADT: how many of a type. */
static unsigned records(const uint8_t *madt, unsigned type)
{
    unsigned n = 0;

    for (uint32_t i = 44; i < le(madt + 4, 4); i += madt[i + 1]) {
        ck_assert_uint_ge(madt[i + 1], 4);
        n += madt[i] == type;
    }
    return n;
}

static const struct {
    const char *machine;
    unsigned cpus, gic, its, v2m;
    bool high;
} boards_[] = {
    {"virt", 1, 2, 0, 1, true},
    {"virt,gic-version=3", 8, 3, 1, 0, true},
    {"virt,gic-version=3,its=off,highmem=off", 2, 3, 0, 0, false},
};

START_TEST(tables)
{
    static const char *const all[] = {"FACP", "APIC", "GTDT", "MCFG", "SPCR", "DBG2", "PPTT"};
    struct machine_options o = {.machine = boards_[_i].machine, .smp = boards_[_i].cpus};
    const uint8_t *t;

    make(&o);
    ck_assert_msg(m != NULL, "%s", err);
    load_acpi();
    for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
        t = table(all[i]);
        ck_assert_msg(t != NULL, "%s", all[i]);
        try_iasl(all[i], t);
    }
    t = table("APIC");
    ck_assert_uint_eq(records(t, 0x0b), boards_[_i].cpus);
    ck_assert_uint_eq(records(t, 0x0c), 1);
    ck_assert_uint_eq(records(t, 0x0d), boards_[_i].v2m);
    ck_assert_uint_eq(records(t, 0x0e), boards_[_i].gic == 3);
    ck_assert_uint_eq(records(t, 0x0f), boards_[_i].its);
    ck_assert_uint_eq(t[44 + 20], boards_[_i].gic);
    ck_assert_uint_eq(table("IORT") != NULL, boards_[_i].its);
    if (table("IORT"))
        try_iasl("IORT", table("IORT"));
    t = table("MCFG");
    ck_assert_uint_eq(le(t + 44, 8), boards_[_i].high ? 0x4010000000 : 0x3f000000);
    ck_assert_uint_eq(t[55], boards_[_i].high ? 255 : 15);
    t = table("SPCR");
    ck_assert_uint_eq(le(t + 44, 8), 0x09000000);
    ck_assert_uint_eq(le(t + 54, 4), 33);
    t = table("FACP");
    ck_assert_uint_eq(le(t + 112, 4), 1 << 20);
    ck_assert_uint_eq(le(t + 129, 2), 3);
    t = at(le(t + 140, 8));
    ck_assert_int_eq(memcmp(t, "DSDT", 4), 0);
    ck_assert_uint_eq(sum(t, le(t + 4, 4)), 0);
    try_iasl("DSDT", t);
    free(files[0].bytes);
    free(files[1].bytes);
    end();
}
END_TEST

START_TEST(without_tables)
{
    struct machine_options o = {.machine = "virt,acpi=off"};
    struct file f;

    make(&o);
    ck_assert_msg(m != NULL, "%s", err);
    ck_assert(!read_file(ACPI_FILE_LOADER, &f));
    ck_assert(read_file(SMBIOS_FILE_ANCHOR, &f));
    free(f.bytes);
    end();
}
END_TEST

/* ---- SMBIOS ---- */

/* The structure of a type, and its nth text. */
static const uint8_t *structure(const struct file *f, unsigned type)
{
    for (const uint8_t *p = f->bytes; p + 4 <= f->bytes + f->len;) {
        if (p[0] == type)
            return p;
        for (p += p[1]; p[0] || p[1]; p++)
            ck_assert(p + 2 < f->bytes + f->len);
        p += 2;
    }
    return NULL;
}

static const char *text_of(const uint8_t *s, unsigned field)
{
    const char *t = (const char *)s + s[1];

    for (unsigned n = s[field]; n > 1; n--)
        t += strlen(t) + 1;
    return s[field] ? t : "";
}

START_TEST(smbios)
{
    static const uint8_t uuid[] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                   0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    struct machine_options o = {.machine = "virt", .smp = 3, .ram = 1ull << 30, .nsmbios = 7};
    struct file anchor, tables_;
    const uint8_t *s;
    char path[40], command[400];
    FILE *f;

    o.smbios[0] = "type=0,vendor=Firma,version=7,date=01/02/2003,release=4.5,uefi=on";
    o.smbios[1] = "type=1,manufacturer=Ich,,Du & Co,product=P,serial=S1,sku=K,family=F";
    o.smbios[2] = "type=2,product=Board,asset=A2";
    o.smbios[3] = "type=3,serial=C3";
    o.smbios[4] = "type=4,sock_pfx=Socket,max-speed=3000,part=P4";
    o.smbios[5] = "type=11,value=one,value=two";
    o.smbios[6] = "type=17,loc_pfx=Slot,speed=1600";
    o.uuid = "00112233-4455-6677-8899-AABBCCDDEEFF";
    make(&o);
    ck_assert_msg(m != NULL, "%s", err);
    ck_assert(read_file(SMBIOS_FILE_ANCHOR, &anchor));
    ck_assert(read_file(SMBIOS_FILE_TABLES, &tables_));
    ck_assert_uint_eq(anchor.len, 24);
    ck_assert_int_eq(memcmp(anchor.bytes, "_SM3_", 5), 0);
    ck_assert_uint_eq(sum(anchor.bytes, 24), 0);
    ck_assert_uint_eq(le(anchor.bytes + 12, 4), tables_.len);
    s = structure(&tables_, 0);
    ck_assert_str_eq(text_of(s, 4), "Firma");
    ck_assert_uint_eq(s[20], 4);
    ck_assert_uint_eq(s[21], 5);
    s = structure(&tables_, 1);
    ck_assert_str_eq(text_of(s, 4), "Ich,Du & Co");
    ck_assert_str_eq(text_of(s, 7), "S1");
    ck_assert_int_eq(memcmp(s + 8, uuid, 16), 0);
    ck_assert_str_eq(text_of(s, 26), "F");
    ck_assert_str_eq(text_of(structure(&tables_, 2), 5), "Board");
    ck_assert_str_eq(text_of(structure(&tables_, 3), 7), "C3");
    s = structure(&tables_, 4);
    ck_assert_str_eq(text_of(s, 4), "Socket 0");
    ck_assert_uint_eq(le(s + 20, 2), 3000);
    ck_assert_uint_eq(s[35], 3);
    s = structure(&tables_, 11);
    ck_assert_uint_eq(s[4], 2);
    s = structure(&tables_, 17);
    ck_assert_uint_eq(le(s + 12, 2), 1024);
    ck_assert_str_eq(text_of(s, 16), "Slot 0");
    s = structure(&tables_, 19);
    ck_assert_uint_eq(le(s + 4, 4), 0x40000000 >> 10);
    ck_assert_uint_eq(le(s + 8, 4), 0x7fffffff >> 10);
    ck_assert_ptr_nonnull(structure(&tables_, 127));

    /* A dump as dmidecode makes them: the entry point, and the tables at 32. */
    snprintf(path, sizeof(path), "%s/dmi", dir);
    f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    anchor.bytes[5] = (uint8_t)(anchor.bytes[5] - 32);
    anchor.bytes[16] = 32;
    fwrite(anchor.bytes, 1, 24, f);
    fwrite("\0\0\0\0\0\0\0\0", 1, 8, f);
    fwrite(tables_.bytes, 1, tables_.len, f);
    fclose(f);
    snprintf(command, sizeof(command),
             "dmidecode --from-dump %s >%s.txt 2>&1 && grep -q 'Serial Number: S1' %s.txt && "
             "! grep -q -i -e broken -e BAD -e corrupt -e OUT.OF.SPEC %s.txt || { cat %s.txt; exit 1; }",
             path, path, path, path, path);
    if (system("dmidecode --version >/dev/null 2>&1") == 0)
        ck_assert_int_eq(system(command), 0);
    free(anchor.bytes);
    free(tables_.bytes);
    end();
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"file=x", "-smbios file: wants type=N first (tables from files are not supported)"},
    {"type=9", "-smbios 9: wants type=0, 1, 2, 3, 4, 11 or 17"},
    {"type=1,colour=red", "-smbios colour: this type has no such field"},
    {"type=1,serial", "-smbios serial: wants NAME=VALUE"},
    {"type=1,uuid=1234", "-smbios uuid: not understood, or too long"},
    {"type=0,release=1", "-smbios release: not understood, or too long"},
    {"type=4,max-speed=70000", "-smbios max-speed: not understood, or too long"},
};

START_TEST(smbios_that_makes_no_sense)
{
    struct machine_options o = {.machine = "virt", .nsmbios = 1};

    o.smbios[0] = wrong[_i].text;
    make(&o);
    ck_assert_ptr_null(m);
    ck_assert_str_eq(err, wrong[_i].says);
    end();
}
END_TEST

/* The same devices on QEMU's board have these paths. */
START_TEST(boot_order)
{
    static const char want[] = "/virtio-mmio@000000000a003c00/disk@0,0\n"
                               "/pci@ffffffffffffffff/pci1b36,0010@2/namespace@1,0\n"
                               "/pci@ffffffffffffffff/ethernet@3/ethernet-phy@0\n"
                               "/pci@ffffffffffffffff/scsi@1/disk@0,0\n"
                               "/pci@ffffffffffffffff/ethernet@9/ethernet-phy@0\n"
                               "/virtio-mmio@000000000a003e00/ethernet-phy@0";
    struct machine_options o = {.machine = "virt", .ndevice = 6, .ndrive = 3};
    struct file f;
    char disk[] = "/tmp/moa-fw-disk-XXXXXX", drives[3][80];
    int fd = mkstemp(disk);

    ck_assert_int_eq(ftruncate(fd, 1 << 20), 0);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(drives[i], sizeof(drives[i]), "file=%s,format=raw,if=none,readonly=on,id=%c", disk, 'a' + i);
        o.drive[i] = drives[i];
    }
    o.device[0] = "virtio-blk-pci,drive=a,bootindex=3";
    o.device[1] = "nvme,drive=b,serial=1,bootindex=1";
    o.device[2] = "e1000e,bootindex=2";
    o.device[3] = "virtio-net-device,bootindex=5";
    o.device[4] = "virtio-net-pci,bootindex=4,addr=9.0";
    o.device[5] = "virtio-blk-device,drive=c,bootindex=0";
    make(&o);
    unlink(disk);
    ck_assert_msg(m != NULL, "%s", err);
    ck_assert(read_file("bootorder", &f));
    ck_assert_uint_eq(f.len, sizeof(want));
    ck_assert_str_eq((char *)f.bytes, want);
    free(f.bytes);
    end();
}
END_TEST

/* An image behind a bank: its content is the flash's, what is programmed comes back to it. */
START_TEST(flash_image)
{
    struct machine_options o = {.machine = "virt", .ndrive = 1};
    char path[] = "/tmp/moa-fw-flash-XXXXXX", drive[100];
    struct virt *v;
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU};
    uint8_t bytes[8], word[4];
    int fd = mkstemp(path);

    ck_assert_int_eq(ftruncate(fd, 64 << 20), 0);
    ck_assert_int_eq((int)pwrite(fd, "hello", 5, 0x3000000), 5);
    ck_assert_int_eq((int)pwrite(fd, "\xff\xff\xff\xff", 4, 0x1000000), 4);
    snprintf(drive, sizeof(drive), "if=pflash,unit=1,format=raw,file=%s", path);
    o.drive[0] = drive;
    make(&o);
    ck_assert_msg(m != NULL, "%s", err);
    v = (struct virt *)m;
    ck_assert_int_eq(memcmp(pflash_content(v->flash[1]) + 0x3000000, "hello", 5), 0);
    sm_lock(m->sm);
    for (unsigned i = 0; i < 2; i++) { /* program a word: command, data; then read the array again */
        memcpy(word, i ? "\x78\x56\x34\x12" : "\x40\0\x40\0", 4);
        mem_write(m->memory, 0x04000000 + 0x1000000, word, 4, who);
    }
    mem_write(m->memory, 0x04000000, "\xff\0\xff\0", 4, who);
    /* erase the block of the text */
    mem_write(m->memory, 0x04000000 + 0x3000000, "\x20\0\x20\0", 4, who);
    mem_write(m->memory, 0x04000000 + 0x3000000, "\xd0\0\xd0\0", 4, who);
    sm_unlock(m->sm);
    end();
    ck_assert_int_eq((int)pread(fd, bytes, 8, 0x1000000), 8);
    ck_assert_int_eq(memcmp(bytes, "\x78\x56\x34\x12\0\0\0\0", 8), 0);
    ck_assert_int_eq((int)pread(fd, bytes, 8, 0x3000000), 8);
    ck_assert_int_eq(memcmp(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff", 8), 0);
    close(fd);
    unlink(path);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, tables, 0, ARRAY_LEN(boards_));
    tcase_add_test(tc, without_tables);
    tcase_add_test(tc, smbios);
    tcase_add_test(tc, boot_order);
    tcase_add_test(tc, flash_image);
    tcase_add_loop_test(tc, smbios_that_makes_no_sense, 0, ARRAY_LEN(wrong));
}

UNIT_MAIN("firmware tables", fill)
