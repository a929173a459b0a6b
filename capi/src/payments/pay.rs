//! Taking money.

use std::ffi::c_void;
use std::time::Instant;

use m26_pay::gateway::Receipt;
use m26_pay::gateway::alipay::payment::{Payment, WaitsFor};
use m26_pay::till::Doing;
use zeroize::Zeroizing;

use super::purchase::{Ordered, m26pay_purchase};
use super::receipt::{Account, m26pay_receipt};
use super::stop::{given, m26pay_stop};
use super::{Kind, get, lock, m26pay_payments};
use crate::boundary::outcome;
use crate::memory::Texts;
use crate::pointer::Out;
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// What a payment waits for. Later versions may add some.
pub type m26pay_waits_for = i32;

/// For something that this version has no number for.
pub const M26PAY_WAITS_FOR_OTHER: m26pay_waits_for = 0;
/// For Alipay, which is asked for open orders first.
pub const M26PAY_WAITS_FOR_SETTLING: m26pay_waits_for = 1;
/// For the module's signature.
pub const M26PAY_WAITS_FOR_SIGNATURE: m26pay_waits_for = 2;
/// For the journal, which is being written.
pub const M26PAY_WAITS_FOR_JOURNAL: m26pay_waits_for = 3;
/// For Alipay's answer to the request for the money.
pub const M26PAY_WAITS_FOR_ALIPAY: m26pay_waits_for = 4;
/// For the customer, who has yet to pay.
pub const M26PAY_WAITS_FOR_CUSTOMER: m26pay_waits_for = 5;
/// Nobody knows what became of it; Alipay is asked.
pub const M26PAY_WAITS_FOR_PROOF: m26pay_waits_for = 6;
/// For the confirmation of a cancel.
pub const M26PAY_WAITS_FOR_CANCEL: m26pay_waits_for = 7;
/// For nothing: it is over.
pub const M26PAY_WAITS_FOR_NOTHING: m26pay_waits_for = 8;

/// How far a payment is, for a screen.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_payment_progress {
    /// What it waits for.
    pub waits_for: m26pay_waits_for,
    /// The longest that it may take until the outcome, in milliseconds; 0 if that is not known.
    pub at_most: u64,
    /// What the customer scans, once Alipay has given it, or (NULL, 0). Who has it can pay.
    pub qr_code: m26pay_str,
}

/// Is told how far a payment is, after each step. What it is given lives as long as the call. It may be NULL.
/// The thread that called calls it. It may press a stop.
pub type m26pay_payment_watch =
    Option<unsafe extern "C" fn(progress: *const m26pay_payment_progress, user: *mut c_void)>;

/// Takes a payment, and returns when its outcome is known, or when no more can be known now: see `at_most` of the
/// progress. With a module that signs, open orders are asked for before the first payment, unless
/// `m26pay_payments_settle` was called, which tells what came of each. The report of the trade goes to the outbox by
/// itself.
///
/// **Give the goods if it returns `M26PAY_OK`, and only then.** `M26PAY_NOT_PAID`: no money stays with the
/// merchant. `M26PAY_UNKNOWN`: it may be paid. A receipt was written in all three cases, and
/// `receipt->memory` is to be freed. A failure: it did not begin now; `certainty` is `M26PAY_CERTAINTY_UNKNOWN` if
/// an earlier call may have begun it.
///
/// One number is one attempt: a number that the journal has is never paid again. If its outcome is proven, that is
/// given; if not, it is asked for. `stop` (id 0: none) is the cashier's; `watch` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_pay(
    payments: m26pay_payments,
    purchase: *const m26pay_purchase,
    stop: m26pay_stop,
    watch: m26pay_payment_watch,
    watch_user: *mut c_void,
    receipt: *mut m26pay_receipt,
) -> m26pay_status {
    outcome(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("receipt", receipt) }?;
        // SAFETY: the header asks it of the caller.
        let (ordered, payer) = unsafe { Ordered::with_payer(purchase) }?;
        let kept = get(payments)?;
        let stop = given(stop)?;
        // SAFETY: the header asks it of the caller.
        let mut screen = unsafe { Screen::new(watch, watch_user) };
        let paid = match &kept.kind {
            Kind::Alone { payments, .. } => {
                payments
                    .pay(ordered.pay(payer), &stop, |payment, now| screen.paying(payment, now))?
            }
            Kind::Till(till) => {
                let purchase = ordered.purchase(payer)?;
                lock(till)?.sell(purchase, &stop, |doing| screen.doing(&doing))?.receipt
            }
        };
        Ok(kept.over(&screen.account(&paid), to))
    })
}

/// Takes a payment by a code that the customer scans: `watch` finds it, and so does the receipt. The payer of the
/// purchase is not looked at.
///
/// With `wait` 1 it is as `m26pay_payments_pay`. With `wait` 0 it returns as soon as there is a code:
/// `M26PAY_UNKNOWN`, for the reason "offered". `m26pay_payments_settle` asks for it later, and cancels what was
/// scanned and not paid by then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_precreate(
    payments: m26pay_payments,
    purchase: *const m26pay_purchase,
    wait: u8,
    stop: m26pay_stop,
    watch: m26pay_payment_watch,
    watch_user: *mut c_void,
    receipt: *mut m26pay_receipt,
) -> m26pay_status {
    outcome(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("receipt", receipt) }?;
        // SAFETY: the header asks it of the caller.
        let ordered = unsafe { Ordered::without_payer(purchase) }?;
        let kept = get(payments)?;
        let stop = given(stop)?;
        // SAFETY: the header asks it of the caller.
        let mut screen = unsafe { Screen::new(watch, watch_user) };
        let paid = kept.with(|desk| {
            let mut paying = |payment: &Payment, now| screen.paying(payment, now);
            Ok(desk.precreate(ordered.precreate(), wait != 0, &stop, &mut paying)?)
        })?;
        Ok(kept.over(&screen.account(&paid), to))
    })
}

/// Tells the caller how far a payment is.
struct Screen {
    watch: m26pay_payment_watch,
    user: *mut c_void,
    qr_code: Option<Zeroizing<String>>,
}

impl Screen {
    /// # Safety
    /// `watch` may be called with `user`.
    unsafe fn new(watch: m26pay_payment_watch, user: *mut c_void) -> Self {
        Self { watch, user, qr_code: None }
    }

    /// What is known of the payment that was shown.
    fn account<'a>(&'a self, receipt: &'a Receipt) -> Account<'a> {
        Account::of_payment(receipt, self.qr_code.as_deref().map(String::as_str))
    }

    fn doing(&mut self, doing: &Doing<'_>) {
        match doing {
            Doing::Settling => self.show(M26PAY_WAITS_FOR_SETTLING, 0),
            Doing::Signing => self.show(M26PAY_WAITS_FOR_SIGNATURE, 0),
            Doing::Paying { payment, now } => self.paying(payment, *now),
            _ => self.show(M26PAY_WAITS_FOR_OTHER, 0),
        }
    }

    fn paying(&mut self, payment: &Payment, now: Instant) {
        if let (None, Some(code)) = (&self.qr_code, payment.qr_code()) {
            self.qr_code = Some(code.expose().clone().into());
        }
        let progress = payment.progress(now);
        self.show(waits_for(progress.waits_for), progress.at_most.as_millis() as u64);
    }

    fn show(&self, waits_for: m26pay_waits_for, at_most: u64) {
        let Some(watch) = self.watch else { return };
        let mut texts = Texts::default();
        let place = self.qr_code.as_ref().map(|code| texts.add(code));
        let qr_code = texts.optional(place);
        let progress = m26pay_payment_progress { waits_for, at_most, qr_code };
        // SAFETY: whoever made this promised it.
        unsafe { watch(&progress, self.user) }
    }
}

fn waits_for(waits_for: WaitsFor) -> m26pay_waits_for {
    match waits_for {
        WaitsFor::Journal => M26PAY_WAITS_FOR_JOURNAL,
        WaitsFor::Alipay => M26PAY_WAITS_FOR_ALIPAY,
        WaitsFor::Customer => M26PAY_WAITS_FOR_CUSTOMER,
        WaitsFor::Proof => M26PAY_WAITS_FOR_PROOF,
        WaitsFor::Cancel => M26PAY_WAITS_FOR_CANCEL,
        WaitsFor::Nothing => M26PAY_WAITS_FOR_NOTHING,
        _ => M26PAY_WAITS_FOR_OTHER,
    }
}
