//! Host-side driver for the Alipay SDK inside a Quectel M26.

#[cfg(feature = "sim")]
pub mod sim;
