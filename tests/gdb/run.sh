#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/gdb/run.sh -- gdb-multiarch drives guest programs through the stub (moa -g). NAME.gdb is gdb's
# script, NAME.want holds regular expressions that must match lines of gdb's output and the program's
# behind it, in this order. A packet that is lost is not sent again in time, which fails. MOA_BACKENDS names
# the ways to run, ONLY one script.
# Last line: "N passed, N failed, N skipped"; status 77: something is missing.
: "${srcdir:=.}"
: "${MOA_BACKENDS:=native interp}"
cross=aarch64-linux-gnu-gcc
for tool in $cross gdb-multiarch; do
    command -v $tool >/dev/null 2>&1 || { echo "skipped: $tool is not installed"; exit 77; }
done
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
failed=0

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
    local name=$1 program=$2 backend=$3 sock=$out/sock.$3 log=$out/log.$1.$3 pid
    rm -f "$sock"
    (exec timeout 300 ./moa $options -accel "tcg,backend=$backend" -g "$sock" "$out/$program" >"$log.program" 2>&1) &
    pid=$!
    for _ in $(seq 1200); do
        if [ -S "$sock" ] || ! kill -0 $pid 2>/dev/null; then break; fi
        sleep 0.05
    done
    timeout 200 gdb-multiarch -q -nx -batch -ex 'set pagination off' -ex 'set confirm off' \
        -ex 'set breakpoint pending on' -ex 'set remotetimeout 250' -ex "set sysroot $sysroot" -ex "target remote $sock" \
        -x "$srcdir/tests/gdb/$name.gdb" "$out/$program" >"$log" 2>&1 </dev/null
    wait $pid 2>/dev/null
    cat "$log.program" >>"$log"
    if in_order "$srcdir/tests/gdb/$name.want" "$log"; then
        echo pass >"$out/result.$name.$backend"
    else
        echo "FAIL: $name, backend $backend"
        sed 's/^/    /' "$log"
        echo fail >"$out/result.$name.$backend"
    fi
}

for row in basic:basic watch:basic step:step overlap:overlap syscall:basic detach:basic threads:threads \
    interrupt:threads blocked:blocked signals:signals fork:fork exec:exec dynamic:dynamic; do
    name=${row%%:*} program=${row##*:} options= sysroot= flags=-static
    [ -n "$ONLY" ] && [ "$ONLY" != "$name" ] && continue
    if [ "$name" = dynamic ]; then # gdb reads the files through the stub
        options="-L /usr/aarch64-linux-gnu" sysroot=target: flags=
    fi
    if ! build "$program" $flags -pthread; then
        echo "FAIL: $program does not build"
        failed=$((failed + 1))
        continue
    fi
    for backend in $MOA_BACKENDS; do
        one "$name" "$program" "$backend" &
    done
    wait
done
passed=$(cat "$out"/result.* 2>/dev/null | grep -c pass)
failed=$((failed + $(cat "$out"/result.* 2>/dev/null | grep -c fail)))
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
