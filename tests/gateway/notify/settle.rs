//! What a notification does to the orders of a journal, and who wins a race with it.

use std::sync::Mutex;
use std::time::Duration;

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::notify::{NotificationError, Reply, SettleError, Taken};
use m26_pay::gateway::alipay::payment::{
    Heard, HeardTrade, Input, Outcome, Payment, Policy, Request, Step,
};
use m26_pay::gateway::alipay::refunding::{
    RefundHeard, RefundInput, RefundOutcome, RefundStep, Refunding,
};
use m26_pay::gateway::alipay::settle::{Next, OrderState, Settle, SettlePolicy};
use m26_pay::gateway::alipay::{
    AppId, GatewayUrl, Identity, OutRequestNo, OutTradeNo, Refund, TradeNo,
};
use m26_pay::gateway::journal::{
    Begun, Claim, Entry, EntryKey, EntryKind, Holder, Journal, JournalError, MemoryJournal,
    NotPaidBy, NotRefundedBy, Paid, PaidBy, Settled, Stage,
};
use m26_pay::unix_time::UnixMillis;

use super::Fields;
use crate::orders;

const AT: UnixMillis = UnixMillis(1_795_957_206_000);

fn amount() -> Amount {
    "10.25".parse().unwrap()
}

/// An order that was begun, as the machine writes it.
fn order() -> Entry {
    let order = orders::barcode("A1_0", amount(), Duration::from_secs(120));
    let mut payment = Payment::new(orders::epoch(), order, Policy::default());
    match payment.step(orders::epoch(), Input::Begin) {
        Step::Write(entry) => *entry,
        other => panic!("{other:?}"),
    }
}

fn refund(number: &str, amount: &str) -> Entry {
    let out_request_no = OutRequestNo::new(number).unwrap();
    let kind = EntryKind::Refund { out_request_no };
    Entry { kind, amount: amount.parse().unwrap(), ..order() }
}

/// A journal with these, which are open, and their versions.
fn journal(entries: &[Entry]) -> MemoryJournal {
    let journal = MemoryJournal::new();
    for entry in entries {
        assert!(matches!(journal.begin(entry).unwrap(), Begun::New(_)));
    }
    journal
}

fn take(journal: &dyn Journal, fields: &Fields) -> Result<Taken, SettleError> {
    fields.clone().read().unwrap().settle(journal, &orders::identity(), AT)
}

/// What is open, settled and known by it.
fn counts(taken: &Taken) -> (usize, usize, usize) {
    (taken.settled.len(), taken.open.len(), taken.known)
}

fn end(journal: &dyn Journal, place: usize) -> Option<Settled> {
    journal.numbered(&orders::number("A1_0")).unwrap()[place].outcome.clone()
}

fn paid() -> Option<Settled> {
    let trade_no = Some(TradeNo::new("2026112922001400010001").unwrap());
    Some(Settled::Paid(Paid { trade_no, amount: amount(), proof: PaidBy::Notification }))
}

fn status(status: &str) -> Fields {
    Fields::paid().with("trade_status", status)
}

#[test]
fn a_payment_is_proven_once_and_answered_the_same_each_time() {
    let journal = journal(&[order()]);
    let first = take(&journal, &Fields::paid()).unwrap();
    assert_eq!((counts(&first), first.reply()), ((1, 0, 0), Reply::Success));
    assert_eq!(end(&journal, 0), paid());
    assert_eq!(first.settled[0].changed, AT);
    let written = journal.numbered(&orders::number("A1_0")).unwrap();
    assert_eq!(written, first.settled);
    for _ in 0..3 {
        let again = take(&journal, &Fields::paid()).unwrap();
        assert_eq!((counts(&again), again.reply()), ((0, 0, 1), Reply::Success));
    }
    // Nor does another event change an end.
    assert_eq!(counts(&take(&journal, &status("TRADE_CLOSED")).unwrap()), (0, 0, 1));
    assert_eq!(journal.numbered(&orders::number("A1_0")).unwrap(), written);
    assert_eq!(journal.open_orders(None, 9).unwrap(), []);
}

#[test]
fn each_end_has_its_proof() {
    let closed = |settled: Option<Settled>| match settled {
        Some(Settled::NotPaid(not_paid)) => not_paid.proof == NotPaidBy::Closed,
        _ => false,
    };
    let one = |fields: &Fields| {
        let journal = journal(&[order()]);
        let taken = take(&journal, fields).unwrap();
        assert_eq!(taken.reply(), Reply::Success);
        end(&journal, 0)
    };
    assert_eq!(one(&status("TRADE_FINISHED")), paid());
    assert!(closed(one(&status("TRADE_CLOSED"))));
    let all = status("TRADE_CLOSED").with("refund_fee", "10.25");
    assert!(closed(one(&all)));
    // These leave it to a query.
    for fields in [
        status("WAIT_BUYER_PAY"),
        status("TRADE_PENDING"),
        status("TRADE_SUCCESS").with("refund_fee", "4.00"),
        status("TRADE_SUCCESS").with("refund_fee", "10.25"),
        status("TRADE_CLOSED").with("refund_fee", "4.00"),
        // M1: an amount that is not told agrees with none.
        Fields::paid().without("total_amount"),
    ] {
        assert_eq!(one(&fields), None);
    }
}

#[test]
fn once_a_cancel_may_be_on_its_way_paid_is_not_paid() {
    let cancelling = || journal(&[Entry { stage: Stage::Cancelling, ..order() }]);
    let journal = cancelling();
    let before = journal.numbered(&orders::number("A1_0")).unwrap();
    let taken = take(&journal, &Fields::paid()).unwrap();
    assert_eq!((counts(&taken), taken.reply()), ((0, 1, 0), Reply::Success));
    // Not even its version changes, so that who cancels is not disturbed.
    assert_eq!(journal.numbered(&orders::number("A1_0")).unwrap(), before);
    // C5 does not hold for what can be given back no more, nor for what is closed.
    take(&journal, &status("TRADE_FINISHED")).unwrap();
    assert_eq!(end(&journal, 0), paid());
    let journal = cancelling();
    take(&journal, &status("TRADE_CLOSED")).unwrap();
    assert!(matches!(end(&journal, 0), Some(Settled::NotPaid(_))));
}

#[test]
fn what_a_person_gave_up_stays_so() {
    let journal = journal(&[order()]);
    let key = order().key();
    assert!(matches!(journal.give_up(&key, &orders::holder(), AT), Ok(Claim::Yours(_))));
    assert_eq!(counts(&take(&journal, &Fields::paid()).unwrap()), (0, 0, 1));
    assert_eq!(end(&journal, 0), Some(Settled::GivenUp));
}

#[test]
fn a_number_that_is_not_there_is_sent_again_and_another_amount_refused() {
    let empty = MemoryJournal::new();
    let taken = take(&empty, &Fields::paid()).unwrap();
    assert!(taken.is_missing());
    assert_eq!(taken.reply(), Reply::Fail);

    let journal = journal(&[order()]);
    let other = take(&journal, &Fields::paid().with("total_amount", "10.26"));
    let differs = |field| NotificationError::Differs { field };
    assert!(matches!(other, Err(SettleError::Notification(it)) if it == differs("total_amount")));
    let app_id = AppId::new("2026000000000002").unwrap();
    let identity = Identity { app_id, ..(*orders::identity()).clone() };
    let read = Fields::paid().read().unwrap();
    let other = read.settle(&journal, &identity, AT);
    assert!(matches!(other, Err(SettleError::Notification(it)) if it == differs("app_id")));
    let none = take(&journal, &Fields::paid().with("notify_type", "dut_user_sign"));
    assert!(matches!(none, Err(SettleError::Notification(_))));
    assert_eq!(end(&journal, 0), None);
    // The same number of another gateway is another order.
    let gateway = GatewayUrl::live();
    let elsewhere = Identity { gateway, ..(*orders::identity()).clone() };
    assert!(read.settle(&journal, &elsewhere, AT).unwrap().is_missing());
}

#[test]
fn a_refund_is_proven_by_its_number_and_the_sum() {
    let told = |number: &str, fee: &str| {
        status("TRADE_SUCCESS").with("refund_fee", fee).with("out_biz_no", number)
    };
    let both = || journal(&[refund("R1", "4.00"), refund("R2", "5.00")]);
    let journal = both();
    // Neither of another number, nor of another sum.
    for (number, fee) in [("R3", "4.00"), ("R1", "4.01"), ("R1", "9.00"), ("R2", "4.00")] {
        assert_eq!(
            counts(&take(&journal, &told(number, fee)).unwrap()),
            (0, 2, 0),
            "{number} {fee}"
        );
    }
    let anonymous = status("TRADE_SUCCESS").with("refund_fee", "4.00");
    assert_eq!(counts(&take(&journal, &anonymous).unwrap()), (0, 2, 0));
    assert_eq!(counts(&take(&journal, &told("R1", "4.00")).unwrap()), (1, 1, 0));
    assert_eq!(end(&journal, 0), Some(Settled::Refunded { amount: "4.00".parse().unwrap() }));
    // `refund_fee` is the sum of all refunds of the trade.
    assert_eq!(counts(&take(&journal, &told("R2", "5.00")).unwrap()), (0, 1, 1));
    assert_eq!(counts(&take(&journal, &told("R2", "9.00")).unwrap()), (1, 0, 1));
    // A refund of everything closes the trade.
    let journal = both();
    let all = status("TRADE_CLOSED").with("refund_fee", "5.00").with("out_biz_no", "R2");
    assert_eq!(counts(&take(&journal, &all).unwrap()), (1, 1, 0));
}

#[test]
fn a_payment_of_which_something_may_have_gone_back_is_asked_for() {
    let part = Entry {
        outcome: Some(Settled::NotRefunded(NotRefundedBy::NotSent)),
        ..refund("R1", "4.00")
    };
    let journal = journal(&[order(), refund("R2", "4.00"), part]);
    assert_eq!(counts(&take(&journal, &Fields::paid()).unwrap()), (0, 2, 1));
    let mut second = journal.numbered(&orders::number("A1_0")).unwrap().remove(1);
    second.outcome = Some(Settled::NotRefunded(NotRefundedBy::NotSent));
    journal.update(&second).unwrap();
    // None was made.
    assert_eq!(counts(&take(&journal, &Fields::paid()).unwrap()), (1, 0, 2));
    assert_eq!(end(&journal, 0), paid());
}

/// A till with its journal, to which notifications come between its steps.
struct Till {
    journal: MemoryJournal,
    payment: Payment,
    sent: Vec<&'static str>,
}

impl Till {
    fn new() -> Self {
        let order = orders::barcode("A1_0", amount(), Duration::from_secs(120));
        let payment = Payment::new(orders::epoch(), order, Policy::default());
        Self { journal: MemoryJournal::new(), payment, sent: Vec::new() }
    }

    fn step(&mut self, input: Input) -> Step {
        self.payment.step(orders::epoch(), input)
    }

    /// Writes as `gateway::Payments` does.
    fn write(&self, entry: &Entry) -> Input {
        let written = match entry.version {
            0 => self.journal.begin(entry).map(|begun| match begun {
                Begun::New(version) => version,
                Begun::Exists(_) => panic!("it is there"),
            }),
            _ => self.journal.update(entry),
        };
        match written {
            Ok(version) => Input::Written(version),
            Err(JournalError::Conflict) => {
                let there = self.journal.numbered(&entry.out_trade_no).unwrap().remove(0);
                Input::Settled(Box::new(there))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Goes on until something is asked or it is over; the answer, if it is over.
    fn go_on(&mut self, mut input: Input) -> Option<Outcome> {
        loop {
            input = match self.step(input) {
                Step::Write(entry) => self.write(&entry),
                Step::Done(outcome) => return Some(outcome),
                Step::Pay(_) => return self.asked("pay"),
                Step::Query(_) => return self.asked("query"),
                Step::Cancel(_) => return self.asked("cancel"),
                other => panic!("{other:?}"),
            };
        }
    }

    fn asked(&mut self, what: &'static str) -> Option<Outcome> {
        self.sent.push(what);
        None
    }
}

fn heard() -> HeardTrade {
    HeardTrade {
        out_trade_no: Some(orders::number("A1_0")),
        trade_no: Some(TradeNo::new("2026112922001400010001").unwrap()),
        total_amount: Some(amount()),
    }
}

#[test]
fn a_till_that_hears_it_too_says_paid() {
    let mut till = Till::new();
    assert!(till.go_on(Input::Begin).is_none());
    take(&till.journal, &Fields::paid()).unwrap();
    let outcome = till.go_on(Input::Answer(Heard::Paid(heard()))).unwrap();
    assert!(matches!(&outcome, Outcome::Paid(paid) if paid.proof == PaidBy::Notification));
    assert_eq!(end(&till.journal, 0), paid());
    assert_eq!(till.payment.entry().outcome, paid());
}

#[test]
fn a_till_that_was_about_to_cancel_cancels_nothing() {
    let mut till = Till::new();
    assert!(till.go_on(Input::Begin).is_none());
    till.payment.stop();
    take(&till.journal, &Fields::paid()).unwrap();
    let outcome = till.go_on(Input::Answer(Heard::Waiting(heard()))).unwrap();
    assert!(matches!(outcome, Outcome::Paid(_)), "{outcome:?}");
    assert_eq!(till.sent, ["pay"]);
    assert_eq!(till.payment.requests(), [Request::Pay]);
}

#[test]
fn a_cancel_that_was_written_first_wins() {
    let mut till = Till::new();
    assert!(till.go_on(Input::Begin).is_none());
    till.payment.stop();
    assert!(till.go_on(Input::Answer(Heard::Waiting(heard()))).is_none());
    assert_eq!(till.sent, ["pay", "cancel"]);
    assert_eq!(counts(&take(&till.journal, &Fields::paid()).unwrap()), (0, 1, 0));
    let outcome = till.go_on(Input::Answer(Heard::Refunded(heard()))).unwrap();
    assert!(matches!(&outcome, Outcome::NotPaid(is) if is.proof == NotPaidBy::Refunded));
    assert!(matches!(end(&till.journal, 0), Some(Settled::NotPaid(_))));
    // The notification of the payment comes once more, late.
    assert_eq!(counts(&take(&till.journal, &Fields::paid()).unwrap()), (0, 0, 1));
}

#[test]
fn what_was_given_up_by_a_person_meanwhile_proves_nothing() {
    let mut till = Till::new();
    assert!(till.go_on(Input::Begin).is_none());
    till.journal.give_up(&order().key(), &orders::holder(), AT).unwrap();
    let outcome = till.go_on(Input::Answer(Heard::Paid(heard()))).unwrap();
    assert!(matches!(&outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(end(&till.journal, 0), Some(Settled::GivenUp));
}

#[test]
fn what_settle_is_about_to_ask_for_may_be_settled() {
    let journal = journal(&[order()]);
    let mut settle = Settle::new(orders::identity(), SettlePolicy::default());
    let open = journal.open_orders(None, 9).unwrap();
    settle.found(orders::epoch(), &open[0]);
    let Next::Ask(due) = settle.next(orders::epoch()) else { panic!("it is due") };
    take(&journal, &Fields::paid()).unwrap();
    let claim = journal.claim(&due.key, &orders::holder(), AT, Duration::from_secs(60)).unwrap();
    assert!(matches!(claim, Claim::Settled(_)), "{claim:?}");
    settle.ended(orders::epoch(), &due.key, OrderState::Settled);
    assert_eq!(settle.next(orders::epoch()), Next::Nothing);
}

#[test]
fn what_settle_has_claimed_is_ended_all_the_same() {
    let journal = journal(&[order()]);
    let key = order().key();
    let claim = journal.claim(&key, &Holder::new("host 2"), AT, Duration::from_secs(60)).unwrap();
    let Claim::Yours(entry) = claim else { panic!("{claim:?}") };
    take(&journal, &Fields::paid()).unwrap();
    // The host that has it asks, hears nothing, and would leave it open.
    let mut payment = Payment::resume(orders::epoch(), *entry, Policy::default());
    assert!(matches!(payment.step(orders::epoch(), Input::Begin), Step::Query(_)));
    let step = payment.step(orders::epoch(), Input::Answer(Heard::Unclear(None)));
    let Step::Write(entry) = step else { panic!("{step:?}") };
    assert!(matches!(journal.update(&entry), Err(JournalError::Conflict)));
    let there = journal.numbered(&entry.out_trade_no).unwrap().remove(0);
    let step = payment.step(orders::epoch(), Input::Settled(Box::new(there)));
    assert!(matches!(step, Step::Done(Outcome::Paid(_))), "{step:?}");
}

#[test]
fn a_refund_that_is_proven_while_it_is_asked_for_is_refunded() {
    let number = OutRequestNo::new("R1").unwrap();
    let asked = Refund::of(orders::number("A1_0"), number, "4.00".parse().unwrap());
    let mut refunding = Refunding::new(
        orders::epoch(),
        orders::identity(),
        orders::holder(),
        asked.build().unwrap(),
        AT,
        Policy::default(),
    )
    .unwrap();
    let mut step = |input| refunding.step(orders::epoch(), input);
    let RefundStep::Write(entry) = step(RefundInput::Begin) else { panic!("it writes") };
    let journal = journal(&[(*entry).clone()]);
    assert!(matches!(step(RefundInput::Written(1)), RefundStep::Refund(_)));
    let told = status("TRADE_SUCCESS").with("refund_fee", "4.00").with("out_biz_no", "R1");
    let told = take(&journal, &told).unwrap();
    let unclear = RefundInput::Answer(RefundHeard::Unclear(None));
    assert!(matches!(step(unclear), RefundStep::Query(_)));
    let done = RefundHeard::Done { amount: Some("4.00".parse().unwrap()) };
    let RefundStep::Write(entry) = step(RefundInput::Answer(done)) else { panic!("it writes") };
    assert!(matches!(journal.update(&entry), Err(JournalError::Conflict)));
    let there = Box::new(told.settled[0].clone());
    let done = RefundOutcome::Refunded("4.00".parse().unwrap());
    assert_eq!(step(RefundInput::Settled(there)), RefundStep::Done(done));
}

/// A journal in which somebody else changes an entry whenever one is about to be changed.
#[derive(Debug)]
struct Busy {
    journal: MemoryJournal,
    times: Mutex<u32>,
    stage: Stage,
}

impl Journal for Busy {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        self.journal.begin(entry)
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        let mut times = self.times.lock().unwrap();
        if *times > 0 {
            *times -= 1;
            let mut there = self.journal.numbered(&entry.out_trade_no)?.remove(0);
            there.stage = self.stage;
            self.journal.update(&there)?;
        }
        self.journal.update(entry)
    }

    fn numbered(&self, number: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        self.journal.numbered(number)
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        self.journal.open_orders(after, limit)
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        self.journal.claim(key, holder, now, lease)
    }
}

#[test]
fn what_changes_at_the_same_time_is_read_anew() {
    let busy =
        |times: u32, stage| Busy { journal: journal(&[order()]), times: times.into(), stage };
    let a_while = busy(3, Stage::Begun);
    assert_eq!(counts(&take(&a_while, &Fields::paid()).unwrap()), (1, 0, 0));
    assert_eq!(end(&a_while, 0), paid());
    // What was read first was not being cancelled; what is there is.
    let cancelled = busy(1, Stage::Cancelling);
    assert_eq!(counts(&take(&cancelled, &Fields::paid()).unwrap()), (0, 1, 0));
    assert_eq!(end(&cancelled, 0), None);
    // It does not go on for ever; Alipay sends it again.
    let never = take(&busy(1_000, Stage::Begun), &Fields::paid());
    assert!(matches!(never, Err(SettleError::Journal(JournalError::Conflict))), "{never:?}");
}
