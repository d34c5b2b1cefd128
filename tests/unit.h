/* SPDX-License-Identifier: MIT */
/* tests/unit.h -- main() of a test program for check: UNIT_MAIN(name, fill) with
 * static void fill(TCase *tc), which adds the tests. Status 0 if all pass. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

#define UNIT_MAIN(name, fill)                                \
    int main(void)                                           \
    {                                                        \
        Suite *suite = suite_create(name);                   \
        TCase *tc = tcase_create(name);                      \
        SRunner *runner;                                     \
        int failed;                                          \
                                                             \
        tcase_set_timeout(tc, 60);                           \
        fill(tc);                                            \
        suite_add_tcase(suite, tc);                          \
        runner = srunner_create(suite);                      \
        srunner_run_all(runner, CK_ENV);                     \
        failed = srunner_ntests_failed(runner);              \
        srunner_free(runner);                                \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;         \
    }

#endif
