//! What the module and its SIM are.

use m26_pay::m26::{Identity, ReadIccid, ReadIdentity, ReadImei, ReadImsi};

use crate::memory::{Texts, m26pay_memory, m26pay_string};
use crate::module::{ask, m26pay_module};
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// What a module is. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_identity {
    /// The manufacturer: "Quectel_Ltd".
    pub manufacturer: m26pay_str,
    /// The model: "Quectel_M26".
    pub model: m26pay_str,
    /// The revision of the firmware.
    pub revision: m26pay_str,
    /// Where they live.
    pub memory: m26pay_memory,
}

/// ATI: what the module is. `identity->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_identity(
    module: m26pay_module,
    identity: *mut m26pay_identity,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "identity", identity, ReadIdentity, |it| m26pay_identity::from(&it)) }
}

/// AT+GSN: the serial number of the module, 15 digits. `imei->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_imei(
    module: m26pay_module,
    imei: *mut m26pay_string,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "imei", imei, ReadImei, |imei| m26pay_string::new(imei.as_str())) }
}

/// AT+CIMI: the identity of the subscriber, which is personal data. `imsi->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_imsi(
    module: m26pay_module,
    imsi: *mut m26pay_string,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "imsi", imsi, ReadImsi, |imsi| m26pay_string::new(imsi.expose())) }
}

/// AT+CCID: the number of the SIM card, which is personal data. `iccid->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_read_iccid(
    module: m26pay_module,
    iccid: *mut m26pay_string,
) -> m26pay_status {
    let to_c = |iccid: m26_pay::m26::Iccid| m26pay_string::new(iccid.expose());
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "iccid", iccid, ReadIccid::Ccid, to_c) }
}

impl From<&Identity> for m26pay_identity {
    fn from(identity: &Identity) -> Self {
        let mut texts = Texts::default();
        let manufacturer = texts.add(&identity.manufacturer);
        let model = texts.add(&identity.model);
        let revision = texts.add(&identity.revision);
        let placed = texts.keep();
        Self {
            manufacturer: placed.get(manufacturer),
            model: placed.get(model),
            revision: placed.get(revision),
            memory: placed.memory,
        }
    }
}
