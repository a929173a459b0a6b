//! `manual`: the manual pages and the shells' completions, made from the command line itself.

use std::fs;
use std::io;
use std::path::Path;

use clap_complete::Shell;

use crate::args;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::Answer;

/// Writes them into a folder, which is made if it is not there.
pub(crate) fn write(folder: &Path) -> Result<Answer, Problem> {
    let files =
        files(folder).map_err(|error| Problem::io("the manual cannot be written", &error))?;
    let result = Object::new().with("files", files);
    let text = format!("manual pages and completions: {files} files in {}", folder.display());
    Ok(Answer { result, text })
}

/// How many files there are.
fn files(folder: &Path) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(args::command(), folder)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut args::command(), TOOL, folder)?;
    }
    Ok(fs::read_dir(folder)?.count() as u64)
}

const TOOL: &str = "m26";
