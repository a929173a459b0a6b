//! Acceptance: from the bytes of a scanner to a recorded payment or an open gate, and what a power
//! cut leaves of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

#[path = "acceptance/child.rs"]
mod child;
#[path = "acceptance/log.rs"]
mod log;
mod logged;
#[path = "acceptance/power.rs"]
mod power;
#[path = "acceptance/refusals.rs"]
mod refusals;
#[path = "acceptance/story.rs"]
mod story;
#[path = "acceptance/world.rs"]
mod world;
