//! The payment gateways: ours, and the simulated ones that ours is tried against.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod certificates;
mod chaos;
mod http;
mod machine;
mod notify;
mod orders;
mod pay;
mod payments;
mod postgres;
mod secrets;
mod sim_alipay;
mod started;
mod tls;
