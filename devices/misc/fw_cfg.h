/* SPDX-License-Identifier: MIT */
/* devices/misc/fw_cfg.h -- the firmware configuration interface: numbered and named blobs that
 * firmware and kernels read. Region 0: 24 bytes: data at 0, selector at 8, DMA address at 16.
 *
 * The board adds items before the guest runs; numbers are little-endian in them. Content that is
 * given by pointer stays the caller's and may change until the guest reads it. */
#ifndef DEVICES_MISC_FW_CFG_H
#define DEVICES_MISC_FW_CFG_H

#include "devices/core/device.h"

enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00,
    FW_CFG_ID = 0x01,
    FW_CFG_UUID = 0x02,
    FW_CFG_RAM_SIZE = 0x03,
    FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_NB_CPUS = 0x05,
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_BOOT_DEVICE = 0x0c,
    FW_CFG_BOOT_MENU = 0x0e,
    FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_SIZE = 0x17,
    FW_CFG_SETUP_DATA = 0x18,
    FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20,
    FW_CFG_FILES = 128
};

extern const struct dev_class fw_cfg_class;

/* Copies len bytes; replaces what was under the key. */
void fw_cfg_add(struct device *d, uint16_t key, const void *data, size_t len);
void fw_cfg_add_u16(struct device *d, uint16_t key, uint16_t value);
void fw_cfg_add_u32(struct device *d, uint16_t key, uint32_t value);
void fw_cfg_add_u64(struct device *d, uint16_t key, uint64_t value);
void fw_cfg_add_text(struct device *d, uint16_t key, const char *text); /* with its zero byte */
/* By pointer: no copy is made (a kernel, an initrd). */
void fw_cfg_add_ref(struct device *d, uint16_t key, const void *data, size_t len);

/* A file: name of up to 55 characters, "etc/..." by convention; copies the data. The directory is
 * sorted by name. 0, -EEXIST, -ENAMETOOLONG, -ENOSPC. */
int fw_cfg_add_file(struct device *d, const char *name, const void *data, size_t len);
/* The same with callbacks, machine's lock held: selected() before the guest reads from the start
 * (it may call fw_cfg_change); written() after the guest wrote len bytes at offset into data, which
 * then is the item's content. written NULL: the guest cannot write. */
struct fw_cfg_hooks {
    void (*selected)(void *opaque);
    void (*written)(void *opaque, uint32_t offset, uint32_t len, const void *data);
    void *opaque;
};
int fw_cfg_add_file_hooks(struct device *d, const char *name, const void *data, size_t len,
                          const struct fw_cfg_hooks *h);
/* New content of a file that is there; the directory shows its size at once. 0 or -ENOENT. */
int fw_cfg_change(struct device *d, const char *name, const void *data, size_t len);

#endif
