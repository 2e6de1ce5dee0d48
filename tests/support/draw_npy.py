#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what is no foot as .npy frames (kPa, 96 x 96 cells of 5 mm): usage: draw_npy.py dog|box|card OUT.npy"""
import math
import struct
import sys

CELLS, PITCH_MM = 96, 5


def paw(x, y):
    pads = ((0, 0, 16), (-18, 20, 8), (-7, 28, 8), (7, 28, 8), (18, 20, 8))
    return max(math.exp(-((x - dx) ** 2 + (y - dy) ** 2) / r ** 2) for dx, dy, r in pads)


def dog(x, y):
    near = max(paw(x - cx, y - cy) for cx in (171, 262) for cy in (118, 361))
    return 90 * near if near > 0.2 else 0


PICTURES = {"dog": dog, "box": lambda x, y: 30.5, "card": lambda x, y: 41.5 if 103 < x < 201 and 52 < y < 297 else 0}


def main():
    middle = [(i + 0.5) * PITCH_MM for i in range(CELLS)]
    loaded = [PICTURES[sys.argv[1]](x, y) for y in middle for x in middle]
    frames = [[0.0] * CELLS ** 2] * 10 + [loaded] * 40
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(frames)}, {CELLS}, {CELLS}), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(sys.argv[2], "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        for frame in frames:
            out.write(struct.pack(f"<{len(frame)}f", *frame))


main()
