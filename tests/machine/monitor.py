#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/machine/monitor.py -- the monitors of a machine: QMP's greeting, negotiation, errors, events, hostile input,
several sessions; the human monitor's expressions, editing and completion. The guest is a loop on the bare board.

  tests/machine/monitor.py [--fuzz COUNT SEED]

The last line: N passed, N failed, N skipped."""
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time

MOA = os.environ.get("MOA") or os.path.join(os.getcwd(), "moa")
passed = failed = 0


def check(what, ok, seen=None):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAIL: {what}" + ("" if seen is None else f": {seen!r}"))


class Machine:
    """A machine that spins, with monitors on sockets: QMP at .qmp and .qmp2, the human one at .hmp."""

    def __init__(self, folder, *options):
        self.paths = [os.path.join(folder, n) for n in ("qmp", "qmp2", "hmp")]
        image = os.path.join(folder, "loop.bin")
        with open(image, "wb") as f:
            # movz x0, #0x1234; add x1, x1, #1; b back; what follows is data
            f.write(bytes.fromhex("804682d2" "21040091" "ffffff17") + b"\0" * 4 + b"hello, monitor\0")
        self.process = subprocess.Popen(
            [MOA, "system", "-M", "virt", "-display", "none", "-kernel", image, "-name", "test",
             "-uuid", "01234567-89AB-cdef-0123-456789abcdef",
             "-qmp", f"unix:{self.paths[0]},server,nowait", "-chardev", f"socket,id=c,path={self.paths[1]},server=on,wait=off",
             "-mon", "chardev=c,mode=control,pretty=on", "-monitor", f"unix:{self.paths[2]},server,nowait", *options],
            stderr=subprocess.PIPE, text=True)

    def connect(self, which):
        end = time.monotonic() + 20
        while True:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            try:
                s.connect(self.paths[which])
                return s
            except OSError:
                s.close()
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def end(self):
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


class Qmp:
    def __init__(self, sock):
        self.sock = sock
        self.text = ""
        self.events = []
        self.decoder = json.JSONDecoder()

    def get(self):
        """The next object."""
        while True:
            self.text = self.text.lstrip()
            try:
                value, n = self.decoder.raw_decode(self.text)
                self.text = self.text[n:]
                return value
            except ValueError:
                data = self.sock.recv(65536)
                if not data:
                    return None
                self.text += data.decode("ascii")

    def raw(self, data):
        self.sock.sendall(data)

    def answer(self):
        while True:
            value = self.get()
            if value is None or "event" not in value:
                return value
            self.events.append(value)

    def __call__(self, name, **arguments):
        request = {"execute": name}
        if arguments:
            request["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
        self.raw(json.dumps(request).encode())
        return self.answer()

    def event(self, name):
        for e in self.events:
            if e["event"] == name:
                self.events.remove(e)
                return e
        while True:
            e = self.get()
            if e is None or e.get("event") == name:
                return e


def error(reply):
    e = (reply or {}).get("error", {})
    return e.get("class"), e.get("desc")


def negotiation(m):
    q = Qmp(m.connect(0))
    g = q.get()
    check("greeting", set(g["QMP"]) == {"version", "capabilities"} and g["QMP"]["version"]["qemu"]["major"] == 7, g)
    check("before", error(q("query-status")) ==
          ("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'"))
    check("oob", error(q("qmp_capabilities", enable=["oob"])) == ("GenericError", "Capability oob not available"))
    check("negotiate", q("qmp_capabilities") == {"return": {}})
    check("twice", error(q("qmp_capabilities"))[0] == "CommandNotFound")
    return q


def errors(q):
    check("unknown", error(q("nosuch")) == ("CommandNotFound", "The command nosuch has not been found"))
    check("missing", error(q("human-monitor-command")) == ("GenericError", "Parameter 'command-line' is missing"))
    check("type", error(q("human-monitor-command", command_line=1)) ==
          ("GenericError", "Invalid parameter type for 'command-line', expected: string"))
    check("extra", error(q("stop", x=1)) == ("GenericError", "Parameter 'x' is unexpected"))
    for text, desc in ((b"[]", "QMP input must be a JSON object"), (b"{}", "QMP input lacks member 'execute'"),
                       (b'{"execute": 1}', "QMP input member 'execute' must be a string"),
                       (b'{"execute": "stop", "arguments": []}', "QMP input member 'arguments' must be an object"),
                       (b'{"execute": "stop", "x": 0}', "QMP input member 'x' is unexpected")):
        q.raw(text)
        check(text, error(q.answer()) == ("GenericError", desc))
    for text in (b"garbage\n", b"{]\n", b'{"execute": "st\n', b"\xff\xfe\n", b"[" * 1000 + b"\n", b"null\n"):
        q.raw(text)
        if text == b'{"execute": "st\n':
            q.raw(b'op"}\n')  # a newline within a string
        c, d = error(q.answer())
        check(text[:20], c in ("GenericError", "CommandNotFound"), d)
    q.raw(b'{"execute": "query-name", "id": {"a": [1, "\xc3\xa9\xf0\x9f\x98\x80"]}}')
    check("id", q.answer() == {"return": {"name": "test"}, "id": {"a": [1, "\u00e9\U0001f600"]}})
    for byte in b'{"execute": "query-name"}':
        q.raw(bytes([byte]))
    check("byte by byte", q.answer() == {"return": {"name": "test"}})
    q.raw(b'{"execute": "query-name"} ' * 500)
    check("many at once", all(q.answer() == {"return": {"name": "test"}} for _ in range(500)))
    q.raw(b'{"execute": "query-name", "id": "' + b"x" * 500000 + b'"}')
    check("long id", len(q.answer()["id"]) == 500000)
    q.raw(b'{"execute": "query-name", "id": "' + b"x" * 1100000 + b'"}\n')
    check("too long", error(q.answer())[0] == "GenericError")
    check("goes on", q("query-name") == {"return": {"name": "test"}})
    check("uuid", q("query-uuid") == {"return": {"UUID": "01234567-89ab-cdef-0123-456789abcdef"}})


def running(q):
    check("running", q("query-status")["return"] == {"running": True, "singlestep": False, "status": "running"})
    check("stop", q("stop") == {"return": {}})
    check("STOP comes first", [e["event"] for e in q.events if e["event"] == "STOP"] == ["STOP"], q.events)
    check("a timestamp", set(q.events[-1]["timestamp"]) == {"seconds", "microseconds"})
    check("paused", q("query-status")["return"]["status"] == "paused")
    x1 = q("human-monitor-command", command_line="p $x1")["return"]
    check("registers", int(x1) >= 0 and q("human-monitor-command", command_line="p $x1")["return"] == x1)
    check("cont", q("cont") == {"return": {}} and q.event("RESUME"))
    check("reset", q("system_reset") == {"return": {}})
    e = q.event("RESET")
    check("RESET", e["data"] == {"guest": False, "reason": "host-qmp-system-reset"}, e)
    check("powerdown", q("system_powerdown") == {"return": {}} and q.event("POWERDOWN"))


def queries(q):
    commands = {c["name"] for c in q("query-commands")["return"]}
    schema = q("query-qmp-schema")["return"]
    names = {e["name"] for e in schema}
    check("schema has all commands", commands <= names, commands - names)
    used = {m["type"] for e in schema for m in e.get("members", [])} | {e["arg-type"] for e in schema if "arg-type" in e}
    check("schema is closed", used <= names, used - names)
    harmless = sorted(c for c in commands if c.startswith("query-"))
    for c in harmless:
        reply = q(c)
        check(c, "return" in reply or (c == "query-balloon" and error(reply)[0] == "DeviceNotActive"), reply)
    check("cpus", len(q("query-cpus-fast")["return"]) == 2)
    check("memory", q("query-memory-size-summary")["return"]["base-memory"] == 128 << 20)
    check("machines", [m["name"] for m in q("query-machines")["return"]] == ["virt"])
    check("models", "cortex-a57" in [m["name"] for m in q("query-cpu-definitions")["return"]])


def objects(q, folder):
    listed = {p["name"]: p["type"] for p in q("qom-list", path="/machine/peripheral")["return"]}
    check("qom-list", listed.get("rng0") == "child<virtio-rng-pci>", listed)
    check("qom-get", q("qom-get", path="/machine/peripheral/net0", property="mac")["return"] == "52:54:00:12:34:99")
    check("qom-get type", q("qom-get", path="/machine/peripheral/rng0", property="type")["return"] == "virtio-rng-pci")
    check("qom unknown", error(q("qom-get", path="/machine/x", property="y"))[0] == "DeviceNotFound")
    props = [p["name"] for p in q("device-list-properties", typename="virtio-net-pci")["return"]]
    check("device-list-properties", "mac" in props and "addr" in props, props)
    check("qom-list-types", "pl011" in [t["name"] for t in q("qom-list-types", implements="device")["return"]])
    functions = q("query-pci")["return"][0]["devices"]
    check("query-pci", {f["qdev_id"] for f in functions} >= {"rng0", "net0"}, functions)
    path = os.path.join(folder, "memory")
    check("pmemsave", q("pmemsave", val=0x40080010, size=15, filename=path) == {"return": {}} and
          open(path, "rb").read() == b"hello, monitor\0")
    check("memsave", q("memsave", val=0x40080000, size=4, filename=path) == {"return": {}} and
          open(path, "rb").read() == bytes.fromhex("804682d2"))
    check("no file", error(q("pmemsave", val=0, size=1, filename="/missing/x"))[1] == "/missing/x: No such file or directory")
    check("nothing there", "Invalid addr" in error(q("memsave", val=1 << 45, size=4, filename=path))[1])
    check("dump", q("dump-guest-memory", paging=False, protocol="file:" + path) == {"return": {}})
    with open(path, "rb") as f:
        core = f.read(64 + 2 * 56)
    check("a core of arm64", core[:6] == b"\x7fELF\2\1" and core[16:20] == b"\4\0\xb7\0", core[:20])
    phoff, phnum = int.from_bytes(core[32:40], "little"), int.from_bytes(core[56:58], "little")
    check("notes and memory", phnum == 2 and core[phoff:phoff + 4] == b"\4\0\0\0", (phoff, phnum))
    load = core[phoff + 56:phoff + 112]
    offset, paddr = int.from_bytes(load[8:16], "little"), int.from_bytes(load[24:32], "little")
    with open(path, "rb") as f:
        f.seek(offset + 0x80010)
        check("what it holds", paddr == 0x40000000 and f.read(5) == b"hello")
    os.unlink(path)
    q("ringbuf-write", device="ring", data="some text")
    check("ringbuf", q("ringbuf-read", device="ring", size=4) == {"return": "some"})
    check("base64", q("ringbuf-read", device="ring", size=100, format="base64") == {"return": "IHRleHQ="})
    check("no ring", error(q("ringbuf-read", device="c", size=4)) == ("GenericError", "c is not a ringbuf device"))
    check("format", error(q("ringbuf-read", device="ring", size=4, format="x"))[1] ==
          "Parameter 'format' does not accept value 'x'")


def several(m, q):
    other = Qmp(m.connect(1))
    other.get()
    other("qmp_capabilities")
    check("second session", other("query-name") == {"return": {"name": "test"}})
    q("stop")
    check("told by the other", other.event("STOP")["event"] == "STOP")
    q("cont")
    other.sock.close()
    for _ in range(20):  # come and go, also in the middle of a request
        s = m.connect(1)
        s.sendall(b'{"execute": "qmp_capabilities"}{"execute": "query-qmp-schema"}{"exec')
        s.close()
    other = Qmp(m.connect(1))
    check("greeted again", "QMP" in other.get())
    # Somebody who never reads does not stop the others.
    other.raw(b'{"execute": "qmp_capabilities"}')
    other.sock.settimeout(0.5)
    try:
        for _ in range(2000):
            other.raw(b'{"execute": "query-qmp-schema"}' * 10)
    except socket.timeout:
        pass
    check("others go on", q("query-name") == {"return": {"name": "test"}})
    other.sock.close()


LINES = ["info ", "x/", "p ", "xp/10i ", "info qtree", "info mtree", "info pci", "log ", "trace-event ", "cpu ", "help ", "sum ",
         "$x0", "$pc", "-1", "((1", "0x40080000", "99999999999999999999", "gva2gpa ", "gdbserver none", "stop", "cont", "sendkey ",
         "info snapshots", "savevm a", "loadvm a", "delvm a", "info registers -a", "system_reset", "\u00e9", "\\", '"', "%s%n"]


def fuzz(m, q, rng, count):
    """Requests that are made from the schema, with arguments of right and wrong kinds, some cut or damaged. Each gets one answer,
    and the machine goes on."""
    schema = {e["name"]: e for e in q("query-qmp-schema")["return"]}
    commands = sorted(n for n, e in schema.items() if e["meta-type"] == "command" and n not in
                      ("quit", "qmp_capabilities", "migrate", "migrate-incoming"))
    strings = ["", "/", "/missing/x", "file:/missing/x", "rng0", "net0", "ring", "c", "a" * 300, "\u00e9\ud83d\ude00", "%n%s", "png",
               "/machine", "/machine/unattached/device[0]", "/machine/unattached/device[99999999999]", "virtio-net-pci"]
    numbers = [0, 1, -1, 2, 15, 4096, 1 << 30, 1 << 31, 1 << 32, (1 << 63) - 1, -(1 << 63), (1 << 64) - 1, 1 << 70]

    def value(depth=0):
        kind = rng.randrange(9 if depth < 4 else 6)
        if kind < 2:
            return rng.choice(strings)
        if kind < 4:
            return rng.choice(numbers)
        if kind < 6:
            return rng.choice((True, False, None, 1.5, 1e300))
        if kind < 8:
            return [value(depth + 1) for _ in range(rng.randrange(4))]
        return {rng.choice(("type", "data", "key", "axis", "down", "value", "x")): value(depth + 1) for _ in range(rng.randrange(4))}

    def fitting(t):
        if t == "human":
            return "".join(rng.choice(LINES) for _ in range(rng.randrange(1, 5)))
        e = schema.get(t, {})
        if rng.randrange(5) == 0:
            return value()
        if e.get("meta-type") == "enum":
            return rng.choice(e["values"])
        return {"str": rng.choice(strings), "int": rng.choice(numbers[:7]), "bool": rng.random() < 0.5}.get(t) if t in (
            "str", "int", "bool") else value()

    for n in range(count):
        name = rng.choice(commands)
        arguments = {}
        for member in schema[schema[name]["arg-type"]].get("members", []):
            if rng.randrange(6) and not ("default" in member and rng.randrange(2)):
                arguments[member["name"]] = fitting("human" if member["name"] == "command-line" else member["type"])
        if name in ("memsave", "pmemsave", "dump-guest-memory", "screendump"):
            arguments.update({k: "/missing/x" for k in arguments if k == "filename"})
        if isinstance(arguments.get("size"), int) and arguments["size"] > 1 << 20:
            arguments["size"] = 4096
        request = {"execute": name, "arguments": arguments, "id": n}
        text = json.dumps(request).encode()
        if rng.randrange(20) == 0:  # damaged, by somebody who goes away
            at = rng.randrange(len(text))
            text = text[:at] + bytes(rng.randrange(256) for _ in range(rng.randrange(3))) + text[at + rng.randrange(3):]
            other = m.connect(1)
            other.sendall(b'{"execute": "qmp_capabilities"}' + text + b"\n")
            other.close()
        q.raw(json.dumps(request).encode() + b"\n")
        reply = q.answer()
        if reply is None or reply.get("id") != n:
            check("fuzz", False, (text, reply))
            return
    check("fuzz", q("query-name") == {"return": {"name": "test"}})
    check("fuzz ends", "return" in q("cont"))


class Human:
    def __init__(self, sock):
        self.sock = sock
        self.text = ""
        self.wait("(moa) ")

    def wait(self, mark):
        while mark not in self.text:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.text += data.decode()
        n = self.text.index(mark) + len(mark)
        text, self.text = self.text[:n], self.text[n:]
        return text

    def __call__(self, keys):
        self.sock.sendall(keys.encode() + b"\r")
        return self.wait("\n(moa) ").split("\r\n", 1)[-1].removesuffix("\r\n(moa) ").removesuffix("\n(moa) ")


def human(m):
    h = Human(m.connect(2))
    for keys, want in (("p 1 + 2", "3"), ("p (1 + 2) * 4", "12"), ("p/x ~0", "0xffffffffffffffff"), ("p 7%4-5", "-2"),
                       ("p/x 1<<40", "0x10000000000"), ("p 1/0", "division by zero"), ("p", "unexpected end of expression"),
                       ("p 3|4", "7"), ("p $nosuch", "unknown register"), ("p/c 65", " 'A'"), ("p $x0", "4660"),
                       ("p " + "(" * 100, "expression too deep"), ("nosuch", "unknown command: 'nosuch'"),
                       ("info name", "test"), ("info status", "VM status: running"),
                       ("cpu 1", ""), ("cpu 7", "Error: invalid CPU index"), ("cpu 0", ""), ("p/x $pc&~15", "0x40080000"),
                       ("xp/2wx 0x40080000", "0000000040080000: 0xd2824680 0x91000421"),
                       ("xp/s 0x40080010", '0000000040080010: "hello, monitor"'),
                       ("xp/4c 0x40080010", "0000000040080010: 'h' 'e' 'l' 'l'"),
                       ("xp/x 0x30000000000", "0000030000000000: Cannot access memory"), ("gva2gpa 0x40080000", "gpa: 0x40080000"),
                       # editing: x becomes p, history, completion
                       ("3 + 4\x01p \x05", "7"), ("p (3+4)\x01\x04\x04x\x05\x15p 5", "5"), ("\x10", "5"), ("\x1b[A\x1b[A\x7f\x7f6", None),
                       ("inf\tna\t", "test"), ("info sta\t", "VM status: running"), ("p 1x\x7f1", "11"), ("p 2 99\x17", "2"),
                       ("x" * 3000 + "\x15p 8", "8")):
        got = h(keys)
        if want is not None:
            check(keys[:40], got.endswith(want), got)
    check("help", "system_reset -- " in h("help") and "info status" in h("help info"))
    h.sock.close()


def networks(q):
    """Cables and forwards by the human monitor's words."""
    def h(line):
        return q("human-monitor-command", command_line=line)["return"].strip()

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    check("info network", h("info network") == "net0 (virtio-net-pci): n: user,restrict=on", h("info network"))
    for line, want in (("set_link n off", ""), ("set_link net0 on", ""), ("set_link other on", "Error: other: there is no such network"),
                       ("set_link n maybe", "Error: set_link wants a name, and on or off"),
                       (f"hostfwd_add tcp:127.0.0.1:{port}-:80", ""),
                       ("hostfwd_add n tcp:1", "Error: hostfwd=tcp:1: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT")):
        check(line, h(line) == want, h(line))
    with socket.socket() as s:
        check("forward", s.connect_ex(("127.0.0.1", port)) == 0)
    check("hostfwd_remove", h(f"hostfwd_remove n tcp:127.0.0.1:{port}") == "")
    check("twice", h(f"hostfwd_remove tcp:127.0.0.1:{port}") == f"Error: hostfwd=tcp:127.0.0.1:{port}: there is no such forward")
    with socket.socket() as s:
        check("no forward", s.connect_ex(("127.0.0.1", port)) != 0)


def main():
    version = subprocess.run([MOA, "system", "-version"], capture_output=True, text=True)
    if "no whole machines" in version.stdout + version.stderr:
        print("built without machines")
        return 77
    probe = [MOA, "system", "-M", "virt,dumpdtb=/dev/null", "-qmp", "null"]
    if "without json-c" in subprocess.run(probe, capture_output=True, text=True).stderr:
        print("built without QMP")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        m = Machine(folder, "-smp", "2", "-device", "virtio-rng-pci,id=rng0", "-chardev", "ringbuf,id=ring,size=64",
                    "-netdev", "user,id=n,restrict=on",
                    "-device", "virtio-net-pci,id=net0,netdev=n,mac=52:54:00:12:34:99")
        try:
            q = negotiation(m)
            errors(q)
            running(q)
            queries(q)
            objects(q, folder)
            several(m, q)
            human(m)
            if "--fuzz" in sys.argv:
                seed = int(sys.argv[sys.argv.index("--fuzz") + 2])
                fuzz(m, q, random.Random(seed), int(sys.argv[sys.argv.index("--fuzz") + 1]))
            else:
                fuzz(m, q, random.Random(1), 300)
            networks(q)
            check("quit", q("quit") == {"return": {}})
            e = q.event("SHUTDOWN")
            check("SHUTDOWN", e and e["data"] == {"guest": False, "reason": "host-qmp-quit"}, e)
            check("status", m.end() == 0)
        finally:
            m.process.kill()
            if failed:
                print(m.process.stderr.read())
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
