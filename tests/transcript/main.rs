//! Transcripts: read, written, masked and played to an engine.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod recording;
mod replay;
mod text;
