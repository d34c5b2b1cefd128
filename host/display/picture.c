// SPDX-License-Identifier: MIT
/* host/display/picture.c -- a surface into a file: PPM (P6), or PNG by libpng, 8 bits a colour,
 * without alpha. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/display/display.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_PNG
#include <png.h>
#endif

static void rgb_row(const struct display_surface *s, uint32_t y, uint32_t *row, uint8_t *rgb)
{
    display_row(s, 0, y, s->width, row);
    for (uint32_t x = 0; x < s->width; x++) {
        rgb[3 * x] = (uint8_t)(row[x] >> 16);
        rgb[3 * x + 1] = (uint8_t)(row[x] >> 8);
        rgb[3 * x + 2] = (uint8_t)row[x];
    }
}

static int write_ppm(FILE *f, const struct display_surface *s, uint32_t *row, uint8_t *rgb)
{
    if (fprintf(f, "P6\n%u %u\n255\n", s->width, s->height) < 0)
        return errno ? -errno : -EIO;
    for (uint32_t y = 0; y < s->height; y++) {
        rgb_row(s, y, row, rgb);
        if (fwrite(rgb, 3, s->width, f) != s->width)
            return errno ? -errno : -EIO;
    }
    return 0;
}

#ifdef HAVE_PNG
static void quiet(png_structp png, png_const_charp text)
{
    (void)png, (void)text;
}

static void failed(png_structp png, png_const_charp text)
{
    (void)text;
    longjmp(png_jmpbuf(png), 1);
}

static int write_png(FILE *f, const struct display_surface *s, uint32_t *row, uint8_t *rgb)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, failed, quiet);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    if (!info) {
        png_destroy_write_struct(&png, NULL);
        return -ENOMEM;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return errno ? -errno : -EIO;
    }
    png_init_io(png, f);
    png_set_IHDR(png, info, s->width, s->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < s->height; y++) {
        rgb_row(s, y, row, rgb);
        png_write_row(png, rgb);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return 0;
}
#endif

int host_picture_write(FILE *f, enum host_picture kind, const struct display_surface *s)
{
    uint32_t *row = calloc(s->width, sizeof(*row));
    uint8_t *rgb = calloc(s->width, 3);
    int r = -ENOMEM;

    errno = 0;
    if (row && rgb) {
#ifdef HAVE_PNG
        r = kind == HOST_PICTURE_PNG ? write_png(f, s, row, rgb) : write_ppm(f, s, row, rgb);
#else
        r = kind == HOST_PICTURE_PNG ? -ENOTSUP : write_ppm(f, s, row, rgb);
#endif
    }
    free(row);
    free(rgb);
    return r;
}
