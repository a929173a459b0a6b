//! Values that need not stand on the command line, because it is public.

use std::convert::Infallible;
use std::fmt::Display;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use crate::problem::Problem;

/// A value as it was written: the value itself, `@FILE`, or `-` for standard input.
#[derive(Clone)]
pub(crate) struct Given(String);

impl FromStr for Given {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl Given {
    /// The text. What a file or standard input has is without the end of its last line.
    pub(crate) fn text(&self) -> Result<Zeroizing<String>, Problem> {
        let file = match self.0.strip_prefix('@') {
            Some(file) => bytes(Path::new(file))?,
            None if self.0 == "-" => bytes(Path::new("-"))?,
            None => return Ok(Zeroizing::new(self.0.clone())),
        };
        let text = std::str::from_utf8(&file)
            .map_err(|error| Problem::usage(format_args!("a value is not UTF-8: {error}")))?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        Ok(Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    }

    /// What it says.
    pub(crate) fn read<T: FromStr<Err: Display>>(&self) -> Result<T, Problem> {
        self.text()?.parse().map_err(Problem::usage)
    }
}

/// What an option says, if it is there.
pub(crate) trait MaybeGiven {
    fn read<T: FromStr<Err: Display>>(&self) -> Result<Option<T>, Problem>;
}

impl MaybeGiven for Option<Given> {
    fn read<T: FromStr<Err: Display>>(&self) -> Result<Option<T>, Problem> {
        self.as_ref().map(Given::read).transpose()
    }
}

/// A whole file; `-` is standard input, which can be read once.
pub(crate) fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    static READ: AtomicBool = AtomicBool::new(false);
    if path.as_os_str() != "-" {
        let failed = |error: io::Error| Problem::io(format_args!("{}: {error}", path.display()));
        return fs::read(path).map(Zeroizing::new).map_err(failed);
    }
    if READ.swap(true, Ordering::Relaxed) {
        return Err(Problem::usage("standard input has one value: give the others by @FILE"));
    }
    let mut text = Zeroizing::new(Vec::new());
    let read = io::stdin().lock().take(LIMIT).read_to_end(&mut text);
    read.map_err(|error| Problem::io(format_args!("standard input: {error}")))?;
    Ok(text)
}

/// More than any key, token or notification has.
const LIMIT: u64 = 1024 * 1024;
