/* SPDX-License-Identifier: MIT */
/* machines/smbios.h -- what the machine says of itself to systems that ask firmware: SMBIOS tables
 * (DMTF DSP0134 3.0) in two files of fw_cfg, from the machine and from -smbios. */
#ifndef MACHINES_SMBIOS_H
#define MACHINES_SMBIOS_H

#include <stddef.h>

struct device;
struct machine;

#define SMBIOS_FILE_TABLES "etc/smbios/smbios-tables"
#define SMBIOS_FILE_ANCHOR "etc/smbios/smbios-anchor"

/* ram_base: where the machine's memory begins. 0, or -1 with one line in err. */
int smbios_add(const struct machine *m, struct device *fw_cfg, unsigned long long ram_base, char *err,
               size_t err_len);

#endif
