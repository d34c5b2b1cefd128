#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/debug/jitdump.py FILE PID NAME -- reads a jitdump file by its specification and checks that
records tile it, times ascend, and a record is named NAME+0x0 with x86-64 code in it."""
import struct
import sys

data = open(sys.argv[1], "rb").read()
pid, name = int(sys.argv[2]), sys.argv[3].encode() + b"+0x0"
magic, version, size, machine, pad, owner, time, flags = struct.unpack_from("<IIIIIIQQ", data)
assert magic == 0x4A695444 and version == 1 and size == 40 and owner == pid, "header"
assert machine in (62, 183) and flags == 0, "machine"
at, found, index = size, 0, 0
while at < len(data):
    kind, total, when = struct.unpack_from("<IIQ", data, at)
    assert kind in (0, 3) and total >= 16 and at + total <= len(data) and when >= time, "record at %d" % at
    time = when
    if kind == 0:
        owner, tid, vma, addr, length, number = struct.unpack_from("<IIQQQQ", data, at + 16)
        end = data.index(b"\0", at + 56)
        assert owner == pid and vma == addr and number == index, "load at %d" % at
        assert end + 1 + length == at + total and length > 0, "lengths at %d" % at
        found += data[at + 56:end] == name
        index += 1
    at += total
assert index > 10 and found >= 1, "%d records, %d of %s" % (index, found, name)
