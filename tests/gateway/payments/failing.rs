//! A journal that fails at one call, whichever that is, or from there on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use m26_pay::gateway::alipay::payment::Outcome;
use m26_pay::gateway::alipay::refunding::RefundOutcome;
use m26_pay::gateway::alipay::{OutRequestNo, OutTradeNo, Refund};
use m26_pay::gateway::journal::{
    Begun, Claim, Entry, EntryKey, Holder, Journal, JournalError, MemoryJournal,
};
use m26_pay::gateway::{Payments, PaymentsError, Receipt, Stop};
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Method};
use m26_pay::unix_time::UnixMillis;

use super::{Near, merchant, pay, quick};
use crate::orders;

/// Fails at its call number `at`.
#[derive(Debug)]
struct Failing {
    journal: Arc<MemoryJournal>,
    calls: AtomicUsize,
    at: usize,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// It does nothing, once.
    Undone,
    /// It does what it then calls failed, once.
    Done,
    /// It does nothing from then on.
    ForGood,
}

impl Failing {
    fn call<T>(
        &self,
        call: impl FnOnce(&MemoryJournal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let fails = number == self.at || (self.how == How::ForGood && number > self.at);
        if !fails {
            return call(&self.journal);
        }
        if self.how == How::Done {
            call(&self.journal)?;
        }
        Err(JournalError::Full)
    }
}

impl Journal for Failing {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        self.call(|journal| journal.begin(entry))
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        self.call(|journal| journal.update(entry))
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        self.call(|journal| journal.numbered(out_trade_no))
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        self.call(|journal| journal.open_orders(after, limit))
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        self.call(|journal| journal.claim(key, holder, now, lease))
    }
}

/// Nothing is told that is not true, nothing unknown is forgotten.
fn judge(near: &Near, journal: &MemoryJournal, number: &str, receipt: &Receipt, told: &str) {
    let truth = near.truth(number);
    let entries = journal.numbered(&orders::number(number)).unwrap();
    let open = entries.iter().any(Entry::is_open);
    match &receipt.outcome {
        Outcome::Paid(_) => assert_eq!((truth.kept, truth.charges), (Fen(100), 1), "{told}"),
        Outcome::NotPaid(_) => assert_eq!((truth.kept, truth.open), (Fen(0), false), "{told}"),
        Outcome::Unknown(_) => assert!(open, "{told}: {receipt:?}"),
    }
    assert!(truth.charges <= 1, "{told}");
}

#[test]
fn it_fails_at_each_call_and_nothing_false_is_told_or_forgotten() {
    let customers = [
        Customer::Pays(Duration::ZERO),
        Customer::Pays(Duration::from_millis(40)),
        Customer::Refuses(Duration::ZERO),
        Customer::Leaves,
    ];
    for (number, customer) in customers.into_iter().enumerate() {
        for how in [How::Undone, How::Done, How::ForGood] {
            let mut at = 0;
            while fails(&format!("F{number}"), customer, at, how) {
                at += 1;
            }
            assert!(at >= 4, "the calls of {customer:?} are too few: {at}");
        }
    }
}

/// One sale, a second one of the same number, and a start; whether the journal failed in it.
fn fails(number: &str, customer: Customer, at: usize, how: How) -> bool {
    let told = format!("{number} {customer:?}, call {at}, {how:?}");
    let near = Near::new(AlipaySettings { customer, ..AlipaySettings::default() });
    let journal = Arc::new(MemoryJournal::new());
    let failing = Failing { journal: Arc::clone(&journal), calls: AtomicUsize::new(0), at, how };
    let holder = Holder::new("till 1");
    let payments = Payments::new(merchant(), near.clone(), failing, holder).policy(quick());
    let stop = Stop::new();
    match payments.pay(pay(number, "1.00"), &stop, |_, _| {}) {
        Ok(receipt) => judge(&near, &journal, number, &receipt, &told),
        Err(error) => {
            assert!(matches!(error, PaymentsError::Journal(_)), "{told}: {error}");
            assert_eq!(near.calls(Method::Pay), 0, "{told}");
        }
    }
    match payments.pay(pay(number, "1.00"), &stop, |_, _| {}) {
        Ok(receipt) => judge(&near, &journal, number, &receipt, &told),
        Err(error) => assert!(matches!(error, PaymentsError::Journal(_)), "{told}: {error}"),
    }
    match payments.settle(&stop) {
        Ok(settlement) => {
            for receipt in &settlement.payments {
                judge(&near, &journal, number, receipt, &told);
            }
        }
        Err(error) => assert!(matches!(error, PaymentsError::Journal(_)), "{told}: {error}"),
    }
    assert!(near.calls(Method::Pay) <= 1 || customer == Customer::Leaves, "{told}");
    let failed = payments.journal().calls.load(Ordering::SeqCst) > at;
    // The next start finds whatever is open.
    let again =
        Payments::new(merchant(), near.clone(), Arc::clone(&journal), Holder::new("till 1"));
    let settlement = again.policy(quick()).settle(&stop).unwrap();
    for receipt in &settlement.payments {
        judge(&near, &journal, number, receipt, &told);
    }
    failed
}

#[test]
fn a_refund_that_was_made_is_never_called_not_made() {
    for (at, how) in
        (0..8).flat_map(|at| [How::Undone, How::Done, How::ForGood].map(|how| (at, how)))
    {
        let told = format!("call {at}, {how:?}");
        let near = Near::new(AlipaySettings::default());
        let journal = Arc::new(MemoryJournal::new());
        let holder = || Holder::new("till 1");
        let sound = Payments::new(merchant(), near.clone(), Arc::clone(&journal), holder());
        sound.policy(quick()).pay(pay("F9", "1.00"), &Stop::new(), |_, _| {}).unwrap();
        let failing = Failing { journal, calls: AtomicUsize::new(0), at, how };
        let payments = Payments::new(merchant(), near.clone(), failing, holder()).policy(quick());
        for _ in 0..2 {
            let number = OutRequestNo::new("R1").unwrap();
            let refund = Refund::of(orders::number("F9"), number, "0.40".parse().unwrap());
            let kept = match payments.refund(refund.build().unwrap(), &Stop::new()) {
                Ok(receipt) => match receipt.outcome {
                    RefundOutcome::Refunded(_) => Some(Fen(60)),
                    RefundOutcome::NotRefunded(_) => Some(Fen(100)),
                    RefundOutcome::Unknown(_) => None,
                },
                Err(error) => {
                    assert!(matches!(error, PaymentsError::Journal(_)), "{told}: {error}");
                    None
                }
            };
            let truth = near.truth("F9");
            assert!(kept.is_none_or(|kept| kept == truth.kept), "{told}: {kept:?} {truth:?}");
        }
    }
}
