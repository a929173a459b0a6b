//! The answer to a command: its text, how long it takes, and how it ends.

use std::time::Duration;

use super::Event;

/// A command's answer, or why there is none.
pub(super) type Outcome = Result<Reply, Failure>;

/// A command's answer.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// The information texts, each framed on its own.
    pub(super) text: Vec<String>,
    /// How long it takes beyond what any command takes.
    pub(super) takes: Duration,
    /// What follows the final result, and how long after it.
    pub(super) then: Vec<(Duration, Event)>,
    /// Whether the text stands in place of the OK, as `+ALIPAYSHUT OK` does.
    pub(super) without_ok: bool,
}

impl Reply {
    /// OK and nothing else.
    pub(super) fn ok() -> Outcome {
        Ok(Self::default())
    }

    /// A text, then OK.
    pub(super) fn text(text: impl Into<String>) -> Outcome {
        Ok(Self { text: vec![text.into()], ..Self::default() })
    }

    /// OK, and something after it.
    pub(super) fn then(after: Duration, event: Event) -> Outcome {
        Ok(Self { then: vec![(after, event)], ..Self::default() })
    }

    /// A text in place of OK, and something after it.
    pub(super) fn instead_of_ok(text: &str, takes: Duration, event: Option<Event>) -> Outcome {
        Ok(Self {
            text: vec![text.into()],
            takes,
            then: event.map(|event| (Duration::ZERO, event)).into_iter().collect(),
            without_ok: true,
        })
    }
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// An error of the equipment, shown as AT+CMEE says.
    Cme(u16),
    /// An error of the message service, as a number (TS 27.005, 3.2.5).
    Cms(u16),
    /// There is no connection (V.250, 6.3.1).
    NoCarrier,
    /// ERROR without a number, also where AT+CMEE asks for one.
    Plain,
}

/// Codes of the M26 AT manual V1.1, table 8.
impl Failure {
    pub(super) const NOT_ALLOWED: Self = Self::Cme(3);
    pub(super) const NOT_SUPPORTED: Self = Self::Cme(4);
    pub(super) const SIM_MISSING: Self = Self::Cme(10);
    pub(super) const SIM_PIN: Self = Self::Cme(11);
    pub(super) const SIM_PUK: Self = Self::Cme(12);
    pub(super) const WRONG_PASSWORD: Self = Self::Cme(16);
    pub(super) const INVALID_INDEX: Self = Self::Cme(21);
    pub(super) const NOT_FOUND: Self = Self::Cme(22);
    pub(super) const NO_NETWORK: Self = Self::Cme(30);
    pub(super) const SIM_POWERED_DOWN: Self = Self::Cme(3772);
    pub(super) const UNKNOWN_COMMAND: Self = Self::Cme(601);
    pub(super) const SYNTAX: Self = Self::Cme(603);
    pub(super) const INVALID_PARAMETER: Self = Self::Cme(3518);
    pub(super) const INVALID_INPUT: Self = Self::Cme(3765);

    /// The final result for this AT+CMEE.
    pub(super) fn result(self, cmee: u8) -> String {
        match (self, cmee) {
            (Self::NoCarrier, _) => "NO CARRIER".into(),
            (Self::Cms(code), _) => format!("+CMS ERROR: {code}"),
            (Self::Plain, _) | (_, 0) => "ERROR".into(),
            (Self::Cme(code), 2) => match cme_text(code) {
                Some(text) => format!("+CME ERROR: {text}"),
                None => format!("+CME ERROR: {code}"),
            },
            (Self::Cme(code), _) => format!("+CME ERROR: {code}"),
        }
    }
}

/// The words of AT+CMEE=2 for the codes this simulator uses and those a script is likely to order
/// (M26 AT manual V1.1, table 8).
fn cme_text(code: u16) -> Option<&'static str> {
    Some(match code {
        0 => "phone failure",
        3 => "operation not allowed",
        4 => "operation not supported",
        10 => "SIM not inserted",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        13 => "SIM failure",
        14 => "SIM busy",
        16 => "incorrect password",
        20 => "memory full",
        21 => "invalid index",
        22 => "not found",
        30 => "no network service",
        31 => "network timeout",
        302 => "command conflict",
        601 => "unrecognised command",
        603 => "syntax error",
        604 => "unspecified",
        606 => "action already",
        3515 => "PS busy",
        3518 => "invalid parameter",
        3765 => "invalid input value",
        3772 => "SIM powered down",
        _ => return None,
    })
}
