//! The async client, on tokio: a handle, a stream of events and a driver that the caller spawns. The
//! limits of a connection's memory are in the [guide](crate#memory-and-rest).

mod call;
mod driver;
mod events;
mod exchange;
mod host;
mod leave;
#[cfg(feature = "gateway")]
mod payments;
mod recording;
mod serial;
mod session;
#[cfg(any(feature = "gateway", feature = "unionpay"))]
mod threads;
#[cfg(feature = "unionpay")]
mod unionpay;
mod whole;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::log::{Span, debug};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

pub use driver::Driver;
pub use events::Events;
pub use host::Host;
#[cfg(feature = "gateway")]
pub use payments::{Payments, PaymentsSettings};
pub use serial::SerialPort;
pub use session::{Nudger, Session, SessionDriver};
#[cfg(any(feature = "gateway", feature = "unionpay"))]
pub use threads::THREADS;
#[cfg(feature = "unionpay")]
pub use unionpay::{UnionPay, UnionPaySettings};

use crate::at::command::{Command, Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{BacklogLimits, ExchangeError, Settings};
use crate::error::Error;
use crate::flows::{Context, Flow, Input, Progress, Step, Synchronise};
use crate::serial::SerialSettings;
use call::Call;
use driver::Work;
use exchange::Exchange;
use leave::Leave;
use recording::Recording;

/// A handle of a connection. It is cloned freely; commands of all handles are served in the order
/// in which they come.
///
/// A call can be dropped at any time. If no byte of its command was sent, none will be. Otherwise the
/// module carries the command out, and its answer goes to nobody.
#[derive(Clone)]
pub struct Client {
    calls: mpsc::Sender<Call>,
    profile: Arc<Profile>,
    recording: Recording,
    timeout: Option<Duration>,
}

type Opened = (Client, Events, Driver);

impl Client {
    /// Opens a serial port (115200 8N1, exclusive) and waits until the module answers.
    ///
    /// Nothing is spawned: the caller spawns the [`Driver`], as after [`connect`](Self::connect).
    ///
    /// # Errors
    /// If the port cannot be opened, with what to do; or if nothing answers at it.
    pub async fn open(path: &str) -> Result<(Self, Events, Driver), Error> {
        Self::begin_open(path).await
    }

    // In a box, so that it is compiled here, once: the future of an async function is compiled in each
    // program, and there once for each place that polls it.
    fn begin_open(path: &str) -> Pin<Box<dyn Future<Output = Result<Opened, Error>> + Send + '_>> {
        Box::pin(async move {
            let port = SerialPort::open(path, &SerialSettings::default()).await?;
            let (client, events, mut driver) = Self::connect(port, Settings::default());
            driver.run_beside(client.run(Synchronise::default())).await?;
            Ok((client, events, driver))
        })
    }

    /// A client for anything that reads and writes. Nothing is sent: see [`Synchronise`].
    ///
    /// Nothing is spawned either: the caller spawns the [`Driver`], which works as long as it is
    /// polled and a handle is left.
    ///
    /// ```
    /// use m26_pay::asynch::Client;
    /// use m26_pay::engine::Settings;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (host, _module) = tokio::io::duplex(4096);
    /// let (client, events, driver) = Client::connect(host, Settings::default());
    /// tokio::spawn(driver);
    /// # }
    /// ```
    pub fn connect<T: AsyncRead + AsyncWrite + 'static>(
        io: T,
        settings: Settings,
    ) -> (Self, Events, Driver<T>) {
        let span = settings.span();
        Self::connect_within(io, settings, Recording::default(), span)
    }

    fn connect_within<T: AsyncRead + AsyncWrite + 'static>(
        io: T,
        settings: Settings,
        recording: Recording,
        span: Span,
    ) -> (Self, Events, Driver<T>) {
        let (client, events, work) = Self::begin(settings, recording, span);
        (client, events, Driver::new(io, work))
    }

    /// All of it that does not depend on the port.
    fn begin(mut settings: Settings, recording: Recording, span: Span) -> (Self, Events, Work) {
        settings.begin_fences(0, crate::engine::random);
        let (calls, waiting) = mpsc::channel(settings.queue_limit.max(1));
        let profile = Arc::new(settings.profile.clone());
        let client = Self { calls, profile, recording: recording.clone(), timeout: None };
        let (events, ring) = events::channel(BacklogLimits::of(&settings));
        (client, events, driver::work(settings, waiting, ring, recording, span))
    }

    /// Sets how long each exchange of this handle may take, from its first byte sent to its last line,
    /// instead of the documented deadlines; `None` means those. The calls of [`Synchronise`] keep
    /// their own.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Records what passes from now on, without secrets. The driver writes the recording, and works on
    /// nothing else during a write.
    pub fn record(&self, to: impl io::Write + Send + 'static) {
        self.recording.start(to);
    }

    /// The profile of the module.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Sends a command and waits for its answer. If too many commands wait already, it first waits for
    /// room.
    ///
    /// # Errors
    /// [`Error::certainty`] says whether the command was carried out.
    pub async fn send<C: Command>(&self, command: &C) -> Result<C::Response, Error> {
        let request = command.request(&self.profile)?;
        let reply = self.exchange(request).await?;
        Ok(command.decode(&reply)?)
    }

    /// Runs a flow to its end.
    pub async fn run<F: Flow>(&self, flow: F) -> F::Output {
        self.run_with(flow, |progress| debug!("{progress}")).await
    }

    /// Runs a flow to its end, and reports its progress.
    pub async fn run_with<F: Flow>(&self, flow: F, report: impl FnMut(Progress)) -> F::Output {
        run(flow, &self.profile, report, |request| self.exchange(request)).await
    }

    fn exchange(&self, request: Request) -> Exchange<'_> {
        self.exchange_or_leave(request, Leave::default())
    }

    /// As [`exchange`](Self::exchange), and tells `leave` if the caller does not wait for the end.
    fn exchange_or_leave(&self, mut request: Request, leave: Leave) -> Exchange<'_> {
        if !request.probe {
            request.timeout = self.timeout.or(request.timeout);
        }
        Exchange::begin(&self.calls, request, leave)
    }
}

/// Runs a flow to its end, whose commands `exchange` sends.
async fn run<F: Flow, E: Future<Output = Result<Reply, ExchangeError>>>(
    mut flow: F,
    profile: &Profile,
    mut report: impl FnMut(Progress),
    exchange: impl Fn(Request) -> E,
) -> F::Output {
    let mut input = Input::Begin;
    loop {
        let now = tokio::time::Instant::now().into_std();
        input = match flow.step(&Context { now, profile }, input) {
            Step::Send(request) => Input::Reply(exchange(request).await),
            Step::Wait(time) => {
                tokio::time::sleep(time).await;
                Input::Resume
            }
            Step::Report(progress) => {
                report(progress);
                Input::Resume
            }
            Step::Done(output) => return output,
        };
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("profile", &self.profile.name).finish_non_exhaustive()
    }
}
