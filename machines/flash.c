// SPDX-License-Identifier: MIT
/* machines/flash.c -- flash banks whose content is an image of the host (-drive if=pflash): read when the
 * machine is made, and what the guest programs or erases is written back at once.
 *
 * One write is under way at a time; what changes meanwhile is remembered as a range and written after
 * it, so that the image ends as the flash does. What could not be written is tried again with the next
 * change, and at the end. */
#include "devices/block/pflash.h"
#include "machines/machine.h"
#include "ports/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (1u << 20)

struct machine_flash {
    const struct block_port *port;
    const char *file;
    uint8_t *content;
    uint64_t low, high; /* changed and not written: equal: nothing */
    uint8_t *copy;      /* what is being written, PIECE */
    struct iovec iov;
    struct block_req req;
    bool busy, failed;
};

static int fail(char *err, size_t len, unsigned unit, const char *file, const char *why)
{
    snprintf(err, len, "-drive if=pflash,unit=%u: %s: %s", unit, file, why);
    return -1;
}

static void write_more(struct machine_flash *f);

static void to_be_written(struct machine_flash *f, uint64_t low, uint64_t high)
{
    if (f->high > f->low) {
        low = low < f->low ? low : f->low;
        high = high > f->high ? high : f->high;
    }
    f->low = low;
    f->high = high;
}

static void written(struct block_req *r)
{
    struct machine_flash *f = r->dev;

    f->busy = false;
    if (r->result) {
        if (!f->failed)
            fprintf(stderr, "moa: %s: flash is not written back: %s\n", f->file, strerror(-r->result));
        f->failed = true;
        to_be_written(f, r->offset, r->offset + r->bytes);
        return;
    }
    f->failed = false;
    write_more(f);
}

static void write_more(struct machine_flash *f)
{
    uint64_t n = f->high - f->low;

    if (f->busy || n == 0)
        return;
    n = n < PIECE ? n : PIECE;
    memcpy(f->copy, f->content + f->low, n);
    f->iov = (struct iovec){f->copy, n};
    f->req = (struct block_req){.op = BLOCK_WRITE, .offset = f->low, .bytes = n, .iov = &f->iov,
                                .niov = 1, .done = written, .dev = f};
    f->low += n;
    if (f->low >= f->high)
        f->low = f->high = 0;
    f->busy = true;
    block_submit(f->port, &f->req);
}

static void changed(void *to, uint64_t at, const void *data, uint64_t n)
{
    struct machine_flash *f = to;
    uint64_t unit = f->port->logical_block, low = at - at % unit, high = align_up(at + n, unit);

    (void)data;
    if (f->port->read_only)
        return;
    to_be_written(f, low, high);
    write_more(f);
}

static void was_read(struct block_req *r)
{
    *(int *)r->dev = r->result;
}

/* Banks are zero at first and mostly stay so: what is zero is not copied, and costs no memory. */
static int read_all(struct machine_flash *f)
{
    const struct block_port *p = f->port;
    int result = 0;

    for (uint64_t at = 0; at < p->size && !result; at += PIECE) {
        uint64_t n = p->size - at < PIECE ? p->size - at : PIECE;
        struct iovec iov = {f->copy, n};
        struct block_req req = {.op = BLOCK_READ, .offset = at, .bytes = n, .iov = &iov, .niov = 1,
                                .done = was_read, .dev = &result};

        block_submit(p, &req);
        block_drain(p);
        if (!result && (f->copy[0] || memcmp(f->copy, f->copy + 1, n - 1) != 0))
            memcpy(f->content + at, f->copy, n);
    }
    return result;
}

int machine_flash(struct machine *m, unsigned unit, const char *id, uint64_t size, const char *drive,
                  struct device **out, char *err, size_t err_len)
{
    struct machine_flash *f = NULL;
    const struct block_port *port = NULL;
    const char *file = NULL;
    char bytes[24], why[120];
    const char *props[] = {"size", bytes, "readonly", "off", NULL};
    struct device *d;
    int r;

    if (machine_drive_flash(m, unit, &port, &file, err, err_len))
        return -1;
    if (drive && port)
        return fail(err, err_len, unit, drive, "this bank has an image already");
    if (drive) {
        port = machine_drive(m, drive, err, err_len);
        file = drive;
        if (!port)
            return -1;
    }
    if (port && port->size != size) {
        snprintf(why, sizeof(why), "has %llu bytes, and the flash %llu (truncate -s makes it longer)",
                 (unsigned long long)port->size, (unsigned long long)size);
        return fail(err, err_len, unit, file, why);
    }
    snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)size);
    props[3] = port && port->read_only ? "on" : "off";
    d = machine_device(m, &pflash_class, id, props, err, err_len);
    if (!d)
        return -1;
    *out = d;
    if (!port)
        return 0;
    f = calloc(1, sizeof(*f));
    if (!f || !(f->copy = malloc(PIECE))) {
        free(f);
        return fail(err, err_len, unit, file, "out of memory");
    }
    m->flash[unit] = f;
    f->port = port;
    f->file = file;
    f->content = pflash_content(d);
    r = read_all(f);
    if (r)
        return fail(err, err_len, unit, file, strerror(-r));
    pflash_join(d, &(const struct flash_port){.to = f, .changed = changed});
    return 0;
}

void machine_flash_close(struct machine *m)
{
    for (unsigned i = 0; i < ARRAY_LEN(m->flash); i++) {
        struct machine_flash *f = m->flash[i];

        if (!f)
            continue;
        while (f->busy)
            block_drain(f->port);
        write_more(f); /* what has failed, once more */
        while (f->busy)
            block_drain(f->port);
        if (f->failed)
            m->status = 1;
        free(f->copy);
        free(f);
        m->flash[i] = NULL;
    }
}
