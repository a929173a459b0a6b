//! Running an example as its user does, and what it said.

use std::path::PathBuf;
use std::process::{Command, Output};

/// What was said, and how it ended.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// In English, whatever the language of who tests.
pub fn run(example: &str, arguments: &[&str]) -> Said {
    run_in("C", example, arguments)
}

/// With this locale.
pub fn run_in(locale: &str, example: &str, arguments: &[&str]) -> Said {
    let mut command = Command::new(path(example));
    let output = command.args(arguments).env("LC_ALL", locale).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// `cargo test` builds the examples next to the tests.
pub fn path(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path = target.join("examples").join(example);
    assert!(path.exists(), "{} is missing: `cargo build --examples` builds it", path.display());
    path
}

impl Said {
    /// These came, in this order.
    pub fn says(&self, lines: &[&str]) -> &Self {
        let mut rest = &self.out[..];
        for line in lines {
            let found = rest
                .find(line)
                .unwrap_or_else(|| panic!("no {line:?} in:\n{}\nwith:\n{}", self.out, self.err));
            rest = &rest[found + line.len()..];
        }
        self
    }

    /// These came on standard error, in any order.
    pub fn complains(&self, of: &[&str]) -> &Self {
        for text in of {
            assert!(self.err.contains(text), "no {text:?} in:\n{}", self.err);
        }
        self
    }

    pub fn ends(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
    }
}
