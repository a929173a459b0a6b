//! Switching the module off, and restarting it.

use m26_pay::m26::{PowerOff, Reset};

use crate::boundary::enter;
use crate::module::{m26pay_module, send};
use crate::status::m26pay_status;

/// AT+QPOWD: switches the module off. With `urgent` (0 or 1) at once, without leaving the network; without,
/// the module saves what it has to. `m26pay_shut` comes before, so that the SDK saves what it holds.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_power_off(module: m26pay_module, urgent: u8) -> m26pay_status {
    let how = if urgent == 0 { PowerOff::Normal } else { PowerOff::Urgent };
    enter(|| send(module, how))
}

/// AT+CFUN=1,1: restarts the module.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_reset(module: m26pay_module) -> m26pay_status {
    enter(|| send(module, Reset))
}
