//! The blocking and the async client, on lines of every kind.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod asynch_pty;
mod asynch_sim;
mod blocking_bounds;
mod threads;
