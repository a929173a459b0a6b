//! A run of the async client, on paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use m26_pay::asynch::{Client, Events};
use m26_pay::engine::Event;
use m26_pay::flows::Synchronise;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::chaos::Setup;
use crate::chaos::act::{Act, Call};
use crate::chaos::ask::{Ask, Confusion};
use crate::chaos::block::{FORGOTTEN, RECOVERY};
use crate::chaos::module::{Ledger, Shared, lock};
use crate::chaos::plan::{Class, Plan, Terms, millis, next_ask};
use crate::chaos::tape::{self, Recorded, Tape};
use crate::chaos::world::{End, World};
use support::asynch_line::{self, Line};

struct Run<'a, 'w> {
    terms: &'a Terms,
    world: &'w mut World<'a>,
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    confusion: Confusion,
    began: Instant,
    client: Client,
    line: Line<Recorded>,
    events: Shared<Vec<Event>>,
    generation: usize,
    before: usize,
    results_from: Instant,
}

pub fn run<'a>(setup: Setup<'a>, world: &mut World<'a>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let Setup { source, terms, far, ledger, tape, confusion } = setup;
        let began = Instant::now();
        let (client, events, line) = asynch_line::start(far, terms.settings(0));
        let mut run = Run {
            terms,
            world,
            ledger,
            tape,
            confusion,
            began,
            client,
            line,
            events: listen(events),
            generation: 0,
            before: 0,
            results_from: began,
        };
        match source {
            Ok(plan) => run.improvise(plan).await,
            Err(acts) => {
                for act in acts {
                    run.act(act).await;
                }
            }
        }
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
    async fn improvise(&mut self, plan: &Plan) {
        let mut rng = fastrand::Rng::with_seed(plan.seed ^ 1);
        if rng.u32(..4) > 0 {
            self.act(&Act::Synchronise).await;
        }
        let mut asks = 0;
        while self.began.elapsed() < plan.calm && asks < plan.asks && self.world.wrong.is_none() {
            let act = match rng.u32(..12) {
                0 => Act::Pass(millis(&mut rng, 1, 60_000)),
                1 => Act::Synchronise,
                2..=6 => {
                    let size = rng.usize(2..8);
                    self.batch(&mut rng, size)
                }
                _ => self.batch(&mut rng, 1),
            };
            if let Act::Batch { calls, .. } = &act {
                asks += calls.len();
            }
            self.act(&act).await;
        }
        self.act(&Act::Recover(plan.calm)).await;
    }

    fn batch(&self, rng: &mut fastrand::Rng, size: usize) -> Act {
        let results = self.results_from <= Instant::now();
        let calls = (0..size).map(|_| {
            let ask = next_ask(rng, &self.world.unsure, results);
            let at = if rng.bool() { 0 } else { rng.u64(0..500) };
            let leaves = (rng.u32(..6) == 0).then(|| millis(rng, 0, 3_000));
            Call { ask, at, leaves }
        });
        Act::Batch { stuck: false, calls: calls.collect() }
    }

    async fn act(&mut self, act: &Act) {
        if !tape::begin(act, &self.ledger, &self.tape) {
            return;
        }
        match act {
            Act::Batch { calls, .. } => self.call(calls).await,
            Act::Listen(time) | Act::Pass(time) => {
                self.world.log.push(format!("{time:?} pass"));
                tokio::time::sleep(*time).await;
                self.reconnect().await;
            }
            Act::Recover(calm) => self.recover(*calm).await,
            Act::Synchronise => self.synchronise().await,
        }
        self.read_events().await;
    }

    /// So many tasks, each of which comes when it likes and may leave when it likes.
    async fn call(&mut self, calls: &[Call]) {
        self.before += calls.len();
        let bound = self.terms.bound(self.before);
        let mut tasks = JoinSet::new();
        for Call { ask, at, leaves } in calls.iter().cloned() {
            self.world.ask(&ask);
            let mut client = self.client.clone();
            client.set_timeout(self.terms.timeout);
            tasks.spawn(async move {
                tokio::time::sleep(Duration::from_millis(at)).await;
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
            let end = match end {
                End::Answered(outcome) => End::Answered(self.confusion.outcome(&ask, outcome)),
                left => left,
            };
            left |= matches!(end, End::Left(_));
            self.read_events().await;
            self.world.ended(&ask, &end, took, bound);
        }
        if !left {
            self.before = 0;
        }
        self.reconnect().await;
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
        let settings = self.terms.settings(self.generation);
        let (client, events, line) = self.line.plug_again(settings).await;
        self.world.log.push(format!("client {}", self.generation));
        self.client = client;
        self.line = line;
        self.events = listen(events);
        self.before = 0;
        self.results_from = now + FORGOTTEN;
    }

    async fn recover(&mut self, calm: Duration) {
        while self.began.elapsed() < calm + FORGOTTEN {
            // In steps, because the device has no clock of its own while the line is cut.
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.reconnect().await;
        }
        self.read_events().await;
        if !self.terms.is_true() {
            self.synchronise().await;
        }
        let began = Instant::now();
        let mut answered = false;
        for _ in 0..=self.terms.failures_left {
            let outcome = self.client.send(&Ask::At).await;
            answered = outcome.is_ok();
            self.read_events().await;
            self.world.ended(&Ask::At, &End::Answered(outcome), began.elapsed(), Duration::MAX);
            if answered {
                break;
            }
        }
        let (took, allowed) = (began.elapsed(), RECOVERY * (1 + self.terms.failures_left));
        if (!answered || took > allowed) && self.terms.class != Class::Disorderly {
            self.world.fail(format!("no answer when all is calm, within {took:?}"));
        }
    }
}
