"""An FT232R adapter on the other side of QEMU's usb-redir, which fails when it is told to.

The protocol is usbredir 0.7 (docs/usb-redirection-protocol.md there); what the chip answers is what
Linux' ftdi_sio.c asks of it.
"""

import os
import select
import struct
import threading
import time

from guest import Module, connect

HELLO, CONNECT, INTERFACES, ENDPOINTS = 0, 1, 4, 5
SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION = 6, 7, 8
SET_SETTING, GET_SETTING, SETTING = 9, 10, 11
CANCEL, CONTROL, BULK = 21, 100, 101
DONE, CANCELLED, STALLED = 0, 1, 4
# What both sides must know: the version of the device in CONNECT, packet sizes in ENDPOINTS.
CAPABILITIES = 1 << 1 | 1 << 4

# In the line status that begins each packet of input.
OVERRUN, FRAMING, BREAK, IDLE = 0x02, 0x08, 0x10, 0x60
# How long the chip waits for a full packet after it was powered, in milliseconds.
LATENCY = 16
# What the chip keeps of its input (FT232R data sheet, section 1).
ROOM = 256

IN, OUT = 0x81, 0x02
DEVICE = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 8, 0x0403, 0x6001, 0x0600, 1, 2, 3, 1)
BULK_ENDPOINTS = b"".join(struct.pack("<BBBBHB", 7, 5, number, 2, 64, 0) for number in (IN, OUT))
CONFIGURATION_AND_INTERFACE = (
    struct.pack("<BBHBBBBB", 9, 2, 18 + len(BULK_ENDPOINTS), 1, 1, 0, 0xA0, 45)
    + struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, 0xFF, 0xFF, 0xFF, 2)
    + BULK_ENDPOINTS
)
TEXTS = ["FTDI", "FT232R USB UART", "A9XYZ123"]


class Ft232(threading.Thread):
    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.module = path, Module()
        self.orders, (self.woken, self.wake) = [], os.pipe()
        self.hung = self.deaf = False
        self.input, self.status, self.lost = bytearray(), 0, 0
        self.asked, self.held, self.latency = [], [], LATENCY

    # From the other thread.

    def do(self, order, *arguments):
        self.orders.append((order, arguments))
        os.write(self.wake, b"x")

    def hang(self):
        """It answers nothing any more, and stays on the bus."""
        self.hung = True

    def recover(self):
        """It answers again, also what it was asked meanwhile."""
        self.hung = False
        held, self.held = self.held, []
        for packet in held:
            self.receive(*packet)

    def forget(self):
        """It loses its rate: until that is set again, it hears and says nothing."""
        self.deaf = True

    def hear(self, data, status=0):
        """Bytes from the module: what it has no room for is lost."""
        self.status |= status
        room = ROOM - len(self.input)
        if len(data) > room:
            self.lost += len(data) - room
            self.status |= OVERRUN
        if not self.deaf:
            self.input += data[:room]

    # In this thread.

    def run(self):
        self.socket = connect(self.path)
        self.send(HELLO, 0, b"m26-pay rig".ljust(64, b"\0") + struct.pack("<I", CAPABILITIES))
        received = bytearray()
        while True:
            wait = self.latency / 4000 if self.asked else None
            ready, _, _ = select.select([self.socket, self.module.terminal, self.woken], [], [], wait)
            if self.woken in ready:
                os.read(self.woken, 4096)
                while self.orders:
                    order, arguments = self.orders.pop(0)
                    order(*arguments)
            try:
                if self.module.terminal in ready:
                    self.hear(os.read(self.module.terminal, 4096))
                if self.socket in ready:
                    data = self.socket.recv(65536)
                    if not data:
                        return
                    received += data
                    self.split(received)
                if not self.hung:
                    self.answer()
            except OSError:
                return

    def split(self, received):
        while len(received) >= 12:
            kind, length, number = struct.unpack_from("<III", received)
            if len(received) < 12 + length:
                return
            body = bytes(received[12 : 12 + length])
            del received[: 12 + length]
            self.receive(kind, number, body)

    def send(self, kind, number, body=b""):
        self.socket.sendall(struct.pack("<III", kind, len(body), number) + body)

    def plug(self):
        kinds, sizes = [255] * 32, [0] * 32
        kinds[0] = kinds[16] = 0
        sizes[0] = sizes[16] = 8
        for number in (OUT, 16 + (IN & 0x0F)):
            kinds[number], sizes[number] = 2, 64
        self.send(ENDPOINTS, 0, bytes(kinds) + bytes(64) + struct.pack("<32H", *sizes))
        self.send(INTERFACES, 0, struct.pack("<I", 1) + bytes(32) + bytes([255] * 96))
        self.send(CONNECT, 0, struct.pack("<BBBBHHH", 1, 0, 0, 0, 0x0403, 0x6001, 0x0600))

    def receive(self, kind, number, body):
        if kind == CANCEL:
            self.cancel(number)
        elif self.hung and kind in (CONTROL, BULK):
            self.held.append((kind, number, body))
        elif kind == HELLO:
            self.plug()
        elif kind == SET_CONFIGURATION:
            self.send(CONFIGURATION, number, bytes([DONE, body[0]]))
        elif kind == GET_CONFIGURATION:
            self.send(CONFIGURATION, number, bytes([DONE, 1]))
        elif kind == SET_SETTING:
            self.send(SETTING, number, bytes([DONE, body[0], body[1]]))
        elif kind == GET_SETTING:
            self.send(SETTING, number, bytes([DONE, body[0], 0]))
        elif kind == CONTROL:
            self.control(number, body)
        elif kind == BULK:
            self.bulk(number, body)

    def cancel(self, number):
        for packets in (self.asked, self.held):
            for packet in [packet for packet in packets if packet[1] == number]:
                packets.remove(packet)
                body = packet[2]
                if packet[0] == CONTROL:
                    head = body[:3] + bytes([CANCELLED]) + body[4:8] + bytes(2)
                else:
                    head = body[:1] + bytes([CANCELLED]) + bytes(6)
                self.send(packet[0], number, head)

    def bulk(self, number, body):
        endpoint, _, length, _ = struct.unpack_from("<BBHI", body)
        if endpoint == IN:
            self.asked.append((BULK, number, body, length, time.monotonic() + self.latency / 1000))
            return
        if not self.deaf:
            os.write(self.module.terminal, body[8:])
        self.send(BULK, number, struct.pack("<BBHI", endpoint, DONE, length, 0))

    def answer(self):
        """Sends input to who has asked for it, in packets of 64 bytes with the status in front."""
        while self.asked:
            _, number, _, length, until = self.asked[0]
            if not self.input and not self.status and time.monotonic() < until:
                return
            data = bytearray()
            while True:
                part, self.input = self.input[:62], self.input[62:]
                data += bytes([0xB1, IDLE | self.status]) + part
                self.status = 0
                if len(part) < 62 or len(data) + 64 > length:
                    break
            self.asked.pop(0)
            self.send(BULK, number, struct.pack("<BBHI", IN, DONE, len(data), 0) + bytes(data))

    def control(self, number, body):
        endpoint, request, kind, _, value, index, length = struct.unpack_from("<BBBBHHH", body)
        status, answer = DONE, b""
        if kind & 0x60:
            if request == 3:
                self.deaf = False
            if request == 9:
                self.latency = value
            if kind & 0x80:
                answer = {5: bytes([0xB1, IDLE]), 10: bytes([self.latency])}.get(request, bytes(2))
        elif request == 6:
            answer = self.descriptor(value >> 8, value & 0xFF)
            status = DONE if answer else STALLED
        elif request == 0:
            answer = bytes(2)
        elif request == 8:
            answer = bytes([1])
        answer = answer[:length]
        if kind & 0x80:
            length = len(answer)
        head = struct.pack("<BBBBHHH", endpoint, request, kind, status, value, index, length)
        self.send(CONTROL, number, head + answer)

    @staticmethod
    def descriptor(kind, number):
        if kind == 3 and number == 0:
            return struct.pack("<BBH", 4, 3, 0x0409)
        if kind == 3 and number <= len(TEXTS):
            text = TEXTS[number - 1].encode("utf-16-le")
            return bytes([2 + len(text), 3]) + text
        return {1: DEVICE, 2: CONFIGURATION_AND_INTERFACE}.get(kind, b"")
