//! The payment gateways: taking the money that the module has signed for, and what UnionPay's app
//! offers to a shop.
//!
//! ```text
//! Payments                               runs payments and refunds to their outcome: the clock
//! alipay::payment  refunding  settle     what to ask when, and what the answers prove
//! journal                                what must survive a power cut
//! alipay::{Pay, Query, Cancel, …}        one type for each call, with its answer
//! alipay::notify                         what Alipay says unasked, and what that proves
//! alipay::Merchant                       signs a call, reads and verifies its answer
//! unionpay::App                          the same for UnionPay's open platform
//! Signer  Verifier  Transport            keys, HTTP: traits, with a stock type for each
//! ```
//!
//! Nothing here opens a connection, and nothing but `Payments` reads a clock: a `Merchant` or an
//! `App` makes an [`HttpRequest`] and reads an [`HttpResponse`], and whatever HTTP client there is carries them.
//! [`Transport`] is what a run loop asks of such a client. `Http` (feature `http`) is the stock one.
//!
//! The rest of the crate is not needed for it, so a merchant's server can use it without a serial
//! port: with the feature `gateway` (Alipay) or `unionpay` alone.

#[cfg(feature = "gateway")]
pub mod alipay;
#[cfg(feature = "gateway")]
pub mod journal;
#[cfg(feature = "unionpay")]
pub mod unionpay;

#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod beijing;
#[cfg(feature = "gateway")]
mod charset;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod effect;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod fields;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod form;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod json;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod no_answer;
#[cfg(feature = "gateway")]
pub(crate) mod payments;
mod rsa;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod text;
mod transport;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod word;

#[cfg(feature = "gateway")]
pub use charset::Charset;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
pub use effect::Effect;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
pub use fields::{FieldError, Fields};
#[cfg(feature = "http")]
pub use http::Http;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
pub use no_answer::NoAnswer;
#[cfg(feature = "gateway")]
pub use payments::{Payments, PaymentsError, Receipt, RefundReceipt, Settlement, Stop, Trouble};
pub use rsa::{
    KeyError, KeyInfo, KeyKind, KeyRole, PrivateKey, PublicKey, SignError, SignType, Signer,
    Verifier,
};
#[cfg(feature = "legacy-rsa")]
pub use rsa::{LegacyPrivateKey, LegacyPublicKey};
pub use transport::{
    Deadlines, Delivery, HttpRequest, HttpResponse, Transport, TransportError, TransportFault,
};
