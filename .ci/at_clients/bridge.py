"""Gives a terminal to one client at a time that connects to a socket instead of opening it.

bridge.py TERMINAL PORT      a TCP port of 127.0.0.1
bridge.py TERMINAL @NAME     a Unix socket of this name in the abstract namespace
"""

import os
import select
import socket
import sys
import tty


def listening(where):
    if where.startswith("@"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0" + where[1:])
    else:
        listener = socket.create_server(("127.0.0.1", int(where)))
    listener.listen(1)
    return listener


terminal = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(terminal)
listener = listening(sys.argv[2])
print(f"port {listener.getsockname()[1]}" if sys.argv[2] == "0" else "listening", flush=True)
while True:
    client, _ = listener.accept()
    while True:
        ready, _, _ = select.select([client, terminal], [], [])
        if client in ready:
            sent = client.recv(4096)
            if not sent:
                break
            os.write(terminal, sent)
        if terminal in ready:
            client.sendall(os.read(terminal, 4096))
    client.close()
