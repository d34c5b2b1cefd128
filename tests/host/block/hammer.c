// SPDX-License-Identifier: MIT
/* tests/host/block/hammer.c -- works on an image until it is killed, and says afterwards whether
 * the image holds what was acknowledged. Used by kill.sh.
 *
 *   hammer work IMAGE LOG SEED     writes, zeroes and flushes at random, for ever, eight at a time
 *   hammer verify IMAGE LOG        status 0: every slot holds what a flush has covered, or
 * something newer
 *
 * The log gets a record (slot, number) when a write is done, one when zeroes begin, (FLUSH_BEGINS,
 * 0) when a flush is submitted, and (FLUSH_ENDS, 0) when that is done; one flush is in flight at a
 * time. */
#include "host/block/disk.h"
#include "tests/host/block/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOT = 24 << 10, SLOTS = 1500, DEPTH = 8, SECTOR = 512 };
enum { FLUSH_BEGINS = -1, FLUSH_ENDS = -2, ZEROES_BEGIN = SLOTS }; /* the last: plus the slot */

struct record {
    int32_t slot;
    uint32_t number;
};

struct job {
    struct block_req req;
    struct iovec iov;
    uint8_t buf[SLOT];
    int32_t slot;
    uint32_t number;
    bool busy;
};

static struct job job[DEPTH];
static bool slot_busy[SLOTS];
static int log_fd, wake[2];
static bool flushing;

static void fail(const char *what, int r)
{
    fprintf(stderr, "hammer: %s: %s\n", what, strerror(-r));
    exit(1);
}

static void put(int32_t slot, uint32_t number)
{
    struct record rec = {slot, number};

    if (write(log_fd, &rec, sizeof(rec)) != sizeof(rec))
        fail("log", -errno);
}

static void done(struct block_req *req)
{
    struct job *j = req->dev;

    if (req->result < 0)
        fail("request", req->result);
    put(req->op == BLOCK_FLUSH ? FLUSH_ENDS : j->slot, j->number);
    j->busy = false;
    if (req->op == BLOCK_FLUSH)
        flushing = false;
    else
        slot_busy[j->slot] = false;
}

static void notify(void *arg)
{
    char c = 0;

    (void)arg;
    if (write(wake[1], &c, 1) < 0)
        abort();
}

/* Every word of a sector: slot and number. */
static void stamp(uint8_t *buf, int32_t slot, uint32_t number)
{
    uint64_t word = (uint64_t)number << 32 | (uint32_t)(slot + 1);

    for (size_t i = 0; i < SLOT; i += sizeof(word))
        memcpy(buf + i, &word, sizeof(word));
}

static void start(struct disk *d, struct job *j, uint64_t *rng, uint32_t number)
{
    unsigned what = (unsigned)(test_random(rng) % 32);

    *j = (struct job){.busy = true, .number = number};
    j->req = (struct block_req){
        .done = done, .dev = j, .iov = &j->iov, .niov = 1, .bytes = SLOT, .flags = BLOCK_UNMAP};
    if (what == 0 && !flushing) {
        flushing = true;
        j->req.op = BLOCK_FLUSH;
        put(FLUSH_BEGINS, 0);
    } else {
        do
            j->slot = (int32_t)(test_random(rng) % SLOTS);
        while (slot_busy[j->slot]);
        slot_busy[j->slot] = true;
        j->req.op = what < 6 ? BLOCK_WRITE_ZEROES : BLOCK_WRITE;
        j->req.offset = (uint64_t)j->slot * SLOT;
        if (j->req.op == BLOCK_WRITE)
            stamp(j->buf, j->slot, number);
        else
            put(ZEROES_BEGIN + j->slot, number);
    }
    j->iov = (struct iovec){j->buf, SLOT};
    block_submit(disk_port(d), &j->req);
}

_Noreturn static void work(const char *path, uint64_t seed)
{
    struct disk_options opt = {.discard = true, .notify = notify};
    struct block_err err = {""};
    struct image *im;
    struct disk *d;
    int r = image_open(path, NULL, IMAGE_WRITE | IMAGE_DISCARD, &im, &err);

    if (r < 0 || pipe(wake) < 0)
        fail(err.text, r);
    r = disk_open(im, &opt, &d, &err);
    if (r < 0)
        fail(err.text, r);
    for (uint32_t number = 1;;) {
        struct pollfd p = {wake[0], POLLIN, 0};
        char buf[64];

        for (unsigned i = 0; i < DEPTH; i++)
            if (!job[i].busy)
                start(d, &job[i], &seed, number++);
        poll(&p, 1, -1);
        if (read(wake[0], buf, sizeof(buf)) < 0)
            fail("pipe", -errno);
        disk_poll(d);
    }
}

static int verify(const char *path)
{
    static uint32_t last[SLOTS], flushed[SLOTS];
    static uint32_t at_begin[SLOTS], zeroed[SLOTS];
    static uint8_t buf[SLOT];
    struct block_err err = {""};
    struct record rec;
    struct image *im;
    unsigned flushes = 0, bad = 0, writes = 0;
    int r = image_open(path, NULL, IMAGE_CHECK, &im, &err);

    if (r < 0)
        fail(err.text, r);
    while (read(log_fd, &rec, sizeof(rec)) == sizeof(rec)) {
        if (rec.slot == FLUSH_BEGINS) {
            memcpy(at_begin, last, sizeof(last));
        } else if (rec.slot == FLUSH_ENDS) {
            memcpy(flushed, at_begin, sizeof(flushed));
            flushes++;
        } else if (rec.slot >= 0 && rec.slot < SLOTS) {
            last[rec.slot] = rec.number;
            writes++;
        } else if (rec.slot >= ZEROES_BEGIN && rec.slot < ZEROES_BEGIN + SLOTS) {
            zeroed[rec.slot - ZEROES_BEGIN] = rec.number;
        }
    }
    for (int32_t s = 0; s < SLOTS; s++) {
        r = image_read(im, buf, SLOT, (uint64_t)s * SLOT);
        if (r < 0)
            fail("read", r);
        for (unsigned i = 0; i < SLOT; i += SECTOR) {
            uint64_t word;
            uint32_t number;

            memcpy(&word, buf + i, 8);
            number = (uint32_t)(word >> 32);
            for (unsigned k = 0; k < SECTOR; k += 8)
                if (memcmp(buf + i + k, &word, 8) != 0)
                    bad++;
            /* zeroes: nothing was flushed, or zeroes, or they were under way later */
            if (word == 0 ? zeroed[s] < flushed[s]
                          : (uint32_t)word != (uint32_t)s + 1 || number < flushed[s])
                bad++;
        }
    }
    image_close(im);
    printf("%u writes, %u flushes, %u bad\n", writes, flushes, bad);
    return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool working = argc == 5 && strcmp(argv[1], "work") == 0;

    if (!working && (argc != 4 || strcmp(argv[1], "verify") != 0)) {
        fprintf(stderr, "usage: hammer work IMAGE LOG SEED | verify IMAGE LOG\n");
        return 2;
    }
    log_fd = open(argv[3], working ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0644);
    if (log_fd < 0)
        fail(argv[3], -errno);
    if (working)
        work(argv[2], strtoull(argv[4], NULL, 0));
    return verify(argv[2]);
}
