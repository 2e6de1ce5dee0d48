# SPDX-License-Identifier: GPL-3.0-or-later
"""test_usb.py BUILD [NAME...]: the plate on a USB cable, through a real kernel: found, asked, recorded,
pulled out and put back, disturbed, refused. What is counted is strict; rates are not (the machine
is emulated, and with RATES=0 in the environment nobody asks for them twice). Each scenario is a function here; its
last line says what it saw."""
import concurrent.futures
import contextlib
import json
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Cable, Failed, Machine, Plate, called, check, connected, kill_children
from recording import Recording

FIRMWARE = "firmware/plate-an385.elf"
USB_NODE = "/sys/bus/usb/devices"
JUDGES_RATES = os.environ.get("RATES") != "0"
RECORDED_S, REPLUGS = (10, 4) if JUDGES_RATES else (5, 2)


class TooSlow(Failed):
    """Nothing is wrong but the rate: the computer may have had other things to do."""


class Computer:
    """What the lanes share. A scenario that was too slow has it alone at its next attempt."""

    def __init__(self):
        self.changed, self.users, self.claims = threading.Condition(), 0, 0

    @contextlib.contextmanager
    def used(self, alone):
        with self.changed:
            self.claims += alone
            self.changed.wait_for(lambda: self.users == 0 if alone else self.claims == 0)
            self.users += 1
        try:
            yield
        finally:
            with self.changed:
                self.users -= 1
                self.claims -= alone
                self.changed.notify_all()


class Plugged:
    """A plate's cable, and the plate's own book of what crossed it (tenderfoot-plate --usb-log)."""

    def __init__(self, cable, log):
        self.cable, self.log = cable, log

    def until_written(self, enough, timeout=120):
        """The lines of the book as soon as there are enough."""
        end = time.monotonic() + timeout
        while True:
            with open(self.log) as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
            if enough(lines):
                return lines
            check(time.monotonic() < end, "not in the plate's book:", lines)
            time.sleep(0.05)

    def balance(self):
        """Pulls the cable, which makes the plate draw the line under its book."""
        self.cable.unplug()
        return self.until_written(lambda lines: lines[-1]["usb"] == "detached")[-1]


class Station:
    """The machine, and plates that are plugged into it."""

    def __init__(self, build, folder, machine):
        self.build, self.folder, self.machine = build, folder, machine
        self.judges_rates = JUDGES_RATES

    def too_slow(self, why):
        if self.judges_rates:
            raise TooSlow(why)

    @contextlib.contextmanager
    def plate(self, *options, port=0, subject="normal", there=1):
        """A plate that is plugged in and known to the system, a Plugged. Afterwards it is gone."""
        path = os.path.join(self.folder, f"usb-{port}-{time.monotonic_ns()}")
        plugged = Plugged(Cable(called, path, self.machine.port_paths[port]), path + ".book")
        with Plate(self.build, self.folder, "--usbredir", "--usb-log", plugged.log, *options, path=path,
                   subject=subject):
            plugged.cable.plug()
            try:
                self.until_there(there)
                yield plugged
            finally:
                plugged.cable.unplug()
        self.until_there(there - 1)

    def until_there(self, n):
        """Waits until the system knows n plates."""
        self.machine.until(f"test $(ls /dev | grep -c ttyACM) = {n} && udevadm settle -t 5")

    def serials(self):
        return self.machine.run(f"cat {USB_NODE}/?-?/serial").out.split()

    def record(self, *arguments, **options):
        return Recording(self.machine, f"r{time.monotonic_ns()}", *arguments, **options)


def clean(station, recording, seconds, summary, end="complete"):
    """A recording that nothing disturbed: what is missing the plate itself had dropped, and said so in
    its last STATUS, or since then, which is a second at most."""
    if summary["stalls"]:
        station.too_slow("no frame for 2.5 s, because this computer let the machine sleep")
    counts = recording.counted()
    check(summary["end"] == end and summary["restarts"] == summary["damaged_bytes"] == 0, summary)
    check(counts["lost"] <= summary["device_dropped"] + 100 and counts["bad"] == 0, counts, summary)
    check(counts["boots"] == 1 and not counts["joined_late"], counts)
    if counts["delivered"] < 90 * seconds:
        station.too_slow(f"{counts['delivered']} frames in {seconds} s, {counts['lost']} dropped by the plate")
    return f"{counts['delivered']} frames in {seconds} s, {counts['lost']} lost"


def kept_to_the_book(recording, book, in_flight=0):
    """The only recording of one boot: what crossed the cable is in it, but for what was scanned after
    its end, and what was in flight when a fault ended all transfers."""
    counts, after = recording.counts, book["scan"] - recording.frames.last
    check(book["frames"] + book["lost"] == book["scan"] + 1, "the book does not add up:", book)
    check(0 <= book["frames"] - counts["delivered"] <= after + in_flight,
          f"{after} frames after its end, {counts}, but by", book)


# --- The plate and the system -------------------------------------------------------------------

COMPLAINTS = re.compile(r"can.?t get|couldn.?t|unavailable|invalid|warning|unrecognized|junk|too short|\(error", re.I)
KERNEL_COMPLAINTS = re.compile(r"usb.*(error|fail|unable|invalid|descriptor|not accepting|bogus|can.t)", re.I)


def enumeration(station):
    """lsusb -v has nothing to complain of, nor has the kernel; the rule does what it promises."""
    machine = station.machine
    with station.plate():
        lsusb = machine.run("lsusb -v -d 1209:0001 2>&1").out
        with open(os.path.join(station.build, "vm", "lsusb.txt"), "w") as file:
            file.write(lsusb)
        complaints = [line for line in lsusb.splitlines() if COMPLAINTS.search(line)]
        check(not complaints, "lsusb complains:", complaints)
        kernel = [line for line in machine.run("dmesg").out.splitlines() if KERNEL_COMPLAINTS.search(line)]
        check(not kernel, "the kernel complains:", kernel)
        for part in "CDC ACM:", "CDC Union:", "WebUSB:", "d8dd60df-4589-4cc7-9cd2-659d9e648a9f":
            check(part in lsusb, f"lsusb shows no '{part}':", lsusb)
        (serial,) = station.serials()
        for node, device in (serial, "/dev/bus/usb/"), (serial + "-tty", "/dev/ttyACM"):
            link = machine.run(f"realpath /dev/tenderfoot/{node}").out
            check(link.startswith(device), f"/dev/tenderfoot/{node} leads to {link}")
            known = machine.run(f"udevadm info /dev/tenderfoot/{node}").out
            check("ID_MM_DEVICE_IGNORE=1" in known and re.search("TAGS=.*:uaccess:", known), known)
        listed = json.loads(machine.run("tenderfoot devices --json").out)
        check(serial in json.dumps(listed), f"{serial} is not in", listed)
    return f"{serial}: {len(lsusb.splitlines())} lines of lsusb -v without a complaint ({station.build}/vm/lsusb.txt)"


# --- Streams ------------------------------------------------------------------------------------

def record_usb(station):
    with station.plate() as plugged:
        recording = station.record("usb:", f"--seconds {RECORDED_S}")
        said = clean(station, recording, RECORDED_S, recording.ended())
        kept_to_the_book(recording, plugged.balance())
    numbers = json.loads(station.machine.run(f"tenderfoot analyze --json {recording.name}.tfr").out)
    check(len(numbers["feet"]) == 2, numbers)
    return said + f"; {numbers['max_force_n']:.0f} N on two feet"


def record_serial(station):
    with station.plate() as plugged:
        recording = station.record("serial:/dev/ttyACM0", f"--seconds {RECORDED_S}")
        said = clean(station, recording, RECORDED_S, recording.ended())
        kept_to_the_book(recording, plugged.balance())
    return said


def usb_serial_adapter(station):
    """A plate behind an FTDI cable: the kernel's ftdi_sio and Debian's libserialport. It is the cable
    that has a serial number here, and by that it is found again."""
    machine = station.machine
    with Plate(station.build, station.folder, "--socket") as plate:
        cable = Cable(connected, plate.path, machine.adapter)
        cable.plug()
        machine.until("test -e /dev/ttyUSB0")
        recording = station.record("serial:/dev/ttyUSB0", "--seconds 4")
        said = clean(station, recording, 4, recording.ended())
        recording = station.record("serial:/dev/ttyUSB0", "--wait 10")
        recording.until_flowing()
        cable.unplug()
        time.sleep(0.5)
        cable.plug()
        recording.until_flowing()
        recording.interrupt()
        summary, counts = recording.ended(), recording.counted()
        check(summary["replugs"] == 1 and counts["boots"] == 1, summary, counts)
        cable.unplug()
        machine.until("! test -e /dev/ttyUSB0")
    return said + f"; replugged, and on after {summary['longest_gap_s']:.2f} s"


def emulated_firmware(station):
    """The firmware's ELF on an emulated Cortex-M3 is the plate."""
    with station.plate("--elf", os.path.join(station.build, FIRMWARE)) as plugged:
        recording = station.record("usb:", "--seconds 6")
        said = clean(station, recording, 6, recording.ended())
        kept_to_the_book(recording, plugged.balance())
    return said


# --- The cable ----------------------------------------------------------------------------------

def replug(station, device, cycles, seed, rest_s=1.0):
    """Pulls the cable out of a running recording at random moments; how long it took from plugging
    it in again to the next frame, for each time."""
    draw = random.Random(seed)
    offset, error = station.machine.clock_offset()
    if error >= 0.1:
        station.too_slow(f"the machine's clock is known to {error:.3f} s only")
    with station.plate() as plugged:
        recording = station.record(device, "--wait 10")
        recording.until_flowing()
        before = recording.holds()
        moments = []
        for _ in range(cycles):
            time.sleep(draw.uniform(0.2, rest_s))
            plugged.cable.unplug()
            time.sleep(draw.uniform(0.1, rest_s))
            moments.append(plugged.cable.plug() + offset)
            recording.until_flowing()
        after = recording.holds()
        recording.interrupt()
        summary, counts = recording.ended(), recording.counted()
        book = plugged.balance()
    check(after["descriptors"] == before["descriptors"], "descriptors leak:", before, after)
    check(after["kib"] <= before["kib"] + 1024, "memory leaks:", before, after)
    check(summary["replugs"] == cycles and summary["restarts"] == 0, summary)
    check(counts["boots"] == 1 and counts["bad"] <= cycles, counts)
    check(counts["delivered"] <= book["frames"], f"{counts['delivered']} frames, but by", book)
    return [recording.frames.first_after(moment) for moment in moments], counts


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def within_a_second(station, delays, counts):
    if percentile(delays, 0.5) > 2.0:  # 1 s on a computer of its own
        station.too_slow(f"first frames after replugging came late: {delays}")
    return (f"{len(delays)} times, {counts['delivered']} frames, {counts['lost']} lost and counted; first frame after "
            f"{percentile(delays, 0.5):.2f} s (p50), {max(delays):.2f} s (worst)")


def replug_usb(station):
    return within_a_second(station, *replug(station, "usb:", REPLUGS, seed=11))


def replug_serial(station):
    return within_a_second(station, *replug(station, "serial:/dev/ttyACM0", REPLUGS, seed=12))


def power_cycle(station):
    """The cable is the plate's power: each time it boots, and the recording goes on."""
    times = 3
    with station.plate("--faults", ",".join(["usb-power@n90:ms=400"] * times)) as plugged:
        recording = station.record("usb:", "--wait 10")
        plugged.until_written(lambda lines: sum(line["usb"] == "usb-power" for line in lines) == times)
        recording.until_flowing()
        recording.interrupt()
        summary, counts = recording.ended(), recording.counted()
        book = plugged.balance()
    check(summary["replugs"] == summary["restarts"] == times and counts["boots"] == times + 1, summary, counts)
    check(len(recording.frames.serials) == 1, recording.frames.serials)
    check(counts["delivered"] <= book["frames"], f"{counts['delivered']} frames, but by", book)
    return f"{times} restarts in one recording of {counts['delivered']} frames, {counts['lost']} lost"


def swapped_ports(station):
    """Two plates, told apart by what they are and not by where they are."""
    machine = station.machine
    with station.plate() as first:
        (ours,) = station.serials()
        with station.plate(port=1, subject="tender_1", there=2) as second:
            (other,) = set(station.serials()) - {ours}
            refused = machine.run("tenderfoot record --device usb: --seconds 1 -o any.tfr", status=1).err
            check(ours in refused and other in refused, "which plate? is not asked:", refused)
            recordings = [station.record(f"usb:{serial}", "--wait 10") for serial in (ours, other)]
            for recording in recordings:
                recording.until_flowing()
            first, second = first.cable, second.cable
            first.unplug()
            second.unplug()
            first.port_path, second.port_path = second.port_path, first.port_path
            second.plug()
            first.plug()
            for recording in recordings:
                recording.until_flowing()
                recording.interrupt()
            for recording, serial in zip(recordings, (ours, other)):
                summary, counts = recording.ended(), recording.counted()
                check(recording.frames.serials == {serial} and counts["boots"] == 1, serial, recording.frames.serials)
                check(summary["replugs"] == 1, summary)
    return f"{ours} and {other} changed places in mid-recording, each went on in its own file"


def pulled_for_good(station):
    """Exit 4 when patience ends, and a whole file."""
    said = []
    for wait in 0, 2:
        with station.plate() as plugged:
            recording = station.record("usb:", f"--wait {wait}")
            recording.until_flowing()
            plugged.cable.unplug()
            start = time.monotonic()
            recording.ended(status=4)
            said.append(f"--wait {wait}: exit 4 after {time.monotonic() - start:.1f} s")
            check(recording.counted()["bad"] == 0, recording.counts)
    return ", ".join(said)


# --- Disturbances -------------------------------------------------------------------------------

def disturbed(station, deed):
    """A recording from usb: goes on after the deed, same boot, nothing wrong in it."""
    with station.plate():
        (port,) = station.machine.run(f"basename $(dirname $(ls {USB_NODE}/?-?/serial))").out.split()
        recording = station.record("usb:", "--wait 10")
        recording.until_flowing()
        station.machine.run(deed.replace("PORT", f"{USB_NODE}/{port}"))
        recording.until_flowing()
        recording.interrupt()
        summary, counts = recording.ended(), recording.counted()
    check(counts["boots"] == 1 and summary["restarts"] == 0, summary)
    return f"goes on after {summary['longest_gap_s']:.2f} s, {counts['lost']} lost and counted"


def bus_reset(station):
    return disturbed(station, "usbreset 1209:0001")


def forbidden_and_allowed(station):
    return disturbed(station, "echo 0 >PORT/authorized; usleep 300000; echo 1 >PORT/authorized")


def faults_on_the_bus(station):
    """What a cable may do to packets; the plate does it to itself."""
    faults = "usb-halt@n100,usb-error@n200,usb-babble@n300,usb-lose@n400,usb-silence@n500:ms=3300"
    with station.plate("--faults", faults) as plugged:
        recording = station.record("usb:", "--seconds 10", "--wait 10")
        summary, counts = recording.ended(), recording.counted()
        kept_to_the_book(recording, plugged.balance(), in_flight=32)
        plugged.until_written(lambda lines: sum(line["usb"].startswith("usb-") for line in lines) == 5)
    check(counts["boots"] == 1 and summary["restarts"] == 0, summary)
    return (f"5 faults, {counts['delivered']} frames, {counts['lost']} lost and counted, "
            f"{counts['bad']} of them bad")


def killed(station):
    """A host that dies leaves a plate that is free: the kernel puts it back to rest."""
    def setting():
        return station.machine.run(f"cat {USB_NODE}/?-[1-9]:1.0/bAlternateSetting").out.strip()

    with station.plate():
        recording = station.record("usb:")
        recording.until_flowing()
        check(setting() == "1", "while it streams the setting is", setting())
        station.machine.run(f"kill -9 $(cat {recording.name}.pid)")
        recording.ended(status=137)
        check(setting() == "0", "after the kill the setting is", setting())
        recording = station.record("usb:", "--seconds 2")
        said = clean(station, recording, 2, recording.ended())
    return "the next recording starts at once: " + said


# --- Refusals -----------------------------------------------------------------------------------

def refused(machine, command, *words):
    answer = machine.run(command, status=1)
    for word in words:
        check(word in answer.err, f"'{command}' does not say '{word}':", answer.err)
    return answer.err


def owned(station, device, deeds):
    """A recording that goes on all the while and notices nothing."""
    owner = station.record(device)
    owner.until_flowing()
    deeds()
    owner.until_flowing()
    owner.interrupt()
    summary = owner.ended()
    return clean(station, owner, round(summary["duration_s"], 1), summary, end="interrupted")


def refusals(station):
    machine = station.machine
    once = "tenderfoot record --seconds 1 -o /tmp/refused.tfr --device"
    refused(machine, f"{once} usb:", "no plate")
    with station.plate():
        nobody = f"su nobody -s /bin/sh -c '{once} DEVICE'"
        refused(machine, nobody.replace("DEVICE", "usb:"), "no permission", "tenderfoot devices --udev-rule",
                "70-tenderfoot.rules")
        refused(machine, nobody.replace("DEVICE", "serial:/dev/ttyACM0"), "no permission", "dialout")
        (serial,) = station.serials()
        refused(machine, f"{once} usb:NOBODYS-1", "NOBODYS-1", serial)
        said = owned(station, "usb:", lambda: (
            refused(machine, f"{once} usb:", "another program"),
            refused(machine, f"{once} serial:/dev/ttyACM0", "another")))
        owned(station, "serial:/dev/ttyACM0", lambda: refused(machine, f"{once} usb:", "another"))
    machine.run("! test -e /tmp/refused.tfr")
    return "no plate, no permission, another plate, busy, each by its message; the owner undisturbed: " + said


# Two machines side by side, each goes through its own.
LANES = [
    [enumeration, record_usb, replug_usb, power_cycle, bus_reset, faults_on_the_bus, emulated_firmware],
    [refusals, record_serial, replug_serial, usb_serial_adapter, killed, swapped_ports, pulled_for_good,
     forbidden_and_allowed],
]


def plates_said(folder):
    """What the plates had to say on their standard error, for a failure."""
    said = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".out"):
            with open(os.path.join(folder, name), errors="replace") as file:
                said.append(f"--- {name}\n{file.read()[-1000:]}")
    return "".join(said)


def patiently(scenario, station, computer):
    """A computer that is too slow for a rate even when it has nothing else to do is told of, and
    everything else is judged on it."""
    try:
        with computer.used(alone=False):
            return scenario(station)
    except TooSlow:
        pass
    with computer.used(alone=True):
        try:
            return scenario(station) + ", at the second attempt"
        except TooSlow as error:
            station.judges_rates = False
            return f"{scenario(station)}; THE RATE IS NOT JUDGED: {error}"
        finally:
            station.judges_rates = JUDGES_RATES


def attempt(scenario, station, computer):
    """Whether it holds; says what it saw."""
    start = time.monotonic()
    try:
        said = patiently(scenario, station, computer)
    except Exception as error:
        if not isinstance(error, Failed):
            traceback.print_exc()
        print(f"{scenario.__name__}: FAILED\n{error}\n{station.machine.story()}\n{plates_said(station.folder)}",
              flush=True)
        return False
    print(f"{scenario.__name__:28}{said} ({time.monotonic() - start:.0f} s)", flush=True)
    return True


def go_through(build, scenarios, computer):
    """All of them in one machine, up to the first that fails."""
    with tempfile.TemporaryDirectory() as folder, Machine(build, folder, ports=2) as machine:
        station = Station(build, folder, machine)
        return all(attempt(scenario, station, computer) for scenario in scenarios)


def main():
    for ending in signal.SIGINT, signal.SIGTERM:
        signal.signal(ending, kill_children)
    build, names = sys.argv[1], sys.argv[2:]
    lanes = [[s for s in lane if not names or s.__name__ in names] for lane in LANES]
    lanes = [lane for lane in lanes if lane]
    computer = Computer()
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
        done = [pool.submit(go_through, build, lane, computer) for lane in lanes]
        return 0 if all([lane.result() for lane in done]) else 1


if __name__ == "__main__":
    sys.exit(main())
