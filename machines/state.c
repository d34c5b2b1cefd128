// SPDX-License-Identifier: MIT
/* machines/state.c -- a machine as a stream, the writing half (docs/machine-state.md). A section is put
 * together in memory, then written with its length and checksum, so a reader knows that it has all
 * of it before it uses any. */
#include "machines/state.h"

#include "host/block/disk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machines/state_form.h"

/* ---- buffers ---- */

static bool room_for(struct state_buf *b, size_t n)
{
    size_t room = b->room ? b->room : 4096;
    uint8_t *p;

    if (b->failed)
        return false;
    if (n <= b->room - b->n)
        return true;
    while (room - b->n < n)
        room *= 2;
    p = realloc(b->p, room);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->room = room;
    return true;
}

void state_buf_put(struct state_buf *b, const void *p, size_t n)
{
    if (!n || !room_for(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void state_buf_num(struct state_buf *b, uint64_t v, unsigned size)
{
    uint8_t bytes[8];

    state_set(bytes, v, size);
    state_buf_put(b, bytes, size);
}

void state_buf_free(struct state_buf *b)
{
    free(b->p);
    *b = (struct state_buf){0};
}

/* ---- sections ---- */

static void put(struct state_out *o, const void *p, size_t n)
{
    if (o->error || !n)
        return;
    o->error = o->put(o->opaque, p, n);
    o->bytes += n;
}

void state_header(struct state_out *o)
{
    uint8_t head[STATE_HEAD];

    memcpy(head, STATE_MAGIC, 8);
    state_set(head + 8, STATE_VERSION, 4);
    state_set(head + 12, 0, 4);
    put(o, head, sizeof(head));
}

void state_section(struct state_out *o, enum state_kind kind, const struct state_buf *b)
{
    uint8_t head[STATE_SECTION];

    if (b->failed && !o->error)
        o->error = -ENOMEM;
    state_set(head, STATE_MARK, 4);
    state_set(head + 4, kind, 4);
    state_set(head + 8, b->n, 8);
    state_set(head + 16, state_check(kind, b->p, b->n), 8);
    put(o, head, sizeof(head));
    put(o, b->p, b->n);
    o->sections++;
}

void state_end(struct state_out *o)
{
    struct state_buf b = {0};

    state_buf_num(&b, o->sections, 8);
    state_section(o, STATE_END, &b);
    state_buf_free(&b);
}

/* ---- memory ---- */

static void add_block(void *opaque, const struct mem_ram_info *i)
{
    struct state_blocks *b = opaque;

    if (b->n < STATE_BLOCKS)
        b->block[b->n] = (struct state_block){i->name, i->host, i->size, i->ram_addr,
                                              (i->size + STATE_PAGE - 1) / STATE_PAGE};
    b->n++;
}

int state_blocks(struct state_blocks *b)
{
    b->n = 0;
    mem_ram_each(add_block, b);
    if (b->n <= STATE_BLOCKS)
        return 0;
    b->n = 0;
    return -E2BIG;
}

static bool is_zero(const uint8_t *p)
{
    const uint64_t *w = (const uint64_t *)(const void *)p;

    for (unsigned i = 0; i < STATE_PAGE / 8; i += 32) {
        uint64_t any = 0;

        for (unsigned k = 0; k < 32; k++)
            any |= w[i + k];
        if (any)
            return false;
    }
    return true;
}

static bool wanted(const uint8_t *map, uint64_t page)
{
    return !map || map[page / 8] >> page % 8 & 1;
}

void state_ram(struct state_out *o, const struct state_blocks *blocks, unsigned block, uint64_t first,
               uint64_t n, const uint8_t *map)
{
    const struct state_block *k = &blocks->block[block];
    struct state_buf b = {0};
    uint64_t end = first + n, page = first;

    while (page < end && !o->error) {
        state_buf_num(&b, block, 4);
        while (page < end && b.n < STATE_RAM_SECTION) {
            size_t head = b.n;
            uint64_t from;
            uint32_t pages = 0;
            bool zero;

            while (page < end && !wanted(map, page))
                page++;
            if (page == end)
                break;
            from = page;
            zero = is_zero(k->host + page * STATE_PAGE);
            state_buf_num(&b, from, 8);
            state_buf_num(&b, 0, 4);
            state_buf_num(&b, zero ? STATE_ZEROES : STATE_DATA, 4);
            do {
                if (!zero)
                    state_buf_put(&b, k->host + page * STATE_PAGE, STATE_PAGE);
                page++;
                pages++;
            } while (page < end && pages < STATE_RUN_MAX && b.n < STATE_RAM_SECTION &&
                     wanted(map, page) && is_zero(k->host + page * STATE_PAGE) == zero);
            if (!b.failed)
                state_set(b.p + head + 8, pages, 4);
            *(zero ? &o->zero_pages : &o->data_pages) += pages;
        }
        if (b.n > 4 || b.failed)
            state_section(o, STATE_RAM, &b);
        b.n = 0;
    }
    state_buf_free(&b);
}

/* ---- what kind of machine it is ---- */

static void line(void *to, const char *text)
{
    state_buf_put(to, text, strlen(text));
    state_buf_put(to, "\n", 1);
}

void state_config_text(struct machine *m, struct state_buf *b)
{
    struct state_blocks blocks;
    char text[400];

    snprintf(text, sizeof(text), "machine %s", m->board->name);
    line(b, text);
    snprintf(text, sizeof(text), "processors %u %s %s", m->ncpus, m->fe->name,
             m->opt->cpu ? m->opt->cpu : m->board->dflt_cpu);
    line(b, text);
    if (m->opt->icount)
        line(b, "icount");
    if (state_blocks(&blocks))
        b->failed = true;
    for (unsigned i = 0; i < blocks.n; i++) {
        snprintf(text, sizeof(text), "memory %s %" PRIu64, blocks.block[i].name,
                 blocks.block[i].size);
        line(b, text);
    }
    for (unsigned i = 0; i < m->ndevices; i++)
        dev_describe(m->devices[i], line, b);
    machine_drives_describe(m, line, b);
}

void state_config(struct machine *m, struct state_out *o)
{
    struct state_buf b = {0};

    state_config_text(m, &b);
    state_section(o, STATE_CONFIG, &b);
    state_buf_free(&b);
}

/* ---- the rest ---- */

static int buf_put(void *opaque, const void *p, size_t n)
{
    struct state_buf *b = opaque;

    state_buf_put(b, p, n);
    return b->failed ? -ENOMEM : 0;
}

int state_prepare(struct machine *m, char *err, size_t err_len)
{
    struct dev_saver s = {0};

    dev_save_prepare(m->devices, m->ndevices, &s);
    if (s.error)
        snprintf(err, err_len, "%s", s.message);
    return s.error;
}

static void save_devices(struct machine *m, struct state_out *o, char *err, size_t err_len)
{
    struct state_buf b = {0};
    struct dev_saver s = {.opaque = &b, .put = buf_put};

    dev_save_all(m->devices, m->ndevices, &s);
    if (s.error && !o->error) {
        o->error = s.error;
        snprintf(err, err_len, "%s", s.message);
    }
    state_section(o, STATE_DEVICES, &b);
    b.n = 0;
    s = (struct dev_saver){.opaque = &b, .put = buf_put};
    if (m->board->save)
        m->board->save(m, &s);
    if (s.error && !o->error)
        o->error = s.error;
    state_section(o, STATE_BOARD, &b);
    state_buf_free(&b);
}

static void save_vcpu(struct machine *m, unsigned n, struct state_out *o)
{
    struct state_buf b = {0};
    size_t len;
    void *bytes = sm_vcpu_save(m->sm, n, &len);

    if (!bytes && !o->error)
        o->error = -ENOMEM;
    state_buf_num(&b, n, 4);
    if (bytes)
        state_buf_put(&b, bytes, len);
    state_section(o, STATE_VCPU, &b);
    free(bytes);
    state_buf_free(&b);
}

void state_rest(struct machine *m, struct state_out *o, bool running, char *err, size_t err_len)
{
    const struct clock_port *clock = sm_clock(m->sm);
    struct sm_icount_state turns;
    struct state_buf b = {0};

    save_devices(m, o, err, err_len);
    for (unsigned i = 0; i < m->ncpus; i++)
        save_vcpu(m, i, o);
    state_buf_num(&b, (uint64_t)clock->now(clock->opaque, CLOCK_VIRTUAL), 8);
    state_buf_num(&b, running, 1);
    if (m->opt->icount) {
        sm_icount_get(m->sm, &turns);
        state_buf_num(&b, turns.executed, 8);
        state_buf_num(&b, (uint64_t)turns.bias, 8);
        state_buf_num(&b, turns.shift, 4);
        state_buf_num(&b, turns.vcpu, 4);
        state_buf_num(&b, turns.turn_left, 8);
    }
    state_section(o, STATE_TIME, &b);
    state_buf_free(&b);
    state_end(o);
}
