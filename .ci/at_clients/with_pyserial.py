"""Asks for the signal and for a verb that a script has taught the module."""

import sys

import serial

port = serial.Serial(sys.argv[1], 115200, timeout=5)


def ask(command):
    port.write(command + b"\r")
    return port.read_until(b"OK\r\n")


assert ask(b"ATE0").startswith(b"ATE0\r"), "no echo"
assert ask(b"AT+CSQ") == b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n"
assert ask(b"AT+QTEMP?") == b"\r\n+QTEMP: 24\r\n\r\nOK\r\n"
print("the signal is 11, the temperature 24")
