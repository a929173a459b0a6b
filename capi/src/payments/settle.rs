//! Asking for what is open.

use std::ffi::c_void;

use m26_pay::campus::guard::Now;
use m26_pay::gateway::Settlement;

use super::receipt::{Account, m26pay_receipt};
use super::stop::{given, m26pay_stop};
use super::{get, m26pay_payments};
use crate::boundary::{enter, give};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// Is told what came of an order or a refund, which lives as long as the call. It may be NULL. The thread that
/// called calls it, once all was asked for.
pub type m26pay_settled =
    Option<unsafe extern "C" fn(receipt: *const m26pay_receipt, user: *mut c_void)>;

/// What asking for the open orders came to.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_settlement {
    /// How many orders and refunds were asked for.
    pub asked: u64,
    /// How many of this merchant's are still open.
    pub open: u64,
    /// How many are open of another gateway, application or merchant. They were not asked for.
    pub elsewhere: u64,
}

/// Asks for every open order and refund of the journal that is due: after a start all of them, later those whose
/// wait is over. It is called before the first payment, and whenever `m26pay_payments_next_settle` says so.
///
/// `settled` is told each one, for the reason "held" if another program works on it, and "not-ours" if it is not
/// this merchant's at this gateway: whoever has its keys asks for it. After the `stop` (id 0: none) nothing new is
/// asked for. `settlement` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_settle(
    payments: m26pay_payments,
    stop: m26pay_stop,
    settled: m26pay_settled,
    settled_user: *mut c_void,
    settlement: *mut m26pay_settlement,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("settlement", settlement) }?;
        let kept = get(payments)?;
        let found = kept.settle(&given(stop)?)?;
        if let Some(settled) = settled {
            for account in accounts(&found) {
                account.show(kept.language, |receipt| {
                    // SAFETY: the header asks it of the caller.
                    unsafe { settled(receipt, settled_user) }
                });
            }
        }
        if let Some(to) = to {
            to.write(m26pay_settlement {
                asked: (found.payments.len() + found.refunds.len()) as u64,
                open: found.open() as u64,
                elsewhere: found.elsewhere.len() as u64,
            });
        }
        Ok(())
    })
}

/// In how many milliseconds `m26pay_payments_settle` should be called again, 0 if at once. `M26PAY_NOTHING` if no
/// order or refund is known to be open. A code that was offered is named when it expires: until then a customer may
/// scan it, and whoever waits for the money looks earlier.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_next_settle(
    payments: m26pay_payments,
    milliseconds: *mut u64,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("milliseconds", milliseconds) }?;
        let now = Now::read().monotonic;
        let next = get(payments)?.next_settle(now)?;
        Ok(next.map(|next| to.write(next.saturating_duration_since(now).as_millis() as u64)))
    })
}

fn accounts(settlement: &Settlement) -> Vec<Account<'_>> {
    let payments = settlement.payments.iter().map(|receipt| Account::of_payment(receipt, None));
    let refunds = settlement.refunds.iter().map(Account::of_refund);
    let held = settlement.held.iter().map(|entry| Account::of_entry(entry, "held"));
    let elsewhere = settlement.elsewhere.iter().map(Account::not_ours);
    payments.chain(refunds).chain(held).chain(elsewhere).collect()
}
