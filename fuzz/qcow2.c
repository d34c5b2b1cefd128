// SPDX-License-Identifier: MIT
/* fuzz/qcow2.c -- any bytes as a qcow2 image: opened, mapped, read, checked, then written to, cut,
 * given snapshots, repaired. Nothing may crash or take long; and an image that the check found good
 * has to be good afterwards, with what was written in it. */
#include "fuzz/fuzz.h"

#include "host/block/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 << 20, STEPS = 400 };

static struct {
    uint8_t bytes[ROOM];
    size_t size;
} disk;

static int mem_readv(struct file *f, struct vec v, uint64_t off)
{
    size_t n = off < disk.size ? disk.size - off : 0;

    (void)f;
    if (n)
        vec_from(vec_front(&v, n < v.bytes ? n : v.bytes), disk.bytes + off);
    vec_zero(v);
    return 0;
}

static int grow(uint64_t off, uint64_t n)
{
    if (off > ROOM || n > ROOM - off)
        return -ENOSPC;
    if (off + n > disk.size) {
        memset(disk.bytes + disk.size, 0, off + n - disk.size);
        disk.size = off + n;
    }
    return 0;
}

static int mem_writev(struct file *f, struct vec v, uint64_t off)
{
    int r = grow(off, v.bytes);

    (void)f;
    if (r == 0)
        vec_to(v, disk.bytes + off);
    return r;
}

static int mem_flush(struct file *f)
{
    (void)f;
    return 0;
}

static int mem_zero(struct file *f, uint64_t off, uint64_t n, bool unmap)
{
    int r = grow(off, n);

    (void)f, (void)unmap;
    if (r == 0)
        memset(disk.bytes + off, 0, n);
    return r;
}

static int mem_discard(struct file *f, uint64_t off, uint64_t n)
{
    if (off >= disk.size)
        return 0;
    return mem_zero(f, off, n < disk.size - off ? n : disk.size - off, true);
}

static int mem_truncate(struct file *f, uint64_t size)
{
    (void)f;
    if (size > ROOM)
        return -ENOSPC;
    if (size > disk.size)
        return grow(size, 0);
    disk.size = size;
    return 0;
}

static int mem_size(struct file *f, uint64_t *size)
{
    (void)f;
    *size = disk.size;
    return 0;
}

static void mem_close(struct file *f)
{
    free(f->name);
    free(f);
}

static const struct file_ops ops = {
    .readv = mem_readv,
    .writev = mem_writev,
    .flush = mem_flush,
    .zero = mem_zero,
    .discard = mem_discard,
    .truncate = mem_truncate,
    .size = mem_size,
    .close = mem_close,
};

static struct image *open_disk(uint32_t flags)
{
    struct file *f = calloc(1, sizeof(*f));
    struct block_err err = {""};
    struct image *im;
    int r;

    FUZZ_CHECK(f);
    f->ops = &ops;
    f->name = strdup("fuzz");
    f->read_only = !(flags & IMAGE_WRITE);
    r = image_open_file(f, "qcow2", flags | IMAGE_NO_BACKING | IMAGE_QUIET, &im, &err);
    FUZZ_CHECK(r == 0 || (err.text[0] && !strchr(err.text, '\n')));
    return r == 0 ? im : NULL;
}

static struct image_check check(struct image *im, enum image_fix fix)
{
    struct image_check c = {0};

    if (im->format->check(im, &c, fix, NULL) < 0)
        c.errors++;
    return c;
}

static void look(struct image *im)
{
    static uint8_t buf[70000];
    const struct image_snapshot *list;
    struct image_status st;
    unsigned n, steps = 0;

    for (uint64_t at = 0; at < im->size && steps++ < STEPS; at += st.bytes) {
        if (image_status(im, at, im->size - at, &st) < 0)
            st.bytes = 512;
        FUZZ_CHECK(st.bytes > 0 && st.bytes <= im->size - at);
        if (st.data)
            image_read(im, buf, st.bytes < sizeof(buf) ? st.bytes : sizeof(buf), at);
    }
    FUZZ_CHECK(image_read(im, buf, 512, im->size) == -EINVAL);
    if (im->format->snap_list(im, &list, &n) == 0 && n > 0 &&
        im->format->snap_load(im, list[0].id, NULL) == 0 && im->size >= 512)
        image_read(im, buf, 512, im->size / 2 & ~511ull);
}

/* Places to write that the image's own bytes choose. */
static void change(struct image *im, bool good, const uint8_t *data, size_t size)
{
    struct image_snapshot s = {.name = (char *)(uintptr_t) "fuzz", .icount = UINT64_MAX};
    static uint8_t buf[4096], back[4096];
    const struct image_snapshot *list;
    unsigned n;

    memset(buf, 0x5a, sizeof(buf));
    for (size_t i = 0; i < 8 && i < size && im->size >= sizeof(buf); i++) {
        uint64_t off = (im->size - sizeof(buf)) / 255 * data[size - 1 - i] & ~511ull;
        int r = i % 4 == 3   ? image_discard(im, off, sizeof(buf))
                : i % 4 == 2 ? image_zero(im, off, sizeof(buf), data[i] & 1)
                             : image_write(im, buf, sizeof(buf), off);

        if (r == 0 && i % 4 < 2) {
            r = image_read(im, back, sizeof(back), off);
            FUZZ_CHECK(!good || (r == 0 && memcmp(buf, back, sizeof(buf)) == 0));
        }
        if (i == 4)
            im->format->snap_create(im, &s, NULL);
    }
    if (im->format->snap_list(im, &list, &n) == 0 && n > 0 &&
        im->format->snap_apply(im, list[0].id, NULL) == 0)
        im->format->snap_delete(im, list[0].id, NULL);
    im->format->resize(im, im->size / 2 & ~511ull, PREALLOC_OFF, NULL);
    image_close(im);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_check c = {0};
    struct image *im;
    bool good = false;

    if (size > ROOM / 4)
        return 0;
    memcpy(disk.bytes, data, size);
    disk.size = size;
    im = open_disk(IMAGE_CHECK);
    if (im) {
        c = check(im, IMAGE_FIX_NONE);
        good = !c.corruptions && !c.errors;
        look(im);
        image_close(im);
    }
    im = open_disk(IMAGE_WRITE | IMAGE_DISCARD);
    if (im)
        change(im, good, data, size);
    im = open_disk(IMAGE_WRITE | IMAGE_CHECK);
    if (im) {
        c = check(im, good ? IMAGE_FIX_NONE : IMAGE_FIX_ALL);
        FUZZ_CHECK(!good || c.errors || !c.corruptions);
        image_close(im);
    }
    return 0;
}
