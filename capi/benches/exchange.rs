//! Asks a module for its signal, over and over: through the functions of the C interface, or through the client that
//! they use. `capi/footprint` counts the instructions of both.

#![allow(unsafe_code, reason = "functions that C calls")]

use std::process::ExitCode;

use m26_pay::blocking::Client;
use m26_pay::m26::ReadSignal;
use m26pay::{
    M26PAY_OK, m26pay_client_open, m26pay_client_options, m26pay_client_options_init,
    m26pay_module, m26pay_signal, m26pay_signal_quality, m26pay_str,
};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(how), Some(port), Some(times)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    let Ok(times) = times.parse() else { return ExitCode::from(2) };
    let rssi = match how.as_str() {
        "c" => through_c(&port, times),
        "rust" => through_rust(&port, times),
        _ => return ExitCode::from(2),
    };
    match rssi {
        Some(0..=31) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn through_rust(port: &str, times: u32) -> Option<u8> {
    let mut client = Client::open(port).ok()?;
    asked_through_rust(&mut client, 1)?;
    asked_through_rust(&mut client, times)
}

/// What is counted.
#[inline(never)]
fn asked_through_rust(client: &mut Client, times: u32) -> Option<u8> {
    let mut last = None;
    for _ in 0..times {
        last = Some(client.send(&ReadSignal).ok()?.rssi);
    }
    last
}

fn through_c(port: &str, times: u32) -> Option<u8> {
    let mut options = std::mem::MaybeUninit::<m26pay_client_options>::uninit();
    // SAFETY: it may be written.
    if unsafe { m26pay_client_options_init(options.as_mut_ptr()) } != M26PAY_OK {
        return None;
    }
    // SAFETY: it was.
    let mut options = unsafe { options.assume_init() };
    options.port = m26pay_str { data: port.as_ptr().cast(), length: port.len() };
    let mut module = m26pay_module { id: 0 };
    // SAFETY: both live here, as does the text.
    if unsafe { m26pay_client_open(&options, &mut module) } != M26PAY_OK {
        return None;
    }
    asked_through_c(module, 1)?;
    asked_through_c(module, times)
}

/// What is counted.
#[inline(never)]
fn asked_through_c(module: m26pay_module, times: u32) -> Option<u8> {
    let mut signal = m26pay_signal { rssi: 99, ber: 99, known: false, dbm: 0 };
    for _ in 0..times {
        // SAFETY: it may be written.
        if unsafe { m26pay_signal_quality(module, &mut signal) } != M26PAY_OK {
            return None;
        }
    }
    Some(signal.rssi)
}
