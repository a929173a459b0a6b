//! One order or refund, as a journal keeps it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::amount::Amount;
use crate::gateway::alipay::{Identity, OutRequestNo, OutTradeNo};
use crate::gateway::journal::proof::{Evidence, Settled};
use crate::unix_time::UnixMillis;

/// What a journal keeps of one order or refund.
///
/// It is written before the request leaves (rule W1), and has everything that is needed to ask for
/// the order after a restart. It holds no payment code, buyer or signature: after a restart nothing
/// is paid again (rule R1), so none of them is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is: only a run with the same identity asks for it.
    pub identity: Arc<Identity>,
    /// The merchant's number of the order.
    pub out_trade_no: OutTradeNo,
    /// What kind of request it is.
    pub kind: EntryKind,
    /// The amount of the order, or of the refund.
    pub amount: Amount,
    /// How long after its begin Alipay itself closes an order that nobody paid.
    pub expires_after: Duration,
    /// What may be on its way to Alipay.
    pub stage: Stage,
    /// What was heard so far.
    pub evidence: Evidence,
    /// When it was begun, by the host's clock.
    pub begun: UnixMillis,
    /// When it was last changed, by the host's clock.
    pub changed: UnixMillis,
    /// Who works on it.
    pub owner: Option<Owner>,
    /// Counts the changes: a change of another version than the journal has is refused.
    pub version: u64,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Settled>,
}

impl Entry {
    /// What tells it from all others.
    #[must_use]
    pub fn key(&self) -> EntryKey {
        let out_request_no = match &self.kind {
            EntryKind::Refund { out_request_no } => Some(out_request_no.clone()),
            EntryKind::Barcode | EntryKind::Precreated => None,
        };
        EntryKey {
            identity: Arc::clone(&self.identity),
            out_trade_no: self.out_trade_no.clone(),
            out_request_no,
        }
    }

    /// Whether nothing is proven about it yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether anybody works on it at `now`.
    #[must_use]
    pub fn is_held(&self, now: UnixMillis) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.until > now)
    }

    /// Whether an open entry should be asked for again at `now`, after what was done last.
    ///
    /// A time of its last change that lies in the future is that of a wrong clock: it is due.
    #[must_use]
    pub fn is_due(&self, now: UnixMillis, pause: Pause) -> bool {
        let wait =
            self.changed.since(self.begun).clamp(pause.first, pause.first.max(pause.longest));
        let rests = now < self.changed.plus(wait) && self.changed <= now.plus(pause.longest);
        self.is_open() && !rests
    }

    /// Whether somebody else than `holder` works on it at `now`.
    #[must_use]
    pub fn is_held_from(&self, holder: &Holder, now: UnixMillis) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.holder != *holder && owner.until > now)
    }
}

/// What tells an entry from all others of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// Whose it is.
    pub identity: Arc<Identity>,
    /// The merchant's number of the order.
    pub out_trade_no: OutTradeNo,
    /// The number of the refund, if it is one.
    pub out_request_no: Option<OutRequestNo>,
}

/// What kind of request an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// The till scanned the customer's code: `alipay.trade.pay`.
    Barcode,
    /// The customer scans the till's code: `alipay.trade.precreate`.
    Precreated,
    /// Money goes back: `alipay.trade.refund`.
    Refund {
        /// Its number. A repetition has the same one, so that the money goes back once.
        out_request_no: OutRequestNo,
    },
}

/// What may be on its way to Alipay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// A pay, a precreate or a refund, and no cancel.
    Begun,
    /// A cancel: a trade that a query calls paid may still be refunded by it (rules C5 and C6).
    Cancelling,
}

/// Who works on an open order, and until when nobody else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Who.
    pub holder: Holder,
    /// The end of the lease, by the clock of the journal.
    pub until: UnixMillis,
}

/// How long an open order rests after it was asked for in vain: as long again as it had been open
/// by then, within these bounds. So the waits double, whoever asks, and nobody has to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The shortest rest.
    pub first: Duration,
    /// The longest one.
    pub longest: Duration,
}

/// The name of a till or of a server's process.
///
/// It stays the same over restarts, so that a till gets its own orders back at once, and no two
/// programs that run at the same time share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder(Arc<str>);

impl Holder {
    /// A holder of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Stage {
    /// Its name in a journal's file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Cancelling => "cancelling",
        }
    }
}
