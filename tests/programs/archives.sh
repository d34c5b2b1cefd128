# SPDX-License-Identifier: MIT
# tar with gzip, bzip2, xz and zstd: round trips, threads, damaged input.
# wants: usr/bin/tar usr/bin/xz usr/bin/zstd usr/bin/bzip2
mkdir t; seq 1 150000 >t/n; head -c 600000 /dev/zero >t/z; sha512sum t/n | head -c 99 >t/s; ln -s n t/l; mkdir -p t/a/b; chmod 700 t/a
for c in gzip bzip2 xz zstd; do
    tar --$c -cf t.$c t && mkdir o.$c && tar -C o.$c --$c -xf t.$c && diff -r t o.$c/t && echo "$c round trip"
    tar -tf t.$c | LC_ALL=C sort | tr '\n' ' '; echo
done
xz -T2 -9e -k -c t/n >n.xz && xz -t n.xz && xz -dc n.xz | cmp - t/n && echo xz; xz --format=lzma -k -c t/s | xz -dc | cmp - t/s && echo lzma
for l in 1 9 19; do zstd -q -$l -T2 -c t/n | zstd -dcq | cmp - t/n && echo "zstd $l"; done; zstd -q --ultra -22 --long=24 -c t/n | zstd -dcq --long=24 | sha256sum
gzip -9nc t/n | sha256sum; bzip2 -9c t/n | sha256sum; xz -6 -T1 -c t/n | sha256sum
head -c 20000 n.xz >bad.xz; xz -t bad.xz 2>&1; echo $?; gzip -nc t/n | head -c 9999 | gzip -t 2>&1; echo $?
printf 'garbage' | zstd -dcq 2>&1 | head -n 1; tar tf t/n 2>&1 | head -n 1; tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - t | sha256sum
