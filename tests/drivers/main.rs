//! Both drivers, blocking and async: their clients and their sessions, on virtual time and over real
//! pseudo-terminals; [`chaos`] and the [`model`], seeded runs in which everything goes wrong.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chaos;
mod clients;
mod model;
mod session;
