//! The module's own commands.

mod basic;
mod clock;
mod context;
mod identity;
mod network;
mod power;
mod raw;
mod signal;
mod sim;

pub use basic::*;
pub use clock::*;
pub use context::{m26pay_select_context, m26pay_set_access_point};
pub use identity::*;
pub use network::*;
pub use power::*;
pub use raw::*;
pub use signal::*;
pub use sim::*;

pub(crate) use context::access_point;
