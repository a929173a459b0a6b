//! Lists of commands: one a line, from a file or from standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _, Subcommand};

use crate::args::Words;
use crate::problem::Problem;
use crate::usage;

/// Where commands come from. It is opened before anything else is done.
pub(crate) enum Source {
    File(File),
    Socket(UnixStream),
    Stdin,
}

/// Reads lines. It holds no more of one than [`LINE_LIMIT`].
pub(crate) struct Lines {
    from: Box<dyn BufRead>,
    /// The number of the last line.
    number: u64,
}

/// A line as it was read.
pub(crate) struct Line {
    /// The first one is 1.
    pub(crate) number: u64,
    /// As much of it as was kept.
    bytes: Vec<u8>,
    /// Whether there is more of it, which was skipped.
    too_long: bool,
}

impl Source {
    /// A file, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        if path == Path::new("-") {
            return Ok(Self::Stdin);
        }
        let doing = || format!("the file {} cannot be read", path.display());
        let file = File::open(path).map_err(|error| Problem::io(&doing(), &error))?;
        Ok(Self::File(file))
    }
}

impl Lines {
    pub(crate) fn new(source: Source) -> Self {
        let from: Box<dyn BufRead> = match source {
            Source::File(file) => Box::new(BufReader::new(file)),
            Source::Socket(stream) => Box::new(BufReader::new(stream)),
            Source::Stdin => Box::new(io::stdin().lock()),
        };
        Self { from, number: 0 }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        if (&mut self.from).take(LINE_LIMIT).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut ended = bytes.ends_with(b"\n");
        let full = bytes.len() as u64 == LINE_LIMIT;
        let mut too_long = false;
        while full && !ended {
            let more = self.from.fill_buf()?;
            let (used, end) = match more.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (more.len(), more.is_empty()),
            };
            too_long |= used > 0;
            ended = end;
            self.from.consume(used);
        }
        Ok(Some(Line { number: self.number, bytes, too_long }))
    }
}

impl Line {
    /// Whether its line end is there. Without it, it may be a part of a line.
    pub(crate) fn is_whole(&self) -> bool {
        self.too_long || self.bytes.ends_with(b"\n")
    }

    /// Whether it is this word and nothing else.
    pub(crate) fn is(&self, word: &str) -> bool {
        !self.too_long && self.bytes.trim_ascii() == word.as_bytes()
    }

    /// What it says, `None` for an empty line or a comment; or the name of its command, as far as
    /// that can be told, and what is wrong with it.
    pub(crate) fn parse<S: Subcommand>(&self) -> Result<Option<S>, (String, Problem)> {
        self.read().map_err(|(name, why)| {
            let name = name.unwrap_or_else(|| "?".to_string());
            (name, Problem::invalid(why).on_line(self.number))
        })
    }

    fn read<S: Subcommand>(&self) -> Result<Option<S>, (Option<String>, String)> {
        if self.too_long {
            return Err((None, format!("it is longer than {LINE_LIMIT} bytes")));
        }
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|_| (None, "it is no text in UTF-8".to_string()))?;
        // As editors for Windows write a file.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.trim_end_matches(['\r', '\n']);
        let root = Words::<S>::command();
        let words = shell_words::split(text).map_err(|error| {
            let words: Vec<_> = text.split_whitespace().collect();
            (usage::name_of(&words, &root), error.to_string())
        })?;
        if words.is_empty() {
            return Ok(None);
        }
        let line = Words::try_parse_from(&words).map_err(|error| {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            (usage::name_of(&words, &root), usage::in_short(error))
        })?;
        Ok(Some(line.step))
    }
}

/// The commands end here, though there may be more of them.
pub(crate) fn unreadable(error: &io::Error) -> Problem {
    Problem::io("the commands cannot be read on", error)
}

/// Not specified; chosen because a line of commands has some hundred bytes, and the names of files
/// on one may have some thousand.
const LINE_LIMIT: u64 = 64 * 1024;
