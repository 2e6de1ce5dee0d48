# SPDX-License-Identifier: GPL-3.0-or-later
"""tenderfoot press on a pseudo terminal: the drawing, the keys, and the terminal's mode before and after.

press_pty.py TENDERFOOT SUBJECT FOLDER
"""
import os, pty, re, select, signal, subprocess, sys, termios, time

program, subject, folder = sys.argv[1:4]


class Session:
    def __init__(self, name, *more):
        self.path = f"{folder}/{name}.tfr"
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        args = [program, "press", "--device", f"virtual:{subject}?seed=3&pace=fast", "-o", self.path, "--route",
                "P07,P09", "--stand-seconds", "2", "--seed", "5", *more]
        self.child = subprocess.Popen(args, stdin=self.slave, stdout=open(self.path + ".out", "w"), stderr=self.slave,
                                      start_new_session=True,
                                      preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0))
        self.seen, self.until, self.at, self.at_next = "", None, 0, 0

    def read(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
            try:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                return
            if self.until and re.search(self.until, self.seen[self.at:]):
                return

    def wait_for(self, pattern, seconds=300):
        self.until, self.at = pattern, self.at_next
        self.read(seconds)
        found = re.search(pattern, self.seen[self.at:])
        assert found, f"no '{pattern}' in:\n{self.seen[-3000:]}"
        self.at_next = self.at + found.end()

    def key(self, keys):
        os.write(self.master, keys.encode())

    def words(self):
        """What it said of itself when it was over, on one line."""
        return " ".join(open(self.path + ".out").read().split())

    def press_some(self, n=1):
        """Leads on until so many presses are done."""
        for _ in range(600):
            if any(int(done) >= n for done in re.findall(r"\b(\d+) presses done", self.seen)):
                return
            self.key(" ")
            self.read(0.2)
        raise AssertionError("no press was made:\n" + self.seen[-2000:])

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO)

    def finish(self, seconds=300):
        self.until, self.at = None, 0
        end = time.monotonic() + seconds
        while self.child.poll() is None and time.monotonic() < end:
            self.read(0.1)
        assert self.child.poll() is not None, "it does not end:\n" + self.seen[-2000:]
        after = termios.tcgetattr(self.slave)
        assert after[3] == self.before[3] and after[6] == self.before[6], "the terminal is not as it was"
        os.close(self.master)
        return self.child.returncode


def lead(session):
    session.wait_for(r"keys: space go on, q end")
    assert session.is_raw()
    session.key(" ")
    session.wait_for(r"to the person|stud at \d+ mm from the left edge")


# Keys lead the person; the place and the meter are drawn; s stops; q ends with a word why.
one = Session("keys")
lead(one)
for _ in range(8):
    one.key(" ")
    time.sleep(0.5)
one.wait_for(r"tip  \[#*\.*\] +\d+ of at most \d+ kPa")
assert re.search(r"P0\d: (left|right) foot, [a-z ]+, in line with the [a-z ]+ toe, \d+ %", one.seen), one.seen[-2000:]
one.key("s")
time.sleep(0.3)
one.key("q")
code = one.finish()
assert code == 0, (code, one.seen[-2000:])
assert "Ended: the person has had enough." in one.words(), one.words()
print("keys: led, drawn, stopped, ended; the terminal is as it was")


def told(session, how, goes_on):
    """The last words: what is kept and where, how it ended, how many places were pressed, which are not
    tested, and how to go on."""
    words = session.words()
    kept = re.search(rf"^Kept: {re.escape(session.path)}: (\d+) press(?:es)? in ", words)
    places = re.search(r"Pressed: (\d) of the 4 places\. Not pressed, so not tested: ((?:(?:left|right) P0[79](?:, )?)+)\.", words)
    assert kept and places and how in words, words
    assert 1 <= int(places[1]) == 4 - len(places[2].split(", ")), words
    assert f"{goes_on}: the same command with another -o and --earlier {session.path}" in words, words
    assert re.search(r"none of the \d+ zones of the soles tested|zones of the soles tested, \d+ not tested", words), words


enough = Session("enough", "--client", "led")
lead(enough)
enough.press_some()
enough.key("q")
assert enough.finish() == 0
told(enough, "Ended: the person has had enough.", "To test the rest another time, with these presses counted")

broken = Session("broken", "--client", "led")
lead(broken)
broken.press_some()
broken.key("\x03")
assert broken.finish() == 0
told(broken, "Stopped by the operator.", "To go on with it")

# Nobody was pressed: nothing is tested, and there is nothing to go on with.
early = Session("early", "--client", "led")
early.wait_for("keys: k without standing")
early.key("q")
assert early.finish() == 0
assert "Ended: before the first press. Nothing was pressed, so nothing is tested. To begin again:" in early.words(), early.words()
assert "--earlier" not in early.words(), early.words()
print("the last words: what is kept, what was pressed, what is not tested, how to go on")

# Ctrl-C is a stop in good order, also in the middle of everything.
two = Session("interrupted")
lead(two)
two.key("\x03")
code = two.finish()
assert code == 0, (code, two.seen[-2000:])
assert "Lift the foot" in two.seen
assert subprocess.run([program, "verify", two.path], stdout=subprocess.DEVNULL).returncode == 0
print("Ctrl-C: recorded in good order; the terminal is as it was")

# A signal that kills leaves the terminal as it was, too.
three = Session("killed")
lead(three)
os.kill(three.child.pid, signal.SIGABRT)
assert three.finish() == -signal.SIGABRT
print("killed: the terminal is as it was")
