/* SPDX-License-Identifier: MIT */
/* monitor/qmp.h -- QMP, the monitor for programs: JSON on a character device. */
#ifndef MONITOR_QMP_H
#define MONITOR_QMP_H

#include "machines/machine.h"

extern const struct machine_monitor_class qmp_class;

#endif
