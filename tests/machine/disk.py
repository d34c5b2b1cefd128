#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Disks of a machine when the host has no room: the guest's Linux writes to an image that may not grow. The
machine stops (werror=stop, or enospc where a full file system can be had) and goes on when there is room again,
with nothing lost; or the guest gets its error (werror=report). Images are clean afterwards.

  tests/machine/disk.py [--emulator moa] [--img moa-img] [--log FILE]

The last line: N passed, N failed, N skipped."""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

from boot import PROMPT, Console

MIB = 1 << 20


class Full:
    """A folder in which files stay small: by a limit of the process, or a small file system."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        if kind == "tmpfs":
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], check=True,
                           stderr=subprocess.DEVNULL)

    def limit(self, pid):
        if self.kind == "limit":
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (12 * MIB, resource.RLIM_INFINITY))

    def make_room(self, pid):
        if self.kind == "limit":
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        else:
            subprocess.run(["mount", "-o", "remount,size=200m", self.folder], check=True)

    def end(self):
        if self.kind == "tmpfs":
            subprocess.run(["umount", self.folder], check=False)


def run(console, line):
    console.type(line + '; echo e"n"d-$?')
    return console.wait(rb"end-[0-9]+") or b""


def start(console, full):
    yield "shell", console.wait(PROMPT) is not None
    full.limit(console.process.pid)
    run(console, "mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys; sh /m/load 2>/dev/null; "
                 "while [ ! -b $0 ]; do sleep 1; done".replace("$0", "/dev/vda"))
    run(console, "i=0; while [ $i -lt 12 ]; do i=$((i+1)); echo $i; done >/n; "
                 "while [ $(wc -c </n) -lt 1000000 ]; do cat /n /n >/o; mv /o /n; done")
    run(console, "dd if=/n of=/p bs=1M count=1 conv=sync 2>/dev/null")


WRITE = "i=0; while [ $i -lt 24 ]; do dd if=/p of=/dev/vda bs=1M seek=$i conv=notrunc,fsync 2>/dev/null || break; " \
        "i=$((i+1)); done; [ $i = 24 ]"
COMPARE = "echo 3 >/proc/sys/vm/drop_caches; i=0; while [ $i -lt 24 ]; do dd if=/dev/vda bs=1M skip=$i count=1 " \
          "2>/dev/null | cmp - /p || break; i=$((i+1)); done; [ $i = 24 ]"


def stops(console, full):
    """The machine waits, and goes on."""
    yield from start(console, full)
    console.type(WRITE + '; echo e"n"d-$?')
    yield "one line, and it stops", console.wait(rb"moa: .*the machine is stopped") is not None
    console.raw(b"\x01c")
    yield "the monitor", console.wait(rb"\(moa\) ") is not None
    console.type("info status")
    yield "it is paused", console.wait(rb"VM status: paused \(io-error\)") is not None
    full.make_room(console.process.pid)
    console.type("cont")
    console.raw(b"\x01c")
    yield "the write ends", b"end-0" in (console.wait(rb"end-[0-9]+") or b"")
    yield "nothing is lost", b"end-0" in run(console, COMPARE)
    console.type("poweroff -f")
    yield "power off", console.end() == 0


def reports(console, full):
    """The guest gets an error, and the machine runs."""
    yield from start(console, full)
    console.type(WRITE + '; echo e"n"d-$?')
    yield "one line", console.wait(rb"moa: .*write at \d+: ") is not None
    yield "the guest's error", b"end-1" in (console.wait(rb"end-[0-9]+") or b"")
    full.make_room(console.process.pid)
    yield "with room it works", b"end-0" in run(console, WRITE)
    yield "nothing is lost", b"end-0" in run(console, COMPARE)
    console.type("poweroff -f")
    yield "power off", console.end() == 0


CASES = [("qcow2", "limit", "stop", stops), ("raw", "limit", "stop", stops), ("qcow2", "limit", "report", reports),
         ("qcow2", "tmpfs", "enospc", stops)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--emulator", default=os.environ.get("MOA", "./moa"))
    p.add_argument("--img", default=os.environ.get("MOA_IMG", "./moa-img"))
    p.add_argument("--limit", type=float, default=90)
    p.add_argument("--log")
    a = p.parse_args()
    cache = os.environ.get("MOA_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "moa")
    kernel, initrd = (os.path.join(cache, "netboot", f) for f in ("linux", "disk.gz"))
    if not (os.path.exists(kernel) and os.path.exists(initrd)):
        print(f"no {initrd} (scripts/machine-disk.sh makes it)\n0 passed, 0 failed, 1 skipped")
        return 77
    passed = failed = skipped = 0
    for form, kind, policy, steps in CASES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                full = Full(kind, folder)
            except (subprocess.CalledProcessError, OSError):
                print(f"{form}, {kind}: a file system cannot be mounted here")
                skipped += 1
                continue
            image = os.path.join(folder, "disk")
            subprocess.run([a.img, "create", "-q", "-f", form, image, "64M"] if form == "qcow2" else
                           ["truncate", "-s", "64M", image], check=True)
            print(f"{form}, {kind}, werror={policy}", flush=True)
            console = Console([a.emulator, "system", "-M", "virt", "-cpu", "cortex-a57", "-m", "512", "-nographic", "-no-reboot",
                               "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyAMA0 rdinit=/bin/sh",
                               "-drive", f"file={image},format={form},if=none,id=d,werror={policy}",
                               "-device", "virtio-blk-device,drive=d"],
                              a.limit, open(a.log, "ab") if a.log else None)
            for step, ok in steps(console, full):
                print(f"  {console.took():7.1f} s  {step}{'' if ok else ': FAILED'}", flush=True)
                passed, failed = passed + ok, failed + (not ok)
                if not ok:
                    print("\n".join("    " + s for s in console.text[-1500:].decode(errors="replace").splitlines()))
                    break
            console.process.kill()
            console.process.wait()
            if form == "qcow2":
                ok = subprocess.run([a.img, "check", "-q", image], check=False).returncode == 0
                print(f"  the image is clean{'' if ok else ': FAILED'}")
                passed, failed = passed + ok, failed + (not ok)
            full.end()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
