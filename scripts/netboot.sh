#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/netboot.sh [--print | --gtk] -- Debian's installer for arm64 (kernel and initial file system), for booting
# whole machines: fetched as a package by its name with this machine's own apt, unpacked into
# ${MOA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/moa}/netboot. --print says where. --gtk: the graphical
# installer too, in gtk/ there.
# Exit status: 0 done, 1 failed, 77 there is no way to get the package (offline).
set -eu

package=debian-installer-12-netboot-arm64
cache=${MOA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/moa}/netboot
if [ "${1:-}" = --print ]; then
    echo "$cache"
    exit 0
fi
kinds=text
[ "${1:-}" != --gtk ] || kinds="text gtk"
where() { # text's files are in the folder itself
    case $1 in
    text) echo "$cache";;
    *) echo "$cache/$1";;
    esac
}
missing=
for kind in $kinds; do
    [ -s "$(where $kind)/linux" ] && [ -s "$(where $kind)/initrd.gz" ] || missing="$missing $kind"
done
[ -n "$missing" ] || exit 0
skip() { echo "netboot.sh: $*" >&2; exit 77; }
for tool in apt-get dpkg-deb tar; do
    command -v $tool >/dev/null || skip "no $tool on this machine"
done
mkdir -p "$cache"
tmp=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
echo "netboot.sh: fetching $package"
(cd "$tmp" && apt-get -q download $package >log 2>&1) || {
    grep -E '^(E|Err)' "$tmp/log" | head -n 3 >&2
    skip "$package can't be fetched (offline? apt-get update makes lists)"
}
dpkg-deb --fsys-tarfile "$tmp"/*.deb | tar -C "$tmp" -x --no-same-owner -f -
for kind in $missing; do
    mkdir -p "$(where "$kind")"
    for f in linux initrd.gz; do
        found=$(find "$tmp/usr" -type f -name $f -path "*$kind/debian-installer/arm64/*" | head -n 1)
        [ -n "$found" ] || { echo "netboot.sh: no $f of $kind in $package" >&2; exit 1; }
        mv "$found" "$(where "$kind")/$f"
    done
done
echo "netboot.sh: $cache is ready"
