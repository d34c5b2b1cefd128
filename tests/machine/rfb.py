# SPDX-License-Identifier: MIT
"""A small VNC client for tests (RFC 6143): pictures raw, keys, pointer; security none or a password."""
import os
import socket
import struct
import time


def _bits(data):
    return [byte >> (7 - i) & 1 for byte in data for i in range(8)]


class Rfb:
    def __init__(self, where, encodings=(0, -223), limit=20, answer=None):
        """where: a Unix path or (host, port). answer: bytes of the challenge to bytes of the response."""
        self.s = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
        self.s.settimeout(limit)
        self.s.connect(where)
        self.width = self.height = 0
        self.ext_keys = False
        self.resized = 0
        self.cursor = None
        self.drawn = 0
        assert self.take(12).startswith(b"RFB 003.")
        self.s.sendall(b"RFB 003.008\n")
        kinds = self.take(self.take(1)[0])
        self.kinds = kinds
        kind = 2 if answer else 1
        assert kind in kinds, kinds
        self.s.sendall(bytes([kind]))
        if answer:
            self.s.sendall(answer(self.take(16)))
        self.accepted = struct.unpack(">I", self.take(4))[0] == 0
        if not self.accepted:
            return
        self.s.sendall(b"\1")
        self.width, self.height = struct.unpack(">HH", self.take(4))
        self.take(16)
        self.name = self.take(struct.unpack(">I", self.take(4))[0])
        self.pixels = bytearray(4 * self.width * self.height)
        # 32 bits, little-endian, red at 16
        self.s.sendall(struct.pack(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0))
        self.s.sendall(struct.pack(">BxH", 2, len(encodings)) + b"".join(struct.pack(">i", e) for e in encodings))

    def take(self, n):
        data = b""
        while len(data) < n:
            part = self.s.recv(n - len(data))
            if not part:
                raise EOFError("the server has closed the connection")
            data += part
        return data

    def ask(self, incremental=False):
        self.s.sendall(struct.pack(">BBHHHH", 3, incremental, 0, 0, self.width, self.height))

    def rectangle(self):
        x, y, w, h, encoding = struct.unpack(">HHHHi", self.take(12))
        if encoding == 0:
            self.drawn += w * h
            for row in range(h):
                at = 4 * ((y + row) * self.width + x)
                self.pixels[at:at + 4 * w] = self.take(4 * w)
        elif encoding == -223 or encoding == -308:
            if encoding == -308:
                n = self.take(4)[0]
                self.take(16 * n)
            if (w, h) != (self.width, self.height):
                self.width, self.height = w, h
                self.pixels = bytearray(4 * w * h)
            self.resized += 1
        elif encoding == -258:
            self.ext_keys = True
        elif encoding == -239:
            self.cursor = (x, y, w, h, self.take(4 * w * h), self.take((w + 7) // 8 * h))
        else:
            raise ValueError(f"encoding {encoding} was not asked for")

    def message(self):
        kind = self.take(1)[0]
        if kind == 0:
            for _ in range(struct.unpack(">xH", self.take(3))[0]):
                self.rectangle()
        elif kind == 3:
            self.take(struct.unpack(">xxxI", self.take(7))[0])
        elif kind != 2:
            raise ValueError(f"message {kind}")
        return kind

    def picture(self):
        """All of the screen, as it is now."""
        self.drawn = -1
        while self.drawn < self.width * self.height:
            size = self.width, self.height
            if self.drawn < 0:
                self.ask()
                self.drawn = 0
            self.message()
            if size != (self.width, self.height):
                self.drawn = -1
        return bytes(self.pixels)

    def pixel(self, x, y):
        return struct.unpack_from("<I", self.pixels, 4 * (y * self.width + x))[0] & 0xffffff

    def key(self, sym, down):
        self.s.sendall(struct.pack(">BBxxI", 4, down, sym))

    def scancode(self, sym, code, down):
        self.s.sendall(struct.pack(">BBHII", 255, 0, down, sym, code))

    def press(self, sym):
        self.key(sym, 1)
        time.sleep(0.05)
        self.key(sym, 0)

    def pointer(self, x, y, buttons=0):
        self.s.sendall(struct.pack(">BBHH", 5, buttons, x, y))

    def click(self, x, y):
        self.pointer(x, y)
        time.sleep(0.1)
        self.pointer(x, y, 1)
        time.sleep(0.1)
        self.pointer(x, y)

    def close(self):
        self.s.close()
