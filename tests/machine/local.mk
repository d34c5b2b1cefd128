# SPDX-License-Identifier: MIT
# Programs on bare boards; Linux is booted by tests/machine/boot.py, which ./check calls.
EXTRA_DIST += tests/machine/client.go tests/machine/client.sh tests/machine/kernel_gdb.py
dist_check_SCRIPTS += tests/machine/bare.sh tests/machine/display.py tests/machine/hostile.sh tests/machine/icount.sh tests/machine/monitor.py tests/machine/options.sh
TESTS += tests/machine/bare.sh tests/machine/display.py tests/machine/hostile.sh tests/machine/icount.sh tests/machine/monitor.py tests/machine/options.sh
EXTRA_DIST += tests/machine/boot.py tests/machine/boots tests/machine/disk.py tests/machine/graphic.py tests/machine/rfb.py tests/machine/bare/screen.c
EXTRA_DIST += tests/machine/hostile.c tests/machine/hostile.S
EXTRA_DIST += tests/machine/bare/common.inc tests/machine/bare/link.ld
EXTRA_DIST += tests/machine/bare/hello.S tests/machine/bare/hello.want
EXTRA_DIST += tests/machine/bare/reset.S tests/machine/bare/reset.want
EXTRA_DIST += tests/machine/bare/rtc.S tests/machine/bare/rtc.want
EXTRA_DIST += tests/machine/bare/semihost.S tests/machine/bare/semihost.want
EXTRA_DIST += tests/machine/bare/smp.S tests/machine/bare/smp.want
EXTRA_DIST += tests/machine/bare/timer.S tests/machine/bare/timer.want
EXTRA_DIST += tests/machine/bare/exceptions.S tests/machine/bare/exceptions.want
EXTRA_DIST += tests/machine/bare/debug.S tests/machine/bare/debug.want
EXTRA_DIST += tests/machine/bare/step.S tests/machine/bare/step.want
EXTRA_DIST += tests/machine/bare/max.S tests/machine/bare/max.want
EXTRA_DIST += tests/machine/smp.gdb
dist_check_SCRIPTS += tests/machine/snapshot.sh
TESTS += tests/machine/snapshot.sh
EXTRA_DIST += tests/machine/snapshot.py tests/machine/snapshot/work.S
