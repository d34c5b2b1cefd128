/* SPDX-License-Identifier: MIT */
/* fuzz/fuzz.h -- what a fuzz target is: one function that takes any bytes. Built with
 * --enable-fuzzers it is linked with libFuzzer, otherwise with driver.c, a plain mutator.
 * A target aborts when something does not hold; it returns 0. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts with one line that names the expectation. */
#define FUZZ_CHECK(x)                                                                              \
    do {                                                                                           \
        if (!(x))                                                                                  \
            MOA_BUG("does not hold: %s", #x);                                                      \
    } while (0)

#endif
