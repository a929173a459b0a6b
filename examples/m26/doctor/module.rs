//! The steps at a module that answers. Nothing is changed by them.

use std::time::Duration;

use m26_pay::alipay::{Environment, ReadConfig, StoredConfig};
use m26_pay::blocking::Client;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::m26::{
    ClockCheck, HostClock, ReadClock, ReadNetworkStatus, ReadSim, Registration, RegistrationStatus,
    Signal, SimState,
};

use super::findings::{Findings, Step};
use super::wire::Wire;
use crate::wall::wall;

/// Looks at the firmware, the card, the network, the clocks and the configuration.
///
/// # Errors
/// If the module does not answer any more.
pub(super) fn examine(
    findings: &mut Findings,
    client: &mut Client<Wire>,
    name: &str,
) -> Result<(), Error> {
    let stored = firmware(findings, client, name)?;
    let card = card(findings, client)?;
    network(findings, client, card)?;
    clocks(findings, client)?;
    if let Some(stored) = stored {
        configured(findings, &stored);
    }
    Ok(())
}

fn firmware(
    findings: &mut Findings,
    client: &mut Client<Wire>,
    name: &str,
) -> Result<Option<StoredConfig>, Error> {
    match client.send(&ReadConfig) {
        Ok(stored) => {
            findings.well(Step::Firmware, format!("with the Alipay SDK: {}", revision(name)));
            Ok(Some(stored))
        }
        Err(error) if error.kind() == ErrorKind::Refused => {
            findings.failed(
                Step::Firmware,
                format!("without the Alipay SDK: {}", revision(name)),
                "it does not know AT+ALIPAYCFG: ask the supplier for an M26 whose firmware has it",
            );
            Ok(None)
        }
        Err(error) => findings.unknown(Step::Firmware, error).map(|()| None),
    }
}

/// What the answer to ATI says of the firmware.
fn revision(name: &str) -> &str {
    name.rsplit_once("Revision:").map_or(name, |(_, revision)| revision.trim())
}

/// Whether the card can be used.
fn card(findings: &mut Findings, client: &mut Client<Wire>) -> Result<bool, Error> {
    let state = match client.send(&ReadSim) {
        Ok(state) => state,
        // SIM not inserted, PIN and PUK required (27.007 9.2.1).
        Err(error) if error.kind() == ErrorKind::Refused => match error.code() {
            Some(11) => SimState::PinRequired,
            Some(12) => SimState::PukRequired,
            Some(14) => SimState::NotReady,
            _ => SimState::NotInserted,
        },
        Err(error) => return findings.unknown(Step::Sim, error).map(|()| false),
    };
    match state {
        SimState::NotInserted => {
            findings.failed(
                Step::Sim,
                "no SIM card",
                "put the card in, with its contacts clean, and switch the module off and on",
            );
            return Ok(false);
        }
        SimState::NotReady => {
            findings.failed(Step::Sim, "the SIM card is busy", "try again in some seconds");
            return Ok(false);
        }
        _ => findings.well(Step::Sim, "there is a card"),
    }
    match state {
        SimState::Ready => {
            findings.well(Step::Pin, "none is wanted");
            return Ok(true);
        }
        SimState::PinRequired | SimState::Pin2Required => findings.failed(
            Step::Pin,
            "the card is locked and wants its PIN",
            "switch the PIN off, in a phone or with `m26 raw 'AT+CPIN=\"…\"'` and `m26 raw \
             'AT+CLCK=\"SC\",0,\"…\"'`",
        ),
        SimState::PukRequired | SimState::Puk2Required => findings.failed(
            Step::Pin,
            "the card is locked and wants its PUK",
            "unlock it in a phone: after ten wrong PUKs the card is lost",
        ),
        _ => findings.failed(
            Step::Pin,
            "the card is locked in another way",
            "ask who sold the card, or the module",
        ),
    }
    Ok(false)
}

fn network(findings: &mut Findings, client: &mut Client<Wire>, card: bool) -> Result<(), Error> {
    let status = match client.send(&ReadNetworkStatus) {
        Ok(status) => status,
        Err(error) => return findings.unknown(Step::Signal, error),
    };
    signal(findings, status.signal);
    if card {
        registration(findings, status.gsm, status.gprs);
    }
    Ok(())
}

fn signal(findings: &mut Findings, signal: Signal) {
    let aerial = "look at the antenna and its plug, and try another place";
    match signal.dbm() {
        None => findings.failed(Step::Signal, "no signal is heard", aerial),
        Some(dbm) if dbm < WEAK => {
            findings.failed(Step::Signal, format!("too weak: {dbm} dBm"), aerial);
        }
        Some(dbm) => {
            let verdict = match dbm {
                GOOD.. => "good",
                FAIR.. => "fair",
                _ => "weak, but enough",
            };
            findings.well(Step::Signal, format!("{verdict}: {dbm} dBm"));
        }
    }
}

/// The SDK needs packet data alone.
fn registration(findings: &mut Findings, gsm: Registration, gprs: Registration) {
    if !gsm.status.is_registered() && !gprs.status.is_registered() {
        let remedy = match gsm.status {
            RegistrationStatus::SEARCHING => {
                "wait a minute; if it goes on searching, look at the antenna and at whether there is \
                 a GSM network here"
            }
            RegistrationStatus::DENIED => {
                "the network refuses this card: ask the operator whether it is active and paid, and \
                 may be used in this module"
            }
            _ => "bring it up with `m26 bring-up --apn …`, and look at the card in a phone",
        };
        return findings.failed(Step::Registration, gsm.status.to_string(), remedy);
    }
    let of = if gsm.status.is_registered() { gsm } else { gprs };
    findings.well(Step::Registration, of.status.to_string());
    match gprs.status.is_registered() {
        true => findings.well(Step::PacketData, gprs.status.to_string()),
        false => findings.failed(
            Step::PacketData,
            gprs.status.to_string(),
            "set the access point with `m26 bring-up --apn …`, and ask the operator whether the card \
             may use data",
        ),
    }
}

fn clocks(findings: &mut Findings, client: &mut Client<Wire>) -> Result<(), Error> {
    let module = match client.send(&ReadClock) {
        Ok(clock) => Some(clock),
        Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Malformed) => None,
        Err(error) => return findings.unknown(Step::Clocks, error),
    };
    let check = HostClock::compare(wall().0 / 1000, module, APART);
    if !check.is_warning() {
        findings.well(Step::Clocks, check.to_string());
        return Ok(());
    }
    let remedy = match check {
        ClockCheck::HostUnset { .. } => "set the clock of this computer",
        ClockCheck::Differ { .. } => {
            "set the clock of this computer, and that of the module with `m26 bring-up --ntp \
             ntp1.aliyun.com`"
        }
        _ => "set the module's clock with `m26 bring-up --ntp ntp1.aliyun.com`",
    };
    findings.failed(Step::Clocks, check.to_string(), remedy);
    Ok(())
}

fn configured(findings: &mut Findings, stored: &StoredConfig) {
    if stored.is_unset() {
        return findings.failed(
            Step::Configured,
            "not configured, as from the factory",
            "store the product's configuration with `m26 config set`",
        );
    }
    findings.well(Step::Configured, "a product's configuration is stored");
    match stored.env {
        Some(Environment::PRODUCTION) => findings.well(Step::Environment, "production"),
        Some(Environment::TEST) => {
            findings.well(Step::Environment, "test: payments here are not real");
        }
        env => findings.failed(
            Step::Environment,
            env.map_or("not named by the module".into(), |env| {
                format!("{}, which the document does not have", env.0)
            }),
            "store it with `m26 config set --env production`, or test",
        ),
    }
}

/// Not specified; chosen so that what 27.007 8.5 gives by rssi is called as most phones show it, and
/// because below −105 dBm packets are lost.
const GOOD: i32 = -85;
const FAIR: i32 = -95;
const WEAK: i32 = -105;

/// Not specified; chosen because a trade is reported with its time, and seen in the order of times.
const APART: Duration = Duration::from_secs(120);
