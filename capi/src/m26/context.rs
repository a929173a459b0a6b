//! The context of packet data.

use m26_pay::m26::{Apn, Password, SelectContext, SetAccessPoint, User};

use crate::boundary::enter;
use crate::failure::Failure;
use crate::module::{m26pay_module, send};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// AT+QIFGCNT: selects the context, 0 or 1; 0 as in the spec.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_select_context(module: m26pay_module, context: u8) -> m26pay_status {
    enter(|| {
        let context = match context {
            0 => SelectContext::First,
            1 => SelectContext::Second,
            other => return Err(Failure::unknown_value("context", other)),
        };
        send(module, context)
    })
}

/// AT+QICSGP: sets the access point of the SIM's operator, with an account if it needs one: `user` and
/// `password` are both given or both (NULL, 0).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_set_access_point(
    module: m26pay_module,
    apn: m26pay_str,
    user: m26pay_str,
    password: m26pay_str,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let access_point = unsafe { access_point(apn, user, password) }?;
        send(module, access_point)
    })
}

/// An access point with these texts.
///
/// # Safety
/// As [`text::text`].
pub(crate) unsafe fn access_point(
    apn: m26pay_str,
    user: m26pay_str,
    password: m26pay_str,
) -> Result<SetAccessPoint, Failure> {
    // SAFETY: as the caller promises.
    let apn = unsafe { text::text("apn", apn) }?;
    let access_point = SetAccessPoint::new(Apn::new(apn)?);
    if user.is_none() && password.is_none() {
        return Ok(access_point);
    }
    // SAFETY: as the caller promises.
    let user = unsafe { text::text("user", user) }?;
    // SAFETY: as the caller promises.
    let password = unsafe { text::text("password", password) }?;
    Ok(access_point.account(User::new(user)?, Password::new(password)?))
}
