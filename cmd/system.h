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
    unsigned net_devices, net_networks; /* of -net */
    bool done; /* help or a list was printed: exit with success */
};

/* Reads argv. 0, or -1 after one line on standard error. */
int cmd_parse_system(struct cmd_system_options *o, int argc, char **argv);

/* A text made like printf's that is there until moa ends, as what argv holds is; NULL: out of memory. */
char *cmd_keep(const char *fmt, ...) MOA_PRINTF(1, 2);

/* system_net.c: -nic, -net; the latter's devices and networks are as many. */
int cmd_set_nic(struct cmd_system_options *o, const char *arg);
int cmd_set_net(struct cmd_system_options *o, const char *arg);
int cmd_check_nets(const struct cmd_system_options *o);

#endif
