//! Commands of the async client to modules in memory. A task beside the drivers sends them, one after the
//! other, on a runtime with one thread.

use std::borrow::Cow;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use m26_pay::asynch::{Client, Events};
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::m26::ReadSignal;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};

use crate::{Run, Seen, Unit, feed, stream};

/// Each of so many modules in its turn, until there were [`COMMANDS`].
pub fn commands<const MODULES: usize>() -> Run {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let (clients, events): (Vec<_>, Vec<_>) =
        runtime.block_on(connect(MODULES)).into_iter().unzip();
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let _events = &events;
        let clients = clients.clone();
        seen.rssi += in_a_task(&runtime, async move {
            let mut sum = 0;
            for client in clients.iter().cycle().take(COMMANDS) {
                sum += signal(client).await;
            }
            sum
        });
    }))
}

/// How many commands a round has.
pub const COMMANDS: usize = 512;

/// What they answer together.
pub const STRENGTH: usize = 11 * COMMANDS;

/// Nothing is read here; so long that a round, which is a long one, is repeated four times only.
pub fn stream() -> Vec<u8> {
    vec![0; 64 * COMMANDS]
}

/// Clients whose drivers run, and which have closed their past.
async fn connect(modules: usize) -> Vec<(Client, Events)> {
    let settings = Settings {
        earlier: EarlierProgram::Ended,
        // The module does not echo, so the fence that waits for its echo is given up.
        fence: Duration::from_millis(20),
        ..Settings::default()
    };
    let clients = (0..modules).map(|_| {
        let (client, events, driver) = Client::connect(Memory::default(), settings.clone());
        tokio::spawn(driver);
        (client, events)
    });
    let clients: Vec<_> = clients.collect();
    let first = clients.iter().map(|(client, _)| {
        let client = client.clone();
        tokio::spawn(async move { signal(&client).await })
    });
    for answered in first.collect::<Vec<_>>() {
        answered.await.expect("the task ends");
    }
    clients
}

async fn signal(client: &Client) -> usize {
    let signal = client.send(&ReadSignal).await;
    signal.map_or(0, |signal| usize::from(signal.rssi))
}

/// What `benches/budgets` counts: how long the clients take to connect depends on the clock.
#[inline(never)]
fn in_a_task(runtime: &Runtime, work: impl Future<Output = usize> + Send + 'static) -> usize {
    runtime.block_on(runtime.spawn(work)).expect("the task ends")
}

/// A module that answers each line at once.
#[derive(Default)]
struct Memory {
    says: Cow<'static, [u8]>,
    reader: Option<Waker>,
}

impl AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.says.is_empty() {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        buffer.put_slice(&mem::take(&mut self.says));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.says = answer(bytes);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The signal, or what the queries of a fence ask for.
fn answer(line: &[u8]) -> Cow<'static, [u8]> {
    if line == b"AT+CSQ\r" {
        return Cow::Borrowed(stream::SIGNAL);
    }
    let line = std::str::from_utf8(line).expect("a line of text");
    let asked = line.trim_start_matches("AT").trim_end().split(';').map(|query| match query {
        "+CMEE?" => "\r\n+CMEE: 1\r\n",
        "+IFC?" => "\r\n+IFC: 0,0\r\n",
        "+CCLK?" => "\r\n+CCLK: \"26/11/30,12:00:00+32\"\r\n",
        _ => "",
    });
    let answers: String = asked.collect();
    let end = if answers.is_empty() { "ERROR" } else { "OK" };
    Cow::Owned(format!("{answers}\r\n{end}\r\n").into_bytes())
}
