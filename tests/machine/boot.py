#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots a real Linux (Debian's netboot kernel and initial file system, see scripts/netboot.sh) to a shell
on the serial console, types a few commands, and powers off. Prints how long each step took.

  tests/machine/boot.py [--emulator moa | --emulator qemu-system-aarch64] [--smp N,N...] [--gic 2,3]
                        [--cpu MODEL] [--limit SECONDS] [--log FILE] [-- further options]

The last line: N passed, N failed, N skipped."""
import argparse
import os
import re
import select
import subprocess
import sys
import time


class Console:
    """A machine's serial port on standard input and output."""

    def __init__(self, command, limit, log):
        self.start = time.monotonic()
        self.deadline = self.start + limit
        self.text = b""
        self.seen = 0
        self.log = log
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def read(self):
        """More output; False at its end or when time is up."""
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
            return False
        data = os.read(self.process.stdout.fileno(), 65536)
        self.text += data
        if self.log:
            self.log.write(data)
            self.log.flush()
        return bool(data)

    def wait(self, pattern):
        """Output up to a pattern (bytes, a regular expression); None: it did not come."""
        while True:
            match = re.compile(pattern).search(self.text, self.seen)
            if match:
                found = self.text[self.seen:match.end()]
                self.seen = match.end()
                return found
            if not self.read():
                return None

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        """Exit status once the emulator has ended; None: it did not."""
        while self.read():
            pass
        try:
            return self.process.wait(max(1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.process.kill()

    def took(self):
        return time.monotonic() - self.start


PROMPT = rb"(?m)^(~|/) # "


def script(console, smp, want_irq):
    """The steps; yields (what, ok)."""
    yield "kernel starts", console.wait(rb"Linux version [0-9.]+") is not None
    yield "shell", console.wait(PROMPT) is not None
    console.type("mount -t proc proc /proc; mount -t devtmpfs dev /dev; echo m$((6 * 7))k")
    yield "a command", console.wait(rb"(?m)^m42k") is not None
    console.type("grep -c ^processor /proc/cpuinfo; echo cpus-$?")
    found = console.wait(rb"cpus-[0-9]") or b""
    yield f"{smp} processors", re.search(rb"(?m)^%d\r?$" % smp, found) is not None
    console.type("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo sum-$i; cat /proc/interrupts; echo end-irq")
    found = console.wait(rb"(?m)^end-irq") or b""
    yield "a loop", b"sum-20000" in found
    yield "interrupt controller", want_irq in found
    console.type("dd if=/dev/zero bs=1M count=32 2>/dev/null | md5sum; echo end-md5")
    found = console.wait(rb"(?m)^end-md5") or b""
    yield "checksum", b"58f06dd588d8ffb3beb46ada6309436b" in found
    console.type("poweroff -f")
    yield "power off", console.end() == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--emulator", default=os.environ.get("MOA", "./moa"))
    p.add_argument("--smp", default="1")
    p.add_argument("--gic", default="2")
    p.add_argument("--cpu", default="cortex-a57")
    p.add_argument("--limit", type=float, default=900)
    p.add_argument("--log")
    p.add_argument("more", nargs="*")
    a = p.parse_args()
    cache = os.environ.get("MOA_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "moa")
    kernel, initrd = (os.path.join(cache, "netboot", f) for f in ("linux", "initrd.gz"))
    if not (os.path.exists(kernel) and os.path.exists(initrd)):
        print(f"no {kernel} (scripts/netboot.sh fetches it)")
        print("0 passed, 0 failed, 1 skipped")
        return 77
    command = [a.emulator] + ([] if "system" in os.path.basename(a.emulator) else ["system"])
    passed = failed = 0
    for gic in a.gic.split(","):
        for smp in map(int, a.smp.split(",")):
            log = open(a.log, "ab") if a.log else None
            args = ["-M", f"virt,gic-version={gic}", "-cpu", a.cpu, "-smp", str(smp), "-m", "512", "-kernel",
                    kernel, "-initrd", initrd, "-nographic", "-no-reboot", "-append",
                    "console=ttyAMA0 rdinit=/bin/sh"]
            print(f"{os.path.basename(a.emulator)}, {smp} processors, GICv{gic}", flush=True)
            console = Console(command + args + a.more, a.limit, log)
            for what, ok in script(console, smp, b"GICv3" if gic == "3" else b"GIC-0"):
                print(f"  {console.took():7.1f} s  {what}{'' if ok else ': FAILED'}", flush=True)
                passed, failed = passed + ok, failed + (not ok)
                if not ok:
                    print("\n".join("    " + s for s in console.text[-2000:].decode(errors="replace").splitlines()))
                    break
            console.process.kill()
            console.process.wait()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
