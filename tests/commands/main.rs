//! Every typed command: what it writes, and what it understands.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod properties;
mod sim;
