//! Campus codes: from the bytes of a scanner to a recorded payment.

mod checkout;
mod decoder;

pub use checkout::*;
pub use decoder::*;
