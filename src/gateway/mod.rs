//! The payment gateways: taking the money that the module has signed for.
//!
//! ```text
//! Payments                               runs payments and refunds to their outcome: the clock
//! alipay::payment  refunding  settle     what to ask when, and what the answers prove
//! journal                                what must survive a power cut
//! alipay::{Pay, Query, Cancel, …}        one type for each call, with its answer
//! alipay::Merchant                       signs a call, reads and verifies its answer
//! Signer  Verifier  Transport            keys, HTTP: traits, with a stock type for each
//! ```
//!
//! Nothing here opens a connection, and nothing but [`Payments`] reads a clock: a [`Merchant`](alipay::Merchant) makes an
//! [`HttpRequest`] and reads an [`HttpResponse`], and whatever HTTP client there is carries them.
//! [`Transport`] is what a run loop asks of such a client. `Http` (feature `http`) is the stock one.
//!
//! The rest of the crate is not needed for it, so a merchant's server can use it without a serial
//! port: `gateway` alone.

pub mod alipay;
pub mod journal;

mod beijing;
mod charset;
mod form;
#[cfg(feature = "http")]
mod http;
pub(crate) mod payments;
mod rsa;
mod transport;

pub use charset::Charset;
#[cfg(feature = "http")]
pub use http::Http;
pub use payments::{Payments, PaymentsError, Receipt, RefundReceipt, Settlement, Stop, Trouble};
pub use rsa::{
    KeyError, KeyInfo, KeyKind, KeyRole, PrivateKey, PublicKey, SignError, SignType, Signer,
    Verifier,
};
pub use transport::{
    Deadlines, Delivery, HttpRequest, HttpResponse, Transport, TransportError, TransportFault,
};
