#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/machine/options.sh -- mistakes in the options of machines end in one line on standard error that names the
# option or file, and status 1; lists go to standard output. The last line: N passed, N failed, N skipped.
set -u
moa=${MOA:-$PWD/moa}
passed=0 failed=0 skipped=0
if "$moa" system -version 2>&1 | grep -q "no whole machines"; then
    echo "built without machines"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
head -c 512 /dev/zero >zeros
truncate -s 64M 64m 64m2
printf 'MZ\0\0zimg' >zboot
printf '\037\213\010\0\0\0\0\0\0\0broken-broken' >broken.gz
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\076\0' >x86.elf && head -c 200 /dev/zero >>x86.elf
: >empty
bad() { # what the line must hold, options...
    local want=$1 status
    shift
    timeout -k 5 20 "$moa" system "$@" </dev/null >out 2>err
    status=$?
    if [ $status = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q -F -e "$want" err && [ ! -s out ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: $* (status $status, wanted a line with \"$want\")"
        cat err
        failed=$((failed + 1))
    fi
}
lists() { # what standard output must hold, options...
    local want=$1
    shift
    if timeout -k 5 20 "$moa" system "$@" </dev/null >out 2>err && grep -q -e "$want" out && [ ! -s err ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: $*"
        cat out err
        failed=$((failed + 1))
    fi
}
bad "-M virt"                   -nographic
bad "nosuch"                    -M nosuch
bad "gic-version"               -M virt,gic-version=7
bad "nosuch"                    -M virt,nosuch=1
bad "virtualization"            -M virt,virtualization=on
bad "secure"                    -M virt,secure=on
bad "mte"                       -M virt,mte=on
bad "nosuch"                    -M virt -cpu nosuch
bad "-smp 9"                    -M virt -smp 9
bad "-smp"                      -M virt -smp 2,maxcpus=4
bad "-smp"                      -M virt -smp x
bad "-m"                        -M virt -m 0
bad "-m"                        -M virt -m 12X
bad "-m"                        -M virt -m 17G
bad "missing"                   -M virt -kernel missing
bad "empty"                     -M virt -kernel empty
bad "zboot"                     -M virt -kernel zboot
bad "broken.gz"                 -M virt -kernel broken.gz
bad "x86.elf"                   -M virt -kernel x86.elf
bad "missing"                   -M virt -kernel zeros -initrd missing
bad "zeros"                     -M virt -kernel zeros -dtb zeros
bad "-initrd"                   -M virt -initrd zeros
bad "missing"                   -M virt -bios missing
bad "-m"                        -M virt -m 1 -kernel zeros
bad "/missing/x"                -M virt,dumpdtb=/missing/x
bad "nosuch"                    -M virt -device nosuch
bad "drive=ID"                  -M virt -device virtio-blk-device
bad "drive=a"                   -M virt -device virtio-blk-device,drive=a
bad "pl011"                     -M virt -device pl011
bad "nosuch"                    -M virt -device virtio-rng-device,nosuch=1
bad "missing"                   -M virt -drive file=missing
bad "if=floppy"                 -M virt -drive file=zeros,format=raw,if=floppy
bad "file=NAME"                 -M virt -drive format=raw
bad "file.aio=native"           -M virt -drive file=zeros,format=raw,if=virtio,aio=native
bad "werror=maybe"              -M virt -drive file=zeros,format=raw,if=virtio,werror=maybe
bad "rerror=enospc"             -M virt -drive file=zeros,format=raw,if=virtio,rerror=enospc
bad "cache=some"                -M virt -drive file=zeros,format=raw,if=virtio,cache=some
bad "bps=x"                     -M virt -drive file=zeros,format=raw,if=virtio,bps=x
bad "bps_max=1"                 -M virt -drive file=zeros,format=raw,if=virtio,bps_max=1
bad "copy-on-read"              -M virt -drive file=zeros,format=raw,if=virtio,copy-on-read=on
bad "detect-zeroes=unmap"       -M virt -drive file=zeros,format=raw,if=virtio,detect-zeroes=unmap
bad "discard=some"              -M virt -drive file=zeros,format=raw,if=virtio,discard=some
bad "file.locking=some"         -M virt -drive file=zeros,format=raw,if=virtio,file.locking=some
bad "'nbd'"                     -M virt -drive file=nbd://localhost/x,if=virtio
bad "driver 'vmdk' is not"       -M virt -drive file=zeros,format=vmdk,if=virtio
bad "not in qcow2 format"       -M virt -drive file=zeros,format=qcow2,if=virtio
bad "logical_block_size=1024"   -M virt -drive file=zeros,format=raw,if=none,id=a -device virtio-blk-device,drive=a,logical_block_size=1024
bad "node-name=NAME"            -M virt -blockdev driver=file,filename=zeros
bad "driver=NAME"               -M virt -blockdev node-name=a,filename=zeros
bad "driver 'vmdk'"             -M virt -blockdev driver=vmdk,node-name=a,file.driver=file,file.filename=zeros
bad "driver 'nbd'"              -M virt -blockdev driver=raw,node-name=a,file.driver=nbd,file.host=x
bad "filename is missing"       -M virt -blockdev driver=file,node-name=a
bad "missing"                   -M virt -blockdev driver=file,node-name=a,filename=missing
bad "some=1"                    -M virt -blockdev driver=file,node-name=a,filename=zeros,some=1
bad "file.some=1"               -M virt -blockdev driver=raw,node-name=a,file.driver=file,file.filename=zeros,file.some=1
bad "-blockdev b: there is no node" -M virt -blockdev driver=raw,node-name=a,file=b
bad "-blockdev a: this name"    -M virt -blockdev driver=null-co,node-name=a -blockdev driver=null-co,node-name=a
bad "used by two"               -M virt -blockdev driver=null-co,node-name=a -blockdev driver=raw,node-name=b,file=a -blockdev driver=raw,node-name=c,file=a
bad "this format has none"      -M virt -blockdev driver=raw,node-name=a,file.driver=null-co,backing.driver=null-co
bad "read-only=some"            -M virt -blockdev driver=null-co,node-name=a,read-only=some
bad "zeros: has 512 bytes, and the flash 67108864"   -M virt -drive if=pflash,file=zeros,format=raw
bad "unit=1"                    -M virt -drive if=pflash,unit=2,file=zeros,format=raw
bad "unit of if=pflash is taken" -M virt -drive if=pflash,unit=0,file=64m,format=raw -drive if=pflash,unit=0,file=64m2,format=raw
bad "-bios: the first flash"    -M virt -bios zeros -drive if=pflash,unit=0,file=64m,format=raw
bad "drive=rom"                 -M virt,pflash0=rom
bad "this bank has an image"    -M virt,pflash0=rom -drive if=pflash,unit=0,file=64m,format=raw -drive if=none,id=rom,file=64m2,format=raw
bad "acpi=maybe"                -M virt,acpi=maybe
bad "type=N"                    -M virt -bios zeros -smbios file=zeros
bad "-uuid 12"                  -M virt -bios zeros -uuid 12
bad "token-ring"                -M virt -netdev token-ring,id=a
bad "Connection refused"        -M virt -netdev socket,id=a,connect=127.0.0.1:1
if "$moa" system -M virt -netdev user,id=a,listen=1 2>&1 | grep -q "this network is not there"; then
    skipped=$((skipped + 2))
else
    bad "listen=1: not understood"  -M virt -netdev user,id=a,listen=1
    bad "nosuch"                    -M virt -net user -net nic,model=nosuch
fi
bad "a nic has none"            -M virt -net nic
bad "a network has none"        -M virt -net user -net user -net nic,model=virtio
bad "netdev=a"                  -M virt -device e1000e,netdev=a
bad "bootindex=x"               -M virt -device virtio-rng-pci,bootindex=x
bad "bootindex=1 is taken"      -M virt -device virtio-net-pci,bootindex=1 -device e1000e,bootindex=1
bad "nosuch"                    -M virt -serial nosuch
bad "/missing/x"                -M virt -serial file:/missing/x
bad "chardev:a"                 -M virt -serial chardev:a
bad "id=NAME"                   -M virt -chardev null
bad "-gdb nosuch"               -M virt -kernel zeros -gdb nosuch
bad "nosuch"                    -M virt -d nosuch
bad "backend"                   -M virt -accel kvm
bad "-enable-kvm"               -M virt -enable-kvm
bad "-icount"                   -M virt -icount shift=11
bad "-icount"                   -M virt -icount sleep=on
bad "nosuch"                    -M virt -icount shift=1,nosuch=2
bad "-icount"                   -M virt -icount shift=auto,sleep=off
bad "align"                     -M virt -icount auto,align=on
bad "nosuch"                    -M virt -semihosting-config nosuch=1
bad "target"                    -M virt -semihosting-config enable=on,target=gdb
bad "chardev=nosuch"            -M virt -semihosting-config chardev=nosuch
bad "-rtc base"                 -M virt -rtc base=yesterday
bad "-rtc base"                 -M virt -rtc base=2026-13-01
bad "-rtc clock"                -M virt -rtc clock=x
bad "driftfix"                  -M virt -rtc driftfix=slew
bad "nosuch"                    -M virt -qmp nosuch
bad "-mon"                      -M virt -mon mode=control
bad "-mon"                      -M virt -mon chardev=a,nosuch=1
bad "chardev:a"                 -M virt -mon chardev=a
bad "needs an argument"         -M virt -kernel
bad "disk.img"                  -M virt disk.img
lists "virt  "                  -M help
lists "gic-version"             -M virt,help
lists "cortex-a57"              -cpu help
lists "virtio-blk-device"       -device help
lists "drive"                   -device virtio-blk-device,help
lists "guest_errors"            -d help
lists "-kernel FILE"            -help
lists "^moa "                   -version
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
