//! A run of the blocking client.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use m26_pay::blocking::{Client, Interest, Port};
use m26_pay::m26::bring_up::Synchronise;
use m26_pay::sim::virtual_port::VirtualPort;

use crate::ask::Ask;
use crate::module::{Ledger, Shared, Stack, lock};
use crate::plan::{Class, Plan, millis, next_ask};
use crate::world::{End, World};

/// A port that the test holds along with the client.
#[derive(Clone)]
struct Held(Rc<RefCell<VirtualPort<Stack>>>);

impl Port for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.0.borrow_mut().wait(interest, timeout)
    }

    fn now(&self) -> Instant {
        self.0.borrow().now()
    }
}

struct Run<'a, 'w> {
    plan: &'a Plan,
    world: &'w mut World<'a>,
    ledger: Shared<Ledger>,
    rng: fastrand::Rng,
    port: Held,
    client: Client<Held>,
    generation: usize,
    /// How many calls may still be on their way.
    before: usize,
    /// When results of a client before this one have come.
    results_from: Instant,
}

pub fn run<'a>(plan: &'a Plan, world: &mut World<'a>, stack: Stack, ledger: Shared<Ledger>) {
    let port = Held(Rc::new(RefCell::new(VirtualPort::new(stack))));
    let began = port.now();
    let mut run = Run {
        plan,
        world,
        ledger,
        rng: fastrand::Rng::with_seed(plan.seed ^ 1),
        client: client(plan, &port, 0),
        port,
        generation: 0,
        before: 0,
        results_from: began,
    };
    if run.rng.u32(..4) > 0 {
        run.synchronise();
    }
    let mut asks = 0;
    while run.port.now() < began + plan.calm && asks < plan.asks && run.world.wrong.is_none() {
        asks += run.step();
        run.listen();
    }
    run.recover(began);
}

fn client(plan: &Plan, port: &Held, generation: usize) -> Client<Held> {
    let mut client = Client::new(port.clone(), plan.settings(generation));
    client.set_timeout(plan.timeout);
    client
}

impl Run<'_, '_> {
    fn step(&mut self) -> usize {
        match self.rng.u32(..12) {
            0 => self.pass(60_000),
            1 => {
                let time = millis(&mut self.rng, 0, 10_000);
                if let Ok(Some(event)) = self.client.next_event(Some(time)) {
                    self.world.event(&event);
                }
            }
            2 => self.synchronise(),
            3 => {
                self.port.0.borrow_mut().stick(true);
                let asks = self.batch(1);
                self.port.0.borrow_mut().stick(false);
                return asks;
            }
            4..=6 => {
                let size = self.rng.usize(2..6);
                return self.batch(size);
            }
            _ => return self.batch(1),
        }
        0
    }

    fn batch(&mut self, size: usize) -> usize {
        if self.client.engine().is_idle() {
            self.before = 0;
        }
        self.before += size;
        let bound = self.plan.bound(self.before);
        let began = self.port.now();
        let mut passed = Duration::ZERO;
        let mut pending = Vec::new();
        for _ in 0..size {
            let results = self.results_from <= self.port.now();
            let ask = next_ask(&mut self.rng, &self.world.unsure, results);
            self.world.ask(&ask);
            match self.client.submit(ask.clone()) {
                Ok(submitted) => pending.push((submitted, ask)),
                Err(error) => self.ended(&ask, &End::Answered(Err(error)), Duration::ZERO, bound),
            }
        }
        while !pending.is_empty() {
            let (submitted, ask) = pending.swap_remove(self.rng.usize(..pending.len()));
            if self.rng.u32(..8) == 0 {
                let until = millis(&mut self.rng, 0, 3_000);
                let before = self.port.now();
                if let Ok(Some(event)) = self.client.next_event(Some(until)) {
                    self.world.event(&event);
                }
                passed += self.port.now() - before;
                let certainty = self.client.cancel(submitted);
                let took = self.port.now() - began;
                self.ended(&ask, &End::Left(Some(certainty)), took, bound + passed);
            } else {
                let outcome = self.client.wait(submitted);
                let took = self.port.now() - began;
                self.ended(&ask, &End::Answered(outcome), took, bound + passed);
            }
        }
        self.reconnect();
        size
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

    fn pass(&mut self, most: u64) {
        let time = millis(&mut self.rng, 1, most);
        self.world.log.push(format!("{time:?} pass"));
        self.port.0.borrow_mut().pass(time);
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
        self.client = client(self.plan, &self.port, self.generation);
        self.before = 0;
        self.results_from = now + FORGOTTEN;
    }

    /// When faults have stopped and what they held back has come, the next simple command
    /// succeeds.
    fn recover(&mut self, began: Instant) {
        let calm = self.plan.calm.saturating_sub(self.port.now() - began) + FORGOTTEN;
        self.port.0.borrow_mut().pass(calm);
        self.reconnect();
        if !self.plan.is_true() {
            // A command that was changed on its way may have changed the module.
            self.synchronise();
        }
        self.client.set_timeout(None);
        let began = self.port.now();
        let mut answered = false;
        for _ in 0..=self.plan.failures_left {
            let outcome = self.client.send(&Ask::At);
            answered = outcome.is_ok();
            let took = self.port.now() - began;
            self.ended(&Ask::At, &End::Answered(outcome), took, Duration::MAX);
            if answered {
                break;
            }
        }
        let took = self.port.now() - began;
        let allowed = RECOVERY * (1 + self.plan.failures_left);
        if (!answered || took > allowed) && self.plan.class != Class::Disorderly {
            self.world.wrong.get_or_insert(format!("no answer when all is calm, within {took:?}"));
        }
        self.listen();
    }
}

/// A client knows nothing of the results for which one before it had waited. Nothing in them
/// tells whose they are, so a caller who connects again asks for none before they have come. Here
/// they come within 90 s, and 8 s more on the line.
pub const FORGOTTEN: Duration = Duration::from_secs(130);

/// Three fences, and the command.
pub const RECOVERY: Duration = Duration::from_secs(10);
