// SPDX-License-Identifier: MIT
/* cmd/system_options.c -- options of whole machines, as users of QEMU know them. What moa does not
 * have is refused by name. */
#include "cmd/system.h"

#include "base/log.h"
#include "cmd/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct option {
    const char *name, *arg; /* arg NULL: takes none */
    int (*set)(struct cmd_system_options *o, const char *arg);
    const char *help;       /* NULL: accepted, not shown */
};

static int bad(const char *name, const char *why, const char *arg)
{
    fprintf(stderr, "moa: %s: %s%s%s\n", name, why, arg ? ": " : "", arg ? arg : "");
    return -1;
}

/* A number with k, M, G or T; without one in units of `unit`. */
static int size(const char *name, const char *text, uint64_t unit, uint64_t *out)
{
    static const char letters[] = "bkmgt";
    const char *l;
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 0);
    if (errno || end == text || *text == '-')
        return bad(name, "not a size", text);
    if (*end && (l = strchr(letters, *end | 32))) {
        unit = 1ull << 10 * (l - letters);
        end++;
    }
    if (*end || !*out || *out > (1ull << 50) / unit)
        return bad(name, "not a size", text);
    *out *= unit;
    return 0;
}

/* ---- lists ---- */

static int list_machines(const struct cmd_system_options *o)
{
    printf("machines of %s:\n", o->guest);
    for (unsigned i = 0; boards[i]; i++) {
        if (strcmp(boards[i]->guest, o->guest) != 0)
            continue;
        printf("  %-16s %s\n", boards[i]->name, boards[i]->text);
        if (boards[i]->alias)
            printf("  %-16s (alias of %s)\n", boards[i]->alias, boards[i]->name);
    }
    return 0;
}

static int machine_help(const struct cmd_system_options *o, const char *text)
{
    size_t n = strcspn(text, ",");
    const struct board *b = board_by_name(o->guest, text, n);

    if (!b)
        return bad("-machine", "no such machine (-M help lists them)", text);
    printf("options of -machine %s:\n", b->name);
    for (const struct board_prop *p = b->props; p->name; p++)
        printf("  %-16s %s\n", p->name, p->text);
    return 0;
}

static int set_machine(struct cmd_system_options *o, const char *arg)
{
    size_t n = strlen(arg);

    if (strncmp(arg, "type=", 5) == 0)
        arg += 5, n -= 5;
    o->m.machine = arg;
    o->done = strcmp(arg, "help") == 0 || strcmp(arg, "?") == 0;
    if (o->done)
        return list_machines(o);
    o->done = n > 5 && strcmp(arg + n - 5, ",help") == 0;
    return o->done ? machine_help(o, arg) : 0;
}

static int set_cpu(struct cmd_system_options *o, const char *arg)
{
    const struct frontend *fe = frontend_by_name(o->guest);

    o->m.cpu = arg;
    if (strcmp(arg, "help") != 0 && strcmp(arg, "?") != 0)
        return 0;
    o->done = true;
    printf("processors of %s:\n", fe->name);
    for (const struct fe_cpu_model *c = fe->models; c->name; c++)
        printf("  %-16s %s\n", c->name, c->text);
    return 0;
}

static void print_line(void *to, const char *text)
{
    (void)to;
    puts(text);
}

/* One more of an option that may be given several times. */
static int append(const char *option, const char **list, unsigned *n, unsigned max, const char *arg)
{
    if (*n == max)
        return bad(option, "too many", arg);
    list[(*n)++] = arg;
    return 0;
}

static int set_device(struct cmd_system_options *o, const char *arg)
{
    char name[64];
    size_t n = strcspn(arg, ",");
    const struct dev_class *c;

    if (strcmp(arg, "help") == 0) {
        dev_help_all(print_line, NULL);
        o->done = true;
        return 0;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(n < 63 ? n : 63), arg);
    c = dev_class_by_name(name);
    if (!c)
        return bad("-device", "no such device (-device help lists them)", arg);
    if (strcmp(arg + n, ",help") == 0) {
        dev_help(c, print_line, NULL);
        o->done = true;
        return 0;
    }
    return append("-device", o->m.device, &o->m.ndevice, ARRAY_LEN(o->m.device), arg);
}

/* ---- values ---- */

static int set_smp(struct cmd_system_options *o, const char *arg)
{
    char buf[128], *save, *w;
    unsigned long cpus = 0, max = 0, product = 1;

    snprintf(buf, sizeof(buf), "%s", arg);
    for (w = strtok_r(buf, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
        char *eq = strchr(w, '='), *end;
        unsigned long n = strtoul(eq ? eq + 1 : w, &end, 0);

        if (*end || end == (eq ? eq + 1 : w) || !n || n > 1024)
            return bad("-smp", "wants numbers", arg);
        if (!eq || strncmp(w, "cpus=", 5) == 0)
            cpus = n;
        else if (strncmp(w, "maxcpus=", 8) == 0)
            max = n;
        else if (!strncmp(w, "sockets=", 8) || !strncmp(w, "clusters=", 9) ||
                 !strncmp(w, "cores=", 6) || !strncmp(w, "threads=", 8))
            product *= n;
        else
            return bad("-smp", "no such part", w);
    }
    if (!cpus)
        cpus = product;
    if ((max && max != cpus) || (product > 1 && product != cpus))
        return bad("-smp", "all processors must be there from the start", arg);
    o->m.smp = (unsigned)cpus;
    return 0;
}

static int set_m(struct cmd_system_options *o, const char *arg)
{
    return size("-m", strncmp(arg, "size=", 5) == 0 ? arg + 5 : arg, 1u << 20, &o->m.ram);
}

#define STRING(field)                                                                              \
    static int set_##field(struct cmd_system_options *o, const char *arg)                          \
    {                                                                                              \
        o->m.field = arg;                                                                          \
        return 0;                                                                                  \
    }
STRING(kernel)
STRING(bios)
STRING(initrd)
STRING(append)
STRING(dtb)
STRING(name)
STRING(icount)
STRING(rtc)
STRING(loadvm)
STRING(incoming)
STRING(gdb)
STRING(uuid)

#define FLAG(field)                                                                                \
    static int set_##field(struct cmd_system_options *o, const char *arg)                          \
    {                                                                                              \
        (void)arg;                                                                                 \
        o->m.field = true;                                                                         \
        return 0;                                                                                  \
    }
FLAG(nographic)
FLAG(snapshot)
FLAG(paused)
FLAG(no_reboot)
FLAG(no_shutdown)

static int add_monitor(struct cmd_system_options *o, const char *option, const char *arg, bool control,
                       bool pretty)
{
    if (o->m.nmonitor == MACHINE_MONITORS)
        return bad(option, "too many", arg);
    o->m.monitor[o->m.nmonitor++] =
        (struct machine_monitor_option){.where = arg, .control = control, .pretty = pretty};
    return 0;
}

static int set_monitor(struct cmd_system_options *o, const char *arg)
{
    return add_monitor(o, "-monitor", arg, false, false);
}

static int set_qmp(struct cmd_system_options *o, const char *arg)
{
    return add_monitor(o, "-qmp", arg, true, false);
}

static int set_qmp_pretty(struct cmd_system_options *o, const char *arg)
{
    return add_monitor(o, "-qmp-pretty", arg, true, true);
}

/* [chardev=]ID[,mode=readline|control][,pretty=on|off] */
static int set_mon(struct cmd_system_options *o, const char *arg)
{
    bool control = false, pretty = false;
    const char *where = NULL;

    for (const char *w = arg; *w; w += strcspn(w, ","), w += *w == ',') {
        size_t n = strcspn(w, ",");

        if (n == 12 && strncmp(w, "mode=control", n) == 0)
            control = true;
        else if ((n == 9 && strncmp(w, "pretty=on", n) == 0) || (n == 6 && strncmp(w, "pretty", n) == 0))
            pretty = true;
        else if (n > 8 && strncmp(w, "chardev=", 8) == 0)
            where = w + 8;
        else if (w == arg && n && !memchr(w, '=', n))
            where = w;
        else if (!(n == 13 && strncmp(w, "mode=readline", n) == 0) &&
                 !(n == 10 && strncmp(w, "pretty=off", n) == 0))
            return bad("-mon", "not understood", arg);
    }
    if (!where)
        return bad("-mon", "wants chardev=ID", arg);
    if (add_monitor(o, "-mon", where, control, pretty))
        return -1;
    o->m.monitor[o->m.nmonitor - 1].id = true;
    return 0;
}

static int set_s(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    return set_gdb(o, "tcp::1234");
}

static int set_serial(struct cmd_system_options *o, const char *arg)
{
    return append("-serial", o->m.serial, &o->m.nserial, MACHINE_SERIALS, arg);
}

static int set_semihosting_config(struct cmd_system_options *o, const char *arg)
{
    return append("-semihosting-config", o->m.semihosting, &o->m.nsemihosting,
                  ARRAY_LEN(o->m.semihosting), arg);
}

static int set_semihosting(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    return set_semihosting_config(o, "enable=on");
}

static int set_chardev(struct cmd_system_options *o, const char *arg)
{
    return append("-chardev", o->m.chardev, &o->m.nchardev, MACHINE_CHARS, arg);
}

static int set_drive(struct cmd_system_options *o, const char *arg)
{
    return append("-drive", o->m.drive, &o->m.ndrive, MACHINE_DRIVES, arg);
}

static int set_blockdev(struct cmd_system_options *o, const char *arg)
{
    return append("-blockdev", o->m.blockdev, &o->m.nblockdev, ARRAY_LEN(o->m.blockdev), arg);
}

static int set_smbios(struct cmd_system_options *o, const char *arg)
{
    return append("-smbios", o->m.smbios, &o->m.nsmbios, MACHINE_SMBIOS, arg);
}

static int set_netdev(struct cmd_system_options *o, const char *arg)
{
    return append("-netdev", o->m.netdev, &o->m.nnetdev, MACHINE_NETS, arg);
}

static int set_none(const char *name, const char *arg)
{
    return strcmp(arg, "none") ? bad(name, "only none is there", arg) : 0;
}

static int set_display(struct cmd_system_options *o, const char *arg)
{
    if (strcmp(arg, "help") == 0) {
        puts("displays:\n"
             "  none             no window\n"
             "  sdl              windows: window-close=on|off, show-cursor=on|off, full-screen=on|off\n"
             "  vnc=WHERE        a VNC server, see -vnc");
        o->done = true;
        return 0;
    }
    return append("-display", o->m.display, &o->m.ndisplay, MACHINE_DISPLAYS, arg);
}

char *cmd_keep(const char *fmt, ...)
{
    static struct kept {
        struct kept *next;
        char *text;
    } *all;
    struct kept *k = malloc(sizeof(*k));
    va_list ap;
    int n;

    if (!k)
        return NULL;
    va_start(ap, fmt);
    n = vasprintf(&k->text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        free(k);
        return NULL;
    }
    k->next = all;
    all = k;
    return k->text;
}

static int set_vnc(struct cmd_system_options *o, const char *arg)
{
    char *text;

    if (strcmp(arg, "none") == 0)
        return set_display(o, arg);
    text = cmd_keep("vnc=%s", arg);
    return text ? set_display(o, text) : bad("-vnc", "out of memory", arg);
}

static int set_full_screen(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    return set_display(o, "sdl,full-screen=on");
}

static int set_vga(struct cmd_system_options *o, const char *arg)
{
    (void)o;
    return set_none("-vga", arg);
}

static int set_nothing(struct cmd_system_options *o, const char *arg)
{
    (void)o;
    (void)arg;
    return 0;
}

static int set_d(struct cmd_system_options *o, const char *arg)
{
    char word[512];
    int r = log_parse(arg, stdout, word, sizeof(word));

    if (r < 0)
        return bad("-d", "no such log item", word);
    o->done |= r > 0;
    return 0;
}

static int set_D(struct cmd_system_options *o, const char *arg)
{
    o->log_file = arg;
    return 0;
}

static void list_registers(void)
{
    for (unsigned i = 0; dev_classes[i]; i++)
        for (unsigned k = 0; k < dev_classes[i]->nblocks; k++)
            for (unsigned r = 0; r < dev_classes[i]->blocks[k].nregs; r++)
                printf("%s.%s\n", dev_classes[i]->name, dev_classes[i]->blocks[k].regs[r].name);
}

static int trace_events(const char *file)
{
    FILE *f = fopen(file, "re");
    char line[256];
    int r = 0;

    if (!f)
        return bad("-trace", strerror(errno), file);
    while (!r && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (*line && *line != '#')
            r = log_trace(line + (*line == '-'), *line != '-');
    }
    fclose(f);
    return r ? bad("-trace", "too many patterns, or too long ones", file) : 0;
}

/* [enable=]PATTERN[,events=FILE][,file=LOG]; a minus in front of a pattern takes it out again. */
static int set_trace(struct cmd_system_options *o, const char *arg)
{
    char *copy = strdup(arg), *save = NULL;
    int r = 0;

    for (char *w = copy ? strtok_r(copy, ",", &save) : NULL; w && !r; w = strtok_r(NULL, ",", &save)) {
        if (strcmp(w, "help") == 0) {
            list_registers();
            o->done = true;
        } else if (strncmp(w, "events=", 7) == 0) {
            r = trace_events(w + 7);
        } else if (strncmp(w, "file=", 5) == 0) {
            o->log_file = arg + (w + 5 - copy);
            o->log_file = strndup(o->log_file, strcspn(o->log_file, ","));
        } else {
            w += strncmp(w, "enable=", 7) == 0 ? 7 : 0;
            if (log_trace(w + (*w == '-'), *w != '-'))
                r = bad("-trace", "too many patterns, or too long ones", arg);
        }
    }
    free(copy);
    return r;
}

static int set_dfilter(struct cmd_system_options *o, const char *arg)
{
    (void)o;
    return log_filter(arg) ? bad("-dfilter", "bad address range", arg) : 0;
}

static int set_accel(struct cmd_system_options *o, const char *arg)
{
    return cmd_accel(&o->m.engine, arg);
}

static int set_singlestep(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    o->m.engine.one_insn = true;
    return 0;
}

static int set_jitdump(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    return o->jitdump = true, 0;
}

static int set_perfmap(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    return o->perfmap = true, 0;
}

static int set_version(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    cmd_version(stdout);
    return o->done = true, 0;
}

static int set_help(struct cmd_system_options *o, const char *arg);

static const struct option options[] = {
    {"M", "MACHINE[,OPTION=VALUE...]", set_machine, "the machine (-M help, -M virt,help)"},
    {"machine", "MACHINE[,OPTION=VALUE...]", set_machine, "the same"},
    {"cpu", "MODEL", set_cpu, "processor and features (-cpu help)"},
    {"smp", "N", set_smp, "number of processors"},
    {"m", "SIZE", set_m, "memory, in MiB or with a letter"},
    {"kernel", "FILE", set_kernel, "start this: Linux Image (also gzip'ed), ELF or raw"},
    {"initrd", "FILE", set_initrd, "initial file system of a Linux kernel"},
    {"append", "TEXT", set_append, "command line of a Linux kernel"},
    {"bios", "FILE", set_bios, "firmware into the first flash"},
    {"dtb", "FILE", set_dtb, "device tree instead of the machine's own"},
    {"nographic", NULL, set_nographic, "first serial port and monitor on standard input and output"},
    {"display", "none|sdl|vnc=WHERE", set_display, "windows or a VNC server (-display help)"},
    {"vnc", "HOST:DISPLAY|unix:PATH[,password=on]", set_vnc, "a VNC server on port 5900 + DISPLAY"},
    {"full-screen", NULL, set_full_screen, "a window that fills the screen"},
    {"serial", "DEVICE", set_serial,
     "null, none, stdio, mon:stdio, pty, file:, pipe:, unix:, tcp:, chardev:"},
    {"chardev", "BACKEND,id=NAME,...", set_chardev, "null, stdio, pty, file, pipe, socket, ringbuf"},
    {"monitor", "DEVICE", set_monitor, "human monitor, as -serial"},
    {"qmp", "DEVICE", set_qmp, "QMP monitor, as -serial"},
    {"qmp-pretty", "DEVICE", set_qmp_pretty, "the same, indented"},
    {"mon", "chardev=ID[,mode=control][,pretty=on]", set_mon, "monitor on a -chardev"},
    {"device", "NAME[,PROPERTY=VALUE...]", set_device, "add a device (-device help, NAME,help)"},
    {"blockdev", "driver=NAME,node-name=NAME,...", set_blockdev,
     "an image: raw, qcow2, file, host_device, null-co; JSON too"},
    {"drive", "file=FILE[,if=virtio|pflash|none][,id=NAME]...", set_drive,
     "a disk or flash bank: raw or qcow2 image"},
    {"netdev", "user|tap|socket|stream|dgram,id=NAME[,OPTION=VALUE...]", set_netdev,
     "a network: user mode (libslirp), a tap interface, sockets to other programs"},
    {"smbios", "type=N[,FIELD=VALUE...]", set_smbios, "what the machine says of itself by SMBIOS"},
    {"uuid", "UUID", set_uuid, "the machine's identity in SMBIOS"},
    {"nic", "KIND[,model=NAME][,OPTION=VALUE...]|none", cmd_set_nic, "a network and its device"},
    {"snapshot", NULL, set_snapshot, "changes of disks are gone at the end"},
    {"loadvm", "NAME", set_loadvm, "begin as this snapshot (savevm in the monitor)"},
    {"incoming", "URI", set_incoming,
     "begin as what comes from file:PATH, exec:COMMAND, tcp:HOST:PORT, unix:PATH; or defer"},
    {"S", NULL, set_paused, "wait for cont before the first instruction"},
    {"s", NULL, set_s, "the same as -gdb tcp::1234"},
    {"gdb", "tcp:[HOST]:PORT", set_gdb, "gdb may connect here; also a Unix socket's path"},
    {"no-reboot", NULL, set_no_reboot, "end instead of a reset"},
    {"no-shutdown", NULL, set_no_shutdown, "stop instead of ending"},
    {"icount", "[shift=]N|auto[,sleep=on|off][,align=on|off]", set_icount,
     "virtual time counts instructions: 1 << N ns each"},
    {"rtc", "[base=utc|localtime|DATE][,clock=host|rt|vm]", set_rtc, "date of the real-time clock"},
    {"semihosting", NULL, set_semihosting, "the host's files and console for programs that ask (HLT 0xf000)"},
    {"semihosting-config", "enable=on|off[,chardev=ID][,arg=WORD]...", set_semihosting_config,
     "the same; userspace=on: for programs without privilege too"},
    {"name", "TEXT", set_name, "a name for the machine"},
    {"d", "ITEM,...", set_d, "what to log (-d help)"},
    {"D", "FILE", set_D, "log to FILE; %d becomes the process id"},
    {"trace", "[enable=]PATTERN[,events=FILE][,file=FILE]", set_trace,
     "log accesses to registers of devices, such as pl011.* (-trace help)"},
    {"dfilter", "RANGE,...", set_dfilter, "log code only in these addresses"},
    {"accel", "tcg[,backend=NAME]", set_accel, "native code or the interpreter"},
    {"singlestep", NULL, set_singlestep, "translate one instruction at a time"},
    {"one-insn-per-tb", NULL, set_singlestep, "the same"},
    {"jitdump", NULL, set_jitdump, "write jit-PID.dump here, for perf inject --jit"},
    {"perfmap", NULL, set_perfmap, "write /tmp/perf-PID.map for perf report"},
    {"vga", "none", set_vga, "no display adapter"},
    {"net", "nic[,model=NAME][,macaddr=ADDRESS]|KIND[,OPTION=VALUE...]|none", cmd_set_net,
     "a device, or a network: joined by their order"},
    {"nodefaults", NULL, set_nothing, "nothing but what is asked for (there is nothing else)"},
    {"no-user-config", NULL, set_nothing, "read no configuration file (there is none)"},
    {"h", NULL, set_help, "this text"},
    {"help", NULL, set_help, "this text"},
    {"version", NULL, set_version, "version and what is built in"},
};

static int set_help(struct cmd_system_options *o, const char *arg)
{
    (void)arg;
    o->done = true;
    printf("usage: moa system [options], moa-system-%s [options]\n"
           "Runs a whole machine.\n\n", o->guest);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        char head[64];

        snprintf(head, sizeof(head), "-%s %s", options[i].name,
                 options[i].arg ? options[i].arg : "");
        printf("  %-34s %s\n", head, options[i].help);
    }
    return 0;
}

int cmd_parse_system(struct cmd_system_options *o, int argc, char **argv)
{
    for (int i = 1; i < argc && !o->done; i++) {
        const char *name = argv[i] + 1 + (argv[i][0] == '-' && argv[i][1] == '-'), *arg = NULL;
        size_t k;

        if (argv[i][0] != '-' || !argv[i][1])
            return bad(argv[i], "not an option (disk images as plain words are not supported)", NULL);
        for (k = 0; k < ARRAY_LEN(options) && strcmp(options[k].name, name) != 0; k++)
            ;
        if (k == ARRAY_LEN(options))
            return bad(argv[i], "moa does not have this option (try --help)", NULL);
        if (options[k].arg && ++i == argc)
            return bad(argv[i - 1], "needs an argument", NULL);
        if (options[k].arg)
            arg = argv[i];
        if (options[k].set(o, arg))
            return -1;
    }
    return o->done ? 0 : cmd_check_nets(o);
}
