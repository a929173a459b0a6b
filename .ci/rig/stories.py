"""The stories of .ci/tty."""

import re
import sys
import threading
import time

from guest import UART, Guest, Report, Wire, serial
from ft232 import BREAK, FRAMING, Ft232

USB = "usb:0403:6001"
KINDS = ("session", "async")
NOISE = b"\r\n+CREG: 1\r\n"


class Till:
    """The program `probe` in the guest, until it has closed its port."""

    def __init__(self, guest, kind, place, ready=True):
        self.guest = guest
        guest.tell(f"probe {kind} {place}")
        self.heard = ""
        if ready:
            self.until("identifying -> ready", 90)

    def tell(self, line):
        self.guest.tell(line)

    def until(self, pattern, seconds):
        heard = self.guest.until(pattern + r".*\n", seconds)
        self.heard += heard
        return heard

    def sign(self, seconds=60):
        """Whether it makes a signature within this time."""
        self.tell(f"sign {seconds}")
        return "not signed" not in self.until("(signed after|not signed)", seconds + 30)

    def health(self):
        self.tell("health")
        said = self.until("health: ", 60)
        return dict(re.findall(r"(\w+) ([^;\n]*)[;\n]", said[said.rindex("health: ") + 8 :]))

    def close(self):
        """How long it takes, in milliseconds."""
        self.tell("quit")
        return int(re.search(r"closed after (\d+) ms", self.until("closed after", 60))[1])

    def quit(self):
        self.close()
        self.gone()

    def gone(self):
        self.guest.until(r"@@ \d+\n", 90)


def cpu(health):
    return int(health["cpu"].split()[0])


def emulated(report):
    """A guest with an 8250, and QEMU's own look-alike of an FTDI adapter."""
    uart, usb = Wire(Guest.path("emulated", "uart")), Wire(Guest.path("emulated", "usb"))
    adapter = {"driver": "usb-serial", "id": "adapter", "bus": "bus.0", "chardev": "usb"}
    adapter["serial"] = "A50285BI"
    devices = [*serial("uart", uart.path), "-chardev", f"socket,id=usb,path={usb.path},server=on,wait=off"]
    devices += ["-device", "piix3-usb-uhci,id=bus"]
    devices += ["-device", ",".join(f"{key}={value}" for key, value in adapter.items())]
    uart.start()
    usb.start()
    guest = Guest("emulated", "tty.cpio.gz", *devices, clock=60)
    guest.run("while [ ! -e /dev/ttyUSB0 ]; do sleep 0.2; done")

    said, held = guest.run("m26 ports")
    report("m26 ports names the adapter, without udev", held and "0403:6001" in said)
    for language, says in (("en", "shows a time before 2020"), ("zh", "早于 2020 年")):
        said, _ = guest.run(f"pos --lang {language} --port {UART} --stay-open", 120)
        report(f"pos says that the clock is that of 1970 ({language})", says in said)
    for port in (UART, USB):
        said, held = guest.run(f"m26 --port {port} info")
        report(f"a client works at {port}", held and "M26" in said)
        for kind in KINDS:
            till = Till(guest, kind, port)
            signed = till.sign()
            health = till.health()
            report(f"{kind}: it signs at {port}", signed)
            report(f"{kind}: nothing was lost at {port}", health["errors"] == "none", health["errors"])
            till.quit()

    till = Till(guest, "session", UART)
    before = till.health()
    till.tell("busy 2500")
    time.sleep(0.5)
    uart.say(NOISE * 800)
    till.sign()
    unread(report, before, till.health())
    guest.order("chardev-send-break", id="uart")
    time.sleep(1)
    signed, health = till.sign(), till.health()
    report("8250: a break is told", health["errors"] == "brk 1", health["errors"])
    report("8250: after it, it signs", signed)
    till.quit()

    clock(report, guest)
    for kind in KINDS:
        unplugged(report, guest, usb, adapter, kind)
        moved_by_suspend(report, guest, kind)
        moved_by_replug(report, guest, usb, adapter, kind)
    guest.end()


def unread(report, before, after):
    heard = int(after["urcs"]) - int(before["urcs"])
    detail = f"{heard} of 800 lines, errors {after['errors']}, ready {after['ready']} time"
    fine = heard >= 800 and after["errors"] == "none" and after["ready"] == "1"
    report("8250: 9,600 unread bytes are all there, and none is called lost", fine, detail)


def clock(report, guest):
    """The guest's clock is of 1970, and somebody sets it while the session is ready."""
    till = Till(guest, "async", UART)
    report("the session warns of a clock of 1970", "before 2020" in till.heard)
    till.tell(f"clock {int(time.time())}")
    end = time.monotonic() + 90
    while "Agree" not in till.health()["clock"] and time.monotonic() < end:
        time.sleep(5)
    shows = till.health()["clock"]
    report("health() sees that it was set", "Agree" in shows, shows)
    till.quit()


def unplugged(report, guest, wire, adapter, kind):
    """It is pulled while a signature is made, and comes back."""
    till = Till(guest, kind, USB)

    def pull(sent):
        if b"AT+ALIPAYSIGN" in sent:
            wire.plugged, wire.on_sent = False, None
            pulled.append(True)

    pulled = []
    wire.on_sent = pull
    till.tell("sign 0")
    end = time.monotonic() + 30
    while not pulled and time.monotonic() < end:
        time.sleep(0.01)
    guest.order("device_del", id="adapter")
    said = till.until("(signed after|not signed)", 60)
    report(f"{kind}: pulled in mid-signature, the outcome is unknown", "not signed, unknown" in said)
    before = till.health()
    time.sleep(10)
    used = cpu(till.health()) - cpu(before)
    report(f"{kind}: an unplugged adapter costs no processor", used <= 500, f"{used} ms in 10 s")
    wire.plugged = True
    guest.plug(**adapter)
    began = time.monotonic()
    till.until("identifying -> ready", 120)
    took = time.monotonic() - began
    signed = till.sign()
    report(f"{kind}: plugged in again it is ready and signs", signed, f"{took:.0f} s")
    till.quit()


def moved_by_suspend(report, guest, kind):
    """While the guest sleeps, the adapter loses its power. Linux takes it for a new one and, since the
    session still has the old port, gives it another name."""
    path = place(guest)
    till = Till(guest, kind, USB)
    suspend(guest, till)
    till.until("identifying -> ready", 120)
    signed = till.sign()
    till.quit()
    now = place(guest)
    report(f"{kind}: after a suspend it finds its adapter and signs", signed and now != path, f"{path}, {now}")

    till = Till(guest, kind, now)
    suspend(guest, till)
    said = till.until(f"there is no {now}: ", 60)
    till.quit()
    told = f"the ports here: {place(guest)} (usb:0403:6001:A50285BI)"
    report(f"{kind}: by its old path it is told which ports there are", told in said, told)


def moved_by_replug(report, guest, wire, adapter, kind):
    """The adapter is plugged in again while another program has its old port."""
    path = place(guest)
    guest.run(f"sleep 600 <{path} & echo")
    till = Till(guest, kind, USB)
    wire.plugged = False
    guest.order("device_del", id="adapter")
    till.until("-> disconnected", 60)
    wire.plugged = True
    guest.plug(**adapter)
    till.until("identifying -> ready", 120)
    signed = till.sign()
    till.quit()
    now = place(guest)
    guest.run("kill $!")
    detail = f"{path}, {now}"
    report(f"{kind}: it finds its adapter though the old port is in use", signed and now != path, detail)


def suspend(guest, till):
    """Suspends the guest to memory for a moment."""
    till.tell("suspend")
    end = time.monotonic() + 30
    while guest.order("query-status")["status"] != "suspended" and time.monotonic() < end:
        time.sleep(0.1)
    guest.order("system_wakeup")


def place(guest):
    """The only port of an adapter."""
    said, _ = guest.run("ls /dev/ttyUSB*")
    return said.strip()


def own(report):
    """A guest with an adapter that fails."""
    chip = Ft232(Guest.path("own", "usb"))
    devices = ["-chardev", f"socket,id=usb,path={chip.path},server=on,wait=off"]
    devices += ["-device", "piix3-usb-uhci,id=bus", "-device", "usb-redir,chardev=usb,bus=bus.0"]
    chip.start()
    guest = Guest("own", "tty.cpio.gz", *devices)
    guest.run("while [ ! -e /dev/ttyUSB0 ]; do sleep 0.2; done")
    timer = "/sys/class/tty/ttyUSB0/device/latency_timer"
    said, _ = guest.run(f"cat {timer}; echo 1 >{timer}; cat {timer}")
    fine = said.split() == ["16", "1"] and chip.latency == 1
    report("the latency timer is 16 ms, and can be 1 ms", fine, f"{said.split()}")

    for kind in KINDS:
        till = Till(guest, kind, USB)
        lost = chip.lost
        till.tell("busy 3000")
        time.sleep(0.5)
        for _ in range(100):
            chip.do(chip.hear, NOISE * 20)
            time.sleep(0.005)
        # What is asked in the noise may be lost in it.
        time.sleep(5)
        signed, health = till.sign(), till.health()
        lost = chip.lost - lost
        told = health["errors"].startswith("overrun ")
        detail = f"{lost} bytes, errors {health['errors']}"
        report(f"{kind}: what the chip loses is told", lost > 0 and told, detail)
        report(f"{kind}: after it, it signs", signed)

        chip.do(chip.hear, b"\0", BREAK)
        time.sleep(0.5)
        chip.do(chip.hear, b"\xff", FRAMING)
        time.sleep(1)
        signed, errors = till.sign(), till.health()["errors"]
        told = "frame 1" in errors and "brk 1" in errors
        report(f"{kind}: so are a break and a damaged byte, and it signs", told and signed, errors)

        chip.do(chip.forget)
        till.tell("sign 0")
        till.until("(signed after|not signed)", 60)
        began = time.monotonic()
        till.until("identifying -> ready", 240)
        took = time.monotonic() - began
        report(f"{kind}: an adapter that lost its rate is set up again", not chip.deaf, f"{took:.0f} s")

        chip.do(chip.hang)
        report(f"{kind}: an adapter that hangs takes no payment", not till.sign(2))
        closed = till.close()
        kept = re.findall(r"kept for \d+ ms", till.heard)
        fine = not kept and closed < 3000
        report(f"{kind}: an adapter that hangs keeps nobody", fine, f"closed in {closed} ms {' '.join(kept)}")
        chip.do(chip.recover)
        # Until it answers, the kernel does not let the process end.
        till.gone()
        opening(report, guest, chip, kind)
    guest.end()


def opening(report, guest, chip, kind):
    """The adapter hangs while it is opened."""
    time.sleep(2)
    chip.do(chip.hang)
    till = Till(guest, kind, USB, ready=False)
    till.until("does not open within 10 s", 60)
    chip.do(chip.recover)
    till.until("identifying -> ready", 240)
    kept = re.findall(r"kept for \d+ ms", till.heard)
    report(f"{kind}: nor one that hangs while it is opened", not kept, " ".join(kept))
    till.quit()


def tell(story, report):
    try:
        story(report)
    # A thread that ends with an exception would be a story without a line, and so without a failure.
    except Exception as error:
        report(f"{story.__name__}: it goes on", False, repr(error))


def main(*names):
    """Both guests run side by side, since they wait for most of the time."""
    report = Report()
    known = {"emulated": emulated, "own": own}
    if unknown := set(names) - set(known):
        sys.exit(f"there is no story {' '.join(sorted(unknown))}: {' '.join(known)}")
    stories = [known[name] for name in names or known]
    threads = [threading.Thread(target=tell, args=(story, report)) for story in stories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.end()


main(*sys.argv[1:])
