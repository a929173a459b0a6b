//! Acceptance: from the bytes of a scanner to a recorded payment or an open gate, and what a power
//! cut leaves of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod child;
mod guard;
mod log;
mod power;
mod refusals;
mod secrets;
mod story;
mod world;
