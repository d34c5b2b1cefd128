# SPDX-License-Identifier: MIT
"""Real programs that bench/run measures, with the input they get.

LIST: (name, file that must be in the root, command, outputs comparable across architectures, environment).
In a command "@root/" is the guest root ("/" for native), other words are as they are. Inputs are
written once into the working folder, which is the current directory of every run. No command starts
another program, so an emulator needs no binfmt_misc.
"""
import os
import random

PYTHON = r'''
import json, hashlib, math, re
def queens(n, r=0, c=0, d=0, e=0):
    return 1 if r == n else sum(queens(n, r + 1, c | 1 << i, (d | 1 << i) << 1, (e | 1 << i) >> 1) for i in range(n) if not (c | d | e) >> i & 1)
print(queens(8))
d = {}
for i in range(300000): d["k%d" % (i % 5000)] = d.get("k%d" % (i % 5000), 0) + i
print(len(d), sum(d.values()))
t = json.dumps([{"a": i, "b": [i / 7, str(i)]} for i in range(20000)]); print(hashlib.sha256(json.dumps(json.loads(t)).encode()).hexdigest())
print(len(re.findall(r"(\w+)-(\d+)", " ".join("word-%d" % i for i in range(50000)))))
x = 0.0
for i in range(1, 600000): x += math.sin(i) / i
print(round(x, 10)); print(sorted((i * 7919) % 100003 for i in range(150000))[1000])
class A:
    def __init__(self, v): self.v = v
    def f(self, o): return A((self.v * 3 + o.v) % 1000003)
a, b = A(1), A(2)
for i in range(300000): a, b = b, a.f(b)
print(a.v)
'''

NODE = r'''
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } console.log(fib(32));
let x = 1; for (let i = 0; i < 2e7; i++) x = (x * 31 + i) | 0; console.log(x);
const m = new Map(); for (let i = 0; i < 600000; i++) { const k = 'k' + i % 3000; m.set(k, (m.get(k) || 0) + i); } console.log(m.get('k77'));
const f = new Float64Array(4000); for (let r = 0; r < 1500; r++) for (let i = 1; i < f.length; i++) f[i] = f[i - 1] * 0.5 + i; console.log(f[3999]);
let keep = []; for (let i = 0; i < 2e6; i++) { keep.push({ a: i, b: [i] }); if (keep.length > 10000) keep = []; } console.log(keep.length);
console.log(JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 50000 }, (_, i) => ({ i, s: 'v' + i }))))).length);
let s = ''; for (let i = 0; i < 200000; i++) s += String.fromCharCode(97 + i % 26); console.log(s.replace(/[aeiou]/g, (c) => c.toUpperCase()).split('U').length);
const a = Array.from({ length: 300000 }, (_, i) => (i * 7919) % 1000003); a.sort((p, q) => p - q); console.log(a[1234]);
'''

PERL = r'''
my %h; for my $i (1 .. 400000) { $h{$i * 7919 % 20011} .= chr(97 + $i % 26) if $i % 3; } my $n = 0; $n += length for values %h; print "$n\n";
my $t = join ' ', map { $_ * 31 % 9973 } 1 .. 150000; my $c = 0; $c++ while $t =~ /\b(\d)(\d)\d*\2\1\b/g; print "$c\n";
my @a = sort { $a <=> $b } map { $_ * 7919 % 100003 } 1 .. 150000; print "$a[777]\n"; my $s = 0; for my $i (1 .. 2500000) { $s = ($s * 31 + $i) % 1000003 } print "$s\n";
sub fib { my $n = shift; $n < 2 ? $n : fib($n - 1) + fib($n - 2) } print fib(22), "\n";
'''

RUBY = r'''
def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
puts fib(27); h = Hash.new(0); 600000.times { |i| h["k#{i % 5000}"] += i }; puts h.size, h["k77"]
puts (1..300000).map { |i| i * 7919 % 100003 }.sort[777], (1..200000).select { |i| i.to_s == i.to_s.reverse }.size
x = 0.0; 1.upto(1_000_000) { |i| x += 1.0 / i }; puts x.round(10)
'''

SQL = r'''
create table t(id integer primary key, a int, b real, c text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 150000) insert into t select i, i * 7919 % 10007, i / 3.0, printf('row%06d', i * 31 % 150001) from n;
create index ta on t(a); create index tc on t(c);
select count(*), sum(a), round(avg(b), 6), min(c), max(c) from t;
select count(*) from t x join t y on x.a = y.a where x.id < 20000;
select a, count(*), sum(b) from t group by a order by 2 desc, 1 limit 3; select count(*) from t where c like '%99%' and b > 100;
select sum(v) from (select sum(a) over (order by id rows 20 preceding) v from t);
with recursive f(a, b) as (select 0, 1 union all select b, (a + b) % 1000003 from f limit 500000) select sum(a) from f;
'''

GAWK = r'''{ n[$2]++; s += $1; gsub(/o/, "0"); l += length($0) } END { for (k in n) c++; print c, s, l
    for (i = 1; i < 800000; i++) { t += sin(i) * sqrt(i); u = (u * 31 + i) % 1000003 } printf "%.5f %d\n", t, u }'''

BASH = r'''
i=0; s=0; while ((i < 120000)); do ((s = (s * 31 + i) % 1000003, i++)); done; echo $s
f() { local x=$1; [[ $x == *7* ]] && r=${x//7/seven} || r=$x; }; for ((i = 0; i < 30000; i++)); do f $i; t=$t${r:0:1}; done; echo ${#t}
declare -A m; for ((i = 0; i < 40000; i++)); do ((m[k$((i % 100))] += i)); done; echo ${m[k7]} ${#m[@]}; printf -v z '%s,' {1..20000}; echo ${#z}
'''

LUA = r'''
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end print(fib(30))
local t = {} for i = 1, 300000 do t[i] = (i * 7919) % 100003 end table.sort(t) print(t[777])
local s = 0.0 for i = 1, 8000000 do s = s + i % 7 * 0.5 end print(s) local p = {} for i = 1, 200000 do p[#p + 1] = tostring(i):rep(2) end print(#table.concat(p))
'''

JAVA = r'''
public class B {
    static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    public static void main(String[] a) {
        System.out.println(fib(36)); long h = 0; for (int i = 0; i < 60_000_000; i++) h = h * 31 + (i ^ h >>> 7); System.out.println(h);
        double[] v = new double[4000]; for (int k = 0; k < 4000; k++) for (int i = 1; i < v.length; i++) v[i] = v[i - 1] * 0.5 + i; System.out.println(v[3999]);
        java.util.HashMap<String, Integer> m = new java.util.HashMap<>(); for (int i = 0; i < 1_000_000; i++) m.merge("k" + i % 5000, i % 10, Integer::sum); System.out.println(m.get("k77"));
        int[] s = new java.util.Random(7).ints(1_000_000).toArray(); java.util.Arrays.sort(s); System.out.println(s[1234]);
    }
}
'''


def c_source():
    rnd = random.Random(3)
    out = ["typedef unsigned long size_t; int printf(const char *, ...); void *malloc(size_t); struct node { struct node *next; int key, value; double w; };"]
    for i in range(260):
        out.append("static int f%d(struct node *n, int a, int b) { int s = %d; for (struct node *p = n; p; p = p->next) { if (p->key > a) s += p->value * %d; "
                   "else if (p->key %% %d == 0) s ^= b << %d; else p->w += s / %d.0; switch (s & 7) { case 1: s++; break; case 2: s -= a; break; case 5: s *= 3; break; "
                   "default: s ^= %d; } } return s%s; }" % (i, i, rnd.randrange(2, 99), rnd.randrange(2, 9), rnd.randrange(1, 9), rnd.randrange(3, 77),
                                                            rnd.randrange(1000), " + f%d(n, b, a)" % (i - 1) if i else ""))
    out.append("int main(void) { struct node n = { 0, 1, 2, 3 }; printf(\"%d\\n\", f259(&n, 1, 2)); return 0; }")
    return "\n".join(out) + "\n"


def text():
    rnd = random.Random(5)
    words = ["".join(rnd.choice("etaoinshrdlucmfwyp") for _ in range(rnd.randrange(2, 9))) for _ in range(3000)]
    return "".join("%d %s\n" % (i, " ".join(rnd.choice(words) for _ in range(8))) for i in range(70000))


FILES = {"b.py": lambda: PYTHON, "b.js": lambda: NODE, "b.pl": lambda: PERL, "b.rb": lambda: RUBY, "b.sql": lambda: SQL, "b.awk": lambda: GAWK,
         "b.sh": lambda: BASH, "b.lua": lambda: LUA, "B.java": lambda: JAVA, "b.c": c_source, "text": text, "zero": lambda: "\0" * 60000000}
CC1 = "usr/lib/gcc/@gnu/12/cc1"

LIST = [
    ("start_bash", "usr/bin/bash", ["@root/usr/bin/bash", "-c", "true"], True, {}),
    ("start_python", "usr/bin/python3.11", ["@root/usr/bin/python3.11", "-c", "pass"], True, {}),
    ("start_perl", "usr/bin/perl", ["@root/usr/bin/perl", "-e", "1"], True, {}),
    ("start_node", "usr/bin/node", ["@root/usr/bin/node", "-e", "0"], True, {}),
    ("prog_python", "usr/bin/python3.11", ["@root/usr/bin/python3.11", "b.py"], True, {}),
    ("prog_perl", "usr/bin/perl", ["@root/usr/bin/perl", "b.pl"], True, {"PERL_HASH_SEED": "0"}),
    ("prog_ruby", "usr/bin/ruby3.1", ["@root/usr/bin/ruby3.1", "--disable-gems", "b.rb"], True, {}),
    ("prog_lua", "usr/bin/lua5.4", ["@root/usr/bin/lua5.4", "b.lua"], True, {}),
    ("prog_node", "usr/bin/node", ["@root/usr/bin/node", "b.js"], True, {}),
    ("prog_java", "usr/bin/javac", ["@root/usr/lib/jvm/java-17-openjdk-@deb/bin/java", "-XX:+UseSerialGC", "-Xmx512m", "B.java"], True, {}),
    ("prog_bash", "usr/bin/bash", ["@root/usr/bin/bash", "b.sh"], True, {}),
    ("prog_gawk", "usr/bin/gawk", ["@root/usr/bin/gawk", "-f", "b.awk", "text"], True, {}),
    ("prog_grep", "usr/bin/grep", ["@root/usr/bin/grep", "-E", "-c", "(th|e[aeo])+[nrs]* .*(ta|in)\\b.*[lu]$", "text"], True, {}),
    ("prog_sed", "usr/bin/sed", ["@root/usr/bin/sed", "-n", "-E", "s/([a-z]+) ([a-z]+)/\\2 \\1/g; y/aeiou/AEIOU/; s/(.)\\1/<\\1>/gp", "text"], True, {}),
    ("prog_sort", "usr/bin/sort", ["@root/usr/bin/sort", "--parallel=1", "-k3,3", "-k1,1n", "text"], True, {"LC_ALL": "C"}),
    ("prog_sqlite", "usr/bin/sqlite3", ["@root/usr/bin/sqlite3", ":memory:", ".read b.sql"], True, {}),
    ("prog_cc1", "usr/bin/gcc", ["@root/" + CC1, "-quiet", "-O2", "b.c", "-o", "/dev/null"], False, {}),
    ("prog_xz", "usr/bin/xz", ["@root/usr/bin/xz", "-6", "-T1", "-c", "text"], True, {}),
    ("prog_zstd", "usr/bin/zstd", ["@root/usr/bin/zstd", "-q", "-13", "--single-thread", "-c", "text"], True, {}),
    ("prog_bzip2", "usr/bin/bzip2", ["@root/usr/bin/bzip2", "-c", "text"], True, {}),
    ("prog_gzip", "usr/bin/gzip", ["@root/usr/bin/gzip", "-nc", "text"], True, {}),
    ("prog_sha512", "usr/bin/openssl", ["@root/usr/bin/openssl", "dgst", "-r", "-sha512", "zero"], True, {}),
    ("prog_aes", "usr/bin/openssl", ["@root/usr/bin/openssl", "enc", "-aes-128-ctr", "-K", "00", "-iv", "00", "-in", "zero", "-out", "/dev/null"], False, {}),
    ("prog_rsa", "usr/bin/openssl", ["@root/usr/bin/openssl", "prime", "-checks", "60", str(2 ** 4423 - 1)], False, {}),
]


def expand(command, root, work, guest):
    gnu, deb = ("aarch64-linux-gnu", "arm64") if guest else ("x86_64-linux-gnu", "amd64")
    return [w.replace("@root/", root + "/" if guest else "/").replace("@gnu", gnu).replace("@deb", deb) for w in command]


def prepare(work, items):
    if any(i.root for i in items):
        for name, make in FILES.items():
            with open(os.path.join(work, name), "w") as f:
                f.write(make())
