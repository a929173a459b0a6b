//! A simulated device at the other end of an in-memory pipe, on tokio's time.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use m26_pay::asynch::{Client, Events};
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::sim::{Chunk, Device, Order};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

/// The far end of a line, and the driver of the near one.
pub struct Line<D> {
    device: Arc<Mutex<D>>,
    sent: Arc<Mutex<Vec<u8>>>,
    pub driver: JoinHandle<Result<(), Error>>,
}

impl<D: Device> Line<D> {
    pub fn order(&self, order: &Order) {
        self.device.lock().unwrap().command(now(), order);
    }

    /// Waits until the device has given the line back after it hung up, and connects again.
    pub async fn plug_again(&self, settings: Settings) -> (Client, Events, Self)
    where
        D: Send + 'static,
    {
        loop {
            let chunk = self.device.lock().unwrap().poll_transmit(now());
            match chunk {
                Some(Chunk::Restore) => break,
                Some(_) => {}
                None => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            }
        }
        plug(Arc::clone(&self.device), Arc::clone(&self.sent), settings)
    }

    /// Everything that the host has sent.
    pub fn sent(&self) -> String {
        String::from_utf8(self.sent.lock().unwrap().clone()).unwrap()
    }
}

pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Connects a client to `device`.
pub fn start<D: Device + Send + 'static>(
    device: D,
    settings: Settings,
) -> (Client, Events, Line<D>) {
    plug(Arc::new(Mutex::new(device)), Arc::default(), settings)
}

fn plug<D: Device + Send + 'static>(
    device: Arc<Mutex<D>>,
    sent: Arc<Mutex<Vec<u8>>>,
    settings: Settings,
) -> (Client, Events, Line<D>) {
    let (host, module) = tokio::io::duplex(64);
    let (client, events, driver) = Client::connect(host, settings);
    tokio::spawn(serve(Arc::clone(&device), module, Arc::clone(&sent)));
    (client, events, Line { device, sent, driver: tokio::spawn(driver) })
}

/// Serves the device until the host is gone or the device hangs up.
async fn serve<D: Device>(
    device: Arc<Mutex<D>>,
    mut line: DuplexStream,
    sent: Arc<Mutex<Vec<u8>>>,
) {
    let mut buffer = [0; 256];
    loop {
        loop {
            let chunk = device.lock().unwrap().poll_transmit(now());
            match chunk {
                Some(Chunk::Bytes(bytes)) => {
                    if line.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Some(Chunk::HangUp) => return,
                Some(Chunk::Restore) => {}
                None => break,
            }
        }
        let due = device.lock().unwrap().next_deadline();
        let due = async {
            match due {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                // An order may change it at any time.
                None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        };
        tokio::select! {
            // Not by chance: every run is the same.
            biased;
            read = line.read(&mut buffer) => match read {
                Ok(count) if count > 0 => {
                    sent.lock().unwrap().extend_from_slice(&buffer[..count]);
                    device.lock().unwrap().receive(now(), &buffer[..count]);
                }
                _ => return,
            },
            () = due => {}
        }
    }
}
