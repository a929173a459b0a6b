//! The codes of an answer, and what each means for the money.

mod table;

use std::fmt;

use crate::codes::codes;
use crate::gateway::Effect;
use crate::gateway::word::Word;

codes! {
    /// The `code` of an answer (facts: opendocs 105806; spec 付款码支付, step 5). Any other number
    /// is kept.
    Code(u32) {
        10000 SUCCESS "success",
        10003 WAITING "the order is made, the customer has yet to pay",
        20000 UNAVAILABLE "the service is not available, what happened is not known",
        20001 UNAUTHORISED "the token of the authorisation is not valid",
        40001 MISSING "a parameter is missing",
        40002 INVALID "a parameter is not valid",
        40004 FAILED "the business failed",
        40005 LIMITED "too many calls",
        40006 FORBIDDEN "no permission",
    }
}

/// The `sub_code` of a refusal, such as `ACQ.TRADE_NOT_EXIST`. One that is not known here lives as it
/// came, and shows itself if it looks like one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubCode(Word);

impl SubCode {
    /// Nobody knows what happened: ask.
    pub const SYSTEM_ERROR: Self = Self(Word::known("ACQ.SYSTEM_ERROR"));
    /// There is no such trade when the question is worked on.
    pub const TRADE_NOT_EXIST: Self = Self(Word::known("ACQ.TRADE_NOT_EXIST"));
    /// The order was paid before, by this attempt or by another.
    pub const TRADE_HAS_SUCCESS: Self = Self(Word::known("ACQ.TRADE_HAS_SUCCESS"));
    /// The order was closed before.
    pub const TRADE_HAS_CLOSE: Self = Self(Word::known("ACQ.TRADE_HAS_CLOSE"));

    /// A code as it came. `AQC.`, as Alipay's table for cancel spells it, is `ACQ.`; blanks around
    /// it are no part of it.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let code = code.trim();
        Self(match code.strip_prefix("AQC.") {
            Some(name) => Word::new(format!("ACQ.{name}")),
            None => Word::new(code),
        })
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for SubCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who can do something about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Ask what became of the trade.
    Ask,
    /// The customer pays by another means: another card, or more money on this one.
    OtherMeans,
    /// The customer shows the payment code again.
    ScanAgain,
    /// A new attempt needs a new out_trade_no.
    NewNumber,
    /// The merchant has to settle something with Alipay: a contract, a permission, a balance.
    Merchant,
    /// The program sent something wrong.
    Program,
    /// The same again later.
    Later,
    /// Another call does it: refund instead of cancel.
    OtherCall,
}

/// What a refusal means for the money, and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// For the money.
    pub effect: Effect,
    /// For whoever stands at the till.
    pub remedy: Remedy,
    /// In a few words.
    pub description: &'static str,
}

impl Meaning {
    /// What a refusal of `method` with these codes means.
    ///
    /// A code or sub-code that is not known is [`Effect::Unknown`]: a new one must not turn a
    /// payment that was taken into one that failed.
    ///
    /// ```
    /// use m26_pay::gateway::alipay::{Code, Effect, Meaning, SubCode};
    ///
    /// let of = |sub_code| Meaning::of("alipay.trade.pay", Code::FAILED, Some(&SubCode::new(sub_code)));
    /// assert_eq!(of("ACQ.PAYMENT_AUTH_CODE_INVALID").effect, Effect::NotDone);
    /// assert_eq!(of("ACQ.SYSTEM_ERROR").effect, Effect::Unknown);
    /// assert_eq!(of("ACQ.NEW_IN_2030").effect, Effect::Unknown);
    /// ```
    #[must_use]
    pub fn of(method: &str, code: Code, sub_code: Option<&SubCode>) -> Self {
        let not_done = |remedy, description| Self { effect: Effect::NotDone, remedy, description };
        match code {
            Code::FAILED => sub_code
                .and_then(|sub_code| table::find(method, sub_code.as_str()))
                .unwrap_or(UNKNOWN),
            // Orthogonal facts of opendocs 105806: these are refused before they are worked on.
            Code::UNAUTHORISED | Code::FORBIDDEN => {
                not_done(Remedy::Merchant, "the application may not do this")
            }
            Code::MISSING | Code::INVALID => {
                not_done(Remedy::Program, "the request was refused before it was worked on")
            }
            Code::LIMITED => not_done(Remedy::Later, "too many calls, this one was not worked on"),
            _ => UNKNOWN,
        }
    }

    /// All sub-codes of `method` under 40004 that are known, with their meaning.
    pub fn listed(method: &str) -> impl Iterator<Item = (SubCode, Self)> {
        table::all(method).map(|(code, meaning)| (SubCode::new(code), meaning))
    }
}

const UNKNOWN: Meaning = Meaning {
    effect: Effect::Unknown,
    remedy: Remedy::Ask,
    description: "what happened is not known",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_ones_live_and_prove_nothing() {
        let code = Code(40099);
        assert_eq!(code.to_string(), "40099 (unknown code)");
        assert_eq!(Meaning::of("alipay.trade.pay", code, None).effect, Effect::Unknown);
        let meaning = Meaning::of("alipay.trade.pay", Code::FAILED, None);
        assert_eq!(meaning.effect, Effect::Unknown);
        let closed =
            Meaning::of("alipay.trade.other", Code::FAILED, Some(&SubCode::TRADE_HAS_CLOSE));
        assert_eq!(closed.effect, Effect::Unknown);
    }

    #[test]
    fn alipays_own_spelling_of_cancel() {
        assert_eq!(SubCode::new(" AQC.SYSTEM_ERROR "), SubCode::SYSTEM_ERROR);
        assert_eq!(SubCode::new("isv.code-invalid").as_str(), "isv.code-invalid");
    }

    #[test]
    fn a_system_error_is_never_a_failure() {
        for method in table::METHODS {
            for code in [Code::FAILED, Code::UNAVAILABLE] {
                let meaning = Meaning::of(method, code, Some(&SubCode::SYSTEM_ERROR));
                assert_eq!(meaning.effect, Effect::Unknown, "{method} {code}");
            }
        }
    }
}
