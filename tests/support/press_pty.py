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
        self.child = subprocess.Popen(args, stdin=self.slave, stdout=subprocess.DEVNULL, stderr=self.slave,
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
print("keys: led, drawn, stopped, ended; the terminal is as it was")

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
