//! A command-line tool for Alipay barcode pay: it takes money, asks, cancels and gives back.
//!
//! ```text
//! cargo run --example pay -- --gateway sim --journal memory pay --out-trade-no A10001_0 \
//!     --auth-code 284612345678901234 --amount 10.25 --subject lunch
//! cargo run --example pay -- --gateway https://openapi.alipay.com/gateway.do --app-id 2026… \
//!     --key app.pem --alipay-key alipay.pub --journal till.db settle
//! cargo run --example pay -- key app.pem
//! ```
//!
//! - `main.rs`: from the command line to the exit status
//! - `args/`: what can be written on the command line
//! - `counter.rs`: merchant, transport and journal, as the options say
//! - `jobs/`: one file for each group of commands
//! - `account.rs`: an order as a JSON object and as text
//! - `problem.rs`, `screen.rs`: what is printed
//!
//! With `--json`, standard output carries one object for each command and nothing else. Exit status:
//! 0 paid or done; 10 not paid, refused or rejected; 20 unknown; 1 failed before anything was sent;
//! 2 wrong usage. The first Ctrl-C is the cashier's stop, a second one leaves at once with the order
//! open. `M26_LOG=debug` has the library tell what it does.

mod account;
mod args;
mod counter;
mod interrupt;
mod jobs;
#[path = "../common/log.rs"]
mod log;
#[path = "../common/object.rs"]
mod object;
mod problem;
mod qr;
mod screen;
#[path = "../common/seconds.rs"]
mod seconds;
mod simulated;
#[path = "../common/usage.rs"]
mod usage;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::thread;

use clap::error::{Error, ErrorKind};
use clap::{CommandFactory as _, Parser as _};
use tracing_subscriber::filter::LevelFilter;

use args::Arguments;
use problem::Problem;
use screen::{Screen, note};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(misused(error)),
    };
    log::to_stderr(LevelFilter::WARN);
    let Arguments { options, command } = arguments;
    let screen = Screen::new(command.name(), &options);
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

/// Says what is wrong with the command line, or helps. The exit status.
fn misused(error: Error) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone cannot be told.
        drop(error.print());
        return 0;
    }
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    if words.contains(&"--json") {
        let root = Arguments::command();
        let starts = words.iter().position(|word| root.find_subcommand(word).is_some());
        let name = starts.and_then(|at| usage::name_of(&words[at..], &root));
        let simulated = words.contains(&"--gateway=sim")
            || words.windows(2).any(|two| two == ["--gateway", "sim"]);
        let problem = Problem::usage(usage::in_short(error));
        // As above.
        drop(screen::object_of(name.as_deref(), simulated, &problem));
    } else {
        drop(usage::discreet(error).print());
    }
    2
}
