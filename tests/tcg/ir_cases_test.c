// SPDX-License-Identifier: MIT
/* Runs the IR cases of tests/tcg/cases in every backend of this build. Arguments: files to run
 * instead of all; -b NAME: this backend only. */
#include "tests/tcg/case.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char *folder(char *buf, size_t len)
{
    const char *src = getenv("srcdir");

    snprintf(buf, len, "%s/tests/tcg/cases", src ? src : ".");
    return buf;
}

static int is_case(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return n > 3 && strcmp(d->d_name + n - 3, ".ir") == 0;
}

static int run_folder(struct toy *t, unsigned *ncases)
{
    char dir[1024], path[2048];
    struct dirent **names;
    int n = scandir(folder(dir, sizeof(dir)), &names, is_case, alphasort), failures = 0;

    if (n <= 0) {
        fprintf(stderr, "no cases in %s\n", dir);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        int bad;

        snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
        bad = case_file_run(t, path, ncases);
        failures += bad < 0 ? 1 : bad;
        free(names[i]);
    }
    free(names);
    return failures;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    int first = 1, failures = 0;

    if (argc > 2 && strcmp(argv[1], "-b") == 0) {
        only = argv[2];
        first = 3;
    }
    for (unsigned k = 0; tcg_backends[k]; k++) {
        struct toy *t;
        unsigned ncases = 0;

        if (only && strcmp(only, tcg_backends[k]->name) != 0)
            continue;
        t = toy_new(tcg_backends[k]);
        if (!t)
            return EXIT_FAILURE;
        if (first == argc)
            failures += run_folder(t, &ncases);
        for (int i = first; i < argc; i++) {
            int bad = case_file_run(t, argv[i], &ncases);

            if (bad < 0)
                fprintf(stderr, "%s: cannot be read\n", argv[i]);
            failures += bad < 0 ? 1 : bad;
        }
        printf("%s: %u cases, %d failures\n", tcg_backends[k]->name, ncases, failures);
        if (!ncases)
            failures++;
        toy_free(t);
    }
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
