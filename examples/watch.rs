//! Shows what a module says unasked.
//!
//! ```text
//! cargo run --example watch                    # a simulated module with some faults
//! cargo run --example watch -- /dev/ttyUSB0    # a real one, until Ctrl-C
//! ```

#[path = "common/short.rs"]
mod short;

use std::error::Error;
use std::time::Duration;

use m26_pay::blocking::Client;
use m26_pay::engine::Event;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;
use m26_pay::sim::script::{Script, Scripted};
use m26_pay::urc::Urc;

fn main() {
    if let Err(error) = run() {
        short::complain("watch", &*error);
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let script: Script = BAD_DAY.parse()?;
    let (port, simulated) = short::port(|| {
        let modem = Faulty::new(Modem::new(ModemSettings::default()), 0);
        pty::spawn(Scripted::new(modem, script))
    })?;

    // The simulation ends when it is quiet; a real module is watched until Ctrl-C.
    let patience = simulated.as_ref().map(|_| Duration::from_secs(3));
    let mut client = Client::open(&port)?;
    while let Some(event) = client.next_event(patience)? {
        match event {
            Event::Urc(line) => println!("{:?}", Urc::parse(line.as_bytes())),
            Event::Reset => println!("the module started again: pending commands were interrupted"),
            Event::Late(line) => println!("too late for its command: {line:?}"),
            // Later versions may have more events.
            other => println!("{other:?}"),
        }
    }
    Ok(())
}

const BAD_DAY: &str = r#"
    at 1s urc "UNDER_VOLTAGE WARNING"
    at 2s urc "+SOMETHING: 1,\"new\""
    at 3s reset
"#;
