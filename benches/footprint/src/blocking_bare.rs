//! A port and a loop: `serialport` alone.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use m26_pay_footprint::{Outcome, arguments, finish, rssi};

fn main() -> Outcome {
    let (path, times) = arguments()?;
    let port = serialport::new(path, 115_200).timeout(Duration::from_secs(5)).exclusive(true);
    let mut port = port.open_native()?;
    let mut last = 0;
    for _ in 0..times {
        port.write_all(b"AT+CSQ\r")?;
        let (mut answer, mut buffer) = (Vec::new(), [0; 256]);
        while !answer.ends_with(b"OK\r\n") {
            let count = port.read(&mut buffer)?;
            answer.extend_from_slice(&buffer[..count]);
        }
        last = rssi(&answer)?;
    }
    finish(last)
}
