// SPDX-License-Identifier: MIT
/* cmd/img.c -- moa-img: makes, converts, checks and changes disk images. One file for each command.
 */
#include "cmd/img.h"

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} commands[] = {
    {"bench", img_bench,
     "[-c COUNT] [-d DEPTH] [-f FMT] [--flush-interval=N] [-o OFFSET] [--pattern=BYTE] [-q]\n"
     "          [-s SIZE] [-S STEP] [-t CACHE] [-w] [-U] FILE"},
    {"check", img_check, "[-f FMT] [--output=human|json] [-r leaks|all] [-q] [-T CACHE] [-U] FILE"},
    {"commit", img_commit, "[-f FMT] [-t CACHE] [-b BASE] [-d] [-p] [-q] FILE"},
    {"compare", img_compare, "[-f FMT] [-F FMT] [-T CACHE] [-p] [-q] [-s] [-U] FILE1 FILE2"},
    {"convert", img_convert,
     "[-c] [-f FMT] [-O FMT] [-B BACKING] [-F FMT] [-o OPTIONS] [-l SNAPSHOT] [-S SPARSE]\n"
     "          [-m THREADS] [-n] [-p] [-q] [-t CACHE] [-T CACHE] [-U] [-W] FILE... TARGET"},
    {"create", img_create, "[-f FMT] [-b BACKING] [-F FMT] [-o OPTIONS] [-q] [-u] FILE [SIZE]"},
    {"info", img_info, "[-f FMT] [--output=human|json] [--backing-chain] [-U] FILE"},
    {"map", img_map, "[-f FMT] [-s OFFSET] [-l LENGTH] [--output=human|json] [-U] FILE"},
    {"rebase", img_rebase,
     "[-f FMT] -b BACKING [-F FMT] [-u] [-p] [-q] [-t CACHE] [-T CACHE] [-U] FILE"},
    {"resize", img_resize, "[-f FMT] [--preallocation=MODE] [--shrink] [-q] FILE [+|-]SIZE"},
    {"snapshot", img_snapshot,
     "[-l | -a SNAPSHOT | -c SNAPSHOT | -d SNAPSHOT] [-f FMT] [-q] [-U] FILE"},
};

static const char *current = "";

int img_error(const char *fmt, ...)
{
    va_list ap;

    fputs("moa-img: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return 1;
}

int img_usage(const char *command, const char *why)
{
    img_error("%s: %s", command, why);
    fprintf(stderr, "Try 'moa-img %s --help'\n", command);
    return 1;
}

static void help(FILE *out)
{
    fprintf(out, "moa-img %s\nusage: moa-img COMMAND [OPTIONS] FILE...\n", PACKAGE_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].usage);
    fprintf(out, "Formats:");
    for (unsigned i = 0; image_format_at(i); i++)
        fprintf(out, " %s", image_format_at(i)->name);
    fprintf(out, ". Options of -o: moa-img create -f FMT -o help. More: man moa-img\n");
}

int img_getopt(int argc, char **argv, const char *words, const struct option *longs)
{
    int c = getopt_long(argc, argv, words, longs, NULL);

    if (c == IMG_HELP || c == 'h') {
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
            if (strcmp(commands[i].name, current) == 0)
                printf("usage: moa-img %s %s\n", current, commands[i].usage);
        exit(0);
    }
    if (c == IMG_REFUSED) {
        img_error("%s: '%s' is not supported", current, argv[optind - 1]);
        return '?';
    }
    if (c == '?')
        fprintf(stderr, "Try 'moa-img %s --help'\n", current);
    return c;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return 1;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("moa-img %s\n", PACKAGE_VERSION);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            int r;

            current = commands[i].name;
            argv[1] = argv[0];
            r = commands[i].run(argc - 1, argv + 1);
            if (fflush(stdout) != 0 || ferror(stdout))
                return img_error("standard output: %s", strerror(errno));
            return r;
        }
    img_error("Command not found: %s", argv[1]);
    fprintf(stderr, "Try 'moa-img --help'\n");
    return 1;
}
