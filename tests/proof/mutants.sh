#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/proof/mutants.sh [-l] -- proof (e), and leave-anywhere over random sequences (docs/proofs.md). -l: all
# mutants of decode rows, many sequences. Last line: "N passed, N failed, N skipped".
out=$(mktemp) || exit 99
trap 'rm -f "$out"' EXIT
passed=0 failed=0
number='-n 60' sequences=400
[ "$1" != -l ] || number=-a sequences=40000
for args in "$number" "-l $sequences" "-l $sequences -s 77"; do
    if timeout 3000 tests/proof/mutants $args >"$out" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAIL: tests/proof/mutants $args (status $?)"
        failed=$((failed + 1))
    fi
    grep -E 'mutants|compared|differs|survived:' "$out" | tail -40
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
