/* SPDX-License-Identifier: MIT */
/* monitor/hmp_impl.h -- what the files of the human monitor share: a monitor, its output, and the
 * table that a command is a row of.
 *
 * A new command: a row in a table of its own file, and that table's name in hmp_tables.c. Commands run
 * on the main thread with the vcpus stopped and the machine's lock held, unless the row says free:
 * then neither, and the command does both where it must. */
#ifndef MONITOR_HMP_IMPL_H
#define MONITOR_HMP_IMPL_H

#include "machines/machine.h"
#include "monitor/output.h"

#include <stdio.h>

#define HMP_LINE 1024
#define HMP_HISTORY 64
#define HMP_OFFERS 256

struct hmp {
    struct machine *m;
    struct monitor_output out;
    bool greeted;
    FILE *capture;      /* output goes here instead (QMP's human-monitor-command) */
    unsigned cpu;       /* whose registers and memory */
    char *pending;      /* command that waits for the main loop */
    unsigned source;    /* GLib's, 0: none */
    bool (*waits)(struct hmp *h); /* a command goes on: true as long as it does */

    /* hmp_edit.c */
    char line[HMP_LINE];
    size_t len, at;     /* at: of the cursor */
    unsigned escape;    /* inside of an escape sequence */
    char escape_arg;
    char *history[HMP_HISTORY]; /* the oldest first */
    unsigned nhistory, history_at;
    char kept[HMP_LINE]; /* the new line while history is looked at */
    char *offers[HMP_OFFERS];
    unsigned noffers;
    const char *word;   /* that is being completed */
};

struct hmp_command {
    const char *name; /* "cont|c": other names behind a bar */
    const char *args; /* as help shows them */
    const char *help;
    void (*run)(struct hmp *h, const char *arg); /* arg: the rest of the line, no blanks in front */
    /* Calls hmp_offer() with each word that may be argument n (0 the first); or NULL. Lock held. */
    void (*complete)(struct hmp *h, unsigned n);
    bool free; /* vcpus run on, the machine's lock is not held */
};

/* Tables, each ended by a row without a name: commands, and the subjects of info. NULL ends. */
extern const struct hmp_command *const hmp_tables[];
extern const struct hmp_command *const hmp_info_tables[];

extern const struct hmp_command hmp_core_commands[];   /* hmp.c */
extern const struct hmp_command hmp_run_commands[];    /* hmp_run.c */
extern const struct hmp_command hmp_memory_commands[]; /* hmp_memory.c */
extern const struct hmp_command hmp_info_machine[];    /* hmp_info.c */
extern const struct hmp_command hmp_net_commands[];    /* hmp_net.c */
extern const struct hmp_command hmp_info_net[];
extern const struct hmp_command hmp_cpu_commands[];    /* hmp_cpu.c */
extern const struct hmp_command hmp_info_cpu[];
extern const struct hmp_command hmp_info_block[];
extern const struct hmp_command hmp_state_commands[]; /* hmp_state.c */
extern const struct hmp_command hmp_info_state[];
extern const struct hmp_command hmp_log_commands[];    /* hmp_log.c */
extern const struct hmp_command hmp_info_log[];
extern const struct hmp_command hmp_info_devices[];    /* hmp_devices.c */
extern const struct hmp_command hmp_display_commands[]; /* hmp_display.c */
extern const struct hmp_command hmp_info_display[];

/* ---- output ---- */
void hmp_put(struct hmp *h, const char *text, size_t n);
void hmp_say(struct hmp *h, const char *fmt, ...) MOA_PRINTF(2, 3);
/* What fill prints to a stream. */
void hmp_stream(struct hmp *h, void (*fill)(struct hmp *h, FILE *f));
void hmp_line(void *h, const char *text); /* one line: for functions that want a callback */
/* "Error: ..." */
void hmp_error(struct hmp *h, const char *fmt, ...) MOA_PRINTF(2, 3);

/* ---- arguments ---- */
/* Takes the next word off *arg (quotes may hold blanks); false: there is none. */
bool hmp_word(const char **arg, char *word, size_t len);

/* hmp_expr.c: a number from an expression such as $pc + 4 * (2 - 1); *text moves behind it. False after
 * a message. */
bool hmp_number(struct hmp *h, const char **text, uint64_t *value);

/* ---- commands ---- */
const struct hmp_command *hmp_find(const struct hmp_command *const *tables, const char *name,
                                   size_t n);
/* Calls see for each row. */
void hmp_each(const struct hmp_command *const *tables, void (*see)(struct hmp *h, const struct hmp_command *c),
              struct hmp *h);
/* Runs one line; on the main thread, without the machine's lock. */
void hmp_run(struct hmp *h, const char *line);
/* The line is complete: runs it soon. Lock held. */
void hmp_enter(struct hmp *h);

/* ---- hmp_edit.c: what is typed; lock held ---- */
void hmp_prompt(struct hmp *h);
void hmp_key(struct hmp *h, uint8_t c);
void hmp_offer(struct hmp *h, const char *candidate);
void hmp_edit_free(struct hmp *h);

#endif
