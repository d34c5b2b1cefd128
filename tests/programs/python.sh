# SPDX-License-Identifier: MIT
# Python: a bit of everything, results printed.
# wants: usr/bin/python3.11
exec python3 - <<'END'
import asyncio, collections, ctypes, decimal, fractions, functools, hashlib, heapq, itertools, json, math, multiprocessing
import os, pickle, queue, random, re, signal, socket, sqlite3, statistics, struct, subprocess, sys, tempfile, threading, time, zlib
random.seed(7); print([random.random() for _ in range(3)], random.sample(range(1000), 5), random.gauss(0, 1))
print(math.fsum([0.1] * 10), math.factorial(50), 2 ** 500 % 10 ** 30, pow(3, -1, 1000003), math.isqrt(10 ** 40), (0.1).hex())
print([round(f(0.7), 14) for f in (math.sin, math.cos, math.tan, math.exp, math.log, math.erf, math.gamma, math.atanh)])
data = bytes(range(256)) * 2000
for n in ("md5", "sha1", "sha256", "sha3_512", "blake2b", "blake2s"): print(n, hashlib.new(n, data).hexdigest()[:32])
print(zlib.crc32(data), zlib.adler32(data), len(zlib.compress(data, 9)), zlib.decompress(zlib.compress(data)) == data)
print(json.dumps(json.loads('{"a": [1, 2.5, null, true, "\\u263a"], "b": {"c": -1e-7}}'), sort_keys=True))
print(re.sub(r"(\w+)@(\w+)\.com", r"\2 at \1", "bob@site.com, eve@other.com"), len(re.findall(r"(?:a|ab)(?:c|bcd)*", "abcd" * 500)))
decimal.getcontext().prec = 60; print(decimal.Decimal(2).sqrt(), fractions.Fraction(355, 113) ** 3, statistics.stdev(range(100)))
print(struct.pack("<hIqfd2s", -2, 3, 1 << 40, 1.5, -2.25, b"hi").hex(), pickle.loads(pickle.dumps({1: (2, "x")})))
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(200), sorted(collections.Counter("mississippi").items()), list(itertools.islice(itertools.permutations("abcd"), 5)))
n, sieve = 100000, bytearray([1]) * 100000
for i in range(2, 317):
    if sieve[i]: sieve[i * i::i] = bytes(len(range(i * i, n, i)))
print(sum(sieve) - 2)
def nq(n, row=0, c=0, d=0, e=0): return 1 if row == n else sum(nq(n, row + 1, c | 1 << i, (d | 1 << i) << 1, (e | 1 << i) >> 1) for i in range(n) if not (c | d | e) >> i & 1)
print(nq(7))
tot, lock, q = [0], threading.Lock(), queue.Queue()
def work():
    for _ in range(2000):
        with lock: tot[0] += 1
    q.put(1)
ts = [threading.Thread(target=work) for _ in range(8)]; [t.start() for t in ts]; [t.join() for t in ts]; print(tot, q.qsize())
r = subprocess.run([sys.executable, "-c", "import sys; print(sum(map(int, sys.stdin.read().split()))); sys.exit(4)"], input="1 2 3", text=True, capture_output=True)
print(r.stdout, r.stderr, r.returncode)
async def tick(i): await asyncio.sleep(0.01 * i); return i * i
async def main(): return await asyncio.gather(*(tick(i) for i in range(10)))
print(asyncio.run(main()))
signal.signal(signal.SIGALRM, lambda s, f: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2)
a, b = socket.socketpair(); a.sendall(b"x" * 1000); print(len(b.recv(1000, socket.MSG_WAITALL))); a.close(); b.close()
srv = socket.create_server(("127.0.0.1", 0)); port = srv.getsockname()[1]
t = threading.Thread(target=lambda: (lambda c: (c.sendall(c.recv(100)[::-1]), c.close()))(srv.accept()[0])); t.start()
c = socket.create_connection(("127.0.0.1", port)); c.sendall(b"hello"); print(c.recv(100)); t.join()
db = sqlite3.connect(":memory:"); db.execute("create table t(a, b)"); db.executemany("insert into t values (?, ?)", [(i, i * 0.5) for i in range(1000)])
print(db.execute("select count(*), sum(b), max(a) from t where a % 7 = 3").fetchone())
libc = ctypes.CDLL(None); cmp = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
arr = (ctypes.c_int * 6)(5, 2, 9, -1, 7, 0); libc.qsort(arr, 6, 4, cmp(lambda x, y: x[0] - y[0])); print(list(arr))
def sq(x): return x * x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as p: print(p.map(sq, range(10)))
    pid = os.fork()
    if not pid: os._exit(13)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); print(sys.byteorder, sys.maxsize, sys.float_info.epsilon)
    def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
    try: deep(10 ** 6)
    except RecursionError: print("recursion")
    sys.exit(6)
END
