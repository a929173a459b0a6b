//! Campus codes: what Alipay's decoder hands out of a scanned code, read and checked.
//!
//! A student holds a code to the reader of a canteen or a gate, both sides offline. Alipay's closed
//! SDK decodes it and gives, among other things, the *user data*: who it is. "The spec" is Alipay's
//! 校园码解码集成 (2020-05-18).
//!
//! * [`decoder`]: the interface to whatever decodes.
//! * `fake` (feature `sim`): a decoder of made-up codes, for examples and tests.
//! * [`guard`]: not the same code twice.
//! * [`template`] and [`charset`]: what the SDK says about the user data.

pub mod charset;
pub mod decoder;
#[cfg(feature = "sim")]
pub mod fake;
pub mod guard;
pub mod template;
