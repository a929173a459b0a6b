//! `libm26pay`: the C interface of `m26-pay`. `include/m26pay.h` is made from these sources by
//! cbindgen, and `README.md` says how a program is built with it.
//!
//! # How a function is built
//!
//! ```text
//! boundary::enter     no panic leaves it; a failure is noted for m26pay_last_error
//!   pointer           what the caller handed in: checked and copied before anything is sent
//!   registry          a handle becomes an object, or a code: freed, of another kind, in use
//!   module::Link      client or session: one command, with its typed answer
//! ```
//!
//! Only `pointer` and `text` follow a pointer of the caller. A handle is a number and never a pointer, so
//! one that was freed is told from one that was not.
#![allow(unsafe_code, reason = "C knows no other functions, and hands in pointers")]
#![allow(non_camel_case_types, reason = "types are named as C names them")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what C has to promise is the same for each function, and said at the head of m26pay.h"
)]
#![deny(clippy::multiple_unsafe_ops_per_block, clippy::undocumented_unsafe_blocks)]

mod alipay;
mod boundary;
mod campus;
mod event;
mod failure;
mod flows;
mod library;
mod m26;
mod memory;
mod module;
mod outbox;
// It has a header of its own, which is there where the feature is: see tests/header.rs.
/// cbindgen:ignore
#[cfg(feature = "payments")]
mod payments;
mod pointer;
mod registry;
mod session;
mod status;
mod text;
mod time;
mod worker;

pub use alipay::*;
pub use campus::*;
pub use event::*;
pub use failure::{m26pay_error, m26pay_last_error};
pub use flows::*;
pub use library::m26pay_version;
pub use m26::*;
pub use memory::{m26pay_memory, m26pay_memory_free, m26pay_string};
pub use module::*;
pub use outbox::*;
#[cfg(feature = "payments")]
pub use payments::*;
pub use session::*;
pub use status::*;
pub use text::m26pay_str;
