#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machines that are saved at some moment and restored in a new process: what both print together must be what
an undisturbed one prints.

  tests/machine/snapshot.py WORK.bin [--moa PROGRAM]             a small program on the bare board (make check)
  tests/machine/snapshot.py --linux N [--smp N,N...] [--seed N]  N moments of the boot of a real Linux (see
                                                                 scripts/netboot.sh), each resumed to the marker

The last line: N passed, N failed, N skipped."""
import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

LIMIT = 120
FORGED = 6


class Ended(Exception):
    """The machine has ended."""


class Machine:
    """A running moa with its serial port in a file and a monitor on a socket."""
    number = 0

    def __init__(self, args, wait=True):
        Machine.number += 1
        self.base = os.path.join(os.getcwd(), f"m{Machine.number}")
        self.serial = self.base + ".serial"
        monitor = self.base + ".monitor"
        self.errors = open(self.base + ".err", "w+b")
        self.process = subprocess.Popen(MOA + args + ["-display", "none", "-serial", "file:" + self.serial, "-monitor",
                                                      f"unix:{monitor},server,nowait"],
                                        stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        self.monitor = None
        if wait:
            self.connect(monitor)

    def connect(self, path):
        end = time.monotonic() + LIMIT
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.settimeout(LIMIT)
        while True:
            try:
                self.monitor.connect(path)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Ended(self.said())
                time.sleep(0.005)
        self.prompt()

    def prompt(self):
        text = b""
        while not text.rstrip(b" ").endswith(b"(moa)"):
            try:
                data = self.monitor.recv(65536)
            except OSError:
                data = b""
            if not data:
                raise Ended(text.decode(errors="replace"))
            text += data
        return text.decode(errors="replace")

    def do(self, line):
        """What a command of the monitor says."""
        try:
            self.monitor.sendall(line.encode() + b"\n")
        except OSError:
            raise Ended("")
        text = self.prompt().replace("\r", "")
        return text.split("\n", 1)[1].rsplit("(moa)", 1)[0].strip()

    def out(self):
        with open(self.serial, "rb") as f:
            return f.read()

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def end(self):
        """Exit status."""
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        if self.monitor:
            self.monitor.close()

    def migrated(self):
        """Waits until the machine has been sent; what became of it."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            text = self.do("info migrate")
            status = re.search(r"[Ss]tatus:? (\w+)", text)
            if status and status.group(1) in ("completed", "failed", "cancelled"):
                return status.group(1) + " " + text
            time.sleep(0.01)
        return "late"


class Results:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, what, ok, more=""):
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        if not ok:
            print(f"FAIL: {what}", flush=True)
            print("\n".join("    " + s for s in str(more)[-1500:].splitlines()), flush=True)
        return ok


def image(name, size="64M"):
    subprocess.run(IMG + ["create", "-q", "-f", "qcow2", name, size], check=True)


def checked(name):
    return subprocess.run(IMG + ["check", "-q", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def undisturbed(args):
    m = Machine(args, wait=False)
    status = m.end()
    return m.out() if status == 0 else None


def refused(r, what, args, word):
    """It ends by itself with one line that has the word."""
    m = Machine(args, wait=False)
    status = m.end()
    said = m.said()
    r.check(what, status == 1 and said.count("\n") == 1 and word in said, f"status {status}: {said}")


def run_for_a_while(m, rnd):
    m.do("cont")
    time.sleep(rnd.uniform(0.001, 0.012))
    m.do("stop")


def resumed(r, what, before, args, want):
    m = Machine(args, wait=False)
    status = m.end()
    r.check(what, status == 0 and before + m.out() == want,
            f"status {status}, {m.said()}, {before.count(10)} lines before and {m.out().count(10)} after of {want.count(10)}")


def moments(r, name, base, want, rnd, n):
    """savevm at n moments, and on to the end; then loadvm of each."""
    image("d.qcow2")
    args = base + ["-drive", "file=d.qcow2,if=none,id=d"]
    m = Machine(args + ["-S"])
    before = []
    try:
        for i in range(n):
            run_for_a_while(m, rnd)
            at = m.out()
            said = m.do(f"savevm s{i}")
            if r.check(f"{name}: savevm", said == "", said):
                before.append(at)
        listed = m.do("info snapshots")
        r.check(f"{name}: info snapshots", all(re.search(rf"\bs{i}\b", listed) for i in range(len(before))), listed)
        if before:  # back to the first, and on from there
            m.do("loadvm s0")
            with open(m.serial, "r+b") as f:
                f.truncate(0)
        m.do("cont")
    except Ended:
        pass
    status = m.end()
    if before:
        r.check(f"{name}: loadvm and on", status == 0 and before[0] + m.out().lstrip(b"\0") == want, m.said())
    r.check(f"{name}: at least one moment", before)
    for i, at in enumerate(before):
        resumed(r, f"{name}: -loadvm s{i}", at, args + ["-loadvm", f"s{i}"], want)
    r.check(f"{name}: image", checked("d.qcow2"))
    return args


def streams(r, name, base, want, rnd):
    """A running machine is sent to a file, through a program, and to another process."""
    for kind in "file", "exec", "unix", "tcp":
        args = base + ["-drive", "file=d.qcow2,if=none,id=d"]
        uri = incoming = {"file": "file:stream", "exec": "exec:cat >stream", "unix": "unix:socket"}.get(kind)
        other = None
        if kind == "exec":
            incoming = "exec:cat stream"
        if kind == "tcp":
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                uri = incoming = f"tcp:127.0.0.1:{s.getsockname()[1]}"
        m = Machine(args + ["-S"])
        try:
            run_for_a_while(m, rnd)
            if kind in ("unix", "tcp"):
                other = Machine(args + ["-incoming", incoming])
            m.do("cont")
            m.do("migrate -d " + uri)
            said = m.migrated()
            r.check(f"{name}: migrate {kind}", said.startswith("completed"), said)
            before = m.out()
            status = m.do("info status")
            r.check(f"{name}: {kind}: it stands", "postmigrate" in status or "paused" in status, status)
        except Ended as e:
            r.check(f"{name}: migrate {kind}", False, f"it has ended: {e} {m.said()}")
            m.kill()
            continue
        if other:
            status = other.end()
            r.check(f"{name}: {kind}: goes on there", status == 0 and before + other.out() == want,
                    f"status {status} {other.said()}")
        else:
            resumed(r, f"{name}: -incoming {kind}", before, args + ["-incoming", incoming], want)
        r.check(f"{name}: {kind}: stands still", m.out() == before)
        m.kill()


def take_back(r, base, want, rnd):
    """The other side refuses or is not there: the machine runs on. After a migration cont takes it back."""
    args = base + ["-drive", "file=d.qcow2,if=none,id=d"]
    m = Machine(args + ["-S"])
    m.do("migrate -d unix:nobody")
    r.check("nobody listens", m.migrated().startswith("failed"))
    image("other.qcow2")
    smp = args.index("-smp") + 1
    other = Machine(args[:smp] + ["1"] + args[smp + 1:-1] + ["file=other.qcow2,if=none,id=d", "-incoming", "unix:socket"])
    m.do("migrate -d unix:socket")
    said = m.migrated()
    r.check("refused by the other side", said.startswith("failed") and "another machine" in said, said)
    r.check("the other side ends", other.end() == 1 and other.said().count("\n") == 1, other.said())
    run_for_a_while(m, rnd)
    m.do("migrate -d file:stream")
    r.check("migrate after that", m.migrated().startswith("completed"))
    m.do("cont")
    r.check("cont after migrate", m.end() == 0 and m.out() == want, m.said())


def hostile(r, base, args, want, rnd, n):
    """Streams that are cut, changed, or of another machine."""
    data = open("stream", "rb").read()
    for i in range(n):
        cut = rnd.choice([0, 7, 8, 15, 16, 39, 40, len(data) - 1, rnd.randrange(len(data))])
        with open("bad", "wb") as f:
            f.write(data[:cut])
        refused(r, f"cut at {cut}", base + ["-drive", "file=d.qcow2,if=none,id=d", "-incoming", "file:bad"],
                "it ends too early")
        at = rnd.randrange(len(data))
        with open("bad", "wb") as f:
            f.write(data[:at] + bytes([data[at] ^ (1 << rnd.randrange(8))]) + data[at + 1:])
        refused(r, f"a bit changed at {at}", base + ["-drive", "file=d.qcow2,if=none,id=d", "-incoming", "file:bad"],
                "-incoming file:bad: it ")
    drive = ["-drive", "file=d.qcow2,if=none,id=d"]
    for what, change in (("memory", ["-m", "96"]), ("processors", ["-smp", "1"]), ("model", ["-cpu", "cortex-a53"]),
                         ("devices", ["-device", "virtio-rng-device"]), ("GIC", ["-M", "virt,gic-version=3"])):
        refused(r, f"another machine: {what}", base + change + drive + ["-incoming", "file:stream"], "another machine")
    refused(r, "no such snapshot", args + ["-loadvm", "nothing"], "no snapshot 'nothing'")
    refused(r, "no such file", base + ["-incoming", "file:nothing"], "No such file")
    # A snapshot whose state is damaged: loadvm says so, and the machine goes on as if nothing had been.
    data = bytearray(open("d.qcow2", "rb").read())
    places = [m.start() for m in re.finditer(b"MOASTATE", data)]
    r.check("states in the image", places)
    for at in places:
        data[at + 100 + rnd.randrange(2000)] ^= 0x10
    with open("damaged.qcow2", "wb") as f:
        f.write(data)
    m = Machine(base + ["-drive", "file=damaged.qcow2,if=none,id=d", "-S"])
    run_for_a_while(m, rnd)
    said = m.do("loadvm s0")
    r.check("loadvm of a damaged state", said.startswith("Error") and said.count("\n") == 0, said)
    said = m.do("loadvm nothing")
    r.check("loadvm of nothing", said.startswith("Error") and "nothing" in said, said)
    r.check("delvm", m.do("delvm s0") == "" and m.do("loadvm s0").startswith("Error"))
    m.do("cont")
    r.check("on after damaged states", m.end() == 0 and m.out() == want, m.said())
    raw = "raw.img"
    with open(raw, "wb") as f:
        f.truncate(1 << 20)
    m = Machine(base + ["-drive", f"file={raw},format=raw,if=none,id=r", "-S"])
    said = m.do("savevm x")
    r.check("savevm without qcow2", said.startswith("Error") and "raw" in said, said)
    m.kill()


KINDS = {3: "devices", 4: "board", 5: "processor", 6: "time"}


def checksum(kind, payload):
    """As machines/state_form.h."""
    def step(h, word):
        h = ((h ^ word) * 0x9e3779b97f4a7c15) & 0xffffffffffffffff
        return h ^ h >> 29
    h = step(kind, len(payload))
    for i in range(0, len(payload), 8):
        h = step(h, int.from_bytes(payload[i:i + 8], "little"))
    return h


def sections(data):
    """Where they are: (kind, start, length of the payload)."""
    at = 16
    while at < len(data):
        kind, length = int.from_bytes(data[at + 4:at + 8], "little"), int.from_bytes(data[at + 8:at + 16], "little")
        yield kind, at, length
        at += 24 + length


def forged(r, base, rnd, n):
    """Streams that somebody has changed on purpose, with right checksums: refused with one line, or a state that
    is as good as any. moa never crashes."""
    data = open("stream", "rb").read()
    places = [x for x in sections(data) if x[0] in KINDS]
    r.check("checksums", all(checksum(k, data[at + 24:at + 24 + length]) == int.from_bytes(data[at + 16:at + 24], "little")
                             for k, at, length in places))
    for i in range(n):
        kind, at, length = rnd.choice(places)
        bad = bytearray(data)
        for _ in range(rnd.choice([1, 1, 1, 3, 30])):
            k = at + 24 + rnd.randrange(length)
            bad[k] = rnd.choice([bad[k] ^ (1 << rnd.randrange(8)), 0xff, 0, rnd.randrange(256)])
        bad[at + 16:at + 24] = checksum(kind, bytes(bad[at + 24:at + 24 + length])).to_bytes(8, "little")
        with open("bad", "wb") as f:
            f.write(bad)
        m = Machine(base + ["-drive", "file=d.qcow2,if=none,id=d", "-incoming", "file:bad"], wait=False)
        try:
            status = m.process.wait(0.3)
        except subprocess.TimeoutExpired:
            m.process.terminate()
            status = m.end()
        r.check(f"forged {KINDS[kind]}, {i}", status in (0, 1) and m.said().count("\n") <= 1,
                f"status {status}: {m.said()}")
        m.kill()


def short(program, r):
    rnd = random.Random(1)
    for backend, n, more in (("native", 4, []), ("interp", 1, []), ("native", 2, ["-icount", "shift=3,sleep=off"])):
        base = ["-accel", f"tcg,backend={backend}", "-M", "virt", "-smp", "2", "-m", "64", "-kernel", program] + more
        want = undisturbed(base)
        name = " ".join([backend] + more)
        if not r.check(f"{name}: undisturbed", want and want.endswith(b"MARKER\n")):
            return
        args = moments(r, name, base, want, rnd, n)
        if backend == "native" and not more:
            streams(r, backend, base, want, rnd)
            take_back(r, base, want, rnd)
            hostile(r, base, args, want, rnd, 4)
            forged(r, base, rnd, FORGED)


LINUX = ("mount -t proc proc /proc; i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; echo RESULT loop $i; "
         "for f in /bin/* /sbin/* /lib/*.so* /lib/*/*.so*; do md5sum $f; done | md5sum; "
         "dd if=/dev/zero bs=1M count=16 2>/dev/null | sha256sum; "
         "for i in 1 2 3 4; do (cat /bin/busybox /proc/version; echo $i) | md5sum > /tmp.$i & done; wait; cat /tmp.*; "
         "grep -c ^processor /proc/cpuinfo; echo MAR''KER; poweroff -f")


def results(out):
    """What the programs printed: lines that are not the kernel's."""
    text = out.decode(errors="replace").replace("\r", "")
    return [s for s in text.split("\n") if s and not re.match(r"\[ *[0-9]+\.[0-9]+\]", s)]


def linux(r, n, smps, seed):
    cache = os.environ.get("MOA_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "moa")
    kernel, initrd = (os.path.join(cache, "netboot", f) for f in ("linux", "initrd.gz"))
    if not (os.path.exists(kernel) and os.path.exists(initrd)):
        print(f"no {kernel} (scripts/netboot.sh fetches it)")
        r.skipped += 1
        return
    rnd = random.Random(seed)
    for smp in smps:
        gic = 2 if smp == 1 else 3
        base = ["-M", f"virt,gic-version={gic}", "-smp", str(smp), "-m", "384", "-kernel", kernel, "-initrd", initrd,
                "-append", f'console=ttyAMA0 rdinit=/bin/sh -- -c "{LINUX}"']
        start = time.monotonic()
        m = Machine(base, wait=False)
        status = m.end()
        took = time.monotonic() - start
        want = results(m.out())
        if not r.check(f"{smp} processors: undisturbed", status == 0 and "MARKER" in want, m.out()[-1500:]):
            continue
        print(f"{smp} processors, GICv{gic}: {took:.1f} s undisturbed; seed {seed}", flush=True)
        done = 0
        sent = 0
        for _ in range(2 * ((n + 9) // 10)):
            sent += sent < (n + 9) // 10 and boot_and_send(r, base, smp, took, want, rnd)
        r.check(f"{smp} processors: sent {sent} times", sent == (n + 9) // 10)
        while done < n:
            done += boot_and_save(r, base, smp, min(10, n - done), took, want, rnd)


def boot_and_save(r, base, smp, n, took, want, rnd):
    """One boot with n moments; how many there were."""
    image("l.qcow2")
    args = base + ["-drive", "file=l.qcow2,if=none,id=d"]
    m = Machine(args)
    saved = []
    for at in sorted(rnd.uniform(0, 0.95 * took) for _ in range(n)):
        try:
            # The machine's own time: what saving took does not count.
            while m.clock < at:
                time.sleep(min(at - m.clock, 0.05))
                m.clock += min(at - m.clock, 0.05)
            before = m.out()
            said = m.do(f"savevm s{len(saved)}")
        except Ended:
            break
        if not r.check("savevm", said == "", said):
            break
        saved.append((at, before))
    status = m.end()
    r.check(f"{smp} processors, after {len(saved)} times savevm", status == 0 and results(m.out()) == want, m.out()[-1500:])
    for i, (at, before) in enumerate(saved):
        start = time.monotonic()
        m = Machine(args + ["-loadvm", f"s{i}"], wait=False)
        status = m.end()
        got = results(m.out())
        ok = status == 0 and got and got == want[-len(got):] and got[-1] == want[-1]
        r.check(f"{smp} processors, saved at {at:.2f} s", ok, f"status {status} {m.said()} {m.out()[-1500:].decode(errors='replace')}")
        print(f"  saved at {at:5.2f} s of {took:.1f}, resumed to the marker in {time.monotonic() - start:.1f} s, "
              f"{'identical' if ok else 'NOT identical'}", flush=True)
    r.check("image", checked("l.qcow2"))
    return len(saved) or 1


def boot_and_send(r, base, smp, took, want, rnd):
    """One boot that moves to another process while it runs; False: it had ended already."""
    at = rnd.uniform(0.1, 0.9) * took
    m = Machine(base)
    other = Machine(base + ["-incoming", "unix:socket"])
    time.sleep(at)
    try:
        m.do("migrate -d unix:socket")
        said = m.migrated()
        r.check(f"{smp} processors: sent at {at:.2f} s", said.startswith("completed"), said)
        before = m.out()
        status = other.end()
        got = results(before + other.out())
        ok = r.check(f"{smp} processors: goes on there", status == 0 and got == want,
                     f"status {status} {other.said()} {other.out()[-1500:].decode(errors='replace')}")
        print(f"  sent at {at:5.2f} s, {'identical' if ok else 'NOT identical'}: " + " ".join(said.split()[1:]), flush=True)
    except Ended as e:
        there = m.process.wait(LIMIT) != 0 or results(m.out()) != want
        if there:
            r.check(f"{smp} processors: sent at {at:.2f} s", False, f"{e} {m.said()}")
    else:
        there = True
    m.kill()
    other.kill()
    return there


Machine.clock = 0.0


def main():
    global MOA, IMG, LIMIT, FORGED
    p = argparse.ArgumentParser()
    p.add_argument("program", nargs="?")
    p.add_argument("--moa", default=os.environ.get("MOA", "./moa"))
    p.add_argument("--linux", type=int)
    p.add_argument("--smp", default="1,2")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--forged", type=int, default=FORGED, help="how many forged streams (WORK.bin)")
    p.add_argument("--keep", action="store_true", help="leave the files")
    a = p.parse_args()
    moa = os.path.abspath(a.moa)
    MOA = [moa, "system"]
    IMG = [moa + "-img"]
    FORGED = a.forged
    if a.linux:
        LIMIT = 1800
    program = a.program and os.path.abspath(a.program)
    r = Results()
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    try:
        if a.linux:
            linux(r, a.linux, [int(n) for n in a.smp.split(",")], a.seed)
        else:
            short(program, r)
    finally:
        if a.keep:
            print(folder)
        else:
            os.chdir("/")
            shutil.rmtree(folder)
    print(f"{r.passed} passed, {r.failed} failed, {r.skipped} skipped")
    return 1 if r.failed else 0


if __name__ == "__main__":
    sys.exit(main())
