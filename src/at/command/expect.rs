//! Answers and results: the lines that a command expects.

use super::{Deadline, body};
use crate::at::field::Shape;
use crate::at::line::Line;
use crate::at::syntax::View;

/// Information lines that come before the final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Every line that is no URC: for a command of which nothing is known but its text.
    Any,
    /// A line with this prefix, then lines of text without one (AT+ALIPAYCFG?).
    Block(&'static str),
    /// No line.
    None,
    /// One line with each of these prefixes and shapes, in any order (a line of several queries).
    Prefixed(&'static [(&'static str, Shape)]),
    /// One line with one of these prefixes, or lines of text (the ICCID comes in three forms): which
    /// of them is the answer, its form tells.
    PrefixedOrText(&'static [&'static str]),
    /// Lines of text without a prefix, one at least.
    Text,
}

impl Answer {
    /// Whether `line` is part of it, after `lines`.
    // Inlined without fail where it is one of those that most answers are.
    #[inline(always)]
    pub(crate) fn takes(&self, view: &View<'_>, lines: &[Line]) -> bool {
        match (self, view) {
            (Self::Prefixed(wanted), View::Prefixed { prefix, args }) => {
                for (name, shape) in *wanted {
                    if name.as_bytes() == *prefix && shape.fits(args) && !came(lines, name) {
                        return true;
                    }
                }
                false
            }
            _ => self.takes_other(view, lines),
        }
    }

    #[inline(never)]
    fn takes_other(&self, view: &View<'_>, lines: &[Line]) -> bool {
        match (self, view) {
            (Self::Block(wanted), View::Prefixed { prefix, .. }) => {
                *prefix == wanted.as_bytes() && lines.is_empty()
            }
            (Self::PrefixedOrText(wanted), View::Prefixed { prefix, .. }) => {
                wanted.iter().any(|name| name.as_bytes() == *prefix)
                    && !wanted.iter().any(|name| came(lines, name))
            }
            _ => false,
        }
    }

    /// Whether a line that nothing else claims is part of it, after `lines`.
    pub(crate) fn takes_unclaimed(&self, view: &View<'_>, lines: &[Line]) -> bool {
        // Text of another echo has been seen inside an answer.
        let text = matches!(view, View::Text(text) if body(text).is_none());
        match self {
            Self::Any => text || matches!(view, View::Prefixed { .. }),
            Self::Block(_) => text && !lines.is_empty(),
            // What is not the answer may come before it: who reads it knows it by its form.
            Self::PrefixedOrText(wanted) => text && !wanted.iter().any(|name| came(lines, name)),
            Self::Text => text,
            Self::None | Self::Prefixed(_) => false,
        }
    }

    /// What had to come before an `OK` and did not.
    #[inline]
    pub(crate) fn missing(&self, lines: &[Line]) -> Option<&'static str> {
        match self {
            Self::Any | Self::None => None,
            Self::Block(prefix) => (!came(lines, prefix)).then_some(prefix),
            Self::Prefixed(wanted) => {
                for (prefix, _) in *wanted {
                    if !came(lines, prefix) {
                        return Some(prefix);
                    }
                }
                None
            }
            Self::PrefixedOrText(wanted) => {
                if lines.is_empty() {
                    wanted.first().copied()
                } else {
                    None
                }
            }
            Self::Text => lines.is_empty().then_some("text"),
        }
    }

    /// Whether a line with this prefix is part of it by its name alone.
    pub(crate) fn names(&self, prefix: &[u8]) -> bool {
        let is = |name: &str| name.as_bytes() == prefix;
        match self {
            Self::Any | Self::None | Self::Text => false,
            Self::Block(wanted) => is(wanted),
            Self::Prefixed(wanted) => wanted.iter().any(|(name, _)| is(name)),
            Self::PrefixedOrText(wanted) => wanted.iter().copied().any(is),
        }
    }
}

/// A result line: it has a prefix of its own and may come after the final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The prefix, such as `+ALIPAYSIGN`.
    pub prefix: &'static str,
    /// Another one under which it may come, where firmwares differ.
    pub alias: Option<&'static str>,
    /// How the line looks, if other lines have that prefix as well.
    pub shape: Shape,
    /// Whether the command is done with its `OK`, without the line. One before it still counts.
    pub ok_alone: bool,
    /// How long after the `OK` it may take.
    pub deadline: Deadline,
    /// What, besides its own arrival and a reset of the module, lets the next command with this
    /// prefix begin after the line was missed.
    pub release: Release,
    /// What stands in its data before the time at which it was made, by the module's clock, in Unix
    /// seconds. See [`Request::newer_than`](super::Request::newer_than).
    pub made_at: Option<&'static str>,
    /// Its parameters, if it says that nothing is due that was asked for before, by whomever.
    pub begins: Option<&'static str>,
    /// How it looks if the command was sent before that: see [`begins`](Self::begins).
    pub while_closed: WhileClosed,
}

impl Awaited {
    /// Whether a line with this prefix and these parameters is one.
    pub(crate) fn is(&self, prefix: &[u8], args: &[u8]) -> bool {
        self.has_prefix(prefix) && self.shape.fits(args)
    }

    /// Whether it comes under this prefix.
    pub(crate) fn has_prefix(&self, prefix: &[u8]) -> bool {
        is_either(prefix, self.prefix, self.alias)
    }
}

/// Whether one of these lines has this prefix.
#[inline]
fn came(lines: &[Line], prefix: &str) -> bool {
    lines.iter().any(|line| line.has_prefix(prefix))
}

/// Whether `prefix` is a name or its alias.
#[inline(never)]
pub(crate) fn is_either(prefix: &[u8], name: &str, alias: Option<&str>) -> bool {
    prefix == name.as_bytes() || alias.is_some_and(|alias| prefix == alias.as_bytes())
}

/// How a command is refused before the program of the module that carries it out was opened. Such a
/// refusal may be late, and then it is not that of a command which was sent after the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhileClosed {
    /// With a result that says nothing else.
    Code(&'static str),
    /// With any result but 0: the documents name none for it.
    Failure,
    /// Its answer does not depend on that.
    #[default]
    Same,
}

impl WhileClosed {
    /// Whether a result with these parameters may be such a refusal.
    pub(crate) fn may_be(self, args: &[u8]) -> bool {
        let mut codes = args.split(|byte| *byte == b',');
        let code = codes.next().unwrap_or_default().trim_ascii();
        match self {
            Self::Code(refusal) => code == refusal.as_bytes(),
            Self::Failure => code != b"0",
            Self::Same => false,
        }
    }
}

/// What lets the next command with the same prefix begin after a result line was missed: if the
/// late line came then, it would be credited to that command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Release {
    /// Nothing but the late line itself or a reset of the module. For results that belong to their
    /// request and cannot be told apart.
    Reset,
    /// The same command line once more: whichever answer comes first is an answer to it.
    /// The prefix is free for another line when both have come, or have not come for long enough
    /// (`engine::SETTLE`).
    SameLine,
    /// Time: the prefix is free when the line has not come for long enough (`engine::SETTLE`). For
    /// commands that add to a counter, so that sending the line again would count twice, and that
    /// move no money.
    Time,
    /// Any command with the prefix: the answer does not depend on the request.
    Any,
}
