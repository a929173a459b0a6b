//! A session in a storm: commands among faults of every kind. Every call ends, no signature is
//! another one's, and when the faults stop the session is ready again within [`BOUND`], and signs.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use m26_pay::alipay::{Sign, SignData, SignMode, SignedData};
use m26_pay::asynch::{self, Events};
use m26_pay::at::profile::Profile;
use m26_pay::blocking;
use m26_pay::engine::Settings;
use m26_pay::error::{Error, ErrorKind};
use m26_pay::session::{Plan, Restart, SessionEvent, State};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::Modem;
use m26_pay::sim::{Device, Order};

use crate::chaos::act::number;
use crate::chaos::module::{Ledger, Shared, lock};
use crate::chaos::plan::millis;
use crate::chaos::tape::{self, Player, Recorded, Recording, Tape};
use crate::chaos::{Outcome, at_once};
use support::session_line::pipes::Pipes;
use support::session_line::{Desk, Line, configured, plan, report, session};

/// What may be expected of a storm.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    luat: bool,
    /// How the session may restart the module.
    restart: Restart,
}

/// One step of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    /// Waits for events for so long.
    Listen(Duration),
    /// From now on commands may reach the module changed.
    Noise,
    /// Waits for the session to be ready for so long.
    Ready(Duration),
    /// Reports under this number, and would wait so long for the session.
    Report(u64, Duration),
    /// Lets pass what the storm has left: the session must be ready then. Then it signs, and does
    /// so again if an order had waited for that command.
    Settle,
    /// Has this number signed, and would wait so long for the session.
    Sign(u64, Duration),
}

/// A session of either client, and its module. The blocking one never waits at an await.
trait Terminal {
    async fn sign(&mut self, sign: &Sign, patience: Duration) -> Result<SignedData, Error>;
    async fn report(&mut self, business_no: &str, patience: Duration) -> Result<(), Error>;
    async fn ready(&mut self, patience: Duration) -> Result<(), Error>;
    async fn event(&mut self, patience: Duration) -> Option<SessionEvent>;
    fn state(&self) -> State;
    fn passed(&self) -> Duration;
    fn order(&mut self, order: Order);
}

/// A run from its seed, against the simulator.
pub fn run(seed: u64, name: &str, record: bool) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed);
    let terms = Terms {
        luat: rng.bool(),
        restart: if rng.bool() { Restart::Reset } else { Restart::Host },
    };
    let tape = if record { Tape::begin(name, seed, &terms) } else { Tape::default() };
    let module = Faulty::new(Modem::new(configured(&terms.profile())), seed);
    carry_out(name, &terms, Ok(&mut rng), |_| Box::new(module), tape)
}

/// A run from its transcript, with nothing but the client.
pub fn play(recording: &Recording) -> Outcome {
    let terms = recording.terms.parse().unwrap();
    let acts: Vec<Act> = recording.acts.iter().map(|act| act.parse().unwrap()).collect();
    let tape = Tape::begin(&recording.client, recording.seed, &terms);
    let player = |ledger: &_| Box::new(Player::new(recording, ledger)) as Box<_>;
    carry_out(&recording.client, &terms, Err(&acts), player, tape)
}

fn carry_out(
    name: &str,
    terms: &Terms,
    source: Result<&mut fastrand::Rng, &[Act]>,
    device: impl FnOnce(&Shared<Ledger>) -> Box<dyn Device + Send>,
    tape: Tape,
) -> Outcome {
    let (ledger, tape) = (Shared::<Ledger>::default(), Arc::new(Mutex::new(tape)));
    let far = Recorded::new(device(&ledger), &ledger, &tape);
    let plan = Plan { restart: terms.restart, restart_limit: 1000, ..plan() };
    let world = World { ledger: ledger.clone(), tape: tape.clone(), ..World::default() };
    let world = if name.starts_with("asynch") {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let terminal = Tasks::new(far, plan, terms.profile());
            Run { terminal, world }.finish(source).await
        })
    } else {
        let (session, line) = session(far, plan, terms.profile());
        line.can_restart.set(true);
        at_once(Run { terminal: Desktop { session, line }, world }.finish(source))
    };
    let tape = std::mem::take(&mut *lock(&tape));
    let parted = lock(&ledger).parted.take();
    let World { wrong, log, answered, asks, .. } = world;
    Outcome { wrong, parted, log, tape: tape.into_text(), answered, asks }
}

/// What is known of a run, and the first thing in it that is wrong.
#[derive(Default)]
struct World {
    ledger: Shared<Ledger>,
    tape: Shared<Tape>,
    /// The numbers that were to be signed.
    signed: Vec<u64>,
    /// Whether commands may reach the module changed.
    noise: bool,
    /// Whether one of them was refused and may have been carried out all the same: a byte that has
    /// become a `;` makes two commands of it, and the first one's result comes when the client
    /// knows of none. No AT driver can tell.
    half_refused: bool,
    wrong: Option<String>,
    log: Vec<String>,
    answered: u64,
    asks: u64,
}

impl World {
    fn fail(&mut self, text: String) {
        // A recording that a client has left says nothing of it any more.
        if lock(&self.ledger).parted.is_none() {
            self.log.push(format!("WRONG: {text}"));
            self.wrong.get_or_insert(text);
        }
    }

    /// An answer may be garbled on the line. That of another command it is never.
    fn signed(&mut self, number: u64, outcome: &Result<SignedData, Error>) {
        let signed = match outcome {
            Ok(signed) => signed,
            Err(error) => {
                let refused = error.kind() == ErrorKind::Refused;
                self.half_refused |= self.noise && refused;
                return;
            }
        };
        if self.half_refused {
            return;
        }
        let of = |other: &&u64| **other != number && signed.expose().contains(&signature(**other));
        if let Some(other) = self.signed.iter().find(of) {
            self.fail(format!("{number} got the signature of {other}"));
        }
    }
}

struct Run<T> {
    terminal: T,
    world: World,
}

impl<T: Terminal> Run<T> {
    async fn finish(mut self, source: Result<&mut fastrand::Rng, &[Act]>) -> World {
        match source {
            Ok(rng) => {
                for number in 0..30 {
                    if rng.bool() {
                        let fault = fault(rng);
                        if matches!(fault, Order::CorruptInput(_) | Order::DropInput(_)) {
                            self.act(&Act::Noise).await;
                        }
                        self.terminal.order(fault);
                    }
                    self.act(&act(rng, number)).await;
                }
                self.terminal.order(Order::Calm);
                self.terminal.order(Order::QueueFree);
                self.act(&Act::Settle).await;
            }
            Err(acts) => {
                for act in acts {
                    self.act(act).await;
                }
            }
        }
        self.world
    }

    async fn act(&mut self, act: &Act) {
        if !tape::begin(act, &self.world.ledger, &self.world.tape) {
            return;
        }
        let begun = self.terminal.passed();
        let told = match act {
            Act::Listen(time) => format!("{:?}", self.terminal.event(*time).await),
            Act::Noise => {
                self.world.noise = true;
                return;
            }
            Act::Ready(patience) => format!("{:?}", self.terminal.ready(*patience).await),
            Act::Report(number, patience) => {
                let outcome = self.terminal.report(&number.to_string(), *patience).await;
                self.count(outcome.is_ok());
                format!("{outcome:?}")
            }
            Act::Settle => return self.settle().await,
            Act::Sign(number, patience) => {
                let outcome = self.sign(*number, *patience).await;
                format!("{:?}", outcome.map(|signed| signed.len()))
            }
        };
        let took = self.terminal.passed() - begun;
        let state = self.terminal.state();
        self.world.log.push(format!("{act} after {took:?}: {told}; it is {state}"));
        if took > CALL {
            self.world.fail(format!("{act} took {took:?}"));
        }
    }

    fn count(&mut self, answered: bool) {
        self.world.asks += 1;
        self.world.answered += u64::from(answered);
    }

    async fn sign(&mut self, number: u64, patience: Duration) -> Result<SignedData, Error> {
        self.world.signed.push(number);
        let sign = Sign::new(SignMode::Withholding, SignData::new(number.to_string()).unwrap())
            .amount("10.25".parse().unwrap());
        let outcome = self.terminal.sign(&sign, patience).await;
        self.count(outcome.is_ok());
        self.world.signed(number, &outcome);
        outcome
    }

    async fn settle(&mut self) {
        for number in 0..ORDERS {
            let calm = self.terminal.passed();
            while let Some(event) = self.terminal.event(QUIET).await {
                self.world.log.push(format!("{event:?}"));
                if self.terminal.passed() - calm > BOUND + QUIET {
                    return self.world.fail("no end of events when all is calm".into());
                }
            }
            let state = self.terminal.state();
            if state != State::Ready {
                return self.world.fail(format!("the session is {state} when all is calm"));
            }
            let outcome = self.sign(FIRST + 1000 + number, Duration::ZERO).await;
            let told = outcome.map(|signed| signed.len());
            self.world.log.push(format!("signed: {told:?}"));
            if told.is_ok() {
                return;
            }
        }
        self.world.fail("nothing is signed when all is calm".into());
    }
}

fn act(rng: &mut fastrand::Rng, number: u64) -> Act {
    match rng.u32(..4) {
        0 => Act::Sign(FIRST + number, millis(rng, 0, 40_000)),
        1 => Act::Report(FIRST + number, millis(rng, 0, 40_000)),
        2 => Act::Ready(millis(rng, 0, 30_000)),
        _ => Act::Listen(millis(rng, 0, 90_000)),
    }
}

/// Not among them: a final result that is overtaken by later answers. A module works on one
/// command at a time, which is what the engine's fences rest on.
fn fault(rng: &mut fastrand::Rng) -> Order {
    let prefixes = ["+ALIPAYSIGN", "+ALIPAYREP", "+ALIPAYOPEN", "+ALIPAYDID", "+ALIPAYPINFO"];
    let prefix = prefixes[rng.usize(..prefixes.len())].to_string();
    let chance = 0.02 * rng.f64();
    match rng.u32(..18) {
        0 => Order::HangUp(millis(rng, 0, 20_000)),
        1 => Order::Silent(millis(rng, 0, 20_000)),
        2 => Order::Reset,
        3 => Order::LateResult { prefix, by: millis(rng, 0, 60_000) },
        4 => Order::MissingResult(prefix),
        5 => Order::Split(0.5),
        6 => Order::MissingFinal,
        7 => Order::Result { prefix, code: rng.i32(-1..8) },
        8 => Order::Refuse(3),
        9 => Order::QueueFull,
        10 => Order::Corrupt(chance),
        11 => Order::CorruptInput(chance),
        12 => Order::Drop(chance),
        13 => Order::DropInput(chance),
        14 => Order::Duplicate(chance),
        15 => Order::Delay { chance: 0.3, up_to: millis(rng, 0, 3_000) },
        _ => Order::Urc("+PDP DEACT".into()),
    }
}

fn signature(number: u64) -> String {
    Modem::expected_signature(4, &number.to_string(), "10.25")
}

impl Terms {
    fn profile(&self) -> Profile {
        if self.luat { Profile::luat() } else { Profile::quectel() }
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "luat={} restart={:?}", self.luat, self.restart)
    }
}

impl FromStr for Terms {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let luat = text.contains("luat=true");
        let restart = if text.contains("restart=Host") { Restart::Host } else { Restart::Reset };
        let terms = Self { luat, restart };
        if terms.to_string() == text { Ok(terms) } else { Err(format!("no terms: {text}")) }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(time) => write!(f, "listen {}", time.as_millis()),
            Self::Noise => f.write_str("noise"),
            Self::Ready(time) => write!(f, "ready {}", time.as_millis()),
            Self::Report(number, time) => write!(f, "report {number} {}", time.as_millis()),
            Self::Settle => f.write_str("settle"),
            Self::Sign(number, time) => write!(f, "sign {number} {}", time.as_millis()),
        }
    }
}

impl FromStr for Act {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split(' ').collect();
        let millis = |text| number(text).map(Duration::from_millis);
        Ok(match words.as_slice() {
            ["listen", time] => Self::Listen(millis(time)?),
            ["noise"] => Self::Noise,
            ["ready", time] => Self::Ready(millis(time)?),
            ["report", of, time] => Self::Report(number(of)?, millis(time)?),
            ["settle"] => Self::Settle,
            ["sign", of, time] => Self::Sign(number(of)?, millis(time)?),
            _ => return Err(format!("no act: {text}")),
        })
    }
}

/// A terminal with the blocking client.
struct Desktop {
    session: blocking::Session<Desk<Recorded>>,
    line: Rc<Line<Recorded>>,
}

impl Terminal for Desktop {
    async fn sign(&mut self, sign: &Sign, patience: Duration) -> Result<SignedData, Error> {
        self.session.send_within(sign, patience)
    }

    async fn report(&mut self, business_no: &str, patience: Duration) -> Result<(), Error> {
        self.session.send_within(&report(business_no), patience).map(drop)
    }

    async fn ready(&mut self, patience: Duration) -> Result<(), Error> {
        self.session.wait_ready(patience)
    }

    async fn event(&mut self, patience: Duration) -> Option<SessionEvent> {
        self.session.next_event(Some(patience))
    }

    fn state(&self) -> State {
        self.session.state()
    }

    fn passed(&self) -> Duration {
        self.line.passed()
    }

    fn order(&mut self, order: Order) {
        self.line.order(order);
    }
}

/// A terminal with the async client.
struct Tasks {
    session: asynch::Session,
    events: Events<SessionEvent>,
    pipes: Pipes<Recorded>,
    began: tokio::time::Instant,
}

impl Tasks {
    fn new(device: Recorded, plan: Plan, profile: Profile) -> Self {
        let pipes = Pipes::new(device, true);
        let begin = Settings { first_fence: Some(0), ..Settings::new(profile) };
        let settings = Settings { fence_number: Some(0), ..begin };
        let (session, events, driver) = asynch::Session::new(pipes.clone(), plan, settings);
        tokio::spawn(driver);
        Self { session, events, pipes, began: tokio::time::Instant::now() }
    }
}

impl Terminal for Tasks {
    async fn sign(&mut self, sign: &Sign, patience: Duration) -> Result<SignedData, Error> {
        self.session.send_within(sign, patience).await
    }

    async fn report(&mut self, business_no: &str, patience: Duration) -> Result<(), Error> {
        self.session.send_within(&report(business_no), patience).await.map(drop)
    }

    async fn ready(&mut self, patience: Duration) -> Result<(), Error> {
        self.session.wait_ready(patience).await
    }

    async fn event(&mut self, patience: Duration) -> Option<SessionEvent> {
        tokio::time::timeout(patience, self.events.next()).await.ok().flatten()
    }

    fn state(&self) -> State {
        self.session.state()
    }

    fn passed(&self) -> Duration {
        self.began.elapsed()
    }

    fn order(&mut self, order: Order) {
        self.pipes.order(order);
    }
}

/// How long the session may take to be ready again.
const BOUND: Duration = Duration::from_secs(12 * 60);

/// Longer than a session rests between two attempts, and longer than a result is waited for.
const QUIET: Duration = Duration::from_secs(3 * 60);

/// How long one call may take: what its caller would wait, and the deadlines of one command.
const CALL: Duration = Duration::from_secs(3 * 60);

/// The first number that is signed.
const FIRST: u64 = 1_000_000_000;

/// At most so many orders wait for the next signature.
const ORDERS: u64 = 30;
