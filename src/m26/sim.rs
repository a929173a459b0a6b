//! AT+CPIN?: the state of the SIM.

use std::borrow::Cow;
use std::fmt;

use crate::at::command::{
    Answer, Command, CommandLine, Deadline, DecodeError, InvalidCommand, Reply, Request,
};
use crate::at::field::{FieldError, Fields, Shape};
use crate::at::profile::Profile;
use crate::secret::REDACTED;

/// Asks for the state of the SIM.
///
/// ```text
/// AT+CPIN?                       M26AT; 27.007 8.3
///
/// +CPIN: <code>
///
/// OK
/// ```
///
/// Without a SIM the module refuses the command (`+CME ERROR: 10`). The line also comes as a URC
/// when the module starts.
///
/// ```
/// use m26_pay::at::command::{Command, Reply};
/// use m26_pay::at::line::Line;
/// use m26_pay::at::result::FinalResult;
/// use m26_pay::m26::{ReadSim, SimState};
///
/// let reply = Reply {
///     lines: [Line::new("+CPIN: SIM PIN")].into(),
///     result: None,
///     final_result: Some(FinalResult::Ok),
/// };
/// assert_eq!(ReadSim.decode(&reply)?, SimState::PinRequired);
/// # Ok::<(), m26_pay::at::command::DecodeError>(())
/// ```
#[doc(alias = "AT+CPIN")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSim;

/// The state of the SIM.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimState<'a> {
    /// `NOT INSERTED`, as a URC.
    NotInserted,
    /// `NOT READY`, as a URC.
    NotReady,
    /// `SIM PIN`: it waits for its PIN.
    PinRequired,
    /// `SIM PIN2`: it waits for its second PIN.
    Pin2Required,
    /// `SIM PUK`: it waits for its PUK.
    PukRequired,
    /// `SIM PUK2`: it waits for its second PUK.
    Puk2Required,
    /// `READY`: no PIN or PUK is needed.
    Ready,
    /// Another text. It prints as redacted.
    Other(Cow<'a, str>),
}

impl Command for ReadSim {
    type Response = SimState<'static>;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::read(PREFIX).finish(profile)?;
        let request = Request::new(line).answer(Answer::Prefixed(&[(PREFIX, Shape::Any)]));
        Ok(request.final_within(ANSWERED))
    }

    fn decode(&self, reply: &Reply) -> Result<SimState<'static>, DecodeError> {
        reply.parse_answer(PREFIX, parse).map(SimState::into_owned)
    }
}

/// The parameters of the line.
pub(crate) fn parse<'a>(fields: &mut Fields<'a>) -> Result<SimState<'a>, FieldError> {
    let text = fields.text("code")?;
    let known = STATES.iter().find(|(name, _)| *name == text);
    Ok(known.map_or(SimState::Other(Cow::Borrowed(text)), |(_, state)| state.clone()))
}

impl SimState<'_> {
    /// The text of the line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => STATES.iter().find(|(_, state)| state == known).map_or("", |(name, _)| name),
        }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> SimState<'static> {
        match self {
            Self::NotInserted => SimState::NotInserted,
            Self::NotReady => SimState::NotReady,
            Self::PinRequired => SimState::PinRequired,
            Self::Pin2Required => SimState::Pin2Required,
            Self::PukRequired => SimState::PukRequired,
            Self::Puk2Required => SimState::Puk2Required,
            Self::Ready => SimState::Ready,
            Self::Other(text) => SimState::Other(Cow::Owned(text.into_owned())),
        }
    }
}

impl fmt::Debug for SimState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SimState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An unknown text may hold a secret.
        f.write_str(if let Self::Other(_) = self { REDACTED } else { self.as_str() })
    }
}

const STATES: &[(&str, SimState<'static>)] = &[
    ("READY", SimState::Ready),
    ("SIM PIN", SimState::PinRequired),
    ("SIM PUK", SimState::PukRequired),
    ("SIM PIN2", SimState::Pin2Required),
    ("SIM PUK2", SimState::Puk2Required),
    ("NOT INSERTED", SimState::NotInserted),
    ("NOT READY", SimState::NotReady),
];

pub(crate) const PREFIX: &str = "+CPIN";

/// M26AT gives AT+CPIN= 5 s, and nothing to the read form.
const ANSWERED: Deadline = Deadline::millis("state of the SIM", 5_000);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{quectel, sent};

    #[test]
    fn known_and_unknown_states() {
        assert_eq!(sent(&ReadSim, &Profile::luat()), "AT+CPIN?");
        for (name, state) in STATES {
            let bytes = format!("\r\n+CPIN: {name}\r\n\r\nOK\r\n");
            assert_eq!(quectel(&ReadSim, bytes.as_bytes()), Ok(state.clone()));
            assert_eq!(state.as_str(), *name);
        }
        let other = quectel(&ReadSim, b"\r\n+CPIN: PH-NET PIN\r\n\r\nOK\r\n").unwrap();
        assert_eq!(other.as_str(), "PH-NET PIN");
        assert_eq!(format!("{other} {other:?}"), "[redacted] [redacted]");
    }
}
