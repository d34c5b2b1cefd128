#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/packages.sh -- install the Debian packages named, if they are missing: as root or by sudo.
# Status 0 when all are there, 1 when one can't be installed.
set -u
missing=
for p; do
    dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "packages.sh: no apt-get here; please install:$missing" >&2; exit 1; }
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "packages.sh: not root and no sudo; please install:$missing" >&2; exit 1; }
    sudo=sudo
fi
echo "installing$missing"
get() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 --no-install-recommends install $missing </dev/null; }
get >/dev/null 2>&1 && exit 0
$sudo apt-get -q update >/dev/null 2>&1
log=$(get 2>&1) && exit 0
echo "$log" | grep -E '^E:' >&2
exit 1
