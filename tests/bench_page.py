# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_page.py BUILD: from the plate to the screen, in a real Chromium (headless, drawing by the processor alone) that shows the
station's page: a virtual plate of 96 x 96 cells as a process of its own, somebody standing on it, recorded meanwhile.

Plate to screen: from the scan, as the plate stamps it, to the animation frame after the one in which the page has drawn it: by
then the drawn one was handed to the screen. So up to one animation frame too much is counted, never too little. The plate's
stamps are laid onto the host's clock by the frame that came quickest (as driver/clock.h does: what that one took through a
socket is not counted). The page's clock is the host's: Chromium tells when it began. The second pair of rows begins
where the host has read the bytes. Drawing: what the page's script takes for one picture with zones, trail and numbers of both
feet, forced anew in each animation frame. Rows: name, value, unit."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import PATIENCE_S, Station, patient_person  # noqa: E402

BIN = os.path.join(sys.argv[1], "release")
RATES_HZ = (100, 500)
SECONDS = 12

# Each picture that came to be drawn: the scan's stamp, the host's read, and the page's time once it was on the screen.
SHOWN = """
const done = arguments[0], begun = performance.now();
import('/station.js').then(({now}) => {
  const rows = [];
  let seen = now.frame, drawn = null;
  function tick() {
    const at = performance.now();
    if (drawn)
      rows.push([drawn.device_time_us, drawn.host_time_us, at]);
    drawn = now.frame === seen ? null : now.frame;
    seen = now.frame;
    if (at - begun < SECONDS * 1000)
      requestAnimationFrame(tick);
    else
      done(rows);
  }
  requestAnimationFrame(tick);
});"""


def page_begin_us(browser):
    """What the page's clock counts from, by the host's: CLOCK_MONOTONIC, us."""
    browser.execute_cdp_cmd("Performance.enable", {})
    facts = {one["name"]: one["value"] for one in browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    begin_us = facts["NavigationStart"] * 1e6
    before = time.monotonic() * 1e6
    now_us = begin_us + 1e3 * browser.execute_script("return performance.now()")
    after = time.monotonic() * 1e6
    assert before - 1000 <= now_us <= after + 1000, f"the page's clock is not the host's: {before} <= {now_us} <= {after}"
    return begin_us


def rank(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


def row(rate_hz, what, value, unit):
    print(f"page, {rate_hz} frames/s of 96 x 96: {what}\t{value:.1f}\t{unit}", flush=True)


def measure(page, rate_hz):
    from page import frame_times
    page.wait("import('/station.js').then(({now}) => now.feet.length === 2 && now.feet[0].zones.length > 0)", "feet with zones")
    begin_us = page_begin_us(page.browser)
    rows = page.browser.execute_async_script(SHOWN.replace("SECONDS", str(SECONDS)))
    assert len(rows) > 100, f"only {len(rows)} pictures came to the screen"
    to_host_us = min(host - device for device, host, _ in rows)
    for name, ms in (("plate to screen, from the scan", [(begin_us + 1e3 * at - device - to_host_us) / 1e3 for device, _, at in rows]),
                     ("plate to screen, from the host's read", [(begin_us + 1e3 * at - host) / 1e3 for _, host, at in rows])):
        row(rate_hz, f"{name}, median", rank(ms, 0.5), "ms")
        row(rate_hz, f"{name}, 99th percentile", rank(ms, 0.99), "ms")
    row(rate_hz, "pictures on the screen (aim 29)", len(rows) / SECONDS, "frames/s")
    times = frame_times(page, 5)
    for name, key in (("drawing one picture", "draw"), ("between animation frames", "gap")):
        row(rate_hz, f"{name}, median", times[key + "_p50_ms"], "ms")
        row(rate_hz, f"{name}, 99th percentile" + (" (aim 33)" if key == "draw" else ""), times[key + "_p99_ms"], "ms")


def watched(folder, rate_hz):
    """A plate, a station and a page that looks at it."""
    from page import Page
    socket = os.path.join(folder, f"plate{rate_hz}")
    person = patient_person("samples/subjects/normal.json", folder)
    plate = subprocess.Popen([os.path.join(BIN, "tenderfoot-plate"), "--subject", person, "--seed", "5", "--rate", str(rate_hz),
                              "--socket", socket], stdout=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE_S
    while not os.path.exists(socket) and time.monotonic() < end:
        time.sleep(0.02)
    station = Station(os.path.join(BIN, "tenderfootd"), "--rate", str(rate_hz), "-d", f"stream:{socket}")
    page = None
    try:
        found = station.wait("/api/v1/plates", lambda p: p["plates"])["plates"][0]["id"]
        station.record(f"/api/v1/plates/{found}")
        page = Page(station, folder)
        measure(page, rate_hz)
    finally:
        if page:
            page.browser.quit()
        station.remove()
        plate.kill()
        plate.wait()


def main():
    try:
        import selenium  # noqa: F401
    except ImportError:
        selenium = None
    if not selenium or not shutil.which("chromedriver"):
        print("bench_page: skipped: chromium-driver and python3-selenium are not installed", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        for rate_hz in RATES_HZ:
            watched(folder, rate_hz)


if __name__ == "__main__":
    main()
