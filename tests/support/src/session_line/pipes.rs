//! One simulated module that async sessions reach by pipe after pipe, on tokio's time.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Instant;

use m26_pay::asynch::Host;
use m26_pay::error::Error;
use m26_pay::session::HostRestart;
use m26_pay::sim::{Chunk, Device, Order};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;

/// Opens pipes to the module.
pub struct Pipes<D> {
    far: Arc<Mutex<Far<D>>>,
    ordered: Arc<Notify>,
}

/// The far end.
struct Far<D> {
    module: D,
    down: bool,
    sent: Vec<u8>,
    can_restart: bool,
}

impl<D> Clone for Pipes<D> {
    fn clone(&self) -> Self {
        Self { far: Arc::clone(&self.far), ordered: Arc::clone(&self.ordered) }
    }
}

impl<D: Device> Pipes<D> {
    pub fn new(module: D, can_restart: bool) -> Self {
        let far = Far { module, down: false, sent: Vec::new(), can_restart };
        Self { far: Arc::new(Mutex::new(far)), ordered: Arc::default() }
    }

    pub fn order(&self, order: Order) {
        self.far().module.command(now(), &order);
        self.ordered.notify_one();
    }

    /// What was sent since the last look.
    pub fn sent(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.far().sent)).unwrap()
    }

    fn far(&self) -> MutexGuard<'_, Far<D>> {
        self.far.lock().unwrap()
    }
}

impl<D: Device> Far<D> {
    fn poll(&mut self) -> Option<Chunk> {
        let chunk = self.module.poll_transmit(now());
        match chunk {
            Some(Chunk::HangUp) => self.down = true,
            Some(Chunk::Restore) => self.down = false,
            Some(Chunk::Bytes(_)) | None => {}
        }
        chunk
    }
}

impl<D: Device + Send + 'static> Host for Pipes<D> {
    type Port = DuplexStream;

    fn poll_open(&mut self, _cx: &mut Context<'_>) -> Poll<Result<DuplexStream, Error>> {
        let mut far = self.far();
        while far.poll().is_some() {}
        if far.down {
            let doing = "there is no such port".to_string();
            return Poll::Ready(Err(Error::Io { doing, source: io::ErrorKind::NotFound.into() }));
        }
        drop(far);
        let (host, module) = tokio::io::duplex(256);
        tokio::spawn(serve(self.clone(), module));
        Poll::Ready(Ok(host))
    }

    fn restart(&mut self) -> Result<HostRestart, Error> {
        let can_restart = self.far().can_restart;
        if can_restart {
            self.order(Order::PowerOff);
            self.order(Order::PowerOn);
            return Ok(HostRestart::Done);
        }
        Ok(HostRestart::NotPossible)
    }

    fn unix_seconds(&self) -> Option<i64> {
        None
    }
}

/// Serves the module until the host is gone or the line is cut.
async fn serve<D: Device>(pipes: Pipes<D>, mut line: DuplexStream) {
    let mut buffer = [0; 256];
    loop {
        loop {
            let chunk = pipes.far().poll();
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
        let due = pipes.far().module.next_deadline();
        let due = async {
            match due {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => pipes.ordered.notified().await,
            }
        };
        tokio::select! {
            // Not by chance: every run is the same.
            biased;
            read = line.read(&mut buffer) => match read {
                Ok(count) if count > 0 => {
                    let mut far = pipes.far();
                    far.sent.extend_from_slice(&buffer[..count]);
                    far.module.receive(now(), &buffer[..count]);
                }
                _ => return,
            },
            () = due => {}
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
