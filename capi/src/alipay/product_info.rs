//! AT+ALIPAYPINFO (3.3).

use m26_pay::alipay::{HumanVerify, ProductInfo};

use super::{held, m26pay_held};
use crate::boundary::enter;
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// By a QR code.
pub const M26PAY_VERIFY_QR_CODE: u32 = 1;
/// By the face.
pub const M26PAY_VERIFY_FACE: u32 = 2;
/// By the phone number, with a message or a call.
pub const M26PAY_VERIFY_PHONE: u32 = 4;
/// By the voiceprint.
pub const M26PAY_VERIFY_VOICEPRINT: u32 = 8;
/// By NFC.
pub const M26PAY_VERIFY_NFC: u32 = 16;
/// By the fingerprint.
pub const M26PAY_VERIFY_FINGERPRINT: u32 = 32;
/// By the e-mail address.
pub const M26PAY_VERIFY_EMAIL: u32 = 64;

/// AT+ALIPAYPINFO: how the device verifies its customers, the sum of `M26PAY_VERIFY_...`. `held` is where
/// the module holds the record; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_product_info(
    module: m26pay_module,
    human_verify: u32,
    held: *mut m26pay_held,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("held", held) }?;
        let info = ProductInfo::new(HumanVerify::from_bits_retain(human_verify))?;
        let answer = send(module, info)?;
        if let Some(to) = to {
            to.write(self::held(answer));
        }
        Ok(())
    })
}
