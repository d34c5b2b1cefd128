#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots a real Linux (Debian's netboot kernel and initial file system, see scripts/netboot.sh) to a shell
on the serial console, types a few commands, and powers off; and firmware. Prints how long each step took.

  tests/machine/boot.py [--emulator moa | --emulator qemu-system-aarch64] [--smp N,N...] [--gic 2,3]
                        [--boot linux,virtio-blk,nvme,efi,efi-linux,u-boot] [--cpu MODEL] [--limit SECONDS] [--log FILE]
                        [-- further options]

--boot: linux directly; virtio-blk, nvme: with Debian's programs on a disk (scripts/machine-disk.sh); EDK2 (package qemu-efi-aarch64) to its shell, or with a kernel given by fw_cfg;
U-Boot (package u-boot-qemu) to its prompt.

The last line: N passed, N failed, N skipped."""
import argparse
import itertools
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

    def raw(self, data):
        self.process.stdin.write(data)
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


FIRMWARE = {"efi": "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", "efi-linux": "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
            "u-boot": "/usr/lib/u-boot/qemu_arm64/u-boot.bin"}


def efi_script(console):
    """EDK2's shell."""
    yield "EDK2", console.wait(rb"UEFI firmware|BdsDxe") is not None
    yield "its shell", console.wait(rb"Shell> ") is not None
    console.type("\rver\r")
    yield "a command", console.wait(rb"UEFI v2\.") is not None
    console.type("reset -s\r")
    yield "power off", console.end() == 0


def u_boot_script(console):
    """U-Boot's prompt."""
    yield "U-Boot", console.wait(rb"U-Boot 20") is not None
    yield "autoboot", console.wait(rb"Hit any key") is not None
    console.type("")
    yield "its prompt", console.wait(rb"(?m)^=> ") is not None
    console.type("printenv arch; md.l 40000000 1")
    yield "a command", console.wait(rb"arch=arm[\s\S]*40000000: edfe0dd0") is not None
    console.type("poweroff")
    yield "power off", console.end() == 0


def disk_script(console, device, zeros_md5):
    """Debian's programs on an ext4 file system; what is written comes back from the disk."""
    def run(line):
        console.type(line + '; echo e"n"d-$?')
        return console.wait(rb"(?m)^end-[0-9]+") or b""

    yield "shell", console.wait(PROMPT) is not None
    run("mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys; sh /m/load 2>/dev/null; sleep 1")
    yield f"mount /dev/{device}", b"end-0" in run(f"mount -t ext4 /dev/{device} /mnt")
    run("mount -t proc p /mnt/proc; mount --bind /dev /mnt/dev")
    yield "python3", b"499999500000" in run("chroot /mnt /usr/bin/python3 -c 'print(sum(range(10**6)))'")
    run("echo 'int puts(const char *); int main(void) { return puts(\"compiled\") < 0; }' >/mnt/tmp/h.c")
    yield "gcc", b"\ncompiled" in run("chroot /mnt /usr/bin/bash -c 'cd /tmp && gcc -O2 h.c -o h && ./h'")
    run("dd if=/dev/zero of=/mnt/tmp/zeros bs=1M count=32; sync; echo 3 >/proc/sys/vm/drop_caches")
    yield "write and read", zeros_md5 in run("md5sum /mnt/tmp/zeros")
    yield "unmount", b"end-0" in run("umount /mnt/dev; umount /mnt/proc; umount /mnt")
    console.type("poweroff -f")
    yield "power off", console.end() == 0


ZEROS_MD5 = b"58f06dd588d8ffb3beb46ada6309436b"  # of 32 MiB
DISKS = {"virtio-blk": ("vda", ["-device", "virtio-blk-device,drive=d"]),
         "nvme": ("nvme0n1", ["-device", "nvme,drive=d,serial=1"])}


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
    yield "checksum", ZEROS_MD5 in found
    console.raw(b"\x01c")
    yield "the monitor", console.wait(rb"\((moa|qemu)\) ") is not None
    console.type("info status")
    yield "info status", console.wait(rb"VM status: running") is not None
    console.type("stop")
    console.type("info status")
    yield "stop", console.wait(rb"VM status: paused") is not None
    console.type("cont")
    console.raw(b"\x01c")
    console.type("poweroff -f")
    yield "power off", console.end() == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--emulator", default=os.environ.get("MOA", "./moa"))
    p.add_argument("--smp", default="1")
    p.add_argument("--gic", default="2")
    p.add_argument("--boot", default="linux")
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
    passed = failed = skipped = 0
    for what, gic, smp in itertools.product(a.boot.split(","), a.gic.split(","), map(int, a.smp.split(","))):
        firmware = FIRMWARE.get(what)
        args = ["-M", f"virt,gic-version={gic}", "-cpu", a.cpu, "-smp", str(smp), "-m", "512", "-nographic", "-no-reboot"]
        if firmware and not os.path.exists(firmware):
            print(f"{what}: no {firmware}")
            skipped += 1
            continue
        if firmware:
            args += ["-bios", firmware]
        if what in DISKS:
            files = [os.path.join(cache, "netboot", f) for f in ("disk.gz", "debian.raw")]
            if not all(map(os.path.exists, files)):
                print(f"{what}: no {files[0]} (scripts/machine-disk.sh makes it)")
                skipped += 1
                continue
            args += ["-kernel", kernel, "-initrd", files[0], "-append", "console=ttyAMA0 rdinit=/bin/sh", "-drive",
                     f"file={files[1]},format=raw,if=none,id=d,snapshot=on"] + DISKS[what][1]
        if "linux" in what:
            args += ["-kernel", kernel, "-initrd", initrd, "-append", "console=ttyAMA0 rdinit=/bin/sh"]
        print(f"{os.path.basename(a.emulator)}, {what}, {smp} processors, GICv{gic}", flush=True)
        console = Console(command + args + a.more, a.limit, open(a.log, "ab") if a.log else None)
        steps = {"efi": efi_script, "u-boot": u_boot_script}.get(what)
        if what in DISKS:
            steps = disk_script(console, DISKS[what][0], ZEROS_MD5)
        else:
            steps = steps(console) if steps else script(console, smp, b"GICv3" if gic == "3" else b"GIC-0")
        for step, ok in steps:
            print(f"  {console.took():7.1f} s  {step}{'' if ok else ': FAILED'}", flush=True)
            passed, failed = passed + ok, failed + (not ok)
            if not ok:
                print("\n".join("    " + s for s in console.text[-2000:].decode(errors="replace").splitlines()))
                break
        console.process.kill()
        console.process.wait()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
