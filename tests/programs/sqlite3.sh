# SPDX-License-Identifier: MIT
# SQLite: a table of 50,000 rows, indexes, joins, windows, JSON, recursion, integrity check.
# wants: usr/bin/sqlite3
sqlite3 x.db <<'END'
pragma journal_mode = wal;
create table t(id integer primary key, a int, b real, c text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
  insert into t select i, i * 7919 % 1009, i / 3.0, printf('row%05d', i * 31 % 50021) from n;
create index ta on t(a); create unique index tc on t(c);
select count(*), sum(a), round(avg(b), 6), min(c), max(c) from t;
select a, count(*) from t group by a having count(*) > 49 order by a limit 5;
select t1.id, t2.id from t t1 join t t2 on t1.a = t2.a and t1.id < t2.id where t1.id < 4 order by 1, 2 limit 6;
select id, sum(a) over (order by id rows 3 preceding) from t limit 5;
select json_extract('{"x":[1,{"y":2.5}]}', '$.x[1].y'), json_group_array(id) from (select id from t limit 4);
update t set b = b * 2 where id % 3 = 0; delete from t where a = 17; select changes(), total_changes();
with recursive f(a, b) as (select 0, 1 union all select b, a + b from f limit 60) select max(a) from f;
select hex(zeroblob(4)), 7 / 2, 7 % 3, 1e308 * 10, -9223372036854775808, round(2.5), substr('hello', 2, 3), upper('abc') like 'a%';
begin; insert into t(a) values (1); rollback; select count(*) from t;
pragma integrity_check; vacuum;
.mode csv
select * from t order by b desc limit 3;
select * from nosuch;
END
echo "status $?"
# Doubles are printed through long double, which has other digits on arm64: leave them out.
sqlite3 x.db 'select id, a, c from t' | sha256sum
