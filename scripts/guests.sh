#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/guests.sh -- make or refresh a folder with Debian programs of another architecture.
#
#   scripts/guests.sh [--arch arm64] [--print] tour|full|PACKAGE...
#
# Packages are fetched by name with this machine's own apt and its Debian sources, but with a private
# state folder, so that neither dpkg's architecture list nor its database is touched. They are unpacked
# into ${MOA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/moa}/ARCH-root; no maintainer script runs, and what
# those would have set up (merged /usr, alternatives, users) is done by the few lines at the end.
# Exit status: 0 done, 1 failed, 2 wrong usage, 77 there is no way to get the packages (offline).
set -eu

die() { echo "guests.sh: $*" >&2; exit 1; }

tour="bash coreutils busybox dash sed grep gawk mawk findutils diffutils tar gzip python3 gcc libc6-dev
      nodejs base-passwd netbase libc-bin hostname procps util-linux"
full="$tour bc bzip2 file bsdextrautils perl ruby sqlite3 openssl g++ git make cmake xz-utils zstd
      redis-server redis-tools postgresql-15 openjdk-17-jdk-headless ripgrep fzf gdb apt dpkg
      libpython3.11-testsuite tzdata lua5.4 patch golang-go rustc"

arch=arm64
print=
while [ $# -gt 0 ]; do
    case $1 in
    --arch) [ $# -gt 1 ] || { echo "guests.sh: --arch wants a name" >&2; exit 2; }
            arch=$2; shift 2;;
    --print) print=1; shift;;
    --help) sed -n '3,12s/^# \{0,1\}//p' "$0"; exit 0;;
    -*) echo "guests.sh: unknown option $1" >&2; exit 2;;
    *) break;;
    esac
done
[ $# -gt 0 ] || { echo "guests.sh: say tour, full or package names" >&2; exit 2; }
want=
for arg; do
    case $arg in
    tour) want="$want $tour";;
    full) want="$want $full";;
    *) want="$want $arg";;
    esac
done
want=$(printf '%s\n' $want | LC_ALL=C sort -u)

cache=${MOA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/moa}
root=$cache/$arch-root
if [ -n "$print" ]; then
    echo "$root"
    exit 0
fi
mark=$root/.moa
have=$mark/have
# What was asked for before stays; the list of names decides whether anything is to be done.
if [ -e "$have" ]; then
    missing=$(printf '%s\n' "$want" | LC_ALL=C comm -23 - "$have")
    if [ -z "$missing" ] && [ -z "${MOA_REFRESH:-}" ]; then
        exit 0
    fi
    want=$(printf '%s\n' "$want" | LC_ALL=C sort -u - "$have")
fi

skip() { echo "guests.sh: $*; $arch programs can't be fetched" >&2; exit 77; }
for tool in apt-get dpkg-deb tar; do
    command -v $tool >/dev/null || skip "no $tool on this machine"
done

# --- a private apt ----------------------------------------------------------------------------
apt=$cache/apt-$arch
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/etc/parts" "$root" "$mark" \
    2>/dev/null || die "can't write to $cache (set MOA_CACHE to a folder that you own)"
exec 9>"$mark/lock"
if command -v flock >/dev/null && ! flock -n 9; then
    echo "guests.sh: waiting for another run to finish"
    flock 9
fi
: >"$apt/state/status"
{
    apt-config dump | grep -E '^Acquire::' | grep -v -E 'IndexTargets|CompressionTypes' || :
    cat <<END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$apt/etc/parts";
Dir::Etc::sourcelist "$apt/etc/sources.list";
Dir::Etc::sourceparts "$apt/etc/parts";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt/etc/parts";
Dpkg::Use-Pty "0";
END
} >"$apt/etc/apt.conf"

# The machine's own sources for its own release; other sources seldom carry other architectures.
code=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}") || code=
key=/usr/share/keyrings/debian-archive-keyring.gpg
sign=
[ ! -e $key ] || sign="[signed-by=$key]"
apt-get update --print-uris 2>/dev/null |
    sed -n "s|^'\(.*\)/dists/\($code\(-updates\|-security\)\{0,1\}\)/InRelease'.*|deb $sign \1 \2 main|p" \
    >"$apt/etc/sources.list"
if [ -n "${MOA_DEBIAN_MIRROR:-}" ]; then
    echo "deb $sign $MOA_DEBIAN_MIRROR bookworm main" >"$apt/etc/sources.list"
fi
[ -s "$apt/etc/sources.list" ] ||
    skip "no Debian source found in apt's configuration (MOA_DEBIAN_MIRROR=URL names one)"

log=$mark/log
aptget() { APT_CONFIG=$apt/etc/apt.conf DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }
echo "guests.sh: reading the list of $arch packages"
if ! aptget update >"$log" 2>&1 || ! grep -q . "$apt"/state/lists/*Packages* 2>/dev/null; then
    grep -E '^(E|W|Err)' "$log" | head -n 3 >&2 || :
    skip "the package lists can't be read (offline?)"
fi
if ! aptget install -y --print-uris $want >"$mark/plan" 2>"$log"; then
    cat "$log" >&2
    die "apt finds no way to install: $(echo $want)"
fi
# Each line of the plan: 'URL' FILE SIZE SUM. What is unpacked already isn't fetched again.
touch "$mark/debs"
sed -n "s/^'[^']*' \([^ ]*\.deb\) \([0-9]*\).*/\1 \2/p" "$mark/plan" | LC_ALL=C sort >"$mark/now"
new=$(LC_ALL=C join -v 1 "$mark/now" "$mark/debs" |
      awk '{ n++; s += $2 } END { printf "%d %d", n, (s + 999999) / 1000000 }')
if [ "${new% *}" -gt 0 ]; then
    echo "guests.sh: ${new% *} packages, ${new#* } MB to fetch"
    names=$(LC_ALL=C join -v 1 "$mark/now" "$mark/debs" | sed 's/_.*//')
    # "download" takes names as they are, without their dependencies: the plan has those.
    (cd "$apt/cache/archives" && aptget download $names >"$log" 2>&1) || {
        grep -E '^(E|Err)' "$log" | head -n 3 >&2
        skip "a package can't be fetched (offline?)"
    }
fi

# --- unpack -----------------------------------------------------------------------------------
mkdir -p "$root/usr"
for d in bin sbin lib; do
    mkdir -p "$root/usr/$d"
    [ -e "$root/$d" ] || ln -s "usr/$d" "$root/$d"
done
n=0
all=${new% *}
LC_ALL=C join -v 1 "$mark/now" "$mark/debs" | while read -r deb size; do
    n=$((n + 1))
    [ ! -t 1 ] || printf '\rguests.sh: unpacking %d of %d  ' "$n" "$all"
    file=$apt/cache/archives/$deb
    [ -e "$file" ] || die "apt did not leave $deb"
    dpkg-deb --fsys-tarfile "$file" |
        tar -C "$root" -x --keep-directory-symlink --no-same-owner --delay-directory-restore -f - ||
        die "$deb can't be unpacked"
    echo "$deb $size" >>"$mark/debs.new"
    rm -f "$file"
done
[ ! -t 1 ] || echo
if [ -e "$mark/debs.new" ]; then
    LC_ALL=C sort -u "$mark/debs" "$mark/debs.new" >"$mark/debs.tmp"
    mv "$mark/debs.tmp" "$mark/debs"
    rm -f "$mark/debs.new"
fi

# --- what maintainer scripts would have done --------------------------------------------------
mkdir -p "$root/tmp" "$root/proc" "$root/dev" "$root/sys" "$root/run" "$root/root" "$root/etc" \
    "$root/var/tmp" "$root/var/lib/dpkg"
chmod 1777 "$root/tmp" "$root/var/tmp"
for f in passwd group; do
    master=$root/usr/share/base-passwd/$f.master
    [ -e "$root/etc/$f" ] || [ ! -e "$master" ] || cp "$master" "$root/etc/$f"
done
[ -e "$root/etc/hosts" ] || printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
[ -e "$root/etc/nsswitch.conf" ] ||
    printf 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n' >"$root/etc/nsswitch.conf"
[ -e "$root/var/lib/dpkg/status" ] || : >"$root/var/lib/dpkg/status"
link() { # NAME TARGET: a relative link in usr/bin, when the target is there
    [ ! -e "$root/usr/bin/$2" ] || [ -e "$root/usr/bin/$1" ] || ln -sf "$2" "$root/usr/bin/$1"
}
link awk mawk
link awk gawk
link cc gcc
link c++ g++
link lua lua5.4
jvm=../lib/jvm/java-17-openjdk-$arch/bin
for p in java javac jar; do
    link $p "$jvm/$p"
done
# An absolute link would lead a program run with -L out of the root, to the host's file.
find "$root/usr" "$root/etc" "$root/var" -type l -lname '/*' -printf '%P\t%l\t%H\n' |
    while IFS="$(printf '\t')" read -r path to top; do
        case $to in /dev/*|/proc/*|/run/*) continue;; esac
        rel=${top#"$root"/}/$path
        up=$(printf '%s' "$rel" | tr -dc / | sed 's|/|../|g')
        ln -sfn "$up${to#/}" "$root/$rel"
    done
printf '%s\n' "$want" >"$have.tmp"
mv "$have.tmp" "$have"
echo "guests.sh: $root is ready"
