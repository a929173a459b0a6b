//! What was asked and not answered in time.

use bytes::Bytes;

use super::Core;
use crate::at::command::{Answer, Request};
use crate::at::syntax::View;

/// A question whose answer may come late, so that it is known for what it is.
#[derive(Debug, PartialEq)]
pub(super) struct Past {
    line: Bytes,
    answer: Answer,
    last_line: Option<&'static str>,
}

impl Core {
    /// An answer to `request` may come later.
    pub(super) fn open_past(&mut self, request: &Request) {
        self.past_open = true;
        self.fences.avoid(&self.settings.profile, &request.line);
        self.remember(Past {
            line: request.line.clone(),
            answer: request.answer,
            last_line: request.last_line,
        });
    }

    /// A fence was not answered.
    pub(super) fn miss_fence(&mut self, prefix: &'static str) {
        let answer = Answer::Block(prefix);
        self.remember(Past { line: Bytes::new(), answer, last_line: None });
    }

    fn remember(&mut self, past: Past) {
        if self.past.len() < REMEMBERED && !self.past.contains(&past) {
            self.past.push(past);
        }
    }

    /// Whether a line that nobody waits for is a late answer, as far as can be told.
    pub(super) fn is_late(&self, view: &View<'_>) -> bool {
        self.past.iter().any(|past| past.fits(view))
    }
}

impl Past {
    fn fits(&self, view: &View<'_>) -> bool {
        match (view, self.answer) {
            (View::Prefixed { prefix, .. }, Answer::Any) => self.reads(prefix),
            (View::Prefixed { .. }, answer) => answer.takes(view, &[]),
            (View::Text(text), _)
                if self.last_line.is_some_and(|last| last.as_bytes() == *text) =>
            {
                true
            }
            // AT+ALIPAYCFG?: "key": value
            (View::Text(text), Answer::Block(_)) => text.first() == Some(&b'"'),
            _ => false,
        }
    }

    /// Whether a line typed by hand asks for this prefix.
    fn reads(&self, prefix: &[u8]) -> bool {
        let wanted = prefix.len() + 1;
        self.line
            .windows(wanted)
            .any(|part| part.ends_with(b"?") && part[..prefix.len()].eq_ignore_ascii_case(prefix))
    }
}

/// Not specified; chosen because one command and a round of fences are all that can be asked
/// before the past is closed, and memory must be bounded.
const REMEMBERED: usize = 8;
