//! UnionPay's open platform: what a call sends, and what an answer says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod calls;
mod documented;
mod notices;
mod over_tcp;
mod pages;
mod sim_unionpay;
mod tokens;
mod tool;
