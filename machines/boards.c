// SPDX-License-Identifier: MIT
/* machines/boards.c -- the table of all boards. */
#include "machines/virt_arm64.h"

const struct board *const boards[] = {
    &board_virt_arm64,
    NULL,
};
