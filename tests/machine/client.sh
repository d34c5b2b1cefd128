#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/client.sh [MOA] -- a QMP client library that was written for QEMU (Debian's golang-github-digitalocean-go-qemu-dev,
# with golang-go) drives a machine; see tests/machine/client.go. The last line: N passed, N failed, N skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
moa=${1:-$PWD/moa}
skip() { echo "$*"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
command -v go >/dev/null || skip "no go"
[ -d /usr/share/gocode/src/github.com/digitalocean/go-qemu/qmp ] || skip "no go-qemu"
tmp=$(mktemp -d)
trap 'kill $pid 2>/dev/null; rm -rf "$tmp"' EXIT
pid=
if ! GOCACHE=$tmp/cache GO111MODULE=off GOPATH=/usr/share/gocode:$tmp/go go build -o "$tmp/client" "$here/client.go"; then
    echo "the client does not build"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
head -c 4096 /dev/zero >"$tmp/loop.bin"
printf '\x00\x00\x00\x14' | dd of="$tmp/loop.bin" conv=notrunc 2>/dev/null # b .
"${moa%/*}/moa-img" create -q -f qcow2 "$tmp/disk.qcow2" 64M || exit 1
"$moa" system -M virt -m 64 -display none -S -kernel "$tmp/loop.bin" -qmp "unix:$tmp/qmp,server,nowait" \
    -drive "file=$tmp/disk.qcow2,if=virtio,id=disk" -device virtio-gpu-pci -device virtio-keyboard-pci 2>"$tmp/err" &
pid=$!
for _ in $(seq 200); do [ -S "$tmp/qmp" ] && break; sleep 0.1; done
timeout 300 "$tmp/client" "$tmp/qmp" "$tmp/screen.png" disk | tee "$tmp/out"
failed=$((PIPESTATUS[0] != 0))
if wait $pid; then echo "ok: status 0"; else echo "FAIL: the machine's status"; failed=$((failed + 1)); fi >>"$tmp/out"
tail -n 1 "$tmp/out"
pid=
if [ "$(head -c 8 "$tmp/screen.png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]; then
    echo "ok: a picture" | tee -a "$tmp/out"
else
    echo "FAIL: no picture"
    failed=$((failed + 1))
fi
cat "$tmp/err"
echo "$(grep -c '^ok' "$tmp/out") passed, $failed failed, 0 skipped"
[ $failed = 0 ]
