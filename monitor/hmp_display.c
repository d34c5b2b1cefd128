// SPDX-License-Identifier: MIT
/* monitor/hmp_display.c -- commands for screens, keys, pointers, VNC and the balloon: thin covers of
 * machines/display.h. */
#include "monitor/hmp_impl.h"

#include "machines/display.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void report(struct hmp *h, int result, const char *err)
{
    if (result)
        hmp_error(h, "%s", err);
}

/* screendump FILE [-f FORMAT] [DEVICE [HEAD]] */
static void do_screendump(struct hmp *h, const char *arg)
{
    char word[512], file[512] = "", device[64] = "", format[16] = "ppm", err[400];
    unsigned long head = 0;
    unsigned n = 0;

    while (hmp_word(&arg, word, sizeof(word))) {
        if (strcmp(word, "-f") == 0) {
            if (!hmp_word(&arg, format, sizeof(format)))
                break;
        } else if (n == 0) {
            memcpy(file, word, sizeof(file));
            n++;
        } else if (n == 1) {
            snprintf(device, sizeof(device), "%.63s", word);
            n++;
        } else {
            head = strtoul(word, NULL, 0);
        }
    }
    if (!*file) {
        hmp_error(h, "screendump wants a file");
        return;
    }
    report(h, machine_screendump(h->m, file, *device ? device : NULL, (unsigned)head, format, err,
                                 sizeof(err)), err);
}

static void do_sendkey(struct hmp *h, const char *arg)
{
    char keys[256], hold[32], err[400];

    if (!hmp_word(&arg, keys, sizeof(keys))) {
        hmp_error(h, "sendkey wants keys, such as ctrl-alt-f1");
        return;
    }
    report(h, machine_sendkey(h->m, keys,
                              hmp_word(&arg, hold, sizeof(hold)) ? (unsigned)strtoul(hold, NULL, 0) : 0,
                              err, sizeof(err)), err);
}

static long number(const char **arg, bool *ok)
{
    char word[32], *end;
    long v = 0;

    *ok = hmp_word(arg, word, sizeof(word));
    if (*ok) {
        v = strtol(word, &end, 0);
        *ok = !*end && end != word;
    }
    return v;
}

static void do_mouse_move(struct hmp *h, const char *arg)
{
    bool x_ok, y_ok, z_ok;
    long x = number(&arg, &x_ok), y = number(&arg, &y_ok), z = number(&arg, &z_ok);
    const struct input_event e[] = {
        {INPUT_REL, INPUT_REL_X, (int32_t)x},
        {INPUT_REL, INPUT_REL_Y, (int32_t)y},
        {INPUT_REL, INPUT_REL_WHEEL, (int32_t)z},
    };

    if (!x_ok || !y_ok)
        hmp_error(h, "mouse_move wants two numbers, and perhaps a third for the wheel");
    else if (machine_input(h->m, e, z_ok && z ? 3 : 2))
        hmp_error(h, "there is no mouse that takes steps");
}

/* As the guest sees the buttons after it: 1 left, 2 middle, 4 right. */
static void do_mouse_button(struct hmp *h, const char *arg)
{
    bool ok;
    long b = number(&arg, &ok);
    const struct input_event e[] = {
        {INPUT_KEY, INPUT_BTN_LEFT, b & 1},
        {INPUT_KEY, INPUT_BTN_MIDDLE, b >> 1 & 1},
        {INPUT_KEY, INPUT_BTN_RIGHT, b >> 2 & 1},
    };

    if (!ok)
        hmp_error(h, "mouse_button wants a number: 1 left, 2 middle, 4 right, or a sum of them");
    else if (machine_input(h->m, e, 3))
        hmp_error(h, "there is no mouse");
}

static void do_mouse_set(struct hmp *h, const char *arg)
{
    char err[200];
    bool ok;
    long n = number(&arg, &ok);

    if (!ok || n < 0)
        hmp_error(h, "mouse_set wants a number of info mice");
    else
        report(h, machine_mouse_set(h->m, (unsigned)n, err, sizeof(err)), err);
}

static void one_mouse(void *to, unsigned n, const char *name, bool absolute, bool in_use)
{
    hmp_say(to, "%c Mouse #%u: %s%s\n", in_use ? '*' : ' ', n, name, absolute ? " (absolute)" : "");
}

static void info_mice(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_mice(h->m, one_mouse, h);
}

static void info_vnc(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_vnc_info(h->m, hmp_line, h);
}

/* balloon MIB */
static void do_balloon(struct hmp *h, const char *arg)
{
    char err[200];
    bool ok;
    long mib = number(&arg, &ok);

    if (!ok || mib <= 0)
        hmp_error(h, "balloon wants how many MiB the guest shall have");
    else
        report(h, machine_balloon(h->m, (uint64_t)mib << 20, err, sizeof(err)), err);
}

static void info_balloon(struct hmp *h, const char *arg)
{
    static const char *const names[] = {
        "mem_swapped_in", "mem_swapped_out", "major_page_faults", "minor_page_faults", "free_mem",
        "total_mem", "available_mem", "disk_caches", "hugetlb_allocations", "hugetlb_failures"};
    uint64_t actual, stats[10];
    char err[200];

    (void)arg;
    if (machine_balloon_info(h->m, &actual, stats, err, sizeof(err))) {
        hmp_error(h, "%s", err);
        return;
    }
    hmp_say(h, "balloon: actual=%" PRIu64, actual >> 20);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (stats[i] != UINT64_MAX)
            hmp_say(h, " %s=%" PRIu64, names[i], stats[i]);
    hmp_say(h, "\n");
}

/* set_password vnc PASSWORD */
static void do_set_password(struct hmp *h, const char *arg)
{
    char what[32], password[128], err[200];

    if (!hmp_word(&arg, what, sizeof(what)) || strcmp(what, "vnc") != 0 ||
        !hmp_word(&arg, password, sizeof(password)))
        hmp_error(h, "set_password wants: vnc PASSWORD");
    else
        report(h, machine_vnc_password(h->m, password, err, sizeof(err)), err);
}

const struct hmp_command hmp_display_commands[] = {
    {.name = "balloon", .args = "MIB", .help = "the guest shall have that much memory",
     .run = do_balloon},
    {.name = "mouse_button", .args = "STATE", .help = "buttons: 1 left, 2 middle, 4 right",
     .run = do_mouse_button},
    {.name = "mouse_move", .args = "DX DY [DZ]", .help = "move the mouse, turn its wheel",
     .run = do_mouse_move},
    {.name = "mouse_set", .args = "N", .help = "pointer N of info mice is in use",
     .run = do_mouse_set},
    {.name = "screendump", .args = "FILE [-f png|ppm] [DEVICE [HEAD]]",
     .help = "a picture of the screen into a file", .run = do_screendump},
    {.name = "sendkey", .args = "KEYS [MS]", .help = "press keys, such as ctrl-alt-f1",
     .run = do_sendkey},
    {.name = "set_password", .args = "vnc PASSWORD", .help = "of VNC servers with password=on",
     .run = do_set_password},
    {0},
};

const struct hmp_command hmp_info_display[] = {
    {.name = "balloon", .args = "", .help = "memory that the guest has", .run = info_balloon},
    {.name = "mice", .args = "", .help = "pointers", .run = info_mice},
    {.name = "vnc", .args = "", .help = "windows and VNC servers", .run = info_vnc},
    {0},
};
