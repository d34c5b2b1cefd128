#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/check-bigendian.sh [FOLDER] -- builds the translator with the interpreter for a big-endian host (ppc64,
# cross-compiled, static) and runs its tests under qemu-ppc64. libffi and check are
# built from Debian's source packages first. FOLDER keeps what was built (default: a temporary one).
# Last line: "N passed, N failed, N skipped"; status 77 if a tool is missing.
# Needs: gcc-powerpc64-linux-gnu libc6-dev-ppc64-cross qemu-user.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
host=powerpc64-linux-gnu
for tool in $host-gcc qemu-ppc64 apt-get autoreconf; do
    command -v $tool >/dev/null 2>&1 || { echo "skipped: $tool is not installed"; exit 77; }
done
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d) || exit 99
    trap 'rm -rf "$work"' EXIT
fi
prefix=$work/root
log=$work/log

quiet() {
    "$@" >>"$log" 2>&1 || { echo "failed: $*"; tail -20 "$log"; exit 99; }
}

# Sources of the Debian release that is installed, without touching the system's lists.
fetch() {
    [ -d "$work/$1-src" ] && return
    (
        mkdir -p "$work/apt/lists/partial" && cd "$work/apt" || exit 99
        . /etc/os-release
        echo "deb-src http://deb.debian.org/debian $VERSION_CODENAME main" >src.list
        opt="-o Dir::Etc::sourcelist=$PWD/src.list -o Dir::Etc::sourceparts=/nonexistent"
        opt="$opt -o Dir::State::lists=$PWD/lists"
        [ -e updated ] || quiet apt-get $opt update
        touch updated
        quiet apt-get $opt source --download-only "$1"
        mkdir "$1" && quiet tar -xf "$1"_*.orig.tar.* -C "$1" --strip-components=1
        mv "$1" "$work/$1-src"
    ) || exit 99
}

library() {
    [ -e "$prefix/$1.done" ] && return
    fetch "$1"
    (
        cd "$work/$1-src" || exit 99
        [ -x configure ] || quiet autoreconf -fi
        quiet ./configure --host=$host --prefix="$prefix" --disable-shared --enable-static $2
        quiet make -s -j2 "${3:-V=0}"
        quiet make -s install "${3:-V=0}"
        touch "$prefix/$1.done"
    ) || exit 99
}

library libffi --disable-docs
library check "--disable-subunit --disable-build-docs" "SUBDIRS=lib src"

[ -x "$src/configure" ] || (cd "$src" && quiet autoreconf -fi) || exit 99
mkdir -p "$work/build" && cd "$work/build" || exit 99
export PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig:$prefix/share/pkgconfig" PKG_CONFIG_PATH=
[ -e config.status ] || quiet "$src/configure" --host=$host --without-capstone LDFLAGS=-static \
    CFLAGS='-O1 -g'
echo 'tell-tests: ; @echo TESTS $(check_PROGRAMS)' >tell.mk
tests= other=
for t in $(make -s -f Makefile -f tell.mk tell-tests | sed -n 's/^TESTS //p'); do
    case $t in
    # linux-user knows the system calls and structures of little-endian 64-bit hosts only; memory of
    # whole machines is little-endian in the host (mem/access.c); ir_fuzz wants a second backend,
    # qcow2_test a libzstd
    tests/tcg/* | tests/frontends/* | tests/host/* | fuzz/ir_fuzz | fuzz/qcow2_fuzz)
        case $t in
        tests/tcg/ir_fuzz | tests/host/block/qcow2_test) other="$other $t" ;;
        *) tests="$tests $t" ;;
        esac ;;
    *) other="$other $t" ;;
    esac
done
quiet make -s frontends/arm64/decode_gen.h
make -s -k -j2 $tests >>"$log" 2>&1
passed=0 failed=0 skipped=0
export srcdir="$src"
for t in $tests; do
    case $t in
    # compares with the host's own float unit or needs host features that the emulator lacks
    *softfloat_host_test) skipped=$((skipped + 1)) && continue ;;
    esac
    if [ ! -x ./$t ]; then
        echo "FAIL: $t is not built"
        failed=$((failed + 1))
        continue
    fi
    timeout 600 qemu-ppc64 ./$t >"$work/out" 2>&1
    status=$?
    case $status in
    0) passed=$((passed + 1)) ;;
    77) echo "skipped: $t: $(tail -n 1 "$work/out")"; skipped=$((skipped + 1)) ;;
    *)
        echo "FAIL: $t (status $status)"
        tail -5 "$work/out"
        failed=$((failed + 1)) ;;
    esac
done
echo "not for this host:$other"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
