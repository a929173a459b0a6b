//! A program that uses the blocking client.

use m26_pay::blocking::Client;
use m26_pay::m26::ReadSignal;
use m26_pay_footprint::{Outcome, arguments, finish};

fn main() -> Outcome {
    let (path, times) = arguments()?;
    let mut client = Client::open(&path)?;
    let mut last = 0;
    for _ in 0..times {
        last = client.send(&ReadSignal)?.rssi;
    }
    finish(last)
}
