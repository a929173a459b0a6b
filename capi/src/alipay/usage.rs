//! AT+ALIPAYACT (3.8).

use m26_pay::alipay::ReportUsage;

use super::{held, m26pay_held};
use crate::boundary::enter;
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;

/// AT+ALIPAYACT: how many voice broadcasts there were, and how many codes were scanned, since the last time.
/// `held` is where the module holds the record; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_report_usage(
    module: m26pay_module,
    broadcasts: u32,
    scans: u32,
    held: *mut m26pay_held,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("held", held) }?;
        let answer = send(module, ReportUsage { broadcasts, scans })?;
        if let Some(to) = to {
            to.write(self::held(answer));
        }
        Ok(())
    })
}
