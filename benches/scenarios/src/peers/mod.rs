//! What a user would pick instead.

pub mod at_commands;
pub mod atat;
pub mod memchr;
pub mod regex;
