# SPDX-License-Identifier: MIT
# OpenSSL: digests, ciphers, signatures with several kinds of key, a TLS connection to itself.
# wants: usr/bin/openssl
# time: 400
export OPENSSL_CONF=/etc/ssl/openssl.cnf
seq 1 100000 >d
for h in md5 sha1 sha256 sha512 sha3-256 blake2b512 sm3 ripemd160; do
    printf '%s ' $h; openssl dgst -provider default -provider legacy -r -$h d 2>/dev/null | cut -d' ' -f1
done
k=000102030405060708090a0b0c0d0e0f
for c in aes-128-cbc aes-128-ctr aes-256-cbc aes-128-ofb camellia-128-cbc sm4-cbc chacha20 aria-128-ctr; do
    kk=$k; case $c in *256*|chacha20) kk=$k$k;; esac
    openssl enc -$c -K $kk -iv $k -in d -out e && printf '%s ' $c && openssl dgst -r -sha256 e | cut -c1-32
    openssl enc -d -$c -K $kk -iv $k -in e | cmp - d || echo "$c: differs"
done
openssl genrsa -out rsa.pem 2048 2>/dev/null; openssl pkey -in rsa.pem -pubout -out rsa.pub
openssl ecparam -name prime256v1 -genkey -noout -out ec.pem; openssl pkey -in ec.pem -pubout -out ec.pub
openssl dgst -sha256 -sign rsa.pem -out s d && openssl dgst -sha256 -verify rsa.pub -signature s d
openssl dgst -sha256 -sign ec.pem -out s d && openssl dgst -sha256 -verify ec.pub -signature s d
openssl genpkey -algorithm ed25519 -out ed.pem; openssl pkey -in ed.pem -pubout -out ed.pub
head -n 100 d >m; openssl pkeyutl -sign -rawin -inkey ed.pem -in m -out s && openssl pkeyutl -verify -rawin -pubin -inkey ed.pub -in m -sigfile s
openssl pkeyutl -encrypt -pubin -inkey rsa.pub -in /dev/null -out c && openssl pkeyutl -decrypt -inkey rsa.pem -in c | wc -c
echo x >>d; openssl dgst -sha256 -verify rsa.pub -signature s d 2>/dev/null; echo "forged: $?"
openssl prime 1000003 1000005; openssl rand 32 | wc -c
for a in sha256 aes-128-gcm; do openssl speed -seconds 1 -bytes 1024 -evp $a >/dev/null 2>&1; echo "speed: $?"; done
openssl req -x509 -key ec.pem -subj /CN=localhost -days 2 -out cert.pem -batch && openssl verify -CAfile cert.pem cert.pem
openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key ec.pem -naccept 1 -rev >srv 2>&1 &
p=$!; i=0
while ! grep -q ACCEPT srv && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' srv)
mkfifo in # the end of the input ends the client: not before the answer is there
timeout 100 openssl s_client -connect 127.0.0.1:$port -CAfile cert.pem -verify_return_error -quiet -no_ign_eof <in >answer 2>/dev/null &
c=$!; exec 3>in; echo hello >&3; i=0
while ! grep -q olleh answer && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
exec 3>&-; wait $c; cat answer
kill $p 2>/dev/null; wait $p 2>/dev/null
echo done
