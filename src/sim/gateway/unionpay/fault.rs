//! What goes wrong between a client and UnionPay.

use std::fmt;
use std::str::FromStr;

use super::CallName;

/// A fault by its name.
///
/// Where a client cannot know whether its request was carried out, the seed decides.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UnionPayFault {
    /// `502`: a page of the platform's front.
    BadGateway,
    /// `closed`: the connection closes unanswered.
    Closed,
    /// `cut-off`: the connection closes in the middle of the answer.
    CutOff,
    /// `duplicated`: the network delivers the request twice, and each is carried out; the client
    /// hears what the second one was answered.
    Duplicated,
    /// `evicted`: somebody else has fetched a backend token just before.
    Evicted,
    /// `html`: a page with status 200.
    Html,
    /// `late`: carried out at once, and answered after 15 s.
    Late,
    /// `lost`: the request or its answer never arrives.
    Lost,
    /// `misspelled`: the answer comes in the form of the sample.
    Misspelled,
    /// `redirect`: 302, as from the login page of a network; nothing is carried out.
    Redirect,
    /// `wrong-signature`: the request is refused as if its signature were wrong.
    WrongSignature,
}

impl UnionPayFault {
    /// Each of them.
    pub const ALL: [Self; 11] = [
        Self::Lost,
        Self::Late,
        Self::Closed,
        Self::CutOff,
        Self::BadGateway,
        Self::Html,
        Self::Redirect,
        Self::Duplicated,
        Self::Evicted,
        Self::Misspelled,
        Self::WrongSignature,
    ];

    /// Its name, as [`from_str`](FromStr::from_str) takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadGateway => "502",
            Self::Closed => "closed",
            Self::CutOff => "cut-off",
            Self::Duplicated => "duplicated",
            Self::Evicted => "evicted",
            Self::Html => "html",
            Self::Late => "late",
            Self::Lost => "lost",
            Self::Misspelled => "misspelled",
            Self::Redirect => "redirect",
            Self::WrongSignature => "wrong-signature",
        }
    }
}

impl fmt::Display for UnionPayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for UnionPayFault {
    type Err = UnionPayFaultError;

    fn from_str(name: &str) -> Result<Self, UnionPayFaultError> {
        let found = Self::ALL.into_iter().find(|fault| fault.name() == name);
        found.ok_or_else(|| UnionPayFaultError::Unknown(name.into()))
    }
}

/// A fault and the call that it strikes, once.
///
/// ```
/// use m26_pay::sim::gateway::unionpay::{CallName, UnionPayFault, PlannedFault};
///
/// let planned: PlannedFault = "late:red.packet.give:2".parse()?;
/// let second = PlannedFault { fault: UnionPayFault::Late, call: CallName::RedPacketGive, nth: 2 };
/// assert_eq!(planned, second);
/// # Ok::<(), m26_pay::sim::gateway::unionpay::UnionPayFaultError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PlannedFault {
    /// What happens.
    pub fault: UnionPayFault,
    /// To which calls.
    pub call: CallName,
    /// To which of them, the first being 1.
    pub nth: u64,
}

/// `NAME:CALL` is the first of these calls; `NAME:CALL:N` another one.
impl FromStr for PlannedFault {
    type Err = UnionPayFaultError;

    fn from_str(text: &str) -> Result<Self, UnionPayFaultError> {
        let mut parts = text.split(':');
        let (name, call, nth) = (parts.next(), parts.next(), parts.next().unwrap_or("1"));
        let (Some(name), Some(call), None) = (name, call, parts.next()) else {
            return Err(UnionPayFaultError::Form);
        };
        let fault = name.parse()?;
        let call = call.parse().map_err(|_| UnionPayFaultError::CallName(call.into()))?;
        let number = nth.parse().ok().filter(|nth| *nth > 0);
        let nth = number.ok_or_else(|| UnionPayFaultError::Number(nth.into()))?;
        Ok(Self { fault, call, nth })
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnionPayFaultError {
    /// There is no such call.
    #[error("there is no call '{0}': it is written as in the document, user.mobile")]
    CallName(String),
    /// Neither `NAME:CALL` nor `NAME:CALL:N`.
    #[error("a fault is NAME:CALL, for the first of these calls, or NAME:CALL:N, for another one")]
    Form,
    /// Not the number of a call.
    #[error("'{0}' is not the number of a call: the first is 1")]
    Number(String),
    /// There is no such fault.
    #[error(
        "there is no fault '{0}': it is lost, late, closed, cut-off, 502, html, redirect, \
         duplicated, evicted, misspelled or wrong-signature"
    )]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for fault in UnionPayFault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
            let error = UnionPayFaultError::Unknown(String::new()).to_string();
            assert!(error.contains(fault.name()), "{fault}");
        }
        for call in CallName::ALL {
            assert_eq!(call.to_string().parse(), Ok(call));
        }
    }

    #[test]
    fn an_error_says_what_there_is() {
        let error =
            |text: &str| text.parse::<PlannedFault>().map_or_else(|e| e.to_string(), |_| "".into());
        assert!(error("slow:token").contains("'slow': it is lost, late"));
        assert!(error("late").contains("NAME:CALL:N"));
        assert!(error("late:token:1:2").contains("NAME:CALL:N"));
        assert!(error("late:user_mobile").contains("'user_mobile': it is written"));
        assert!(error("late:token:0").contains("the first is 1"));
    }
}
