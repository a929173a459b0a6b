//! Sessions: a terminal that comes up, stays up and comes back.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod asynch;
mod availability;
mod blocking;
mod clock;
mod duty;
mod handle;
mod hidden;
mod input_errors;
mod lines;
mod odd;
mod opening;
mod order;
mod pty;
mod rest;
mod storm;
