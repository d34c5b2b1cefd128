/* SPDX-License-Identifier: MIT */
/* cmd/cmd.h -- the parts of the program moa. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "linux-user/lx.h"

/* moa [options] program [arguments]: runs a Linux program. Returns an exit status. */
int cmd_user(int argc, char **argv, char **envp);
/* moa binfmt install|remove|status. */
int cmd_binfmt(int argc, char **argv);

/* moa system [options], or by the name moa-system-GUEST (guest; NULL: the default): runs a whole
 * machine. Returns an exit status. */
int cmd_system(int argc, char **argv, const char *guest);

/* -accel: fills c. 0, or -1 after one line on standard error. */
int cmd_accel(struct tcg_config *c, const char *arg);

/* Everything that options and environment can set. */
struct cmd_user_options {
    struct lx_options lx;
    const char *log_items, *log_file;
    bool log_append;
    bool jitdump, perfmap;
    bool done; /* help or a list was printed: exit with success */
};

/* Reads QEMU_* and MOA_* variables, then the options of argv up to the program. Returns the index
 * of the program's name (argc: there is none), or -1 after one line on standard error. */
int cmd_parse_user(struct cmd_user_options *o, int argc, char **argv);
void cmd_help(FILE *out);
void cmd_version(FILE *out);

#endif
