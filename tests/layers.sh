#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/layers.sh -- what the tree promises about itself: include directions (docs/layers.txt), headers
# that compile alone, a licence line in each file and no file too long.
# "make check" sets srcdir, CC and HEADER_FLAGS; by hand it runs from the top of the source.
set -u
cd "${srcdir:-.}" || exit 1
bad=0
fail() { echo "$*"; bad=1; }

folders=$(for d in base ports tcg frontends backends mem accel devices host softmmu debug machines \
          monitor linux-user cmd fuzz tests bench; do [ -d $d ] && echo $d; done)
sources=$(find $folders -name '*.[ch]' | LC_ALL=C sort)
[ -n "$sources" ] || { echo "no sources found in $(pwd)"; exit 1; }

# A line "folder: what it may include" holds for everything below the folder unless a longer name has a
# line of its own. What may be included is a folder, one header's whole name, or * for anything. Inside
# a folder, a subfolder sees itself and the files at the top, not its siblings.
awk '
function may(me, to, file,    n, w, i) {
    n = split(arrows[me], w, " ")
    for (i = 1; i <= n; i++)
        if (w[i] == "*" || w[i] == file || index(file, w[i] "/") == 1)
            return 1
    return 0
}
FNR == NR { sub(/#.*/, ""); i = index($0, ":"); if (i) arrows[substr($0, 1, i - 1)] = substr($0, i + 1); next }
FNR == 1  { n = split(FILENAME, at, "/"); me = at[1] "/" at[2]; if (!(me in arrows)) me = at[1]
            if (!(me in arrows)) { print FILENAME ": docs/layers.txt has no line for " at[1]; bad = 1 } }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, q, "\""); file = q[2]; depth = split(file, to, "/")
    if (file == "config.h") next
    if (me == "tests" && at[2] == "guest") next    # programs of the guest, built on their own
    if (depth == 1) { print FILENAME ":" FNR ": \"" file "\" without its folder"; bad = 1; next }
    if (file ~ /(^|\/)\.\.?\//) { print FILENAME ":" FNR ": a relative path: " file; bad = 1; next }
    if (to[1] == at[1] && (depth < 3 || to[2] == at[2])) next
    if (!may(me, to[1], file)) { print FILENAME ":" FNR ": no arrow from " me " to " file; bad = 1 }
}
END { exit bad }' docs/layers.txt $sources || bad=1

# Each header compiles alone, twice over (its guard works).
if command -v "${CC%% *}" >/dev/null 2>&1; then
    for h in $(echo "$sources" | grep '\.h$'); do
        printf '#include "%s"\n#include "%s"\n' "$h" "$h" |
            $CC ${HEADER_FLAGS:-} -I. -fsyntax-only -Werror -xc - || fail "$h: does not compile alone"
    done
else
    echo "no compiler in CC: headers not tried"
fi

for f in $(find $folders docs scripts m4 -type f \( -name '*.[chS]' -o -name '*.def' -o -name '*.sh' \
           -o -name '*.mk' -o -name '*.m4' -o -name '*.py' -o -name '*.1' \) 2>/dev/null |
           grep -v -E '^m4/(lt|libtool|pkg)') configure.ac Makefile.am; do
    head -n 5 "$f" | grep -q 'SPDX-License-Identifier: MIT' || fail "$f: no licence line at its head"
done

# Over 700 lines a file needs a reason, over 1,000 it is refused.
for f in $sources $(find $folders -name '*.def'); do
    n=$(wc -l <"$f")
    [ "$n" -le 1000 ] || fail "$f: $n lines, over 1000"
done
[ $bad = 0 ] && echo "$(echo "$sources" | wc -l) sources agree with docs/layers.txt"
exit $bad
