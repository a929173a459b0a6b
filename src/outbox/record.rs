//! A report in the outbox, and what became of it so far.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::alipay::{Report, ReportStatus};
use crate::outbox::UnixMillis;

/// The number of a record: its place in the order in which reports were appended. It is never given
/// a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(i64);

/// A report in the outbox, and what became of it so far.
///
/// Of the report only what is neither secret nor personal shows in its `Debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub id: RecordId,
    /// The report.
    pub report: Report,
    /// Where it stands.
    pub state: RecordState,
    /// How often it was sent, as far as is known: an attempt during which the host died counts.
    pub attempts: u32,
    /// How often in a row it failed in a way that may be its own fault. See
    /// [`Parking`](crate::outbox::Parking).
    pub failures: u32,
    /// When the first of these failures was.
    pub first_failed: Option<UnixMillis>,
    /// What came of the last attempt, and when.
    pub last: Option<(UnixMillis, Answer)>,
    /// When it was appended.
    pub appended: UnixMillis,
    /// The boot of the module that took it, by the outbox's own count.
    pub boot: Option<i64>,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordState {
    /// It waits to be sent.
    Pending,
    /// It is among those that are being sent. After the host died this means that it may or may
    /// not have been taken, and it is pending again.
    Sending,
    /// The module holds it (result 0).
    Held,
    /// The module holds it in memory alone (result 7), and was not shut in order since.
    RamOnly,
    /// It failed for too long and stepped aside.
    Parked,
    /// The module found fault with it while it was ready and in the network, or the profile cannot
    /// carry it.
    Rejected,
    /// The trade is under way, and how it ends is not known yet. After the host died it is pending.
    Announced,
}

/// What came of an attempt to send a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// The module refused the command: a plain `ERROR`, or with the number of a `+CME ERROR`.
    Refused(Option<u16>),
    /// The result code of AT+ALIPAYREP.
    Result(ReportStatus),
    /// Whether the module took it is not known.
    Unknown(Doubt),
    /// The profile cannot carry it. Nothing was sent.
    Unsendable,
}

/// Why it is not known whether the module took a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// What came cannot be understood.
    Contradicted,
    /// The port went away.
    Disconnected,
    /// The module was reset.
    Interrupted,
    /// The host stopped, or left off waiting.
    Stopped,
    /// No answer came in time.
    TimedOut,
}

impl RecordId {
    /// The record with this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl Record {
    /// A report that was appended at this time, and has not been sent yet.
    #[must_use]
    pub fn new(id: RecordId, report: Report, appended: UnixMillis) -> Self {
        Self {
            id,
            report,
            state: RecordState::Pending,
            attempts: 0,
            failures: 0,
            first_failed: None,
            last: None,
            appended,
            boot: None,
        }
    }
}

impl RecordState {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Sending,
        Self::Held,
        Self::RamOnly,
        Self::Parked,
        Self::Rejected,
        Self::Announced,
    ];

    /// Those of records that the module does not hold.
    pub const WAITING: [Self; 5] =
        [Self::Pending, Self::Sending, Self::Parked, Self::Rejected, Self::Announced];

    /// Whether the module holds the record.
    #[must_use]
    pub fn is_held(self) -> bool {
        matches!(self, Self::Held | Self::RamOnly)
    }

    /// What it is called in a message.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Held => "held",
            Self::RamOnly => "ram-only",
            Self::Parked => "parked",
            Self::Rejected => "rejected",
            Self::Announced => "announced",
        }
    }
}

impl Doubt {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Contradicted, Self::Disconnected, Self::Interrupted, Self::Stopped, Self::TimedOut];
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(None) => f.write_str("the module answered ERROR"),
            Self::Refused(Some(code)) => write!(f, "the module answered error {code}"),
            Self::Result(status) => write!(f, "result {status}"),
            Self::Unknown(doubt) => write!(f, "not known: {doubt}"),
            Self::Unsendable => f.write_str("the profile cannot carry it"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contradicted => "the answer could not be understood",
            Self::Disconnected => "the port went away",
            Self::Interrupted => "the module was reset",
            Self::Stopped => "nobody waited for the answer",
            Self::TimedOut => "no answer came in time",
        })
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RecordId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for RecordState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
