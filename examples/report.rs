//! Reports a trade that has ended.
//!
//! ```text
//! cargo run --example report                   # to a simulated module
//! cargo run --example report -- /dev/ttyUSB0   # to a module that is configured for tests
//! ```

#[path = "common/short.rs"]
mod short;

use std::error::Error;

use m26_pay::alipay::{
    BusinessNo, Environment, Held, Open, Opened, ReadConfig, Report, TradeResult,
};
use m26_pay::blocking::Client;
use m26_pay::engine::Certainty;
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::pty;

fn main() {
    if let Err(error) = run() {
        short::complain("report", &*error);
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (port, _simulated) = short::port(|| {
        let config = Some(ModemConfig::sample());
        pty::spawn(Modem::new(ModemSettings { config, ..ModemSettings::default() }))
    })?;
    let mut client = Client::open(&port)?;
    if client.send(&ReadConfig)?.env != Some(Environment::TEST) {
        return Err("this is a sample trade: it needs a module that is configured for tests".into());
    }
    // What an earlier program reported may be answered yet, and is not taken for this report's answer.
    if client.send(&Open)? == Opened::Already {
        println!(
            "the SDK is open already: an earlier program's answer is waited for, two minutes at most"
        );
    }

    // The spec's example. Its rules between the fields are checked by `build`.
    let report = Report::of("10.25".parse()?, TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new("2019012922001450181015731428")?)
        .time_consuming(2)
        .build()?;

    // A real till keeps the report on disk until the module holds it: see the example `pos`.
    for attempt in 1..=3 {
        match client.send(&report) {
            Ok(Held::Stored) => println!("the module holds the report, and sends it when it can"),
            Ok(Held::RamOnly) => println!("the module holds the report until it is restarted"),
            // A report may be sent again: whichever attempt is answered, the answer is true of it.
            Err(error) if error.certainty() == Certainty::Unknown && attempt < 3 => {
                println!("not known whether the module holds the report ({error}): once more");
                continue;
            }
            Err(error) => return Err(format!("not reported, keep the report: {error}").into()),
        }
        break;
    }
    Ok(())
}
