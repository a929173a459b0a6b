#!/usr/bin/env bash
# The crate atat 0.25.0 gives the answer that came too late to the command that was sent meanwhile.
#
# Input: a modem that answers its commands one after the other, as V.250 has it, and needs 600 ms for the first.
#        The client asks for entry 1 of the phone book (AT+CPBR=1, 3GPP TS 27.007, 8.12) and waits 300 ms, then for
#        entry 2, for which it waits 2 s.
# Expected: a time-out, and entry 2 or an error.
# Seen:  a time-out, and entry 1 as what came of AT+CPBR=2. What waits in the slot of answers is thrown away before
#        a command is sent; what is still on its way is the next one's. Here the entry's number shows it; in an
#        answer that does not repeat the question nothing does.
#
# Exit status: 0 it is still so, 1 it is not, 2 the packages cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "late"
version = "0.0.0"
edition = "2021"

[dependencies]
atat = { version = "=0.25.0", features = ["heapless"] }
critical-section = { version = "=1.2.0", features = ["std"] }
embassy-time = { version = "=0.5.1", features = ["std", "generic-queue-8"] }
embedded-io = "=0.7.1"
TOML
cat >src/main.rs <<'RS'
use std::convert::Infallible;
use std::sync::mpsc::{channel, Sender};
use std::thread;
use std::time::Duration;

use atat::atat_derive::{AtatCmd, AtatResp, AtatUrc};
use atat::blocking::{AtatClient, Client};
use atat::{AtDigester, AtatIngress, Config, Ingress, ResponseSlot, UrcChannel};

#[derive(Clone, AtatCmd)]
#[at_cmd("+CPBR", Entry, timeout_ms = 300)]
struct Impatient {
    index: u8,
}

#[derive(Clone, AtatCmd)]
#[at_cmd("+CPBR", Entry, timeout_ms = 2000)]
struct Patient {
    index: u8,
}

#[derive(Clone, Debug, AtatResp)]
#[allow(dead_code)]
struct Entry {
    index: u8,
    number: atat::heapless::String<16>,
    kind: u8,
    text: atat::heapless::String<16>,
}

#[derive(Clone, AtatUrc)]
enum Urc {
    #[at_urc("+CREG")]
    Registration(Entry),
}

struct Line(Sender<String>);

impl embedded_io::ErrorType for Line {
    type Error = Infallible;
}

impl embedded_io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.0.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

static SLOT: ResponseSlot<128> = ResponseSlot::new();
static URCS: UrcChannel<Urc, 4, 1> = UrcChannel::new();

fn main() {
    let (sender, commands) = channel::<String>();
    thread::spawn(move || {
        let mut room = [0; 256];
        let mut ingress = Ingress::new(AtDigester::<Urc>::new(), &mut room, &SLOT, &URCS);
        for command in commands {
            let index: u32 = command.trim().strip_prefix("AT+CPBR=").unwrap().parse().unwrap();
            thread::sleep(Duration::from_millis(if index == 1 { 600 } else { 50 }));
            let answer = format!("\r\n+CPBR: {index},\"10086\",129,\"entry {index}\"\r\n\r\nOK\r\n");
            ingress.try_write(answer.as_bytes()).ok();
        }
    });
    let mut room = [0; 128];
    let mut client = Client::new(Line(sender), &SLOT, &mut room, Config::new());
    println!("asked for 1: {:?}", client.send(&Impatient { index: 1 }));
    println!("asked for 2: {:?}", client.send(&Patient { index: 2 }));
}
RS
CARGO_TARGET_DIR=target cargo build --quiet >built 2>&1 || { cat built; exit 2; }
echo "atat 0.25.0, $(rustc --version)"
timeout 30 target/debug/late | tee seen
grep -q '^asked for 1: Err(Timeout)' seen && grep -q '^asked for 2: Ok(Entry { index: 1,' seen
