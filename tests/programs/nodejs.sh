# SPDX-License-Identifier: MIT
# Node.js: the JIT warmed up, garbage, workers, promises, streams, crypto, WebAssembly.
# wants: usr/bin/node
# time: 300
cat >p.js <<'END'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
if (!isMainThread) { let t = 0; for (let i = 0; i < workerData; i++) t = (t * 31 + i) | 0; parentPort.postMessage(t); return; }
const crypto = require('crypto'), zlib = require('zlib'), net = require('net'), cp = require('child_process');
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } console.log(fib(25));
let x = 0; for (let i = 0; i < 3e6; i++) x = (x ^ (i * 2654435761)) >>> 1; console.log(x);
let f = 0; for (let i = 1; i < 1e6; i++) f += Math.sin(i) / i + Math.sqrt(i) % 1; console.log(f.toFixed(9));
class A { v() { return 1; } } class B extends A { v() { return 2; } } class C extends A { v() { return super.v() + 2; } }
let s = 0; const os = [new A(), new B(), new C()]; for (let i = 0; i < 500000; i++) s += os[i % 3].v(); console.log(s);
const m = new Map(); for (let i = 0; i < 200000; i++) { const k = 'k' + i % 1000; m.set(k, (m.get(k) || 0) + i); } console.log(m.size, m.get('k7'));
let keep = []; for (let i = 0; i < 300000; i++) { keep.push({ a: i, b: [i] }); if (keep.length > 1000) keep = []; } console.log(keep.length);
function deopt(o) { return o.p + 1; } let d = 0; for (let i = 0; i < 50000; i++) d += deopt({ p: i }); d += deopt({ q: 1, p: 1.5 }) + deopt({ p: 'z' }).length; console.log(d);
console.log(2n ** 200n, [3, 1, 2].sort(), JSON.stringify({ a: [1, null, 'é'], b: { c: 1e21 } }), 0.1 + 0.2, (255).toString(2), parseFloat('1e-7'), -0, NaN);
console.log('a1b22'.replace(/\d+/g, (n) => n * 2), /(?<y>\d{4})-(?<m>\d\d)/.exec('on 2024-05').groups.m, 'xyz'.padStart(5, '*'), [...'añ☺'].length);
console.log(crypto.createHash('sha256').update('x'.repeat(1e6)).digest('hex'), zlib.gunzipSync(zlib.gzipSync('y'.repeat(1e5))).length);
const fl = new Float64Array(1000).map((_, i) => i * 0.5), sum = fl.reduce((a, b) => a + b); console.log(sum, new Int32Array(fl.buffer.slice(0, 16)));
try { (function r() { r(); })(); } catch (e) { console.log(e instanceof RangeError); }
function* g() { let a = 0, b = 1; for (;;) { yield a; [a, b] = [b, a + b]; } } const it = g(); console.log(Array.from({ length: 10 }, () => it.next().value).join());
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
(async () => {
    console.log((await WebAssembly.instantiate(wasm)).instance.exports.add(40, 2));
    console.log(await Promise.all([1, 2, 3].map((i) => new Promise((r) => setTimeout(() => r(i * i), 10 * i)))));
    console.log(await Promise.all([1e6, 2e6].map((n) => new Promise((r, j) => new Worker(__filename, { workerData: n }).on('message', r).on('error', j)))));
    await new Promise((done) => { const srv = net.createServer((c) => c.on('data', (b) => c.end(b.toString().toUpperCase()))).listen(0, '127.0.0.1', () => { net.connect(srv.address().port, '127.0.0.1').on('data', (b) => console.log(b.toString())).on('close', () => { srv.close(); done(); }).write('hello'); }); });
    console.log(cp.execSync('echo child').toString().trim(), eval('1+1'), new Function('a', 'return a * 3')(5), process.arch.length > 2);
    process.on('SIGUSR2', () => { console.log('usr2'); process.exit(12); }); process.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 60000);
})();
END
exec node p.js
