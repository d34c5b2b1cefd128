#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/guest/binfmt.sh -- moa binfmt install, status, remove in a binfmt_misc of its own (user
# namespaces have one since Linux 6.7), and a guest program started by its name: argv[0] is kept
# and no descriptor is left over. Status 77: no such kernel, or no compiler.
: "${srcdir:=.}"
cross=aarch64-linux-gnu-gcc
misc=/proc/sys/fs/binfmt_misc
command -v $cross >/dev/null 2>&1 || { echo "skipped: $cross is not installed"; exit 77; }
unshare -rm mount -t binfmt_misc none $misc 2>/dev/null ||
    { echo "skipped: no binfmt_misc in a user namespace"; exit 77; }
out=$(mktemp -d) || exit 99
trap 'rm -rf "$out"' EXIT
cat >"$out/guest.c" <<END
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
int main(int argc, char **argv)
{
    int open_fds = 0;

    for (int fd = 3; fd < 10; fd++)
        open_fds += fcntl(fd, F_GETFD) >= 0;
    printf("%s %d %d %lu\n", argv[0], argc, open_fds, getauxval(AT_EXECFD));
    return 7;
}
END
$cross -O1 -static -o "$out/guest" "$out/guest.c" || exit 99
moa=$PWD/moa
export moa out misc
unshare -rm bash >"$out/got" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- <<'END'
mount -t binfmt_misc none $misc
"$moa" binfmt status
"$moa" binfmt install; echo "install $?"
"$moa" binfmt install; echo "again $?"
"$moa" binfmt status | grep -v magic | grep -v mask | sed "s|$moa|MOA|; s/POCF/POC/"
(exec -a other "$out/guest" a b); echo "guest $?"
"$moa" binfmt remove; echo "remove $?"
"$moa" binfmt remove; echo "again $?"
"$moa" binfmt status
"$moa" binfmt nonsense; echo "nonsense $?"
END
cat >"$out/want" <<'END'
aarch64: not registered
install 0
again 0
aarch64: registered
  enabled
  interpreter MOA
  flags: POC
  offset 0
other 3 0 0
guest 7
remove 0
again 0
aarch64: not registered
moa: binfmt: usage: moa binfmt install|remove|status
nonsense 1
END
if diff "$out/want" "$out/got"; then
    echo "1 passed, 0 failed, 0 skipped"
else
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
