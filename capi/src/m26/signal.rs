//! AT+CSQ.

use m26_pay::m26::{ReadSignal, Signal};

use crate::module::{ask, m26pay_module};
use crate::status::m26pay_status;

/// The strength of the signal.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_signal {
    /// 0 to 31, or 99 if it is not known.
    pub rssi: u8,
    /// The bit error rate, 0 to 7, or 99 if it is not known.
    pub ber: u8,
    /// Whether `dbm` is known.
    pub known: bool,
    /// The strength in dBm, from -113 (or less) to -51 (or more).
    pub dbm: i32,
}

/// AT+CSQ: the strength of the signal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_signal_quality(
    module: m26pay_module,
    signal: *mut m26pay_signal,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "signal", signal, ReadSignal, m26pay_signal::from) }
}

impl From<Signal> for m26pay_signal {
    fn from(signal: Signal) -> Self {
        let dbm = signal.dbm();
        Self {
            rssi: signal.rssi,
            ber: signal.ber,
            known: dbm.is_some(),
            dbm: dbm.unwrap_or_default(),
        }
    }
}
