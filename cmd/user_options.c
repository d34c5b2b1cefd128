// SPDX-License-Identifier: MIT
/* cmd/user_options.c -- options and environment variables of user mode, as users of QEMU know
 * them. Options that matter to programs started by the guest are kept, so that an exec can hand
 * them on. */
#include "cmd/cmd.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum keep { ONCE, KEEP };

struct option {
    const char *name, *arg; /* arg NULL: takes none */
    const char *env;        /* QEMU_x and MOA_x, NULL: none */
    enum keep keep;
    int (*set)(struct cmd_user_options *o, const char *arg);
    const char *help;
};

static int bad(const char *name, const char *why, const char *arg)
{
    fprintf(stderr, "moa: %s: %s%s%s\n", name, why, arg ? ": " : "", arg ? arg : "");
    return -1;
}

static int number(const char *name, const char *text, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 0);
    if (end != text && (*end == 'k' || *end == 'K' || *end == 'm' || *end == 'M' || *end == 'g' ||
                        *end == 'G')) {
        unsigned shift = (*end | 32) == 'k' ? 10 : (*end | 32) == 'm' ? 20 : 30;

        if (*out >> (64 - shift))
            return bad(name, "number is too large", text);
        *out <<= shift;
        end++;
    }
    if (errno || end == text || *end || *text == '-')
        return bad(name, "not a number", text);
    return 0;
}

static int change_env(struct cmd_user_options *o, const char *text, bool set)
{
    struct lx_env_change *e = realloc(o->lx.env, (o->lx.nenv + 1) * sizeof(*e));

    if (!e)
        return bad("-E", "out of memory", NULL);
    o->lx.env = e;
    if (set && !strchr(text, '='))
        return bad("-E", "wants NAME=VALUE", text);
    if (!set && (strchr(text, '=') || !*text))
        return bad("-U", "wants a name", text);
    e[o->lx.nenv++] = (struct lx_env_change){text, set};
    return 0;
}

/* Lists of changes in a variable are separated by commas. */
static int change_list(struct cmd_user_options *o, const char *list, bool set)
{
    char *copy = strdup(list), *save = NULL; /* lives as long as the options */
    int r = copy ? 0 : -1;

    for (char *s = r ? NULL : strtok_r(copy, ",", &save); s && !r; s = strtok_r(NULL, ",", &save))
        r = change_env(o, s, set);
    return r;
}

static int set_E(struct cmd_user_options *o, const char *arg)
{
    return change_env(o, arg, true);
}

static int set_U(struct cmd_user_options *o, const char *arg)
{
    return change_env(o, arg, false);
}

static int set_L(struct cmd_user_options *o, const char *arg)
{
    char *copy = strdup(arg);
    size_t n = copy ? strlen(copy) : 0;

    while (n && copy[n - 1] == '/') /* "-L /" means no sysroot */
        copy[--n] = 0;
    o->lx.sysroot = n ? copy : NULL;
    return copy ? 0 : -1;
}

static int set_0(struct cmd_user_options *o, const char *arg)
{
    o->lx.argv0 = arg;
    return 0;
}

static int set_r(struct cmd_user_options *o, const char *arg)
{
    o->lx.release = arg;
    return 0;
}

static int set_s(struct cmd_user_options *o, const char *arg)
{
    return number("-s", arg, &o->lx.stack_size);
}

static int set_B(struct cmd_user_options *o, const char *arg)
{
    if (number("-B", arg, &o->lx.guest_base))
        return -1;
    if (o->lx.guest_base & (LX_PAGE - 1))
        return bad("-B", "not a multiple of the page size", arg);
    o->lx.guest_base_set = true;
    return 0;
}

static int set_R(struct cmd_user_options *o, const char *arg)
{
    return number("-R", arg, &o->lx.reserved_va);
}

/* NAME:SOFT:HARD, as exec.c writes it. */
static int set_rlimit(struct cmd_user_options *o, const char *arg)
{
    for (unsigned i = 0; i < LX_LIMITS; i++) {
        struct lx_rlimit *l = &o->lx.limits[i];
        size_t n = strlen(lx_limit_names[i]);
        unsigned long long cur, max;
        int end = 0;

        if (strncmp(arg, lx_limit_names[i], n) != 0 || arg[n] != ':')
            continue;
        if (sscanf(arg + n, ":%llu:%llu%n", &cur, &max, &end) == 2 && !arg[n + end] && cur <= max) {
            *l = (struct lx_rlimit){true, cur, max};
            return 0;
        }
    }
    return bad("-rlimit", "wants as, data or stack, :SOFT:HARD", arg);
}

static int set_child(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    o->lx.child = true;
    return 0;
}

static int set_cpu(struct cmd_user_options *o, const char *arg)
{
    o->lx.cpu = arg;
    return 0;
}

static int set_g(struct cmd_user_options *o, const char *arg)
{
    o->lx.gdb = *arg ? arg : NULL;
    return 0;
}

static int set_d(struct cmd_user_options *o, const char *arg)
{
    char word[512];
    int r = log_parse(arg, stdout, word, sizeof(word));

    if (r < 0)
        return bad("-d", "no such log item", word);
    o->done |= r > 0;
    return 0;
}

static int set_D(struct cmd_user_options *o, const char *arg)
{
    o->log_file = arg;
    return 0;
}

static int set_D_append(struct cmd_user_options *o, const char *arg)
{
    o->log_append = true;
    return set_D(o, arg);
}

static int set_dfilter(struct cmd_user_options *o, const char *arg)
{
    (void)o;
    return log_filter(arg) ? bad("-dfilter", "bad address range", arg) : 0;
}

static int set_strace(struct cmd_user_options *o, const char *arg)
{
    (void)o;
    (void)arg;
    log_mask |= LOG_strace;
    return 0;
}

static int set_seed(struct cmd_user_options *o, const char *arg)
{
    uint64_t n;

    o->lx.seed = arg;
    return number("-seed", arg, &n);
}

static int set_accel(struct cmd_user_options *o, const char *arg)
{
    return cmd_accel(&o->lx.engine, arg);
}

static int set_singlestep(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    o->lx.engine.one_insn = true;
    return 0;
}

static int set_jitdump(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    o->jitdump = true;
    return 0;
}

static int set_perfmap(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    o->perfmap = true;
    return 0;
}

static int set_p(struct cmd_user_options *o, const char *arg)
{
    (void)o;
    return bad("-p", "the page size of the guest cannot be changed", arg);
}

static int set_help(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    cmd_help(stdout);
    o->done = true;
    return 0;
}

static int set_version(struct cmd_user_options *o, const char *arg)
{
    (void)arg;
    cmd_version(stdout);
    o->done = true;
    return 0;
}

static const struct option options[] = {
    {"L", "DIR", "LD_PREFIX", KEEP, set_L, "look for libraries and files below DIR first"},
    {"E", "NAME=VALUE", NULL, ONCE, set_E, "set a variable of the program's environment"},
    {"U", "NAME", NULL, ONCE, set_U, "remove a variable from it"},
    {"0", "NAME", "ARGV0", ONCE, set_0, "argv[0] of the program"},
    {"cpu", "MODEL", "CPU", KEEP, set_cpu, "processor and features (-cpu help)"},
    {"g", "PORT", "GDB", ONCE, set_g, "wait for gdb on PORT, HOST:PORT or a Unix socket's path"},
    {"s", "SIZE", "STACK_SIZE", KEEP, set_s, "size of the main stack"},
    {"B", "ADDRESS", "GUEST_BASE", KEEP, set_B, "add ADDRESS to guest addresses"},
    {"R", "SIZE", "RESERVED_VA", KEEP, set_R, "reserve SIZE bytes as the guest's address space"},
    {"child", NULL, NULL, ONCE, set_child, "a guest's exec starts this: its parent tells how it ends"},
    {"rlimit", "NAME:SOFT:HARD", NULL, ONCE, set_rlimit, "guest's limit on as, data or stack, bytes"},
    {"r", "RELEASE", "UNAME", KEEP, set_r, "kernel release that uname reports"},
    {"d", "ITEM,...", "LOG", KEEP, set_d, "what to log (-d help)"},
    {"D", "FILE", "LOG_FILENAME", ONCE, set_D, "log to FILE; %d becomes the process id"},
    {"D+", "FILE", NULL, ONCE, set_D_append, "the same, appending"},
    {"dfilter", "RANGE,...", "DFILTER", KEEP, set_dfilter, "log code only in these addresses"},
    {"strace", NULL, "STRACE", KEEP, set_strace, "log system calls"},
    {"seed", "NUMBER", "RAND_SEED", KEEP, set_seed, "seed of the random bytes given at start"},
    {"accel", "tcg[,backend=NAME]", NULL, KEEP, set_accel, "native code or the interpreter"},
    {"singlestep", NULL, "SINGLESTEP", KEEP, set_singlestep, "translate one instruction at a time"},
    {"one-insn-per-tb", NULL, "ONE_INSN_PER_TB", KEEP, set_singlestep, "the same"},
    {"jitdump", NULL, NULL, ONCE, set_jitdump, "write jit-PID.dump here, for perf inject --jit"},
    {"perfmap", NULL, NULL, ONCE, set_perfmap, "write /tmp/perf-PID.map for perf report"},
    {"p", "SIZE", "PAGESIZE", ONCE, set_p, "refused: the page size is fixed"},
    {"h", NULL, NULL, ONCE, set_help, "this text"},
    {"help", NULL, NULL, ONCE, set_help, "this text"},
    {"version", NULL, "VERSION", ONCE, set_version, "version and what is built in"},
};

void cmd_help(FILE *out)
{
    fprintf(out, "usage: moa [options] program [arguments]\n"
                 "       moa binfmt install|remove|status\n"
                 "Runs a Linux program of another processor.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        char head[64];

        snprintf(head, sizeof(head), "-%s %s", options[i].name,
                 options[i].arg ? options[i].arg : "");
        fprintf(out, "  %-26s %s\n", head, options[i].help);
    }
    fprintf(out, "\nQEMU_x and MOA_x set the option x in the environment: LD_PREFIX, CPU, LOG,\n"
                 "LOG_FILENAME, STRACE, STACK_SIZE, GDB, ARGV0, SET_ENV, UNSET_ENV, ...\n");
}

static int keep(struct cmd_user_options *o, const struct option *opt, const char *arg)
{
    char **k = realloc(o->lx.keep, (o->lx.nkeep + 2) * sizeof(*k)), *name;

    if (!k || asprintf(&name, "-%s", opt->name) < 0)
        return bad(opt->name, "out of memory", NULL);
    o->lx.keep = k;
    k[o->lx.nkeep++] = name;
    if (opt->arg && !(k[o->lx.nkeep++] = strdup(arg)))
        return bad(opt->name, "out of memory", NULL);
    return 0;
}

/* A switch in the environment is off when it says so. */
static bool says_no(const char *v)
{
    static const char *const no[] = {"", "0", "no", "off", "false"};

    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (strcmp(v, no[i]) == 0)
            return true;
    return false;
}

static int from_env(struct cmd_user_options *o, const char *prefix)
{
    char name[64];
    const char *v;

    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (!options[i].env)
            continue;
        snprintf(name, sizeof(name), "%s_%s", prefix, options[i].env);
        v = getenv(name); /* stays in the environment, so that an exec sees it again */
        if (v && !options[i].arg && says_no(v))
            continue;
        if (v && options[i].set(o, v))
            return -1;
    }
    snprintf(name, sizeof(name), "%s_SET_ENV", prefix);
    v = getenv(name);
    if (v && change_list(o, v, true))
        return -1;
    snprintf(name, sizeof(name), "%s_UNSET_ENV", prefix);
    v = getenv(name);
    return v && change_list(o, v, false) ? -1 : 0;
}

int cmd_parse_user(struct cmd_user_options *o, int argc, char **argv)
{
    int i = 1;

    if (from_env(o, "QEMU") || from_env(o, "MOA"))
        return -1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *name = argv[i] + 1 + (argv[i][1] == '-'), *arg = NULL;
        size_t k;

        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        for (k = 0; k < ARRAY_LEN(options) && strcmp(options[k].name, name) != 0; k++)
            ;
        if (k == ARRAY_LEN(options)) {
            fprintf(stderr, "moa: %s: unknown option (try --help)\n", argv[i]);
            return -1;
        }
        if (options[k].arg) {
            if (++i == argc)
                return bad(argv[i - 1], "needs an argument", NULL);
            arg = argv[i];
        }
        if (options[k].set(o, arg) || (options[k].keep == KEEP && keep(o, &options[k], arg)))
            return -1;
        if (o->done)
            break;
    }
    return i;
}
