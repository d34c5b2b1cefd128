# SPDX-License-Identifier: MIT
# Each of the many small programs once or twice.
# wants: usr/bin/sha512sum
seq 1 5000 >n
sort -R --random-source=n n | sort -n | cmp - n && echo sorted
sort -k1,1nr n | head -n 2; tail -n 1 n; wc n | tr -s ' '
for s in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum; do $s <n; done
base64 n | base64 -d | cmp - n && echo base64
base32 n | tail -n 1
od -An -tx1 n | head -n 2; od -An -tfD -N 16 n
split -l 1000 n part. && ls part.* && cat part.* | cmp - n && echo split
cut -c1-2 n | uniq -c | tail -n 2; paste -sd+ n | cut -c1-20
tr 0-9 a-j <n | tail -n 1; rev n | tail -n 1; tac n | head -n 1; nl n | tail -n 1; fold -w 10 n | wc -l
join n n | tail -n 1; comm -12 n n | wc -l; expand n | tail -n 1; fmt -w 40 n | tail -n 1
factor 1234567890123456789 1000000007000000049 340282366920938463463
expr 12 '*' 12; expr length hello; printf '%.10f %s %05d\n' 3.14159 x 42; numfmt --to=iec 123456789
date -u -d @1000000000 +%FT%TZ; dirname /a/b/c; basename /a/b/c.d .d; realpath -m --relative-to=/a /a/b/../c
mkdir -p t/u/v; touch t/u/v/f; ln -s v t/u/l; ln t/u/v/f t/u/v/g; stat -c '%h %F %s' t/u/v/f; readlink t/u/l
cp -a t t2; diff -r t t2 && echo copied; mv t2 t3; rm -r t3; ls -R t; du -a --apparent-size t | wc -l
chmod 640 n; stat -c %a n; truncate -s 1M big; stat -c %s big; dd if=big of=big2 bs=4096 skip=10 2>/dev/null; stat -c %s big2
shuf -i 1-10 --random-source=n | sort -n | tr '\n' ' '; echo
timeout 0.2 sleep 5; echo $?; timeout -s KILL 0.2 sleep 5; echo $?
env -i A=1 /usr/bin/env; n=$(nice); [ "$n" -gt 14 ] && echo 5 || echo $(($(nice -n 5 nice) - n)); test 3 -gt 2 && echo yes; true; echo $?; false; echo $?
tee copy <n | tail -n 1; cmp copy n && echo teed; mktemp -u XXXX | wc -c; seq -f %g 0 0.25 1; seq 10 -3 0
ls /nonexistent; echo $?; cat <&-; echo $?; echo x >/dev/full; echo $?
yes | head -n 3; id -u >/dev/null && echo id; uname -s; pr -l 20 n | tail -n 3; csplit -s n 100 200 && ls xx*; tsort <<E
a b
b c
E
