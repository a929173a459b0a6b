//! What a failure means: what happened, what is known of the money, and what to do next.

use std::fmt;

use m26_pay::alipay::Environment;
use m26_pay::argument::InvalidArgument;
use m26_pay::engine::Certainty;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::outbox::{self, End, StoreError};

/// Why the till stopped.
#[derive(Debug)]
pub struct Trouble {
    what: String,
    money: &'static str,
    advice: String,
}

/// How far the till was, which decides what a failure means for the money.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// Before the first customer.
    Preparing,
    /// A payment is being signed. Without a signature Alipay cannot be asked for the money.
    Signing,
    /// A trade that is over is being reported.
    Reporting,
    /// All trades are reported.
    Closing,
}

/// What the outbox was to do when it failed, which decides what is lost.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// Open its file.
    Opening,
    /// Keep that a payment is about to begin.
    Announcing,
    /// Keep what came of a payment that was announced.
    Outcome,
    /// Keep a trade that is over.
    Trade,
    /// Keep what became of reports that are on disk.
    Settling,
}

impl Trouble {
    /// An error at this stage.
    pub fn new(stage: Stage, error: &Error) -> Self {
        let (money, advice) = (money(stage, error.certainty()), advice(stage, error));
        Self { what: error.to_string(), money, advice }
    }

    /// Alipay gave no bizTid.
    pub fn no_device_id() -> Self {
        Self::prepare(
            "the module is open, but Alipay has given it no bizTid",
            "check that the SIM has packet data (--apn), and that Ant knows the product and this \
             terminal, then run pos again",
        )
    }

    /// The module belongs to a shop that is at work.
    pub fn not_for_tests(env: Option<Environment>) -> Self {
        let env = match env {
            Some(env) => format!("env {}", env.0),
            None => "no env that can be read".into(),
        };
        Self::prepare(
            &format!("the module is configured with {env}, and pos sends sample trades"),
            "use another module, or configure this one for tests (env 4) by `m26 config set`, \
             which discards what its SDK holds",
        )
    }

    /// The module has no configuration, and none was given.
    pub fn not_configured() -> Self {
        Self::prepare(
            "the module has no Alipay configuration",
            "give the values that Ant gave you: see `pos --help`",
        )
    }

    /// The outbox failed.
    pub fn outbox(entry: Entry, error: &outbox::OutboxError) -> Self {
        let (money, lost) = match entry {
            Entry::Opening => ("not sent: no payment was begun", ""),
            Entry::Announcing => {
                ("not sent: no payment was begun, since the till could not keep it on disk", "")
            }
            Entry::Outcome => (
                "the trade stands, and its report is NOT safe: all that is on disk is that there \
                 was a trade, whose outcome could not be had",
                "write the trade down by hand (its number, the amount, the outcome, the time); ",
            ),
            Entry::Trade => (
                "the trade stands, and its report is NOT safe: nothing of it is on disk",
                "write the trade down by hand (the amount, the outcome, the time) and report it \
                 by `m26 report`; ",
            ),
            Entry::Settling => {
                ("all trades are on disk: none is lost, some may be reported twice", "")
            }
        };
        let advice = format!("{lost}{}, then run pos again with the same --db", remedy(error));
        Self { what: error.to_string(), money, advice }
    }

    /// The module did not take all reports.
    pub fn on_disk(left: u64, end: End) -> Self {
        let (why, advice) = match end {
            End::Disconnected => ("the port went away", "check the cable and the adapter"),
            End::NotInitialised => ("the module was reset", "check the module's power supply"),
            _ => ("the module takes no more now", "wait for the network"),
        };
        Self {
            what: format!("{why}, and reports are left: {left}"),
            money: "the trades stand, and their reports are on disk: none is lost",
            advice: format!("{advice}, then run pos again with the same --db, which sends them"),
        }
    }

    fn prepare(what: &str, advice: &str) -> Self {
        let money = money(Stage::Preparing, Certainty::NotSent);
        Self { what: what.into(), money, advice: advice.into() }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::new(Stage::Preparing, &error)
    }
}

impl From<InvalidArgument> for Trouble {
    fn from(error: InvalidArgument) -> Self {
        Error::from(error).into()
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The till has stopped.")?;
        writeln!(f, "   What happened: {}", self.what)?;
        writeln!(f, "   The money:     {}", self.money)?;
        writeln!(f, "   What to do:    {}", self.advice)
    }
}

/// What to do about a failure of the outbox.
fn remedy(error: &outbox::OutboxError) -> &'static str {
    use outbox::OutboxError::{Limit, NotSafe, Open, Store};
    match error {
        Limit { .. } => "see by `m26 outbox list` why the module takes nothing",
        NotSafe { source, .. } | Open { source, .. } | Store(source) => match source {
            StoreError::Damaged { .. } => {
                "set the file aside by `m26 outbox set-aside`, which keeps it for support"
            }
            StoreError::Full(_) => "make room on the disk",
            StoreError::InUse => "end the other program that has it open",
            StoreError::Newer { .. } => "use the newer program",
            StoreError::NotOurs { .. } => "name another file",
            _ => "see to the disk",
        },
        _ => "see to the file by `m26 outbox list`",
    }
}

fn money(stage: Stage, certainty: Certainty) -> &'static str {
    match (stage, certainty) {
        (Stage::Preparing, _) => "not sent: no payment was begun",
        (Stage::Signing, Certainty::NotSent) => "not sent: the payment was not signed",
        (Stage::Signing, Certainty::Refused) => "refused: the module signed nothing",
        (Stage::Signing, Certainty::Unknown) => {
            "unknown whether the module signed: the till has no signature, so it has asked nobody \
             for money"
        }
        (Stage::Reporting, Certainty::NotSent) => {
            "not sent: the trade stands, and is not reported yet"
        }
        (Stage::Reporting, Certainty::Refused) => {
            "refused: the trade stands, and is not reported yet"
        }
        (Stage::Reporting, Certainty::Unknown) => {
            "unknown whether the report is held: the trade itself stands"
        }
        (Stage::Closing, _) => "all trades are signed and reported: nothing is open",
    }
}

fn advice(stage: Stage, error: &Error) -> String {
    let first = match (error.kind(), stage) {
        (ErrorKind::Busy, _) | (ErrorKind::Result, Stage::Preparing) => "restart the module",
        (ErrorKind::Disconnected, _) => "check the cable and the adapter",
        (ErrorKind::Interrupted, _) => "check the module's power supply",
        (ErrorKind::Invalid, _) => "correct the value",
        (ErrorKind::Io, _) => "put the port right (see the README)",
        (ErrorKind::Malformed | ErrorKind::Mismatch, _) => {
            "if it happens again, record the line (`m26 --record FILE`)"
        }
        (ErrorKind::Result, Stage::Signing) => "check what was to be signed",
        (ErrorKind::Result, Stage::Reporting) => "wait for the network",
        (ErrorKind::TimedOut, Stage::Signing) => {
            "restart the module, so that a late signature is used for nothing"
        }
        (ErrorKind::TimedOut, Stage::Reporting | Stage::Closing) => {
            "check the module's power and the cable"
        }
        _ => "put that right, or restart the module",
    };
    let then = match stage {
        Stage::Preparing => "then run pos again",
        Stage::Signing => "then begin the payment anew",
        Stage::Reporting => {
            "then send the same record again, which a till keeps until the module holds it"
        }
        Stage::Closing => "then switch the module off by its power key",
    };
    format!("{first}, {then}")
}
