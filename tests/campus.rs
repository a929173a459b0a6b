//! Campus codes: user data, layouts and the probe, on made-up and on broken input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

#[path = "campus/any.rs"]
mod any;
mod common;
#[path = "campus/layout.rs"]
mod layout;
#[path = "campus/probe.rs"]
mod probe;
#[path = "campus/user_data.rs"]
mod user_data;
