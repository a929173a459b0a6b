//! Refunds.

use std::time::{Duration, Instant};

use m26_pay::gateway::alipay::payment::{NotWritten, Policy};
use m26_pay::gateway::alipay::refunding::{
    RefundHeard, RefundInput, RefundOutcome, RefundStep, Refunding,
};
use m26_pay::gateway::alipay::{OutRequestNo, Refund, TradeNo};
use m26_pay::gateway::journal::{Entry, NotRefundedBy, Settled};
use m26_pay::unix_time::UnixMillis;

use super::{amount, said};
use crate::orders;

struct Desk {
    refunding: Refunding,
    now: Instant,
    rest: Instant,
    entry: Option<Entry>,
    outcome: Option<RefundOutcome>,
}

fn refund() -> Refund {
    let number = OutRequestNo::new("R1").unwrap();
    Refund::of(orders::number("A1_0"), number, amount()).build().unwrap()
}

impl Desk {
    fn new() -> Self {
        let (now, policy) = (orders::epoch(), Policy::default());
        let (identity, holder) = (orders::identity(), orders::holder());
        let at = UnixMillis(0);
        Self::with(Refunding::new(now, identity, holder, refund(), at, policy).unwrap())
    }

    fn with(refunding: Refunding) -> Self {
        let now = orders::epoch();
        Self { refunding, now, rest: now, entry: None, outcome: None }
    }

    fn asked(mut self) -> Self {
        assert_eq!(self.step(RefundInput::Begin), "write");
        assert_eq!(self.step(RefundInput::Written(1)), "refund");
        self
    }

    fn hears(&mut self, heard: RefundHeard) -> &'static str {
        self.step(RefundInput::Answer(heard))
    }

    fn rests(&mut self) -> &'static str {
        self.now = self.rest;
        self.step(RefundInput::Resume)
    }

    fn step(&mut self, input: RefundInput) -> &'static str {
        match self.refunding.step(self.now, input) {
            RefundStep::Write(entry) => {
                self.entry = Some(*entry);
                "write"
            }
            RefundStep::Refund(asked) => {
                assert_eq!(*asked, refund());
                "refund"
            }
            RefundStep::Query(_) => "query",
            RefundStep::Rest(until) => {
                self.rest = until;
                "rest"
            }
            RefundStep::Done(outcome) => {
                self.outcome = Some(outcome);
                "done"
            }
            _ => "?",
        }
    }
}

fn done() -> RefundHeard {
    RefundHeard::Done { amount: Some(amount()) }
}

#[test]
fn it_is_written_before_it_leaves() {
    let mut desk = Desk::new().asked();
    assert_eq!(desk.hears(RefundHeard::Done { amount: None }), "write");
    assert_eq!(desk.step(RefundInput::Written(2)), "done");
    assert_eq!(desk.outcome, Some(RefundOutcome::Refunded(amount())));
    let mut desk = Desk::new();
    desk.step(RefundInput::Begin);
    assert_eq!(desk.step(RefundInput::NotWritten(NotWritten::Failed)), "done");
    let not_written = RefundOutcome::NotRefunded(NotRefundedBy::NotWritten);
    assert_eq!(desk.outcome, Some(not_written));
}

#[test]
fn a_repetition_that_moved_no_money_is_asked_about() {
    let mut desk = Desk::new().asked();
    assert_eq!(desk.hears(RefundHeard::Unclear(None)), "query");
    assert_eq!(desk.hears(RefundHeard::NotYet), "rest");
    assert_eq!(desk.rests(), "query");
    // The same number and amount again.
    assert_eq!(desk.hears(RefundHeard::NotYet), "refund");
    assert_eq!(desk.hears(RefundHeard::NotYet), "query");
    assert_eq!(desk.hears(done()), "write");
    assert_eq!(desk.step(RefundInput::Written(2)), "done");
    assert_eq!(desk.outcome, Some(RefundOutcome::Refunded(amount())));
}

#[test]
fn the_refusal_of_a_repetition_ends_nothing() {
    let mut desk = Desk::new().asked();
    desk.hears(RefundHeard::Unclear(None));
    desk.hears(RefundHeard::NotYet);
    desk.rests();
    assert_eq!(desk.hears(RefundHeard::NotYet), "refund");
    assert_eq!(desk.hears(RefundHeard::Refused(said("ACQ.SELLER_BALANCE_NOT_ENOUGH"))), "query");
    assert_eq!(desk.hears(RefundHeard::NotYet), "rest");
    // While the first one is a refusal, it is the end.
    let mut desk = Desk::new().asked();
    assert_eq!(desk.hears(RefundHeard::Refused(said("ACQ.TRADE_HAS_FINISHED"))), "write");
    assert_eq!(desk.step(RefundInput::Written(2)), "done");
    let outcome = desk.outcome.unwrap();
    assert!(matches!(outcome, RefundOutcome::NotRefunded(NotRefundedBy::Refused(_))));
}

#[test]
fn what_nobody_knows_stays_open_and_can_be_asked_for_again() {
    let mut desk = Desk::new().asked();
    desk.now += Duration::from_secs(10);
    assert_eq!(desk.hears(RefundHeard::Unclear(None)), "query");
    let mut step = desk.hears(RefundHeard::Unclear(None));
    while step == "rest" {
        assert_eq!(desk.rests(), "query");
        step = desk.hears(RefundHeard::Unclear(None));
    }
    assert_eq!(step, "write");
    assert_eq!(desk.step(RefundInput::Written(2)), "done");
    assert!((desk.now - orders::epoch()).as_secs() <= 60);
    assert!(matches!(desk.outcome, Some(RefundOutcome::Unknown(_))));
    let entry = desk.entry.unwrap();
    assert!(entry.is_open());

    // After a restart it is only asked about.
    let policy = Policy::default();
    let mut resumed = Desk::with(Refunding::resume(desk.now, entry.clone(), policy));
    assert_eq!(resumed.step(RefundInput::Begin), "query");
    assert_eq!(resumed.hears(RefundHeard::NotYet), "write");
    assert_eq!(resumed.step(RefundInput::Written(3)), "done");

    // The merchant asks for it again: first what became of it, then the same one.
    let mut again = Desk::with(Refunding::again(orders::epoch(), entry, refund(), policy));
    assert_eq!(again.step(RefundInput::Begin), "query");
    assert_eq!(again.hears(RefundHeard::NotYet), "refund");
}

#[test]
fn one_that_was_not_made_can_be_made_with_the_same_number() {
    let mut desk = Desk::new().asked();
    assert_eq!(desk.hears(RefundHeard::NotSent), "write");
    desk.step(RefundInput::Written(2));
    let entry = desk.entry.unwrap();
    assert_eq!(entry.outcome, Some(Settled::NotRefunded(NotRefundedBy::NotSent)));
    let again = Refunding::again(orders::epoch(), entry, refund(), Policy::default());
    assert!(again.entry().is_open());
    Desk::with(again).asked();
}

#[test]
fn another_amount_under_this_number_is_no_proof() {
    let mut desk = Desk::new().asked();
    desk.hears(RefundHeard::Unclear(None));
    let other = RefundHeard::Done { amount: Some("0.01".parse().unwrap()) };
    assert_eq!(desk.hears(other), "rest");
}

#[test]
fn the_journal_needs_the_merchants_number() {
    let number = OutRequestNo::new("R1").unwrap();
    let trade_no = TradeNo::new("2026112922001400010001").unwrap();
    let refund = Refund::of(trade_no, number, amount()).build().unwrap();
    let (identity, holder) = (orders::identity(), orders::holder());
    let at = UnixMillis(0);
    let refunding =
        Refunding::new(orders::epoch(), identity, holder, refund, at, Policy::default());
    assert_eq!(refunding.unwrap_err().field, "out_trade_no");
}
