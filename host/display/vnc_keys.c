// SPDX-License-Identifier: MIT
/* host/display/vnc_keys.c -- tables of keys: keysyms (X11/keysymdef.h) and PC scancodes to evdev.
 * Scancodes up to 0x58 are evdev's numbers but for 0x54. */
#include "host/display/vnc_keys.h"

struct pair {
    uint16_t from;
    uint8_t to;
};

/* By keysym: characters, from the space on. */
static const uint8_t characters[96] = {
    57, 2, 40, 4, 5, 6, 8, 40, 10, 11, 9, 13, 51, 12, 52, 53,
    11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 39, 39, 51, 13, 52, 53,
    3, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24,
    25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 26, 43, 27, 7, 12,
    41, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24,
    25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 26, 43, 27, 41, 0,
};

static const struct pair syms[] = {
    {0xfe03, 100}, {0xfe20, 15}, {0xff08, 14}, {0xff09, 15}, {0xff0a, 28}, {0xff0d, 28},
    {0xff13, 119}, {0xff14, 70}, {0xff15, 99}, {0xff1b, 1}, {0xff22, 94}, {0xff23, 92},
    {0xff27, 93}, {0xff31, 122}, {0xff34, 123}, {0xff50, 102}, {0xff51, 105}, {0xff52, 103},
    {0xff53, 106}, {0xff54, 108}, {0xff55, 104}, {0xff56, 109}, {0xff57, 107}, {0xff61, 99},
    {0xff63, 110}, {0xff67, 127}, {0xff6b, 119}, {0xff7f, 69}, {0xff8d, 96}, {0xff95, 71},
    {0xff96, 75}, {0xff97, 72}, {0xff98, 77}, {0xff99, 80}, {0xff9a, 73}, {0xff9b, 81},
    {0xff9c, 79}, {0xff9d, 76}, {0xff9e, 82}, {0xff9f, 83}, {0xffaa, 55}, {0xffab, 78},
    {0xffac, 121}, {0xffad, 74}, {0xffae, 83}, {0xffaf, 98}, {0xffb0, 82}, {0xffb1, 79},
    {0xffb2, 80}, {0xffb3, 81}, {0xffb4, 75}, {0xffb5, 76}, {0xffb6, 77}, {0xffb7, 71},
    {0xffb8, 72}, {0xffb9, 73}, {0xffbd, 117}, {0xffbe, 59}, {0xffbf, 60}, {0xffc0, 61},
    {0xffc1, 62}, {0xffc2, 63}, {0xffc3, 64}, {0xffc4, 65}, {0xffc5, 66}, {0xffc6, 67},
    {0xffc7, 68}, {0xffc8, 87}, {0xffc9, 88}, {0xffca, 183}, {0xffcb, 184}, {0xffcc, 185},
    {0xffcd, 186}, {0xffce, 187}, {0xffcf, 188}, {0xffd0, 189}, {0xffd1, 190}, {0xffd2, 191},
    {0xffd3, 192}, {0xffd4, 193}, {0xffd5, 194}, {0xffe1, 42}, {0xffe2, 54}, {0xffe3, 29},
    {0xffe4, 97}, {0xffe5, 58}, {0xffe7, 125}, {0xffe8, 126}, {0xffe9, 56}, {0xffea, 100},
    {0xffeb, 125}, {0xffec, 126}, {0xffff, 111},
};

static const struct pair scancodes[] = {
    {0x54, 99}, {0x59, 117}, {0x70, 93}, {0x73, 89}, {0x79, 92}, {0x7b, 94}, {0x7d, 124},
    {0x7e, 121}, {0x90, 165}, {0x99, 163}, {0x9c, 96}, {0x9d, 97}, {0xa0, 113}, {0xa1, 140},
    {0xa2, 164}, {0xa4, 166}, {0xae, 114}, {0xb0, 115}, {0xb2, 172}, {0xb5, 98}, {0xb7, 99},
    {0xb8, 100}, {0xc6, 119}, {0xc7, 102}, {0xc8, 103}, {0xc9, 104}, {0xcb, 105}, {0xcd, 106},
    {0xcf, 107}, {0xd0, 108}, {0xd1, 109}, {0xd2, 110}, {0xd3, 111}, {0xdb, 125}, {0xdc, 126},
    {0xdd, 127}, {0xde, 116}, {0xdf, 142}, {0xe3, 143}, {0xe6, 156}, {0xe7, 173}, {0xe9, 159},
    {0xea, 158}, {0xec, 155},
};

static uint16_t find(const struct pair *p, size_t n, uint32_t what)
{
    for (size_t i = 0; i < n; i++)
        if (p[i].from == what)
            return p[i].to;
    return 0;
}

uint16_t vnc_key_of_sym(uint32_t sym)
{
    if (sym >= 0x20 && sym < 0x80)
        return characters[sym - 0x20];
    return find(syms, ARRAY_LEN(syms), sym);
}

uint16_t vnc_key_of_scancode(uint32_t code)
{
    if (code <= 0x58 && code != 0x54)
        return (uint16_t)code;
    return find(scancodes, ARRAY_LEN(scancodes), code);
}
