//! What goes wrong between a client and Alipay.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use fastrand::Rng;

use super::Method;

/// What happens to one request and its answer.
///
/// ```text
///   client --- arrives ---> Alipay: works --- returns ---> client
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fate {
    /// How long the request is on its way; it is lost if there is no time.
    pub arrives: Option<Duration>,
    /// Whether it is carried out. What is answered with its true result always is.
    pub done: bool,
    /// How long Alipay works on it before it takes effect. A payment code is taken from the
    /// beginning; the trade can be seen at the end.
    pub works: Duration,
    /// What is answered: the true result when the work is done, anything else at once.
    pub said: ReplyKind,
    /// How long the answer is on its way; it is lost if there is no time.
    pub returns: Option<Duration>,
}

impl Default for Fate {
    /// All goes well, in no time.
    fn default() -> Self {
        Self {
            arrives: Some(Duration::ZERO),
            done: true,
            works: Duration::ZERO,
            said: ReplyKind::Truth,
            returns: Some(Duration::ZERO),
        }
    }
}

/// What a client hears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReplyKind {
    /// HTTP 502 with a page.
    BadGateway,
    /// The connection closes.
    Closed,
    /// The true result, cut off in the middle of the body.
    CutOff,
    /// The true result, in GBK whatever was asked for, and signed so.
    Gbk,
    /// HTTP 200 with a page of somebody else.
    Html,
    /// This code and sub-code, properly signed.
    Instead(u16, &'static str),
    /// HTTP 302 to somewhere else.
    Redirect,
    /// The true result.
    Truth,
    /// The true result, without a signature.
    Unsigned,
    /// The true result with another amount, properly signed.
    WrongAmount,
    /// The true result, with a signature over something else.
    WrongSignature,
}

impl ReplyKind {
    /// 20000, the answer that leaves everything open.
    pub const SYSTEM_ERROR: Self = Self::Instead(20000, "isp.unknow-error");

    /// Whether the true result is in it, so that it cannot be said before the work is done.
    pub fn tells_result(self) -> bool {
        matches!(
            self,
            Self::CutOff
                | Self::Gbk
                | Self::Truth
                | Self::Unsigned
                | Self::WrongAmount
                | Self::WrongSignature
        )
    }
}

/// The disguise, if there is one, as an end of a line.
impl fmt::Display for ReplyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadGateway => ", but a 502",
            Self::Closed => ", but the connection closes",
            Self::CutOff => ", cut off",
            Self::Gbk => ", in GBK",
            Self::Html => ", but a page of HTML",
            Self::Instead(..) | Self::Truth => "",
            Self::Redirect => ", but a redirect",
            Self::Unsigned => ", unsigned",
            Self::WrongAmount => ", with a wrong amount",
            Self::WrongSignature => ", with a wrong signature",
        })
    }
}

/// A fault by its name.
///
/// Where a client cannot know whether its request was carried out, the seed decides.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// `502`: a page of the gateway's front.
    BadGateway,
    /// `closed`: the connection closes unanswered.
    Closed,
    /// `cut-off`: the connection closes in the middle of the answer.
    CutOff,
    /// `gbk`: the answer is in GBK, though UTF-8 was asked for.
    Gbk,
    /// `half-done`: 20000 at once, and the request takes effect some seconds later.
    HalfDone,
    /// `html`: a page with status 200.
    Html,
    /// `late`: carried out at once, and answered after 15 s.
    Late,
    /// `lost`: the request or its answer never arrives.
    Lost,
    /// `redirect`: 302, as from the login page of a network; nothing is carried out.
    Redirect,
    /// `system-error`: 20000.
    SystemError,
    /// `unsigned`: the answer has no signature.
    Unsigned,
    /// `wrong-amount`: the answer has another amount, and is signed so.
    WrongAmount,
    /// `wrong-signature`: the signature is of another text.
    WrongSignature,
}

impl Fault {
    /// Each of them.
    pub const ALL: [Self; 13] = [
        Self::Lost,
        Self::Late,
        Self::HalfDone,
        Self::SystemError,
        Self::Closed,
        Self::CutOff,
        Self::BadGateway,
        Self::Html,
        Self::Redirect,
        Self::Gbk,
        Self::Unsigned,
        Self::WrongSignature,
        Self::WrongAmount,
    ];

    /// Its name, as [`from_str`](FromStr::from_str) takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadGateway => "502",
            Self::Closed => "closed",
            Self::CutOff => "cut-off",
            Self::Gbk => "gbk",
            Self::HalfDone => "half-done",
            Self::Html => "html",
            Self::Late => "late",
            Self::Lost => "lost",
            Self::Redirect => "redirect",
            Self::SystemError => "system-error",
            Self::Unsigned => "unsigned",
            Self::WrongAmount => "wrong-amount",
            Self::WrongSignature => "wrong-signature",
        }
    }

    /// What it does to a request.
    pub fn fate(self, rng: &mut Rng) -> Fate {
        let well = Fate::default();
        let unclear = |said, rng: &mut Rng| Fate { said, done: rng.bool(), ..well };
        let said = |said| Fate { said, ..well };
        match self {
            Self::BadGateway => unclear(ReplyKind::BadGateway, rng),
            Self::Closed => unclear(ReplyKind::Closed, rng),
            Self::CutOff => said(ReplyKind::CutOff),
            Self::Gbk => said(ReplyKind::Gbk),
            Self::HalfDone => Fate { said: ReplyKind::SYSTEM_ERROR, works: HALF_DONE, ..well },
            Self::Html => unclear(ReplyKind::Html, rng),
            Self::Late => Fate { returns: Some(LATE), ..well },
            Self::Lost if rng.bool() => Fate { arrives: None, ..well },
            Self::Lost => Fate { returns: None, ..well },
            Self::Redirect => Fate { said: ReplyKind::Redirect, done: false, ..well },
            Self::SystemError => unclear(ReplyKind::SYSTEM_ERROR, rng),
            Self::Unsigned => said(ReplyKind::Unsigned),
            Self::WrongAmount => said(ReplyKind::WrongAmount),
            Self::WrongSignature => said(ReplyKind::WrongSignature),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(name: &str) -> Result<Self, FaultError> {
        let found = Self::ALL.into_iter().find(|fault| fault.name() == name);
        found.ok_or_else(|| FaultError::Unknown(name.into()))
    }
}

/// A fault and the call that it strikes, once.
///
/// ```
/// use m26_pay::sim::gateway::alipay::{Fault, Method, Planned};
///
/// let planned: Planned = "late".parse()?;
/// assert_eq!(planned, Planned { fault: Fault::Late, method: Method::Pay, nth: 1 });
/// let planned: Planned = "closed:cancel:2".parse()?;
/// assert_eq!(planned, Planned { fault: Fault::Closed, method: Method::Cancel, nth: 2 });
/// # Ok::<(), m26_pay::sim::gateway::alipay::FaultError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Planned {
    /// What happens.
    pub fault: Fault,
    /// To which calls.
    pub method: Method,
    /// To which of them, the first being 1.
    pub nth: u64,
}

/// `NAME` is the first pay; `NAME:METHOD:N` another call.
impl FromStr for Planned {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut parts = text.split(':');
        let fault = parts.next().unwrap_or_default().parse()?;
        let (method, nth) = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => (Method::Pay, 1),
            (Some(method), Some(nth), None) => {
                let method = method.parse().map_err(|_| FaultError::Method(method.into()))?;
                let number = nth.parse().ok().filter(|nth| *nth > 0);
                (method, number.ok_or_else(|| FaultError::Number(nth.into()))?)
            }
            _ => return Err(FaultError::Form),
        };
        Ok(Self { fault, method, nth })
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// Neither `NAME` nor `NAME:METHOD:N`.
    #[error("a fault is NAME, for the first pay, or NAME:METHOD:N, for another call")]
    Form,
    /// There is no such method.
    #[error(
        "there is no method '{0}': it is pay, query, cancel, close, refund, refund-query or \
         precreate"
    )]
    Method(String),
    /// Not the number of a call.
    #[error("'{0}' is not the number of a call: the first is 1")]
    Number(String),
    /// There is no such fault.
    #[error(
        "there is no fault '{0}': it is lost, late, half-done, system-error, closed, cut-off, 502, \
         html, redirect, gbk, unsigned, wrong-signature or wrong-amount"
    )]
    Unknown(String),
}

/// Longer than a till waits for an answer, 10 s by default (vectors, policy).
const LATE: Duration = Duration::from_secs(15);

/// Not specified; chosen because a till has asked once by then, and heard TRADE_NOT_EXIST.
const HALF_DONE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
        }
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
    }

    #[test]
    fn an_error_says_what_there_is() {
        let error = |text: &str| text.parse::<Planned>().unwrap_err().to_string();
        assert!(error("slow").contains("'slow': it is lost, late"));
        assert!(error("late:pay").contains("NAME:METHOD:N"));
        assert!(error("late:pay:1:2").contains("NAME:METHOD:N"));
        assert!(error("late:buy:1").contains("'buy': it is pay, query"));
        assert!(error("late:pay:0").contains("the first is 1"));
    }
}
