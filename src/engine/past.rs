//! The past: what was asked and not answered in time.

use crate::log::trace;

use super::Core;
use super::fence::{Fence, Numbered};
use crate::at::command::{Answer, Form, Request};
use crate::at::syntax::View;

/// A question whose answer may come late, so that it is known for what it is.
#[derive(Debug, PartialEq)]
pub(super) struct Past {
    /// The names of what it asks for in a read form.
    reads: Vec<Vec<u8>>,
    answer: Answer,
    last_line: Option<&'static str>,
}

impl Core {
    /// An answer to `request` may come later.
    #[cold]
    pub(super) fn open_past(&mut self, request: &Request) {
        self.reopen_past();
        for (prefix, _) in request.taints() {
            self.slots.may_begin(prefix);
        }
        let commands = request.commands();
        self.fences.avoid(&self.settings.profile, &commands);
        let reads = commands.iter().filter(|command| command.form == Form::Read);
        self.remember(Past {
            reads: reads.map(|command| command.name.to_vec()).collect(),
            answer: request.answer,
            last_line: request.last_line(),
        });
    }

    /// Something may still come that was not asked for since the last fence.
    #[cold]
    pub(super) fn reopen_past(&mut self) {
        if !std::mem::replace(&mut self.past_open, true) {
            self.slots.all_have_begun();
        }
        self.fences.numbered = Numbered::Due;
        self.doubled.past_was_opened();
    }

    /// A fence was not answered.
    pub(super) fn miss_fence(&mut self, fence: &Fence) {
        self.doubled.past_was_opened();
        if fence.is_number() {
            self.fences.numbered = Numbered::Failed;
            return;
        }
        self.fences.numbered = Numbered::Due;
        let answer = Answer::Block(fence.prefix);
        self.remember(Past { reads: Vec::new(), answer, last_line: None });
    }

    /// Nothing of the past will come any more.
    pub(super) fn close_past(&mut self) {
        trace!("the past is closed");
        self.past_open = false;
        self.past.clear();
        self.synchronised = true;
        self.unanswered = 0;
        self.fences.closed();
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
            (View::Prefixed { prefix, .. }, Answer::Any) => {
                self.reads.iter().any(|name| name == prefix)
            }
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
}

/// Not specified; chosen because one command and a round of fences are all that can be asked
/// before the past is closed, and memory must be bounded.
const REMEMBERED: usize = 8;
