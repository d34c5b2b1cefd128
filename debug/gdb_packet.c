// SPDX-License-Identifier: MIT
/* debug/gdb_packet.c -- framing of the gdb remote protocol: $data#checksum with acknowledgements,
 * escapes and hexadecimal text. gdb is trusted with the guest, not with moa: every length is
 * bounded. */
#include "debug/gdb_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int get_byte(struct gdb *g)
{
    ssize_t n;

    if (g->raw_at < g->raw_len)
        return g->raw[g->raw_at++];
    if (g->fd < 0)
        return -1;
    do
        n = recv(g->fd, g->raw, sizeof(g->raw), 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return -1;
    g->raw_len = (size_t)n;
    g->raw_at = 1;
    return g->raw[0];
}

static void send_bytes(struct gdb *g, const char *p, size_t len)
{
    while (len && g->fd >= 0) {
        ssize_t n = send(g->fd, p, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* reading will notice too */
        p += n;
        len -= (size_t)n;
    }
}

static int hex_digit(int c)
{
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int gdb_get_packet(struct gdb *g)
{
    for (;;) {
        size_t n = 0;
        unsigned sum = 0, want;
        bool too_long = false;
        int c, hi, lo;

        while ((c = get_byte(g)) != '$')
            if (c < 0)
                return -1;
        while ((c = get_byte(g)) != '#') {
            if (c < 0)
                return -1;
            sum += (unsigned)c;
            if (c == '}') { /* escaped byte */
                c = get_byte(g);
                if (c < 0)
                    return -1;
                sum += (unsigned)c;
                c ^= 0x20;
            }
            if (n < GDB_PACKET)
                g->in[n++] = (char)c;
            else
                too_long = true;
        }
        hi = get_byte(g);
        lo = get_byte(g);
        if (hi < 0 || lo < 0)
            return -1;
        hi = hex_digit(hi);
        lo = hex_digit(lo);
        want = hi < 0 || lo < 0 ? ~0u : (unsigned)hi << 4 | (unsigned)lo; /* ~0: never right */
        if (!g->no_ack) {
            bool good = want == (sum & 0xff) && !too_long;

            send_bytes(g, good ? "+" : "-", 1);
            if (!good)
                continue;
        } else if (too_long) {
            continue;
        }
        g->in[n] = 0;
        return (int)n;
    }
}

void gdb_start_reply(struct gdb *g)
{
    g->out[0] = '$';
    g->out_len = 1;
}

void gdb_put(struct gdb *g, const char *text)
{
    size_t n = strlen(text);

    if (n > GDB_PACKET - g->out_len)
        n = GDB_PACKET - g->out_len;
    memcpy(g->out + g->out_len, text, n);
    g->out_len += n;
}

void gdb_putf(struct gdb *g, const char *fmt, ...)
{
    char buf[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    gdb_put(g, buf);
}

void gdb_put_hex(struct gdb *g, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = data;

    for (size_t i = 0; i < len && g->out_len + 2 <= GDB_PACKET; i++) {
        g->out[g->out_len++] = digits[p[i] >> 4];
        g->out[g->out_len++] = digits[p[i] & 15];
    }
}

size_t gdb_put_escaped(struct gdb *g, const void *data, size_t len)
{
    const char *p = data;
    size_t i;

    for (i = 0; i < len && g->out_len + 2 <= GDB_PACKET; i++)
        if (p[i] == '$' || p[i] == '#' || p[i] == '}' || p[i] == '*') {
            g->out[g->out_len++] = '}';
            g->out[g->out_len++] = (char)(p[i] ^ 0x20);
        } else {
            g->out[g->out_len++] = p[i];
        }
    return i;
}

void gdb_put_id(struct gdb *g, int id)
{
    if (g->multiprocess)
        gdb_putf(g, "p%x.", (unsigned)g->t->pid);
    gdb_putf(g, "%x", (unsigned)id);
}

int gdb_parse_id(const char *p, char **end)
{
    char *stop;
    long id;

    if (*p == 'p') { /* one process: its id tells nothing */
        id = strtol(p + 1, &stop, 16);
        if (*stop == '.')
            id = strtol(stop + 1, &stop, 16);
        else
            id = -1;
    } else {
        id = strtol(p, &stop, 16);
    }
    if (end)
        *end = stop;
    return (int)id;
}

void gdb_send(struct gdb *g)
{
    unsigned sum = 0;
    int c;

    for (size_t i = 1; i < g->out_len; i++)
        sum += (uint8_t)g->out[i];
    snprintf(g->out + g->out_len, 4, "#%02x", sum & 0xff);
    do {
        send_bytes(g, g->out, g->out_len + 3);
        if (g->no_ack)
            return;
        while ((c = get_byte(g)) != '+' && c != '-')
            if (c < 0)
                return;
    } while (c == '-');
}

int gdb_hex_bytes(const char *hex, void *buf, size_t len)
{
    uint8_t *p = buf;
    size_t i;

    for (i = 0; i < len; i++) {
        int hi = hex_digit(hex[2 * i]), lo = hi < 0 ? -1 : hex_digit(hex[2 * i + 1]);

        if (lo < 0)
            break;
        p[i] = (uint8_t)(hi << 4 | lo);
    }
    return (int)i;
}
