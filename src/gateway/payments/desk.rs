//! Carries out the steps of the machines: the one place where their words meet HTTP and the
//! journal.

use std::sync::Arc;
use std::time::Duration;

use super::at_work::AtWork;
use super::receipt::Trouble;
use super::wall;
use crate::gateway::alipay::payment::{Hear, Heard, Input, NotWritten, Policy, Step};
use crate::gateway::alipay::refunding::{RefundHeard, RefundInput, RefundStep};
use crate::gateway::alipay::{Answer, AnswerError, Call, Fields, Identity, Merchant};
use crate::gateway::journal::{Begun, Entry, Holder, Journal, JournalError};
use crate::gateway::{Deadlines, Transport, TransportError};

/// Who asks whom, and where it is written.
#[derive(Debug)]
pub(crate) struct Desk<T, J> {
    pub(crate) merchant: Merchant,
    pub(crate) identity: Arc<Identity>,
    pub(crate) transport: T,
    pub(crate) journal: J,
    pub(crate) holder: Holder,
    pub(crate) policy: Policy,
    pub(crate) deadlines: Deadlines,
    pub(crate) at_work: AtWork,
}

/// A number that the journal has already.
#[derive(Debug)]
pub(crate) struct Exists(pub(crate) Box<Entry>);

/// What a step came to, and what went wrong with it.
pub(crate) struct Done<I> {
    pub(crate) input: Result<I, Exists>,
    pub(crate) trouble: Option<Trouble>,
    /// What was answered, if it was no refusal.
    pub(crate) answer: Option<Fields>,
}

impl<T, J> Desk<T, J> {
    pub(crate) fn new(merchant: Merchant, transport: T, journal: J, holder: Holder) -> Self {
        Self {
            identity: Arc::new(merchant.identity()),
            merchant,
            transport,
            journal,
            holder,
            policy: Policy::default(),
            deadlines: Deadlines::default(),
            at_work: AtWork::default(),
        }
    }

    /// How long an order is this holder's: longer than any payment takes.
    pub(crate) fn lease(&self) -> Duration {
        self.policy.longest().saturating_add(Duration::from_secs(60))
    }
}

impl<T: Transport, J: Journal> Desk<T, J> {
    /// Carries out a step that blocks. One that does not is answered as if it were over.
    pub(crate) fn carry_out(&self, step: Step) -> Done<Input> {
        let asked = match step {
            Step::Write(entry) => {
                return self.write(*entry).map(Input::Written, Input::NotWritten, Input::Settled);
            }
            Step::Pay(pay) => self.ask(&*pay),
            Step::Precreate(precreate) => self.ask(&*precreate),
            Step::Query(query) => self.ask(&query),
            Step::Cancel(cancel) => self.ask(&cancel),
            _ => return Done::of(Input::Resume),
        };
        asked.map(Input::Answer)
    }

    /// The same for a refund.
    pub(crate) fn carry_out_refund(&self, step: RefundStep) -> Done<RefundInput> {
        let asked = match step {
            RefundStep::Write(entry) => {
                return self.write(*entry).map(
                    RefundInput::Written,
                    RefundInput::NotWritten,
                    RefundInput::Settled,
                );
            }
            RefundStep::Refund(refund) => self.exchange(
                &*refund,
                RefundHeard::refund,
                RefundHeard::no_answer,
                RefundHeard::NotSent,
            ),
            RefundStep::Query(query) => self.exchange(
                &query,
                RefundHeard::query,
                RefundHeard::no_answer,
                RefundHeard::NotSent,
            ),
            _ => return Done::of(RefundInput::Resume),
        };
        asked.map(RefundInput::Answer)
    }

    fn ask<C: Hear>(&self, call: &C) -> Asked<Heard> {
        self.exchange(call, Heard::answer::<C>, Heard::no_answer, Heard::NotSent)
    }

    fn exchange<C: Call, H>(
        &self,
        call: &C,
        answered: impl Fn(&Result<Answer<C::Answer>, AnswerError>) -> H,
        not_answered: impl Fn(&TransportError) -> H,
        not_sent: H,
    ) -> Asked<H> {
        let request = match self.merchant.request(call, wall()) {
            Ok(request) => request,
            Err(error) => return Asked::failed(not_sent, error.into()),
        };
        match self.transport.send(&request, self.deadlines) {
            Ok(response) => {
                let answer = self.merchant.read(call, &response);
                let heard = answered(&answer);
                match answer {
                    Ok(Answer { result: Ok(_), fields, .. }) => {
                        Asked { heard, trouble: None, answer: Some(fields) }
                    }
                    Ok(_) => Asked { heard, trouble: None, answer: None },
                    Err(error) => Asked::failed(heard, error.into()),
                }
            }
            Err(error) => Asked::failed(not_answered(&error), error.into()),
        }
    }

    fn write(&self, mut entry: Entry) -> Write {
        let at = wall();
        entry.changed = at;
        if let Some(owner) = &mut entry.owner {
            owner.until = at.plus(self.lease());
        }
        let written = if entry.version == 0 {
            self.journal.begin(&entry)
        } else {
            self.journal.update(&entry).map(Begun::New)
        };
        match written {
            Ok(Begun::New(version)) => Write::Written(version),
            Ok(Begun::Exists(there)) => Write::Exists(there),
            Err(error @ (JournalError::Conflict | JournalError::Missing)) => {
                match self.end_of(&entry.key()) {
                    Some(there) => Write::Settled(there),
                    None => Write::Not(NotWritten::Elsewhere, error),
                }
            }
            Err(error) => Write::Not(NotWritten::Failed, error),
        }
    }
}

/// What a write came to.
enum Write {
    Written(u64),
    Settled(Box<Entry>),
    Exists(Box<Entry>),
    Not(NotWritten, JournalError),
}

impl Write {
    fn map<I>(
        self,
        written: fn(u64) -> I,
        not: fn(NotWritten) -> I,
        settled: fn(Box<Entry>) -> I,
    ) -> Done<I> {
        match self {
            Self::Written(version) => Done::of(written(version)),
            Self::Settled(there) => Done::of(settled(there)),
            Self::Exists(there) => Done { input: Err(Exists(there)), trouble: None, answer: None },
            Self::Not(why, error) => Done { trouble: Some(error.into()), ..Done::of(not(why)) },
        }
    }
}

/// What a request came to.
struct Asked<H> {
    heard: H,
    trouble: Option<Trouble>,
    answer: Option<Fields>,
}

impl<H> Asked<H> {
    fn failed(heard: H, trouble: Trouble) -> Self {
        Self { heard, trouble: Some(trouble), answer: None }
    }

    fn map<I>(self, input: fn(H) -> I) -> Done<I> {
        let Self { heard, trouble, answer } = self;
        Done { trouble, answer, ..Done::of(input(heard)) }
    }
}

impl<I> Done<I> {
    fn of(input: I) -> Self {
        Self { input: Ok(input), trouble: None, answer: None }
    }
}
