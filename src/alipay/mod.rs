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
//! | AT+ALIPAYACT | [`Behaviour`] |
//!
//! The test form of each (`AT+ALIPAY…=?`) is a [`TestCommand`].

pub(crate) mod behaviour;
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

use std::time::Duration;

use bytes::Bytes;

use crate::at::command::{Awaited, Deadline, Release, Request};
use crate::at::field::Shape;
use crate::at::profile::Profile;

pub use behaviour::Behaviour;
pub use config::{
    Config, DeviceSupplierNo, Environment, ItemId, MerchantUserId, ProductKey, ReadConfig,
    SetConfig, StoredConfig, TerminalId,
};
pub use device_id::{BizTid, DeviceId};
pub use open::{Open, Opened};
pub use product_info::{HumanVerify, ProductInfo};
pub use report::{BusinessNo, QrCode, Queue, ReadQueue, Report, ReportBuilder, TradeResult};
pub use shut::Shut;
pub use sign::{COUNTED, Sign, SignData, SignMode, SignPolicy, SignedData};
pub use status::{DeviceIdStatus, Held, OpenStatus, ReportStatus, SignStatus};
pub use test_form::TestCommand;

/// Commands of this group run one at a time.
pub(crate) const GROUP: &str = "ALIPAY";

/// The request of an ALIPAY command that expects a final result.
fn request(line: Bytes) -> Request {
    Request::new(line).group(GROUP).final_within(FINAL)
}

/// A result line of one ALIPAY command.
fn result(prefix: &'static str, shape: Shape, release: Release, profile: &Profile) -> Awaited {
    Awaited {
        prefix,
        alias: None,
        shape,
        ok_alone: profile.is_ok_alone(prefix),
        deadline: RESULT,
        release,
    }
}

/// The final result of a command whose firmware may work first and answer OK last.
fn final_after_result(profile: &Profile) -> Deadline {
    if profile.result_before_ok { FINAL_AFTER_RESULT } else { FINAL }
}

/// Not specified; chosen three times the crate's usual one, because the SDK may write to the
/// module's NVM before it answers.
const FINAL: Deadline = Deadline::millis("final result of the ALIPAY command", 10_000);

/// Not specified; chosen twice the 15 s with which the SDK's own demo guards its start. openLuat's
/// driver waits 120 s for any command, which is too long for somebody who stands at a till.
const RESULT: Deadline = Deadline::millis("result of the ALIPAY command", 30_000);

/// Not specified; the time for the result and for the `OK` behind it.
const FINAL_AFTER_RESULT: Deadline = Deadline {
    name: "result and final result of the ALIPAY command",
    after: Duration::from_millis(40_000),
};
