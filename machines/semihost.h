/* SPDX-License-Identifier: MIT */
/* machines/semihost.h -- services of the host for programs under development (Arm semihosting):
 * what all guests share, that is options, file handles, and the console. Files are reachable only
 * if the user has enabled it.
 *
 * Threads: vcpus' threads, each call under semihost_lock(). */
#ifndef MACHINES_SEMIHOST_H
#define MACHINES_SEMIHOST_H

#include "machines/machine.h"

#include <sys/types.h>

struct semihost;

/* Reads -semihosting and -semihosting-config; m->semihost stays NULL if it is not enabled. 0, or -1
 * with one line in err. */
int semihost_new(struct machine *m, char *err, size_t err_len);
void semihost_free(struct machine *m);
bool semihost_for_user(const struct semihost *s); /* programs without privilege may, too */
const char *semihost_cmdline(const struct semihost *s);
void semihost_lock(struct semihost *s);
void semihost_unlock(struct semihost *s);

/* Files, by handle from 1 on. 0 or a number, or -errno; SEMIHOST_AGAIN: nothing yet, ask again
 * soon. */
#define SEMIHOST_AGAIN (-0x10000)
/* mode: 0..11 as of fopen(): r rb r+ r+b w wb w+ w+b a ab a+ a+b. ":tt" is the console. */
int semihost_open(struct semihost *s, const char *name, unsigned mode);
int semihost_close(struct semihost *s, uint64_t handle);
ssize_t semihost_write(struct semihost *s, uint64_t handle, const void *buf, size_t n);
ssize_t semihost_read(struct semihost *s, uint64_t handle, void *buf, size_t n);
int semihost_seek(struct semihost *s, uint64_t handle, uint64_t at);
int64_t semihost_length(struct semihost *s, uint64_t handle);
int semihost_is_tty(struct semihost *s, uint64_t handle); /* 1, 0 */
/* The console without a handle. */
void semihost_put(struct semihost *s, const void *buf, size_t n);
int semihost_getc(struct semihost *s);
/* Runs a command of the host's shell; its wait status, as system() gives it. */
int semihost_system(const char *command);

/* machines/semihost_arm64.c: HLT 0xf000. ram_base: where m->ram_size bytes begin. False: undefined
 * here. */
bool semihost_arm64(struct machine *m, struct tcg_vcpu *v, uint64_t ram_base);

#endif
