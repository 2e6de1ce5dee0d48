# SPDX-License-Identifier: GPL-3.0-or-later
"""count_frames.py RECORDING SUMMARY REPORT: counts a recording's frames by a reader of its own and
holds the summary of `record --json` and the rig's report against that. sent = delivered + lost."""
import json
import struct
import sys

HELLO, FRAME, STATUS = 1, 2, 4
data = open(sys.argv[1], "rb").read()
summary = json.load(open(sys.argv[2]))
report = dict(line.split() for line in open(sys.argv[3]))

boots, at = [], 0  # per boot: [id, first number, numbers seen, reached]
while at < len(data):
    magic, _, kind, _, n, seq = struct.unpack_from("<IBBHII", data, at)
    assert magic == 0x31544654, f"no message at byte {at}"
    payload = data[at + 32:at + 32 + n]
    if kind in (HELLO, STATUS):
        boot_id, scans = struct.unpack_from("<II", payload, 32 if kind == HELLO else 0)
        if not boots or boots[-1][0] != boot_id:
            boots.append([boot_id, scans if not boots else 0, set(), 0])
        boots[-1][3] = max(boots[-1][3], scans)
    elif kind == FRAME:
        assert seq not in boots[-1][2], f"frame {seq} came twice"
        boots[-1][2].add(seq)
        boots[-1][3] = max(boots[-1][3], seq + 1)
    at += 32 + n

delivered = sum(len(b[2]) for b in boots)
sent = sum(b[3] - b[1] for b in boots)
print(f"{len(boots)} boots, {sent} sent, {delivered} delivered, {summary['lost']} lost, "
      f"longest gap {summary['longest_gap_s']:.3f} s, the host back after {report['slowest_ms']} ms at most")
assert summary["frames"] == delivered, (summary["frames"], delivered)
assert sent - delivered <= summary["lost"] <= sent - delivered + len(boots), (sent, delivered, summary)
assert summary["repeats"] == 0
assert len(boots) == summary["restarts"] + 1
# Half a second on a quiet machine; a busy one is only kept from waiting for ever.
assert 0 < summary["longest_gap_s"] < 60, summary["longest_gap_s"]
assert int(report["slowest_ms"]) < 60000, "the host was slow to come back"
assert int(report["foreign_bytes"]) == 0, "a foreign device was spoken to"
