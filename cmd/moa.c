// SPDX-License-Identifier: MIT
/* cmd/moa.c -- the one program: picks what to do by its name and first word. */
#include "cmd/cmd.h"

#include <string.h>

int main(int argc, char **argv, char **envp)
{
    if (argc > 1 && strcmp(argv[1], "binfmt") == 0)
        return cmd_binfmt(argc - 1, argv + 1);
    return cmd_user(argc, argv, envp);
}
