//! Payments of campus codes on their way to the server.

use m26_pay::campus::acceptance::CampusPayment;
use m26_pay::campus::guard::Now;
use m26_pay::outbox::{Id, Item, NextPayment, Payment, Upload};

use super::{get, m26pay_outbox};
use crate::alipay::m26pay_fen;
use crate::boundary::{enter, give};
use crate::event::M26PAY_FOREVER;
use crate::failure::Failure;
use crate::memory::{Texts, m26pay_memory};
use crate::pointer::Out;
use crate::status::{M26PAY_MALFORMED, m26pay_status};
use crate::text::m26pay_str;

/// What came of bringing a payment to the server.
pub type m26pay_upload = i32;

/// The server has it, from now or from before.
pub const M26PAY_UPLOAD_DONE: m26pay_upload = 0;
/// It failed, perhaps by its own fault: it is tried again, and parked if it fails for too long.
pub const M26PAY_UPLOAD_FAILED: m26pay_upload = 1;
/// The server refuses it for good.
pub const M26PAY_UPLOAD_REFUSED: m26pay_upload = 2;
/// It is not known whether the server has it: it is tried again.
pub const M26PAY_UPLOAD_UNKNOWN: m26pay_upload = 3;
/// The server could not be reached: it is tried again until its last moment.
pub const M26PAY_UPLOAD_UNREACHABLE: m26pay_upload = 4;

/// A payment that a checkout accepted. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_campus_payment {
    /// Its number in the outbox.
    pub number: i64,
    /// The amount, in fen.
    pub amount: m26pay_fen,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted: i64,
    /// The till's own name for it, or (NULL, 0).
    pub reference: m26pay_str,
    /// What is sent on, as bytes. It is a secret, as are the next two.
    pub final_data: m26pay_str,
    /// What is sent on, in hexadecimal, with small letters.
    pub final_data_hex: m26pay_str,
    /// What is sent on, in base64.
    pub final_data_base64: m26pay_str,
    /// Where they live.
    pub memory: m26pay_memory,
}

/// Hands out the oldest payment that waits, to be brought to the server: `m26pay_outbox_settle_payment` says
/// what came of it. `payment->memory` is to be freed. `M26PAY_NOTHING` if it is not time for one;
/// `milliseconds` is then how long it is not, `M26PAY_FOREVER` if none waits. It may be NULL.
///
/// A payment can be handed out more than once, so the server must recognise one that it has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_next_payment(
    outbox: m26pay_outbox,
    payment: *mut m26pay_campus_payment,
    milliseconds: *mut u64,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("payment", payment) }?;
        // SAFETY: the header asks it of the caller.
        let wait = unsafe { Out::optional("milliseconds", milliseconds) }?;
        let now = Now::read().monotonic;
        let next = get(outbox)?.next_payment(now)?;
        let (found, time) = match next {
            NextPayment::Payment(item) => (Some(campus_payment(&item)?), 0),
            NextPayment::NotBefore(at) => {
                (None, at.saturating_duration_since(now).as_millis() as u64)
            }
            NextPayment::Nothing => (None, M26PAY_FOREVER),
        };
        if let Some(wait) = wait {
            wait.write(time);
        }
        Ok(found.map(|found| to.write(found)))
    })
}

/// Says what came of a payment that was handed out. One that was not handed out stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_settle_payment(
    outbox: m26pay_outbox,
    number: i64,
    upload: m26pay_upload,
) -> m26pay_status {
    enter(|| {
        let upload = match upload {
            M26PAY_UPLOAD_DONE => Upload::Done,
            M26PAY_UPLOAD_FAILED => Upload::Failed,
            M26PAY_UPLOAD_REFUSED => Upload::Refused,
            M26PAY_UPLOAD_UNKNOWN => Upload::Unknown,
            M26PAY_UPLOAD_UNREACHABLE => Upload::Unreachable,
            other => return Err(Failure::unknown_value("m26pay_upload", other)),
        };
        Ok(get(outbox)?.settle_payment(
            Now::read().monotonic,
            Id::<Payment>::new(number),
            upload,
        )?)
    })
}

fn campus_payment(item: &Item<Payment>) -> Result<m26pay_campus_payment, Failure> {
    let payload = item.content.payload.as_ref().map(|payload| payload.expose());
    let payment = CampusPayment::from_bytes(payload.unwrap_or_default()).map_err(|error| {
        let number = item.id;
        Failure::misuse(M26PAY_MALFORMED, format_args!("payment {number}: {error}"))
    })?;
    let mut texts = Texts::default();
    let final_data = payment.final_data();
    let reference = payment.reference().map(|reference| texts.add(reference.as_str()));
    let bytes = texts.add_bytes(final_data.expose());
    let hex = texts.add(&zeroize::Zeroizing::new(final_data.expose_hex()));
    let base64 = texts.add(&zeroize::Zeroizing::new(final_data.expose_base64()));
    let placed = texts.keep();
    Ok(m26pay_campus_payment {
        number: item.id.get(),
        amount: payment.amount().fen(),
        accepted: payment.accepted().0,
        reference: placed.optional(reference),
        final_data: placed.get(bytes),
        final_data_hex: placed.get(hex),
        final_data_base64: placed.get(base64),
        memory: placed.memory,
    })
}
