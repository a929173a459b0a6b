//! A port and a loop: `tokio-serial` alone.

use m26_pay_footprint::{Outcome, arguments, finish, rssi};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_serial::SerialPortBuilderExt as _;

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome {
    let (path, times) = arguments()?;
    let mut port = tokio_serial::new(path, 115_200).exclusive(true).open_native_async()?;
    let mut last = 0;
    for _ in 0..times {
        port.write_all(b"AT+CSQ\r").await?;
        let (mut answer, mut buffer) = (Vec::new(), [0; 256]);
        while !answer.ends_with(b"OK\r\n") {
            let count = port.read(&mut buffer).await?;
            answer.extend_from_slice(&buffer[..count]);
        }
        last = rssi(&answer)?;
    }
    finish(last)
}
