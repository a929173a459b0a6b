//! The command-line tool `m26`, as its user runs it.

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
