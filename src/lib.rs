//! Host-side driver for the Alipay SDK inside a Quectel M26.

pub mod alipay;
pub mod amount;
#[cfg(feature = "async")]
pub mod asynch;
pub mod at;
pub mod engine;
pub mod error;
pub mod flow;
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
