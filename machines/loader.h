/* SPDX-License-Identifier: MIT */
/* machines/loader.h -- images from the host's files into a machine: kernels (Linux arm64 Image, also
 * gzip'ed; ELF; raw), initial file systems, device trees. Files come from strangers: every size and
 * offset is checked. */
#ifndef MACHINES_LOADER_H
#define MACHINES_LOADER_H

#include "machines/machine.h"

/* A file's bytes. Kept by the machine until its end. NULL with one line in err. */
struct loader_file {
    const uint8_t *data; /* NULL: empty */
    size_t len;
    bool unpacked;       /* malloc'ed, else mapped */
};
const struct loader_file *loader_open(struct machine *m, const char *path, char *err,
                                      size_t err_len);
void loader_close(struct loader_file *f);

struct loader_kernel {
    uint64_t entry, low, high; /* occupied addresses [low, high), with what it clears itself */
    bool is_linux;             /* wants the device tree's address as its first argument */
};
/* Puts the kernel into RAM that begins at base as blobs. 0, or -1 with one line in err. */
int loader_kernel(struct machine *m, const char *path, uint64_t base, struct loader_kernel *k,
                  char *err, size_t err_len);

#endif
