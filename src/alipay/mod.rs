//! The eight commands of the Alipay SDK (Quectel M26 Alipay SDK 应用指导 V1.0, chapter 3), one
//! file each.
//!
//! | command | type |
//! |---|---|
//! | AT+ALIPAYCFG | [`SetConfig`], [`ReadConfig`], and the flow [`Configure`](crate::flows::Configure) |
//! | AT+ALIPAYOPEN | [`Open`] |
//! | AT+ALIPAYPINFO | [`ProductInfo`] |
//! | AT+ALIPAYSHUT | [`Shut`] |
//! | AT+ALIPAYDID | [`DeviceId`] |
//! | AT+ALIPAYSIGN | [`Sign`] |
//! | AT+ALIPAYREP | [`Report`], [`ReadQueue`] |
//! | AT+ALIPAYACT | [`ReportUsage`] |
//!
//! The test form of each (`AT+ALIPAY…=?`) is a [`TestCommand`].

pub(crate) mod config;
pub(crate) mod device_id;
pub(crate) mod firmware;
pub(crate) mod open;
pub(crate) mod product_info;
pub(crate) mod report;
pub(crate) mod shut;
pub(crate) mod sign;
mod status;
mod test_form;
pub(crate) mod usage;

use std::time::Duration;

use crate::at::command::{Awaited, Deadline, Encoded, Request, WhileClosed};
use crate::at::profile::Profile;
use crate::at::verb::{Effect, Verb};

pub use config::{
    Config, DeviceSupplierNo, Environment, ItemId, MerchantUserId, ProductKey, ReadConfig,
    SetConfig, StoredConfig, TerminalId,
};
pub use device_id::{BizTid, DeviceId};
pub use open::{Open, Opened};
pub use product_info::{HumanVerify, ProductInfo};
pub use report::{BusinessNo, QrCode, ReadQueue, Report, ReportBuilder, ReportQueue, TradeResult};
pub use shut::Shut;
pub use sign::{COUNTED, Sign, SignData, SignMode, SignPolicy, SignedData};
pub use status::{DeviceIdStatus, Held, OpenStatus, ReportStatus, SignStatus};
pub use test_form::TestCommand;
pub use usage::ReportUsage;

/// The verbs of the eight commands, in the spec's order. The last entry stands for any other verb
/// that begins with `+ALIPAY`.
pub(crate) const VERBS: &[Verb] = &[
    config::VERB,
    open::VERB,
    product_info::VERB,
    shut::VERB,
    device_id::VERB,
    sign::VERB,
    report::VERB,
    usage::VERB,
    Verb { family: true, effect: Effect::Unknown, ..verb("+ALIPAY") },
];

/// An ALIPAY command. They run one at a time.
const fn verb(name: &'static str) -> Verb {
    Verb { group: Some(GROUP), ..Verb::new(name) }
}

/// The request of an ALIPAY command that expects a final result.
fn request(line: Encoded) -> Request {
    Request::new(line).group(GROUP).final_within(FINAL)
}

/// The request of an ALIPAY command in a form that acts. The entry of its verb says how it ends.
fn action(verb: &Verb, line: Encoded, profile: &Profile) -> Request {
    let mut request = request(line);
    if let Some(result) = verb.result {
        request = request.result(Awaited {
            prefix: verb.name,
            alias: None,
            shape: result.shape,
            ok_alone: profile.is_ok_alone(verb.name),
            deadline: RESULT,
            release: result.release,
            made_at: result.made_at,
            begins: result.begins,
            while_closed: result.while_closed,
        });
    }
    match verb.last_line {
        Some(last_line) => request.ends_with(last_line),
        None => request,
    }
}

/// The final result of a command whose firmware may work first and answer OK last.
fn final_after_result(profile: &Profile) -> Deadline {
    if profile.result_before_ok { FINAL_AFTER_RESULT } else { FINAL }
}

const GROUP: &str = "ALIPAY";

/// 2, 未初始化 (V1.0, 3.5 and 3.7): the answer of an SDK that was not opened.
const NOT_INITIALISED: WhileClosed = WhileClosed::Code("2");

/// Not specified; chosen as three times the crate's usual deadline, because the SDK may write to
/// the module's NVM before it answers.
const FINAL: Deadline = Deadline::millis("final result of the ALIPAY command", 10_000);

/// Not specified; chosen as twice the 15 s that the SDK's own demo allows for its start. openLuat's
/// driver waits 120 s for any command, which is too long for a customer at a till.
const RESULT: Deadline = Deadline::millis("result of the ALIPAY command", 30_000);

/// Not specified; the time for the result and for the `OK` behind it.
const FINAL_AFTER_RESULT: Deadline = Deadline {
    name: "result and final result of the ALIPAY command",
    after: Duration::from_millis(40_000),
};
