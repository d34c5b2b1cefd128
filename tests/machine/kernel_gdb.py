#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/machine/kernel_gdb.py -- gdb-multiarch debugs Debian's netboot kernel by symbols. The kernel says itself where its
functions are (/proc/kallsyms, booted with nokaslr); an ELF file of nothing but these names is made from that. Then: breakpoints
and a hardware breakpoint by name, backtrace, a watchpoint on what a system call returns, system registers by name, physical memory, vcpus as
threads, stepping, commands of the human monitor, detaching.

  tests/machine/kernel_gdb.py [--emulator moa] [--limit SECONDS] [--log FILE]

The last line: N passed, N failed, N skipped."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boot import PROMPT, Console  # noqa: E402

NAMES = ("do_sys_openat2", "el0t_64_sync", "el0t_64_sync_handler", "el0_svc", "do_el0_svc", "invoke_syscall",
         "vfs_read", "ksys_read", "cpu_do_idle", "default_idle_call", "do_idle", "start_kernel",
         "__arm64_sys_openat", "el0_svc_common.constprop.0", "el0_svc_common", "ksys_write", "vfs_write",
         "__arm64_sys_sethostname")

GDB = """
set pagination off
set confirm off
set architecture aarch64
target remote {socket}
info threads
x/2i do_idle
break __arm64_sys_sethostname
monitor info status
printf "here1 %d\\n", 1
continue
backtrace 4
printf "el %d\\n", (int) ($cpsr >> 2 & 3)
printf "sctlr %d vbar %d midr %lx mpidr %lx\\n", (int) ($SCTLR_EL1 & 1), $VBAR_EL1 != 0, $MIDR_EL1, $MPIDR_EL1
printf "elr %d\\n", $ELR_EL1 < 0x1000000000000
info registers TTBR0_EL1 TCR_EL1 ESR_EL1
set $result = (unsigned long *) $x0
set $from = $pc
stepi
stepi
printf "stepped %d\\n", $pc == $from + 8
delete
rwatch *$result
continue
delete
watch *$result
continue
info symbol $pc
delete
hbreak vfs_write
continue
info symbol $pc
delete
thread 2
printf "thread two %d\\n", $pc > 0xffff000000000000
set $code = *(unsigned int *) do_idle
maintenance packet Qqemu.PhyMemMode:1
printf "physical %d\\n", $code == *(unsigned int *) ((unsigned long) &do_idle - 0xffff800008000000 + 0x40200000)
maintenance packet Qqemu.PhyMemMode:0
monitor p/x $MIDR_EL1
detach
"""


def symbols(console, folder):
    """An ELF file with the kernel's names; None: it does not say them."""
    console.type("grep -E ' (%s)$' /proc/kallsyms; echo end-$((1 + 1))" % "|".join(n.replace(".", "[.]") for n in NAMES))
    text = console.wait(rb"(?m)^end-2") or b""
    found = re.findall(rb"(?m)^([0-9a-f]{16}) ([tTdDrRbB]) (\S+)\r?$", text)
    if not found:
        return None
    base = min(int(a, 16) for a, _, _ in found) & ~0xfff
    source, path = os.path.join(folder, "names.s"), os.path.join(folder, "names.elf")
    with open(source, "w") as f:
        f.write('.section .kernel, "ax", @nobits\nbegin:\n')
        for address, kind, name in sorted(found):
            label = '"%s"' % name.decode()
            kind = "function" if kind in b"tT" else "object"
            f.write(f".globl {label}\n.type {label}, %{kind}\n.set {label}, begin + {int(address, 16) - base:#x}\n")
        f.write(".skip 0x4000000\n")
    subprocess.run(["aarch64-linux-gnu-as", "-o", path + ".o", source], check=True)
    subprocess.run(["aarch64-linux-gnu-ld", "--section-start=.kernel=%#x" % base, "-e", "0", "-o", path, path + ".o"], check=True,
                   stderr=subprocess.DEVNULL)
    return path


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--emulator", default="moa")
    p.add_argument("--limit", type=float, default=600)
    p.add_argument("--log", default=None)
    o = p.parse_args()
    cache = os.environ.get("MOA_CACHE", os.path.expanduser("~/.cache/moa"))
    kernel, initrd = (os.path.join(cache, "netboot", f) for f in ("linux", "initrd.gz"))
    if not shutil.which("gdb-multiarch") or not shutil.which("aarch64-linux-gnu-as") or not os.path.exists(kernel):
        print("gdb-multiarch, the cross assembler or the netboot kernel (scripts/netboot.sh) is not here")
        print("0 passed, 0 failed, 1 skipped")
        return 77
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, open(o.log or os.devnull, "wb") as log:
        door = os.path.join(folder, "gdb")
        console = Console([o.emulator, "system", "-M", "virt", "-cpu", "cortex-a57", "-smp", "2", "-m", "512", "-nographic",
                           "-kernel", kernel, "-initrd", initrd, "-append", "nokaslr console=ttyAMA0 rdinit=/bin/sh",
                           "-gdb", door], o.limit, log)
        ready = console.wait(PROMPT) is not None
        console.type("mount -t proc proc /proc; echo m$((6 * 7))k")
        ready = ready and console.wait(rb"(?m)^m42k") is not None
        names = symbols(console, folder) if ready else None
        if not names:
            print("FAIL: no shell, or no names")
            print(console.text[-3000:].decode(errors="replace"))
            console.process.kill()
            print("0 passed, 1 failed, 0 skipped")
            return 1
        script = os.path.join(folder, "script")
        with open(script, "w") as f:
            f.write(GDB.format(socket=door))
        gdb = subprocess.Popen(["gdb-multiarch", "-nx", "-batch", "-x", script, names], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        lines = []

        def read():
            for line in gdb.stdout:
                lines.append(line)
                if line.startswith("here1"):  # it waits for this from now on
                    console.type("hostname moa")
                if line.startswith("stepped"):
                    console.type("echo written")

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(o.limit)
        gdb.kill()
        gdb.wait()
        out = "".join(lines)
        if o.log:
            log.write(out.encode())
        for what, pattern in (("threads", r"CPU#1"), ("code by name", r"<do_idle\+4>:"),
                              ("a breakpoint by name", r"Breakpoint 1, .*__arm64_sys_sethostname"),
                              ("backtrace", r"#1 .* in (invoke_syscall|el0_svc)"), ("exception level", r"(?m)^el 1$"),
                              ("system registers", r"sctlr 1 vbar 1 midr 411fd070 mpidr 8000000[01]"),
                              ("where it came from", r"(?m)^elr 1$"),
                              ("info registers", r"TTBR0_EL1 +0x[0-9a-f]+"), ("step", r"(?m)^stepped 1$"),
                              ("a hardware breakpoint", r"vfs_write( \+ \d+)? in section"),
                              ("a read watchpoint", r"(?s)ead watchpoint \d.*Value = "),
                              ("a watchpoint", r"(?s)ardware watchpoint \d.*Old value = [1-9]\d*.*New value = 0\s.*invoke_syscall"),
                              ("another vcpu", r"(?m)^thread two 1$"), ("physical memory", r"(?m)^physical 1$"),
                              ("the human monitor", r"VM status: paused \(debug\)"), ("its expressions", r"0x411fd070")):
            ok = re.search(pattern, out) is not None
            print(f"  {what}{'' if ok else ': FAILED'}")
            passed, failed = passed + ok, failed + (not ok)
        console.type("echo alive-$((40 + 2)); poweroff -f")
        ok = console.wait(rb"(?m)^alive-42") is not None and console.end() == 0
        print(f"  it runs on and powers off{'' if ok else ': FAILED'}")
        passed, failed = passed + ok, failed + (not ok)
        console.process.kill()
        if failed:
            print(out)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
