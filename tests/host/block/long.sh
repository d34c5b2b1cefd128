#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/host/block/long.sh [SEED COUNT] -- qcow2_test with more and longer runs: random work and loss of power at
# random writes, from SEED (1) on, COUNT (20) times over all shapes of images.
build=$(pwd)
out=$(QCOW2_TEST_LONG="${1:-1} ${2:-20}" "$build/tests/host/block/qcow2_test" 2>&1)
status=$?
echo "$out" | tail -n 5
if [ $status = 0 ]; then echo "1 passed, 0 failed, 0 skipped"; else echo "0 passed, 1 failed, 0 skipped"; fi
exit $status
