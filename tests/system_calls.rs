//! What an exchange of the async client costs: system calls on a real pseudo-terminal, beside those
//! of a bare loop over the same port. A program of its own: where others compute meanwhile, the pieces of an
//! answer come together, or apart.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use m26_pay::asynch;
use m26_pay::engine::Settings;
use m26_pay::flows::Synchronise;
use m26_pay::m26::{Echo, ReadSignal};
use m26_pay::serial::SerialSettings;
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::pty::{self, Running};
use support::cli_tool::quick;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

/// How often this thread has waited for the system.
#[derive(Clone, Default)]
struct Parks(Arc<AtomicU64>);

impl Parks {
    fn runtime(&self) -> Runtime {
        let parks = Arc::clone(&self.0);
        let count = move || {
            parks.fetch_add(1, Ordering::Relaxed);
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(count)
            .build()
            .unwrap()
    }

    /// What [`calls`](Self::calls) says next if nothing else is called: it takes some itself.
    fn begin(&self) -> u64 {
        let first = self.calls();
        let second = self.calls();
        second + (second - first)
    }

    /// The system calls of this thread: its reads and writes, and its waits.
    fn calls(&self) -> u64 {
        let io = std::fs::read_to_string("/proc/thread-self/io").unwrap();
        let count = |name| {
            let line = io.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse::<u64>().unwrap()
        };
        count("syscr:") + count("syscw:") + self.0.load(Ordering::Relaxed)
    }
}

/// A module that echoes, as the client has it.
fn module() -> Running<Modem> {
    pty::spawn(Modem::new(quick(modem::ModemSettings::default()))).unwrap()
}

/// What an exchange of the client costs, with the module's echo or without it.
fn client(echo: bool) -> f64 {
    least(|| {
        let (parks, module) = (Parks::default(), module());
        parks.runtime().block_on(async {
            let path = module.path();
            let port = asynch::SerialPort::open(path.to_str().unwrap(), &SerialSettings::default())
                .await
                .unwrap();
            let (client, _events, driver) = asynch::Client::connect(port, Settings::default());
            tokio::spawn(driver);
            client.run(Synchronise::default()).await.unwrap();
            client.send(&Echo(echo)).await.unwrap();
            let before = parks.begin();
            for _ in 0..EXCHANGES {
                client.send(&ReadSignal).await.unwrap();
            }
            parks.calls() - before
        })
    })
}

fn bare() -> f64 {
    least(|| {
        let (parks, module) = (Parks::default(), module());
        parks.runtime().block_on(async {
            let path = module.path();
            let mut port =
                asynch::SerialPort::open(path.to_str().unwrap(), &SerialSettings::default())
                    .await
                    .unwrap();
            let before = parks.begin();
            for _ in 0..EXCHANGES {
                port.write_all(b"AT+CSQ\r").await.unwrap();
                let (mut answer, mut buffer) = (Vec::new(), [0; 256]);
                while !answer.ends_with(b"OK\r\n") {
                    let count = port.read(&mut buffer).await.unwrap();
                    answer.extend_from_slice(&buffer[..count]);
                }
            }
            parks.calls() - before
        })
    })
}

/// Each exchange of the cheapest run: what else the machine does cuts answers in pieces now and then.
fn least(run: impl Fn() -> u64) -> f64 {
    let calls = (0..5).map(|_| run()).min().unwrap();
    calls as f64 / f64::from(EXCHANGES)
}

#[test]
fn a_round_trip_costs_as_many_system_calls_as_in_a_bare_loop() {
    let (bare, client) = (bare(), client(true));
    println!("an exchange: {client:.2} system calls, a bare loop: {bare:.2}");
    assert!(client <= bare + MARGIN, "{client} and {bare}");
}

/// It writes, waits and reads. The runtime's look for input between two turns of its main task, which is
/// no wait, is counted by `benches/footprint/run`.
#[test]
fn without_an_echo_a_round_trip_costs_three_system_calls() {
    let client = client(false);
    println!("an exchange without an echo: {client:.2} system calls");
    assert!(client <= 3.0 + MARGIN, "{client}");
}

const EXCHANGES: u32 = 50;

/// Some answers come in pieces even in the cheapest run, on a machine that is busy.
const MARGIN: f64 = 0.2;
