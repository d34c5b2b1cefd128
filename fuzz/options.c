// SPDX-License-Identifier: MIT
/* fuzz/options.c -- command line and environment: zero-separated words are arguments, a word that
 * starts with "MOA_" is a variable. Files are not opened: options that name one only note it. */
#include "fuzz/fuzz.h"

#include "base/log.h"
#include "cmd/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORDS 64

/* What options copy lives as long as the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int null = -1;
    struct cmd_user_options o = {.lx = {.exec_fd = -1, .self_fd = -1}};
    char *text = malloc(size + 1), *argv[MAX_WORDS + 2], err[256];
    int argc = 1, at, out, in;
    const struct frontend *fe = frontend_by_name("aarch64");

    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = 0;
    argv[0] = (char[]){"moa"};
    clearenv();
    for (size_t i = 0; i < size && argc <= MAX_WORDS; i += strlen(text + i) + 1)
        if (strncmp(text + i, "MOA_", 4) == 0 && strchr(text + i, '='))
            putenv(text + i);
        else
            argv[argc++] = text + i;
    argv[argc] = NULL;
    if (null < 0)
        null = open("/dev/null", O_WRONLY);
    fflush(stdout);
    out = dup(1);
    in = dup(2);
    dup2(null, 1);
    dup2(null, 2);
    at = cmd_parse_user(&o, argc, argv);
    fflush(stdout);
    dup2(out, 1);
    dup2(in, 2);
    close(out);
    close(in);
    FUZZ_CHECK(at == -1 || (at >= 1 && at <= argc));
    if (at >= 0 && o.lx.cpu) {
        struct fe_cpu_config *c;

        err[0] = 0;
        c = fe->cpu_parse(o.lx.cpu, err, sizeof(err));
        FUZZ_CHECK(c || *err);
        if (c)
            fe->cpu_free(c);
    }
    for (size_t i = 0; i < o.lx.nkeep; i++)
        free(o.lx.keep[i]);
    free(o.lx.keep);
    free(o.lx.env);
    clearenv();
    log_mask = 0;
    free(text);
    return 0;
}
