//! A program that uses the async client in several ways, for its system calls. With `echo-off` the module
//! does not echo, as in the bare loops; with `spawned` a task of its own asks, beside the driver.

use m26_pay::asynch::Client;
use m26_pay::error::Error;
use m26_pay::m26::{Echo, ReadSignal};
use m26_pay_footprint::{Outcome, arguments, finish, is_asked_for};

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome {
    let (path, times) = arguments()?;
    let (client, _events, driver) = Client::open(&path).await?;
    tokio::spawn(driver);
    if is_asked_for("echo-off") {
        client.send(&Echo(false)).await?;
    }
    let last = if is_asked_for("spawned") {
        tokio::spawn(ask(client, times)).await??
    } else {
        ask(client, times).await?
    };
    finish(last)
}

async fn ask(client: Client, times: u32) -> Result<u8, Error> {
    let mut last = 0;
    for _ in 0..times {
        last = client.send(&ReadSignal).await?.rssi;
    }
    Ok(last)
}
