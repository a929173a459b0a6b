//! A command-line tool for UnionPay's open platform: every call, the pages and the notifications.
//!
//! ```text
//! cargo run --example unionpay -- --base sim story
//! cargo run --example unionpay -- --base https://open.95516.com/open/access/1.0 --app-id fb70… \
//!     --secret-file secret --symmetric-key-file key --tokens redis://localhost/ --json \
//!     user-mobile --open-id @open-id --access-token @access-token
//! cargo run --example unionpay -- --app-id fb70… page oauth --scope upapi_base \
//!     --redirect-uri https://shop.example/back --state 17c3
//! ```
//!
//! - `main.rs`: from the command line to the exit status
//! - `args/`: what can be written on the command line
//! - `desk.rs`: app, transport and tokens, as the options say
//! - `jobs/`: one file for each group of commands
//! - `told/`: what the answer of each call says, as a JSON object and as text
//! - `platform.rs`: the simulated platform
//! - `trouble.rs`: what can go wrong
//!
//! With `--json`, standard output carries one object for each command and nothing else. Exit status:
//! 0 done; 10 refused or not verified; 20 unknown; 1 failed before anything was sent; 2 wrong usage.
//! `M26_LOG=debug` has the library tell what it does.

mod args;
#[path = "../common/day.rs"]
mod day;
mod desk;
#[path = "../common/files.rs"]
mod files;
mod jobs;
#[path = "../common/language.rs"]
mod language;
#[path = "../common/log.rs"]
mod log;
#[path = "../common/misused.rs"]
mod misused;
#[path = "../common/object.rs"]
mod object;
#[path = "../common/place.rs"]
mod place;
mod platform;
#[path = "../common/problem.rs"]
mod problem;
#[path = "../common/screen.rs"]
mod screen;
#[path = "../common/seconds.rs"]
mod seconds;
#[path = "../common/simulated.rs"]
mod simulated;
mod told;
mod trouble;
#[path = "../common/usage.rs"]
mod usage;
#[path = "../common/wall.rs"]
mod wall;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use args::Arguments;
use screen::{Screen, note};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(misused::say::<Arguments>(error, "--base")),
    };
    log::to_stderr(LevelFilter::WARN);
    let Arguments { options, command } = arguments;
    language::choose(options.lang);
    let screen = Screen::new(command.name(), options.json, options.is_simulated());
    let ended = jobs::run(command, &options);
    let (status, printed) = match &ended {
        Ok(ended) => (ended.status.code(), screen.answer(ended)),
        Err(problem) => (problem.status(), screen.problem(problem)),
    };
    if let Err(error) = printed {
        note(&format_args!("the answer cannot be printed: {error}"));
    }
    ExitCode::from(status)
}

/// The name of this program.
const TOOL: &str = "unionpay";
