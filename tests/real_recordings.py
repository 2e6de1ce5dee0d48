# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's plate recordings as .npy frames for `tenderfoot import` (tests only).

usage: real_recordings.py DATA OUT
Reads DATA/plates and writes into OUT: NAME.npy, axes frame, row, column, row 0 at the back, column
0 at the left as seen from above, kPa; and zebris.txt: left and right force (N) of each frame of
zebris.npy as the device states them.
"""
import io
import sys
import zipfile

import numpy as np

data, out = sys.argv[1] + "/plates/", sys.argv[2] + "/"


def save(name, frames):
    np.save(out + name + ".npy", np.ascontiguousarray(frames, dtype="<f4"))


def peak_map(name):
    """A reference's maximum picture; its first row is the front. -1 marks places without sensor."""
    rows = np.genfromtxt(data + "reference/" + name + "/peak_map_kPa.csv", delimiter=",")
    return np.maximum(rows[::-1], 0)[np.newaxis]


def fscan(path):
    frames, rows = [], None
    for line in open(data + "recordings/" + path, encoding="latin-1"):
        line = line.strip()
        if line.startswith("Frame"):
            rows = []
            frames.append(rows)
        elif line.startswith("@@"):
            break
        elif rows is not None and line:
            rows.append([0.0 if cell.strip() == "B" else float(cell) for cell in line.split(",")])
    return np.array([rows[::-1] for rows in frames if len(rows) == 60])


def from_zip(path, name=None):
    archive = zipfile.ZipFile(data + "recordings/" + path)
    return archive.read(name or archive.namelist()[0]).decode("latin-1")


def mun104(name):
    """A mean footprint in relative units, here taken as kPa; its first row is the back."""
    rows = np.genfromtxt(io.StringIO(from_zip("MUN104.csv.zip", name)), delimiter=",")
    return rows[np.newaxis]


def zebris():
    """Frames with more than 50 N on both feet. Columns of the file run along the walk, lines from
    right to left (the device's left force has its centre at higher lines)."""
    frames, rows = [], None
    for line in from_zip("zebris_RawDataGaitAnalysis.txt.zip").splitlines():
        if line.startswith("Frame "):
            rows = []
            frames.append(rows)
        elif rows is not None and line.startswith("y"):
            rows.append([float(cell) for cell in line.split("\t")[1:]])
    device = np.genfromtxt(data + "reference/zebris_gait/frames_device.csv", delimiter=",", names=True)
    both = (device["device_left_N"] > 50) & (device["device_right_N"] > 50)
    both[:95] = both[1399:] = False
    frames = np.array([f for f in frames if len(f) == 56])[both].transpose(0, 2, 1)[:, :, ::-1] * 10
    forces = np.stack([device["device_left_N"][both], device["device_right_N"][both]], 1)
    return frames, forces


def rsscan():
    """One step each of the walk over the 2 m plate: N per sensor to kPa."""
    frames, rows = [], None
    for line in from_zip("rsscan_barefoot_1.zip").splitlines():
        if line.startswith("Frame"):
            rows = []
            frames.append(rows)
        elif rows is not None and line.strip():
            rows.append([float(cell) for cell in line.split()])
    picture = np.array([f for f in frames if f]).max(0) / (5.08 * 7.62e-3)
    return [picture[a:b][np.newaxis] for a, b in ((0, 50), (70, 125), (170, 215))]


save("footscan", peak_map("footscan"))
save("fscan_left", fscan("fscan_testL.asf"))
save("fscan_right", fscan("FrasP01R.asf"))
save("mun104_left", mun104("MUN104L.csv"))
save("mun104_right", mun104("MUN104R.csv"))
frames, forces = zebris()
save("zebris", frames)
np.savetxt(out + "zebris.txt", forces, fmt="%.1f")
for number, step in enumerate(rsscan(), 1):
    save("rsscan_%d" % number, step)
