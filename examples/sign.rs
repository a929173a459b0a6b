//! Has a payment signed.
//!
//! ```text
//! cargo run --example sign                     # by a simulated module
//! cargo run --example sign -- /dev/ttyUSB0     # by a module that is configured and online
//! ```

#[path = "common/short.rs"]
mod short;

use std::error::Error;

use m26_pay::alipay::{DeviceId, Open, Opened, Sign, SignData, SignMode};
use m26_pay::amount::Amount;
use m26_pay::blocking::Client;
use m26_pay::engine::Certainty;
use m26_pay::flows::Signing;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty;

fn main() {
    if let Err(error) = run() {
        short::complain("sign", &*error);
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (port, _simulated) = short::port(|| {
        let config = Some(ModemConfig::sample());
        pty::spawn(Modem::new(ModemSettings { config, ..ModemSettings::default() }))
    })?;
    let mut client = Client::open(&port)?;

    // The SDK opens once in each boot of the module. After that it answers that it is open already,
    // and a signature that an earlier program asked for is not taken for this one.
    if client.send(&Open)? == Opened::Already {
        println!(
            "the SDK is open already: an earlier program's signature is waited for, 40 s at most"
        );
    }
    let Some(biz_tid) = client.send(&DeviceId)? else {
        return Err("the module has no bizTid yet: try again in a few seconds".into());
    };

    // The code that the customer shows, from the scanner. Anything else is refused here.
    let payment_code = SignData::new("284612345678901234")?;
    let amount: Amount = "10.25".parse()?;
    let sign = Sign::new(SignMode::PayerCode, payment_code).amount(amount).for_device(biz_tid);

    match client.run(Signing::new(sign)) {
        Ok(signed) => {
            // For your server, which asks Alipay for the money: `terminal_params`, unchanged.
            let terminal_params = signed.expose();
            println!("signed {amount} yuan: {} bytes for the server", terminal_params.len());
            Ok(())
        }
        Err(error) => Err(match error.certainty() {
            Certainty::NotSent => format!("not signed, try again: {error}"),
            Certainty::Refused => format!("not signed, the module refused: {error}"),
            Certainty::Unknown => format!("no signature, begin the payment again: {error}"),
        }
        .into()),
    }
}
