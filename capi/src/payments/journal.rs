//! What the journal has of an order, and what ends it from elsewhere.

use m26_pay::campus::guard::Now;
use m26_pay::gateway::alipay::notify::Reply;
use m26_pay::gateway::alipay::{OutRequestNo, OutTradeNo};
use m26_pay::gateway::journal::{Entry, EntryKind};

use super::receipt::{Account, m26pay_receipt};
use super::{get, m26pay_payments};
use crate::boundary::{enter, give, outcome};
use crate::pointer::Out;
use crate::status::{M26PAY_NOTHING, m26pay_status};
use crate::text::{self, m26pay_str};

/// What the journal has of an order, or of the refund `out_request_no` of it, unless that is (NULL, 0). Nothing is
/// asked. It returns what the payment or the refund would have returned; `M26PAY_UNKNOWN`, for the reason "open", if
/// it has no outcome yet; `M26PAY_NOTHING`, and no receipt is written, if the journal has no such number.
/// `receipt->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_find(
    payments: m26pay_payments,
    out_trade_no: m26pay_str,
    out_request_no: m26pay_str,
    receipt: *mut m26pay_receipt,
) -> m26pay_status {
    outcome(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("receipt", receipt) }?;
        // SAFETY: the header asks it of the caller.
        let number = OutTradeNo::new(unsafe { text::text("out_trade_no", out_trade_no) }?)?;
        // SAFETY: the header asks it of the caller.
        let request = match unsafe { text::optional("out_request_no", out_request_no) }? {
            Some(request) => Some(OutRequestNo::new(request)?),
            None => None,
        };
        let kept = get(payments)?;
        let (entries, identity) = (kept.journal.numbered(&number)?, kept.merchant.identity());
        let it =
            |entry: &&Entry| *entry.identity == identity && refund_of(entry) == request.as_ref();
        let Some(entry) = entries.iter().find(it) else {
            return Ok(M26PAY_NOTHING);
        };
        let account = Account::of_entry(entry, "open");
        to.write(account.keep(kept.language));
        Ok(account.outcome())
    })
}

/// A person looked after the open order of this number, and its open refunds: nothing asks for them any more, and what
/// became of the money is not known here. `M26PAY_MISSING` if none is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_give_up(
    payments: m26pay_payments,
    out_trade_no: m26pay_str,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let number = OutTradeNo::new(unsafe { text::text("out_trade_no", out_trade_no) }?)?;
        get(payments)?.with(|desk| Ok(desk.give_up(&number)?))
    })
}

/// Takes the body of a notification of Alipay's, and ends the open orders whose end it proves. `content_type` is that of
/// the request, or (NULL, 0).
///
/// `M26PAY_OK`: answer it with "success". `M26PAY_NOTHING`, which is a number that the journal does not have (yet), or a
/// failure: answer it with "fail", and Alipay sends it again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_notified(
    payments: m26pay_payments,
    content_type: m26pay_str,
    body: m26pay_str,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let content_type = unsafe { text::optional("content_type", content_type) }?;
        // SAFETY: the header asks it of the caller.
        let body = unsafe { text::bytes("body", body) }?;
        let kept = get(payments)?;
        let notification = kept.merchant.notification(content_type, body)?;
        let taken =
            notification.settle(&*kept.journal, &kept.merchant.identity(), Now::read().wall)?;
        Ok((taken.reply() == Reply::Success).then_some(()))
    })
}

fn refund_of(entry: &Entry) -> Option<&OutRequestNo> {
    match &entry.kind {
        EntryKind::Refund { out_request_no } => Some(out_request_no),
        _ => None,
    }
}
