//! Text of others, such as a short message, that the module hands on. It may look like an answer.

use std::time::{Duration, Instant};

use crate::log::debug;

use super::{Core, Event, later};
use crate::at::unsolicited::{TextBehind, UrcName};

/// A text of which more may come.
#[derive(Debug)]
pub(super) struct Text {
    /// How many bytes of it may still come in quotes; `None` if it is the next line, whole.
    quoted: Option<usize>,
    /// When no more of it is expected.
    until: Instant,
}

impl Core {
    /// A line came that the module sends by itself. It may open a text.
    pub(super) fn watch_text(&mut self, now: Instant, urc: &UrcName, bytes: &[u8]) {
        let quoted = match urc.text {
            TextBehind::Nothing => return,
            TextBehind::Line => None,
            TextBehind::Quotes if has_open_quote(bytes) => Some(LIMIT),
            TextBehind::Quotes => return,
        };
        self.text = Some(Text { quoted, until: later(now, GAP) });
    }

    /// A line of the text, if one goes on.
    pub(super) fn take_text(&mut self, now: Instant, bytes: &[u8]) -> bool {
        let Some(text) = self.text.take().filter(|text| now <= text.until) else {
            return false;
        };
        if let Some(left) = text.quoted.filter(|_| !has_open_quote(bytes)) {
            if let Some(left) = left.checked_sub(bytes.len()) {
                self.text = Some(Text { quoted: Some(left), ..text });
            } else {
                debug!("a quote that was opened does not close");
            }
        }
        self.tell(Event::Text, bytes);
        true
    }
}

/// Whether a line opens a quote and does not close it, or closes one that was open.
fn has_open_quote(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Not specified; chosen because a text of a network has at most 182 characters (23.038), and four
/// bytes write one.
const LIMIT: usize = 728;

/// Not specified; chosen because the lines of one text come in one go, and take less at 9600 baud.
const GAP: Duration = Duration::from_secs(1);
