//! Answers that come late or not at all.

use std::time::Duration;

use crate::sim::Order;

/// The orders that wait for an answer, to delay it or to swallow it.
#[derive(Debug, Default)]
pub(super) struct Answers {
    awaited: Vec<(Kind, Fate)>,
}

#[derive(Debug)]
enum Kind {
    Final,
    Line(String),
}

/// What happens to a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Late(Duration),
    Missing,
    Passes,
}

impl Answers {
    /// Takes an order that is about an answer; any other is left alone.
    pub(super) fn command(&mut self, order: &Order) -> bool {
        self.awaited.push(match order {
            Order::LateFinal(by) => (Kind::Final, Fate::Late(*by)),
            Order::LateResult { prefix, by } => (Kind::Line(prefix.clone()), Fate::Late(*by)),
            Order::MissingFinal => (Kind::Final, Fate::Missing),
            Order::MissingResult(prefix) => (Kind::Line(prefix.clone()), Fate::Missing),
            _ => return false,
        });
        true
    }

    /// What happens to this frame. The first frame that fits an order uses it up.
    pub(super) fn fate(&mut self, frame: &[u8]) -> Fate {
        match self.awaited.iter().position(|(kind, _)| kind.fits(frame)) {
            Some(first) => self.awaited.remove(first).1,
            None => Fate::Passes,
        }
    }
}

impl Kind {
    fn fits(&self, frame: &[u8]) -> bool {
        let text = frame.trim_ascii();
        match self {
            Self::Line(prefix) => text.starts_with(prefix.as_bytes()),
            // `0` and `4` are OK and ERROR with ATV0 (V.250, 6.2.5).
            Self::Final => {
                matches!(text, b"OK" | b"ERROR" | b"0" | b"4")
                    || text.starts_with(b"+CME ERROR:")
                    || text.starts_with(b"+CMS ERROR:")
            }
        }
    }
}
