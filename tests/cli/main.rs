//! The command-line tool `m26`, as its user runs it.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod campus;
mod clients;
mod commands;
mod doctor;
mod errors;
mod harm;
mod listen;
mod live;
mod outbox;
mod people;
mod replay;
mod secrets;
mod session;
