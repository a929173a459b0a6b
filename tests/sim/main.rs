//! The simulated module.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod faults;
mod general;
mod modem;
mod pty;
mod replay;
mod script;
mod trace;
