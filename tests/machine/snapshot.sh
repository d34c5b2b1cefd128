#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/snapshot.sh -- tests/machine/snapshot.py with a program on the bare board: a few seconds. With
# --linux N and so on it boots a real Linux instead; see there.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
moa=${MOA:-$PWD/moa}
cross=${CROSS:-aarch64-linux-gnu-}
if "$moa" system -version 2>&1 | grep -q "no whole machines"; then
    echo "built without machines"
    exit 77
fi
if [ $# -gt 0 ]; then
    exec python3 "$srcdir/tests/machine/snapshot.py" --moa "$moa" "$@"
fi
if ! command -v "${cross}gcc" >/dev/null || ! command -v python3 >/dev/null; then
    echo "no ${cross}gcc or no python3"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"${cross}gcc" -nostdlib -static -Wl,--build-id=none,--no-warn-rwx-segments -I "$srcdir/tests/machine/bare" \
    -T "$srcdir/tests/machine/bare/link.ld" -o "$tmp/work.elf" "$srcdir/tests/machine/snapshot/work.S" &&
    "${cross}objcopy" -O binary "$tmp/work.elf" "$tmp/work.bin" || exit 1
python3 "$srcdir/tests/machine/snapshot.py" --moa "$moa" "$tmp/work.bin"
