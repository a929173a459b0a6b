//! The acceptance guard: no code is handed out twice, by any store, to any number of threads,
//! processes and terminals, whatever the clocks do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

#[path = "guard/disk.rs"]
mod disk;
#[path = "guard/memory.rs"]
mod memory;
#[path = "guard/model.rs"]
mod model;
#[path = "guard/rules.rs"]
mod rules;
#[path = "guard/server.rs"]
#[cfg(unix)]
mod server;
#[path = "guard/shared.rs"]
#[cfg(unix)]
mod shared;
