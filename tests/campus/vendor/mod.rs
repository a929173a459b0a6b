//! The vendor's decoder of campus codes, behind its C interface.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod decoder;
mod gate;
mod random;
mod template;
