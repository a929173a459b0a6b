//! What is measured: parsers, and the questions they are asked. The bench `comparison` measures
//! time, and the program `budget` is for counting instructions.
#![allow(clippy::expect_used, clippy::panic, reason = "what cannot be set up is not measured")]

mod asynch;
mod campus;
mod exchange;
mod growth;
mod many;
mod notification;
mod ours;
mod outbox;
mod payment;
mod peers;
mod questions;
mod stream;
mod unionpay;

use std::cell::LazyCell;
use std::fmt;
use std::hint::black_box;
use std::rc::Rc;

pub use growth::seed_guard;
pub use questions::scenarios;

/// One parser, one question, one stream.
pub struct Scenario {
    /// The question.
    pub question: &'static str,
    /// Who is asked.
    pub parser: &'static str,
    /// What it is given.
    pub stream: Stream,
    /// How many lines, user data or exchanges that is.
    pub units: usize,
    /// In which ways it is given.
    pub arrivals: &'static [Arrival],
    wanted: Seen,
    set_up: fn() -> Run,
}

/// What a scenario is given, made when it is first looked at: of some the making takes longer than what
/// is measured, and who measures by valgrind runs one scenario at a time.
pub type Stream = Rc<LazyCell<Vec<u8>, Box<dyn FnOnce() -> Vec<u8>>>>;

/// How the bytes arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// All at once.
    Whole,
    /// In reads of so many bytes.
    Reads(usize),
    /// Unit by unit, already cut out.
    Units,
}

/// What a stream holds, as far as a parser was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Framing: how many lines there are, and how many bytes in them.
    lines: usize,
    bytes: usize,
    /// Classifying: how many of them are final results, and how many begin with a prefix.
    finals: usize,
    prefixed: usize,
    /// Typing: the length of the signed data and of the bizTid, and the reports that succeeded.
    signed_data: usize,
    biz_tid: usize,
    reported: usize,
    /// An exchange: the strength of the signal.
    rssi: usize,
    /// A user data: the number of the school, and the length of all other fields.
    school_no: u64,
    fields: usize,
    /// A payment: what was paid.
    fen: u64,
    /// An outbox or a guard: how many reports wait, or were taken; how many codes were.
    reports: u64,
    /// A signed call: the length of its body.
    body: usize,
}

/// A parser that was set up to answer one question about all that it is given.
trait Parser {
    /// Takes what has arrived.
    fn read(&mut self, bytes: &[u8], seen: &mut Seen);

    /// Takes a read of one byte.
    fn read_byte(&mut self, byte: u8, seen: &mut Seen) {
        self.read(&[byte], seen);
    }
}

/// What is asked of something that was already cut out.
struct Unit<Ask>(Ask);

impl<Ask: FnMut(&[u8], &mut Seen)> Parser for Unit<Ask> {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        (self.0)(bytes, seen);
    }
}

type Run = Box<dyn FnMut(&Reads) -> Seen>;

enum Reads {
    Bytes(Vec<u8>),
    Chunks(Vec<Vec<u8>>),
}

impl Scenario {
    /// Sets the parser up. What is returned gives it the stream once more each time, and looks at
    /// what it found.
    pub fn set_up(&self, arrival: Arrival) -> impl FnMut() {
        let chunks = |size| self.stream.chunks(size).map(<[u8]>::to_vec).collect();
        let reads = match arrival {
            Arrival::Whole => Reads::Chunks(chunks(self.stream.len())),
            Arrival::Reads(1) => Reads::Bytes(self.stream.to_vec()),
            Arrival::Reads(size) => Reads::Chunks(chunks(size)),
            Arrival::Units => Reads::Chunks(chunks(self.stream.len() / self.units)),
        };
        let mut run = (self.set_up)();
        move || {
            let seen = run(black_box(&reads));
            assert_eq!(seen, self.wanted, "{} by {}", self.question, self.parser);
        }
    }

    /// Its name with the way in which the bytes arrive.
    #[must_use]
    pub fn name(&self, arrival: Arrival) -> String {
        format!("{}/{}/{arrival}", self.question, self.parser)
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.question, self.parser)
    }
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::Reads(size) => size.fmt(f),
            Self::Units => f.write_str("each"),
        }
    }
}

/// Hands `parser` what was read.
fn feed(mut parser: impl Parser + 'static) -> Run {
    Box::new(move |reads| {
        let mut seen = Seen::default();
        match reads {
            Reads::Bytes(bytes) => {
                for byte in bytes {
                    parser.read_byte(*byte, &mut seen);
                }
            }
            Reads::Chunks(chunks) => {
                for bytes in chunks {
                    parser.read(bytes, &mut seen);
                }
            }
        }
        seen
    })
}
