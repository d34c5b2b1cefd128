#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/guest/run.sh -- builds each guest program for arm64 and runs it under moa. 77: no compiler.
: "${srcdir:=.}"
cross=aarch64-linux-gnu-gcc
command -v $cross >/dev/null 2>&1 || { echo "skipped: $cross is not installed"; exit 77; }
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
bad=0
for c in "$srcdir"/tests/guest/*.c; do
    name=$(basename "$c" .c)
    if ! $cross -std=gnu17 -D_GNU_SOURCE -O1 -static -o "$out/$name" "$c" -lpthread; then
        echo "$name: does not build"
        bad=1
    elif ! timeout 120 ./moa "$out/$name"; then
        echo "$name: failed"
        bad=1
    fi
done
exit $bad
