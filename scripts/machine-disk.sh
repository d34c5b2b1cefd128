#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/machine-disk.sh -- a disk for booting whole machines, and what the netboot kernel needs to read it,
# beside the files of scripts/netboot.sh:
#   debian.raw   ext4 with the arm64 programs of scripts/guests.sh tour
#   disk.gz      initrd.gz with the kernel's modules for virtio-blk, NVMe and ext4 in /m
# Exit status: 0 done, 1 failed, 77 something is missing (offline, no mkfs.ext4, no cpio).
set -eu
cd "$(dirname "$0")/.."
scripts/netboot.sh
scripts/guests.sh tour
net=$(scripts/netboot.sh --print)
root=$(scripts/guests.sh --print tour)
if [ -s "$net/debian.raw" ] && [ -s "$net/disk.gz" ]; then
    exit 0
fi
PATH=$PATH:/usr/sbin:/sbin
for tool in cpio mkfs.ext4 dpkg-deb; do
    command -v $tool >/dev/null || { echo "machine-disk.sh: no $tool on this machine" >&2; exit 77; }
done
tmp=$(mktemp -d "$net/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
version=$(grep -a -o -m 1 'Linux version [^ ]*' "$net/linux" | head -n 1 | cut -d ' ' -f 3)
echo "machine-disk.sh: modules of $version"
(cd "$tmp" && APT_CONFIG=$(dirname "$net")/apt-arm64/etc/apt.conf apt-get -q download "linux-image-$version" >log 2>&1) ||
    { echo "machine-disk.sh: linux-image-$version can't be fetched" >&2; exit 77; }
mkdir -p "$tmp/x/m" "$tmp/k"
dpkg-deb --fsys-tarfile "$tmp"/*.deb | tar -C "$tmp/k" -xf - ./lib/modules
for m in crc64 crc64_rocksoft_generic crc64-rocksoft crct10dif_common crct10dif_generic crc-t10dif t10-pi crc16 \
    crc32c_generic mbcache jbd2 libcrc32c ext4 virtio_mmio virtio_blk nvme-core nvme; do
    find "$tmp/k" -name "$m.ko" -exec cp {} "$tmp/x/m/" \;
    echo "insmod /m/$m.ko" >>"$tmp/x/m/load"
done
(cd "$tmp/x" && find . | cpio -o -H newc 2>/dev/null | gzip >../extra.gz)
echo "machine-disk.sh: a file system of $root"
size=$(du -sm "$root" | cut -f 1)
truncate -s "$((size * 3 / 2 + 256))M" "$tmp/debian.raw"
mkfs.ext4 -q -F -d "$root" "$tmp/debian.raw"
cat "$net/initrd.gz" "$tmp/extra.gz" >"$tmp/disk.gz"
mv "$tmp/disk.gz" "$tmp/debian.raw" "$net/"
