# SPDX-License-Identifier: MIT
# ripgrep (Rust) and fzf (Go): threads over many files.
# wants: usr/bin/rg usr/bin/fzf
mkdir -p t/a t/b; i=0
while [ $i -lt 60 ]; do seq $i $((i + 800)) | sed "s/7/seven $i/" >t/a/f$i; i=$((i + 1)); done
rg -c seven t | sort | head -n 3; rg --no-filename -o 'seven \d+$' t | sort | uniq -c | sort -rn | sed -n '1,3p' ; rg -j4 -l 'seven 59' t | sort; rg nothinghere t; echo $?
rg --files t | wc -l; rg -i -w 'SEVEN' --count-matches t/a/f3; rg -U '12\n13' t/a/f1; rg '(' t 2>/dev/null; echo $?
seq 1 5000 | fzf --filter 42 | head -n 5; printf 'apple\nbanana\ngrape\n' | fzf --filter ap; fzf --filter zzz </dev/null; echo $?
