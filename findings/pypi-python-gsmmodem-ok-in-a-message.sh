#!/usr/bin/env bash
# PyPI's python-gsmmodem-new 0.13.0 takes a short message that begins with OK for the end of the modem's answer.
#
# Input: a modem in text mode (AT+CMGF=1) that has three messages: "Where are you?", "OK, at five" and "Bring the
#        keys". It answers AT+CMGL="ALL" as 3GPP TS 27.005, 3.4.2 says, and ends with the line OK.
# Expected: listStoredSms() gives three messages.
# Seen:  two. Any line that begins with OK ends the answer. What comes behind it is taken for a notification that
#        the library does not know; no error is raised. Where no text begins with OK, there are three.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
{ python3 -m venv venv && venv/bin/pip install --quiet python-gsmmodem-new==0.13.0 pyserial==3.5; } >installed 2>&1 ||
    { cat installed; exit 2; }
cat >read.py <<'PY'
import importlib.metadata
import os
import platform
import pty
import sys
import threading
import tty

from gsmmodem.modem import GsmModem

ANSWERS = {
    "AT+CFUN?": "+CFUN: 1",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CGMI": "Modem",
    "AT+CSCA?": '+CSCA: "+8613800000000",145',
    "AT+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")',
}
REFUSED = ("AT+CLAC", "AT+WIND", "AT+ZPAS")
HEAD = '+CMGL: {},"REC READ","+8613800000000",,"18/10/30,10:25:44+32"'


def modem(file, texts):
    line = b""
    while byte := os.read(file, 1):
        line += byte
        if byte != b"\r":
            continue
        command, line = line.decode().strip(), b""
        lines = [ANSWERS[command]] if command in ANSWERS else []
        if command.startswith("AT+CMGL="):
            for index, text in enumerate(texts, 1):
                lines += [HEAD.format(index), text]
        lines.append("ERROR" if command.startswith(REFUSED) else "OK")
        os.write(file, "".join(f"\r\n{line}\r\n" for line in lines).encode())


def read(texts):
    file, other = pty.openpty()
    tty.setraw(file)
    threading.Thread(target=modem, args=(file, texts), daemon=True).start()
    client = GsmModem(os.ttyname(other))
    client.smsTextMode = True
    client.connect()
    found = [message.text for message in client.listStoredSms()]
    client.close()
    return found


version = importlib.metadata.version("python-gsmmodem-new")
print(f"python-gsmmodem-new {version}, Python {platform.python_version()}")
plain = ["Where are you?", "At five", "Bring the keys"]
begins = ["Where are you?", "OK, at five", "Bring the keys"]
sound, short = read(plain), read(begins)
print(f"without: {sound}")
print(f"with:    {short}")
sys.exit(0 if sound == plain and short == begins[:2] else 1)
PY
timeout 60 venv/bin/python read.py
