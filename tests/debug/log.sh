#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/debug/log.sh -- every item of -d, -D and -dfilter, -jitdump and -perfmap: the parts of the output that a
# user looks for. MOA_PERF=1 also asks Linux perf. Last line: "N passed, N failed, N skipped";
# status 77: no compiler for guests.
: "${srcdir:=.}"
: "${MOA_BACKENDS:=native interp}"
cross=aarch64-linux-gnu-gcc
command -v $cross >/dev/null 2>&1 || { echo "skipped: $cross is not installed"; exit 77; }
moa=$PWD/moa
here=$(cd "$srcdir" && pwd)
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0
for c in tests/gdb/basic tests/gdb/signals tests/debug/crash; do
    $cross -std=gnu17 -D_GNU_SOURCE -g -O0 -static -pthread -o "$out/${c##*/}" "$here/$c.c" || exit 1
done
cd "$out" || exit 99
symbol() { # name: address and size, hexadecimal
    aarch64-linux-gnu-nm -S basic | awk -v n="$1" '$4 == n { print $1, $2 }'
}
read -r twice size < <(symbol twice)
twice=$(printf 0x%x 0x$twice) size=0x$size

ok() { # what, status
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: $1, backend $backend"
        head -20 log | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

run() { # options...
    rm -f log
    timeout 300 "$moa" -accel "tcg,backend=$backend" "$@" >output 2>log
}

has() { # what, patterns...: each on a line of the log
    local what=$1 st=0
    shift
    for p in "$@"; do
        grep -Eq -e "$p" log || { echo "not found: $p"; st=1; }
    done
    ok "$what" $st
}

for backend in $MOA_BACKENDS; do
    run -d in_asm -dfilter "$twice+$size" ./basic
    disassembly='bytes at'
    "$moa" --version | grep -q 'disassembly: capstone' && disassembly='sub sp, sp, #0x20'
    has in_asm "^IN: twice\+0x0, [0-9]+ bytes at $twice" "^ +$twice: .*" "$disassembly"
    [ "$(grep -c ^IN log)" = "$(grep -c '^IN: twice' log)" ]
    ok "-dfilter shows other functions" $?

    run -d ir -dfilter "$twice+$size" ./basic
    has ir "^region $twice key 0x0 bytes $twice" '^block 0' "^ +insn $twice, 4" '^ +put sp, ' ' = load ' \
        'goto_ind'
    cp log ir
    run -d ir_opt -dfilter "$twice+$size" ./basic
    has ir_opt "^region $twice" ' = load '
    [ "$(wc -l <log)" -le "$(wc -l <ir)" ] && ! grep -q '^ *nop' log
    ok "ir_opt is longer than ir" $?

    run -d out_asm -dfilter "$twice+$size" ./basic
    if [ "$backend" = interp ]; then
        [ ! -s log ]
        ok "out_asm of the interpreter" $?
    else
        host='bytes for'
        "$moa" --version | grep -q 'disassembly: capstone' && [ "$(uname -m)" = x86_64 ] && host='mov .*\['
        has out_asm "^OUT: [0-9]+ bytes for $twice" "$host"
    fi

    run -d exec,nochain -dfilter "$twice" ./basic
    [ "$(grep -c "^exec $twice$" log)" = 5 ]
    ok "exec,nochain: 5 calls" $?
    run -d cpu,nochain,fpu -dfilter "$twice" ./basic
    has cpu "^ PC=00000000*${twice#0x} X00=0{15}4 X01=[0-9a-f]{16}$" '^X02=[0-9a-f]{16} X03=[0-9a-f]{16} X04=' \
        '^X29=[0-9a-f]{16} X30=[0-9a-f]{16}  SP=[0-9a-f]{16}$' '^PSTATE=[0-9a-f]{8} [N-][Z-][C-][V-] EL0t' \
        'FPCR=00000000 FPSR=' '^Q30=[0-9a-f]{16}:[0-9a-f]{16} Q31='
    [ "$(sed -n 's/^ PC=.* X00=0*\([0-9]*\) X01.*/\1/p' log | tr -d '\n')" = 1234 ]
    ok "x0 of each call" $?

    run -d int,signal,page,unimp,guest_errors ./crash
    has 'int, signal, page' '^int: [0-9]+ write fault at pc 0x[0-9a-f]+, address 0x18$' '^int: [0-9]+ system call' \
        '^signal: [0-9]+ gets 11 \(Segmentation fault\), code 1, at pc 0x[0-9a-f]+, handler 0x0$' \
        '^page: map 0x[0-9a-f]+-0x[0-9a-f]+ r-x$' '^page: unmap 0x' '^page: protect 0x'
    run -d strace ./basic
    has strace '^[0-9]+ write\(1,"r=20 half=2.5 bytes=63\\n",23\) = 23$' '^[0-9]+ exit_group\(20\)'
    run -d stats ./basic
    has stats '^regions translated +[1-9]' '^dispatcher lookups +[1-9]' '^exits, syscall +[1-9]'

    run -d nonsense ./basic
    st=$?
    ok "unknown item: status $st" $((st != 1))
    has "unknown item" '^moa: -d: no such log item: nonsense \(known: in_asm ir .*strace stats .*\)$'
    run -d in_asm,exec -dfilter 12..zz ./basic
    has "-dfilter of nonsense" '^moa: -dfilter: '
    run -g 70000 ./basic
    has "-g with a port that there is not" '^moa: ./basic: -g 70000: Invalid argument$'
    run -d strace -D "$out/%d.log" ./basic
    ls "$out" | grep -Eq '^[0-9]+\.log$' && grep -q exit_group "$out"/[0-9]*.log && [ ! -s log ]
    ok "-D with a process id" $?
    rm -f "$out"/[0-9]*.log

    [ "$backend" = interp ] && continue
    "$moa" -accel "tcg,backend=$backend" -jitdump ./basic >output 2>log &
    pid=$!
    wait $pid
    if command -v python3 >/dev/null 2>&1; then
        python3 "$here/tests/debug/jitdump.py" jit-$pid.dump $pid twice 2>log
        ok "jitdump" $?
    else
        skipped=$((skipped + 1))
    fi
    "$moa" -accel "tcg,backend=$backend" -perfmap ./basic >output 2>log &
    pid=$!
    wait $pid
    grep -Eq '^[0-9a-f]+ [0-9a-f]+ twice\+0x0$' /tmp/perf-$pid.map
    ok "perfmap" $?
    rm -f /tmp/perf-$pid.map
    if [ -n "$MOA_PERF" ] && perf record -q -k mono -o p "$moa" -jitdump ./basic >output 2>log; then
        perf inject --jit -i p -o pj >>log 2>&1 && perf report -i pj --header-only >>log 2>&1 &&
            ls jitted-*.so >/dev/null 2>&1
        ok "perf inject" $?
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
