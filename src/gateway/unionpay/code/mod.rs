//! The codes of an answer, and what each says (7.7).

mod table;

use std::borrow::Cow;
use std::fmt;

use crate::advice::{self, Advice};
use crate::gateway::Effect;

/// The code of an answer (`resp`), such as `00` or `a10`. One that the spec does not list lives as it
/// came.
///
/// It shows itself if it looks like a code: up to four letters and then up to six digits. What
/// stands in an answer's place may say anything, a phone number too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// `00`: success (2.3).
    pub const SUCCESS: Self = Self(Cow::Borrowed("00"));
    /// `a10`: the backend token is not valid any more.
    pub const BACKEND_TOKEN: Self = Self(Cow::Borrowed("a10"));
    /// `a20`: the front token is not valid any more.
    pub const FRONT_TOKEN: Self = Self(Cow::Borrowed("a20"));
    /// `a31`: the user's authorisation code is not valid any more.
    pub const AUTHORISATION_CODE: Self = Self(Cow::Borrowed("a31"));
    /// `AM03051`: the account of a draw has not enough in it (7.10 note 2).
    pub const DRAW_BALANCE: Self = Self(Cow::Borrowed("AM03051"));

    /// A code as it came. Blanks around it are no part of it: the spec itself writes `" AM03051"`.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self(Cow::Owned(code.trim().to_owned()))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means, and what can be done.
    ///
    /// A code that the spec does not list proves nothing: a new one must not turn a red packet that
    /// was given into one that was not.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        table::find(self.as_str()).unwrap_or(UNKNOWN)
    }

    /// All refusals that the spec lists (7.7, 7.10), with their meaning.
    pub fn listed() -> impl Iterator<Item = (Self, Meaning)> {
        table::all().map(|(code, meaning)| (Self(Cow::Borrowed(code)), meaning))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let digits = self.0.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
        if letters <= 4 && digits <= 6 && letters + digits == self.0.len() {
            f.write_str(&self.0)
        } else {
            write!(f, "[{} bytes]", self.0.len())
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

/// What a refusal means, and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// What the call did, as far as the code proves it.
    pub effect: Effect,
    /// Who can do something about it.
    pub remedy: Remedy,
    /// In a few words.
    pub description: &'static str,
}

/// Who can do something about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Nothing is known: look with another call whether it was done, and do not repeat it under a new
    /// number.
    Ask,
    /// The user has to authorise the application again.
    Authorise,
    /// A new backend token, and the same call once more.
    FetchBackendToken,
    /// A new front token, and the page once more.
    FetchFrontToken,
    /// The same again later.
    Later,
    /// The application has to settle something with UnionPay: a permission, a domain, a balance.
    Platform,
    /// The program sent something wrong.
    Program,
    /// The user has to do something in the app.
    User,
}

impl Remedy {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Ask => advice::unionpay::ASK,
            Self::Authorise => advice::unionpay::AUTHORISE,
            Self::FetchBackendToken | Self::FetchFrontToken => advice::unionpay::TOKEN,
            Self::Later => advice::unionpay::LATER,
            Self::Platform => advice::unionpay::PLATFORM,
            Self::Program => advice::unionpay::PROGRAM,
            Self::User => advice::unionpay::USER,
        }
    }
}

const UNKNOWN: Meaning = Meaning {
    effect: Effect::Unknown,
    remedy: Remedy::Ask,
    description: "the spec does not list this code, what happened is not known",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_no_part_of_a_code() {
        assert_eq!(Code::new(" AM03051"), Code::DRAW_BALANCE);
        assert_eq!(Code::DRAW_BALANCE.meaning().effect, Effect::NotDone);
    }

    #[test]
    fn unknown_ones_live_and_prove_nothing() {
        let code = Code::new("N69999");
        assert_eq!((code.as_str(), code.to_string().as_str()), ("N69999", "N69999"));
        assert_eq!(code.meaning().effect, Effect::Unknown);
        assert_eq!(Code::SUCCESS.meaning().effect, Effect::Unknown);
    }

    #[test]
    fn what_looks_like_no_code_is_not_shown() {
        for odd in ["13800000000", "a 10", "张三", "abcde1", "1234567"] {
            let code = Code::new(odd);
            let shown = format!("{code} {code:?}");
            assert!(!shown.contains(odd), "{shown}");
        }
    }

    #[test]
    fn every_code_of_the_spec_is_listed_once() {
        let listed: Vec<_> = Code::listed().collect();
        // 53 of 7.7, and the one of 7.10.
        assert_eq!(listed.len(), 54);
        for (code, meaning) in &listed {
            assert_eq!(code.meaning(), *meaning, "{code}");
            assert_eq!(code.to_string(), code.as_str());
        }
    }
}
