//! A command line that cannot be read.

use std::env;
use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{Error, ErrorKind};

use crate::problem::Problem;
use crate::{screen, usage};

/// Says what is wrong, or helps. `base` is the option that can be `sim`. The exit status.
pub(crate) fn say<A: CommandFactory>(error: Error, base: &str) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone cannot be told.
        drop(error.print());
        return 0;
    }
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    if words.contains(&"--json") {
        let root = A::command();
        let starts = words.iter().position(|word| root.find_subcommand(word).is_some());
        let name = starts.and_then(|at| usage::name_of(&words[at..], &root));
        let simulated = words.contains(&format!("{base}=sim").as_str())
            || words.windows(2).any(|two| two == [base, "sim"]);
        let problem = Problem::usage(usage::in_short(error));
        // As above.
        drop(screen::object_of(name.as_deref(), simulated, &problem));
    } else {
        drop(usage::discreet(error).print());
    }
    2
}
