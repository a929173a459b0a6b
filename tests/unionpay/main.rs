//! UnionPay's open platform: what a call sends, and what an answer says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod calls;
mod sim_unionpay;
