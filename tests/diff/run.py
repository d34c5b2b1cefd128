#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs random arm64 instruction sequences under two or more emulators and compares the results.

  run.py --gen PATH [--count N] [--seed S] [--row GLOB]... [--all] EMULATOR EMULATOR...

An EMULATOR is a command in front of the harness, e.g. "qemu-aarch64 -cpu max" or "./moa". Each
difference is cut down to the first instruction of its sequence that shows it; what known.txt
explains is replaced by a no-op and the rest of the sequence compared again. Status 0: all agree or
are known; 1: differences; 77: a tool is missing. The last line counts slots (sequences)."""
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
# layout.h
HEAD, SLOT, CODE_AT, SLOTS_AT = 16, 4096, 0x4000000, 0x10000000
X28, SP, FPCR, CODE, COUNT, NSIGS, V, SIGS, MAX_SIGS, BUF = 224, 248, 264, 280, 288, 296, 304, 816, 16, 1152
LITERALS = 16
NOP = 0xd503201f
SIGILL, WNR = 4, 0x40
ALWAYS_ILL = {'UDF', 'HLT', 'SYSL', 'HVC', 'SMC', 'ERET', 'ERETA'} # at EL0
AARCH32_FPCR, AARCH32_FPSR = 0x370000, 0xf0000000


def build_harness(path):
    cc = os.environ.get('CROSS_CC', 'aarch64-linux-gnu-gcc')
    if not shutil.which(cc):
        print(f'skipped: no {cc}')
        sys.exit(77)
    subprocess.run([cc, '-std=gnu17', '-static', '-nostdlib', '-nostartfiles', '-ffreestanding',
                    '-fno-pie', '-no-pie', '-O2', '-mgeneral-regs-only', '-o', path,
                    f'-I{HERE}/../..',
                    os.path.join(HERE, 'harness.c'), '-lgcc'], check=True)


class Slot:
    """One sequence: state before, literals and words."""

    def __init__(self, state, literals, words):
        self.state, self.literals, self.words = state, literals, words


class Batch:
    def __init__(self, slots, insns=0):
        self.slots, self.insns = slots, insns

    @staticmethod
    def parse(data):
        _, n, nwords, insns = struct.unpack_from('<4I', data)
        at = HEAD + n * SLOT
        slots = []
        for i in range(n):
            s = HEAD + i * SLOT
            code, _, = struct.unpack_from('<QQ', data, s + CODE)
            count, = struct.unpack_from('<Q', data, s + COUNT)
            first = (code - CODE_AT) // 4
            words = struct.unpack_from(f'<{LITERALS + count}I', data, at + 4 * (first - LITERALS))
            slots.append(Slot(data[s:s + SLOT], list(words[:LITERALS]), list(words[LITERALS:])))
        return Batch(slots, insns)

    def bytes(self):
        states, words = [], [NOP]
        for i, s in enumerate(self.slots):
            state = bytearray(s.state)
            old, = struct.unpack_from('<Q', state, X28)
            sp, = struct.unpack_from('<Q', state, SP)
            new = SLOTS_AT + i * SLOT
            struct.pack_into('<Q', state, X28, new)
            struct.pack_into('<Q', state, SP, sp - old + new)
            words += s.literals
            struct.pack_into('<QQ', state, CODE, CODE_AT + 4 * len(words), len(s.words))
            states.append(bytes(state))
            words += s.words
            words.append(0x14000000 | (-len(words) & 0x3ffffff))
        return (struct.pack('<4I', 0x46464944, len(states), len(words), self.insns) +
                b''.join(states) + struct.pack(f'<{len(words)}I', *words))


def signal(result, i, full):
    """sig, code, pc, ESR, address of signal i, with what is not compared left out: see normal."""
    sig, code, pc, esr, addr = struct.unpack_from('<BBHIQ', result, SIGS + 16 * i)
    esr &= ~WNR if full else 0
    if not full:
        if sig == SIGILL:
            code = 0
        if addr >> 47:
            addr, code = ~0 & (1 << 64) - 1, 0
    return sig, code, pc, esr, addr


def normal(result, full):
    """What is compared of a slot. Not: the harness's own words; with qemu (full False): the
    si_code of SIGILL, where Linux says ILL_ILLOPC and qemu ILL_ILLOPN, si_addr where it is not a
    user address (hosts do not tell it), ESR, which qemu 7.2 does not give, and bits of FPCR and FPSR
    that only AArch32 has (known.txt, MRS). Never: ESR.WnR, which for an atomic operation depends on
    whether the host reads first."""
    n = min(struct.unpack_from('<Q', result, NSIGS)[0], MAX_SIGS)
    sigs = b''
    for i in range(n):
        sigs += struct.pack('<BBHIQ', *signal(result, i, full))
    fpcr, fpsr = struct.unpack_from('<QQ', result, FPCR)
    if not full:
        fpcr &= ~AARCH32_FPCR
        fpsr &= ~AARCH32_FPSR
    return (result[:FPCR] + struct.pack('<QQ', fpcr, fpsr) + result[NSIGS:SIGS] + sigs + result[BUF:])


def fields(result, full):
    d = collections.OrderedDict()
    for i in range(31):
        d[f'x{i}'] = struct.unpack_from('<Q', result, 8 * i)[0]
    for i, name in enumerate(('sp', 'nzcv', 'fpcr', 'fpsr')):
        d[name] = struct.unpack_from('<Q', result, SP + 8 * i)[0]
    if not full:
        d['fpcr'] &= ~AARCH32_FPCR
        d['fpsr'] &= ~AARCH32_FPSR
    for i in range(32):
        lo, hi = struct.unpack_from('<QQ', result, V + 16 * i)
        d[f'v{i}'] = hi << 64 | lo
    n = struct.unpack_from('<Q', result, NSIGS)[0]
    d['signals'] = n
    for i in range(min(n, MAX_SIGS)):
        sig, code, pc, esr, addr = signal(result, i, full)
        d[f'signal{i}'] = f'{sig} code {code} addr {addr:#x} at +{pc:#x} esr {esr:#x}'
    for i in range(BUF, SLOT, 8):
        d[f'm{i - BUF}'] = struct.unpack_from('<Q', result, i)[0]
    return d


def excl_bytes(word):
    """Bytes that an exclusive load or store accesses."""
    return (8 << (word >> 30 & 1)) if word >> 21 & 1 else 1 << (word >> 30)


class Rule:
    """A line of known.txt: rows | registers | condition | reason."""

    def __init__(self, line):
        self.row, self.regs, self.cond, self.why = (x.strip() for x in line.split('|', 3))
        self.code = compile(self.cond, 'known.txt', 'eval')
        self.used = 0

    def fits(self, name, keys, env):
        return (any(fnmatch.fnmatch(name, r) for r in self.row.split()) and
                all(any(fnmatch.fnmatch(k, r) for r in self.regs.split()) for k in keys) and
                eval(self.code, {'__builtins__': {}}, env))


def known_rules():
    with open(os.path.join(HERE, 'known.txt')) as f:
        return [Rule(x) for x in f if x.strip() and not x.startswith('#')]


def disassemble(words):
    objdump = shutil.which('aarch64-linux-gnu-objdump')
    if not objdump:
        return [f'{w:08x}' for w in words]
    with tempfile.NamedTemporaryFile() as f:
        f.write(struct.pack(f'<{len(words)}I', *words))
        f.flush()
        text = subprocess.run([objdump, '-b', 'binary', '-m', 'aarch64', '-M', 'no-aliases', '-D',
                               f.name], stdout=subprocess.PIPE, text=True).stdout
    return [' '.join(x.split('\t')[1:]) for x in text.splitlines() if ':\t' in x]


class Runner:
    def __init__(self, args):
        self.args = args
        self.full = not any('qemu' in e for e in args.emulators)
        self.rules = known_rules()
        self.dir = tempfile.mkdtemp(prefix='moa-diff')
        self.harness = os.path.join(self.dir, 'harness')
        build_harness(self.harness)
        self.by_row = collections.Counter()
        self.known = self.differ = self.skipped = 0
        self.ran, self.tried = set(), set()

    def run(self, data, emulators=None):
        """Status and output of every emulator; all run at the same time."""
        path = os.path.join(self.dir, 'input')
        with open(path, 'wb') as f:
            f.write(data)
        procs = []
        for i, emu in enumerate(emulators or self.args.emulators):
            out = open(os.path.join(self.dir, f'out{i}'), 'w+b')
            procs.append((out, subprocess.Popen(['timeout', str(self.args.timeout)] + shlex.split(emu) + [self.harness],
                                                stdin=open(path, 'rb'), stdout=out)))
        result = []
        for out, p in procs:
            status = p.wait()
            out.seek(0)
            result.append((status, out.read()))
            out.close()
        return result

    def generate(self, seed, count):
        cmd = [self.args.gen, '-s', str(seed), '-n', str(count)]
        if self.args.length:
            cmd += ['-l', str(self.args.length)]
        for g in self.args.row:
            cmd += ['-r', g]
        for g in self.args.skip:
            cmd += ['-x', g]
        cmd += ['-a'] if self.args.all else []
        cmd += ['-u'] if self.args.unallocated else []
        return subprocess.run(cmd, check=True, stdout=subprocess.PIPE).stdout

    def row_names(self, words):
        names = []
        for i in range(0, len(words), 1000):
            names += subprocess.run([self.args.gen, '-d'] + [f'{w:#x}' for w in words[i:i + 1000]],
                                    stdout=subprocess.PIPE, text=True).stdout.split()
        return names

    def differing(self, outs, slots):
        """Indices of slots whose results are not the same everywhere."""
        if all(o == outs[0] for o in outs):
            return []
        bad = []
        for i in range(len(slots)):
            parts = [o[i * SLOT:i * SLOT + SLOT] for o in outs]
            if any(p != parts[0] for p in parts):
                parts = [normal(p, self.full) for p in parts]
                if any(p != parts[0] for p in parts):
                    bad.append(i)
        return bad

    def crashed(self, status, out, emu, slots, seed):
        """One emulator did not come to the end: halve until one sequence is left."""
        print(f'{emu}: seed {seed}: status {status}, {len(out)} bytes of {SLOT * len(slots)}')
        lo, hi = 0, len(slots)
        while hi - lo > 1:
            mid = (lo + hi) // 2
            st, o = self.run(Batch(slots[lo:mid]).bytes(), [emu])[0]
            if st or len(o) != (mid - lo) * SLOT:
                hi = mid
            else:
                lo = mid
        print('  ends at\n   ', '\n    '.join(disassemble(slots[lo].words)))
        self.differ += 1

    def note_rows(self, batch, out):
        """Rows that ran here without SIGILL, and all that were tried."""
        words, ill = set(), set()
        for i, s in enumerate(batch.slots):
            n, = struct.unpack_from('<Q', out, i * SLOT + NSIGS)
            if n > MAX_SIGS: # not all are known
                continue
            words.update(s.words)
            for k in range(n):
                sig, _, pc, _, _ = signal(out[i * SLOT:i * SLOT + SLOT], k, True)
                if sig == SIGILL and pc < 4 * len(s.words):
                    ill.add(s.words[pc // 4])
        self.tried.update(self.row_names(sorted(words)))
        self.ran.update(self.row_names(sorted(words - ill)))

    def shrink(self, slots, seed):
        """Sorts out differing sequences, round by round, until none is left."""
        first_round = True
        while slots:
            tries, where = [], []
            for s in slots:
                where.append(len(tries))
                tries += [Slot(s.state, s.literals, s.words[:k] + [NOP, NOP])
                          for k in range(1, len(s.words) + 1) if s.words[k - 1] != NOP]
            outs = [b''] * len(self.args.emulators)
            part = 8000
            for at in range(0, len(tries), part):
                for i, (_, o) in enumerate(self.run(Batch(tries[at:at + part]).bytes())):
                    outs[i] += o
            if any(len(o) != len(tries) * SLOT for o in outs):
                print(f'seed {seed}: an emulator crashed while differences were cut down')
                self.differ += 1
                return
            bad = self.differing(outs, tries)
            again, found = [], []
            for i, s in enumerate(slots):
                end = where[i + 1] if i + 1 < len(slots) else len(tries)
                first = next((b for b in bad if where[i] <= b < end), None)
                if first is not None:
                    found.append((s, first))
                elif first_round: # later, it went away with the no-ops
                    print(f'seed {seed}: a difference that does not come again')
                    self.differ += 1
            names = self.row_names([tries[b].words[-3] for _, b in found])
            for (s, b), name in zip(found, names):
                if self.judge(s, tries[b], name, [o[b * SLOT:b * SLOT + SLOT] for o in outs], seed,
                              len(tries[b].words) - 2):
                    k = len(tries[b].words) - 3
                    again.append(Slot(s.state, s.literals, s.words[:k] + [NOP] + s.words[k + 1:]))
            slots, first_round = again, False

    def judge(self, slot, tried, name, parts, seed, k):
        word = tried.words[-3]
        f = [fields(p, self.full) for p in parts]
        keys = [x for x in dict.fromkeys(x for g in f for x in g) if len({g.get(x) for g in f}) > 1]
        here = [[g[f'signal{i}'].split() for i in range(min(g['signals'], MAX_SIGS))
                 if f'at +{4 * (k - 1):#x} ' in g[f'signal{i}']] for g in f]
        env = {'word': word, 'size': 1 << (word >> 30), 'a': f[0], 'b': f[-1],
               'signals': [[int(s[0]) for s in h] for h in (here[0], here[-1])],
               'loaded': next((excl_bytes(w) for w in reversed(tried.words[:-3])
                               if w & 0x3fc00000 == 0x08400000), 0), 'stored': excl_bytes(word),
               'addr': next((int(s[4], 16) for h in (here[0], here[-1]) for s in h if s[0] == '7'), 0)}
        # rules are about qemu, the first, against all others
        alike = len({normal(p, True) for p in parts[1:]}) == 1
        rule = next((r for r in self.rules if alike and r.fits(name, keys, env)), None)
        if rule:
            rule.used += 1
            self.known += 1
            return True
        self.differ += 1
        self.by_row[name] += 1
        if self.by_row[name] <= self.args.per_row:
            print(f'{name}: seed {seed} word {k}')
            for line in disassemble(tried.words[max(0, k - 3):k]):
                print('   ', line)
            print(f'    fpcr     {f[0]["fpcr"]:#x}')
            for x in keys[:8]:
                print(f'    {x:8}', '  '.join(f'{v:x}' if isinstance(v := g.get(x, '-'), int) else v
                                              for g in f))
            sys.stdout.flush()
        return False


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--gen', required=True)
    ap.add_argument('--count', type=int, default=100000, help='instructions')
    ap.add_argument('--batch', type=int, default=100000, help='instructions a run')
    ap.add_argument('--length', type=int, default=0)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--row', action='append', default=[])
    ap.add_argument('--skip', action='append', default=[])
    ap.add_argument('--all', action='store_true')
    ap.add_argument('--unallocated', action='store_true')
    ap.add_argument('--max-reports', type=int, default=4000, help='sequences looked into a run')
    ap.add_argument('--per-row', type=int, default=2)
    ap.add_argument('--seconds', type=float, default=0, help='stop after this time')
    ap.add_argument('--timeout', type=int, default=600, help='seconds a run')
    ap.add_argument('--rows', metavar='FILE', help='write the names of rows that ran, one a line')
    ap.add_argument('--quiet', action='store_true')
    ap.add_argument('emulators', nargs='+')
    args = ap.parse_args()
    for emu in args.emulators:
        if not shutil.which(shlex.split(emu)[0]):
            print(f'skipped: no {emu}')
            return 77
    r = Runner(args)
    done = nslots = 0
    start = time.time()
    seed = args.seed
    while done < args.count and not (args.seconds and time.time() - start > args.seconds):
        data = r.generate(seed, min(args.batch, args.count - done))
        _, n, _, insns = struct.unpack_from('<4I', data)
        results = r.run(data)
        outs = [o for _, o in results]
        if any(st or len(o) != n * SLOT for st, o in results):
            batch = Batch.parse(data)
            for (st, o), emu in zip(results, args.emulators):
                if st or len(o) != n * SLOT:
                    r.crashed(st, o, emu, batch.slots, seed)
        else:
            if args.rows:
                r.note_rows(Batch.parse(data), outs[-1])
            bad = r.differing(outs, range(n))
            if bad:
                batch = Batch.parse(data)
                r.skipped += max(0, len(bad) - args.max_reports)
                r.shrink([batch.slots[i] for i in bad[:args.max_reports]], seed)
        done += insns
        nslots += n
        seed += 1
        if not args.quiet:
            print(f'{done} instructions, {r.differ} differ, {r.known} known, {r.skipped} not looked into, '
                  f'{time.time() - start:.0f} s')
            sys.stdout.flush()
    for name, n in r.by_row.most_common():
        print(f'  {name}: {n}')
    for rule in r.rules:
        if rule.used:
            print(f'  known: {rule.used} {rule.row} {rule.cond}')
    shutil.rmtree(r.dir)
    if args.rows:
        with open(args.rows, 'a') as f:
            f.writelines(x + '\n' for x in sorted(r.ran | (r.tried & ALWAYS_ILL)))
    print(f'{done} instructions, seeds {args.seed} to {seed - 1}, {time.time() - start:.0f} s: '
          f'{", ".join(args.emulators)}')
    bad = r.differ + r.skipped
    print(f'{nslots - bad} passed, {bad} failed, 0 skipped')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
