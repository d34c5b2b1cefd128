// SPDX-License-Identifier: MIT
/* cmd/moa.c -- the one program: picks what to do by its name and first word. */
#include "cmd/cmd.h"

#include <string.h>

int main(int argc, char **argv, char **envp)
{
    const char *name = strrchr(argv[0], '/');

    name = name ? name + 1 : argv[0];
    if (argc > 1 && strcmp(argv[1], "binfmt") == 0)
        return cmd_binfmt(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "system") == 0)
        return cmd_system(argc - 1, argv + 1, NULL);
    if (strncmp(name, "moa-system-", 11) == 0 || strncmp(name, "qemu-system-", 12) == 0)
        return cmd_system(argc, argv, strstr(name, "system-") + 7);
    return cmd_user(argc, argv, envp);
}
