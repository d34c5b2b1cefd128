/* SPDX-License-Identifier: MIT */
/* frontends/frontends.c -- the guests that are built in. */
#include "frontends/frontend.h"

#include "frontends/arm64/cpu.h"

#include <string.h>

const struct frontend *const frontends[] = {
    &frontend_arm64,
    NULL,
};

const struct frontend *frontend_by_name(const char *name)
{
    for (unsigned i = 0; frontends[i]; i++)
        if (!strcmp(frontends[i]->name, name))
            return frontends[i];
    return NULL;
}

const struct frontend *frontend_by_elf(uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
    for (unsigned i = 0; frontends[i]; i++) {
        const struct frontend *f = frontends[i];

        if (f->elf_machine == machine && f->elf_class == elf_class && f->elf_data == elf_data)
            return f;
    }
    return NULL;
}
