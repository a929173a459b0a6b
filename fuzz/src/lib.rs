//! What a fuzzer does with this crate: one function for each target. The programs in
//! `fuzz_targets` call them with what libFuzzer makes up, the crate's test `fuzz_corpus` with what
//! it found before.
//!
//! Each is a set of claims: it panics where one does not hold. The README has them in a table.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a target says what is wrong"
)]

mod answers;
mod code;
mod config;
mod credit;
mod engine;
mod gateway_answers;
mod gateway_certificates;
mod gateway_keys;
mod gateway_notifications;
mod gateway_order_string;
mod layout;
mod record;
mod script;
mod seeds;
mod session;
mod sign;
mod source;
mod splitter;
mod syntax;
mod transcript;
mod unionpay_answers;
mod unionpay_notifications;
mod unionpay_pages;
mod unionpay_tdes;
mod urc;
mod user_data;
mod values;

pub use answers::answers;
pub use code::code;
pub use config::config;
pub use credit::credit;
pub use engine::engine;
pub use gateway_answers::gateway_answers;
pub use gateway_certificates::gateway_certificates;
pub use gateway_keys::gateway_keys;
pub use gateway_notifications::gateway_notifications;
pub use gateway_order_string::gateway_order_string;
pub use layout::layout;
pub use record::record;
pub use script::script;
pub use seeds::seeds;
pub use session::session;
pub use sign::sign;
pub use splitter::splitter;
pub use syntax::syntax;
pub use transcript::transcript;
pub use unionpay_answers::unionpay_answers;
pub use unionpay_notifications::unionpay_notifications;
pub use unionpay_pages::unionpay_pages;
pub use unionpay_tdes::unionpay_tdes;
pub use urc::urc;
pub use user_data::{probe, user_data};
pub use values::values;

/// What is done with some bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("answers", answers),
    ("code", code),
    ("config", config),
    ("credit", credit),
    ("engine", engine),
    ("gateway_answers", gateway_answers),
    ("gateway_certificates", gateway_certificates),
    ("gateway_keys", gateway_keys),
    ("gateway_notifications", gateway_notifications),
    ("gateway_order_string", gateway_order_string),
    ("layout", layout),
    ("probe", probe),
    ("record", record),
    ("script", script),
    ("session", session),
    ("sign", sign),
    ("splitter", splitter),
    ("syntax", syntax),
    ("transcript", transcript),
    ("unionpay_answers", unionpay_answers),
    ("unionpay_notifications", unionpay_notifications),
    ("unionpay_pages", unionpay_pages),
    ("unionpay_tdes", unionpay_tdes),
    ("urc", urc),
    ("user_data", user_data),
    ("values", values),
];
