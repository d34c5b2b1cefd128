/* SPDX-License-Identifier: MIT */
/* monitor/qmp_impl.h -- what the files of QMP share: a session, a call, and the table that a command is
 * a row of.
 *
 * A new command: a row in a table of its own file, and that table's name in qmp_tables.c. Commands run
 * on the main thread, one at a time, without the machine's lock and with the vcpus as they are; what
 * they need of both they take themselves (sm_lock, machine_hold). Arguments have been checked against
 * the row before the command runs. */
#ifndef MONITOR_QMP_IMPL_H
#define MONITOR_QMP_IMPL_H

#include "machines/machine.h"

#include <json-c/json.h>

struct qmp_call {
    struct machine *m;
    struct json_object *args;   /* an object, perhaps empty */
    struct json_object *result; /* the command's to set; NULL: {} */
    bool failed;
    const char *class;          /* of the error */
    char error[400];
};

/* args: "name:type name:type? ..." with ? for optional; types: s string, i integer, u integer of 0 or
 * more, n number, b boolean, o object, a array, * anything, eNAME one of the words of enum NAME
 * (qmp_enums). */
struct qmp_command {
    const char *name, *args;
    void (*run)(struct qmp_call *c);
    bool early; /* may come before the capabilities were negotiated */
};

struct qmp_enum {
    const char *name, *const *words; /* ended by NULL */
};

extern const struct qmp_command *const qmp_tables[]; /* each ended by a row without a name; then NULL */
extern const struct qmp_enum qmp_enums[];            /* ended by name NULL */
extern const char *const qmp_events[];               /* names of all events, ended by NULL */

extern const struct qmp_command qmp_core_commands[];   /* qmp_schema.c */
extern const struct qmp_command qmp_run_commands[];    /* qmp_run.c */
extern const struct qmp_command qmp_query_commands[];  /* qmp_query.c */
extern const struct qmp_command qmp_memory_commands[]; /* qmp_memory.c */
extern const struct qmp_command qmp_char_commands[];   /* qmp_char.c */
extern const struct qmp_command qmp_block_commands[];  /* qmp_block.c */
extern const struct qmp_command qmp_qom_commands[];    /* qmp_qom.c */
extern const struct qmp_command qmp_display_commands[]; /* qmp_display.c */
extern const struct qmp_command qmp_state_commands[];  /* qmp_state.c */

/* ---- for commands ---- */
void qmp_fail(struct qmp_call *c, const char *fmt, ...) MOA_PRINTF(2, 3); /* GenericError */
void qmp_fail_class(struct qmp_call *c, const char *class, const char *fmt, ...) MOA_PRINTF(3, 4);
bool qmp_has(const struct qmp_call *c, const char *name);
const char *qmp_string(const struct qmp_call *c, const char *name); /* NULL: not given */
int64_t qmp_int(const struct qmp_call *c, const char *name, int64_t otherwise);
bool qmp_bool(const struct qmp_call *c, const char *name, bool otherwise);
struct json_object *qmp_value(const struct qmp_call *c, const char *name); /* borrowed, or NULL */
/* obj[name] = value, which belongs to obj then. */
void qmp_put(struct json_object *obj, const char *name, struct json_object *value);
void qmp_put_string(struct json_object *obj, const char *name, const char *value);
void qmp_put_int(struct json_object *obj, const char *name, int64_t value);
void qmp_put_bool(struct json_object *obj, const char *name, bool value);

/* ---- qmp_schema.c ---- */
const struct qmp_command *qmp_find(const char *name);
bool qmp_check_args(struct qmp_call *c, const struct qmp_command *row); /* false: c has failed */
struct json_object *qmp_version(void);
/* Takes the next argument off *spec: its name, type (a word) and whether it is optional. */
bool qmp_next_arg(const char **spec, char name[64], char type[64], bool *optional);

/* ---- qmp_json.c ---- */
/* Text of a value, in ASCII, as QMP's clients know it; free it. NULL: no memory. */
char *qmp_text(struct json_object *o, bool pretty);

#endif
