// SPDX-License-Identifier: MIT
/* cmd/img_util.c -- what the commands of moa-img share: sizes, -o lists, cache words, JSON,
 * progress. */
#include "cmd/img.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool img_size(const char *text, uint64_t *size)
{
    static const char suffixes[] = "bkmgtpe";
    unsigned shift = 0;
    char *end;
    double d;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *size = strtoull(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
    d = *end == '.' ? strtod(text, &end) : -1;
    if (*end) {
        const char *s = strchr(suffixes, *end >= 'A' && *end <= 'Z' ? *end + 32 : *end);

        if (!s || end[1])
            return false;
        shift = (unsigned)(s - suffixes) * 10;
    } else if (d >= 0) {
        return false;
    }
    if (d >= 0) {
        d = ldexp(d, (int)shift);
        if (d >= 0x1p63)
            return false;
        *size = (uint64_t)d;
        return true;
    }
    if (errno || *size > (UINT64_MAX >> 1) >> shift)
        return false;
    *size <<= shift;
    return true;
}

const char *img_human(uint64_t size, char *buf, size_t n)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double d = (double)size;
    unsigned i = 0;

    while (d >= 999.5 && i + 1 < ARRAY_LEN(unit)) { /* no number of four digits */
        d /= 1024;
        i++;
    }
    snprintf(buf, n, "%0.3g %s", d, unit[i]);
    return buf;
}

bool img_prealloc(const char *word, enum image_prealloc *p)
{
    static const char *const words[] = {"off", "metadata", "falloc", "full"};

    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *p = (enum image_prealloc)i;
            return true;
        }
    return false;
}

bool img_cache(const char *word, uint32_t *flags)
{
    *flags &= ~(uint32_t)(IMAGE_UNSAFE | IMAGE_DIRECT);
    if (strcmp(word, "none") == 0 || strcmp(word, "off") == 0 || strcmp(word, "directsync") == 0)
        *flags |= IMAGE_DIRECT;
    else if (strcmp(word, "unsafe") == 0)
        *flags |= IMAGE_UNSAFE;
    else if (strcmp(word, "writeback") != 0 && strcmp(word, "writethrough") != 0)
        return img_error("Invalid cache option: %s", word), false;
    return true;
}

static bool on_off(const char *name, const char *value, bool *out)
{
    if (strcmp(value, "on") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "true") == 0)
        *out = true;
    else if (strcmp(value, "off") == 0 || strcmp(value, "no") == 0 || strcmp(value, "false") == 0)
        *out = false;
    else
        return img_error("Parameter '%s' expects 'on' or 'off'", name), false;
    return true;
}

static const char *const refused[] = {"data_file", "data_file_raw", "encryption",
                                      "extent_size_hint", "nocow"};

static void list_options(bool qcow2)
{
    puts("Supported options:");
    if (qcow2)
        puts("  backing_file=<str>     - File name of a base image\n"
             "  backing_fmt=<str>      - Image format of the base image\n"
             "  cluster_size=<size>    - Cluster size, 512 to 2M\n"
             "  compat=<str>           - v2 (0.10) or v3 (1.1)\n"
             "  compression_type=<str> - zlib or zstd\n"
             "  lazy_refcounts=<bool (on/off)> - The image may postpone refcount updates\n"
             "  refcount_bits=<num>    - Width of a reference count, 1 to 64");
    printf("  preallocation=<str>    - off, %sfalloc, full\n", qcow2 ? "metadata, " : "");
    puts("  size=<size>            - Virtual disk size");
}

static int qcow2_option(const char *name, char *value, struct image_create *c)
{
    uint64_t n;
    bool b;

    if (strcmp(name, "cluster_size") == 0) {
        if (!img_size(value, &n) || n > UINT32_MAX)
            return img_error("Parameter 'cluster_size' expects a size");
        c->cluster_size = n ? (uint32_t)n : 1;
    } else if (strcmp(name, "compat") == 0) {
        if (strcmp(value, "0.10") == 0 || strcmp(value, "v2") == 0)
            c->version = 2;
        else if (strcmp(value, "1.1") == 0 || strcmp(value, "v3") == 0)
            c->version = 3;
        else
            return img_error("Parameter 'compat' expects 'v2' or 'v3'");
    } else if (strcmp(name, "compression_type") == 0) {
        c->zstd = strcmp(value, "zstd") == 0;
        if (!c->zstd && strcmp(value, "zlib") != 0)
            return img_error("Parameter 'compression_type' expects 'zlib' or 'zstd'");
    } else if (strcmp(name, "refcount_bits") == 0) {
        if (!img_size(value, &n) || n > 1024 || n == 0)
            return img_error("Refcount width must be a power of two and may not exceed 64 bits");
        c->refcount_bits = (unsigned)n;
    } else if (strcmp(name, "lazy_refcounts") == 0) {
        return !on_off(name, value, &c->lazy_refcounts);
    } else if (strcmp(name, "extended_l2") == 0) {
        return !on_off(name, value, &b) || (b && img_error("extended_l2 is not supported"));
    } else if (strcmp(name, "backing_file") == 0) {
        c->backing = value;
    } else if (strcmp(name, "backing_fmt") == 0) {
        c->backing_format = value;
    } else {
        return img_error("Invalid parameter '%s'", name);
    }
    return 0;
}

int img_creation(char *list, const char *format, struct image_create *c)
{
    bool qcow2 = strcmp(format, "qcow2") == 0;
    static char on[] = "on";
    char *save, *name;

    for (name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        char *value = strchr(name, '=');

        if (strcmp(name, "help") == 0 || strcmp(name, "?") == 0) {
            list_options(qcow2);
            return 2;
        }
        if (value)
            *value++ = 0;
        else
            value = on;
        if (strncmp(name, "encrypt.", 8) == 0)
            return img_error("encryption is not supported");
        for (size_t i = 0; i < ARRAY_LEN(refused); i++)
            if (strcmp(name, refused[i]) == 0)
                return img_error("%s is not supported", name);
        if (strcmp(name, "size") == 0) {
            if (!img_size(value, &c->size))
                return img_error("Invalid image size specified: %s", value);
            c->has_size = true;
        } else if (strcmp(name, "preallocation") == 0) {
            if (!img_prealloc(value, &c->prealloc) || (!qcow2 && c->prealloc == PREALLOC_METADATA))
                return img_error("Invalid parameter '%s' for preallocation", value);
        } else if (!qcow2 ? img_error("Invalid parameter '%s'", name)
                          : qcow2_option(name, value, c)) {
            return 1;
        }
    }
    return 0;
}

void img_formatting(const char *file, const char *format, const struct image_create *c)
{
    static const char *const words[] = {"off", "metadata", "falloc", "full"};

    printf("Formatting '%s', fmt=%s", file, format);
    if (strcmp(format, "qcow2") == 0) {
        printf(" cluster_size=%u extended_l2=off", c->cluster_size ? c->cluster_size : 65536);
        if (c->prealloc)
            printf(" preallocation=%s", words[c->prealloc]);
        if (c->version)
            printf(" compat=%s", c->version == 2 ? "0.10" : "1.1");
        printf(" compression_type=%s size=%llu", c->zstd ? "zstd" : "zlib",
               (unsigned long long)c->size);
        if (c->backing)
            printf(" backing_file=%s", c->backing);
        if (c->backing && c->backing_format)
            printf(" backing_fmt=%s", c->backing_format);
        printf(" lazy_refcounts=%s refcount_bits=%u\n", c->lazy_refcounts ? "on" : "off",
               c->refcount_bits ? c->refcount_bits : 16);
    } else {
        printf(" size=%llu", (unsigned long long)c->size);
        printf(c->prealloc ? " preallocation=%s\n" : "\n", words[c->prealloc]);
    }
}

struct image *img_open(const char *path, const char *format, uint32_t flags)
{
    struct block_err err = {""};
    struct image *im;
    int r = image_open(path, format, flags, &im, &err);

    if (r == 0)
        return im;
    img_error("%s", err.text[0] ? err.text : strerror(-r));
    return NULL;
}

void img_json(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c == 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

void img_progress(bool on, uint64_t done, uint64_t all)
{
    if (!on)
        return;
    printf("    (%3.2f/100%%)\r", all ? 100.0 * (double)done / (double)all : 100.0);
    fflush(stdout);
}

void img_progress_end(bool on)
{
    if (on)
        putchar('\n');
}

uint64_t img_disk_size(const char *path)
{
    struct stat st;

    if (strncmp(path, "file:", 5) == 0)
        path += 5;
    return stat(path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}
