//! A till with either client.

use std::time::Duration;

use m26_pay::alipay::{Sign, SignData, SignMode};
use m26_pay::asynch;
use m26_pay::blocking;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::error::Error;
use m26_pay::serial::SerialHost;
use m26_pay::session::{Health, Plan, SessionEvent};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use super::Failure;

/// A till that works while its methods run.
pub trait Till {
    /// Works for so long, or until something happens.
    fn work(&mut self, time: Duration) -> Option<SessionEvent>;

    /// Makes a signature.
    ///
    /// # Errors
    /// If it was not made in this time.
    fn sign(&mut self, patience: Duration) -> Result<(), Error>;

    /// How the session is.
    fn health(&self) -> Health;
}

struct Blocking(blocking::Session);

struct Async {
    runtime: Runtime,
    session: asynch::Session,
    events: asynch::Events<SessionEvent>,
}

/// A till with the blocking client.
///
/// # Errors
/// If the place of the port cannot be read.
pub fn blocking(place: &str) -> Result<Box<dyn Till>, Failure> {
    let host: SerialHost = place.parse()?;
    Ok(Box::new(Blocking(blocking::Session::new(host, plan()?, Settings::default()))))
}

/// A till with the async client, on one thread.
///
/// # Errors
/// As [`blocking`].
pub fn asynchronous(place: &str) -> Result<Box<dyn Till>, Failure> {
    let host: SerialHost = place.parse()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (session, events, driver) = asynch::Session::new(host, plan()?, Settings::default());
    runtime.spawn(driver);
    Ok(Box::new(Async { runtime, session, events }))
}

impl Till for Blocking {
    fn work(&mut self, time: Duration) -> Option<SessionEvent> {
        self.0.next_event(Some(time))
    }

    fn sign(&mut self, patience: Duration) -> Result<(), Error> {
        self.0.send_within(&order()?, patience).map(drop)
    }

    fn health(&self) -> Health {
        self.0.health()
    }
}

impl Till for Async {
    fn work(&mut self, time: Duration) -> Option<SessionEvent> {
        let events = &mut self.events;
        self.runtime.block_on(async { timeout(time, events.next()).await.ok().flatten() })
    }

    fn sign(&mut self, patience: Duration) -> Result<(), Error> {
        let order = order()?;
        self.runtime.block_on(self.session.send_within(&order, patience)).map(drop)
    }

    fn health(&self) -> Health {
        self.session.health()
    }
}

/// Whoever drops an async session lets its driver see it.
impl Drop for Async {
    fn drop(&mut self) {
        self.runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    }
}

/// What the sessions here are for.
///
/// # Errors
/// Never: the sample is sound.
pub fn plan() -> Result<Plan, Error> {
    // One that has quit has its answers, and one that is to be harmed begins with a clean line.
    Ok(Plan {
        config: Some(crate::sample::config()?),
        earlier: EarlierProgram::Ended,
        ..Plan::default()
    })
}

fn order() -> Result<Sign, Error> {
    let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?);
    Ok(sign.amount("10.25".parse()?))
}
