//! What runs in the guests of `.ci/tty` and `.ci/power`.
//!
//! ```text
//! probe session WHERE       a blocking session that obeys lines: see `obey`
//! probe async WHERE         an async one
//! probe append DB           appends reports to this outbox until the power fails
//! probe send DB WHERE       so does this, while a session sends them
//! probe list DB             says which are in it
//! ```

#![allow(clippy::disallowed_methods, reason = "it stands where a till does, in real time")]

mod obey;
mod outbox;
#[path = "../../../../examples/common/sample.rs"]
mod sample;
mod till;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["session", place] => till::blocking(place).and_then(obey::obey),
        ["async", place] => till::asynchronous(place).and_then(obey::obey),
        ["append", path] => outbox::append(path),
        ["send", path, place] => outbox::send(path, place),
        ["list", path] => outbox::list(path),
        _ => Err("session WHERE, async WHERE, append DB, send DB WHERE or list DB".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error>;
