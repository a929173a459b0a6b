//! A run of the async client, on paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use m26_pay::asynch::{Client, Events};
use m26_pay::engine::Event;
use m26_pay::m26::bring_up::Synchronise;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::ask::Ask;
use crate::asynch_line::{self, Line};
use crate::block::{FORGOTTEN, RECOVERY};
use crate::module::{Ledger, Shared, Stack, lock};
use crate::plan::{Class, Plan, millis, next_ask};
use crate::world::{End, World};

struct Run<'a, 'w> {
    plan: &'a Plan,
    world: &'w mut World<'a>,
    rng: fastrand::Rng,
    client: Client,
    line: Line<Stack>,
    events: Shared<Vec<Event>>,
    generation: usize,
    before: usize,
    results_from: Instant,
}

pub fn run<'a>(plan: &'a Plan, world: &mut World<'a>, stack: Stack, _: Shared<Ledger>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let began = Instant::now();
        let (client, events, line) = asynch_line::start(stack, plan.settings(0));
        let mut run = Run {
            plan,
            world,
            rng: fastrand::Rng::with_seed(plan.seed ^ 1),
            client,
            line,
            events: listen(events),
            generation: 0,
            before: 0,
            results_from: began,
        };
        if run.rng.u32(..4) > 0 {
            run.synchronise().await;
        }
        let mut asks = 0;
        while began.elapsed() < plan.calm && asks < plan.asks && run.world.wrong.is_none() {
            asks += run.step().await;
            run.read_events().await;
        }
        run.recover(began).await;
    });
}

fn listen(mut events: Events) -> Shared<Vec<Event>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            lock(&to).push(event);
        }
    });
    heard
}

impl Run<'_, '_> {
    async fn step(&mut self) -> usize {
        match self.rng.u32(..12) {
            0 => {
                let time = millis(&mut self.rng, 1, 60_000);
                self.world.log.push(format!("{time:?} pass"));
                tokio::time::sleep(time).await;
                self.reconnect().await;
                0
            }
            1 => {
                self.synchronise().await;
                0
            }
            2..=6 => {
                let size = self.rng.usize(2..8);
                self.batch(size).await
            }
            _ => self.batch(1).await,
        }
    }

    /// So many tasks, each of which comes when it likes and may leave when it likes.
    async fn batch(&mut self, size: usize) -> usize {
        self.before += size;
        let bound = self.plan.bound(self.before);
        let mut tasks = JoinSet::new();
        for _ in 0..size {
            let results = self.results_from <= Instant::now();
            let ask = next_ask(&mut self.rng, &self.world.unsure, results);
            self.world.ask(&ask);
            let client = self.client.clone().with_timeout(self.plan.timeout);
            let comes =
                if self.rng.bool() { Duration::ZERO } else { millis(&mut self.rng, 0, 500) };
            let leaves = (self.rng.u32(..6) == 0).then(|| millis(&mut self.rng, 0, 3_000));
            tasks.spawn(async move {
                tokio::time::sleep(comes).await;
                let began = Instant::now();
                let end = match leaves {
                    None => End::Answered(client.send(&ask).await),
                    Some(time) => match tokio::time::timeout(time, client.send(&ask)).await {
                        Ok(outcome) => End::Answered(outcome),
                        Err(_) => End::Left(None),
                    },
                };
                (ask, end, began.elapsed())
            });
        }
        let mut left = false;
        while let Some(ended) = tasks.join_next().await {
            let (ask, end, took) = ended.unwrap();
            left |= matches!(end, End::Left(_));
            self.read_events().await;
            self.world.ended(&ask, &end, took, bound);
        }
        if !left {
            self.before = 0;
        }
        self.reconnect().await;
        size
    }

    async fn synchronise(&mut self) {
        let ended = self.client.run(Synchronise::default()).await;
        self.world.log.push(format!("synchronised: {ended:?}"));
        self.reconnect().await;
    }

    async fn read_events(&mut self) {
        // Once for the driver, once for the reader.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        for event in std::mem::take(&mut *lock(&self.events)) {
            self.world.event(&event);
        }
    }

    async fn reconnect(&mut self) {
        tokio::task::yield_now().await;
        if !self.line.driver.is_finished() {
            return;
        }
        self.read_events().await;
        let now = Instant::now();
        self.generation += 1;
        let settings = self.plan.settings(self.generation);
        let (client, events, line) = self.line.plug_again(settings).await;
        self.world.log.push(format!("client {}", self.generation));
        self.client = client;
        self.line = line;
        self.events = listen(events);
        self.before = 0;
        self.results_from = now + FORGOTTEN;
    }

    async fn recover(&mut self, began: Instant) {
        while began.elapsed() < self.plan.calm + FORGOTTEN {
            // In steps, because the device has no clock of its own while the line is cut.
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.reconnect().await;
        }
        self.read_events().await;
        if !self.plan.is_true() {
            self.synchronise().await;
        }
        let began = Instant::now();
        let mut answered = false;
        for _ in 0..=self.plan.failures_left {
            let outcome = self.client.send(&Ask::At).await;
            answered = outcome.is_ok();
            self.read_events().await;
            self.world.ended(&Ask::At, &End::Answered(outcome), began.elapsed(), Duration::MAX);
            if answered {
                break;
            }
        }
        let (took, allowed) = (began.elapsed(), RECOVERY * (1 + self.plan.failures_left));
        if (!answered || took > allowed) && self.plan.class != Class::Disorderly {
            self.world.wrong.get_or_insert(format!("no answer when all is calm, within {took:?}"));
        }
    }
}
