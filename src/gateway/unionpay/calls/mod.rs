//! The calls, one file each.

mod backend_token;
mod front_token;

pub use backend_token::{BackendTokenGiven, GetBackendToken};
pub use front_token::{FrontTokenGiven, GetFrontToken};
