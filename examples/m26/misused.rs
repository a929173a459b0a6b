//! A command line that cannot be read.

use std::env;
use std::process::ExitCode;

use clap::error::{Error, ErrorKind};

use crate::args;
use crate::common::SIMULATOR;
use crate::problem::Problem;
use crate::screen::Screen;
use crate::usage;

/// Says what is wrong, or helps.
pub(crate) fn say(error: Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone cannot be told.
        drop(error.print());
        return ExitCode::SUCCESS;
    }
    let words: Vec<_> = env::args_os().skip(1).filter_map(|word| word.into_string().ok()).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    if words.contains(&"--json") {
        let root = args::command();
        let start = words.iter().position(|word| root.find_subcommand(word).is_some());
        let name = start.and_then(|at| usage::name_of(&words[at..], &root));
        let simulated = words.windows(2).any(|two| two == ["--port", SIMULATOR])
            || words.iter().any(|word| word.strip_prefix("--port=") == Some(SIMULATOR));
        let screen =
            Screen { json: true, named: false, show_secrets: false, simulated, stamped: false };
        let problem = Problem::invalid(usage::in_short(error));
        // As above.
        drop(screen.problem(name.as_deref(), &problem));
    } else {
        drop(usage::discreet(error).print());
    }
    ExitCode::from(2)
}
