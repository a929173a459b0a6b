//! The payment machine: from an order to a proven outcome.
//!
//! It decides what to ask Alipay and when, and what the answers prove. It does neither read a
//! clock, nor a socket, nor a journal: a driver carries out its [`Step`]s and tells it what
//! happened ([`Input`]). `gateway::Payments` is such a driver, `asynch::Payments` another.
//!
//! # Rules
//!
//! | rule | |
//! |---|---|
//! | W1 | no pay before its entry is written |
//! | W2 | an entry that could not be written ends as not paid, not sent |
//! | P1 | one `out_trade_no` is one attempt, for ever |
//! | P2 | a second pay only after TRADE_NOT_EXIST and while the payment code is fresh; it is the first one but for timestamp and signature |
//! | P3 | the refusal of a repeated pay ends nothing: the first may still be on its way |
//! | Q1 | what nobody knows is asked for at once, then for [`Policy::unknown_for`]; then it is cancelled |
//! | Q2 | who has yet to pay is polled every [`Policy::poll_every`] for [`Policy::poll_for`]; an error in a query ends nothing |
//! | C1 | the cancel follows the poll's last query with no rest between |
//! | C2 | never a cancel after paid |
//! | C3 | never a cancel of a trade that is not this order's |
//! | C4 | a cancel that is answered without `action` proves nothing |
//! | C5 | once a cancel may be on its way, paid by a query is not paid: the cancel may still arrive |
//! | C6 | "cancelling" is written before the first cancel, so that a restart knows C5 |
//! | M1 | number and amount are compared at each answer |
//! | U1 | nothing that is not verified changes the state |
//! | U2 | an unknown outcome leaves the entry open |
//! | N1 | an end that a notification wrote in the journal meanwhile is the end; nothing is sent after it |
//! | T1 | only [`Instant`] decides when something is over |
//! | R1 | after a restart never a pay |
//!
//! Each is a test in `tests/gateway/machine/rules.rs`; together they are tried in
//! random worlds by `tests/gateway/chaos`.
//!
//! # Paid, once a cancel left
//!
//! A trade that is paid after a cancel left is paid only if every cancel was refused, and none may
//! still arrive. `TRADE_FINISHED` is paid in any case: nothing can be given back any more.

mod advice;
mod flow;
mod heard;
mod order;
mod outcome;
mod policy;
mod progress;
mod read;
mod step;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use advice::Advice;
pub use heard::{Heard, HeardTrade};
pub use order::{Order, PrecreatedOrder};
pub use outcome::{Open, OpenBecause, Outcome};
pub use policy::Policy;
pub(in crate::gateway::alipay) use policy::later;
pub use progress::{Progress, WaitsFor};
pub use read::Hear;
pub use step::{Input, NotWritten, Step};

use crate::gateway::alipay::{Pay, Precreate};
use crate::gateway::journal::{Entry, EntryKind, Stage};
use crate::secret::Secret;

/// One payment, from its begin to its outcome.
///
/// *Commands*: [`stop`](Self::stop). *Steps*: [`step`](Self::step) takes what happened and gives
/// what is to be done. *Getters* never change anything: [`progress`](Self::progress),
/// [`entry`](Self::entry), [`requests`](Self::requests), [`qr_code`](Self::qr_code).
pub struct Payment {
    entry: Entry,
    policy: Policy,
    /// What may be sent to get the trade; nothing after a restart (rule R1).
    ask: Ask,
    awaits: Awaits,
    /// When the first request to pay left.
    asked_at: Option<Instant>,
    /// How many requests to pay may have reached Alipay.
    attempts: u32,
    /// When the order was known to be there already, for what is absent for too long.
    known_since: Instant,
    /// Until when it is polled: since Alipay waits for the customer.
    poll_until: Option<Instant>,
    /// When the first cancel was to leave.
    cancelling_since: Option<Instant>,
    /// When the last one left.
    cancelled_at: Instant,
    /// Not before then the same pay leaves again.
    repeat_at: Instant,
    /// Whether a cancel may still arrive (rule C5).
    cancel_abroad: bool,
    /// Whether a repetition was refused (rule P3): no further one is sent.
    repeat_refused: bool,
    /// Whether it goes on after a restart.
    resumed: bool,
    /// Whether the cashier gave up.
    stopped: bool,
    /// Whether nobody waits for the customer.
    offered: bool,
    qr_code: Option<Secret<String>>,
    requests: Vec<Request>,
}

/// A request that was sent, or tried to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Request {
    /// `alipay.trade.pay`
    Pay,
    /// `alipay.trade.precreate`
    Precreate,
    /// `alipay.trade.query`
    Query,
    /// `alipay.trade.cancel`
    Cancel,
}

/// What may be sent to get the trade.
enum Ask {
    Pay(Arc<Pay>),
    Precreate(Arc<Precreate>),
    Nothing,
}

/// What the machine waits for.
#[derive(Clone, Debug)]
enum Awaits {
    Begin,
    /// The entry is being written; then this.
    Written(Then),
    /// This was asked.
    Answer(Request),
    /// A rest; then this.
    Rest(Instant, Request),
    Over(Outcome),
}

/// What follows a write.
#[derive(Clone, Debug)]
enum Then {
    /// The first request.
    First,
    Cancel,
    Over(Outcome),
}

impl Payment {
    /// A payment by the customer's code.
    #[must_use]
    pub fn new(now: Instant, order: Order, policy: Policy) -> Self {
        Self::with(now, order.entry, Ask::Pay(order.pay), policy)
    }

    /// A payment by a code that the till shows: see [`qr_code`](Self::qr_code).
    ///
    /// The customer scans it when they like, so [`Policy::poll_for`] should be as long as the
    /// screen shows it. TRADE_NOT_EXIST means that nobody scanned it yet.
    #[must_use]
    pub fn precreated(now: Instant, order: PrecreatedOrder, policy: Policy) -> Self {
        Self::with(now, order.entry, Ask::Precreate(order.precreate), policy)
    }

    /// The same, and it ends when the code is there: the order stays open
    /// ([`OpenBecause::Offered`]) for whoever asks for it later.
    #[must_use]
    pub fn offered(now: Instant, order: PrecreatedOrder, policy: Policy) -> Self {
        Self { offered: true, ..Self::precreated(now, order, policy) }
    }

    /// Goes on with an open order of the journal, after a restart or later.
    ///
    /// It is asked for once; what waits for its customer is cancelled, what was being cancelled is
    /// cancelled again. Nothing is paid again (rule R1). An entry that is not open ends at once,
    /// with the outcome that it has. One of a refund is none of a payment, and is not asked for.
    #[must_use]
    pub fn resume(now: Instant, entry: Entry, policy: Policy) -> Self {
        let cancelling = entry.stage == Stage::Cancelling;
        let known = entry.outcome.as_ref().and_then(|is| Outcome::of(is, &entry.evidence));
        let mut payment = Self::with(now, entry, Ask::Nothing, policy);
        payment.resumed = true;
        payment.cancel_abroad = cancelling;
        if let Some(outcome) = known {
            payment.awaits = Awaits::Over(outcome);
        } else if !payment.entry.is_open() || matches!(payment.entry.kind, EntryKind::Refund { .. })
        {
            payment.awaits = Awaits::Over(payment.open(OpenBecause::NoProof));
        }
        payment
    }

    /// Since when the order is known to be there, if that is longer than since the
    /// [`resume`](Self::resume). A trade that Alipay does not have for longer than the order could
    /// be open, and some minutes more, is proven as not paid.
    #[must_use]
    pub fn known_since(mut self, since: Instant) -> Self {
        self.known_since = self.known_since.min(since);
        self
    }

    fn with(now: Instant, entry: Entry, ask: Ask, policy: Policy) -> Self {
        Self {
            entry,
            policy,
            ask,
            awaits: Awaits::Begin,
            asked_at: None,
            attempts: 0,
            known_since: now,
            poll_until: None,
            cancelling_since: None,
            cancelled_at: now,
            repeat_at: now,
            cancel_abroad: false,
            repeat_refused: false,
            resumed: false,
            stopped: false,
            offered: false,
            qr_code: None,
            requests: Vec::new(),
        }
    }

    /// Takes what happened, and gives what is to be done next.
    ///
    /// An input that does not fit changes nothing: see [`Step::Await`].
    pub fn step(&mut self, now: Instant, input: Input) -> Step {
        self.take(now, input)
    }

    /// The cashier gave up: what is not paid yet is cancelled.
    ///
    /// A rest is over by it: the next step is [`Input::Resume`]. What was asked is waited for. The
    /// outcome can still be paid, if the answer says so that is on its way.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// What is waited for, and how long it may still take.
    #[must_use]
    pub fn progress(&self, now: Instant) -> Progress {
        progress::of(self, now)
    }

    /// The order as it would be written now.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The requests that were sent, or tried to be, in their order: the first [`REQUESTS`] of
    /// them.
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The code that the customer is to scan, once Alipay gave it.
    #[must_use]
    pub fn qr_code(&self) -> Option<&Secret<String>> {
        self.qr_code.as_ref()
    }
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("out_trade_no", &self.entry.out_trade_no)
            .field("awaits", &self.awaits)
            .field("stopped", &self.stopped)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Its name, as the tool `pay` writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Precreate => "precreate",
            Self::Query => "query",
            Self::Cancel => "cancel",
        }
    }
}

/// How many requests a payment remembers for [`Payment::requests`].
pub const REQUESTS: usize = 256;

/// How much later than its time an order could still be created, after which its absence is proof.
/// Not specified; chosen because a request that is older was given up by everything that could
/// carry it.
pub const LATE: Duration = Duration::from_secs(300);
