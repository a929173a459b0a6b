"""Power cuts: what an outbox has acknowledged is in it afterwards.

cuts.py CUTS PLACES CUTS-WHILE-SENDING
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time

from disk import Disk, Platter
from guest import FOLDER, UART, Guest, Report, Wire, serial

SIZE = 24 << 20
# How likely each sector that was not flushed survives.
CHANCES = (0, 0, 0.1, 0.5, 0.9, 1)


class Till:
    """A guest that appends, and its disk."""

    def __init__(self, content, *devices):
        self.disk = Disk(content, Guest.path("power", "disk"))
        where = f"file.driver=nbd,file.server.type=unix,file.server.path={FOLDER}/power.disk"
        drive = f"id=disk,if=none,format=raw,cache.direct=on,file.export=disk,{where}"
        devices = ["-drive", drive, "-device", "virtio-blk-pci,drive=disk", *devices]
        self.guest = Guest("power", "power.cpio.gz", *devices)
        self.held = set()
        self.said, self.mounted = self.guest.run("mount -t ext4 /dev/vda /mnt")

    def list(self):
        """How many reports there are, or what is wrong."""
        said, fine = self.guest.run("probe list /mnt/till.db")
        found = re.search(r"there are (\d+)\nthe module has(.*)", said)
        if not fine or not found:
            return said
        self.held = {int(number) for number in found[2].split()}
        return int(found[1])

    def append(self, seconds):
        """Appends for so long after the first. The acknowledged numbers, each with the length of the
        disk's journal when it was heard."""
        self.guest.tell("probe append /mnt/till.db")
        return self.hear(seconds, lambda heard: heard)

    def send(self, seconds, wire):
        """Appends and sends, for so long after the first report has reached the module. As `append`."""
        self.guest.tell(f"probe send /mnt/till.db {UART}")
        return self.hear(seconds, lambda _: wire.told)

    def hear(self, seconds, has_begun):
        heard, end, begun = [], time.monotonic() + 60, False
        while time.monotonic() < end and self.guest.hear(0.01):
            heard += [(number, len(self.disk.journal)) for number in self.numbers()]
            if not begun and has_begun(heard):
                begun, end = True, time.monotonic() + seconds
        return heard

    def cut(self, chance, seed):
        """The power fails. The disk's content, and the numbers that were on their way."""
        self.guest.kill()
        content = self.disk.cut(chance, seed)
        try:
            while self.guest.hear(0.1) and "appended" in self.guest.said:
                pass
        except OSError:
            pass
        late = self.numbers()
        self.guest.end()
        return content, late

    def numbers(self):
        whole, _, self.guest.said = self.guest.said.rpartition("\n")
        return [int(number) for number in re.findall(r"^appended (\d+)$", whole, re.M)]


def empty():
    """A new file system."""
    path = f"{FOLDER}/power.new"
    with open(path, "wb") as file:
        file.truncate(SIZE)
    options = ["-E", "lazy_itable_init=0,lazy_journal_init=0"]
    subprocess.run(["mkfs.ext4", "-q", "-F", *options, path], check=True)
    with open(path, "rb") as file:
        return file.read()


def cuts(report, count, dice):
    """Cuts a running guest, and looks with the next one. What the first did to its disk."""
    content, acknowledged, total, lost, first = empty(), 0, 0, 0, None
    for cut in range(count + 1):
        till = Till(content)
        if acknowledged:
            found = till.list()
            if not till.mounted or not isinstance(found, int) or found < acknowledged:
                lost += 1
                print(f"cut {cut}: {acknowledged} were acknowledged; found: {till.said} {found}")
                till.guest.end()
                break
            acknowledged = found
        if cut == count:
            till.guest.end()
            break
        heard = till.append(5 if cut == 0 else dice.uniform(0.2, 2.5))
        chance = dice.choice(CHANCES)
        content, late = till.cut(chance, cut)
        numbers = [number for number, _ in heard] + late
        acknowledged = max([acknowledged, *numbers])
        total += len(numbers)
        first = first or (till.disk, heard)
    detail = f"{count} cuts, {total} acknowledged appends, {lost} cuts with a loss"
    report("the guest's kernel finds what was acknowledged", lost == 0 and total > 0, detail)
    return first


def places(report, count, dice, disk, heard):
    """Cuts one run at many places, and looks here."""
    begin = heard[0][1]
    bad = torn = 0
    for number in range(count):
        place = dice.randrange(begin, len(disk.journal))
        platter = replayed(disk, place)
        torn += bool(platter.cached)
        must = max(number for number, length in heard if length <= place)
        found = look(platter.cut(dice.choice(CHANCES), number))
        if not isinstance(found, int) or found < must:
            bad += 1
            print(f"place {place}: {must} were acknowledged; found: {found}")
    detail = f"{count} places, {torn} with unflushed sectors, {bad} with a loss"
    report("so does e2fsck, wherever the run is cut", bad == 0 and torn > 0, detail)

    bad = 0
    for number in range(LIES):
        place = dice.randrange(begin, len(disk.journal))
        must = max(number for number, length in heard if length <= place)
        found = look(replayed(disk, place, lies=True).cut(0.7, number))
        bad += not isinstance(found, int) or found < must
    report("a disk that lies about its flushes is found out", bad > 0, f"{bad} of {LIES} places")


class Told(Wire):
    """A wire that knows which reports the module was told of."""

    def __init__(self):
        super().__init__(Guest.path("power", "uart"))
        self.told, self.sent, self.on_sent = set(), b"", self.look
        self.start()

    def look(self, sent):
        self.sent = self.sent[-100:] + sent
        self.told |= {int(number) for number in re.findall(rb"(?<!\d)\d{32}(?!\d)", self.sent)}


def sending(report, count, dice):
    """The same while a session sends them. The module loses its power too, so it is another one each
    time. A report that the outbox has as delivered is one that a module was told of."""
    content, acknowledged, told, held, fine = empty(), 0, set(), 0, True
    for cut in range(count + 1):
        wire = Told()
        till = Till(content, *serial("uart", wire.path))
        if acknowledged:
            found = till.list()
            fine = till.mounted and isinstance(found, int) and found >= acknowledged and till.held <= told
            if not fine:
                print(f"cut {cut}: {acknowledged} were acknowledged; found: {till.said} {found}")
                print(f"delivered, and not told: {sorted(till.held - told)}")
            acknowledged, held = found, len(till.held)
        if cut == count or not fine:
            till.guest.end()
            wire.module.end()
            break
        heard = till.send(dice.uniform(0.5, 8), wire)
        content, late = till.cut(dice.choice(CHANCES), cut)
        wire.module.end()
        acknowledged = max([acknowledged, *late, *(number for number, _ in heard)])
        told |= wire.told
    detail = f"{count} cuts, {acknowledged} acknowledged appends, {len(told)} told, {held} delivered"
    report("so it is while a session sends", fine and 0 < held < acknowledged, detail)


def replayed(disk, place, lies=False):
    """The disk after so many of its writes and flushes; one that lies flushes nothing."""
    platter = Platter(disk.first)
    for done in disk.journal[:place]:
        if done is None:
            if not lies:
                platter.flush()
        else:
            offset, data, through = done
            platter.write(offset, data, through and not lies)
    return platter


def look(content):
    """How many reports are on a disk, or what is wrong."""
    image, folder = f"{FOLDER}/power.cut", f"{FOLDER}/power.files"
    with open(image, "wb") as file:
        file.write(content)
    said = subprocess.run(["e2fsck", "-fy", image], capture_output=True, text=True)
    if said.returncode > 1:
        return f"e2fsck {said.returncode}: {said.stdout[-300:]}"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    subprocess.run(["debugfs", "-R", f"rdump / {folder}", image], capture_output=True)
    if not os.path.exists(f"{folder}/till.db"):
        return "no file"
    said = subprocess.run([f"{FOLDER}/probe", "list", f"{folder}/till.db"], capture_output=True, text=True)
    found = re.search(r"there are (\d+)", said.stdout)
    return int(found[1]) if found else said.stdout + said.stderr


# How many places of a disk that lies are looked at: one shows it.
LIES = 10


def main(count, number, sends):
    report, dice = Report(), random.Random(20261130)
    disk, heard = cuts(report, count, dice)
    places(report, number, dice, disk, heard)
    sending(report, sends, dice)
    report.end()


main(*map(int, sys.argv[1:]))
