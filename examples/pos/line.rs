//! [`Line`]: the client that a till works with, blocking or async on tokio.
//!
//! The till is written once for both, with an `.await` wherever a client may wait. A blocking client
//! returns with its answer, so its futures are ready at once.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use m26_pay::asynch::{self, Events};
use m26_pay::at::command::Command;
use m26_pay::blocking::{self, Port};
use m26_pay::engine::{Event, Settings};
use m26_pay::error::Error;
use m26_pay::flows::{Flow, Progress};
use m26_pay::serial::SerialSettings;

/// What a till needs of a client.
pub trait Line {
    /// Sends a command and waits for its answer.
    async fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error>;

    /// Runs a flow to its end, and reports its progress.
    async fn run<F: Flow>(&mut self, flow: F, tell: impl FnMut(Progress)) -> F::Output;

    /// The next event of the module, if there is one already.
    async fn event(&mut self) -> Option<Event>;
}

impl<P: Port> Line for blocking::Client<P> {
    async fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        blocking::Client::send(self, command)
    }

    async fn run<F: Flow>(&mut self, flow: F, tell: impl FnMut(Progress)) -> F::Output {
        self.run_with(flow, tell)
    }

    async fn event(&mut self) -> Option<Event> {
        // An error here means that the port is gone; the next command says so as well.
        self.next_event(Some(Duration::ZERO)).ok().flatten()
    }
}

/// An async client, and its events.
pub struct Connection {
    client: asynch::Client,
    events: Events,
}

impl Connection {
    /// Opens a port on the runtime that runs this, and drives the line in a task.
    pub async fn open(
        path: &str,
        serial: &SerialSettings,
        settings: Settings,
    ) -> Result<Self, Error> {
        let port = asynch::SerialPort::open(path, serial).await?;
        let (client, events, driver) = asynch::Client::connect(port, settings);
        // If it ends, every command fails with the reason.
        tokio::spawn(driver);
        Ok(Self { client, events })
    }
}

impl Line for Connection {
    async fn send<C: Command>(&mut self, command: &C) -> Result<C::Response, Error> {
        self.client.send(command).await
    }

    async fn run<F: Flow>(&mut self, flow: F, tell: impl FnMut(Progress)) -> F::Output {
        self.client.run_with(flow, tell).await
    }

    async fn event(&mut self) -> Option<Event> {
        tokio::time::timeout(Duration::ZERO, self.events.next()).await.ok().flatten()
    }
}

/// Runs a future that never waits.
pub fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
