#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/bare.sh -- small programs on the bare `virt` board, each as a raw image, with native code
# and with the interpreter; what they print must be in NAME.want. --qemu runs QEMU instead, to check the
# programs themselves. A line "/* cpu: MODEL */" in a program chooses the processor,
# "/* options: ... */" adds options. The last line: N passed, N failed, N skipped.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
moa=${MOA:-$PWD/moa}
cross=${CROSS:-aarch64-linux-gnu-}
qemu=
[ "${1:-}" != --qemu ] || qemu=1
passed=0 failed=0 skipped=0
sum() { echo "$passed passed, $failed failed, $skipped skipped"; [ $failed = 0 ]; exit; }
if ! command -v "${cross}gcc" >/dev/null; then
    echo "no ${cross}gcc"
    skipped=1
    echo "$passed passed, $failed failed, $skipped skipped"
    exit 77
fi
if "$moa" system -version 2>&1 | grep -q "no whole machines"; then
    echo "built without machines"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
run() { # name, how, command...: compares what it prints
    local name=$1 how=$2 status
    shift 2
    timeout -k 5 60 "$@" </dev/null >out 2>err
    status=$?
    if [ $status = 0 ] && tr -d '\r' <out | diff -u "$srcdir/tests/machine/bare/$name.want" - >diff; then
        passed=$((passed + 1))
    else
        echo "FAIL: $name, $how (status $status)"
        cat diff err
        failed=$((failed + 1))
    fi
}
for source in "$srcdir"/tests/machine/bare/*.S; do
    name=$(basename "$source" .S)
    cpus=1
    cpu=$(sed -n 's,^/\* cpu: \(.*\) \*/$,\1,p' "$source")
    [ "$name" != smp ] || cpus=2
    more=$(sed -n 's,^/\* options: \(.*\) \*/$,\1,p' "$source")
    if ! { "${cross}gcc" -nostdlib -static -Wl,--build-id=none,--no-warn-rwx-segments -T "$srcdir/tests/machine/bare/link.ld" \
               -o $name.elf "$source" && "${cross}objcopy" -O binary $name.elf $name.bin; }; then
        failed=$((failed + 1))
        continue
    fi
    set -- -M virt -cpu ${cpu:-cortex-a57} -smp $cpus -m 128 -kernel $name.bin -nographic $more
    if [ -n "$qemu" ]; then
        run $name QEMU qemu-system-aarch64 "$@"
        continue
    fi
    for backend in native interp; do
        run $name $backend "$moa" system -accel tcg,backend=$backend "$@"
    done
done
# Input that comes at once is not lost between console and monitor.
if [ -z "$qemu" ]; then
    (sleep 1; printf '\001cinfo status\rinfo name\rinfo cpus\rinfo status\rquit\r'; sleep 3) |
        timeout -k 5 60 "$moa" system -M virt -m 128 -nographic -kernel hello.bin -no-shutdown -name dora >mon.out 2>&1
    if [ "$(tr -d '\r' <mon.out | grep -c -e '^dora$' -e '^\* CPU #0: thread_id=[0-9]*$' -e '^VM status: paused (shutdown)$')" = 4 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: monitor"
        cat mon.out
        failed=$((failed + 1))
    fi
fi

# gdb comes, looks, and goes: the program ends as without it.
debugged() {
    "$moa" system -M virt -smp 2 -m 128 -kernel smp.bin -nographic -S -gdb "$PWD/smp.sock" \
        </dev/null >gdb.moa 2>&1 &
    local pid=$! i=0
    while [ ! -S smp.sock ] && [ $((i += 1)) -lt 100 ]; do sleep 0.1; done
    timeout -k 5 60 gdb-multiarch -nx -batch -x "$srcdir/tests/machine/smp.gdb" >gdb.out 2>&1
    i=0
    while kill -0 $pid 2>/dev/null && [ $((i += 1)) -lt 300 ]; do sleep 0.1; done
    kill -9 $pid 2>/dev/null && return 1
    wait $pid
}
if [ -z "$qemu" ] && ! command -v gdb-multiarch >/dev/null; then
    skipped=$((skipped + 1))
elif [ -z "$qemu" ]; then
    if debugged && grep -q '^start 0x40080000$' gdb.out && grep -q '^\* 2 .*CPU#1.* in second' gdb.out &&
       grep -q '^x0 0x1234$' gdb.out && grep -q '^pc second+8, x5 0x1234$' gdb.out &&
       grep -q '^word 0x100001234$' gdb.out && grep -q '^x28 says 0xedfe0dd0$' gdb.out &&
       tr -d '\r' <gdb.moa | diff -u "$srcdir/tests/machine/bare/smp.want" -; then
        passed=$((passed + 1))
    else
        echo "FAIL: gdb"
        cat gdb.out gdb.moa
        failed=$((failed + 1))
    fi
fi
sum
