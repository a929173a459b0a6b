//! AT+ALIPAYDID (3.5).

use m26_pay::alipay::DeviceId;

use crate::boundary::give;
use crate::memory::m26pay_string;
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// AT+ALIPAYDID: the identity that Alipay gave the device (bizTid). `biz_tid->memory` is to be freed.
/// `M26PAY_NOTHING` if there is none yet: ask again later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_device_id(
    module: m26pay_module,
    biz_tid: *mut m26pay_string,
) -> m26pay_status {
    give(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("biz_tid", biz_tid) }?;
        let found = send(module, DeviceId)?;
        Ok(found.map(|found| to.write(m26pay_string::new(found.as_str()))))
    })
}
