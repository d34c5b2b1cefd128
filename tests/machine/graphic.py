#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a machine shows on its screen, and what comes of keys and of a pointer:

  installer   Debian's graphical installer (scripts/netboot.sh) on virtio-gpu with virtio keyboard and tablet, to its
              list of languages; a key moves the bar, a click goes on to the list of countries
  ramfb, gpu  EDK2 (package qemu-efi-aarch64) to its shell on a frame buffer in memory, and on virtio-gpu

  tests/machine/graphic.py [--emulator moa] [--what installer,ramfb,gpu] [--limit SECONDS] [--keep FOLDER]

Pictures come from screendump, and beside it from a VNC client. --keep: pictures are left there.
The last line: N passed, N failed, N skipped."""
import argparse
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boot import FIRMWARE, Console  # noqa: E402
from rfb import Rfb  # noqa: E402


class Picture:
    """A PPM (P6) or PNG (8 bits, RGB, not interlaced) file."""

    def __init__(self, data):
        if data.startswith(b"P6\n"):
            head = re.match(rb"P6\n(\d+) (\d+)\n255\n", data)
            self.width, self.height, self.rgb = int(head[1]), int(head[2]), data[head.end():]
        else:
            self.rgb = self.png(data)
        if len(self.rgb) != 3 * self.width * self.height:
            raise ValueError(f"{len(self.rgb)} bytes for {self.width}x{self.height}")

    def png(self, data):
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError("no picture")
        at, packed = 8, b""
        while at < len(data):
            size, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8:at + 8 + size]
            if zlib.crc32(kind + body) != struct.unpack_from(">I", data, at + 8 + size)[0]:
                raise ValueError("a chunk's checksum is wrong")
            if kind == b"IHDR":
                self.width, self.height, depth, color, _, _, lace = struct.unpack(">IIBBBBB", body)
                if (depth, color, lace) != (8, 2, 0):
                    raise ValueError("not of 8 bits, RGB")
            packed += body if kind == b"IDAT" else b""
            at += size + 12
        rows, step, before, out = zlib.decompress(packed), 3 * self.width, bytes(3 * self.width), b""
        for y in range(self.height):
            how, row = rows[y * (step + 1)], bytearray(rows[y * (step + 1) + 1:(y + 1) * (step + 1)])
            for i in range(step if how else 0):
                left, up = row[i - 3] if i > 2 else 0, before[i]
                corner = before[i - 3] if i > 2 else 0
                if how == 4:
                    p = left + up - corner
                    add = min((left, up, corner), key=lambda v: abs(p - v))
                else:
                    add = (0, left, up, (left + up) // 2)[how]
                row[i] = row[i] + add & 255
            before = bytes(row)
            out += before
        return out

    def share(self, color):
        """Of pixels that are nearly of that color, in a thousand."""
        hits = sum(max(abs(self.rgb[i + k] - color[k]) for k in range(3)) < 12
                   for i in range(0, len(self.rgb), 3 * 7))
        return 1000 * hits // (len(self.rgb) // 21 + 1)

    def bar(self, color, x):
        """First and last row below the banner that has that color in column x; None: none."""
        rows = [y for y in range(120, self.height)
                if max(abs(self.rgb[3 * (y * self.width + x) + k] - color[k]) for k in range(3)) < 24]
        return (rows[0], rows[-1]) if rows else None

    def differs(self, other):
        """How many rows."""
        if (self.width, self.height) != (other.width, other.height):
            return self.height
        step = 3 * self.width
        return sum(self.rgb[y * step:(y + 1) * step] != other.rgb[y * step:(y + 1) * step]
                   for y in range(self.height))


class Machine:
    def __init__(self, emulator, folder, limit, args):
        self.folder, self.n = folder, 0
        monitor, self.vnc = os.path.join(folder, "mon"), os.path.join(folder, "vnc")
        for path in (monitor, self.vnc):
            if os.path.exists(path):
                os.unlink(path)
        self.console = Console([emulator, "system", "-M", "virt", "-cpu", "cortex-a57", "-nographic", "-serial", "stdio",
                                "-monitor", f"unix:{monitor},server,nowait", "-vnc", f"unix:{self.vnc}"] + args, limit, None)
        while not (os.path.exists(monitor) and os.path.exists(self.vnc)) and self.console.process.poll() is None:
            time.sleep(0.1)
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.settimeout(60)
        self.monitor.connect(monitor)
        self.answer()

    def answer(self):
        text = b""
        while not text.endswith(b"\n(moa) "):  # not the one that editing draws again
            part = self.monitor.recv(65536)
            if not part:
                raise EOFError("the monitor is closed")
            text += part
        return text.decode(errors="replace")

    def command(self, line):
        self.monitor.sendall(line.encode() + b"\n")
        return self.answer()

    def picture(self, form="ppm"):
        self.n += 1
        path = os.path.join(self.folder, f"{self.n:03}.{form}")
        said = self.command(f"screendump {path} -f {form}")
        if not os.path.exists(path):
            raise OSError(said)
        with open(path, "rb") as f:
            picture = Picture(f.read())
        if form == "ppm":
            os.unlink(path)
        return picture

    def until(self, good, every=2):
        """The first picture that is good, twice the same; None when time is up."""
        before = None
        while time.monotonic() < self.console.deadline and self.console.process.poll() is None:
            picture = self.picture()
            if good(picture):
                if before and not picture.differs(before):
                    return picture
                before = picture
            time.sleep(every)
        return None


TEAL, WHITE, BLUE = (0x2a, 0x83, 0x7b), (255, 255, 255), (0x07, 0x47, 0x5f)


def installer(m):
    """Debian's list of languages."""
    def is_list(p):
        return p.width == 1280 and p.share(WHITE) > 400 and p.bar(TEAL, 150) is not None

    languages = m.until(is_list)
    yield "the list of languages", languages is not None
    png = m.picture("png")
    yield "PNG and PPM are the same", png.differs(languages) == 0
    view = Rfb(m.vnc, encodings=(0, -223, -239, -258))  # the cursor apart
    view.picture()
    rgb = bytes(c for i in range(0, len(view.pixels), 4) for c in (view.pixels[i + 2], view.pixels[i + 1], view.pixels[i]))
    yield "a VNC client sees the same", (view.width, rgb) == (languages.width, languages.rgb)
    yield "and the cursor's shape", view.cursor is not None and view.cursor[2:4] == (64, 64) and 0 < sum(view.cursor[5]) < 64 * 8 * 128
    yield "info mice", "* Mouse #1: moa Virtio Tablet (absolute)" in m.command("info mice")
    top, bottom = languages.bar(TEAL, 150)
    m.command("sendkey down")
    after = m.until(lambda p: is_list(p) and p.bar(TEAL, 150)[0] > top + 9, 0.5)
    yield "a key moves the bar down", after is not None and 20 <= after.bar(TEAL, 150)[0] - top <= 30
    yield "and changes nothing else", after.differs(languages) < 3 * (bottom - top + 1)
    m.command("sendkey up")
    back = m.until(lambda p: is_list(p) and p.bar(TEAL, 150)[0] == top, 0.5)
    yield "another one moves it back", back is not None and back.differs(languages) == 0
    view.click(600, top + 60)
    clicked = m.until(lambda p: is_list(p) and p.bar(TEAL, 150)[0] > top + 9, 0.5)
    yield "a click chooses the row under it", clicked is not None and abs(sum(clicked.bar(TEAL, 150)) // 2 - top - 60) < 16
    view.click(600, (top + bottom) // 2)
    chosen = m.until(lambda p: is_list(p) and abs(p.bar(TEAL, 150)[0] - top) < 9, 0.5)
    yield "and back", chosen is not None
    view.click(1218, 774)
    where = m.until(lambda p: is_list(p) and p.differs(back) > 300)
    yield "Continue: the list of countries", where is not None
    m.picture("png")
    view.scancode(0xff57, 0xcf, 1)  # End
    time.sleep(0.1)
    view.scancode(0xff57, 0xcf, 0)
    last = m.until(lambda p: is_list(p) and p.differs(where) > 20, 0.5)
    yield "its last row", last is not None
    m.console.process.terminate()
    yield "the end", m.console.process.wait(20) == 0


def firmware(m):
    """EDK2's shell, on the screen too."""
    yield "EDK2's shell", m.console.wait(rb"Shell> ") is not None
    shell = m.until(lambda p: p.share((0, 0, 0)) > 500 and p.share((0, 0, 0)) < 998, 1)
    yield "is on the screen", shell is not None
    m.console.type("ver\r")
    yield "a command", m.console.wait(rb"UEFI v2\.") is not None
    after = m.until(lambda p: p.differs(shell) > 16, 0.5)
    yield "and what it says", after is not None
    yield "a picture", m.picture("png").differs(after) == 0
    m.console.type("reset -s\r")
    yield "power off", m.console.end() == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--emulator", default=os.environ.get("MOA", "./moa"))
    p.add_argument("--what", default="installer,ramfb,gpu")
    p.add_argument("--limit", type=float, default=900)
    p.add_argument("--keep")
    a = p.parse_args()
    cache = os.environ.get("MOA_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "moa")
    kernel, initrd = (os.path.join(cache, "netboot", "gtk", f) for f in ("linux", "initrd.gz"))
    efi = FIRMWARE["efi"]
    keys = ["-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci"]
    kinds = {"installer": (installer, [kernel, initrd], ["-smp", "2", "-m", "1024", "-kernel", kernel, "-initrd", initrd, "-append",
                                                         "vga=788 --- quiet", "-device", "virtio-gpu-pci"] + keys),
             "ramfb": (firmware, [efi], ["-m", "256", "-bios", efi, "-device", "ramfb"]),
             "gpu": (firmware, [efi], ["-m", "256", "-bios", efi, "-device", "virtio-gpu-pci"])}
    passed = failed = skipped = 0
    for what in a.what.split(","):
        steps, files, args = kinds[what]
        missing = [f for f in files if not os.path.exists(f)]
        if missing:
            print(f"{what}: no {missing[0]}")
            skipped += 1
            continue
        print(what, flush=True)
        folder = tempfile.mkdtemp()
        m = None
        try:
            m = Machine(a.emulator, folder, a.limit, args)
            for step, ok in steps(m):
                print(f"  {m.console.took():7.1f} s  {step}{'' if ok else ': FAILED'}", flush=True)
                passed, failed = passed + ok, failed + (not ok)
                if not ok:
                    m.picture("png")
                    break
        except (OSError, EOFError, ValueError) as e:
            print(f"  FAILED: {e}")
            failed += 1
        if m:
            m.console.process.kill()
            m.console.process.wait()
        for name in sorted(os.listdir(folder)) if a.keep else []:
            if name.endswith(".png"):
                os.makedirs(a.keep, exist_ok=True)
                shutil.copy(os.path.join(folder, name), os.path.join(a.keep, f"{what}-{name}"))
        shutil.rmtree(folder)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
