// SPDX-License-Identifier: MIT
/* machines/semihost.c -- the host's side of semihosting: the options, a table of open files, the
 * console (a -chardev, or moa's own standard input and output), commands. What a guest's calls look
 * like is in semihost_arm64.c.
 *
 * Nothing here waits: a read without data answers SEMIHOST_AGAIN after a moment, and the guest's
 * instruction is made again, so that the machine can be stopped meanwhile. Commands are the
 * exception. Not saved with a machine: open files. */
#include "machines/semihost.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 64, RING = 1024, MOMENT = 10 /* ms */ };

struct file {
    enum { CLOSED, HOST_FILE, CONSOLE, FEATURES } kind;
    int fd;      /* CONSOLE: 0, 1, 2 */
    uint64_t at; /* FEATURES */
};

struct semihost {
    struct machine *m;
    pthread_mutex_t lock;
    bool enabled, user;
    char *cmdline, *chardev;
    struct file files[FILES];
    /* the -chardev; under the machine's lock */
    struct bytes_out out;
    uint8_t ring[RING];
    unsigned first, n;
};

/* ---- options ---- */

static int wrong(char *err, size_t len, const char *why, const char *word)
{
    snprintf(err, len, "-semihosting-config: %s: %s", why, word);
    return -1;
}

static int add_arg(struct semihost *s, const char *word)
{
    char *line = NULL;

    if (asprintf(&line, "%s%s%s", s->cmdline ? s->cmdline : "", s->cmdline ? " " : "", word) < 0)
        return -1;
    free(s->cmdline);
    s->cmdline = line;
    return 0;
}

static int on_off(const char *value, bool *to)
{
    *to = strcmp(value, "on") == 0;
    return *to || strcmp(value, "off") == 0 ? 0 : -1;
}

static int set(struct semihost *s, const char *name, const char *value, char *err, size_t len)
{
    int r = 0;

    if (strcmp(name, "enable") == 0) {
        r = on_off(value, &s->enabled);
    } else if (strcmp(name, "userspace") == 0) {
        r = on_off(value, &s->user);
    } else if (strcmp(name, "target") == 0) {
        if (strcmp(value, "gdb") == 0)
            return wrong(err, len, "moa makes the calls itself, gdb cannot", "target=gdb");
        r = strcmp(value, "native") && strcmp(value, "auto") ? -1 : 0;
    } else if (strcmp(name, "chardev") == 0) {
        free(s->chardev);
        s->chardev = strdup(value);
    } else if (strcmp(name, "arg") == 0) {
        r = add_arg(s, value);
    } else {
        return wrong(err, len, "no such option", name);
    }
    return r ? wrong(err, len, name, value) : 0;
}

static int parse(struct semihost *s, const char *text, char *err, size_t len)
{
    char *copy = strdup(text), *save = NULL;
    int r = 0;

    s->enabled = true;
    for (char *w = copy ? strtok_r(copy, ",", &save) : NULL; w && !r;
         w = strtok_r(NULL, ",", &save)) {
        char *eq = strchr(w, '=');

        if (eq)
            *eq++ = 0;
        r = set(s, w, eq ? eq : "on", err, len);
    }
    free(copy);
    return r;
}

/* ---- the -chardev ---- */

static size_t can_take(void *dev)
{
    return RING - ((struct semihost *)dev)->n;
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct semihost *s = dev;

    for (size_t i = 0; i < n && s->n < RING; i++)
        s->ring[(s->first + s->n++) % RING] = buf[i];
}

int semihost_new(struct machine *m, char *err, size_t err_len)
{
    const struct machine_options *o = m->opt;
    struct semihost *s;
    int r = 0;

    if (!o->nsemihosting)
        return 0;
    s = calloc(1, sizeof(*s));
    if (!s) {
        snprintf(err, err_len, "out of memory");
        return -1;
    }
    s->m = m;
    pthread_mutex_init(&s->lock, NULL);
    m->semihost = s;
    for (unsigned i = 0; i < o->nsemihosting && !r; i++)
        r = parse(s, o->semihosting[i], err, err_len);
    if (!r && !s->enabled) {
        semihost_free(m);
        return 0;
    }
    if (!r && s->chardev) {
        struct bytes_in in = {s, can_take, take, NULL, NULL};

        r = machine_char_use(m, s->chardev, &in, &s->out, err, err_len);
    }
    if (!r && !s->cmdline) {
        add_arg(s, o->kernel ? o->kernel : "");
        if (o->append)
            add_arg(s, o->append);
    }
    return r;
}

void semihost_free(struct machine *m)
{
    struct semihost *s = m->semihost;

    if (!s)
        return;
    for (unsigned i = 0; i < FILES; i++)
        if (s->files[i].kind == HOST_FILE)
            close(s->files[i].fd);
    pthread_mutex_destroy(&s->lock);
    free(s->cmdline);
    free(s->chardev);
    free(s);
    m->semihost = NULL;
}

bool semihost_for_user(const struct semihost *s)
{
    return s->user;
}

const char *semihost_cmdline(const struct semihost *s)
{
    return s->cmdline ? s->cmdline : "";
}

void semihost_lock(struct semihost *s)
{
    pthread_mutex_lock(&s->lock);
}

void semihost_unlock(struct semihost *s)
{
    pthread_mutex_unlock(&s->lock);
}

/* ---- the console ---- */

static ssize_t wait_for(int fd, short what)
{
    struct pollfd p = {.fd = fd, .events = what};

    return poll(&p, 1, MOMENT) > 0 ? 0 : SEMIHOST_AGAIN;
}

static void put_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EAGAIN)
            wait_for(fd, POLLOUT);
        else if (done < 0 && errno != EINTR)
            return;
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
}

static void put_chars(struct semihost *s, int fd, const uint8_t *p, size_t n)
{
    if (!s->out.write) {
        put_all(fd, p, n);
        return;
    }
    for (unsigned tries = 0; n && tries < 200;
         tries++) { /* who does not read for seconds loses them */
        size_t done;

        sm_lock(s->m->sm);
        done = s->out.write(s->out.to, p, n);
        sm_unlock(s->m->sm);
        p += done;
        n -= done;
        if (n)
            usleep(MOMENT * 1000);
    }
}

static ssize_t get_chars(struct semihost *s, uint8_t *p, size_t n)
{
    size_t got = 0;
    ssize_t r;

    if (!s->out.write) {
        r = wait_for(0, POLLIN);
        if (r)
            return r;
        r = read(0, p, n);
        return r < 0 ? (errno == EAGAIN || errno == EINTR ? SEMIHOST_AGAIN : -errno) : r;
    }
    sm_lock(s->m->sm);
    for (; got < n && s->n; s->n--) {
        p[got++] = s->ring[s->first];
        s->first = (s->first + 1) % RING;
    }
    if (s->out.accept)
        s->out.accept(s->out.to);
    sm_unlock(s->m->sm);
    if (got || !n)
        return (ssize_t)got;
    usleep(MOMENT * 1000);
    return SEMIHOST_AGAIN;
}

void semihost_put(struct semihost *s, const void *buf, size_t n)
{
    put_chars(s, 1, buf, n);
}

int semihost_getc(struct semihost *s)
{
    uint8_t c;
    ssize_t r = get_chars(s, &c, 1);

    return r == 1 ? c : r ? (int)r : -1;
}

/* ---- files ---- */

/* What semihosting of this kind can do: bytes of the file ":semihosting-features". */
static const uint8_t features[] = {'S', 'H', 'F', 'B', 3 /* EXIT_EXTENDED, separate stderr */};

static struct file *file_of(struct semihost *s, uint64_t handle)
{
    return handle - 1 < FILES && s->files[handle - 1].kind != CLOSED ? &s->files[handle - 1] : NULL;
}

static int open_host(const char *name, unsigned mode)
{
    static const int flags[3][2] = {
        {O_RDONLY, O_RDWR},
        {O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_CREAT | O_TRUNC},
        {O_WRONLY | O_CREAT | O_APPEND, O_RDWR | O_CREAT | O_APPEND},
    };
    struct stat st;
    int fd = open(name, flags[mode / 4][mode / 2 & 1] | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

    if (fd < 0)
        return -errno;
    if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
        close(fd);
        return -EISDIR;
    }
    return fd;
}

int semihost_open(struct semihost *s, const char *name, unsigned mode)
{
    struct file f = {.kind = HOST_FILE};
    unsigned i = 0;

    while (i < FILES && s->files[i].kind != CLOSED)
        i++;
    if (i == FILES)
        return -EMFILE;
    if (mode > 11)
        return -EINVAL;
    if (strcmp(name, ":tt") == 0) {
        f.kind = CONSOLE;
        f.fd = (int)mode / 4;
    } else if (strcmp(name, ":semihosting-features") == 0) {
        if (mode > 1)
            return -EACCES;
        f.kind = FEATURES;
    } else {
        f.fd = open_host(name, mode);
        if (f.fd < 0)
            return f.fd;
    }
    s->files[i] = f;
    return (int)i + 1;
}

int semihost_close(struct semihost *s, uint64_t handle)
{
    struct file *f = file_of(s, handle);
    int r = 0;

    if (!f)
        return -EBADF;
    if (f->kind == HOST_FILE && close(f->fd))
        r = -errno;
    f->kind = CLOSED;
    return r;
}

ssize_t semihost_write(struct semihost *s, uint64_t handle, const void *buf, size_t n)
{
    const struct file *f = file_of(s, handle);
    ssize_t r;

    if (!f || f->kind == FEATURES || (f->kind == CONSOLE && f->fd == 0))
        return -EBADF;
    if (f->kind == CONSOLE) {
        put_chars(s, f->fd, buf, n);
        return (ssize_t)n;
    }
    r = write(f->fd, buf, n);
    return r < 0 ? -errno : r;
}

ssize_t semihost_read(struct semihost *s, uint64_t handle, void *buf, size_t n)
{
    struct file *f = file_of(s, handle);
    size_t left;
    ssize_t r;

    if (!f || (f->kind == CONSOLE && f->fd != 0))
        return -EBADF;
    if (f->kind == CONSOLE)
        return get_chars(s, buf, n);
    if (f->kind == FEATURES) {
        left = f->at < sizeof(features) ? sizeof(features) - (size_t)f->at : 0;
        n = n < left ? n : left;
        if (n)
            memcpy(buf, features + f->at, n);
        f->at += n;
        return (ssize_t)n;
    }
    r = read(f->fd, buf, n);
    if (r < 0 && errno == EAGAIN)
        return wait_for(f->fd, POLLIN), SEMIHOST_AGAIN;
    return r < 0 ? -errno : r;
}

int semihost_seek(struct semihost *s, uint64_t handle, uint64_t at)
{
    struct file *f = file_of(s, handle);

    if (!f)
        return -EBADF;
    if (f->kind == CONSOLE)
        return -ESPIPE;
    if (f->kind == FEATURES) {
        if (at > sizeof(features))
            return -EINVAL;
        f->at = at;
        return 0;
    }
    return at > INT64_MAX ? -EINVAL : lseek(f->fd, (off_t)at, SEEK_SET) < 0 ? -errno : 0;
}

int64_t semihost_length(struct semihost *s, uint64_t handle)
{
    const struct file *f = file_of(s, handle);
    struct stat st;

    if (!f)
        return -EBADF;
    if (f->kind == CONSOLE)
        return -ESPIPE;
    if (f->kind == FEATURES)
        return sizeof(features);
    return fstat(f->fd, &st) ? -errno : st.st_size;
}

int semihost_is_tty(struct semihost *s, uint64_t handle)
{
    const struct file *f = file_of(s, handle);

    if (!f)
        return -EBADF;
    return f->kind == CONSOLE || (f->kind == HOST_FILE && isatty(f->fd));
}

int semihost_system(const char *command)
{
    char *const argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                          (char *)(uintptr_t)command, NULL};
    posix_spawnattr_t attr;
    sigset_t none;
    int r, status = 0;
    pid_t pid;

    sigemptyset(&none); /* a vcpu's thread has all signals blocked */
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    r = posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    if (r)
        return -r;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
