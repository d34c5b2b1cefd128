#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/debian.sh [--print] -- a Debian 12 for arm64 with systemd on a disk, for booting whole machines. Its second
# stage (all packages' scripts) runs inside of moa. In ${MOA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/moa}/debian:
#   disk.qcow2   GPT: 1 EFI system partition with GRUB, 2 ext4 "moaroot"; extlinux.conf for U-Boot; root's password: moa
#   vmlinuz, initrd.img   its kernel, for -kernel and -initrd
#   repo         a repository of a few packages, to be served by HTTP
# MOA names the emulator (default ./moa, build/moa); another one may be given as MOA_EMULATOR.
# Exit status: 0 done, 1 failed, 77 something is missing (offline, a tool).
set -eu
cd "$(dirname "$0")/.."
cache=${MOA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/moa}
out=$cache/debian
if [ "${1:-}" = --print ]; then
    echo "$out"
    exit 0
fi
[ ! -s "$out/disk.qcow2" ] || exit 0
skip() { echo "debian.sh: $*" >&2; exit 77; }
say() { echo "debian.sh: $*"; }
PATH=$PATH:/usr/sbin:/sbin
for tool in debootstrap mkfs.ext4 debugfs sfdisk cpio dpkg-deb sha256sum; do
    command -v $tool >/dev/null || skip "no $tool on this machine"
done
moa=${MOA:-}
for m in ./moa build/moa; do
    [ -n "$moa" ] || [ ! -x $m ] || moa=$m
done
[ -n "$moa" ] || skip "no moa (MOA=path names it)"
emulator=${MOA_EMULATOR:-$moa system}
fake=
if [ "$(id -u)" != 0 ]; then
    command -v fakeroot >/dev/null || skip "neither root nor fakeroot"
    fake=fakeroot
fi
scripts/netboot.sh
scripts/guests.sh tour
mkdir -p "$out/debs" "$out/repo"
exec 9>"$out/lock"
! command -v flock >/dev/null || flock 9
[ ! -s "$out/disk.qcow2" ] || exit 0
mirror=${MOA_DEBIAN_MIRROR:-$(sed -n 's/^deb .*\(https\{0,1\}:[^ ]*\) bookworm main$/\1/p' "$cache/apt-arm64/etc/sources.list" | head -n 1)}
[ -n "$mirror" ] || skip "no Debian source found (MOA_DEBIAN_MIRROR=URL names one)"
tmp=$(mktemp -d "$out/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

say "the repository"
(cd "$out/repo" && APT_CONFIG=$cache/apt-arm64/etc/apt.conf apt-get -q download jq libjq1 libonig5 tree hello >"$tmp/log" 2>&1) ||
    { tail -n 3 "$tmp/log" >&2; skip "a package can't be fetched"; }
(cd "$out/repo" && for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d ' ' -f 1)"
done >Packages)

say "first stage"
packages=systemd-sysv,udev,dbus,linux-image-arm64,initramfs-tools,zstd,e2fsprogs,iproute2,iputils-ping,wget,gcc,libc6-dev
packages=$packages,zlib1g-dev,libzstd-dev,make,grub-efi-arm64-bin,grub2-common,dosfstools,acpica-tools,dmidecode,pciutils
packages=$packages,ethtool,efibootmgr,kmod,procps,ca-certificates,iperf3,apt-utils,fdisk,less,login,libpam-systemd
$fake ${fake:+-s "$tmp/fake"} debootstrap --foreign --arch=arm64 --variant=minbase --cache-dir="$out/debs" --include=$packages \
    bookworm "$tmp/root" "$mirror" >"$tmp/log" 2>&1 || { tail -n 5 "$tmp/log" >&2; skip "debootstrap fails (offline?)"; }

# The kernel that will be installed starts the second stage too: with the installer's programs and these modules.
kernel=$(find "$tmp/root/var/cache/apt/archives" -name 'linux-image-6*_arm64.deb' | head -n 1)
mkdir -p "$tmp/k" "$tmp/x/m"
dpkg-deb --fsys-tarfile "$kernel" | tar -C "$tmp/k" -xf - ./boot ./lib/modules
for m in crc64 crc64_rocksoft_generic crc64-rocksoft crct10dif_common crct10dif_generic crc-t10dif t10-pi crc16 crc32c_generic \
    mbcache jbd2 libcrc32c ext4 virtio_mmio virtio_blk nls_cp437 nls_ascii fat vfat; do
    find "$tmp/k" -name "$m.ko*" -exec cp {} "$tmp/x/m/" \;
    echo "insmod /m/$m.ko" >>"$tmp/x/m/load"
done
cat >"$tmp/x/m/second" <<'END'
#!/bin/sh
mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys
sh /m/load 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9; do [ -b /dev/vda2 ] || sleep 1; done
mkdir -p /mnt
mount -t ext4 /dev/vda2 /mnt && mount --bind /dev /mnt/dev && mount -t proc p /mnt/proc && mount -t sysfs s /mnt/sys &&
    chroot /mnt /bin/sh /root/second && good=1
rm -f /mnt/root/second
umount /mnt/boot/efi /mnt/sys /mnt/proc /mnt/dev
umount /mnt && [ -n "$good" ] && echo "debian.sh: all is done"
poweroff -f
END
chmod +x "$tmp/x/m/second"
mkdir -p "$tmp/root/root"
cat >"$tmp/root/root/second" <<'END'
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/initramfs-tools/conf.d /etc/initramfs-tools/hooks
printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=3\nFSTYPE=ext4\n' >/etc/initramfs-tools/conf.d/moa
cat >/etc/initramfs-tools/hooks/moa <<'HOOK'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules ext4 virtio_pci virtio_mmio virtio_blk nvme
HOOK
chmod +x /etc/initramfs-tools/hooks/moa
/debootstrap/debootstrap --second-stage
mountpoint -q /proc || mount -t proc p /proc # it has unmounted both
mountpoint -q /sys || mount -t sysfs s /sys
echo moa >/etc/hostname
printf '127.0.0.1 localhost moa\n' >/etc/hosts
printf 'LABEL=moaroot / ext4 errors=remount-ro 0 1\nLABEL=ESP /boot/efi vfat nofail 0 2\n' >/etc/fstab
printf 'nameserver 10.0.2.3\n' >/etc/resolv.conf
mkdir -p /etc/systemd/network
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >/etc/systemd/network/80-moa.network
systemctl enable systemd-networkd
systemctl disable systemd-networkd-wait-online.service || :
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer systemd-firstboot.service
echo root:moa | chpasswd
: >/etc/apt/sources.list
apt-get clean
mkfs.vfat -n ESP /dev/vda1
mkdir -p /boot/efi /boot/extlinux /dev/disk/by-uuid
mount -t vfat /dev/vda1 /boot/efi
ln -sf ../../vda2 "/dev/disk/by-uuid/$(blkid -s UUID -o value /dev/vda2)"
cat >/etc/default/grub <<'GRUB'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=ttyAMA0"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
GRUB
grub-install --target=arm64-efi --efi-directory=/boot/efi --removable --no-nvram /dev/vda
update-grub
cat >/boot/extlinux/extlinux.conf <<'CONF'
default debian
timeout 10
label debian
    linux /vmlinuz
    initrd /initrd.img
    append root=LABEL=moaroot ro console=ttyAMA0
CONF
rm -f /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id
END
(cd "$tmp/x" && find . | cpio -o -H newc 2>/dev/null | gzip >../extra.gz)
cat "$(scripts/netboot.sh --print)/initrd.gz" "$tmp/extra.gz" >"$tmp/second.gz"
mv "$tmp"/k/boot/vmlinuz-* "$tmp/vmlinuz"

say "the disk"
esp=2048 root=133120 end=6289408 # sectors
truncate -s 3G "$tmp/disk.raw"
sfdisk -q "$tmp/disk.raw" <<END
label: gpt
start=$esp, size=$((root - esp)), type=uefi, name=esp
start=$root, size=$((end - root)), type=linux, name=root, attrs=LegacyBIOSBootable
END
$fake ${fake:+-i "$tmp/fake"} mkfs.ext4 -q -F -L moaroot -d "$tmp/root" -E offset=$((root * 512)) "$tmp/disk.raw" $(((end - root) / 2))k
rm -rf "$tmp/root" "$tmp/k" "$tmp/x"

say "second stage, under $emulator (some minutes)"
timeout -k 10 "${MOA_DEBIAN_LIMIT:-5400}" $emulator -M virt -cpu cortex-a57 -smp 2 -m 2048 -nographic -no-reboot -kernel "$tmp/vmlinuz" \
    -initrd "$tmp/second.gz" -append "console=ttyAMA0 rdinit=/m/second" \
    -drive "file=$tmp/disk.raw,format=raw,if=none,id=d,cache=unsafe" -device virtio-blk-device,drive=d \
    </dev/null >"$out/second.log" 2>&1 || { echo "debian.sh: the machine failed, see $out/second.log" >&2; exit 1; }
grep -q 'debian.sh: all is done' "$out/second.log" || { echo "debian.sh: second stage failed, see $out/second.log" >&2; exit 1; }
for f in vmlinuz initrd.img; do
    debugfs -R "stat /$f" "$tmp/disk.raw?offset=$((root * 512))" 2>/dev/null | sed -n 's/^Fast link dest: "\(.*\)"$/\1/p' >"$tmp/link"
    debugfs -R "dump /$(cat "$tmp/link") $tmp/$f" "$tmp/disk.raw?offset=$((root * 512))" 2>/dev/null
    [ -s "$tmp/$f" ] || { echo "debian.sh: no /$f on the disk" >&2; exit 1; }
    mv "$tmp/$f" "$out/"
done
"${moa}-img" convert -O qcow2 "$tmp/disk.raw" "$tmp/disk.qcow2"
mv "$tmp/disk.qcow2" "$out/"
say "$out is ready"
