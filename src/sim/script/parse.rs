//! Reads the text of a script.

use std::str::FromStr;
use std::time::Duration;

use super::words::Words;
use super::{Script, ScriptStep, When};
use crate::sim::modem::is_command;
use crate::sim::{CardState, NetworkState, Order};

/// A script that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ScriptError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: ScriptReason,
}

/// What is wrong with a line of a script.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptReason {
    /// A backslash stands before a character that it cannot stand before.
    #[error("unknown escape `\\{escape}` in quotes; there are \\r, \\n, \\\", \\\\ and \\x41")]
    Escape {
        /// The character.
        escape: char,
    },
    /// The line ends too early.
    #[error("expected {expected} at the end of the line")]
    Missing {
        /// What should have followed.
        expected: &'static str,
    },
    /// A quote is not closed.
    #[error("a quote is not closed")]
    OpenQuote,
    /// Something stands where something else should.
    #[error("expected {expected}, found `{found}`")]
    Unexpected {
        /// What should have stood there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut steps = Vec::new();
        for (index, line) in text.lines().enumerate() {
            match step(line) {
                Ok(step) => steps.extend(step),
                Err(reason) => {
                    return Err(ScriptError { line: index + 1, reason });
                }
            }
        }
        Ok(Self { steps })
    }
}

/// One line: nothing, or a step.
fn step(line: &str) -> Result<Option<ScriptStep>, ScriptReason> {
    let mut words = Words::new(line)?;
    if words.len() == 0 {
        return Ok(None);
    }
    let when = when(&mut words)?;
    let order = order(&mut words, &when)?;
    if words.len() > 0 {
        let found = words.text("the end of the line")?;
        return Err(ScriptReason::Unexpected { expected: "the end of the line", found });
    }
    Ok(Some(ScriptStep { when, order }))
}

fn when(words: &mut Words) -> Result<When, ScriptReason> {
    Ok(match words.peek() {
        Some("at") => {
            words.text("at")?;
            When::At(time(words)?)
        }
        Some("every") => {
            words.text("every")?;
            let found = words.peek().unwrap_or_default().to_owned();
            let time = time(words)?;
            if time.is_zero() {
                return Err(ScriptReason::Unexpected { expected: "a time above zero", found });
            }
            When::Every(time)
        }
        Some("on") => {
            words.text("on")?;
            let number = words.peek().and_then(|word| word.parse().ok());
            if number.is_some() {
                words.text("a number")?;
            }
            let command = words.text("a command")?;
            let delayed = words.peek() == Some("after");
            if delayed {
                words.text("after")?;
            }
            let after = if delayed { time(words)? } else { Duration::ZERO };
            When::On { command, number, after }
        }
        _ => When::At(Duration::ZERO),
    })
}

fn order(words: &mut Words, when: &When) -> Result<Order, ScriptReason> {
    let name = words.text(ORDER)?;
    Ok(match name.as_str() {
        "answer" => Order::Answer { command: command(words)?, text: words.text("text")? },
        "calm" => Order::Calm,
        "corrupt" => Order::Corrupt(chance(words)?),
        "corrupt-input" => Order::CorruptInput(chance(words)?),
        "delay" => Order::Delay { chance: chance(words)?, up_to: time(words)? },
        "drop" => Order::Drop(chance(words)?),
        "drop-input" => Order::DropInput(chance(words)?),
        "duplicate" => Order::Duplicate(chance(words)?),
        "hang-up" => Order::HangUp(for_time(words)?),
        "late-ok" => Order::LateFinal(time(words)?),
        "late-result" => Order::LateResult { prefix: prefix(words, when, 1)?, by: time(words)? },
        "missing-ok" => Order::MissingFinal,
        "missing-result" => Order::MissingResult(prefix(words, when, 0)?),
        "power-off" => Order::PowerOff,
        "power-on" => Order::PowerOn,
        "queue-free" => Order::QueueFree,
        "queue-full" => Order::QueueFull,
        "raw" => Order::Raw(words.bytes("text")?),
        "refuse" => Order::Refuse(number(words, "a CME error's number")?),
        "registration" => Order::Registration(registration(words)?),
        "reset" => Order::Reset,
        "result" => {
            Order::Result { prefix: prefix(words, when, 1)?, code: number(words, "a result code")? }
        }
        "signal" => Order::Signal(signal(words)?),
        "silent" => Order::Silent(for_time(words)?),
        "sim" => Order::Sim(sim(words)?),
        "split" => Order::Split(chance(words)?),
        "urc" => Order::Urc(words.text("text")?),
        "urcs" => Order::Urcs { chance: chance(words)?, text: words.text("text")? },
        _ => {
            return Err(ScriptReason::Unexpected { expected: ORDER, found: name });
        }
    })
}

fn command(words: &mut Words) -> Result<String, ScriptReason> {
    let expected = "one command such as AT+QTEMP?";
    let found = words.text(expected)?;
    if is_command(&found) { Ok(found) } else { Err(ScriptReason::Unexpected { expected, found }) }
}

/// A prefix, or without one (when only `behind` words are left) that of the command waited for.
fn prefix(words: &mut Words, when: &When, behind: usize) -> Result<String, ScriptReason> {
    match when {
        When::On { command, .. } if words.len() <= behind => {
            let name = command.split(['=', '?']).next().unwrap_or(command);
            let name = name.to_ascii_uppercase();
            Ok(name.strip_prefix("AT").unwrap_or(&name).to_owned())
        }
        _ => words.text("a prefix such as +ALIPAYSIGN"),
    }
}

fn registration(words: &mut Words) -> Result<NetworkState, ScriptReason> {
    let expected = "home, roaming, searching, denied, lost or unknown";
    let found = words.text(expected)?;
    Ok(match found.as_str() {
        "denied" => NetworkState::Denied,
        "home" => NetworkState::Home,
        "lost" => NetworkState::Lost,
        "roaming" => NetworkState::Roaming,
        "searching" => NetworkState::Searching,
        "unknown" => NetworkState::Unknown,
        _ => return Err(ScriptReason::Unexpected { expected, found }),
    })
}

fn sim(words: &mut Words) -> Result<CardState, ScriptReason> {
    let expected = "ready, missing, pin or puk";
    let found = words.text(expected)?;
    Ok(match found.as_str() {
        "missing" => CardState::Missing,
        "pin" => CardState::Pin,
        "puk" => CardState::Puk,
        "ready" => CardState::Ready,
        _ => return Err(ScriptReason::Unexpected { expected, found }),
    })
}

fn signal(words: &mut Words) -> Result<u8, ScriptReason> {
    let expected = "a signal strength, 0 to 31 or 99";
    match number(words, expected)? {
        rssi @ (0..=31 | 99) => Ok(rssi),
        other => Err(ScriptReason::Unexpected { expected, found: other.to_string() }),
    }
}

fn for_time(words: &mut Words) -> Result<Duration, ScriptReason> {
    let found = words.text("for")?;
    if found != "for" {
        return Err(ScriptReason::Unexpected { expected: "for", found });
    }
    time(words)
}

/// `20s`, `1.5s`, `300ms`, `2m`.
fn time(words: &mut Words) -> Result<Duration, ScriptReason> {
    let expected = "a time such as 20s, 1.5s, 300ms or 2m";
    let found = words.text(expected)?;
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0)];
    let (value, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((found.strip_suffix(name)?, unit)))
        .unwrap_or(("", &0.0));
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match value.parse::<f64>() {
        Ok(value) if plain && value <= LONGEST_SECONDS => Ok(Duration::from_secs_f64(value * unit)),
        _ => Err(ScriptReason::Unexpected { expected, found }),
    }
}

fn chance(words: &mut Words) -> Result<f64, ScriptReason> {
    let expected = "a chance from 0 to 1";
    let found = words.text(expected)?;
    match found.parse() {
        Ok(chance) if (0.0..=1.0).contains(&chance) => Ok(chance),
        _ => Err(ScriptReason::Unexpected { expected, found }),
    }
}

fn number<N: FromStr>(words: &mut Words, expected: &'static str) -> Result<N, ScriptReason> {
    let found = words.text(expected)?;
    found.parse().map_err(|_| ScriptReason::Unexpected { expected, found })
}

const ORDER: &str = "an order such as reset, urc or late-result";
/// Not specified; chosen so that no sum of times can overflow.
const LONGEST_SECONDS: f64 = 1e6;
