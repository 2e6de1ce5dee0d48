# SPDX-License-Identifier: GPL-3.0-or-later
"""said.py LINES: no English is left in Russian sentences (tests/tools/said_in.c): any word in Latin letters that is no
name of ours is one. Both catalogues have the same entries (test_report_words), so German is as whole."""
import re
import sys

# Names, units and signs that are the same in each language; a subject's own words (tender_3) stay as they were typed.
NAMES = set("tenderfoot JSON atlas screen list UTC Client plate CPEI JCGM ICC MDC DFA kPa COP calibrate calibration "
            "recalibrate sex female client virtual Cavanagh Rodgers Chippaux Smirak Forriol Pascual Staheli Chew Corbett Clarke".split())


def left(sentence):
    words = re.findall(r"[A-Za-z][A-Za-z0-9_.-]*", re.sub(r"high blood pressure|--[a-z-]+|'[^']*'|\b[PNQSRGK]\d[\w.]*", "", sentence))
    return [word for word in words if len(word) > 2 and word.isalpha() and word not in NAMES]


def main():
    bad, seen = {}, set()
    for line in open(sys.argv[1], encoding="utf-8"):
        key, english, said = line.rstrip("\n").split("\t")
        seen.add(english)
        if left(said):
            bad[re.sub(r"\d+", "#", english)] = (key, english, said)
    for key, english, said in bad.values():
        print(f"still English in {key}: {said}\n    (of: {english})", file=sys.stderr)
    assert not bad, f"{len(bad)} kinds of sentences have words that analysis/report/po does not know"
    print(f"{len(seen)} sentences of the subjects' analyses: each has its Russian")
    assert len(seen) > 100, len(seen)


main()
