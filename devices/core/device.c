// SPDX-License-Identifier: MIT
/* devices/core/device.c -- the life of a device: new, realize, reset, free; the tree as text. */
#include "devices/core/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct dev_class *dev_class_by_name(const char *name)
{
    for (const struct dev_class *const *c = dev_classes; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    for (const struct dev_class *const *c = dev_classes; *c; c++) {
        size_t n = strlen(name);

        if (strncmp((*c)->name, name, n) == 0 && strcmp((*c)->name + n, "-pci") == 0)
            return *c;
    }
    return NULL;
}

struct device *dev_new(const struct dev_class *c, const char *id, struct device *parent)
{
    struct device *d = calloc(1, c->size), **p;

    if (!d || (id && !(d->id = strdup(id))))
        MOA_BUG("out of memory for device %s", c->name);
    d->class = c;
    d->parent = parent;
    if (parent) {
        for (p = &parent->children; *p; p = &(*p)->sibling)
            ;
        *p = d;
    }
    dev_props_init(d);
    if (c->inner)
        dev_new(c->inner, NULL, d);
    return d;
}

struct device *dev_inner(struct device *d)
{
    while (d->class->inner)
        d = d->children;
    return d;
}

struct device *dev_by_id(struct device *root, const char *id)
{
    struct device *found;

    if (root->id && strcmp(root->id, id) == 0)
        return root;
    for (struct device *c = root->children; c; c = c->sibling)
        if ((found = dev_by_id(c, id)))
            return found;
    return NULL;
}

static void reset_one(struct device *d)
{
    const struct dev_class *c = d->class;

    for (unsigned i = 0; i < c->nstates; i++) {
        const struct dev_state *s = &c->states[i];

        for (uint32_t n = 0; n < s->count && !s->keep; n++)
            dev_field_set(dev_at(d, s->offset + n * s->size), s->size, s->min);
    }
    for (unsigned k = 0; k < c->nblocks; k++) {
        for (unsigned i = 0; i < c->blocks[k].nregs; i++) {
            const struct dev_reg *r = &c->blocks[k].regs[i];

            for (unsigned n = 0; n < dev_reg_count(r) && r->state != DEV_NO_STATE; n++)
                dev_field_set(dev_at(d, r->state + n * r->size), r->size, r->reset);
        }
    }
    if (c->reset)
        c->reset(d);
    if (c->update)
        c->update(d);
}

int dev_realize(struct device *d, const struct clock_port *clock, struct mem_space *dma, char *err,
                size_t err_len)
{
    const struct dev_class *c = d->class;
    int e;

    if (c->nblocks > DEV_REGIONS || d->realized)
        MOA_BUG("device %s cannot be realized", c->name);
    d->clock = clock;
    d->dma = dma;
    if (c->nblocks && !(d->banks = calloc(c->nblocks, sizeof(*d->banks))))
        return -ENOMEM;
    for (unsigned i = 0; i < c->nblocks; i++)
        d->regions[i] = dev_bank_region(&d->banks[i], d, &c->blocks[i]);
    if (c->realize && (e = c->realize(d, err, err_len)) < 0)
        return e;
    if (c->inner && (e = dev_realize(d->children, clock, dma, err, err_len)) < 0) {
        if (c->unrealize)
            c->unrealize(d);
        return e;
    }
    if (d->parent && d->parent->class->plug &&
        (e = d->parent->class->plug(d->parent, d, err, err_len)) < 0) {
        if (c->unrealize)
            c->unrealize(d);
        return e;
    }
    d->realized = true;
    reset_one(d);
    return 0;
}

void dev_free(struct device *d)
{
    struct device **p;

    if (!d)
        return;
    while (d->children)
        dev_free(d->children);
    if (d->realized && d->parent && d->parent->class->unplug)
        d->parent->class->unplug(d->parent, d);
    if (d->realized && d->class->unrealize)
        d->class->unrealize(d);
    for (unsigned i = 0; i < DEV_REGIONS; i++) {
        if (d->regions[i]) {
            mem_detach(d->regions[i]);
            mem_region_free(d->regions[i]);
        }
    }
    if (d->parent) {
        for (p = &d->parent->children; *p != d; p = &(*p)->sibling)
            ;
        *p = d->sibling;
    }
    dev_props_free(d);
    free(d->banks);
    free(d->id);
    free(d);
}

void dev_reset(struct device *d)
{
    for (struct device *c = d->children; c; c = c->sibling)
        dev_reset(c);
    if (d->realized)
        reset_one(d);
}

static bool *guard_of(struct device *d)
{
    while (!d->regions[0] && d->parent)
        d = d->parent;
    return &d->busy;
}

bool dev_enter(struct device *d)
{
    bool *busy = guard_of(d), was = *busy;

    *busy = true;
    return was;
}

void dev_leave(struct device *d, bool was)
{
    *guard_of(d) = was;
}

static void print(struct device *d, unsigned level, void (*line)(void *to, const char *text),
                  void *to)
{
    char text[512], value[256];

    snprintf(text, sizeof(text), "%*sdev: %s, id \"%s\"", (int)(2 * level), "", d->class->name,
             d->id ? d->id : "");
    line(to, text);
    for (unsigned i = 0; i < d->class->nprops; i++) {
        dev_prop_text(d, &d->class->props[i], value, sizeof(value));
        snprintf(text, sizeof(text), "%*s%s = %s", (int)(2 * level + 2), "",
                 d->class->props[i].name, value);
        line(to, text);
    }
    for (struct device *c = d->children; c; c = c->sibling)
        print(c, level + 1, line, to);
}

void dev_print_tree(struct device *root, void (*line)(void *to, const char *text), void *to)
{
    print(root, 0, line, to);
}
