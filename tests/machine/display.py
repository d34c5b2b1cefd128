#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Screens of a machine whose guest is a small program (tests/machine/bare/screen.c, on ramfb): screen dumps, VNC
with several clients, a password, another size, keys by scancode; windows on SDL's driver that shows nothing; mistakes.

MOA is the emulator. The last line: N passed, N failed, N skipped."""
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from graphic import Machine, Picture  # noqa: E402
from monitor import Qmp, error  # noqa: E402
from rfb import Rfb  # noqa: E402

MOA = os.environ.get("MOA") or os.path.join(os.getcwd(), "moa")
HERE = os.path.dirname(os.path.abspath(__file__))
START = time.monotonic()
passed = failed = skipped = 0


def check(what, ok):
    global passed, failed
    if os.environ.get("MOA_TIMES"):
        print(f"{time.monotonic() - START:6.1f} {what}")
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print(f"FAIL: {what}", flush=True)


def expected(width, height, invert=0):
    return b"".join(bytes(((x & 255) ^ invert, (y & 255) ^ invert, (x >> 8 << 4 | y >> 8) ^ invert))
                    for y in range(height) for x in range(width))


def rgb(view):
    return bytes(view.pixels[i + k] for i in range(0, len(view.pixels), 4) for k in (2, 1, 0))


def tell(m, letter):
    m.console.raw(letter)
    return m.console.wait(rb"done")


def until(good, limit=10):
    end = time.monotonic() + limit
    while not good() and time.monotonic() < end:
        time.sleep(0.05)
    return good()


def pictures(m):
    check("ready", m.console.wait(rb"ready"))
    large, small = expected(640, 480), expected(320, 240)
    ppm = m.picture()
    check("screendump", (ppm.width, ppm.height, ppm.rgb) == (640, 480, large))
    m.command(f"screendump {m.folder}/fb.ppm fb")
    check("a device by name", os.path.exists(f"{m.folder}/fb.ppm"))
    check("no such device", "nosuch" in m.command(f"screendump {m.folder}/y.ppm nosuch"))
    check("no such head", "no head 1" in m.command(f"screendump {m.folder}/y.ppm fb 1"))
    check("no such folder", "No such file" in m.command("screendump /missing/x.ppm"))
    check("a full disk", "No space" in m.command("screendump /dev/full"))
    check("no such format", "gif" in m.command(f"screendump {m.folder}/y.ppm -f gif"))
    check("nothing was left", not os.path.exists(f"{m.folder}/y.ppm"))
    check("no keyboard", "virtio-keyboard" in m.command("sendkey a"))
    check("no such key", "nosuch" in m.command("sendkey ctrl-nosuch"))
    check("no balloon", "virtio-balloon" in m.command("balloon 100"))
    check("no mouse", "no mouse" in m.command("mouse_move 1 1"))
    return large, small


def vnc(m, large, small):
    a, b = Rfb(m.vnc, encodings=(0, -223, -258)), Rfb(m.vnc, encodings=(0, -223))
    a.picture()
    check("the picture", rgb(a) == large)
    b.picture()
    check("the same for another client", b.pixels == a.pixels)
    check("keys by scancode are known", a.ext_keys and not b.ext_keys)
    check("two clients", "2 clients" in m.command("info vnc"))
    a.ask(True)
    tell(m, b"i")
    a.message()
    check("what is new comes by itself", until(lambda: a.picture() and rgb(a) == expected(640, 480, 255)))
    tell(m, b"s")
    check("a smaller screen", until(lambda: a.picture() and (a.width, a.height, rgb(a)) == (320, 240, small)))
    if "libpng" not in m.command(f"screendump {m.folder}/x.png -f png"):
        with open(f"{m.folder}/x.png", "rb") as f:
            check("screendump of PNG", Picture(f.read()).rgb == small)
    b.picture()
    check("for all", (b.width, b.height, b.pixels) == (320, 240, a.pixels))
    b.close()
    check("one client", until(lambda: "1 clients" in m.command("info vnc")))
    b = a
    b.scancode(0, 0x1e, 1)
    b.pointer(5, 5, 3)
    b.key(0xffe3, 1)
    b.pointer(60000, 60000, 0x7f)
    b.picture()
    check("keys and pointers that nobody takes", b.width == 320)
    b.s.sendall(b"\xff\x01\0\0")  # audio, which was not offered
    try:
        while b.message() is not None:
            pass
    except (EOFError, ConnectionError):
        pass
    check("is let go", until(lambda: "0 clients" in m.command("info vnc")))
    for junk in (b"", b"RFB 003.008\n", b"\0" * 5000, b"RFB 003.008\n\1\1" + b"\xfe" * 500,
                 b"RFB 003.008\n\1\1\2\0\xff\xff", b"RFB 003.008\n\1\1\6\0\0\0\x7f\xff\xff\xff"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(m.vnc)
        try:
            s.sendall(junk)
        except ConnectionError:
            pass
        s.close()
    c = Rfb(m.vnc)
    tell(m, b"n")
    check("nothing shown is black", until(lambda: c.picture() and (c.width, c.height) == (640, 480) and not any(rgb(c))))
    c.close()


def password(m):
    try:
        lib = ctypes.CDLL("libvncserver.so.1")
    except OSError:
        return
    port = next(n for n in range(3000, 4000) if socket.socket().connect_ex(("127.0.0.1", 5900 + n)))
    folder = tempfile.mkdtemp()
    p = Machine(MOA, folder, 60, m.args + ["-vnc", f"127.0.0.1:{port},password=on"])
    p.console.wait(rb"ready")

    def answer(word):
        def encrypt(challenge):
            data = ctypes.create_string_buffer(challenge, 16)
            lib.rfbEncryptBytes(data, ctypes.create_string_buffer(word))
            return data.raw
        return encrypt

    where = ("127.0.0.1", 5900 + port)
    check("without a password nobody gets in", not Rfb(where, answer=answer(b"")).accepted)
    check("set_password", "Error" not in p.command("set_password vnc sesame"))
    check("a wrong password", not Rfb(where, answer=answer(b"sesam")).accepted)
    view = Rfb(where, answer=answer(b"sesame"))
    check("the right one", view.accepted and view.picture() and rgb(view) == expected(640, 480))
    check("nothing else is offered", view.kinds == b"\2")
    p.console.process.terminate()
    p.console.process.wait()
    shutil.rmtree(folder)


def window(m):
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    folder = tempfile.mkdtemp()
    w = Machine(MOA, folder, 60, m.args + ["-display", "sdl,window-close=off", "-name", "a test"])
    w.console.wait(rb"ready")
    check("a window", until(lambda: "sdl: 1 windows" in w.command("info vnc")))
    tell(w, b"s")
    tell(w, b"i")
    time.sleep(0.2)
    check("goes on", w.picture().width == 320)
    w.console.raw(b"o")
    check("power off", w.console.end() == 0)
    shutil.rmtree(folder)


def qmp(m):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "qmp")
    p = Machine(MOA, folder, 100, m.args + ["-qmp", f"unix:{path},server,nowait", "-device", "virtio-keyboard-pci", "-device",
                                            "virtio-tablet-pci", "-device", "virtio-mouse-pci", "-device", "virtio-balloon-pci"])
    p.console.wait(rb"ready")
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(path)
    q = Qmp(s)
    q.get()
    q("qmp_capabilities")
    check("screendump", q("screendump", filename=f"{folder}/a.ppm", device="fb", head=0) == {"return": {}})
    with open(f"{folder}/a.ppm", "rb") as f:
        check("its picture", Picture(f.read()).rgb == expected(640, 480))
    check("no such format", error(q("screendump", filename="x", format="gif"))[0] == "GenericError")
    check("no such device", "nosuch" in error(q("screendump", filename="x", device="nosuch"))[1])
    key = {"type": "qcode", "data": "a"}
    check("send-key", q("send-key", keys=[key, {"type": "number", "data": 30}], hold_time=5) == {"return": {}})
    check("no such key", "nosuch" in error(q("send-key", keys=[{"type": "qcode", "data": "nosuch"}]))[1])
    for bad in ([], [1], [{}], [{"type": "qcode"}], [key] * 17):
        check(f"keys {bad}", error(q("send-key", keys=bad))[0] == "GenericError")
    events = [{"type": "abs", "data": {"axis": "x", "value": 32767}}, {"type": "rel", "data": {"axis": "y", "value": -3}},
              {"type": "btn", "data": {"down": True, "button": "wheel-up"}}, {"type": "key", "data": {"down": False, "key": key}}]
    check("input-send-event", q("input-send-event", events=events) == {"return": {}})
    for bad in ({"type": "abs", "data": {"axis": "x", "value": 32768}}, {"type": "rel", "data": {"axis": "z", "value": 1}}, {}, 7,
                {"type": "btn", "data": {"down": 1, "button": "left"}}, {"type": "key", "data": {"down": True, "key": 5}}):
        check(f"event {bad}", error(q("input-send-event", events=[bad]))[0] == "GenericError")
    mice = q("query-mice")["return"]
    check("query-mice", [(x["name"], x["absolute"]) for x in mice] == [("moa Virtio Tablet", True), ("moa Virtio Mouse", False)])
    check("mouse_set", not mice[0]["current"] and "Error" not in p.command("mouse_set 1") and q("query-mice")["return"][0]["current"])
    check("query-balloon", q("query-balloon") == {"return": {"actual": 128 << 20}})
    check("balloon", q("balloon", value=64 << 20) == {"return": {}} and error(q("balloon", value=1 << 40))[0] == "GenericError")
    check("query-vnc", q("query-vnc") == {"return": {"enabled": True}})
    check("no password wanted", error(q("set_password", protocol="vnc", password="x"))[0] == "GenericError")
    q("quit")
    check("quit", p.console.end() == 0)
    shutil.rmtree(folder)


def mistakes(version):
    for text, args in (("nosuch", ["-display", "nosuch"]), ("gtk", ["-display", "gtk"]), ("HOST:DISPLAY", ["-vnc", "x"]),
                       ("nosuch", ["-vnc", ":1,nosuch"]), ("nosuch", ["-display", "sdl,nosuch=1"]),
                       ("/missing/x", ["-vnc", "unix:/missing/x"]), ("max_outputs", ["-device", "virtio-gpu-pci,max_outputs=17"]),
                       ("etc/ramfb", ["-device", "ramfb", "-device", "ramfb"]), ("xres", ["-device", "virtio-gpu-pci,xres=1"])):
        if "-vnc" in args and b"without libvncserver" in version:
            text = "without libvncserver"
        r = subprocess.run([MOA, "system", "-M", "virt"] + args, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        lines = r.stderr.decode().splitlines()
        check(f"{args}: {lines}", r.returncode == 1 and len(lines) == 1 and text in lines[0])
    r = subprocess.run([MOA, "system", "-display", "help"], capture_output=True, timeout=30)
    check("-display help", r.returncode == 0 and b"vnc=WHERE" in r.stdout)


def main():
    global skipped
    version = subprocess.run([MOA, "system", "-version"], capture_output=True).stdout
    gcc = os.environ.get("CROSS", "aarch64-linux-gnu-") + "gcc"
    if b"displays:" not in version:
        print("built without machines")
        return 77
    if not shutil.which(gcc):
        print(f"no {gcc}")
        print("0 passed, 0 failed, 1 skipped")
        return 77
    mistakes(version)
    folder = tempfile.mkdtemp()
    known = tempfile.NamedTemporaryFile("w", suffix=".lsan")  # what libvncserver itself loses, in builds with sanitizers
    known.write("leak:rfbEnableExtension\n")
    known.flush()
    os.environ["LSAN_OPTIONS"] = f"print_suppressions=0:suppressions={known.name}"
    elf, image = os.path.join(folder, "screen.elf"), os.path.join(folder, "screen.bin")
    subprocess.run([gcc, "-O2", "-ffreestanding", "-mstrict-align", "-mgeneral-regs-only", "-fno-pic", "-nostdlib", "-static",
                    "-Wl,--build-id=none,--no-warn-rwx-segments,-Ttext=0x40080000,--section-start=.text.start=0x40070000", "-o", elf,
                    os.path.join(HERE, "bare", "screen.c")], check=True)
    args = ["-m", "128", "-kernel", elf, "-device", "ramfb,id=fb"]
    if b" vnc" in version and b"without libvncserver" not in version:
        m = Machine(MOA, folder, 100, args)
        m.args = args
        try:
            large, small = pictures(m)
            vnc(m, large, small)
            m.console.raw(b"o")
            check("power off", m.console.end() == 0)
            password(m)
            none = subprocess.run([MOA, "system", "-M", "virt", "-qmp", "nosuch"], capture_output=True, text=True, timeout=30)
            if "without json-c" in none.stderr:
                skipped += 1
            else:
                qmp(m)
            if b" sdl" in version and b"without SDL2" not in version:
                window(m)
            else:
                skipped += 1
        except (OSError, EOFError, ValueError, AssertionError) as e:
            check(f"the end: {e!r}", False)
        m.console.process.kill()
        m.console.process.wait()
    else:
        skipped += 1
    shutil.rmtree(folder)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
