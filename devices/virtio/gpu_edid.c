// SPDX-License-Identifier: MIT
/* devices/virtio/gpu_edid.c -- what a monitor says of itself (VESA E-EDID 1.4, the base block of 128
 * bytes): a name, its best size as a detailed timing of 60 pictures a second, and usual sizes. Sides
 * of more than 4,095 pixels, and pixel clocks of more than 655 MHz, have no place in it: they are cut
 * and slowed down. */
#include "devices/virtio/gpu_state.h"

#include <stdio.h>
#include <string.h>

enum { DPI = 100, BLANK_X = 160, BLANK_Y = 40, HZ = 60 };

static uint32_t millimetres(uint32_t pixels)
{
    return pixels * 254 / (10 * DPI);
}

static void detailed(uint8_t *d, uint32_t w, uint32_t h)
{
    uint32_t mm_w = millimetres(w), mm_h = millimetres(h);
    uint64_t clock = (uint64_t)(w + BLANK_X) * (h + BLANK_Y) * HZ / 10000;

    virtio_put(d, clock > 0xffff ? 0xffff : clock, 2);
    d[2] = (uint8_t)w;
    d[3] = BLANK_X;
    d[4] = (uint8_t)(w >> 8 << 4);
    d[5] = (uint8_t)h;
    d[6] = BLANK_Y;
    d[7] = (uint8_t)(h >> 8 << 4);
    d[8] = 48;          /* front porch, then width of the pulse, of a row */
    d[9] = 32;
    d[10] = 3 << 4 | 6; /* the same of a picture */
    d[12] = (uint8_t)mm_w;
    d[13] = (uint8_t)mm_h;
    d[14] = (uint8_t)((mm_w >> 8) << 4 | (mm_h >> 8 & 15));
    d[17] = 0x1e;       /* digital, separate pulses, both upwards */
}

static void text(uint8_t *d, uint8_t kind, const char *s)
{
    size_t n = strlen(s);

    d[3] = kind;
    memset(d + 5, ' ', 13);
    memcpy(d + 5, s, n < 13 ? n : 13);
    if (n < 13)
        d[5 + n] = '\n';
}

unsigned gpu_edid(uint8_t *e, uint32_t w, uint32_t h, unsigned number)
{
    static const uint8_t head[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    static const uint8_t colours[10] = {0xee, 0x95, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54};
    /* 1024x768, 1280x800, 1280x1024, 1440x900, 1600x1200, 1680x1050, 1920x1080, 1920x1200 */
    static const uint8_t standard[16] = {0x61, 0x40, 0x81, 0x00, 0x81, 0x80, 0x95, 0x00,
                                         0xa9, 0x40, 0xb3, 0x00, 0xd1, 0xc0, 0xd1, 0x00};
    char name[14];
    uint8_t sum = 0;

    w = w > 4095 ? 4095 : w;
    h = h > 4095 ? 4095 : h;
    memset(e, 0, GPU_EDID_SIZE);
    memcpy(e, head, sizeof(head));
    e[8] = ('M' - 64) << 2 | ('O' - 64) >> 3; /* three letters of five bits */
    e[9] = (uint8_t)(('O' - 64) << 5 | ('A' - 64));
    virtio_put(e + 10, 1, 2);
    virtio_put(e + 12, number + 1, 4);
    e[16] = 1;
    e[17] = 2026 - 1990;
    e[18] = 1;
    e[19] = 4;
    e[20] = 0xa5; /* digital, 8 bits a colour, DisplayPort */
    e[21] = (uint8_t)(millimetres(w) / 10);
    e[22] = (uint8_t)(millimetres(h) / 10);
    e[23] = 120;  /* gamma 2.2 */
    e[24] = 0x06; /* sRGB; the first timing is the best one */
    memcpy(e + 25, colours, sizeof(colours));
    e[35] = 0x21; /* 640x480, 800x600 */
    e[36] = 0x08; /* 1024x768 */
    memcpy(e + 38, standard, sizeof(standard));
    detailed(e + 54, w, h);
    e[72 + 3] = 0xfd; /* limits: pictures a second, thousand rows a second, 10 MHz of pixels */
    e[72 + 5] = 50;
    e[72 + 6] = 125;
    e[72 + 7] = 30;
    e[72 + 8] = 160;
    e[72 + 9] = 66;
    e[72 + 10] = 1; /* limits only, no formula */
    e[72 + 11] = '\n';
    memset(e + 72 + 12, ' ', 6);
    snprintf(name, sizeof(name), "moa %u", number);
    text(e + 90, 0xfc, name);
    text(e + 108, 0xff, "1");
    for (unsigned i = 0; i < 127; i++)
        sum = (uint8_t)(sum + e[i]);
    e[127] = (uint8_t)-sum;
    return GPU_EDID_SIZE;
}
