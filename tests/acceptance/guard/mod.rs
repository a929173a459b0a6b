//! The acceptance guard: no code is handed out twice, by any store, to any number of threads,
//! processes and terminals, whatever the clocks do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod disk;
mod memory;
mod model;
mod rules;
#[cfg(unix)]
mod shared;
