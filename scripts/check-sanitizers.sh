#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/check-sanitizers.sh [FOLDER] -- builds with AddressSanitizer and UndefinedBehaviorSanitizer in FOLDER
# (default: a temporary one) and runs "make check" there. A finding ends the program, which fails its
# test. Last line: "N passed, N failed, N skipped", a test program counting as one; status 77: the
# compiler has no sanitizers.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d) || exit 99
    trap 'rm -rf "$work"' EXIT
fi
cd "$work" || exit 99
if ! echo 'int main(void) { return 0; }' | ${CC:-gcc} -fsanitize=address,undefined -xc - -o probe 2>log || ! ./probe; then
    echo "skipped: ${CC:-gcc} has no sanitizers"
    exit 77
fi
jobs=$(nproc 2>/dev/null || echo 1)
if ! { { [ -x "$top/configure" ] || (cd "$top" && autoreconf -fi); } &&
       { [ -e Makefile ] || "$top/configure" --enable-sanitizers CFLAGS='-O1 -g'; } &&
       make -j"$jobs"; } >log 2>&1; then
    tail -n 20 log
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
find tests fuzz -name "*.trs" -delete 2>/dev/null
make -k -j"$jobs" check >log 2>&1
grep -E '^(FAIL|ERROR|SKIP):' log
find tests fuzz -name '*.trs' -exec grep -lE '^:test-result: (FAIL|ERROR)' {} + | while read -r trs; do
    grep -E '^(FAIL|not found)' "${trs%.trs}.log" | head -n 10
    tail -n 20 "${trs%.trs}.log"
done
sum() { sed -n "s/^# $1: *//p" log; }
grep -q '^# TOTAL:' log || { tail -n 20 log; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
failed=$(($(sum FAIL) + $(sum ERROR)))
echo "$(sum PASS) passed, $failed failed, $(sum SKIP) skipped"
[ $failed = 0 ]
