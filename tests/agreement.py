# SPDX-License-Identifier: GPL-3.0-or-later
"""How far our headline numbers are from published codes and data, as a Markdown table:
agreement.py TENDERFOOT FOLDER, FOLDER holding sway/ (and plates/). A row is Row(what, file, ours,
theirs, unit, source); a family of rows is a generator in FAMILIES, given the program and the folder."""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

Row = collections.namedtuple("Row", "what file ours theirs unit source")

PRIETO = "Prieto 1996, plain formula"
QUIJOUX = "code_descriptors (Quijoux 2021)"


def run(*words):
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def find(document, path):
    for key in path.split("."):
        document = document[int(key) if key.isdigit() else key]
    return document


# what, where in ours, group and key of the reference, power of ten from cm, unit, source
SWAY = [
    ("path", "rd.path_mm", "direct_prieto.TOTEX_RD", 10, "mm", PRIETO),
    ("mean velocity", "rd.mean_velocity_mm_s", "direct_prieto.MVELO_RD", 10, "mm/s", PRIETO),
    ("mean velocity ML", "ml.mean_velocity_mm_s", "direct_prieto.MVELO_ML", 10, "mm/s", PRIETO),
    ("mean velocity AP", "ap.mean_velocity_mm_s", "direct_prieto.MVELO_AP", 10, "mm/s", PRIETO),
    ("RMS distance", "rd.rms_distance_mm", "direct_prieto.RDIST_RD", 10, "mm", PRIETO),
    ("range", "rd.range_mm", "direct_prieto.RANGE_2D_maxpair", 10, "mm", PRIETO),
    ("95 % prediction ellipse", "area.ellipse95_prediction_mm2", "direct_prieto.AREA_PE_F_ddof1", 100, "mm2", "BMC (Duarte)"),
    ("95 % circle", "area.circle95_mm2", "direct_prieto.AREA_CC_z1.645", 100, "mm2", PRIETO),
    ("convex hull", "area.hull_mm2", "direct_prieto.HULL_AREA", 100, "mm2", "SciPy"),
    ("sway area", "area.sway_mm2_s", "direct_prieto.AREA_SW_T=N/fs", 100, "mm2/s", PRIETO),
    ("mean frequency", "rd.mean_frequency_hz", "direct_prieto.MFREQ_RD", 1, "Hz", PRIETO),
    ("power ML, sine tapers", "spectrum.sine8.ml.power_mm2", "direct_spectra.sinemt8_ML.POWER_sum_times_df", 100, "mm2", "plain formula"),
    ("f95 AP, sine tapers", "spectrum.sine8.ap.f95_hz", "direct_spectra.sinemt8_AP.F95", 1, "Hz", "plain formula"),
    ("f80 AP, Welch", "spectrum.welch10.ap.f80_hz", "direct_spectra.welch10s_const_AP.F80", 1, "Hz", "SciPy"),
    ("sample entropy AP", "ap.sample_entropy", "nonlinear.sampen_AP.SampEn", 1, "", "nolds"),
    ("DFA alpha ML", "ml.dfa_alpha", "nonlinear.dfa_ML.alpha", 1, "", "plain formula"),
    ("diffusion, critical time AP", "diffusion.loglog.ap.critical_time_s", "code_descriptors.critical_time_Diffusion_AP", 1, "s", QUIJOUX),
    ("short-time diffusion, planar", "diffusion.linear.planar.ds_mm2_s", "direct_sda_linear.planar.Ds", 100, "mm2/s", "Collins & De Luca 1993"),
    ("sway density peak", "sway_density.mean_peak_s", "code_descriptors.mean_peak_Sway_Density", 1, "s", QUIJOUX),
    ("peak velocity AP", "velocity_peaks.ap.peak_velocity_all_mm_s", "code_descriptors.peak_velocity_all_SPD_AP", 10, "mm/s", QUIJOUX),
    ("phase plane ML", "phase_plane.ml.phase_plane_parameter", "code_descriptors.phase_plane_parameter_ML", 10, "mm, mm/s", QUIJOUX),
    ("path / ellipse", "fractal.lfs_per_mm", "code_descriptors.LFS_ML_AND_AP", 0.1, "1/mm", QUIJOUX),
]
PIPELINES = {"BDS00013": "lp10", "BDS00019": "quijoux25"}
# What the data set's authors state of the path as they published it.
AUTHORS = [
    ("area (authors)", "area.ellipse95_prediction_mm2", "COParea", 100, "mm2"),
    ("velocity (authors)", "rd.mean_velocity_mm_s", "COPvelo", 10, "mm/s"),
]
COLUMNS = "time=time_s,ml=copy_ml_cm,ap=copx_ap_cm"


def sway_rows(tenderfoot, folder):
    for name, pipeline in PIPELINES.items():
        reference = json.loads((folder / "sway/reference" / f"{name}.json").read_text())
        theirs = reference["pipelines"][pipeline]["variables"]
        ours = run(tenderfoot, "sway", folder / "sway/recordings" / f"{name}.csv", "--pipeline", pipeline,
                   "--columns", COLUMNS, "--json")
        for what, where, key, scale, unit, source in SWAY:
            group, rest = key.split(".", 1)
            if group not in theirs:
                continue
            value = theirs[group]
            for part in rest.split(".") if rest not in value else [rest]:
                value = value[part]
            yield Row(what, f"{name}, {pipeline}", find(ours, where), value * scale, unit, source)


def author_rows(tenderfoot, folder):
    lines = (folder / "sway/recordings/trials.tsv").read_text().splitlines()
    head = lines[0].split("\t")
    for line in lines[1:]:
        trial = dict(zip(head, line.split("\t")))
        file = folder / "sway/recordings" / (trial["Trial"] + ".csv")
        ours = run(tenderfoot, "sway", file, "--pipeline", "raw", "--columns", COLUMNS, "--json")
        for what, where, key, scale, unit in AUTHORS:
            yield Row(what, f"{trial['Trial']}, raw", find(ours, where), float(trial[key]) * scale, unit,
                      "Santos & Duarte 2016")


# The published R package's numbers of the same file (threshold > 0), numbers that it prints with few
# digits as they are printed: file, package's name of it, (what, where in ours, value, unit).
PRESSURE = "pressuRe 0.2.7"
STEPS = {
    "emed_test.lst": [
        ("peak pressure", "peak_pressure_kpa", 370, "kPa"),
        ("largest force", "max_force_n", 818.625, "N"),
        ("largest contact area", "area_max_cm2", 106.50, "cm2"),
        ("pressure-time integral of the peak", "pti_peak_kpa_s", 291.10, "kPa s"),
        ("force-time integral", "fti_n_s", 675.58, "N s"),
        ("CPEI, axis of our foot frame", "walk.steps.0.cpei_percent", 25.644, "%"),
        ("arch index, axis of our foot frame", "feet.0.print.arch_index", 0.23671, ""),
    ],
    "footscan_test.xls": [
        ("peak pressure", "peak_pressure_kpa", 583.83, "kPa"),
        ("largest force", "max_force_n", 735.30, "N"),
        ("largest contact area", "area_max_cm2", 96.00, "cm2"),
        ("pressure-time integral of the peak", "pti_peak_kpa_s", 212.94, "kPa s"),
        ("force-time integral", "fti_n_s", 360.38, "N s"),
    ],
    "fscan_testL.asf": [
        ("peak pressure", "peak_pressure_kpa", 760, "kPa"),
        ("largest force", "max_force_n", 924.36, "N"),
        ("largest contact area", "area_max_cm2", 99.10, "cm2"),
        ("pressure-time integral of the peak", "pti_peak_kpa_s", 1483.87, "kPa s"),
        ("force-time integral", "fti_n_s", 2591.62, "N s"),
    ],
}


def step_rows(tenderfoot, folder):
    with tempfile.TemporaryDirectory() as scratch:
        for name, numbers in STEPS.items():
            recording = pathlib.Path(scratch) / (name + ".tfr")
            subprocess.run([tenderfoot, "import", folder / "plates/recordings" / name, "-o", recording],
                           check=True, capture_output=True)
            ours = run(tenderfoot, "analyze", recording, "--threshold", "0", "--json")
            for what, where, theirs, unit in numbers:
                yield Row(what, name, find(ours, where), theirs, unit, PRESSURE)


FAMILIES = {"Sway": (sway_rows, author_rows), "Load, as others state it": (step_rows,)}


def difference(row):
    return abs(row.ours - row.theirs) / abs(row.theirs) if row.theirs else abs(row.ours)


def print_family(name, rows):
    print(f"### {name}\n\n| Number | File, pipeline | Ours | Reference | Unit | Difference | Source |")
    print("|---|---|---:|---:|---|---:|---|")
    for row in rows:
        print(f"| {row.what} | {row.file} | {row.ours:.7g} | {row.theirs:.7g} | {row.unit} | {difference(row):.0e} | {row.source} |")
    print(f"\n{len(rows)} numbers; largest difference {max(map(difference, rows)):.1e}, relative.\n")


def main():
    tenderfoot, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not folder.is_dir():
        print(f"skipped: {folder} is not there")
        return
    for name, generators in FAMILIES.items():
        rows = [row for generator in generators for row in generator(tenderfoot, folder)]
        if rows:
            print_family(name, rows)


if __name__ == "__main__":
    main()
