#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs random arm64 sequences under two or more emulators and compares the results.

  run.py --gen PATH --harness PATH [--total N] [--length L] [--seed S] [--row GLOB]... EMULATOR EMULATOR...

An EMULATOR is a command in front of the harness, e.g. "qemu-aarch64 -cpu max" or "./moa". Each
difference is cut down to the first instruction of its sequence that shows it. Status 0: all agree
or are known (known.txt); 1: differences; 77: a tool is missing."""
import argparse
import collections
import fnmatch
import os
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def build_harness(path):
    cc = os.environ.get('CROSS_CC', 'aarch64-linux-gnu-gcc')
    if not shutil.which(cc):
        print(f'skipped: no {cc}')
        sys.exit(77)
    subprocess.run([cc, '-std=gnu17', '-static', '-nostdlib', '-nostartfiles', '-ffreestanding',
                    '-fno-pie', '-no-pie', '-O2', '-mgeneral-regs-only', '-o', path,
                    os.path.join(HERE, 'harness.c'), '-lgcc'], check=True)


def known_rules():
    rules = []
    with open(os.path.join(HERE, 'known.txt')) as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                rules.append(line.split(None, 2))
    return rules


class Runner:
    def __init__(self, args):
        self.args = args
        self.dir = tempfile.mkdtemp(prefix='moa-diff')
        self.harness = args.harness or os.path.join(self.dir, 'harness')
        if not args.harness:
            build_harness(self.harness)

    def run(self, data, text=False):
        """The output of every emulator; all run at the same time."""
        path = os.path.join(self.dir, 'input')
        with open(path, 'wb') as f:
            f.write(data)
        procs = []
        for i, emu in enumerate(self.args.emulators):
            out = open(os.path.join(self.dir, f'out{i}'), 'w+b')
            procs.append((out, subprocess.Popen(
                shlex.split(emu) + [self.harness] + (['text'] if text else []),
                stdin=open(path, 'rb'), stdout=out)))
        result = []
        for out, p in procs:
            status = p.wait()
            out.seek(0)
            result.append((status, out.read()))
            out.close()
        return result

    def generate(self, seed, count):
        cmd = [self.args.gen, '-s', str(seed), '-n', str(count), '-l', str(self.args.length)]
        for g in self.args.row:
            cmd += ['-r', g]
        for g in self.args.skip:
            cmd += ['-x', g]
        if self.args.all:
            cmd.append('-a')
        data = subprocess.run(cmd, check=True, stdout=subprocess.PIPE).stdout
        names = None
        if self.args.verbose:
            names = subprocess.run(cmd + ['-t'], check=True, stdout=subprocess.PIPE).stdout
        return data, names

    def shrink(self, seq):
        """Length of the shortest prefix that differs, and the two texts there."""
        seed, words = seq[0], seq[1]
        data = b''.join(struct.pack(f'<II{k}I', seed, k, *words[:k]) for k in range(1, len(words) + 1))
        outs = self.run(data)
        k = 1
        while k < len(words) and len({o[1][8 * k - 8:8 * k] for o in outs}) == 1:
            k += 1
        one = struct.pack(f'<II{k}I', seed, k, *words[:k])
        return k, self.run(one, text=True)


def split(data):
    seqs, at = [], 0
    while at < len(data):
        seed, n = struct.unpack_from('<II', data, at)
        seqs.append((seed, struct.unpack_from(f'<{n}I', data, at + 8)))
        at += 8 + 4 * n
    return seqs


def disassemble(words):
    objdump = shutil.which('aarch64-linux-gnu-objdump')
    if not objdump:
        return [f'{w:08x}' for w in words]
    with tempfile.NamedTemporaryFile() as f:
        f.write(struct.pack(f'<{len(words)}I', *words))
        f.flush()
        text = subprocess.run([objdump, '-b', 'binary', '-m', 'aarch64', '-M', 'no-aliases', '-D', f.name],
                              stdout=subprocess.PIPE, text=True).stdout
    lines = [x for x in text.splitlines() if ':\t' in x]
    return [' '.join(x.split('\t')[1:]) for x in lines]


def fields(text):
    d = collections.OrderedDict()
    for line in text.decode().splitlines():
        name, value = line.rsplit(' ', 1)
        d[name] = value
    return d


def row_name(gen, word):
    out = subprocess.run([gen, '-d', f'{word:#x}'], stdout=subprocess.PIPE, text=True).stdout
    return out.strip() or 'undefined'


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--gen', required=True)
    ap.add_argument('--harness')
    ap.add_argument('--total', type=int, default=100000)
    ap.add_argument('--batch', type=int, default=100000, help='instructions a run')
    ap.add_argument('--length', type=int, default=8)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--row', action='append', default=[])
    ap.add_argument('--skip', action='append', default=[])
    ap.add_argument('--all', action='store_true')
    ap.add_argument('--max-reports', type=int, default=40)
    ap.add_argument('--per-row', type=int, default=2)
    ap.add_argument('--verbose', action='store_true')
    ap.add_argument('emulators', nargs='+')
    args = ap.parse_args()
    for emu in args.emulators:
        if not shutil.which(shlex.split(emu)[0]):
            print(f'skipped: no {emu}')
            return 77
    r = Runner(args)
    rules = known_rules()
    done = differ = shrunk = known = 0
    by_row = collections.Counter()
    start = time.time()
    seed = args.seed
    while done < args.total:
        count = max(1, min(args.batch, args.total - done) // args.length)
        data, _ = r.generate(seed, count)
        seqs = split(data)
        outs = r.run(data)
        for (status, out), emu in zip(outs, args.emulators):
            if status or len(out) != 8 * count:
                at = len(out) // 8
                print(f'{emu}: seed {seed}: status {status} after {at} of {count} sequences')
                differ += 1
                lo = at - at % 8192 if at < count else 0
                bad = find_crash(r, args.emulators.index(emu), seqs[at - at % 128:])
                if bad:
                    print('  crashes on:\n   ', '\n    '.join(disassemble(bad[1])))
        base = outs[0][1]
        for i in range(count):
            ref = base[8 * i:8 * i + 8]
            if all(o[1][8 * i:8 * i + 8] in (ref, b'') for o in outs):
                continue
            if shrunk >= args.max_reports:
                differ += 1
                continue
            shrunk += 1
            k, texts = r.shrink(seqs[i])
            word = seqs[i][1][k - 1]
            name = row_name(args.gen, word)
            f = [fields(t[1]) for t in texts]
            keys = [x for x in dict.fromkeys(x for g in f for x in g)
                    if len({g.get(x) for g in f}) > 1]
            rule = next((x for x in rules if fnmatch.fnmatch(name, x[0]) and
                         all(fnmatch.fnmatch(x2, x[1]) for x2 in keys)), None)
            if rule:
                known += 1
                continue
            differ += 1
            by_row[name] += 1
            if by_row[name] > args.per_row:
                continue
            print(f'{name}: seed {seed} sequence {i} word {k}')
            for line in disassemble(seqs[i][1][max(0, k - 3):k]):
                print('   ', line)
            for x in keys[:8]:
                print(f'    {x:8}', '  '.join(g.get(x, '-') for g in f))
            sys.stdout.flush()
        done += count * args.length
        seed += 1
        print(f'{done} instructions, {differ} differ, {known} known, {time.time() - start:.0f} s')
        sys.stdout.flush()
    for name, n in by_row.most_common():
        print(f'  {name}: {n}')
    shutil.rmtree(r.dir)
    return 1 if differ else 0


def find_crash(r, which, seqs):
    """The first sequence on which this emulator alone does not end well."""
    saved = r.args.emulators
    r.args.emulators = [saved[which]]
    try:
        lo, hi = 0, len(seqs)
        def bad(n):
            data = b''.join(struct.pack(f'<II{len(w)}I', s, len(w), *w) for s, w in seqs[:n])
            status, out = r.run(data)[0]
            return status != 0 or len(out) != 8 * n
        if not bad(hi):
            return None
        while hi - lo > 1:
            mid = (lo + hi) // 2
            if bad(mid):
                hi = mid
            else:
                lo = mid
        return seqs[hi - 1]
    finally:
        r.args.emulators = saved


if __name__ == '__main__':
    sys.exit(main())
