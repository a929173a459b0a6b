//! Campus codes: user data, layouts and the probe, on made-up and on broken input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

mod any;
mod layout;
mod probe;
mod user_data;
mod vendor;
