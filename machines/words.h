/* SPDX-License-Identifier: MIT */
/* machines/words.h -- options as a list of names and values, from "a=b,c=d" or from JSON. Inner
 * objects of JSON become dotted names: {"file": {"driver": "x"}} is file.driver=x. */
#ifndef MACHINES_WORDS_H
#define MACHINES_WORDS_H

#include "base/base.h"

struct words {
    struct word {
        char *name, *value;
        bool used;
    } * at;
    unsigned n;
};

/* Adds those of text, in which a comma of a value is written twice; a first word without "=" gets
 * the name `first`, others are switches ("on"). 0, or -1 with one line in err. */
int words_parse(struct words *w, const char *text, const char *first, char *err, size_t err_len);
void words_free(struct words *w);
/* The value (the last one, if there are several), marked as used; or NULL. name: printf's. */
const char *words_get(struct words *w, const char *fmt, ...) MOA_PRINTF(2, 3);
/* Another name for all that have this one; -ENOMEM. */
int words_rename(struct words *w, const char *from, const char *to);
/* Whether a name begins with that. */
bool words_below(const struct words *w, const char *prefix);
int words_set(struct words *w, const char *name, const char *value); /* -ENOMEM */
const struct word *words_unused(const struct words *w); /* the first nobody asked for, or NULL */

/* on, off, yes, no, true, false, y, n: 1 or 0; anything else: -1. */
int words_bool(const char *value);
/* A number with k, M, G or T behind it; false: it is none. */
bool words_size(const char *value, uint64_t *out);

#endif
