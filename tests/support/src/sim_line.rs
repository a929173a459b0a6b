//! A simulated line on virtual time.

use std::time::{Duration, Instant};

use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings};
use m26_pay::sim::{Chunk, Device, Order};

pub struct Line<D> {
    pub device: D,
    start: Instant,
    now: Instant,
    heard: Vec<u8>,
    /// The moments at which something came, with what came.
    pub log: Vec<(Duration, Chunk)>,
}

impl<D: Device> Line<D> {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    pub fn new(device: D) -> Self {
        let start = Instant::now();
        let mut line = Self { device, start, now: start, heard: Vec::new(), log: Vec::new() };
        line.run(Duration::ZERO);
        line
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.device.receive(self.now, bytes.as_ref());
    }

    pub fn order(&mut self, order: Order) {
        self.device.command(self.now, &order);
    }

    /// Lets time pass, from deadline to deadline.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            while let Some(chunk) = self.device.poll_transmit(self.now) {
                if let Chunk::Bytes(bytes) = &chunk {
                    self.heard.extend_from_slice(bytes);
                }
                self.log.push((self.now - self.start, chunk));
            }
            match self.device.next_deadline().filter(|due| *due <= end) {
                Some(due) => self.now = self.now.max(due),
                None => break,
            }
        }
        self.now = end;
    }

    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// What has come since the last time.
    pub fn take(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.heard)).into_owned()
    }

    /// What comes within a time.
    pub fn hear(&mut self, time: Duration) -> String {
        self.run(time);
        self.take()
    }

    /// Sends a command and hears what comes within five seconds.
    pub fn ask(&mut self, command: &str) -> String {
        self.send(format!("{command}\r"));
        self.hear(secs(5))
    }
}

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// No echo and a configured SDK, for tests that look at something else.
pub fn quiet() -> ModemSettings {
    ModemSettings { echo: false, config: Some(ModemConfig::sample()), ..ModemSettings::default() }
}

/// A module whose SDK is open.
pub fn opened(settings: ModemSettings) -> Line<Modem> {
    let mut line = Line::new(Modem::new(settings));
    let answer = line.ask("AT+ALIPAYOPEN");
    assert!(answer.ends_with("\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n"), "{answer:?}");
    line
}
