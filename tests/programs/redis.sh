# SPDX-License-Identifier: MIT
# A redis server on a socket, with its client: data types, scripts, transactions, saving and loading.
# wants: usr/bin/redis-server usr/bin/redis-cli
# time: 400
start() {
    redis-server --port 0 --unixsocket "$PWD/s" --dir "$PWD" --save '' --appendonly no --daemonize no \
        --logfile log --ignore-warnings ARM64-COW-BUG &
    p=$!; i=0
    while ! redis-cli -s s ping >/dev/null 2>&1 && [ $i -lt 600 ]; do sleep 0.2; i=$((i + 1)); done
}
c() { redis-cli -s s "$@"; }
start
c ping; c set k v; c get k; c incrby n 41; c incr n; c rpush l a b c; c lrange l 0 -1; c hset h x 1 y 2; c hgetall h
c zadd z 3 c 1 a 2 b; c zrangebyscore z 1 2 withscores; c sadd s 1 2 3; c scard s; c setbit bits 7 1; c get bits
c eval 'local t = 0; for i = 1, tonumber(ARGV[1]) do t = t + i end; return t' 0 10000
printf 'multi\nset a 1\nincr a\nexec\n' | c; seq 1 3000 | sed 's/.*/set key& val&/' | c | sort | uniq -c; c dbsize
c pfadd hll $(seq 1 100) ; c geoadd g 13.36 38.11 Palermo; c object encoding n; c nosuch; c bgsave; c lastsave >/dev/null
i=0; while [ "$(c info persistence | grep -c rdb_bgsave_in_progress:0)" != 1 ] && [ $i -lt 600 ]; do sleep 0.2; i=$((i + 1)); done
c save; c shutdown nosave; wait $p; echo "status $?"
start; c get key2999; c dbsize; c shutdown nosave; wait $p; echo "status $?"
redis-benchmark --help | head -n 1
