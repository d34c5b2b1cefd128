# SPDX-License-Identifier: MIT
# Applets of busybox, started as its own shell would.
# wants: usr/bin/busybox
bb=/usr/bin/busybox
$bb echo hello
$bb sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo $i; echo $((1<<40)) $((-7/2)) $((-7%2))'
$bb seq 1 1000 | $bb sha256sum
$bb seq 1 1000 | $bb md5sum
$bb seq 1 20000 | $bb gzip -c | $bb gunzip -c | $bb tail -n 2
$bb seq 1 500 | $bb sort -rn | $bb head -n 3
$bb seq 1 300 | $bb awk '{ s += $1 * 1.5 } END { printf "%.3f\n", s }'
$bb printf '%s %d %x\n' a 12 255
mkdir d && cd d && $bb touch one two && $bb ls && $bb tar cf ../x.tar . && $bb tar tf ../x.tar | $bb sort
$bb expr 6 '*' 7
$bb false; echo $?
$bb nosuchapplet 2>&1; echo $?
