// SPDX-License-Identifier: MIT
/* host/block/compress.c -- compressed clusters of qcow2: raw deflate with a window of 4 KiB, or one
 * zstd frame. The packed bytes may be followed by anything. A build without one of the libraries
 * says -ENOTSUP. */
#include "host/block/qcow2.h"

#include "config.h"

#include <errno.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { WINDOW_BITS = -12, MEMORY = 9 };

bool compress_has(int type)
{
#ifdef HAVE_ZLIB
    if (type == QCOW2_ZLIB)
        return true;
#endif
#ifdef HAVE_ZSTD
    if (type == QCOW2_ZSTD)
        return true;
#endif
    (void)type;
    return false;
}

#ifdef HAVE_ZLIB
static long zlib_pack(const void *in, size_t n, void *out, size_t room)
{
    z_stream z = {.next_in = (void *)(uintptr_t)in,
                  .avail_in = (unsigned)n,
                  .next_out = out,
                  .avail_out = (unsigned)room};
    int r;

    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    r = deflate(&z, Z_FINISH);
    deflateEnd(&z);
    return r == Z_STREAM_END && z.avail_out ? (long)(room - z.avail_out) : 0;
}

static int zlib_unpack(const void *in, size_t n, void *out, size_t full)
{
    z_stream z = {.next_in = (void *)(uintptr_t)in,
                  .avail_in = (unsigned)n,
                  .next_out = out,
                  .avail_out = (unsigned)full};
    int r;

    if (inflateInit2(&z, WINDOW_BITS) != Z_OK)
        return -ENOMEM;
    r = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return (r == Z_STREAM_END || r == Z_BUF_ERROR) && z.avail_out == 0 ? 0 : -EIO;
}
#endif

#ifdef HAVE_ZSTD
static long zstd_pack(const void *in, size_t n, void *out, size_t room)
{
    size_t r = ZSTD_compress(out, room, in, n, ZSTD_CLEVEL_DEFAULT);

    return ZSTD_isError(r) ? 0 : (long)r;
}

static int zstd_unpack(const void *in, size_t n, void *out, size_t full)
{
    ZSTD_inBuffer i = {in, n, 0};
    ZSTD_outBuffer o = {out, full, 0};
    ZSTD_DStream *d = ZSTD_createDStream();
    int r = d ? 0 : -ENOMEM;

    while (r == 0 && o.pos < o.size) {
        size_t before = i.pos + o.pos, e = ZSTD_decompressStream(d, &o, &i);

        if (ZSTD_isError(e) || (o.pos < o.size && (e == 0 || i.pos + o.pos == before)))
            r = -EIO;
    }
    ZSTD_freeDStream(d);
    return r;
}
#endif

long compress_pack(int type, const void *in, size_t n, void *out, size_t room)
{
#ifdef HAVE_ZLIB
    if (type == QCOW2_ZLIB)
        return zlib_pack(in, n, out, room);
#endif
#ifdef HAVE_ZSTD
    if (type == QCOW2_ZSTD)
        return zstd_pack(in, n, out, room);
#endif
    (void)type, (void)in, (void)n, (void)out, (void)room;
    return -ENOTSUP;
}

int compress_unpack(int type, const void *in, size_t n, void *out, size_t full)
{
#ifdef HAVE_ZLIB
    if (type == QCOW2_ZLIB)
        return zlib_unpack(in, n, out, full);
#endif
#ifdef HAVE_ZSTD
    if (type == QCOW2_ZSTD)
        return zstd_unpack(in, n, out, full);
#endif
    (void)type, (void)in, (void)n, (void)out, (void)full;
    return -ENOTSUP;
}
