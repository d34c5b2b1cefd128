/* SPDX-License-Identifier: MIT */
/* machines/dict.h -- options as a list of names and values, from "a=b,c=d" or from JSON. Inner
 * objects of JSON become dotted names: {"file": {"driver": "x"}} is file.driver=x. */
#ifndef MACHINES_DICT_H
#define MACHINES_DICT_H

#include "base/base.h"

struct dict {
    struct dict_entry {
        char *name, *value;
        bool used;
    } * at;
    unsigned n;
};

/* Adds those of text, in which a comma of a value is written twice; a first word without "=" gets
 * the name `first`, others are switches ("on"). 0, or -1 with one line in err. */
int dict_parse(struct dict *w, const char *text, const char *first, char *err, size_t err_len);
void dict_free(struct dict *w);
/* The value (the last one, if there are several), marked as used; or NULL. name: printf's. */
const char *dict_get(struct dict *w, const char *fmt, ...) MOA_PRINTF(2, 3);
/* Another name for all that have this one; -ENOMEM. */
int dict_rename(struct dict *w, const char *from, const char *to);
/* Whether a name begins with that. */
bool dict_below(const struct dict *w, const char *prefix);
int dict_set(struct dict *w, const char *name, const char *value); /* -ENOMEM */
const struct dict_entry *
dict_unused(const struct dict *w); /* the first nobody asked for, or NULL */

/* on, off, yes, no, true, false, y, n: 1 or 0; anything else: -1. */
int dict_bool(const char *value);
/* A number with k, M, G or T behind it; false: it is none. */
bool dict_size(const char *value, uint64_t *out);

#endif
