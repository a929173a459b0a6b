//! The outbox: what must reach the cloud is kept until it has.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod after_2038;
mod announce;
mod drain;
mod format_1;
mod format_2;
mod journal;
mod kill;
mod log;
mod payments;
mod session;
mod store;
mod usage;
