# SPDX-License-Identifier: GPL-3.0-or-later
"""A station for hours: a plate of 96 x 96 cells at 500 frames/s with a person on it, three viewers,
recordings one after the other, each looked through as a page does and thrown away. No frame is lost or
skipped; memory and descriptors stay what they were, and a quarter of a core is enough. serve_soak.py BIN SUBJECT SECONDS

The plate runs as a process of its own, so that the memory is the station's, on a socket, which holds about
as many frames as the transfers of a USB cable do (a pty holds two). That is a quarter of a second; a host of virtual
machines takes a computer away for longer than that. Frames which the plate itself counts as dropped while so
much time was stolen are told and not held against the station; any other is."""
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station, memory_mib, patient_person  # noqa: E402

BIN, SUBJECT, SECONDS = sys.argv[1], sys.argv[2], float(sys.argv[3])
VIEWERS = 3
ROUND_S = max(5.0, min(60.0, SECONDS / 6))
MOST_MIB = 64.0
MOST_PERCENT = 25.0
WARM_ROUNDS, WARM_SHARE = 2, 5  # after so many, or a fifth of all, each buffer has been as large as it gets
GROWTH_MIB = 2.0  # of an hour; a leak of one frame's bytes a second would be 6


class Viewer(threading.Thread):
    """Reads a live stream and throws it away, for as long as there is one."""

    def __init__(self, station, plate):
        super().__init__(daemon=True)
        self.station, self.plate, self.bytes = station, plate, 0
        self.start()

    def run(self):
        with self.station.connect() as link:
            link.sendall(f"GET {self.plate}/live HTTP/1.1\r\nHost: {self.station.host}\r\n"
                         f"X-Tenderfoot-Token: {self.station.token}\r\n\r\n".encode())
            while part := link.recv(1 << 16):
                self.bytes += len(part)


class Plate:
    """tenderfoot-plate with somebody who stands as long as a virtual person can; then another comes."""

    STAND_S = 600

    def __init__(self, folder):
        self.socket, self.subject, self.process = os.path.join(folder, "plate"), patient_person(SUBJECT, folder), None
        self.begin()

    def begin(self):
        self.end()
        self.began = time.monotonic()
        self.process = subprocess.Popen([os.path.join(BIN, "tenderfoot-plate"), "--subject", self.subject, "--seed", "5", "--rate",
                                         "500", "--socket", self.socket], stdout=subprocess.DEVNULL)

    def end(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            if os.path.exists(self.socket):
                os.unlink(self.socket)

    def renew(self):
        """Pulled out and plugged in again when the person would not stand through another round."""
        if time.monotonic() - self.began > self.STAND_S - 2 * ROUND_S - 60:
            self.begin()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_end(s, plate, name):
    state = s.wait(plate, lambda p: p["phase"] == "watching" and p["last"] and p["last"]["name"] == name and not p["closing"])
    assert state["last"]["problem"] is None, state["last"]
    return state["last"]


def stolen_s():
    """Time that the host of this virtual machine took for others, over all cores."""
    with open("/proc/stat") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def judge_loss(last, dropped, stolen):
    assert last["frames_skipped_by_disk"] == 0, last
    if last["lost_frames"]:
        assert last["lost_frames"] <= dropped, f"{last}: the plate dropped {dropped}"
        assert stolen > 0.25, f"{last}: {stolen:.2f} s were stolen"
        print(f"{last['lost_frames']} frames dropped by the plate: {stolen:.1f} s of this computer's time were stolen", flush=True)


class Share:
    """Of a core, while it records, analyses live and is watched: the processor's time by the kernel's count, for each
    second that the plate recorded (on a busy machine the plate itself may take longer for one)."""

    def __init__(self, pid):
        self.pid, self.cpu_s, self.recorded_s = pid, 0.0, 0.0

    def begin(self):
        self.began = cpu_s(self.pid)

    def end(self, recorded_s):
        self.cpu_s += cpu_s(self.pid) - self.began
        self.recorded_s += recorded_s

    def percent(self):
        return 100 * self.cpu_s / self.recorded_s


def go_round(s, plate, device, share):
    """One recording, looked through and thrown away: its frames."""
    device.renew()
    state = s.wait(plate, lambda p: p["phase"] == "watching" and p["health"]["silent_s"] < 1)
    dropped, stolen = state["health"]["device_dropped"] or 0, stolen_s()
    name = s.record(plate, seconds=ROUND_S)
    share.begin()
    s.wait(plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 100)
    last = wait_for_end(s, plate, name)
    share.end(last["duration_s"])
    time.sleep(1.5)  # the plate says once a second what it has dropped
    health = s.json(plate)["health"]
    judge_loss(last, (health["device_dropped"] or 0) - dropped, stolen_s() - stolen)
    recording = "/api/v1/recordings/" + name
    s.json(recording + "/analysis")
    for page in ("/report", "/tables/feet", "/export?as=npy"):
        assert s.ask(recording + page)[0] == 200, page
    s.json(recording + "/discard", {})
    return last["frames"]


def watch(s, plate, device, pid):
    """(seconds, MiB, descriptors) after each round, all frames, and the share of a core."""
    began, seen, frames, share = time.monotonic(), [], 0, Share(pid)
    while time.monotonic() - began < SECONDS or len(seen) <= WARM_ROUNDS:
        frames += go_round(s, plate, device, share)
        seen.append((time.monotonic() - began, memory_mib(pid), descriptors(pid)))
        print(f"{seen[-1][0]:7.0f} s  {frames:9d} frames  {seen[-1][1]:5.1f} MiB  {seen[-1][2]:3d} descriptors", flush=True)
    return seen, frames, share.percent()


def judge(seen, peak):
    after = seen[max(WARM_ROUNDS, len(seen) // WARM_SHARE) - 1:]
    grown = max(m for _, m, _ in after[1:]) - after[0][1]
    assert peak <= MOST_MIB, f"{peak:.1f} MiB at most"
    assert grown <= GROWTH_MIB, f"memory grew by {grown:.1f} MiB"
    last = [d for _, _, d in after[len(after) // 2:]]  # one more or less: a page is still being answered
    assert max(last) <= after[0][2] + 1, f"descriptors: {[d for _, _, d in after]}"
    return grown


def main():
    folder = tempfile.TemporaryDirectory()
    device = Plate(folder.name)
    s = None
    try:
        s = Station(os.path.join(BIN, "tenderfootd"), "-d", "stream:" + device.socket, "--rate", "500")
        plate = "/api/v1/plates/" + s.json("/api/v1/plates")["plates"][0]["id"]
        s.wait(plate, lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
        viewers = [Viewer(s, plate) for _ in range(VIEWERS)]
        pid = s.process.pid
        seen, frames, share = watch(s, plate, device, pid)
        peak = memory_mib(pid, "VmHWM")
        health = s.json(plate)["health"]
        assert all(v.is_alive() and v.bytes for v in viewers)
        grown = judge(seen, peak)
        assert share <= MOST_PERCENT, f"{share:.1f} % of a core"
        print(f"{seen[-1][0]:.0f} s, {frames} frames, none lost on the way, none skipped; {share:.1f} % of a core (at most {MOST_PERCENT:.0f}); "
              f"at most {peak:.1f} MiB, {grown:+.1f} MiB since it was warm; device dropped {health['device_dropped']:.0f}")
        assert s.end() == 0
    except BaseException:
        if s:
            print(s.read_log()[-3000:], s.json(plate), file=sys.stderr)
        raise
    finally:
        if s:
            s.remove()
        device.end()


main()
