//! Commands about the line between host and module.

use m26_pay::m26::{
    At, BaudRate, Echo, ErrorFormat, ReadBaudRate, ReadErrorFormat, ResetResultFormat, SaveProfile,
    SetBaudRate, SetErrorFormat,
};

use crate::boundary::enter;
use crate::failure::Failure;
use crate::module::{ask, m26pay_module, send};
use crate::status::m26pay_status;

/// How a module reports an error (AT+CMEE).
pub type m26pay_error_format = i32;

/// `ERROR` alone.
pub const M26PAY_ERROR_FORMAT_PLAIN: m26pay_error_format = 0;
/// `+CME ERROR: 10`: the module's default.
pub const M26PAY_ERROR_FORMAT_NUMERIC: m26pay_error_format = 1;
/// `+CME ERROR: SIM not inserted`.
pub const M26PAY_ERROR_FORMAT_TEXT: m26pay_error_format = 2;

/// AT: whether the module answers.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_at(module: m26pay_module) -> m26pay_status {
    enter(|| send(module, At))
}

/// ATE: whether the module echoes what it is sent, 0 or 1.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_set_echo(module: m26pay_module, on: u8) -> m26pay_status {
    enter(|| send(module, Echo(on != 0)))
}

/// Has the module give results as words, as this library reads them.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_reset_result_format(module: m26pay_module) -> m26pay_status {
    enter(|| send(module, ResetResultFormat))
}

/// AT+CMEE: how the module reports an error.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_set_error_format(
    module: m26pay_module,
    format: m26pay_error_format,
) -> m26pay_status {
    enter(|| {
        let format = match format {
            M26PAY_ERROR_FORMAT_PLAIN => ErrorFormat::Plain,
            M26PAY_ERROR_FORMAT_NUMERIC => ErrorFormat::Numeric,
            M26PAY_ERROR_FORMAT_TEXT => ErrorFormat::Text,
            other => return Err(Failure::unknown_value("m26pay_error_format", other)),
        };
        send(module, SetErrorFormat(format))
    })
}

/// AT+CMEE?: how the module reports an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_get_error_format(
    module: m26pay_module,
    format: *mut m26pay_error_format,
) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "format", format, ReadErrorFormat, |format| format as i32) }
}

/// AT+IPR: the rate at which the module talks from now on, in baud; 0 has it find the rate by itself. The
/// port keeps its rate: open it again with the new one.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_set_baud(module: m26pay_module, baud: u32) -> m26pay_status {
    enter(|| send(module, SetBaudRate(BaudRate(baud))))
}

/// AT+IPR?: the rate of the module, in baud; 0 if it finds it by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_get_baud(module: m26pay_module, baud: *mut u32) -> m26pay_status {
    // SAFETY: the header asks it of the caller.
    unsafe { ask(module, "baud", baud, ReadBaudRate, |rate| rate.0) }
}

/// AT&W: the module keeps its settings, such as its rate, through a restart.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_save_profile(module: m26pay_module) -> m26pay_status {
    enter(|| send(module, SaveProfile))
}
