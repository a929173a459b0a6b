//! The blocking and the async client, on lines of every kind.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod asynch_pty;
mod asynch_sim;
mod asynch_syscalls;
mod blocking_bounds;
mod threads;
