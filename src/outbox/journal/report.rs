//! The report of an order, for AT+ALIPAYREP.

use crate::alipay::{BusinessNo, Report, TradeResult};
use crate::gateway::alipay::payment::Outcome;
use crate::gateway::journal::{Entry, EntryKind, JournalError, Settled};
use crate::outbox::Id;

/// The number of a report in the outbox.
pub(super) type ReportId = Id<Report>;

/// The report of an order that begins; a refund has none.
///
/// Its outcome is −1, 交易结果无法获取, because nothing else is known yet. It is not sent before the
/// order is settled.
pub(super) fn announced(
    entry: &Entry,
    business_no: Option<BusinessNo>,
) -> Result<Option<Report>, JournalError> {
    if matches!(entry.kind, EntryKind::Refund { .. }) {
        return Ok(None);
    }
    let report = Report::at(entry.amount, TradeResult::Unavailable, entry.begun);
    let report = match business_no {
        Some(business_no) => report.business_no(business_no).time_consuming(0),
        None => report,
    };
    // A trade that cannot be reported must not begin.
    report.build().map(Some).map_err(|error| JournalError::Failed(Box::new(error)))
}

/// The report that replaces the announced one when the order is settled.
pub(super) fn completed(announced: &Report, entry: &Entry) -> Option<Report> {
    let settled = entry.outcome.as_ref()?;
    let result = Outcome::of(settled, &entry.evidence)?.trade_result();
    let trade_no = match settled {
        Settled::Paid(paid) => paid.trade_no.as_ref(),
        Settled::NotPaid(not_paid) => not_paid.trade_no.as_ref(),
        _ => None,
    };
    let trade_no = trade_no.or(entry.evidence.trade_no.as_ref()).map(|number| number.as_str());
    // A success needs a number (spec V1.0, 3.7). If Alipay's is not known, it is the merchant's.
    let ours = (result == TradeResult::Success).then(|| entry.out_trade_no.as_str());
    let number = trade_no.or(ours).and_then(|number| BusinessNo::new(number).ok());
    let report = Report::at(entry.amount, result, entry.begun);
    let report = match announced.business_no().cloned().or(number) {
        Some(number) => report.business_no(number).took(entry.changed.since(entry.begun)),
        None => report,
    };
    // What was announced could be built, and this has what a success needs.
    report.build().ok()
}
