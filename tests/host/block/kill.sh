#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/host/block/kill.sh [--times N] -- kill -9 in the middle of heavy writing, N times (5): after each,
# moa-img check and qemu-img check (where it is) say that the image is clean, before anybody has opened it,
# and everything that a flush had acknowledged is on the disk. The same image goes on after each kill.
set -u
build=$(pwd)
times=5
[ "${1:-}" = --times ] && times=$2
passed=0 failed=0 theirs=0 writes=0 flushes=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/moa-kill.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

new() {
    "$build/moa-img" create -q -f qcow2 -o "$1" "$dir/disk.qcow2" 64M || exit 1
}
for i in $(seq "$times"); do
    case $((i % 5)) in # a new image now and then, of another shape
    1) new cluster_size=64k;;
    3) new cluster_size=4k;;
    4) new cluster_size=512,refcount_bits=64;;
    esac
    "$build/tests/host/block/hammer" work "$dir/disk.qcow2" "$dir/log" "$i" 2>"$dir/err" &
    pid=$!
    sleep "0.$((RANDOM % 80 + 15))"
    if kill -9 $pid 2>/dev/null; then :; else echo "run $i: it ended by itself: $(cat "$dir/err")"; failed=$((failed + 1)); fi
    wait $pid 2>/dev/null
    out=$("$build/moa-img" check "$dir/disk.qcow2" 2>&1)
    status=$?
    qemu=0
    if command -v qemu-img >/dev/null; then
        more=$(qemu-img check "$dir/disk.qcow2" 2>&1)
        qemu=$?
        theirs=$((theirs + 1))
    fi
    if said=$("$build/tests/host/block/hammer" verify "$dir/disk.qcow2" "$dir/log" 2>&1) && [ $status = 0 ] && [ $qemu = 0 ]; then
        passed=$((passed + 1))
        read -r w _ f _ <<<"$said"
        writes=$((writes + w)) flushes=$((flushes + f))
    else
        failed=$((failed + 1))
        echo "run $i: check says $status, qemu-img's $qemu, hammer: $said"
        printf '%s\n' "$out" "${more:-}" | tail -n 8
    fi
done
echo "$writes writes and $flushes flushes before the kills; looked at by qemu-img as well: $theirs"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
