# SPDX-License-Identifier: GPL-3.0-or-later
"""All sway variables of one trial in straightforward NumPy and SciPy, as a lab would write them: the
yardstick of bench_sway. sway_numpy.py FILE [RUNS]: reads time_s,ml_mm,ap_mm at 100 Hz, filters (order 4 at
10 Hz, forward and backward) and prints one JSON object: best seconds (of the processor) and the numbers."""
import json
import math
import sys
import time

import numpy as np
from scipy import signal, spatial

RATE = 100.0


def zero_phase(cut, x):
    return signal.filtfilt(*signal.butter(4, cut, fs=RATE), x)


def distances(x, y, out):
    n = len(x)
    for key, v in {"ml": x, "ap": y}.items():
        path = np.abs(np.diff(v)).sum()
        out[key + ".mean_distance_mm"] = np.abs(v).mean()
        out[key + ".rms_distance_mm"] = np.sqrt((v**2).mean())
        out[key + ".path_mm"] = path
        out[key + ".range_mm"] = v.max() - v.min()
        out[key + ".mean_frequency_hz"] = path / (n / RATE) / (4 * np.sqrt(2) * np.abs(v).mean())
        out[key + ".zero_crossings"] = int(np.sum((v[1:] < 0) != (v[:-1] < 0)))
    rd = np.hypot(x, y)
    path = np.hypot(np.diff(x), np.diff(y)).sum()
    out["rd.mean_distance_mm"] = rd.mean()
    out["rd.rms_distance_mm"] = np.sqrt((rd**2).mean())
    out["rd.path_mm"] = path
    out["rd.mean_frequency_hz"] = path / (n / RATE) / (2 * np.pi * rd.mean())
    return rd


def areas(x, y, rd, out):
    n = len(x)
    det = math.sqrt((x * x).mean() * (y * y).mean() - (x * y).mean() ** 2)
    nu = n - 2
    f = nu / 2 * (0.05 ** (-2 / nu) - 1)
    sample = det * n / (n - 1)
    out["area.circle95_mm2"] = math.pi * (rd.mean() + 1.645 * rd.std()) ** 2
    out["area.ellipse95_prieto_mm2"] = 6 * math.pi * det
    out["area.ellipse95_f_mm2"] = 2 * math.pi * f * det
    out["area.ellipse95_prediction_mm2"] = 2 * math.pi * f * (n - 1) * (n + 1) / (n * (n - 2)) * sample
    out["area.ellipse95_chi2_mm2"] = -2 * math.log(0.05) * math.pi * sample
    out["area.sway_mm2_s"] = np.abs(y[1:] * x[:-1] - y[:-1] * x[1:]).sum() / (2 * n / RATE)
    values, vectors = np.linalg.eigh(np.cov(x, y))
    out["area.angle_deg"] = math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])) % 180
    points = np.column_stack((x, y))
    hull = spatial.ConvexHull(points)
    out["area.hull_mm2"] = hull.volume  # of a plane figure: its area
    widest = spatial.distance.pdist(points[hull.vertices]).max()
    out["rd.range_mm"] = widest
    path = out["rd.path_mm"]
    for key, d in {"circle": 2 * (rd.mean() + 1.645 * rd.std()), "ellipse": math.sqrt(24 * det), "planar": widest}.items():
        out["fractal." + key] = math.log(n) / math.log(n * d / path)


def read_spectrum(psd, width, where, out):
    f = np.arange(len(psd)) * width
    inside = (f >= 0.15 - 1e-9) & (f <= 5 + 1e-9)
    f, p = f[inside], psd[inside]
    total = np.cumsum(p)
    m0, m1, m2 = p.sum(), (p * f).sum(), (p * f * f).sum()
    out[where + ".power_mm2"] = m0 * width
    for share, key in ((0.5, "f50_hz"), (0.8, "f80_hz"), (0.95, "f95_hz")):
        out[f"{where}.{key}"] = f[total >= share * total[-1]][0]
    out[where + ".mean_hz"] = m1 / m0
    out[where + ".centroidal_hz"] = math.sqrt(m2 / m0)
    out[where + ".dispersion"] = math.sqrt(1 - m1 * m1 / (m0 * m2))
    out[where + ".mode_hz"] = f[np.argmax(p)]


def spectra(v, axis, out):
    n = len(v)
    v = v - v.mean()
    tapers = [np.sqrt(2 / (n + 1)) * np.sin(np.pi * k * np.arange(1, n + 1) / (n + 1)) for k in range(1, 9)]
    sine = np.mean([np.abs(np.fft.rfft(v * taper)) ** 2 for taper in tapers], axis=0) / RATE
    sine[1 : None if n % 2 else -1] *= 2
    read_spectrum(sine, RATE / n, "spectrum.sine8." + axis, out)
    plain = signal.periodogram(v, RATE, detrend=False)[1]
    read_spectrum(plain, RATE / n, "spectrum.periodogram." + axis, out)
    size = int(10 * RATE)
    welch = signal.welch(v, RATE, "hann", size, detrend="constant")[1]
    read_spectrum(welch, RATE / size, "spectrum.welch10." + axis, out)


def entropy(v, axis, out):
    n, r = len(v), 0.2 * v.std()
    a = b = 0
    first, second, third = v[: n - 2], v[1 : n - 1], v[2:]
    for i in range(n - 2):
        near = (np.abs(first - first[i]) <= r) & (np.abs(second - second[i]) <= r)
        b += np.count_nonzero(near) - 1
        a += np.count_nonzero(near & (np.abs(third - third[i]) <= r)) - 1
    out[axis + ".sample_entropy_a"], out[axis + ".sample_entropy_b"] = a, b
    out[axis + ".sample_entropy"] = math.log(b / a)


def dfa(v, axis, out):
    total = np.cumsum(v - v.mean())
    windows = np.unique(np.round(np.logspace(math.log10(8), math.log10(len(v) // 4), 18)).astype(int))
    f = []
    for w in windows:
        parts = total[: len(v) // w * w].reshape(-1, w).T
        t = np.arange(w)
        slope, level = np.polyfit(t, parts, 1)
        f.append(math.sqrt(((parts - slope * t[:, None] - level) ** 2).mean()))
    out[axis + ".dfa_alpha"] = np.polyfit(np.log(windows), np.log(f), 1)[0]


def displacement(v):
    return np.array([((v[k:] - v[:-k]) ** 2).mean() for k in range(1, len(v) // 3 + 1)])


def line(x, y):
    fit = np.polyfit(x, y, 1)
    return fit, ((np.polyval(fit, x) - y) ** 2).sum()


def loglog(msd, where, out):
    x, y = np.log(np.arange(1, len(msd) + 1) / RATE), np.log(msd)
    ends = range(31, 251)
    near = min((line(x[:i], y[:i])[1] / i, -i) for i in ends)[1]
    far = min((line(x[i - 1 :], y[i - 1 :])[1] / (len(x) - i + 1), -i) for i in ends)[1]
    s, l = line(x[:-near], y[:-near])[0], line(x[-far - 1 :], y[-far - 1 :])[0]
    cross = min((l[1] - s[1]) / (s[0] - l[0]), x[-1])
    out[where + ".short_time_diffusion_mm2"], out[where + ".long_time_diffusion_mm2"] = np.exp([s[1], l[1]])
    out[where + ".short_time_scaling"], out[where + ".long_time_scaling"] = s[0] / 2, l[0] / 2
    out[where + ".critical_time_s"] = math.exp(cross)
    out[where + ".critical_displacement_mm2"] = math.exp(s[1] + s[0] * cross)


def linear(msd, where, out):
    t, m = np.arange(1, 1001) / RATE, msd[:1000]
    _, at = min((line(t[:k], m[:k])[1] + line(t[k:], m[k:])[1], k) for k in range(30, 251))
    s, l = line(t[:at], m[:at])[0], line(t[at:], m[at:])[0]
    cross = (l[1] - s[1]) / (s[0] - l[0])
    out[where + ".ds_mm2_s"], out[where + ".dl_mm2_s"] = s[0] / 2, l[0] / 2
    out[where + ".hs"] = line(np.log(t[:at]), np.log(m[:at]))[0][0] / 2
    out[where + ".hl"] = line(np.log(t[at:]), np.log(m[at:]))[0][0] / 2
    out[where + ".critical_time_s"], out[where + ".critical_msd_mm2"] = cross, np.polyval(s, cross)
    out[where + ".break_lag_s"] = at / RATE


def density(x, y, out):
    n = len(x)
    stay = np.zeros(n - 1)
    for i in range(n - 1):
        far = np.flatnonzero(np.sqrt((x - x[i]) ** 2 + (y - y[i]) ** 2) > 3)
        place = np.searchsorted(far, i)
        after = far[place] if place < len(far) else n
        before = far[place - 1] if place else -1
        stay[i] = (after - before - 2) / RATE
    smooth = zero_phase(2.5, stay)
    peaks = signal.argrelmax(smooth)[0]
    out["sway_density.mean_peak_s"] = smooth[peaks].mean()
    out["sway_density.mean_distance_peak_mm"] = np.hypot(np.diff(x[peaks]), np.diff(y[peaks])).mean()


def velocity(v, axis, out):
    speed = signal.savgol_filter(v, 5, 3, deriv=1, delta=1 / RATE)
    edges = np.flatnonzero(np.sign(speed[1:]) != np.sign(speed[:-1])) + 1
    lobes = [speed[i:j] for i, j in zip(edges[:-1], edges[1:])]
    peaks = np.array([lobe[np.argmax(np.abs(lobe))] for lobe in lobes])
    where = "velocity_peaks." + axis
    out[where + ".zero_crossing"] = len(edges)
    out[where + ".peak_velocity_pos_mm_s"] = peaks[peaks > 0].mean()
    out[where + ".peak_velocity_neg_mm_s"] = -peaks[peaks < 0].mean()
    out[where + ".peak_velocity_all_mm_s"] = np.abs(peaks).mean()
    out[f"phase_plane.{axis}.phase_plane_parameter"] = math.sqrt((v**2).mean() + speed.var())


def measure(ml, ap):
    out = {}
    ml, ap = zero_phase(10, ml - ml.mean()), zero_phase(10, ap - ap.mean())
    x, y = ml - ml.mean(), ap - ap.mean()
    rd = distances(x, y, out)
    areas(x, y, rd, out)
    planar = 0
    for axis, v, path in (("ml", x, ml), ("ap", y, ap)):
        entropy(v, axis, out)
        dfa(v, axis, out)
        msd = displacement(v)
        planar = planar + msd
        loglog(msd, "diffusion.loglog." + axis, out)
        linear(msd, "diffusion.linear." + axis, out)
        velocity(path, axis, out)
        spectra(v, axis, out)
    linear(planar, "diffusion.linear.planar", out)
    spectra(rd, "rd", out)
    density(ml, ap, out)
    return out


def main():
    table = np.genfromtxt(sys.argv[1], delimiter=",", names=True)
    best = math.inf
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1):
        start = time.process_time()
        numbers = measure(table["ml_mm"], table["ap_mm"])
        best = min(best, time.process_time() - start)
    print(json.dumps({"seconds": best, "numbers": {k: float(v) for k, v in numbers.items()}}))


if __name__ == "__main__":
    main()
