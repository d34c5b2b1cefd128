#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/gdb/run.sh -- gdb-multiarch drives guest programs through the stub (moa -g). Each NAME.gdb is a
# gdb script for the program in its first line's comment, or NAME.c; NAME.want holds regular expressions
# that must match lines of gdb's and the program's output in this order. MOA_BACKENDS names
# the ways to run. Last line: "N passed, N failed, N skipped"; status 77: something is missing.
: "${srcdir:=.}"
: "${MOA_BACKENDS:=native interp}"
cross=aarch64-linux-gnu-gcc
for tool in $cross gdb-multiarch; do
    command -v $tool >/dev/null 2>&1 || { echo "skipped: $tool is not installed"; exit 77; }
done
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

build() { # program flags...
    local c=$1
    shift
    [ -x "$out/$c" ] || $cross -std=gnu17 -D_GNU_SOURCE -g -O0 "$@" -o "$out/$c" "$srcdir/tests/gdb/$c.c"
}

in_order() { # want log
    awk 'FNR == NR { want[++n] = $0; next }
         at < n && $0 ~ want[at + 1] { at++ }
         END { if (at < n) { print "not found: " want[at + 1]; exit 1 } }' "$1" "$2"
}

one() { # script program backend
    local name=$1 program=$2 backend=$3 sock=$out/sock log=$out/log pid
    rm -f "$sock"
    timeout 60 ./moa $options -accel "tcg,backend=$backend" -g "$sock" "$out/$program" >"$log.program" 2>&1 &
    pid=$!
    for _ in $(seq 200); do
        [ -S "$sock" ] && break
        sleep 0.05
    done
    timeout 50 gdb-multiarch -q -nx -batch -ex 'set pagination off' -ex 'set confirm off' \
        -ex 'set breakpoint pending on' -ex "set sysroot $sysroot" -ex "target remote $sock" \
        -x "$srcdir/tests/gdb/$name.gdb" $symbols "$out/$program" >"$log" 2>&1 </dev/null
    wait $pid
    cat "$log.program" >>"$log"
    if in_order "$srcdir/tests/gdb/$name.want" "$log"; then
        passed=$((passed + 1))
    else
        echo "FAIL: $name, backend $backend"
        sed 's/^/    /' "$log"
        failed=$((failed + 1))
    fi
}

for row in basic:basic watch:basic step:step syscall:basic detach:basic threads:threads signals:signals fork:fork; do
    name=${row%%:*} program=${row##*:} options= sysroot= symbols=
    [ -n "$ONLY" ] && [ "$ONLY" != "$name" ] && continue
    if ! build "$program" -static -pthread; then
        echo "FAIL: $program does not build"
        failed=$((failed + 1))
        continue
    fi
    for backend in $MOA_BACKENDS; do
        one "$name" "$program" "$backend"
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
