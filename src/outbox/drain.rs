//! [`Drain`]: a flow that sends what is pending.

use std::time::{Duration, Instant};

use crate::flows::{Context, Flow, Input, Step};

use crate::outbox::sender::{Sender, Stop, Want};
use crate::outbox::{Outbox, OutboxError};

/// A flow that sends the pending reports, in order, and waits while the module has no room: see
/// [`Outbox::drain`].
///
/// It ends when nothing is pending any more, or when the SDK or the port is gone; with
/// [`patience`](Self::patience) also when that time is over. If it is dropped before its end, what it
/// was sending is settled. Only one flow or session can drain an outbox at a time.
///
/// ```
/// use m26_pay::alipay::{Open, Report, TradeResult};
/// use m26_pay::outbox::{End, Outbox, OutboxPolicy};
/// # use m26_pay::blocking::Client;
/// # use m26_pay::engine::Settings;
/// # use m26_pay::sim::modem::{self, ModemConfig, Modem};
/// # use m26_pay::sim::virtual_port::VirtualPort;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("till.db");
/// # let module = modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() };
/// # let mut client = Client::connect(VirtualPort::new(Modem::new(module)), Settings::default());
///
/// let outbox = Outbox::open(&path, OutboxPolicy::default())?;
/// outbox.append(&Report::of("10.25".parse()?, TradeResult::Unsupported, 1548811777).build()?)?;
///
/// outbox.module_opened(client.send(&Open)?)?;
/// let drained = client.run(outbox.drain())?;
/// assert_eq!((drained.held, drained.left, drained.end), (1, 0, End::Empty));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "it sends nothing unless a client runs it"]
pub struct Drain {
    sender: Sender,
    patience: Option<Duration>,
}

/// What a [`Drain`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Drained {
    /// Reports that the module took and holds.
    pub held: u64,
    /// Reports that the module took and holds in memory alone.
    pub ram_only: u64,
    /// Reports that failed for too long and were parked.
    pub parked: u64,
    /// Reports that the module rejected, or that the profile cannot carry.
    pub rejected: u64,
    /// Reports that are still pending.
    pub left: u64,
    /// Why it ended.
    pub end: End,
}

/// Why a [`Drain`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum End {
    /// The port was lost.
    Disconnected,
    /// Nothing is pending any more.
    Empty,
    /// The SDK is not initialised, or the module was reset: open it again, which may need a restart
    /// of the module, and drain again.
    NotInitialised,
    /// Its [`patience`](Drain::patience) is over.
    OutOfPatience,
}

impl Drain {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self { sender: Sender::new(outbox), patience: None }
    }

    /// Ends after this time, or earlier if nothing would be tried again before it.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    fn done(&self, end: End) -> Step<Result<Drained, OutboxError>> {
        let tally = self.sender.tally;
        let left = self.sender.outbox().summary().reports.due();
        let (held, ram_only) = (tally.held, tally.ram_only);
        let (parked, rejected) = (tally.parked, tally.rejected);
        Step::Done(Ok(Drained { held, ram_only, parked, rejected, left, end }))
    }
}

impl Flow for Drain {
    type Output = Result<Drained, OutboxError>;

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<Self::Output> {
        if let Some(patience) = self.patience.take() {
            self.sender.deadline = cx.now.checked_add(patience);
        }
        match self.sender.advance(cx, None, input) {
            Want::Send(request) => Step::Send(request),
            Want::Tell(progress) => Step::Report(progress),
            Want::Stop(stop) => match stop {
                Stop::Disconnected => self.done(End::Disconnected),
                Stop::Draining => Step::Done(Err(OutboxError::Draining)),
                Stop::Empty => self.done(End::Empty),
                Stop::NotInitialised => self.done(End::NotInitialised),
                Stop::Store(error) => Step::Done(Err(error.into())),
                Stop::Until(until) if !self.is_late(until) => {
                    Step::Wait(until.saturating_duration_since(cx.now))
                }
                Stop::Late | Stop::Until(_) => self.done(End::OutOfPatience),
            },
        }
    }
}

impl Drain {
    fn is_late(&self, until: Instant) -> bool {
        self.sender.deadline.is_some_and(|deadline| deadline <= until)
    }
}
