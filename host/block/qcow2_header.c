// SPDX-License-Identifier: MIT
/* host/block/qcow2_header.c -- the header, its extensions and the name of the backing file.
 * Everything is checked before it is used; what moa does not have is refused by its name. When the
 * header changes, it does so in one sector: format and fixed fields come first, other extensions
 * behind them, the table of feature names only where there is room for it. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SECTOR 512

void qcow2_header_swap(struct qcow2_header *h)
{
    h->magic = htobe32(h->magic);
    h->version = htobe32(h->version);
    h->backing_offset = htobe64(h->backing_offset);
    h->backing_size = htobe32(h->backing_size);
    h->cluster_bits = htobe32(h->cluster_bits);
    h->size = htobe64(h->size);
    h->crypt = htobe32(h->crypt);
    h->l1_size = htobe32(h->l1_size);
    h->l1_offset = htobe64(h->l1_offset);
    h->reft_offset = htobe64(h->reft_offset);
    h->reft_clusters = htobe32(h->reft_clusters);
    h->nsnapshots = htobe32(h->nsnapshots);
    h->snapshots_offset = htobe64(h->snapshots_offset);
    h->incompatible = htobe64(h->incompatible);
    h->compatible = htobe64(h->compatible);
    h->autoclear = htobe64(h->autoclear);
    h->refcount_order = htobe32(h->refcount_order);
    h->length = htobe32(h->length);
}

static size_t fixed_bytes(const struct qcow2 *q)
{
    return q->head_length < sizeof(q->head) ? q->head_length : sizeof(q->head);
}

static int put_header(struct qcow2 *q, struct qcow2_header h)
{
    qcow2_header_swap(&h);
    return file_write(q->file, &h, fixed_bytes(q), 0);
}

int qcow2_header_write(struct qcow2 *q)
{
    int r = put_header(q, q->head);

    if (r == 0)
        q->disk = q->head;
    return r;
}

int qcow2_header_corrupt(struct qcow2 *q)
{
    q->head.incompatible |= QCOW2_CORRUPT;
    q->disk.incompatible |= QCOW2_CORRUPT;
    return put_header(q, q->disk);
}

static const struct {
    uint8_t type, bit;
    const char *name;
} feature_names[] = {
    {0, 0, "dirty bit"},        {0, 1, "corrupt bit"},         {0, 2, "external data file"},
    {0, 3, "compression type"}, {0, 4, "extended L2 entries"}, {1, 0, "lazy refcounts"},
    {2, 0, "bitmaps"},          {2, 1, "raw external data"},
};
enum { FEATURE_ENTRY = 48 };

struct extension {
    uint32_t type, bytes;
    const uint8_t *data;
};

/* Takes the extension at *at of the cluster's bytes; 1, or 0 at the end, or -EINVAL. */
static int next_extension(const uint8_t *bytes, uint64_t end, uint64_t *at, struct extension *x)
{
    if (*at > end || end - *at < 8)
        return 0;
    x->type = be32_at(bytes + *at);
    x->bytes = be32_at(bytes + *at + 4);
    x->data = bytes + *at + 8;
    if (x->type == QCOW2_EXT_END)
        return 0;
    if (x->bytes > end - *at - 8)
        return -EINVAL;
    *at += 8 + align_up(x->bytes, 8);
    if (*at > end)
        *at = end;
    return 1;
}

static int put_extension(uint8_t *out, uint64_t room, uint64_t *at, const struct extension *x)
{
    if (room - *at < 8 || room - *at - 8 < align_up(x->bytes, 8))
        return -ENOSPC;
    put_be32(out + *at, x->type);
    put_be32(out + *at + 4, x->bytes);
    if (x->bytes)
        memcpy(out + *at + 8, x->data, x->bytes);
    *at += 8 + align_up(x->bytes, 8);
    return 0;
}

static uint64_t extensions_end(const struct qcow2 *q)
{
    uint64_t b = q->head.backing_offset;

    return b && b < q->cluster ? b : q->cluster;
}

int qcow2_header_rewrite(struct qcow2 *q, const char *backing, const char *format,
                         struct block_err *err)
{
    uint8_t *old = calloc(1, q->cluster), *new = calloc(1, q->cluster);
    uint8_t names[ARRAY_LEN(feature_names) * FEATURE_ENTRY] = {0};
    struct extension x = {QCOW2_EXT_BACKING_FORMAT, 0, NULL}, fit = {QCOW2_EXT_FEATURES, 0, names};
    uint64_t at = q->head_length, from = q->head_length, len = backing ? strlen(backing) : 0;
    struct qcow2_header h;
    int r = old && new ? file_read(q->file, old, q->cluster, 0) : -ENOMEM;

    if (r == 0 && len > QCOW2_MAX_BACKING)
        r = block_error(err, -ENAMETOOLONG, "the name of the backing file is too long");
    if (r == 0 && format && backing) {
        x.bytes = (uint32_t)strlen(format);
        x.data = (const uint8_t *)format;
        r = put_extension(new, q->cluster, &at, &x);
    }
    while (r == 0 && next_extension(old, extensions_end(q), &from, &x) > 0)
        if (x.type != QCOW2_EXT_BACKING_FORMAT && x.type != QCOW2_EXT_FEATURES)
            r = put_extension(new, q->cluster, &at, &x);
    for (size_t i = 0; i < ARRAY_LEN(feature_names) && q->version >= 3; i++) {
        uint8_t *e = names + fit.bytes;

        if (at + 8 + fit.bytes + FEATURE_ENTRY + 8 + align_up(len, 8) > SECTOR)
            break;
        e[0] = feature_names[i].type;
        e[1] = feature_names[i].bit;
        snprintf((char *)e + 2, FEATURE_ENTRY - 2, "%s", feature_names[i].name);
        fit.bytes += FEATURE_ENTRY;
    }
    if (r == 0 && fit.bytes)
        r = put_extension(new, q->cluster, &at, &fit);
    x = (struct extension){QCOW2_EXT_END, 0, NULL};
    if (r == 0)
        r = put_extension(new, q->cluster, &at, &x);
    if (r == 0 && len > q->cluster - at)
        r = -ENOSPC;
    if (r == 0) {
        q->head.backing_offset = len ? at : 0;
        q->head.backing_size = (uint32_t)len;
        if (len)
            memcpy(new + at, backing, len);
        memcpy(new, old, q->head_length); /* fields behind those that are known here */
        h = q->head;
        qcow2_header_swap(&h);
        memcpy(new, &h, fixed_bytes(q));
        at = align_up(at + len, SECTOR);
        r = file_write(q->file, new, at, 0);
        if (r == 0)
            q->disk = q->head;
    }
    free(old);
    free(new);
    if (r == -ENOSPC)
        block_error(err, r, "the name of the backing file does not fit into the header");
    return r;
}

static int refuse_features(struct qcow2 *q, const uint8_t *bytes, struct block_err *err)
{
    uint64_t known = QCOW2_DIRTY | QCOW2_CORRUPT | QCOW2_COMPRESSION;
    uint64_t bad = q->head.incompatible & ~known, at = q->head_length;
    char list[256] = "";
    struct extension x;

    if (!bad)
        return 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        char name[FEATURE_ENTRY] = "";
        size_t used = strlen(list);

        if (!(bad >> bit & 1))
            continue;
        for (size_t i = 0; i < ARRAY_LEN(feature_names); i++)
            if (feature_names[i].type == 0 && feature_names[i].bit == bit)
                snprintf(name, sizeof(name), "%s", feature_names[i].name);
        at = q->head_length;
        while (!name[0] && next_extension(bytes, extensions_end(q), &at, &x) > 0)
            for (uint32_t i = 0; x.type == QCOW2_EXT_FEATURES && i + FEATURE_ENTRY <= x.bytes;
                 i += FEATURE_ENTRY)
                if (x.data[i] == 0 && x.data[i + 1] == bit)
                    snprintf(name, sizeof(name), "%.46s", (const char *)x.data + i + 2);
        for (char *p = name; *p; p++) /* a stranger's words go to a terminal */
            if (*p < ' ' || *p > '~')
                *p = '?';
        if (name[0])
            snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", name);
        else
            snprintf(list + used, sizeof(list) - used, "%sunknown feature bit %u", used ? ", " : "",
                     bit);
    }
    return block_error(err, -ENOTSUP, "'%s': qcow2 feature not supported: %s", q->im->name, list);
}

static int table_at(const struct qcow2 *q, uint64_t offset, uint64_t bytes, const char *what,
                    struct block_err *err)
{
    if ((offset & (q->cluster - 1)) || offset > QCOW2_OFFSET || bytes > QCOW2_OFFSET - offset ||
        (bytes && !offset))
        return block_error(err, -EINVAL, "'%s': %s has an invalid offset", q->im->name, what);
    return 0;
}

static int check_numbers(struct qcow2 *q, struct block_err *err)
{
    const struct qcow2_header *h = &q->head;
    const char *name = q->im->name;
    uint64_t covers;
    int r;

    if (h->crypt)
        return block_error(err, -ENOTSUP, "'%s': encryption (%s) is not supported", name,
                           h->crypt == 1   ? "AES"
                           : h->crypt == 2 ? "LUKS"
                                           : "unknown method");
    if (h->refcount_order > 6)
        return block_error(err, -EINVAL, "'%s': refcounts may not exceed 64 bits", name);
    if (h->incompatible & QCOW2_COMPRESSION ? h->compression != QCOW2_ZSTD || q->head_length < 105u
                                            : h->compression != (uint8_t)QCOW2_ZLIB)
        return block_error(err, -ENOTSUP, "'%s': compression type %u is not supported", name,
                           h->compression);
    if (h->size > IMAGE_SIZE_MAX)
        return block_error(err, -EFBIG, "'%s': the disk is too large", name);
    if (h->l1_size > QCOW2_MAX_L1 / 8)
        return block_error(err, -EFBIG, "'%s': the L1 table is too large", name);
    covers = 1ull << (q->cluster_bits + q->l2_bits);
    if (h->size / covers + (h->size % covers != 0) > h->l1_size)
        return block_error(err, -EINVAL, "'%s': the L1 table is too small", name);
    if (h->reft_clusters > (uint32_t)QCOW2_MAX_REFT >> q->cluster_bits)
        return block_error(err, -EFBIG, "'%s': the refcount table is too large", name);
    if (!h->reft_clusters)
        return block_error(err, -EINVAL, "'%s': there is no refcount table", name);
    if (h->nsnapshots > QCOW2_MAX_SNAPSHOTS)
        return block_error(err, -EFBIG, "'%s': too many snapshots", name);
    r = table_at(q, h->l1_offset, h->l1_size * 8ull, "the L1 table", err);
    if (r == 0)
        r = table_at(q, h->reft_offset, (uint64_t)h->reft_clusters << q->cluster_bits,
                     "the refcount table", err);
    if (r == 0 && h->nsnapshots)
        r = table_at(q, h->snapshots_offset, 1, "the snapshot table", err);
    return r;
}

static int read_name(struct qcow2 *q, const uint8_t *bytes, struct block_err *err)
{
    struct image *im = q->im;
    const struct qcow2_header *h = &q->head;

    if (!h->backing_offset || !h->backing_size)
        return 0;
    if (h->backing_size > QCOW2_MAX_BACKING || h->backing_offset < q->head_length ||
        h->backing_offset > q->cluster || h->backing_size > q->cluster - h->backing_offset)
        return block_error(err, -EINVAL, "'%s': the name of the backing file is out of range",
                           im->name);
    im->backing_file = strndup((const char *)bytes + h->backing_offset, h->backing_size);
    return im->backing_file ? 0 : -ENOMEM;
}

static int read_extensions(struct qcow2 *q, const uint8_t *bytes, struct block_err *err)
{
    uint64_t at = q->head_length;
    struct extension x;
    int r;

    while ((r = next_extension(bytes, extensions_end(q), &at, &x)) > 0) {
        if (x.type != QCOW2_EXT_BACKING_FORMAT || q->im->backing_format)
            continue;
        if (x.bytes > 15)
            return block_error(err, -EINVAL, "'%s': the name of the backing format is too long",
                               q->im->name);
        q->im->backing_format = strndup((const char *)x.data, x.bytes);
        if (!q->im->backing_format)
            return -ENOMEM;
    }
    return r < 0 ? block_error(err, r, "'%s': header extension too large", q->im->name) : 0;
}

int qcow2_parse(struct image *im, struct qcow2 *q, struct block_err *err)
{
    struct qcow2_header *h = &q->head;
    uint8_t *bytes;
    int r = file_read(im->file, h, sizeof(*h), 0);

    if (r < 0)
        return r;
    qcow2_header_swap(h);
    if (h->magic != QCOW2_MAGIC)
        return block_error(err, -EINVAL, "'%s': not in qcow2 format", im->name);
    if (h->version != 2 && h->version != 3)
        return block_error(err, -ENOTSUP, "'%s': qcow2 version %u is not supported", im->name,
                           h->version);
    if (h->cluster_bits < QCOW2_MIN_BITS || h->cluster_bits > QCOW2_MAX_BITS)
        return block_error(err, -EINVAL, "'%s': the cluster size is not 2^9 to 2^21 bytes",
                           im->name);
    q->version = (int)h->version;
    q->cluster_bits = h->cluster_bits;
    q->cluster = 1ull << h->cluster_bits;
    q->l2_bits = h->cluster_bits - 3;
    if (q->version == 2) {
        h->incompatible = h->compatible = h->autoclear = 0;
        h->refcount_order = 4;
        h->length = QCOW2_V2_LENGTH;
    } else if (h->length < QCOW2_V3_LENGTH || h->length > q->cluster || (h->length & 7)) {
        return block_error(err, -EINVAL, "'%s': the header's length is invalid", im->name);
    }
    if (h->length <= offsetof(struct qcow2_header, compression))
        h->compression = 0;
    q->head_length = h->length;
    q->refcount_order = h->refcount_order;
    q->block_bits = h->cluster_bits + 3 - (h->refcount_order <= 6 ? h->refcount_order : 6);
    bytes = malloc(q->cluster);
    if (!bytes)
        return -ENOMEM;
    r = file_read(im->file, bytes, q->cluster, 0);
    if (r == 0)
        r = refuse_features(q, bytes, err);
    if (r == 0)
        r = check_numbers(q, err);
    if (r == 0)
        r = read_name(q, bytes, err);
    if (r == 0)
        r = read_extensions(q, bytes, err);
    free(bytes);
    return r;
}
