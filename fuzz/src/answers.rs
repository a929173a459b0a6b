//! What the module answers, understood by every command.

use m26_pay::alipay::{
    DeviceId, DeviceIdStatus, Held, HumanVerify, Open, OpenStatus, Opened, ProductInfo, ReadConfig,
    ReadQueue, ReportUsage, SignStatus,
};
use m26_pay::amount::Amount;
use m26_pay::at::command::{Command, DecodeError, Reply};
use m26_pay::at::line::Line;
use m26_pay::at::result::FinalResult;
use m26_pay::m26::{NtpCommand, NtpStatus, NtpSync, ReadClock};
use m26_pay::urc::Urc;

use super::source::{Source, assert_hidden, unfold};
use support::commands::{every_answer, report, sign};

/// No reply panics any command, no error shows a secret, and where a result line says the same as a
/// URC, command and URC agree about it.
///
/// The first byte chooses the final result, and whether the last line is the result; then come
/// lines, with LF between them.
pub fn answers(data: &[u8]) {
    let reply = reply(&mut Source::new(data));
    every_answer(&reply).iter().for_each(|told| assert_hidden(told));
    understood(&reply);
    if let Some(line) = &reply.result {
        agree(&reply, &Urc::parse(line.as_bytes()));
    }
}

/// A reply of the lines that are left.
pub(super) fn reply(source: &mut Source<'_>) -> Reply {
    let choice = source.byte();
    let mut lines: Vec<Line> =
        source.rest().split(|byte| *byte == b'\n').map(|line| Line::new(unfold(line))).collect();
    let result = if choice & 1 == 0 { lines.pop() } else { None };
    let final_result = if choice & 2 == 0 { Some(FinalResult::Ok) } else { None };
    Reply { lines: lines.into(), result, final_result }
}

/// What is an answer holds what it must.
fn understood(reply: &Reply) {
    if let Some(signed) = decode(&sign(), reply) {
        assert!((1..=2048).contains(&signed.len()) && signed.len() == signed.expose().len());
    }
    let biz_tid = "0101".parse().unwrap();
    if let Some(signed) = decode(&sign().amount(Amount::MAX).for_device(biz_tid), reply) {
        // What can be read covers both.
        assert!(signed.get("signedKeys").is_none_or(|keys| keys.contains("totalAmount")));
        assert!(signed.get("bizTid").is_none_or(|biz_tid| biz_tid == "0101"));
    }
    if let Some(stored) = decode(&ReadConfig, reply) {
        assert_hidden(&format!("{:?} {:?}", stored.product_key, stored.other));
        let _ = stored.is_unset();
    }
    if let Some(queue) = decode(&ReadQueue, reply) {
        assert!(matches!(queue.status.0, 0 | 7));
    }
    if let Some(time) = decode(&ReadClock, reply) {
        assert!(!time.to_string().is_empty());
        assert_eq!(time.unix_seconds().is_some(), time.zone.is_some());
    }
}

/// A line that is both the result of a command and a URC is read alike as either.
fn agree(reply: &Reply, urc: &Urc<'_>) {
    let opened = match urc {
        Urc::AlipayOpen(OpenStatus::OPENED) => Some(Opened::Now),
        Urc::AlipayOpen(OpenStatus::ALREADY_OPEN) => Some(Opened::Already),
        _ => None,
    };
    assert_eq!(Open.decode(reply).ok(), opened);

    let known = match urc {
        Urc::AlipayDeviceId { status: DeviceIdStatus::SUCCESS, biz_tid } => {
            Some(biz_tid.as_deref())
        }
        _ => None,
    };
    match DeviceId.decode(reply) {
        Ok(biz_tid) => assert_eq!(Some(biz_tid.as_ref().map(|id| id.as_str())), known),
        // The command takes only what can be sent again.
        Err(DecodeError::Malformed { .. }) => {}
        Err(_) => assert_eq!(known, None),
    }

    let signed = match urc {
        Urc::AlipaySign { status: SignStatus::SUCCESS, signed_data } => signed_data.as_ref(),
        _ => None,
    };
    let own = sign().decode(reply).ok();
    assert_eq!(own.as_ref().map(|own| own.expose()), signed.map(|data| &**data.expose()));

    let held = |code| match code {
        0 => Some(Held::Stored),
        7 => Some(Held::RamOnly),
        _ => None,
    };
    let reported = if let Urc::AlipayReport(status) = urc { held(status.0) } else { None };
    assert_eq!(report().decode(reply).ok(), reported);
    let used = if let Urc::AlipayUsage(status) = urc { held(status.0) } else { None };
    assert_eq!(ReportUsage { broadcasts: 1, scans: 1 }.decode(reply).ok(), used);
    let told = if let Urc::AlipayProductInfo(status) = urc { held(status.0) } else { None };
    assert_eq!(ProductInfo::new(HumanVerify::FACE).unwrap().decode(reply).ok(), told);

    let sync = NtpSync { verb: NtpCommand::Qnttp, server: None, port: None };
    let set = matches!(urc, Urc::Ntp { status: NtpStatus::SUCCESS, .. });
    assert_eq!(sync.decode(reply).is_ok(), set);
}

/// The answer, if it is one. An error says what it must and no more.
pub(super) fn decode<C: Command>(command: &C, reply: &Reply) -> Option<C::Response> {
    command.decode(reply).map_err(|error| assert_hidden(&format!("{error} {error:?}"))).ok()
}
