//! What a run's caller does, step by step, and as text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::chaos::ask::Ask;

/// One step of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Several calls at once; with a port that takes no bytes meanwhile if it is stuck (blocking).
    Batch { stuck: bool, calls: Vec<Call> },
    /// Listens to events for so long (blocking).
    Listen(Duration),
    /// Does nothing for so long.
    Pass(Duration),
    /// Waits until so long after the beginning, when faults have stopped, and asks again.
    Recover(Duration),
    /// Looks for the module.
    Synchronise,
}

/// One call of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub ask: Ask,
    /// When its caller comes: in turn (blocking), or after so many milliseconds (async).
    pub at: u64,
    /// After how long its caller leaves.
    pub leaves: Option<Duration>,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch { stuck, calls } => {
                f.write_str(if *stuck { "stuck: " } else { "batch: " })?;
                let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
                f.write_str(&calls.join("; "))
            }
            Self::Listen(time) => write!(f, "listen {}", time.as_millis()),
            Self::Pass(time) => write!(f, "pass {}", time.as_millis()),
            Self::Recover(until) => write!(f, "recover {}", until.as_millis()),
            Self::Synchronise => f.write_str("synchronise"),
        }
    }
}

impl FromStr for Act {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "synchronise" {
            return Ok(Self::Synchronise);
        }
        let (name, rest) = text.split_once(' ').ok_or_else(|| format!("no act: {text}"))?;
        Ok(match name {
            "batch:" | "stuck:" => {
                let calls = rest.split("; ").map(str::parse).collect::<Result<_, _>>()?;
                Self::Batch { stuck: name == "stuck:", calls }
            }
            "listen" => Self::Listen(millis(rest)?),
            "pass" => Self::Pass(millis(rest)?),
            "recover" => Self::Recover(millis(rest)?),
            _ => return Err(format!("no act: {text}")),
        })
    }
}

/// `echo 123456789 at 0 leaving 300`
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.ask, self.at)?;
        match self.leaves {
            Some(time) => write!(f, " leaving {}", time.as_millis()),
            None => Ok(()),
        }
    }
}

impl FromStr for Call {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (ask, when) = text.split_once(" at ").ok_or_else(|| format!("no call: {text}"))?;
        let (at, leaves) = match when.split_once(" leaving ") {
            Some((at, leaves)) => (at, Some(millis(leaves)?)),
            None => (when, None),
        };
        Ok(Self { ask: ask.parse()?, at: number(at)?, leaves })
    }
}

fn millis(text: &str) -> Result<Duration, String> {
    number(text).map(Duration::from_millis)
}

pub fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("no number: {text}"))
}
