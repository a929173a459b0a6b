//! The test forms, such as AT+ALIPAYCFG=?.

use m26_pay::alipay::TestCommand;

use crate::boundary::enter;
use crate::failure::Failure;
use crate::module::{m26pay_module, send};
use crate::status::m26pay_status;

/// A command of the SDK.
pub type m26pay_verb = i32;

/// AT+ALIPAYCFG
pub const M26PAY_VERB_CONFIG: m26pay_verb = 0;
/// AT+ALIPAYOPEN
pub const M26PAY_VERB_OPEN: m26pay_verb = 1;
/// AT+ALIPAYPINFO
pub const M26PAY_VERB_PRODUCT_INFO: m26pay_verb = 2;
/// AT+ALIPAYSHUT
pub const M26PAY_VERB_SHUT: m26pay_verb = 3;
/// AT+ALIPAYDID
pub const M26PAY_VERB_DEVICE_ID: m26pay_verb = 4;
/// AT+ALIPAYSIGN
pub const M26PAY_VERB_SIGN: m26pay_verb = 5;
/// AT+ALIPAYREP
pub const M26PAY_VERB_REPORT: m26pay_verb = 6;
/// AT+ALIPAYACT
pub const M26PAY_VERB_USAGE: m26pay_verb = 7;

/// The test form of a command, such as AT+ALIPAYCFG=?: whether the firmware has it.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_test(module: m26pay_module, verb: m26pay_verb) -> m26pay_status {
    enter(|| {
        let command = match verb {
            M26PAY_VERB_CONFIG => TestCommand::CONFIG,
            M26PAY_VERB_OPEN => TestCommand::OPEN,
            M26PAY_VERB_PRODUCT_INFO => TestCommand::PRODUCT_INFO,
            M26PAY_VERB_SHUT => TestCommand::SHUT,
            M26PAY_VERB_DEVICE_ID => TestCommand::DEVICE_ID,
            M26PAY_VERB_SIGN => TestCommand::SIGN,
            M26PAY_VERB_REPORT => TestCommand::REPORT,
            M26PAY_VERB_USAGE => TestCommand::USAGE,
            other => return Err(Failure::unknown_value("m26pay_verb", other)),
        };
        send(module, command)
    })
}
