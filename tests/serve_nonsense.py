# SPDX-License-Identifier: GPL-3.0-or-later
"""A plate that sends nonsense without end, as fast as it is read: noise, headers that begin and are none,
headers that claim four gigabytes. The station's memory stays, its log does not grow with it, and another
plate is shown meanwhile. serve_nonsense.py BIN SUBJECT"""
import os
import random
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station, memory_mib  # noqa: E402

BIN, SUBJECT = sys.argv[1:3]
MIB = 48


def crc32c_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def header(length, seq):
    """One that is right in itself, of a message as long as is wished (PROTOCOL.md, 1)."""
    head = struct.pack("<IBBHIIQI", 0x31544654, 1, 2, 0, length, seq, 1000 * seq, 0)
    return head + struct.pack("<I", crc32c(head))


def nonsense(draw):
    kind = draw.randrange(4)
    if kind == 0:
        return draw.randbytes(65536)
    if kind == 1:
        return b"TFT1" * 16384
    if kind == 2:
        return b"".join(header(0xFFFFFFFF, draw.randrange(1 << 32)) for _ in range(8)) + bytes(60000)
    return b"".join(header(draw.randrange(1 << 16), n) + draw.randbytes(200) for n in range(8)) * 30


def main():
    seed = int(os.environ.get("TEST_SEED", "20261122"))
    print(f"TEST_SEED={seed}")
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plate.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(8)
        s = Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + SUBJECT, "-d", "stream:" + path)
        try:
            s.wait("/api/v1/plates/virtual-normal", lambda p: p["phase"] == "watching")
            before, lines = memory_mib(s.process.pid), s.read_log().count("\n")
            sent = links = 0
            while sent < MIB << 20:
                link, _ = listener.accept()
                links += 1
                try:
                    while sent < MIB << 20:
                        part = nonsense(draw)
                        link.sendall(part)
                        sent += len(part)
                except OSError:
                    pass  # the station has had enough of it, and looks again
                link.close()
            frames = s.json("/api/v1/plates/virtual-normal")["health"]["frames"]
            s.wait("/api/v1/plates/virtual-normal", lambda p: p["health"]["frames"] > frames + 20)
            grown, told = memory_mib(s.process.pid, "VmHWM") - before, s.read_log().count("\n") - lines
            assert grown < 8, f"{grown:.1f} MiB more"
            assert told <= 10 + 2 * links, f"{told} lines:\n{s.read_log()[-2000:]}"
            print(f"{sent >> 20} MiB of nonsense over {links} connections: {grown:.1f} MiB more, {told} lines in the log")
            assert s.end() == 0
        finally:
            s.remove()


main()
