# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine with Debian's kernel and a USB socket or two, and plates to plug into them.

    with Machine("build", folder) as machine:
        with Plate("build", folder, "--usbredir", path=machine.port_paths[0]):
            machine.run("tenderfoot devices")

A socket of the machine is QEMU's usb-redir: what connects to it is plugged in, what hangs up is
pulled out. Commands go to the guest's agent (tests/vm/guest/agent) through a virtio port. No KVM:
it may be there and not work, and what is proven must not depend on it.
"""
import os
import shlex
import socket
import subprocess
import threading
import time


CHILDREN = []  # every process started here; to kill them all makes whoever waits for them fail


def child(command, **options):
    CHILDREN.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, **options))
    return CHILDREN[-1]


def kill_children(*_):
    for process in CHILDREN:
        process.kill()


class Failed(Exception):
    """What was proven wrong, in a sentence."""


def check(holds, *what):
    if not holds:
        raise Failed(" ".join(str(w) for w in what))


class Answer:
    def __init__(self, status, out, err):
        self.status, self.raw = status, out
        self.out, self.err = out.decode(errors="replace"), err.decode(errors="replace")


class Machine:
    """One QEMU, from boot to kill; `ports` USB sockets; `image` is the file system in build/vm."""

    def __init__(self, build, folder, ports=1, name="vm", image="image.cpio"):
        self.folder, self.name = folder, name
        self.port_paths = [os.path.join(folder, f"{name}.usb{i}") for i in range(ports)]
        self.console = os.path.join(folder, f"{name}.console")
        agent = os.path.join(folder, f"{name}.agent")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(agent)
        listener.listen(1)
        listener.settimeout(240)
        command = (
            "qemu-system-x86_64 -M q35 -accel tcg -smp 1 -m 512 -nodefaults -no-user-config -display none"
            f" -serial file:{self.console} -no-reboot"
            f" -kernel {build}/vm/vmlinux -initrd {build}/vm/{image}"
            " -device virtio-serial-pci -device qemu-xhci,id=x"
            f" -chardev socket,id=agent,path={agent} -device virtserialport,chardev=agent"
        ).split()
        # no_timer_check: on a busy computer that check fails, and the kernel gives up.
        command += ["-append", "console=ttyS0 loglevel=4 panic=-1 no_timer_check"]
        for i, path in enumerate(self.port_paths):
            command += ["-chardev", f"socket,id=usb{i},path={path},server=on,wait=off"]
            command += ["-device", f"usb-redir,chardev=usb{i},bus=x.0,port={i + 1}"]
        self.adapter = os.path.join(folder, f"{name}.adapter")
        command += ["-chardev", f"socket,id=adapter,path={self.adapter},server=on,wait=off"]
        command += ["-device", f"usb-serial,chardev=adapter,bus=x.0,port={ports + 1},serial=FT0042"]
        self.qemu = child(command)
        self.agent = None
        try:
            self.agent = listener.accept()[0]
            self.buffer = b""
            self.run("true", timeout=400)
        except BaseException as error:
            self.close()
            raise Failed(f"the machine does not start: {error}\n{self.console_text()}")
        finally:
            listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.agent:
            self.agent.close()
        self.qemu.kill()
        self.qemu.wait()

    def console_text(self):
        try:
            with open(self.console, errors="replace") as file:
                return file.read()[-4000:]
        except OSError:
            return ""

    def story(self):
        """What the guest's kernel and the console have to say, for a failure."""
        try:
            kernel = self.run("dmesg | tail -n 40", timeout=10).out
        except (Failed, OSError) as error:
            kernel = f"(no answer any more: {error})"
        return f"--- kernel\n{kernel}--- console\n{self.console_text()}"

    def _receive(self, enough):
        while not enough(self.buffer):
            more = self.agent.recv(1 << 16)
            check(more, "the machine has left:", self.console_text())
            self.buffer += more

    def _take(self, n):
        self._receive(lambda b: len(b) >= n)
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def run(self, command, status=0, timeout=240):
        """Runs one line of shell; fails unless it ends with `status` (None: any)."""
        self.agent.settimeout(timeout)
        try:
            self.agent.sendall(command.encode() + b"\n")
            self._receive(lambda b: b"\n" in b)
            head, self.buffer = self.buffer.split(b"\n", 1)
            code, n_out, n_err = map(int, head.split())
            answer = Answer(code, self._take(n_out), self._take(n_err))
        except socket.timeout:
            raise Failed(f"no answer within {timeout} s: {command}\n{self.console_text()}")
        check(status is None or answer.status == status, f"'{command}' ended with {answer.status},",
              f"not {status}:\n{answer.out[-3000:]}{answer.err[-3000:]}")
        return answer

    def fetch(self, path, to):
        with open(to, "wb") as file:
            file.write(self.run("cat " + shlex.quote(path)).raw)

    def until(self, command, timeout=120):
        """Runs it until it succeeds."""
        end = time.monotonic() + timeout
        while True:
            answer = self.run(command, status=None)
            if answer.status == 0:
                return answer
            check(time.monotonic() < end, f"not within {timeout} s: {command}\n{answer.out}{answer.err}")
            time.sleep(0.05)

    def clock_offset(self):
        """Guest's CLOCK_MONOTONIC minus ours, in s, and how far it may be off."""
        best, tries = None, 0
        while not best or tries < 5 or (tries < 100 and best[0] > 0.1):
            tries += 1
            before = time.monotonic()
            now = self.run("sed -n 's/^now at \\([0-9]*\\) nsecs/\\1/p' /proc/timer_list").out
            after = time.monotonic()
            found = (after - before, int(now) / 1e9 - (before + after) / 2)
            best = min(best, found) if best else found
        return best[1], best[0] / 2


class Plate:
    """A tenderfoot-plate; `link` and `path` as its command line has them: it listens at the path of
    --socket, and connects to that of --usbredir as soon as somebody listens there."""

    def __init__(self, build, folder, link, *options, path=None, subject="normal"):
        self.path = path or os.path.join(folder, f"plate-{time.monotonic_ns()}")
        self.said = open(self.path + ".out", "wb")
        self.process = child(
            [f"{build}/release/tenderfoot-plate", "--subject", f"samples/subjects/{subject}.json", link, self.path,
             *options], stdout=self.said, stderr=self.said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """As by the loss of its power."""
        self.process.kill()
        self.process.wait()
        self.said.close()


def connected(path, timeout=120):
    """A connection to whom listens at `path`, waited for."""
    end = time.monotonic() + timeout
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(path)
            return link
        except OSError as error:
            link.close()
            check(time.monotonic() < end, f"nobody listens at {path}: {error}")
            time.sleep(0.02)


def called(path, timeout=120):
    """A connection from whom connects to `path`, waited for; nobody can later."""
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(timeout)
    try:
        listener.bind(path)
        listener.listen(1)
        return listener.accept()[0]
    except socket.timeout:
        raise Failed(f"nobody connects to {path}")
    finally:
        listener.close()
        os.unlink(path)


class Cable:
    """Carries bytes between a plate and a port of the machine while it is plugged in. `meet` is how
    the plate is met: `called` or `connected`."""

    def __init__(self, meet, plate_path, port_path):
        self.meet, self.plate_path, self.port_path = meet, plate_path, port_path
        self.links = self.carriers = []

    def plug(self):
        """Plugs it in; returns when, by CLOCK_MONOTONIC."""
        plate = self.meet(self.plate_path)
        self.links = [plate, connected(self.port_path)]
        moment = time.monotonic()
        self.carriers = [threading.Thread(target=carry, args=pair, daemon=True)
                         for pair in (self.links, self.links[::-1])]
        for carrier in self.carriers:
            carrier.start()
        return moment

    def unplug(self):
        for link in self.links:
            hang_up(link)
        for carrier in self.carriers:
            carrier.join()
        for link in self.links:
            link.close()
        self.links = self.carriers = []


def hang_up(link):
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other side was faster


def carry(a, b):
    try:
        while data := a.recv(1 << 16):
            b.sendall(data)
    except OSError:
        pass
    hang_up(a)
    hang_up(b)
