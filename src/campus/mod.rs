//! Campus codes: what Alipay's decoder hands out of a scanned code, read and checked.
//!
//! A student holds a code to the reader of a canteen or a gate, both sides offline. Alipay's closed
//! SDK decodes it and gives, among other things, the *user data*: who it is. "The spec" is Alipay's
//! 校园码解码集成 (2020-05-18).
//!
//! * [`decoder`]: the interface to a decoder. The vendor's is in `vendor` (feature `campus-vendor`).
//! * `fake` (feature `sim`): a decoder of made-up codes, for examples and tests.
//! * [`user_data`]: a view over the bytes of a user data, with the fields under the spec's names.
//! * [`layout`]: how a user data is laid out. **The spec's tables are lost**, so this is data that
//!   can be put right, in code or by a text file, and what is built in is provisional.
//! * [`layouts`]: a layout for each template that a terminal knows.
//! * [`probe`]: finds the layout with captured codes, and writes the file.
//! * [`field`], [`template`] and [`charset`]: what is in a user data, and what the SDK says about
//!   it.
//! * [`guard`]: no code is accepted twice.
//! * [`acceptance`]: from the scanned bytes to a recorded payment, or an open gate, in one call.

pub mod acceptance;
pub mod charset;
pub mod decoder;
#[cfg(feature = "sim")]
pub mod fake;
pub mod field;
pub mod guard;
pub mod layout;
pub mod layouts;
pub mod probe;
pub mod template;
pub mod user_data;
#[cfg(feature = "campus-vendor")]
pub mod vendor;
