//! The blocking program of the README, as it stands there.

use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use m26_pay::alipay::{Sign, SignData, SignMode};
use m26_pay::blocking::Session;
use m26_pay::serial::SerialHost;
use m26_pay::session::{Plan, ShutDown};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: SerialHost = std::env::args().nth(1).ok_or("which port?")?.parse()?;
    let mut session = Session::new(port, Plan::default(), Default::default());
    println!("The module is made ready: at most two minutes.");
    session.wait_ready(Duration::from_secs(120))?;
    let (signal, stop) = channel();
    ctrlc::set_handler(move || _ = signal.send(()))?;

    // From the scanner. What is not valid cannot be made, so it cannot be sent.
    let code = SignData::new("284612345678901234")?;
    let sign = Sign::new(SignMode::PayerCode, code).amount("10.25".parse()?);
    match session.send(&sign) {
        // For your server, which asks Alipay for the money (`terminal_params`).
        Ok(signed) => println!("signed: {} bytes", signed.expose().len()),
        Err(error) => println!("{}: {error}", error.certainty()),
    }

    // For months: lost ports, restarts of the module and the keep-alive are seen to in here.
    while stop.try_recv() == Err(TryRecvError::Empty) {
        if let Some(event) = session.next_event(Some(Duration::from_secs(1))) {
            println!("{event}");
        }
    }
    Ok(session.shut_down(ShutDown::PowerOff)?)
}
