/* SPDX-License-Identifier: MIT */
/* machines/words.h -- options of the form "name=value,name=value", in which a comma of a value is
 * written twice. */
#ifndef MACHINES_WORDS_H
#define MACHINES_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The next of *text, cut to len - 1 bytes; false at the end. *value: what stands behind its first
 * '=' (which becomes a zero byte), or NULL. */
bool words_next(const char **text, char *word, size_t len, char **value);

#endif
