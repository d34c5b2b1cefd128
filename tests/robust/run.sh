#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/robust/run.sh -- what a user can do wrong, and what a machine can lack: files that are no programs,
# wrong options, no memory, no stack, nobody who takes the output. Each case expects an exit status and
# at most one line on standard error that says what is wrong.
# MOA names the program (./moa). Last line: "N passed, N failed, N skipped".
set -u
: "${srcdir:=.}"
srcdir=$(cd "$srcdir" && pwd)
moa=$(realpath "${MOA:-./moa}")
corpus=$srcdir/fuzz/corpus/elf
cross=aarch64-linux-gnu-gcc
tmp=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
unset "${!MOA_@}" "${!QEMU_@}"
export ASAN_OPTIONS=detect_leaks=0 # a program that ends need not free
plain=1                            # a sanitizer's own memory does not fit under a limit
! grep -aq __asan_init "$moa" || plain=

bad() { echo "FAIL: $name: $*"; failed=$((failed + 1)); }
# expect NAME STATUS PATTERN COMMAND...: the status, and one line on stderr that the extended regular
# expression finds; an empty pattern: no line. Commands write nothing to stdout but what "out" holds.
out=
expect() {
    name=$1
    local status=$2 pattern=$3 got lines
    shift 3
    timeout 300 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    got=$?
    lines=$(wc -l <"$tmp/err")
    if [ $got != "$status" ]; then
        bad "status $got instead of $status; $(head -c 300 "$tmp/err")"
    elif [ -z "$pattern" ] && [ -s "$tmp/err" ]; then
        bad "on stderr: $(head -c 300 "$tmp/err")"
    elif [ -n "$pattern" ] && [ "$lines" != 1 ]; then
        bad "$lines lines on stderr: $(head -c 300 "$tmp/err")"
    elif [ -n "$pattern" ] && ! grep -aqE -- "$pattern" "$tmp/err"; then
        bad "stderr is: $(cat "$tmp/err")"
    elif [ "$(cat "$tmp/out")" != "$out" ]; then
        bad "stdout is: $(head -c 300 "$tmp/out")"
    else
        passed=$((passed + 1))
    fi
}
skip() { echo "SKIP: $*"; skipped=$((skipped + 1)); }
# patch NAME OFFSET BYTES: a copy of the static program with some bytes changed
patch() {
    cp "$corpus/static" "$tmp/$1"
    chmod +x "$tmp/$1"
    printf "$3" | dd of="$tmp/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# --- files ---
cd "$tmp" || exit 99
expect "a program that is fine" 42 '' "$moa" "$corpus/static"
expect "missing" 127 '^moa: nothere: No such file or directory$' "$moa" nothere
expect "a file as folder" 127 'x: Not a directory$' "$moa" "$corpus/static/x"
expect "a folder" 126 'is a directory$' "$moa" "$tmp"
expect "an empty name" 127 'No such file or directory$' "$moa" ""
expect "an empty file" 126 'empty file$' "$moa" "$corpus/empty"
mkfifo fifo
expect "a FIFO" 126 'not a regular file$' "$moa" fifo
expect "a device" 126 'not a regular file$' "$moa" /dev/null
ln -s loop loop
expect "a link to itself" 126 'Too many levels of symbolic links$' "$moa" loop
echo 'hello there, this is text' >text
expect "text" 126 'text: not an ELF program$' "$moa" text
printf '#!/nowhere/sh\nexit 0\n' >script
chmod +x script
expect "a script" 126 'script: a script' "$moa" script
printf '\177ELF' >four
expect "four bytes of ELF" 126 'four: truncated ELF file$' "$moa" four
for n in 19 20 63 64 100 119; do
    head -c $n "$corpus/static" >cut
    expect "cut after $n bytes" 126 '^moa: cut: ' "$moa" cut
done
head -c 600 /dev/zero | tr '\0' '\252' >noise
expect "noise" 126 'not an ELF program$' "$moa" noise
expect "a program of this machine" 126 'for a processor that moa does not have$' "$moa" "$moa"
patch riscv 18 '\xf3'
expect "riscv" 126 'for a processor that moa does not have$' "$moa" riscv
expect "32 bits" 126 'for a processor that moa does not have$' "$moa" "$corpus/elf32"
expect "big-endian" 126 'for a processor that moa does not have$' "$moa" "$corpus/big_endian"
expect "a core file" 126 'not a program$' "$moa" "$corpus/core"
patch object 16 '\1'
expect "an object file" 126 'not a program$' "$moa" object
patch phoff 32 '\xff\xff\xff\xff\xff\xff\xff\x7f'
expect "headers far away" 126 'program headers' "$moa" phoff
patch phnum 56 '\xff\xff'
expect "65,535 headers" 126 'program headers' "$moa" phnum
patch none 56 '\0\0'
expect "no headers" 126 'program headers' "$moa" none
patch nothing 64 '\4'
expect "nothing to load" 126 'nothing to load$' "$moa" nothing
patch huge 104 '\0\0\0\0\0\0\0\x7f'
expect "a huge segment" 126 'bad ELF segment' "$moa" huge
patch wrap 80 '\0\xf0\xff\xff\xff\xff\xff\xff'
expect "a segment at the end of all addresses" 126 'bad ELF segment' "$moa" wrap
patch kernel 80 '\0\0\0\0\0\0\0\x80'
expect "a segment in the kernel's half" 126 'bad ELF segment' "$moa" kernel
patch zero 80 '\0\0\0\0\0\0\0\0'
expect "a segment at address 0" 126 'cannot be mapped at 0x0' "$moa" zero
patch entry 24 '\0\0\0\0\0\0\0\0'
expect "an entry that is not mapped" 139 'Segmentation fault' "$moa" entry
expect "an interpreter that is missing" 127 'interpreter /proc/self/fd/100: No such file' "$moa" "$corpus/pie_interp"
sed 's|/proc/self/fd/100|/./././dev///null|' "$corpus/pie_interp" >devnull
expect "a device as interpreter" 126 'interpreter [^ ]*null is not a regular file$' "$moa" devnull
if [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null; then
    as=
    [ "$(id -u)" != 0 ] || as="setpriv --reuid 65534 --clear-groups --"
    cp "$corpus/static" locked
    chmod 0 locked
    chmod 755 "$tmp"
    cp "$moa" "$tmp/moa"
    if $as "$tmp/moa" "$tmp/locked" 2>&1 | grep -q 'moa:'; then
        expect "a file that may not be read" 126 'locked: Permission denied$' $as "$tmp/moa" "$tmp/locked"
    else
        skip "a file that may not be read: no other user can start moa here"
    fi
    rm -f "$tmp/moa"
else
    skip "a file that may not be read: setpriv is missing"
fi

# --- options ---
ok=$corpus/static
expect "no program" 1 'no program given' "$moa"
expect "an unknown option" 1 '^moa: -frobnicate: unknown option' "$moa" -frobnicate "$ok"
expect "an option without its value" 1 '-L: needs an argument$' "$moa" -L
expect "-s nonsense" 1 '-s: not a number: 12x$' "$moa" -s 12x "$ok"
expect "-s too large" 1 '-s: ' "$moa" -s 99999999999999999999 "$ok"
expect "-R larger than there is" 1 '-R: cannot reserve' "$moa" -R 0x7fffffffffff0000 "$ok"
expect "-B between pages" 1 '-B: not a multiple of the page size: 0x123$' "$moa" -B 0x123 "$ok"
expect "-cpu nonsense" 1 'nonsense' "$moa" -cpu nonsense "$ok"
expect "-cpu with a wrong feature" 1 'bogus' "$moa" -cpu max,bogus=on "$ok"
expect "-d nonsense" 1 'no such log item: nonsense .known: in_asm ' "$moa" -d in_asm,nonsense "$ok"
expect "-D without a folder" 1 'No such file or directory$' "$moa" -D /nowhere/log -d in_asm "$ok"
expect "-dfilter nonsense" 1 '-dfilter: bad address range: 9-1$' "$moa" -dfilter 9-1 "$ok"
expect "-E without a value" 1 '-E: wants NAME=VALUE: A$' "$moa" -E A "$ok"
expect "-U with a value" 1 '-U: wants a name: A=1$' "$moa" -U A=1 "$ok"
expect "-accel nonsense" 1 '^moa: -accel: ' "$moa" -accel kvm "$ok"
expect "-accel with another backend" 1 '^moa: -accel: ' "$moa" -accel tcg,backend=none "$ok"
expect "-seed nonsense" 1 '-seed: not a number: abc$' "$moa" -seed abc "$ok"
expect "-p" 1 '-p: ' "$moa" -p 65536 "$ok"
expect "a variable with nonsense" 1 'no such log item' env MOA_LOG=bogus "$moa" "$ok"
expect "binfmt nonsense" 1 '^moa: binfmt: usage' "$moa" binfmt frob
ln -s "$moa" moa-ppc
expect "a name for a guest that there is not" 42 '' "$PWD/moa-ppc" "$ok"

# --- memory ---
[ -n "$plain" ] || skip "two cases with little memory: built with a sanitizer"
[ -z "$plain" ] || expect "no address space for the translator" 1 '^moa: .*(memory|mapped)' \
    bash -c 'ulimit -v 60000; exec "$@"' - "$moa" "$ok"
expect "no descriptors" 126 'Too many open files$' bash -c 'exec 3>&- 4>&- 5>&- 6>&-; ulimit -n 4; exec "$@"' - "$moa" "$ok"

# --- output of moa itself ---
expect "--help to a full disk" 1 'standard output: No space left on device$' bash -c '"$@" >/dev/full' - "$moa" --help
expect "--version to nowhere" 1 'standard output: Bad file descriptor$' bash -c '"$@" >&-' - "$moa" --version

# --- the guest ---
if command -v $cross >/dev/null && $cross -O1 -static -pthread -w "$srcdir/tests/robust/guest.c" -o guest; then
    seg='uncaught guest signal 11'
    expect "recursion without end" 139 "$seg" "$moa" guest overflow
    out="stack overflow caught" expect "the same, with a handler" 7 '' "$moa" guest caught
    expect "the same, in a thread" 139 "$seg" "$moa" guest thread
    expect "recursion on a small stack" 139 "$seg" "$moa" -s 64k guest overflow
    expect "abort" 134 'uncaught guest signal 6' "$moa" guest abort
    [ -z "$plain" ] || out="Cannot allocate memory after some" expect "memory until there is none" 0 '' \
        bash -c 'ulimit -v 1500000; exec "$@"' - "$moa" guest memory
    expect "closed output" 3 '^guest: Bad file descriptor$' bash -c '"$@" >&-' - "$moa" guest output
    expect "closed output, with a log file" 3 '^guest: Bad file descriptor$' \
        bash -c '"$@" >&-' - "$moa" -D "$tmp/log" -d int guest output
    expect "a full disk" 3 '^guest: No space left on device$' bash -c '"$@" >/dev/full' - "$moa" guest output
    expect "nothing open at all" 3 '' bash -c '"$@" <&- >&- 2>&-' - "$moa" guest output
    expect "nobody reads" 141 '' bash -c '"$@" | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}' - "$moa" guest endless
else
    for c in recursion memory "closed output"; do skip "$c: $cross is missing"; done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
