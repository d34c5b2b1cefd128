#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/proof/leave.sh [-l] -- proofs (a) and (b) of docs/proofs.md on guest programs and on random
# code: each region is left at its snapshots in turn and compared with the oracle, while regions are
# retired and the cache is flushed. Also the two other developer's switches: IR without folding, and
# each float result checked against soft float. -l: many seeds, some minutes. Last line: "N passed, N
# failed, N skipped"; status 77: no cross compiler.
: "${srcdir:=.}"
cross=aarch64-linux-gnu-gcc
command -v $cross >/dev/null 2>&1 || { echo "skipped: $cross is not installed"; exit 77; }
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
passed=0 failed=0
seeds=1 sequences=150 rate= limit=600
if [ "$1" = -l ]; then
    seeds="11 12 13 14 15 16" sequences=4000 limit=900
else
    rate=:5
fi

# ok STATUS TEXT
ok() {
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: $2 (status $1)"
        tail -20 "$out/err"
        failed=$((failed + 1))
    fi
}

# Something must have been compared, or the switch is dead.
compared() {
    n=$(sed -n 's/^regions compared *\([0-9]*\),.*/\1/p' "$out/err" | sort -n | tail -1)
    [ "${n:-0}" -ge "$1" ]
}

for c in "$srcdir"/tests/guest/*.c; do
    name=$(basename "$c" .c)
    flags=$(sed -n 's|^/\* CFLAGS: \(.*\) \*/$|\1|p' "$c")
    # shellcheck disable=SC2086
    $cross -std=gnu17 -D_GNU_SOURCE -I"$srcdir" -O1 -static -pthread $flags -o "$out/$name" "$c" -lm || {
        : >"$out/err"
        ok 1 "$name does not build"
        continue
    }
    for seed in $seeds; do
        : >"$out/err" # stats of children too, but not where those write
        # stale code is right in one of two ways: the oracle may see the other one
        timeout $limit ./moa -E NO_STALE_CODE=1 -E NO_MONITOR=1 -d stats -D+ "$out/err" -accel "tcg,x-leave=$seed$rate" "$out/$name" \
            >"$out/text" 2>>"$out/err"
        status=$?
        [ $status != 0 ] || compared 50 || status=nothing-compared
        ok $status "$name, -accel tcg,x-leave=$seed$rate"
    done
    for switch in x-nofold,x-verify x-float-check; do
        [ "$switch$name" != x-nofold,x-verifythreads ] || continue # its timing is not what is tested
        timeout 600 ./moa -accel tcg,$switch "$out/$name" >"$out/text" 2>"$out/err"
        ok $? "$name, -accel tcg,$switch"
    done
done

$cross -std=gnu17 -static -nostdlib -nostartfiles -ffreestanding -fno-pie -no-pie -O2 \
    -mgeneral-regs-only -I"$srcdir" -o "$out/harness" "$srcdir/tests/diff/harness.c" -lgcc
for seed in $seeds; do
    tests/diff/diff_gen -s "$seed" -n $((sequences * 12)) -l 12 -a >"$out/seq"
    timeout 600 ./moa -accel tcg,backend=interp,x-nofold "$out/harness" <"$out/seq" >"$out/want" 2>"$out/err"
    ok $? "random code, seed $seed, interp"
    for switch in "x-leave=$seed" x-float-check x-nofold,x-verify; do
        timeout $limit ./moa -d stats -accel "tcg,$switch" "$out/harness" <"$out/seq" >"$out/got" 2>"$out/err"
        status=$?
        cmp -s "$out/got" "$out/want" || status=differs
        [ "$switch" != "x-leave=$seed" ] || compared 500 || status=nothing-compared
        ok $status "random code, seed $seed, $switch"
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
