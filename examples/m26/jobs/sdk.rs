//! The commands of the Alipay SDK but its configuration.

use m26_pay::alipay::{
    BusinessNo, DeviceId, Held, HumanVerify, Open, Opened, ProductInfo, QrCode, ReadQueue, Report,
    ReportUsage, Shut, Sign, SignData, SignMode,
};
use m26_pay::at::command::Command as _;
use m26_pay::at::profile::Profile;

use super::{Job, Outcome, answer, send, sending};
use crate::args;
use crate::connection::Module;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Answer, printable};

pub(super) fn open() -> Job {
    sending(|module| {
        let opened = module.send(&Open)?;
        let (code, text) = match opened {
            Opened::Now => (0, "the Alipay SDK is open"),
            Opened::Already => (1, "the Alipay SDK was open already"),
        };
        let result = Object::new().with("code", code);
        answer(result.with("already_open", opened == Opened::Already), text)
    })
}

pub(super) fn product_info(args: &args::ProductInfo, profile: &Profile) -> Result<Job, Problem> {
    let ways = args.verify.iter().map(|way| HumanVerify::from(*way));
    let info = ProductInfo::new(ways.collect())?;
    info.request(profile)?;
    Ok(send(info, |held| held_answer(held, "the product's specification")))
}

pub(super) fn device_id(module: &mut Module<'_>) -> Outcome {
    module.remember(None);
    let biz_tid = module.send(&DeviceId)?;
    let text = biz_tid.as_ref().map(ToString::to_string).unwrap_or_default();
    module.remember(biz_tid);
    let result = Object::new().with("code", 0).with("biz_tid", text.as_str());
    if text.is_empty() {
        answer(result, "the device has no bizTid yet: ask again a little later")
    } else {
        answer(result, format!("the bizTid is {text}"))
    }
}

pub(super) fn sign(args: args::Sign, profile: &Profile) -> Result<Job, Problem> {
    let mut sign = Sign::new(SignMode::from(args.mode), SignData::new(args.data)?);
    if let Some(amount) = args.money.amount()? {
        sign = sign.amount(amount);
    }
    sign.request(profile)?;
    Ok(sending(move |module| {
        let sign = match module.biz_tid() {
            Some(biz_tid) => sign.for_device(biz_tid),
            None => sign,
        };
        let signed = module.sign(sign)?;
        let result = Object::new()
            .with("code", 0)
            .with("signed_length", signed.len())
            .with("signed_data", signed.expose());
        answer(result, format!("signed, {} bytes:\n{}", signed.len(), printable(signed.expose())))
    }))
}

pub(super) fn report(args: args::Report, profile: &Profile) -> Result<Job, Problem> {
    let report = checked_report(args, profile)?;
    Ok(send(report, |held| held_answer(held, "the report")))
}

/// The report, which the profile can carry.
pub(crate) fn checked_report(args: args::Report, profile: &Profile) -> Result<Report, Problem> {
    // It is there: the command line is not read without it.
    let amount = args::Money::from(args.paid).amount()?;
    let amount = amount.ok_or_else(|| Problem::invalid("the amount is missing"))?;
    let mut report = Report::of(amount, args.outcome.into(), args.timestamp);
    if let Some(business_no) = args.business_no {
        report = report.business_no(BusinessNo::new(business_no)?);
    }
    if let Some(qr_code) = args.qr_code {
        report = report.qr_code(QrCode::new(qr_code)?);
    }
    if let Some(seconds) = args.seconds {
        report = report.time_consuming(seconds);
    }
    let report = report.build()?;
    report.request(profile)?;
    Ok(report)
}

pub(super) fn queue() -> Job {
    send(ReadQueue, |queue| Answer {
        result: Object::new().with("code", queue.status.0).with("max_record", queue.max_record),
        text: format!(
            "the queue has room for {} reports in all; how many wait in it cannot be asked",
            queue.max_record
        ),
    })
}

pub(super) fn usage(args: &args::Usage, profile: &Profile) -> Result<Job, Problem> {
    let usage = ReportUsage { broadcasts: args.broadcasts, scans: args.scans };
    usage.request(profile)?;
    Ok(send(usage, |held| held_answer(held, "the counts")))
}

pub(super) fn shut() -> Job {
    send(Shut, |()| Answer {
        result: Object::new(),
        text: "the Alipay SDK is shut: the module can be switched off or restarted".into(),
    })
}

/// The module holds something, which is not to say that it was delivered.
fn held_answer(held: Held, what: &str) -> Answer {
    let ram_only = held == Held::RamOnly;
    Answer {
        result: Object::new().with("code", held.status().0).with("ram_only", ram_only),
        text: if ram_only {
            format!("the module holds {what} in its memory alone: a reset would lose it")
        } else {
            format!("the module holds {what}, to be delivered later")
        },
    }
}
