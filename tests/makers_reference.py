# SPDX-License-Identifier: GPL-3.0-or-later
"""Other makers' recordings, imported and analysed, against the reference results; and our exports
read by NumPy and h5py.

usage: makers_reference.py unpack DATA OUT        writes the zipped recordings into OUT
       makers_reference.py frames NAME DATA JSON  the analysis of NAME against its frames.csv
       makers_reference.py zebris DATA H5         what the device states against the pressures
       makers_reference.py export NPY H5 CSV      the two exports of one recording, and its table
"""
import csv
import json
import sys
import zipfile

import numpy as np


def near(found, wanted, bound, what):
    worst = np.max(np.abs(np.asarray(found) - np.asarray(wanted)))
    assert worst <= bound, f"{what}: off by {worst}, at most {bound} is wanted"
    print(f"  {what}: within {worst:.3g}")


def unpack(data, out):
    for name in ("zebris_RawDataGaitAnalysis", "rsscan_barefoot_1"):
        zipped = name + (".txt.zip" if name.startswith("z") else ".zip")
        archive = zipfile.ZipFile(f"{data}/plates/recordings/{zipped}")
        with open(f"{out}/{name}", "wb") as file:
            file.write(archive.read(archive.namelist()[0]))


def frames(name, data, path):
    """Force, peak and area of each frame; the COP where there is force enough for one."""
    want = np.genfromtxt(f"{data}/plates/reference/{name}/frames.csv", delimiter=",", names=True)
    found = json.load(open(path))["frames"]
    column = {key: np.array(found[key], dtype=float) for key in found if isinstance(found[key], list)}
    assert len(column["force_n"]) == len(want)
    near(column["time_s"], want["time_s"], 1e-6, f"{name} time s")
    near(column["force_n"], want["force_N"], 1e-6 * want["force_N"].max(), f"{name} force N")
    near(column["area_cm2"], want["area_cm2"], 1e-6, f"{name} area cm2")
    near(column["peak_kpa"], want["peak_kPa"], 1e-4, f"{name} peak kPa")
    there = ~np.isnan(column["cop_x_mm"])
    assert (there == (want["force_N"] >= 20)).all()
    # The reference's origin is a corner of what its reader kept: a whole number of cells from ours.
    for axis in "xy":
        off = column[f"cop_{axis}_mm"][there] - want[f"cop_{axis}_mm"][there]
        near(off, np.median(off), 1e-5, f"{name} COP {axis} mm, {np.median(off):+.2f}")
    print(f"{name}: {len(want)} frames, {there.sum()} with a COP")


def zebris(data, path):
    import h5py
    want = np.genfromtxt(f"{data}/plates/reference/zebris_gait/frames_device.csv", delimiter=",", names=True)
    with h5py.File(path) as file:
        pressure = file["pressure"]
        area = pressure.attrs["pitch_x_mm"] * pressure.attrs["pitch_y_mm"] * 1e-3
        force = np.array([pressure[i].sum(dtype=float) * area for i in range(len(pressure))])
        notes = [json.loads(text) for text in file["annotations"][:]]
        cop_y, cop_x = file["cop_y_mm"][:] / pressure.attrs["pitch_y_mm"], file["cop_x_mm"][:] / pressure.attrs["pitch_x_mm"]
    stated = [note for note in notes if note.get("import") == "stated"]
    assert len(stated) == len(want) == len(force)
    for key, column in (("force_n", "total"), ("left_force_n", "left"), ("right_force_n", "right")):
        near([note[key] for note in stated], want[f"device_{column}_N"], 1e-3, f"stated {column} force N")
    near(force, want["sum_force_N"], 1e-3, "sum of the pressures, N")
    middle = slice(95, 1399)  # near the ends the device leaves feet out
    total = np.array([note["force_n"] for note in stated])
    both = np.array([note["left_force_n"] + note["right_force_n"] for note in stated])
    near(force[middle], total[middle], 0.26, "sum against the stated total, N")
    near(force[middle], both[middle], 1, "sum against left and right, N")
    near(cop_y[middle] + 0.5, want["cop_col"][middle], 1e-4, "COP along the walk, cells")
    near(56.5 - cop_x[middle], want["cop_row"][middle], 1e-4, "COP across, cells")


def export(npy, h5, mat, table):
    import h5py
    import scipy.io
    array = np.load(npy)
    assert array.dtype == np.float32 and array.ndim == 3
    with h5py.File(h5) as file:
        pressure = file["pressure"]
        assert pressure.shape == array.shape and pressure.chunks == (1,) + array.shape[1:]
        assert pressure.compression == "gzip" and pressure.attrs["units"] == "kPa"
        assert (pressure[:] == array).all()
        rows = list(csv.DictReader(open(table)))
        near(file["force_n"][:], [float(row["force_n"]) for row in rows], 1e-6, "force N")
        near(file["time_s"][:], [float(row["time_s"]) for row in rows], 1e-9, "time s")
        assert file.attrs["schema"] == "tenderfoot/hdf5/1"
        assert (np.isnan(file["cop_x_mm"][:]) == [not row["cop_x_mm"] for row in rows]).all()
        print("export:", array.shape, sorted(file))
    matlab = scipy.io.loadmat(mat, simplify_cells=True)
    # MATLAB's order: row, column, frame, the first fastest; a cell is found by its own numbers.
    assert matlab["pressure"].shape == array.shape[1:] + array.shape[:1] and matlab["pressure"].dtype == np.float32
    assert [name for name, _, _ in scipy.io.whosmat(mat)][0] == "pressure"
    assert matlab["pressure"][29, 3, 11] == array[11, 29, 3] != array[11, 28, 3]
    assert (np.moveaxis(matlab["pressure"], 2, 0) == array).all()
    near(matlab["time_s"], [float(row["time_s"]) for row in rows], 1e-9, "time s in .mat")
    near(matlab["force_n"], [float(row["force_n"]) for row in rows], 1e-6, "force N in .mat")
    assert matlab["info"]["schema"] == "tenderfoot/mat/1" and matlab["info"]["client"] == "Ёлка Müller"
    assert matlab["info"]["pitch_y_mm"] == 7.62


def memory(program, recording, to):
    """No format holds the frames: what it takes is far less than their pressures."""
    import resource
    import subprocess
    import scipy.io
    for form in ("npy", "asf", "lst", "hdf5", "mat"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        subprocess.run([program, "export", recording, "--as", form, "-o", f"{to}.{form}"], check=True)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the largest child so far, KiB
        print(f"export of 30 s as {form}: at most {max(before, most) / 1024:.0f} MiB")
        frames = np.load(f"{to}.npy", mmap_mode="r")
        assert frames.nbytes > 100e6 and most * 1024 < frames.nbytes / 2, (form, most)
    pressure = scipy.io.loadmat(f"{to}.mat", variable_names="pressure")["pressure"]
    assert (np.moveaxis(pressure, 2, 0) == frames).all()


globals()[sys.argv[1]](*sys.argv[2:])
