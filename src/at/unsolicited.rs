//! Unsolicited result codes (URCs): how to tell the lines that a module sends by itself.

use crate::at::field::Shape;
use crate::at::syntax::View;

/// An unsolicited result code (URC): a line that a module sends by itself.
///
/// Results of commands that come after the final `OK` are not among them: they belong to whoever
/// waits for them.
///
/// ```
/// use m26_pay::at::syntax::View;
/// use m26_pay::at::unsolicited::{Pattern, UrcName};
///
/// let low = UrcName::new(Pattern::Text("UNDER_VOLTAGE WARNING"));
/// assert!(low.matches(&View::of(b"UNDER_VOLTAGE WARNING")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrcName {
    /// How the line looks.
    pub pattern: Pattern,
    /// What the line says about a start of the module, if it says anything.
    pub boot: Option<BootLine>,
    /// The text of somebody else that comes with it.
    pub text: TextBehind,
}

/// How a line looks that a module sends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pattern {
    /// A line with this prefix, such as `+CPIN`.
    Prefix(&'static str),
    /// A line with this prefix and without this shape, which is that of an answer: `+CREG`.
    PrefixUnlike(&'static str, Shape),
    /// A line of text that begins so: `DST:`.
    Start(&'static str),
    /// A line that is this text: `RDY`.
    Text(&'static str),
}

/// Where a line that the module sends by itself carries what somebody else wrote. That may look like
/// anything, a final result among others, and means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextBehind {
    /// None.
    Nothing,
    /// The next line is text: a short message behind its head, `+CMT` (27.005 3.4.1).
    Line,
    /// In quotes that may not close before one of the next lines: `+CUSD` (27.007 7.15).
    Quotes,
}

/// What a line says about a start of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootLine {
    /// It is the first line of a module that has just started: `RDY`.
    First,
    /// It follows the first one (`+CFUN`), so it tells of a start whose first line was lost.
    Later,
}

impl UrcName {
    /// A line that says nothing about a start of the module.
    #[must_use]
    pub const fn new(pattern: Pattern) -> Self {
        Self { pattern, boot: None, text: TextBehind::Nothing }
    }

    /// A line with a text of somebody else.
    #[must_use]
    pub const fn with_text(pattern: Pattern, text: TextBehind) -> Self {
        Self { pattern, boot: None, text }
    }

    /// A line that says this about a start of the module.
    #[must_use]
    pub const fn of_boot(pattern: Pattern, boot: BootLine) -> Self {
        Self { pattern, boot: Some(boot), text: TextBehind::Nothing }
    }

    /// Whether a line is one.
    #[must_use]
    pub fn matches(&self, view: &View<'_>) -> bool {
        match (self.pattern, view) {
            (Pattern::Prefix(name), View::Prefixed { prefix, .. }) => name.as_bytes() == *prefix,
            (Pattern::PrefixUnlike(name, shape), View::Prefixed { prefix, args }) => {
                name.as_bytes() == *prefix && !shape.fits(args)
            }
            (Pattern::Text(name), View::Text(text)) => name.as_bytes() == *text,
            (Pattern::Start(name), View::Text(text)) => text.starts_with(name.as_bytes()),
            _ => false,
        }
    }

    /// The prefix or the text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.pattern {
            Pattern::Prefix(name)
            | Pattern::PrefixUnlike(name, _)
            | Pattern::Start(name)
            | Pattern::Text(name) => name,
        }
    }
}
