//! The async client over a real pseudo-terminal.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::asynch::{Client, Driver, Events, SerialPort};
use m26_pay::engine::{Certainty, Event, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::Synchronise;
use m26_pay::m26::ReadSignal;
use m26_pay::serial::SerialSettings;
use m26_pay::sim::Order;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::pty::{self, Running};

type Simulated = Running<Faulty<Modem>>;

async fn connect() -> (Simulated, Client, Events, Driver) {
    let module = pty::spawn(Faulty::new(Modem::new(modem::ModemSettings::default()), 1)).unwrap();
    let path = module.path();
    let port = SerialPort::open(path.to_str().unwrap(), &SerialSettings::default()).await.unwrap();
    let (client, events, driver) = Client::connect(port, Settings::default());
    (module, client, events, driver)
}

#[tokio::test]
async fn an_exchange_and_a_urc() {
    let (module, client, mut events, driver) = connect().await;
    let driver = tokio::spawn(driver);
    client.run(Synchronise::default()).await.unwrap();
    assert_eq!(client.send(&ReadSignal).await.unwrap().dbm(), Some(-91));
    module.order(Order::Urc("+PDP DEACT".into()));
    while !matches!(events.next().await, Some(Event::Urc(line)) if line.as_bytes() == b"+PDP DEACT")
    {
    }
    drop(client);
    driver.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_open_client_is_that_of_a_module_which_answers() {
    let module = pty::spawn(Faulty::new(Modem::new(modem::ModemSettings::default()), 1)).unwrap();
    let path = module.path().to_str().unwrap().to_string();
    let (client, _events, driver) = Client::open(&path).await.unwrap();
    let driver = tokio::spawn(driver);
    assert_eq!(client.send(&ReadSignal).await.unwrap().dbm(), Some(-91));
    drop(client);
    driver.await.unwrap().unwrap();
    module.order(Order::HangUp(Duration::from_secs(60)));
    let error = Client::open(&path).await.unwrap_err();
    assert_ne!(error.certainty(), Certainty::Refused, "{error}");
}

#[tokio::test]
async fn a_hang_up_ends_the_driver() {
    let (module, client, mut events, driver) = connect().await;
    let driver = tokio::spawn(driver);
    client.run(Synchronise::default()).await.unwrap();
    module.order(Order::HangUp(Duration::from_secs(60)));
    let error = driver.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    while events.next().await.is_some() {}
    let error = client.send(&ReadSignal).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Disconnected, Certainty::NotSent));
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let settings = SerialSettings::default();
    let missing = SerialPort::open("/dev/there-is-no-such-port", &settings).await.unwrap_err();
    assert!(
        matches!(&missing, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    );
    assert!(missing.to_string().contains("is the module plugged in"), "{missing}");
    let no_port = SerialPort::open("/dev/null", &settings).await.unwrap_err();
    assert_eq!(no_port.kind(), ErrorKind::Io);
}
