// SPDX-License-Identifier: MIT
/* fuzz/driver.c -- runs a fuzz target without libFuzzer: every file of its corpus, then mutations of
 * them with a fixed seed. The mutator knows nothing of what was reached; it is there so that every
 * build and every "make check" goes over the corpus and some thousand neighbours of it.
 *
 *   NAME_fuzz [-n RUNS] [-s SEED] [FILE or FOLDER...]     default: 3000, 1, fuzz/corpus/NAME
 *
 * The input being run is kept in NAME_fuzz.input when the target crashes, to be run again or to
 * become a file of the corpus. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_ROOM 8192
#define MAX_SEEDS 512

static struct {
    uint8_t *data;
    size_t size;
} seeds[MAX_SEEDS];
static unsigned nseeds;
static uint8_t input[INPUT_ROOM];
static size_t input_size;
static char crash_file[512];
static uint64_t rng;

static uint64_t rnd(void)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static void keep_input(int sig)
{
    int fd = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ssize_t n = fd >= 0 ? write(fd, input, input_size) : -1;

    if (n >= 0)
        dprintf(2, "the input is in %s\n", crash_file);
    signal(sig, SIG_DFL);
    raise(sig);
}

static void add_file(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f || nseeds == MAX_SEEDS) {
        fprintf(stderr, "%s: %s\n", path, f ? "too many files" : "cannot be read");
        exit(EXIT_FAILURE);
    }
    seeds[nseeds].data = malloc(INPUT_ROOM);
    if (!seeds[nseeds].data)
        exit(EXIT_FAILURE);
    seeds[nseeds].size = fread(seeds[nseeds].data, 1, INPUT_ROOM, f);
    nseeds++;
    fclose(f);
}

static void add(const char *path)
{
    struct dirent **names;
    struct stat st;
    int n;

    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        add_file(path);
        return;
    }
    n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char full[4096];

        if (names[i]->d_name[0] != '.') {
            snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
            add_file(full);
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* One change: bits, bytes, numbers that matter, cut, insert, copy within, or a piece of another. */
static void mutate(void)
{
    static const uint64_t numbers[] = {0,      1,          0x7f,       0xff,       0xffff,
                                       0x1000, 0x7fffffff, 0xffffffff, ~0ull >> 1, ~0ull};
    size_t at = input_size ? rnd() % input_size : 0, len = 1 + rnd() % 32, from;
    uint64_t n;

    if (len > input_size - at)
        len = input_size - at;
    switch (rnd() % 8) {
    case 0:
        if (input_size)
            input[at] ^= (uint8_t)(1u << rnd() % 8);
        break;
    case 1:
        if (input_size)
            input[at] = (uint8_t)rnd();
        break;
    case 2: /* a number, also one off, aligned as headers have them */
        n = numbers[rnd() % ARRAY_LEN(numbers)] + rnd() % 3 - 1;
        at &= ~(size_t)(rnd() & 7);
        memcpy(input + at, &n, input_size - at < 8 ? input_size - at : 1ul << rnd() % 4);
        break;
    case 3:
        input_size = at;
        break;
    case 4: /* delete */
        memmove(input + at, input + at + len, input_size - at - len);
        input_size -= len;
        break;
    case 5: /* insert */
        if (len > INPUT_ROOM - input_size)
            len = INPUT_ROOM - input_size;
        memmove(input + at + len, input + at, input_size - at);
        input_size += len;
        for (size_t i = 0; i < len; i++)
            input[at + i] = (uint8_t)rnd();
        break;
    case 6:
        from = input_size ? rnd() % (input_size - len + 1) : 0;
        memmove(input + at, input + from, len);
        break;
    default: {
        unsigned other = (unsigned)(rnd() % nseeds);

        from = seeds[other].size ? rnd() % seeds[other].size : 0;
        if (len > seeds[other].size - from)
            len = seeds[other].size - from;
        memcpy(input + at, seeds[other].data + from, len);
    }
    }
}

static void run(void)
{
    /* a block of its own size, so that a sanitizer sees reads behind it */
    uint8_t *copy = malloc(input_size ? input_size : 1);

    if (!copy)
        exit(EXIT_FAILURE);
    memcpy(copy, input, input_size);
    LLVMFuzzerTestOneInput(copy, input_size);
    free(copy);
}

int main(int argc, char **argv)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM};
    const char *base = strrchr(argv[0], '/'), *src = getenv("srcdir");
    unsigned long runs = 3000, done = 0;
    char folder[2048];
    int opt;

    base = base ? base + 1 : argv[0];
    rng = 1;
    while ((opt = getopt(argc, argv, "n:s:")) >= 0) {
        if (opt == 'n')
            runs = strtoul(optarg, NULL, 0);
        else if (opt == 's')
            rng = strtoull(optarg, NULL, 0);
        else
            return 2;
    }
    snprintf(crash_file, sizeof(crash_file), "%s.input", base);
    snprintf(folder, sizeof(folder), "%s/fuzz/corpus/%.*s", src ? src : ".",
             (int)strcspn(base, "_"), base);
    if (optind == argc)
        add(folder);
    for (int i = optind; i < argc; i++)
        add(argv[i]);
    if (!nseeds) {
        fprintf(stderr, "no corpus in %s\n", folder);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        signal(fatal[i], keep_input);
    for (unsigned i = 0; i < nseeds; i++) {
        input_size = seeds[i].size;
        memcpy(input, seeds[i].data, input_size);
        alarm(20); /* none of them may hang */
        run();
    }
    for (; done < runs; done++) {
        unsigned k = (unsigned)(rnd() % nseeds), changes = 1 + (unsigned)(rnd() % 6);

        input_size = seeds[k].size;
        memcpy(input, seeds[k].data, input_size);
        while (changes--)
            mutate();
        alarm(20);
        run();
    }
    printf("%s: %u files, %lu mutations\n", base, nseeds, done);
    return EXIT_SUCCESS;
}
