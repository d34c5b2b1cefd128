/* SPDX-License-Identifier: MIT */
/* machines/machine.h -- a machine from its options: a board is built, loaded, run by the main loop,
 * reset and ended. What boards, the monitor and cmd/ share.
 *
 * Threads: all functions on the main thread, unless they say otherwise; machine_request() may be
 * called from any. */
#ifndef MACHINES_MACHINE_H
#define MACHINES_MACHINE_H

#include "debug/gdbstub.h"
#include "devices/core/device.h"
#include "host/block/stats.h"
#include "host/block/throttle.h"
#include "host/char.h"
#include "softmmu/softmmu.h"

#define MACHINE_SERIALS 4
#define MACHINE_DEVICES 96
#define MACHINE_CHARS 16
#define MACHINE_NETS 8
#define MACHINE_CPUS 8
#define MACHINE_DRIVES 32
#define MACHINE_DISPLAYS 8
#define MACHINE_MONITORS 8
#define MACHINE_PRSTATUS 512 /* bytes */
#define MACHINE_SMBIOS 32
#define MACHINE_FLASHES 2
#define MACHINE_BOOTS 32

struct machine;
struct machine_control;

/* As given on the command line; NULL and 0: not given. Strings outlive the machine. */
struct machine_options {
    const char *machine;  /* "virt[,option=value...]" */
    const char *cpu, *name;
    unsigned smp;
    uint64_t ram;
    const char *kernel, *initrd, *append, *dtb, *bios;
    const char *serial[MACHINE_SERIALS];
    unsigned nserial;
    const char *chardev[MACHINE_CHARS]; /* "backend,id=NAME,..." */
    unsigned nchardev;
    const char *device[MACHINE_DEVICES]; /* "NAME[,property=value...]" */
    unsigned ndevice;
    const char *drive[MACHINE_DRIVES]; /* "file=NAME,if=virtio,..." */
    unsigned ndrive;
    const char *blockdev[MACHINE_DRIVES]; /* "driver=NAME,node-name=NAME,...", or JSON */
    unsigned nblockdev;
    const char *netdev[MACHINE_NETS]; /* "user,id=NAME[,option=value...]" */
    unsigned nnetdev;
    const char *display[MACHINE_DISPLAYS]; /* "sdl[,option...]", "vnc=WHERE[,option...]", "none" */
    unsigned ndisplay;
    const char *smbios[MACHINE_SMBIOS]; /* "type=N,field=value..." */
    unsigned nsmbios;
    const char *uuid;
    bool snapshot;
    const char *loadvm;   /* begins as this snapshot */
    const char *incoming; /* begins as what comes from there, see machine_incoming() */
    const char *icount, *rtc;
    const char *semihosting[16]; /* words of -semihosting-config */
    unsigned nsemihosting;
    struct machine_monitor_option {
        const char *where;    /* as -serial takes it */
        bool id;              /* where is the id of a -chardev, and ends at a comma */
        bool control, pretty; /* QMP; human otherwise */
    } monitor[MACHINE_MONITORS];
    unsigned nmonitor;
    bool nographic, paused, no_reboot, no_shutdown;
    const char *gdb;
    struct tcg_config engine;
    const struct machine_monitor_class *hmp, *qmp; /* NULL: there are none */
};

/* How a monitor is made, given where to write to, and freed; m and the character device outlive it. */
struct machine_monitor_class {
    void *(*make)(struct machine *m, bool pretty, struct bytes_in *in); /* or NULL */
    void (*attach)(void *monitor, struct bytes_out out);
    void (*free)(void *monitor);
    /* Runs one line as if typed; what it prints, to be freed, or NULL. Main thread, without the
     * machine's lock. Or NULL. */
    char *(*command)(struct machine *m, const char *line, unsigned cpu);
};

/* A choice of -machine. */
struct board_prop {
    const char *name, *text;
    int (*set)(struct machine *m, const char *value, char *err, size_t err_len);
};

struct board {
    const char *name, *alias, *text;
    const char *guest;       /* the frontend's name */
    const char *dflt_cpu;
    unsigned max_cpus;
    uint64_t dflt_ram, max_ram;
    size_t size;             /* of the structure that begins with struct machine */
    const struct board_prop *props; /* ended by name NULL */
    /* m->memory and m->sm are there; puts RAM and devices into place. 0, or -1 with one line. */
    int (*build)(struct machine *m, char *err, size_t err_len);
    /* Kernel, initrd, device tree: makes blobs and the entry. */
    int (*load)(struct machine *m, char *err, size_t err_len);
    /* Where a device of class c may be plugged in; bus: as the user names it, or NULL. NULL: nowhere. */
    struct device *(*place)(struct machine *m, const struct dev_class *c, const char *bus);
    /* What the board itself has to save, if anything: written, and read again (0 or -errno). */
    void (*save)(struct machine *m, struct dev_saver *s);
    int (*load_state)(struct machine *m, struct dev_saver *s);
    void (*unbuild)(struct machine *m); /* what machine_free() does not free by itself; or NULL */
    void (*powerdown)(struct machine *m); /* the power key; lock held; or NULL */
    /* Registers of a vcpu as NT_PRSTATUS of an ELF core has them: bytes, at most MACHINE_PRSTATUS; or
     * NULL. */
    size_t (*prstatus)(struct machine *m, unsigned cpu, uint8_t *buf);
    /* As sm_config's. */
    bool (*sysreg)(void *m, unsigned vcpu, uint32_t reg, bool write, uint64_t *value);
    bool (*firmware_call)(void *m, struct tcg_vcpu *v, unsigned kind);
    void (*line_out)(void *m, unsigned vcpu, unsigned n, bool level);
};

/* Bytes that are put into memory at each reset. */
struct machine_blob {
    const char *name;
    uint64_t addr;
    const void *data;
    size_t len;
};

struct machine_char {
    char *id;
    struct host_char *c;
    struct host_mux *mux; /* owns c if not NULL */
    bool used;
};

/* A device that firmware may start from: -device ...,bootindex=N */
struct machine_boot {
    struct device *d;
    long index; /* from 0 on, each once */
};

struct machine {
    const struct board *board;
    const struct machine_options *opt;
    const struct frontend *fe;
    struct fe_cpu_config *cpu;
    unsigned ncpus;
    uint64_t ram_size;
    struct mem_region *root, *ram;
    struct mem_space *memory;
    struct softmmu *sm;
    struct device *devices[MACHINE_DEVICES]; /* in bus order */
    unsigned ndevices;
    struct machine_blob blobs[32];
    unsigned nblobs;
    struct loader_file *files[4]; /* that blobs point into */
    unsigned nfiles;
    uint64_t entry, entry_arg; /* of the first vcpu */
    bool has_entry;
    struct machine_char chars[MACHINE_CHARS + MACHINE_SERIALS + MACHINE_MONITORS + 1];
    unsigned nchars;
    struct machine_char *serial[MACHINE_SERIALS]; /* NULL: none */
    struct bytes_out serial_out[MACHINE_SERIALS];
    struct bytes_out char_out[MACHINE_CHARS]; /* of devices that were plugged */
    unsigned nchar_out;
    bool serial_mon[MACHINE_SERIALS];                       /* a monitor shares it */
    struct machine_monitor {
        void *mon;
        const struct machine_monitor_class *class;
    } monitors[MACHINE_MONITORS + MACHINE_SERIALS];
    unsigned nmonitors;
    struct {
        struct machine_char *c; /* NULL: none */
        struct machine_monitor_option opt;
    } monitor_chars[MACHINE_MONITORS + 1]; /* of -monitor, -qmp, -mon */
    unsigned nmonitor_chars;
    struct machine_drives *drives; /* drives.c */
    struct machine_nets *nets; /* nets.c */
    struct machine_displays *displays; /* display.c */
    struct machine_inputs *inputs; /* input.c */
    struct machine_flash *flash[MACHINE_FLASHES]; /* flash.c: images behind banks */
    unsigned nplugged;
    struct sm_icount icount; /* time.c */
    bool icount_shift;       /* it was given */
    uint64_t hash_ram;       /* reports at multiples of this hash RAM too */
    bool hash_regs;          /* reports show all registers */
    struct sm_rtc rtc;
    struct semihost *semihost; /* semihost.c; NULL: not enabled */
    int semihost_errno;
    struct machine_boot boots[MACHINE_BOOTS];
    unsigned nboots;
    struct gdb *gdb;
    struct gdb_target gdb_target;
    unsigned gdb_vcpu; /* whose memory gdb sees */
    bool gdb_physical; /* or physical memory */
    struct machine_loop *loop; /* loop.c */
    bool incoming_cont;        /* cont was said while it waited for its state */
    struct machine_migrate *migrate; /* migrate.c; NULL: not used yet */
    struct machine_control *control;
    struct machine_jobs *jobs; /* jobs.c */
    _Atomic uint32_t requests;
    bool ended;                /* nothing is to be run: an option asked for something else */
    int status;                /* exit status of moa */
};

/* All boards, ended by NULL. */
extern const struct board *const boards[];
const struct board *board_by_name(const char *guest, const char *name, size_t len);

/* NULL with one line in err. guest: name of a frontend; opt outlives the machine. */
struct machine *machine_new(const char *guest, const struct machine_options *opt, char *err,
                            size_t err_len);
void machine_free(struct machine *m);
/* Runs the main loop until the machine ends. The exit status. */
int machine_run(struct machine *m);

enum machine_request {
    MACHINE_SHUTDOWN = 1,  /* the guest has switched itself off */
    MACHINE_RESET = 2,     /* the guest asks for it */
    MACHINE_POWERDOWN = 4, /* the power key is pressed */
    MACHINE_QUIT = 8,      /* moa ends */
    MACHINE_STOP = 16,
    MACHINE_CONT = 32,
    MACHINE_IO_STOP = 1 << 16, /* a disk has failed, and the machine waits for cont (werror=stop) */
    MACHINE_SYSTEM_RESET = 64, /* the user asks: -no-reboot does not matter */
    MACHINE_SIGNALLED = 128,   /* a signal ends moa */
    MACHINE_CLOSED = 256,      /* so does a window's close button, or Ctrl-A x */
    MACHINE_FAILED = 512,      /* a vcpu cannot go on: moa ends with status 1 */
};
/* Done soon by the main loop. Any thread. */
void machine_request(struct machine *m, enum machine_request what);

/* ---- control.c: does it run, and who is told ---- */
/* Names as QMP has them: machine_state_name(). */
enum machine_state {
    MACHINE_STATE_PRELAUNCH, MACHINE_STATE_RUNNING, MACHINE_STATE_PAUSED, MACHINE_STATE_SHUT_DOWN, MACHINE_STATE_DEBUG,
    MACHINE_STATE_INMIGRATE, MACHINE_STATE_FINISH_MIGRATE, MACHINE_STATE_POSTMIGRATE, MACHINE_STATE_SAVE_VM,
    MACHINE_STATE_RESTORE_VM, MACHINE_STATE_INTERNAL_ERROR, MACHINE_STATE_IO_ERROR,
};
enum machine_state machine_state(const struct machine *m); /* any thread */
const char *machine_state_name(enum machine_state s);
void machine_set_state(struct machine *m, enum machine_state s); /* without an effect on the vcpus */
/* The user stops it (state s: why, MACHINE_STATE_PAUSED), or lets it run: 0, or -EPERM with one line in err.
 * Main thread, without the machine's lock. */
void machine_stop(struct machine *m, enum machine_state s);
int machine_cont(struct machine *m, char *err, size_t err_len);
bool machine_wanted(struct machine *m); /* the user wants it to run */
/* Vcpus and virtual time stand still until the matching machine_release(), then go on if they may.
 * Nests; no event. Main thread or one of the host's, without the machine's lock. */
void machine_hold(struct machine *m);
void machine_release(struct machine *m);
/* gdb's; stop on any thread (a vcpu's stops at its exit), go not on a vcpu's. */
void machine_gdb_stop(struct machine *m);
void machine_gdb_go(struct machine *m);
void machine_gdb_gone(struct machine *m); /* gdb is not there any more: what it had stopped may run */

enum machine_event_kind {
    MACHINE_EVENT_STOP, MACHINE_EVENT_RESUME,
    MACHINE_EVENT_SHUTDOWN, MACHINE_EVENT_RESET, /* guest, reason */
    MACHINE_EVENT_POWERDOWN,
    MACHINE_EVENT_MIGRATION,                     /* status */
    MACHINE_EVENT_JOB,                           /* id, status */
};
struct machine_event {
    enum machine_event_kind kind;
    bool guest;         /* the guest caused it */
    const char *reason; /* as QMP's ShutdownCause */
    const char *id, *status;
};
/* hear() is called on any thread, with or without the machine's lock: it takes none but its own and
 * copies what it needs. 0 or -ENOSPC. */
int machine_listen(struct machine *m, void (*hear)(void *opaque, const struct machine_event *e),
                   void *opaque);
void machine_unlisten(struct machine *m, void *opaque);
void machine_tell(struct machine *m, const struct machine_event *e);

int machine_control_new(struct machine *m); /* 0 or -ENOMEM */
void machine_control_free(struct machine *m);

/* ---- dump.c; main thread, without the machine's lock; 0 or -errno with one line in err ---- */
/* Memory into a file: at a virtual address as vcpu cpu sees it, or physical (-1; holes are zeros). */
int machine_memory_save(struct machine *m, int cpu, uint64_t addr, uint64_t size, const char *name,
                        char *err, size_t err_len);
int machine_dump(struct machine *m, const char *name, char *err, size_t err_len); /* an ELF core */

/* ---- for boards ---- */
/* Makes, realizes and remembers a device; props: pairs of name and value, ended by NULL. In two steps
 * where something must be joined before it is realized. */
struct device *machine_device_new(struct machine *m, const struct dev_class *c, const char *id,
                                  const char *const *props, char *err, size_t err_len);
int machine_device_realize(struct machine *m, struct device *d, char *err, size_t err_len);
struct device *machine_device(struct machine *m, const struct dev_class *c, const char *id,
                              const char *const *props, char *err, size_t err_len);
/* Joins a device with serial port n of the command line, if there is one. */
int machine_serial(struct machine *m, unsigned n, struct device *d, char *err, size_t err_len);
/* Joins a device that has join_bytes with the -chardev of that name. */
int machine_join_char(struct machine *m, struct device *d, const char *id, char *err, size_t err_len);
/* Joins another user, which is not a device, with the -chardev of that name. */
int machine_char_use(struct machine *m, const char *id, const struct bytes_in *in, struct bytes_out *out,
                     char *err, size_t err_len);
int machine_blob_add(struct machine *m, const struct machine_blob *b, char *err, size_t err_len);

/* chars.c: -serial, -chardev, -monitor, -nographic. */
int machine_chars_open(struct machine *m, char *err, size_t err_len);
int machine_monitors(struct machine *m, char *err, size_t err_len); /* after the board's serials */
void machine_chars_free(struct machine *m);

/* nets.c: -netdev. Joins a device that has join_packets with the one of that name. */
int machine_nets_open(struct machine *m, char *err, size_t err_len);
int machine_join_net(struct machine *m, struct device *d, const char *id, char *err, size_t err_len);
void machine_nets_free(struct machine *m); /* after the devices */
/* Lock held: the cable of a network (by its name or its device's) is pulled out or put in; a forward of a
 * user-mode network (NULL: the first) is added or taken away, see host/net/net.h; a line for each network. */
int machine_net_link(struct machine *m, const char *name, bool up, char *err, size_t err_len);
int machine_net_forward(struct machine *m, const char *name, bool add, const char *text, char *err,
                        size_t err_len);
void machine_net_list(struct machine *m, void (*line)(void *to, const char *text), void *to);

/* drives.c: -drive, -blockdev. The port of a drive that nobody has yet, or NULL with one line in err. */
int machine_drives_open(struct machine *m, char *err, size_t err_len);
void machine_drives_free(struct machine *m); /* after the devices */
const struct block_port *machine_drive(struct machine *m, const char *id, char *err, size_t err_len);
/* Number i of the disks, as monitors tell of it; false: there are no more. Strings live as long as the
 * machine does not change its disks. */
struct machine_drive_info {
    const char *id, *file, *format;
    const char *backing; /* or NULL */
    unsigned depth;      /* images below it */
    uint64_t size;
    bool node; /* of -blockdev */
    bool used, read_only, write_through, direct, no_flush;
    bool failed, nospace; /* since the last cont */
    const char *detect_zeroes;
    struct throttle_limits limits;
    struct disk_stats stats;
};
bool machine_drive_at(struct machine *m, unsigned i, struct machine_drive_info *d);
/* A property of a disk's device that is the drive's business, before the device is realized. */
bool machine_drive_knows(const char *name);
int machine_drive_set(struct machine *m, const char *id, const char *name, const char *value, char *err,
                      size_t err_len);
/* id of one that wants a device, NULL: none; its serial number or NULL */
const char *machine_drive_next(struct machine *m, const char **serial);
/* Does again what failed and is kept (werror=stop); lock held. */
void machine_drives_retry(struct machine *m);

/* For snapshots and migration. Disk i of the drives, in their order; false behind the last. */
struct machine_disk {
    const char *id;
    struct image *image; /* NULL: released */
    bool read_only;      /* as far as the guest is concerned */
};
bool machine_disk_at(struct machine *m, unsigned i, struct machine_disk *d);
/* Lets others have the images, flushed; and takes them back. With the lock, while the machine stands.
 * 0, or -errno with one line in err and all as it was. Temporary ones (snapshot=on) stay. */
int machine_drives_release(struct machine *m, char *err, size_t err_len);
int machine_drives_acquire(struct machine *m, char *err, size_t err_len);
void machine_drives_describe(struct machine *m, void (*line)(void *to, const char *text), void *to);
/* flash.c: a bank of that size, with the image of -drive if=pflash,unit= behind it if there is one, or
 * that of the drive called `drive` if this is not NULL (m->flash[unit] is then set). Closing waits until
 * the image is as the flash; vcpus are paused, the devices still there. */
int machine_flash(struct machine *m, unsigned unit, const char *id, uint64_t size, const char *drive,
                  struct device **out, char *err, size_t err_len);
void machine_flash_close(struct machine *m);
/* drives.c: the -drive if=pflash of that unit: its port and file, or NULL; -1 with one line in err. */
int machine_drive_flash(struct machine *m, unsigned unit, const struct block_port **port,
                        const char **file, char *err, size_t err_len);

/* plug.c: one -device; all of them and those that drives stand for. */
int machine_plug(struct machine *m, const char *text, char *err, size_t err_len);
int machine_plug_all(struct machine *m, char *err, size_t err_len);

/* debug.c: -gdb */
int machine_time_config(struct machine *m, struct sm_config *cfg, char *err, size_t len); /* time.c */
void machine_gdb_hooks(struct sm_config *cfg);
int machine_gdb_open(struct machine *m, char *err, size_t err_len);
/* From now on gdb may connect there instead (NULL: nowhere). Main thread, without the machine's lock. 0
 * or -1 with one line in err. */
int machine_gdb_start(struct machine *m, const char *where, char *err, size_t err_len);
void machine_gdb_close(struct machine *m); /* vcpus are paused */

/* loop.c */
int machine_loop_new(struct machine *m, char *err, size_t err_len);
void machine_loop_free(struct machine *m);
void machine_reset(struct machine *m); /* vcpus are paused */
/* Does what the guest has asked for so far; the machine is held. False: it ends. */
bool machine_requests_now(struct machine *m);

#endif
