/* SPDX-License-Identifier: MIT */
/* cmd/system.h -- options of whole machines. */
#ifndef CMD_SYSTEM_H
#define CMD_SYSTEM_H

#include "machines/machine.h"

struct cmd_system_options {
    struct machine_options m;
    const char *guest;
    const char *log_file;
    bool jitdump, perfmap;
    bool done; /* help or a list was printed: exit with success */
};

/* Reads argv. 0, or -1 after one line on standard error. */
int cmd_parse_system(struct cmd_system_options *o, int argc, char **argv);

#endif
