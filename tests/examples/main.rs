//! The examples, as their users run them. Tests begin in the order of their names, so it is well where
//! what is waited for longest is among the first.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canteen;
mod minimal;
mod pos;
mod pos_db;
mod readme;
mod short;
mod sim;
mod till;
mod tool;
mod upsdk;
