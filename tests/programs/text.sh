# SPDX-License-Identifier: MIT
# sed, awk and grep over some megabytes.
# wants: usr/bin/gawk usr/bin/mawk
gawk 'BEGIN { s = 1; for (i = 0; i < 120000; i++) { s = (s * 1103515245 + 12345) % 2147483648
    printf "%d word%d %c%c the quick %x fox\n", i, s % 1000, 97 + s % 26, 65 + int(s / 64) % 26, s } }' >big
wc big | tr -s ' '; sha256sum <big
grep -c fox big; grep -c 'word1[0-9]* ' big; grep -E -c '(a|b)[A-M] the' big; grep -o 'word99[0-9]' big | sort | uniq -c | head -n 3
grep -i -c 'THE QUICK [0-9A-F]*7 ' big; grep -vc z big; grep -F -c word500 big; grep -P -c '^\d+5\s' big; grep -w -m 2 -n word77 big
sed -n '1000,1002p' big; sed -e 's/quick/slow/' -e 's/\([a-z]\)\([A-Z]\)/\2\1/g' big | sha256sum; sed -n '/word123 /{s/ .*//;p}' big | tail -n 2
sed '$!N;s/\n/+/' big | wc -l; sed -E 's/([0-9]+) (word)([0-9]+)/\3 \1/; y/abc/xyz/' big | tail -n 1
for a in gawk mawk; do
    $a '{ n[$2]++; s += $1 } END { for (k in n) c++; print c, s }' big
    $a -F'[ d]' '{ x = x + length($0) * 0.5 } END { printf "%.2f %s\n", x, substr("hello", 2, 3) }' big
    $a 'BEGIN { for (i = 1; i < 200000; i++) t += sin(i) * sqrt(i) + exp(-i / 1000); printf "%.6f\n", t }'
    $a '{ gsub(/o/, "0"); print toupper($0) }' big | sha256sum
    $a '/fox$/ && $1 % 1000 == 0 { print $1 | "sort -rn | head -n 2" }' big
done
gawk 'BEGIN { PROCINFO["sorted_in"] = "@ind_num_asc" } { a[$1 % 7] += 1 } END { for (i in a) print i, a[i] }' big
sort -k2,2 -k1,1n big | sha256sum; sort -u -k3,3 big | wc -l
