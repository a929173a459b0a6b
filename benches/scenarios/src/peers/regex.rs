//! A list of regular expressions, as ModemManager keeps one for its serial ports: every URC's
//! expression is tried on all that has been kept, and what it matches is cut out; then the one for
//! `OK`, and as long as that does not match, those for errors. They know the same URCs as this
//! crate.
//!
//! Where ModemManager's `OK` takes all that was kept for one answer, this one ends at the first:
//! it has to find the four that were sent.

use std::str::from_utf8;

use regex::bytes::{Captures, Regex};

use crate::{Parser, Seen};

/// What was kept, the list, and what ends an answer.
pub struct List {
    kept: Vec<u8>,
    urcs: Vec<(Regex, Reader)>,
    ok: Regex,
    errors: Vec<Regex>,
    typing: bool,
}

type Reader = fn(&Captures<'_>, &mut Seen);

impl List {
    pub fn new(typing: bool) -> Self {
        let compile = |pattern: &str| Regex::new(pattern).expect("the expression is sound");
        let urcs = [URCS, TEXTS].concat();
        Self {
            kept: Vec::new(),
            urcs: urcs.into_iter().map(|(pattern, read)| (compile(pattern), read)).collect(),
            ok: compile(r"(?s-u)^(.*?)\r\nOK\r\n"),
            errors: ERRORS.iter().copied().map(compile).collect(),
            typing,
        }
    }
}

impl Parser for List {
    fn read(&mut self, bytes: &[u8], seen: &mut Seen) {
        self.kept.extend_from_slice(bytes);
        for (urc, read) in &self.urcs {
            while let Some(found) = urc.captures(&self.kept) {
                if self.typing {
                    read(&found, seen);
                } else {
                    seen.prefixed += 1;
                }
                let range = found.get_match().range();
                self.kept.drain(range);
            }
        }
        while let Some(found) = self.answer() {
            if !self.typing {
                seen.finals += 1;
                seen.prefixed += usize::from(found[1].starts_with(b"\r\n+"));
            }
            let end = found.get_match().end();
            self.kept.drain(..end);
        }
    }
}

impl List {
    fn answer(&self) -> Option<Captures<'_>> {
        let of = |regex: &Regex| regex.captures(&self.kept);
        of(&self.ok).or_else(|| self.errors.iter().find_map(of))
    }
}

fn number(found: &Captures<'_>, group: usize) -> i32 {
    text(found, group).and_then(|digits| digits.parse().ok()).unwrap_or(-1)
}

fn text<'a>(found: &Captures<'a>, group: usize) -> Option<&'a str> {
    found.get(group).and_then(|found| from_utf8(found.as_bytes()).ok())
}

/// The URCs that hold something.
const URCS: &[(&str, Reader)] = &[
    (r"(?-u)\r\n\+ALIPAYACT ?: ?(-?\d+)\r\n", |_, _| {}),
    (r#"(?-u)\r\n\+ALIPAYDID ?: ?(-?\d+)(?:, ?"([^"\r\n]*)")?\r\n"#, |found, seen| {
        if let (0, Some(biz_tid)) = (number(found, 1), text(found, 2)) {
            seen.biz_tid += biz_tid.len();
        }
    }),
    (r"(?-u)\r\n\+ALIPAYOPEN ?: ?(-?\d+)\r\n", |_, _| {}),
    (r"(?-u)\r\n\+ALIPAYPINFO ?: ?(-?\d+)\r\n", |_, _| {}),
    (r"(?-u)\r\n\+ALIPAYREP ?: ?(-?\d+)(?:, ?(\d+))?\r\n", |found, seen| {
        seen.reported += usize::from(number(found, 1) == 0);
    }),
    (r#"(?-u)\r\n\+ALIPAYSIGN ?: ?(-?\d+)(?:, ?(\d+), ?"([^\r\n]*)")?\r\n"#, |found, seen| {
        if let (0, length, Some(data)) = (number(found, 1), number(found, 2), text(found, 3)) {
            seen.signed_data += if data.len() as i32 == length { data.len() } else { 0 };
        }
    }),
    (r"(?-u)\r\n\+CFUN ?: ?(\d+)\r\n", |_, _| {}),
    (r#"(?-u)\r\n\+CGREG ?: ?(\d+)(?:, ?"([^"]*)", ?"([^"]*)")?\r\n"#, |_, _| {}),
    (r"(?-u)\r\n\+CPIN ?: ?([^\r\n]*)\r\n", |_, _| {}),
    (r#"(?-u)\r\n\+CREG ?: ?(\d+)(?:, ?"([^"]*)", ?"([^"]*)")?\r\n"#, |_, _| {}),
    (r"(?-u)\r\n\+QNTP ?: ?(-?\d+)\r\n", |_, _| {}),
    (r"(?-u)\r\n\+QNTTP ?: ?(-?\d+)\r\n", |_, _| {}),
];

/// Those that are a text.
const TEXTS: &[(&str, Reader)] = &[
    (r"(?-u)\r\n\+ALIPAYSHUT OK\r\n", |_, _| {}),
    (r"(?-u)\r\n\+PDP DEACT\r\n", |_, _| {}),
    (r"(?-u)\r\nCall Ready\r\n", |_, _| {}),
    (r"(?-u)\r\nNORMAL POWER DOWN\r\n", |_, _| {}),
    (r"(?-u)\r\nOVER_VOLTAGE (POWER DOWN|WARNING)\r\n", |_, _| {}),
    (r"(?-u)\r\nRDY\r\n", |_, _| {}),
    (r"(?-u)\r\nSMS Ready\r\n", |_, _| {}),
    (r"(?-u)\r\nUNDER_VOLTAGE (POWER DOWN|WARNING)\r\n", |_, _| {}),
];

/// The ends of an answer that are no `OK`.
const ERRORS: &[&str] = &[
    r"(?s-u)^(.*?)\r\n\+CME ERROR:\s*(\d+)\r\n",
    r"(?s-u)^(.*?)\r\n\+CMS ERROR:\s*(\d+)\r\n",
    r"(?s-u)^(.*?)\r\n\+CME ERROR:\s*([^\n\r]+)\r\n",
    r"(?s-u)^(.*?)\r\n\+CMS ERROR:\s*([^\n\r]+)\r\n",
    r"(?s-u)^(.*?)\r\nERROR\r\n",
    r"(?s-u)^(.*?)\r\n(NO CARRIER|BUSY|NO ANSWER|NO DIALTONE)\r\n",
];
