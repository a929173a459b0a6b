//! An M26 to develop against: a module with the Alipay SDK inside, simulated.
//!
//! Everything here except [`pty`] is a state machine: bytes and the time go in, bytes and the next
//! deadline come out. So a test runs days of a terminal's life in an instant. The far end of the
//! line is a [`Device`], and devices stack:
//!
//! ```text
//!   host  <->  Paced  <->  Scripted  <->  Faulty  <->  Modem
//!              baud        orders         damage       the M26
//! ```
//!
//! - [`modem::Modem`] is the module itself.
//! - [`faults::Faulty`] damages, delays and swallows what passes.
//! - [`pace::Paced`] lets the bytes take the time that a UART takes.
//! - [`script::Scripted`] gives [`Order`]s, read from a small text, at a time or on a command.
//! - [`replay::Replay`] plays a recording in the place of the modem.
//! - [`virtual_port::VirtualPort`] is a port to any of them, on virtual time.
//! - [`pty::spawn`] puts any of them behind a pseudo-terminal, for programs that open a port.
//!
//! With the feature `gateway` or `unionpay` there is also the other end of a payment: `sim::gateway`
//! simulates Alipay and UnionPay, for any HTTP client.
//!
//! The simulator uses nothing of the rest of the crate, but that a replay reads transcripts. It is written from the same documents, so a
//! misreading in one is found by the other. What the documents leave open is marked "not specified"
//! where it is decided.
//!
//! ```
//! use m26_pay::sim::modem::{Modem, ModemSettings};
//! use m26_pay::sim::{Chunk, Device};
//! # use std::time::Instant;
//! # #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
//! # fn epoch() -> Instant { Instant::now() }
//!
//! let mut modem = Modem::new(ModemSettings::default());
//! let mut now = epoch();
//! let mut heard = Vec::new();
//! modem.receive(now, b"AT\r");
//! while let Some(due) = modem.next_deadline() {
//!     now = now.max(due);
//!     while let Some(Chunk::Bytes(bytes)) = modem.poll_transmit(now) {
//!         heard.extend_from_slice(&bytes);
//!     }
//! }
//! assert_eq!(heard, b"AT\r\r\nOK\r\n");
//! ```

pub mod faults;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
pub mod gateway;
pub mod modem;
mod order;
pub mod pace;
#[cfg(unix)]
pub mod pty;
pub mod replay;
pub mod script;
pub mod trace;
pub mod virtual_port;

use std::fmt;
use std::time::Instant;

use bytes::Bytes;

pub use order::{CardState, NetworkState, Order};

/// The far end of the line: the module, or a fault in front of it.
///
/// A driver calls [`poll_transmit`](Device::poll_transmit) until it returns `None`, then waits for
/// bytes from the host or for [`next_deadline`](Device::next_deadline), whichever comes first. Any
/// call may change the deadline. The first `now` a device sees is the moment it starts; `now` never
/// goes back.
pub trait Device {
    /// Takes bytes that the host has sent.
    fn receive(&mut self, now: Instant, bytes: &[u8]);

    /// The next thing the host gets, if something is due now.
    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk>;

    /// When `poll_transmit` should be called again if nothing happens before.
    fn next_deadline(&self) -> Option<Instant>;

    /// Obeys an order; a device passes on those that are not its own.
    fn command(&mut self, now: Instant, order: &Order);
}

impl<D: Device + ?Sized> Device for Box<D> {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        (**self).receive(now, bytes);
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        (**self).poll_transmit(now)
    }

    fn next_deadline(&self) -> Option<Instant> {
        (**self).next_deadline()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        (**self).command(now, order);
    }
}

/// What a device gives to the line.
#[derive(Clone, Eq, PartialEq)]
pub enum Chunk {
    /// Bytes for the host. The modem hands out one frame at a time: an echo, one information
    /// text, one result code.
    Bytes(Bytes),
    /// The line goes dead, as when a USB adapter is pulled out.
    HangUp,
    /// The line is back.
    Restore,
}

/// Only the length: the bytes may be a signature or a product key.
impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} redacted)", bytes.len()),
            Self::HangUp => f.write_str("HangUp"),
            Self::Restore => f.write_str("Restore"),
        }
    }
}
