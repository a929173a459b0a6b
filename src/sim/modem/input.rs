//! The input from the host, assembled into command lines.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;

use super::{Chunk, Modem, Power};

/// The module's receiving side.
#[derive(Default)]
pub(super) struct Input {
    /// The bytes that have arrived and were not read.
    waiting: VecDeque<u8>,
    /// The line so far, without its CR.
    line: Vec<u8>,
    /// How many bytes of the line did not fit.
    lost: usize,
    /// Whether a command line is being worked on.
    pub(super) busy: bool,
    /// Whether autobauding has found the host's rate, or the rate is fixed.
    pub(super) synchronised: bool,
}

impl Input {
    /// Puts bytes in the buffer; what does not fit is lost, as with a UART.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let room = BUFFER.saturating_sub(self.waiting.len());
        self.waiting.extend(&bytes[..bytes.len().min(room)]);
    }

    /// Forgets everything, as a reset does.
    pub(super) fn reset(&mut self, synchronised: bool) {
        *self = Self { synchronised, ..Self::default() };
    }
}

impl Modem {
    /// Reads what has arrived until a command line is complete, and begins that.
    pub(super) fn read_input(&mut self, at: Instant) {
        let mut echo = Vec::new();
        while !self.input.busy && self.power == Power::On {
            let Some(byte) = self.input.waiting.pop_front() else {
                break;
            };
            if !self.input.synchronised {
                self.synchronise(byte, &mut echo);
                continue;
            }
            // The LF of a host that ends its lines with CRLF is not part of the next line.
            if self.input.line.is_empty() && matches!(byte, b'\n' | 0) {
                continue;
            }
            echo.push(byte);
            match byte {
                b'\r' => {
                    self.echo(std::mem::take(&mut echo));
                    self.line(at);
                }
                BACKSPACE | DELETE => {
                    self.input.line.pop();
                }
                _ if self.input.line.len() < BUFFER => self.input.line.push(byte),
                _ => self.input.lost += 1,
            }
        }
        self.echo(echo);
    }

    /// Waits for the `AT` or `at` from which autobauding learns the rate (M26 AT manual V1.1,
    /// 3.6.1).
    fn synchronise(&mut self, byte: u8, echo: &mut Vec<u8>) {
        let line = &mut self.input.line;
        line.push(byte);
        if !(line.ends_with(b"AT") || line.ends_with(b"at")) {
            line.drain(..line.len() - 1);
            return;
        }
        echo.extend_from_slice(line);
        self.input.synchronised = true;
        if self.settings.rdy_on_first_at {
            self.urc("RDY");
        }
    }

    fn echo(&mut self, bytes: Vec<u8>) {
        if self.parameters.echo && !bytes.is_empty() {
            self.out.push_back(Chunk::Bytes(Bytes::from(bytes)));
        }
    }

    /// A line is complete: what stands before its `AT` does not count (V.250, 5.2.1), and without
    /// an `AT` it is no command.
    fn line(&mut self, at: Instant) {
        let line = std::mem::take(&mut self.input.line);
        let lost = std::mem::take(&mut self.input.lost);
        let Some(start) = line.windows(2).position(|pair| pair == b"AT" || pair == b"at") else {
            return;
        };
        let cr = 1;
        if line.len() - start + lost + cr > self.settings.line_limit {
            return self.refuse(at);
        }
        // Not specified; an M26 may take other bytes in a string, a simulated one takes UTF-8.
        match std::str::from_utf8(&line[start + 2..]) {
            Ok(body) => self.execute(at, body),
            Err(_) => self.refuse(at),
        }
    }
}

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
/// Not specified; chosen to be far above any line that is run.
const BUFFER: usize = 4096;
