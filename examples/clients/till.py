#!/usr/bin/env python3
"""A till that takes one price of each payment code on its standard input, one a line:
m26 --port /dev/ttyUSB0 session --listen m26.sock --db till.db & ./till.py m26.sock 10.25"""
import json, shlex, socket, sys, time

class Session:
    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(path)
        # To read alone: one to read and write forgets, when it writes, what it has read ahead.
        self.lines = self.connection.makefile("r")

    def ask(self, *words):
        self.connection.sendall(f"{shlex.join(words)}\n".encode())
        for line in self.lines:
            said = json.loads(line)
            if "command" in said:  # Events come in between.
                return said
            if said.get("event") == "state":
                print("module:", said["to"], file=sys.stderr)
        raise SystemExit("the session has ended")

def sign(session, code, yuan):
    """A signature moves no money. So whatever became of one, another may be asked for."""
    for _ in range(3):
        session.ask("wait-ready", "60")
        answer = session.ask("sign", "--mode", "payer-code", "--data", code, "--amount", yuan)
        if answer["ok"]:
            return answer["result"]["signed_data"]
        print("again:", answer["error"]["message"], file=sys.stderr)

session, price = Session(sys.argv[1]), sys.argv[2]
for code in map(str.strip, sys.stdin):
    if signed := sign(session, code, price):
        # Here the merchant's server pays with `signed`: until it says so, nothing is paid.
        report = session.ask("append", "--qr-code", code, "--amount", price, "--outcome",
                             "processing", "--timestamp", str(int(time.time())))
        print("signed, report", report["result"]["id"], flush=True)
    else:
        print("not signed: the customer pays otherwise", flush=True)
