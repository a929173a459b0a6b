//! What the test programs share: a bench for the engine, simulated lines on virtual time, and the
//! programs that a test starts. It is compiled once for all of them, and it is not published.

#![allow(missing_docs, missing_debug_implementations, reason = "only the crate's own tests use it")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

pub mod any;
pub mod asynch_line;
pub mod bench;
pub mod campus;
pub mod cli_tool;
pub mod commands;
pub mod ears;
pub mod example_run;
pub mod frames;
pub mod held_port;
#[cfg(feature = "keys")]
pub mod keys;
pub mod late_file;
pub mod logged;
pub mod outbox_till;
pub mod own_process;
pub mod postgres_server;
pub mod real_time;
pub mod redis_server;
pub mod reference;
pub mod replay;
pub mod requests;
pub mod secrets;
pub mod seeds;
pub mod session_line;
pub mod sigint;
pub mod sim_line;
pub mod slow;
pub mod workshop;
