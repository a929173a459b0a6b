//! Commands, and every one of them to understand a reply.

use std::fmt::Debug;

use m26_pay::alipay::{
    Config, DeviceId, Environment, HumanVerify, Open, ProductInfo, ReadConfig, ReadQueue, Report,
    ReportUsage, SetConfig, Shut, Sign, SignData, SignMode, TestCommand, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::command::{Command, Reply};
use m26_pay::m26::{
    At, BaudRate, Echo, ErrorFormat, NtpCommand, NtpSync, PowerOff, Raw, ReadBaudRate, ReadClock,
    ReadErrorFormat, ReadIccid, ReadIdentity, ReadImei, ReadImsi, ReadNetworkStatus,
    ReadRegistration, ReadSignal, ReadSim, Reset, ResetResultFormat, SaveProfile, SelectContext,
    SetAccessPoint, SetBaudRate, SetErrorFormat,
};

/// Has every command understand the reply. What comes of it is what may show no secret: all errors,
/// and the answers that hold one.
pub fn every_answer(reply: &Reply) -> Vec<String> {
    let mut told = Vec::new();
    for test in TestCommand::all() {
        open(&mut told, &test, reply);
    }
    open(&mut told, &ReportUsage { broadcasts: 1, scans: 1 }, reply);
    open(&mut told, &DeviceId, reply);
    open(&mut told, &Open, reply);
    open(&mut told, &ProductInfo::new(HumanVerify::FACE).expect("a way"), reply);
    open(&mut told, &ReadConfig, reply);
    open(&mut told, &ReadQueue, reply);
    open(&mut told, &report(), reply);
    open(&mut told, &SetConfig(config(["1", "2", "3", "4", "5"], 4).expect("values")), reply);
    open(&mut told, &Shut, reply);
    secret(&mut told, &sign(), reply);
    let biz_tid = "0101".parse().expect("a bizTid");
    secret(&mut told, &sign().amount(Amount::MAX).for_device(biz_tid), reply);

    open(&mut told, &At, reply);
    open(&mut told, &Echo(true), reply);
    open(&mut told, &NtpSync { verb: NtpCommand::Qntp, server: None, port: None }, reply);
    open(&mut told, &PowerOff::Normal, reply);
    open(&mut told, &ReadBaudRate, reply);
    open(&mut told, &ReadClock, reply);
    open(&mut told, &ReadErrorFormat, reply);
    open(&mut told, &ReadIdentity, reply);
    open(&mut told, &ReadImei, reply);
    open(&mut told, &ReadNetworkStatus, reply);
    open(&mut told, &ReadRegistration::Gprs, reply);
    open(&mut told, &ReadRegistration::Gsm, reply);
    open(&mut told, &ReadSignal, reply);
    open(&mut told, &Reset, reply);
    open(&mut told, &ResetResultFormat, reply);
    open(&mut told, &SaveProfile, reply);
    open(&mut told, &SelectContext::First, reply);
    open(&mut told, &SetAccessPoint::new("a".parse().expect("a name")), reply);
    open(&mut told, &SetBaudRate(BaudRate::AUTOMATIC), reply);
    open(&mut told, &SetErrorFormat(ErrorFormat::Text), reply);
    secret(&mut told, &Raw::new("AT"), reply);
    secret(&mut told, &ReadIccid::Ccid, reply);
    secret(&mut told, &ReadImsi, reply);
    secret(&mut told, &ReadSim, reply);
    told
}

/// A signature without an amount.
pub fn sign() -> Sign {
    Sign::new(SignMode::Face, SignData::new("1").expect("some data"))
}

/// A report of a trade that failed.
pub fn report() -> Report {
    Report::of(Report::MAX_AMOUNT, TradeResult::Failed, 0).build().expect("a report")
}

/// A configuration of these texts, in the order of the command; `None` if one of them is not valid.
pub fn config(texts: [&str; 5], env: i32) -> Option<Config> {
    let [device_supplier_no, merchant_user_id, item_id, product_key, terminal_id] = texts;
    Some(Config {
        device_supplier_no: device_supplier_no.parse().ok()?,
        merchant_user_id: merchant_user_id.parse().ok()?,
        item_id: item_id.parse().ok()?,
        product_key: product_key.parse().ok()?,
        env: Environment(env),
        terminal_id: terminal_id.parse().ok()?,
    })
}

/// An answer that shows itself.
fn open<C: Command>(told: &mut Vec<String>, command: &C, reply: &Reply)
where
    C::Response: Debug,
{
    match command.decode(reply) {
        Ok(answer) => drop(format!("{answer:?}")),
        Err(error) => told.push(format!("{error} {error:?}")),
    }
}

/// One that does not.
fn secret<C: Command>(told: &mut Vec<String>, command: &C, reply: &Reply)
where
    C::Response: Debug,
{
    match command.decode(reply) {
        Ok(answer) => told.push(format!("{answer:?}")),
        Err(error) => told.push(format!("{error} {error:?}")),
    }
}
