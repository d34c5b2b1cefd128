// SPDX-License-Identifier: MIT
/* monitor/hmp_edit.c -- what is typed into the human monitor: a line with a cursor, history, and
 * completion by Tab. Keys: Ctrl-A E B F D H K U W L P N C, arrows, Home, End, Delete, as terminals that
 * follow ECMA-48 send them. Not there: searching in the history, lines longer than the terminal is
 * wide are drawn as the terminal wraps them. */
#include "monitor/hmp_impl.h"

#include <stdlib.h>
#include <string.h>

#define PROMPT "(moa) "

enum { PLAIN, ESC, CSI, SS3 }; /* h->escape */

void hmp_prompt(struct hmp *h)
{
    hmp_put(h, PROMPT, strlen(PROMPT));
}

/* ---- drawing ---- */

/* The line anew, from its first column on. */
static void redraw(struct hmp *h)
{
    hmp_put(h, "\r" PROMPT, 1 + strlen(PROMPT));
    hmp_put(h, h->line, h->len);
    hmp_put(h, "\033[K", 3);
    if (h->len > h->at)
        hmp_say(h, "\033[%zuD", h->len - h->at);
}

static void insert(struct hmp *h, const char *text, size_t n)
{
    if (n > HMP_LINE - 1 - h->len)
        return;
    memmove(h->line + h->at + n, h->line + h->at, h->len - h->at);
    memcpy(h->line + h->at, text, n);
    h->at += n;
    h->len += n;
    if (h->at == h->len)
        hmp_put(h, text, n);
    else
        redraw(h);
}

/* Bytes [from, to) go. */
static void cut(struct hmp *h, size_t from, size_t to)
{
    bool last = to == h->len && from + 1 == to && h->at == to;

    memmove(h->line + from, h->line + to, h->len - to);
    h->len -= to - from;
    h->at = from;
    if (last)
        hmp_put(h, "\b \b", 3);
    else
        redraw(h);
}

static void move_to(struct hmp *h, size_t at)
{
    if (at > h->len || at == h->at)
        return;
    if (at < h->at)
        hmp_say(h, "\033[%zuD", h->at - at);
    else
        hmp_say(h, "\033[%zuC", at - h->at);
    h->at = at;
}

/* ---- history ---- */

static void remember(struct hmp *h)
{
    char *copy;

    if (!h->len || (h->nhistory && strcmp(h->history[h->nhistory - 1], h->line) == 0))
        return;
    copy = strdup(h->line);
    if (!copy)
        return;
    if (h->nhistory == HMP_HISTORY) {
        free(h->history[0]);
        memmove(h->history, h->history + 1, sizeof(h->history[0]) * (HMP_HISTORY - 1));
        h->nhistory--;
    }
    h->history[h->nhistory++] = copy;
}

static void look_back(struct hmp *h, bool older)
{
    const char *text;

    if (older ? !h->history_at : h->history_at == h->nhistory)
        return;
    h->line[h->len] = 0;
    if (h->history_at == h->nhistory)
        memcpy(h->kept, h->line, sizeof(h->kept));
    h->history_at += older ? -1u : 1;
    text = h->history_at == h->nhistory ? h->kept : h->history[h->history_at];
    h->len = h->at = strlen(text);
    memcpy(h->line, text, h->len + 1);
    redraw(h);
}

/* ---- completion ---- */

void hmp_offer(struct hmp *h, const char *candidate)
{
    if (strncmp(candidate, h->word, strlen(h->word)) != 0 || h->noffers == HMP_OFFERS)
        return;
    for (unsigned i = 0; i < h->noffers; i++)
        if (strcmp(h->offers[i], candidate) == 0)
            return;
    h->offers[h->noffers] = strdup(candidate);
    h->noffers += h->offers[h->noffers] != NULL;
}

static void offer_command(struct hmp *h, const struct hmp_command *c)
{
    char name[64];

    for (const char *p = c->name; *p; p += strcspn(p, "|"), p += *p == '|') {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "|"), p);
        hmp_offer(h, name);
    }
}

/* Candidates for the word that ends at the cursor; before: what stands in front of it. */
static void find_offers(struct hmp *h, char *before)
{
    const struct hmp_command *c = NULL;
    unsigned n = 0;
    char *save = NULL;

    for (char *w = strtok_r(before, " ", &save); w; w = strtok_r(NULL, " ", &save), n++) {
        if (n == 0)
            c = hmp_find(hmp_tables, w, strlen(w));
        else if (n == 1 && c && strcmp(c->name, "info") == 0) {
            c = hmp_find(hmp_info_tables, w, strlen(w));
            n = 0; /* its arguments begin here */
        }
    }
    if (n == 0 && !c)
        hmp_each(hmp_tables, offer_command, h);
    else if (c && c->complete)
        c->complete(h, n - 1);
}

static size_t common(const struct hmp *h)
{
    size_t n = strlen(h->offers[0]);

    for (unsigned i = 1; i < h->noffers; i++) {
        size_t k = 0;

        while (k < n && h->offers[i][k] == h->offers[0][k])
            k++;
        n = k;
    }
    return n;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_offers(struct hmp *h)
{
    size_t width = 0;
    unsigned columns;

    for (unsigned i = 0; i < h->noffers; i++)
        width = strlen(h->offers[i]) > width ? strlen(h->offers[i]) : width;
    width += 2;
    columns = width < 80 ? (unsigned)(80 / width) : 1;
    qsort(h->offers, h->noffers, sizeof(h->offers[0]), by_name);
    for (unsigned i = 0; i < h->noffers; i++)
        hmp_say(h, "%s%-*s", i % columns ? "" : "\n", (int)width, h->offers[i]);
    hmp_say(h, "\n");
    redraw(h);
}

static void complete(struct hmp *h)
{
    char before[HMP_LINE], word[HMP_LINE];
    size_t begin = h->at, n;

    while (begin && h->line[begin - 1] != ' ')
        begin--;
    snprintf(word, sizeof(word), "%.*s", (int)(h->at - begin), h->line + begin);
    snprintf(before, sizeof(before), "%.*s", (int)begin, h->line);
    h->word = word;
    find_offers(h, before);
    if (h->noffers) {
        n = common(h);
        if (n > strlen(word))
            insert(h, h->offers[0] + strlen(word), n - strlen(word));
        if (h->noffers == 1)
            insert(h, " ", 1);
        else if (n == strlen(word))
            list_offers(h);
    }
    while (h->noffers)
        free(h->offers[--h->noffers]);
    h->word = NULL;
}

/* ---- keys ---- */

static void line_done(struct hmp *h)
{
    h->line[h->len] = 0;
    hmp_put(h, "\n", 1);
    remember(h);
    h->history_at = h->nhistory;
    hmp_enter(h);
    h->len = h->at = 0;
}

static size_t word_begin(const struct hmp *h)
{
    size_t i = h->at;

    while (i && h->line[i - 1] == ' ')
        i--;
    while (i && h->line[i - 1] != ' ')
        i--;
    return i;
}

static void final_byte(struct hmp *h, uint8_t c)
{
    switch (c) {
    case 'A': look_back(h, true); break;
    case 'B': look_back(h, false); break;
    case 'C': move_to(h, h->at + 1); break;
    case 'D': move_to(h, h->at - (h->at > 0)); break;
    case 'H': move_to(h, 0); break;
    case 'F': move_to(h, h->len); break;
    case '~':
        if (h->escape_arg == '1' || h->escape_arg == '7')
            move_to(h, 0);
        else if (h->escape_arg == '4' || h->escape_arg == '8')
            move_to(h, h->len);
        else if (h->escape_arg == '3' && h->at < h->len)
            cut(h, h->at, h->at + 1);
        break;
    }
}

/* True: c belongs to an escape sequence. */
static bool escape(struct hmp *h, uint8_t c)
{
    switch (h->escape) {
    case PLAIN:
        if (c != 27)
            return false;
        h->escape = ESC;
        return true;
    case ESC:
        h->escape = c == '[' ? CSI : c == 'O' ? SS3 : PLAIN;
        h->escape_arg = 0;
        return true;
    default:
        if (c >= 0x40 && c < 0x7f) {
            h->escape = PLAIN;
            final_byte(h, c);
        } else if (c < 32) {
            h->escape = PLAIN;
        } else if (!h->escape_arg) {
            h->escape_arg = (char)c;
        }
        return true;
    }
}

static void control(struct hmp *h, uint8_t c)
{
    switch (c) {
    case '\r':
    case '\n': line_done(h); break;
    case '\t': complete(h); break;
    case 127:
    case 8:
        if (h->at)
            cut(h, h->at - 1, h->at);
        break;
    case 'A' & 31: move_to(h, 0); break;
    case 'E' & 31: move_to(h, h->len); break;
    case 'B' & 31: move_to(h, h->at - (h->at > 0)); break;
    case 'F' & 31: move_to(h, h->at + 1); break;
    case 'D' & 31:
        if (h->at < h->len)
            cut(h, h->at, h->at + 1);
        break;
    case 'K' & 31:
        if (h->at < h->len)
            cut(h, h->at, h->len);
        break;
    case 'U' & 31:
        if (h->at)
            cut(h, 0, h->at);
        break;
    case 'W' & 31:
        if (h->at)
            cut(h, word_begin(h), h->at);
        break;
    case 'L' & 31:
        hmp_put(h, "\033[2J\033[H", 7);
        redraw(h);
        break;
    case 'P' & 31: look_back(h, true); break;
    case 'N' & 31: look_back(h, false); break;
    case 'C' & 31:
        h->len = h->at = 0;
        h->history_at = h->nhistory;
        hmp_put(h, "\n", 1);
        hmp_prompt(h);
        break;
    }
}

void hmp_key(struct hmp *h, uint8_t c)
{
    if (escape(h, c))
        return;
    if (c >= 32 && c != 127)
        insert(h, (const char *)&c, 1);
    else
        control(h, c);
}

void hmp_edit_free(struct hmp *h)
{
    while (h->nhistory)
        free(h->history[--h->nhistory]);
}
