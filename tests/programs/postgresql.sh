# SPDX-License-Identifier: MIT
# PostgreSQL: initdb, a server, some queries, a clean stop. It refuses to run as root, so root's own
# names are taken away by an empty user namespace.
# wants: usr/lib/postgresql/15/bin/initdb usr/bin/unshare
# time: 400
PATH=/usr/lib/postgresql/15/bin:$PATH
if [ "${1:-}" != inner ]; then
    if [ "$(id -u)" = 0 ]; then
        unshare -U true 2>/dev/null || { echo "skip: no user namespaces"; exit 77; }
        exec unshare -U sh "$0" inner
    fi
fi
export USER=me LOGNAME=me
initdb -D d -U me --no-sync --locale=C --encoding=UTF8 >log 2>&1 || { cat log; exit 1; }
grep -c Success log
echo "listen_addresses = ''
unix_socket_directories = '$PWD'
shared_memory_type = mmap
fsync = off" >>d/postgresql.conf
pg_ctl -D d -l slog -w -t 120 start >log 2>&1 || { cat log slog; exit 1; }
psql -X -h "$PWD" -U me postgres -At <<'END'
create table t(id serial primary key, a int, b numeric(12, 3), c text);
insert into t(a, b, c) select i * 7919 % 1009, i / 3.0, md5(i::text) from generate_series(1, 30000) i;
create index on t(a); analyze t;
select count(*), sum(a), avg(b)::numeric(20, 6), min(c), max(c) from t;
select a, count(*) from t group by a having count(*) > 29 order by a limit 4;
select x.id, y.id from t x join t y using (a) where x.id < y.id and x.id < 4 order by 1, 2 limit 5;
select id, sum(a) over (order by id rows 2 preceding) from t limit 4;
with recursive f(a, b) as (select 0::numeric, 1::numeric union all select b, a + b from f where b < 10 ^ 30) select max(a) from f;
select '{"a": [1, {"b": 2}]}'::jsonb #> '{a,1,b}', regexp_replace('abc', 'b', 'x'), to_char(1234.5, '9,999.99'), array_agg(i) from generate_series(1, 3) i;
create function f(n int) returns bigint as 'declare r bigint := 0; begin for i in 1..n loop r := r + i; end loop; return r; end' language plpgsql;
select f(20000), pi()::float4, exp(1.0), 2::float8 ^ 0.5, 'infinity'::float8, 0.1::float8 + 0.2::float8;
begin; delete from t; rollback; select count(*) from t; select 1 / 0; select date '2024-02-28' + 2, interval '1 day' * 1.5;
set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set min_parallel_table_scan_size = 0; select count(*) from t where c like '%abc%';
vacuum full t; set jit = on; select sum(id) from t;
END
pg_ctl -D d -m fast -w -t 60 stop >log 2>&1 || cat log; echo "stopped $?"
