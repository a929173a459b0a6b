//! A command-line tool for Alipay barcode pay: it takes money, asks, cancels and gives back.
//!
//! ```text
//! cargo run --example pay -- --gateway sim --journal memory pay --out-trade-no A10001_0 \
//!     --auth-code 284612345678901234 --amount 10.25 --subject lunch
//! cargo run --example pay -- --gateway https://openapi.alipay.com/gateway.do --app-id 2026… \
//!     --key app.pem --alipay-key alipay.pub --journal till.db settle
//! cargo run --example pay -- key app.pem
//! cargo run --example pay -- --alipay-key alipay.pub check-notify body --amount 10.25
//! ```
//!
//! - `main.rs`: from the command line to the exit status
//! - `args/`: what can be written on the command line
//! - `counter.rs`, `book.rs`: merchant, transport and journal, as the options say
//! - `platform.rs`: what Alipay is known by, its key or certificates
//! - `jobs/`: one file for each group of commands
//! - `account.rs`: an order as a JSON object and as text
//! - `trouble.rs`: what can go wrong
//!
//! With `--json`, standard output carries one object for each command and nothing else. Exit status:
//! 0 paid or done; 10 not paid, refused or rejected; 20 unknown; 1 failed before anything was sent;
//! 2 wrong usage. The first Ctrl-C is the cashier's stop, a second one leaves at once with the order
//! open. `M26_LOG=debug` has the library tell what it does.

mod account;
mod args;
mod book;
mod counter;
#[path = "../common/day.rs"]
mod day;
#[path = "../common/files.rs"]
mod files;
mod interrupt;
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
mod qr;
#[path = "../common/screen.rs"]
mod screen;
#[path = "../common/seconds.rs"]
mod seconds;
#[path = "../common/simulated.rs"]
mod simulated;
mod trouble;
#[path = "../common/usage.rs"]
mod usage;
#[path = "../common/wall.rs"]
mod wall;

use std::process::ExitCode;
use std::thread;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use args::Arguments;
use screen::{Screen, note};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(misused::say::<Arguments>(error, "--gateway")),
    };
    log::to_stderr(LevelFilter::WARN);
    let Arguments { options, command } = arguments;
    language::choose(options.lang);
    let screen = Screen::new(command.name(), options.json, options.is_simulated());
    let ended = jobs::run(command, options, screen);
    while interrupt::is_told() {
        // Ctrl-C was first, and ends this program.
        thread::park();
    }
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
const TOOL: &str = "pay";
