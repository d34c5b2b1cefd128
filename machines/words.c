// SPDX-License-Identifier: MIT
/* machines/words.c -- options of the form "name=value,name=value". */
#include "machines/words.h"

#include <string.h>

bool words_next(const char **text, char *word, size_t len, char **value)
{
    const char *p = *text;
    size_t n = 0;

    if (!*p)
        return false;
    for (; *p; p++) {
        if (*p == ',' && p[1] != ',')
            break;
        p += *p == ',';
        if (n + 1 < len)
            word[n++] = *p;
    }
    word[n] = 0;
    *text = *p ? p + 1 : p;
    *value = strchr(word, '=');
    if (*value)
        *(*value)++ = 0;
    return true;
}
