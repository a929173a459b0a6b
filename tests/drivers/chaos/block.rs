//! A run of the blocking client.

use std::time::{Duration, Instant};

use m26_pay::blocking::{Client, Port};
use m26_pay::flows::Synchronise;
use support::held_port;

use crate::chaos::Setup;
use crate::chaos::act::{Act, Call};
use crate::chaos::ask::{Ask, Confusion};
use crate::chaos::module::{Ledger, Shared, lock};
use crate::chaos::plan::{Class, Plan, Terms, millis, next_ask};
use crate::chaos::tape::{self, Recorded, Tape};
use crate::chaos::world::{End, World};

type Held = held_port::Held<Recorded>;

struct Run<'a, 'w> {
    terms: &'a Terms,
    world: &'w mut World<'a>,
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    confusion: Confusion,
    port: Held,
    began: Instant,
    client: Client<Held>,
    generation: usize,
    /// How many calls may still be on their way.
    before: usize,
    /// When results of a client before this one have come.
    results_from: Instant,
}

pub fn run<'a>(setup: Setup<'a>, world: &mut World<'a>) {
    let Setup { source, terms, far, ledger, tape, confusion } = setup;
    let port = Held::new(far);
    let began = port.now();
    let client = client(terms, &port, 0);
    let (before, generation, results_from) = (0, 0, began);
    let mut run = Run {
        terms,
        world,
        ledger,
        tape,
        confusion,
        port,
        began,
        client,
        generation,
        before,
        results_from,
    };
    match source {
        Ok(plan) => run.improvise(plan),
        Err(acts) => acts.iter().for_each(|act| run.act(act)),
    }
}

fn client(terms: &Terms, port: &Held, generation: usize) -> Client<Held> {
    let mut client = Client::connect(port.clone(), terms.settings(generation));
    client.set_timeout(terms.timeout);
    client
}

impl Run<'_, '_> {
    fn improvise(&mut self, plan: &Plan) {
        let mut rng = fastrand::Rng::with_seed(plan.seed ^ 1);
        if rng.u32(..4) > 0 {
            self.act(&Act::Synchronise);
        }
        let mut asks = 0;
        while self.port.now() < self.began + plan.calm
            && asks < plan.asks
            && self.world.wrong.is_none()
        {
            let act = match rng.u32(..12) {
                0 => Act::Pass(millis(&mut rng, 1, 60_000)),
                1 => Act::Listen(millis(&mut rng, 0, 10_000)),
                2 => Act::Synchronise,
                3 => self.batch(&mut rng, true, 1),
                4..=6 => {
                    let size = rng.usize(2..6);
                    self.batch(&mut rng, false, size)
                }
                _ => self.batch(&mut rng, false, 1),
            };
            if let Act::Batch { calls, .. } = &act {
                asks += calls.len();
            }
            self.act(&act);
        }
        self.act(&Act::Recover(plan.calm));
    }

    fn batch(&self, rng: &mut fastrand::Rng, stuck: bool, size: usize) -> Act {
        let results = self.results_from <= self.port.now();
        let mut turns: Vec<_> = (0..size as u64).collect();
        rng.shuffle(&mut turns);
        let calls = turns.into_iter().map(|at| {
            let ask = next_ask(rng, &self.world.unsure, results);
            let leaves = (rng.u32(..8) == 0).then(|| millis(rng, 0, 3_000));
            Call { ask, at, leaves }
        });
        Act::Batch { stuck, calls: calls.collect() }
    }

    fn act(&mut self, act: &Act) {
        if !tape::begin(act, &self.ledger, &self.tape) {
            return;
        }
        match act {
            Act::Batch { stuck, calls } => {
                self.port.0.borrow_mut().stick(*stuck);
                self.call(calls);
                self.port.0.borrow_mut().stick(false);
            }
            Act::Listen(time) => {
                if let Ok(Some(event)) = self.client.next_event(Some(*time)) {
                    self.world.event(&event);
                }
            }
            Act::Pass(time) => {
                self.world.log.push(format!("{time:?} pass"));
                self.port.0.borrow_mut().pass(*time);
            }
            Act::Recover(calm) => self.recover(*calm),
            Act::Synchronise => self.synchronise(),
        }
        self.listen();
    }

    /// Begins all calls, and then comes back for each in its turn.
    fn call(&mut self, calls: &[Call]) {
        if self.client.engine().is_idle() {
            self.before = 0;
        }
        self.before += calls.len();
        let bound = self.terms.bound(self.before);
        let began = self.port.now();
        let mut passed = Duration::ZERO;
        let mut pending = Vec::new();
        for call in calls {
            self.world.ask(&call.ask);
            match self.client.submit(call.ask.clone()) {
                Ok(submitted) => pending.push((call, submitted)),
                Err(error) => {
                    self.ended(&call.ask, &End::Answered(Err(error)), Duration::ZERO, bound);
                }
            }
        }
        pending.sort_by_key(|(call, _)| call.at);
        for (Call { ask, leaves, .. }, submitted) in pending {
            if let Some(until) = *leaves {
                let before = self.port.now();
                if let Ok(Some(event)) = self.client.next_event(Some(until)) {
                    self.world.event(&event);
                }
                passed += self.port.now() - before;
                let certainty = self.client.cancel(submitted);
                let took = self.port.now() - began;
                self.ended(ask, &End::Left(Some(certainty)), took, bound + passed);
            } else {
                let outcome = self.client.wait(submitted);
                let outcome = self.confusion.outcome(ask, outcome);
                let took = self.port.now() - began;
                self.ended(ask, &End::Answered(outcome), took, bound + passed);
            }
        }
        self.reconnect();
    }

    fn ended(&mut self, ask: &Ask, end: &End, took: Duration, bound: Duration) {
        while let Some(event) = self.client.take_event() {
            self.world.event(&event);
        }
        self.world.ended(ask, end, took, bound);
    }

    fn synchronise(&mut self) {
        let ended = self.client.run(Synchronise::default());
        self.world.log.push(format!("synchronised: {ended:?}"));
        self.reconnect();
    }

    /// Whether the port is still there.
    fn listen(&mut self) -> bool {
        // The end of the line is found behind what arrived before it, at the next look.
        let mut looks = 0;
        while looks < 2 {
            match self.client.next_event(Some(Duration::ZERO)) {
                Ok(Some(event)) => self.world.event(&event),
                Ok(None) => looks += 1,
                Err(_) => return false,
            }
        }
        true
    }

    /// After a hang-up: a new client, as soon as the line is back.
    fn reconnect(&mut self) {
        let now = self.port.now();
        if self.listen() {
            return;
        }
        while lock(&self.ledger).down {
            self.port.0.borrow_mut().pass(Duration::from_secs(1));
        }
        self.generation += 1;
        self.world.log.push(format!("client {}", self.generation));
        self.port.0.borrow_mut().reopen();
        self.client = client(self.terms, &self.port, self.generation);
        self.before = 0;
        self.results_from = now + FORGOTTEN;
    }

    /// When faults have stopped and what they held back has come, the next simple command
    /// succeeds.
    fn recover(&mut self, calm: Duration) {
        let calm = calm.saturating_sub(self.port.now() - self.began) + FORGOTTEN;
        self.port.0.borrow_mut().pass(calm);
        self.reconnect();
        if !self.terms.is_true() {
            // A command that was changed on its way may have changed the module.
            self.synchronise();
        }
        self.client.set_timeout(None);
        let began = self.port.now();
        let mut answered = false;
        for _ in 0..=self.terms.failures_left {
            let outcome = self.client.send(&Ask::At);
            answered = outcome.is_ok();
            let took = self.port.now() - began;
            self.ended(&Ask::At, &End::Answered(outcome), took, Duration::MAX);
            if answered {
                break;
            }
        }
        let took = self.port.now() - began;
        let allowed = RECOVERY * (1 + self.terms.failures_left);
        if (!answered || took > allowed) && self.terms.class != Class::Disorderly {
            self.world.fail(format!("no answer when all is calm, within {took:?}"));
        }
    }
}

/// A client knows nothing of the results for which one before it had waited. Nothing in them
/// tells whose they are, so a caller who connects again asks for none before they have come. Here
/// they come within 90 s, and 8 s more on the line.
pub const FORGOTTEN: Duration = Duration::from_secs(130);

/// Three fences, and the command.
pub const RECOVERY: Duration = Duration::from_secs(10);
