// SPDX-License-Identifier: MIT
/* cmd/accel.c -- the option -accel, the same for programs and machines. */
#include "cmd/cmd.h"

#include "tcg/backend.h"

#include <stdlib.h>
#include <string.h>

static const struct tcg_backend *backend_by_name(const char *name)
{
    for (unsigned i = 0; tcg_backends[i]; i++)
        if (strcmp(tcg_backends[i]->name, name) == 0)
            return tcg_backends[i];
    return NULL;
}

/* SEED[:RATE] */
static bool set_leave(struct tcg_config *c, const char *arg)
{
    char *end;

    c->leave_seed = strtoull(arg, &end, 0);
    c->leave_rate = 0;
    if (end == arg || !c->leave_seed)
        return false;
    if (*end == ':')
        c->leave_rate = (uint32_t)strtoul(end + 1, &end, 0);
    c->oracle = backend_by_name("interp");
    return !*end && c->oracle;
}

static bool accel_word(struct tcg_config *c, const char *word)
{
    if (strcmp(word, "tcg") == 0)
        return true;
    if (strcmp(word, "thread=multi") == 0) /* a thread for each vcpu: there is no other way yet */
        return true;
    if (strcmp(word, "backend=native") == 0) /* the best there is */
        return (c->backend = tcg_backends[0]) != NULL;
    if (strncmp(word, "backend=", 8) == 0)
        return (c->backend = backend_by_name(word + 8)) != NULL;
    if (strncmp(word, "x-leave=", 8) == 0) /* docs/proofs.md */
        return set_leave(c, word + 8);
    if (strcmp(word, "x-nofold") == 0)
        return c->no_fold = true;
    if (strcmp(word, "x-float-check") == 0)
        return c->float_check = true;
    if (strcmp(word, "x-verify") == 0)
        return c->verify = true;
    return false;
}

int cmd_accel(struct tcg_config *c, const char *arg)
{
    char buf[256], *at, *word;
    char names[128] = "wants tcg[,backend=native";
    bool ok = *arg != 0;

    snprintf(buf, sizeof(buf), "%s", arg);
    for (word = strtok_r(buf, ",", &at); word; word = strtok_r(NULL, ",", &at))
        ok = ok && (word == buf) == (strcmp(word, "tcg") == 0) &&
             accel_word(c, word);
    if (ok)
        return 0;
    for (unsigned i = 0; tcg_backends[i]; i++) {
        size_t n = strlen(names);

        snprintf(names + n, sizeof(names) - n, "|%s%s", tcg_backends[i]->name,
                 tcg_backends[i + 1] ? "" : "]");
    }
    fprintf(stderr, "moa: -accel: %s: %s\n", names, arg);
    return -1;
}
