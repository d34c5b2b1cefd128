/* SPDX-License-Identifier: MIT */
/* tests/tcg/case.h -- a file of IR cases: state, code as IR text, expected state.
 *
 *   case NAME                    starts a case; '#' starts a comment
 *   set UNIT = NUMBER            up to 128 bits
 *   set round = up               enum tcg_round; set fstatus = bits
 *   mem ADDRESS: 01 02 ff        bytes in guest memory
 *   page N none|read             rights of page N (of TOY_PAGE bytes)
 *   region PC ...                IR text up to the next of these words; runs from the first region
 *   expect UNIT = NUMBER         fstatus = bits, pc = NUMBER, mem ADDRESS: bytes,
 *   expect exit = REASON [CODE [ADDRESS]]
 *
 * What is not expected must not have changed, memory included. The run ends at the first exit that
 * the engine hands out. */
#ifndef TESTS_TCG_CASE_H
#define TESTS_TCG_CASE_H

#include "tests/tcg/toy.h"

/* Runs every case of the file in each mode; failures are told on stderr as FILE:CASE: text.
 * Returns the number of failures, -1 if the file cannot be read; *ncases counts. */
int case_file_run(struct toy *t, const char *path, unsigned *ncases);

#endif
