//! The loop of a blocking session, between its machine, its client and the clock.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::shared::{Ended, Inner, Operation};
use super::{Session, Submission};
use crate::at::command::{Deadline, Reply, Request};
use crate::at::profile::Profile;
use crate::blocking::bell::Ear;
use crate::blocking::inbox::Inbox;
use crate::blocking::{Client, Host, Port};
use crate::engine::{Certainty, ExchangeError};
use crate::error::Error;
use crate::flows::Input;
use crate::session::{Drive, HostRestart, Machine, Pending, WHOLE_CALL, client_settings, hangs};

/// A command of a handle.
pub(super) struct Ongoing {
    id: u64,
    submission: Submission<()>,
    outcome: SyncSender<Ended>,
}

impl<H: Host> Session<H> {
    pub(super) fn now(&self) -> Instant {
        self.client.as_ref().map_or_else(|| self.host.now(), Client::now)
    }

    /// Does what can be done without waiting.
    pub(super) fn look(&mut self) {
        if let Some(client) = &mut self.client {
            client.read_all();
        }
        let now = self.now();
        self.work_held(Some(now), |_| false);
    }

    pub(super) fn wait_permitted(&mut self, request: &Request, patience: Duration) {
        self.look();
        if !patience.is_zero() {
            let until = self.now().checked_add(patience);
            self.work_held(until, |inner| inner.machine.is_settled(request));
        }
    }

    pub(super) fn send_of_flow(&mut self, mut request: Request) -> Result<Reply, ExchangeError> {
        let pass = self.shared.lock().machine.permit(self.now(), &mut request)?;
        let outcome = self.exchange(request);
        let now = self.now();
        self.shared.lock().machine.ended(now, pass, &outcome);
        self.absorb();
        outcome
    }

    pub(super) fn exchange(&mut self, request: Request) -> Result<Reply, ExchangeError> {
        let client = self.client.as_mut().ok_or(ExchangeError::Disconnected(Certainty::NotSent))?;
        let ticket = client.begin(request)?;
        client.wait_for(ticket)
    }

    /// As [`exchange`](Self::exchange), at most until this time, which is `patience` after the call.
    pub(super) fn exchange_until(
        &mut self,
        request: Request,
        until: Option<Instant>,
        patience: Duration,
    ) -> Result<Reply, ExchangeError> {
        let over = |now| until.is_some_and(|until| until <= now);
        let timed_out = |certainty| {
            let deadline = Deadline { name: WHOLE_CALL, after: patience };
            Err(ExchangeError::TimedOut { deadline, certainty })
        };
        let Some(client) = &mut self.client else {
            return Err(ExchangeError::Disconnected(Certainty::NotSent));
        };
        if over(client.now()) {
            return timed_out(Certainty::NotSent);
        }
        let submission = client.entrust(request)?;
        loop {
            match client.poll(submission.ticket) {
                Ok(outcome) => return outcome,
                Err(_) if over(client.now()) => {
                    // What has arrived counts before the deadline does.
                    client.read_all();
                    return match client.poll(submission.ticket) {
                        Ok(outcome) => outcome,
                        Err(_) => timed_out(client.cancel(submission)),
                    };
                }
                Err(_) if client.gone => {
                    return Err(ExchangeError::Disconnected(Certainty::Unknown));
                }
                Err(timer) => client.turn(timer, until),
            }
        }
    }

    /// Works until `done` holds, at most until this time.
    pub(super) fn work(&mut self, until: Option<Instant>, done: impl Fn(&Inner) -> bool) {
        let _span = self.span.clone().entered();
        loop {
            self.take_operations();
            self.absorb();
            if done(&self.shared.lock()) {
                return;
            }
            let now = self.now();
            let over = until.is_some_and(|until| until <= now);
            match std::mem::replace(&mut self.pending, Pending::Rest(None)) {
                Pending::Step(input) => self.pending = self.advance(now, input),
                Pending::Exchange(submission) => {
                    let Some(client) = &mut self.client else { continue };
                    match client.poll(submission.ticket) {
                        Ok(outcome) => self.pending = Pending::Step(Input::Reply(outcome)),
                        Err(timer) => {
                            self.pending = Pending::Exchange(submission);
                            if over {
                                return;
                            }
                            client.turn(timer, until);
                        }
                    }
                }
                Pending::Open(at) => match self.open(at, until) {
                    Some(outcome) => {
                        let now = self.now();
                        self.machine(|machine| machine.opened(now, outcome.as_ref().copied()));
                        self.pending = Pending::Step(Input::Begin);
                    }
                    None => {
                        self.pending = Pending::Open(at);
                        if over {
                            return;
                        }
                    }
                },
                Pending::Rest(Some(at)) if at <= now => {
                    self.pending = Pending::Step(Input::Resume);
                }
                Pending::Rest(at) => {
                    self.pending = Pending::Rest(at);
                    if over {
                        return;
                    }
                    let next = [at, until].into_iter().flatten().min();
                    match (&mut self.client, next, &self.ear) {
                        (Some(client), _, _) => {
                            let timer = client.collect(None).err().flatten();
                            if !client.inbox.take_any() {
                                client.turn(timer, next);
                            }
                        }
                        (None, next, Some(ear)) => {
                            ear.wait(next.map(|next| next.saturating_duration_since(now)));
                        }
                        (None, Some(next), None) => {
                            self.host.wait(next.saturating_duration_since(now));
                        }
                        // Without a port, a time and handles nothing will ever happen.
                        (None, None, None) => return,
                    }
                }
            }
        }
    }

    /// Opens the port, at most until `at`. It returns early at `until`, and after 50 ms, so that
    /// handles are served.
    fn open(&mut self, at: Instant, until: Option<Instant>) -> Option<Result<(), Error>> {
        let left = until.map_or(at, |until| until.min(at)).saturating_duration_since(self.now());
        match self.host.open(left.min(OPENING_TURN)) {
            Some(outcome) => Some(outcome.map(|port| self.connect(port))),
            None => (at <= self.now()).then(|| Err(hangs())),
        }
    }

    /// There is a port: the client of it.
    fn connect(&mut self, port: H::Port) {
        let random = || Port::random(&port);
        let settings = client_settings(&self.settings, self.opened, random);
        self.opened += 1;
        let mut client = Client::connect_within(port, settings, self.span.clone());
        let shared = Arc::clone(&self.shared);
        client.inbox = Inbox::hand_to(move |now, event| shared.observe(now, &event));
        client.ear.clone_from(&self.ear);
        self.client = Some(client);
        self.hand_recorder();
    }

    /// Works for a caller that is about to send something. No duty begins a command meanwhile.
    fn work_held(&mut self, until: Option<Instant>, done: impl Fn(&Inner) -> bool) {
        self.shared.lock().machine.hold_duties();
        self.work(until, done);
        self.shared.lock().machine.release_duties();
    }

    /// Gives the recorder to the client, which writes the recording.
    pub(super) fn hand_recorder(&mut self) {
        let Some(client) = &mut self.client else { return };
        if let Some(recorder) = self.shared.lock().recorder.take() {
            client.recorder = Some(recorder);
        }
    }

    /// Takes the events and outcomes of the client, and the events of the machine.
    pub(super) fn absorb(&mut self) {
        self.absorb_entrusted();
        if let Some(client) = &mut self.client {
            drop(client.collect(None));
            client.inbox.take_any();
        }
        self.absorb_calls();
        if let Some(client) = &mut self.client {
            if client.gone {
                let mut inner = self.shared.lock();
                if inner.recorder.is_none() {
                    inner.recorder = client.recorder.take();
                }
                inner.machine.disconnected();
                drop(inner);
                self.client = None;
            }
        }
        self.shared.absorb_events();
        let epoch = self.shared.lock().machine.epoch();
        if self.epoch != epoch {
            self.epoch = epoch;
            let pending = std::mem::replace(&mut self.pending, Pending::Step(Input::Begin));
            if let (Pending::Exchange(submission), Some(client)) = (pending, &mut self.client) {
                client.cancel(submission);
            }
        }
    }

    /// Hands back the command of a duty if it has ended: behind the events that came before its end,
    /// and before those that came later.
    fn absorb_entrusted(&mut self) {
        let (Some(client), Some(submission)) = (&mut self.client, &self.entrusted) else { return };
        let outcome = match client.poll(submission.ticket) {
            Ok(outcome) => outcome,
            Err(_) if client.gone => Err(ExchangeError::Disconnected(Certainty::Unknown)),
            Err(_) => return,
        };
        let now = client.now();
        self.entrusted = None;
        self.hand_back(now, outcome);
    }
}

impl<H: Host> Drive for Session<H> {
    type Exchange = Submission<()>;

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
        if let Some(client) = &mut self.client {
            client.leave();
            self.absorb();
        }
    }

    fn restart(&mut self) -> Result<HostRestart, Error> {
        self.host.restart()
    }

    fn begin(&mut self, request: Request) -> Result<Submission<()>, ExchangeError> {
        let gone = ExchangeError::Disconnected(Certainty::NotSent);
        self.client.as_mut().map_or(Err(gone), |client| client.entrust(request))
    }

    fn keep(&mut self, exchange: Submission<()>) {
        self.entrusted = Some(exchange);
    }
}

/// For handles.
impl<H: Host> Session<H> {
    /// Listens to handles; `None` ends it.
    pub(super) fn listen(&mut self, ear: Option<Ear>) {
        if let Some(client) = &mut self.client {
            client.ear.clone_from(&ear);
        }
        self.ear = ear;
    }

    /// Begins and cancels what handles want.
    fn take_operations(&mut self) {
        let Some(ear) = &self.ear else { return };
        ear.clear();
        self.hand_recorder();
        let operations = std::mem::take(&mut self.shared.lock().operations);
        for operation in operations {
            match operation {
                Operation::Send { id, request, outcome } => match self.begin(*request) {
                    Ok(submission) => self.calls.push(Ongoing { id, submission, outcome }),
                    // A caller that has left in this moment does not want it.
                    Err(failure) => drop(outcome.send((self.now(), Err(failure)))),
                },
                Operation::Cancel { id, pass, certainty } => {
                    let cancelled = self.cancel(id);
                    self.shared.lock().machine.abandoned(&pass, cancelled);
                    if let Some(certainty) = certainty {
                        let _ = certainty.send(cancelled.unwrap_or(Certainty::Unknown));
                    }
                }
            }
        }
    }

    /// Cancels a command; `None` if it has ended already.
    fn cancel(&mut self, id: u64) -> Option<Certainty> {
        let found = self.calls.iter().position(|call| call.id == id);
        match (found, &mut self.client) {
            (Some(index), Some(client)) => {
                Some(client.cancel(self.calls.swap_remove(index).submission))
            }
            _ => None,
        }
    }

    /// Hands back the commands of handles that have ended.
    fn absorb_calls(&mut self) {
        let Some(client) = &mut self.client else { return };
        let now = client.now();
        self.calls.retain(|call| {
            let outcome = client.take_ended(&call.submission);
            let ended = outcome.is_some();
            if let Some(outcome) = outcome {
                let _ = call.outcome.send((now, outcome));
            }
            !ended
        });
    }

    /// The thread no longer works for the handles: what they wait for is cancelled.
    pub(super) fn end_calls(&mut self) {
        let mut inner = self.shared.lock();
        inner.bell = None;
        let operations = std::mem::take(&mut inner.operations);
        drop(inner);
        let now = self.now();
        for call in std::mem::take(&mut self.calls) {
            let certainty = match &mut self.client {
                Some(client) => client.cancel(call.submission),
                None => Certainty::Unknown,
            };
            let _ = call.outcome.send((now, Err(ExchangeError::Disconnected(certainty))));
        }
        for operation in operations {
            match operation {
                Operation::Send { outcome, .. } => {
                    let _ =
                        outcome.send((now, Err(ExchangeError::Disconnected(Certainty::NotSent))));
                }
                Operation::Cancel { pass, certainty, .. } => {
                    self.shared.lock().machine.abandoned(&pass, Some(Certainty::Unknown));
                    if let Some(certainty) = certainty {
                        let _ = certainty.send(Certainty::Unknown);
                    }
                }
            }
        }
        self.shared.change(|_| ());
    }
}

/// How long a port that is being opened keeps its session from what handles want. Not specified;
/// chosen because nobody at a till sees it.
const OPENING_TURN: Duration = Duration::from_millis(50);
