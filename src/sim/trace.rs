//! The traffic of the line as text for people, without its secrets.

mod mask;

use std::fmt::{self, Write as _};
use std::path::Path;

use mask::{Direction, Mask};

/// Something that happens on the line. It holds the bytes unmasked: [`Tracer`] masks them.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Passing<'a> {
    /// The line has gone dead.
    HangUp,
    /// The line is back, and a client opens this.
    Restored(&'a Path),
    /// Bytes from the module to the host.
    ToHost(&'a [u8]),
    /// Bytes from the host to the module.
    ToModule(&'a [u8]),
}

/// Without the bytes, which may be secret.
impl fmt::Debug for Passing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HangUp => f.write_str("HangUp"),
            Self::Restored(path) => f.debug_tuple("Restored").field(path).finish(),
            Self::ToHost(bytes) => write!(f, "ToHost({} redacted)", bytes.len()),
            Self::ToModule(bytes) => write!(f, "ToModule({} redacted)", bytes.len()),
        }
    }
}

/// Writes the traffic: a line for each command, its echo, and each part of an answer, however their
/// bytes come. Each character of a secret becomes an asterisk.
///
/// Product keys, payment codes and signatures are masked, and so is whatever might be a damaged
/// one: quoted text and the arguments of any command that is not known to be harmless, and long
/// numbers. The chunks may be cut anywhere.
///
/// ```
/// use m26_pay::sim::trace::{Passing, Tracer};
///
/// let mut tracer = Tracer::default();
/// assert!(tracer.lines(Passing::ToModule(b"AT+C")).is_empty());
/// assert_eq!(tracer.lines(Passing::ToModule(b"SQ\r")), ["-> AT+CSQ\\r"]);
/// ```
#[derive(Debug, Default)]
pub struct Tracer {
    to_host: Side,
    to_module: Side,
}

/// What goes in one direction.
#[derive(Debug, Default)]
struct Side {
    mask: Mask,
    /// What has begun, masked.
    begun: String,
}

impl Tracer {
    /// What can be told now: lines of text without a line end.
    ///
    /// What has begun is told when it is complete, or with [`rest`](Self::rest).
    pub fn lines(&mut self, passing: Passing<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        // An echo ends with a CR alone, unless an LF follows.
        if self.to_host.begun.ends_with("\\r")
            && !matches!(passing, Passing::ToHost([b'\n', ..]))
            && self.to_host.begun != "\\r"
        {
            lines.extend(self.to_host.take("<- "));
        }
        match passing {
            Passing::HangUp => {
                lines.extend(self.rest());
                lines.push("-- the line is dead".into());
            }
            Passing::Restored(path) => {
                lines.push(format!("-- the line is back: {}", path.display()));
            }
            Passing::ToHost(bytes) => {
                self.to_host.add(Direction::ToHost, bytes);
                if bytes.ends_with(b"\n") && self.to_host.begun != "\\r\\n" {
                    lines.extend(self.to_host.take("<- "));
                }
            }
            Passing::ToModule(mut bytes) => {
                while let Some(end) = bytes.iter().position(|byte| matches!(*byte, b'\r' | CTRL_Z))
                {
                    let followed = bytes[end..].starts_with(b"\r\n");
                    let (line, rest) = bytes.split_at(end + 1 + usize::from(followed));
                    self.to_module.add(Direction::ToModule, line);
                    lines.extend(self.to_module.take("-> "));
                    bytes = rest;
                }
                self.to_module.add(Direction::ToModule, bytes);
            }
        }
        for (side, arrow) in [(&mut self.to_module, "-> "), (&mut self.to_host, "<- ")] {
            if side.begun.len() > LONGEST {
                lines.extend(side.take(arrow));
            }
        }
        lines
    }

    /// What has begun and is not complete, for the end of the traffic.
    pub fn rest(&mut self) -> Vec<String> {
        self.to_module.take("-> ").into_iter().chain(self.to_host.take("<- ")).collect()
    }
}

impl Side {
    fn add(&mut self, direction: Direction, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            let key = self.mask.known_key(rest);
            if key.is_empty() {
                let hidden = self.mask.hides(direction, byte);
                push_escaped(&mut self.begun, if hidden { b'*' } else { byte });
                rest = after;
            } else {
                self.begun.push_str(key);
                rest = &rest[key.len()..];
            }
        }
    }

    /// What has begun, as a line, if anything has.
    fn take(&mut self, arrow: &str) -> Option<String> {
        let begun = std::mem::take(&mut self.begun);
        (!begun.is_empty()).then(|| format!("{arrow}{begun}"))
    }
}

fn push_escaped(text: &mut String, byte: u8) {
    match byte {
        b'\r' => text.push_str("\\r"),
        b'\n' => text.push_str("\\n"),
        b' '..=b'~' => text.push(char::from(byte)),
        // Writing to a String does not fail.
        _ => drop(write!(text, "\\x{byte:02x}")),
    }
}

/// Ends a text that a command has asked for (TS 27.005, 3.5.1).
const CTRL_Z: u8 = 0x1a;
/// Not specified; chosen above any line of the module's.
const LONGEST: usize = 8192;
