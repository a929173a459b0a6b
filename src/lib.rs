//! Host-side driver for the Alipay SDK inside a Quectel M26.

#![warn(unreachable_pub)]

pub mod alipay;
pub mod amount;
#[cfg(feature = "async")]
pub mod asynch;
pub mod at;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod engine;
pub mod error;
pub mod flow;
pub mod m26;
pub mod profile;
pub mod secret;
#[cfg(any(feature = "async", feature = "blocking"))]
pub mod serial;
#[cfg(feature = "sim")]
pub mod sim;
pub mod transcript;
pub mod urc;
pub mod value;

#[cfg(test)]
mod testing;
