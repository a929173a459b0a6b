//! When a request was made.

use std::fmt;
use std::str::FromStr;

use super::merchant::RequestError;
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::beijing;
use crate::unix_time::UnixMillis;

/// The time of a request (`timestamp`): `YYYY-MM-DD hh:mm:ss` in Beijing, whatever the time zone of
/// this host is.
///
/// ```
/// use m26_pay::gateway::alipay::RequestTime;
/// use m26_pay::unix_time::UnixMillis;
///
/// let now = RequestTime::of_clock(UnixMillis(1_795_957_200_000))?;
/// assert_eq!(now.to_string(), "2026-11-29 21:00:00");
/// assert_eq!("2026-11-29 21:00:00".parse(), Ok(now));
/// # Ok::<(), m26_pay::gateway::alipay::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestTime(String);

impl RequestTime {
    /// What the clock of this host shows.
    ///
    /// # Errors
    /// If that clock was never set. A time that somebody has written is not looked at so: parse it.
    pub fn of_clock(at: UnixMillis) -> Result<Self, RequestError> {
        if !beijing::is_set(at) {
            return Err(RequestError::Clock);
        }
        beijing::timestamp(at).map(Self).ok_or(RequestError::Clock)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestTime {
    type Err = InvalidArgument;

    fn from_str(text: &str) -> Result<Self, InvalidArgument> {
        // A reader of dates takes `2026-1-9` too, and Alipay takes 19 characters.
        let written = beijing::parse(text).and_then(beijing::timestamp);
        match written {
            Some(written) if written == text => Ok(Self(written)),
            _ => Err(InvalidArgument {
                field: "timestamp",
                reason: InvalidReason::Rule("must be a time as YYYY-MM-DD hh:mm:ss"),
            }),
        }
    }
}

impl fmt::Display for RequestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
