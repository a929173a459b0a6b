//! The eight commands of the Alipay SDK (Quectel M26 Alipay SDK 应用指导 V1.0, chapter 3), one
//! file each.
//!
//! | command | type |
//! |---|---|
//! | AT+ALIPAYCFG | [`SetConfig`](config::SetConfig), [`ReadConfig`](config::ReadConfig), and the flow [`Configure`](configure::Configure) |
//! | AT+ALIPAYOPEN | [`Open`](open::Open) |
//! | AT+ALIPAYPINFO | [`ProductInfo`](product_info::ProductInfo) |
//! | AT+ALIPAYSHUT | [`Shut`](shut::Shut) |
//! | AT+ALIPAYDID | [`DeviceId`](device_id::DeviceId) |
//! | AT+ALIPAYSIGN | [`Sign`](sign::Sign) |
//! | AT+ALIPAYREP | [`Report`](report::Report), [`ReadQueue`](report::ReadQueue) |
//! | AT+ALIPAYACT | [`Behaviour`](behaviour::Behaviour) |
//!
//! The test form of each (`AT+ALIPAY…=?`) is a [`TestCommand`](test_form::TestCommand).

pub mod behaviour;
pub mod config;
pub mod device_id;
pub mod open;
pub mod product_info;
pub mod report;
pub mod shut;
pub mod sign;
pub mod status;
pub mod test_form;

use std::time::Duration;

use bytes::Bytes;

use crate::at::command::{Awaited, Deadline, Release, Request};
use crate::at::field::Shape;
use crate::at::profile::Profile;

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
