//! The steps of `--try`: the SDK is started, and stays open.

use std::time::Duration;

use m26_pay::alipay::{BizTid, DeviceId, Open, Opened, Sign, SignData, SignMode};
use m26_pay::amount::Amount;
use m26_pay::argument::InvalidArgument;
use m26_pay::blocking::Client;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::{Signing, Synchronise};

use super::findings::{Findings, Step};
use super::wire::{Wire, now};

/// Starts the SDK, asks for the bizTid and has a signature made.
///
/// # Errors
/// If the module does not answer any more.
pub(super) fn attempt(findings: &mut Findings, client: &mut Client<Wire>) -> Result<(), Error> {
    let opened = client.run(Synchronise::default()).and_then(|_| client.send(&Open));
    match opened {
        Ok(Opened::Now) => findings.well(Step::Open, "the SDK was started"),
        Ok(Opened::Already) => findings.well(Step::Open, "the SDK was open already"),
        Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Result) => {
            findings.failed(
                Step::Open,
                format!("the SDK does not start: {error}"),
                "store the product's configuration with `m26 config set`; a module on which the SDK \
                 was shut needs a restart",
            );
            return Ok(());
        }
        Err(error) => return findings.unknown(Step::Open, error),
    }
    let Some(biz_tid) = biz_tid(findings, client)? else { return Ok(()) };
    let signed = signature(biz_tid).map_err(Error::from);
    match signed.and_then(|sign| client.run(Signing::new(sign))) {
        Ok(signed) => {
            findings.well(Step::Signature, format!("{} bytes; no money moved", signed.len()));
        }
        Err(error) => return findings.unknown(Step::Signature, error),
    }
    Ok(())
}

/// The cloud gives it some seconds after the SDK was started for the first time.
fn biz_tid(findings: &mut Findings, client: &mut Client<Wire>) -> Result<Option<BizTid>, Error> {
    let until = now() + PATIENCE;
    loop {
        match client.send(&DeviceId) {
            Ok(Some(biz_tid)) => {
                findings.well(Step::BizTid, "the device has its identity");
                return Ok(Some(biz_tid));
            }
            Ok(None) if now() < until => {}
            Ok(None) => {
                findings.failed(
                    Step::BizTid,
                    "the device has none yet",
                    "try again in a minute; if there is none then, see with `m26 config show` whether \
                     the product's numbers and the environment are right",
                );
                return Ok(None);
            }
            Err(error) => return findings.unknown(Step::BizTid, error).map(|()| None),
        }
        // What the module says meanwhile is of no use here.
        client.next_event(Some(PAUSE))?;
    }
}

/// Of a payment code that nobody has, and of one fen.
fn signature(biz_tid: BizTid) -> Result<Sign, InvalidArgument> {
    let sign = Sign::new(SignMode::PayerCode, SignData::new(NOBODY)?).for_device(biz_tid);
    Ok(match Amount::from_fen(1) {
        Ok(fen) => sign.amount(fen),
        Err(_) => sign,
    })
}

const NOBODY: &str = "280000000000000000";

/// Not specified; chosen more than the ten seconds that an SDK takes that has the network.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(500);
