//! The registration in the network, and its state at a glance.

use m26_pay::m26::{NetworkStatus, ReadNetworkStatus, ReadRegistration, Registration};

use super::m26pay_signal;
use crate::failure::Failure;
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// Of what a registration is.
pub type m26pay_network = i32;

/// Of the network, which calls need and payments do not (AT+CREG?).
pub const M26PAY_NETWORK_GSM: m26pay_network = 0;
/// Of packet data (AT+CGREG?).
pub const M26PAY_NETWORK_GPRS: m26pay_network = 1;

/// A registration of the module, and its cell.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_registration {
    /// The number of 3GPP TS 27.007, 7.2: 0 idle, 1 home, 2 searching, 3 denied, 4 unknown, 5 roaming.
    pub status: i32,
    /// Whether that is registered, at home or roaming.
    pub registered: bool,
    /// Whether the module names its cell.
    pub has_cell: bool,
    /// The location area code.
    pub lac: u32,
    /// The identity of the cell.
    pub ci: u32,
}

/// The state of the network.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_network_status {
    /// The registration in the network.
    pub gsm: m26pay_registration,
    /// The registration for packet data, which is all that payments need.
    pub gprs: m26pay_registration,
    /// The strength of the signal.
    pub signal: m26pay_signal,
}

/// AT+CREG? or AT+CGREG?: how the module is registered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_registration(
    module: m26pay_module,
    network: m26pay_network,
    registration: *mut m26pay_registration,
) -> m26pay_status {
    crate::boundary::enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("registration", registration) }?;
        let command = match network {
            M26PAY_NETWORK_GSM => ReadRegistration::Gsm,
            M26PAY_NETWORK_GPRS => ReadRegistration::Gprs,
            other => return Err(Failure::unknown_value("m26pay_network", other)),
        };
        to.write(send(module, command)?.into());
        Ok(())
    })
}

/// Both registrations and the signal, with one line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_network_status(
    module: m26pay_module,
    status: *mut m26pay_network_status,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { crate::module::ask(module, "status", status, ReadNetworkStatus, Into::into) }
}

impl From<Registration> for m26pay_registration {
    fn from(registration: Registration) -> Self {
        let cell = registration.cell;
        Self {
            status: registration.status.0,
            registered: registration.status.is_registered(),
            has_cell: cell.is_some(),
            lac: cell.map_or(0, |cell| cell.lac),
            ci: cell.map_or(0, |cell| cell.ci),
        }
    }
}

impl From<NetworkStatus> for m26pay_network_status {
    fn from(status: NetworkStatus) -> Self {
        Self { gsm: status.gsm.into(), gprs: status.gprs.into(), signal: status.signal.into() }
    }
}
