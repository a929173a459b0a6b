//! The same with the async client.

use m26_pay::asynch;
use m26_pay::engine::Settings;
use m26_pay::flows::Synchronise;
use m26_pay::m26::ReadSignal;
use m26_pay::serial::SerialSettings;
use m26_pay_footprint::{Outcome, arguments, finish};

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome {
    let (path, times) = arguments()?;
    let port = asynch::open(&path, &SerialSettings::default())?;
    let (client, _events, driver) = asynch::connect(port, Settings::default());
    tokio::spawn(driver);
    client.run(Synchronise::default()).await?;
    let mut last = 0;
    for _ in 0..times {
        last = client.send(&ReadSignal).await?.rssi;
    }
    finish(last)
}
