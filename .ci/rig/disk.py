"""A disk with a cache that a power cut loses, as a server of QEMU's NBD client.

What was written and not flushed is lost, kept or torn at a cut: of each sector of 512 bytes any version
since the last flush may be on the disk. The protocol is that of the NBD project's doc/proto.md.
"""

import random
import socket
import struct
import threading
import time

SECTOR = 512
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
# The server has flags, knows FLUSH, and knows writes that are flushed at once (FUA).
FLAGS = 1 | 4 | 8
FUA = 1
# As long as on flash.
FLUSHING = 0.004


class Platter:
    """What is on the disk, and what is only in its cache."""

    def __init__(self, stable):
        self.stable, self.cached = bytearray(stable), {}

    def write(self, offset, data, through=False):
        for start in range(0, len(data), SECTOR):
            sector, part = (offset + start) // SECTOR, data[start : start + SECTOR]
            if through:
                self.keep(sector, part)
                self.cached.pop(sector, None)
            else:
                self.cached.setdefault(sector, []).append(part)

    def flush(self):
        for sector, versions in self.cached.items():
            self.keep(sector, versions[-1])
        self.cached.clear()

    def keep(self, sector, data):
        self.stable[sector * SECTOR : (sector + 1) * SECTOR] = data

    def cut(self, chance, seed):
        """What is on it after a cut in which each cached sector survives with this chance."""
        dice = random.Random(seed)
        for sector, versions in self.cached.items():
            if dice.random() < chance:
                self.keep(sector, dice.choice(versions))
        self.cached.clear()
        return bytes(self.stable)


class Disk(threading.Thread):
    def __init__(self, content, path):
        super().__init__(daemon=True)
        self.first, self.content, self.platter = bytes(content), bytearray(content), Platter(content)
        # All that was done to it: (offset, data, through), or None for a flush.
        self.journal, self.lock, self.off = [], threading.Lock(), False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.start()

    def run(self):
        while not self.off:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.negotiate(client)
                while self.serve(client):
                    pass
            except (OSError, EOFError, ValueError):
                pass
            client.close()

    def cut(self, chance, seed):
        """The power fails: the content from now on."""
        with self.lock:
            self.off = True
            self.listener.close()
            return self.platter.cut(chance, seed)

    @staticmethod
    def read(client, length):
        data = bytearray()
        while len(data) < length:
            part = client.recv(length - len(data))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def negotiate(self, client):
        client.sendall(b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
        self.read(client, 4)
        export, sizes, go, unsupported = 0, 3, 7, 0x80000001
        while True:
            _, option, length = struct.unpack(">8sII", self.read(client, 16))
            self.read(client, length)

            def reply(kind, data=b""):
                head = struct.pack(">QIII", 0x3E889045565A9, option, kind, len(data))
                client.sendall(head + data)

            if option == go:
                reply(3, struct.pack(">HQH", export, len(self.content), FLAGS))
                reply(3, struct.pack(">HIII", sizes, SECTOR, 4096, 1 << 25))
                reply(1)
                return
            reply(unsupported)

    def serve(self, client):
        head = struct.unpack(">IHHQQI", self.read(client, 28))
        _, flags, command, handle, offset, length = head
        data = self.read(client, length) if command == WRITE else b""
        if command == DISCONNECT:
            return False
        if command == FLUSH:
            time.sleep(FLUSHING)
        answer = b""
        with self.lock:
            if self.off:
                return False
            if command == READ:
                answer = bytes(self.content[offset : offset + length])
            elif command == WRITE:
                self.content[offset : offset + length] = data
                self.platter.write(offset, data, bool(flags & FUA))
                self.journal.append((offset, data, bool(flags & FUA)))
            else:
                self.platter.flush()
                self.journal.append(None)
        client.sendall(struct.pack(">IIQ", 0x67446698, 0, handle) + answer)
        return True
