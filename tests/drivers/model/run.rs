//! One run: a module, a line, and the programs that follow each other at it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Client, Port, Session};
use m26_pay::engine::{Certainty, ContradictionReason, ExchangeError, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::{Signing, Synchronise};
use m26_pay::session::{Plan, Restart};
use m26_pay::sim::modem::{Latencies, Modem, ModemSettings};
use m26_pay::sim::{Device, Order};
use support::held_port::Held;
use support::session_line::{self, Desk, configured, plan, session};

use crate::model::ask::{Ask, Told};
use crate::model::judge::Judge;
use crate::model::kind::{Kind, Program};
use crate::model::line::Line;
use crate::model::truth::{Known, Truth, Witness, lock};

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    pub wrong: Option<String>,
    pub kinds: Vec<Kind>,
    pub asks: u64,
    pub answered: u64,
    /// How many commands ended without their outcome being known.
    pub unknown: u64,
    /// The longest that a customer had to wait though the module could sign.
    pub slowest: Duration,
    /// Of that, what no signature was still due for, and no restart was needed for.
    pub beyond: Duration,
    pub story: Vec<String>,
}

/// A fault of the driver that the model must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// A signature is that of the command before.
    AnotherAnswer,
    No,
    /// A refused report is called held.
    NotHeld,
}

/// A program at the module.
trait Till {
    fn now(&self) -> Instant;
    /// Gives an order to the line.
    fn at_line<T>(&self, act: impl FnOnce(Instant, &mut Line) -> T) -> T;
    /// Asks, all at once if it can, and hands out each end as it comes.
    fn ask(&mut self, asks: &[Ask], end: &mut dyn FnMut(Instant, usize, Result<Told, Error>));
    /// Waits, and hears what comes.
    fn wait(&mut self, time: Duration);
    /// This program ends, and another one begins.
    fn begin_again(&mut self);
    /// Has a module that cannot sign made able to, if the program does not do so by itself.
    fn make_able(&mut self);
    /// Whether it has to be told to begin anew after the port was lost.
    fn is_lost(&self, error: &Error) -> bool;
}

pub fn run(
    program: Program,
    seed: u64,
    mut rng: fastrand::Rng,
    kinds: Vec<Kind>,
    planted: Planted,
    told: bool,
) -> Outcome {
    let luat = rng.u32(..3) == 0;
    let profile = if luat { Profile::luat() } else { Profile::quectel() };
    let overlap = program == Program::Client && rng.u32(..4) == 0;
    let profile = Profile { overlap, ..profile };
    let module = module(&mut rng, &profile);
    let truth = Known::default();
    let judge = Judge::new(&truth, profile.clone(), module.clone());
    let witness = Witness::new(Modem::new(module), &truth);
    let line = Line::new(witness, &truth, kinds.clone(), seed, told);
    let mut run = Run {
        rng,
        kinds,
        judge,
        truth,
        planted,
        unknown: 0,
        signed: None,
        slowest: Duration::ZERO,
        beyond: Duration::ZERO,
        due: None,
        lost: 0,
        early: 0,
        restarted: false,
        number: 0,
        refused: false,
    };
    let programs = fastrand::Rng::with_seed(seed ^ 0xfe9ce);
    let story = match program {
        Program::Client => run.through(ClientTill::new(line, profile, programs)),
        Program::Session => {
            let restart = if run.rng.bool() { Restart::Reset } else { Restart::Host };
            let plan = Plan { restart, restart_limit: 1000, ..plan() };
            run.through(SessionTill::new(line, plan, profile, programs))
        }
    };
    let Run { judge, kinds, unknown, slowest, beyond, .. } = run;
    let Judge { wrong, asks, answered, .. } = judge;
    Outcome { wrong, kinds, asks, answered, unknown, slowest, beyond, story }
}

/// A module of many, some of them slow.
fn module(rng: &mut fastrand::Rng, profile: &Profile) -> ModemSettings {
    let settings = configured(profile);
    // Where a result comes before OK, a report has 10 s.
    let most = if profile.result_before_ok { 9_000 } else { 15_000 };
    let slow = if rng.u32(..4) == 0 { rng.u64(1_000..most) } else { rng.u64(20..800) };
    let latencies = Latencies {
        report: Duration::from_millis(slow),
        sign: Duration::from_millis(slow),
        usage: Duration::from_millis(slow / 2),
        ..Latencies::default()
    };
    ModemSettings {
        latencies,
        queue_size: rng.usize(2..13),
        drain_every: Duration::from_secs(rng.u64(1..60)),
        ..settings
    }
}

struct Run {
    rng: fastrand::Rng,
    kinds: Vec<Kind>,
    judge: Judge,
    truth: Known,
    planted: Planted,
    unknown: u64,
    /// The signature before.
    signed: Option<Told>,
    slowest: Duration,
    beyond: Duration,
    /// Until when a signature may come whose command ended without it.
    due: Option<Instant>,
    /// How many signatures in a row did not come, and whether one was under way when the line was cut:
    /// then a restart is what tells.
    lost: u32,
    /// How many signatures in a row had a time that cannot be.
    early: u32,
    /// Whether a restart was needed since the last customer paid.
    restarted: bool,
    number: u64,
    /// Whether the module refused the last command.
    refused: bool,
}

impl Run {
    fn through(&mut self, mut till: impl Till) -> Vec<String> {
        let mut story = Vec::new();
        self.batch(&mut till, &[Ask::Open]);
        let asks = self.rng.u64(6..22);
        while self.judge.asks < asks && self.judge.wrong.is_none() {
            if self.rng.u32(..5) == 0 {
                let time = Duration::from_millis(self.rng.u64(1..40_000));
                till.wait(time);
            }
            self.strike(&mut till);
            let size = if self.rng.bool() { 1 } else { self.rng.usize(1..4) };
            let asks: Vec<Ask> = (0..size)
                .map(|_| {
                    self.number += 1;
                    Ask::next(&mut self.rng, self.number, &self.judge.unsure)
                })
                .collect();
            let paid = self.batch(&mut till, &asks);
            if !paid && matches!(asks.last(), Some(Ask::Sign(_))) && self.rng.bool() {
                self.pay(&mut till);
            }
            story.append(&mut till.at_line(|_, line| line.take_story()));
        }
        till.at_line(|_, line| line.calm());
        till.at_line(|now, line| line.command(now, &Order::QueueFree));
        self.pay(&mut till);
        story.append(&mut till.at_line(|_, line| line.take_story()));
        story
    }

    /// What befalls the module or the program before a command, or while it is under way.
    fn strike(&mut self, till: &mut impl Till) {
        if self.rng.u32(..8) == 0 {
            let order = match self.rng.u32(..4) {
                0 => Order::Refuse(302),
                1 => Order::QueueFull,
                2 => Order::QueueFree,
                _ => {
                    let prefixes = ["+ALIPAYREP", "+ALIPAYSIGN", "+ALIPAYACT", "+ALIPAYDID"];
                    let prefix = prefixes[self.rng.usize(..prefixes.len())].into();
                    // Not 2, which says that the SDK is closed: a session restarts the module then.
                    Order::Result { prefix, code: self.rng.i32(3..7) }
                }
            };
            till.at_line(|now, line| line.command(now, &order));
        }
        if self.kinds.contains(&Kind::Reset) && self.rng.u32(..8) == 0 {
            till.at_line(|now, line| line.command(now, &Order::Reset));
        }
        let cut = self.kinds.contains(&Kind::Dies) || self.kinds.contains(&Kind::HangUp);
        if cut && self.rng.u32(..4) == 0 {
            let after = Duration::from_millis(self.rng.u64(1..8_000));
            till.at_line(|now, line| line.cut_at(now + after));
        }
    }

    /// Asks and judges. Whether all were answered.
    fn batch(&mut self, till: &mut impl Till, asks: &[Ask]) -> bool {
        let now = till.now();
        let asked: Vec<_> = asks.iter().map(|ask| self.judge.ask(now, ask)).collect();
        let bound = BOUND * u32::try_from(asks.len()).unwrap();
        let mut ends = Vec::new();
        till.ask(asks, &mut |now, number, outcome| ends.push((now, number, outcome)));
        let mut lost = false;
        let mut all = true;
        for (now, number, outcome) in ends {
            let ask = &asks[number];
            till.at_line(|_, line| line.tell(|| format!("== {ask:?}: {}", shown(&outcome))));
            lost |= outcome.as_ref().err().is_some_and(|error| till.is_lost(error));
            all &= outcome.is_ok();
            // A refusal behind the opening of the SDK may be an earlier program's: it is one, or not known.
            let is_unknown =
                |error: &Error| error.certainty() == Certainty::Unknown && !is_undated(error);
            self.unknown += u64::from(outcome.as_ref().is_err_and(is_unknown));
            if matches!(ask, Ask::Sign(_)) {
                self.signed_or_due(now, &outcome);
            }
            self.refused =
                outcome.as_ref().is_err_and(|error| error.certainty() == Certainty::Refused);
            let outcome = self.plant(ask, outcome);
            self.judge.end(now, ask, &asked[number], &outcome, bound);
        }
        if lost {
            till.at_line(|_, line| line.tell(|| "-- another program".into()));
            till.begin_again();
            self.open(till);
        }
        all
    }

    /// Until when a signature is due, after the command for one has ended.
    fn signed_or_due(&mut self, now: Instant, outcome: &Result<Told, Error>) {
        let Err(error) = outcome else {
            (self.lost, self.early) = (0, 0);
            return;
        };
        self.count_a_failure(now, error);
        self.restarted |= self.lost >= LOST || self.early >= EARLY;
    }

    fn count_a_failure(&mut self, now: Instant, error: &Error) {
        self.early += u32::from(error.kind() == ErrorKind::Mismatch);
        if error.certainty() != Certainty::Unknown {
            return;
        }
        let had_its_time = matches!(
            error,
            Error::Failed(ExchangeError::TimedOut { deadline, .. })
                if deadline.name == "result of the ALIPAY command"
        );
        let cut = error.kind() == ErrorKind::Disconnected;
        self.lost += if cut { LOST } else { u32::from(had_its_time || is_undated(error)) };
        let truth = &mut *lock(&self.truth);
        // A module that hung has begun on it no earlier.
        let asked = truth
            .asked
            .unwrap_or(now)
            .max(truth.hung.unwrap_or(now.min(truth.asked.unwrap_or(now))));
        if is_undated(error) {
            // Two may have been due, one has come, and nothing tells which.
            truth.lost_until = truth.lost_until.max(Some(asked + LONGEST));
        }
        self.due = self.due.max(Some(if had_its_time { now } else { asked + LONGEST }));
    }

    /// What of a wait from `since` on was not needed: since the line and the module did last what they
    /// should not, while the module worked on no signature, none and no answer to a command that was
    /// struck was due, and no restart was needed.
    fn beyond(&self, since: Instant, until: Instant) -> Duration {
        let truth = lock(&self.truth);
        let (due, made) = (self.due, truth.made_before);
        let booted = truth.able.filter(|_| self.restarted);
        let hung = truth.hung.map(|hung| hung.min(until));
        let lost = truth.lost_until.max(truth.earlier_until).map(|lost| lost.min(until));
        let struck = truth.struck.map(|struck| struck.min(until));
        let all = [Some(since), due, made, booted, hung, lost, struck];
        let begun = all.into_iter().flatten().max().unwrap_or(since);
        until.saturating_duration_since(begun)
    }

    /// A program opens the SDK before anything else.
    fn open(&mut self, till: &mut impl Till) {
        till.ask(&[Ask::Open], &mut |_, _, _| {});
    }

    /// Customers come until one has paid. How long that takes from when the module could sign is
    /// measured; a restart that the driver itself had ordered is part of it, unless it was needed.
    fn pay(&mut self, till: &mut impl Till) {
        let mut began = till.now();
        let mut since: Option<Instant> = None;
        while self.judge.wrong.is_none() {
            let able = lock(&self.truth).able;
            since = since.or(able.map(|able| able.max(till.now())));
            if able.is_none() {
                till.make_able();
            }
            self.number += 1;
            let asked = till.now();
            let sign = Ask::Sign(self.number * 1_000_000);
            if self.batch(till, &[sign]) {
                let truth = Known::clone(&self.truth);
                let asked = lock(&truth).asked.unwrap_or(asked);
                // What befell its own signature is not waiting for it.
                let until = match Truth::within(lock(&truth).struck, asked) {
                    true => asked,
                    false => till.now() - self.judge.signing(),
                };
                let since = since.unwrap_or(until);
                let (waited, beyond) =
                    (until.saturating_duration_since(since), self.beyond(since, until));
                till.at_line(|_, line| {
                    line.tell(|| format!("-- could pay after {waited:?}, beyond {beyond:?}"))
                });
                self.slowest = self.slowest.max(waited);
                self.beyond = self.beyond.max(beyond);
                self.restarted = false;
                return;
            }
            // What was struck while it was under way, or refused by the module, could not be paid.
            if self.refused || Truth::within(lock(&self.truth).struck, asked) {
                since = None;
                began = till.now();
            }
            if till.now() - began > STANDS_STILL {
                return self.judge.fail("stands still: nobody can pay".into());
            }
            till.wait(Duration::from_secs(1));
        }
    }

    fn plant(&mut self, ask: &Ask, outcome: Result<Told, Error>) -> Result<Told, Error> {
        match (self.planted, ask, outcome) {
            (Planted::AnotherAnswer, Ask::Sign(_), Ok(told)) => {
                Ok(self.signed.replace(told.clone()).unwrap_or(told))
            }
            (Planted::NotHeld, Ask::Report(_), Err(_)) => Ok(Told::Done),
            (_, _, outcome) => outcome,
        }
    }
}

/// Whether a result came of which nothing tells whose it is.
fn is_undated(error: &Error) -> bool {
    matches!(error, Error::Failed(ExchangeError::Contradicted(ContradictionReason::Undated(_))))
}

fn shown(outcome: &Result<Told, Error>) -> String {
    match outcome {
        Ok(Told::Text(text)) if text.len() > 80 => "a signature".into(),
        Ok(told) => format!("{told:?}"),
        Err(error) => format!("{error} [{}]", error.certainty()),
    }
}

/// The settings of the next program, whose fences begin where chance has it.
fn settings(profile: &Profile, rng: &mut fastrand::Rng) -> Settings {
    Settings {
        first_fence: Some(rng.usize(..8)),
        fence_number: Some(rng.u32(..)),
        ..Settings::new(profile.clone())
    }
}

struct ClientTill {
    port: Held<Line>,
    client: Client<Held<Line>>,
    profile: Profile,
    rng: fastrand::Rng,
}

impl ClientTill {
    fn new(line: Line, profile: Profile, mut rng: fastrand::Rng) -> Self {
        let port = Held::new(line);
        let client = Client::connect(port.clone(), settings(&profile, &mut rng));
        let mut till = Self { port, client, profile, rng };
        let _ = till.client.run(Synchronise::default());
        till
    }
}

impl ClientTill {
    /// A program calls a module that does not answer.
    fn call(&mut self, silent: bool) {
        if silent {
            let _ = self.client.run(Synchronise::default());
        }
    }
}

/// Nothing was sent, since the module answers nothing.
fn is_silent(error: &Error) -> bool {
    error.kind() == ErrorKind::TimedOut && error.certainty() == Certainty::NotSent
}

impl Till for ClientTill {
    fn now(&self) -> Instant {
        self.port.now()
    }

    fn at_line<T>(&self, act: impl FnOnce(Instant, &mut Line) -> T) -> T {
        let mut port = self.port.0.borrow_mut();
        let now = port.now();
        act(now, port.device_mut())
    }

    fn ask(&mut self, asks: &[Ask], end: &mut dyn FnMut(Instant, usize, Result<Told, Error>)) {
        if let [Ask::Sign(number)] = asks {
            // As a program signs that has no session.
            let signed = self.client.run(Signing::new(Ask::sign(*number)));
            while self.client.take_event().is_some() {}
            let silent = signed.as_ref().is_err_and(is_silent);
            end(self.now(), 0, signed.map(|signed| Told::Text(signed.into_inner())));
            return self.call(silent);
        }
        let mut pending = Vec::new();
        for (number, ask) in asks.iter().enumerate() {
            match self.client.submit(ask.clone()) {
                Ok(submitted) => pending.push((number, submitted)),
                Err(error) => end(self.now(), number, Err(error)),
            }
        }
        let mut silent = false;
        for (number, submitted) in pending {
            let outcome = self.client.wait(submitted);
            while self.client.take_event().is_some() {}
            silent |= outcome.as_ref().is_err_and(is_silent);
            end(self.now(), number, outcome);
        }
        self.call(silent);
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now() + time;
        while self.now() < until {
            let left = until - self.now();
            if self.client.next_event(Some(left)).is_err() {
                return self.begin_again();
            }
        }
    }

    fn begin_again(&mut self) {
        self.at_line(|now, line| line.another_program(now));
        self.port.0.borrow_mut().reopen();
        let settings = settings(&self.profile, &mut self.rng);
        self.client = Client::connect(self.port.clone(), settings);
        let _ = self.client.run(Synchronise::default());
    }

    fn make_able(&mut self) {
        // After a failure each further OPEN of a boot fails.
        self.at_line(|now, line| line.command(now, &Order::Reset));
        self.wait(BOOTED);
        let _ = self.client.run(Synchronise::default());
        let _ = self.client.send(&Ask::Open);
    }

    fn is_lost(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Disconnected
    }
}

struct SessionTill {
    line: Rc<session_line::Line<Line>>,
    session: Session<Desk<Line>>,
    plan: Plan,
    profile: Profile,
    rng: fastrand::Rng,
}

impl SessionTill {
    fn new(module: Line, plan: Plan, profile: Profile, rng: fastrand::Rng) -> Self {
        let (session, line) = session(module, plan.clone(), profile.clone());
        line.can_restart.set(true);
        let mut till = Self { line, session, plan, profile, rng };
        till.begin_again();
        till
    }
}

impl Till for SessionTill {
    fn now(&self) -> Instant {
        self.line.now()
    }

    fn at_line<T>(&self, act: impl FnOnce(Instant, &mut Line) -> T) -> T {
        self.line.at_module(act)
    }

    fn ask(&mut self, asks: &[Ask], end: &mut dyn FnMut(Instant, usize, Result<Told, Error>)) {
        for (number, ask) in asks.iter().enumerate() {
            let outcome = self.session.send_within(ask, PATIENCE);
            end(self.now(), number, outcome);
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now() + time;
        while self.now() < until {
            let left = until - self.now();
            let _ = self.session.next_event(Some(left));
        }
    }

    fn begin_again(&mut self) {
        self.at_line(|now, line| line.another_program(now));
        let settings = settings(&self.profile, &mut self.rng);
        self.session = Session::new(Desk(Rc::clone(&self.line)), self.plan.clone(), settings);
    }

    fn make_able(&mut self) {}

    fn is_lost(&self, error: &Error) -> bool {
        // A session goes on when the adapter is back, unless its program is what went.
        let lost = error.kind() == ErrorKind::Disconnected;
        lost && self.at_line(|_, line| line.has(Kind::Dies))
    }
}

/// How long a customer of a session waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bound of a command: three documented deadlines of 120 s, and the patience.
const BOUND: Duration = Duration::from_secs(420);

/// How long a signature may take, from its line to its result.
pub const LONGEST: Duration = Duration::from_secs(40);

/// So many lost signatures in a row are a reason to restart the module.
const LOST: u32 = 3;

/// So are so many with a time that cannot be.
const EARLY: u32 = 2;

/// When nobody could pay for so long, a till stands still.
const STANDS_STILL: Duration = Duration::from_secs(300);

/// A boot, and the network.
const BOOTED: Duration = Duration::from_secs(8);
