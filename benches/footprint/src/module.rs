//! A simulated module that does not echo, on a pseudo-terminal whose path it prints, until its
//! input ends.

use std::io::{self, Read as _};

use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pty;
use m26_pay_footprint::Outcome;

fn main() -> Outcome {
    let module = pty::spawn(Modem::new(ModemSettings { echo: false, ..ModemSettings::default() }))?;
    println!("{}", module.path().display());
    io::stdin().read_to_end(&mut Vec::new())?;
    module.stop()?;
    Ok(())
}
