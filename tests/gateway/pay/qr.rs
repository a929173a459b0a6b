//! The code for the customer on a terminal.

use std::fs::OpenOptions;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use m26_pay::sim::{Chunk, Device, Order, pty};
use support::example_run::path;

/// A terminal that keeps what is written to it.
#[derive(Clone, Default)]
struct Terminal(Arc<Mutex<Vec<u8>>>);

impl Device for Terminal {
    fn receive(&mut self, _: Instant, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    fn poll_transmit(&mut self, _: Instant) -> Option<Chunk> {
        None
    }

    fn next_deadline(&self) -> Option<Instant> {
        None
    }

    fn command(&mut self, _: Instant, _: &Order) {}
}

#[test]
fn it_is_drawn_on_a_terminal_and_told_elsewhere() {
    let terminal = Terminal::default();
    let line = pty::spawn(terminal.clone()).unwrap();
    let screen = || OpenOptions::new().write(true).open(line.path()).unwrap();
    let mut tool = std::process::Command::new(path("pay"));
    tool.args(["--gateway", "sim", "--journal", "memory", "precreate", "--out-trade-no", "P1"]);
    tool.args(["--amount", "1.00", "--subject", "tea"]);
    let status = tool.stdout(screen()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let drawn = || String::from_utf8_lossy(&terminal.0.lock().unwrap()).into_owned();
    // The terminal is read by another thread.
    while !drawn().contains("https://qr.") {
        std::thread::yield_now();
    }
    let half_blocks = ['█', '▀', '▄'];
    let rows = drawn().lines().filter(|line| line.contains(half_blocks)).count();
    // 21 modules and more, two in a row of text, and a quiet zone of four around them.
    assert!(rows >= 14, "{}", drawn());

    let elsewhere = tool.stdout(std::process::Stdio::piped()).output().unwrap();
    let text = String::from_utf8(elsewhere.stdout).unwrap();
    assert!(!text.contains(half_blocks) && text.contains("https://qr."), "{text}");
}
