#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/icount.sh [--long] -- -icount repeats exactly: state hashes (docs/proofs.md) of two runs are the same, and
# those of the interpreter. Short: the programs of tests/machine/bare, compared at every few instructions. Long: the
# first two billion instructions of Linux (scripts/netboot.sh) with one vcpu and with two, every 10,000 instructions, and
# RAM every hundred million; --count N for another number. The last line: N passed, N failed, N skipped.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
moa=${MOA:-$PWD/moa}
cross=${CROSS:-aarch64-linux-gnu-}
passed=0 failed=0 skipped=0 long= count=2000000000
while [ $# -gt 0 ]; do
    case $1 in
    --long) long=1;;
    --count) count=$2; shift;;
    *) echo "icount.sh: unknown option $1" >&2; exit 2;;
    esac
    shift
done
done_() { echo "$passed passed, $failed failed, $skipped skipped"; [ $failed = 0 ]; exit; }
if "$moa" system -version 2>&1 | grep -q "no whole machines"; then
    echo "built without machines"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
same() { # name, limit in seconds, icount's words, command...: three runs, and what they print
    local name=$1 limit=$2 words=$3 how status
    shift 3
    for how in native,1 native,2 interp,3; do
        rm -f log.${how#*,}
        timeout -k 5 "$limit" "$moa" system -accel tcg,backend=${how%,*} -icount "$words" -rtc base=2026-01-01,clock=vm \
            -D log.${how#*,} "$@" </dev/null >out.${how#*,} 2>err
        status=$?
        if [ $status != 0 ] || ! [ -s log.${how#*,} ]; then
            echo "FAIL: $name, $how (status $status)"
            cat err
            failed=$((failed + 1))
            return
        fi
    done
    for n in 2 3; do
        if cmp log.1 log.$n && cmp out.1 out.$n; then
            passed=$((passed + 1))
        else
            echo "FAIL: $name: run $n differs, first at:"
            diff log.1 log.$n | sed -n 2p
            failed=$((failed + 1))
        fi
    done
    echo "$name: $(wc -l <log.1) states, last $(tail -n 1 log.1)"
}
if [ -n "$long" ]; then
    files=$("$srcdir/scripts/netboot.sh" --print)
    if ! [ -s "$files/linux" ]; then
        skipped=1
        done_
    fi
    for cpus in 1 2; do
        same "Linux, $cpus vcpus" 3600 shift=0,sleep=off,x-hash=10000,x-ram=100000000,x-end=$count \
            -M virt,dtb-randomness=off -m 512 -smp $cpus -kernel "$files/linux" -initrd "$files/initrd.gz" \
            -append "console=ttyAMA0 rdinit=/bin/sh" -serial stdio -display none
    done
    done_
fi
if ! command -v "${cross}gcc" >/dev/null; then
    echo "no ${cross}gcc"
    exit 77
fi
for source in "$srcdir"/tests/machine/bare/*.S; do
    name=$(basename "$source" .S)
    case $name in
    semihost) continue;; # the host's files are not part of the machine
    rtc) continue;;      # has options of its own
    esac
    cpus=1
    cpu=$(sed -n 's,^/\* cpu: \(.*\) \*/$,\1,p' "$source")
    [ "$name" != smp ] || cpus=2
    "${cross}gcc" -nostdlib -static -Wl,--build-id=none,--no-warn-rwx-segments -T "$srcdir/tests/machine/bare/link.ld" \
        -o $name.elf "$source" && "${cross}objcopy" -O binary $name.elf $name.bin || exit 1
    set -- -M virt,dtb-randomness=off -cpu ${cpu:-cortex-a57} -smp $cpus -m 128 -kernel $name.bin -nographic
    same "$name, at primes" 60 shift=3,sleep=off,x-hash=97 "$@"
    tr -d '\r' <out.1 | diff -u "$srcdir/tests/machine/bare/$name.want" - || failed=$((failed + 1))
    same "$name, each" 60 shift=10,sleep=off,x-hash=1,x-end=5000 "$@"
done
done_
