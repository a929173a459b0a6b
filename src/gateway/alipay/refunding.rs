//! A refund, from its request to a proven outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::payment::{NotWritten, Policy, later};
use crate::advice::{self, Advice};
use crate::amount::Amount;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::alipay::{
    Answer, AnswerError, Content, Effect, Identity, Refund, RefundQuery, RefundState, Refunded,
};
use crate::gateway::journal::{
    Entry, EntryKind, Evidence, Holder, NotRefundedBy, Owner, Said, Settled, Stage,
};
use crate::gateway::{Delivery, TransportError};
use crate::unix_time::UnixMillis;

/// One refund. It is driven as a [`Payment`](super::payment::Payment) is.
///
/// A refund is known by its `out_request_no`, and Alipay makes it once, however often it is asked
/// for with the same one. So
/// * it is written before it leaves;
/// * what nobody knows is asked for, and asked for again with the same number and amount;
/// * an answer that no money moved (`fund_change` `N`) is asked about, since an earlier request
///   may have moved it;
/// * the refusal of a repeated one ends nothing;
/// * after a restart it is only asked about, until the merchant asks for the same refund again.
#[derive(Debug)]
pub struct Refunding {
    entry: Entry,
    refund: Option<Arc<Refund>>,
    policy: Policy,
    awaits: Awaits,
    begun: Instant,
    /// How many requests may be on their way.
    attempts: u32,
    /// When this run asked for it last.
    asked_at: Option<Instant>,
    /// Whether a repetition was refused: no further one is sent.
    refused: bool,
    /// Whether nobody waits for it any more.
    stopped: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundInput {
    /// The first one.
    Begin,
    /// The entry is safe, and has this version.
    Written(u64),
    /// It is not.
    NotWritten(NotWritten),
    /// It is not, since this is there: the refund has its end, which somebody else proved. A
    /// notification does that.
    Settled(Box<Entry>),
    /// What the request was answered.
    Answer(RefundHeard),
    /// The rest is over.
    Resume,
}

/// What an answer means, or its absence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundHeard {
    /// The money went back: `fund_change` `Y`, or a query says so.
    Done {
        /// How much, if a query says it.
        amount: Option<Amount>,
    },
    /// The refund is not there, or not yet; or this request moved no money.
    NotYet,
    /// The request was refused and not carried out.
    Refused(Said),
    /// Nobody knows.
    Unclear(Option<Said>),
    /// No byte of it reached the gateway.
    NotSent,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub enum RefundStep {
    /// Write this to the journal.
    Write(Box<Entry>),
    /// Ask for the refund.
    Refund(Arc<Refund>),
    /// Ask what became of it.
    Query(RefundQuery),
    /// Nothing before this time.
    Rest(Instant),
    /// It is over.
    Done(RefundOutcome),
    /// The input does not fit what was asked for last, which is still awaited.
    Await,
}

/// How a refund ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money went back.
    Refunded(Amount),
    /// It did not and will not.
    NotRefunded(NotRefundedBy),
    /// Neither is proven: the refund stays open in the journal. Ask for it again with the same
    /// number.
    Unknown(Evidence),
}

impl RefundOutcome {
    /// What the cashier and the technician should do.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Refunded(_) => advice::alipay::REFUNDED,
            Self::NotRefunded(NotRefundedBy::Refused(_)) => advice::alipay::REFUND_REFUSED,
            Self::NotRefunded(_) => advice::alipay::REFUND_NOT_SENT,
            Self::Unknown(_) => advice::alipay::REFUND_UNKNOWN,
        }
    }

    /// Why, in one word: what it came to, or what proves that it was not made.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refunded(_) => "refunded",
            Self::NotRefunded(by) => by.as_str(),
            Self::Unknown(_) => "no-proof",
        }
    }
}

#[derive(Clone, Debug)]
enum Awaits {
    Begin,
    Written(Option<RefundOutcome>),
    Refund,
    Query,
    Rest(Instant),
    Over(RefundOutcome),
}

impl Refunding {
    /// A refund that was never asked for, begun at this time by the wall clock.
    ///
    /// # Errors
    /// If the refund names its trade by Alipay's number: the journal keeps it under the merchant's.
    pub fn new(
        now: Instant,
        identity: Arc<Identity>,
        holder: Holder,
        refund: Refund,
        at: UnixMillis,
        policy: Policy,
    ) -> Result<Self, InvalidArgument> {
        let out_trade_no = refund.trade().out_trade_no().ok_or(InvalidArgument {
            field: "out_trade_no",
            reason: InvalidReason::Rule("is needed: the journal keeps a refund under it"),
        })?;
        let entry = Entry {
            identity,
            out_trade_no: out_trade_no.clone(),
            kind: EntryKind::Refund { out_request_no: refund.out_request_no().clone() },
            amount: refund.amount(),
            expires_after: Duration::ZERO,
            stage: Stage::Begun,
            evidence: Evidence::default(),
            begun: at,
            changed: at,
            owner: Some(Owner { holder, until: UnixMillis(0) }),
            version: 0,
            outcome: None,
        };
        Ok(Self::with(now, entry, Some(Arc::new(refund)), policy))
    }

    /// Asks again for a refund that the journal has: the same number and amount. One that is known
    /// not to be made begins anew.
    #[must_use]
    pub fn again(now: Instant, entry: Entry, refund: Refund, policy: Policy) -> Self {
        let made_sure = matches!(entry.outcome, Some(Settled::NotRefunded(_)));
        let mut refunding = Self::with(now, entry, Some(Arc::new(refund)), policy);
        if made_sure {
            refunding.entry.outcome = None;
        } else {
            refunding.attempts = 1;
        }
        refunding
    }

    /// Asks what became of an open refund of the journal. It is not asked for again.
    #[must_use]
    pub fn resume(now: Instant, entry: Entry, policy: Policy) -> Self {
        Self::with(now, entry, None, policy)
    }

    fn with(now: Instant, entry: Entry, refund: Option<Arc<Refund>>, policy: Policy) -> Self {
        let awaits = Awaits::Begin;
        Self {
            entry,
            refund,
            policy,
            awaits,
            begun: now,
            attempts: 0,
            asked_at: None,
            refused: false,
            stopped: false,
        }
    }

    /// The refund as it would be written now.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Nobody waits for it any more: once the request under way is answered it ends, open if nothing
    /// is proven.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Takes what happened, and gives what is to be done next.
    pub fn step(&mut self, now: Instant, input: RefundInput) -> RefundStep {
        match (&self.awaits, input) {
            (Awaits::Over(outcome), _) => RefundStep::Done(outcome.clone()),
            (Awaits::Begin, RefundInput::Begin) if self.refund.is_none() || self.attempts > 0 => {
                self.query()
            }
            (Awaits::Begin, RefundInput::Begin) => self.write(None),
            (Awaits::Written(then), RefundInput::Written(version)) => {
                let then = then.clone();
                self.entry.version = version;
                match then {
                    Some(outcome) => self.over(outcome),
                    None => self.ask(now),
                }
            }
            (Awaits::Written(then), RefundInput::NotWritten(why)) => match (then.clone(), why) {
                (Some(outcome), _) => self.over(outcome),
                (None, NotWritten::Elsewhere) => self.over_unknown(),
                (None, NotWritten::Failed) => {
                    self.over(RefundOutcome::NotRefunded(NotRefundedBy::NotWritten))
                }
            },
            (Awaits::Written(then), RefundInput::Settled(there)) => {
                match (&there.outcome, then.clone()) {
                    (Some(Settled::Refunded { amount }), _) => {
                        let amount = *amount;
                        self.entry = *there;
                        self.over(RefundOutcome::Refunded(amount))
                    }
                    (_, Some(outcome)) => self.over(outcome),
                    (_, None) => self.over_unknown(),
                }
            }
            (Awaits::Refund, RefundInput::Answer(heard)) => self.after_refund(now, heard),
            (Awaits::Query, RefundInput::Answer(heard)) => self.after_query(now, heard),
            (Awaits::Rest(until), RefundInput::Resume) => {
                let until = *until;
                if self.stopped {
                    self.unknown()
                } else if now < until {
                    RefundStep::Rest(until)
                } else {
                    self.query()
                }
            }
            _ => RefundStep::Await,
        }
    }

    fn after_refund(&mut self, now: Instant, heard: RefundHeard) -> RefundStep {
        match heard {
            RefundHeard::Done { .. } => self.refunded(),
            RefundHeard::Refused(said) if self.attempts <= 1 => {
                self.not_refunded(NotRefundedBy::Refused(said))
            }
            RefundHeard::NotSent if self.attempts <= 1 => self.not_refunded(NotRefundedBy::NotSent),
            RefundHeard::NotSent => self.rest(now),
            RefundHeard::Refused(said) => {
                self.refused = true;
                self.entry.evidence.last = Some(said);
                self.query()
            }
            RefundHeard::Unclear(said) => {
                self.entry.evidence.last = said;
                self.query()
            }
            RefundHeard::NotYet => {
                // It was refused the number, or it is done: another request would say the same.
                self.refused = true;
                self.query()
            }
        }
    }

    fn after_query(&mut self, now: Instant, heard: RefundHeard) -> RefundStep {
        match heard {
            RefundHeard::Done { amount: Some(amount) } if amount == self.entry.amount => {
                self.refunded()
            }
            RefundHeard::NotYet if self.may_repeat(now) => self.ask(now),
            RefundHeard::Refused(said) | RefundHeard::Unclear(Some(said)) => {
                self.entry.evidence.last = Some(said);
                self.rest(now)
            }
            _ => self.rest(now),
        }
    }

    fn may_repeat(&self, now: Instant) -> bool {
        let rested = self.asked_at.is_none_or(|at| now >= later(at, self.policy.poll_every));
        let in_time = now < later(self.begun, self.policy.unknown_for);
        self.refund.is_some() && !self.refused && rested && in_time
    }

    fn rest(&mut self, now: Instant) -> RefundStep {
        let next = later(now, self.policy.poll_every);
        let over = next > later(self.begun, self.policy.unknown_for);
        if self.refund.is_none() || self.stopped || over {
            return self.unknown();
        }
        self.awaits = Awaits::Rest(next);
        RefundStep::Rest(next)
    }

    fn unknown(&mut self) -> RefundStep {
        self.entry.owner = None;
        self.write(Some(RefundOutcome::Unknown(self.entry.evidence.clone())))
    }

    fn ask(&mut self, now: Instant) -> RefundStep {
        let Some(refund) = self.refund.clone() else { return self.query() };
        self.attempts += 1;
        self.asked_at = Some(now);
        self.awaits = Awaits::Refund;
        RefundStep::Refund(refund)
    }

    fn query(&mut self) -> RefundStep {
        let EntryKind::Refund { out_request_no } = &self.entry.kind else {
            return self.over_unknown();
        };
        let query = RefundQuery::new(self.entry.out_trade_no.clone(), out_request_no.clone());
        self.awaits = Awaits::Query;
        RefundStep::Query(query)
    }

    fn write(&mut self, then: Option<RefundOutcome>) -> RefundStep {
        self.awaits = Awaits::Written(then);
        RefundStep::Write(Box::new(self.entry.clone()))
    }

    fn refunded(&mut self) -> RefundStep {
        let amount = self.entry.amount;
        self.entry.outcome = Some(Settled::Refunded { amount });
        self.write(Some(RefundOutcome::Refunded(amount)))
    }

    fn not_refunded(&mut self, by: NotRefundedBy) -> RefundStep {
        self.entry.outcome = Some(Settled::NotRefunded(by.clone()));
        self.write(Some(RefundOutcome::NotRefunded(by)))
    }

    fn over_unknown(&mut self) -> RefundStep {
        self.over(RefundOutcome::Unknown(self.entry.evidence.clone()))
    }

    fn over(&mut self, outcome: RefundOutcome) -> RefundStep {
        self.awaits = Awaits::Over(outcome.clone());
        RefundStep::Done(outcome)
    }
}

impl RefundHeard {
    /// What the answer to a refund means.
    #[must_use]
    pub fn refund(answer: &Result<Answer<Refunded>, AnswerError>) -> Self {
        Self::of(answer, |_| None)
    }

    /// What the answer to a refund query means.
    #[must_use]
    pub fn query(answer: &Result<Answer<RefundState>, AnswerError>) -> Self {
        Self::of(answer, |state: &RefundState| state.refund_amount)
    }

    /// What it means that no answer came.
    #[must_use]
    pub fn no_answer(error: &TransportError) -> Self {
        match error.delivery() {
            Delivery::NotSent => Self::NotSent,
            Delivery::Unknown => Self::Unclear(None),
        }
    }

    fn of<T: Content>(
        answer: &Result<Answer<T>, AnswerError>,
        amount: impl Fn(&T) -> Option<Amount>,
    ) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(AnswerError::Unverified(refusal)) => {
                return Self::Unclear(Some(Said::of_unverified(refusal)));
            }
            Err(_) => return Self::Unclear(None),
        };
        match (&answer.result, answer.effect()) {
            (Ok(content), Effect::Done) => Self::Done { amount: amount(content) },
            (Ok(_), _) => Self::NotYet,
            (Err(refusal), Effect::NotDone) => Self::Refused(Said::of(refusal)),
            (Err(refusal), _) => Self::Unclear(Some(Said::of(refusal))),
        }
    }
}
