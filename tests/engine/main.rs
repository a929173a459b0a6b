//! The engine: commands one after another, each credited with its own answer.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod any;
mod begun;
mod confusion;
mod copies;
mod credit;
mod echo;
mod fences;
mod late;
mod life;
mod reset;
mod text;
