#!/bin/sh
# SPDX-License-Identifier: MIT
# Random IR with memory behind the TLB, on each backend, against the interpreter in user mode.
#   tests/softmmu/fuzz.sh [COUNT]
count=${1:-1500}
status=0
for backend in x86_64 interp; do
    tests/tcg/ir_fuzz --machine $backend --count $count
    got=$?
    [ $got = 77 ] && exit 77
    [ $got = 0 ] || status=1
done
exit $status
