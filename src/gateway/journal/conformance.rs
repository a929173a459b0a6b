//! A test of a [`Journal`], for everybody who has one.
//!
//! ```
//! use m26_pay::gateway::journal::{MemoryJournal, conformance};
//!
//! let journal = MemoryJournal::new();
//! // One that can be closed and opened again gives the same journal, opened again.
//! conformance::check(&journal)?;
//! # Ok::<(), m26_pay::gateway::journal::conformance::Violation>(())
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Begun, Claim, Entry, EntryKind, Evidence, Holder, Journal, JournalError, NotPaid, NotPaidBy,
    NotRefundedBy, Owner, Paid, PaidBy, Pause, Said, Settled, Stage,
};
use crate::advice::{self, Advice};
use crate::amount::Amount;
use crate::argument::InvalidArgument;
use crate::gateway::alipay::{
    AppId, Code, GatewayUrl, Identity, OutRequestNo, OutTradeNo, SellerId, SubCode, TradeNo,
};
use crate::unix_time::UnixMillis;

/// What a journal did that it must not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {found}")]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was found.
    pub found: String,
}

impl Violation {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::platform::JOURNAL_RULE
    }
}

/// Tries every rule of [`Journal`] on an empty journal. What it writes stays there.
///
/// # Errors
/// The first rule that does not hold.
pub fn check(journal: &dyn Journal) -> Result<(), Violation> {
    begins_once(journal)?;
    changes_one_version(journal)?;
    lists_what_is_open(journal)?;
    leases(journal)?;
    hands_out_what_is_due(journal)?;
    keeps_everything(journal)
}

/// Compares what a journal that was opened again has with what [`check`] left in it.
///
/// # Errors
/// If something is missing or different.
pub fn check_reopened(journal: &dyn Journal) -> Result<(), Violation> {
    kept(journal)?;
    let open = found(journal.open_orders(None, usize::MAX), "open orders can be read")?;
    let numbers: Vec<_> = open.iter().map(|entry| entry.out_trade_no.as_str()).collect();
    holds(
        "open orders are open again, in their order",
        numbers == ["J1", "J3", "J4", "J5"],
        numbers,
    )
}

fn begins_once(journal: &dyn Journal) -> Result<(), Violation> {
    let entry = entry("J1", identity(APP)?, EntryKind::Barcode)?;
    let begun = found(journal.begin(&entry), "an order can be begun")?;
    let Begun::New(version) = begun else { return wrong("a new number is new", begun) };
    let again = found(journal.begin(&entry), "a number can be tried again")?;
    let there = Entry { version, ..entry.clone() };
    holds(
        "a number is used once, and what is there is given",
        again == Begun::Exists(Box::new(there)),
        again,
    )?;
    // The same number of another app is another order.
    let other = Entry { identity: identity(OTHER_APP)?, ..entry.clone() };
    let begun = found(journal.begin(&other), "an order of another app can be begun")?;
    holds("another app has numbers of its own", matches!(begun, Begun::New(_)), begun)?;
    let both = found(journal.numbered(&entry.out_trade_no), "a number can be looked up")?;
    holds("every order of a number is found, the oldest first", both.len() == 2, &both)?;
    holds("the oldest first", both[0].identity == entry.identity, &both)?;
    // It is settled, so that it is in nobody's way.
    settle(journal, both[1].clone())
}

fn changes_one_version(journal: &dyn Journal) -> Result<(), Violation> {
    let entry = entry("J2", identity(APP)?, EntryKind::Barcode)?;
    let missing = journal.update(&entry);
    let is_missing = matches!(missing, Err(JournalError::Missing));
    holds("what is not there cannot be changed", is_missing, missing)?;
    let begun = found(journal.begin(&entry), "an order can be begun")?;
    let Begun::New(version) = begun else { return wrong("a new number is new", begun) };
    let mut changed = Entry { version, stage: Stage::Cancelling, ..entry };
    let next = found(journal.update(&changed), "the version that is there can be changed")?;
    holds("a change makes another version", next != version, next)?;
    let stale = journal.update(&changed);
    let is_conflict = matches!(stale, Err(JournalError::Conflict));
    holds("a change of an old version is refused", is_conflict, stale)?;
    changed.version = next;
    let there = found(journal.numbered(&changed.out_trade_no), "a number can be looked up")?;
    holds("a refused change changes nothing", there == [changed.clone()], there)?;
    settle(journal, changed)
}

fn lists_what_is_open(journal: &dyn Journal) -> Result<(), Violation> {
    let app = identity(APP)?;
    for number in ["J3", "J4", "J5"] {
        let kind = if number == "J5" { refund_kind()? } else { EntryKind::Barcode };
        found(journal.begin(&entry(number, app.clone(), kind)?), "an order can be begun")?;
    }
    let mut numbers = Vec::new();
    let mut after = None;
    loop {
        let page = found(journal.open_orders(after.as_ref(), 2), "open orders can be read")?;
        holds("no more are given than were asked for", page.len() <= 2, &page)?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        numbers.extend(page.iter().map(|entry| entry.out_trade_no.to_string()));
        holds("the pages end", numbers.len() < 100, &numbers)?;
    }
    let expected = ["J1", "J3", "J4", "J5"];
    holds("open orders are given once, in the order of their begin", numbers == expected, numbers)
}

fn leases(journal: &dyn Journal) -> Result<(), Violation> {
    let (one, two) = (Holder::new("conformance 1"), Holder::new("conformance 2"));
    let lease = Duration::from_secs(600);
    let now = NOW;
    let number = made(OutTradeNo::new("J3"))?;
    let entries = found(journal.numbered(&number), "a number can be looked up")?;
    let Some(before) = entries.first() else { return wrong("J3 was begun", entries) };
    let key = before.key();
    let claim = found(journal.claim(&key, &one, now, lease), "an open order can be claimed")?;
    let Claim::Yours(mine) = claim else { return wrong("a free order is the claimer's", claim) };
    let is_mine = mine.owner.as_ref().is_some_and(|owner| owner.holder == one);
    holds("the claimer is the owner", is_mine && mine.version != before.version, &mine)?;
    let stale = journal.update(before);
    let is_conflict = matches!(stale, Err(JournalError::Conflict));
    holds("who had it before changes nothing any more", is_conflict, stale)?;
    let claim = found(journal.claim(&key, &two, now, lease), "a held order can be asked for")?;
    holds(
        "nobody else gets it",
        matches!(&claim, Claim::Held(owner) if owner.holder == one),
        &claim,
    )?;
    let claim = found(journal.claim(&key, &one, now, lease), "its owner can claim it")?;
    holds("a holder gets back what is its own", matches!(claim, Claim::Yours(_)), &claim)?;
    let Claim::Yours(mut mine) = claim else { return Ok(()) };
    mine.owner = None;
    found(journal.update(&mine), "an order can be released")?;
    let claim = found(journal.claim(&key, &two, now, lease), "a released order can be claimed")?;
    holds("a released order is anybody's", matches!(claim, Claim::Yours(_)), &claim)?;
    let Claim::Yours(mut yours) = claim else { return Ok(()) };
    yours.owner = None;
    found(journal.update(&yours), "an order can be released")?;
    let missing = super::EntryKey { out_trade_no: made(OutTradeNo::new("J99"))?, ..key };
    let claim = found(journal.claim(&missing, &one, now, lease), "any order can be asked for")?;
    holds("what is not there is missing", claim == Claim::Missing, claim)?;
    let settled = super::EntryKey { out_trade_no: made(OutTradeNo::new("J2"))?, ..missing };
    let claim = found(journal.claim(&settled, &one, now, lease), "any order can be asked for")?;
    holds("what is settled is nobody's to claim", matches!(claim, Claim::Settled(_)), claim)
}

fn hands_out_what_is_due(journal: &dyn Journal) -> Result<(), Violation> {
    let (app, one) = (identity(APP)?, Holder::new("conformance 1"));
    let lease = Duration::from_secs(600);
    let due = |app: &Identity, rest: Duration| {
        let pause = Pause { first: rest, longest: rest };
        found(journal.claim_due(app, pause, &one, NOW, lease), "what is due can be asked for")
    };
    let resting = due(&app, Duration::from_secs(3600))?;
    holds("an order that was just written rests", resting.is_none(), resting)?;
    let foreign = due(&*identity(OTHER_APP)?, Duration::ZERO)?;
    holds("another app's orders are not handed out", foreign.is_none(), foreign)?;
    let mut handed = Vec::new();
    while let Some(entry) = due(&app, Duration::ZERO)? {
        let is_mine = entry.owner.as_ref().is_some_and(|owner| owner.holder == one);
        holds("who is handed an order is its owner", is_mine && entry.is_open(), &entry)?;
        handed.push(entry);
        holds("no order is handed out twice", handed.len() < 100, &handed)?;
    }
    let mut numbers: Vec<_> = handed.iter().map(|entry| entry.out_trade_no.as_str()).collect();
    numbers.sort_unstable();
    let expected = ["J1", "J3", "J4", "J5"];
    holds("every open order of an app is handed out once", numbers == expected, &numbers)?;
    for mut entry in handed {
        entry.owner = None;
        found(journal.update(&entry), "an order can be released")?;
    }
    Ok(())
}

/// Every value that an entry can hold comes back as it was.
fn keeps_everything(journal: &dyn Journal) -> Result<(), Violation> {
    for mut entry in samples()? {
        let begun = found(journal.begin(&entry), "an order can be begun")?;
        let Begun::New(version) = begun else { return wrong("a new number is new", begun) };
        entry.version = version;
    }
    kept(journal)
}

fn kept(journal: &dyn Journal) -> Result<(), Violation> {
    for sample in samples()? {
        let there = found(journal.numbered(&sample.out_trade_no), "a number can be looked up")?;
        let version = there.first().map_or(0, |entry| entry.version);
        let expected = Entry { version, ..sample };
        holds("an entry comes back as it was", there == [expected], there)?;
    }
    Ok(())
}

/// Entries with every kind of value, all of them settled.
fn samples() -> Result<Vec<Entry>, Violation> {
    let trade_no = made(TradeNo::new("2026112922001400010001"))?;
    let seller_id = Some(made(SellerId::new("2088102146225135"))?);
    let app = identity(APP)?;
    let seller = Arc::new(Identity { seller_id, ..(*app).clone() });
    let said = |sub_code: Option<&str>, verified| Said {
        code: Code::FAILED,
        sub_code: sub_code.map(SubCode::new),
        verified,
    };
    let not_paid = |proof| Settled::NotPaid(NotPaid { trade_no: None, proof });
    let paid = |proof| {
        let trade_no = Some(trade_no.clone());
        Settled::Paid(Paid { trade_no, amount: Amount::MAX, proof })
    };
    let outcomes = [
        paid(PaidBy::Pay),
        paid(PaidBy::Query),
        not_paid(NotPaidBy::NotWritten),
        not_paid(NotPaidBy::Stopped),
        not_paid(NotPaidBy::NotSent),
        not_paid(NotPaidBy::Refused(said(Some("ACQ.PAYMENT_FAIL"), true))),
        not_paid(NotPaidBy::Refused(said(None, false))),
        not_paid(NotPaidBy::Closed),
        not_paid(NotPaidBy::Cancelled),
        not_paid(NotPaidBy::Refunded),
        not_paid(NotPaidBy::Absent),
        Settled::Refunded { amount: Amount::MAX },
        Settled::NotRefunded(NotRefundedBy::NotWritten),
        Settled::NotRefunded(NotRefundedBy::NotSent),
        Settled::NotRefunded(NotRefundedBy::Refused(said(Some("ACQ.NEW_IN_2030"), true))),
        Settled::GivenUp,
        paid(PaidBy::Notification),
    ];
    let mut samples = Vec::new();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let odd = at % 2 == 1;
        let refund = matches!(outcome, Settled::Refunded { .. } | Settled::NotRefunded(_));
        let kind = match (refund, odd) {
            (true, _) => refund_kind()?,
            (false, true) => EntryKind::Precreated,
            (false, false) => EntryKind::Barcode,
        };
        let owner = Owner { holder: Holder::new("till 1, 食堂"), until: UnixMillis(-1) };
        let whose = if odd { &seller } else { &app };
        let mut sample = entry(&format!("S{at}"), Arc::clone(whose), kind)?;
        sample.amount = Amount::MAX;
        sample.expires_after = Duration::from_millis(1);
        sample.stage = if odd { Stage::Cancelling } else { Stage::Begun };
        sample.evidence = Evidence {
            trade_no: odd.then(|| trade_no.clone()),
            seen: odd,
            last: odd.then(|| said(Some("ACQ.SYSTEM_ERROR"), at % 4 == 1)),
        };
        sample.begun = UnixMillis(i64::MIN);
        sample.changed = UnixMillis::MAX;
        sample.owner = odd.then_some(owner);
        sample.outcome = Some(outcome);
        samples.push(sample);
    }
    Ok(samples)
}

fn settle(journal: &dyn Journal, entry: Entry) -> Result<(), Violation> {
    let proof = NotPaidBy::Closed;
    let outcome = Some(Settled::NotPaid(NotPaid { trade_no: None, proof }));
    let settled = Entry { outcome, owner: None, ..entry };
    found(journal.update(&settled), "an order can be settled").map(drop)
}

fn entry(number: &str, identity: Arc<Identity>, kind: EntryKind) -> Result<Entry, Violation> {
    Ok(Entry {
        identity,
        out_trade_no: made(OutTradeNo::new(number))?,
        kind,
        amount: Amount::default(),
        expires_after: Duration::from_secs(120),
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: NOW,
        changed: NOW,
        owner: None,
        version: 0,
        outcome: None,
    })
}

fn identity(app_id: &str) -> Result<Arc<Identity>, Violation> {
    let (gateway, app_id) = (GatewayUrl::live(), made(AppId::new(app_id))?);
    Ok(Arc::new(Identity { gateway, app_id, seller_id: None }))
}

fn refund_kind() -> Result<EntryKind, Violation> {
    Ok(EntryKind::Refund { out_request_no: made(OutRequestNo::new("R1"))? })
}

/// A sample of this test.
fn made<T>(sample: Result<T, InvalidArgument>) -> Result<T, Violation> {
    sample.map_err(|error| Violation { rule: "the test's own samples", found: error.to_string() })
}

/// What a call gave that must not fail.
fn found<T>(result: Result<T, JournalError>, rule: &'static str) -> Result<T, Violation> {
    result.map_err(|error| Violation { rule, found: format!("{error} ({error:?})") })
}

fn holds(rule: &'static str, is: bool, found: impl fmt::Debug) -> Result<(), Violation> {
    if is { Ok(()) } else { wrong(rule, found) }
}

fn wrong<T>(rule: &'static str, found: impl fmt::Debug) -> Result<T, Violation> {
    Err(Violation { rule, found: format!("{found:?}") })
}

/// What the host's clock shows.
const NOW: UnixMillis = UnixMillis(1_795_957_200_000);

const APP: &str = "2026000000000001";

const OTHER_APP: &str = "2026000000000002";
