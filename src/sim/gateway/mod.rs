//! Payment gateways to develop against, simulated.
//!
//! ```text
//!   a test's client         any HTTP client
//!          |                       |
//!  TradeCall, LineReply      http::Server         loopback TCP, the only part with a clock
//!          |                       |
//!          |               alipay::Gateway       parameters, signatures, JSON
//!          +-----------+-----------+
//!              alipay::AlipayLine              faults: late, lost, in disguise
//!                      |
//!                alipay::Alipay                trades, refunds and the money
//! ```
//!
//! UnionPay's half, [`unionpay`], is built alike.
//!
//! Everything but [`http::Server`](http) is a state machine: time is an argument, and the same seed
//! and the same calls give the same answers. [`alipay::Alipay`] also keeps the truth, which no
//! client can ask for: [`Truth`](alipay::Truth) says how often a customer was charged and what the
//! merchant keeps.
//!
//! Like all of [`sim`](super) it never looks at the rest of the crate: it is written from the same
//! documents as [`gateway`](crate::gateway), so that a misreading in one is caught by the other.

#[cfg(feature = "gateway")]
pub mod alipay;
mod beijing;
mod clock;
mod fen;
pub mod http;
mod key;
mod sign;
#[cfg(feature = "unionpay")]
pub mod unionpay;

pub use fen::{Fen, FenError};
pub use key::{KeyFileError, SigningKey, VerifyingKey};
pub use sign::{Signing, stand_in};
