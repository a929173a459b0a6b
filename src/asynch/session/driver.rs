//! [`SessionDriver`]: the loop of an async session, between its machine, its connection and the clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Alive, Session, Shared};
use crate::asynch::driver::room_for_a_read;
use crate::asynch::events::Sender;
use crate::asynch::recording::Recording;
use crate::asynch::{Client, Driver, Events, Host};
use crate::at::command::{Reply, Request};
use crate::at::profile::Profile;
use crate::engine::{Certainty, ExchangeError, Settings, random};
use crate::error::Error;
use crate::flows::Input;
use crate::serial::SerialHost;
use crate::session::{Drive, HostRestart, Machine, Pending, SessionEvent, client_settings, hangs};

/// Does the work of a session while it is polled. It ends when all handles are gone.
#[must_use = "nothing happens unless it is polled: spawn it"]
pub struct SessionDriver<H: Host = SerialHost> {
    host: H,
    settings: Settings,
    shared: Arc<Shared>,
    alive: Weak<Alive>,
    events: Sender<SessionEvent>,
    recording: Recording,
    connection: Option<Connection<H::Port>>,
    /// How many ports were opened.
    opened: u32,
    pending: Pending<Exchange>,
    /// Until the time at which a rest ends.
    sleep: Option<Pin<Box<Sleep>>>,
    /// A command of a duty, which does not wait for the steps.
    entrusted: Option<Exchange>,
    epoch: u64,
}

struct Connection<T> {
    client: Client,
    events: Events,
    driver: Driver<T>,
}

type Exchange = Pin<Box<dyn Future<Output = Result<Reply, ExchangeError>> + Send>>;

impl<H: Host> SessionDriver<H> {
    pub(super) fn new(
        host: H,
        settings: Settings,
        session: &Session,
        events: Sender<SessionEvent>,
    ) -> Self {
        let shared = Arc::clone(&session.shared);
        let epoch = shared.lock().machine.epoch();
        Self {
            host,
            settings,
            epoch,
            shared,
            alive: Arc::downgrade(&session.alive),
            recording: session.recording.clone(),
            events,
            connection: None,
            opened: 0,
            pending: Pending::Step(Input::Begin),
            sleep: None,
            entrusted: None,
        }
    }

    /// Lets the connection work, and passes on what came, before any caller hears of its command's end.
    fn turn(&mut self, cx: &mut Context<'_>) {
        let shared = Arc::clone(&self.shared);
        let _turn = shared.turn();
        self.connection(cx);
        self.absorb();
    }

    /// Lets the connection work, and tells the machine its events.
    fn connection(&mut self, cx: &mut Context<'_>) {
        // Once so that it is submitted, and once for its outcome. Both come before the events, because
        // the outcome belongs to the time before them.
        self.poll_entrusted(cx);
        let Some(connection) = &mut self.connection else { return };
        let over = Pin::new(&mut connection.driver).poll(cx).is_ready();
        self.poll_entrusted(cx);
        let Some(connection) = &mut self.connection else { return };
        let now = Instant::now().into_std();
        let mut inner = self.shared.lock();
        while let Poll::Ready(Some(event)) = Pin::new(&mut connection.events).poll_next(cx) {
            inner.machine.observe(now, &event);
        }
        if over {
            inner.client = None;
            inner.machine.disconnected();
            drop(inner);
            self.connection = None;
        }
    }

    /// Hands back the command of a duty if it has ended.
    fn poll_entrusted(&mut self, cx: &mut Context<'_>) {
        let Some(exchange) = &mut self.entrusted else { return };
        if let Poll::Ready(outcome) = exchange.as_mut().poll(cx) {
            self.entrusted = None;
            self.hand_back(Instant::now().into_std(), outcome);
        }
    }

    /// Passes on the events of the machine, and drops a step that is no longer valid.
    fn absorb(&mut self) {
        let mut inner = self.shared.lock();
        while let Some(event) = inner.machine.poll_event() {
            let missed = self.events.push(event);
            inner.machine.missed(missed);
        }
        let epoch = inner.machine.epoch();
        drop(inner);
        if epoch != self.epoch {
            self.epoch = epoch;
            self.pending = Pending::Step(Input::Begin);
        }
        self.shared.seen.send_if_modified(|seen| std::mem::replace(seen, epoch) != epoch);
    }

    /// There is a port: the client of it.
    fn connect(&mut self, port: H::Port) {
        // The session reads the events after each turn: what one turn brings has to fit.
        let settings = room_for_a_read(client_settings(&self.settings, self.opened, random));
        self.opened += 1;
        let (recording, span) = (self.recording.clone(), self.shared.span.clone());
        let (client, events, driver) = Client::connect_within(port, settings, recording, span);
        self.shared.lock().client = Some(client.clone());
        self.connection = Some(Connection { client, events, driver });
    }

    /// The input for the next step, once the last one has ended.
    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Option<Input> {
        match &mut self.pending {
            Pending::Step(_) => match std::mem::replace(&mut self.pending, Pending::Rest(None)) {
                Pending::Step(input) => Some(input),
                _ => None,
            },
            Pending::Exchange(exchange) => match exchange.as_mut().poll(cx) {
                Poll::Ready(outcome) => Some(Input::Reply(outcome)),
                Poll::Pending => None,
            },
            Pending::Open(_) => {
                let outcome = match self.host.poll_open(cx) {
                    Poll::Ready(outcome) => outcome.map(|port| self.connect(port)),
                    Poll::Pending if self.sleep.as_mut()?.as_mut().poll(cx).is_ready() => {
                        Err(hangs())
                    }
                    Poll::Pending => return None,
                };
                let now = Instant::now().into_std();
                self.machine(|machine| machine.opened(now, outcome.as_ref().copied()));
                Some(Input::Begin)
            }
            Pending::Rest(_) => match self.sleep.as_mut()?.as_mut().poll(cx) {
                Poll::Ready(()) => Some(Input::Resume),
                Poll::Pending => None,
            },
        }
    }
}

impl<H: Host> Drive for SessionDriver<H> {
    type Exchange = Exchange;

    fn machine<T>(&self, work: impl FnOnce(&mut Machine) -> T) -> T {
        work(&mut self.shared.lock().machine)
    }

    fn epoch(&mut self) -> &mut u64 {
        &mut self.epoch
    }

    fn profile(&self) -> &Profile {
        &self.settings.profile
    }

    fn unix_seconds(&self) -> Option<i64> {
        self.host.unix_seconds()
    }

    fn close(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.driver.leave(Instant::now().into_std());
            self.shared.lock().client = None;
        }
    }

    fn restart(&mut self) -> Result<HostRestart, Error> {
        self.host.restart()
    }

    fn begin(&mut self, request: Request) -> Result<Exchange, ExchangeError> {
        match &self.connection {
            Some(connection) => {
                let client = connection.client.clone();
                Ok(Box::pin(async move { client.exchange(request).await }))
            }
            None => Err(ExchangeError::Disconnected(Certainty::NotSent)),
        }
    }

    fn keep(&mut self, exchange: Exchange) {
        self.entrusted = Some(exchange);
    }
}

// Nothing in it is pinned in place: the connection's port and the futures are boxed.
impl<H: Host> Unpin for SessionDriver<H> {}

impl<H: Host> Future for SessionDriver<H> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let driver = self.get_mut();
        let _span = driver.shared.span.clone().entered();
        driver.shared.lock().waker = Some(cx.waker().clone());
        loop {
            driver.turn(cx);
            if driver.alive.strong_count() == 0 {
                return Poll::Ready(());
            }
            match driver.poll_pending(cx) {
                Some(input) => {
                    driver.pending = driver.advance(Instant::now().into_std(), input);
                    driver.sleep = match driver.pending {
                        Pending::Rest(Some(at)) | Pending::Open(at) => {
                            Some(Box::pin(sleep_until(at.into())))
                        }
                        _ => None,
                    };
                }
                // Commands that were begun in this turn have to be sent.
                None => {
                    driver.turn(cx);
                    if !matches!(driver.pending, Pending::Step(_)) {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl<H: Host> Drop for SessionDriver<H> {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        (inner.ended, inner.client) = (true, None);
        drop(inner);
        self.shared.seen.send_modify(|_| {});
    }
}

impl<H: Host> fmt::Debug for SessionDriver<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDriver")
            .field("machine", &self.shared.lock().machine)
            .finish_non_exhaustive()
    }
}
