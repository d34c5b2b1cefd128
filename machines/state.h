/* SPDX-License-Identifier: MIT */
/* machines/state.h -- the stream that a saved machine is: sections with checksums, written and read. The
 * bytes are described in docs/machine-state.md. Inside machines/ only. */
#ifndef MACHINES_STATE_H
#define MACHINES_STATE_H

#include "machines/machine.h"

#define STATE_PAGE 4096u
#define STATE_RAM_SECTION (1u << 20) /* about so many bytes of pages */

enum state_kind {
    STATE_CONFIG = 1, STATE_RAM, STATE_DEVICES, STATE_BOARD, STATE_VCPU, STATE_TIME, STATE_END,
    STATE_KINDS
};

struct state_buf {
    uint8_t *p;
    size_t n, room;
    bool failed; /* no memory */
};
void state_buf_put(struct state_buf *b, const void *p, size_t n);
void state_buf_num(struct state_buf *b, uint64_t v, unsigned size);
void state_buf_free(struct state_buf *b);

/* ---- writing ---- */
struct state_out {
    int (*put)(void *opaque, const void *buf, size_t n); /* 0 or -errno */
    void *opaque;
    int error;
    uint64_t bytes, sections;
    uint64_t data_pages, zero_pages;
};
void state_header(struct state_out *o);
void state_section(struct state_out *o, enum state_kind kind, const struct state_buf *b);
void state_end(struct state_out *o);

/* Blocks of memory, in the order of the stream. */
#define STATE_BLOCKS 64
struct state_block {
    const char *name;
    uint8_t *host;
    uint64_t size, ram_addr, pages;
};
struct state_blocks {
    struct state_block block[STATE_BLOCKS];
    unsigned n;
};
int state_blocks(struct state_blocks *b); /* 0 or -E2BIG */
/* Pages [first, first + n) of a block; only those whose bit is set in the map, which has a bit for
 * each page of the block (NULL: all). Content may change meanwhile. */
void state_ram(struct state_out *o, const struct state_blocks *b, unsigned block, uint64_t first,
               uint64_t n, const uint8_t *map);

void state_config(struct machine *m, struct state_out *o);
/* All but memory: devices, board, vcpus, time. The vcpus are paused, the machine's lock is held; what
 * devices have in flight is finished first, which may change memory: state_prepare() does only
 * that, and is called before the last memory is written. running: whether it goes on. */
int state_prepare(struct machine *m, char *err, size_t err_len);
void state_rest(struct machine *m, struct state_out *o, bool running, char *err, size_t err_len);

/* ---- reading ---- */
struct state_in {
    int (*get)(void *opaque, void *buf, size_t n); /* all of it; 0, -ENODATA: too short, -errno */
    void *opaque;
};
struct state_load; /* what was read and checked */
struct state_load *state_load_new(struct machine *m);
void state_load_free(struct state_load *l);
/* Reads a whole stream and checks it against the machine. apply: memory is written as it comes (only
 * if the machine does not run and may be given up, or the stream has been read once without);
 * nothing else is changed. 0 or -errno with one line in err. */
int state_read(struct state_load *l, const struct state_in *in, bool apply, char *err, size_t err_len);
/* Tries whether the devices take what was read; they are as before if not. */
int state_devices(struct state_load *l, char *err, size_t err_len);
/* Devices, board, vcpus and time become what was read; memory is there. The vcpus are paused, lock
 * held. */
int state_apply(struct state_load *l, char *err, size_t err_len);
bool state_was_running(const struct state_load *l);

#endif
