//! A shop's till: module, gateway, journal and reports together.

use std::thread;
use std::time::{Duration, Instant};

use m26_pay::alipay::{Report, TradeResult};
use m26_pay::amount::Amount;
use m26_pay::asynch;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Session, SessionHandle};
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::gateway::alipay::payment::Outcome;
use m26_pay::gateway::alipay::{AgreementNo, AuthCode, Sale, Subject};
use m26_pay::gateway::journal::{Entry, EntryKind, Evidence, Holder, Journal as _, Stage};
use m26_pay::gateway::{Payments, PaymentsError, Stop};
use m26_pay::outbox::{Item, ItemState, Outbox, OutboxJournal};
use m26_pay::serial::SerialHost;
use m26_pay::session::Plan;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Method};
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty::{self, Running};
use m26_pay::till::{
    Doing, OtherSaleError, Purchase, Selling, SellingInput, SellingStep, Till, TillError,
};
use m26_pay::unix_time::UnixMillis;
use support::outbox_till::{Till as Disk, policy};
use support::session_line::configured;

use super::{Near, merchant, quick};
use crate::orders;

/// What a till stands on.
struct Ground {
    module: Running<Modem>,
    near: Near,
    outbox: Outbox,
    disk: Disk,
}

impl Ground {
    fn new(settings: AlipaySettings) -> Self {
        let module = pty::spawn(Modem::new(configured(&Profile::quectel()))).unwrap();
        let disk = Disk::new(policy());
        Self { module, near: Near::new(settings), outbox: disk.open(), disk }
    }

    fn host(&self) -> SerialHost {
        SerialHost::at(self.module.path().to_str().unwrap())
    }

    /// A till for threads, whose session ends with its last handle.
    fn till(&self) -> Till<Payments<Near, OutboxJournal>, SessionHandle> {
        let journal = OutboxJournal::new(&self.outbox);
        let payments = Payments::new(merchant(), self.near.clone(), journal, Holder::new("till 1"))
            .policy(quick());
        let session = Session::new(self.host(), Plan::default(), settings());
        let (session, driver) = session.into_driver().unwrap();
        thread::spawn(move || driver.run());
        Till::new(payments, session).patience(PATIENCE)
    }

    /// An order that a dead till began, and whose request never left.
    fn leave_open(&self, number: &str) {
        let journal = OutboxJournal::new(&self.outbox);
        journal.begin(&entry(number)).unwrap();
    }

    fn reports(&self) -> Vec<Item<Report>> {
        self.outbox.newest(&ItemState::ALL, 99).unwrap()
    }

    /// Waits until the module has what it can have.
    fn wait_held(&self, reports: u64) {
        let end = now() + PATIENCE;
        while self.outbox.summary().reports.held < reports {
            assert!(now() < end, "{:?}", self.outbox.summary());
            pause();
        }
    }
}

#[test]
fn what_is_open_is_asked_for_before_the_first_sale() {
    let ground = Ground::new(AlipaySettings::default());
    ground.leave_open("A0");
    let mut till = ground.till();
    assert_eq!(till.next_settle(now()), None);

    let mut done = Vec::new();
    let watch = |doing: Doing<'_>| match doing {
        Doing::Settling => done.push("settling"),
        Doing::Signing => done.push("signing"),
        _ => done.push("paying"),
    };
    let sold = till.sell(by_code("A1"), &Stop::new(), watch).unwrap();
    done.dedup();
    assert_eq!(done, ["settling", "signing", "paying"]);
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)));
    let settlement = sold.settlement.unwrap();
    // Nothing proves it yet: the request may still be on its way.
    assert_eq!((settlement.payments.len(), settlement.open()), (1, 1));
    assert!(till.next_settle(now()).unwrap() > now());

    let sold = till.sell(by_code("A2"), &Stop::new(), |_| {}).unwrap();
    assert!(sold.settlement.is_none());
    ground.wait_held(2);
    let states: Vec<_> = ground.reports().iter().map(|report| report.state).collect();
    assert_eq!(states, [ItemState::Ordered, ItemState::Held, ItemState::Held]);
    assert_eq!(ground.near.calls(Method::Pay), 2);
}

#[tokio::test]
async fn tasks_do_the_same() {
    let ground = Ground::new(AlipaySettings::default());
    ground.leave_open("A0");
    let journal = OutboxJournal::new(&ground.outbox);
    let waits = asynch::PaymentsSettings { policy: quick(), ..asynch::PaymentsSettings::default() };
    let holder = Holder::new("till 1");
    let near = ground.near.clone();
    let payments = asynch::Payments::with_settings(merchant(), near, journal, holder, waits);
    let (session, _events, driver) =
        asynch::Session::new(ground.host(), Plan::default(), settings());
    let mut till = Till::new(payments, session).patience(PATIENCE);
    tokio::spawn(driver);

    // A stop that is pressed at once ends the settling, and cancels what is not paid.
    let sold = till.sell(by_code("A1"), std::future::ready(()), |_| {}).await.unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::NotPaid(_)), "{sold:?}");
    let sold = till.sell(by_code("A2"), std::future::pending(), |_| {}).await.unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)));
    let settlement = till.settle(std::future::pending()).await.unwrap();
    assert_eq!(settlement.open(), 1);
    while ground.outbox.summary().reports.due() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ground.reports()[0].state, ItemState::Ordered);
}

#[test]
fn what_stays_unknown_is_asked_for_later() {
    let ground = Ground::new(AlipaySettings::default());
    for call in 1..40 {
        ground.near.plan(&format!("lost:query:{call}"));
        ground.near.plan(&format!("lost:cancel:{call}"));
    }
    ground.near.plan("lost");
    let mut till = ground.till();
    let sold = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Unknown(_)), "{sold:?}");
    assert!(till.next_settle(now()).unwrap() > now());
    assert_eq!(ground.outbox.summary().orders.pending, 1);
    assert_eq!(ground.reports()[0].state, ItemState::Ordered);
}

#[test]
fn without_a_signature_nothing_is_asked_for() {
    let ground = Ground::new(AlipaySettings::default());
    let mut till = ground.till().patience(Duration::ZERO);
    let error = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap_err();
    assert!(matches!(error, TillError::Sign(_)), "{error}");
    assert!(error.to_string().contains("no money was asked for"), "{error}");
    assert_eq!(ground.near.calls(Method::Pay), 0);
    let summary = ground.outbox.summary();
    assert_eq!((summary.orders.all(), summary.reports.all()), (0, 0));
}

/// A number is one attempt: what became of it is told, and never that it was not sold.
#[test]
fn a_sale_that_was_begun_before_needs_no_signature() {
    let ground = Ground::new(AlipaySettings::default());
    let mut till = ground.till();
    let sold = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)));
    ground.leave_open("A2");

    // The module does not sign any more.
    let mut till = till.patience(Duration::ZERO);
    till.session().stop();
    let sold = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)), "{sold:?}");
    let sold = till.sell(by_code("A2"), &Stop::new(), |_| {}).unwrap();
    assert!(!matches!(sold.receipt.outcome, Outcome::Paid(_)), "{sold:?}");
    let error = till.sell(by_code("A3"), &Stop::new(), |_| {}).unwrap_err();
    assert!(matches!(error, TillError::Sign(_)), "{error}");

    // Nobody can tell whether a number is there: "not signed" would say that it was not paid.
    ground.disk.set_unreadable(true);
    let error = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap_err();
    assert!(matches!(error, TillError::Pay(PaymentsError::Journal(_))), "{error}");
    assert_eq!(ground.near.calls(Method::Pay), 1);
}

#[test]
fn a_disk_that_is_full_sells_nothing() {
    let ground = Ground::new(AlipaySettings::default());
    let mut till = ground.till();
    till.settle(&Stop::new()).unwrap();
    till.session().wait_ready(PATIENCE).unwrap();
    ground.disk.set_full(true);
    let sold = till.sell(by_code("A1"), &Stop::new(), |_| {}).unwrap();
    assert_eq!(sold.receipt.outcome.reason(), "not-written");
    let trouble = sold.receipt.trouble.unwrap().to_string();
    assert!(trouble.contains("the journal is full"), "{trouble}");
    assert_eq!(ground.near.calls(Method::Pay), 0);
    ground.disk.set_full(false);
    let sold = till.sell(by_code("A2"), &Stop::new(), |_| {}).unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)), "{sold:?}");
}

#[test]
fn an_outcome_that_finds_no_room_is_not_lost() {
    let ground = Ground::new(AlipaySettings::default());
    let mut till = ground.till();
    let watch = |doing: Doing<'_>| {
        if let Doing::Paying { payment, .. } = doing {
            // The order is on disk, and its money is about to be asked for.
            ground.disk.set_full(!payment.requests().is_empty());
        }
    };
    let sold = till.sell(by_code("A1"), &Stop::new(), watch).unwrap();
    // It is proven, so the cashier is told; the order is asked for again.
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)), "{sold:?}");
    assert!(sold.receipt.trouble.unwrap().to_string().contains("the journal is full"));
    assert_eq!(ground.reports()[0].state, ItemState::Ordered);
    assert!(till.next_settle(now()).is_some());

    ground.disk.set_full(false);
    drop(till);
    let settlement = ground.till().settle(&Stop::new()).unwrap();
    assert_eq!((settlement.payments.len(), settlement.open()), (1, 0));
    assert!(matches!(settlement.payments[0].outcome, Outcome::Paid(_)), "{settlement:?}");
    assert_eq!(ground.near.calls(Method::Pay), 1);
    assert_eq!(ground.reports()[0].content.trade_result(), TradeResult::Success);
}

#[test]
fn an_agreement_is_what_its_report_names() {
    let ground = Ground::new(AlipaySettings::default());
    let mut till = ground.till();
    let agreement = AgreementNo::new("20181110000000000001").unwrap();
    let purchase = Purchase::by_agreement(sale("W1", "0.50"), agreement).unwrap();
    let sold = till.sell(purchase, &Stop::new(), |_| {}).unwrap();
    assert!(matches!(sold.receipt.outcome, Outcome::Paid(_)), "{sold:?}");
    ground.wait_held(1);
    let report = &ground.reports()[0].content;
    assert_eq!(report.business_no().unwrap().expose(), "20181110000000000001");
    assert_eq!(report.trade_result(), TradeResult::Success);
}

#[test]
fn cash_is_reported_without_alipay() {
    let ground = Ground::new(AlipaySettings::default());
    let till = ground.till();
    let at = UnixMillis(1_548_811_777_999);
    till.sold_otherwise("3.50".parse().unwrap(), at).unwrap();
    ground.wait_held(1);
    let report = &ground.reports()[0].content;
    assert_eq!(report.trade_result(), TradeResult::Unsupported);
    assert_eq!((report.business_no(), report.time_stamp()), (None, 1_548_811_777));
    let error = till.sold_otherwise(Amount::MAX, at).unwrap_err();
    assert!(matches!(error, OtherSaleError::Argument(_)), "{error}");
    assert_eq!(ground.near.calls(Method::Pay), 0);
}

#[test]
fn a_stop_cancels_what_is_not_paid() {
    let customer = Customer::Leaves;
    let ground = Ground::new(AlipaySettings { customer, ..AlipaySettings::default() });
    let mut till = ground.till();
    let stop = Stop::new();
    let watch = |doing: Doing<'_>| {
        if let Doing::Paying { payment, .. } = doing {
            if !payment.requests().is_empty() {
                stop.press();
            }
        }
    };
    let sold = till.sell(by_code("A1"), &stop, watch).unwrap();
    assert_eq!(sold.receipt.outcome.reason(), "cancelled");
    ground.wait_held(1);
    assert_eq!(ground.reports()[0].content.trade_result(), TradeResult::Timeout);
}

#[test]
fn what_cannot_be_signed_or_reported_is_no_purchase() {
    let long = AuthCode::new("2".repeat(129)).unwrap();
    let error = Purchase::by_code(sale("A1", "1.00"), long).unwrap_err();
    assert_eq!(error.field, "need_sign_data");
    let most = Report::MAX_AMOUNT.to_string();
    let code = || AuthCode::new("284612345678901234").unwrap();
    assert!(Purchase::by_code(sale("A1", &most), code()).is_ok());
    let error = Purchase::by_face(sale("A1", "21474836.48"), code()).unwrap_err();
    assert_eq!(error.field, "total_amount");
}

#[test]
fn an_input_that_does_not_fit_changes_nothing() {
    let mut selling = Selling::new(by_code("A1"));
    let settled = || SellingInput::Settled(Ok(m26_pay::gateway::Settlement::default()));
    assert!(matches!(selling.step(settled()), SellingStep::Await));
    assert!(matches!(selling.step(SellingInput::Begin), SellingStep::Settle));
    assert!(matches!(selling.step(SellingInput::Begin), SellingStep::Await));
    assert!(matches!(selling.step(settled()), SellingStep::Sign(_)));
    assert!(!format!("{selling:?}").contains("2846"), "{selling:?}");
}

fn by_code(number: &str) -> Purchase {
    // Each order has a payment code of its own.
    let code = format!("2846123456789{:05}", number.bytes().map(u32::from).sum::<u32>());
    Purchase::by_code(sale(number, "10.25"), AuthCode::new(code).unwrap()).unwrap()
}

fn sale(number: &str, yuan: &str) -> Sale {
    let subject = Subject::new("lunch").unwrap();
    Sale::of(orders::number(number), yuan.parse().unwrap(), subject).build().unwrap()
}

fn entry(number: &str) -> Entry {
    Entry {
        identity: merchant().identity().into(),
        out_trade_no: orders::number(number),
        kind: EntryKind::Barcode,
        amount: "10.25".parse().unwrap(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: UnixMillis(1_795_957_200_000),
        changed: UnixMillis(1_795_957_200_000),
        owner: None,
        version: 0,
        outcome: None,
    }
}

fn settings() -> Settings {
    // Nothing was asked at this port before.
    Settings { earlier: EarlierProgram::Ended, ..Settings::default() }
}

#[allow(clippy::disallowed_methods, reason = "module and till work in real time")]
fn now() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods, reason = "module and till work in real time")]
fn pause() {
    thread::sleep(Duration::from_millis(10));
}

/// Far more than it takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);
