//! The steps up to a module that answers: the port, the rate, and who is there.

use std::io;
use std::time::Duration;

use m26_pay::blocking::SerialPort;
use m26_pay::error::Error;
use m26_pay::serial::SerialSettings;
use m26_pay::transcript::Recorder;

use super::findings::{Findings, Step};
use super::holders;
use super::voice::{Voice, is_whole};
use super::wire::Wire;
use crate::common;
use crate::screen::progress;

/// Opens the port, and tells what is wrong with it.
pub(super) fn open(findings: &mut Findings, path: &str, baud: u32) -> Option<SerialPort> {
    let opened =
        common::check(path).and_then(|()| SerialPort::open(path, &SerialSettings { baud }));
    let (doing, source) = match opened {
        Ok(port) => {
            findings.well(Step::Permission, format!("{path} may be used"));
            shared(findings, path);
            return Some(port);
        }
        Err(Error::Io { doing, source }) => (doing, source),
        Err(error) => (error.to_string(), io::Error::other("")),
    };
    match source.kind() {
        io::ErrorKind::NotFound => findings.failed(
            Step::Permission,
            format!("there is no {path}"),
            "plug the module in, and look with `m26 ports` under which name it is",
        ),
        io::ErrorKind::PermissionDenied => findings.failed(
            Step::Permission,
            format!("this user may not use {path}"),
            format!("add the user to the group of {path} (often dialout), and log in again"),
        ),
        io::ErrorKind::ResourceBusy => {
            findings.well(Step::Permission, format!("{path} may be used"));
            busy(findings, path);
        }
        _ => findings.failed(Step::Permission, doing, "name the serial port of the module"),
    }
    None
}

fn busy(findings: &mut Findings, path: &str) {
    let by = match &holders::of(path.as_ref())[..] {
        [] => "a program of another user".to_string(),
        programs => programs.join(", "),
    };
    let remedy = format!(
        "end that program (`sudo fuser {path}` shows it); a udev rule keeps ModemManager away"
    );
    findings.failed(Step::Port, format!("in use by {by}"), remedy);
}

/// A program that does not ask for the port alone takes answers away.
fn shared(findings: &mut Findings, path: &str) {
    // Who makes a pseudo-terminal has it open as well.
    let is_made = std::fs::canonicalize(path).is_ok_and(|path| path.starts_with("/dev/pts"));
    match &holders::of(path.as_ref())[..] {
        [_, ..] if !is_made => busy(findings, path),
        _ => findings.well(Step::Port, "nobody else has it"),
    }
}

/// Looks who is there, at which rate. `Some` is the line to a module, at its rate.
pub(super) fn listen(
    findings: &mut Findings,
    port: SerialPort,
    recorder: Recorder,
    path: &str,
    baud: u32,
) -> Result<Option<(Wire, String)>, Error> {
    let mut wire = Wire::new(port, recorder);
    let mut voice = call(&mut wire, CALLS).map_err(lost)?;
    if voice == Voice::Silence {
        let heard = wire.call(STATUS, PATIENCE, |heard| !heard.is_empty()).map_err(lost)?;
        voice = Voice::of_printer(&heard);
    }
    let mut found = baud;
    let mut other = voice;
    if matches!(voice, Voice::Silence | Voice::Garbage) {
        for rate in RATES.into_iter().filter(|rate| *rate != baud) {
            progress(&format_args!("trying {rate} baud"));
            wire = wire.at_rate(path, rate)?;
            match call(&mut wire, 2).map_err(lost)? {
                Voice::Silence => {}
                Voice::Garbage => other = Voice::Garbage,
                heard => {
                    (other, found) = (heard, rate);
                    break;
                }
            }
        }
    }
    if !tell(findings, other, baud, found) {
        return Ok(None);
    }
    let mut identity = || wire.call(b"ATI\r", PATIENCE, is_whole).map(|answer| name(&answer));
    let name = match identity().map_err(lost)? {
        // It may have been late with the answer before.
        name if name.is_empty() => identity().map_err(lost)?,
        name => name,
    };
    if name.to_ascii_uppercase().contains("M26") {
        findings.well(Step::Answers, format!("a module: {name}"));
        return Ok(Some((wire, name)));
    }
    findings.failed(
        Step::Answers,
        format!("another modem: {}", if name.is_empty() { "it does not say which" } else { &name }),
        "name the port of the M26: `m26 ports` lists them",
    );
    Ok(None)
}

fn call(wire: &mut Wire, times: u32) -> io::Result<Voice> {
    let mut voice = Voice::Silence;
    for _ in 0..times {
        // A module that sleeps, or finds the rate by itself, may miss the first one.
        let heard = wire.call(b"AT\r", PATIENCE, is_whole)?;
        voice = Voice::of(&heard);
        if !matches!(voice, Voice::Silence | Voice::Garbage) {
            break;
        }
    }
    Ok(voice)
}

/// Tells who answers. Whether it is a module.
fn tell(findings: &mut Findings, voice: Voice, baud: u32, found: u32) -> bool {
    if voice == Voice::Silence {
        findings.failed(
            Step::Bytes,
            format!("nothing came back, at {baud} baud and at others"),
            "check that the module has power and was switched on (PWRKEY), that TX and RX are \
             crossed, and that this is its port",
        );
        return false;
    }
    findings.well(Step::Bytes, "something comes back");
    let rate = format!("{found} baud");
    match voice {
        Voice::Garbage => {
            findings.failed(
                Step::Rate,
                format!("what comes back is no text, at {baud} baud and at others"),
                "check the ground between both, the levels (3.3 V, 5 V or RS-232) and the cable",
            );
            return false;
        }
        _ if found != baud => findings.failed(
            Step::Rate,
            format!("it answers at {found} baud, and not at {baud}"),
            format!(
                "use --baud {found}; or set the module's rate once: `m26 --baud {found} raw \
                 AT+IPR={baud}`, then `m26 raw AT&W`"
            ),
        ),
        _ => findings.well(Step::Rate, rate),
    }
    let (found, remedy) = match voice {
        Voice::Module => return true,
        Voice::Echo => (
            "an echo: what is sent comes back, and nothing else",
            "TX and RX are joined, or the module hangs: look at the cable, and switch the module \
             off and on",
        ),
        Voice::Console => (
            "the console of a computer",
            "name another port; or end the login on this one: `systemctl disable --now \
             serial-getty@…`, and take `console=` from the kernel's command line",
        ),
        Voice::Printer => ("a receipt printer", "name the port of the M26: `m26 ports` lists them"),
        _ => (
            "something that speaks no AT commands",
            "name the port of the M26: `m26 ports` lists them",
        ),
    };
    findings.failed(Step::Answers, found, remedy);
    false
}

/// What the answer to ATI says, without the echo and the result.
fn name(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let lines = text.split(['\r', '\n']).map(str::trim);
    let said = lines.filter(|line| !matches!(*line, "" | "ATI" | "OK" | "ERROR" | "0" | "4"));
    said.collect::<Vec<_>>().join(" ")
}

fn lost(source: io::Error) -> Error {
    Error::Io { doing: "the port was lost meanwhile".into(), source }
}

/// How often the module is called, and how long it may take to answer (M26AT: 300 ms).
const CALLS: u32 = 3;
const PATIENCE: Duration = Duration::from_millis(400);

/// Transmit the printer's status (ESC/POS, DLE EOT 1). It prints nothing.
const STATUS: &[u8] = &[0x10, 0x04, 0x01];

/// The rates of an M26 (M26AT, AT+IPR), the usual ones first.
const RATES: [u32; 8] = [115_200, 9_600, 57_600, 38_400, 19_200, 4_800, 14_400, 28_800];
