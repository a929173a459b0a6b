//! The exchange state machine.

mod failure;

pub use failure::{Busy, Certainty, Contradiction, Failure};
