//! AT+ALIPAYOPEN (3.2) and AT+ALIPAYSHUT (3.4).

use m26_pay::alipay::{Open, Opened, Shut};

use crate::boundary::enter;
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// AT+ALIPAYOPEN: opens the SDK. `already` is whether it was open before; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_open(module: m26pay_module, already: *mut bool) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("already", already) }?;
        let opened = send(module, Open)?;
        if let Some(to) = to {
            to.write(opened == Opened::Already);
        }
        Ok(())
    })
}

/// AT+ALIPAYSHUT: closes the SDK, which saves what it holds.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_shut(module: m26pay_module) -> m26pay_status {
    enter(|| send(module, Shut))
}
