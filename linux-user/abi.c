// SPDX-License-Identifier: MIT
/* linux-user/abi.c -- the guests that linux-user knows. */
#include "linux-user/abi.h"

#include "frontends/frontend.h"

#include <string.h>

static const struct lx_abi *const abis[] = {
    &lx_abi_arm64,
};

const struct lx_abi *lx_abi_find(const struct frontend *fe)
{
    for (size_t i = 0; i < ARRAY_LEN(abis); i++)
        if (strcmp(abis[i]->fe_name, fe->name) == 0)
            return abis[i];
    return NULL;
}
