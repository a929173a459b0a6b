//! The grammar of AT lines: how they are split, and what is read in them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod line_splitter;
mod text;
