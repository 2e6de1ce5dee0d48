# SPDX-License-Identifier: GPL-3.0-or-later
"""The practitioner's page in a real Chromium, used by keys alone."""
import json
import os
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

PATIENCE_S = float(os.environ.get("PATIENCE_S", 240))  # of a busy machine; nothing is measured by it


def open_browser():
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1600,1050", "--lang=en",
                 "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--disable-background-networking", "--disable-component-update", "--autoplay-policy=no-user-gesture-required"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


# What the console says of a station that is away: that nobody answers, or with which error.
AWAY = ("net::ERR_", "Failed to load resource")


class Page:
    """`pages`: folder of screenshots; `axe`: axe-core's script, or None."""

    def __init__(self, station, pages, axe=None, browser=None):
        self.browser, self.station, self.pages, self.asked = browser or open_browser(), station, pages, set()
        self.axe = open(axe).read() if axe and os.path.exists(axe) else None
        self.checked = 0
        self.browser.set_script_timeout(PATIENCE_S)
        # Left first: that the station before has ended is no complaint of this page.
        self.browser.get("about:blank")
        self.browser.get_log("browser")
        self.browser.get(station.url + "#token=" + station.token)

    def js(self, words):
        return self.browser.execute_script("return " + words)

    def text(self, name):
        return self.js(f"(document.getElementById('{name}') || {{textContent: ''}}).textContent")

    def wait(self, words, what):
        end = time.monotonic() + PATIENCE_S
        while not (found := self.js(words)):
            if time.monotonic() > end:
                self.shot("failed")
                raise AssertionError(f"never: {what}; the page says: {self.text('alarm')} | {self.text('flow')[:300]}")
            time.sleep(0.05)
        return found

    def there(self, name):
        self.wait(f"document.getElementById('{name}') && !document.getElementById('{name}').disabled", name)

    def keys(self, *keys):
        ActionChains(self.browser, duration=20).send_keys(*keys).perform()

    def reach(self, name):
        """By Tab, as one without a mouse does."""
        self.tab_to(f"document.getElementById('{name}')", name)

    def tab_to(self, found, what):
        """By Tab to an element, backwards where that is shorter: so often as the page's order says, and again if it is
        not there yet (the page was built anew meanwhile). Each look costs a busy machine more than the keys do."""
        way = f"""(() => {{ const all = [...document.querySelectorAll('a[href], button:enabled, input:enabled, select, summary, [tabindex="0"]')]
            .filter((e) => e.offsetParent), at = all.indexOf(document.activeElement), to = all.indexOf({found});
            return to < 0 ? null : at === to ? 0 : at < 0 ? 1 : to - at; }})()"""
        end, presses = time.monotonic() + PATIENCE_S, 0
        while steps := self.way_to(way, what, end):
            presses += 1
            assert presses < 60, f"Tab never comes to {what}"
            if steps > 0:
                self.keys(*[Keys.TAB] * steps)
            else:
                ActionChains(self.browser, duration=20).key_down(Keys.SHIFT).send_keys(*[Keys.TAB] * -steps).key_up(Keys.SHIFT).perform()

    def way_to(self, way, what, end):
        while (steps := self.js(way)) is None:
            if time.monotonic() > end:
                self.shot("failed")
                raise AssertionError(f"never: {what}; the page says: {self.text('alarm')} | {self.text('flow')[:300]}")
            time.sleep(0.05)
        return steps

    def press(self, name):
        self.reach(name)
        self.keys(Keys.ENTER)

    def choose(self, name, value):
        """An entry of a list, by keys; again where the page was built anew under them. A choice that leads away is made."""
        end, chosen = time.monotonic() + PATIENCE_S, f"(document.getElementById('{name}') || {{value: '{value}'}}).value"
        self.reach(name)
        while self.js(chosen) != value:
            assert time.monotonic() < end, f"{name} never becomes {value}"
            self.reach(name)
            self.one_of(name, value)

    def one_of(self, name, value):
        """The first and the last by one key: each step is a choice."""
        at, to, n = self.js(f"(() => {{ const s = document.getElementById('{name}') || {{options: []}};"
                            f" return [s.selectedIndex, [...s.options].findIndex((o) => o.value === '{value}'), s.options.length]; }})()")
        if n and to in (0, n - 1):
            self.keys(Keys.END if to else Keys.HOME)
        elif n:
            self.keys(*[Keys.ARROW_DOWN if to > at else Keys.ARROW_UP] * abs(to - at))

    def list_button(self, words):
        """The button of a list that says so."""
        self.tab_to(f"[...document.querySelectorAll('#flow .list button, #flow table button')].find((b) => b.textContent.includes({json.dumps(words)}))",
                    words)
        self.keys(Keys.ENTER)

    def sizes_px(self, *selectors):
        """Height of the letters of what is shown there, all at one moment; None: nothing is shown."""
        return self.browser.execute_script(
            "return arguments[0].map((selector) => { const e = [...document.querySelectorAll(selector)].find((one) => one.offsetParent);"
            " return e ? parseFloat(getComputedStyle(e).fontSize) : null; });", selectors)

    def shot(self, name):
        self.browser.save_screenshot(os.path.join(self.pages, name + ".png"))

    def look(self, name):
        """A screenshot, and what axe has to say of contrast, roles and names."""
        self.shot(name)
        if not self.axe:
            return
        if not self.js("typeof window.axe === 'object'"):
            self.browser.execute_script(self.axe)
        found = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],"
            " resultTypes: ['violations']}).then((r) => done(r.violations.map((v) => [v.id, v.impact, v.nodes.map((n) => n.html.slice(0, 150))])),"
            " (e) => done([['axe', String(e), []]]));")
        self.checked += 1
        assert not found, (name, found)

    def forgive_away(self):
        """A station was away meanwhile."""
        self.forgive(*AWAY)

    def forgive(self, *words):
        """The console has nothing but that."""
        said = [line["message"] for line in self.browser.get_log("browser")]
        assert all(any(one in line for one in words) for line in said), said

    def check_quiet(self):
        """Nothing on the console; all that was asked was asked of the station (another name could not even be looked up, and
        the console would say so)."""
        said = [line["message"] for line in self.browser.get_log("browser")]
        assert not said, said
        self.asked.update(self.js("performance.getEntries().map((e) => e.name.split('?')[0]).filter((name) => name.includes(':'))"))
        self.browser.execute_script("performance.clearResourceTimings(); performance.setResourceTimingBufferSize(5000)")
        foreign = [url for url in self.asked if not url.startswith((self.station.url, "blob:" + self.station.url, "data:"))]
        assert not foreign, foreign


FRAMES = """
const done = arguments[0], [{now, }, {draw, redraw}] = await Promise.all([import('/station.js'), import('/soles.js')]);
const gaps = [], costs = [], begun = performance.now(), first = now.frames;
let last = begun;
function tick(t) {
  gaps.push(t - last);
  last = t;
  redraw();
  const a = performance.now();
  draw();
  costs.push(performance.now() - a);
  if (performance.now() - begun < SECONDS * 1000)
    requestAnimationFrame(tick);
  else {
    const rank = (list, share) => list.sort((a, b) => a - b)[Math.floor(share * (list.length - 1))];
    done({shown_hz: 1000 * (now.frames - first) / (performance.now() - begun), draw_p50_ms: rank(costs, 0.5), draw_p99_ms: rank(costs, 0.99),
      gap_p50_ms: rank(gaps, 0.5), gap_p99_ms: rank(gaps, 0.99)});
  }
}
requestAnimationFrame(tick);
"""


def frame_times(page, seconds=1):
    """Frames that come to the page, what drawing one costs, and how far apart the screen's are."""
    script = "(async () => {" + FRAMES.replace("arguments[0]", "args[0]").replace("SECONDS", str(seconds)) + "})()"
    return page.browser.execute_async_script("const args = arguments; " + script)
