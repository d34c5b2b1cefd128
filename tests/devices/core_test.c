// SPDX-License-Identifier: MIT
/* tests/devices/core_test.c -- devices/core on a device made for it: how accesses become registers,
 * properties from text, help, the tree, versions and ranges of saved state. */
#include "devices/core/device.h"
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct toy {
    struct device dev;
    uint32_t ctrl, status;
    uint16_t half[4];
    uint64_t wide;
    uint32_t a[3], b[3];
    uint8_t mode, kept;
    uint32_t late;
    /* wiring */
    bool flag;
    uint8_t u8;
    uint32_t kind;
    uint64_t bytes;
    char *text;
    uint8_t mac[6];
    unsigned updates, writes;
    uint64_t last;
};

static uint64_t clear_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    struct toy *t = dev;
    uint32_t was = t->status;

    (void)n, (void)a;
    t->status = 0;
    return was;
}

static void note_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct toy *t = dev;

    (void)a;
    t->writes++;
    t->last = v | (uint64_t)n << 56;
}

#define AT(f) offsetof(struct toy, f)
static const struct dev_reg regs[] = {
    {"CTRL", 0x00, 4, 0, 0, AT(ctrl), 0x11, 0xff00ff, NULL, NULL},
    {"STATUS", 0x04, 4, 0, 0, AT(status), 0, 0, clear_read, NULL},
    {"HALF", 0x10, 2, 4, 2, AT(half), 0xabcd, 0xffff, NULL, NULL},
    {"WIDE", 0x20, 8, 0, 0, AT(wide), 0x1122334455667788, ~0ull, NULL, NULL},
    {"A", 0x40, 4, 3, 8, AT(a), 1, 0xffffffff, NULL, NULL},
    {"B", 0x44, 4, 3, 8, AT(b), 2, 0xffffffff, NULL, NULL},
    {"NOTE", 0x80, 4, 4, 4, DEV_NO_STATE, 0, 0, NULL, note_write},
};
static const struct dev_block blocks[] = {
    {"wide", 0x100, regs, ARRAY_LEN(regs), 1, 8, .wide = true},
    {"strict", 0x100, regs, ARRAY_LEN(regs), 1, 4, .wide = false},
    {"big", 0x100, regs, ARRAY_LEN(regs), 1, 8, .wide = true, .big = true},
};
static const struct dev_state states[] = {
    {.name = "mode", .offset = AT(mode), .size = 1, .count = 1, .min = 3, .max = 9},
    {.name = "kept", .offset = AT(kept), .size = 1, .count = 1, .keep = true},
    {.name = "late", .offset = AT(late), .size = 4, .count = 1, .since = 2},
};
static const char *const kinds[] = {"none", "some", "all", NULL};
static const char *const link[] = {"chardev", NULL};
static const struct dev_prop props[] = {
    DEV_PROP(struct toy, flag, "flag", DEV_BOOL, .dflt = 1, .text = "a flag"),
    DEV_PROP(struct toy, u8, "u8", DEV_U8, .dflt = 5, .min = 2, .max = 200, .text = "a byte"),
    DEV_PROP(struct toy, kind, "kind", DEV_ENUM, .dflt = 1, .names = kinds, .text = "a kind"),
    DEV_PROP(struct toy, bytes, "bytes", DEV_SIZE, .dflt = 4096, .text = "a size"),
    DEV_PROP(struct toy, text, "text", DEV_LINK, .names = link, .text = "a backend"),
    DEV_PROP(struct toy, mac, "mac", DEV_MAC, .text = "an address"),
};

static void update(struct device *d)
{
    ((struct toy *)d)->updates++;
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    if (((struct toy *)d)->kept == 0xee) {
        snprintf(err, err_len, "not this one, version %u", version);
        return -EINVAL;
    }
    return 0;
}

static const struct dev_class toy = {
    .name = "toy",
    .text = "for tests",
    .bus = "system",
    .category = "misc",
    .size = sizeof(struct toy),
    .version = 2,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .update = update,
    .post_load = post_load,
};

static struct toy *t;
static char err[200];

static void on(void)
{
    t = (struct toy *)dev_new(&toy, "t", NULL);
    ck_assert_int_eq(dev_realize(&t->dev, NULL, NULL, err, sizeof(err)), 0);
    t->updates = 0;
}

static enum mem_result go(unsigned block, uint64_t at, unsigned size, bool write, uint64_t *v)
{
    struct mem_space *s = mem_space_new("s", t->dev.regions[block]);
    enum mem_result res = MEM_NOTHING;
    const struct mem_range *r;

    mem_read_lock();
    r = mem_find(s, at);
    if (r)
        res =
            mem_access(r, at, size, write, v, (struct mem_attrs){.requester = MEM_REQUESTER_VCPU});
    mem_read_unlock();
    mem_space_free(s);
    return res;
}

static uint64_t rd(unsigned block, uint64_t at, unsigned size)
{
    uint64_t v = 0;

    ck_assert_int_eq(go(block, at, size, false, &v), MEM_OK);
    return v;
}

static void wr(unsigned block, uint64_t at, unsigned size, uint64_t v)
{
    ck_assert_int_eq(go(block, at, size, true, &v), MEM_OK);
}

START_TEST(accesses)
{
    uint64_t v = 0;

    on();
    ck_assert_uint_eq(rd(0, 0, 4), 0x11);
    wr(0, 0, 4, 0xffffffff);
    ck_assert_uint_eq(rd(0, 0, 4), 0xff00ff);
    wr(0, 2, 1, 0x12); /* a byte of a word */
    ck_assert_uint_eq(rd(0, 0, 4), 0x1200ff);
    ck_assert_uint_eq(rd(0, 2, 1), 0x12);
    ck_assert_uint_eq(t->updates, 2);
    t->status = 0x77;
    ck_assert_uint_eq(rd(0, 4, 4), 0x77);
    ck_assert_uint_eq(rd(0, 4, 4), 0);
    ck_assert_uint_eq(t->updates, 4);
    ck_assert_uint_eq(rd(0, 0x10, 8), 0xabcdabcdabcdabcd); /* four registers at once */
    wr(0, 0x12, 4, 0x11223344);                            /* not aligned: two accesses */
    ck_assert_uint_eq(t->half[1], 0x3344);
    ck_assert_uint_eq(t->half[2], 0x1122);
    ck_assert_uint_eq(rd(0, 0x20, 8), 0x1122334455667788);
    ck_assert_uint_eq(rd(0, 0x24, 4), 0x11223344);
    wr(0, 0x24, 4, 0xdeadbeef);
    ck_assert_uint_eq(t->wide, 0xdeadbeef55667788);
    for (unsigned i = 0; i < 3; i++) { /* arrays that interleave */
        ck_assert_uint_eq(rd(0, 0x40 + 8 * i, 8), 0x200000001);
        wr(0, 0x44 + 8 * i, 4, i);
        ck_assert_uint_eq(t->b[i], i);
    }
    ck_assert_uint_eq(rd(0, 0x58, 4), 0); /* after their end */
    wr(0, 0x8c, 4, 0x42);
    ck_assert_uint_eq(t->last, 0x0300000000000042);
    wr(0, 0x81, 1, 0x42); /* nothing to keep: zeros around */
    ck_assert_uint_eq(t->last, 0x4200);
    ck_assert_int_eq(go(1, 0, 2, false, &v), MEM_REFUSED); /* strict */
    ck_assert_int_eq(go(1, 1, 1, true, &v), MEM_REFUSED);
    ck_assert_uint_eq(rd(1, 0x10, 4), 0xabcd | 0x3344u << 16);
    ck_assert_uint_eq(rd(1, 0xf0, 4), 0);
    dev_free(&t->dev);
}
END_TEST

START_TEST(big_endian)
{
    on();
    t->half[0] = 0x0102;
    t->half[1] = 0x0304;
    t->half[2] = 0x0506;
    t->half[3] = 0x0708;
    ck_assert_uint_eq(rd(2, 0x10, 8), 0x0807060504030201);
    ck_assert_uint_eq(rd(2, 0x10, 2), 0x0201);
    ck_assert_uint_eq(rd(2, 0x11, 1), 0x02);
    ck_assert_uint_eq(rd(2, 0x20, 8), 0x8877665544332211);
    wr(2, 0x20, 4, 0x04030201); /* the first bytes are the high ones */
    ck_assert_uint_eq(t->wide, 0x0102030455667788);
    wr(2, 0x10, 8, 0x1122334455667788);
    ck_assert_uint_eq(t->half[0], 0x8877);
    ck_assert_uint_eq(t->half[3], 0x2211);
    dev_free(&t->dev);
}
END_TEST

START_TEST(by_name)
{
    uint64_t v = 0x99;

    on();
    ck_assert_int_eq(dev_reg_access(&t->dev, "HALF", 3, true, &v), 0);
    ck_assert_uint_eq(t->half[3], 0x99);
    ck_assert_int_eq(dev_reg_access(&t->dev, "CTRL", 0, false, &v), 0);
    ck_assert_uint_eq(v, 0x11);
    ck_assert_int_eq(dev_reg_access(&t->dev, "HALF", 4, false, &v), -ENOENT);
    ck_assert_int_eq(dev_reg_access(&t->dev, "NONE", 0, false, &v), -ENOENT);
    dev_free(&t->dev);
}
END_TEST

static const struct {
    const char *prop, *value;
    int e;
    const char *says;
} sets[] = {
    {"flag", "off", 0, NULL},
    {"flag", "maybe", -EINVAL, "toy: flag=maybe: not understood"},
    {"u8", "200", 0, NULL},
    {"u8", "201", -ERANGE, "toy: u8=201: out of range"},
    {"u8", "1", -ERANGE, NULL},
    {"u8", "-1", -EINVAL, NULL},
    {"u8", "0x10", 0, NULL},
    {"u8", "12x", -EINVAL, NULL},
    {"u8", "99999999999999999999999", -ERANGE, NULL},
    {"kind", "all", 0, NULL},
    {"kind", "most", -EINVAL, "toy: kind=most: not understood (known: none, some, all)"},
    {"bytes", "3M", 0, NULL},
    {"bytes", "18446744073709551615K", -ERANGE, NULL},
    {"bytes", "3Q", -EINVAL, NULL},
    {"text", "serial0", 0, NULL},
    {"mac", "52:54:00:AB:cd:ef", 0, NULL},
    {"mac", "52:54:00:ab:cd", -EINVAL, NULL},
    {"mac", "52:54:00:ab:cd:xx", -EINVAL, NULL},
    {"nothing", "1", -ENOENT, "toy has no property \"nothing\""},
};

START_TEST(properties_from_text)
{
    on();
    ck_assert_msg(dev_set(&t->dev, sets[_i].prop, sets[_i].value, err, sizeof(err)) == sets[_i].e,
                  "%s=%s", sets[_i].prop, sets[_i].value);
    if (sets[_i].says)
        ck_assert_str_eq(err, sets[_i].says);
    if (strcmp(sets[_i].value, "3M") == 0)
        ck_assert_uint_eq(t->bytes, 3 << 20);
    if (strcmp(sets[_i].value, "0x10") == 0)
        ck_assert_uint_eq(t->u8, 16);
    if (strcmp(sets[_i].prop, "mac") == 0 && sets[_i].e == 0)
        ck_assert_int_eq(memcmp(t->mac, "\x52\x54\x00\xab\xcd\xef", 6), 0);
    dev_free(&t->dev);
}
END_TEST

static char text[4096];
static void add_line(void *to, const char *line)
{
    (void)to;
    strcat(strcat(text, line), "\n");
}

START_TEST(texts)
{
    struct toy *child;

    on();
    dev_help(&toy, add_line, NULL);
    ck_assert_str_eq(text, "toy: for tests; options:\n"
                           "  flag=<bool>                - a flag (default: on)\n"
                           "  u8=<uint8>                 - a byte (default: 5)\n"
                           "  kind=<enum>                - a kind (default: some)\n"
                           "  bytes=<size>               - a size (default: 0x1000)\n"
                           "  text=<chardev>             - a backend\n"
                           "  mac=<mac>                  - an address\n");
    child = (struct toy *)dev_new(&toy, "c", &t->dev);
    ck_assert_ptr_eq(dev_by_id(&t->dev, "c"), &child->dev);
    ck_assert_ptr_null(dev_by_id(&t->dev, "x"));
    *text = 0;
    dev_print_tree(&t->dev, add_line, NULL);
    ck_assert_ptr_nonnull(strstr(text, "dev: toy, id \"t\"\n  flag = on\n"));
    ck_assert_ptr_nonnull(strstr(text, "\n  dev: toy, id \"c\"\n    flag = on\n"));
    ck_assert_ptr_nonnull(strstr(text, "mac = 00:00:00:00:00:00\n"));
    dev_free(&t->dev); /* and the child */
}
END_TEST

/* ---- saved state ---- */
struct stream {
    uint8_t b[4096];
    size_t n, at;
};
static struct stream s;

static int put(void *opaque, const void *buf, size_t n)
{
    struct stream *x = opaque;

    memcpy(x->b + x->n, buf, n);
    x->n += n;
    return 0;
}

static int get(void *opaque, void *buf, size_t n)
{
    struct stream *x = opaque;

    if (n > x->n - x->at)
        return -ENODATA;
    memcpy(buf, x->b + x->at, n);
    x->at += n;
    return 0;
}

static struct dev_saver saver = {.opaque = &s, .put = put, .get = get};

static void save(void)
{
    s.n = s.at = 0;
    dev_save_tree(&t->dev, &saver);
    ck_assert_int_eq(saver.error, 0);
}

static int load(void)
{
    s.at = 0;
    return dev_load_tree(&t->dev, &saver);
}

static uint8_t *find(const char *name) /* the byte after the name in the stream */
{
    uint8_t *p = memmem(s.b, s.n, name, strlen(name));

    ck_assert_ptr_nonnull(p);
    return p + strlen(name);
}

START_TEST(reset_keeps_what_it_shall)
{
    on();
    ck_assert_uint_eq(t->mode, 3);
    t->mode = 9;
    t->kept = 7;
    t->ctrl = 5;
    t->u8 = 100;
    dev_reset(&t->dev);
    ck_assert_uint_eq(t->mode, 3);
    ck_assert_uint_eq(t->kept, 7);
    ck_assert_uint_eq(t->ctrl, 0x11);
    ck_assert_uint_eq(t->half[3], 0xabcd);
    ck_assert_uint_eq(t->u8, 100);
    dev_free(&t->dev);
}
END_TEST

START_TEST(saved_and_restored)
{
    uint8_t *p;

    on();
    t->mode = 8;
    t->late = 0x1234;
    t->b[2] = 0x55;
    save();
    t->mode = 3;
    t->late = t->b[2] = 0;
    ck_assert_int_eq(load(), 0);
    ck_assert_uint_eq(t->mode, 8);
    ck_assert_uint_eq(t->late, 0x1234);
    ck_assert_uint_eq(t->b[2], 0x55);
    t->ctrl = 0xaaaa;
    p = find("\4mode") + 5; /* size, count, then the byte */
    ck_assert_uint_eq(*p, 8);
    *p = 10;
    ck_assert_int_eq(load(), -ERANGE);
    ck_assert_str_eq(saver.message, "toy: field \"mode\" is 0xa, out of range");
    *p = 2;
    ck_assert_int_eq(load(), -ERANGE);
    *p = 8;
    find("\4kept")[5] = 0xee;
    ck_assert_int_eq(load(), -EINVAL);
    ck_assert_str_eq(saver.message, "toy: not this one, version 2");
    find("\4kept")[5] = 0;
    t->ctrl = 0xaaaa;
    find("\4kept")[-1] = 'T'; /* another name */
    ck_assert_int_eq(load(), -EINVAL);
    ck_assert_str_eq(saver.message, "toy: field \"kepT\" is unknown");
    ck_assert_uint_eq(t->ctrl, 0xaaaa); /* untouched */
    find("\4kepT")[-1] = 't';
    find("\3toy")[0] = 3; /* a newer version */
    ck_assert_int_eq(load(), -EINVAL);
    find("\3toy")[0] = 2;
    find("\1t")[-1] = 'u';
    ck_assert_int_eq(load(), -EINVAL);
    ck_assert_str_eq(saver.message, "there is no toy at u here");
    dev_free(&t->dev);
}
END_TEST

START_TEST(an_older_version_lacks_what_came_later)
{
    uint8_t *p, *end;

    on();
    save();
    find("\3toy")[0] = 1;
    p = find("\4late") - 6; /* from its mark on: F, name, size, count, four bytes */
    end = p + 1 + 5 + 1 + 4 + 4;
    memmove(p, end, (size_t)(s.b + s.n - end));
    s.n -= (size_t)(end - p);
    ck_assert_int_eq(load(), 0);
    find("\3toy")[0] = 2;
    ck_assert_int_eq(load(), -EINVAL);
    ck_assert_str_eq(saver.message, "toy: field \"late\" is missing");
    dev_free(&t->dev);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, accesses);
    tcase_add_test(tc, big_endian);
    tcase_add_test(tc, by_name);
    tcase_add_loop_test(tc, properties_from_text, 0, ARRAY_LEN(sets));
    tcase_add_test(tc, texts);
    tcase_add_test(tc, reset_keeps_what_it_shall);
    tcase_add_test(tc, saved_and_restored);
    tcase_add_test(tc, an_older_version_lacks_what_came_later);
}

UNIT_MAIN("devices core", fill)
