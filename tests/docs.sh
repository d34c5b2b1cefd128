#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/docs.sh -- what is written about moa agrees with moa: every option of --help is in the manual page
# and in both completions, and the other way round; every variable is in the manual page; files named
# in docs/*.md and README.md exist; each folder at the top has a README.md.
set -u
cd "${srcdir:-.}" || exit 1
moa=${MOA:-$OLDPWD/moa}
bad=0
fail() { echo "$*"; bad=1; }

# command, its page, its part of the bash completion, its zsh completion
agree() { # what --help of "$1" lists
    local help page bash_ zsh
    help=$("$moa" $1 --help | sed -n 's/^  \(-[^ ]*\) .*/\1/p' | LC_ALL=C sort)
    [ "$(echo "$help" | wc -l)" -gt 15 ] || fail "moa $1 --help lists no options"
    page=$(sed 's/\\-/-/g; s/"//g; s/,//g' "$2" |
           awk '/^\.SH/ { on = $2 == "OPTIONS" } on && /^\.B[IR]? -/ && tp { for (i = 2; i <= NF; i++) if ($i ~ /^-/) print $i }
                { tp = /^\.TP/ }' | LC_ALL=C sort)
    bash_=$(awk -v f="$3()" '$1 == f { on = 1 } on; /^}/ { on = 0 }' docs/completion/moa.bash | tr -s ' \n' '\n\n' |
            sed "s/'//g" | awk '/^-W/ { on = 0 } $0 == "'"$5"'" { on = 1 } /^--$/ { on = 0 } on && /^-/' | LC_ALL=C sort -u)
    zsh=$(grep -o "'\**-[^['*]*" "$4" | sed "s/^'\**//" | LC_ALL=C sort)
    [ "$help" = "$page" ] || fail "$2 and --help differ: $(echo "$help
$page" | LC_ALL=C sort | uniq -u | tr '\n' ' ')"
    [ "$help" = "$bash_" ] || fail "docs/completion/moa.bash and moa $1 --help differ: $(echo "$help
$bash_" | LC_ALL=C sort | uniq -u | tr '\n' ' ')"
    [ "$help" = "$zsh" ] || fail "$4 and --help differ: $(echo "$help
$zsh" | LC_ALL=C sort | uniq -u | tr '\n' ' ')"
}
agree '' docs/moa.1 _moa docs/completion/_moa -L
"$moa" system --version >/dev/null 2>&1 &&
    agree system docs/moa-system.1 _moa_system docs/completion/_moa-system-aarch64 -M

for v in $(sed -n 's/^    {"[^"]*", [^,]*[^0-9A-Z_"]*.*"\([A-Z_]*\)", \(KEEP\|ONCE\), .*/\1/p' cmd/user_options.c); do
    grep -q "\\b$v\\b" docs/moa.1 || fail "docs/moa.1 does not name the variable $v"
done

# `folder/file` in running text, as far as it looks like one of ours.
for doc in README.md CONTRIBUTING.md SECURITY.md docs/*.md */README.md; do
    for f in $(grep -oE '`[a-z_.][A-Za-z0-9_.-]*/[A-Za-z0-9_./+-]*`' "$doc" | tr -d '`' | LC_ALL=C sort -u); do
        case $f in
        build/*|./*|*/NAME*|*_gen.h) continue;;
        esac
        [ -e "$f" ] || [ -e "$(dirname "$doc")/$f" ] || fail "$doc names $f, which is not there"
    done
done

# moa-img: its commands and the options of each.
img=${MOA_IMG:-$OLDPWD/moa-img}
for c in $("$img" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    for file in docs/completion/moa-img.bash docs/completion/_moa-img; do
        grep -q "^ *$c)" $file || fail "$file does not know the command $c"
    done
    page=$(sed 's/\\f[BIRP]//g; s/\\//g' docs/moa-img.1 | sed -n "/^\.B $c /,/^\.B [a-z]* /p; /^Everywhere/,\$p")
    for o in $("$img" "$c" --help | grep -oE '(^|[[ |])--?[a-zA-Z][a-z-]*' | tr -d '[ |'); do
        echo "$page" | grep -qe "$o" || fail "docs/moa-img.1: $c has no $o"
    done
done

for d in */; do
    case $d in build*|_*|autom4te.cache/|m4/|moa-*) continue;; esac
    [ -e "$d/README.md" ] || fail "$d has no README.md"
done
[ $bad = 0 ] && echo "manual page, completions and folders agree with moa"
exit $bad
