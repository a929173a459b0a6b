//! [`ReportAnswer`]: what the module answers to a report of the outbox.

use std::fmt;

use crate::alipay::{Report, ReportStatus};
use crate::outbox::book::{Book, Draft};
use crate::outbox::queue::{Edits, Queue, Queued};
use crate::outbox::store::{self, Selection, Store};
use crate::outbox::{Id, Item, Kind, StoreError};

/// The outcome of an attempt to send a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ReportAnswer {
    /// The module refused the command: a plain `ERROR`, or with the number of a `+CME ERROR`.
    Refused(Option<u16>),
    /// The result code of AT+ALIPAYREP.
    Result(ReportStatus),
    /// It is not known whether the module took it.
    Unknown(Doubt),
    /// The profile cannot carry it. Nothing was sent.
    InvalidCommand,
}

/// Why it is not known whether the module took a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Doubt {
    /// The answer could not be understood.
    Contradicted,
    /// The port was lost.
    Disconnected,
    /// The module was reset.
    Interrupted,
    /// The host stopped, or no longer waited for the answer.
    Stopped,
    /// No answer came in time.
    TimedOut,
}

impl Kind for Report {
    type Answer = ReportAnswer;

    const NAME: &'static str = "report";
}

impl Queued for Report {
    const NUMBER: u8 = store::REPORTS;
    const GIVES_WAY: bool = true;

    fn stopped() -> ReportAnswer {
        ReportAnswer::Unknown(Doubt::Stopped)
    }

    fn queue(book: &mut Book) -> &mut Queue {
        &mut book.reports
    }

    fn edits<'a>(draft: &'a mut Draft<'_>) -> &'a mut Edits<Self> {
        &mut draft.reports
    }

    fn get(store: &mut dyn Store, id: i64) -> Result<Option<Item<Self>>, StoreError> {
        store.report(Id::new(id))
    }

    fn select(store: &mut dyn Store, query: &Selection<'_>) -> Result<Vec<Item<Self>>, StoreError> {
        store.reports(query)
    }
}

impl Doubt {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Contradicted, Self::Disconnected, Self::Interrupted, Self::Stopped, Self::TimedOut];
}

impl fmt::Display for ReportAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(None) => f.write_str("the module answered ERROR"),
            Self::Refused(Some(code)) => write!(f, "the module answered error {code}"),
            Self::Result(status) => write!(f, "result {status}"),
            Self::Unknown(doubt) => write!(f, "not known: {doubt}"),
            Self::InvalidCommand => f.write_str("the profile cannot carry it"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contradicted => "the answer could not be understood",
            Self::Disconnected => "the port was lost",
            Self::Interrupted => "the module was reset",
            Self::Stopped => "nobody waited for the answer",
            Self::TimedOut => "no answer came in time",
        })
    }
}
