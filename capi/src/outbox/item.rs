//! What is in an outbox.

use m26_pay::alipay::Report;
use m26_pay::outbox::store::Counts;
use m26_pay::outbox::{Id, Item, ItemState, Payment, Summary};

use super::{get, m26pay_outbox};
use crate::alipay::{M26PAY_NO_SECONDS, m26pay_fen, m26pay_trade_result};
use crate::boundary::{enter, give};
use crate::memory::{Texts, m26pay_memory};
use crate::pointer::Out;
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// The state of an item. Each is a bit, so that several can be asked for. Later versions may add states.
pub type m26pay_item_state = u32;

/// It waits to be delivered.
pub const M26PAY_ITEM_PENDING: m26pay_item_state = 1;
/// Its delivery is under way.
pub const M26PAY_ITEM_SENDING: m26pay_item_state = 2;
/// It was delivered: the module holds the report, the server has the payment.
pub const M26PAY_ITEM_HELD: m26pay_item_state = 4;
/// The module holds the report in memory alone.
pub const M26PAY_ITEM_RAM_ONLY: m26pay_item_state = 8;
/// It failed for too long and stepped aside.
pub const M26PAY_ITEM_PARKED: m26pay_item_state = 16;
/// It was refused for good.
pub const M26PAY_ITEM_REJECTED: m26pay_item_state = 32;
/// The trade is under way, and how it ends is not known yet.
pub const M26PAY_ITEM_ANNOUNCED: m26pay_item_state = 64;
/// Its last moment passed before it was delivered.
pub const M26PAY_ITEM_EXPIRED: m26pay_item_state = 128;
/// The trade is an open order of the journal.
pub const M26PAY_ITEM_ORDERED: m26pay_item_state = 256;

/// How many items there are of a kind, by their states.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_counts {
    /// Those that wait to be delivered.
    pub pending: u64,
    /// Those whose delivery is under way.
    pub sending: u64,
    /// Those that were delivered.
    pub held: u64,
    /// Those that the module holds in memory alone.
    pub ram_only: u64,
    /// Those that failed for too long.
    pub parked: u64,
    /// Those that were refused for good.
    pub rejected: u64,
    /// Those whose trade is under way.
    pub announced: u64,
    /// Those whose last moment passed.
    pub expired: u64,
    /// Those whose trade is an open order.
    pub ordered: u64,
}

/// What is in an outbox.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_summary {
    /// The reports.
    pub reports: m26pay_counts,
    /// The payments.
    pub payments: m26pay_counts,
    /// How many reports the session has still to send.
    pub due: u64,
    /// How many reports were dropped because of a limit, ever.
    pub dropped: u64,
    /// Voice broadcasts that were counted and not reported.
    pub broadcasts: u64,
    /// Scans that were counted and not reported.
    pub scans: u64,
}

/// A report in an outbox. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_stored_report {
    /// Its number.
    pub number: i64,
    /// Its state.
    pub state: m26pay_item_state,
    /// When it was appended, in milliseconds since 1970.
    pub added: i64,
    /// How often it was sent.
    pub attempts: u32,
    /// How often it failed in a row.
    pub failures: u32,
    /// The amount, in fen.
    pub amount: m26pay_fen,
    /// How long the trade took, in seconds, or `M26PAY_NO_SECONDS`.
    pub time_consuming: u32,
    /// How the trade ended.
    pub trade_result: m26pay_trade_result,
    /// When the trade took place, in Unix seconds.
    pub time_stamp: i64,
    /// The serial number of the trade, or (NULL, 0). It is personal data.
    pub business_no: m26pay_str,
    /// Where it lives.
    pub memory: m26pay_memory,
}

/// What is in an outbox.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_summary(
    outbox: m26pay_outbox,
    summary: *mut m26pay_summary,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("summary", summary) }?;
        to.write(m26pay_summary::from(&get(outbox)?.summary()));
        Ok(())
    })
}

/// The first report behind the number `after` that is in one of the states, the sum of `M26PAY_ITEM_...`.
/// `M26PAY_NOTHING` if there is none. `report->memory` is to be freed. To look at all of them, begin with 0
/// and go on with the number of the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_next_report(
    outbox: m26pay_outbox,
    states: m26pay_item_state,
    after: i64,
    report: *mut m26pay_stored_report,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("report", report) }?;
        let wanted: Vec<_> =
            STATES.iter().filter(|(bit, _)| states & bit != 0).map(|(_, state)| *state).collect();
        let found = get(outbox)?.list(&wanted, Id::<Report>::new(after), 1)?;
        Ok(found.first().map(|item| to.write(item.into())))
    })
}

/// Has a report tried again that was parked or rejected, at its old place in the order.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_retry_report(outbox: m26pay_outbox, number: i64) -> m26pay_status {
    enter(|| Ok(get(outbox)?.retry(Id::<Report>::new(number))?))
}

/// Removes a report for good that was parked or rejected.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_remove_report(outbox: m26pay_outbox, number: i64) -> m26pay_status {
    enter(|| {
        get(outbox)?.remove(Id::<Report>::new(number))?;
        Ok(())
    })
}

/// Has a payment tried again that was parked, rejected or expired.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_retry_payment(outbox: m26pay_outbox, number: i64) -> m26pay_status {
    enter(|| Ok(get(outbox)?.retry(Id::<Payment>::new(number))?))
}

/// Removes a payment for good that was parked, rejected or expired.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_remove_payment(
    outbox: m26pay_outbox,
    number: i64,
) -> m26pay_status {
    enter(|| {
        get(outbox)?.remove(Id::<Payment>::new(number))?;
        Ok(())
    })
}

impl From<&Summary> for m26pay_summary {
    fn from(summary: &Summary) -> Self {
        Self {
            reports: summary.reports.into(),
            payments: summary.payments.into(),
            due: summary.reports.due(),
            dropped: summary.dropped,
            broadcasts: summary.usage.unreported.broadcasts,
            scans: summary.usage.unreported.scans,
        }
    }
}

impl From<Counts> for m26pay_counts {
    fn from(counts: Counts) -> Self {
        Self {
            pending: counts.pending,
            sending: counts.sending,
            held: counts.held,
            ram_only: counts.ram_only,
            parked: counts.parked,
            rejected: counts.rejected,
            announced: counts.announced,
            expired: counts.expired,
            ordered: counts.ordered,
        }
    }
}

impl From<&Item<Report>> for m26pay_stored_report {
    fn from(item: &Item<Report>) -> Self {
        let mut texts = Texts::default();
        let report = &item.content;
        let business_no = report.business_no().map(|number| texts.add(number.expose()));
        let placed = texts.keep();
        let state = STATES.iter().find(|(_, state)| *state == item.state);
        Self {
            number: item.id.get(),
            state: state.map_or(0, |(bit, _)| *bit),
            added: item.added.0,
            attempts: item.attempts,
            failures: item.failures,
            amount: report.amount().fen(),
            time_consuming: report.time_consuming().unwrap_or(M26PAY_NO_SECONDS),
            trade_result: report.trade_result().code(),
            time_stamp: report.time_stamp(),
            business_no: placed.optional(business_no),
            memory: placed.memory,
        }
    }
}

const STATES: [(m26pay_item_state, ItemState); 9] = [
    (M26PAY_ITEM_PENDING, ItemState::Pending),
    (M26PAY_ITEM_SENDING, ItemState::Sending),
    (M26PAY_ITEM_HELD, ItemState::Held),
    (M26PAY_ITEM_RAM_ONLY, ItemState::RamOnly),
    (M26PAY_ITEM_PARKED, ItemState::Parked),
    (M26PAY_ITEM_REJECTED, ItemState::Rejected),
    (M26PAY_ITEM_ANNOUNCED, ItemState::Announced),
    (M26PAY_ITEM_EXPIRED, ItemState::Expired),
    (M26PAY_ITEM_ORDERED, ItemState::Ordered),
];
