//! AT+ALIPAYSIGN (3.6).

use m26_pay::alipay::{BizTid, Sign, SignData, SignMode, SignPolicy};
use m26_pay::amount::Amount;
use m26_pay::flows::Signing;

use super::m26pay_fen;
use crate::boundary::enter;
use crate::failure::Failure;
use crate::memory::m26pay_string;
use crate::module::{self, m26pay_module};
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// How the customer pays, which decides what data is signed.
pub type m26pay_sign_mode = i32;

/// 用户被扫: the payment code that the customer shows (16 to 24 digits).
pub const M26PAY_SIGN_PAYER_CODE: m26pay_sign_mode = 1;
/// 用户人脸: the token of the customer's face.
pub const M26PAY_SIGN_FACE: m26pay_sign_mode = 2;
/// 用户主扫: the trade number behind a code that the customer scanned.
pub const M26PAY_SIGN_PAYER_SCANS: m26pay_sign_mode = 3;
/// 第三方代扣: the number of a withholding agreement.
pub const M26PAY_SIGN_WITHHOLDING: m26pay_sign_mode = 4;

/// No amount is signed.
pub const M26PAY_NO_AMOUNT: m26pay_fen = u64::MAX;

/// What is to be signed. Begin with `m26pay_sign_request_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_sign_request {
    /// The size of this structure, which `m26pay_sign_request_init` writes.
    pub size: usize,
    /// How the customer pays. There is no default.
    pub mode: m26pay_sign_mode,
    /// What is to be signed, at most 128 bytes. It is a secret.
    pub data: m26pay_str,
    /// The amount, in fen: `M26PAY_NO_AMOUNT`.
    pub amount: m26pay_fen,
    /// The bizTid that the signature has to name; (NULL, 0) does not look. A session knows its own.
    pub biz_tid: m26pay_str,
    /// Whether a signature is taken that does not cover the amount, 0 or 1: 0.
    pub allow_unsigned_amount: u8,
    /// Whether a signature is taken that does not name the device, 0 or 1: 0.
    pub allow_other_device: u8,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_sign_request {}

/// Writes the defaults: nothing to sign, no amount.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_sign_request_init(
    request: *mut m26pay_sign_request,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("request", request) }?;
        to.write(m26pay_sign_request {
            size: size_of::<m26pay_sign_request>(),
            mode: 0,
            data: m26pay_str::NONE,
            amount: M26PAY_NO_AMOUNT,
            biz_tid: m26pay_str::NONE,
            allow_unsigned_amount: 0,
            allow_other_device: 0,
        });
        Ok(())
    })
}

/// AT+ALIPAYSIGN: has the SDK sign a payment. `signed_data` is what Alipay's payment call takes as it is
/// (`terminal_params`); it is a secret, and `signed_data->memory` is to be freed.
///
/// A signature that did not come is no reason against the next one: what comes late is told from it by the
/// module's clock, and is given to nobody.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_sign(
    module: m26pay_module,
    request: *const m26pay_sign_request,
    signed_data: *mut m26pay_string,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("signed_data", signed_data) }?;
        // SAFETY: the header asks it of the caller.
        let sign = unsafe { sign(request) }?;
        let signed = if module::get(module)?.session().is_some() {
            module::send(module, sign)?
        } else {
            module::run(module, Signing::new(sign), &mut |_| ())??
        };
        to.write(m26pay_string::new(signed.expose()));
        Ok(())
    })
}

/// # Safety
/// As [`pointer::options`], and as [`text::text`] for the texts in it.
unsafe fn sign(request: *const m26pay_sign_request) -> Result<Sign, Failure> {
    // SAFETY: as the caller promises.
    let it = unsafe { pointer::options("request", request) }?;
    let mode = match it.mode {
        M26PAY_SIGN_PAYER_CODE => SignMode::PayerCode,
        M26PAY_SIGN_FACE => SignMode::Face,
        M26PAY_SIGN_PAYER_SCANS => SignMode::PayerScans,
        M26PAY_SIGN_WITHHOLDING => SignMode::Withholding,
        other => return Err(Failure::unknown_value("m26pay_sign_mode", other)),
    };
    // SAFETY: as the caller promises.
    let data = unsafe { text::text("data", it.data) }?;
    // SAFETY: as the caller promises.
    let biz_tid = unsafe { text::optional("biz_tid", it.biz_tid) }?;
    let mut sign = Sign::new(mode, SignData::new(data)?);
    if it.amount != M26PAY_NO_AMOUNT {
        sign = sign.amount(Amount::from_fen(it.amount)?);
    }
    if let Some(biz_tid) = biz_tid {
        sign = sign.for_device(BizTid::new(biz_tid)?);
    }
    let mut policy = SignPolicy::STRICT;
    if it.allow_unsigned_amount != 0 {
        policy = policy.allow_unsigned_amount(mode);
    }
    if it.allow_other_device != 0 {
        policy = policy.allow_other_device(mode);
    }
    Ok(sign.policy(policy))
}
