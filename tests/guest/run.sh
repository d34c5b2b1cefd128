#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/guest/run.sh -- compiles each guest program of this folder for arm64 and runs it under ./moa,
# once per way to run. A program exits with 0 when all that it checks holds. MOA_BACKENDS names the
# ways ("native interp" by default). A line "/* CFLAGS: ... */" in it adds to the command.
# Last line: "N passed, N failed, N skipped"; status 77: no compiler.
: "${srcdir:=.}"
: "${MOA_BACKENDS:=native interp}"
cross=aarch64-linux-gnu-gcc
command -v $cross >/dev/null 2>&1 || { echo "skipped: $cross is not installed"; exit 77; }
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
passed=0 failed=0
for c in "$srcdir"/tests/guest/*.c; do
    name=$(basename "$c" .c)
    flags=$(sed -n 's|^/\* CFLAGS: \(.*\) \*/$|\1|p' "$c")
    # shellcheck disable=SC2086
    if ! $cross -std=gnu17 -D_GNU_SOURCE -I"$srcdir" -O1 -static -pthread $flags -o "$out/$name" "$c" -lm; then
        echo "FAIL: $name does not build"
        failed=$((failed + 1))
        continue
    fi
    for backend in $MOA_BACKENDS; do
        timeout 400 ./moa -accel "tcg,backend=$backend" "$out/$name"
        status=$?
        if [ $status = 0 ]; then
            passed=$((passed + 1))
        else
            echo "FAIL: $name, backend $backend (status $status)"
            failed=$((failed + 1))
        fi
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
