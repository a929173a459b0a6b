"""The first file system of a guest: busybox, kernel modules, and programs with their libraries.

image.py OUT KERNEL BUSYBOX MODULES PROGRAM...

KERNEL is the unpacked package of a kernel, MODULES a list with commas. The archive has the format
"newc" (Documentation/driver-api/early-userspace/buffer-format.rst in Linux).
"""

import gzip
import os
import re
import subprocess
import sys

INIT = r"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
stty -F /dev/ttyS0 raw -echo
exec </dev/ttyS0 >/dev/ttyS0 2>&1
echo "@@ up"
while read -r line; do eval "$line"; echo "@@ $?"; done
"""

REGULAR, FOLDER, CHARACTERS = 0o100000, 0o040000, 0o020000


class Archive:
    def __init__(self):
        self.parts, self.seen = [], set()

    def add(self, name, mode, data=b"", device=(0, 0)):
        folder = os.path.dirname(name)
        if folder and folder not in self.seen:
            self.add(folder, FOLDER | 0o755)
        if name in self.seen:
            return
        self.seen.add(name)
        fields = [len(self.seen), mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in (head + name.encode() + b"\0", data):
            self.parts.append(part + bytes(-len(part) % 4))

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def modules(kernel, wanted):
    """The modules that are wanted and those that they need, in the order in which they are loaded."""
    paths = {}
    for folder, _, files in os.walk(kernel + "/lib/modules"):
        for file in files:
            if file.endswith(".ko"):
                paths[file[:-3].replace("-", "_")] = os.path.join(folder, file)
    order = {}

    def need(name):
        name = name.replace("-", "_")
        if name and name not in order:
            data = read(paths[name])
            for other in re.search(rb"\0depends=([^\0]*)", data)[1].decode().split(","):
                need(other)
            order[name] = data

    for name in wanted:
        need(name)
    return order


def libraries(program):
    """The shared libraries of a program."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(?:=> |^\s*)(/\S+)", said, re.M)


def main(out, kernel, busybox, wanted, *programs):
    archive = Archive()
    archive.add("init", REGULAR | 0o755, INIT.encode())
    archive.add("bin/busybox", REGULAR | 0o755, read(busybox))
    for folder in ("proc", "sys", "dev", "tmp", "mnt", "etc"):
        archive.add(folder, FOLDER | 0o755)
    archive.add("dev/console", CHARACTERS | 0o600, device=(5, 1))
    order = modules(kernel, wanted.split(","))
    archive.add("modules/order", REGULAR | 0o644, "\n".join(order).encode())
    for name, data in order.items():
        archive.add(f"modules/{name}.ko", REGULAR | 0o644, data)
    for program in programs:
        bare = out + ".program"
        subprocess.run(["strip", "-o", bare, program], check=True)
        archive.add("bin/" + os.path.basename(program), REGULAR | 0o755, read(bare))
        os.unlink(bare)
        for library in libraries(program):
            archive.add(library.lstrip("/"), REGULAR | 0o755, read(os.path.realpath(library)))
    with gzip.open(out, "wb", compresslevel=1) as file:
        file.write(archive.bytes())


main(*sys.argv[1:])
