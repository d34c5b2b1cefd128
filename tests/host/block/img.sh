#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/host/block/img.sh -- moa-img beside qemu-img, in both directions: what one writes the other one finds
# right, and they say the same of an image. --long: more shapes of images.
set -u
build=$(pwd)
img=${MOA_IMG:-$build/moa-img}
long=
[ "${1:-}" = --long ] && long=1
passed=0 failed=0
skip() { echo "$*"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
command -v qemu-img >/dev/null && command -v qemu-io >/dev/null ||
    skip "qemu-img and qemu-io are not here (Debian: qemu-utils): not compared with them"
dir=$(mktemp -d "${TMPDIR:-/tmp}/moa-img.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

ok() { # ok NAME COMMAND...: passes with status 0
    local name=$1 out
    shift
    if out=$("$@" 2>&1 </dev/null); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL: $name: $*"
        echo "$out" | tail -n 5
    fi
}
status() { # status NAME WANTED COMMAND...
    local name=$1 want=$2 got
    shift 2
    "$@" >out.txt 2>&1 </dev/null
    got=$?
    ok "$name: status $got, not $want: $(tail -n 1 out.txt)" test "$got" = "$want"
}
says() { # says NAME TEXT COMMAND...: fails, and says so in one line
    local name=$1 text=$2
    shift 2
    "$@" >out.txt 2>err.txt </dev/null
    status=$?
    ok "$name: status" test $status != 0
    ok "$name: '$text' in: $(cat err.txt)" grep -qiF -- "$text" err.txt
    ok "$name: one line" test "$(wc -l <err.txt)" -le 2
}
same() { ok "$1" cmp "$2" "$3"; }
fill() { # fill IMAGE: patterns, zeroes, discards, some of each at odd places
    qemu-io -f qcow2 -c 'write -P 1 0 200k' -c 'write -P 2 1M 3M' -c 'write -P 3 5000k 7k' \
        -c 'write -z 2M 300k' -c 'discard 3M 128k' -c 'write -P 4 7M 513k' -c 'write -P 5 3100k 512' "$1" >/dev/null
}

# --- images of qemu-img, read and changed by moa-img; images of moa-img, read and changed by QEMU ---
shapes="cluster_size=64k cluster_size=512,refcount_bits=1 cluster_size=4k,refcount_bits=64 compat=0.10"
[ -z "$long" ] || shapes="$shapes cluster_size=2M cluster_size=1k,compat=0.10 cluster_size=8k,refcount_bits=2,lazy_refcounts=on
    cluster_size=64k,compression_type=zstd preallocation=metadata preallocation=falloc preallocation=full,cluster_size=32k
    cluster_size=128k,refcount_bits=8"
for o in $shapes; do
    rm -f -- *.qcow2 *.raw
    qemu-img create -q -f qcow2 -o "$o" q.qcow2 9M && fill q.qcow2
    ok "$o: moa checks QEMU's" $img check -q q.qcow2
    qemu-img convert -O raw q.qcow2 q.raw
    ok "$o: raw" $img convert -O raw q.qcow2 m.raw
    same "$o: raw content" q.raw m.raw
    ok "$o: qcow2" $img convert -O qcow2 -o "$o" q.raw m.qcow2
    ok "$o: QEMU checks moa's" qemu-img check -q m.qcow2
    ok "$o: the same" qemu-img compare q.qcow2 m.qcow2
    ok "$o: moa compares" $img compare q.qcow2 m.qcow2
    case $o in
    preallocation=*) ;;
    *) ok "$o: compressed" $img convert -c -O qcow2 -o "$o" q.raw c.qcow2
       ok "$o: QEMU checks compressed" qemu-img check -q c.qcow2
       ok "$o: compressed content" qemu-img compare c.qcow2 q.raw;;
    esac
    case $o in
    preallocation=*) says "$o: not with -c" "preallocation" $img convert -c -O qcow2 -o "$o" q.raw d.qcow2;;
    *refcount_bits=1) ;; # no room for compressed clusters that share one, which QEMU wants
    *) qemu-img convert -c -O qcow2 -o "$o" q.raw d.qcow2
       ok "$o: QEMU's compressed" $img compare d.qcow2 q.raw
       ok "$o: moa checks it" $img check -q d.qcow2;;
    esac
    # of preallocated clusters QEMU says which are holes in the file: not compared
    qemu-img map --output=json q.qcow2 >map.q
    $img map --output=json q.qcow2 | sed 's/, "compressed": [a-z]*//' >map.m
    [ "$o" = preallocation=metadata ] || ok "$o: map" diff map.q map.m
    $img create -q -f qcow2 -o "$o" e.qcow2 9M && fill e.qcow2
    ok "$o: QEMU writes into moa's" qemu-img compare e.qcow2 q.raw
    ok "$o: and moa checks that" $img check -q e.qcow2
    qemu-img info --output=json q.qcow2 | grep -E 'compat|refcount|lazy|cluster-size|virtual|compression' | tr -d ' ,' | sort >info.q
    $img info --output=json e.qcow2 | grep -E 'compat|refcount|lazy|cluster-size|virtual|compression' | tr -d ' ,' | sort >info.m
    ok "$o: info" diff info.q info.m
    ok "$o: resize" $img resize -q e.qcow2 20M
    ok "$o: QEMU checks the larger one" qemu-img check -q e.qcow2
    ok "$o: resize back" $img resize -q --shrink e.qcow2 9M
    ok "$o: QEMU compares" qemu-img compare -s e.qcow2 e.qcow2
    ok "$o: content" $img compare e.qcow2 q.raw
    ok "$o: QEMU checks" qemu-img check -q e.qcow2
    ok "$o: moa checks" $img check -q e.qcow2
done

# --- snapshots ---
rm -f -- *.qcow2 *.raw
qemu-img create -q -f qcow2 s.qcow2 9M && fill s.qcow2
qemu-img convert -O raw s.qcow2 one.raw
ok "snapshot: moa makes one" $img snapshot -c one s.qcow2
ok "snapshot: QEMU checks" qemu-img check -q s.qcow2
qemu-io -c 'write -P 9 100k 3M' s.qcow2 >/dev/null
qemu-img snapshot -c two s.qcow2
qemu-img convert -O raw s.qcow2 two.raw
ok "snapshot: moa checks" $img check -q s.qcow2
ok "snapshot: list" diff <(qemu-img snapshot -l s.qcow2 | awk '{ print $1, $2, $3, $5, $6 }') <($img snapshot -l s.qcow2 | awk '{ print $1, $2, $3, $5, $6 }')
ok "snapshot: moa reads the first" $img convert -l one -O raw s.qcow2 o.raw
same "snapshot: its content" one.raw o.raw
ok "snapshot: moa goes back" $img snapshot -a one s.qcow2
ok "snapshot: there" qemu-img compare s.qcow2 one.raw
ok "snapshot: QEMU checks" qemu-img check -q s.qcow2
ok "snapshot: moa deletes" $img snapshot -d two s.qcow2
ok "snapshot: QEMU checks" qemu-img check -q s.qcow2
ok "snapshot: QEMU deletes" qemu-img snapshot -d one s.qcow2
ok "snapshot: moa checks" $img check -q s.qcow2
ok "snapshot: still there" $img compare s.qcow2 one.raw
says "snapshot: none of that name" nope $img snapshot -a nope s.qcow2

# --- images over each other, relative names ---
mkdir -p sub
qemu-img create -q -f qcow2 base.qcow2 9M && fill base.qcow2
ok "chain: over QEMU's" $img create -q -f qcow2 -b ../base.qcow2 -F qcow2 sub/top.qcow2
qemu-io -c 'write -P 11 1500k 100k' -c 'write -z 0 64k' sub/top.qcow2 >/dev/null
qemu-img convert -O raw sub/top.qcow2 top.raw
ok "chain: content" $img compare sub/top.qcow2 top.raw
ok "chain: info" sh -c "$img info --backing-chain sub/top.qcow2 | grep -q 'image: sub/../base.qcow2'"
$img map --output=json sub/top.qcow2 | sed 's/, "compressed": [a-z]*//' >map.m
ok "chain: map" diff <(qemu-img map --output=json sub/top.qcow2) map.m
cp base.qcow2 other.qcow2
qemu-io -c 'write -P 12 6M 1M' other.qcow2 >/dev/null
ok "chain: rebase" $img rebase -b ../other.qcow2 -F qcow2 sub/top.qcow2
ok "chain: content stays" qemu-img compare sub/top.qcow2 top.raw
ok "chain: QEMU checks" qemu-img check -q sub/top.qcow2
ok "chain: convert -B" $img convert -O qcow2 -B ../other.qcow2 -F qcow2 sub/top.qcow2 sub/top2.qcow2
ok "chain: content of that" qemu-img compare sub/top2.qcow2 top.raw
ok "chain: commit" $img commit -q sub/top.qcow2
ok "chain: it is below" qemu-img compare other.qcow2 top.raw
ok "chain: and empty above" sh -c "$img map --output=json sub/top.qcow2 | grep -q '\"depth\": 1' && ! $img map --output=json sub/top.qcow2 | grep -q '\"depth\": 0, \"present\": true'"
ok "chain: QEMU checks both" sh -c "qemu-img check -q sub/top.qcow2 && qemu-img check -q other.qcow2"
ok "chain: rebase to nothing" $img rebase -b '' sub/top2.qcow2
ok "chain: content stays" qemu-img compare sub/top2.qcow2 top.raw
ok "chain: no name" sh -c "! qemu-img info sub/top2.qcow2 | grep -q backing"
$img create -q -u -f qcow2 -b loop.qcow2 -F qcow2 loop.qcow2 1M
says "chain: loop" "images over each other" $img info --backing-chain -U loop.qcow2

# --- broken ones, exit codes ---
printf '\0\0\0\0\0\0\0\0' | dd of=base.qcow2 bs=1 seek=$((2 * 65536)) conv=notrunc status=none
status "check: corrupt" 2 $img check base.qcow2
status "check: QEMU agrees" 2 qemu-img check base.qcow2
status "check: repaired" 0 $img check -r all base.qcow2
ok "check: QEMU agrees" qemu-img check -q base.qcow2
printf '\0\2' | dd of=base.qcow2 bs=1 seek=$(($($img info --output=json base.qcow2 >/dev/null; od -An -tu8 --endian=big -j $(od -An -tu8 --endian=big -j 48 -N 8 base.qcow2 | tr -d ' ') -N 8 base.qcow2 | tr -d ' ') + 10)) conv=notrunc status=none
status "check: leak" 3 $img check base.qcow2
status "check: leak, repaired" 0 $img check -r leaks base.qcow2
status "check: raw has none" 63 $img check -f raw top.raw
status "check: missing" 1 $img check nothing
status "compare: differs" 1 $img compare base.qcow2 top.raw
status "compare: missing" 2 $img compare base.qcow2 nothing
qemu-img create -q -f qcow2 -o lazy_refcounts=on lazy.qcow2 9M
(ulimit -c 0; qemu-io -c 'write -P 8 0 2M' -c 'flush' -c abort lazy.qcow2) >/dev/null 2>&1
ok "dirty: says so" sh -c "$img info --output=json lazy.qcow2 | grep -q '\"dirty-flag\": true'"
ok "dirty: repaired when written" $img snapshot -c x lazy.qcow2
ok "dirty: QEMU checks" qemu-img check -q lazy.qcow2
ok "dirty: content" sh -c "qemu-io -c 'read -P 8 0 2M' lazy.qcow2 | grep -q 'read 2097152'"

# --- refused by name ---
qemu-img create -q -f qcow2 luks.qcow2 1M
printf '\0\0\0\2' | dd of=luks.qcow2 bs=1 seek=32 conv=notrunc status=none
says "encrypted" "encryption (LUKS)" $img info luks.qcow2
qemu-img create -q -f qcow2 -o data_file=data.raw data.qcow2 1M
says "external data" "external data file" $img info data.qcow2
qemu-img create -q -f qcow2 -o extended_l2=on ext.qcow2 1M
says "extended L2" "extended L2" $img info ext.qcow2
says "protocol" "protocol 'nbd' is not supported" $img info nbd:localhost:10809
says "format" "unknown driver 'vmdk'" $img info -f vmdk top.raw
says "missing" "No such file" $img info nothing
says "a folder" "neither a regular file" $img info .
says "no shrink" "--shrink" $img resize one.raw 1M
says "option" "Invalid parameter 'colour'" $img create -f qcow2 -o colour=red x.qcow2 1M
says "size" "Invalid image size" $img create -f qcow2 x.qcow2 1Z
says "cluster" "power of two" $img create -f qcow2 -o cluster_size=1000 x.qcow2 1M
says "output" "No such file" $img convert -O raw one.raw no/where
if [ -w /dev/full ]; then
    says "full output" "No space" sh -c "$img info one.raw >/dev/full"
fi

# --- measuring ---
$img create -q -f qcow2 bench.qcow2 16M
ok "bench: writes" sh -c "$img bench -w -c 500 -d 8 -s 64k --flush-interval=50 --pattern=7 bench.qcow2 | grep -q 'Run completed in'"
ok "bench: what it wrote" sh -c "qemu-io -c 'read -P 7 0 16M' bench.qcow2 | grep -q 'read 16777216'"
ok "bench: QEMU checks" qemu-img check -q bench.qcow2
ok "bench: reads" $img bench -q -c 1000 -d 32 bench.qcow2

# --- they see each other's locks ---
mkfifo gate
(qemu-io -f qcow2 other.qcow2 <gate >/dev/null 2>&1; true) &
exec 9>gate
for _ in $(seq 50); do
    # twice: while it starts QEMU lets go once
    if ! $img info other.qcow2 >/dev/null 2>&1; then
        sleep 0.5
        $img info other.qcow2 >/dev/null 2>&1 || break
    fi
    sleep 0.1
done
says "lock" "another process uses the image" $img info other.qcow2
ok "lock: -U" $img info -U other.qcow2
exec 9>&-
wait

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
