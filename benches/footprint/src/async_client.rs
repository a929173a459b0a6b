//! A program that uses the async client.

use m26_pay::asynch::Client;
use m26_pay::m26::ReadSignal;
use m26_pay_footprint::{Outcome, arguments, finish};

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome {
    let (path, times) = arguments()?;
    let (client, _events, driver) = Client::open(&path).await?;
    tokio::spawn(driver);
    let mut last = 0;
    for _ in 0..times {
        last = client.send(&ReadSignal).await?.rssi;
    }
    finish(last)
}
