#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/fuzz-devices.sh [--seconds N] [--build FOLDER] [CLASS...|qcow2] -- every device by its description
# (fuzz/devices.c), and qcow2 images, each N seconds (600) under libFuzzer with AddressSanitizer and
# UndefinedBehaviorSanitizer. Without names: all of them. FOLDER (fuzz-build) keeps the build, the
# inputs found so far (corpus/CLASS) and what was wrong (found/CLASS-*). Last line: "N passed, N failed, N
# skipped", a device counting as one; status 77: no clang with libFuzzer.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
seconds=600
work=fuzz-build
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) seconds=$2; shift 2;;
    --build) work=$2; shift 2;;
    -*) echo "usage: $0 [--seconds N] [--build FOLDER] [CLASS...|qcow2]" >&2; exit 2;;
    *) break;;
    esac
done
cc=${CC:-clang}
mkdir -p "$work" && cd "$work" || exit 99
echo 'int LLVMFuzzerTestOneInput(const char *p, long n) { return p && n < 0; }' >probe.c
if ! $cc -fsanitize=fuzzer,address,undefined probe.c -o probe >log 2>&1; then
    echo "skipped: $cc has no libFuzzer"
    exit 77
fi
if ! { { [ -x "$top/configure" ] || (cd "$top" && autoreconf -fi); } &&
       { [ -e Makefile ] || "$top/configure" CC="$cc" --enable-fuzzers --enable-sanitizers CFLAGS='-O1 -g'; } &&
       make -j"$(nproc 2>/dev/null || echo 1)" fuzz/devices_fuzz fuzz/qcow2_fuzz; } >log 2>&1; then
    tail -n 20 log
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
[ $# -gt 0 ] || set -- $(MOA_FUZZ_CLASS=help fuzz/devices_fuzz -runs=1 2>/dev/null) qcow2
passed=0 failed=0
mkdir -p corpus found
for class; do
    program=fuzz/devices_fuzz seeds=$top/fuzz/corpus/devices
    [ "$class" != qcow2 ] || { program=fuzz/qcow2_fuzz; seeds=$top/fuzz/corpus/qcow2; }
    mkdir -p "corpus/$class"
    if MOA_FUZZ_CLASS=$class "$program" -max_total_time="$seconds" -timeout=100 -rss_limit_mb=3000 -print_final_stats=1 \
        -artifact_prefix="found/$class-" "corpus/$class" "$seeds" >log 2>&1; then
        passed=$((passed + 1))
        echo "$class: $(sed -n 's/^stat::number_of_executed_units: *//p' log) inputs, $(ls "corpus/$class" | wc -l) kept"
    else
        failed=$((failed + 1))
        echo "FAIL: $class"
        grep -E 'ERROR|runtime error|SUMMARY|Test unit written' log | head -n 6
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
