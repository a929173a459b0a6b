#!/usr/bin/env bash
# The crate serialport 4.10.1, refused a port that is in use, makes it free for everybody.
#
# Input: a port that one program holds as POSIX programs do, by ioctl TIOCEXCL and an exclusive flock.
#        Root, whom Linux lets open it all the same, opens it with serialport's defaults.
# Expected: an error, and the port as it was: TIOCGEXCL says 1.
# Seen:  the error comes, from flock. But TIOCGEXCL says 0 from then on: the descriptor of the failed open
#        is closed with TIOCNXCL, which counts for the terminal and not for the descriptor. Any program
#        that asks for no flock can open the port and take half of what the modem says.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had, or this is not root.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "run it as root: others are refused by the kernel"; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "second"
version = "0.0.0"
edition = "2021"

[dependencies]
serialport = { version = "=4.10.1", default-features = false }
TOML
cat >src/main.rs <<'RS'
fn main() {
    let port = std::env::args().nth(1).unwrap();
    match serialport::new(port, 115_200).open() {
        Ok(_) => println!("opened"),
        Err(error) => println!("{error}"),
    }
}
RS
CARGO_TARGET_DIR=target cargo build --quiet >built 2>&1 || { cat built; exit 2; }
cat >hold.py <<'PY'
import fcntl
import os
import struct
import subprocess
import sys

TIOCEXCL, TIOCGEXCL = 0x540C, 0x80045440
_modem, port = os.openpty()
fcntl.ioctl(port, TIOCEXCL)
fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)


def exclusive():
    return struct.unpack("i", fcntl.ioctl(port, TIOCGEXCL, bytes(4)))[0]


before = exclusive()
second = subprocess.run(["target/debug/second", os.ttyname(port)], capture_output=True, text=True)
after = exclusive()
print(f"serialport 4.10.1: exclusive {before}; the second program: {second.stdout.strip()};", end=" ")
print(f"exclusive {after}")
refused = second.returncode == 0 and "opened" not in second.stdout
sys.exit(0 if (before, refused, after) == (1, True, 0) else 1)
PY
python3 hold.py
