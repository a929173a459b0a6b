//! The examples, as their users run them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canteen;
mod minimal;
mod pos;
mod pos_db;
mod readme;
mod short;
mod sim;
mod till;
mod upsdk;
mod watchdog;
