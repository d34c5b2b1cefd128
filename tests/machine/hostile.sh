#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/hostile.sh [--seeds N] [--first N] [--seconds N] -- a guest on the bare board that programs every
# register of every device with random values (hostile.c), with both interrupt controllers: moa neither crashes
# nor hangs, whatever becomes of the guest, answers its monitor and ends when told; the image under a disk stays
# clean. 2 seeds from 1, each at most 3 seconds. The last line: N passed, N failed, N skipped.
set -u
srcdir=$(cd "${srcdir:-.}" && pwd)
moa=${MOA:-$PWD/moa}
img=${MOA_IMG:-$PWD/moa-img}
cross=${CROSS:-aarch64-linux-gnu-}
seeds=2 first=1 seconds=3
while [ $# -gt 1 ]; do
    case $1 in
    --seeds) seeds=$2;;
    --first) first=$2;;
    --seconds) seconds=$2;;
    esac
    shift 2
done
command -v "${cross}gcc" >/dev/null || { echo "no ${cross}gcc"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
if "$moa" system -version 2>&1 | grep -q "no whole machines"; then
    echo "built without machines"
    exit 77
fi
passed=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
"${cross}gcc" -O2 -ffreestanding -nostdlib -static -mgeneral-regs-only -mstrict-align -fno-builtin \
    -Wl,--build-id=none,--no-warn-rwx-segments -T "$srcdir/tests/machine/bare/link.ld" -o h.elf \
    "$srcdir/tests/machine/hostile.S" "$srcdir/tests/machine/hostile.c" &&
    "${cross}objcopy" -O binary h.elf h.bin || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
"$img" create -q -f qcow2 disk.qcow2 64M && "$img" create -q -f qcow2 disk2.qcow2 64M
disks=(-blockdev driver=null-co,node-name=n1,size=64M -blockdev driver=null-co,node-name=n2,size=64M
    -drive file=disk.qcow2,if=none,id=q1,discard=unmap -drive file=disk2.qcow2,if=none,id=q2,discard=unmap,detect-zeroes=unmap)
common=(-device virtio-blk-pci,drive=q1,packed=on,num-queues=4 -device nvme,drive=q2,serial=1
    -device virtio-blk-device,drive=n1 -device virtio-blk-pci,drive=n2,werror=report
    -device virtio-net-pci -device e1000e -device virtio-rng-device -device virtio-rng-pci,packed=on
    -device virtio-serial-pci -device virtio-serial-device -device virtio-net-device)
more=()
for d in virtio-gpu-pci virtio-keyboard-pci virtio-tablet-pci virtio-mouse-pci virtio-balloon-pci ramfb; do
    echo quit | timeout 20 "$moa" system -M virt -m 64 -S -display none -monitor stdio -device "$d" >/dev/null 2>&1 &&
        more+=(-device "$d")
done
for seed in $(seq "$first" $((first + seeds - 1))); do
    gic=$((2 + seed % 2))
    cp h.bin k.bin
    printf "$(printf '\\x%02x' $((seed & 255)) $((seed >> 8 & 255)))" | dd of=k.bin bs=1 seek=8 conv=notrunc status=none
    (sleep "$seconds"; printf 'xp /2gx 0x43fff000\ninfo status\nquit\n') |
        timeout -k 5 $((seconds + 60)) "$moa" system -M "virt,gic-version=$gic" -cpu max -smp 2 -m 256 -display none -serial null \
            -monitor stdio -no-reboot -no-shutdown -kernel k.bin "${disks[@]}" "${common[@]}" "${more[@]}" >out 2>err
    status=$?
    "$img" check -q disk.qcow2 >check.out 2>&1 && "$img" check -q disk2.qcow2 >>check.out 2>&1
    clean=$?
    if [ $status = 0 ] && [ $clean = 0 ] && grep -q "VM status:" out; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL: seed $seed, GICv$gic (status $status, images $clean)"
        tail -n 30 out err check.out
    fi
    [ -z "${VERBOSE:-}" ] || { echo "seed $seed: $(grep -E '^0*43fff000|VM status' out)"; head -n 3 err; }
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
