//! AT+ALIPAYREP (3.7).

use m26_pay::alipay::{BusinessNo, QrCode, ReadQueue, Report, TradeResult};
use m26_pay::amount::Amount;

use super::{held, m26pay_fen, m26pay_held};
use crate::boundary::enter;
use crate::failure::Failure;
use crate::module::{ask, m26pay_module, send};
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// How a trade ended.
pub type m26pay_trade_result = i32;

/// The outcome could not be obtained.
pub const M26PAY_TRADE_UNAVAILABLE: m26pay_trade_result = -1;
/// Success. The report needs a `business_no`.
pub const M26PAY_TRADE_SUCCESS: m26pay_trade_result = 0;
/// The trade timed out.
pub const M26PAY_TRADE_TIMEOUT: m26pay_trade_result = 1;
/// The trade came back as failed.
pub const M26PAY_TRADE_FAILED: m26pay_trade_result = 2;
/// The payment is being processed.
pub const M26PAY_TRADE_PROCESSING: m26pay_trade_result = 3;
/// A network error.
pub const M26PAY_TRADE_NETWORK_ERROR: m26pay_trade_result = 4;
/// An unknown error.
pub const M26PAY_TRADE_UNKNOWN: m26pay_trade_result = 5;
/// A trade of a kind that is not supported, one not paid by Alipay among them: without `business_no`.
pub const M26PAY_TRADE_UNSUPPORTED: m26pay_trade_result = 6;

/// The trade did not measure how long it took.
pub const M26PAY_NO_SECONDS: u32 = u32::MAX;

/// A report of a trade. Begin with `m26pay_report_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_report {
    /// The size of this structure, which `m26pay_report_init` writes.
    pub size: usize,
    /// The serial number of the trade (交易流水号), at most 64 bytes: none.
    pub business_no: m26pay_str,
    /// The payment code of the customer, at most 64 bytes: none. It is a secret.
    pub qr_code: m26pay_str,
    /// The amount, in fen, at most 2147483647: `M26PAY_NO_AMOUNT`, which is refused.
    pub amount: m26pay_fen,
    /// How long the trade took, in seconds: `M26PAY_NO_SECONDS`. Needed with a `business_no`.
    pub time_consuming: u32,
    /// How the trade ended: `M26PAY_TRADE_UNAVAILABLE`.
    pub trade_result: m26pay_trade_result,
    /// When the trade took place, in Unix seconds: -1, which is refused.
    pub time_stamp: i64,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_report {}

/// Writes the defaults. Amount and time have to be given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_report_init(report: *mut m26pay_report) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("report", report) }?;
        to.write(m26pay_report {
            size: size_of::<m26pay_report>(),
            business_no: m26pay_str::NONE,
            qr_code: m26pay_str::NONE,
            amount: super::M26PAY_NO_AMOUNT,
            time_consuming: M26PAY_NO_SECONDS,
            trade_result: M26PAY_TRADE_UNAVAILABLE,
            time_stamp: -1,
        });
        Ok(())
    })
}

/// AT+ALIPAYREP: gives the module a report, which the SDK sends later. `held` is where the module holds
/// it; it may be NULL. A report that must not be lost goes through an outbox: `m26pay_outbox_append`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_send_report(
    module: m26pay_module,
    report: *const m26pay_report,
    held: *mut m26pay_held,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("held", held) }?;
        // SAFETY: the header asks it of the caller.
        let report = unsafe { self::report(report) }?;
        let answer = send(module, report)?;
        if let Some(to) = to {
            to.write(self::held(answer));
        }
        Ok(())
    })
}

/// AT+ALIPAYREP?: how many records the SDK's queue takes. How many wait in it cannot be asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_report_queue(
    module: m26pay_module,
    max_record: *mut u32,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "max_record", max_record, ReadQueue, |queue| queue.max_record) }
}

/// A report of the caller.
///
/// # Safety
/// As [`pointer::options`], and as [`text::text`] for the texts in it.
pub(crate) unsafe fn report(report: *const m26pay_report) -> Result<Report, Failure> {
    // SAFETY: as the caller promises.
    let it = unsafe { pointer::options("report", report) }?;
    // SAFETY: as the caller promises.
    let business_no = unsafe { text::optional("business_no", it.business_no) }?;
    // SAFETY: as the caller promises.
    let qr_code = unsafe { text::optional("qr_code", it.qr_code) }?;
    let outcome = TradeResult::from_code(it.trade_result)
        .ok_or_else(|| Failure::unknown_value("m26pay_trade_result", it.trade_result))?;
    let mut report = Report::of(Amount::from_fen(it.amount)?, outcome, it.time_stamp);
    if let Some(business_no) = business_no {
        report = report.business_no(BusinessNo::new(business_no)?);
    }
    if let Some(qr_code) = qr_code {
        report = report.qr_code(QrCode::new(qr_code)?);
    }
    if it.time_consuming != M26PAY_NO_SECONDS {
        report = report.time_consuming(it.time_consuming);
    }
    Ok(report.build()?)
}
