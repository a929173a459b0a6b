"""A Linux under QEMU that obeys lines, and modules for it to talk to."""

import atexit
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import tty

FOLDER = os.environ["RIG"]
KERNEL = os.environ["RIG_KERNEL"]
# A guest's second 8250, at which a module is.
UART = "/dev/ttyS1"


class Gone(Exception):
    """The guest ended, or said nothing in time."""


def start(command, **streams):
    """Starts a program that ends with this one."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)
    atexit.register(process.kill)
    return process


# So that what was started ends too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def connect(path, process=None):
    """Connects to a Unix socket that is about to be there."""
    for _ in range(200):
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
            if process and process.poll() is not None:
                break
            time.sleep(0.05)
    raise Gone(f"nothing listens at {path}")


def serial(name, path, wait="off"):
    """Arguments of QEMU for an 8250 whose line is the socket `path`; the second one is UART."""
    chip = ["-device", f"isa-serial,chardev={name}"]
    return ["-chardev", f"socket,id={name},path={path},server=on,wait={wait}", *chip]


class Guest:
    """A guest with an 8250 for its console; `devices` are further arguments of QEMU."""

    def __init__(self, name, image, *devices, clock=None):
        self.console_path, self.monitor_path = self.path(name, "console"), self.path(name, "monitor")
        self.log = open(f"{FOLDER}/{name}.log", "w")
        command = ["qemu-system-x86_64", "-machine", "pc,accel=tcg", "-cpu", "max", "-m", "256"]
        command += ["-nodefaults", "-display", "none", "-no-reboot", "-kernel", KERNEL]
        command += ["-initrd", f"{FOLDER}/{image}"]
        # On a busy machine the kernel would take its late timer for one that does not work.
        options = "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off no_timer_check"
        command += ["-append", options]
        command += ["-qmp", f"unix:{self.monitor_path},server=on,wait=off"]
        command += [*serial("console", self.console_path, "on"), *devices]
        if clock is not None:
            command += ["-rtc", "base=" + time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(clock))]
        self.process = start(command, stdout=self.log, stderr=self.log)
        self.said = ""
        self.console = connect(self.console_path, self.process)
        self.monitor = connect(self.monitor_path, self.process).makefile("rw")
        self.monitor.readline()
        self.order("qmp_capabilities")
        self.until("@@ up", 120)

    @staticmethod
    def path(name, what):
        path = f"{FOLDER}/{name}.{what}"
        if os.path.exists(path):
            os.unlink(path)
        return path

    def order(self, command, **arguments):
        """Has QEMU do something."""
        print(json.dumps({"execute": command, "arguments": arguments}), file=self.monitor, flush=True)
        while True:
            answer = json.loads(self.monitor.readline())
            if "error" in answer:
                raise Gone(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def plug(self, **device):
        """Puts a device in. QEMU lets go of what was there before some time after it was pulled out."""
        until = time.time() + 20
        while True:
            try:
                return self.order("device_add", **device)
            except Gone as gone:
                if "in use" not in str(gone) or time.time() > until:
                    raise
            time.sleep(0.1)

    def tell(self, line):
        self.console.sendall(line.encode() + b"\n")

    def until(self, pattern, seconds):
        """What the guest says up to a match of this, which is the last thing in it."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.said)
            if found:
                heard, self.said = self.said[: found.end()], self.said[found.end() :]
                return heard
            left = end - time.monotonic()
            if left <= 0 or not self.hear(left):
                raise Gone(f"it did not say {pattern!r} but {self.said[-1500:]!r}")

    def hear(self, seconds):
        """Hears what the guest says; false if it ended."""
        if not select.select([self.console], [], [], seconds)[0]:
            return True
        heard = self.console.recv(65536).decode("utf-8", "replace").replace("\r", "")
        self.said += heard
        self.log.write(heard)
        self.log.flush()
        return bool(heard)

    def run(self, line, seconds=60):
        """Has the guest run a line of shell. What it said, and whether it succeeded."""
        self.tell(line)
        heard = self.until(r"@@ \d+\n", seconds)
        text, _, code = heard.rpartition("@@ ")
        return text, int(code) == 0

    def kill(self):
        """The power fails."""
        self.process.kill()
        self.process.wait()

    def end(self):
        self.kill()
        self.console.close()
        self.log.close()


class Module:
    """The simulator of this project, on a pseudo-terminal."""

    def __init__(self):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        self.process = start([f"{FOLDER}/sim", "--pace"], **streams)
        self.terminal = os.open(self.process.stdout.readline().strip(), os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.terminal)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


class Wire(threading.Thread):
    """Carries bytes between a module and a port of the guest, which QEMU offers as a socket."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.module = path, Module()
        self.plugged, self.on_sent = True, None
        self.woken, self.wake = os.pipe()
        self.added = bytearray()

    def run(self):
        port, terminal = connect(self.path), self.module.terminal
        waiting = bytearray()
        while True:
            writable = [port] if waiting else []
            ready, room, _ = select.select([port, terminal, self.woken], writable, [])
            if self.woken in ready:
                os.read(self.woken, 4096)
                waiting += self.added
                self.added = bytearray()
            if terminal in ready:
                try:
                    said = os.read(terminal, 4096)
                except OSError:
                    return
                if self.plugged:
                    waiting += said
            if port in ready:
                try:
                    sent = port.recv(4096)
                except ConnectionError:
                    return
                if not sent:
                    return
                os.write(terminal, sent)
                if self.on_sent:
                    self.on_sent(sent)
            if room:
                del waiting[: port.send(waiting)]

    def say(self, data):
        """Says this in the place of the module."""
        self.added += data
        os.write(self.wake, b"x")


class Report:
    """What held, and what did not."""

    def __init__(self):
        self.began, self.failed = time.monotonic(), 0

    def __call__(self, what, held, detail=""):
        self.failed += not held
        seconds = time.monotonic() - self.began
        print(f"{seconds:5.0f} s  {'ok    ' if held else 'FAILED'}  {what}  {detail}".rstrip(), flush=True)

    def end(self):
        raise SystemExit(1 if self.failed else 0)
