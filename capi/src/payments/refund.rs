//! Giving money back.

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::{
    OperatorId, OutRequestNo, OutTradeNo, Refund, RefundReason, StoreId, TerminalId,
};

use super::receipt::{Account, m26pay_receipt};
use super::stop::{given, m26pay_stop};
use super::{get, m26pay_payments};
use crate::alipay::{M26PAY_NO_AMOUNT, m26pay_fen};
use crate::boundary::{enter, outcome};
use crate::failure::Failure;
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// A refund. Begin with `m26pay_refund_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_refund {
    /// The size of this structure, which `m26pay_refund_init` writes.
    pub size: usize,
    /// The merchant's number of the order that was paid.
    pub out_trade_no: m26pay_str,
    /// The merchant's number of this refund: 1 to 64 letters, digits, `_` or `-`. The same refund asked for again
    /// has the same one, and the money goes back once.
    pub out_request_no: m26pay_str,
    /// How much goes back, in fen: `M26PAY_NO_AMOUNT`, which is refused.
    pub amount: m26pay_fen,
    /// Why: none.
    pub reason: m26pay_str,
    /// The merchant's number of the store: none.
    pub store_id: m26pay_str,
    /// Who works at the till: none.
    pub operator_id: m26pay_str,
    /// The till: none.
    pub terminal_id: m26pay_str,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_refund {}

/// Writes the defaults. Both numbers and the amount have to be given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_refund_init(refund: *mut m26pay_refund) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("refund", refund) }?;
        to.write(m26pay_refund {
            size: size_of::<m26pay_refund>(),
            out_trade_no: m26pay_str::NONE,
            out_request_no: m26pay_str::NONE,
            amount: M26PAY_NO_AMOUNT,
            reason: m26pay_str::NONE,
            store_id: m26pay_str::NONE,
            operator_id: m26pay_str::NONE,
            terminal_id: m26pay_str::NONE,
        });
        Ok(())
    })
}

/// Gives money back: `M26PAY_OK` if it went back, and only then. `M26PAY_NOT_REFUNDED`: it did not.
/// `M26PAY_UNKNOWN`: ask for the same refund again, with the same number. A receipt was written in all three cases,
/// and `receipt->memory` is to be freed. A failure is as that of `m26pay_payments_pay`.
///
/// `stop` (id 0: none) ends the waiting, and leaves the refund open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_refund(
    payments: m26pay_payments,
    refund: *const m26pay_refund,
    stop: m26pay_stop,
    receipt: *mut m26pay_receipt,
) -> m26pay_status {
    outcome(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("receipt", receipt) }?;
        // SAFETY: the header asks it of the caller.
        let refund = unsafe { self::refund(refund) }?;
        let kept = get(payments)?;
        let stop = given(stop)?;
        let made = kept.with(|desk| Ok(desk.refund(refund, &stop)?))?;
        Ok(kept.over(&Account::of_refund(&made), to))
    })
}

/// A refund of the caller.
///
/// # Safety
/// As [`pointer::options`], and as [`text::text`] for the texts in it.
unsafe fn refund(refund: *const m26pay_refund) -> Result<Refund, Failure> {
    // SAFETY: as the caller promises.
    let it = unsafe { pointer::options("refund", refund) }?;
    let text = |what, it| {
        // SAFETY: as the caller promises.
        unsafe { text::optional(what, it) }
    };
    // SAFETY: as the caller promises.
    let number = OutTradeNo::new(unsafe { text::text("out_trade_no", it.out_trade_no) }?)?;
    // SAFETY: as the caller promises.
    let request = OutRequestNo::new(unsafe { text::text("out_request_no", it.out_request_no) }?)?;
    let mut refund = Refund::of(number, request, Amount::from_fen(it.amount)?);
    if let Some(reason) = text("reason", it.reason)? {
        refund = refund.reason(RefundReason::new(reason)?);
    }
    if let Some(store_id) = text("store_id", it.store_id)? {
        refund = refund.store_id(StoreId::new(store_id)?);
    }
    if let Some(operator_id) = text("operator_id", it.operator_id)? {
        refund = refund.operator_id(OperatorId::new(operator_id)?);
    }
    if let Some(terminal_id) = text("terminal_id", it.terminal_id)? {
        refund = refund.terminal_id(TerminalId::new(terminal_id)?);
    }
    Ok(refund.build()?)
}
