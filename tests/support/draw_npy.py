#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws .npy frames (kPa, 96 x 96 cells of 5 mm) of what is no foot, or of two steps that roll from heel to toes;
"walks": somebody who walks over the plate again and again for 55 s (50 frames/s, 64 x 64 cells of 7.5 mm, whole kPa).

usage: draw_npy.py dog|box|card|walk|walks OUT.npy
"""
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


# Of a right foot: mm to the right of and ahead of the heel's back edge, radius, kPa, and the part of the stance it lasts.
PADS = ((0, 30, 24, 300, 0, .55), (16, 75, 17, 90, .1, .65), (18, 105, 17, 90, .12, .7), (20, 135, 17, 110, .15, .8),
        (-20, 168, 18, 260, .2, .93), (2, 172, 18, 280, .18, .95), (25, 155, 16, 180, .15, .9),
        (-24, 214, 15, 300, .4, 1), (-4, 214, 9, 90, .5, .98), (10, 206, 9, 70, .5, .97), (23, 196, 8, 60, .5, .96))
STEPS = ((190, 20, -1, 5), (290, 220, 1, 35))  # heel's x and y, side, first frame: left, then right
STANCE = 40


def pad_kpa(step, pad, frame, x, y):
    t = (frame - step[3]) / STANCE
    if not pad[4] < t < pad[5]:
        return 0
    off = ((x - step[0] - step[2] * pad[0]) ** 2 + (y - step[1] - pad[1]) ** 2) / pad[2] ** 2
    return pad[3] * math.sin(math.pi * (t - pad[4]) / (pad[5] - pad[4])) * math.exp(-off) if off < 2.5 else 0


def walk(middle):
    return [[sum(pad_kpa(step, pad, frame, x, y) for step in STEPS for pad in PADS if step[3] <= frame < step[3] + STANCE
                 and abs(x - step[0]) < 60) for y in middle for x in middle] for frame in range(80)]


PASSES, PAUSE = 12, 150  # frames without anybody between two passes


def head_of(kind, frames, cells):
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({frames}, {cells}, {cells}), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()


def write_walks(path, cells=64, pitch_mm=7.5):
    once = walk([(i + 0.5) * pitch_mm for i in range(cells)]) + [[0] * cells ** 2] * PAUSE
    one = b"".join(struct.pack(f"<{cells ** 2}h", *map(round, frame)) for frame in once)
    with open(path, "wb") as out:
        out.write(head_of("<i2", PASSES * len(once), cells))
        for _ in range(PASSES):
            out.write(one)


def main():
    middle = [(i + 0.5) * PITCH_MM for i in range(CELLS)]
    if sys.argv[1] == "walks":
        write_walks(sys.argv[2])
        return
    if sys.argv[1] == "walk":
        frames = walk(middle)
    else:
        loaded = [PICTURES[sys.argv[1]](x, y) for y in middle for x in middle]
        frames = [[0.0] * CELLS ** 2] * 10 + [loaded] * 40
    with open(sys.argv[2], "wb") as out:
        out.write(head_of("<f4", len(frames), CELLS))
        for frame in frames:
            out.write(struct.pack(f"<{len(frame)}f", *frame))


main()
