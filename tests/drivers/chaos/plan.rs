//! What a seed stands for: a module, a line with its faults, and a client.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::sim::modem::{self, ModemConfig};
use m26_pay::sim::script::{Script, ScriptStep, When};
use m26_pay::sim::{NetworkState, Order};

use crate::chaos::act::number;
use crate::chaos::ask::Ask;

/// What the line may do to what passes, and so how much can be asked of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Everything arrives, split and delayed, in the order in which it was sent.
    Whole,
    /// As above, but lines, commands and all of both for a while are lost; the module resets;
    /// the line hangs up; results come late. What arrives was said, as it arrives, and final
    /// results and information keep the order in which they were asked for.
    Lossy,
    /// Bytes are changed, lost and doubled on top of that, in both directions. No AT driver can
    /// tell a digit that was changed from one that was meant, or a command of which the module
    /// heard another version; so an answer may be garbled here, and a report may be acknowledged
    /// that the module holds under another number. It is still never another command's answer.
    Noisy,
    /// Final results are overtaken by what was asked later, and there are some that nobody asked
    /// for. No AT driver can tell a bare OK or ERROR from another one, and the module works on
    /// one command at a time, so this does not happen to a real one. What has a number of its
    /// own is still not credited to another command, unless such a result had declared its own
    /// command refused: its answer comes when nobody can know of it any more.
    Disorderly,
}

/// A run.
#[derive(Debug)]
pub struct Plan {
    pub seed: u64,
    pub terms: Terms,
    pub module: modem::ModemSettings,
    pub script: Script,
    /// When faults stop.
    pub calm: Duration,
    /// How many commands at most.
    pub asks: usize,
}

/// What may be expected of a run, and what the client of it is set to.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    pub class: Class,
    pub luat: bool,
    pub overlap: bool,
    /// The caller's own deadline.
    pub timeout: Option<Duration>,
    /// How many commands may still fail after faults stop, because it was ordered that the next
    /// one is refused or not answered, and none came.
    pub failures_left: u32,
    /// Whether commands may reach the module changed, which then does not do what was asked.
    pub hears_wrong: bool,
    /// Whether the line may take longer than the module is waited for.
    pub slow: bool,
    /// How many reports the module holds.
    pub queue_size: usize,
    /// How many unsolicited lines must arrive, if it is known.
    pub news: Option<u64>,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let class = match rng.u32(..10) {
            0 => Class::Whole,
            1..=6 => Class::Lossy,
            7..=8 => Class::Noisy,
            _ => Class::Disorderly,
        };
        let luat = rng.bool();
        let overlap = rng.u32(..4) == 0;
        let module = modem::ModemSettings {
            autobaud: rng.u32(..5) == 0,
            config: Some(ModemConfig::sample()),
            echo: rng.bool(),
            queue_size: rng.usize(2..30),
            drain_every: Duration::from_secs(rng.u64(1..60)),
            ..if luat { modem::ModemSettings::luat() } else { modem::ModemSettings::default() }
        };
        let calm = Duration::from_secs(rng.u64(20..600));
        let timeout = match rng.u32(..6) {
            0 => Some(millis(&mut rng, 20, 500)),
            1 => Some(millis(&mut rng, 500, 5_000)),
            _ => None,
        };
        let script = script(&mut rng, class, luat, calm);
        let asks = rng.usize(10..60);
        let count = |one: fn(&Order) -> bool| {
            u32::try_from(script.steps.iter().filter(|step| one(&step.order)).count()).unwrap()
        };
        let missing = count(|order| matches!(order, Order::MissingFinal | Order::MissingResult(_)));
        let reset = count(|order| *order == Order::Reset).min(1);
        let refused = count(|order| *order == Order::Refuse(REFUSED)).min(1);
        let wrong =
            count(|order| matches!(order, Order::CorruptInput(_) | Order::DropInput(_))) > 0;
        let slow = count(
            |order| matches!(order, Order::Delay { up_to, .. } if *up_to > Duration::from_millis(500)),
        );
        let news = count(|order| matches!(order, Order::Urc(_)));
        // A module that has not found the rate says nothing.
        let news = (class == Class::Whole && !module.autobaud).then_some(news.into());
        let terms = Terms {
            class,
            luat,
            overlap,
            timeout,
            failures_left: missing + refused + reset,
            hears_wrong: wrong,
            slow: slow > 0,
            queue_size: module.queue_size,
            news,
        };
        Self { seed, terms, module, script, calm, asks }
    }
}

impl Terms {
    pub fn profile(&self) -> Profile {
        let profile = if self.luat { Profile::luat() } else { Profile::quectel() };
        Profile { overlap: self.overlap, ..profile }
    }

    /// Of the client that is the `generation`th at this port.
    pub fn settings(&self, generation: usize) -> Settings {
        // Those that follow each other differ in their first fence, as the settings ask for.
        let first_fence = Some(generation % 8);
        let fence_number = u32::try_from(generation).ok().map(|generation| 1000 * generation);
        Settings {
            first_fence,
            fence_number,
            earlier: EarlierProgram::Within(Duration::from_secs(3)),
            ..Settings::new(self.profile())
        }
    }

    /// Whether what arrives is what the module said.
    pub fn is_true(&self) -> bool {
        matches!(self.class, Class::Whole | Class::Lossy)
    }

    /// How long a call may take behind `before` others.
    pub fn bound(&self, before: usize) -> Duration {
        // TRANSMIT, a final result behind a result (Luat), a result, FINAL_AFTER_RESULT.
        let own = self.timeout.unwrap_or(Duration::from_secs(40 + 30 + 2));
        // Three fences, each written (TRANSMIT) and waited for (FENCE).
        let fences = Duration::from_secs(3 * (5 + 2));
        let one = Duration::from_secs(5) + own + fences;
        one * u32::try_from(before + 1).unwrap() + SLACK
    }
}

/// `class=Lossy luat=true …`
impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, luat, overlap, failures_left, hears_wrong, slow, queue_size, .. } = self;
        write!(
            f,
            "class={class:?} luat={luat} overlap={overlap} failures-left={failures_left} \
             hears-wrong={hears_wrong} slow={slow} queue-size={queue_size}"
        )?;
        if let Some(timeout) = self.timeout {
            write!(f, " timeout={}", timeout.as_millis())?;
        }
        match self.news {
            Some(news) => write!(f, " news={news}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Terms {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = |name: &str| {
            text.split(' ').find_map(|term| term.strip_prefix(name)?.strip_prefix('='))
        };
        let needed = |name| value(name).ok_or_else(|| format!("no {name} in the terms"));
        let yes = |name| needed(name)?.parse().map_err(|_| format!("{name} is true or false"));
        let all = [Class::Whole, Class::Lossy, Class::Noisy, Class::Disorderly];
        let class = needed("class")?;
        Ok(Self {
            class: all
                .into_iter()
                .find(|known| format!("{known:?}") == class)
                .ok_or_else(|| format!("no class: {class}"))?,
            luat: yes("luat")?,
            overlap: yes("overlap")?,
            timeout: value("timeout").map(number).transpose()?.map(Duration::from_millis),
            failures_left: u32::try_from(number(needed("failures-left")?)?).unwrap_or(u32::MAX),
            hears_wrong: yes("hears-wrong")?,
            slow: yes("slow")?,
            queue_size: usize::try_from(number(needed("queue-size")?)?).unwrap_or(usize::MAX),
            news: value("news").map(number).transpose()?,
        })
    }
}

/// A next command; `results` is whether one with a result line will do.
pub fn next_ask(rng: &mut fastrand::Rng, unsure: &[u64], results: bool) -> Ask {
    let number = rng.u64(100_000_000..1_000_000_000);
    loop {
        let ask = match rng.u32(..16) {
            0 => Ask::At,
            1 => Ask::Usage,
            2 => Ask::DeviceId,
            3..=4 => Ask::Echo(number),
            5 => Ask::Fail(10_000 + number % 50_000),
            6 => Ask::Imei,
            7..=8 => Ask::Later(number),
            9 => Ask::Open,
            10 => Ask::Queue,
            11..=12 => match rng.choice(unsure) {
                Some(number) if rng.bool() => Ask::Report(*number),
                _ => Ask::Report(number),
            },
            13 => Ask::Signal,
            14 => Ask::Sign(number),
            _ => Ask::Text(number),
        };
        if results || !ask.has_result() {
            return ask;
        }
    }
}

pub fn millis(rng: &mut fastrand::Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(rng.u64(from..to))
}

fn script(rng: &mut fastrand::Rng, class: Class, luat: bool, calm: Duration) -> Script {
    let mut steps = Vec::new();
    let mut give = |when, order| steps.push(ScriptStep { when, order });
    let at = |rng: &mut fastrand::Rng| When::At(calm.mul_f64(rng.f64()));
    let begin = || When::At(Duration::ZERO);
    let mut news: Vec<Duration> = (0..rng.u32(..30)).map(|_| calm.mul_f64(rng.f64())).collect();
    news.sort();
    for (number, time) in news.into_iter().enumerate() {
        give(When::At(time), Order::Urc(format!("+NEWS: {}", number + 1)));
    }
    if rng.bool() {
        give(begin(), Order::Split(rng.f64()));
    }
    let resets = class != Class::Whole && rng.u32(..3) > 0;
    if rng.bool() {
        // With resets a line does not take longer than the engine allows for: see its SHORTLY.
        // Without, not so long that the engine has no new fences when all that it sent come back.
        let up_to = if resets { 400 } else { 8_000 };
        give(begin(), Order::Delay { chance: rng.f64() * 0.5, up_to: millis(rng, 1, up_to) });
    }
    for _ in 0..rng.u32(..6) {
        give(at(rng), Order::Refuse(REFUSED));
        give(at(rng), result(rng));
        give(at(rng), if rng.bool() { Order::QueueFull } else { Order::QueueFree });
    }
    if class != Class::Whole {
        for _ in 0..rng.u32(1..12) {
            let order = match rng.u32(..if resets { 10 } else { 8 }) {
                0..=1 => Order::Silent(millis(rng, 1, 8_000)),
                2 => Order::HangUp(millis(rng, 50, 20_000)),
                3..=4 => Order::MissingFinal,
                5 => Order::MissingResult(late(rng, luat, true).into()),
                6..=7 => Order::LateResult {
                    prefix: late(rng, luat, false).into(),
                    by: millis(rng, 1, 90_000),
                },
                8 if rng.bool() => {
                    // One of which the first words are lost.
                    let silent = Order::Silent(millis(rng, 1, 2_000));
                    let time = calm.mul_f64(rng.f64());
                    give(When::At(time), silent);
                    give(When::At(time), Order::Reset);
                    continue;
                }
                _ => Order::Reset,
            };
            // What strikes at a fence must not do so when all is calm.
            let missing = matches!(order, Order::MissingFinal | Order::MissingResult(_));
            let commands = if missing { COMMANDS } else { &COMMANDS[..COMMANDS.len() - 2] };
            let when = match rng.bool() {
                true => at(rng),
                false => When::On {
                    command: (*rng.choice(commands).unwrap()).into(),
                    number: Some(rng.u32(1..4)),
                    after: if rng.bool() { Duration::ZERO } else { millis(rng, 1, 2_000) },
                },
            };
            give(when, order);
        }
    }
    match class {
        Class::Whole | Class::Lossy => {}
        Class::Noisy => {
            for _ in 0..rng.u32(1..6) {
                let chance = 0.02 * rng.f64().powi(2);
                let order = match rng.u32(..5) {
                    0 => Order::Corrupt(chance),
                    1 => Order::CorruptInput(chance),
                    2 => Order::Drop(chance),
                    3 => Order::DropInput(chance),
                    _ => Order::Duplicate(chance),
                };
                give(at(rng), order);
            }
        }
        Class::Disorderly => {
            for _ in 0..rng.u32(1..8) {
                let order = match rng.u32(..4) {
                    0 => Order::Raw(b"\r\nOK\r\n".to_vec()),
                    1 => Order::Raw(b"\r\nERROR\r\n".to_vec()),
                    _ => Order::LateFinal(millis(rng, 1, 60_000)),
                };
                give(at(rng), order);
            }
        }
    }
    give(When::At(calm), Order::Calm);
    give(When::At(calm), Order::QueueFree);
    give(When::At(calm), Order::Registration(NetworkState::Home));
    Script { steps }
}

fn result(rng: &mut fastrand::Rng) -> Order {
    let prefix = *rng.choice(PREFIXES).unwrap();
    Order::Result { prefix: prefix.into(), code: rng.i32(-1..8) }
}

/// A prefix whose lines may be late, or missing.
fn late(rng: &mut fastrand::Rng, luat: bool, missing: bool) -> &'static str {
    // Where OK alone is success, a failure that is lost or late has not been.
    let some = if luat { &PREFIXES[2..] } else { PREFIXES };
    // Information that is late breaks the order that is promised.
    match rng.u32(..4) {
        0 if missing => rng.choice(["+ECHO", "+CMEE", "+IFC", "T"]).unwrap(),
        1 => "+LATER",
        _ => rng.choice(some).copied().unwrap(),
    }
}

const PREFIXES: &[&str] = &["+ALIPAYACT", "+ALIPAYREP", "+ALIPAYSIGN", "+ALIPAYOPEN", "+ALIPAYDID"];

const COMMANDS: &[&str] =
    &["AT+ALIPAYSIGN", "AT+ALIPAYREP=", "AT+LATER", "AT+ECHO", "AT+CMEE?", "AT+IFC?"];

/// 302, command conflict.
pub const REFUSED: u16 = 302;

/// What the line takes, and what rounds up to whole milliseconds.
const SLACK: Duration = Duration::from_secs(1);
