//! What follows what: the rules of the machine.

use std::time::Instant;

use super::heard::{Heard, HeardTrade, Match};
use super::outcome::{Open, OpenBecause, Outcome};
use super::policy::later;
use super::step::{Input, NotWritten, Step};
use super::{Ask, Awaits, LATE, Payment, REQUESTS, Request, Then};
use crate::gateway::alipay::{Cancel, Query};
use crate::gateway::journal::{Entry, NotPaid, NotPaidBy, Paid, PaidBy, Said, Settled, Stage};

impl Payment {
    pub(super) fn take(&mut self, now: Instant, input: Input) -> Step {
        match (&self.awaits, input) {
            (Awaits::Over(outcome), _) => Step::Done(outcome.clone()),
            (Awaits::Begin, Input::Begin) if self.resumed => self.ask(now, Request::Query),
            // W1: the first request needs the write.
            (Awaits::Begin, Input::Begin) => self.write(Then::First),
            (Awaits::Written(then), Input::Written(version)) => {
                let then = then.clone();
                self.entry.version = version;
                self.written(now, then)
            }
            (Awaits::Written(then), Input::NotWritten(why)) => {
                let then = then.clone();
                self.not_written(now, then, why)
            }
            (Awaits::Written(then), Input::Settled(there)) => {
                let then = then.clone();
                self.settled_elsewhere(now, then, *there)
            }
            (Awaits::Answer(asked), Input::Answer(heard)) => match *asked {
                Request::Pay => self.after_pay(now, heard),
                Request::Precreate => self.after_precreate(now, heard),
                Request::Query => self.after_query(now, heard),
                Request::Cancel => self.after_cancel(now, heard),
            },
            (Awaits::Rest(until, then), Input::Resume) => {
                let (until, then) = (*until, *then);
                if self.gives_up() {
                    self.cancel(now)
                } else if now < until {
                    Step::Rest(until)
                } else if then == Request::Cancel {
                    self.cancel(now)
                } else {
                    self.ask(now, then)
                }
            }
            _ => Step::Await,
        }
    }

    fn after_pay(&mut self, now: Instant, heard: Heard) -> Step {
        match heard {
            Heard::Paid(trade) | Heard::Finished(trade) => match self.compare(&trade, true) {
                Match::Ours => self.paid(PaidBy::Pay),
                Match::Stray => self.query_or_cancel(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::Waiting(trade) => match self.compare(&trade, false) {
                Match::Ours => self.waiting(now),
                Match::Stray => self.query_or_cancel(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::Refused(said) if self.attempts <= 1 => self.not_paid(NotPaidBy::Refused(said)),
            // P3: the first one may still be on its way.
            Heard::Refused(said) => {
                self.note(Some(said));
                self.repeat_refused = true;
                self.query_or_cancel(now)
            }
            Heard::NotSent if self.attempts <= 1 => self.not_paid(NotPaidBy::NotSent),
            Heard::NotSent => self.no_news(now),
            // Q1: nobody knows, so it is asked for at once.
            Heard::Unclear(said) => {
                self.note(said);
                self.query_or_cancel(now)
            }
            _ => self.query_or_cancel(now),
        }
    }

    fn after_precreate(&mut self, now: Instant, heard: Heard) -> Step {
        match heard {
            Heard::Code(code) => {
                self.qr_code = Some(code);
                if self.offered && !self.stopped {
                    return self.unknown(OpenBecause::Offered);
                }
                self.poll_until = Some(later(now, self.policy.poll_for));
                self.no_news(now)
            }
            Heard::Refused(said) if self.attempts <= 1 => self.not_paid(NotPaidBy::Refused(said)),
            Heard::NotSent if self.attempts <= 1 => self.not_paid(NotPaidBy::NotSent),
            // Nobody can scan a code that never came. It is not asked for again: an offer that came
            // late would outlive the cancel of the one before it.
            Heard::Unclear(said) => {
                self.note(said);
                self.cancel(now)
            }
            _ => self.cancel(now),
        }
    }

    fn after_query(&mut self, now: Instant, heard: Heard) -> Step {
        match heard {
            Heard::Paid(trade) => match self.compare(&trade, true) {
                // C5: the cancel that is on its way may give the money back.
                Match::Ours if self.cancel_abroad => {
                    self.entry.evidence.seen = true;
                    self.cancel_again(now)
                }
                Match::Ours => self.paid(PaidBy::Query),
                Match::Stray => self.no_news(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::Finished(trade) => match self.compare(&trade, true) {
                Match::Ours => self.paid(PaidBy::Query),
                Match::Stray => self.no_news(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::Closed(trade) => match self.compare(&trade, false) {
                Match::Ours => self.not_paid(NotPaidBy::Closed),
                Match::Stray => self.no_news(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::Waiting(trade) => match self.compare(&trade, false) {
                Match::Ours => self.waiting(now),
                Match::Stray => self.no_news(now),
                Match::Foreign => self.unknown(OpenBecause::OtherAmount),
            },
            Heard::NotExist(said) => {
                self.note(Some(said));
                self.absent(now)
            }
            // Q2: an error in a query ends nothing.
            Heard::Refused(said) | Heard::Unclear(Some(said)) => {
                self.note(Some(said));
                self.no_news(now)
            }
            _ => self.no_news(now),
        }
    }

    fn after_cancel(&mut self, now: Instant, heard: Heard) -> Step {
        match heard {
            Heard::Cancelled(trade) if self.compare(&trade, false) == Match::Ours => {
                return self.not_paid(NotPaidBy::Cancelled);
            }
            Heard::Refunded(trade) if self.compare(&trade, false) == Match::Ours => {
                return self.not_paid(NotPaidBy::Refunded);
            }
            Heard::NotSent => return self.cancel_again(now),
            // It was not carried out and will not be: the query decides.
            Heard::Refused(said) => self.note(Some(said)),
            Heard::Unclear(said) => {
                self.note(said);
                self.cancel_abroad = true;
            }
            // C4: without an action it may have found no trade, and the trade may still come.
            _ => self.cancel_abroad = true,
        }
        self.ask(now, Request::Query)
    }

    /// The customer has yet to pay.
    fn waiting(&mut self, now: Instant) -> Step {
        self.entry.evidence.seen = true;
        self.poll_until.get_or_insert(later(now, self.policy.poll_for));
        if self.resumed && self.cancelling_since.is_none() {
            return self.cancel(now);
        }
        self.no_news(now)
    }

    /// Alipay does not have the trade.
    fn absent(&mut self, now: Instant) -> Step {
        let could_be_there = self.entry.expires_after.saturating_add(LATE);
        if self.resumed && now.saturating_duration_since(self.known_since) >= could_be_there {
            return self.not_paid(NotPaidBy::Absent);
        }
        let may_repeat = matches!(self.ask, Ask::Pay(_))
            && self.cancelling_since.is_none()
            && !self.entry.evidence.seen
            && !self.repeat_refused
            && !self.stopped;
        // P2: only now, and only while the code is fresh.
        if may_repeat && now >= self.repeat_at && self.is_fresh(now) {
            self.ask(now, Request::Pay)
        } else {
            self.no_news(now)
        }
    }

    fn is_fresh(&self, at: Instant) -> bool {
        self.asked_at.is_some_and(|asked| at < later(asked, self.policy.pay_again_for))
    }

    fn query_or_cancel(&mut self, now: Instant) -> Step {
        if self.gives_up() { self.cancel(now) } else { self.ask(now, Request::Query) }
    }

    /// Whether the cashier's stop is still to be followed.
    fn gives_up(&self) -> bool {
        self.stopped && !self.resumed && self.cancelling_since.is_none()
    }

    /// The query that was asked last has changed nothing.
    fn no_news(&mut self, now: Instant) -> Step {
        if self.cancelling_since.is_some() {
            return self.cancel_again(now);
        }
        if self.resumed {
            // What was being cancelled may be paid meanwhile; what was not waits for a proof,
            // since it may have been called paid before its end was written.
            return if self.cancel_abroad {
                self.cancel(now)
            } else {
                self.unknown(OpenBecause::NoProof)
            };
        }
        let begun = self.asked_at.unwrap_or(now);
        let end = self.poll_until.unwrap_or(later(begun, self.policy.unknown_for));
        // C1: the cancel follows the last query.
        if self.stopped || now >= end {
            self.cancel(now)
        } else {
            self.rest(end.min(later(now, self.policy.poll_every)), Request::Query)
        }
    }

    fn cancel(&mut self, now: Instant) -> Step {
        self.cancelling_since.get_or_insert(now);
        self.cancelled_at = now;
        if self.entry.stage == Stage::Cancelling {
            return self.ask(now, Request::Cancel);
        }
        // C6: a restart has to know.
        self.entry.stage = Stage::Cancelling;
        self.write(Then::Cancel)
    }

    fn cancel_again(&mut self, now: Instant) -> Step {
        let Some(since) = self.cancelling_since else { return self.cancel(now) };
        let next = now.max(later(self.cancelled_at, self.policy.cancel_every));
        if next >= later(since, self.policy.cancel_for) {
            let unwritten = self.entry.stage != Stage::Cancelling;
            self.unknown(if unwritten { OpenBecause::Journal } else { OpenBecause::NoProof })
        } else if next == now {
            self.cancel(now)
        } else {
            self.rest(next, Request::Cancel)
        }
    }

    fn written(&mut self, now: Instant, then: Then) -> Step {
        match then {
            Then::First if self.stopped => self.not_paid(NotPaidBy::Stopped),
            Then::First => match self.ask {
                Ask::Precreate(_) => self.ask(now, Request::Precreate),
                Ask::Pay(_) | Ask::Nothing => self.ask(now, Request::Pay),
            },
            Then::Cancel => self.ask(now, Request::Cancel),
            Then::Over(outcome) => self.over(outcome),
        }
    }

    fn not_written(&mut self, now: Instant, then: Then, why: NotWritten) -> Step {
        match (then, why) {
            // What is proven stays so, whoever works on it: only a cancel can undo a payment.
            (Then::Over(outcome @ (Outcome::NotPaid(_) | Outcome::Unknown(_))), _) => {
                self.over(outcome)
            }
            (Then::First, NotWritten::Failed) => {
                // W2: nothing was sent.
                let proof = NotPaidBy::NotWritten;
                self.over(Outcome::NotPaid(NotPaid { trade_no: None, proof }))
            }
            (_, NotWritten::Elsewhere) => self.over(self.open(OpenBecause::Elsewhere)),
            (Then::Cancel, NotWritten::Failed) => {
                self.entry.stage = Stage::Begun;
                self.cancel_again(now)
            }
            // The journal says that it is being cancelled: the next start would do that.
            (Then::Over(_), NotWritten::Failed) if self.entry.stage == Stage::Cancelling => {
                self.over(self.open(OpenBecause::Journal))
            }
            (Then::Over(outcome), NotWritten::Failed) => self.over(outcome),
        }
    }

    /// The journal has the end of this order, which somebody else proved while this went on: it is
    /// the only one. What a person gave up proves nothing.
    fn settled_elsewhere(&mut self, now: Instant, then: Then, there: Entry) -> Step {
        let settled = there.outcome.as_ref();
        match settled.and_then(|settled| Outcome::of(settled, &there.evidence)) {
            Some(outcome @ (Outcome::Paid(_) | Outcome::NotPaid(_))) => {
                self.entry = there;
                self.over(outcome)
            }
            _ => self.not_written(now, then, NotWritten::Elsewhere),
        }
    }

    fn ask(&mut self, now: Instant, request: Request) -> Step {
        let out_trade_no = || self.entry.out_trade_no.clone();
        let step = match (request, &self.ask) {
            (Request::Pay, Ask::Pay(pay)) => Step::Pay(pay.clone()),
            (Request::Precreate, Ask::Precreate(precreate)) => Step::Precreate(precreate.clone()),
            (Request::Cancel, _) => Step::Cancel(Cancel::new(out_trade_no())),
            _ => Step::Query(Query::new(out_trade_no())),
        };
        if matches!(step, Step::Pay(_) | Step::Precreate(_)) {
            self.asked_at.get_or_insert(now);
            self.attempts += 1;
            self.repeat_at = later(now, self.policy.poll_every);
        }
        if self.requests.len() < REQUESTS {
            self.requests.push(request);
        }
        self.awaits = Awaits::Answer(request);
        step
    }

    fn rest(&mut self, until: Instant, then: Request) -> Step {
        self.awaits = Awaits::Rest(until, then);
        Step::Rest(until)
    }

    fn write(&mut self, then: Then) -> Step {
        self.awaits = Awaits::Written(then);
        Step::Write(Box::new(self.entry.clone()))
    }

    fn paid(&mut self, proof: PaidBy) -> Step {
        let trade_no = self.entry.evidence.trade_no.clone();
        let paid = Paid { trade_no, amount: self.entry.amount, proof };
        self.entry.outcome = Some(Settled::Paid(paid.clone()));
        self.write(Then::Over(Outcome::Paid(paid)))
    }

    fn not_paid(&mut self, proof: NotPaidBy) -> Step {
        let not_paid = NotPaid { trade_no: self.entry.evidence.trade_no.clone(), proof };
        self.entry.outcome = Some(Settled::NotPaid(not_paid.clone()));
        self.write(Then::Over(Outcome::NotPaid(not_paid)))
    }

    /// U2: the entry stays open, and anybody may go on with it.
    fn unknown(&mut self, reason: OpenBecause) -> Step {
        self.entry.owner = None;
        if !self.cancel_abroad {
            // Every cancel was refused or never left: none may still arrive.
            self.entry.stage = Stage::Begun;
        }
        self.write(Then::Over(self.open(reason)))
    }

    pub(super) fn open(&self, reason: OpenBecause) -> Outcome {
        let evidence = self.entry.evidence.clone();
        Outcome::Unknown(Open { reason, cancelling: self.cancel_abroad, evidence })
    }

    fn over(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Over(outcome.clone());
        Step::Done(outcome)
    }

    fn note(&mut self, said: Option<Said>) {
        if said.is_some() {
            self.entry.evidence.last = said;
        }
    }

    /// M1: whether an answer is about this order.
    fn compare(&mut self, trade: &HeardTrade, must: bool) -> Match {
        let is = trade.of(&self.entry.out_trade_no, self.entry.amount, must);
        if is == Match::Ours && trade.trade_no.is_some() {
            self.entry.evidence.trade_no.clone_from(&trade.trade_no);
        }
        is
    }
}
