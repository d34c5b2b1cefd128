#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/diff/check.sh [--long] [--count N] -- random arm64 instructions under qemu-aarch64, the native backend and the
# interpreter must do the same; rows that qemu 7.2 lacks or answers with other keys are compared between
# the backends only; words that match no row are refused by all. Then: every row of the decode table was
# executed, here or by tests/frontends/arm64/vectors.def. Seeds are fixed. --long takes about two minutes;
# --count N compares N instructions under all three.
# Last line: "N passed, N failed, N skipped": four comparisons and the rows; sequences are told above.
: "${srcdir:=.}"
count=24000 other=12000 seed=1 seconds=0
while [ $# -gt 0 ]; do
    case $1 in
    --long)
        count=100000000 other=400000 seconds=90 seed=20000;;
    --count) count=$2 other=$(($2 / 10)) seed=1000; shift;;
    *) echo "check.sh: unknown option $1" >&2; exit 2;;
    esac
    shift
done
for tool in python3 qemu-aarch64 aarch64-linux-gnu-gcc; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
# qemu's max without what moa does not offer
qemu="qemu-aarch64 -cpu max,sve=off,sme=off"
run() {
    python3 "$srcdir/tests/diff/run.py" --gen tests/diff/diff_gen --quiet --seed "$seed" "$@" >"$dir/out" 2>&1
    status=$?
    sed 's/^\([0-9]* passed, .*\)$/sequences: \1/' "$dir/out"
    if [ $status = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
rows= # of few instructions only
[ $seconds != 0 ] || [ $count -gt 100000 ] || rows="--rows $dir/rows"
run --count $count --batch 60000 --seconds $seconds $rows "$qemu" "./moa -accel tcg,backend=interp" ./moa
run --count $other --all $rows "./moa -accel tcg,backend=interp" ./moa
run --count $other --unallocated "$qemu" "./moa -accel tcg,backend=interp" ./moa
run --count $other --unallocated --all "./moa -accel tcg,backend=interp" ./moa
if [ -n "$rows" ]; then
    sed -n 's/^V("[^"]*", *\(0x[0-9a-f]*\),.*/\1/p' "$srcdir/tests/frontends/arm64/vectors.def" |
        xargs tests/diff/diff_gen -d >>"$dir/rows"
    echo SVC >>"$dir/rows" # every system call of the harness
    tests/diff/diff_gen -C | sort -u >"$dir/all"
    sort -u "$dir/rows" | comm -12 - "$dir/all" >"$dir/ran"
    echo "$(wc -l <"$dir/ran") of $(wc -l <"$dir/all") rows of the decode table were executed"
    if comm -13 "$dir/ran" "$dir/all" | grep .; then
        echo "these rows were not"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
