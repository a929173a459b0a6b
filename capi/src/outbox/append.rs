//! What a till keeps in an outbox.

use m26_pay::alipay::Report;
use m26_pay::outbox::{Id, Usage};

use super::{get, m26pay_outbox};
use crate::alipay::{self, m26pay_report};
use crate::boundary::enter;
use crate::pointer::Out;
use crate::status::m26pay_status;

/// Appends a report: it is on disk when this returns `M26PAY_OK`, and only then. `number` is its number in
/// this outbox; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_append(
    outbox: m26pay_outbox,
    report: *const m26pay_report,
    number: *mut i64,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("number", number) }?;
        // SAFETY: the header asks it of the caller.
        let report = unsafe { alipay::report(report) }?;
        let id = get(outbox)?.append(&report)?;
        if let Some(to) = to {
            to.write(id.get());
        }
        Ok(())
    })
}

/// Keeps the report of a trade that is about to begin. It is on disk when this returns, and is not sent yet:
/// `m26pay_outbox_complete` or `m26pay_outbox_withdraw` says what came of the trade. If the host dies before
/// that, it is sent as it was announced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_announce(
    outbox: m26pay_outbox,
    report: *const m26pay_report,
    number: *mut i64,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("number", number) }?;
        // SAFETY: the header asks it of the caller.
        let report = unsafe { alipay::report(report) }?;
        to.write(get(outbox)?.announce(&report)?.get());
        Ok(())
    })
}

/// Says how an announced trade ended: this report takes the place of the announced one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_complete(
    outbox: m26pay_outbox,
    number: i64,
    report: *const m26pay_report,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let report = unsafe { alipay::report(report) }?;
        Ok(get(outbox)?.complete(Id::<Report>::new(number), &report)?)
    })
}

/// An announced trade did not take place: its report is removed.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_withdraw(outbox: m26pay_outbox, number: i64) -> m26pay_status {
    enter(|| Ok(get(outbox)?.withdraw(Id::<Report>::new(number))?))
}

/// Counts voice broadcasts and scans, on disk, until they are reported to the module.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_count_usage(
    outbox: m26pay_outbox,
    broadcasts: u32,
    scans: u32,
) -> m26pay_status {
    enter(|| {
        let usage = Usage { broadcasts: broadcasts.into(), scans: scans.into() };
        get(outbox)?.count_usage(usage)?;
        Ok(())
    })
}
